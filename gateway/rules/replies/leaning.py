"""Owns the last net: whether the words of a reply that no rule speaks of lean towards a refusal.

Does not own the weights (`leaning_table`), or any verdict but to hold. Each class of words, and each pair of neighbouring
classes, weighs for or against, as it did in the sentences that the weights were learnt from; words of no class weigh by
themselves. It can only raise "nothing" to "hold", never lower a verdict, and names the words that weighed most.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from . import frames
from .leaning_table import BIAS, WEIGHTS
from .normalise import fold, tokens
from .phrases import NOTATION
from .words import SYMBOL, symbol

THRESHOLD = 5
"""In tenths; a sum above it holds."""
_MOST = 30  # tokens looked at
_LENGTHS = 5

_NAME = {char: name for name, char in SYMBOL.items()} | {SYMBOL["RIGHT"]: "FILL"}  # apart for limits of time alone
_OTHER = NOTATION.symbols("OTHER")
_MARKS = NOTATION.symbols("MARK") - {SYMBOL["ASKS"]}
_FREE = NOTATION.symbols("F MARK NUM")


Feature = str | tuple[str, str]
"""A class or a word, a pair of neighbours, or how long the text is ("#2")."""


def _read(table: Mapping[int, str]) -> dict[Feature, int]:
    spelt = {feature: weight for weight, features in table.items() for feature in features.split()}
    return {_feature(feature): weight for feature, weight in spelt.items()}


def _feature(spelt: str) -> Feature:
    first, joined, second = spelt.partition("+")
    return (first, second) if joined and first and second else spelt


_WEIGHTS = _read(WEIGHTS)


def features(text: str) -> set[Feature]:
    """What of a text weighs: its classes, their neighbours, its length."""
    found = tokens(fold(text))
    return _features(_names(found, frames.contracted("".join([symbol(token) for token in found])))[0])


def evidence(found: Iterable[Feature], bias: int = BIAS, weights: Mapping[Feature, int] = _WEIGHTS) -> int:
    """What the features of a text come to, in tenths."""
    return bias + sum([weights.get(feature, 0) for feature in found])


def leaning(found: Sequence[str], symbols: str) -> tuple[int, int] | None:
    """The tokens [start, end) that speak for a refusal, if all together do; else None."""
    names, places = _names(found, symbols)
    if _FREE.issuperset(symbols) or evidence(_features(names)) <= THRESHOLD:
        return None
    begin, end = _heaviest([_WEIGHTS.get(name, 0) + _pair(names, place) for place, name in enumerate(names)])
    return places[begin], places[end - 1] + 1


def _names(found: Sequence[str], symbols: str) -> tuple[list[str], list[int]]:
    """The classes of a text's first words, marks left out, and where each word stands."""
    places = [place for place, char in enumerate(symbols[:_MOST]) if char not in _MARKS]
    return [found[at] if symbols[at] in _OTHER else _NAME[symbols[at]] for at in places], places


def _features(names: Sequence[str]) -> set[Feature]:
    return {*names, *pairwise(("^", *names, "$")), f"#{min(len(names) // 3, _LENGTHS)}"}


def _pair(names: Sequence[str], place: int) -> int:
    return _WEIGHTS.get((names[place - 1] if place else "^", names[place]), 0)


def _heaviest(weights: Sequence[int]) -> tuple[int, int]:
    """The run of words that weighs most."""
    best, begin, end = weights[0], 0, 1
    here, start = 0, 0
    for place, weight in enumerate(weights):
        if here <= 0:
            here, start = 0, place
        here += weight
        if here > best:
            best, begin, end = here, start, place + 1
    return begin, end
