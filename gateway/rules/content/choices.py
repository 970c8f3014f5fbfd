"""Words that a text asks to be answered with, and what the answer is said to do.

Owns: reading "reply STOP to end", wherever in the text it stands. Does not own: which words mean an opt-out (replies) or which
texts need an opt-out line (required).

A consumer who sends CANCEL has opted out (47 CFR 64.1200(a)(10)), whatever the text said that CANCEL would do. So no core
word, and no other word that the gateway takes for an opt-out or an opt-in, may be offered as the answer to a question.
What an offered word is said to do stands behind it ("CANCEL to drop the plan") or before it ("to drop the plan, reply
CANCEL"), within a sentence.
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from gateway.rules.content.finding import ContentCode, ContentFinding, Level
from gateway.rules.content.reading import Reading
from gateway.rules.content.wording import word_set
from gateway.rules.replies.exact import CORE_OPT_OUT, KEYWORDS


class Use(Enum):
    """What an offered word is said to do."""

    MESSAGES = 1
    """Something with texts."""
    BARE = 2
    """Nothing is said, or nothing that tells."""
    OTHER_CHOICES = 3
    """Nothing is said, and it stands beside other answers."""
    BUSINESS = 4
    """Something with a plan, a payment, an appointment, a person to talk to."""


class Offer(NamedTuple):
    """A reserved word that a text asks to be answered with."""

    word: str
    start: int
    end: int
    """Its place in the plain text."""
    use: Use


def _head(word: str) -> str:
    """The part of a reserved word that is a word of the text."""
    return re.split(r"[^a-z]", word, maxsplit=1)[0]


_OPT_OUT: Final = frozenset({word for word, kind in KEYWORDS.items() if kind == "opt-out"})
# Of several words, only those that are written as one answer.
RESERVED: Final = frozenset(
    {word for word, kind in KEYWORDS.items() if kind != "help" and word.isascii() and word.isalpha()}
    | {"stop all", "opt out", "opt in", "sign up"}
    | {"stop2end", "stop2quit", "stop2stop"}
)
_BY_FIRST: Final = {
    first: sorted((word for word in RESERVED if _head(word) == first), key=len, reverse=True)
    for first in sorted(map(_head, RESERVED))
}
WATCHWORDS: Final = frozenset(_BY_FIRST)
# Bare, as in "Reply YES or STOP", these are what carriers ask to be there.
_UNMISTAKABLE: Final = frozenset({"stop", "stopall", "stop all", "unsubscribe", "optout", "opt out", "arret", "alto"})
_COMPLETE: Final = frozenset({"stop2end", "stop2quit", "stop2stop"})
"""Word and purpose in one."""
_ANNOUNCED: Final = (
    CORE_OPT_OUT | _UNMISTAKABLE | _COMPLETE | {"baja", "parar", "cancelar", "salir", "desabonner", "fin"}
)
_ENDING: Final = word_set(
    "opt out optout unsubscribe unsub stop end cancel quit cancelar baja arreter desabonnement desabonner"
)

_VERBS: Final = word_set(
    "reply replying respond text txt send type write say answer enter press msg message sms"
    " responda responde responder conteste envie envia enviar mande escriba teclee texto"
    " repondez repondre envoyez envoyer texter textez texto tapez ecrivez transmettez"
)
_FILLING: Final = word_set(
    "back us with the word words code or just a message anytime at any time"
    " con la el palabra un mensaje al le les mot avec par de au"
)
_MOST_FILLING: Final = 5
_JOINING: Final = word_set("or and o u y ou et")
_LEADING: Final = _VERBS | _FILLING | _JOINING
_MESSAGES: Final = word_set(
    "text texts txt txts message messages messaging msg msgs sms alert alerts notification notifications reminder reminders"
    " update updates list subscription subscriptions communication communications receiving receive"
    " mensaje mensajes texto textos notificaciones recordatorio recordatorios alerta alertas avisos lista recibir"
    " rappel rappels alerte alertes liste recevoir abonnement"
)
_BUSINESS: Final = word_set(
    "plan plans payment payments pay autopay auto autodraft draft appointment appointments appt visit order orders booking"
    " reservation arrangement arrangements agreement request transaction transactions transfer transfers account accounts card"
    " cards loan installment installments dispute enrollment settlement promise authorization debit debits membership policy"
    " chat session conversation call menu refund renewal trial delivery contract lease charge charges purchase bill invoice offer"
    " talk speak agent agents representative representatives other"
    " decline reject refuse deny disagree reschedule exit postpone skip restart change"
    " planes pago pagos cita citas pedido orden arreglo acuerdo solicitud cuenta tarjeta prestamo cuota cuotas reserva"
    " transferencia autorizacion compra contrato factura hablar agente agentes representante otra otras"
    " rechazar negar declinar reprogramar cambiar"
    " paiement paiements rendez commande entente demande compte carte pret versement versements virement autorisation achat"
    " contrat facture parler agent conseiller conseillere autre autres refuser decliner rejeter reporter modifier"
)

_TOKEN: Final = re.compile(r"[^\W_]+")
_OPENING: Final = " \"'(["
_WANT: Final = (
    r"if you (?:want|wish|would like|need) to|and we(?: will|.ll)|si (?:desea|quiere)|si vous (?:voulez|souhaitez)"
)
_CONNECTED: Final = re.compile(
    rf"[\"')\]]{{0,2}}(?:\s{{0,2}}[=:>-]{{1,2}}\s{{0,2}}|\s?(?:to|2|for|au|al|para|pour|{_WANT})\b\s?)"
)
_CLOSED: Final = re.compile(
    r"[\"')\]]{0,2}\s{0,2}(?:$|[.,;!?\n/&|]|(?:or|and|o|y|ou|et|at any time|anytime|any time|now|today|en cualquier momento"
    r"|a tout moment|en tout temps)\b)"
)
_CLAUSE_END: Final = re.compile(r"[.,;!?\n]")
_NEXT: Final = re.compile(r"\b(?:or|o|ou|and|y|et)\s(?:\w{1,12}\s)?(?:to|for|para|pour|help|call)\b")
_PURPOSES: Final = frozenset({"to", "para", "pour", "if", "si"})
_PASSAGES: Final = re.compile(r".*[.!?]\s", re.DOTALL)
_PASSAGE_END: Final = re.compile(r"[.!?]\s")
_SENTENCE_END: Final = re.compile(r"[.!?]\s|[\n;]")
_AROUND: Final = 120
"""How many characters before and behind an offered word are read."""


def offers(reading: Reading, words: frozenset[str]) -> list[Offer]:
    """Every reserved word that the text offers as an answer; ``words`` are those of the text, or some."""
    found: list[Offer] = []
    plain = reading.plain
    seen: set[int] = set()
    for first in WATCHWORDS & words:
        at = plain.find(first)
        while at >= 0:
            before = _PASSAGES.match(plain, 0, at)
            closing = _PASSAGE_END.search(plain, at)
            start = before.end() if before is not None else 0
            end = closing.end() if closing is not None else len(plain)
            if start not in seen:
                seen.add(start)
                for word, begin, behind, use in _offers_in(plain[start:end], reading.given(start, end)):
                    found.append(Offer(word, start + begin, start + behind, use))
            at = plain.find(first, end)
    return found


@lru_cache(maxsize=4096)
def _offers_in(plain: str, given: str) -> tuple[Offer, ...]:
    """The offers of a passage, which no clause crosses. A campaign says the same to many.

    ``given``: letter by letter as it is written."""
    found: list[Offer] = []
    for first in _BY_FIRST:
        at = plain.find(first)
        while at >= 0:
            word = _reserved_at(plain, at, first)
            if word is not None and (use := _use(plain, given, at, at + len(word))) is not None:
                found.append(Offer(word, at, at + len(word), use))
            at = plain.find(first, at + len(first))
    return tuple(found)


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


def _reserved_at(plain: str, at: int, first: str) -> str | None:
    """The longest reserved word that begins here and is a word of its own."""
    if at and plain[at - 1].isalnum():
        return None
    for word in _BY_FIRST[first]:
        end = at + len(word)
        if plain[at:end].replace("-", " ") == word and not plain[end : end + 1].isalnum():
            return word
    return None


def _use(plain: str, given: str, start: int, end: int) -> Use | None:
    """What the word there is said to do; None where it is not offered."""
    if plain[start:end] in _COMPLETE:
        return Use.MESSAGES
    connected = _CONNECTED.match(plain, end)
    if connected is None and _CLOSED.match(plain, end) is None:
        return None
    if connected is None and not _may_offer(plain, start):
        return None
    before = _SENTENCE_END.split(plain[max(0, start - _AROUND) : start])[-1]
    tokens = _TOKEN.findall(before)
    asking = _asking(tokens)
    beside: str | None = None
    if asking is None:
        beside = _listed(before, tokens)
        capital = given[start:end].isupper()
        if beside is not None:
            offered = capital or not _VERBS.isdisjoint(tokens)
        elif connected is None:
            offered = capital and _opens(before) and not _ENDING.isdisjoint(tokens[-1:])  # "Opt-out: STOP"
        else:
            offered = capital and (_opens(before) or _explains_itself(plain, start, end, connected))
        if not offered:
            return None
    if connected is not None:
        return _told(plain, connected.end()) or Use.BARE
    if asking is not None and (told := _kind(_beforehand(tokens[:asking]))) is not None:
        return told
    return Use.OTHER_CHOICES if beside and beside not in KEYWORDS else Use.BARE


def _may_offer(plain: str, start: int) -> bool:
    """Whether what stands right before a word can make an answer of it: the quick no to most."""
    run = plain[max(0, start - 24) : start].split()
    bare = run[-1].strip(_OPENING) if run else ""
    return not bare.isalpha() or bare in _LEADING


def _asking(tokens: list[str]) -> int | None:
    """Where "reply" is, if nothing stands behind it but what may ("reply with the word")."""
    for at in range(len(tokens) - 1, max(-1, len(tokens) - _MOST_FILLING - 2), -1):
        if tokens[at] in _VERBS:
            return at
        if tokens[at] not in _FILLING and not tokens[at].isdecimal():
            return None
    return None


def _beforehand(tokens: list[str]) -> list[str]:
    """What stands behind the last "to": "to cancel your plan, reply CANCEL"."""
    at = next((at for at in range(len(tokens) - 1, -1, -1) if tokens[at] in _PURPOSES), len(tokens))
    return tokens[at + 1 :]


def _listed(before: str, tokens: list[str]) -> str | None:
    """The answer beside which the word stands ("YES or ..."); empty where it is a clause; None where it is in no list."""
    bare = before.rstrip(_OPENING)
    if not bare:
        return None
    joining = bool(tokens) and tokens[-1] in _JOINING and bare[-1].isalpha()
    if not joining and bare[-1] not in ",/&;":
        return None
    return next((token for token in reversed(tokens) if token not in _JOINING), "")


def _opens(before: str) -> bool:
    bare = before.rstrip(_OPENING)
    return not bare or bare[-1] in ":=|(-"


def _explains_itself(plain: str, start: int, end: int, connected: re.Match[str]) -> bool:
    """Whether the word needs no verb before it: "CANCEL = cancel", "STOP to end"."""
    if connected[0].strip()[:1] in ("=", ":"):
        return True
    following = _TOKEN.search(plain, connected.end(), connected.end() + 16)
    return following is not None and following[0] in _ENDING and plain[start:end] in _UNMISTAKABLE


def _told(plain: str, at: int) -> Use | None:
    """The kind of the purpose that begins there, up to the next answer or the end of the clause."""
    purpose = _CLAUSE_END.split(plain[at : at + _AROUND], 1)[0]
    use = _kind(_TOKEN.findall(purpose))
    if use is None or (following := _NEXT.search(purpose)) is None:
        return use
    return _kind(_TOKEN.findall(purpose[: following.start()]))


def _kind(tokens: list[str]) -> Use | None:
    """Texts beat business: "to end payment reminders"."""
    if not _MESSAGES.isdisjoint(tokens):
        return Use.MESSAGES
    return None if _BUSINESS.isdisjoint(tokens) else Use.BUSINESS
