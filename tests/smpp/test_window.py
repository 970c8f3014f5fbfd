"""Requests in flight: their number, their numbers, and their deadlines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.smpp import const
from gateway.smpp.errors import WindowFull
from gateway.smpp.pdu import DataSm, DeliverSm, QuerySm, Request, SubmitMulti, SubmitSm
from gateway.smpp.window import LATE_REMEMBERED, Window

SUBMIT_RESP = const.SUBMIT_SM_RESP


def near_the_end(size: int = 10) -> Window:
    """A window whose numbers are about to run out."""
    window = Window(size)
    window._next_sequence = const.SEQUENCE_MAX - 1
    return window


def test_numbers_begin_at_one_and_rise() -> None:
    window = Window(3)
    assert [window.add(SubmitSm(), None, 1.0) for _ in range(3)] == [1, 2, 3]


def test_numbers_wrap_to_one_and_never_are_zero() -> None:
    window = near_the_end()
    assert [window.next_sequence() for _ in range(4)] == [0x7FFFFFFE, 0x7FFFFFFF, 1, 2]


def test_a_number_in_flight_is_not_given_again() -> None:
    window = near_the_end()
    window._next_sequence = 1
    assert window.add(SubmitSm(), None, 0.0) == 1
    assert window.add(SubmitSm(), None, 1.0) == 2
    assert window.add(QuerySm(), None, 1.0) == 3
    assert [entry.sequence_number for entry in window.expire(0.5)] == [1]
    window._next_sequence = const.SEQUENCE_MAX
    assert window.next_sequence() == const.SEQUENCE_MAX
    # 1 is overdue and may still be answered, 2 a text in flight, 3 a query in flight.
    assert window.next_sequence() == 4


@pytest.mark.parametrize("text", [SubmitSm(), DataSm(), SubmitMulti(), DeliverSm()])
def test_texts_wait_for_a_place_and_control_does_not(text: Request) -> None:
    window = Window(2)
    window.add(text, None, 1.0)
    window.add(text, None, 1.0)
    with pytest.raises(WindowFull):
        window.add(text, None, 1.0)
    assert window.add(QuerySm(), None, 1.0) == 3
    assert len(window) == 2
    assert window.take(1, text.command_id | const.RESPONSE_BIT) is not None
    assert window.add(text, None, 1.0) == 4


def test_a_window_may_shrink_below_what_is_in_flight() -> None:
    window = Window(3)
    for _ in range(3):
        window.add(SubmitSm(), None, 1.0)
    window.size = 1
    window.take(1, SUBMIT_RESP)
    window.take(2, SUBMIT_RESP)
    with pytest.raises(WindowFull):
        window.add(SubmitSm(), None, 1.0)
    window.take(3, SUBMIT_RESP)
    window.add(SubmitSm(), None, 1.0)


def test_a_response_is_matched_by_number_and_kind() -> None:
    window = Window(3)
    token = object()
    number = window.add(SubmitSm(), token, 1.0)
    assert window.take(number, const.DELIVER_SM_RESP) is None
    assert window.take(number + 1, SUBMIT_RESP) is None
    taken = window.take(number, SUBMIT_RESP)
    assert taken is not None
    assert taken[0].token is token
    assert not taken[1]
    assert window.take(number, SUBMIT_RESP) is None


def test_a_generic_nack_answers_anything() -> None:
    window = Window(3)
    assert window.take(window.add(QuerySm(), None, 1.0), const.GENERIC_NACK) is not None


def test_an_overdue_request_frees_its_place_and_is_known_when_it_is_answered_late() -> None:
    window = Window(1)
    number = window.add(SubmitSm(), "token", 5.0)
    assert window.next_deadline() == 5.0
    assert window.expire(4.9) == []
    (overdue,) = window.expire(5.0)
    assert overdue.token == "token"
    assert window.next_deadline() == float("inf")
    assert window.add(SubmitSm(), None, 10.0) == number + 1
    taken = window.take(number, SUBMIT_RESP)
    assert taken is not None
    assert taken == (overdue, True)
    assert window.take(number, SUBMIT_RESP) is None


def test_the_memory_of_overdue_requests_has_an_end() -> None:
    window = Window(1)
    for _ in range(LATE_REMEMBERED + 1):
        window.add(SubmitSm(), None, 0.0)
        window.expire(0.0)
    assert window.take(1, SUBMIT_RESP) is None
    assert window.take(2, SUBMIT_RESP) is not None


def test_what_is_abandoned_is_named_once() -> None:
    window = Window(3)
    window.add(SubmitSm(), "late", 0.0)
    window.expire(0.0)
    window.add(SubmitSm(), "a", 1.0)
    window.add(QuerySm(), "b", 1.0)
    window.add(SubmitSm(), "c", 1.0)
    assert [entry.token for entry in window.abandon()] == ["a", "c", "b"]
    assert window.abandon() == ()
    assert len(window) == 0


@given(st.lists(st.integers(1, 200), unique=True, min_size=1, max_size=100))
def test_out_of_order_answers(order: list[int]) -> None:
    window = Window(200)
    for _ in range(200):
        window.add(SubmitSm(), None, 1.0)
    for number in order:
        taken = window.take(number, SUBMIT_RESP)
        assert taken is not None
        assert taken[0].sequence_number == number
    assert len(window) == 200 - len(order)


class WindowModel(RuleBasedStateMachine):
    """The window against a plain dictionary, near the wrap, under any order of sending, answering and time."""

    def __init__(self) -> None:
        super().__init__()
        self.window = near_the_end(4)
        self.now = 0.0
        self.waiting: dict[int, float] = {}
        self.overdue: set[int] = set()

    @rule()
    def send(self) -> None:
        try:
            number = self.window.add(SubmitSm(), None, self.now + 3)
        except WindowFull:
            assert len(self.waiting) >= self.window.size
            return
        assert 1 <= number <= const.SEQUENCE_MAX
        assert number not in self.waiting
        assert number not in self.overdue
        self.waiting[number] = self.now + 3

    @precondition(lambda self: self.waiting or self.overdue)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.waiting) + sorted(self.overdue)))
        taken = self.window.take(number, SUBMIT_RESP)
        assert taken is not None
        assert taken[1] is (number in self.overdue)
        self.waiting.pop(number, None)
        self.overdue.discard(number)

    @rule(seconds=st.floats(0, 2))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        expired = {entry.sequence_number for entry in self.window.expire(self.now)}
        assert expired == {number for number, deadline in self.waiting.items() if deadline <= self.now}
        for number in expired:
            del self.waiting[number]
            self.overdue.add(number)

    @rule(size=st.integers(0, 6))
    def resize(self, size: int) -> None:
        self.window.size = size

    @invariant()
    def counts_agree(self) -> None:
        assert len(self.window) == len(self.waiting)
        assert self.window.next_deadline() == min(self.waiting.values(), default=float("inf"))


TestWindowModel = WindowModel.TestCase
