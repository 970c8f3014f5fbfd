"""Owns whole replies that ask who we are and what this is, or ask us to begin again.

Does not own the keywords of help and renewal (`exact`), or what outranks them: a revocation, a hold (`classify`).
"""

# Whole replies (free insertions apart) that ask who we are …
HELPING = (
    (
        "help.who",
        "WHO",
        "^ (F | MARK | OLD PHONE){0,4} (CAN (YOUS TOLD ME | I ASK))? WHO (WAS | BE)? (THIS (TEXTING ME?)? | YOUS | HE"
        " | TEXTING ME? |"
        " SENDING THESES | I (BE)? (TEXTING | OTHER) (TO | WITH)? | THESES (WAS | BE)) (FROM)? (F | MARK){0,4} $",
    ),
    (
        "help.who",
        "WHAT",
        "^ (F | MARK){0,4} WHAT (POLITE | PHONE? NUMBER) (WAS | BE) (THIS | YOUS) (FROM | WITH)? (F | MARK){0,4} $",
    ),
    ("help.who", "WHO", "^ (F | MARK){0,4} WHO DO YOUS JOB FOR (F | MARK){0,4} $"),
)
# … or what this is, which is asked of our question while one waits for an answer.
EXPLAINING = (
    (
        "help.what",
        "WHAT",
        "^ (F | MARK){0,4} WHAT (WAS | BE)? (THIS | THESE) (TEXT | TEXTS | NUMBER)? FOR? (F | MARK){0,4} $",
    ),
)
RENEWING = (
    (
        "renew.resume",
        "RESUME",
        "^ (F | MARK){0,4} RESUME (TEXTING | SENDING | TO)? (ME | TO | D){0,5} (MSG | ME | TEXTING) (ME | F |"
        " AGAIN | MARK){0,5} $",
    ),
    ("renew.subscribe", "SUBSCRIBE", "^ (F | MARK){0,4} SUBSCRIBE ME (F | AGAIN | MARK){0,4} $"),
    ("renew.sign-up", "SIGNED", "^ (F | MARK){0,4} SIGNED ME (GO)? UP (F | AGAIN | MARK){0,4} $"),
    (
        "renew.opt-in",
        "OPT",
        "^ (F | MARK | I WILL? | WANTS TO | CAN LIKE TO){0,4} OPT ME? GO? BY (F | AGAIN | MARK){0,4} $",
    ),
    (
        "renew.list",
        "GO AGAIN",
        "^ (F | MARK){0,4} MAKE (ME | MYNUMBER) (GO (AT | BY) (DET | TEXT){0,3} LIST | (AT | BY) (DET | TEXT){0,3}"
        " LIST AGAIN)"
        " (F | MARK){0,4} $",
    ),
    (
        "renew.allow",
        "AGAIN RESUME",
        "^ (F | MARK){0,4} YOUS CAN (RESUME (REACHES | SENDING) ME? D{0,3} MSG? | (REACH | SEND) ME (MSG)? AGAIN)"
        " (F | AGAIN | MARK){0,4} $",
    ),
    (
        "renew.want",
        "AGAIN RESUME",
        "^ (F | MARK){0,4} I (CAN LIKE | WANT) TO? F? (RESUME GETS D{0,3} MSG | GETS (D | THE){0,3} MSG AGAIN)"
        " (F | AGAIN | MARK){0,4} $",
    ),
    (
        "renew.turn-on",
        "TURN",
        "^ (F | MARK){0,4} TURN (GO? AT D{0,5} MSG | D{0,5} MSG GO? AT) (F | AGAIN | MARK){0,4} $",
    ),
)
