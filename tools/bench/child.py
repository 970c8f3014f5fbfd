"""Owns the processes of a bench run: starting them, talking to ours over pipes, waiting with a limit, ending them.

Does not know what any of them measures.
"""

import contextlib
import json
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self


class BenchError(Exception):
    """The measurement cannot go on; the text says why and what to do."""


class Child:
    """One of the bench's own processes (`python -m MODULE`): a line of JSON in, a line of JSON out."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.module = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interrupt from the keyboard is ours to pass on
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, line: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(line + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise BenchError(f"{self.module} ended too early; its message is above") from None

    def hear(self, seconds: float) -> Any:
        """The next line it prints, decoded; BenchError when it ends or stays silent for so long."""
        stdout = self._process.stdout
        assert stdout is not None
        if not select.select([stdout], [], [], seconds)[0]:
            raise BenchError(f"{self.module} said nothing for {seconds:.0f} s")
        line = stdout.readline()
        if not line:
            raise BenchError(f"{self.module} ended too early; its message is above")
        return json.loads(line)

    def ask(self, **order: Any) -> dict[str, Any]:
        self.tell(json.dumps(order).encode())
        answer: dict[str, Any] = self.hear(30)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        end(self._process, "python", signal.SIGTERM)
        self._process.stdout.close()


def end(process: "subprocess.Popen[bytes]", name: str, first: signal.Signals = signal.SIGTERM) -> None:
    """Ask it to stop, insist after 30 s."""
    if process.poll() is None:
        process.send_signal(first)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        print(f"{name} did not stop within 30 s and was killed", file=sys.stderr)
        process.kill()
        process.wait()


def wait_until(what: str, ready: Callable[[], bool], seconds: float, process: "subprocess.Popen[bytes]") -> None:
    """Poll until `ready`; BenchError when the time is over or the process is."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise BenchError(f"{what}: the process ended with code {process.returncode}")
        if time.monotonic() > deadline:
            raise BenchError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)


def listening(port: int) -> bool:
    """Whether 127.0.0.1 takes connections on that port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def tail(path: Path, lines: int = 12) -> str:
    """The end of a log, for an error message."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""
