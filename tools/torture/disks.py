"""Goals about the disk: it owns the faults of single system calls, and the look at their order.

The calls are broken and watched by strace from outside: the gateway under proof is the one that everybody runs.
"""

import itertools
import math
import re
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import closing

import trio

from gateway.smpp import const
from tools.simulator.journal import Delivered, Taken
from tools.torture.carrier import Carrier
from tools.torture.client import Order
from tools.torture.evidence import Violation
from tools.torture.gateway import Ended, number, sender
from tools.torture.http import NoAnswer
from tools.torture.patience import until
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.stage import Stage, stage
from tools.torture.strace import Call, Syncs, attached, calls

WAL = "assent.db-wal"
LANES = 8
CALLS = ("sendto", "fdatasync", "pwrite64")
"""Where a process can die between two of its effects: on the wire, on the disk, in the cache."""
LIFE_SECONDS = 20.0
SCHEDULED = "2035-01-15T10:00:00Z"
MOST_EXIT_SECONDS = 30.0


async def disk_first(setting: Setting, *, submits: int, texts: int) -> Finding:
    """R2: no answer to a client or a carrier leaves before the fdatasync that covers what it promises."""
    directory = setting.place("order")
    carrier = Carrier("order", directory)
    numbers = [number(place) for place in range(50)]
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(numbers)
        trace = directory / "trace"
        async with attached(on.gateway.pid, "trace=fdatasync,pwrite64,sendto", output=trace):
            orders = iter(
                [Order(f"first{place:06d}x", numbers[place % len(numbers)], carrier.name) for place in range(submits)]
            )
            async with trio.open_nursery() as nursery:
                nursery.start_soon(on.client.load, orders, 1000.0, LANES)
                for place in range(texts):
                    carrier.text(numbers[place % len(numbers)], sender(0), f"heard{place:06d}x thanks")
                    await trio.sleep(0.002)
            drained = await on.drained(60.0 + (submits + texts) / 50)
        account = await on.account()
        seen = list(calls(trace))
    promises = [*_answers(on, seen), *_acknowledgements(on, seen)]
    more = list(unless(drained, "stuck", "drain"))
    written = _first_written(seen, {token for token, _ in promises})
    syncs = Syncs(seen, WAL)
    for token, answered in promises:
        if token not in written or not syncs.between(written[token], answered):
            more.append(Violation("before_the_disk", token.decode()))
    more += unless(
        len(promises) >= submits + texts, "unseen", f"{len(promises)} of {submits + texts} answers in the trace"
    )
    return found(f"{len(promises)} answers, 0 wanted before their fdatasync", account, more=more)


def _answers(on: Stage, seen: list[Call]) -> Iterator[tuple[bytes, int]]:
    """Token and moment of each answer to a client."""
    tokens = {attempt.token.encode() for attempt in on.client.attempts if attempt.accepted}
    for call in seen:
        if call.name == "sendto" and f":{on.gateway.http}->" in call.target and b'"reference":"' in call.octets:
            token = call.octets.partition(b'"reference":"')[2].partition(b'"')[0]
            if token in tokens:
                yield token, call.began


def _acknowledgements(on: Stage, seen: list[Call]) -> Iterator[tuple[bytes, int]]:
    """Token and moment of each deliver_sm_resp with ESME_ROK to a consumer's text."""
    entries = on.carrier.journal()
    taken = {entry.delivery for entry in entries if isinstance(entry, Taken) and entry.status == "ESME_ROK"}
    ok = struct.pack(">II", const.DELIVER_SM_RESP, const.ESME_ROK)
    sent: dict[int, list[int]] = {}
    for call in seen:
        if call.name == "sendto" and f"->127.0.0.1:{on.carrier.port}]" in call.target:
            for head in re.finditer(re.escape(ok) + b"(....)", call.octets, re.DOTALL):
                sent.setdefault(int.from_bytes(head[1], "big"), []).append(call.began)
    for entry in entries:
        if isinstance(entry, Delivered) and entry.kind == "mo" and entry.delivery in taken:
            for began in sent.get(entry.sequence, ()):
                yield entry.text.partition(" ")[0].encode(), began


def _first_written(seen: list[Call], tokens: set[bytes]) -> dict[bytes, int]:
    """When each token was first written to the log."""
    written: dict[bytes, int] = {}
    width = {len(token) for token in tokens}
    for call in seen:
        if call.name == "pwrite64" and call.target.endswith(WAL):
            for start in (b"first", b"heard"):
                at = call.octets.find(start)
                while at >= 0:
                    for size in width:
                        token = call.octets[at : at + size]
                        if token in tokens:
                            written.setdefault(token, call.began)
                    at = call.octets.find(start, at + 1)
    return written


async def kill_at_each_call(setting: Setting, *, every: int) -> Finding:
    """R1b: SIGKILL at the n-th store or socket call of one message's life, for n = 1, 2, … until it runs through; then at
    each call of the life of a STOP, while a text waits."""
    directory = setting.place("calls")
    delivery = {"interval": 0.2, "timeout": 2}
    carrier = Carrier("calls", directory, change={"receipts": {"delay": 0.05}, "delivery": delivery})
    kills: dict[str, int] = {}
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent([number(0)])
        for life in (_text_killed_at, _stop_killed_at):
            for name in CALLS:
                at = 1
                while await life(on, name, at):
                    kills[name] = kills.get(name, 0) + 1
                    at += every if name == "pwrite64" else max(1, every // 8)
        account = await on.account()
        evidence = on.evidence()
    most = on.gateway.lives - 1
    doubt = account.counts["in_doubt"] + account.counts["repeated"]
    figure = ", ".join(f"{count} × {name}" for name, count in kills.items())
    more = list(unless(doubt <= most, "in_doubt", str(doubt), f"one for each of {most} kills"))
    more += unless(kills.keys() == set(CALLS), "unseen", figure, "no call of that kind was met")
    said = {entry.source for entry in carrier.journal() if isinstance(entry, Delivered) and entry.kind == "mo"}
    obeyed = {heard.source.removeprefix("+") for heard in evidence.database.inbound if heard.kind == "opt-out"}
    more += [Violation("unheard", who) for who in said - obeyed]
    for message in evidence.database.messages.values():
        if message.number.removeprefix("+") in said and message.origin != "reply":
            more += unless(message.state == "blocked", "unblocked", message.token, message.state)
    return found(f"killed at {figure}, {len(said)} times while a STOP was heard", account, more=more)


async def _text_killed_at(on: Stage, name: str, at: int) -> bool:
    """Submit one message while the call is deadly; whether it was reached. Then the client insists."""
    order = Order(f"{name}-{at}", number(0), on.carrier.name, key=f"{name}-{at}")
    expressions = (f"trace={name}", f"inject={name}:signal=KILL:when={at}")
    async with attached(on.gateway.pid, *expressions, output=on.directory / "trace"):
        await on.client.submit(order)
        await until(lambda: not on.gateway.running or on.carrier.receipted(order.token), LIFE_SECONDS)
        if on.gateway.running:
            await trio.sleep(0.2)  # what follows the answer to the receipt: a webhook, a checkpoint
        killed = not on.gateway.running
    if killed:
        on.gateway.kill()
        await on.gateway.start()
    await on.client.insist(order)
    return killed


async def _stop_killed_at(on: Stage, name: str, at: int) -> bool:
    """Somebody says STOP while the call is deadly; whether it was reached. The carrier brings it until it is answered."""
    who = number(1 + 1000 * CALLS.index(name) + at)
    await on.consent([who])
    token = f"stop-{name}-{at}"
    await on.client.insist(Order(token, who, on.carrier.name, key=token, send_at=SCHEDULED))
    expressions = (f"trace={name}", f"inject={name}:signal=KILL:when={at}")
    async with attached(on.gateway.pid, *expressions, output=on.directory / "trace"):
        heard = on.carrier.smsc.counted["deliveries_ok"]
        on.carrier.text(who, sender(0), "STOP")
        # The confirmation's receipt is the last of it.
        await until(
            lambda: not on.gateway.running or on.carrier.smsc.counted["deliveries_ok"] >= heard + 2, LIFE_SECONDS
        )
        if on.gateway.running:
            await trio.sleep(0.2)
        killed = not on.gateway.running
    if killed:
        on.gateway.kill()
        await on.gateway.start()
    return killed


async def failing_disk(setting: Setting, *, failures: int, ended_in: float = MOST_EXIT_SECONDS) -> Finding:
    """R4: EIO from the n-th fdatasync: nothing of that batch is promised, the process ends, the next one starts clean."""
    directory = setting.place("eio")
    carrier = Carrier("eio", directory)
    slowest = 0.0
    more: list[Violation] = []
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent([number(0)])
        for at in range(1, failures + 1):
            orders: list[Order] = []
            places = itertools.count()
            expressions = ("trace=fdatasync", f"inject=fdatasync:error=EIO:when={at}+")
            async with attached(on.gateway.pid, *expressions, output=directory / "trace"):
                began = time.monotonic()
                while on.gateway.running and time.monotonic() - began < LIFE_SECONDS:
                    tokens = [f"eio{at}-{next(places)}" for _ in range(LANES)]
                    fresh = [Order(token, number(0), carrier.name, key=token) for token in tokens]
                    orders += fresh
                    async with trio.open_nursery() as nursery:
                        for order in fresh:
                            nursery.start_soon(on.client.submit, order)
                    if any(not attempt.status for attempt in on.client.attempts[-LANES:]):
                        break
                failed_at = time.monotonic()
                try:
                    status = await on.gateway.ended(ended_in)
                    more += unless(status != 0, "silent", f"failure {at}", "ended with status 0")
                except Ended:
                    more.append(Violation("alive", f"failure {at}", f"{ended_in:g} s after the disk failed"))
                slowest = max(slowest, time.monotonic() - failed_at)
            await on.gateway.start()
            for order in orders:
                await on.client.insist(order)
        account = await on.account()
    return found(f"{failures} failures, the slowest end {slowest:.1f} s", account, more=more)


async def locked(setting: Setting, *, seconds: float, refused_in: float = math.inf, stall: float = math.inf) -> Finding:
    """R6: another process holds the database locked: submits are refused for now, nothing is lost, nothing crashes."""
    directory = setting.place("locked")
    carrier = Carrier("locked", directory)
    waits: list[float] = []
    refusals: list[int] = []
    stalls: list[float] = []
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent([number(0)])

        async def submit(place: int) -> None:
            began = time.monotonic()
            attempt = await on.client.submit(Order(f"lock{place}", number(0), carrier.name, key=f"lock{place}"))
            waits.append(time.monotonic() - began)
            refusals.append(attempt.status)

        async def look() -> None:
            while True:
                began = time.monotonic()
                try:
                    await on.gateway.call("GET", "/healthz")
                except NoAnswer:
                    stalls.append(float("inf"))
                stalls.append(time.monotonic() - began)
                await trio.sleep(0.02)

        with closing(sqlite3.connect(on.gateway.data / "assent.db", isolation_level=None, timeout=5)) as other:
            other.execute("BEGIN EXCLUSIVE")
            place = 0
            with trio.move_on_after(seconds):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(look)
                    while True:
                        nursery.start_soon(submit, place)
                        place += 1
                        await trio.sleep(0.25)
            other.execute("ROLLBACK")
        for again in range(place):
            await on.client.insist(Order(f"lock{again}", number(0), carrier.name, key=f"lock{again}"))
        account = await on.account()
    refused = sum(1 for status in refusals if status == 503)
    more = unless(on.gateway.lives == 1, "crashed", "the gateway") + unless(
        refused > 0 and all(status == 503 for status in refusals), "promised", f"{refusals}", "503 while it is locked"
    )
    slowest, longest = max(waits, default=0.0), max(stalls, default=0.0)
    more += unless(slowest <= refused_in, "slow", f"{slowest:.1f} s until refused")
    more += unless(longest <= stall, "stalled", f"{longest * 1000:.0f} ms")
    figure = f"{seconds:g} s: {refused} refused within {slowest:.1f} s, the slowest look {longest * 1000:.0f} ms"
    return found(figure, account, more=more)
