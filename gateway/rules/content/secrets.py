"""Numbers that no text may hold, and secrets that no text may ask for.

Owns: card, account, IBAN and social security numbers in a text, and asking for such by reply. Does not own: last four
digits, order and telephone numbers, and one-time codes, which are what a text may hold.

A text is neither encrypted nor wiped: PCI DSS 4.2.2 forbids card numbers in messaging, and a reply is a text too.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.rules.content.finding import ContentCode, ContentFinding, Level
from gateway.rules.content.reading import Reading
from gateway.rules.content.wording import Wordings

# In one, in fours, as American Express and Diners print them, or digit by digit; the blank or hyphen is always the same.
_CARD: Final = re.compile(
    r"(?<![\d.])(?:\d{13,19}|\d{4}([ .-])\d{4}\1\d{4}\1\d{1,7}(?:\1\d{3})?|3\d{3}([ .-])\d{6}\2\d{4,5}"
    r"|\d([ .-])\d(?:\3\d){11,17}|\d\d([ .-])\d\d(?:\4\d\d){4,7}(?:\4\d)?)(?!\d|[.-]\d)"
)
# First digits and lengths of the networks (ISO/IEC 7812): Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay,
# Maestro.
_NETWORK: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|(?:6011|64[4-9]\d|65\d\d|35[2-8]\d|62\d\d)\d{12,15}|(?:50|5[6-8]|6[37])\d{14}"
)
_DOUBLED: Final = str.maketrans("0123456789", "0246813579")

_SSN: Final = re.compile(r"(?<![\d+.-])(?!000|666)\d{3}([ .-])(?!00)\d\d\1(?!0000)\d{4}(?!\d|[.-]\d)")  # 20 CFR 422.103
_NAMED_SSN: Final = re.compile(
    r"\b(?:ssn|itin|social security|seguro social|assurance sociale|social insurance)\W{1,3}"
    r"(?:(?:number|num|no|numero|is|as|es|est|of|de)\W{1,3}){0,3}(\d(?:[ .-]?\d){8})(?!\d)"
)
_NAMED_ACCOUNT: Final = re.compile(
    r"\b(?:accounts?|acct|acc|a/c|loan|routing|checking|savings|cuenta|prestamo|compte|pret)\b\W{0,3}"
    r"(?:(?:number|num|no|nr|numero|n|id|is|es|est)\b\W{1,3}){0,3}"
    r"(?!\d{3}[ .-]\d{3}[ .-]\d{4}(?!\d)|1[ .-]\d{3}[ .-]|\d{4}-\d\d-\d\d\b)(\d(?:[ .-]?\d){6,19})(?![\d/])"
)
_IBAN: Final = re.compile(r"\b([a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?)\b")
_LONG: Final = re.compile(r"\d(?:[ .-]?\d){6}")

ASKED: Final = Wordings(
    {
        "card": (
            "(card|card s) (W ){0,2}(numbers?|no|details|info|information|expiration|expiry|security code|verification)",
            "numbers? (W ){0,4}(credit|debit|bank|your|the) card",
        ),
        "cvv cvc cvv2 cvn": "(cvv2?|cvc|cvn)",
        "ssn": "(?<!of\\syour\\s)(?<!of\\sthe\\s)(?<!of\\s)ssn",
        "social": "(?<!of\\syour\\s)(?<!of\\sthe\\s)(social security (number|no)|full social)",
        "bank": "bank(ing)? (account|routing|login|details|password|pin)",
        "routing checking": "(routing|checking account|savings account) (number|no)",
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
    r"\b(?:send|sending|provide|give|tell|share|envie|enviar|mande|mandar|proporcione|diga|envoyez|envoyer|donnez|transmettez)\b"
)
_SAFE_WAY: Final = re.compile(
    r"https?:|www\.|\.(?:com|net|org|example)\b|\b(?:portal|online|website|secure|app|en linea|sitio|portail|en ligne|site)\b"
)
_BY_VOICE: Final = re.compile(r"\b(?:call|calling|phone|agent|llame|llamando|appelez|appelant)\b")
_DENIED: Final = re.compile(r"\b(?:never|not|don.?t|won.?t|cannot|can.?t|nor|jamais|ne|nunca|jamas|no)\b")
_SENTENCE_END: Final = re.compile(r"[.!?](?=\s|$)|\n")
_AROUND: Final = 120
"""How far before and behind the secret its sentence is read."""


def find_secrets(reading: Reading, words: frozenset[str]) -> Iterator[ContentFinding]:
    """Numbers that are a secret, and asking for one by reply."""
    if _LONG.search(reading.plain):
        yield from _find_numbers(reading)
    for start, end in ASKED.places(reading, words):
        if _asks(reading.plain, start, end):
            yield ContentFinding(
                ContentCode.ASKS_SECRET,
                Level.REFUSE,
                *reading.span(start, end),
                "it asks for a card, bank or identity secret by text, which is neither encrypted nor wiped",
                "ask for it on a secure page or in a call",
            )


def _find_numbers(reading: Reading) -> Iterator[ContentFinding]:
    plain = reading.plain
    for match in _CARD.finditer(plain):
        if _is_card(match[0]):
            yield _number(
                ContentCode.CARD_NUMBER, reading.span(*match.span()), "a card number", "card ending in 4242"
            )
    for pattern, group in ((_SSN, 0), (_NAMED_SSN, 1)):
        for match in pattern.finditer(plain):
            yield _number(
                ContentCode.SOCIAL_SECURITY_NUMBER,
                reading.span(*match.span(group)),
                "a social security number",
                "no more than its last four digits",
            )
    for match in _NAMED_ACCOUNT.finditer(plain):
        yield _number(
            ContentCode.ACCOUNT_NUMBER, reading.span(*match.span(1)), "an account number", "account ending in 6789"
        )
    for match in _IBAN.finditer(plain):
        if _is_iban(match[1]):
            yield _number(ContentCode.ACCOUNT_NUMBER, reading.span(*match.span()), "an IBAN", "account ending in 6789")


def _number(code: ContentCode, place: tuple[int, int], what: str, instead: str) -> ContentFinding:
    return ContentFinding(code, Level.REFUSE, *place, f"it holds {what} in full", f"write {instead}")


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
    return _BY_ANY_WAY.search(before) is not None and _BY_VOICE.search(sentence) is None
