"""Owns the rules by which a reply reports that its number is somebody else's: the signal wrong_party.

Does not own the verdict (`weak`), what else is reported (`signals`), or which report is certain enough to end a number's
consents (`holds`).
"""

from typing import Literal

# As the rules of `signals`: (signal, detail, anchor, pattern).
RULES: tuple[tuple[Literal["wrong_party"], str, str, str], ...] = (
    (
        "wrong_party",
        "wrong-number",
        "WRONG",
        "(?<! ^ THE) (?<! MARK THE) (?<! GIVE YOU THE) (?<! GIVE THE) (?<! MY) WRONG F? (NUMBER | PERSONWORD)"
        " (?! F? AT | FORTHING)",
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
        "(^ | MARK) F{0,3} (THIS (WAS | F){0,2} (NOT | CANT) F? OTHER | (I | THIS | IT) (BE | WAS | F){0,2}"
        " (NOT | CANT) F?"
        " (HIM | (THIS | THE) (F | OTHER)? PERSONWORD)) (NUMBER | FILL | HERE | HALT | YOU | YOUR | MARK | $)"
        " | ^ F{0,3} NOT ME (FILL | HERE | HALT | MARK | $)",
    ),
    ("wrong_party", "not-me", "NO", "(^ | MARK) F? NO ES_AM (W | $)"),
    (
        "wrong_party",
        "nobody-here",
        "NO NOBODY",
        "(NO ONE | NOBODY | NO W) (F | AT){0,2} (BY (THIS | THAT) NAME | NOMBRADO)",
    ),
    (
        "wrong_party",
        "nobody-here",
        "NOBODY",
        "NOBODY (F | AT){0,2} (BY (THIS | THAT | THE) NAME | OTHER AT THIS NUMBER)",
    ),
    (
        "wrong_party",
        "unknown-person",
        "KNOW",
        "(DONT | NEVER) F? KNOW (WHO (THIS | THAT | HE) | (ALL | NO | A) (OTHER | NAMED | PERSONWORD))",
    ),
    ("wrong_party", "not-me", "FR_PAS", "FR_ETRE FR_PAS ART PERSONWORD ES_QUE"),
    ("wrong_party", "wrong-number", "FR_BON", "FR_NOT ART{0,2} FR_BON (NUMBER | PERSONWORD) (?! DE)"),
    ("wrong_party", "nobody-here", "ES_LIVE", "ES_AQUI NO ES_LIVE | NO ES_LIVE (ES_AQUI | ES_NINGUN)"),
    (
        "wrong_party",
        "unknown-person",
        "ES_KNOW FR_KNOW",
        "NO ES_ME? ES_KNOW A? (DET | ES_NINGUN){0,2} PERSONWORD | NO ES_ME? ES_KNOW A ES_NINGUN OTHER |"
        " FR_KNOW FR_PAS (DET){0,2} PERSONWORD",
    ),
    ("wrong_party", "new-owner", "LONGER", "NUMBER (F | NO){0,3} LONGER (OWNER TO | HIM SHUT)"),
    ("wrong_party", "new-owner", "LONGER", "THIS (WAS | F | NO){1,3} LONGER (HIM | OTHER) NUMBERS"),
    (
        "wrong_party",
        "new-owner",
        "NUMBER",
        "HAVE MUST? THIS NUMBER FOR (F | A | ALL | MANY | OTHER){0,2} (NUM | DAY | YEARS)",
    ),
    (
        "wrong_party",
        "new-owner",
        "NUMBER PHONE",
        "(?<! I) F? (NO LONGER | LONGER | DOESNT F?) (USES | USE | HAVE | OWNER) F? (THIS | THAT) PHONE? NUMBERS |"
        " NUMBERS (F | WAS){0,2} OWNER TO? (SOMEONE | ANOTHER PERSONWORD) |"
        " (THIS | IT) (WAS | F | NO | LONGER){0,3} (MY | HIM) (PERSON | KIN) F? NUMBERS (F | DAY){0,2} (MARK | $)",
    ),
    (
        "wrong_party",
        "new-owner",
        "NUMBER PHONE",
        "I F{0,2} (HAVE | GET){1,2} F? THIS PHONE? NUMBER (F | PITSTOP | NUM | A | OLD | OTHER){0,3} DAY F? (MARK | $)",
    ),
    (
        "wrong_party",
        "new-owner",
        "NUMBER",
        "NUMBER F? NO ES_IS (DE (OTHER | PERSON | KIN | HIM) | MY) SHUT |"
        " NUMBER (N | F){0,2} BELONGS FR_PLUS | NUMBER F? NO F? BELONGS |"
        " FR_ETRE FR_PLUS ART? NUMBER DE (?! F? PAY)",
    ),
    (
        "wrong_party",
        "not-me",
        "GIVEN",
        "(^ | MARK) (F | I | BE | WAS | THIS | YOUR | FR_NE | N | FR_ETRE){0,6} (NOT | CANT | FR_PAS) F? GIVEN",
    ),
    (
        "wrong_party",
        "new-number",
        "NUMBER PHONE",
        "(HE | PERSON | GIVEN) (HAVE | F){0,2} (CHANGED F? (HIM | THE)? F? NUMBERS | (HAVE | GET) F? A? OLD NUMBERS)",
    ),
    (
        "wrong_party",
        "new-number",
        "OLD",
        "THIS (WAS | F){1,2} A? OLD NUMBERS (F | COMMA | DOT | AND){0,3} I F? (HAVE | GET){1,2} (IT | THIS)",
    ),
    ("wrong_party", "mention", "WRONG", "(^ | MARK) THE WRONG F? (NUMBER | PERSONWORD)"),
)
