"""A consumer writes a plugin's keyword."""

import msgspec
import trio.testing

from gateway.model.client_events import AccountUpdated
from gateway.model.clock import spell_instant
from gateway.model.notices import Reply
from gateway.smpp import const
from gateway.store.notices import Intake
from tests.flow.rig import NUMBER, Rig, Smsc, rig
from tests.flow.test_dialogs import answers, ask, said
from tests.notices import notices_for


async def replies(flow: Rig) -> list[Reply]:
    notices = await notices_for(flow.store, "text_to_pay")
    return [msgspec.json.decode(one.body, type=Reply) for one in notices if one.kind == "reply"]


async def opened(flow: Rig) -> Smsc:
    flow.keywords[flow.client, "pay"] = ("text_to_pay", "pay")
    _, smsc = await flow.link()
    await flow.consent()
    return smsc


async def know(flow: Rig, account: str) -> None:
    event = AccountUpdated(id=f"e-{account}", occurred_at=spell_instant(flow.wall), account=account, number=NUMBER)
    await flow.store.receive_events([Intake(flow.client, event, flow.wall)])


async def test_a_keyword_is_told_to_its_plugin_once(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        smsc = await opened(flow)
        await know(flow, "A-1")
        assert await smsc.text("PAY") == const.ESME_ROK
        assert await smsc.text("hello there") == const.ESME_ROK
        (reply,) = await replies(flow)
        assert (reply.keyword, reply.number, reply.program, reply.account) == ("pay", NUMBER, "servicing", "A-1")


async def test_of_two_accounts_with_the_number_none_is_guessed(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        smsc = await opened(flow)
        await know(flow, "A-1")
        await know(flow, "A-2")
        await smsc.text("pay")
        (reply,) = await replies(flow)
        assert reply.account is None


async def test_an_opt_out_is_an_opt_out_whatever_a_plugin_claims(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        smsc = await opened(flow)
        flow.keywords[flow.client, "stop"] = ("text_to_pay", "stop")
        await smsc.text("STOP")
        assert await replies(flow) == []


async def test_a_choice_of_the_open_dialog_comes_before_a_keyword(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        smsc = await opened(flow)
        flow.keywords[flow.client, "pay now"] = ("text_to_pay", "pay now")
        await ask(flow, "q1")
        await smsc.text("pay now")
        assert await answers(flow) == [("q1", "chosen", "now")]
        assert await replies(flow) == []


async def test_a_keyword_that_is_no_choice_leaves_the_dialog_as_it_is(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        smsc = await opened(flow)
        await ask(flow, "q1")
        await smsc.text("pay")
        assert [reply.keyword for reply in await replies(flow)] == ["pay"]
        assert said(smsc) == ["Question q1"]
        await smsc.text("2")
        assert await answers(flow) == [("q1", "chosen", "day_1")]
