"""The goal about a disk without room: it owns the small disk that the gateway is given, and what is done while it is full.

The data directory is a file system of a few MiB in memory, which takes the right to mount. Where that is missing every
write of the database is refused by strace instead, which shows the same but for the early refusal: that looks at the
space which is left.
"""

import itertools
import math
import os
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import trio

from tools.simulator.journal import Taken
from tools.torture.carrier import Carrier
from tools.torture.client import Order
from tools.torture.evidence import Violation
from tools.torture.gateway import number, sender
from tools.torture.patience import until
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.stage import Stage, stage
from tools.torture.strace import attached

SIZE_MIB = 48
RESERVE_MIB = 16
LOW = 8 << 20
"""What is left when the disk is low: below the reserve, and enough for all that is on its way."""
PEOPLE = 50
LOOK_SECONDS = 1.5
"""After so long the gateway has noticed what the disk is like."""
_TEMPORARY = ("ESME_RX_T_APPN", "ESME_RMSGQFUL")


@contextmanager
def small_disk(directory: Path) -> Iterator[bool]:
    """A file system of its own at a directory; false where it may not be mounted."""
    directory.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m,mode=0700", "none", str(directory)],
        capture_output=True,
        check=False,
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "--lazy", str(directory)], check=False)


@contextmanager
def filled(directory: Path, leave: int) -> Iterator[None]:
    """All but so many octets of a disk are taken while the block runs."""
    path = directory / "filling"
    status = os.statvfs(directory)
    with path.open("wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, status.f_bavail * status.f_frsize - leave)
            yield
        finally:
            path.unlink()
            file.truncate(0)


async def full_disk(
    setting: Setting, *, seconds: float, refused_in: float = math.inf, back_in: float = 60.0, patience: float = 60.0
) -> Finding:
    """R5: little room, then none, then room again, under load: refused for now, nothing lost, no restart."""
    directory = setting.place("full")
    carrier = Carrier("full", directory, change={"delivery": {"interval": 0.2, "timeout": 5}}, profile="rate = 100")
    with small_disk(directory / "data") as mounted:
        async with stage(directory, [carrier], reserve_mib=RESERVE_MIB, launcher=setting.launcher) as on:
            await on.gateway.start()
            await on.consent(map(number, range(PEOPLE)))
            more: list[Violation] = []
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_load, on)
                nursery.start_soon(_talk, on)
                await trio.sleep(1.0)
                if mounted:
                    with filled(on.gateway.data, LOW):
                        more += await _low(on, seconds, refused_in)
                async with _full(on, mounted):
                    refused, violations = await _none(on, seconds, refused_in)
                    more += violations
                began = time.monotonic()
                back = await until(lambda: _accepted_since(on, began), back_in)
                took = time.monotonic() - began
                nursery.cancel_scope.cancel()
            account = await on.account(patience=patience)
    more += unless(back, "not_back", f"{back_in:g} s after there was room again")
    more += unless(on.gateway.lives == 1, "crashed", "the gateway")
    kind = f"a disk of {SIZE_MIB} MiB" if mounted else "no disk of its own may be mounted: ENOSPC by strace"
    put_off = sum(refused.values())
    return found(f"{kind}: {put_off} deliveries put off while full, back after {took:.1f} s", account, more=more)


def _full(on: Stage, mounted: bool) -> AbstractAsyncContextManager[None]:
    if mounted:
        return _nothing_left(on.gateway.data)
    expressions = ("trace=pwrite64", "inject=pwrite64:error=ENOSPC")
    return attached(on.gateway.pid, *expressions, output=on.directory / "trace")


@asynccontextmanager
async def _nothing_left(directory: Path) -> AsyncIterator[None]:
    with filled(directory, 0):
        yield
    await trio.lowlevel.checkpoint()


async def _low(on: Stage, seconds: float, refused_in: float) -> list[Violation]:
    """Less than the reserve is left: new texts are refused, the rest of the work goes on."""
    await trio.sleep(LOOK_SECONDS)
    heard, began = on.carrier.smsc.counted["deliveries_ok"], time.monotonic()
    await trio.sleep(seconds)
    drained = await until(lambda: not on.carrier.busy(), 20.0)
    more = _refusals(on, began, time.monotonic(), refused_in)
    more += unless(drained and not await _waiting(on), "held_up", "the queue, while the disk is low")
    more += unless(on.carrier.smsc.counted["deliveries_ok"] > heard, "held_up", "deliveries, while the disk is low")
    return more


async def _waiting(on: Stage) -> int:
    return (await on.gateway.waiting())[on.carrier.name]


async def _none(on: Stage, seconds: float, refused_in: float) -> tuple[Counter[str], list[Violation]]:
    """Nothing is left: new texts are refused; a delivery is stored or put off."""
    # What the log of the database has already taken from the disk it may fill first.
    met = await until(lambda: _put_off(on), 30.0)
    began = time.monotonic()
    await trio.sleep(seconds)
    more = _refusals(on, began, time.monotonic(), refused_in)
    more += unless(bool(met), "unseen", "no delivery met the full disk")
    return _put_off(on), more


def _put_off(on: Stage) -> Counter[str]:
    """Temporary errors to what the carrier brought, by their name."""
    statuses = Counter(entry.status for entry in on.carrier.recent() if isinstance(entry, Taken))
    return Counter({status: count for status, count in statuses.items() if status in _TEMPORARY})


def _accepted_since(on: Stage, moment: float) -> bool:
    return any(attempt.accepted and attempt.at >= moment for attempt in on.client.attempts[-200:])


def _refusals(on: Stage, began: float, ended: float, refused_in: float) -> list[Violation]:
    """What is wrong with the answers to the texts that were submitted between two moments."""
    asked = [attempt for attempt in on.client.attempts if began <= attempt.at and 0 < attempt.answered_at <= ended]
    more = [
        Violation("promised", attempt.token, f"HTTP {attempt.status}")
        for attempt in asked
        if attempt.status not in (503, 507)
    ]
    slowest = max((attempt.answered_at - attempt.at for attempt in asked), default=0.0)
    more += unless(slowest <= refused_in, "slow", f"{slowest:.1f} s until refused")
    more += unless(bool(asked), "unseen", "no text was submitted meanwhile")
    return more


async def _load(on: Stage) -> None:
    orders = (Order(f"r{place}", number(place % PEOPLE), on.carrier.name) for place in itertools.count())
    await on.client.load(orders, 50.0)


async def _talk(on: Stage) -> None:
    """Consumers text without end, several at a time."""
    for place in itertools.count():
        on.carrier.text(number(place % PEOPLE), sender(0), f"m{place} thanks for the statement")
        await trio.sleep(0.01)
