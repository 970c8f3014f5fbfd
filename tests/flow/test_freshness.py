"""A consent of whose person nothing was heard for too long: shown as what it is, and asked for anew."""

from contextlib import AbstractAsyncContextManager

import msgspec
import pytest

from gateway.config import load
from gateway.errors import Code
from gateway.flow.consent import Grant
from gateway.flow.invalid import Invalid
from gateway.flow.optins import OptinWish
from gateway.flow.prepare import Wish
from gateway.model.address import Number
from gateway.model.clock import DAY, read_instant
from gateway.model.consent import ConsentState, Evidence, Method
from gateway.model.message import Accepted
from gateway.model.number_check import NumberCheck, Reassigned
from gateway.model.profile import Profile, ProfileChange
from gateway.store.optins import Refusal, Requested
from tests.flow.rig import CONF, NUMBER, Rig, rig_of

MORNING = read_instant("2026-09-21T13:00:00Z")
CANADIAN = "+14165550123"
ASKING = OptinWish(Method.QUICK, NUMBER, "servicing", "servicing")


def reg_f() -> AbstractAsyncContextManager[Rig]:
    config = load(CONF)
    policy = msgspec.structs.replace(config.policy, packs=("us-reg-f", "ca"))
    return rig_of(msgspec.structs.replace(config, policy=policy), MORNING)


async def state(flow: Rig, number: str = NUMBER) -> ConsentState:
    consents = await flow.consents.of(flow.config.clients[0], Number(number))
    (consent,) = [one for one in consents if one.program == "servicing"]
    return consent.state


async def stood(flow: Rig, at: int) -> ConsentState:
    (consent,) = await flow.consents.stood(flow.config.clients[0], Number(NUMBER), at)
    return consent.state


async def refused_as_stale(flow: Rig, number: str = NUMBER) -> bool:
    wish = Wish(number, "servicing", "servicing", "Example Co: your statement is ready. Reply STOP to end.")
    (answer,) = await flow.submitting.submit(flow.config.clients[0], [wish])
    assert isinstance(answer, Accepted)
    return answer.code is Code.CONSENT_STALE


async def kinds(flow: Rig) -> list[str]:
    events = await flow.store.events(flow.client, 0, 100)
    return [event.kind.removeprefix("consent.") for event in events if event.kind.startswith("consent.")]


@pytest.mark.parametrize("days", [0, 59, 60, 61, 400])
@pytest.mark.parametrize(
    ("number", "region"), [(NUMBER, None), (CANADIAN, None), (CANADIAN, "US-NY")], ids=["us", "ca", "moved to us"]
)
async def test_what_is_shown_is_what_the_gate_says(number: str, region: str | None, days: int) -> None:
    async with reg_f() as flow:
        evidence = Evidence(flow.wall, "web form", "I agree", "sign-up page")
        await flow.consents.grant(flow.config.clients[0], [Grant(number, "servicing", "servicing", evidence)])
        if region is not None:
            profile = ProfileChange(Number(number), flow.client, Profile(region=region), flow.wall)
            await flow.store.change_profile(profile)
        flow.wall += days * DAY
        stale = await state(flow, number) is ConsentState.STALE
        assert stale == (days > 60 and (number == NUMBER or region is not None))
        assert await refused_as_stale(flow, number) == stale


async def test_a_word_of_the_consumer_makes_it_fresh_and_the_past_stays_what_it_was() -> None:
    async with reg_f() as flow:
        await flow.consent()
        _, smsc = await flow.link()
        flow.wall += 70 * DAY
        assert await state(flow) is ConsentState.STALE
        assert await smsc.text("thank you") == 0
        assert await state(flow) is ConsentState.CONFIRMED
        assert await stood(flow, flow.wall) is ConsentState.CONFIRMED
        assert await stood(flow, flow.wall - 1) is ConsentState.STALE
        assert await stood(flow, MORNING + 59 * DAY) is ConsentState.CONFIRMED
        flow.wall += 61 * DAY
        assert await state(flow) is ConsentState.STALE
        assert await stood(flow, flow.wall) is ConsentState.STALE
        assert await kinds(flow) == ["granted"]  # to grow old is no change of what was agreed


async def told(flow: Rig, answer: Reassigned, at: int, since: int) -> bool:
    check = NumberCheck(Number(NUMBER), flow.client, answer, at, since, "RND", flow.wall)
    return await flow.consents.note_check(flow.config.clients[0], check)


async def test_a_database_s_no_makes_it_fresh_and_the_past_stays_what_it_was() -> None:
    async with reg_f() as flow:
        await flow.consent()
        flow.wall += 70 * DAY
        assert await told(flow, Reassigned.NO, flow.wall - DAY, MORNING - 1000)
        assert not await told(flow, Reassigned.NO, flow.wall - DAY, MORNING - 1000)
        assert await state(flow) is ConsentState.CONFIRMED
        assert not await refused_as_stale(flow)
        assert await stood(flow, flow.wall) is ConsentState.CONFIRMED
        assert await stood(flow, flow.wall - 1) is ConsentState.STALE  # nobody had told us yet
        flow.wall += 60 * DAY
        assert await state(flow) is ConsentState.STALE
        assert await refused_as_stale(flow)
        assert await stood(flow, flow.wall) is ConsentState.STALE


@pytest.mark.parametrize(
    ("answer", "since"),
    [(Reassigned.NO_DATA, MORNING - 1000), (Reassigned.NO, MORNING - 999)],
    ids=["the database cannot tell", "it was asked about a later day"],
)
async def test_what_does_not_speak_of_the_whole_time_makes_nothing_fresh(answer: Reassigned, since: int) -> None:
    async with reg_f() as flow:
        await flow.consent()
        flow.wall += 70 * DAY
        assert await told(flow, answer, flow.wall, since)
        assert await state(flow) is ConsentState.STALE
        assert await stood(flow, flow.wall) is ConsentState.STALE


async def test_a_database_s_yes_ends_what_was_agreed_to() -> None:
    async with reg_f() as flow:
        await flow.consent()
        waits = await flow.submit("Example Co: your statement is ready. Reply STOP to end.")
        assert await told(flow, Reassigned.YES, flow.wall, MORNING - 1000)
        assert (await flow.message(waits)).code is Code.CONSENT_OPTED_OUT
        history = await flow.ledger.history(flow.client, Number(NUMBER))
        assert (history[-1].state, history[-1].cause) == ("disowned", "reassigned")
        assert b"RND" in (history[-1].evidence or b"")
        _, smsc = await flow.link()
        await smsc.text("START")  # whoever has it now
        assert (await flow.submit("Example Co: hello. Reply STOP to end.")).code is Code.CONSENT_OPTED_OUT
        flow.wall += DAY
        await flow.consent()  # a new one, of the new holder
        assert await state(flow) is ConsentState.CONFIRMED


async def asked(flow: Rig) -> Requested:
    await flow.templates.load()
    requested = await flow.optins.request(flow.config.clients[0], ASKING)
    assert not isinstance(requested, Invalid)
    return requested


async def test_a_stale_consent_may_be_asked_for_anew() -> None:
    async with reg_f() as flow:
        await flow.consent()
        assert (await asked(flow)).refusal is Refusal.STANDS
        flow.wall += 61 * DAY
        assert (await asked(flow)).refusal is None
        assert await kinds(flow) == ["granted", "stale", "invited"]
        assert await state(flow) is ConsentState.INVITED
        _, smsc = await flow.link()
        assert await smsc.text("YES") == 0
        assert await state(flow) is ConsentState.CONFIRMED
        history = await flow.ledger.history(flow.client, Number(NUMBER))
        assert [entry.state for entry in history] == ["confirmed", "stale", "invited", "confirmed"]
        assert msgspec.json.decode(history[1].evidence or b"") == {"fresh_at": MORNING - 1000, "fresh_days": 60}


async def test_what_was_taken_back_is_not_asked_for_again_however_old() -> None:
    async with reg_f() as flow:
        await flow.consent()
        _, smsc = await flow.link()
        await smsc.text("STOP")
        flow.wall += 61 * DAY
        assert (await asked(flow)).refusal is Refusal.OPTED_OUT
