"""Owns what a measured system must offer, be it the gateway or a peer.

Does not start anything itself.
"""

import secrets
from pathlib import Path
from typing import Protocol

from tools.bench.load import Form

SYSTEM_ID = "bench"
PASSWORD = secrets.token_hex(4)
SENDER = "12125550100"


class System(Protocol):
    """A gateway under measurement: one carrier (the sink), every message durable, a receipt for each."""

    name: str

    @property
    def single(self) -> Form:
        """One message a request."""

    @property
    def batch(self) -> Form | None:
        """Many messages a request, where the system has such a thing."""

    def start(self) -> None:
        """Start its processes and return when it takes messages, whether the carrier is there or not."""

    def stop(self) -> None:
        """End its processes in an orderly way; what is queued stays on disk. Harmless when it does not run."""

    def pids(self) -> list[int]:
        """The processes whose CPU and memory count."""

    def port(self) -> int:
        """Where it listens for messages."""

    def admit(self, numbers: int) -> None:
        """Make it permissible to text the first so many subscribers."""

    def complaints(self) -> str:
        """The end of its logs, for an error message."""


class Setting(Protocol):
    """Makes a system for a scenario: its files go below `directory`, its carrier is at `smsc_port` with that window."""

    def __call__(self, directory: Path, *, smsc_port: int, window: int) -> System: ...
