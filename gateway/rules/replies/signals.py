"""Owns the signals: what a reply reports besides, or instead of, a revocation.

Does not own the rules of wrong_party (`strangers`), or the verdict (`classify`): "I dispute this debt" raises a signal and
stops nothing. Each signal is an event with duties of its own upstream: Regulation F, 12 CFR 1006.6(b)(1) times
and places, 1006.6(b)(2) attorney, 1006.6(c) cease,
1006.14(h) media, 1006.38 disputes; Regulation E, 12 CFR 1005.10(c) stop-payment orders.
"""

from typing import Literal

import msgspec

from . import preferences, strangers
from .normalise import span
from .phrases import NOTATION
from .words import as_reported

SignalName = Literal[
    "wrong_party",
    "dispute",
    "attorney",
    "bankruptcy",
    "deceased",
    "time_preference",
    "other_channel_optout",
    "payment_instruction",
    "cease",
    "hardship",
    "hostile",
]
Channel = Literal["voice", "email", "letter"]


class Signal(msgspec.Struct, frozen=True):
    """One thing reported, by which rule, on which words of the normalised text; `channel` for other_channel_optout."""

    name: SignalName
    rule: str
    words: str
    span: tuple[int, int]
    channel: Channel | None = None


# (signal, detail, anchor, pattern): searched for where a class of the anchor occurs; the first hit of a detail counts.
_RULES: tuple[tuple[SignalName, str, str, str], ...] = (
    *strangers.RULES,
    *preferences.RULES,
    ("dispute", "dispute", "DISPUTE", "DISPUTE"),
    ("dispute", "unknown", "IDEA", "NO IDEA WHAT (THE | THIS | D){0,2} (WAS | F | FOR){0,2} (PAY | ACCOUNT | DEBT)"),
    ("dispute", "fraud", "OPENED", "(SOMEONE FILL?) OPENED"),
    (
        "dispute",
        "not-mine",
        "NOT CANT FR_PAS",
        "(NOT | CANT) (MY | ME) (PAY | ACCOUNT | MARK | F | $) | (CANT | FR_ETRE FR_PAS) MY PAY",
    ),
    ("dispute", "not-mine", "NO", "NO ES_IS MY"),
    ("dispute", "not-owed", "OWE", "(DONT | NEVER | NOT | CANT) F? OWE"),
    ("dispute", "paid", "PAID", "(FILL | I F{0,2} | WAS F?) PAID (THESES | IT | F | OFF | MARK | BY | $)"),
    (
        "dispute",
        "not-owed",
        "DEBE",
        "NO (F | ES_ME | ME){0,2} DEBE (F | THESES | ES_NOTHING | NONE | MONEY | PAY | MARK | $) | DEBE (NONE | FR_PAS (DET){0,2}"
        " (PAY | MONEY | AMOUNT | MARK | $))",
    ),
    ("dispute", "no-debt", "HAVE", "(DONT | NEVER | CANT) F? HAVE D{0,2} (PAY | ACCOUNT) WITH YOUS"),
    (
        "dispute",
        "unknown",
        "RECOGNIZE",
        "(DONT | CANT | NOT | NO) (F | ME)? RECOGNIZE (?! D{0,3} (NUMBERS | PERSONWORD)) |"
        " RECOGNIZE FR_PAS (?! D{0,3} (NUMBERS | PERSONWORD))",
    ),
    ("dispute", "amount", "AMOUNT PAY ACCOUNT", "WRONG AMOUNT | (AMOUNT | PAY | ACCOUNT) (F | WAS | BE){1,3} WRONG"),
    ("dispute", "paid", "PAGUE", "(YA | FR_AI) (HE | F | ES_QUIT){0,2} PAGUE"),
    ("dispute", "not-bought", "BOUGHT OPENED", "NEVER F? (BOUGHT | OPENED D{0,2} (ACCOUNT | PAY))"),
    ("dispute", "proof", "PROVE", "(^ | MARK | MUST | CAN YOUS) F{0,2} PROVE (THESES | I | ME | MARK | $)"),
    (
        "dispute",
        "proof",
        "VALIDATE PROOF",
        "VALIDATE D{0,3} (PAY | ACCOUNT) | (WANT | SEND) (ME | F | A | THE){0,3} VALIDATE (F | MARK | OF | $) | PROOF",
    ),
    ("dispute", "amount", "OWE", "(NOT | CANT) F? WHAT I F? OWE"),
    ("dispute", "no-account", "NEVER", "NEVER (HAVE | MUST) D{0,2} (ACCOUNT | PAY)"),
    ("dispute", "proof", "VERIFICATION", "DEBT VERIFICATION | VERIFICATION OF (F | THE | THESES | YOUR){0,2} DEBT"),
    (
        "dispute",
        "not-mine",
        "FR_PAS",
        "(PAY | ACCOUNT) (N | FR_NE){0,1} FR_ETRE FR_PAS A FR_MOI | (^ | MARK) F? FR_PAS MY DEBT",
    ),
    (
        "dispute",
        "settled",
        "SETTLED",
        "(DEBT | ACCOUNT | THESES) (WAS | F | HAVE){1,3} SETTLED (?! (BY | AT)) | SETTLED (F | THE | MY){0,2} DEBT |"
        " I F{1,2} SETTLED (THESES | IT)",
    ),
    ("dispute", "too-old", "STATUTE", "STATUTE OF"),
    ("dispute", "fraud", "FRAUD", "FRAUD"),
    ("attorney", "represented", "LAWYER", "LAWYER (?! PAY)"),
    ("attorney", "represented", "REPRESENTED", "COURT REPRESENTED | FIRM F? REPRESENTED (ME | BY)"),
    (
        "attorney",
        "represented",
        "LAW_WORD",
        "LAW_WORD (FIRM | JOB) F? (WAS | HAVE)? REPRESENTED | (CONTACT | CALL) (THE | MY | F){0,2} LAW_WORD (FIRM | JOB)",
    ),
    ("attorney", "lawsuit", "SUE LAW COURT", "SUE | LAW | YOUS F? (TO | BY) COURT | COURT ACTION"),
    ("attorney", "lawsuit", "POURSUIVRE", "ROMANCE_POLITE POURSUIVRE | POURSUIVRE (W){0,2} COURT"),
    ("bankruptcy", "discharged", "DISCHARGED", "(DEBT | ACCOUNT | THESES) (WAS | F | HAVE){1,3} DISCHARGED"),
    (
        "bankruptcy",
        "bankruptcy",
        "BANKRUPT CHAPTER BK",
        "BANKRUPT | CHAPTER DOT? NUM | (MY | BY | FILED F? FOR? A?) BK | BK FILED",
    ),
    (
        "deceased",
        "deceased",
        "DEAD DECEASED MUERTO US",
        "DECEASED | (PERSON | KIN | HE | HIM) W{0,2} DEAD (?! BUSY | (?<= PASSED) AT? (THE | MY | HIM | A | ALL | F)"
        " OTHER) | (PERSON | KIN | HE | HIM | ROMANCE_POLITE) (F | OTHER |"
        " FR_ETRE | ES_HAVE){1,2} MUERTO (?! DE) | LONGER WITH US (F | MARK | $)",
    ),
    (
        "deceased",
        "deceased",
        "AWAY",
        "(PERSON | PERSONWORD W{0,7} | KIN | HE | GIVEN) (F | WAS | HAVE | MUST){0,2} (DEAD | AFTER) AWAY",
    ),
    ("deceased", "deceased", "LATE", "(MY | HIM) LATE (PERSON | KIN)"),
    (
        "deceased",
        "deceased",
        "WIDOW BURIED",
        "I (BE | WAS)? (MY | HIM | THE | A){0,1} WIDOW | BURIED (HIM | MY | GIVEN)",
    ),
    (
        "deceased",
        "deceased",
        "DEAD",
        "GIVEN (F | WAS | HAVE | MUST){0,2} DEAD (AWAY | MARK | $ | DAY |"
        " AT (BY | DAY | MARK | $) | BY (OTHER | DAY | NUM) SHUT)",
    ),
    # 12 CFR 1006.6(b)(1), (b)(3): a time or place that is inconvenient, an employer who forbids.
    (
        "payment_instruction",
        "stop-payment",
        "PAY MONEY RUN",
        "(?<! NEG) (?<! CANT) (?<! CANT F) (?<! THE) (HALTS | CANCEL | END | TURN | REVOKE | REVOKED |"
        " ES_STOP | ES_PARA | ES_QUIT DE | ES_CANCEL | FR_STOP | FR_CANCEL) OFF? (DET | DE | NUM | DAY | MY){0,4}"
        " (OTHER | TAKE)? (CONSENT (FOR | TO) OTHER? | DET){0,3} (PAY | MONEY) (?! D{0,3} MSG) |"
        " (ES_STOP | ES_PARA | ES_QUIT) DE RUN",
    ),
    (
        "payment_instruction",
        "stop-payment",
        "PAY",
        "(UNSUB | OPT | REMOVE | TAKES) (ME | OUT | F){0,2} (FROM | OFF | OF) DET{0,3} PAY",
    ),
    (
        "payment_instruction",
        "do-not-take",
        "PAY MONEY ACCOUNT",
        "(?<! I) (?<! YOUS) NEG F? ((OTHER | REVOKE) (PAY | DET){0,3} (PAY | MONEY) (OUT | AFTER | FILL | FROM | SHUT) |"
        " (TAKE | RUN | USE | PAY) (DET | PAY){0,3} (PAY | MONEY | ACCOUNT) (?! NUMBER))",
    ),
    ("payment_instruction", "do-not-take", "RUN", "NO ES_ME? ME RUN | NO RUN (DET | ME | MARK | $) | RUN FR_NOT"),
    (
        "payment_instruction",
        "no-authorization",
        "CONSENT",
        "(LONGER | NEG | NO) (HAVE | GIVE | MY | F | D){0,3} CONSENT (TO | FOR) (RUN | PAY | USE | TAKE)",
    ),
    ("payment_instruction", "off-autopay", "ACCOUNT", "TAKES (MY | D | OTHER){0,3} ACCOUNT OFF (OF | DET){0,2} PAY"),
    (
        "cease",
        "cease",
        "CEASE",
        "CEASE (ANDOR? CEASE | (F | DET | MORE | AND){0,4} (COMM | CONTACT | REACHES | CALLS))",
    ),
    ("cease", "cease", "COMM CONTACT", "HALTS F? ALL (F | OF | YOUR | MORE | THE){0,3} (COMM | CONTACT)"),
    (
        "cease",
        "cease",
        "MANNER",
        "(NEG | CANT | LONGER) (F | BE | AGAIN){0,2} REACH (WHOM | AGAIN | F){0,3} BY ALL MANNER",
    ),
    # 12 CFR 1006.6(c)(1)(i): who refuses to pay has asked for silence as well.
    (
        "cease",
        "refuses-to-pay",
        "DECLINE",
        "(?<! NEG) (?<! NEG F) (?<! CANT) (?<! CANT F)"
        " DECLINE TO F? (PAY | TO_PAY) (YOUS | (D | THE){0,3} DEBT | THESES | ALL | F){0,2} SHUT",
    ),
    (
        "cease",
        "refuses-to-pay",
        "PAYING",
        "(^ | MARK) F{0,2} I (BE | WAS | F){0,2} (NOT | CANT) PAYING"
        " (YOUS | (D | THE){0,3} DEBT | THESES | ALL | F){1,2} SHUT",
    ),
    ("cease", "cease", "FR_STOP ES_STOP", "(FR_STOP | ES_STOP) (DET | OTHER){0,2} COMM"),
    ("hardship", "job", "JOB EMPLOI", "(QUIT | LOST | PERDI | OUT OF | SIN) (MY | F){0,2} (JOB | EMPLOI)"),
    ("hardship", "job", "UNEMPLOYED", "UNEMPLOYED (?! UP)"),
    ("hardship", "laid-off", "LAID", "LAID OFF"),
    ("hardship", "circumstances", "HARDSHIP", "HARDSHIP"),
    ("hardship", "circumstances", "ILLNESS", "ILLNESS"),
    ("hardship", "circumstances", "FIXED", "FIXED OTHER"),
    ("hardship", "cannot-pay", "MAKE", "CANT F? MAKE (D | THE | MY | NEXT | NUM){0,3} PAY"),
    (
        "hardship",
        "cannot-pay",
        "CANT NOT",
        "(I | HE) F{0,2} (CANT | CANT ADJ TO) F? PAY | CANT F? AFFORD | CANT ADJ TO F? AFFORD",
    ),
    ("hardship", "cannot-pay", "CANT", "(^ | MARK) F{0,3} CANT F? PAY (F | DAY | THESES | MARK | $)"),
    (
        "hardship",
        "cannot-pay",
        "PUEDO",
        "NO (F | ME | ES_ME){0,2} PUEDO (F | ES_ME){0,2} TO_PAY | PUEDO FR_PAS F? TO_PAY",
    ),
    (
        "hardship",
        "no-money",
        "PAY MONEY",
        "(NO | CANT HAVE | DONT HAVE) (ALL | MORE | F | THE){0,2} (PAY | MONEY) (FILL | AFTER | SHUT) |"
        " (NO ES_HAVE | SIN | FR_AI (FR_PAS | FR_PLUS)) (DE | F | MORE){0,2} MONEY",
    ),
    ("hardship", "help", "HELP", "WANT F? HELP (WORRY | PAYING | WITH)"),
    ("hostile", "abuse", "FUCK HOSTILE", "FUCK | HOSTILE"),
    ("hostile", "abuse", "GO ES_GO FR_VA", "GO TO SWEAR | ES_GO W{0,3} (ES_HELL | PERSON) | FR_VA W{0,3} FR_FOUTRE"),
    ("hostile", "abuse", "FINGER", "FINGER"),
    ("hostile", "threat", "KILL HURT", "I (WILL | F){0,2} (KILL | HURT) YOU"),
    ("hostile", "abuse", "KISS SCUM", "KISS MY SWEAR | (YOU | YOUR) F? (THE | OF | D){0,2} SCUM | ^ SCUM"),
)

_SEARCHES = tuple(
    (name, detail, NOTATION.symbols(anchor), NOTATION.pattern(pattern)) for name, detail, anchor, pattern in _RULES
)
_ANCHORS = frozenset().union(*[anchor for _, _, anchor, _ in _SEARCHES])
_CHANNELS: dict[str, Channel] = {"voice": "voice", "email": "email", "letter": "letter"}


def signals(symbols: str, found: list[str]) -> tuple[Signal, ...]:
    """What a reply with these class `symbols` and tokens `found` reports, in the order of the rules, each once."""
    symbols = as_reported(found, symbols)
    present = _ANCHORS.intersection(symbols)
    if not present:
        return ()
    raised: dict[tuple[SignalName, Channel | None], Signal] = {}
    for name, detail, anchor, pattern in _SEARCHES:
        if anchor.isdisjoint(present):
            continue
        channel = _CHANNELS.get(detail)
        if (name, channel) in raised:
            continue
        match = pattern.search(symbols)
        if match is not None:
            begin, end = span(found, match.start(), match.end())
            words = " ".join(found[match.start() : match.end()])
            raised[name, channel] = Signal(name, f"{name}.{detail}", words, (begin, end), channel)
    return tuple(raised.values())
