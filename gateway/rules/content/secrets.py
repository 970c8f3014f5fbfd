"""Numbers that no text may hold, and secrets that no text may ask for.

Owns: card, account, IBAN and social security numbers in a text, and asking for such by reply. Does not own: last four
digits, order and telephone numbers, and one-time codes, which are what a text may hold.

A text is neither encrypted nor wiped: PCI DSS 4.2.2 forbids card numbers in messaging, and a reply is a text too.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level
from gateway.rules.content.reading import Reading
from gateway.rules.content.wording import Wordings, word_set

_SEVEN: Final = re.compile(r"\d[\d .-]{5,}\d")
MANY_FIGURES: Final = re.compile(r"\d[\d ._\t-]{5,}\d")
"""Without which no ASCII text, as it is given, holds a secret number: the plain spelling makes blanks of _ and tab."""
_CARD_DIGITS: Final = 13
_SSN_DIGITS: Final = 9
# In one, in fours, as American Express and Diners print them, or digit by digit; the blank or hyphen is always the same.
_CARD: Final = re.compile(
    r"(?<!\d)(?<!\d\.)(?:\d{13,19}|\d{4}([ .-])\d{4}\1\d{4}\1\d{1,7}(?:\1\d{3})?|3\d{3}([ .-])\d{6}\2\d{4,5}"
    r"|\d([ .-])\d(?:\3\d){11,17}|\d\d([ .-])\d\d(?:\4\d\d){4,7}(?:\4\d)?)(?!\d|[.-]\d)"
)
# First digits and lengths of the networks (ISO/IEC 7812): Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay,
# Maestro.
_NETWORK: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|(?:6011|64[4-9]\d|65\d\d|35[2-8]\d|62\d\d)\d{12,15}|(?:50|5[6-8]|6[37])\d{14}"
)
_DOUBLED: Final = str.maketrans("0123456789", "0246813579")

# 20 CFR 422.103; an individual taxpayer's number begins with 9.
_SSN: Final = re.compile(
    r"\d(?<![\d+]\d)(?<!\d[.-]\d)(?!00(?<=000)|66(?<=666))\d\d([ .-])(?!00)\d\d\1(?!0000)\d{4}(?!\d|[.-]\d)"
)
_NAMED_SSN: Final = re.compile(
    r"\b(?:ssn|itin|social security|seguro social|assurance sociale|social insurance)\W{1,3}"
    r"(?:(?:number|num|no|numero|is|as|es|est|of|de)\W{1,3}){0,3}(\d(?:[ .-]?\d){8})(?!\d)"
)
_SSN_WORDS: Final = frozenset({"ssn", "itin", "social", "sociale"})
# Telephone numbers, dates and amounts may stand behind "about your account".
_NAMED_ACCOUNT: Final = re.compile(
    r"\b(?:accounts?|acct|acc|a/c|loan|routing|checking|savings|cuenta|prestamo|compte|pret)\b\W{0,3}"
    r"(?:(?:number|num|no|nr|numero|n|id|is|es|est)\b\W{1,3}){0,3}"
    r"(?!\d{3}[ .-]\d{3}[ .-]\d{4}(?!\d)|1[ .-]\d{3}[ .-]|\d{4}-\d\d-\d\d\b|[0-3]?\d([.-])[0-3]?\d\1(?:19|20)\d\d(?!\d|[.-]\d))"
    r"(?<![+$€£¥])(\d(?:[ .-]?\d){6,19})(?![\d/])"
)
_ACCOUNT_WORDS: Final = word_set(
    "account accounts acct acc c loan routing checking savings cuenta prestamo compte pret"
)
NAMING: Final = _SSN_WORDS | _ACCOUNT_WORDS
"""Words beside which a number may be a secret."""
_IBAN: Final = re.compile(r"\d\d(?<=[a-z]{2}\d\d)(?<!\w[a-z]{2}\d\d)(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?\b")

ASKED: Final = Wordings(
    {
        "card": (
            "(card|card s) (W ){0,2}(numbers?|no|details|info|information|expiration|expiry|security code|verification)",
            "numbers? (W ){0,4}(credit|debit|bank|your|the) card",
            "full (credit |debit )?card",
            "card(?=\\s?#(?!\\s?[\\dx*]))",
            "(photo|picture|image|copy) of (W ){0,2}(credit|debit|bank) card",
        ),
        "cvv cvc cvn": "(cvv2?|cvc|cvn)",
        "ssn": "(?<!of\\syour\\s)(?<!of\\sthe\\s)(?<!of\\s)ssn",
        "social": "(?<!of\\syour\\s)(?<!of\\sthe\\s)(social security (number|no)|full social)",
        "bank": "bank(ing)? (account (number|no|details|info|information)|routing|login|details|password|pin)",
        "routing checking": (
            "(routing|checking account|savings account) (number|no)",
            "routing (and|or) (W ){0,2}accounts? (numbers?|no)",
        ),
        "password": "password",
        "pin": "(card|atm|debit|bank) pin",
    },
    {
        "tarjeta": "(numeros?|datos|informacion|clave) (W ){0,1}de (W ){0,3}tarjeta",
        "seguro": "numero (W ){0,1}de seguro social",
        "cuenta": "(numeros?|datos) de (W ){0,1}cuenta (bancaria|de banco)",
        "contrasena": "contrasena",
    },
    {
        "carte": "(numero|donnees|coordonnees|informations) (W ){0,1}de (W ){0,1}carte",
        "bancaires bancaire": "(coordonnees bancaires|numero (W ){0,2}compte bancaire)",
        "cryptogramme": "cryptogramme",
        "assurance": "numero d assurance sociale",
        "passe": "mot de passe",
    },
)
_BY_REPLY: Final = re.compile(
    r"\b(?:reply|replying|respond|responding|text|texting|txt|sms|message|answer"
    r"|responda|responder|conteste|contestar|texto|mensaje|repondez|repondre|texto|texter|textez)\b"
)
_BY_ANY_WAY: Final = re.compile(
    r"\b(?:send|sending|provide|give|tell|share|confirm|verify|enter|need|what|envie|enviar|mande|mandar|proporcione|diga"
    r"|confirme|necesitamos|mandenos|envienos|envoyez|envoyer|donnez|transmettez|confirmez)\b"
)
_SAFE_WAY: Final = re.compile(
    r"https?:|www\.|\.(?:com|net|org)\b|\w\.[a-z]{2,24}/\w|\b(?:portal|online(?! bank)|website|secure (?:page|link|form|site)|app"
    r"|en linea|sitio|portail|en ligne|site)\b"
)
_BY_VOICE: Final = re.compile(r"\b(?:call|calling|phone|agent|llame|llamando|appelez|appelant)\b")
_DENIED: Final = re.compile(
    r"\b(?:never|nor|jamais|nunca|jamas)\b|(?:\b(?:not|cannot|no|ne|n)|n.t)\W(?:(?:please|ever|to|you|us|le|les|lo|nos|nous|vous)\W){0,2}"
    r"(?:reply|respond|text|txt|send|message|answer|provide|give|share|ask|need|require|request|enter|tell|take|accept"
    r"|envie|mande|responda|conteste|comparta|pedimos|pediremos|pedira|necesitamos|demandons|envoyez|repondez|transmettez|donnez)\b"
)
_SENTENCE_END: Final = re.compile(r"[.!?](?=\s|$)|\n")
_AROUND: Final = 120
"""How far before and behind the secret its sentence is read."""


def find_asked(reading: Reading, context: ContentContext, words: frozenset[str]) -> Iterator[ContentFinding]:
    """Asking for a secret by reply; once is enough."""
    for start, end in ASKED.places(reading, words):
        if _asks(reading.plain, start, end):
            yield ContentFinding(
                ContentCode.ASKS_SECRET,
                Level.REFUSE,
                *reading.span(start, end),
                "it asks for a card, bank or identity secret by text, which is neither encrypted nor wiped",
                "ask for it on a secure page or in a call",
            )
            return


def find_numbers(reading: Reading, words: frozenset[str]) -> Iterator[ContentFinding]:
    """Numbers that are a secret; ``words``: those of NAMING that the text has."""
    plain = reading.plain
    runs = [(*run.span(), _digits_in(run[0])) for run in _SEVEN.finditer(plain)]
    if not runs:
        return
    for start, end, digits in runs:
        if digits >= _CARD_DIGITS:
            for match in _CARD.finditer(plain, start, end):
                if _is_card(match[0]):
                    place = reading.span(*match.span())
                    yield _number(ContentCode.CARD_NUMBER, place, "a card number", "its last four digits")
        if digits >= _SSN_DIGITS:
            for match in _SSN.finditer(plain, start, end):
                yield _ssn(reading.span(*match.span()))
    if max(digits for _, _, digits in runs) >= _SSN_DIGITS:
        if not _SSN_WORDS.isdisjoint(words):
            for match in _NAMED_SSN.finditer(plain):
                yield _ssn(reading.span(*match.span(1)))
        for match in _IBAN.finditer(plain):
            start, end = match.start() - 2, match.end()  # the country's letters
            if _is_iban(plain[start:end]):
                yield _account(reading.span(start, end))
    if not _ACCOUNT_WORDS.isdisjoint(words):
        for match in _NAMED_ACCOUNT.finditer(plain):
            yield _account(reading.span(*match.span(2)))


def _digits_in(run: str) -> int:
    return len(run.replace(" ", "").replace(".", "").replace("-", ""))


def _ssn(place: tuple[int, int]) -> ContentFinding:
    return _number(ContentCode.SOCIAL_SECURITY_NUMBER, place, "a social security number", "its last four digits")


def _account(place: tuple[int, int]) -> ContentFinding:
    return _number(ContentCode.ACCOUNT_NUMBER, place, "an account number", "its last four digits")


def _number(code: ContentCode, place: tuple[int, int], what: str, instead: str) -> ContentFinding:
    return ContentFinding(code, Level.REFUSE, *place, f"it holds {what} in full", f"write no more than {instead}")


def _is_card(written: str) -> bool:
    digits = re.sub(r"\D", "", written)
    return _NETWORK.fullmatch(digits) is not None and _luhn(digits)


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 Annex B."""
    return sum(map(int, digits[-1::-2])) % 10 == -sum(map(int, digits[-2::-2].translate(_DOUBLED))) % 10


def _is_iban(written: str) -> bool:
    """ISO 13616: letters count from 10, and the whole is 1 modulo 97 with the first four at the end."""
    letters = written.replace(" ", "")
    return 15 <= len(letters) <= 34 and int("".join(str(int(c, 36)) for c in letters[4:] + letters[:4])) % 97 == 1


def _asks(plain: str, start: int, end: int) -> bool:
    """Whether the sentence around the secret asks for it by text."""
    before = _SENTENCE_END.split(plain[max(0, start - _AROUND) : start])[-1]
    sentence = before + plain[start:end] + _SENTENCE_END.split(plain[end : end + _AROUND])[0]
    if _DENIED.search(before) or _SAFE_WAY.search(sentence):
        return False
    if _BY_REPLY.search(sentence):
        return True
    around = plain[max(0, start - _AROUND) : end + _AROUND]  # the way may be told in a sentence of its own
    return (
        not any(pattern.search(around) for pattern in (_SAFE_WAY, _BY_VOICE)) and _BY_ANY_WAY.search(before) is not None
    )
