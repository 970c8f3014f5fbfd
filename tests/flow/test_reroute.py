"""Which carrier gets a text, and what becomes of a queue whose carrier stays down."""

from collections import Counter
from typing import Any

import msgspec
import pytest
import trio

from gateway.carrier.link import Link
from gateway.config import Config, LimitConfig, RouteConfig, load
from gateway.errors import Code
from gateway.flow.invalid import Invalid
from gateway.flow.prepare import Wish
from gateway.flow.reroute import Reroute
from gateway.model.clock import MINUTE
from gateway.model.ids import IdSource, MessageId
from gateway.model.message import Accepted, Ruling, State, Submission
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSm, SubmitSmResp
from gateway.store.accept import Acceptance
from tests.contract.desk import news_of
from tests.flow.rig import CONF, NOON, NUMBER, SENDER, Rig, rig_of, settle
from tests.policies import opened

Clock = trio.testing.MockClock


def two_carriers(main: dict[str, Any] | None = None, backup: dict[str, Any] | None = None, **program: Any) -> Config:
    """The shipped configuration with a second carrier behind the first."""
    config = opened(load(CONF))
    carrier, client = config.carriers[0], config.clients[0]
    changed = msgspec.structs.replace(client.programs[0], **({"carriers": ("main", "backup")} | program))
    return msgspec.structs.replace(
        config,
        carriers=(
            msgspec.structs.replace(carrier, name="main", **(main or {})),
            msgspec.structs.replace(carrier, name="backup", **(backup or {})),
        ),
        clients=(msgspec.structs.replace(client, programs=(changed,)),),
    )


def rerouting(flow: Rig) -> Reroute:
    return Reroute(flow.config, flow.store, flow.health, flow.now)


async def carrier_of(flow: Rig, accepted: Accepted) -> str:
    return (await flow.message(accepted)).carrier


async def lose(link: Link) -> None:
    """The link is cut."""
    await link._stream.aclose()
    await settle()


# A new text.


async def test_a_new_text_goes_by_the_first_carrier_that_is_up(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers()) as flow:
        _, backup = await flow.link(carrier_name="backup")
        await flow.consent()
        # The process has just begun, and so has the attempt to bind.
        assert await carrier_of(flow, await flow.submit()) == "main"
        await trio.sleep(31)
        assert await carrier_of(flow, await flow.submit()) == "backup"
        link, main = await flow.link(carrier_name="main")
        assert await carrier_of(flow, await flow.submit()) == "main"
        await lose(link)
        assert await carrier_of(flow, await flow.submit()) == "main"  # it will be back in a moment
        await trio.sleep(31)
        assert await carrier_of(flow, await flow.submit()) == "backup"
        assert (len(main.submits), len(backup.submits)) == (2, 2)


async def test_a_text_waits_for_the_first_where_none_is_up_and_says_so(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers()) as flow:
        await flow.consent()
        await trio.sleep(31)
        accepted = await flow.submit()
        assert accepted.state is State.QUEUED
        message = await flow.message(accepted)
        assert message.carrier == "main"
        assert b"waits for carrier main" in bytes(message.decision)


async def test_carriers_of_one_route_share_by_weight(autojump_clock: Clock) -> None:
    routes = (RouteConfig(carriers={"main": 3, "backup": 1}),)
    async with rig_of(two_carriers(carriers=(), routes=routes)) as flow:
        await flow.consent()
        for name in ("main", "backup"):
            await flow.link(carrier_name=name)
        shares = Counter([await carrier_of(flow, await flow.submit()) for _ in range(40)])
        assert shares == {"main": 30, "backup": 10}


async def test_a_kind_of_content_that_no_carrier_permits_is_refused_and_kept(autojump_clock: Clock) -> None:
    refusing = {"permits": ("servicing",)}
    async with rig_of(two_carriers(refusing, refusing)) as flow:
        await flow.consent(category="marketing")
        wish = Wish(NUMBER, "servicing", "marketing", "Half price")
        (answer,) = await flow.submitting.submit(flow.config.clients[0], [wish])
        assert isinstance(answer, Accepted)
        assert (answer.state, answer.code) == (State.BLOCKED, Code.ROUTE_NOT_PERMITTED)
        message = await flow.message(answer)
        assert (message.state, message.code) == (State.BLOCKED, Code.ROUTE_NOT_PERMITTED)
        assert b'"route"' in bytes(message.decision)


async def test_a_number_that_no_carrier_serves_is_no_submission(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers({"prefixes": ("+44",)}, {"prefixes": ("+33",)})) as flow:
        wish = Wish(NUMBER, "servicing", "servicing", "Hello")
        (answer,) = await flow.submitting.submit(flow.config.clients[0], [wish])
        assert isinstance(answer, Invalid)
        assert (answer.code, answer.field) == (Code.CARRIER_UNKNOWN, "to")


async def test_a_reply_is_known_at_every_carrier_of_the_routes(autojump_clock: Clock) -> None:
    routes = (RouteConfig(carriers={"main": 1}), RouteConfig(carriers={"backup": 1}))
    async with rig_of(two_carriers(carriers=(), routes=routes)) as flow:
        _, backup = await flow.link(carrier_name="backup")
        await flow.consent()
        assert await backup.text("STOP") == const.ESME_ROK
        await settle()
        (confirmation,) = backup.submits
        assert confirmation.source_addr == SENDER
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


# A queue whose carrier stays down.


async def test_queued_texts_move_when_their_carrier_stays_down(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers()) as flow:
        await flow.consent()
        texts = [await flow.submit(f"Hello {index}") for index in range(3)]
        _, backup = await flow.link(carrier_name="backup")
        reroute = rerouting(flow)
        await trio.sleep(59)
        await reroute.once()
        await settle()
        assert not backup.submits
        await trio.sleep(2)
        await reroute.once()
        await settle()
        assert [pdu.short_message for pdu in backup.submits] == [b"Hello 0", b"Hello 1", b"Hello 2"]
        _, main = await flow.link(carrier_name="main")
        await reroute.once()
        await settle()
        assert not main.submits
        for text in texts:
            message = await flow.message(text)
            assert (message.state, message.carrier) == (State.SUBMITTED, "backup")
        moved = news_of((await flow.store.timeline(texts[0].id))[1])
        assert (moved.state, moved.cause) == (State.QUEUED, "reroute")
        assert (moved.carrier_before, moved.carrier) == ("main", "backup")
        # Its receipt belongs to the carrier that got it.
        await backup.receipt("00000001")
        assert await flow.state(texts[0]) is State.DELIVERED


async def test_a_long_text_moves_whole(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers(backup={"long_messages": "udh16"})) as flow:
        await flow.consent()
        accepted = await flow.submit("x" * 400)
        _, backup = await flow.link(carrier_name="backup")
        await trio.sleep(61)
        await rerouting(flow).once()
        await settle()
        assert [pdu.short_message[:3] for pdu in backup.submits] == [b"\x06\x08\x04"] * 3
        assert await flow.state(accepted) is State.SUBMITTED


async def test_a_text_of_which_something_went_stays(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers({"window": 1})) as flow:
        await flow.consent()
        link, main = await flow.link(carrier_name="main")

        def one_only(pdu: SubmitSm) -> SubmitSmResp | None:
            return SubmitSmResp(message_id="a1") if len(main.submits) == 1 else None

        main.answer = one_only
        long = await flow.submit("x" * 400)
        waiting = await flow.submit("Hello")
        assert len(main.submits) == 2  # the second segment was never answered
        await lose(link)
        _, backup = await flow.link(carrier_name="backup")
        await trio.sleep(61)
        await rerouting(flow).once()
        await settle()
        assert [pdu.short_message for pdu in backup.submits] == [b"Hello"]
        assert await carrier_of(flow, waiting) == "backup"
        assert await carrier_of(flow, long) == "main"
        assert await flow.state(long) is State.IN_DOUBT


async def test_a_throttled_text_moves_and_a_refused_one_stays(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers()) as flow:
        await flow.consent()
        link, main = await flow.link(carrier_name="main")
        status = const.ESME_RSYSERR  # it may have been taken all the same
        main.answer = lambda pdu: SubmitSmResp(command_status=status)
        tried = await flow.submit("Tried")
        status = const.ESME_RTHROTTLED
        throttled = await flow.submit("Throttled")
        await lose(link)
        _, backup = await flow.link(carrier_name="backup")
        flow.wall += MINUTE
        await trio.sleep(61)
        await rerouting(flow).once()
        await settle()
        assert [pdu.short_message for pdu in backup.submits] == [b"Throttled"]
        assert await flow.state(throttled) is State.SUBMITTED
        assert (await carrier_of(flow, tried), await flow.state(tried)) == ("main", State.QUEUED)


@pytest.mark.parametrize(
    ("backup", "text", "moves"),
    [
        ({}, "Hello", True),
        ({"long_messages": "payload"}, "x" * 400, False),  # one PDU there, three here
        ({"long_messages": "payload"}, "Hello", True),
        ({"permits": ("marketing",)}, "Hello", False),
        ({"prefixes": ("+44",)}, "Hello", False),
        ({"alphabet": "ascii"}, "Café", True),
        ({"alphabet": "ascii"}, "é" * 100, False),  # two segments of UCS-2
        ({"supplementary": "strip"}, "Paid 🎉", False),  # kept as it was accepted, it is not what would go
        ({"supplementary": "strip"}, "Paid ✓", True),
    ],
)
async def test_only_what_fits_the_other_carrier_moves(
    autojump_clock: Clock, backup: dict[str, Any], text: str, moves: bool
) -> None:
    async with rig_of(two_carriers(backup=backup)) as flow:
        await flow.consent()
        accepted = await flow.submit(text)
        _, smsc = await flow.link(carrier_name="backup")
        await trio.sleep(61)
        await rerouting(flow).once()
        await settle()
        assert bool(smsc.submits) is moves
        message = await flow.message(accepted)
        assert message.carrier == ("backup" if moves else "main")
        if moves and backup.get("alphabet") == "ascii":
            assert (message.encoding, smsc.submits[0].data_coding) == ("ucs2", 8)


async def test_nothing_moves_to_a_carrier_that_is_down_too(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers()) as flow:
        await flow.consent()
        accepted = await flow.submit()
        link, _ = await flow.link(carrier_name="backup")
        await lose(link)
        await trio.sleep(61)
        await rerouting(flow).once()
        assert await carrier_of(flow, accepted) == "main"


async def test_the_answer_to_a_consumer_does_not_move(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers()) as flow:
        prepared = flow.submitting.preparation.of_reply(
            flow.client, flow.config.clients[0].programs[0], NUMBER, "You are opted out.", "main", flow.now() + MINUTE
        )
        assert prepared is not None
        await flow.store.accept(flow.submitting.acceptance(flow.client, [prepared], flow.now()))
        _, backup = await flow.link(carrier_name="backup")
        await trio.sleep(61)
        await rerouting(flow).once()
        await settle()
        assert not backup.submits


async def test_a_text_that_waits_for_a_quota_of_a_carrier_that_is_down_moves(autojump_clock: Clock) -> None:
    limits = (LimitConfig(scope="program", per="day", segments=1),)
    async with rig_of(two_carriers({"limits": limits})) as flow:
        await flow.consent()
        link, main = await flow.link(carrier_name="main")
        texts = [await flow.submit() for _ in range(3)]
        assert len(main.submits) == 1
        await lose(link)
        _, backup = await flow.link(carrier_name="backup")
        await trio.sleep(61)
        await rerouting(flow).once()
        await settle()
        assert len(backup.submits) == 2
        assert [await carrier_of(flow, text) for text in texts] == ["main", "backup", "backup"]


async def test_a_round_moves_a_bounded_number_and_the_next_goes_on(autojump_clock: Clock) -> None:
    async with rig_of(two_carriers(backup={"long_messages": "payload"})) as flow:
        ids = IdSource()
        client = flow.client

        def text(words: str, segments: int) -> Submission:
            message_id = MessageId(ids.next(NOON))
            return Submission(
                message_id, client, "servicing", "servicing", "+12025550123", f"+{SENDER}", "main",  # type: ignore[arg-type]
                words, "gsm7", len(words), segments, 1, NOON, NOON + 60 * MINUTE,
            )  # fmt: skip

        texts = [text("x" * 400, 3) for _ in range(5200)] + [text("Hello", 1) for _ in range(300)]
        taken = Acceptance(tuple(texts), lambda *_: Ruling(State.QUEUED, NOON, b"{}"), client, NOON)
        await flow.store.accept(taken)
        await flow.link(carrier_name="backup", serve=False)
        await trio.sleep(61)
        reroute = rerouting(flow)
        await reroute.once()
        assert (await flow.store.depth("backup")).queued == 0  # it is still among those that have to stay
        await reroute.once()
        assert (await flow.store.depth("backup")).queued == 300
        assert (await flow.store.depth("main")).queued == 3 * 5200
