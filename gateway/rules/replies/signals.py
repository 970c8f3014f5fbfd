"""Owns the signals: what a reply reports besides, or instead of, a revocation.

Does not own the rules of wrong_party (`strangers`), or the verdict (`classify`): "I dispute this debt" raises a signal and
stops nothing. Each signal is an event with duties of its own upstream: Regulation F, 12 CFR 1006.6(b)(1) times
and places, 1006.6(b)(2) attorney, 1006.6(c) cease,
1006.14(h) media, 1006.38 disputes; Regulation E, 12 CFR 1005.10(c) stop-payment orders.
"""

from typing import Literal

import msgspec

from . import strangers
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


# Spanish and French name the channel after the refusal, with little between.
_CHANNELS_ABROAD: tuple[tuple[SignalName, str, str], ...] = (
    ("other_channel_optout", "voice", "CALLS"),
    ("other_channel_optout", "email", "EMAIL"),
    ("other_channel_optout", "letter", "LETTER"),
)

# (signal, detail, anchor, pattern): searched for where a class of the anchor occurs; the first hit of a detail counts.
# The detail of other_channel_optout is the channel.
_RULES: tuple[tuple[SignalName, str, str, str], ...] = (
    *strangers.RULES,
    ("dispute", "dispute", "DISPUTE", "DISPUTE"),
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
        "NO (F | ES_ME | ME){0,2} DEBE (F | ES_NOTHING | NONE | MONEY | PAY | MARK | $) | DEBE (NONE | FR_PAS (DET){0,2}"
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
    ("dispute", "proof", "VALIDATE PROOF", "VALIDATE D{0,3} (PAY | ACCOUNT) | PROOF"),
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
        "(DEBT | ACCOUNT | THESES) (WAS | F | HAVE){1,3} SETTLED (?! (BY | AT)) | SETTLED (F | THE | MY){0,2} DEBT",
    ),
    ("dispute", "too-old", "STATUTE", "STATUTE OF"),
    ("dispute", "fraud", "FRAUD", "FRAUD"),
    ("attorney", "represented", "LAWYER", "LAWYER (?! PAY)"),
    ("attorney", "lawsuit", "SUE LAW COURT", "SUE | LAW | YOUS F? (TO | BY) COURT | COURT ACTION"),
    ("attorney", "lawsuit", "POURSUIVRE", "ROMANCE_POLITE POURSUIVRE | POURSUIVRE (W){0,2} COURT"),
    ("bankruptcy", "discharged", "DISCHARGED", "(DEBT | ACCOUNT | THESES) (WAS | F | HAVE){1,3} DISCHARGED"),
    ("bankruptcy", "bankruptcy", "BANKRUPT CHAPTER BK", "BANKRUPT | CHAPTER DOT? NUM | (MY | BY) BK"),
    (
        "deceased",
        "deceased",
        "DEAD DECEASED MUERTO US",
        "DECEASED | (PERSON | KIN | HE | HIM) W{0,2} DEAD (?! BUSY) | (PERSON | KIN | HE | HIM | ROMANCE_POLITE) (F | OTHER |"
        " FR_ETRE | ES_HAVE){1,2} MUERTO (?! DE) | LONGER WITH US (F | MARK | $)",
    ),
    (
        "deceased",
        "deceased",
        "DEAD",
        "GIVEN (F | WAS | HAVE | MUST){0,2} DEAD (AWAY | MARK | $ | DAY |"
        " AT (BY | DAY | MARK | $) | BY (OTHER | DAY | NUM) SHUT)",
    ),
    (
        "time_preference",
        "when",
        "DAY NUM JOB BUSY CLOCK",
        "(TEXT | TEXTING | TEXTS | CONTACT | CONTACTING | CALL | CALLING | CALLS | SEND) (ME | MYNUMBER | AGAIN |"
        " FILL | OUT){0,3}"
        " (AT | BY | AFTER){1,2} (F | MY | THE | A | AT | I){0,2} (DAY | NUM | CLOCK | JOB | BUSY)",
    ),
    ("time_preference", "when", "ES_A", "(ES_CALL | ES_SEND_ME | FR_SEND | FR_CALL) (FR_PAS)? ES_A (JOB | DAY)"),
    ("time_preference", "when", "DAY", "DAY (OTHER | WAS){0,2} (BETTER | MUST $)"),
    ("time_preference", "when", "DAY", "NEG F? (TEXT | TEXTING | CONTACT | CALL) (ME | MYNUMBER | F){0,3} DAY"),
    (
        "time_preference",
        "when",
        "AFTER ANTES",
        "(NOT | ONLY | FR_PAS | NO) F{0,2} (AFTER | ANTES) (I | BE | F | MY | THE | A | AT | BY | DE){0,5}"
        " (JOB | BUSY | CLOCK)",
    ),
    ("time_preference", "when", "ONLY", "(^ | MARK) ONLY F{0,3} (DAY | TARDE | CLOCK) | DAY F? ONLY"),
    (
        "time_preference",
        "when",
        "DAY NUM JOB CLOCK TARDE",
        "(ES_CALL | ES_SENDS | FR_SEND | FR_CALL | CONTACTE) FR_MOI? FR_NOT? (F | MSG | ES_A | DE | AFTER | ANTES |"
        " ES_MAS){1,5} (JOB | DAY | TARDE | CLOCK | NUM)",
    ),
    (
        "other_channel_optout",
        "voice",
        "CALL CALLING CALLS PHONE",
        "(HALTS | NO | NEG | LONGER) (DET | WITH | ME | MORE | BE | TEXTING | TEXTS | TEXT | SENDING | WANT | GETS"
        " | TO | COMMA | AND | OR){0,6}"
        " (CALL | CALLING | CALLS | PHONE (CALLS | ME))",
    ),
    (
        "other_channel_optout",
        "email",
        "EMAIL",
        "(HALTS | NO | NEG | LONGER | UNSUB | UNSUBBED | REMOVE ME | TAKES ME OFF) (DET | WITH | ME | MORE | BE |"
        " FROM | TEXTING | TEXTS | TEXT |"
        " SENDING | SEND | WANT | GETS | TO | COMMA | AND | OR | CALL | CALLS | CALLING){0,8} EMAIL",
    ),
    (
        "other_channel_optout",
        "letter",
        "LETTER MAILING",
        "(HALTS | NO | NEG | LONGER) (DET | WITH | ME | MORE | BE | SENDING | SEND | WANT | GETS | TO | COMMA | AND"
        " | OR | EMAIL | TEXTS | CALLS){0,6}"
        " (LETTER | MAILING (?! LIST))",
    ),
    (
        "other_channel_optout",
        "voice",
        "ES_CALL",
        "(NO (ES_MES | ES_VUELVA | ES_A){0,4} | (ES_STOP | ES_QUIT) DE ES_MES?) ES_CALL",
    ),
    (
        "other_channel_optout",
        "voice",
        "LIST",
        "(TAKES | REMOVES) (ME | MYNUMBER | F){1,2} (OFF | FROM | OUT | OF){1,2} (YOUR | THE | F | ALL){0,2}"
        " (CALL | CALLING | CALLS) LIST",
    ),
    *[
        (
            name,
            channel,
            words,
            f"(NO | NI) (ES_MES | ME | ES_WANT | ES_SENDS | ES_RECEIVE | ES_MAS | ES_VUELVA | DET | ES_NINGUN){{0,6}} ({words}) |"
            f" ((?<! FR_AI) FR_PLUS | ^ F{{0,2}} FR_PAS | FR_SEND FR_PAS) DE ART? ({words})",
        )
        for name, channel, words in _CHANNELS_ABROAD
    ],
    ("other_channel_optout", "voice", "FR_CALL", "FR_CALL FR_NOT | FR_STOP DE? (FR_M | ME | F)? FR_CALL"),
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
    ("cease", "cease", "CEASE", "CEASE (AND CEASE | (F | DET | MORE | AND){0,4} (COMM | CONTACT | REACHES | CALLS))"),
    ("cease", "cease", "COMM CONTACT", "HALTS F? ALL (F | OF | YOUR | MORE | THE){0,3} (COMM | CONTACT)"),
    (
        "cease",
        "cease",
        "MANNER",
        "(NEG | CANT | LONGER) (F | BE | AGAIN){0,2} REACH (WHOM | AGAIN | F){0,3} BY ALL MANNER",
    ),
    ("cease", "cease", "FR_STOP ES_STOP", "(FR_STOP | ES_STOP) (DET | OTHER){0,2} COMM"),
    ("hardship", "job", "JOB EMPLOI", "(QUIT | LOST | PERDI | OUT OF | SIN) (MY | F){0,2} (JOB | EMPLOI)"),
    ("hardship", "job", "UNEMPLOYED", "UNEMPLOYED (?! UP)"),
    ("hardship", "laid-off", "LAID", "LAID OFF"),
    ("hardship", "circumstances", "HARDSHIP", "HARDSHIP"),
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
    ("hardship", "help", "HELP", "WANT F? HELP (WORRY | WITH)"),
    ("hostile", "abuse", "FUCK HOSTILE", "FUCK | HOSTILE"),
    ("hostile", "abuse", "GO ES_GO FR_VA", "GO TO SWEAR | ES_GO W{0,3} (ES_HELL | PERSON) | FR_VA W{0,3} FR_FOUTRE"),
    ("hostile", "abuse", "FINGER", "FINGER"),
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
