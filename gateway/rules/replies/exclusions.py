"""Owns what only looks like a revocation: places and idioms, payments, accounts, appointments, jobs.

Does not own revocations (`grammar`) or what stands before them (`frames`). Same notation; an exclusion comes before
every production, and later productions do not see its words.
"""

EXCLUSIONS = (
    (
        "remove.number-account",
        "held",
        "(REMOVES | TAKES) (F | MY | THIS | THE){0,3} NUMBER F{0,2} (FROM | OFF) DET{0,3} ACCOUNT",
    ),
    ("exclude.stop-cancels", "exclude", "STOP F? (CANCEL | END | KILL) DET{0,3} PAY"),
    ("exclude.reporting", "exclude", "HALTS F? (REPORT | TAKE)"),
    ("exclude.sending-me", "exclude", "HALTS F? SENDING ME TO (?! TEXT)"),
    (
        "exclude.not-needed",
        "exclude",
        "(DONT | NO) ((?<= YOUS W) | (?<= YOUS F W) | (?<= YOUS F F W) | (?<= NO)) WANT TO? F? (REACH | SEND | CALL)",
    ),
    ("exclude.go-on", "exclude", "NEGS F{0,2} WANT D{0,6} (MSG | THESES) TO F? (HALTS | ENDS | GO AWAY)"),
    ("exclude.go-on", "exclude", "TAKE (?<= PLEASE W) (TEXTING | SENDING) WHOM? (D{0,4} MSG)? F{0,2} (MARK | $)"),
    ("exclude.stop-by", "exclude", "STOP (BY | OFF) (?! F? REACHES)"),
    ("halt.own", "notice", "HALTS ((?<= ^ MUST W) | (?<= ^ MUST TO W)) TEXTING (?! WHOM | YOUR)"),
    ("exclude.stop-at", "exclude", "STOP AT (?! FILL | D{0,2} (NUMBERS | LIST))"),
    ("exclude.stop-thing", "exclude", "STOP (AND | THE){0,2} (STOPSIGN | SIGNED | DROP)"),
    ("exclude.stop-meant", "exclude", "STOP W? ACCIDENT (?! IT)"),
    ("exclude.stop-habit", "exclude", "HALTS F? WORRY"),
    ("exclude.text-and-drive", "exclude", "(NEG | HALTS) F? (TEXT | TEXTING) ANDOR BUSY"),
    (
        "exclude.payment",
        "exclude",
        "(HALTS | ENDS | REMOVE | TAKES | BLOCK | REVOKE | REVOKED | TURN) OFF? (DET | NUM | DAY){0,4}"
        " (OTHER | TAKE | DAY | REVOKED | USE | LETTER | HITTING)? (DET | NUM){0,3} PAY (?! D{0,3} (MSG | NUMBER))",
    ),
    (
        "exclude.payment",
        "exclude",
        "(REVOKE | REVOKED | ES_REVOKE | FR_REVOKE | ES_REMOVE) W{0,3} CONSENT W{0,4} PAY",
    ),
    ("exclude.payment", "exclude", "NEG (HAVE | GIVE | F){0,2} W{0,3} CONSENT W{0,4} PAY"),
    (
        "exclude.payment",
        "exclude",
        "(UNSUB | OPT | OPTING | REMOVE | TAKES | ES_REMOVE_ME) W{0,4} (FROM | OFF | OF | OUT | OUT FOR | DE) (DET |"
        " DAY){0,4} (OTHER | LETTER | EMAIL)?"
        " (PAY | ACCOUNT | APPT | JOB) (?! D{0,2} MSG)",
    ),
    (
        "exclude.appointment",
        "exclude",
        "(HALTS | ENDS | REMOVE | TAKES | LEAVE | QUIT | BLOCK) (DET | DAY | NUM | HIM){0,4} OTHER? (APPT | JOB |"
        " BUSY)"
        " (?! D{0,2} (MSG | NUMBER))",
    ),
    # -- a channel given up for texts: "no calls, just text"
    (
        "exclude.text-instead",
        "exclude",
        "(HALTS | NEG | NO) (DET | BE | MORE){0,4} CHANNEL (ME | MYNUMBER | DET | AT){0,4} (BY | AT){0,1} (DET |"
        " JOB | DAY){0,3}"
        "  (MARK | BUT | AND)? ((?<= (MARK | BUT)) TEXT ME SHUT | (THE)? (FILL | ONLY){1,2} TEXT (?! OR)"
        " | TEXT ME? (FILL | ONLY | BUT) | (TEXT | TEXTS | TEXTING) (FILL | ONLY | BUT | WAS))",
    ),
    (
        "exclude.text-instead",
        "exclude",
        "(HALTS | NO) ((?<= ONLY W) | (?<= ONLY MARK W) | (?<= ONLY F MARK W)) (DET | MORE){0,3} CHANNEL ME? SHUT",
    ),
    ("exclude.text-instead", "exclude", "NEG ((?<= TEXT ME W) | (?<= TEXT ME MARK W)) F? CHANNEL ME? SHUT"),
    ("exclude.text-instead", "exclude", "NO ES_MES{0,3} ES_CALL MARK ES_SENDS"),
    ("exclude.text-instead", "exclude", "(FR_NE | N) (FR_M | ME){0,2} FR_CALL FR_PAS MARK FR_SENDS FR_MOI"),
    (
        "exclude.not-texts",
        "exclude",
        "(UNSUBBED | UNSUB | OPTED | OPT) (ME | F | OUT | FROM | OF | DET){0,6} CHANNEL COMMA? NOT F? MSG SHUT",
    ),
    # -- Spanish and French
    (
        "exclude.es-negated",
        "exclude",
        "NO (ES_ME | ME | F){0,2} (ES_STOPS | ES_REMOVE | ES_REMOVE_ME | ES_CANCEL | ES_LEAVE) (DE ES_SENDS)?",
    ),
    (
        "exclude.es-payment",
        "exclude",
        "(ES_STOPS | ES_REMOVE | ES_REMOVE_ME | ES_CANCEL) (DE | DET | MY){0,4} OTHER? (PAY | APPT) (?! D{0,2} MSG)",
    ),
    ("exclude.es-baja", "exclude", "ES_DAR DE ES_BAJA (DET | MY){0,3} (PAY | APPT)"),
    ("exclude.fr-negated", "exclude", "(FR_STOP | FR_REMOVES) FR_PAS"),
    (
        "exclude.fr-payment",
        "exclude",
        "(FR_STOP | FR_REMOVES | FR_CANCEL) (DE | DET | MY){0,4} OTHER? (PAY | APPT | JOB) (?! D{0,2} MSG)",
    ),
)
