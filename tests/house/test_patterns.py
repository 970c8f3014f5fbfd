"""No regular expression repeats a group possessively.

Before 3.11.5, Python's `re` leaves such a group behind what it matched in part (python/cpython#106052): `3;a=` passes for
`[0-9](?:;[a-z](?:=[a-z])?+)*+`. Debian 12 has 3.11.2.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from tests.house.source import modules

_parser: Any = import_module("re._parser")
_constants: Any = import_module("re._constants")
_SINGLE = {_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY, _constants.CATEGORY}


def patterns() -> Iterator[tuple[str, "re.Pattern[Any]"]]:
    """All that modules keep, by the module's name."""
    for module in modules("gateway", "plugins"):
        for value in vars(import_module(module.name)).values():
            for one in value if isinstance(value, tuple | list) else (value,):
                if isinstance(one, re.Pattern):
                    yield module.name, one


def is_misread(pattern: "re.Pattern[Any]") -> bool:
    """Whether it repeats, possessively, anything but single characters."""
    return any(_misread(token) for token in _parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))


def _misread(token: Any) -> bool:
    if isinstance(token, _parser.SubPattern | list):
        return any(_misread(one) for one in token)
    if not isinstance(token, tuple):
        return False
    operator, value = token[0], token[1:]
    if operator is _constants.POSSESSIVE_REPEAT:
        repeated = value[0][2]
        if len(repeated) != 1 or repeated[0][0] not in _SINGLE:
            return True
    return any(_misread(one) for one in value)


def test_no_group_is_repeated_possessively() -> None:
    found = list(patterns())
    assert len(found) > 50
    assert [(name, pattern.pattern) for name, pattern in found if is_misread(pattern)] == []


@pytest.mark.parametrize(
    "pattern", [r"(?:;a)?+", r"x(?:[a-z]++|%[0-9]{2})*+", r"(?:(?:ab)++|c)", r"(?:a|b(?:cd){2,3}+)*"]
)
def test_such_a_group_is_seen(pattern: str) -> None:
    assert is_misread(re.compile(pattern))
    assert is_misread(re.compile(pattern.encode()))


@pytest.mark.parametrize("pattern", [r"[a-z]++(?:;[^;]*+)*", r"a?+\d{2,3}+.*+", r"[(]x[)*+?]+"])
def test_runs_of_characters_pass(pattern: str) -> None:
    assert not is_misread(re.compile(pattern))
