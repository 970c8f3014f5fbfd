"""Owns the rules by which a reply says that its number is somebody else's: the signal wrong_party, and the doubt that holds.

Does not own what is certain enough to revoke (`weak`), what else is reported (`signals`), or which report is certain enough
to end a number's consents (`holds`).
"""

from typing import Literal

# As the rules of `signals`: (signal, detail, anchor, pattern).
RULES: tuple[tuple[Literal["wrong_party"], str, str, str], ...] = (
    (
        "wrong_party",
        "wrong-number",
        "WRONG",
        "YOUS (HAVE | GET | F){1,2} THE? WRONG PHONE SHUT | (?<! ^ THE) (?<! MARK THE) (?<! GIVE YOU THE) (?<! GIVE"
        " THE) (?<! MY) WRONG F? (PHONE{0,2} NUMBER | PERSONWORD | CONTACT SHUT)"
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
    (
        "wrong_party",
        "not-me",
        "NOT CANT",
        "(^ | MARK) F{0,2} (NOT | CANT) HIM SHUT | (^ | MARK) F{0,2} (HE | THIS) (WAS | F){0,2} (NOT | CANT) (ME | MY"
        " NAME) SHUT |"
        " MY NAME (WAS | F){0,2} (NOT | CANT) (OTHER | HIM) (MARK | $) | (^ | MARK) F{0,2} I (BE | WAS)? F? NOT WHO YOUS |"
        " THIS (WAS | F){0,2} (NOT | CANT) (OTHER | HIM) F? NUMBERS",
    ),
    ("wrong_party", "not-me", "NO", "(^ | MARK) F? NO ES_AM (W | $)"),
    (
        "wrong_party",
        "third-party",
        "PERSON KIN",
        "(^ | MARK) F{0,2} (THIS (WAS | F){0,2} | I (BE | WAS)? F?) (HIM | GIVEN) (PERSON | KIN)"
        " F{0,2} (MARK | $ | NOT (HIM | GIVEN))",
    ),
    (
        "wrong_party",
        "third-party",
        "SOMEONE",
        "(^ | MARK) F{0,2} THIS (WAS | F){0,2} SOMEONE FILL SHUT | YOUS W{1,4} (WITH | FOR) SOMEONE FILL | YOUS (F |"
        " THINK | BE){0,2} (ACCIDENT | TRYING) TO F?"
        " (REACH | SEND) SOMEONE",
    ),
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
        "nobody-here",
        "GIVEN",
        "(THERE (WAS | F){0,2} | ^ F{0,3}) (NO | CANT) F? GIVEN (HERE | AT (THIS | THE) NUMBERS | BY (THIS | THAT) NAME)",
    ),
    ("wrong_party", "unknown-person", "HEAR", "NEVER HEAR OF (HIM | GIVEN | D? PERSONWORD)"),
    ("wrong_party", "unknown-person", "LIVE", "(?<! I) (?<! I F) (DOESNT | LONGER | NEVER) LIVE (HERE | AT THIS)"),
    (
        "wrong_party",
        "unknown-person",
        "KNOW",
        "(DONT | NEVER) F? KNOW (HIM SHUT | (THIS | THAT) PERSONWORD | WHO (THIS | THAT | HE) | (ALL | NO | A) (OTHER"
        " | NAMED | PERSONWORD))",
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
        "HAVE MUST? THIS NUMBER FOR (F | A | ALL | MANY | OTHER){0,2} (NUM | DAY | YEARS) |"
        " I F? MUST THIS NUMBER F{0,2} NUM (YEARS | DAY)",
    ),
    (
        "wrong_party",
        "new-owner",
        "NUMBER PHONE",
        "(?<! I) F? (NO LONGER | LONGER | DOESNT F?) (USES | USE | HAVE | MUST | OWNER) F? (THIS | THAT) PHONE? NUMBERS |"
        " NUMBERS (F | WAS){0,2} (OWNER TO? (SOMEONE | ANOTHER PERSONWORD | A (PERSON | KIN)) | (NOT | LONGER | CANT) HIM) |"
        " (HE | PERSON | KIN | GIVEN) USES TO HAVE (THIS | THAT) NUMBERS |"
        " (THIS | IT) (WAS | F | NO | LONGER){0,3} (MY | HIM | A) (PERSON | KIN) F? NUMBERS (F | DAY){0,2} (MARK | $)",
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
        "NO ES_IS (ART | MY | DE){0,2} NUMBER (DE GIVEN | HIM) |"
        " NUMBER F? NO ES_IS (DE (OTHER | PERSON | KIN | HIM) | MY) SHUT |"
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
    ("wrong_party", "new-number", "GET HAVE", "(^ | MARK) F{0,2} I FILL (HAVE | GET){1,2} F? THIS PHONE? NUMBER SHUT"),
    (
        "wrong_party",
        "new-number",
        "OLD",
        "THIS (WAS | F){1,2} A? OLD NUMBERS (F | COMMA | DOT | AND){0,3} (I F? (HAVE | GET){1,2} (IT | THIS) |"
        " (HE | PERSON | GIVEN) (DOESNT | LONGER | DONT | NO | NOT))",
    ),
    ("wrong_party", "mention", "WRONG", "(^ | MARK) THE WRONG F? (NUMBER | PERSONWORD)"),
)

# As the rules of `weak`: (id, anchor, pattern).
HOLDING: tuple[tuple[str, str, str], ...] = (
    ("net.wrong-party", "WRONG", "(^ | MARK) F{0,4} WRONG (NUMBER | PERSONWORD) (?! F? (AT | OF))"),
    ("net.wrong-party", "ES_WRONG", "(^ | MARK) F{0,3} ES_ME? ES_WRONG SHUT"),
    ("net.someone-else", "SOMEONE", "(REACH | REACHES | SEND) SOMEONE FILL | SOMEONE FILL TO REACH"),
    ("net.not-number", "NOT CANT", "(NOT | CANT) (MY | HIM) F? NUMBERS"),
    (
        "net.not-number",
        "USE HAVE",
        "I (LONGER | DONT | NO LONGER) F? (USE | HAVE) (THIS | THAT (?! W{1,2} DAY)) F? NUMBERS (F | AGAIN){0,3} SHUT",
    ),
    (
        "net.not-number",
        "CHANGED RID",
        "^ F{0,2} I F? (CHANGED MY? NUMBERS | GET RID OF (THIS | THAT) NUMBERS) F{0,2} DOT? $",
    ),
    ("net.not-number", "JOB", "(THIS | IT) (WAS | F){0,2} (A | MY)? F? JOB (NUMBERS | PHONE) "),
    ("net.not-party", "ES_AM", "NO ES_AM (F{1,3} PERSONWORD? | OTHER) SHUT"),
    ("net.not-party", "PERSONWORD", "PERSONWORD DE (YOUR | THIS | ART) NAME"),
    (
        "net.not-party",
        "WHO PERSONWORD",
        "NOT (WHO YOUS | (THE | A)? PERSONWORD YOUS) | NEVER OTHER (THIS | THAT) PERSONWORD",
    ),
    ("net.not-party", "TEXTING", "(YOU | YOUR) (BE | WAS)? TEXTING A"),
    ("net.not-party", "PERSON", "THESES WAS? F? MY PERSON NUMBERS SHUT"),
    ("net.not-here", "LIVE", "(DOESNT | LONGER | NEVER) LIVE HERE"),
    ("net.not-here", "ES_HAY", "ES_AQUI NO ES_HAY | NO ES_HAY ES_NINGUN OTHER SHUT"),
    ("net.not-here", "ES_AQUI", "FR_PAS DE OTHER ES_AQUI"),
    ("net.not-here", "FR_KNOW", "FR_KNOW FR_PAS"),
    ("net.not-here", "PERSONWORD", "FR_NOT (ART | FR_BON){1,2} PERSONWORD"),
    ("net.new-owner", "REASSIGNED", "REASSIGNED"),
    ("net.new-owner", "HAVE GET", "^ I F? (HAVE | GET) (THIS | A OLD) NUMBER SHUT"),
    ("net.new-owner", "ES_IS", "NUMBER F? NO ES_IS | (ART | THIS) NO ES_IS DE OTHER SHUT"),
    ("net.new-owner", "FR_PLUS", "NUMBER N? FR_ETRE FR_PLUS"),
    (
        "net.not-party",
        "NOT CANT",
        "(^ | MARK) F{0,2} (THIS (WAS | F){0,2} (NOT | CANT) F? OTHER NUMBER? | (I | THESES) (BE |"
        " WAS | F){0,2} (NOT | CANT) F? (HIM | (THIS | THE) PERSONWORD)) SHUT",
    ),
    (
        "net.not-party",
        "GIVEN",
        "(^ | MARK) (F | I | BE | WAS | THIS | YOUR | FR_NE | N | FR_ETRE){0,6} (NOT | CANT | FR_PAS) F? GIVEN",
    ),
    (
        "net.new-owner",
        "NUMBER PHONE",
        "(HE | PERSON | GIVEN) (HAVE | F){0,2} (CHANGED F? (HIM | THE)? F? NUMBERS | (HAVE | GET) F? A? OLD NUMBERS)",
    ),
    (
        "net.new-owner",
        "OLD",
        "THIS (WAS | F){1,2} A? OLD NUMBERS (F | COMMA | DOT | AND){0,3} (I F? (HAVE | GET){1,2} (IT | THIS) |"
        " (HE | PERSON | GIVEN) (DOESNT | LONGER | DONT | NO | NOT))",
    ),
    (
        "net.not-here",
        "NOBODY NO",
        "(NOBODY | NO W) (F | AT){0,2} (BY (THIS | THAT) NAME | NAMED OTHER | OTHER (FILL | HERE) SHUT | AT THIS NUMBER)",
    ),
    ("net.not-here", "THERE", "THERE WAS? (NO | DIDNT | NOT) A? OTHER HERE"),
    ("net.not-here", "ES_LIVE", "NO ES_LIVE"),
    ("net.not-party", "HEAR", "NEVER HEAR OF (HIM | OTHER | D? PERSONWORD)"),
    (
        "net.not-party",
        "OWNER HAVE USE MUST",
        "(HE | HIM | PERSON | OTHER) (DOESNT | LONGER | DONT | CANT | NOT){1,2} F? (HAVE | MUST | OWNER | USE)"
        " (F | THIS | THE | MY){0,2} NUMBERS",
    ),
    ("net.not-party", "OWNER", "OWNER OF F? (THIS | THE) NUMBERS | NUMBERS LONGER OWNER"),
    ("net.not-party", "ES_KNOW", "NO ES_KNOW"),
    ("net.not-party", "ES_IS", "NO ES_IS (ART | HIM | MY | DE){0,2} NUMBER"),
    ("net.not-party", "FR_PAS FR_PLUS", "FR_NOT (ART | FR_BON | MY | PERSON | YOUR){0,3} NUMBER | FR_NOT FR_MOI SHUT"),
    ("net.not-party", "LONGER", "THIS (WAS | F | NO){1,3} LONGER (HIM | OTHER) NUMBERS"),
    (
        "net.unknown",
        "KNOW",
        "(DONT | NEVER) F? KNOW (YOUS SHUT | WHO (THIS | THAT | HE | YOUS) | (ALL | NO | A) (OTHER | NAMED |"
        " PERSONWORD))",
    ),
    ("net.new-owner", "LONGER", "NUMBER (F | NO){0,3} LONGER OTHER TO"),
)
