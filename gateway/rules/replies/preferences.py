"""Owns the rules by which a reply says when, where and by what it may be reached: time_preference, other_channel_optout.

Does not own the verdict (`weak`, `frames`), or what else is reported (`signals`). 12 CFR 1006.6(b)(1) times and places,
1006.6(b)(3) employers, 1006.14(h) media.
"""

from typing import Literal

_Preference = Literal["time_preference", "other_channel_optout"]

# Spanish and French name the channel after the refusal, with little between.
_CHANNELS_ABROAD: tuple[tuple[_Preference, str, str], ...] = (
    ("other_channel_optout", "voice", "CALLS"),
    ("other_channel_optout", "email", "EMAIL"),
    ("other_channel_optout", "letter", "LETTER"),
)

# As the rules of `signals`: (signal, detail, anchor, pattern); the detail of other_channel_optout is the channel.
RULES: tuple[tuple[_Preference, str, str, str], ...] = (
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
    ("time_preference", "when", "ADJ", "(NOT | CANT) (A | THE) (ADJ | BETTER) FILL (FOR | TO | F | MARK | $)"),
    (
        "time_preference",
        "when",
        "DAY",
        "(HALTS | NEG) F? (REACHES | REACH | CALLING | CALL | TEXT) (ME | MYNUMBER)? (F | AT | THIS){0,3} DAY | TOO DAY TO"
        " (REACH | CALL)",
    ),
    (
        "time_preference",
        "when",
        "BETTER",
        "BETTER FILL (F | WAS | FOR | TO | REACH | CALL | ME){0,5} (AFTER | DAY | AT | BY)",
    ),
    (
        "time_preference",
        "work",
        "JOB",
        "JOB (DOESNT | NOT | CANT | NEVER) F? (ALLOW | LIKE | WANT) | CANT W{0,5} (PHONE | TEXTS | CALLS | TEXT) (F |"
        " AT | MY){0,2} JOB"
        " | (^ | MARK) F{0,3} I (BE | WAS | F){0,2} AT F? MY? JOB (CANT | SHUT | DONT)",
    ),
    (
        "other_channel_optout",
        "voice",
        "CALL CALLING CALLS PHONE",
        "(HALTS | NO | NEG | LONGER) (DET | WITH | LEAVE | ME | MORE | BE | TEXTING | TEXTS | TEXT | SENDING | WANT | GETS"
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
)
