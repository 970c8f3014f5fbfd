"""What plugins stand on: client events, jobs, deeds, and the log that each reads at its own pace."""

from datetime import date
from typing import Any

import msgspec
import pytest
import trio

from gateway.errors import Code
from gateway.model.account import Account, Owed, Standing
from gateway.model.client_events import (
    AccountPaid,
    AccountUpdated,
    ClientEvent,
    InvoiceCancelled,
    InvoiceIssued,
    InvoicePaid,
    PaymentNsf,
    PaymentPosted,
    PaymentScheduled,
    read_event,
)
from gateway.model.clock import DAY, HOUR, MINUTE, spell_instant
from gateway.model.decision import Decision
from gateway.model.ids import JobId, spell
from gateway.model.jobs import JobState
from gateway.model.message import State
from gateway.model.money import Money
from gateway.model.notices import Job, TextOutcome
from gateway.store.deeds import Follow, Telling, TextDeed
from gateway.store.doubt import Recovery, Settlement
from gateway.store.forget import Forget
from gateway.store.jobs import CallOff, DueFound, DueLook, NewJob
from gateway.store.notices import ForgetNotices, Intake, Listening, Notice, Taken
from gateway.store.plugins import Again, Change, Enabled, Observed, PluginState, Revive, Running
from tests.contract.desk import CLIENT, NOON, NUMBER, OTHER_NUMBER, Desk
from tests.notices import notices_for

ACCOUNT = "A-1"
PLUGIN = "reminders"
LAST = JobId((1 << 63) - 1)


def issued(event_id: str = "e-1", at: int = NOON, account: str = ACCOUNT, **changes: Any) -> InvoiceIssued:
    fields: dict[str, Any] = {"invoice": "I-1", "amount": Money(5210, "USD"), "due_on": date(2026, 10, 1)}
    return InvoiceIssued(id=event_id, occurred_at=spell_instant(at), account=account, **(fields | changes))


def paid(event_id: str = "e-2", at: int = NOON) -> AccountPaid:
    return AccountPaid(id=event_id, occurred_at=spell_instant(at), account=ACCOUNT)


async def receive(desk: Desk, *events: ClientEvent) -> list[Taken]:
    return await desk.store.receive_events([Intake(CLIENT, event, desk.now) for event in events])


async def log(desk: Desk, after: int = 0, plugin: str = PLUGIN) -> list[Notice]:
    return [one for one in await notices_for(desk.store, plugin) if one.seq > after]


def job(key: str, due_at: int = NOON, **changes: Any) -> NewJob:
    fields: dict[str, Any] = {"plugin": PLUGIN, "catch_up": "send_late", "zone": "UTC", "payload": b"{}"}
    fields |= {"client": CLIENT, "account": ACCOUNT, "at": NOON} | changes
    return NewJob(key=key, due_at=due_at, **fields)


async def due(desk: Desk, now: int, limit: int = 100) -> DueFound:
    (found,) = await desk.store.tell_due(DueLook(PLUGIN, now, limit))
    return found


async def told(desk: Desk) -> list[Job]:
    return [msgspec.json.decode(one.body, type=Job) for one in await log(desk) if one.kind == "job"]


def deed(
    desk: Desk, key: str, *, unless_paid: bool | Owed = False, account: str = ACCOUNT, **changes: object
) -> TextDeed:
    acceptance = desk.acceptance(desk.submission(account=account, **changes))
    return TextDeed(PLUGIN, CLIENT, key, account, acceptance, unless_paid)


# Client events.


async def test_an_event_is_taken_once_by_its_id(desk: Desk) -> None:
    assert await receive(desk, issued()) == [Taken.NEW]
    assert await receive(desk, issued(), issued("e-9"), issued("e-9")) == [Taken.AGAIN, Taken.NEW, Taken.AGAIN]
    assert await receive(desk, issued(amount=Money(1, "USD"))) == [Taken.OTHER]
    assert [read_event(one.body).id for one in await log(desk)] == ["e-1", "e-9"]


async def test_clients_share_neither_ids_nor_accounts(desk: Desk) -> None:
    await receive(desk, issued())
    assert await desk.store.receive_events([Intake("globex", issued(), NOON)]) == [Taken.NEW]
    await desk.store.receive_events([Intake("globex", paid(), NOON)])
    accounts = await desk.store.accounts_of(CLIENT, [ACCOUNT])
    assert accounts[ACCOUNT].invoices["I-1"].standing is Standing.OPEN


async def test_an_account_is_what_its_events_say_whatever_their_order(desk: Desk) -> None:
    await receive(desk, paid(at=NOON), issued(at=NOON - 1))
    await receive(desk, AccountUpdated(id="e-3", occurred_at=spell_instant(NOON), account=ACCOUNT, number=NUMBER))
    accounts = await desk.store.accounts_of(CLIENT, [ACCOUNT, "A-2"])
    assert set(accounts) == {ACCOUNT}
    assert accounts[ACCOUNT].paid
    assert accounts[ACCOUNT].number == NUMBER
    assert accounts[ACCOUNT].invoices["I-1"].standing is Standing.DONE


async def test_accounts_come_in_pages_by_name(desk: Desk) -> None:
    await receive(desk, *(issued(f"e-{name}", account=name) for name in ("c", "a", "b")))
    assert [account.account for account in await desk.store.accounts_page(CLIENT, "", 2)] == ["a", "b"]
    assert [account.account for account in await desk.store.accounts_page(CLIENT, "b", 2)] == ["c"]


# Texts of plugins.


async def test_a_text_is_judged_and_stored_once_for_its_key(desk: Desk) -> None:
    await desk.grant()
    (first,) = await desk.store.submit_for_plugin(deed(desk, "r/1"))
    (again,) = await desk.store.submit_for_plugin(deed(desk, "r/1", text="Other words"))
    (other,) = await desk.store.submit_for_plugin(deed(desk, "r/2"))
    assert first.state is State.QUEUED
    assert again == first
    assert other.id != first.id
    assert len(await desk.claim()) == 2


async def test_the_rules_refuse_a_plugins_text_like_anybodys(desk: Desk) -> None:
    (refused,) = await desk.store.submit_for_plugin(deed(desk, "r/1"))
    assert (refused.state, refused.code) == (State.BLOCKED, Code.CONSENT_MISSING)


async def test_a_text_for_those_who_owe_is_refused_once_the_account_is_paid(desk: Desk) -> None:
    await desk.grant()
    await receive(desk, paid())
    (refused,) = await desk.store.submit_for_plugin(deed(desk, "r/1", unless_paid=True))
    (taken,) = await desk.store.submit_for_plugin(deed(desk, "r/2"))
    assert (refused.state, refused.code) == (State.BLOCKED, Code.ACCOUNT_PAID)
    assert msgspec.json.decode(refused.decision, type=Decision).code is Code.ACCOUNT_PAID
    assert taken.state is State.QUEUED


async def test_paid_a_millisecond_before_the_reminder_is_before_the_reminder(desk: Desk) -> None:
    await desk.grant()
    # Posted together: one batch, in which what the client says comes first.
    reminder = desk.store.submit_for_plugin(deed(desk, "r/1", unless_paid=True))
    word = desk.store.receive_events([Intake(CLIENT, paid(), desk.now)])
    (accepted,) = await reminder
    await word
    assert (accepted.state, accepted.code) == (State.BLOCKED, Code.ACCOUNT_PAID)


@pytest.mark.parametrize(
    "event",
    [
        InvoicePaid(id="e-2", occurred_at=spell_instant(NOON), account=ACCOUNT, invoice="I-1"),
        InvoiceCancelled(id="e-2", occurred_at=spell_instant(NOON), account=ACCOUNT, invoice="I-1"),
    ],
)
async def test_a_text_about_an_invoice_goes_only_while_that_is_open(desk: Desk, event: ClientEvent) -> None:
    await desk.grant()
    await receive(desk, issued(at=NOON - 1), issued("e-9", NOON - 1, invoice="I-2"))
    owed = Owed("invoices", "I-1")
    (left,) = await desk.store.submit_for_plugin(deed(desk, "r/1", unless_paid=owed))
    assert len(await desk.claim()) == 1
    (waits,) = await desk.store.submit_for_plugin(deed(desk, "r/2", unless_paid=owed))
    (other,) = await desk.store.submit_for_plugin(deed(desk, "r/3", unless_paid=Owed("invoices", "I-2")))
    # Posted together: one batch, in which what the client says comes first, and a millisecond is enough.
    late = desk.store.submit_for_plugin(deed(desk, "r/4", unless_paid=owed))
    word = desk.store.receive_events([Intake(CLIENT, event, desk.now)])
    (refused,) = await late
    await word
    assert [await desk.state(one.id) for one in (left, waits, other)] == [
        State.IN_FLIGHT,
        State.CANCELLED,
        State.QUEUED,
    ]
    assert (refused.state, refused.code) == (State.BLOCKED, Code.ACCOUNT_PAID)
    assert (await desk.last_news(waits.id)).code == Code.ACCOUNT_PAID


async def test_a_text_about_a_scheduled_payment_goes_only_until_it_is_taken(desk: Desk) -> None:
    await desk.grant()
    fields: dict[str, Any] = {"account": ACCOUNT, "payment": "P", "amount": Money(1, "USD")}
    planned = PaymentScheduled(id="e-1", occurred_at=spell_instant(NOON), due_on=date(2026, 10, 1), **fields)
    await receive(desk, planned)
    (waits,) = await desk.store.submit_for_plugin(deed(desk, "r/1", unless_paid=Owed("payments", "P")))
    assert waits.state is State.QUEUED
    await receive(desk, PaymentPosted(id="e-2", occurred_at=spell_instant(NOON + 1), **fields))
    assert await desk.state(waits.id) == State.CANCELLED


async def test_what_waits_is_called_off_when_the_account_is_paid_and_what_left_is_not(desk: Desk) -> None:
    await desk.grant()
    (left,) = await desk.store.submit_for_plugin(deed(desk, "r/1", unless_paid=True))
    assert len(await desk.claim()) == 1
    (waits,) = await desk.store.submit_for_plugin(deed(desk, "r/2", unless_paid=True))
    (stays,) = await desk.store.submit_for_plugin(deed(desk, "r/3"))
    (elsewhere,) = await desk.store.submit_for_plugin(deed(desk, "r/4", unless_paid=True, account="A-2"))
    await receive(desk, paid())
    assert [await desk.state(one.id) for one in (left, waits, stays, elsewhere)] == [
        State.IN_FLIGHT,
        State.CANCELLED,
        State.QUEUED,
        State.QUEUED,
    ]
    assert (await desk.last_news(waits.id)).code == Code.ACCOUNT_PAID
    assert {segment.message_id for segment in await desk.claim()} == {stays.id, elsewhere.id}


@pytest.mark.parametrize("owed", [True, Owed("invoices", "I-1")])
@pytest.mark.parametrize("back", ["answer", "restart", "person"])
async def test_what_was_in_flight_when_the_account_was_paid_does_not_go_again(
    desk: Desk, owed: bool | Owed, back: str
) -> None:
    await desk.grant()
    await receive(desk, issued(at=NOON - 1))
    (reminder,) = await desk.store.submit_for_plugin(deed(desk, "r/1", unless_paid=owed, segments=2))
    (other,) = await desk.store.submit_for_plugin(deed(desk, "r/2"))
    segments = await desk.claim()
    await receive(desk, paid())
    if back == "answer":
        await desk.settle(*(desk.answer(segment, State.QUEUED, due_at=NOON, spent=False) for segment in segments))
    else:
        again = frozenset({segments[0].category}) if back == "restart" else frozenset[str]()
        await desk.store.recover(Recovery(NOON, again))
        await desk.store.settle_doubt([Settlement(one.id, State.QUEUED, NOON, "again") for one in (reminder, other)])
    assert {segment.message_id for segment in await desk.claim()} == {other.id}
    message = await desk.message(reminder.id)
    assert (message.state, message.code) == (State.CANCELLED, Code.ACCOUNT_PAID)
    assert (await desk.last_news(reminder.id)).cause == "cancel"


async def test_the_rest_of_a_text_goes_though_the_account_was_paid_meanwhile(desk: Desk) -> None:
    await desk.grant()
    (reminder,) = await desk.store.submit_for_plugin(deed(desk, "r/1", unless_paid=True, segments=2))
    one, two = await desk.claim()
    await receive(desk, paid())
    await desk.settle(desk.answer(one), desk.answer(two, State.QUEUED, due_at=NOON, spent=False))
    assert [(segment.message_id, segment.n) for segment in await desk.claim()] == [(reminder.id, 2)]


async def test_an_invoice_after_the_payment_lets_reminders_go_again(desk: Desk) -> None:
    await desk.grant()
    await receive(desk, paid(), issued(at=NOON + 1))
    (taken,) = await desk.store.submit_for_plugin(deed(desk, "r/1", unless_paid=True))
    assert taken.state is State.QUEUED


async def test_a_payment_that_bounced_lets_reminders_go_again(desk: Desk) -> None:
    await desk.grant()
    bounced = PaymentNsf(
        id="e-3", occurred_at=spell_instant(NOON + 1), account=ACCOUNT, payment="P", amount=Money(5210, "USD")
    )
    await receive(desk, issued(at=NOON - 1), paid())
    (refused,) = await desk.store.submit_for_plugin(deed(desk, "r/1", unless_paid=True))
    await receive(desk, bounced)
    (taken,) = await desk.store.submit_for_plugin(deed(desk, "r/2", unless_paid=True))
    assert [refused.state, taken.state] == [State.BLOCKED, State.QUEUED]
    accounts = await desk.store.accounts_of(CLIENT, [ACCOUNT])
    assert accounts[ACCOUNT].invoices["I-1"].standing is Standing.OPEN


async def test_plugins_are_told_what_became_of_their_texts_and_of_no_others(desk: Desk) -> None:
    await desk.store.follow_texts(Follow(CLIENT, 100))
    await desk.grant()
    (accepted,) = await desk.store.submit_for_plugin(deed(desk, "r/1"))
    stranger = await desk.queue(number=OTHER_NUMBER)
    await desk.store.submit_for_plugin(deed(desk, "r/2", number=OTHER_NUMBER, category="marketing"))
    segments = {segment.message_id: segment for segment in await desk.claim()}
    await desk.settle(desk.answer(segments[accepted.id], smsc_id="7"), desk.answer(segments[stranger], smsc_id="8"))
    await desk.tell(desk.receipt("7"), desk.receipt("8", number=OTHER_NUMBER[1:]))
    while (await desk.store.follow_texts(Follow(CLIENT, 2)))[0]:
        pass
    outcomes = [msgspec.json.decode(one.body, type=TextOutcome) for one in await log(desk) if one.kind == "text"]
    assert [(one.key, one.state, one.account) for one in outcomes] == [
        ("r/2", "blocked", ACCOUNT),
        ("r/1", "delivered", ACCOUNT),
    ]
    assert outcomes[1].message == spell("msg", accepted.id)
    await desk.store.follow_texts(Follow(CLIENT, 100))
    assert len(await log(desk)) == 2


async def test_an_event_out_is_told_once_for_its_key(desk: Desk) -> None:
    telling = Telling(PLUGIN, CLIENT, "m/1", ACCOUNT, "step.email_due", b'{"amount":1}', NOON)
    (first,) = await desk.store.tell_for_plugin(telling)
    (again,) = await desk.store.tell_for_plugin(telling)
    (event,) = await desk.store.events(CLIENT, 0, 10)
    assert first == again == spell("evt", event.seq)
    assert msgspec.json.decode(event.body) == {
        "id": first,
        "plugin": PLUGIN,
        "account": ACCOUNT,
        "data": {"amount": 1},
    }


# Jobs.


async def test_a_job_is_told_when_it_is_due_and_once(desk: Desk) -> None:
    await desk.store.schedule(job("j/1", NOON + HOUR, payload=b'{"n":1}'))
    assert await due(desk, NOON + HOUR - 1) == DueFound(0, 0, 0, NOON + HOUR)
    assert await due(desk, NOON + HOUR) == DueFound(1, 0, 0, None)
    assert await due(desk, NOON + HOUR) == DueFound(0, 0, 0, None)
    (one,) = await told(desk)
    assert (one.key, one.account, one.due, one.payload, one.late) == ("j/1", ACCOUNT, NOON + HOUR, {"n": 1}, False)


async def test_a_job_is_replaced_by_its_key_alone(desk: Desk) -> None:
    await desk.store.schedule(job("j/1", NOON, payload=b'{"n":1}'))
    await desk.store.schedule(job("j/1", NOON, payload=b'{"n":2}'))
    await desk.store.schedule(job("j/1", NOON, plugin="other"))
    await desk.store.schedule(job("j/1", NOON, client="globex"))
    assert (await due(desk, NOON)).told == 2
    assert {one.payload.get("n") for one in await told(desk)} == {2, None}


async def test_two_schedules_of_one_key_in_one_commit_leave_the_later(desk: Desk) -> None:
    first, second = desk.store.schedule(job("j/1", NOON + DAY)), desk.store.schedule(job("j/1", NOON + HOUR))
    await first
    await second
    assert (await due(desk, NOON)).next_due == NOON + HOUR


async def test_of_two_schedules_of_one_key_that_are_to_be_once_the_first_stands(desk: Desk) -> None:
    first = desk.store.schedule(job("j/1", NOON + DAY, once=True))
    second = desk.store.schedule(job("j/1", NOON + HOUR, once=True))
    other = desk.store.schedule(job("j/1", NOON + 2 * DAY, once=True, plugin="other"))
    for one in (first, second, other):
        await one
    assert (await due(desk, NOON)).next_due == NOON + DAY
    await desk.store.schedule(job("j/1", NOON, once=True))
    assert (await due(desk, NOON + DAY)).told == 1
    await desk.store.schedule(job("j/1", NOON, once=True))
    assert (await due(desk, NOON + DAY)).told == 0


async def test_jobs_and_texts_are_called_off_by_a_path_and_what_lies_below(desk: Desk) -> None:
    await desk.grant()
    for key in ("inv/1", "inv/1/a", "inv/1/a/b", "inv/10", "inv/1-b", "inv"):
        await desk.store.schedule(job(key, NOON))
    (text,) = await desk.store.submit_for_plugin(deed(desk, "inv/1/text"))
    (other,) = await desk.store.submit_for_plugin(deed(desk, "inv/10/text"))
    assert await desk.store.call_off(CallOff(PLUGIN, CLIENT, "inv/1", NOON)) == [4]
    assert await desk.store.call_off(CallOff("other", CLIENT, "inv", NOON)) == [0]
    assert [await desk.state(one.id) for one in (text, other)] == [State.CANCELLED, State.QUEUED]
    await due(desk, NOON)
    assert {one.key for one in await told(desk)} == {"inv/10", "inv/1-b", "inv"}


async def test_a_job_takes_the_place_of_what_was_called_off_and_of_nothing_else(desk: Desk) -> None:
    await desk.grant()
    (text,) = await desk.store.submit_for_plugin(deed(desk, "inv/1/text"))
    anew = job("inv/1/anew", NOON)
    assert await desk.store.call_off(CallOff(PLUGIN, CLIENT, "inv/2", NOON, job("inv/2/anew", NOON))) == [0]
    assert await desk.store.call_off(CallOff(PLUGIN, CLIENT, "inv/1/text", NOON, anew)) == [1]
    assert await desk.store.call_off(CallOff(PLUGIN, CLIENT, "inv/1/text", NOON, anew)) == [0]
    assert await desk.state(text.id) == State.CANCELLED
    assert await due(desk, NOON) == DueFound(1, 0, 0, None)
    assert [one.key for one in await told(desk)] == ["inv/1/anew"]


async def test_what_was_slept_through_is_told_late_dropped_or_deferred(desk: Desk) -> None:
    for policy in ("send_late", "skip", "next_window"):
        await desk.store.schedule(job(policy, NOON + HOUR, catch_up=policy))
    assert await due(desk, NOON + 9 * HOUR) == DueFound(1, 1, 1, NOON + DAY + HOUR)
    (late,) = await told(desk)
    assert (late.key, late.late) == ("send_late", True)
    assert (await due(desk, NOON + DAY + HOUR)).told == 1


async def test_a_little_late_is_not_late(desk: Desk) -> None:
    await desk.store.schedule(job("j", NOON, catch_up="skip"))
    assert (await due(desk, NOON + 15 * MINUTE - 1)).told == 1
    assert [one.late for one in await told(desk)] == [False]


async def test_due_jobs_come_in_shares_the_longest_due_first(desk: Desk) -> None:
    for n in range(5):
        await desk.store.schedule(job(f"j/{n}", NOON - n))
    assert (await due(desk, NOON, limit=3)).next_due == NOON - 1
    assert [one.key for one in await told(desk)] == ["j/4", "j/3", "j/2"]


async def test_the_history_of_an_accounts_jobs_can_be_read_and_is_forgotten_in_time(desk: Desk) -> None:
    await desk.store.schedule(job("j/1", NOON))
    await desk.store.schedule(job("j/1", NOON + HOUR))
    await desk.store.schedule(job("j/2", NOON))
    await desk.store.call_off(CallOff(PLUGIN, CLIENT, "j/2", NOON + 5))
    await due(desk, NOON + HOUR)
    found = await desk.store.jobs_of_account(CLIENT, ACCOUNT, LAST, 10)
    assert [(one.key, one.state, one.ended_at) for one in found] == [
        ("j/2", JobState.CANCELLED, NOON + 5),
        ("j/1", JobState.TOLD, NOON + HOUR),
        ("j/1", JobState.REPLACED, NOON),
    ]
    assert await desk.store.jobs_of_account(CLIENT, ACCOUNT, found[1].id, 10) == found[2:]
    assert await desk.store.forget_jobs(Forget(NOON + HOUR, 100)) == [2]
    assert len(await desk.store.jobs_of_account(CLIENT, ACCOUNT, LAST, 10)) == 1


# The log, and how far each plugin has read it.


def enabled(*names: str, at: int = NOON, digest: bytes = b"d") -> Enabled:
    return Enabled(tuple(Running(name, digest, f"{name} runs {digest!r}") for name in names), at, "by somebody")


async def test_a_plugin_starts_where_it_was_enabled_and_goes_on_where_it_was(desk: Desk) -> None:
    await receive(desk, issued("e-1"))
    assert await desk.store.enable_plugins(enabled(PLUGIN)) == [[f"{PLUGIN} enabled"]]
    state = await desk.store.plugin_state(PLUGIN)
    assert state == PluginState(PLUGIN, 1, 1, 0, 0)
    await receive(desk, issued("e-2"))
    assert [read_event(one.body).id for one in await log(desk, state.cursor)] == ["e-2"]
    await desk.store.record_observed(Observed(PLUGIN, cursor=2))
    await desk.store.record_observed(Observed(PLUGIN, cursor=1))
    assert await desk.store.enable_plugins(enabled(PLUGIN)) == [[]]
    assert (await desk.store.plugin_state(PLUGIN)).cursor == 2


async def test_a_plugin_that_was_disabled_is_told_nothing_of_meanwhile(desk: Desk) -> None:
    await desk.store.enable_plugins(enabled(PLUGIN))
    await desk.store.enable_plugins(enabled(at=NOON + 1))
    await receive(desk, issued("e-1"))
    await desk.store.enable_plugins(enabled(PLUGIN, at=NOON + 2))
    await desk.store.enable_plugins(enabled(PLUGIN, at=NOON + 3, digest=b"other"))
    assert (await desk.store.plugin_state(PLUGIN)).cursor == 1
    assert await desk.store.plugin_changes(PLUGIN, 10) == [
        Change(PLUGIN, NOON + 3, "changed", f"{PLUGIN} runs b'other'"),
        Change(PLUGIN, NOON + 2, "enabled", f"{PLUGIN} runs b'd'"),
        Change(PLUGIN, NOON + 1, "disabled", "by somebody"),
        Change(PLUGIN, NOON, "enabled", f"{PLUGIN} runs b'd'"),
    ]


async def test_a_plugin_reads_what_is_for_all_and_what_is_for_itself(desk: Desk) -> None:
    await receive(desk, issued("e-1"))
    await desk.store.schedule(job("j/1", NOON))
    await due(desk, NOON)
    assert [one.kind for one in await log(desk)] == ["invoice.issued", "job"]
    assert [one.kind for one in await log(desk, plugin="other")] == ["invoice.issued"]


async def test_each_who_asks_for_an_account_gets_one_of_its_own(desk: Desk) -> None:
    await receive(desk, issued("e-1"))
    found: list[Account] = []

    async def ask() -> None:
        found.append((await desk.store.accounts_of(CLIENT, [ACCOUNT]))[ACCOUNT])

    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(ask)
    assert found == [found[0]] * 3
    assert len({id(one.invoices) for one in found}) == 3


async def test_a_plugin_reads_past_what_it_does_not_hear(desk: Desk) -> None:
    await receive(desk, issued("e-1"), paid("e-2"), issued("e-3"))
    await desk.store.schedule(job("j/1", NOON))
    await due(desk, NOON)

    async def hear(after: int, limit: int, *kinds: str) -> tuple[list[int], int, bool]:
        heard = await desk.store.notices_after(Listening(PLUGIN, frozenset(kinds), after, limit))
        return [one.seq for one in heard.notices], heard.through, heard.is_all

    assert await hear(0, 100, "account.paid") == ([2, 4], 4, True)
    assert await hear(0, 1, "account.paid") == ([2], 2, False)
    assert await hear(0, 1, "invoice.issued") == ([1], 1, False)
    assert await hear(1, 100) == ([4], 4, True)
    assert await hear(3, 1) == ([4], 4, True)
    assert await hear(4, 100, "invoice.issued") == ([], 4, True)


async def test_what_is_for_nobody_is_read_past_a_share_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.store.notices._SPAN", 2)
    await receive(desk, *(issued(f"e-{n}") for n in range(1, 6)))
    through, places = 0, []
    for _ in range(4):
        heard = await desk.store.notices_after(Listening(PLUGIN, frozenset({"account.paid"}), through, 100))
        assert heard.notices == ()
        places.append((through := heard.through, heard.is_all))
    assert places == [(2, False), (4, False), (5, True), (5, True)]


async def test_what_failed_is_told_again_and_what_was_given_up_can_be_revived(desk: Desk) -> None:
    await desk.store.enable_plugins(enabled(PLUGIN))
    await receive(desk, issued("e-1"), issued("e-2", account="A-2"))
    again = (Again(PLUGIN, 1, 1, NOON + 5, "ValueError"), Again(PLUGIN, 2, 8, None, "ValueError"))
    await desk.store.record_observed(Observed(PLUGIN, cursor=2, failed=again))
    assert await desk.store.plugin_retries(PLUGIN, 10) == [again[0]]
    assert await desk.store.accounts_behind(PLUGIN) == {(CLIENT, ACCOUNT): NOON + 5}
    assert await desk.store.plugin_state(PLUGIN) == PluginState(PLUGIN, 2, 2, 1, 1)
    assert await desk.store.revive_plugin(Revive(PLUGIN, NOON)) == [1]
    assert [one.seq for one in await desk.store.plugin_retries(PLUGIN, 10)] == [2, 1]
    assert [one.seq for one in await desk.store.notices_of([2, 1])] == [1, 2]
    await desk.store.record_observed(Observed(PLUGIN, settled=(1, 2)))
    assert await desk.store.plugin_retries(PLUGIN, 10) == []


async def test_the_log_is_cut_where_all_have_read_it_and_nothing_is_to_be_told_again(desk: Desk) -> None:
    await desk.store.enable_plugins(enabled(PLUGIN, "other"))
    await receive(desk, *(issued(f"e-{n}") for n in range(1, 5)))
    await desk.store.record_observed(Observed("other", cursor=4))
    await desk.store.record_observed(Observed(PLUGIN, cursor=3, failed=(Again(PLUGIN, 2, 1, NOON, "x"),)))
    later = ForgetNotices(NOON + DAY, NOON, 100)
    assert await desk.store.forget_notices(later) == [2]
    assert [one.seq for one in await log(desk)] == [2, 4]
    await desk.store.enable_plugins(enabled())
    await desk.store.forget_notices(later)
    assert await receive(desk, issued("e-5"), issued("e-1")) == [Taken.NEW, Taken.AGAIN]
    assert [one.seq for one in await log(desk)] == [5]
    assert await desk.store.forget_notices(ForgetNotices(NOON, NOON + DAY, 100)) == [5]
    assert await receive(desk, issued("e-1")) == [Taken.NEW]
