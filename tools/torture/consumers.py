"""Goals about consumers' texts: it owns the floods, and every way in which people say STOP.

Whether a reply means STOP is judged elsewhere; here it is said while texts for the same number wait, go, and are retried.
"""

import math
from collections.abc import Iterator

import msgspec
import trio
import trio.lowlevel

from tools.simulator.journal import Bound, Delivered, Entry, Submitted, Taken
from tools.torture.carrier import Carrier
from tools.torture.client import Order
from tools.torture.evidence import Violation
from tools.torture.gateway import STOP_CONFIRMATION, number, sender
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.stage import Stage, stage

_LONG_STOP = (
    "Please stop these texts. I have told you before that I do not want any of them, and I mean it. " * 2 + "STOP"
)


class Said(msgspec.Struct, frozen=True):
    """One way to say STOP."""

    words: str
    fields: dict[str, object] = {}


WAYS = (
    Said("STOP"),
    Said("stop", {"encoding": "ucs2"}),
    Said("Stop.", {"encoding": "latin1"}),
    Said(" sToP !", {"long": "payload"}),
    Said(_LONG_STOP),
    Said(_LONG_STOP, {"long": "sar"}),
    Said(_LONG_STOP, {"long": "udh16", "parts": [2, 1, 2]}),
    Said("STOPALL"),
    Said("unsubscribe"),
    Said("Cancel"),
    Said("END"),
    Said("quit"),
    Said("Revoke"),
    Said("OPTOUT"),
    Said("ALTO"),
    Said("parar", {"encoding": "ucs2"}),
)
_NEW_NS = 2_000_000_000
SCHEDULED = "2035-01-15T10:00:00Z"


async def stop_races(
    setting: Setting,
    *,
    numbers: int,
    kills: int,
    spread: float = 4.0,
    answered_in: float = math.inf,
    patience: float = 60.0,
) -> Finding:
    """R14: STOP while texts are queued, scheduled, in flight, retried and half sent: none goes after it was answered."""
    dice = setting.dice("stops")
    directory = setting.place("races")
    # The queue is longer than the race, and one text in ten is to be tried again.
    again = {"on": "submit_sm", "do": "status", "status": "ESME_RSUBMITFAIL", "every": 10}
    change: dict[str, object] = {
        "faults": [again],
        "answers": {"delay": 0.02},
        "delivery": {"interval": 0.2, "timeout": 2},
    }
    profile = "binds = 2\nrate = 100\n[carrier.retry]\ndelays_seconds = [0.5]"
    carrier = Carrier("races", directory, change=change, profile=profile)
    people = [number(place) for place in range(numbers)]
    said = {who: WAYS[place % len(WAYS)] for place, who in enumerate(people)}
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(people)
        await on.client.load(_waiting(people, carrier.name), 2000.0)
        async with trio.open_nursery() as nursery:
            for who in people:
                nursery.start_soon(_say, carrier, who, said[who], dice.uniform(0.0, spread))
            for _ in range(kills):
                await trio.sleep(dice.uniform(0.5, 1.5))
                on.gateway.kill()
                await on.gateway.start()
        account = await on.account(patience=patience)
        evidence = on.evidence()
    entries = carrier.journal()
    more: list[Violation] = []
    opted_out = {one.source for one in evidence.database.inbound if one.kind == "opt-out"}
    for who in people:
        more += unless(who in opted_out, "unheard", who, repr(said[who].words[:30]))
    for message in evidence.database.messages.values():
        waits = message.state in ("queued", "held")
        if message.origin != "reply" and (
            waits or (message.state == "blocked" and message.code != "consent.opted_out")
        ):
            more.append(Violation("unblocked", message.token, f"{message.state} {message.code}"))
    confirmed = {
        entry.destination for entry in entries if isinstance(entry, Submitted) and entry.text == STOP_CONFIRMATION
    }
    doubtful = account.counts["in_doubt"]
    missing = len(people) - len(confirmed)
    more += unless(missing <= doubtful, "unconfirmed", f"{missing} opt-outs", f"{doubtful} in doubt")
    waits_ = sorted(_waits(entries))
    p99 = waits_[int(0.99 * len(waits_))] * 1000 if waits_ else 0.0
    more += unless(p99 <= answered_in * 1000, "slow", f"p99 {p99:.0f} ms until a STOP is answered")
    figure = (
        f"{numbers} STOPs in {len(WAYS)} ways, answered p99 {p99:.0f} ms, {account.counts['blocked']} texts blocked"
    )
    return found(figure, account, more=more)


def _waiting(people: list[str], program: str) -> Iterator[Order]:
    for place in range(4):
        for who in people:
            token = f"{who[-7:]}.{place}"
            words = "A long text of several segments that may be cut in half. " * (6 if place == 1 else 1)
            yield Order(token, who, program, key=token, words=words, send_at=SCHEDULED if place == 3 else "")


async def _say(carrier: Carrier, who: str, said: Said, after: float) -> None:
    await trio.sleep(after)
    carrier.text(who, sender(0), said.words, **said.fields)


def _waits(entries: list[Entry]) -> Iterator[float]:
    """Seconds from each consumer's text to our answer, first attempts alone, and none of those that all come at once when
    a bind is new."""
    sent: dict[tuple[int, int], int] = {}
    bound: dict[int, int] = {}
    for entry in entries:
        if isinstance(entry, Bound):
            bound[entry.session] = entry.at
        elif isinstance(entry, Delivered) and entry.kind == "mo" and entry.attempt == 1:
            if entry.at - bound[entry.session] >= _NEW_NS:
                sent[entry.session, entry.sequence] = entry.at
        elif isinstance(entry, Taken) and entry.status == "ESME_ROK" and (entry.session, entry.sequence) in sent:
            yield (entry.at - sent[entry.session, entry.sequence]) / 1e9


async def flood(setting: Setting, *, texts: int, kills: int) -> Finding:
    """R13: consumers' texts at full speed with kills: what was answered is stored, what came twice is stored once."""
    dice = setting.dice("flood")
    directory = setting.place("flood")
    change: dict[str, object] = {
        "delivery": {"window": 100, "interval": 0.2, "timeout": 5},
        # Some answers get lost, and the text comes again over a living link's successor.
        "faults": [{"on": "deliver_sm", "do": "rst", "after": 50, "every": max(texts // 5, 100)}],
    }
    carrier = Carrier("flood", directory, change=change, profile="binds = 2")
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_pour, on, texts)
            for _ in range(kills):
                await trio.sleep(dice.uniform(0.1, 0.6))
                on.gateway.kill()
                await on.gateway.start()
        await on.drained(120.0)
        _, most = on.gateway.memory()
        account = await on.account(patience=120.0)
    stored = account.counts["inbound"]
    more = unless(stored == texts, "mo_count", f"{stored} of {texts}")
    return found(f"{texts} texts, {on.gateway.lives - 1} kills, RSS {most / 1e6:.0f} MB", account, more=more)


async def _pour(on: Stage, texts: int) -> None:
    for place in range(texts):
        on.carrier.text(number(place % 500), sender(0), f"m{place} thanks for the statement")
        if place % 100 == 99:
            await trio.lowlevel.checkpoint()
