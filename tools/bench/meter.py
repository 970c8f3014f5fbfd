"""Owns what is read from the machine: CPU time and memory of processes, and what the machine is.

Does not sample in the background: each figure is one reading, taken when asked. Linux only (/proc).
"""

import fcntl
import os
import platform
import struct
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tools.bench.child import BenchError

# linux/fs.h: FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_TOPDIR_FL
GET_FLAGS, SET_FLAGS = 0x80086601, 0x40086602
TOP_DIRECTORY = 0x00020000
TICK = 1.0 / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of the processes so far, all threads, in seconds (resolution: one tick, mostly 10 ms)."""
    ticks = 0
    for pid in pids:
        # the second field is the command name in brackets and may hold blanks: count from behind it
        fields = _proc(pid, "stat").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * TICK


def peak_rss(pids: Iterable[int]) -> int:
    """The sum of the processes' largest resident sets so far, in bytes."""
    total = 0
    for pid in pids:
        for line in _proc(pid, "status").splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1]) * 1024
    return total


def _proc(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        raise BenchError(f"the measured process {pid} is gone") from None


class Machine(msgspec.Struct, frozen=True):
    """Where a measurement was taken."""

    system: str
    cpus: int
    python: str
    filesystem: str
    fsync_ms: float
    """Median of some small appends, each with its fsync, in the directory the measured systems write to."""


def machine(directory: Path) -> Machine:
    """Describe this machine and the disk under `directory`."""
    return Machine(
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpus=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        filesystem=filesystem(directory),
        fsync_ms=fsync_seconds(directory) * 1000,
    )


def spread(directory: Path) -> None:
    """Ask ext4 to put each directory made below this one into a part of the disk of its own (chattr +T), which it
    chooses by the directory's name.

    ext4 does not give out an inode again for minutes after its file was deleted, and searches past all such inodes for a
    free one. A store of one file a message runs into its own traces within a minute, which is its true cost; this keeps
    it from running into those of the run before. Other file systems do not know the flag, and need not.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        flags = struct.unpack("l", fcntl.ioctl(descriptor, GET_FLAGS, bytes(struct.calcsize("l"))))[0]
        fcntl.ioctl(descriptor, SET_FLAGS, struct.pack("l", flags | TOP_DIRECTORY))
    except OSError:
        pass
    finally:
        os.close(descriptor)


def filesystem(directory: Path) -> str:
    """The type of the file system that holds `directory`: the longest mount point above it decides."""
    best, kind = "", "unknown"
    path = str(directory.resolve())
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, point, name, *_ = line.split()
        if len(point) >= len(best) and (path + "/").startswith(point.rstrip("/") + "/"):
            best, kind = point, name
    return kind


def fsync_seconds(directory: Path, times: int = 51) -> float:
    """The median time of appending 4 KiB and forcing them to the disk."""
    path = directory / "fsync"
    took = []
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        for _ in range(times):
            started = time.monotonic()
            os.write(descriptor, bytes(4096))
            os.fsync(descriptor)
            took.append(time.monotonic() - started)
    finally:
        os.close(descriptor)
        path.unlink()
    return sorted(took)[times // 2]
