"""Dialogs over the whole road: questions out, answers in, an opt-out before all else, whatever the links do."""

import msgspec
import trio.testing

from gateway.flow.prepare import Prepared, Wish
from gateway.model.clock import DAY, HOUR
from gateway.model.dialog import Choice
from gateway.model.events import Kind
from gateway.model.message import State
from gateway.model.notices import Answer
from gateway.smpp import const
from gateway.store.deeds import TextDeed
from gateway.store.dialogs import NewDialog
from tests.flow.rig import NUMBER, Rig, Smsc, rig, settle
from tests.notices import notices_for

PLUGIN = "promises"
PROMISE = (
    Choice(id="now", words=("1", "pay now")),
    Choice(id="day_1", words=("2", "tomorrow")),
    Choice(id="person", words=("3", "talk to a person")),
)
COUNTS = tuple(Choice(id=f"n{count}", words=(str(count),)) for count in (3, 6, 9))


async def ask(
    flow: Rig, key: str, choices: tuple[Choice, ...] = PROMISE, *, category: str = "servicing", hours: int = 72
) -> None:
    """A plugin asks a question of the number."""
    client = flow.config.clients[0]
    wish = Wish(NUMBER, "servicing", category, f"Question {key}. Reply STOP to opt out.", account="A-1")
    prepared = flow.submitting.preparation.of(client, wish, flow.wall)
    assert isinstance(prepared, Prepared)
    new = NewDialog(PLUGIN, "promise", key, "A-1", choices, f"Again {key}", b"{}", hours)
    acceptance = flow.submitting.acceptance(client.id, [prepared], flow.wall)
    (accepted,) = await flow.store.submit_for_plugin(TextDeed(PLUGIN, client.id, key, "A-1", acceptance, False, new))
    assert accepted.state is not State.BLOCKED
    await settle()


async def answers(flow: Rig) -> list[tuple[str, str, str | None]]:
    notices = await notices_for(flow.store, PLUGIN)
    told = [msgspec.json.decode(one.body, type=Answer) for one in notices if one.kind == "answer"]
    return [(answer.key, answer.outcome, answer.choice) for answer in told]


def said(smsc: Smsc) -> list[str]:
    """What the consumer was sent, question by question."""
    return [submit.short_message.decode("ascii").partition(".")[0] for submit in smsc.submits]


async def test_a_question_is_answered(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await ask(flow, "q1")
        assert await smsc.text("Tomorrow.") == const.ESME_ROK
        await settle()
        assert await answers(flow) == [("q1", "chosen", "day_1")]
        assert said(smsc) == ["Question q1"]


async def test_what_is_no_answer_is_asked_again_twice_and_then_handed_over(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await ask(flow, "q1")
        for words in ("what is this", "I do not know", "maybe later", "2"):
            await smsc.text(words)
            await settle()
        assert said(smsc) == ["Question q1", "Again q1", "Again q1"]
        assert await answers(flow) == [("q1", "handed_over", None)]
        events = await flow.store.events(flow.client, 0, 100)
        assert [event.kind for event in events].count(Kind.DIALOG_HANDOVER) == 1


async def test_an_opt_out_wins_at_any_point(autojump_clock: trio.testing.MockClock) -> None:
    for before in ((), ("what",), ("what", "who")):
        for words in ("STOP", "stop 1", "Cancel", "please stop texting me", "END"):
            async with rig() as flow:
                _, smsc = await flow.link()
                await flow.consent()
                await ask(flow, "old", COUNTS)
                await ask(flow, "new")
                for word in before:
                    await smsc.text(word)
                    await settle()
                asked = len(smsc.submits)
                await smsc.text(words)
                await smsc.text("1")
                await settle()
                told = await answers(flow)
                assert {outcome for _, outcome, _ in told} == {"opted_out"}, (before, words, told)
                assert len(smsc.submits) == asked + 1, "the confirmation and nothing else"


async def test_help_is_answered_and_the_question_stays(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await ask(flow, "q1")
        await smsc.text("HELP")
        await settle()
        assert await answers(flow) == []
        assert len(smsc.submits) == 2
        await smsc.text("1")
        assert await answers(flow) == [("q1", "chosen", "now")]


async def test_two_dialogs_never_cross(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await ask(flow, "promise")
        await ask(flow, "counts", COUNTS)
        await smsc.text("3")
        await settle()
        assert await answers(flow) == [("counts", "chosen", "n3")]
        await smsc.text("1")
        await smsc.text("tomorrow")
        await settle()
        assert await answers(flow) == [("counts", "chosen", "n3")]
        assert said(smsc) == ["Question promise", "Question counts"]


async def test_an_answer_that_is_brought_again_over_another_link_counts_once(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await ask(flow, "q1")
        await smsc.text("what")
        await settle()
        await ask(flow, "q2")
        await smsc.text("1")
        await smsc.stream.aclose()
        await settle()
        _, again = await flow.link()
        for words in ("what", "1"):
            assert await again.text(words) == const.ESME_ROK
        await settle()
        assert await answers(flow) == [("q2", "chosen", "now")]
        assert said(smsc) + said(again) == ["Question q1", "Again q1", "Question q2"]


async def test_nobody_answers_in_time(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await ask(flow, "q1", hours=2)
        flow.wall += 3 * HOUR
        sweep = flow.sweep()
        await sweep.once()
        await smsc.text("1")
        await settle()
        assert await answers(flow) == [("q1", "expired", None)]
        flow.wall += DAY
        await sweep.once()
        assert len(await answers(flow)) == 1


async def test_an_unclear_reply_is_a_persons_to_read_and_is_not_asked_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await ask(flow, "q1")
        await smsc.text("Goodbye")
        await settle()
        assert await answers(flow) == []
        assert said(smsc) == ["Question q1"]
