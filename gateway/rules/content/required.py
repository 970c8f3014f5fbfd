"""What a text has to say: who sends it, how to get no more of them, and for opt-in texts what one agrees to.

Owns: finding the required parts, and adding the opt-out line. Does not own: which parts are due (the context says) or the
wording of the line (the program's).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from gateway.rules.content.choices import Offer, offers, tells_opt_out
from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level, OptOutDuty, Purpose
from gateway.rules.content.reading import Reading, read
from gateway.rules.content.wording import word_set

_NOT_WORDS: Final = re.compile(r"[^\w]+")
_FREQUENCY: Final = re.compile(
    r"\b(?:freq|frequency|frequence|frecuencia|recurring|recurrentes?|recurrents?)\b"
    r"|\b(?:msgs?|messages?|texts?|txts?|sms|alerts?|mensajes?|textos?|alertas?)\s?"
    r"(?:/|per|a|each|every|por|al|a la|par|cada|chaque)\s?"
    r"(?:day|week|month|mo|wk|year|bill|payment|invoice|dia|semana|mes|factura|pago|jour|semaine|mois|facture|paiement)\b"
    r"|\b(?:daily|weekly|monthly|one[ -]time|1[ -]time)\s(?:msgs?|messages?|texts?|txts?|alerts?|reminders?|code)\b"
)
_HELP: Final = re.compile(
    r"\b(?:reply|text|txt|send|responda|envie|mande|repondez|envoyez|texter|textez)\W{1,3}(?:(?:with|con|avec)\W{1,2})?"
    r"(?:help|info|ayuda|aide)\b"
    r"|\b(?:help|info|ayuda|aide)[\"']?\s?(?:=|:|(?:for|4|to get|para|por|pour)\b)"
    r"|(?:\b(?:or|and|o|ou|et|y)\s|[,/]\s?)[\"']?(?:help|ayuda|aide)\b(?=\W*$|\W{1,3}(?:at|any))"
)
_RATES: Final = re.compile(
    r"\b(?:rates?|charges?|fees?)\b(?:\W{1,3}\w+){0,3}?\W{1,3}appl(?:y|ies)\b|\bdata\s?rates?\b|\bstandard\s(?:\w+\s){0,2}rates?\b"
    r"|\b(?:tarifas?|cargos?|costos?)\b[^.!?\n]{0,40}\baplic|\baplic\w{0,6}\b[^.!?\n]{0,40}\b(?:tarifas?|cargos?|costos?)\b"
    r"|\b(?:frais|tarifs?)\b[^.!?\n]{0,60}\b(?:appli\w{1,8}|standards?)\b"
)
# Ways out for a sender that cannot be replied to, with a link or a telephone number near.
_OTHER_WAY: Final = re.compile(
    r"\b(?:opt[ -]?out|unsubscribe|stop (?:these )?(?:texts|messages)|(?:no|end) (?:more )?(?:texts|messages)"
    r"|cancelar|darse de baja|no recibir|desabonner|desinscription|ne plus recevoir)\b"
)
_OTHER_WORDS: Final = word_set(
    "opt optout unsubscribe stop no end more cancelar baja recibir desabonner desinscription plus"
)
"""One of them is in each."""
_REACHED: Final = re.compile(
    r"https?://\S|\b[\w-]{1,63}\.[a-z]{2,24}/\w|\bwww\.|(?<!\d)(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}(?!\d)"
)
_NEAR: Final = 80


def find_missing(reading: Reading, context: ContentContext, found: list[Offer]) -> Iterator[ContentFinding]:
    """Required parts that are not there."""
    start, end = 0, len(reading.text)
    if not _names(reading, context.identity):
        yield _missing(
            ContentCode.IDENTITY_MISSING,
            start,
            "the text does not say who sends it",
            f"begin it with one of the program's names: {', '.join(context.identity) or 'none is configured'}",
        )
    if _opt_out_due(context) and not _has_way_out(reading, context, found):
        yield _missing(
            ContentCode.OPT_OUT_MISSING,
            end,
            "the text does not say how to get no more of them",
            "add the program's opt-out line, such as: Reply STOP to opt out."
            if context.can_reply
            else "say that replies are not read, and add a link or a telephone number to opt out by",
        )
    if context.disclosure and _plain_words(context.disclosure) not in _words_of(reading):
        yield _missing(
            ContentCode.DISCLOSURE_MISSING, end, "the required disclosure is missing", "add it word for word"
        )
    if context.purpose in (Purpose.OPT_IN_REQUEST, Purpose.OPT_IN_CONFIRMATION):
        yield from _find_missing_terms(reading, context)


def has_opt_out(text: str) -> bool:
    """Whether the text says which word to reply with to get no more of them."""
    reading = read(text)
    return tells_opt_out(offers(reading, reading.words))


def append_opt_out(text: str, line: str) -> str:
    """The text with the opt-out line behind it, unless it has one already. Measure segments afterwards.

    ``line``: such as "Reply STOP to opt out."."""
    text = text.rstrip()
    if has_opt_out(text) or _plain_words(line) in _words_of(read(text)):
        return text
    return f"{text} {line}" if text.endswith((".", "!", "?")) else f"{text}\n{line}"


def _opt_out_due(context: ContentContext) -> bool:
    if context.purpose in (Purpose.OPT_IN_REQUEST, Purpose.OPT_IN_CONFIRMATION):
        return True  # CTIA Messaging Principles 5.1.2.1
    if context.purpose is Purpose.OPT_OUT_CONFIRMATION:
        return False
    return context.opt_out is OptOutDuty.EVERY or (context.opt_out is OptOutDuty.FIRST and context.first)


def _has_way_out(reading: Reading, context: ContentContext, found: list[Offer]) -> bool:
    if context.can_reply and tells_opt_out(found):
        return True
    return not _OTHER_WORDS.isdisjoint(reading.words) and any(
        _REACHED.search(reading.plain, max(0, match.start() - _NEAR), match.end() + _NEAR)
        for match in _OTHER_WAY.finditer(reading.plain)
    )


def _find_missing_terms(reading: Reading, context: ContentContext) -> Iterator[ContentFinding]:
    """CTIA Messaging Principles 5.1.2.1: what a consumer is told who is asked to opt in, or has done so."""
    end = len(reading.text)
    if context.program and not _names(reading, context.program):
        yield _missing(
            ContentCode.PROGRAM_MISSING, end, "the text does not name the program", f"name it: {context.program[0]}"
        )
    if _FREQUENCY.search(reading.plain) is None:
        yield _missing(
            ContentCode.FREQUENCY_MISSING,
            end,
            "the text does not say how often texts will come",
            "add such as: Msg frequency varies.",
        )
    if _HELP.search(reading.plain) is None:
        yield _missing(
            ContentCode.HELP_MISSING, end, "the text does not say how to get help", "add such as: Reply HELP for help."
        )
    if _RATES.search(reading.plain) is None:
        yield _missing(
            ContentCode.RATES_MISSING,
            end,
            "the text does not say that it may cost something",
            "add: Msg & data rates may apply.",
        )


def _missing(code: ContentCode, at: int, why: str, fix: str) -> ContentFinding:
    return ContentFinding(code, Level.REQUIRE, at, at, why, fix)


@lru_cache(maxsize=1024)
def _plain_words(text: str) -> str:
    """Words alone, a blank before and behind each: how a disclosure is compared."""
    return _words_of(read(text))


def _words_of(reading: Reading) -> str:
    return f" {_NOT_WORDS.sub(' ', reading.plain).strip()} "


@lru_cache(maxsize=1024)
def _plain_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(read(name).plain.strip() for name in names if name.strip())


def _names(reading: Reading, names: tuple[str, ...]) -> bool:
    return any(map(reading.plain.__contains__, _plain_names(names)))
