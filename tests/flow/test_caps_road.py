"""Caps, hours and the opt-out line of texts that wait: what is true when a text goes, not only when it is judged.

Owns: several texts to the same people. Does not own: one rule by itself (tests/rules), or one text's road (test_policy_road).
"""

import pytest
import trio
import trio.testing

from gateway.errors import Code
from gateway.flow.check import Check, Verdict
from gateway.flow.prepare import Wish
from gateway.model.address import Number
from gateway.model.clock import DAY, HOUR, read_instant
from gateway.model.contact import Channel, Report
from gateway.model.decision import Decision
from gateway.model.message import Accepted, State
from gateway.model.profile import Profile, ProfileChange
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSm, SubmitSmResp
from gateway.store.doubt import Cancellation
from gateway.store.facts import Lookback, Want
from tests.flow.rig import NUMBER, Rig, settle
from tests.flow.test_policy_road import CLOSING, MORNING, NEXT_MORNING, WORDS, decision_of, strict

LINED = f"{WORDS} Reply STOP to opt out."


async def due_of(flow: Rig, accepted: Accepted) -> int | None:
    return (await flow.message(accepted)).segments[0].due_at


async def pass_to(flow: Rig, at: int) -> None:
    flow.wall = at
    flow.dispatch.wake(["simulator"])
    await settle()


async def check(flow: Rig, *wishes: Wish) -> list[Verdict]:
    """What a dry run says of each."""
    trial = Check(flow.config, flow.store, flow.submitting, flow.now)
    verdicts = [
        judged.verdict async for judged in trial.judge(flow.config.clients[0], wishes, None, trial.charters(()))
    ]
    return [verdict for verdict in verdicts if isinstance(verdict, Verdict)]


async def test_of_texts_that_come_in_the_night_one_goes_when_the_hours_open_and_each_other_when_there_is_room() -> None:
    async with strict(CLOSING + HOUR) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        foretold = await check(flow, *(Wish(NUMBER, "servicing", "servicing", WORDS, account=name) for name in "ABC"))
        texts = [await flow.submit(WORDS, account=name) for name in "ABC"]
        dues = [NEXT_MORNING + days * DAY for days in range(3)]
        assert [await due_of(flow, text) for text in texts] == dues == [verdict.due_at for verdict in foretold]
        assert [text.code for text in texts] == [Code.QUIET_HOURS, Code.FREQUENCY_CONSUMER, Code.FREQUENCY_CONSUMER]
        # None expires while it waits for its turn: the day that it is good for begins with that.
        for gone, due in enumerate(dues, 1):
            await pass_to(flow, due)
            assert len(smsc.submits) == gone
        assert [await flow.state(text) for text in texts] == [State.SUBMITTED] * 3


@pytest.mark.parametrize("account", ["A", None])
async def test_texts_of_one_request_about_one_debt_count_each_other_whatever_their_numbers(account: str | None) -> None:
    async with strict() as flow:
        numbers = [NUMBER, "+12025550124", "+12025550125"]
        for number in numbers:
            await flow.consent(number)
        wishes = [Wish(number, "servicing", "servicing", WORDS, account=account) for number in numbers]
        answers = await flow.submitting.submit(flow.config.clients[0], wishes)
        told = [answer.code for answer in answers if isinstance(answer, Accepted)]
        # Who owes one debt is one consumer: one text a day, and two in seven days.
        assert told == [None, *([None, None] if account is None else [Code.FREQUENCY_CONSUMER, Code.FREQUENCY_ACCOUNT])]


async def test_a_text_for_later_takes_no_room_from_one_of_the_same_request_that_goes_before() -> None:
    async with strict() as flow:
        await flow.consent()
        wishes = [
            Wish(NUMBER, "servicing", "servicing", WORDS, send_at=MORNING + 2 * DAY),
            Wish(NUMBER, "servicing", "servicing", WORDS),
        ]
        answers = await flow.submitting.submit(flow.config.clients[0], wishes)
        told = [(answer.state, answer.code) for answer in answers if isinstance(answer, Accepted)]
        assert told == [(State.HELD, Code.SCHEDULED), (State.QUEUED, None)]


async def test_a_text_that_would_have_no_room_before_it_expires_is_refused_at_once() -> None:
    async with strict(CLOSING + HOUR) as flow:
        await flow.consent()
        await flow.submit(WORDS)
        late = await flow.submit(WORDS, expires_at=NEXT_MORNING + DAY)
        assert (late.state, late.code) == (State.BLOCKED, Code.SCHEDULE_PAST_EXPIRY)
        assert (await flow.submit(WORDS, expires_at=NEXT_MORNING + DAY + 1)).state is State.HELD


async def test_the_explanation_names_the_cap_that_is_full_when_the_hours_open() -> None:
    async with strict(CLOSING + HOUR) as flow:
        await flow.consent()
        await flow.submit(WORDS)
        decision = await decision_of(flow, await flow.submit(WORDS))
        found = {one.rule: (one.code, one.until) for one in decision.findings if one.verdict == "hold"}
        assert found == {
            "quiet_hours": (Code.QUIET_HOURS, NEXT_MORNING),
            "frequency": (Code.FREQUENCY_CONSUMER, NEXT_MORNING + DAY),
        }
        assert (decision.code, decision.until) == (Code.FREQUENCY_CONSUMER, NEXT_MORNING + DAY)


async def test_a_confirmed_zone_that_is_too_old_by_the_time_does_not_open_the_hours() -> None:
    async with strict(CLOSING + HOUR) as flow:
        await flow.consent()
        # Confirmed ninety days before six in the morning: by nine, the zone of the number counts as well.
        profile = Profile(zone="Europe/London", zone_confirmed_at=NEXT_MORNING - 7 * HOUR - 90 * DAY, region="US-HI")
        await flow.store.change_profile(ProfileChange(Number(NUMBER), flow.client, profile, flow.now()))
        held = await flow.submit(WORDS)
        honolulu = read_instant("2026-09-22T19:00:00Z")
        assert await due_of(flow, held) == honolulu
        decision: Decision = await decision_of(flow, held)
        assert decision.zones == ("America/New_York", "Pacific/Honolulu")


@pytest.mark.parametrize("refused", [1, 2])
async def test_a_text_of_which_a_part_left_counts_though_the_carrier_refused_the_rest(refused: int) -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()

        def answer(pdu: SubmitSm) -> SubmitSmResp:
            if len(smsc.submits) == refused:
                return SubmitSmResp(command_status=const.ESME_RINVMSGLEN)
            return SubmitSmResp(message_id=f"{len(smsc.submits):08x}")

        smsc.answer = answer
        first = await flow.submit(WORDS + "x" * 200)
        assert (await flow.state(first), len(smsc.submits)) == (State.REJECTED, 2)
        flow.wall += HOUR
        second = await flow.submit(WORDS)
        assert (second.state, second.code) == (State.HELD, Code.FREQUENCY_CONSUMER)
        assert await due_of(flow, second) == MORNING + DAY


async def test_a_text_that_the_carrier_refused_whole_is_no_contact() -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: SubmitSmResp(command_status=const.ESME_RINVMSGLEN)
        assert await flow.state(await flow.submit(WORDS + "x" * 200)) is State.REJECTED
        assert (await flow.submit(WORDS)).state is State.QUEUED


@pytest.mark.parametrize(("status", "counts"), [(const.ESME_RTHROTTLED, False), (const.ESME_RSYSERR, True)])
async def test_a_text_that_the_carrier_put_off_until_it_expired_is_no_contact(
    autojump_clock: trio.testing.MockClock, status: int, counts: bool
) -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: SubmitSmResp(command_status=status)
        late = await flow.submit(WORDS, expires_at=MORNING + HOUR)
        assert len(smsc.submits) == 1
        flow.wall = MORNING + HOUR
        await trio.sleep(60)  # the carrier is left alone for a while
        assert (await flow.state(late), len(smsc.submits)) == (State.EXPIRED, 1)
        # After a fault of its own the carrier may have it; when it was busy, it has not.
        second = await flow.submit(WORDS)
        assert (second.code is Code.FREQUENCY_CONSUMER) is counts


@pytest.mark.parametrize("text", [WORDS, WORDS + "x" * 200])
@pytest.mark.parametrize(("status", "counts"), [(const.ESME_RTHROTTLED, False), (const.ESME_RSYSERR, True)])
async def test_a_text_that_was_called_off_is_a_contact_if_the_carrier_may_have_it(
    status: int, counts: bool, text: str
) -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        smsc.answer = lambda pdu: SubmitSmResp(command_status=status)
        first = await flow.submit(text)
        assert smsc.submits
        assert await flow.store.cancel(Cancellation(first.id, flow.client, flow.now())) == [State.CANCELLED]
        second = await flow.submit(WORDS)
        assert (second.code is Code.FREQUENCY_CONSUMER) is counts


async def test_the_line_is_added_where_it_is_due_by_the_time_that_the_text_goes() -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit(WORDS)
        # Not due yet the day before; it is when there is room for the next, as the hours open on the thirtieth day.
        await pass_to(flow, MORNING + 29 * DAY)
        await flow.submit(WORDS)
        flow.wall += HOUR
        held = await flow.submit(WORDS)
        assert await due_of(flow, held) == MORNING + 30 * DAY
        message = await flow.message(held)
        assert (message.text, message.units) == (LINED, len(LINED))
        lines = [one.detail for one in (await decision_of(flow, held)).findings if one.rule == "opt_out_line"]
        assert lines == ["the program's line was added"]
        await pass_to(flow, MORNING + 30 * DAY)
        assert [pdu.short_message.decode("ascii") for pdu in smsc.submits] == [LINED, WORDS, LINED]


@pytest.mark.parametrize(("stat", "said"), [("DELIVRD", WORDS), ("UNDELIV", LINED), ("EXPIRED", LINED)])
async def test_the_line_of_a_text_that_did_not_arrive_is_said_again(stat: str, said: str) -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit(WORDS)
        await smsc.receipt("00000001", stat)
        flow.wall += 2 * DAY
        await flow.submit(WORDS)
        assert [pdu.short_message.decode("ascii") for pdu in smsc.submits] == [LINED, said]


async def test_what_was_scheduled_long_ago_and_left_late_counts() -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        # Accepted two months before; in the week that it is for, calls take all the room.
        late = await flow.submit(WORDS, send_at=MORNING + 60 * DAY, expires_at=MORNING + 80 * DAY)
        flow.wall = MORNING + 60 * DAY - HOUR
        calls = [Report(flow.client, f"c{n}", NUMBER, None, Channel.CALL, flow.wall - n) for n in range(3)]
        assert await flow.store.report_contacts(calls) == [True] * 3
        while not smsc.submits:
            due = await due_of(flow, late)
            assert due is not None
            await pass_to(flow, max(due, flow.wall))
        left_at = flow.wall
        assert left_at >= MORNING + 67 * DAY - 2 * HOUR
        # As it is asked when another is about to be sent.
        wants = [Want(NUMBER, flow.client, "servicing", "servicing")]
        (facts,) = await flow.store.facts(wants, Lookback(left_at + HOUR - 7 * DAY, planned=False))
        assert left_at in [contact.at for contact in facts.contacts]


async def test_a_text_for_which_there_is_no_room_for_weeks_is_refused() -> None:
    async with strict() as flow:
        await flow.consent()
        answers = [await flow.submit(WORDS, account=str(place)) for place in range(25)]
        states = [answer.state for answer in answers]
        kept = states.count(State.HELD)
        assert states == [State.QUEUED] + [State.HELD] * kept + [State.BLOCKED] * (24 - kept)
        last = await due_of(flow, answers[kept])
        assert last is not None
        assert last <= MORNING + 45 * DAY
        assert answers[-1].code is Code.FREQUENCY_CONSUMER
