"""The ledger sees each broken promise for what it is, and nothing in a run that kept them all."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gateway.model.ids import spell
from gateway.model.message import State
from tools.simulator.journal import Answered, Bound, Closed, Delivered, Entry, Submitted, Taken
from tools.torture.client import Attempt
from tools.torture.database import Dump, Heard, Kept, Message, Segment, Told
from tools.torture.evidence import Evidence, Violation, restricted
from tools.torture.ledger import audit

NUMBER = "+12122000000"
SENDER = "12025550100"
WORDS = "Your statement is ready."
SECOND = 1_000_000_000


class Run:
    """A run in which one text was delivered, as everybody wrote it down; tests change what they wrote."""

    def __init__(self, category: str = "servicing") -> None:
        self.attempts = [Attempt("t0", NUMBER, 1.0, "k0", 202, 1.1, spell("msg", 7))]
        self.entries: list[Entry] = [
            Bound(session=1, sequence=1, account="assent", type="trx", status="ESME_ROK"),
            self.submitted("t0", 2),
            Answered(session=1, sequence=2, token="t0", status="ESME_ROK", message_id="a7"),
            self.receipt("a7", 1),
            Taken(session=1, sequence=1, delivery=1, status="ESME_ROK"),
            Closed(session=1, account="assent", reason="unbound"),
        ]
        self.message = Message(
            7, "acme", category, NUMBER, "carrier", f"t0 {WORDS}", 1, 0, State.DELIVERED, None, "client"
        )
        self.segment = Segment(7, 1, State.DELIVERED, 1, "a7", 5, 6, "DELIVRD")
        self.told = [
            ("message.accepted", "queued"),
            ("message.submitted", "submitted"),
            ("message.delivered", "delivered"),
        ]
        self.keys: dict[tuple[str, str], tuple[int, ...]] = {("acme", "k0"): (7,)}
        self.inbound: list[Heard] = []
        self.parts: list[tuple[str, str]] = []
        self.receipts: list[Kept] = []
        self.integrity: tuple[str, ...] = ("ok",)
        self.log = ""
        self.hooks: list[dict[str, Any]] | None = None
        self.others: list[tuple[Message, Segment]] = []

    def submitted(self, token: str, sequence: int, session: int = 1, text: str = "") -> Submitted:
        return Submitted(
            session=session,
            sequence=sequence,
            account="assent",
            bind="trx",
            token=token,
            source=SENDER,
            destination=NUMBER[1:],
            text=text or f"{token} {WORDS}",
            data_coding=0,
            esm_class=0,
            registered_delivery=1,
        )

    def receipt(self, message_id: str, delivery: int, stat: str = "DELIVRD") -> Delivered:
        return self._delivered("receipt", delivery, f"id:{message_id} stat:{stat}", message_id, stat)

    def said(self, words: str, delivery: int) -> Delivered:
        return self._delivered("mo", delivery, words)

    def _delivered(self, kind: Any, delivery: int, text: str, message_id: str = "", stat: str = "") -> Delivered:
        return Delivered(
            session=1,
            sequence=delivery,
            delivery=delivery,
            attempt=1,
            kind=kind,
            source=NUMBER[1:],
            destination=SENDER,
            text=text,
            message_id=message_id,
            stat=stat,
        )

    def evidence(self) -> Evidence:
        for place, entry in enumerate(self.entries):
            entry.n, entry.at = place + 1, entry.at or (place + 1) * SECOND
        pairs = [(self.message, self.segment), *self.others]
        events = [
            Told("acme", place + 1, 100 + place, kind, 7, msgspec.json.encode({"state": state, "cause": "a cause"}))
            for place, (kind, state) in enumerate(self.told)
        ]
        for message, _ in self.others:
            body = msgspec.json.encode({"state": message.state, "cause": "a cause"})
            events.append(Told("acme", len(events) + 1, 200, "message.accepted", message.id, body))
        database = Dump(
            self.integrity,
            {message.id: message for message, _ in pairs},
            {(segment.message_id, segment.n): segment for _, segment in pairs},
            events,
            self.keys,
            self.inbound,
            self.parts,
            self.receipts,
        )
        hooks = {} if self.hooks is None else {"main": self.hooks}
        return Evidence(
            "acme", self.attempts, {"carrier": self.entries}, hooks, database, frozenset({"codes"}), self.log, ("hush",)
        )

    def violations(self) -> set[str]:
        return {violation.name for violation in audit(self.evidence()).violations}

    def segment_is(self, state: State, **fields: Any) -> None:
        self.segment = msgspec.structs.replace(self.segment, state=state, **fields)
        self.message = msgspec.structs.replace(self.message, state=State.QUEUED if state is State.IN_FLIGHT else state)
        self.told[-1] = (f"message.{self.message.state}", self.message.state)


def test_a_run_that_kept_its_promises_has_no_violation() -> None:
    account = audit(Run().evidence())
    assert account.violations == ()
    assert (account.counts["accepted"], account.counts["submitted"], account.counts["delivered"]) == (1, 1, 1)
    assert account.summary() == "attempts 1, accepted 1, submitted 1, lost 0, duplicated 0"


def forget(run: Run) -> None:
    run.attempts[0].id = spell("msg", 8)
    run.keys[("acme", "k0")] = (8,)


def invent(run: Run) -> None:
    run.entries[1:3] = []
    run.entries[1:3] = []


def send_again(run: Run) -> None:
    run.entries[3:3] = [
        run.submitted("t0", 3),
        Answered(session=1, sequence=3, token="t0", status="ESME_ROK", message_id="a8"),
    ]


def send_a_stranger(run: Run) -> None:
    run.entries[3:3] = [run.submitted("nobody", 3)]


def call_it_blocked(run: Run) -> None:
    run.segment_is(State.BLOCKED)


def call_it_rejected(run: Run) -> None:
    run.segment_is(State.REJECTED, smsc_message_id=None, receipt_at=None)


def leave_it_in_flight(run: Run) -> None:
    run.segment_is(State.IN_FLIGHT)


def forget_its_name(run: Run) -> None:
    run.segment = msgspec.structs.replace(run.segment, smsc_message_id=None)


def drop_its_receipt(run: Run) -> None:
    run.segment_is(State.SUBMITTED, receipt_at=None)


def misread_its_receipt(run: Run) -> None:
    run.segment_is(State.UNDELIVERED)


def lose_a_text(run: Run) -> None:
    run.entries[5:5] = [run.said("I paid", 2), Taken(session=1, sequence=2, delivery=2, status="ESME_ROK")]


def hear_twice(run: Run) -> None:
    lose_a_text(run)
    run.inbound = [Heard("carrier", NUMBER, "I paid", "none")] * 2


def text_after_stop(run: Run) -> None:
    run.entries[1:1] = [run.said("STOP", 2), Taken(session=1, sequence=2, delivery=2, status="ESME_ROK")]
    run.inbound = [Heard("carrier", NUMBER, "STOP", "opt-out")]


def confirm_twice(run: Run) -> None:
    text_after_stop(run)
    words = "No more texts."
    for place in (8, 9):
        reply = Message(place, "acme", "system", NUMBER, "carrier", words, 1, 0, State.SUBMITTED, None, "reply")
        run.others.append((reply, Segment(place, 1, State.SUBMITTED, 1, f"r{place}", 5, None, None)))
        run.entries += [
            run.submitted("No", place, text=words),
            Answered(session=1, sequence=place, token="No", status="ESME_ROK", message_id=f"r{place}"),
        ]
    run.entries[3:5] = []


def double_a_key(run: Run) -> None:
    run.attempts.append(Attempt("t0", NUMBER, 1.2, "k0", 202, 1.3, spell("msg", 9)))


def lose_a_key(run: Run) -> None:
    run.keys = {}


def skip_an_event(run: Run) -> None:
    run.told.pop()


def end_twice(run: Run) -> None:
    run.told.insert(1, ("message.rejected", "rejected"))


def spoil_the_file(run: Run) -> None:
    run.integrity = ("row 3 missing from index message_by_number",)


def lose_a_segment(run: Run) -> None:
    run.message = msgspec.structs.replace(run.message, segments=2)


def miss_an_event(run: Run) -> None:
    run.hooks = []


def change_an_event(run: Run) -> None:
    run.hooks = [
        {"verified": True, "reason": None, "id": spell("evt", seq), "body": body}
        for seq in (1, 2, 3)
        for body in (seq, 0)
    ]


def forge_an_event(run: Run) -> None:
    run.hooks = [{"verified": False, "reason": "no signature", "id": None, "body": None}]


def show_a_number(run: Run) -> None:
    run.log = f"WARNING to {NUMBER}: no route"


def show_a_text(run: Run) -> None:
    run.log = f"DEBUG sending t0 {WORDS}"


def show_a_secret(run: Run) -> None:
    run.log = "DEBUG bind with hush"


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (forget, "lost"),
        (invent, "lost"),
        (send_again, "duplicated"),
        (send_a_stranger, "unexpected"),
        (call_it_blocked, "misreported"),
        (call_it_rejected, "misreported"),
        (leave_it_in_flight, "stuck"),
        (forget_its_name, "unidentified"),
        (drop_its_receipt, "receipt_lost"),
        (misread_its_receipt, "misjudged"),
        (lose_a_text, "mo_lost"),
        (hear_twice, "mo_doubled"),
        (text_after_stop, "sent_after_stop"),
        (confirm_twice, "confirmed_twice"),
        (double_a_key, "key_doubled"),
        (lose_a_key, "key_lost"),
        (skip_an_event, "untold"),
        (end_twice, "ended_twice"),
        (spoil_the_file, "corrupt"),
        (lose_a_segment, "corrupt"),
        (miss_an_event, "webhook_lost"),
        (change_an_event, "webhook_changed"),
        (forge_an_event, "webhook_forged"),
        (show_a_number, "logged"),
        (show_a_text, "logged"),
        (show_a_secret, "logged"),
    ],
)
def test_a_broken_promise_is_named(wrong: Callable[[Run], None], name: str) -> None:
    run = Run()
    wrong(run)
    assert name in run.violations()


def test_a_text_may_go_again_after_the_carrier_refused_it() -> None:
    run = Run()
    run.entries[1:1] = [
        run.submitted("t0", 9),
        Answered(session=1, sequence=9, token="t0", status="ESME_RTHROTTLED"),
    ]
    assert run.violations() == set()


@pytest.mark.parametrize(("category", "expected"), [("codes", set()), ("servicing", {"duplicated"})])
def test_policy_decides_whether_a_text_in_doubt_goes_again(category: str, expected: set[str]) -> None:
    run = Run(category)
    run.entries[1:1] = [
        run.submitted("t0", 9, session=0),
        Answered(session=0, sequence=9, token="t0", status="rst"),
        Closed(session=0, account="assent", reason="rst"),
    ]
    assert run.violations() == expected
    assert audit(run.evidence()).counts["repeated"] == (category == "codes")


def test_a_text_in_doubt_is_neither_lost_nor_known() -> None:
    run = Run()
    run.entries[2] = Answered(session=1, sequence=2, token="t0", status="rst", message_id="a7")
    run.entries[3:5] = []
    run.segment_is(State.IN_DOUBT, smsc_message_id=None, receipt_at=None)
    assert run.violations() == set()
    assert audit(run.evidence()).counts["in_doubt"] == 1


def test_a_receipt_that_moved_nothing_may_be_kept() -> None:
    run = Run()
    run.segment_is(State.SUBMITTED, receipt_at=None)
    run.entries[3] = run.receipt("00A7", 1)
    news = {"keys": ["a7", "167"], "number": NUMBER[1:]}
    run.receipts = [Kept("carrier", msgspec.json.encode(news), None)]
    assert run.violations() == set()


def test_each_carrier_has_its_own_account() -> None:
    run = Run()
    run.attempts[0].token = "carrier.0"
    evidence = run.evidence()
    elsewhere = msgspec.structs.replace(evidence, carriers={**evidence.carriers, "other": []})
    assert audit(restricted(elsewhere, "other", {})).counts["attempts"] == 0


def test_a_violation_says_where_to_look() -> None:
    assert str(Violation("lost", "t7", "nowhere")) == "lost: t7 (nowhere)"
    assert str(Violation("lost", "t7")) == "lost: t7"
