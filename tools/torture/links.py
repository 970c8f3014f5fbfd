"""Goals about carriers: it owns the links that go down, the carriers that are slow, full or in a hurry, and the rates.

What a single odd carrier does is in `scenarios`; here it is done to a load.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterator

import trio

from tools.simulator.journal import Answered, Delivered, Entry, Submitted, Taken
from tools.torture.carrier import Carrier
from tools.torture.client import Order
from tools.torture.crashes import BINDS, WINDOW
from tools.torture.evidence import Violation
from tools.torture.gateway import number
from tools.torture.patience import until
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.stage import Stage, stage
from tools.torture.traffic import NUMBERS, RATE, orders, submitting, traffic

WATCHFUL = "enquire_link_seconds = 1\nenquire_link_response_seconds = 1\nbind_seconds = 1\nresponse_seconds = 3"
MOST_REBIND_SECONDS = 20.0
_LOOK_SECONDS = 0.005
SUBMITS = 100
FLAPS = ("fin", "rst", "blackhole", "unbind", "half_open")


async def flapping(setting: Setting, *, flaps: int, rebound_in: float = math.inf) -> Finding:
    """R7: links go down under load by FIN, RST, black hole, unbind or a peer that takes connections and is dumb."""
    dice = setting.dice("flaps")
    directory = setting.place("flaps")
    good: dict[str, object] = {"answers": {"delay": 0.03}}
    profile = f"binds = {BINDS}\nwindow = {WINDOW}\n{WATCHFUL}"
    carrier = Carrier("flaps", directory, change=good, profile=profile)
    slowest = 0.0
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        async with submitting(on, traffic(carrier.name, dice)):
            for place in range(flaps):
                how = FLAPS[place] if place < len(FLAPS) else dice.choice(FLAPS)
                await trio.sleep(dice.uniform(0.1, 1.0))
                if how == "half_open":
                    carrier.play("half_open")
                    carrier.disconnect("rst")
                    await trio.sleep(dice.uniform(0.5, 1.5))
                    carrier.play("well_behaved", good)
                else:
                    away = dice.choice((0.0, dice.uniform(0.2, 1.5)))
                    carrier.disconnect(how, away)  # type: ignore[arg-type]  # half_open is the other branch
                    await trio.sleep(away)
                if dice.random() < 0.7:  # else it goes down again while it comes up
                    slowest = max(slowest, await _bound_again(carrier))
        # The queue grew while the links were down.
        account = await on.account(patience=60.0 + 3.0 * flaps)
    doubt = account.counts["in_doubt"] + account.counts["repeated"]
    more = unless(doubt <= BINDS * WINDOW * flaps, "in_doubt", str(doubt), f"for {flaps} flaps")
    more += unless(slowest <= rebound_in, "slow", f"{slowest:.1f} s", "until it was bound again")
    return found(f"{flaps} flaps, bound again within {slowest:.1f} s", account, more=more)


async def _bound_again(carrier: Carrier) -> float:
    """Seconds until a bind is up; a link that died without a sign is found out first."""
    began = trio.current_time()
    await until(carrier.bound, MOST_REBIND_SECONDS)
    return trio.current_time() - began


async def throttled(setting: Setting, *, texts: int, share: float, busy: float = 0.5) -> Finding:
    """R9: ESME_RTHROTTLED and ESME_RMSGQFUL for a share of the texts cost neither a text nor an attempt too many."""
    directory = setting.place("throttled")
    faults = [
        {"on": "submit_sm", "do": "status", "status": status, "probability": share / 2}
        for status in ("ESME_RTHROTTLED", "ESME_RMSGQFUL")
    ]
    carrier = Carrier("throttled", directory, change={"faults": faults, "seed": setting.seed})
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(texts)))
        await on.client.load(orders(carrier.name, texts), 1000.0)
        submitted = trio.current_time()
        spent = on.gateway.cpu_seconds()
        await on.drained(10.0 * texts)
        cpu = (on.gateway.cpu_seconds() - spent) / max(trio.current_time() - submitted, 1.0)
        account = await on.account()
    attempts = account.counts["submitted"] / texts
    more = unless(attempts <= 1.0 / (1.0 - share) + 0.3, "attempts", f"{attempts:.2f} a text")
    more += unless(account.counts["delivered"] == texts, "undelivered", str(texts - account.counts["delivered"]))
    more += unless(cpu < busy, "busy", f"{cpu * 100:.0f} % CPU while it waits")
    return found(f"{attempts:.2f} attempts a text, {cpu * 100:.0f} % CPU", account, more=more)


async def ceiling(setting: Setting, *, rate: int, seconds: float) -> Finding:
    """R10: never more than the configured rate in any sliding second, over all binds, also after a reconnect."""
    directory = setting.place("ceiling")
    carrier = Carrier("ceiling", directory, profile=f"binds = {BINDS}\nrate = {rate}")
    texts = int(rate * seconds)
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(texts)))
        lateness = Lateness()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lateness.watch)
            await on.client.load(orders(carrier.name, texts), 500.0)
            await trio.sleep(seconds / 2)
            carrier.disconnect("fin")
            account = await on.account(patience=3 * seconds)
            nursery.cancel_scope.cancel()
        moments = [entry.at / 1e9 for entry in carrier.journal() if isinstance(entry, Submitted)]
    most = busiest_second(moments)
    # The carrier dates a text when it comes to read it: what it reads late seems to come faster.
    allowed = rate + 1 + math.ceil(rate * lateness.worst)
    more = unless(most <= allowed, "too_fast", f"{most} in a second", f"{rate} allowed")
    figure = f"at most {most} in any second at rate {rate}, dated at most {lateness.worst * 1000:.0f} ms late"
    return found(figure, account, more=more)


class Lateness:
    """How late this process comes to do what is due."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        """Look, until cancelled."""
        while True:
            due = trio.current_time() + _LOOK_SECONDS
            await trio.sleep_until(due)
            self.worst = max(self.worst, trio.current_time() - due)


def busiest_second(moments: list[float]) -> int:
    """The most of these moments that lie within one second."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def slow_carrier(
    setting: Setting,
    *,
    delay: float,
    seconds: float,
    backlog: int,
    share: float = 0.0,
    deviation: float = math.inf,
    growth: float = 100e6,
) -> Finding:
    """R8: one carrier answers after seconds: its window is never exceeded, and the other carrier keeps its rate."""
    directory = setting.place("slow")
    slow = Carrier("slow", directory, change={"answers": {"delay": delay}}, profile=f"window = {WINDOW}")
    fast = Carrier("fast", directory, profile=f"window = {WINDOW}")
    async with stage(directory, [slow, fast], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        await on.client.load(
            (Order(f"s{place}", number(place % NUMBERS), "slow") for place in range(backlog)), 1e6, lanes=32
        )
        before, _ = on.gateway.memory()
        earlier = slow.smsc.counted["submits"]
        fast_texts = int(RATE / 2 * seconds)
        began = trio.current_time()
        await on.client.load(
            (Order(f"f{place}", number(place % NUMBERS), "fast") for place in range(fast_texts)), RATE / 2
        )
        await until(lambda: fast.smsc.counted["submits"] >= fast_texts, 30.0)
        took = trio.current_time() - began
        _, most = on.gateway.memory()
        window = max(most_unanswered(slow.journal()), default=0)
        seen = slow.smsc.counted["submits"]
        rate = (seen - earlier) / took
        on.gateway.kill()
        await on.gateway.start()
        slow.change(answers={"delay": 0.0})
        account = await on.account(patience=120.0 + backlog / 100)
    kept = fast_texts / (RATE / 2) / took
    more = unless(window <= WINDOW, "window", f"{window} unanswered", f"{WINDOW} allowed")
    more += unless(kept >= share, "held_up", f"{kept * 100:.0f} % of the other carrier's rate")
    off = abs(rate * delay / WINDOW - 1.0)
    more += unless(off <= deviation, "uneven", f"{rate:.2f} texts a second", f"{WINDOW / delay:.2f} wanted")
    more += unless(most - before <= growth, "memory", f"+ {(most - before) / 1e6:.0f} MB")
    return found(
        f"window {window} of {WINDOW}, {rate:.1f} texts/s to the slow carrier, the other kept {kept * 100:.0f} % of its"
        f" rate, RSS + {(most - before) / 1e6:.0f} MB with {backlog} queued",
        account,
        more=more,
    )


def most_unanswered(entries: list[Entry]) -> Iterator[int]:
    """For each link, the most texts that were unanswered at a time."""
    now: Counter[int] = Counter()
    most: Counter[int] = Counter()
    for entry in entries:
        if isinstance(entry, Submitted):
            now[entry.session] += 1
            most[entry.session] = max(most[entry.session], now[entry.session])
        elif isinstance(entry, Answered):
            now[entry.session] -= 1
    return iter(most.values())


async def receipt_storm(
    setting: Setting, *, receipts: int, acked: float = math.inf, slower: float = math.inf, growth: float = math.inf
) -> Finding:
    """R11: so many receipts at once: each is stored before its answer, and submits are still answered meanwhile."""
    directory = setting.place("storm")
    change: dict[str, object] = {"receipts": {"hold": receipts}, "delivery": {"window": 1000}}
    carrier = Carrier("storm", directory, change=change, profile="window = 100")
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(NUMBERS)))
        idle = await _submit_times(on, "i")
        texts = (Order(f"t{place}", number(place % NUMBERS), carrier.name) for place in range(receipts - len(idle)))
        await on.client.load(texts, 1e6, lanes=32)
        before, _ = on.gateway.memory()
        # Until the last receipt of the storm is let go.
        await until(lambda: carrier.smsc.counted["taken"] >= receipts and not carrier.smsc.held, 60.0 + receipts / 100)
        submits = await _submit_times(on, "d")
        while carrier.busy():  # the receipts of those hundred are held back as well, each when it is due
            carrier.change(receipts={"hold": 0})
            await trio.sleep(0.1)
        await on.drained(120.0)
        _, most = on.gateway.memory()
        account = await on.account(patience=120.0)
        waits = sorted(_answer_times(carrier.journal()))
    more = unless(len(submits) == SUBMITS, "refused", f"{SUBMITS - len(submits)} submits during the storm")
    more += unless(account.counts["delivered"] == receipts + SUBMITS, "unstored", f"{account.counts['delivered']}")
    more += unless(_p99(waits) <= acked, "slow", f"receipts were answered after p99 {_p99(waits):.1f} s")
    ratio = _p99(submits) / _p99(idle)
    more += unless(ratio <= slower, "slow", f"submits took {ratio:.1f} times as long as without")
    more += unless(most - before <= growth, "memory", f"+ {(most - before) / 1e6:.0f} MB")
    figure = (
        f"{receipts} receipts, answered p99 {_p99(waits):.2f} s, submits p99 {_p99(submits) * 1000:.0f} ms"
        f" ({_p99(idle) * 1000:.0f} ms without), RSS + {(most - before) / 1e6:.0f} MB"
    )
    return found(figure, account, more=more)


async def _submit_times(on: Stage, prefix: str) -> list[float]:
    """Seconds from submit to answer, of those that were accepted, the shortest first."""
    attempts = [
        await on.client.submit(Order(f"{prefix}{place}", number(place % NUMBERS), on.carrier.name))
        for place in range(SUBMITS)
    ]
    return sorted(attempt.answered_at - attempt.at for attempt in attempts if attempt.accepted)


def _answer_times(entries: list[Entry]) -> Iterator[float]:
    sent: dict[int, int] = {}
    for entry in entries:
        if isinstance(entry, Delivered):
            sent[entry.delivery] = entry.at
        elif isinstance(entry, Taken) and entry.delivery in sent:
            yield (entry.at - sent[entry.delivery]) / 1e9


def _p99(ascending: list[float]) -> float:
    return ascending[math.ceil(0.99 * len(ascending)) - 1] if ascending else 0.0


ID_FORMS = (
    ("decimal", "same"),
    ("hex", "decimal"),
    ("decimal", "hex"),
    ("upper-hex", "padded-hex"),
    ("hex", "padded-decimal"),
    ("upper-uuid", "uuid"),
)
"""How the submit response writes an id, and how the receipt does."""


async def early_receipts(setting: Setting, *, texts: int) -> Finding:
    """R12: receipts before their submit response, with ids in every pair of forms: all of them are matched."""
    directory = setting.place("early")
    carriers = [
        Carrier(
            f"ids{place}",
            directory,
            change={
                "answers": {"id_form": told},
                "receipts": {"before_response": True, "id_form": form, "form": "text", "via": via},
            },
            profile="binds = 2",
        )
        for place, ((told, form), via) in enumerate(itertools.product(ID_FORMS, ("same", "other")))
    ]
    async with stage(directory, carriers, launcher=setting.launcher) as on:
        await on.gateway.start()
        each = texts // len(carriers)
        await on.consent(map(number, range(each)))
        mixed = [orders(carrier.name, each, f"{carrier.name}.") for carrier in carriers]
        await on.client.load((order for round_ in zip(*mixed, strict=True) for order in round_), 500.0)
        account = await on.account()
        first = sum(_ahead(carrier.journal()) for carrier in carriers)
    wanted = each * len(carriers)
    more: list[Violation] = []
    more += unless(account.counts["delivered"] == wanted, "unmatched", f"{wanted - account.counts['delivered']} texts")
    more += unless(first > 0, "unseen", "no receipt was ahead of its response")
    return found(
        f"{wanted} texts over {len(carriers)} pairs of forms, {first} receipts ahead of the response",
        account,
        more=more,
    )


def _ahead(entries: list[Entry]) -> int:
    """How many receipts went out before the response that names their text."""
    answered: set[str] = set()
    ahead = 0
    for entry in entries:
        if isinstance(entry, Answered):
            answered.add(entry.message_id)
        elif isinstance(entry, Delivered) and entry.message_id not in answered:
            ahead += 1
    return ahead


async def forged_receipts(setting: Setting, *, forgeries: int) -> Finding:
    """S10: receipts with invented ids, and with right ids over another carrier's link, change nothing."""
    dice = setting.dice("forged")
    directory = setting.place("forged")
    silent: dict[str, object] = {"receipts": {"when": "never"}, "delivery": {"window": 1000}}
    honest = Carrier("honest", directory, change=silent)
    forger = Carrier("forger", directory, change=silent)
    texts = 50
    async with stage(directory, [honest, forger], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent(map(number, range(texts)))
        await on.client.load(orders("honest", texts), 500.0)
        await until(lambda: honest.smsc.counted["taken"] >= texts and forger.bound(), 30.0)
        taken = list(honest.smsc.book._by_id.values())
        for place in range(forgeries):
            message = taken[place % len(taken)]
            message_id = message.message_id if place < len(taken) else str(dice.randrange(1 << 40))
            forger.receipt(message_id, message.pdu.destination_addr, message.pdu.source_addr)
        account = await on.account(patience=60.0 + forgeries / 100)
        answered = forger.smsc.counted["deliveries_ok"]
    more = unless(account.counts["delivered"] == 0, "believed", f"{account.counts['delivered']} texts")
    more += unless(answered == forgeries, "unseen", f"{answered} of {forgeries} forgeries were answered")
    return found(f"{forgeries} forgeries, {len(taken)} with a right id", account, more=more)
