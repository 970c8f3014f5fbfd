"""Which text in doubt a receipt of unknown id means."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.doubt import Doubtful, Told, fits, resolve

CLAIMED = datetime(2026, 9, 21, 12, 0, 40, tzinfo=UTC)
DOUBT = Doubtful(
    7, 1, "+12025550123", "+12025550100", "Your payment is due on 3 March.", int(CLAIMED.timestamp() * 1000), 4711
)
TOLD = Told(1, "a1", "12025550123", "12025550100", DOUBT.claimed_at + 2000, "2609211200", "Your payment is due ", None)


def told(**changes: object) -> Told:
    return msgspec.structs.replace(TOLD, **changes)


def doubt(**changes: object) -> Doubtful:
    return msgspec.structs.replace(DOUBT, **changes)


def pairs(doubts: Sequence[Doubtful], receipts: Sequence[Told]) -> list[tuple[int, int, int]]:
    return [(told.receipt_id, doubt.message_id, doubt.n) for told, doubt in resolve(doubts, receipts)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"submit_date": None},
        {"text": None},
        {"text": ""},
        {"text": "YOUR  PAYMENT is due"},
        {"text": "Your payment is due on 3 March. Thank you"},
        {"text": "Y"},  # too little to say anything
        {"submit_date": "260921120039"},
        {"submit_date": "20260921120141"},
        {"submit_date": "2609211400"},  # two hours east
        {"submit_date": "2609211745"},  # Nepal
        {"submit_date": "2609210700"},
        {"submit_date": "21/09/2026"},  # cannot be read
        {"number": "2025550123"},
        {"number": "12025550100", "sender": "12025550123"},  # as they were in the submit_sm
    ],
)
def test_a_receipt_that_agrees(changes: dict[str, object]) -> None:
    assert fits(told(**changes), DOUBT)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "12025550124"},
        {"number": ""},
        {"sender": "12025550199"},
        {"sender": ""},
        {"at": DOUBT.claimed_at - 1},
        {"text": "Your code is 123456"},
        {"submit_date": "2609211205"},
        {"submit_date": "2609201200"},
        {"submit_date": None, "text": None},
        {"submit_date": "9999999999", "text": None},
        {"submit_date": "2609211200", "text": "Reminder"},  # one agrees, the other does not
    ],
)
def test_a_receipt_that_does_not(changes: dict[str, object]) -> None:
    assert not fits(told(**changes), DOUBT)


def test_the_reference_decides_alone_where_the_carrier_repeats_it() -> None:
    assert fits(told(user_message_reference=4711, text=None, submit_date=None), DOUBT)
    assert not fits(told(user_message_reference=4712), DOUBT)
    assert fits(told(user_message_reference=4712), doubt(user_message_reference=None))


def test_one_text_and_its_receipt() -> None:
    other = doubt(message_id=8, number="+12025550124")
    assert pairs([DOUBT, other], [TOLD]) == [(1, 7, 1)]


def test_two_texts_with_the_same_words_are_not_told_apart() -> None:
    assert pairs([DOUBT, doubt(message_id=8)], [TOLD]) == []


def test_two_texts_with_the_same_words_are_told_apart_by_the_minute() -> None:
    later = doubt(message_id=8, claimed_at=DOUBT.claimed_at + 6 * 60_000)
    second = told(receipt_id=2, smsc_key="a2", at=later.claimed_at + 1000, submit_date="2609211206")
    assert pairs([DOUBT, later], [TOLD, second]) == [(1, 7, 1), (2, 8, 1)]


def test_segments_are_told_apart_by_their_words() -> None:
    second = doubt(n=2, text="Reply STOP to end these texts.")
    receipts = [told(receipt_id=2, smsc_key="a2", text="Reply STOP to end th"), TOLD]
    assert pairs([DOUBT, second], receipts) == [(2, 7, 2), (1, 7, 1)]


def test_two_ids_for_one_text_are_one_too_many() -> None:
    assert pairs([DOUBT], [TOLD, told(receipt_id=2, smsc_key="a2")]) == []


def test_two_receipts_of_one_id_are_its_story() -> None:
    assert pairs([DOUBT], [TOLD, told(receipt_id=2)]) == [(1, 7, 1), (2, 7, 1)]


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_whatever_a_carrier_writes_is_compared(number: str, sender: str, date: str, text: str) -> None:
    assert len(resolve([DOUBT], [told(number=number, sender=sender, submit_date=date, text=text)])) <= 1


@given(st.integers(-14 * 4, 14 * 4), st.integers(-60, 119))
def test_any_zone_there_is_will_do(quarters: int, seconds: int) -> None:
    there = CLAIMED + timedelta(minutes=15 * quarters, seconds=seconds)
    assert fits(told(text=None, submit_date=f"{there:%y%m%d%H%M%S}"), DOUBT)
