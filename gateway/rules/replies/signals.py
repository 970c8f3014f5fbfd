"""Owns the signals: what a reply reports besides, or instead of, a revocation.

Does not own the verdict (`classify`): "I dispute this debt" raises a signal and stops nothing. Each signal is an event
with duties of its own upstream: Regulation F, 12 CFR 1006.6(b)(1) times and places, 1006.6(b)(2) attorney, 1006.6(c) cease,
1006.14(h) media, 1006.38 disputes; Regulation E, 12 CFR 1005.10(c) stop-payment orders.
"""

from typing import Literal

import msgspec

from .normalise import span
from .phrases import NOTATION

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
# The detail of other_channel_optout is the channel.
_RULES: tuple[tuple[SignalName, str, str, str], ...] = (
    (
        "wrong_party",
        "wrong-number",
        "WRONG",
        "(?<! GIVE YOU THE) (?<! GIVE THE) (?<! MY) WRONG F? (NUMBER | PERSONWORD) (?! F? AT)",
    ),
    (
        "wrong_party",
        "wrong-number",
        "ROMANCE_WRONG ES_WRONG",
        "ROMANCE_WRONG NUMBER | NUMBER (ROMANCE_WRONG | ES_WRONG)",
    ),
    (
        "wrong_party",
        "wrong-number",
        "ES_WRONG FR_WRONG",
        "(ES_WRONG | FR_WRONG) DE (NUMBER | PERSONWORD) | ^ F? ES_WRONG F? $",
    ),
    (
        "wrong_party",
        "not-me",
        "NOT CANT",
        "(^ | MARK) F{0,3} ((THIS | IT) (WAS | F){0,2} (NOT | CANT) F? OTHER | (I | THIS | IT) (BE | WAS | F){0,2}"
        " (NOT | CANT) F?"
        " (HIM | (THIS | THE) (F | OTHER)? PERSONWORD)) (NUMBER | FILL | HERE | HALT | MARK | $)"
        " | ^ F{0,3} NOT ME (FILL | HERE | HALT | MARK | $)",
    ),
    ("wrong_party", "not-me", "NO", "(^ | MARK) F? NO ES_AM (W | $)"),
    (
        "wrong_party",
        "nobody-here",
        "NO NOBODY",
        "(NO ONE | NOBODY | NO W) (F | AT){0,2} (BY (THIS | THAT) NAME | NAMED)",
    ),
    ("wrong_party", "nobody-here", "NOBODY", "NOBODY (F | AT){0,2} (BY | NAMED | OTHER (FILL | HERE | AT))"),
    (
        "wrong_party",
        "unknown-person",
        "KNOW",
        "(DONT | NEVER) F? KNOW (WHO (THIS | THAT | HE) | (ALL | NO | A) (OTHER | NAMED | PERSONWORD))",
    ),
    ("wrong_party", "new-owner", "LONGER NUMBER", "NUMBER (F | NO){0,3} LONGER OTHER | HAVE (MUST)? THIS NUMBER FOR"),
    ("dispute", "dispute", "DISPUTE", "DISPUTE"),
    (
        "dispute",
        "not-mine",
        "NOT CANT",
        "(NOT | CANT) (MY | ME) (PAY | ACCOUNT | MARK | F | $) | (CANT | FR_PAS) MY PAY",
    ),
    ("dispute", "not-mine", "NO", "NO ES_IS MY"),
    ("dispute", "not-owed", "OWE", "(DONT | NEVER | NOT | CANT) F? OWE"),
    ("dispute", "paid", "PAID", "(FILL | I F{0,2} | WAS F?) PAID (THESES | IT | F | OFF | MARK | BY | $)"),
    ("dispute", "proof", "VALIDATE PROOF", "VALIDATE D{0,3} (PAY | ACCOUNT) | PROOF"),
    ("dispute", "no-account", "NEVER", "NEVER (HAVE | MUST) D{0,2} (ACCOUNT | PAY)"),
    ("dispute", "fraud", "FRAUD", "FRAUD"),
    ("attorney", "represented", "LAWYER", "LAWYER"),
    ("attorney", "lawsuit", "SUE LAW", "SUE | LAW"),
    ("bankruptcy", "bankruptcy", "BANKRUPT CHAPTER", "BANKRUPT | CHAPTER NUM"),
    (
        "deceased",
        "deceased",
        "DEAD DECEASED",
        "DECEASED | (PERSON | HE | HIM) W{0,2} DEAD (?! BUSY)",
    ),
    (
        "time_preference",
        "when",
        "DAY NUM JOB BUSY",
        "(TEXT | TEXTING | TEXTS | CONTACT | CONTACTING | CALL | CALLING | CALLS | SEND) (ME | MYNUMBER | AGAIN |"
        " FILL | OUT){0,3}"
        " (AT | BY | AFTER){1,2} (F | MY | THE | A | AT | I){0,2} (DAY | NUM | JOB | BUSY)",
    ),
    ("time_preference", "when", "ES_A", "(ES_CALL | ES_SEND_ME | FR_SEND | FR_CALL) (FR_PAS)? ES_A (JOB | DAY)"),
    ("time_preference", "when", "DAY", "DAY (OTHER | WAS){0,2} (BETTER | MUST $)"),
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
    ("other_channel_optout", "voice", "FR_CALL", "FR_CALL FR_NOT | FR_STOP DE? (FR_M | ME | F)? FR_CALL"),
    (
        "payment_instruction",
        "stop-payment",
        "PAY",
        "(HALTS | CANCEL | END | TURN | REVOKE | REVOKED | ES_STOPS | ES_CANCEL | FR_STOP | FR_CANCEL) OFF? (DET |"
        " DE | NUM | DAY | MY){0,4}"
        " (OTHER | TAKE)? (CONSENT (FOR | TO) OTHER? | DET){0,3} PAY (?! D{0,3} MSG)",
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
        "PAY",
        "NEG F? (OTHER | TAKE | REVOKE)? (PAY | DET){0,3} (MY | THE | ALL)? PAY (OUT | AFTER | FILL | FROM | SHUT)",
    ),
    ("payment_instruction", "do-not-take", "PAY", "NO ME PAY"),
    ("cease", "cease", "CEASE", "CEASE (AND CEASE | (F | DET | MORE | AND){0,4} (COMM | CONTACT | REACHES | CALLS))"),
    ("cease", "cease", "FR_STOP ES_STOP", "(FR_STOP | ES_STOP) (DET | OTHER){0,2} COMM"),
    ("hardship", "job", "JOB", "(QUIT | LOST | OUT OF) (MY | F){0,2} JOB"),
    ("hardship", "laid-off", "LAID", "LAID OFF"),
    ("hardship", "circumstances", "HARDSHIP", "HARDSHIP"),
    ("hardship", "cannot-pay", "CANT NOT", "(I | HE) F{0,2} (CANT | CANT ADJ TO) F? (AFFORD | PAY)"),
    (
        "hardship",
        "no-money",
        "PAY",
        "(NO | CANT HAVE | DONT HAVE) (ALL | MORE | F | THE){0,2} PAY (FILL | AFTER | SHUT)",
    ),
    ("hardship", "help", "HELP", "WANT F? HELP (WORRY | WITH)"),
    ("hostile", "abuse", "FUCK HOSTILE", "FUCK | HOSTILE"),
    ("hostile", "abuse", "GO ES_GO FR_VA", "GO TO SWEAR | ES_GO W{0,3} (ES_HELL | PERSON) | FR_VA W{0,3} FR_FOUTRE"),
    ("hostile", "abuse", "FINGER", "FINGER"),
)

_SEARCHES = tuple(
    (name, detail, NOTATION.symbols(anchor), NOTATION.pattern(pattern)) for name, detail, anchor, pattern in _RULES
)
_ANCHORS = frozenset().union(*[anchor for _, _, anchor, _ in _SEARCHES])
_CHANNELS: dict[str, Channel] = {"voice": "voice", "email": "email", "letter": "letter"}


def signals(symbols: str, found: list[str]) -> tuple[Signal, ...]:
    """What a reply with these class `symbols` and tokens `found` reports, in the order of the rules, each once."""
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
