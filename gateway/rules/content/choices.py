"""Words that a text asks to be answered with, and what the answer is said to do.

Owns: reading "reply STOP to end", wherever in the text it stands. Does not own: which words mean an opt-out (replies) or which
texts need an opt-out line (required).

A consumer who sends CANCEL has opted out (47 CFR 64.1200(a)(10)), whatever the text said that CANCEL would do. So no core
word, and no other word that the gateway would take for an opt-out or an opt-in, may be offered as the answer to a question.
What an offered word is said to do stands behind it ("CANCEL to drop the plan") or before it ("to drop the plan, reply
CANCEL"), within a sentence.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from gateway.rules.content.finding import ContentCode, ContentFinding, Level
from gateway.rules.content.reading import Reading
from gateway.rules.replies.exact import CORE_HELP, CORE_OPT_OUT, KEYWORDS


class Use(Enum):
    """What an offered word is said to do."""

    MESSAGES = 1
    """It is about getting texts."""
    BARE = 2
    """Nothing is said, or nothing that tells."""
    OTHER_CHOICES = 3
    """Nothing is said, and it stands beside answers to a question."""
    BUSINESS = 4
    """It is about a plan, a payment, an appointment."""


class Offer(NamedTuple):
    """A reserved word that a text asks to be answered with."""

    word: str
    start: int
    end: int
    """Its place in the plain text."""
    use: Use


_OPT_OUT: Final = frozenset({word for word, kind in KEYWORDS.items() if kind == "opt-out"})
RESERVED: Final = frozenset(
    {word for word, kind in KEYWORDS.items() if kind != "help" and word.isascii() and not set("*") & set(word)}
)
WATCHWORDS: Final = frozenset({word.split()[0] for word in RESERVED})
# Bare, in a line such as "Reply YES or STOP", these are what the carriers ask to be there.
_UNMISTAKABLE: Final = frozenset({"stop", "stopall", "unsubscribe", "optout", "opt out", "arret", "alto"})
_ANNOUNCED: Final = CORE_OPT_OUT | _UNMISTAKABLE | {"baja", "parar", "cancelar", "salir", "desabonner", "fin"}

_WORD: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(re.escape(word).replace(chr(92) + ' ', '[ -]') for word in sorted(RESERVED, key=lambda w: (-len(w), w)))})(?!\w)"
)
_VERB: Final = (
    r"\b(?:reply|replying|respond|text|txt|send|type|write|say|answer|enter|press|msg|message|sms"
    r"|responda|responde|responder|conteste|envie|envia|enviar|mande|escriba|teclee|texto"
    r"|repondez|repondre|envoyez|envoyer|texter|textez|texto|tapez|ecrivez|transmettez)\b"
)
_FILLING: Final = (
    r"(?:\W{1,4}(?:back|us|with|the|word|words|code|or|either|just|to|a|message|anytime|at|any|time|\+?\d[\d-]{2,14}"
    r"|con|la|el|palabra|un|mensaje|al|le|les|mot|avec|par|de|un|au))"
)
_ASKED: Final = re.compile(rf"{_VERB}{_FILLING}{{0,5}}\W{{1,4}}$")
_VERBS: Final = re.compile(_VERB)
_LISTED: Final = re.compile(r"(?:([\w-]+)(?:[\"')\]]{0,2})\s?)?(?:[,/&;]|\b(?:or|and|o|u|y|ou|et)\b|,\s?(?:or|and|o|y|ou|et))\W{0,3}$")
_OPENING: Final = re.compile(r"(?:^|[:|(-])\W{0,3}$")
_CONNECTED: Final = re.compile(
    r"[\"')\]]{0,2}(?:\s{0,2}[=:>-]{1,2}\s{0,2}|\s?(?:to|2|for|if you (?:want|wish|would like|need) to|and we will"
    r"|para|si (?:desea|quiere)|pour|si vous (?:voulez|souhaitez))\b\s?)"
)
_CLOSED: Final = re.compile(
    r"[\"')\]]{0,2}\s{0,2}(?:$|[.,;!?\n/&|]|(?:or|and|o|y|ou|et|at any time|anytime|any time|now|today|en cualquier momento|a tout moment"
    r"|en tout temps)\b)"
)
_PURPOSE: Final = re.compile(r"[^.,;!?\n]{0,80}?(?=$|[.,;!?\n]|\b(?:or|o|ou|and|y|et)\s(?:\w{1,12}\s)?(?:to|for|para|pour|help|call)\b)")
_BEFOREHAND: Final = re.compile(r"\b(?:to|if you (?:want|wish|would like|need) to|para|si (?:desea|quiere)|pour|si vous (?:voulez|souhaitez))\s([^.!?;\n]{2,80})$")
_SENTENCE: Final = re.compile(r"[.!?](?=\s)|\n|;")

_MESSAGES: Final = re.compile(
    r"\b(?:texts?|txts?|messages?|messaging|msgs?|sms|alerts?|notifications?|reminders?|updates|list|subscriptions?|communications?"
    r"|receiving|receive|mensajes?|textos?|notificaciones|recordatorios?|alertas?|avisos|lista|recibir|rappels?|alertes?|liste|recevoir"
    r"|abonnement)\b"
)
_BUSINESS: Final = re.compile(
    r"\b(?:plans?|payments?|pay|autopay|auto|autodraft|draft|appointments?|appt|visit|orders?|booking|reservation|arrangements?"
    r"|agreement|request|transactions?|transfers?|accounts?|cards?|loan|installments?|dispute|enrollment|settlement|promise"
    r"|authorization|debits?|membership|policy|chat|session|conversation|call|menu|refund|renewal|trial|delivery|contract|lease"
    r"|charges?|purchase|bill|invoice|offer"
    r"|decline|reject|refuse|deny|disagree|reschedule|exit|postpone|skip|restart|go back|return to|change|start over"
    r"|plan|planes|pagos?|citas?|pedido|orden|arreglo|acuerdo|solicitud|cuenta|tarjeta|prestamo|cuotas?|reserva|transferencia"
    r"|autorizacion|compra|contrato|factura|rechazar|negar|declinar|reprogramar|cambiar"
    r"|paiements?|rendez|commande|entente|demande|compte|carte|pret|versements?|reservation|virement|autorisation|achat|contrat"
    r"|facture|refuser|decliner|rejeter|reporter|modifier)\b"
)
_AROUND: Final = 120
_HELP: Final = CORE_HELP | {"ayuda", "aide"}


def offers(reading: Reading, words: frozenset[str]) -> Iterator[Offer]:
    """Every reserved word that the text offers as an answer."""
    if WATCHWORDS.isdisjoint(words):
        return
    plain = reading.plain
    for match in _WORD.finditer(plain):
        start, end = match.span()
        before = _SENTENCE.split(plain[max(0, start - _AROUND) : start])[-1]
        behind = plain[end : end + _AROUND]
        use = _use(before, behind, _is_capital(reading, start, end))
        if use is not None:
            yield Offer(match[0].replace("-", " "), start, end, use)


def find_choices(found: list[Offer], reading: Reading) -> Iterator[ContentFinding]:
    """Reserved words that are offered for something else than what they do."""
    for offer in found:
        if offer.use is Use.BUSINESS or (offer.use is Use.OTHER_CHOICES and offer.word not in _UNMISTAKABLE):
            effect = "an opt-out from all texts" if offer.word in _OPT_OUT else "an opt-in"
            yield ContentFinding(
                ContentCode.RESERVED_CHOICE,
                Level.REFUSE,
                *reading.span(offer.start, offer.end),
                f"{offer.word.upper()} is always taken for {effect}, whatever the text says it does",
                "offer a number or another word, such as NO or 2",
            )


def tells_opt_out(found: list[Offer]) -> bool:
    """Whether one of the offers tells how to get no more texts."""
    return any(offer.word in _ANNOUNCED and offer.use is not Use.BUSINESS for offer in found)


def _is_capital(reading: Reading, start: int, end: int) -> bool:
    begin, behind = reading.span(start, end)
    return reading.text[begin:behind].isupper()


def _use(before: str, behind: str, capital: bool) -> Use | None:
    """What the word between the two is said to do; None where it is not offered."""
    asked = _ASKED.search(before) is not None
    listed = None if asked else _LISTED.search(before)
    connected = _CONNECTED.match(behind)
    if not asked:
        if listed is not None:
            if not capital and _VERBS.search(before) is None:
                return None
        elif not (capital and (connected is not None and (_OPENING.search(before) or behind[connected.start()] in " =:"))):
            return None
    if connected is not None:
        purpose = _PURPOSE.match(behind, connected.end())
        return _told(purpose[0] if purpose else "") or Use.BARE
    if _CLOSED.match(behind) is None:
        return None
    beforehand = _BEFOREHAND.search(before)
    if beforehand is not None and asked and (told := _told(_VERBS.split(beforehand[1])[0])):
        return told
    if listed is not None and listed[1] is not None and listed[1] not in RESERVED | _HELP:
        return Use.OTHER_CHOICES
    return Use.BARE


def _told(purpose: str) -> Use | None:
    """Texts beat business: "to end payment reminders"."""
    if _MESSAGES.search(purpose) is not None:
        return Use.MESSAGES
    return Use.BUSINESS if _BUSINESS.search(purpose) is not None else None
