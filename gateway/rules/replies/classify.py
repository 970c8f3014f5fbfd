"""Owns the verdict on one reply: opt-out, opt-in, help, needs-review or none, by which rule, on which words.

Does not own which words are the consumer's own (`passages`), the rules (`exact`, `exclusions`, `grammar`, `romance_grammar`,
`weak`, `signals`), nor what is done about a verdict. Pure, linear in the length of the text, and accepts every `str`.

The first tier that speaks decides: keyword, emoji, revoking phrase or sentence, dialog choice, answer to an open request,
phrase or sentence to hold for, help and renewal, a leaning. So an opt-out beats all, whatever dialog is open, and a hold
beats all but an opt-out and an expected answer.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import msgspec

from . import exact, frames, parse
from .language import Language, language_of
from .leaning import leaning
from .normalise import fold, signed, span, tokens
from .parse import Kind
from .passages import behind_reaction, unbroken, unclosed, uninstructed, unsigned
from .phrases import NOTATION
from .signals import Signal, signals
from .words import CLASSES, SYMBOL, symbol


class Dialog(msgspec.Struct, frozen=True):
    """A question that waits for an answer, and the answers it offers."""

    name: str
    choices: tuple[str, ...] = ()


class Context(msgspec.Struct, frozen=True):
    """What is known of the consumer when the reply arrives.

    `own_numbers` are our sender ids and short codes, so that "STOP 40404" to 40404 carries no argument. The words of a
    program add to the keywords (`agree_words`: to YES, while a request is open); a core word keeps its meaning whatever a
    program says.
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
    """The verdict on one text.

    `rule` is the stable id of the rule that decided and `words` what it fired on, which is `normalised[span[0]:span[1]]`;
    both are empty where no words decided. `scope_argument` is what stands behind a keyword ("all", "12345"). `declined` is a
    NO to an open request.
    """

    kind: Kind
    rule: str
    words: str
    span: tuple[int, int]
    signals: tuple[Signal, ...]
    scope_argument: str | None
    declined: bool
    language: Language
    normalised: str


class _Verdict(msgspec.Struct, frozen=True):
    kind: Kind
    rule: str
    start: int = 0
    end: int = 0
    argument: str | None = None
    declined: bool = False


class _Reading(NamedTuple):
    """A passage's tokens, their classes, and the verdict on them."""

    found: list[str]
    symbols: str
    verdict: _Verdict


_REVOKING: frozenset[Kind] = frozenset({"opt-out", "needs-review"})
_CALLED_SCOPE = frozenset({"all", "everything", "todo", "todos", "tout"}) | frozenset(CLASSES["ALERTS"])
_EMOJI_ONLY = NOTATION.pattern(
    "(F | EMOJI_TEXT | DOT | COMMA)* OUT_EMOJI (F | OUT_EMOJI | EMOJI_TEXT | DOT | COMMA)* $"
)
_WEIGHTLESS = NOTATION.symbols("F MARK")
_PARTED = "keyword.parted"
_COURTESY = NOTATION.symbols("PLEASE THANKS POLITE FILL")
_ASKS = SYMBOL["ASKS"] + SYMBOL["DOT"]
_YES = exact.AGREEING | exact.ASSENTING
_LONGEST_KEYWORD = 6  # words
_SHORT_CODE = 5  # digits
_SHORTEST_NATIONAL = 7  # digits; a shorter argument is a short code or no number of ours
_ANSWERS = exact.AGREEING | exact.ASSENTING | exact.DECLINING
_CODE = re.compile(r"\d{4,8}$")


@lru_cache(maxsize=1024)
def _spoken(phrase: str) -> tuple[str, str]:
    """The spellings under which `phrase` is compared: whole, and without courtesies."""
    found = tokens(fold(phrase))
    return _plainly(found), " ".join(_core(found, "".join([symbol(token) for token in found])))


def classify(text: str, context: Context = Context()) -> Reply:  # noqa: B008 - frozen
    """What a consumer's `text` asks for, in the given `context`. Never raises."""
    found, symbols, verdict = _reading(signed(text), context)
    normalised = " ".join(found)
    begin, end = span(found, verdict.start, verdict.end)
    return Reply(
        kind=verdict.kind,
        rule=verdict.rule,
        words=normalised[begin:end],
        span=(begin, end),
        signals=signals(symbols, found),
        scope_argument=verdict.argument,
        declined=verdict.declined,
        language=language_of(found),
        normalised=normalised,
    )


def _reading(folded: str, context: Context) -> _Reading:
    """The reading of a text without its signature; of all of it, where the signature holds a revocation or may hold one."""
    own, cut = unsigned(folded)
    reading = _read(own, context)
    if not cut or reading.verdict.kind == "opt-out" or _read(cut, context).verdict.kind not in _REVOKING:
        return reading
    whole = _read(folded, context)
    if whole.verdict.kind in _REVOKING:
        return whole
    return whole._replace(verdict=_Verdict("needs-review", "signature", 0, len(whole.found)))


def _read(folded: str, context: Context) -> _Reading:
    behind = behind_reaction(folded) if '"' in folded or "«" in folded else None
    if behind == "":
        return _Reading([], "", _Verdict("none", "reaction"))
    folded = folded if behind is None else behind
    closed = unclosed(folded)
    if closed != folded:
        letter = _plain_reading(closed, context)
        if letter.verdict.kind == "opt-out":
            return letter
    whole = _plain_reading(folded, context)
    if whole.verdict.kind != "opt-out":
        return whole
    rest, where = uninstructed(folded)
    if rest == folded:
        return whole
    own = _plain_reading(rest, context)
    if own.verdict.kind == "opt-out" or (where == "beside" and _WEIGHTLESS.issuperset(own.symbols)):
        return whole
    return own if where == "below" else _held(whole, "instruction")


def _plain_reading(folded: str, context: Context) -> _Reading:
    """The reading of a text that is all the consumer's own; "don't", a line break and "stop" may mean either, and hold."""
    reading, joined = _read_lines(folded, context), unbroken(folded)
    if joined == folded:
        return reading
    whole = _read_lines(joined, context)
    if whole.verdict.kind == "opt-out":
        return whole
    return _held(whole, "line-break") if reading.verdict.kind == "opt-out" else reading


def _held(reading: _Reading, rule: str) -> _Reading:
    """The reading of a text that is for a person to judge, all of it."""
    return reading._replace(verdict=_Verdict("needs-review", rule, 0, len(reading.found)))


def _read_lines(folded: str, context: Context) -> _Reading:
    found = tokens(folded)
    symbols = frames.contracted("".join([symbol(token) for token in found]))
    return _Reading(found, symbols, _verdict(found, symbols, context))


def _verdict(found: list[str], symbols: str, context: Context) -> _Verdict:
    if not found:
        return _Verdict("none", "empty")
    weight = [token for token, s in zip(found, symbols, strict=True) if s not in _WEIGHTLESS]
    keyword = _keyword(found, symbols, weight, context)
    if keyword is not None and (keyword.kind == "opt-out" or keyword.rule == _PARTED):
        return keyword
    phrase = parse.phrases(symbols)
    if phrase.verdict == frames.OPT_OUT:
        return _Verdict("opt-out", phrase.rule, phrase.start, phrase.end)
    sentence = parse.REVOKING.search(symbols)
    if sentence is not parse.NOTHING:
        return _Verdict("opt-out", sentence.rule, sentence.start, sentence.end)
    answer = _answer(found, symbols, context)
    if answer is not None:
        return answer
    remark = phrase is parse.REMARK
    if remark or phrase is parse.NOTHING:
        phrase = parse.HOLDING.search(symbols)
    if phrase is parse.NOTHING:
        phrase = parse.mention(symbols)
    if phrase is parse.NOTHING:
        phrase = parse.slip(found, symbols)
    if phrase is not parse.NOTHING:
        return _Verdict("needs-review", phrase.rule, phrase.start, phrase.end)
    if keyword is not None:
        return keyword
    return _plain(found, symbols, context, remark=remark)


def _keyword(found: list[str], symbols: str, weight: list[str], context: Context) -> _Verdict | None:
    """The verdict of a message that is a keyword and courtesies, or None."""
    everything = len(found)
    if not weight:
        if _EMOJI_ONLY.match(symbols) is not None:
            return _Verdict("opt-out", "emoji", 0, everything)
        return _Verdict("help", "keyword", 0, everything) if symbols.strip(_ASKS) == "" else None
    if len(weight) > _LONGEST_KEYWORD:
        return None
    said, spelt = " ".join(weight), _plainly(found)
    pieced = _pieced(found, symbols) if everything <= _LONGEST_KEYWORD else ""
    parted = exact.PARTED.get(pieced)
    if parted == "opt-in":  # "un stop", of which only the stop has weight
        return _Verdict(parted, _PARTED, 0, everything)
    kind = exact.KEYWORDS.get(said) or exact.KEYWORDS.get(spelt) or _program_keyword(found, said, context)
    if kind == "opt-in" and parted == "opt-out":  # "un\nsubscribe", of which only the subscribe has weight
        return _Verdict(parted, _PARTED, 0, everything)
    if kind is not None:
        argument = "all" if said in exact.ALL_OF_IT else None
        return _Verdict(kind, "keyword", 0, everything, argument)
    kinds = {exact.KEYWORDS.get(word) for word in weight}
    if kinds == {"opt-out"} or (kinds == {"opt-out", "help"} and not exact.PLAIN_STOP.isdisjoint(weight)):
        return _Verdict("opt-out", "keyword.repeated", 0, everything)
    if kinds == {"opt-in"}:
        return _Verdict("opt-in", "keyword.repeated", 0, everything)
    first, *rest = weight
    if first in exact.PLAIN_STOP and rest:
        called = "".join(rest[1:])
        argument = called if rest[0] == "to" and len(called) >= _SHORT_CODE else "".join(rest)
        if argument.isdigit() or (len(rest) == 1 and argument in _CALLED_SCOPE):
            ours = any(_is_number(argument, number) for number in context.own_numbers)
            return _Verdict("opt-out", "keyword.scope", 0, everything, None if ours else argument)
    if (not rest and first in exact.MISTYPED) or pieced in exact.CORE_MISTYPED:
        return _Verdict("opt-out", "keyword.mistyped", 0, everything)
    if parted is not None:
        return _Verdict(parted, _PARTED, 0, everything)
    if said in exact.DISMISSALS or spelt in exact.DISMISSALS or said in exact.SHORTENED or said in exact.FOREIGN_STOP:
        return _Verdict("needs-review", "keyword.unclear", 0, everything)
    return None


def _pieced(found: list[str], symbols: str) -> str:
    """The words of a message without courtesies and without the blanks between them: "st op please" is "stop"; "" for one."""
    pieces = [token for token, s in zip(found, symbols, strict=True) if s not in _COURTESY and token[0].isalnum()]
    return "".join(pieces) if len(pieces) > 1 else ""


def _is_number(argument: str, number: str) -> bool:
    """Whether the digits of `argument` are `number`, with or without its country code."""
    digits = number.lstrip("+")
    return digits == argument or (len(argument) >= _SHORTEST_NATIONAL and digits.endswith(argument))


def _program_keyword(found: list[str], said: str, context: Context) -> Kind | None:
    if _is_any_of(context.opt_out_words, found, said):
        return "opt-out"
    if _is_any_of(context.opt_in_words, found, said):
        return "opt-in"
    return "help" if _is_any_of(context.help_words, found, said) else None


def _is_any_of(phrases: tuple[str, ...], found: list[str], said: str) -> bool:
    """Whether a message is one of `phrases`, with courtesies or without."""
    if not phrases:
        return False
    whole = _plainly(found)
    return any(whole == spelt or said == core for spelt, core in map(_spoken, phrases))


def _plainly(found: list[str]) -> str:
    return " ".join([token for token in found if token[0].isalnum() or token in _ANSWERS])


def _core(found: list[str], symbols: str) -> list[str]:
    """The tokens without marks and free insertions; words of yes and no stay."""
    return [token for token, s in zip(found, symbols, strict=True) if s not in _WEIGHTLESS or token in _ANSWERS]


def _answer(found: list[str], symbols: str, context: Context) -> _Verdict | None:
    """The verdict of a message that answers what is open (a request for consent, a code, a dialog), or None."""
    open_question = (
        context.opt_in_pending or context.opt_in_code_sent or context.opted_out or context.dialog is not None
    )
    if not open_question:
        return None
    everything = len(found)
    core = _core(found, symbols)
    if not core:
        return None
    said = " ".join(core)
    answers = set(core)
    agrees = (
        said in exact.AGREEING
        or _is_any_of(context.agree_words, found, said)
        or (answers <= _YES and not answers.isdisjoint(exact.AGREEING))
    )
    declines = said in exact.DECLINING
    assents = answers <= exact.ASSENTING
    if context.dialog is not None and _is_any_of(context.dialog.choices, found, said):
        if agrees and context.opt_in_pending:
            return _Verdict("needs-review", "request.ambiguous", 0, everything)
        return _Verdict("none", "dialog.choice", 0, everything)
    if context.opt_in_pending:
        if agrees:
            return _Verdict("opt-in", "request.agreed", 0, everything)
        if declines:
            return _Verdict("none", "request.declined", 0, everything, declined=True)
        if assents:
            return _Verdict("needs-review", "request.unclear", 0, everything)
        if core[0] in exact.AGREEING:
            return _Verdict("needs-review", "request.qualified", 0, everything)
    if context.opt_in_code_sent:
        if _CODE.match(said) is not None:
            return _Verdict("needs-review", "request.code", 0, everything)
        if agrees:
            return _Verdict("needs-review", "request.code-awaited", 0, everything)
    if context.dialog is not None and (agrees or declines or assents):
        return _Verdict("none", "dialog.answer", 0, everything)
    if context.opted_out and agrees:
        return _Verdict("needs-review", "opted-out.agreed", 0, everything)
    return None


def _plain(found: list[str], symbols: str, context: Context, *, remark: bool) -> _Verdict:
    """The verdict of a message that neither revokes nor is held for its words."""
    asked = (parse.HELPING, parse.RENEWING) if context.dialog else (parse.HELPING, parse.EXPLAINING, parse.RENEWING)
    for sentences in asked:
        finding = sentences.search(symbols)
        if finding is not parse.NOTHING:
            return _Verdict(finding.verdict, finding.rule, finding.start, finding.end)
    words = [token for token in found if token.isalpha()]
    if words and 2 * sum([not word.isascii() for word in words]) > len(words):
        return _Verdict("needs-review", "language.unread", 0, len(found))
    leans = None if remark else leaning(found, symbols)
    return _Verdict("none", "none") if leans is None else _Verdict("needs-review", "net.leaning", *leans)
