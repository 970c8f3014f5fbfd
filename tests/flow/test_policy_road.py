"""Policy on the road: what the packs say is kept to from the door to the wire."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal

import msgspec
import pytest

from gateway.config import RepetitionsConfig, load
from gateway.errors import Code
from gateway.flow.consent import Grant
from gateway.flow.prepare import Wish
from gateway.model.address import Number
from gateway.model.clock import DAY, HOUR, MINUTE, read_instant
from gateway.model.consent import Evidence
from gateway.model.contact import Channel, Report
from gateway.model.decision import Decision, Verdict
from gateway.model.message import Accepted, State
from gateway.model.profile import Party, Profile, ProfileChange
from gateway.smpp.pdu import SubmitSm, SubmitSmResp
from gateway.store.doubt import Cancellation
from gateway.store.unit import Row, Unit
from gateway.store.writer import Verb
from tests.flow.rig import CONF, NUMBER, Rig, rig_of, settle
from tests.policies import opened

# A Monday; the number is in the Eastern zone.
MORNING = read_instant("2026-09-21T13:00:00Z")
CLOSING = read_instant("2026-09-22T00:00:00Z")
NEXT_MORNING = read_instant("2026-09-22T13:00:00Z")
GUARD = 10 * MINUTE
WORDS = "Example Co: your statement is ready."


def strict(at: int = MORNING) -> AbstractAsyncContextManager[Rig]:
    return rig_of(load(CONF), at)


async def decision_of(flow: Rig, accepted: Accepted) -> Decision:
    return msgspec.json.decode((await flow.message(accepted)).decision, type=Decision)


async def test_a_text_in_the_hours_goes_and_the_carrier_is_told_when_they_end() -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit(WORDS)
        assert await flow.state(accepted) is State.SUBMITTED
        decision = await decision_of(flow, accepted)
        assert (decision.outcome, decision.policy) == (Verdict.ALLOW, "us-strict@1")
        assert (decision.regions, decision.zones) == (("US-DC",), ("America/New_York",))
        # 11 hours until the window closes at 20:00, not the 24 of the category.
        assert smsc.submits[0].validity_period == "000000110000000R"


async def test_a_text_in_the_night_is_held_until_the_hours_open() -> None:
    async with strict(CLOSING + HOUR) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit(WORDS)
        assert (accepted.state, accepted.code) == (State.HELD, Code.QUIET_HOURS)
        message = await flow.message(accepted)
        assert message.segments[0].due_at == NEXT_MORNING
        # The validity of a text that names none begins when it may go.
        assert message.expires_at == NEXT_MORNING + DAY
        flow.wall = NEXT_MORNING - 1
        flow.dispatch.wake(["simulator"])
        await settle()
        assert not smsc.submits
        flow.wall = NEXT_MORNING
        flow.dispatch.wake(["simulator"])
        await settle()
        assert await flow.state(accepted) is State.SUBMITTED


async def test_a_text_that_would_expire_before_the_hours_open_is_refused() -> None:
    async with strict(CLOSING + HOUR) as flow:
        await flow.consent()
        accepted = await flow.submit(WORDS, expires_at=NEXT_MORNING)
        assert (accepted.state, accepted.code) == (State.BLOCKED, Code.SCHEDULE_PAST_EXPIRY)
        accepted = await flow.submit(WORDS, expires_at=NEXT_MORNING + 1)
        assert accepted.state is State.HELD


async def test_a_text_for_later_is_judged_for_then() -> None:
    async with strict() as flow:
        await flow.consent()
        night = await flow.submit(WORDS, send_at=CLOSING + HOUR)
        assert (night.code, (await flow.message(night)).segments[0].due_at) == (Code.QUIET_HOURS, NEXT_MORNING)
    async with strict(CLOSING + HOUR) as flow:
        await flow.consent()
        day = await flow.submit(WORDS, send_at=NEXT_MORNING + HOUR)
        assert (day.code, (await flow.message(day)).segments[0].due_at) == (Code.SCHEDULED, NEXT_MORNING + HOUR)


@pytest.mark.parametrize("closed", [CLOSING - GUARD, CLOSING + 5 * HOUR])
async def test_a_text_that_waited_past_the_end_of_the_hours_is_held_again(closed: int) -> None:
    async with strict(CLOSING - HOUR) as flow:
        await flow.consent()
        accepted = await flow.submit(WORDS)
        assert accepted.state is State.QUEUED
        flow.wall = closed
        _, smsc = await flow.link()
        await settle()
        assert not smsc.submits
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.HELD, Code.QUIET_HOURS)
        assert message.segments[0].due_at == NEXT_MORNING
        assert (await decision_of(flow, accepted)).until == NEXT_MORNING


async def test_what_is_held_past_its_validity_expires_when_that_ends() -> None:
    async with strict(CLOSING - HOUR) as flow:
        await flow.consent()
        accepted = await flow.submit(WORDS, expires_at=CLOSING + HOUR)
        flow.wall = CLOSING
        _, smsc = await flow.link()
        await settle()
        assert await flow.state(accepted) is State.HELD
        flow.wall = CLOSING + HOUR
        flow.dispatch.wake(["simulator"])
        await settle()
        assert await flow.state(accepted) is State.EXPIRED
        assert not smsc.submits


async def test_the_answer_to_a_stop_goes_in_the_night() -> None:
    async with strict(CLOSING + HOUR) as flow:
        _, smsc = await flow.link()
        await smsc.text("STOP")
        await settle()
        assert len(smsc.submits) == 1


async def test_a_second_text_of_a_day_waits_for_the_next() -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit(WORDS, account="A")
        flow.wall += HOUR
        second, third = await flow.submit(WORDS, account="B"), await flow.submit(WORDS, account="C")
        assert (second.state, second.code) == (State.HELD, Code.FREQUENCY_CONSUMER)
        assert (await flow.message(second)).segments[0].due_at == MORNING + DAY
        assert (await flow.message(third)).segments[0].due_at == MORNING + 2 * DAY
        for days, gone in ((1, 2), (2, 3)):
            flow.wall = MORNING + days * DAY
            flow.dispatch.wake(["simulator"])
            await settle()
            assert len(smsc.submits) == gone


async def test_a_cap_that_frees_while_the_hours_are_closed_opens_with_them() -> None:
    saturday = read_instant("2026-09-26T13:30:00Z")
    async with strict(saturday) as flow:
        await flow.link()
        await flow.consent()
        await flow.submit(WORDS)
        second = await flow.submit(WORDS)
        assert second.code is Code.FREQUENCY_CONSUMER
        # A day later it is half past nine; on Sundays the hours open at noon.
        assert (await flow.message(second)).segments[0].due_at == read_instant("2026-09-27T16:00:00Z")


async def test_a_third_text_about_a_debt_waits_for_the_week_to_pass_whatever_the_number() -> None:
    async with strict() as flow:
        await flow.link()
        others = ["+12025550124", "+12025550125"]
        for number in (NUMBER, *others):
            await flow.consent(number)
        assert (await flow.submit(WORDS, account="A")).state is State.QUEUED
        assert (await flow.submit(WORDS, account="A", number=others[0])).code is Code.FREQUENCY_CONSUMER
        flow.wall += DAY
        flow.dispatch.wake(["simulator"])
        await settle()
        third = await flow.submit(WORDS, account="A", number=others[1])
        assert third.code is Code.FREQUENCY_ACCOUNT
        assert (await flow.message(third)).segments[0].due_at == MORNING + 7 * DAY
        assert (await flow.submit(WORDS, account="B", number=others[1])).code is None


async def test_two_texts_that_left_the_queue_together_are_counted_one_after_the_other() -> None:
    async with strict() as flow:
        await flow.consent()
        # Both were allowed when they were accepted, a day and an hour apart; then no carrier was up until both were due.
        first = await flow.submit(WORDS, expires_at=MORNING + 3 * DAY)
        second = await flow.submit(WORDS, send_at=MORNING + 25 * HOUR)
        flow.wall = MORNING + 25 * HOUR
        _, smsc = await flow.link()
        await settle()
        assert len(smsc.submits) == 1
        assert await flow.state(first) is State.SUBMITTED
        message = await flow.message(second)
        assert (message.state, message.code) == (State.HELD, Code.FREQUENCY_CONSUMER)
        assert message.segments[0].due_at == flow.wall + DAY


async def test_a_text_of_several_segments_counts_once_and_does_not_count_itself() -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit(WORDS + "x" * 400)
        assert await flow.state(accepted) is State.SUBMITTED
        assert len(smsc.submits) == 3


async def test_a_cancelled_text_is_no_contact() -> None:
    async with strict(CLOSING + HOUR) as flow:
        await flow.consent()
        first = await flow.submit(WORDS)
        await flow.store.cancel(Cancellation(first.id, flow.client, flow.now()))
        second = await flow.submit(WORDS)
        assert second.code is Code.QUIET_HOURS


def _write_holds(unit: Unit, rows: Sequence[Row]) -> list[None]:
    unit.write("INSERT INTO hold (number, client, reason, since) VALUES {rows}", rows)
    return [None for _ in rows]


async def put_on_hold(flow: Rig, reason: str) -> None:
    await flow.store.writer.post(Verb(_write_holds, 10), [(NUMBER, flow.client, reason, flow.now())])


async def test_a_hold_stops_texts_until_somebody_ends_it() -> None:
    async with strict() as flow:
        await flow.consent()
        queued = await flow.submit(WORDS)
        await put_on_hold(flow, "attorney")
        _, smsc = await flow.link()
        await settle()
        message = await flow.message(queued)
        assert (message.state, message.code) == (State.HELD, Code.HOLD_ATTORNEY)
        assert message.segments[0].due_at == message.expires_at
        fresh = await flow.submit(WORDS)
        assert (fresh.state, fresh.code) == (State.HELD, Code.HOLD_ATTORNEY)
        flow.wall = message.expires_at
        flow.dispatch.wake(["simulator"])
        await settle()
        assert await flow.state(queued) is State.EXPIRED
        assert not smsc.submits


async def test_the_opt_out_line_is_added_to_the_first_text_and_again_after_a_month() -> None:
    async with strict() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        lined = f"{WORDS} Reply STOP to opt out."
        for days, said in ((0, lined), (2, WORDS), (29, WORDS), (30, lined)):
            flow.wall = MORNING + days * DAY
            accepted = await flow.submit(WORDS, account=str(days))
            message = await flow.message(accepted)
            assert (message.text, message.units) == (said, len(said))
            assert smsc.submits[-1].short_message.decode("ascii") == said


async def test_the_line_is_counted() -> None:
    async with strict() as flow:
        await flow.consent()
        text = WORDS.ljust(150, ".")
        accepted = await flow.submit(text)
        assert accepted.segments == 2
        message = await flow.message(accepted)
        assert (message.segment_count, len(message.segments)) == (2, 2)


async def test_a_text_that_says_it_itself_is_left_alone() -> None:
    async with strict() as flow:
        await flow.consent()
        text = "Example Co: your statement is ready. Text STOP to end."
        assert (await flow.message(await flow.submit(text))).text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your statement is ready.", "content.identity_missing"),
        ("Example Co: pay at bit.ly/3abc.", "content.link_shortener"),
        ("Example Co: pay or we will have you arrested.", "content.threat"),
        ("Example Co: charge card 4111 1111 1111 1111?", "content.card_number"),
        ("Example Co: reply CANCEL to drop your payment plan.", "content.reserved_choice"),
    ],
)
async def test_wording_is_refused_with_its_own_code(text: str, code: str) -> None:
    async with strict() as flow:
        await flow.consent()
        accepted = await flow.submit(text)
        assert (accepted.state, accepted.code) == (State.BLOCKED, code)
        decision = await decision_of(flow, accepted)
        assert [one.rule for one in decision.findings if one.verdict is Verdict.REFUSE] == ["content"]


async def test_a_pack_that_requires_no_identity_lets_a_code_go_at_night() -> None:
    async with strict(CLOSING + HOUR) as flow:
        _, smsc = await flow.link()
        evidence = Evidence(flow.wall - 1000, "web form", "I agree", "sign-up page")
        await flow.consents.grant(flow.config.clients[0], [Grant(NUMBER, "codes", "servicing", evidence)])
        wish = Wish(NUMBER, "codes", "servicing", "428190 is your code.")
        for gone in (1, 2):
            (accepted,) = await flow.submitting.submit(flow.config.clients[0], [wish])
            assert isinstance(accepted, Accepted)
            await settle()
            assert len(smsc.submits) == gone
            decision = await decision_of(flow, accepted)
        assert (decision.outcome, decision.policy) == (Verdict.ALLOW, "on-request@1")


async def test_calls_that_upstream_reports_count_with_the_texts() -> None:
    async with strict() as flow:
        await flow.consent()
        calls = [Report(flow.client, f"c{n}", NUMBER, "A", Channel.CALL, MORNING - n * DAY - HOUR) for n in range(1, 4)]
        assert await flow.store.report_contacts(calls) == [True, True, True]
        held = await flow.submit(WORDS)
        assert held.code is Code.FREQUENCY_ACCOUNT
        assert (await flow.message(held)).segments[0].due_at == MORNING - 2 * DAY - HOUR + 7 * DAY + HOUR


@pytest.mark.parametrize(
    ("region", "zone", "opens"),
    [
        ("US-HI", "Pacific/Honolulu", "2026-09-21T19:00:00Z"),
        ("NZ", "Pacific/Auckland", "2026-09-21T21:00:00Z"),
    ],
)
async def test_an_address_elsewhere_closes_the_hours_there_too(region: str, zone: str, opens: str) -> None:
    async with strict() as flow:
        await flow.consent()
        profile = Profile(region=region)
        await flow.store.change_profile(ProfileChange(Number(NUMBER), flow.client, profile, flow.now()))
        held = await flow.submit(WORDS)
        assert held.code is Code.QUIET_HOURS
        decision = await decision_of(flow, held)
        assert zone in decision.zones
        assert decision.until == read_instant(opens)


async def test_a_consent_that_nobody_heard_of_for_long_is_stale_under_reg_f() -> None:
    config = load(CONF)
    policy = msgspec.structs.replace(config.policy, packs=("us-reg-f", "ca"))
    async with rig_of(msgspec.structs.replace(config, policy=policy), MORNING) as flow:
        await flow.consent()
        text = f"{WORDS} Reply STOP to end."
        queued = await flow.submit(text)
        assert queued.state is State.QUEUED
        flow.wall += 61 * DAY
        late = await flow.submit(text)
        assert (late.state, late.code) == (State.BLOCKED, Code.CONSENT_STALE)
        await flow.consent()
        assert (await flow.submit(text)).state is State.QUEUED


async def test_debts_are_not_spoken_of_to_a_third_party() -> None:
    async with strict() as flow:
        await flow.consent()
        profile = Profile(party=Party.THIRD_PARTY)
        await flow.store.change_profile(ProfileChange(Number(NUMBER), flow.client, profile, flow.now()))
        told = await flow.submit("Example Co: this is about the debt that you owe us. Your balance is past due.")
        assert (told.state, told.code) == (State.BLOCKED, "content.debt_disclosed")


async def test_a_text_that_waits_does_not_speak_of_debts_to_who_turns_out_to_be_a_third_party() -> None:
    async with strict(CLOSING + HOUR) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        held = await flow.submit("Example Co: your balance is past due.")
        assert held.state is State.HELD
        profile = Profile(party=Party.THIRD_PARTY)
        await flow.store.change_profile(ProfileChange(Number(NUMBER), flow.client, profile, flow.now()))
        flow.wall = NEXT_MORNING
        flow.dispatch.wake(["simulator"])
        await settle()
        message = await flow.message(held)
        assert (message.state, message.code) == (State.BLOCKED, "content.debt_disclosed")
        assert not smsc.submits


@pytest.mark.parametrize("action", ["refuse", "flag"])
async def test_the_same_words_to_the_same_number_are_a_repetition_for_a_while(
    action: Literal["refuse", "flag"],
) -> None:
    config = opened(load(CONF))
    policy = msgspec.structs.replace(config.policy, repetitions=RepetitionsConfig(minutes=10, action=action))
    async with rig_of(msgspec.structs.replace(config, policy=policy), MORNING) as flow:
        await flow.consent()
        await flow.consent("+12025550124")
        wish = Wish(NUMBER, "servicing", "servicing", WORDS)
        answers = await flow.submitting.submit(flow.config.clients[0], [wish, wish])
        first, second = (answer for answer in answers if isinstance(answer, Accepted))
        assert first.state is State.QUEUED
        assert second.code == (Code.CONTENT_REPEATED if action == "refuse" else None)
        findings = (await decision_of(flow, second)).findings
        assert [one.code for one in findings if one.rule == "repetition"] == [Code.CONTENT_REPEATED]
        assert (await flow.submit(WORDS + "!")).state is State.QUEUED
        assert (await flow.submit(WORDS, "+12025550124")).state is State.QUEUED
        flow.wall += 11 * MINUTE
        assert (await flow.submit(WORDS)).state is State.QUEUED


async def test_a_client_has_so_many_texts_in_a_day() -> None:
    config = opened(load(CONF))
    clients = tuple(msgspec.structs.replace(client, daily_texts=3) for client in config.clients)
    async with rig_of(msgspec.structs.replace(config, clients=clients), MORNING) as flow:
        await flow.consent()
        assert (await flow.submit(WORDS, "+12025550124")).code is Code.CONSENT_MISSING  # it counts nothing
        wish = Wish(NUMBER, "servicing", "servicing", WORDS)
        answers = await flow.submitting.submit(flow.config.clients[0], [wish, wish])
        assert [answer.code for answer in answers] == [None, None]
        assert (await flow.submit(WORDS)).code is None
        assert (await flow.submit(WORDS)).code is Code.CLIENT_DAY_SPENT
        flow.wall += DAY
        assert (await flow.submit(WORDS)).code is None


async def test_the_rest_of_a_text_that_the_hours_cut_goes_in_the_morning() -> None:
    config = load(CONF)
    carrier = msgspec.structs.replace(config.carriers[0], window=1)
    async with rig_of(msgspec.structs.replace(config, carriers=(carrier,)), CLOSING - GUARD - 1) as flow:
        _, smsc = await flow.link()
        await flow.consent()

        def answer(pdu: SubmitSm) -> SubmitSmResp:
            flow.wall += 1
            return SubmitSmResp(message_id=f"{len(smsc.submits):08x}")

        smsc.answer = answer
        accepted = await flow.submit(WORDS + "x" * 200, expires_at=NEXT_MORNING + DAY)
        assert len(smsc.submits) == 1
        assert await smsc.receipt("00000001") == 0
        message = await flow.message(accepted)
        assert [segment.state for segment in message.segments] == [State.DELIVERED, State.QUEUED]
        assert message.segments[1].due_at == NEXT_MORNING
        flow.wall = NEXT_MORNING
        flow.dispatch.wake(["simulator"])
        await settle()
        assert len(smsc.submits) == 2
        assert await smsc.receipt("00000002") == 0
        assert await flow.state(accepted) is State.DELIVERED
