"""The gateway against every carrier that the simulator can be, all at once: it owns what each of them needs in carriers.toml,
and how texts end there.

One gateway holds an account with each; every carrier gets the same texts, and its own ledger. So a carrier that goes dark,
floods or talks nonsense also shows that the others do not notice.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import trio

from gateway.model.message import State
from tools.simulator import scenario as scenarios
from tools.simulator.journal import Bound, Opened
from tools.torture.carrier import Carrier
from tools.torture.client import Order
from tools.torture.evidence import Evidence, Violation, restricted
from tools.torture.gateway import HOLD, number
from tools.torture.ledger import Account, audit
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.stage import stage

TEXTS = 40
LONG = "Your statement is ready and can be seen at the usual place. Reply STOP to end these texts. "
RATE = 400.0

DELIVERED = frozenset({State.DELIVERED})
DOUBTFUL = frozenset({State.DELIVERED, State.IN_DOUBT})
"""Where links die with texts in flight."""
UNCONFIRMED = frozenset({State.SUBMITTED})

WATCHFUL = "enquire_link_seconds = 1\nenquire_link_response_seconds = 1\nbind_seconds = 1"
PATIENT = "[carrier.retry]\ndelays_seconds = [0.2]"


class Case(msgspec.Struct, frozen=True):
    """One scenario of the simulator with what it takes to live with it."""

    scenario: str
    profile: str = ""
    """TOML lines of carriers.toml."""
    ends: frozenset[State] = DELIVERED
    """The states in which texts may end."""
    must: frozenset[State] = frozenset()
    """Those of them that must occur."""
    texts: int = TEXTS
    words: str = LONG
    change: dict[str, object] = {}
    """Keys of the scenario that would take too long as they are."""
    binds: int | None = None
    """How often it is bound in all, where that matters."""
    opened: int | None = None
    """How many connections it sees at most, where that matters."""
    outcomes: dict[str, State] = {}
    """What a stat amounts to here, where it is not what it says."""
    mend_after: float | None = None
    """Seconds after which the carrier behaves."""
    cut_after: float | None = None
    """Seconds after which its links are cut."""
    waits: bool = False
    """Whether its texts still wait in the end: it never takes any."""


CASES: tuple[Case, ...] = (
    Case(
        "alybnd",
        "rebind_seconds = 1",
        DOUBTFUL,
        change={"bind": {"linger": 3.0}, "answers": {"delay": 0.05}},
        cut_after=0.5,
    ),
    Case("bad_password", ends=frozenset({State.QUEUED}), binds=0, opened=4, waits=True),
    Case(
        "basic_plane_only",
        'supplementary = "strip"',
        words=f"{LONG}👍 ",
    ),
    Case("bind_refused_three_times", "rebind_seconds = 1"),
    Case("bind_without_version"),
    Case("byte_at_a_time"),
    Case("calls_the_esme"),
    Case("coalesced_bind_deliver"),
    Case("copied_data_coding"),
    Case("data_sm_receipts"),
    Case("decimal_ids_hex_receipts", 'receipt_ids = "hex"'),
    Case("disagreeing_receipts", 'receipt_ids = "decimal"', outcomes={"UNDELIV": State.DELIVERED}),
    Case("drops_tcp", ends=DOUBTFUL, texts=150),
    Case("drops_tcp_on_deliver", ends=DOUBTFUL),
    Case("duplicate_receipts"),
    Case("empty_ids", ends=UNCONFIRMED),
    Case(
        "err_codes",
        ends=frozenset({State.DELIVERED, State.UNDELIVERED, State.REJECTED, State.EXPIRED, State.SUBMITTED}),
        must=frozenset({State.DELIVERED, State.UNDELIVERED}),
        texts=80,
    ),
    Case("errors_with_body", ends=DELIVERED | {State.REJECTED}, must=frozenset({State.REJECTED})),
    Case("fixed_width_receipts"),
    Case("garbage", ends=DOUBTFUL, texts=100),
    Case("generic_nacks", PATIENT, DOUBTFUL),
    Case("goes_dark", WATCHFUL, DOUBTFUL, texts=120),
    Case("half_open", WATCHFUL, mend_after=4.0),
    Case("header_only_errors", PATIENT),
    Case("hex_ids", 'receipt_ids = "decimal"'),
    Case("idle_cut", "enquire_link_seconds = 0.4", change={"wire": {"inactivity": 1.5}}),
    Case("intermediate_receipts", "registered_delivery = 17"),
    Case("late_delivered"),
    Case("long_mo_out_of_order"),
    Case("lost_deliver_acks"),
    Case("missing_receipts", ends=DELIVERED | UNCONFIRMED),
    Case("lost_responses", "response_seconds = 2", DOUBTFUL),
    Case("mo_forged_receipt", ends=UNCONFIRMED),
    Case("no_query"),
    Case("no_receipts", "registered_delivery = 0", UNCONFIRMED),
    Case("odd_receipt_texts", ends=DELIVERED | {State.UNDELIVERED}, must=frozenset({State.UNDELIVERED})),
    Case("odd_tlvs"),
    Case("other_bind_answers", "binds = 2"),
    Case("out_of_order_responses"),
    Case("outbind"),
    Case("padded_ids", 'receipt_ids = "raw"'),
    Case("payload_receipts"),
    Case("query_only", "query_sm = true", UNCONFIRMED),
    Case("receipt_before_response_decimal_ids", 'receipt_ids = "decimal"'),
    Case("receipt_storm", change={"receipts": {"hold": 15}}),
    Case("recycled_ids", texts=150),
    Case("repeats_references", "response_seconds = 2\nuser_message_reference = true", DOUBTFUL),
    Case("rmsgqful", texts=9),
    Case(
        "sar_only_window_1_latin1",
        'window = 1\nbinds = 2\nlong_messages = "sar"\nalphabet = "latin1"',
    ),
    Case("slow_5s", texts=8, change={"answers": {"delay": 2.0}}),
    Case("speaks_http", WATCHFUL, mend_after=2.0),
    Case("speaks_tls", WATCHFUL, mend_after=2.0),
    Case("stalled_reader", texts=150),
    Case("stop_after_every_tenth"),
    Case("strict_addresses"),
    Case("text_only_receipts", 'receipt_ids = "raw"'),
    Case("throttle_bursts", "rate = 40"),
    Case("tlv_only_receipts"),
    Case("two_alphabets", 'inbound_alphabet = "latin1"'),
    Case("tx_and_rx_only", 'bind = "tx+rx"', binds=2),
    Case("ucs2_receipts"),
    Case("udhi_receipts"),
    Case("unanswered_percent", "response_seconds = 2", DOUBTFUL, texts=150),
    Case("unbind_midway", ends=DOUBTFUL, texts=70),
    Case("unknown_commands"),
    Case("uuid_ids"),
    Case("vendor_statuses", PATIENT, DELIVERED | {State.REJECTED}),
    Case("well_behaved"),
)


class Outcome(msgspec.Struct, frozen=True):
    """How one carrier fared."""

    case: Case
    account: Account
    states: dict[str, int]
    violations: tuple[Violation, ...]


async def every_carrier(setting: Setting, cases: Sequence[Case] = CASES, *, patience: float = 60.0) -> list[Outcome]:
    """Run all cases in one gateway."""
    directory = setting.place("carriers")
    carriers = [
        Carrier(f"c{place:02d}", directory, scenario=case.scenario, change=case.change, profile=case.profile)
        for place, case in enumerate(cases)
    ]
    async with stage(directory, carriers, launcher=setting.launcher) as on:
        await on.gateway.start(bound=False)
        orders = [list(_orders(place, case, carriers[place].name)) for place, case in enumerate(cases)]
        for its_orders in orders:
            await on.gateway.consent([order.number for order in its_orders], its_orders[0].program, HOLD)
        async with trio.open_nursery() as nursery:
            for case, carrier in zip(cases, carriers, strict=True):
                nursery.start_soon(_interfere, case, carrier)
            mixed = [order for round_ in itertools.zip_longest(*orders) for order in round_ if order is not None]
            await on.client.load(iter(mixed), RATE)
        waiting = frozenset(carrier.name for case, carrier in zip(cases, carriers, strict=True) if case.waits)
        await on.drained(patience, without=waiting)
        await on.gateway.stop()
        evidence = on.evidence(waiting=waiting)
    return [
        _judge(case, carrier, restricted(evidence, carrier.name, case.outcomes))
        for case, carrier in zip(cases, carriers, strict=True)
    ]


async def every_scenario(setting: Setting, *, first: int = 0, last: int = len(CASES)) -> Finding:
    """The suite as one goal, or a part of it."""
    outcomes = await every_carrier(setting, CASES[first:last])
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.account.counts)
    more = [
        Violation(violation.name, f"{outcome.case.scenario}: {violation.what}", violation.detail)
        for outcome in outcomes
        for violation in outcome.violations
    ]
    figure = f"{len(outcomes)} carriers at once, {counts['accepted']} texts, {counts['in_doubt']} in doubt"
    return found(f"{figure}, lost {counts['lost']}, duplicated {counts['duplicated']}", more=more)


def _orders(place: int, case: Case, name: str) -> Iterator[Order]:
    # Every eighth text is a long one, and everybody gets one text alone, so that a consumer's STOP ends no other.
    for text in range(case.texts):
        token = f"{name}.{text}"
        words = case.words * (3 if text % 8 == 5 else 1)
        yield Order(token, number(place * 1000 + text), name, key=token, words=words)


async def _interfere(case: Case, carrier: Carrier) -> None:
    if case.cut_after is not None:
        await trio.sleep(case.cut_after)
        carrier.disconnect("rst")
    if case.mend_after is not None:
        await trio.sleep(case.mend_after)
        carrier.play("well_behaved")


def _judge(case: Case, carrier: Carrier, evidence: Evidence) -> Outcome:
    account = audit(evidence)
    states = Counter(message.state for message in evidence.database.messages.values() if message.origin != "reply")
    more: list[Violation] = []
    more += unless(set(states) <= case.ends, "ended", _told(states), f"wanted {_told(case.ends)}")
    more += unless(case.must <= set(states), "ended", _told(states), f"without {_told(case.must)}")
    entries = evidence.carriers[carrier.name]
    binds = sum(1 for entry in entries if isinstance(entry, Bound) and entry.status == "ESME_ROK")
    more += unless(case.binds in (None, binds), "bound", f"{binds} times", f"wanted {case.binds}")
    opened = sum(1 for entry in entries if isinstance(entry, Opened))
    more += unless(case.opened is None or opened <= case.opened, "hammered", f"{opened} connections")
    return Outcome(case, account, {str(state): count for state, count in states.items()}, (*account.violations, *more))


def _told(states: Iterable[State]) -> str:
    counts = states if isinstance(states, Counter) else dict.fromkeys(states, "")
    return ", ".join(f"{counts[state]} {state}".strip() for state in sorted(counts))


def left_out() -> list[str]:
    """The scenarios that the simulator has and no case is made of."""
    return sorted(set(scenarios.names()) - {case.scenario for case in CASES})
