"""A receiver of webhooks beside the gateway under proof: `assent receiver` as a process.

It owns its start, its journal and its end. What it does with an event is `tools.receiver`'s.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from tools.port import free_port
from tools.torture.gateway import ROOT, SIGNING_KEY, Hook


class Listener:
    """One receiver. `fault` is what its command line calls it: `--hang`, `--drip`, `--status=500`; none for a good one."""

    def __init__(self, name: str, directory: Path, *fault: str) -> None:
        self.name = name
        self.hook = Hook(name, free_port())
        self._path = directory / f"hook-{name}.jsonl"
        self._log = directory / f"hook-{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.open(*fault)

    def open(self, *fault: str) -> None:
        """Receive, on the same port as before."""
        listen = f"127.0.0.1:{self.hook.port}"
        command = [sys.executable, "-m", "tools.receiver", "--listen", listen, "--secret", SIGNING_KEY]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--journal", str(self._path), *fault],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )

    def journal(self) -> list[dict[str, Any]]:
        """All events that came, those with a wrong signature too."""
        if not self._path.exists():
            return []
        raw = self._path.read_bytes()
        return [msgspec.json.decode(line) for line in raw[: raw.rfind(b"\n") + 1].splitlines()]

    def close(self) -> None:
        """Stop receiving."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
