"""An agent enters an opt-out: the consumer is told once, soon and in the hours, or not at all."""

import msgspec
import pytest

from gateway.config import Config, load
from gateway.errors import Code
from gateway.flow.consent import Grant
from gateway.flow.invalid import Invalid
from gateway.model.clock import HOUR, MINUTE, SECOND, read_instant
from gateway.model.consent import ANY, Evidence, Scope
from gateway.model.message import Message, Origin, State
from gateway.store.reads import MessageFilter
from tests.flow.rig import CONF, NUMBER, Rig, configured, rig, rig_of, settle
from tests.policies import opened

NIGHT = read_instant("2026-09-22T02:00:00Z")
MORNING = read_instant("2026-09-21T13:00:00Z")


async def revoke(
    flow: Rig, program: str = ANY, category: str = ANY, account: str = ANY, *, confirm: bool = True
) -> bool:
    outcome = await flow.consents.revoke(
        flow.config.clients[0], NUMBER, Scope(program, category, account), "agent: asked on the phone", confirm=confirm
    )
    assert not isinstance(outcome, Invalid)
    await settle()
    return outcome


async def farewells(flow: Rig) -> list[Message]:
    found, _ = await flow.store.messages(MessageFilter(flow.client))
    return [message for message in found if message.origin is Origin.FAREWELL]


@pytest.mark.parametrize("program", [ANY, "servicing"])
async def test_the_last_text_goes_once(program: str) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        assert await revoke(flow, program)
        assert not await revoke(flow, program)
        (farewell,) = await farewells(flow)
        assert (farewell.state, farewell.program) == (State.SUBMITTED, "servicing")
        assert farewell.expires_at == flow.wall + 5 * MINUTE
        assert [submit.short_message for submit in smsc.submits] == [farewell.text.encode()]
        refused = await flow.submit()
        assert refused.code is Code.CONSENT_OPTED_OUT


async def test_a_stop_after_it_is_no_news_and_not_confirmed_again() -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        assert await revoke(flow)
        assert await smsc.text("STOP") == 0
        await settle()
        assert len(smsc.submits) == 1


@pytest.mark.parametrize(
    ("category", "account", "confirm", "consented"),
    [("servicing", ANY, True, True), (ANY, "A-1", True, True), (ANY, ANY, False, True), (ANY, ANY, True, False)],
    ids=["one category is not all of it", "nor is one account", "no agent was told", "nobody ever agreed"],
)
async def test_no_last_text(category: str, account: str, confirm: bool, consented: bool) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        if consented:
            await flow.consent()
        assert await revoke(flow, "servicing", category, account, confirm=confirm)
        assert await farewells(flow) == []
        assert not smsc.submits


async def test_an_opt_out_by_text_is_confirmed_once_whatever_an_agent_enters_after_it() -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("STOP")
        await settle()
        assert not await revoke(flow)
        assert len(smsc.submits) == 1
        assert await farewells(flow) == []


def two_programs() -> Config:
    config = configured()
    (client, *_) = config.clients
    other = msgspec.structs.replace(client.programs[0], id="offers", sender="+12025550109", stop_confirmation="Bye.")
    client = msgspec.structs.replace(client, programs=(other, *client.programs))
    return msgspec.structs.replace(config, clients=(client,))


async def test_of_several_programs_one_says_it_whose_consent_stood() -> None:
    async with rig_of(two_programs()) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        assert await revoke(flow)
        assert [farewell.program for farewell in await farewells(flow)] == ["servicing"]
    async with rig_of(two_programs()) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        evidence = Evidence(flow.wall - 1000, "web form", "I agree", "sign-up page")
        await flow.consents.grant(flow.config.clients[0], [Grant(NUMBER, "offers", "servicing", evidence)])
        assert await revoke(flow)
        assert [submit.short_message for submit in smsc.submits] == [b"Bye."]


async def test_it_is_not_kept_for_later() -> None:
    async with rig() as flow:
        await flow.consent()
        assert await revoke(flow)
        flow.wall += 5 * MINUTE
        _, smsc = await flow.link()
        await settle()
        (farewell,) = await farewells(flow)
        assert (farewell.state, smsc.submits) == (State.EXPIRED, [])
    async with rig() as flow:
        await flow.consent()
        assert await revoke(flow)
        flow.wall += 5 * MINUTE - SECOND
        _, smsc = await flow.link()
        await settle()
        assert len(smsc.submits) == 1


async def test_it_waits_for_no_morning() -> None:
    """Hours are for what the consumer did not write for: it does not go, and what would have held it is on record."""
    async with rig_of(load(CONF), NIGHT) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        assert await revoke(flow)
        (farewell,) = await farewells(flow)
        assert (farewell.state, farewell.code) == (State.BLOCKED, Code.SCHEDULE_PAST_EXPIRY)
        assert b"quiet_hours.closed" in bytes(farewell.decision)
        flow.wall = NIGHT + 24 * HOUR
        await settle()
        assert not smsc.submits


async def test_caps_do_not_keep_it_back_and_a_hold_does() -> None:
    async with rig_of(load(CONF), MORNING) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit("Example Co: your statement is ready.")
        assert await revoke(flow)
        assert [farewell.state for farewell in await farewells(flow)] == [State.SUBMITTED]
        assert len(smsc.submits) == 2
    async with rig_of(load(CONF), MORNING) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("Talk to my lawyer")
        assert await revoke(flow)
        assert [farewell.state for farewell in await farewells(flow)] == [State.HELD]
        assert not smsc.submits


AT_ONCE_OR_NEVER = """
[[limits]]
id = "confirmation"
limit = "confirmation_minutes"
value = 0
source = "the test's"
mark = "own"
"""


async def test_where_no_time_is_left_for_it_nothing_is_confirmed() -> None:
    for by_text in (False, True):
        async with rig_of(opened(load(CONF), AT_ONCE_OR_NEVER)) as flow:
            _, smsc = await flow.link()
            await flow.consent()
            if by_text:
                await smsc.text("STOP")
                await settle()
            else:
                assert await revoke(flow)
            assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
            assert await farewells(flow) == []
            assert not smsc.submits
