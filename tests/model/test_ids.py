"""Ids: they only grow, and their spelling tells their order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.ids import IdSource, read, spell, spell_message

_MOST = (1 << 63) - 1
_ids = st.integers(0, _MOST)


@given(st.lists(st.integers(0, 1 << 42), min_size=1, max_size=50), _ids)
def test_ids_only_grow_whatever_the_clock_does(clock: list[int], floor: int) -> None:
    source = IdSource(floor // 2)
    given_ids = [source.next(now) for now in clock]
    assert all(later > earlier for earlier, later in zip([floor // 2, *given_ids], given_ids, strict=False))


def test_an_id_tells_its_millisecond() -> None:
    source = IdSource()
    assert source.next(1_790_000_000_000) >> 20 == 1_790_000_000_000
    many = [source.next(1_790_000_000_000) for _ in range(5000)]
    assert len({one >> 20 for one in many}) == 1


def test_a_million_ids_in_a_millisecond_run_into_the_next() -> None:
    source = IdSource((7 << 20) + (1 << 20) - 1)
    assert source.next(7) == 8 << 20
    assert source.next(8) == (8 << 20) + 1


@given(_ids)
def test_what_is_spelt_is_read_again(number: int) -> None:
    assert read("msg", spell("msg", number)) == number
    assert spell_message(number) == spell("msg", number)


@given(_ids, _ids)
def test_spellings_sort_as_ids_do(one: int, other: int) -> None:
    assert (spell("in", one) < spell("in", other)) == (one < other)


@given(_ids)
def test_a_spelling_is_short_and_plain(number: int) -> None:
    text = spell("msg", number)
    assert len(text) == 17
    assert set(text[4:]) <= set("0123456789abcdefghjkmnpqrstvwxyz")


@pytest.mark.parametrize(
    "text",
    [
        "", "msg", "msg_", "msg_0000000000000x", "msg_000000000000", "msg_00000000000000", "in_0000000000000",
        "MSG_0000000000000", "msg_000000000000I", "msg_000000000000U", "msg_zzzzzzzzzzzzz", "msg_8000000000000",
        "msg_000000000000\x00", "msg_٠٠٠٠٠٠٠٠٠٠٠٠٠", "msg-0000000000000", "msg_+00000000000_", " msg_0000000000000",
    ],
)  # fmt: skip
def test_what_is_no_id_is_none(text: str) -> None:
    assert read("msg", text) is None


def test_the_greatest_id_is_read() -> None:
    assert read("msg", "msg_7zzzzzzzzzzzz") == _MOST


@given(st.text())
def test_any_text_is_an_id_or_none(text: str) -> None:
    found = read("msg", f"msg_{text}")
    assert found is None or spell("msg", found) == f"msg_{text}"
