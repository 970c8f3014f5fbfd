"""Dialogs: which question a text answers, exactly once, and how it ends."""

import msgspec
import pytest

from gateway.model.clock import DAY, HOUR
from gateway.model.dialog import Choice
from gateway.model.events import Kind
from gateway.model.ids import InboundId
from gateway.model.inbound import Inbound, InboundEffect, ReplyKind
from gateway.model.message import Origin, State
from gateway.model.notices import Answer
from gateway.store.deeds import TextDeed
from gateway.store.dialogs import Asker, ExpireDialogs, NewDialog, Repeat
from gateway.store.inbound import Reception
from gateway.store.jobs import CallOff, NewJob
from tests.contract.desk import CLIENT, NUMBER, OTHER_NUMBER, PROGRAM, Desk
from tests.notices import notices_for

PLUGIN = "promises"
CHOICES = (
    Choice(id="now", words=("1", "pay now")),
    Choice(id="day_1", words=("2", "tomorrow", "mañana")),
)
OTHERS = (Choice(id="three", words=("1", "3")), Choice(id="six", words=("2", "6")))
ASKER = Asker(NUMBER, CLIENT, PROGRAM)


def question(key: str = "q1", choices: tuple[Choice, ...] = CHOICES, hours: int = 72) -> NewDialog:
    return NewDialog(PLUGIN, "promise", key, "A-1", choices, f"Again {key}", b'{"due":3}', hours)


async def ask(desk: Desk, new: NewDialog | None = None, *, handed_over: bool = True, **changes: object) -> int:
    """Ask a question; by default its text is handed to the carrier."""
    new = new or question()
    submission = desk.submission(account="A-1", **changes)
    await desk.grant(submission.number)
    deed = TextDeed(PLUGIN, CLIENT, new.key, "A-1", desk.acceptance(submission), False, new)
    (accepted,) = await desk.store.submit_for_plugin(deed)
    if handed_over:
        await hand_over(desk)
    return accepted.id


async def hand_over(desk: Desk) -> None:
    await desk.settle(*(desk.answer(segment) for segment in await desk.claim(100)))


async def write(desk: Desk, text: str, kind: ReplyKind = ReplyKind.NONE, inbound: Inbound | None = None) -> bool:
    """A consumer writes, as the road takes it."""
    inbound = inbound or desk.reply(kind, text=text)
    asked = (await desk.store.standings([ASKER], desk.now))[ASKER].dialog
    repeat = None
    if asked is not None:
        again = desk.submission(category="system", text=asked.again, origin=Origin.REPLY, priority=0)
        repeat = Repeat(asked.message_id, desk.acceptance(again))
    opt_out = (CLIENT,) if kind is ReplyKind.OPT_OUT else ()
    reception = Reception(InboundEffect(inbound, opt_out, (), NUMBER), None, None, frozenset({"link-1"}), repeat)
    return (await desk.store.receive_inbound([reception]))[0]


async def answers(desk: Desk) -> list[tuple[str, str, str | None]]:
    """What the plugin was told, by key."""
    notices = await notices_for(desk.store, PLUGIN)
    told = [msgspec.json.decode(one.body, type=Answer) for one in notices if one.kind == "answer"]
    assert len({answer.id for answer in told}) == len(told)
    return [(answer.key, answer.outcome, answer.choice) for answer in told]


async def replies(desk: Desk) -> list[str]:
    """The texts that asked again."""
    return [segment.text for segment in await desk.claim(100) if segment.origin is Origin.REPLY]


async def kinds(desk: Desk) -> list[str]:
    return [event.kind for event in await desk.store.events(CLIENT, 0, 1000)]


async def test_an_answer_ends_the_dialog_and_is_told_once(desk: Desk) -> None:
    await ask(desk)
    await write(desk, "Tomorrow")
    assert await answers(desk) == [("q1", "chosen", "day_1")]
    (notice,) = [one for one in await notices_for(desk.store, PLUGIN) if one.kind == "answer"]
    answer = msgspec.json.decode(notice.body, type=Answer)
    assert (answer.account, answer.number, answer.payload, answer.at) == ("A-1", NUMBER, {"due": 3}, desk.now)
    assert (await desk.store.standings([ASKER], desk.now))[ASKER].dialog is None
    await write(desk, "1")
    assert len(await answers(desk)) == 1


async def test_a_text_that_is_brought_twice_is_one_answer(desk: Desk) -> None:
    await ask(desk)
    await ask(desk, question("q2", OTHERS))
    inbound = desk.reply(ReplyKind.NONE, text="1", link="link-0")
    assert await write(desk, "", inbound=inbound)
    await ask(desk, question("q3"))
    assert not await write(
        desk, "", inbound=msgspec.structs.replace(inbound, id=InboundId(inbound.id + 1), link="link-1")
    )
    assert await answers(desk) == [("q2", "chosen", "three")]


async def test_a_reprompt_is_sent_once_for_a_text_that_is_brought_twice(desk: Desk) -> None:
    await ask(desk)
    inbound = desk.reply(ReplyKind.NONE, text="what?", link="link-0")
    await write(desk, "", inbound=inbound)
    assert not await write(
        desk, "", inbound=msgspec.structs.replace(inbound, id=InboundId(inbound.id + 1), link="link-1")
    )
    assert await replies(desk) == ["Again q1"]


async def test_the_question_is_asked_twice_more_and_then_a_person_takes_over(desk: Desk) -> None:
    question_id = await ask(desk)
    for text in ("what", "who", "why", "1"):
        await write(desk, text)
        assert len(await replies(desk)) == (text in ("what", "who"))
    assert await answers(desk) == [("q1", "handed_over", None)]
    (event,) = [event for event in await desk.store.events(CLIENT, 0, 1000) if event.kind == Kind.DIALOG_HANDOVER]
    body = msgspec.json.decode(event.body)
    assert (body["account"], body["number"], body["reprompts"]) == ("A-1", NUMBER, 2)
    assert (await desk.message(question_id)).state is State.SUBMITTED


async def test_a_thought_in_two_texts_is_answered_once(desk: Desk) -> None:
    await ask(desk)
    await write(desk, "well you see")
    await write(desk, "it is like this")
    assert await replies(desk) == ["Again q1"]
    await write(desk, "no")
    assert len(await replies(desk)) == 1


async def test_a_person_takes_over_when_asked_for(desk: Desk) -> None:
    await ask(desk)
    await write(desk, "agent please")
    assert await answers(desk) == [("q1", "handed_over", None)]


async def test_a_question_can_be_answered_from_when_it_was_handed_over(desk: Desk) -> None:
    await ask(desk, handed_over=False)
    await write(desk, "1")
    assert await answers(desk) == []
    await hand_over(desk)
    await write(desk, "1")
    assert await answers(desk) == [("q1", "chosen", "now")]


async def test_an_answer_is_to_the_question_that_the_consumer_has(desk: Desk) -> None:
    await ask(desk, question("old"))
    await ask(desk, question("new", OTHERS), handed_over=False)
    await write(desk, "1")
    assert await answers(desk) == [("old", "chosen", "now")]
    await hand_over(desk)
    await write(desk, "1")
    assert await answers(desk) == [("old", "chosen", "now"), ("new", "chosen", "three")]


async def test_a_newer_question_takes_the_place_of_an_older(desk: Desk) -> None:
    await ask(desk, question("old"))
    await ask(desk, question("new", OTHERS))
    await write(desk, "tomorrow")
    await write(desk, "2")
    await write(desk, "2")
    assert await answers(desk) == [("new", "chosen", "six")]


async def test_dialogs_of_other_numbers_and_programs_are_others(desk: Desk) -> None:
    await ask(desk, question("mine"))
    await ask(desk, question("theirs", OTHERS), number=OTHER_NUMBER)
    await desk.grant(NUMBER, program="leases")
    deed = TextDeed(
        PLUGIN,
        CLIENT,
        "leases",
        "A-1",
        desk.acceptance(desk.submission(program="leases")),
        False,
        question("leases", OTHERS),
    )
    await desk.store.submit_for_plugin(deed)
    await hand_over(desk)
    await write(desk, "1")
    assert await answers(desk) == [("mine", "chosen", "now")]


@pytest.mark.parametrize("asked", [0, 1, 2])
async def test_a_stop_at_any_point_ends_all_dialogs(desk: Desk, asked: int) -> None:
    await ask(desk, question("old"))
    await ask(desk, question("new", OTHERS))
    for _ in range(asked):
        await write(desk, "what")
        assert len(await replies(desk)) == 1
    await write(desk, "STOP", ReplyKind.OPT_OUT)
    outcomes = await answers(desk)
    assert ("new", "opted_out", None) in outcomes
    assert all(outcome == "opted_out" for _, outcome, _ in outcomes)
    await write(desk, "1")
    await write(desk, "what")
    assert await answers(desk) == outcomes
    assert await replies(desk) == []


@pytest.mark.parametrize("kind", [ReplyKind.HELP, ReplyKind.NEEDS_REVIEW, ReplyKind.OPT_IN])
async def test_what_is_no_answer_leaves_the_dialog_as_it_is(desk: Desk, kind: ReplyKind) -> None:
    await ask(desk)
    await write(desk, "1", kind)
    assert await answers(desk) == []
    await write(desk, "1")
    assert await answers(desk) == [("q1", "chosen", "now")]


async def test_half_a_text_is_no_answer(desk: Desk) -> None:
    await ask(desk)
    await write(desk, "", inbound=desk.reply(ReplyKind.NONE, text="1", complete=False))
    assert await answers(desk) == []


async def test_an_answer_that_comes_too_late_is_none(desk: Desk) -> None:
    await ask(desk, question(hours=1))
    desk.now += 2 * DAY
    await write(desk, "1")
    assert await answers(desk) == []
    assert await desk.store.expire_dialogs(ExpireDialogs(desk.now, 10)) == [1]
    assert await desk.store.expire_dialogs(ExpireDialogs(desk.now, 10)) == [0]
    assert await answers(desk) == [("q1", "expired", None)]
    await write(desk, "1")
    assert len(await answers(desk)) == 1


async def test_the_time_to_answer_begins_when_the_question_is_due(desk: Desk) -> None:
    send_at = desk.now + 12 * HOUR
    await ask(desk, question(hours=1), handed_over=False, send_at=send_at, expires_at=send_at + DAY)
    assert await desk.store.expire_dialogs(ExpireDialogs(send_at, 10)) == [0]
    desk.now = send_at
    await hand_over(desk)
    await write(desk, "1")
    assert await answers(desk) == [("q1", "chosen", "now")]


async def test_a_question_that_was_refused_waits_for_nothing(desk: Desk) -> None:
    deed = TextDeed(
        PLUGIN, CLIENT, "q1", "A-1", desk.acceptance(desk.submission(number=OTHER_NUMBER)), False, question()
    )
    (accepted,) = await desk.store.submit_for_plugin(deed)
    assert accepted.state is State.BLOCKED
    desk.now += 30 * DAY
    assert await desk.store.expire_dialogs(ExpireDialogs(desk.now, 10)) == [0]


async def test_the_same_key_is_one_dialog(desk: Desk) -> None:
    first = await ask(desk)
    assert await ask(desk) == first
    await write(desk, "1")
    assert await answers(desk) == [("q1", "chosen", "now")]


async def test_a_plugin_calls_a_dialog_off(desk: Desk) -> None:
    await ask(desk, question("invoice/1/ask"))
    assert await desk.store.call_off(CallOff(PLUGIN, CLIENT, "invoice/11", desk.now)) == [0]
    assert await desk.store.call_off(CallOff("other", CLIENT, "invoice/1", desk.now)) == [0]
    assert await desk.store.call_off(CallOff(PLUGIN, CLIENT, "invoice/1", desk.now)) == [1]
    await write(desk, "1")
    assert await answers(desk) == []


def anew(desk: Desk, key: str) -> NewJob:
    return NewJob(PLUGIN, CLIENT, key, "A-1", desk.now, "send_late", "UTC", b"{}", desk.now)


async def test_what_is_said_anew_leaves_a_question_open_that_was_asked(desk: Desk) -> None:
    await ask(desk, question("invoice/1/ask"))
    wish = CallOff(PLUGIN, CLIENT, "invoice/1", desk.now, anew(desk, "anew"))
    assert await desk.store.call_off(wish) == [0]
    await write(desk, "1")
    assert await answers(desk) == [("invoice/1/ask", "chosen", "now")]


async def test_a_question_that_was_called_off_before_it_left_is_over(desk: Desk) -> None:
    await ask(desk, question("invoice/1/ask"), handed_over=False)
    wish = CallOff(PLUGIN, CLIENT, "invoice/1", desk.now, anew(desk, "anew"))
    assert await desk.store.call_off(wish) == [1]
    desk.now += 30 * DAY
    assert await desk.store.expire_dialogs(ExpireDialogs(desk.now, 10)) == [0]


async def test_nobody_is_asked_again_who_wants_no_more_by_another_way(desk: Desk) -> None:
    await ask(desk)
    await desk.revoke()
    await write(desk, "what")
    assert await replies(desk) == []
    assert await answers(desk) == [("q1", "opted_out", None)]
