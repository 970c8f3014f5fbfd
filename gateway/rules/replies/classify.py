"""Owns the verdict on one reply: opt-out, opt-in, help, needs-review or none, by which rule, on which words.

Does not own the rules (`keywords`, `exclusions`, `grammar`, `romance_grammar`, `weak`, `signals`), nor what is done about
the verdict. Pure and linear in the length of the text; accepts every `str`.

The tiers, of which the first that speaks decides: keyword, emoji, dialog choice, grammar, wrong party and threats, the weak
net, help, renewal, open request. An opt-out beats everything, a hold all but an opt-out.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

import msgspec

from . import exact
from . import frames, grammar, romance_grammar, weak
from .exclusions import EXCLUSIONS
from .normalise import fold, tokens
from .phrases import NOTATION
from .signals import Signal, signals
from .words import SYMBOL, symbol

Kind = Literal["opt-out", "opt-in", "help", "needs-review", "none"]


class Dialog(msgspec.Struct, frozen=True):
    """A question that waits for an answer, and the answers it offers."""

    name: str
    choices: tuple[str, ...] = ()


class Context(msgspec.Struct, frozen=True):
    """What is known of the consumer when the reply arrives.

    `own_numbers` are our sender ids, so that "STOP 40404" to 40404 has no argument. The words of a program add to the
    keywords; a core word keeps its meaning whatever a program says.
    """

    opt_in_pending: bool = False
    opt_in_code_sent: bool = False
    opted_out: bool = False
    dialog: Dialog | None = None
    own_numbers: tuple[str, ...] = ()
    opt_out_words: tuple[str, ...] = ()
    opt_in_words: tuple[str, ...] = ()
    help_words: tuple[str, ...] = ()
    agree_words: tuple[str, ...] = ()


class Reply(msgspec.Struct, frozen=True):
    """The verdict. `span` is where `words` stand in `normalised`, the text as the rules saw it: (0, 0) for none."""

    kind: Kind
    rule: str
    words: str = ""
    span: tuple[int, int] = (0, 0)
    signals: tuple[Signal, ...] = ()
    scope_argument: str | None = None
    declined: bool = False
    language: str = ""
    normalised: str = ""


class _Production(msgspec.Struct, frozen=True):
    id: str
    strength: str
    match: "re.Pattern[str]"


_LEADING = re.compile(r"\(?\s*([A-Z_]+(?:\s*\|\s*[A-Z_]+)*)")


def _by_first(productions: Iterable[tuple[str, str, str]]) -> dict[str, tuple[_Production, ...]]:
    """Productions by the class they begin with, in order."""
    table: dict[str, list[_Production]] = {}
    for name, strength, pattern in productions:
        production = _Production(name, strength, NOTATION.pattern(pattern))
        leading = _LEADING.match(pattern)
        assert leading is not None, name
        for first in NOTATION.symbols(leading[1].replace("|", " ")):
            table.setdefault(first, []).append(production)
    return {first: tuple(found) for first, found in table.items()}


_PRODUCTIONS = _by_first((*EXCLUSIONS, *grammar.PRODUCTIONS, *romance_grammar.SPANISH, *romance_grammar.FRENCH))
_STEMS = frozenset(_PRODUCTIONS)
_REVOKING = tuple((name, NOTATION.symbols(anchor), NOTATION.pattern(p)) for name, anchor, p in weak.REVOKING)
_HOLDING = tuple((name, NOTATION.symbols(anchor), NOTATION.pattern(p)) for name, anchor, p in weak.HOLDING)
_WEIGHTLESS = NOTATION.symbols("F MARK")
_INSERTED = NOTATION.symbols("F")
_LAUGH = SYMBOL["LAUGH"]


def _grammar(symbols: str) -> tuple[str, str, int, int]:
    """(verdict, rule, start, end) of the gravest phrase; (NONE, "", 0, 0) when there is none."""
    best = (frames.NONE, "", 0, 0)
    joking = _LAUGH in symbols
    past = 0
    for start, first in enumerate(symbols):
        if first not in _STEMS or start < past:
            continue
        for production in _PRODUCTIONS[first]:
            match = production.match.match(symbols, start)
            if match is None:
                continue
            end = match.end()
            if production.strength == "exclude":
                past = end
                break
            verdict = frames.VERDICTS[production.strength, frames.frame(symbols, start)]
            rule = production.id
            if verdict == frames.OPT_OUT:
                limit = frames.limit(symbols, end)
                if limit is not None:
                    verdict, rule = frames.HOLD, limit
                elif joking and production.strength == "bare":
                    verdict, rule = frames.HOLD, "joke"
            if verdict == frames.OPT_OUT:
                return verdict, rule, start, end
            if verdict == frames.HOLD and best[0] == frames.NONE:
                best = (verdict, rule, start, end)
            break
    return best


def classify(text, context=Context()):
    folded = fold(text)
    found = tokens(folded)
    symbols = "".join([symbol(t) for t in found])
    symbols = frames.contracted(symbols)
    weight = [t for t, s in zip(found, symbols) if s not in _WEIGHTLESS]
    said = " ".join(weight)
    r = lambda k, rule, w="": Reply(kind=k, rule=rule, words=w, normalised=" ".join(found))
    if not found: return r("none","empty")
    kind = exact.KEYWORDS.get(said) or exact.KEYWORDS.get(" ".join(t for t in found if t[0].isalnum()))
    if kind == "opt-out": return r(kind,"keyword")
    if weight and all(exact.KEYWORDS.get(w)=="opt-out" for w in weight): return r("opt-out","keyword.repeated")
    if len(weight)==1 and weight[0] in exact.MISTYPED: return r("opt-out","keyword.mistyped")
    if len(weight)==1 and weight[0] in exact.SHORTENED: return r("needs-review","keyword.shortened")
    if len(weight)==2 and weight[0] in ("stop","unsubscribe","end","cancel","quit") and weight[1][0].isdigit(): return r("opt-out","keyword.scope")
    if NOTATION.pattern("^ (F | DOT | COMMA)* EMOJI_OUT (F | EMOJI_OUT | DOT | COMMA)* $").match(symbols): return r("opt-out","emoji")
    v,rule,s,e=_grammar(symbols)
    if v=="opt-out": return r(v,rule," ".join(found[s:e]))
    for name,anchor,p in _REVOKING:
        if anchor.isdisjoint(symbols): continue
        m=p.search(symbols)
        if m: return r("opt-out",name," ".join(found[m.start():m.end()]))
    if v=="needs-review": return r(v,rule," ".join(found[s:e]))
    for name,anchor,p in _HOLDING:
        if anchor.isdisjoint(symbols): continue
        m=p.search(symbols)
        if m: return r("needs-review",name," ".join(found[m.start():m.end()]))
    if any(t in exact.FOREIGN_STOP for t in found): return r("needs-review","foreign")
    if kind: return r(kind,"keyword")
    if found[0]=="?" : return r("help","?")
    return r("none","none")
