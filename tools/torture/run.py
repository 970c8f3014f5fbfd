"""Goals, each in a process of its own: it owns starting those, and reading what they found.

What ends without a finding is a violation itself: its traceback is the detail.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from tools.torture.evidence import Violation
from tools.torture.gateway import ROOT
from tools.torture.proof import Finding


class Wanted(msgspec.Struct, frozen=True):
    """One run of one goal."""

    goal: str
    small: bool = False
    sizes: tuple[tuple[str, float], ...] = ()
    """In place of the goal's own."""
    sabotage: str | None = None
    """The promise that its gateway breaks."""
    seed: int = 1
    peer: str | None = None
    """The gateway of somebody else that is held against the goal instead."""

    @property
    def name(self) -> str:
        """Short, for a directory."""
        return f"{self.goal}-{self.peer or self.sabotage or 'product'}"

    def command(self, directory: Path) -> list[str]:
        """The command line of its process."""
        words = ["-m", "tools.torture.one", self.goal, "--directory", str(directory), "--seed", str(self.seed)]
        words += ["--small"] if self.small else []
        words += ["--sabotage", self.sabotage] if self.sabotage is not None else []
        words += ["--peer", self.peer] if self.peer is not None else []
        words += [word for name, value in self.sizes for word in ("--set", f"{name}={value}")]
        return [sys.executable, *words]


class Result(msgspec.Struct, frozen=True):
    """What came of a run."""

    finding: Finding
    seconds: float


def prove(wanted: Wanted, directory: Path, limit: float | None = None) -> Result:
    """Run a goal to its end, or for so many seconds. Files go below ``directory``; no process stays behind."""
    place = directory / wanted.name
    place.mkdir(parents=True)
    # Hundreds of gateways are started: let them compile themselves once, and out of the way.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(directory / "compiled")
    began = time.monotonic()
    with (place / "stdout").open("wb") as out, (place / "stderr").open("wb") as err:
        process = subprocess.Popen(
            wanted.command(place),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        try:
            status: int | None = process.wait(limit)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            if process.poll() is None:
                _end(process.pid)
                process.wait()
    seconds = time.monotonic() - began
    if status == 0:
        return Result(msgspec.json.decode((place / "stdout").read_bytes(), type=Finding), seconds)
    told = (place / "stderr").read_text("utf-8", "replace").strip()[-2000:]
    why = f"no end within {limit:g} s" if status is None and limit is not None else f"exit status {status}"
    return Result(Finding("it could not be judged", (Violation("unjudged", why, told),)), seconds)


def _end(pid: int) -> None:
    """Kill a process and all that it started, and wait until none of them is left."""
    with contextlib.ExitStack() as stack:
        ended = select.poll()
        family = [os.pidfd_open(one) for one in _stopped(pid)]
        for one in reversed(family):  # while its parent stands still, nobody can take away one that has ended
            stack.callback(os.close, one)
            signal.pidfd_send_signal(one, signal.SIGKILL)
            ended.register(one, select.POLLIN)
        while family:  # a kill is carried out some time after it was asked for
            for one, _ in ended.poll():
                ended.unregister(one)
                family.remove(one)


def _stopped(pid: int) -> Iterator[int]:
    """A process and what it started, in sessions of their own too: each stands still before its children are listed."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it may end while we look
        os.kill(pid, signal.SIGSTOP)
        yield pid
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield from _stopped(child)


def sizes_of(values: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Sizes as Wanted keeps them."""
    return tuple(sorted(values.items()))
