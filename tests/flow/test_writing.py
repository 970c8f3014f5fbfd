"""How a text is written for its carrier: national tables, replaced characters, long-message modes."""

import msgspec
import pytest
import trio

from gateway.config import Config
from gateway.errors import Code
from gateway.flow.check import Check
from gateway.flow.forecast import Forecast
from gateway.flow.invalid import Invalid
from gateway.flow.prepare import Wish
from gateway.smpp import const
from tests.flow.rig import NUMBER, Rig, configured, rig, rig_of


def with_program(config: Config, **changes: object) -> Config:
    program = msgspec.structs.replace(config.clients[0].programs[0], **changes)
    client = msgspec.structs.replace(config.clients[0], programs=(program,))
    return msgspec.structs.replace(config, clients=(client,))


async def test_typographic_characters_are_replaced_where_the_program_says_so_and_reported(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig_of(with_program(configured(), transliterate=True)) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit("It’s due – today")
        assert accepted.encoding == "gsm7"
        assert smsc.submits[0].short_message == b"It's due - today"
        message = await flow.message(accepted)
        assert b"U+2019 at 2 by" in bytes(message.decision)


async def test_without_that_they_force_ucs2(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit("It’s due")
        assert (accepted.encoding, smsc.submits[0].data_coding) == ("ucs2", 8)


async def test_a_national_table_keeps_a_text_in_septets(autojump_clock: trio.testing.MockClock) -> None:
    text = "Borcunuz için ödeme günü: yarın. " * 3
    for language, segments in ((None, 2), ("turkish", 1)):
        async with rig(national_language=language) as flow:
            _, smsc = await flow.link()
            await flow.consent()
            accepted = await flow.submit(text)
            assert (accepted.segments, len(smsc.submits)) == (segments, segments)


@pytest.mark.parametrize("mode", ["udh8", "udh16", "sar", "payload"])
async def test_each_long_message_mode(autojump_clock: trio.testing.MockClock, mode: str) -> None:
    async with rig(long_messages=mode) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit("x" * 300)
        await _check(flow, mode)
        match mode:
            case "udh8" | "udh16":
                header = b"\x05\x00\x03" if mode == "udh8" else b"\x06\x08\x04"
                assert all(pdu.esm_class == 0x40 and pdu.short_message.startswith(header) for pdu in smsc.submits)
            case "sar":
                numbers = [pdu.tlv(const.TLV_SAR_SEGMENT_SEQNUM) for pdu in smsc.submits]
                assert numbers == [b"\x01", b"\x02"]
                assert all(pdu.esm_class == 0 for pdu in smsc.submits)
            case _:
                (pdu,) = smsc.submits
                assert (pdu.short_message, pdu.tlv(const.TLV_MESSAGE_PAYLOAD)) == (b"", b"x" * 300)


@pytest.mark.parametrize("mode", ["udh8", "udh16", "sar", "payload"])
async def test_a_text_longer_than_its_category_allows_is_refused_whoever_cuts_it(mode: str) -> None:
    async with rig(long_messages=mode) as flow:
        await flow.consent()
        assert (await flow.submit("x" * 900)).code is None
        long = await flow.submit("x" * 919)
        assert (long.code, long.segments) == (Code.CONTENT_TOO_LONG, 7)
        assert b"7 segments in gsm7, and 6 are allowed" in bytes(long.decision)


@pytest.mark.parametrize("mode", ["udh8", "payload"])
async def test_a_forecast_counts_the_segments_that_the_carrier_charges_for(mode: str) -> None:
    config = configured(long_messages=mode, price_micros=100)
    async with rig_of(config) as flow:
        await flow.consent()
        trial = Check(config, flow.store, flow.submitting, flow.now)
        forecast = Forecast(config)
        async for judged in trial.judge(
            config.clients[0], [Wish(NUMBER, "servicing", "servicing", "x" * 300)], None, trial.charters(())
        ):
            forecast.add(judged)
        assert (forecast.segments, forecast.cost_micros) == (2, 200)


async def _check(flow: Rig, mode: str) -> None:
    depth = await flow.store.depth(flow.config.carriers[0].name)
    assert depth.queued == 0, mode


async def test_a_carrier_that_takes_no_emoji_gets_none_and_that_is_told(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig(supplementary="strip") as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit("Thank you 👍 for paying")
        assert accepted.encoding == "gsm7"
        assert smsc.submits[0].short_message == b"Thank you for paying"
        message = await flow.message(accepted)
        assert message.text == "Thank you for paying"
        assert b"U+1F44D at 10 by ''" in bytes(message.decision)


async def test_a_name_that_such_a_carrier_cannot_write_is_not_sent(autojump_clock: trio.testing.MockClock) -> None:
    async with rig(supplementary="strip") as flow:
        await flow.consent()
        wish = Wish(NUMBER, "servicing", "servicing", "Dear 𠮷野")
        (refused,) = await flow.submitting.submit(flow.config.clients[0], [wish])
        assert isinstance(refused, Invalid)
        assert (refused.code, refused.field) == (Code.CONTENT_UNENCODABLE, "text")
        assert "U+20BB7" in refused.detail


async def test_by_itself_a_carrier_gets_emoji_as_pairs(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit("Paid 🎉")
        assert smsc.submits[0].short_message == "Paid 🎉".encode("utf-16-be")


@pytest.mark.parametrize(("letter", "encoding"), [("x", "gsm7"), ("я", "ucs2")])
async def test_a_text_that_no_message_can_hold_is_refused_in_its_own_encoding(
    autojump_clock: trio.testing.MockClock, letter: str, encoding: str
) -> None:
    async with rig() as flow:
        await flow.link()
        await flow.consent()
        for length in (40_000, 50_000):
            refused = await flow.submit(letter * length)
            assert (refused.code, refused.encoding) == (Code.CONTENT_TOO_LONG, encoding)
