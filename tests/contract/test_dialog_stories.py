"""Any order of questions, answers, redeliveries and opt-outs: every answer goes to the question that the consumer has, once."""

import msgspec
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.dialog import Choice
from gateway.model.ids import InboundId
from gateway.model.inbound import Inbound, InboundEffect, ReplyKind
from gateway.model.message import Origin, State
from gateway.model.notices import Answer
from gateway.rules.dialogs import Outcome, advance
from gateway.store.deeds import TextDeed
from gateway.store.dialogs import Asker, NewDialog, Repeat
from gateway.store.inbound import Reception
from gateway.store.sqlite import open_memory
from tests.contract.desk import CLIENT, NUMBER, PROGRAM, Desk
from tests.notices import notices_for

PLUGIN = "promises"
KINDS = {
    "promise": (Choice(id="now", words=("1",)), Choice(id="later", words=("2", "tomorrow"))),
    "counts": (Choice(id="n3", words=("3",)), Choice(id="n6", words=("6", "2"))),
}
ASKER = Asker(NUMBER, CLIENT, PROGRAM)


class Question:
    """What the model knows of a dialog."""

    def __init__(self, key: str, kind: str) -> None:
        self.key = key
        self.choices = KINDS[kind]
        self.handed = False
        self.open = True
        self.reprompts = 0


class Story:
    """The store and a model of it, side by side."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.questions: list[Question] = []
        self.expected: list[tuple[str, str, str | None]] = []
        self.last: Inbound | None = None
        self.asked_again = 0

    async def ask(self, kind: str) -> None:
        desk, key = self.desk, f"{kind}/{len(self.questions)}"
        await desk.grant()
        new = NewDialog(PLUGIN, kind, key, "A-1", KINDS[kind], "Again", b"{}", 72)
        deed = TextDeed(PLUGIN, CLIENT, key, "A-1", desk.acceptance(desk.submission(account="A-1")), False, new)
        (accepted,) = await desk.store.submit_for_plugin(deed)
        question = Question(key, kind)
        question.open = accepted.state is not State.BLOCKED
        self.questions.append(question)

    async def hand_over(self) -> None:
        segments = await self.desk.claim(100)
        await self.desk.settle(*(self.desk.answer(segment) for segment in segments))
        self.asked_again += sum(segment.origin is Origin.REPLY for segment in segments)
        for question in self.questions:
            question.handed = True

    async def say(self, text: str) -> None:
        self.last = self.desk.reply(ReplyKind.NONE, text=text, link="link-0")
        await self._bring(self.last)
        waiting = [question for question in self.questions if question.open and question.handed]
        for older in waiting[:-1]:
            older.open = False
        if not waiting:
            return
        question = waiting[-1]
        move = advance(question.choices, question.reprompts, text)
        if move.outcome is Outcome.ASK_AGAIN:
            question.reprompts += 1
            before = self.asked_again
            await self.hand_over()
            assert self.asked_again == before + 1
        else:
            question.open = False
            self.expected.append((question.key, move.outcome.value, move.choice))

    async def bring_again(self) -> None:
        if self.last is not None:
            copy = msgspec.structs.replace(self.last, id=InboundId(self.last.id + 1), link="link-1")
            assert not await self._bring(copy)
            self.last = None

    async def stop(self) -> None:
        inbound = self.desk.reply(ReplyKind.OPT_OUT, text="STOP")
        await self.desk.store.receive_inbound(
            [Reception(InboundEffect(inbound, (CLIENT,), (), NUMBER), None, None, frozenset({"link-1"}))]
        )
        for question in self.questions:
            if question.open:
                question.open = False
                self.expected.append((question.key, "opted_out", None))

    async def _bring(self, inbound: Inbound) -> bool:
        desk = self.desk
        asked = (await desk.store.standings([ASKER], desk.now))[ASKER].dialog
        repeat = None
        if asked is not None:
            words = desk.submission(category="system", text=asked.again, origin=Origin.REPLY, priority=0)
            repeat = Repeat(asked.message_id, desk.acceptance(words))
        effect = InboundEffect(inbound, (), (), NUMBER)
        return (await desk.store.receive_inbound([Reception(effect, None, None, frozenset({"link-1"}), repeat)]))[0]

    async def told(self) -> list[tuple[str, str, str | None]]:
        notices = await notices_for(self.desk.store, PLUGIN)
        answers = [msgspec.json.decode(one.body, type=Answer) for one in notices if one.kind == "answer"]
        assert len({answer.id for answer in answers}) == len(answers)
        return [(answer.key, answer.outcome, answer.choice) for answer in answers]


STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(sorted(KINDS))),
    st.tuples(st.just("hand_over")),
    st.tuples(st.just("say"), st.sampled_from(["1", "2", "3", "tomorow", "what", "agent", "6", "not 1"])),
    st.tuples(st.just("bring_again")),
    st.tuples(st.just("stop")),
)


async def tell(steps: list[tuple[str, ...]]) -> None:
    with trio.fail_after(60):
        async with open_memory() as store:
            story = Story(Desk(store))
            for name, *rest in steps:
                story.desk.now += 1000
                await getattr(story, name)(*rest)
            assert sorted(await story.told(), key=str) == sorted(story.expected, key=str)
            kept = [key for key, outcome, _ in story.expected if outcome == "chosen"]
            assert len(set(kept)) == len(kept)


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_a_story_comes_out_as_the_model_says(steps: list[tuple[str, ...]]) -> None:
    trio.run(tell, steps)
