"""The way in which a carrier writes ids in receipts, found out by its first pairs."""

import logging

import msgspec
import pytest
import trio

from gateway.config import CarrierConfig
from gateway.flow.receipt_forms import PAIRS, ReceiptForms
from gateway.model.message import State
from gateway.smpp.pdu import SubmitSm, SubmitSmResp
from tests.flow.rig import configured, rig

Clock = trio.testing.MockClock


def carrier(**changes: object) -> CarrierConfig:
    return msgspec.structs.replace(configured().carriers[0], **changes)


def test_until_it_is_known_the_id_as_it_stands_goes_first() -> None:
    forms = ReceiptForms([carrier()])
    assert forms.keys("simulator", "16") == ("16", "10", "22")


def test_the_first_pairs_tell_and_nothing_is_ruled_out(caplog: pytest.LogCaptureFixture) -> None:
    forms = ReceiptForms([carrier()])
    with caplog.at_level(logging.INFO):
        for number in range(100, 100 + PAIRS):
            assert forms.keys("simulator", "16") == ("16", "10", "22")
            forms.note("simulator", str(number), f"{number:x}")
    assert forms.keys("simulator", "16") == ("10", "16", "22")
    assert "write ids as decimal" in caplog.text


def test_pairs_that_say_nothing_do_not_count() -> None:
    forms = ReceiptForms([carrier()])
    for _ in range(3 * PAIRS):
        forms.note("simulator", "7", "7")
        forms.note("simulator", "74e02ee1-4e2f", "74e02ee1-4e2f")
    assert forms.keys("simulator", "16") == ("16", "10", "22")


def test_a_carrier_that_is_not_always_the_same_is_never_taken_at_its_word() -> None:
    forms = ReceiptForms([carrier()])
    for number in range(100, 300):
        forms.note("simulator", str(number), f"{number:x}" if number % 2 else str(number))
    assert forms.keys("simulator", "16") == ("16", "10", "22")


def test_a_carrier_that_changes_its_ways_is_learnt_anew(caplog: pytest.LogCaptureFixture) -> None:
    forms = ReceiptForms([carrier()])
    for number in range(100, 100 + PAIRS):
        forms.note("simulator", str(number), f"{number:x}")
    with caplog.at_level(logging.WARNING):
        forms.note("simulator", "500", "500")
    assert "no longer as decimal" in caplog.text
    assert forms.keys("simulator", "16") == ("16", "10", "22")
    for number in range(501, 500 + PAIRS):
        forms.note("simulator", str(number), str(number))
    assert forms.keys("simulator", "16") == ("16", "10", "22")
    forms.note("simulator", "12", f"{12:x}")
    assert forms.keys("simulator", "16") == ("16", "10", "22")


def test_one_that_no_longer_writes_ids_as_they_are_is_seen_too(caplog: pytest.LogCaptureFixture) -> None:
    forms = ReceiptForms([carrier()])
    for number in range(100, 200):
        forms.note("simulator", f"0{number}", str(number))
    assert forms.keys("simulator", "16") == ("16", "10", "22")
    with caplog.at_level(logging.WARNING):
        forms.note("simulator", "500", f"{500:x}")
    assert "as decimal, no longer as raw" in caplog.text
    for number in range(501, 500 + PAIRS):
        forms.note("simulator", str(number), f"{number:x}")
    assert forms.keys("simulator", "16") == ("10", "16", "22")


def test_what_the_profile_says_is_not_found_out() -> None:
    forms = ReceiptForms([carrier(receipt_ids="raw")])
    for number in range(100, 200):
        forms.note("simulator", str(number), f"{number:x}")
    assert forms.keys("simulator", "16") == ("16",)


async def test_a_learnt_carrier_may_hide_the_number(autojump_clock: Clock) -> None:
    """Hex in responses, decimal in receipts: after the first pairs an id counts alone."""
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        ids = iter(range(0x100, 0x400))

        def answer(pdu: SubmitSm) -> SubmitSmResp:
            return SubmitSmResp(message_id=f"{next(ids):x}")

        smsc.answer = answer
        hidden = {"source_addr": "", "destination_addr": ""}
        first = await flow.submit()
        await smsc.receipt(str(0x100), **hidden)
        assert await flow.state(first) is State.SUBMITTED
        for number in range(0x101, 0x101 + PAIRS):
            await flow.submit()
            await smsc.receipt(str(number))
        last = await flow.submit()
        await smsc.receipt(str(0x101 + PAIRS), **hidden)
        assert await flow.state(last) is State.DELIVERED
