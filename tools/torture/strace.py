"""The gateway's system calls: it owns attaching strace to it, to break a call or to write down in which order they came.

What the order must be is the goals'. Linux with strace only; `hindrance` says what to do where there is none.
"""

import os
import re
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import accumulate
from pathlib import Path

import msgspec
import trio

_ATTACH_SECONDS = 20.0
_LONGEST = 70_000
"""Octets of a call that are written down: more than a page of the log, or an answer, ever has."""


class CannotTrace(Exception):
    """strace is not here, or may not attach; the message says what to do."""


def hindrance() -> str | None:
    """Why nothing can be traced on this machine, and what to do about it; None where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed: apt-get install strace"
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    if os.geteuid() != 0 and scope.exists() and scope.read_text().strip() != "0":
        return "strace cannot attach: allow it (kernel.yama.ptrace_scope = 0, or run as root)"
    return None


@asynccontextmanager
async def attached(pid: int, *expressions: str, output: Path) -> AsyncIterator[None]:
    """strace on a process and all its threads while the block runs. `expressions` are those of its option -e."""
    hindered = hindrance()
    if hindered is not None:
        raise CannotTrace(hindered)
    options = [argument for expression in expressions for argument in ("-e", expression)]
    command = ["strace", "-f", "-yy", "-xx", "-s", str(_LONGEST), "-o", str(output), *options, "-p", str(pid)]
    process = await trio.lowlevel.open_process(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    stderr = process.stderr
    assert stderr is not None
    try:
        with trio.move_on_after(_ATTACH_SECONDS) as waiting:
            said = b""
            while b"attached" not in said:
                more = await stderr.receive_some()
                if not more:
                    raise CannotTrace(said.decode(errors="replace").strip() or "strace ended at once")
                said += more
        if waiting.cancelled_caught:
            raise CannotTrace("strace did not attach in time")
        yield
    finally:
        process.terminate()  # it lets go of the gateway, which goes on
        with trio.CancelScope(shield=True):
            await process.wait()
            await stderr.aclose()


class Call(msgspec.Struct, frozen=True):
    """One system call. `began` and `ended` are places in the order of all events of the trace."""

    name: str
    target: str
    """What its descriptor stands for: a path, or `TCP:[from->to]`."""
    octets: bytes
    result: int
    began: int
    ended: int


_CALL = re.compile(
    r"(?P<thread>\d+) +(?P<name>\w+)\(\d+<(?P<target>.*?)>(?=[,) ])"
    r'(?:, "(?P<octets>(?:\\x[0-9a-f]{2})*)")?.*?'
    r"(?:\) += (?P<result>-?\d+).*|<unfinished \.\.\.>)$"
)
_RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. (?P<name>\w+) resumed>.*?\) += (?P<result>-?\d+)")


def calls(trace: Path) -> Iterator[Call]:
    """The calls in a trace, in the order in which they began; one that never returned is left out."""
    done: list[Call] = []
    unfinished: dict[tuple[str, str], tuple[int, str, bytes]] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for place, line in enumerate(lines):
            if (resumed := _RESUMED.match(line)) is not None:
                begun = unfinished.pop((resumed["thread"], resumed["name"]), None)
                if begun is not None:
                    began, target, octets = begun
                    done.append(Call(resumed["name"], target, octets, int(resumed["result"]), began, place))
            elif (found := _CALL.match(line)) is not None:
                target = _plain(found["target"]).decode("utf-8", "replace")
                octets = _plain(found["octets"] or "")
                if found["result"] is None:
                    unfinished[found["thread"], found["name"]] = (place, target, octets)
                else:
                    done.append(Call(found["name"], target, octets, int(found["result"]), place, place))
    return iter(sorted(done, key=lambda call: call.began))


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", "")) if text.startswith("\\x") else text.encode()


class Syncs:
    """The times a file, whose name ends so, was forced to disk."""

    def __init__(self, trace: Sequence[Call], suffix: str) -> None:
        syncs = [
            call for call in trace if call.name == "fdatasync" and call.result == 0 and call.target.endswith(suffix)
        ]
        self._began = [call.began for call in syncs]
        # Of each and all behind it, the first to end.
        self._first_ended = list(accumulate((call.ended for call in reversed(syncs)), min))[::-1]

    def between(self, after: int, before: int) -> bool:
        """Whether one lies whole between two places of the trace."""
        at = bisect_right(self._began, after)
        return at < len(self._began) and self._first_ended[at] < before
