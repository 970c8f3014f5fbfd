"""Receivers of webhooks around the gateway under proof: the project's own, in threads of this process.

It owns their start, their journals and their end. What a receiver does with an event is `tools.receiver`'s.
"""

import os
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec

from gateway.webhook.sign import Secret
from tools.receiver import Receiver
from tools.torture.gateway import SIGNING_KEY, Hook


class Listener:
    """One receiver; `fault` is None, "hang" or "drip"."""

    def __init__(self, name: str, directory: Path, *, status: int = 204, fault: str | None = None) -> None:
        self.name = name
        self._path = directory / f"hook-{name}.jsonl"
        self._journal = self._path.open("a", encoding="utf-8", buffering=1)
        self._out = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - closed with the receiver
        self._server = Receiver(
            "127.0.0.1", 0, [Secret.parse(SIGNING_KEY)], self._out, self._journal, status=status, fault=fault
        )
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def hook(self) -> Hook:
        """What clients.toml says of it."""
        return Hook(self.name, int(self._server.server_address[1]))

    def answer(self, status: int, fault: str | None = None) -> None:
        """Answer so from now on."""
        self._server.status = status
        self._server.fault = fault

    def journal(self) -> list[dict[str, Any]]:
        """All events that came, those with a wrong signature too."""
        return [msgspec.json.decode(line) for line in self._path.read_bytes().splitlines()]

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._journal.close()
        self._out.close()
