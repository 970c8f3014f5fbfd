"""Requests to opt in: made once, answered by text or code, lapsed; and what an answer lets go or ends."""

from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
import pytest

from gateway.errors import Code
from gateway.model.consent import ConsentChange, ConsentState, Method, Optin
from gateway.model.ids import MessageId, OptinId
from gateway.model.message import Facts, Origin, Ruling, State, Submission
from gateway.model.profile import Party, Profile, ProfileChange
from gateway.rules.codes import MOST_ATTEMPTS, digest_code
from gateway.store.accept import Acceptance
from gateway.store.consent import disown, touch
from gateway.store.numbers import know_party
from gateway.store.optins import Lapse, Refusal, Request, Requested, Trial, Tried, answer_optin
from gateway.store.sqlite import SqliteStore
from gateway.store.unit import Unit
from gateway.store.writer import Verb
from tests.contract.desk import CATEGORY, CLIENT, DAY, NUMBER, OTHER_NUMBER, PROGRAM, Desk, judge

P = ParamSpec("P")
R = TypeVar("R")

MINUTE = 60_000
CODE = "4711"
PENDING = b'{"at":0,"outcome":"hold","code":"consent.pending","findings":[]}'


def _judge(submission: Submission, facts: Facts) -> Ruling:
    if submission.origin is Origin.CODE:
        return Ruling(State.HELD, submission.expires_at, PENDING, Code.CONSENT_PENDING)
    return judge(submission, facts)


async def within(desk: Desk, verb: Callable[Concatenate[Unit, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run what another verb does in its transaction in one of its own."""

    def run(unit: Unit, items: Sequence[None]) -> list[R]:
        return [verb(unit, *args, **kwargs) for _ in items]

    assert isinstance(desk.store, SqliteStore)
    return (await desk.store.writer.post(Verb(run, 11), [None]))[0]


class Agent:
    """Somebody who asks consumers to opt in."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._last = 0

    async def ask(
        self, method: Method = Method.QUICK, most: int = 3, fresh_days: int | None = None, **changes: object
    ) -> Requested:
        desk = self.desk
        self._last += 1
        coded = method in (Method.AGENT_PIN, Method.APPROVAL_CODE)
        asking = desk.submission(origin=Origin.INVITATION, text="Reply YES.", expires_at=desk.now + DAY)
        texts = [asking]
        if method is Method.AGENT_PIN:
            texts.append(desk.submission(origin=Origin.CODE, text=f"Code {CODE}", expires_at=desk.now + DAY))
        optin = Optin(
            OptinId(self._last),
            CLIENT,
            PROGRAM,
            CATEGORY,
            NUMBER,
            method,
            ConsentState.INVITED,
            desk.now,
            desk.now + DAY,
            "Reply YES.",
            asking.id,
            code_message_id=MessageId(texts[1].id) if len(texts) > 1 else None,
            salt=b"salt",
            digest=digest_code(b"salt", NUMBER, PROGRAM, CODE) if coded else b"",
            code_ttl=10 * MINUTE,
        )
        optin = msgspec.structs.replace(optin, **changes)
        texts = [msgspec.structs.replace(text, number=optin.number, category=optin.category) for text in texts]
        request = Request(optin, Acceptance(tuple(texts), _judge, CLIENT, desk.now), most, fresh_days)
        return (await desk.store.request_optin(request))[0]

    async def asked(self, method: Method = Method.QUICK) -> Optin:
        """Ask, and have the carrier take the text."""
        outcome = await self.ask(method)
        assert outcome.optin is not None, outcome.refusal
        await self.desk.settle(*[self.desk.answer(segment) for segment in await self.desk.claim()])
        return outcome.optin

    async def answer(self, yes: bool = True, **scope: str) -> Optin | None:
        return await within(self.desk, answer_optin, NUMBER, CLIENT, scope.get("program", PROGRAM), yes, self.desk.now)

    async def tell(self, optin: Optin, code: str = CODE) -> Tried:
        return (await self.desk.store.try_code(Trial(optin.id, CLIENT, code, self.desk.now)))[0]

    async def state(self, category: str = CATEGORY) -> ConsentState:
        return next(
            (
                consent.state
                for consent in await self.desk.store.consents_of(NUMBER, CLIENT)
                if consent.category == category
            ),
            ConsentState.UNKNOWN,
        )


@pytest.fixture
def agent(desk: Desk) -> Agent:
    return Agent(desk)


async def _kinds(desk: Desk) -> list[str]:
    events = await desk.store.events(CLIENT, 0, 1000)
    return [event.kind.removeprefix("consent.") for event in events if event.kind.startswith("consent.")]


async def test_quick_yes_confirms(desk: Desk, agent: Agent) -> None:
    optin = await agent.asked()
    assert await agent.state() is ConsentState.INVITED
    assert [one.id for one in await desk.store.open_optins(NUMBER, CLIENT, PROGRAM)] == [optin.id]
    answered = await agent.answer()
    assert answered is not None
    assert (answered.id, answered.state) == (optin.id, ConsentState.CONFIRMED)
    assert await agent.state() is ConsentState.CONFIRMED
    assert await desk.store.open_optins(NUMBER, CLIENT, PROGRAM) == []
    assert await _kinds(desk) == ["invited", "granted"]
    (accepted,) = await desk.accept(desk.submission())
    assert accepted.state is State.QUEUED


async def test_nobody_is_texted_while_the_answer_is_out(desk: Desk, agent: Agent) -> None:
    await agent.asked()
    (accepted,) = await desk.accept(desk.submission())
    assert (accepted.state, accepted.code) == (State.BLOCKED, Code.CONSENT_MISSING)


async def test_yes_means_nothing_when_nothing_was_asked(desk: Desk, agent: Agent) -> None:
    assert await agent.answer() is None
    await agent.asked()
    assert await agent.answer(program="cards") is None
    desk.now += DAY
    assert await agent.answer() is None  # too late
    assert await agent.state() is ConsentState.INVITED


async def test_no_declines(desk: Desk, agent: Agent) -> None:
    await agent.asked()
    answered = await agent.answer(yes=False)
    assert answered is not None
    assert answered.state is ConsentState.DECLINED
    assert await agent.state() is ConsentState.DECLINED
    assert await agent.answer() is None
    assert await _kinds(desk) == ["invited", "declined"]


async def test_a_pin_goes_after_yes_and_confirms_once_an_agent_has_it(desk: Desk, agent: Agent) -> None:
    optin = await agent.asked(Method.AGENT_PIN)
    assert optin.code_message_id is not None
    assert await desk.claim() == ()
    early = await agent.tell(optin)
    assert (early.right, early.was_open) == (False, False)  # nobody can know it yet
    desk.now += MINUTE
    answered = await agent.answer()
    assert answered is not None
    assert (answered.state, answered.expires_at) == (ConsentState.CODE_SENT, desk.now + 10 * MINUTE)
    assert await desk.kinds(optin.code_message_id) == ["held", "queued"]
    assert (await desk.last_news(optin.code_message_id)).cause == "optin"
    (segment,) = await desk.claim()
    assert (segment.message_id, segment.text, segment.expires_at) == (
        optin.code_message_id, f"Code {CODE}", desk.now + 10 * MINUTE,
    )  # fmt: skip
    await desk.settle(desk.answer(segment))
    assert await agent.answer() is None  # YES once more proves nothing
    assert await agent.state() is ConsentState.CODE_SENT
    told = await agent.tell(optin)
    assert told.right
    assert await agent.state() is ConsentState.CONFIRMED
    again = await agent.tell(optin)
    assert (again.right, again.was_open) == (False, False)  # single use
    assert CODE not in (await desk.message(optin.code_message_id)).text
    assert await _kinds(desk) == ["invited", "code_sent", "granted"]


async def test_a_yes_is_for_the_newest_request_whose_time_is_not_over(desk: Desk, agent: Agent) -> None:
    await agent.asked()
    assert (await agent.ask(Method.AGENT_PIN, category="collections")).refusal is None
    await agent.answer()
    assert await agent.state("collections") is ConsentState.CODE_SENT
    desk.now += 10 * MINUTE
    await agent.answer()
    assert await agent.state() is ConsentState.CONFIRMED


async def test_a_pin_counts_for_its_time(desk: Desk, agent: Agent) -> None:
    optin = await agent.asked(Method.AGENT_PIN)
    await agent.answer()
    desk.now += 10 * MINUTE
    late = await agent.tell(optin)
    assert (late.right, late.was_open) == (False, False)
    assert await desk.store.lapse_optins(Lapse(desk.now, 10)) == [1]
    assert await agent.state() is ConsentState.EXPIRED


async def test_guessing_ends_the_request(desk: Desk, agent: Agent) -> None:
    optin = await agent.asked(Method.AGENT_PIN)
    await agent.answer()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        tried = await agent.tell(optin, f"{attempt:04}")
        assert tried.optin is not None
        assert tried.optin.attempts == attempt
    assert tried.optin is not None
    assert tried.optin.state is ConsentState.EXPIRED
    assert await agent.state() is ConsentState.EXPIRED
    right = await agent.tell(optin)
    assert (right.right, right.was_open) == (False, False)
    assert await agent.state() is ConsentState.EXPIRED


async def test_of_many_guesses_at_once_five_count(desk: Desk, agent: Agent) -> None:
    optin = await agent.asked(Method.AGENT_PIN)
    await agent.answer()
    posted = [desk.store.try_code(Trial(optin.id, CLIENT, f"{n:04}", desk.now)) for n in range(50)]
    posted.append(desk.store.try_code(Trial(optin.id, CLIENT, CODE, desk.now)))
    tried = [(await post)[0] for post in posted]
    assert sum(one.was_open for one in tried) == MOST_ATTEMPTS
    assert not any(one.right for one in tried)


async def test_of_two_who_are_right_at_once_one_is(desk: Desk, agent: Agent) -> None:
    optin = await agent.asked(Method.AGENT_PIN)
    await agent.answer()
    posted = [desk.store.try_code(Trial(optin.id, CLIENT, CODE, desk.now)) for _ in range(20)]
    assert [(await post)[0].right for post in posted].count(True) == 1
    assert (await _kinds(desk)).count("granted") == 1


async def test_a_code_of_another_client_s_request_is_none(desk: Desk, agent: Agent) -> None:
    optin = await agent.asked(Method.APPROVAL_CODE)
    (tried,) = await desk.store.try_code(Trial(optin.id, "globex", CODE, desk.now))
    assert tried == Tried(None, was_open=False)
    assert await desk.store.optin(optin.id, "globex") is None
    assert await agent.state() is ConsentState.INVITED


@pytest.mark.parametrize("method", [Method.AGENT_PIN, Method.APPROVAL_CODE])
async def test_a_code_that_comes_back_after_its_request_ended_goes_no_more(
    desk: Desk, agent: Agent, method: Method
) -> None:
    optin = await agent.asked(method) if method is Method.AGENT_PIN else (await agent.ask(method)).optin
    assert optin is not None
    if method is Method.AGENT_PIN:
        await agent.answer()
    (segment,) = await desk.claim()
    for _ in range(MOST_ATTEMPTS):
        await agent.tell(optin, "0000")
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=desk.now, spent=False))
    assert await desk.claim() == ()
    message = await desk.message(segment.message_id)
    assert (message.state, message.code) == (State.CANCELLED, Code.OPTIN_CLOSED)
    assert (await desk.last_news(segment.message_id)).cause == "optin"


async def test_an_invitation_that_comes_back_while_it_is_open_goes_again(desk: Desk, agent: Agent) -> None:
    await agent.ask()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=desk.now, spent=False))
    assert await desk.claim() == (segment,)


@pytest.mark.parametrize("method", [Method.AGENT_PIN, Method.APPROVAL_CODE])
async def test_a_code_that_was_told_tells_whose_number_it_is(desk: Desk, agent: Agent, method: Method) -> None:
    """Whom the agent speaks with holds the handset: the right party of 12 CFR 1006.6(d). A YES alone is anybody's."""
    optin = await agent.asked(method)
    if method is Method.AGENT_PIN:
        await agent.answer()
    await agent.tell(optin, "0000")
    assert await desk.store.profile_of(NUMBER, CLIENT) is None
    await agent.tell(optin)
    assert await desk.store.profile_of(NUMBER, CLIENT) == Profile(party=Party.CONSUMER, changed_at=desk.now)
    assert await desk.store.profile_of(NUMBER, "globex") is None


async def test_a_code_leaves_what_the_client_said_of_a_number(desk: Desk, agent: Agent) -> None:
    said = Profile(region="US-DC", account="A-1", changed_at=desk.now)
    await desk.store.change_profile(ProfileChange(NUMBER, CLIENT, said, desk.now))
    await agent.tell(await agent.asked(Method.APPROVAL_CODE))
    known = msgspec.structs.replace(said, party=Party.CONSUMER)
    assert await desk.store.profile_of(NUMBER, CLIENT) == known
    third = msgspec.structs.replace(said, party=Party.SPOUSE)
    await desk.store.change_profile(ProfileChange(NUMBER, CLIENT, third, desk.now))
    await within(desk, know_party, NUMBER, CLIENT, Party.CONSUMER, desk.now + 1)
    assert await desk.store.profile_of(NUMBER, CLIENT) == third


@pytest.mark.parametrize("by_code", [True, False])
async def test_an_approval_code_or_a_yes(desk: Desk, agent: Agent, by_code: bool) -> None:
    optin = await agent.asked(Method.APPROVAL_CODE)
    if by_code:
        assert (await agent.tell(optin)).right
    else:
        await agent.answer()
    assert await agent.state() is ConsentState.CONFIRMED
    assert (await desk.message(optin.message_id)).text == optin.wording


async def test_a_yes_sends_the_rest_of_a_text_that_came_to_wait_half_way(desk: Desk, agent: Agent) -> None:
    await desk.grant(age=70 * DAY)
    text = desk.submission(segments=2)
    await desk.accept(text)
    (first,) = await desk.claim(1)
    asked = await agent.ask(Method.PAYMENT_PLAN, fresh_days=60)
    assert asked.optin is not None
    assert {segment.message_id for segment in await desk.claim()} == {asked.optin.message_id}
    await desk.settle(desk.answer(first))
    desk.now += MINUTE
    await agent.answer()
    assert [(segment.message_id, segment.n) for segment in await desk.claim()] == [(text.id, 2)]


async def test_a_payment_plan_waits_for_yes_and_goes_with_it(desk: Desk, agent: Agent) -> None:
    await agent.asked(Method.PAYMENT_PLAN)
    now, later = desk.submission(), desk.submission(send_at=desk.now + 60 * MINUTE, segments=2)
    elsewhere = desk.submission(category="collections")
    accepted = await desk.accept(now, later, elsewhere)
    assert [(one.state, one.code) for one in accepted] == [
        (State.HELD, Code.CONSENT_PENDING),
        (State.HELD, Code.CONSENT_PENDING),
        (State.BLOCKED, Code.CONSENT_MISSING),
    ]
    assert await desk.claim() == ()
    desk.now += MINUTE
    await agent.answer()
    assert await desk.state(now.id) is State.QUEUED
    assert await desk.kinds(now.id) == ["held", "queued"]
    assert [segment.message_id for segment in await desk.claim()] == [now.id]
    desk.now += 60 * MINUTE
    assert [segment.message_id for segment in await desk.claim()] == [later.id, later.id]


@pytest.mark.parametrize("end", ["no", "lapse", "stop", "disowned"])
async def test_a_payment_plan_that_gets_no_yes_never_goes(desk: Desk, agent: Agent, end: str) -> None:
    await agent.asked(Method.PAYMENT_PLAN)
    text = desk.submission(expires_at=desk.now + 3 * DAY)
    await desk.accept(text)
    code = Code.CONSENT_MISSING
    if end == "no":
        await agent.answer(yes=False)
    elif end == "lapse":
        desk.now += DAY
        assert await desk.store.lapse_optins(Lapse(desk.now, 10)) == [1]
        assert await desk.store.lapse_optins(Lapse(desk.now, 10)) == [0]
    elif end == "stop":
        await desk.stop()
        code = Code.CONSENT_OPTED_OUT
    else:
        assert await within(desk, disown, NUMBER, CLIENT, desk.now)
        code = Code.CONSENT_OPTED_OUT
    message = await desk.message(text.id)
    assert (message.state, message.code) == (State.BLOCKED, code)
    assert await agent.answer() is None
    desk.now += 3 * DAY
    assert text.id not in {segment.message_id for segment in await desk.claim()}


async def test_what_waits_for_an_answer_expires_by_its_own_validity(desk: Desk, agent: Agent) -> None:
    await agent.asked(Method.PAYMENT_PLAN)
    text = desk.submission(expires_at=desk.now + MINUTE)
    await desk.accept(text)
    desk.now += MINUTE
    assert await desk.claim() == ()
    assert await desk.state(text.id) is State.EXPIRED


async def test_a_number_is_asked_as_often_as_it_may_be(desk: Desk, agent: Agent) -> None:
    for account in ("1", "2"):
        assert (await agent.ask(most=2, account=account)).refusal is None
        await agent.answer(yes=False)
    assert (await agent.ask(most=2, account="3")).refusal is Refusal.SPENT
    assert (await agent.ask(most=2, category="collections")).refusal is Refusal.SPENT
    assert (await agent.ask(most=2, number=OTHER_NUMBER)).refusal is None


async def test_asking_twice_asks_once(desk: Desk, agent: Agent) -> None:
    optin = await agent.asked()
    again = await agent.ask()
    assert (again.refusal, again.optin and again.optin.id) == (Refusal.OPEN, optin.id)
    assert await desk.claim() == ()


async def test_who_agreed_or_opted_out_is_not_asked(desk: Desk, agent: Agent) -> None:
    await desk.grant()
    assert (await agent.ask()).refusal is Refusal.STANDS
    await desk.stop()
    assert (await agent.ask()).refusal is Refusal.OPTED_OUT
    await desk.start()
    assert (await agent.ask()).refusal is Refusal.STANDS
    await desk.revoke(program=PROGRAM, category=CATEGORY)
    assert (await agent.ask()).refusal is Refusal.OPTED_OUT
    assert await desk.store.open_optins(NUMBER, CLIENT, PROGRAM) == []


async def test_a_request_whose_text_may_not_go_is_none(desk: Desk, agent: Agent) -> None:
    outcome = await agent.ask(Method.QUICK)
    assert outcome.optin is not None
    await agent.answer(yes=False)
    desk.now += DAY
    refused = Acceptance((desk.submission(origin=Origin.INVITATION, segments=99),), judge, CLIENT, desk.now)
    optin = msgspec.structs.replace(outcome.optin, id=OptinId(99))
    (again,) = await desk.store.request_optin(Request(optin, refused, 9))
    assert again.optin is None
    assert again.invitation is not None
    assert again.invitation.code is Code.CONTENT_TOO_LONG
    assert await agent.state() is ConsentState.DECLINED
    assert await desk.store.optin(OptinId(99), CLIENT) is None


async def test_a_stop_takes_an_invitation_back_that_did_not_go_yet(desk: Desk, agent: Agent) -> None:
    outcome = await agent.ask()
    assert outcome.optin is not None
    await desk.stop()
    assert [segment.origin for segment in await desk.claim()] == [Origin.REPLY]
    assert await desk.state(outcome.optin.message_id) is State.BLOCKED
    assert await desk.store.open_optins(NUMBER, CLIENT, PROGRAM) == []
    await desk.start()
    assert await agent.answer() is None
    (accepted,) = await desk.accept(desk.submission())
    assert accepted.code is Code.CONSENT_WITHDRAWN  # it never was a consent


async def test_a_stop_to_a_request_that_renews_a_consent_from_after_an_earlier_stop_is_news(
    desk: Desk, agent: Agent
) -> None:
    await desk.stop()
    desk.now += 90 * DAY
    assert await desk.grant(age=70 * DAY)
    later = desk.submission(send_at=desk.now + DAY, expires_at=desk.now + 2 * DAY)
    await desk.accept(later)
    assert (await agent.ask(fresh_days=60)).refusal is None
    desk.now += MINUTE
    assert await desk.revoke()
    message = await desk.message(later.id)
    assert (message.state, message.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)
    assert not await desk.revoke()


async def test_a_consent_from_elsewhere_answers_the_request(desk: Desk, agent: Agent) -> None:
    outcome = await agent.ask(Method.PAYMENT_PLAN)
    assert outcome.optin is not None
    text = desk.submission()
    await desk.accept(text)
    await desk.grant()
    assert await desk.state(text.id) is State.QUEUED
    assert await desk.state(outcome.optin.message_id) is State.CANCELLED
    assert await desk.store.open_optins(NUMBER, CLIENT, PROGRAM) == []


# Whose number it is, and when it was heard of.


async def test_a_disowned_number_is_not_brought_back_by_who_has_it_now(desk: Desk) -> None:
    await desk.grant()
    text = await desk.queue()
    assert await within(desk, disown, NUMBER, CLIENT, desk.now)
    assert not await within(desk, disown, NUMBER, CLIENT, desk.now)
    assert await desk.state(text) is State.BLOCKED
    for word in (desk.stop, desk.start):
        desk.now += 1
        await word()
        (accepted,) = await desk.accept(desk.submission())
        assert accepted.code is Code.CONSENT_OPTED_OUT
    desk.now += 1
    assert await desk.grant()  # who has it now agrees
    (accepted,) = await desk.accept(desk.submission())
    assert accepted.state is State.QUEUED
    desk.now += 1
    await desk.stop()
    (accepted,) = await desk.accept(desk.submission())
    assert accepted.code is Code.CONSENT_OPTED_OUT


async def test_an_account_can_be_ended_alone(desk: Desk) -> None:
    await desk.grant()
    texts = [desk.submission(account=account) for account in ("one", "two", None)]
    await desk.accept(*texts)
    assert await within(desk, disown, NUMBER, CLIENT, desk.now, account="one")
    assert [await desk.state(text.id) for text in texts] == [State.BLOCKED, State.QUEUED, State.QUEUED]
    desk.now += 1
    assert await desk.grant()
    accepted = await desk.accept(*[desk.submission(account=account) for account in ("one", "two", None)])
    assert [one.code for one in accepted] == [Code.CONSENT_OPTED_OUT, None, None]


async def test_what_a_person_agreed_to_is_fresh_from_then_on(desk: Desk) -> None:
    async def fresh_at() -> list[int]:
        return [consent.fresh_at for consent in await desk.store.consents_of(NUMBER, CLIENT)]

    await desk.grant(age=5)
    await desk.grant(program="cards", age=5)
    assert await fresh_at() == [desk.now - 5, desk.now - 5]
    await within(desk, touch, NUMBER, CLIENT, "cards", desk.now + 7)
    assert await fresh_at() == [desk.now + 7, desk.now - 5]
    await within(desk, touch, NUMBER, CLIENT, "cards", desk.now)  # an older text that came late
    assert await fresh_at() == [desk.now + 7, desk.now - 5]
    assert await _kinds(desk) == ["granted", "granted"]


async def test_the_same_consent_twice_is_one(desk: Desk) -> None:
    change = ConsentChange(
        NUMBER, CLIENT, PROGRAM, CATEGORY, ConsentState.CONFIRMED, desk.now, "api", b'{"medium":"paper"}', desk.now
    )
    assert await desk.store.change_consents([change, change]) == [True, True]
    later = msgspec.structs.replace(change, at=desk.now + 5)
    assert await desk.store.change_consents([later]) == [True]
    assert await _kinds(desk) == ["granted"]
    other = msgspec.structs.replace(later, evidence=b'{"medium":"call"}')
    assert await desk.store.change_consents([other]) == [True]
    assert await _kinds(desk) == ["granted", "granted"]


@pytest.mark.parametrize(
    ("program", "category", "ends"),
    [(PROGRAM, "offers", False), ("other", "*", False), (PROGRAM, "*", True), ("*", "*", True)],
)
async def test_an_opt_out_ends_the_requests_in_its_scope_and_no_others(
    desk: Desk, agent: Agent, program: str, category: str, ends: bool
) -> None:
    await agent.asked()
    assert await desk.revoke(NUMBER, program, category)
    assert await agent.state() is (ConsentState.REVOKED if ends else ConsentState.INVITED)
    assert (await agent.answer() is None) is ends
