"""Members that occur twice in an object are found, wherever they stand and however they are spelt."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.web.faults import MOST_FAULTS, repetitions

_NAMES = st.sampled_from(["a", "b", 'c":', '"d', "e/~", "ü"])
_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), _NAMES)


def spelt(value: Any) -> str:
    """JSON of values in which an object is a list of pairs within a tuple, so that a name may come again."""
    if isinstance(value, tuple):
        members = ", ".join(f"{json.dumps(name)} : {spelt(inner)}" for name, inner in value)
        return f"{{{members}}}"
    if isinstance(value, list):
        return f"[{','.join(map(spelt, value))}]"
    return json.dumps(value)


def doubled(value: Any) -> int:
    """How many members are there again."""
    if isinstance(value, tuple):
        return len(value) - len({name for name, _ in value}) + sum(doubled(inner) for _, inner in value)
    return sum(map(doubled, value)) if isinstance(value, list) else 0


_DOCUMENTS = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(_NAMES, inner), max_size=4).map(tuple),
    max_leaves=12,
)


@given(_DOCUMENTS)
def test_as_many_are_named_as_there_are(document: Any) -> None:
    assert len(repetitions(spelt(document).encode())) == min(doubled(document), MOST_FAULTS)


def test_a_name_that_is_spelt_in_two_ways_is_one_name() -> None:
    (fault,) = repetitions(rb'{"id": 1, "x": [{"a": 2, "\u0061": 3}]}', "/events/7")
    assert fault.field == "/events/7/x/0/a"
