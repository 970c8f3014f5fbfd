"""Keys: paths that no client's names can break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.hooks import key_of
from gateway.hooks.keys import is_key, is_under

parts = st.lists(st.one_of(st.text(max_size=300), st.integers()), min_size=1, max_size=4)


@given(parts)
def test_any_parts_make_a_key(given_parts: list[object]) -> None:
    assert is_key(key_of(*given_parts))


@given(st.text(max_size=50), st.text(max_size=50))
def test_different_parts_make_different_keys(one: str, other: str) -> None:
    assert (key_of(one) == key_of(other)) == (one == other)
    assert not is_under(key_of("a", f"{one}x"), key_of("a", one))


@pytest.mark.parametrize(
    ("key", "path", "expected"),
    [("a/b", "a", True), ("a", "a", True), ("ab", "a", False), ("a", "a/b", False), ("a/10", "a/1", False)],
)
def test_below_is_by_whole_parts(key: str, path: str, expected: bool) -> None:
    assert is_under(key, path) is expected
