"""Owns the search for phrases in a reply: which production fits where, under which frame.

Does not own the productions, or the tiers that decide before and after (`classify`).
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal, NamedTuple

from . import asking, frames, grammar, romance_grammar, weak
from .exact import CORE_MISTYPED
from .exclusions import EXCLUSIONS
from .phrases import NOTATION
from .words import SYMBOL

Kind = Literal["opt-out", "opt-in", "help", "needs-review", "none"]


class Finding(NamedTuple):
    """A verdict, the rule that gave it, and the tokens [start, end) it was given on."""

    verdict: Kind
    rule: str
    start: int
    end: int


NOTHING = Finding("none", "", 0, 0)
REMARK = Finding("none", "remark", 0, 0)
"""The grammar knows a phrase of the reply, and that it asks for nothing."""


class _Production(NamedTuple):
    rule: str
    strength: str
    pattern: re.Pattern[str]


def _by_first(productions: Iterable[tuple[str, str, str]]) -> dict[str, tuple[_Production, ...]]:
    table: dict[str, list[_Production]] = {}
    for rule, strength, pattern in productions:
        for first in NOTATION.leading(pattern):
            table.setdefault(first, []).append(_Production(rule, strength, NOTATION.pattern(pattern)))
    return {first: tuple(found) for first, found in table.items()}


_PRODUCTIONS = _by_first((*EXCLUSIONS, *grammar.PRODUCTIONS, *romance_grammar.SPANISH, *romance_grammar.FRENCH))
_STEMS = frozenset(_PRODUCTIONS)
_LAUGH = SYMBOL["LAUGH"]
_LIGHT = "".join(NOTATION.symbols("F MARK AND N BYE GIVEN"))
_LOOK_AHEAD = 8  # tokens
_BACKING = NOTATION.symbols("BACKING")
_INSISTED = NOTATION.pattern(
    "I F? ACCIDENT IT $ | I W{0,2} (PAID | OWE) | (THIS | IT) (WAS | F){0,2} (NOT | CANT) F? MY"
)


def _meant(symbols: str, end: int) -> bool:
    """Whether a bare "stop" that ends at `end` means the texts: nothing of weight follows, or something that backs it.

    "Stop. I don't want these" does; "Stop! You're killing me" and "Stop. Think. Save." may not.
    """
    if _LAUGH in symbols:
        return False
    after = symbols[end : end + _LOOK_AHEAD].strip(_LIGHT)
    return not after or not _BACKING.isdisjoint(after) or _INSISTED.match(after) is not None


def phrases(symbols: str) -> Finding:
    """The first revoking phrase of a reply, else the first one to hold it for, else REMARK or NOTHING."""
    held = NOTHING
    known = False
    past = 0
    for start, first in enumerate(symbols):
        if first not in _STEMS or start < past:
            continue
        for rule, strength, pattern in _PRODUCTIONS[first]:
            match = pattern.match(symbols, start)
            if match is None:
                continue
            known = True
            end = match.end()
            if strength == "exclude":
                past = end
                break
            verdict = frames.VERDICTS[strength, frames.frame(symbols, start)]
            if verdict == frames.OPT_OUT:
                limit = frames.limit(symbols, end, strength)
                if limit is not None:
                    verdict, rule = frames.HOLD, limit
                elif strength == "bare" and not _meant(symbols, end):
                    verdict, rule = frames.HOLD, "halt.unclear"
                else:
                    return Finding(verdict, rule, start, end)
            if verdict == frames.HOLD and held is NOTHING:
                held = Finding(verdict, rule, start, end)
            break
    return REMARK if known and held is NOTHING else held


_MARKS = "".join(NOTATION.symbols("MARK"))
_CLAUSE = re.compile(f"[^{_MARKS}]+")
_ABOUT = NOTATION.symbols(weak.ABOUT)
_TO_ME = NOTATION.pattern(weak.TO_ME)
_REFUSING = NOTATION.symbols(weak.REFUSING)
_TELLING = NOTATION.symbols(weak.TELLING)
_MENTION = NOTATION.pattern(weak.MENTION)
_TELLING_OF = NOTATION.symbols(weak.TELLING_OF)
_WANTED = NOTATION.pattern(weak.WANTED)


def mention(symbols: str) -> Finding:
    """The first clause that refuses texts, or speaks of these texts, in words the grammar does not know, else NOTHING."""
    for clause in _CLAUSE.finditer(symbols):
        words = clause[0]
        if not _TELLING.isdisjoint(words):
            continue
        refused = not _REFUSING.isdisjoint(words) and (not _ABOUT.isdisjoint(words) or _TO_ME.search(words) is not None)
        if not refused and (not _TELLING_OF.isdisjoint(words) or _MENTION.search(words) is None):
            continue
        if _WANTED.search(words) is None:
            return Finding("needs-review", "net.refused" if refused else "net.mention", clause.start(), clause.end())
    return NOTHING


def slip(found: list[str], symbols: str) -> Finding:
    """The first clause that is a core word mistyped and nothing else ("I paid. Syop"), else NOTHING."""
    bounds = [-1, *[at for at, char in enumerate(symbols) if char in _MARKS], len(found)]
    for before, after in pairwise(bounds):
        if after - before == 2 and found[before + 1] in CORE_MISTYPED:
            return Finding("needs-review", "keyword.slip", before + 1, after)
    return NOTHING


class _Sentences:
    """Patterns searched for anywhere, each only where a class of its anchor occurs."""

    def __init__(self, verdict: Kind, table: Iterable[tuple[str, str, str]]) -> None:
        self._verdict = verdict
        self._table = [(rule, NOTATION.symbols(anchor), NOTATION.pattern(pattern)) for rule, anchor, pattern in table]
        self._anchors = frozenset().union(*[anchor for _, anchor, _ in self._table])

    def search(self, symbols: str) -> Finding:
        """The first rule of the table that matches somewhere in `symbols`, else NOTHING."""
        present = self._anchors.intersection(symbols)
        if not present:
            return NOTHING
        for rule, anchor, pattern in self._table:
            if not anchor.isdisjoint(present):
                match = pattern.search(symbols)
                if match is not None:
                    return Finding(self._verdict, rule, match.start(), match.end())
        return NOTHING


REVOKING = _Sentences(frames.OPT_OUT, weak.REVOKING)
HOLDING = _Sentences(frames.HOLD, weak.HOLDING)
HELPING = _Sentences("help", asking.HELPING)
EXPLAINING = _Sentences("help", asking.EXPLAINING)
RENEWING = _Sentences("opt-in", asking.RENEWING)
