"""Owns the frame of a phrase: what stands before it and takes or gives it force, and the limit that may follow.

Does not own the phrases (`grammar`, `romance_grammar`, `exclusions`).

"stop texting me" is a revocation after "please", "I told you to" or nothing; after "don't" it is the contrary, after
"he won't" a remark, after "how do I" a question, after "if you" a condition. VERDICTS crosses the frame with the
strength of the phrase:

firm       names what shall end: texting me, my number
forbid     the same, said by negation: do not text me
performed  done by being said, so that "I" may say it of oneself: I revoke my consent, I don't want texts
bare       does not name it: stop
clause     a bare word with other uses (end, remove): held, and only as a clause of its own
curse      a bare phrase of dismissal: go away
alone      a word that revokes as a clause of its own and is common otherwise: arrete, baja
held       may be a revocation, or one with limits: stop calling me
barred     said of the sender alone: you may not text me
weak       a word of ending about something we cannot name: stop lying
notice     held whatever stands before
exclude    not a revocation at all: stop by
"""

from typing import Literal

from .phrases import NOTATION
from .words import SYMBOL

Verdict = Literal["opt-out", "needs-review", "none"]
OPT_OUT: Verdict = "opt-out"
HOLD: Verdict = "needs-review"
NONE: Verdict = "none"

# First match wins; `$` is where the phrase begins. Free insertions are gone from what is matched.
_FRAMES = tuple(
    (name, NOTATION.pattern(pattern))
    for name, pattern in (
        ("negated", "(^ | I) (DIDNT | NEVER) (SAID | TEXT | SEND | (ASK | TOLD) YOUS TO?) $"),
        ("request", "FOR THE PITSTOP $ | (?<! GET) IT IF YOUS $ | KNOW (YOUS | WHO W{0,2}) $"),
        ("request", "WHO (WAS | BE)? (THIS | THAT | YOUS) $ | ^ I? PAID (IT | THIS)? $ | ^ (CAN | MUST) I (BE | GET) $"),
        ("request", "FOR (THE LOVE OF)? W? GOD $"),
        ("past", "(ACCIDENT W{0,4} | CLICKED W? | HIT) $"),
        ("past", "DID (YOUS | I | HE | ME | PERSON | W | W W) $"),
        ("past", "CANT (I | HE) $"),
        ("negated", "NO WANT TO? $"),
        ("question", "(WHEN | WHERE | WHAT) W{0,2} (CAN | WILL | DO | WAS) YOUS W? $"),
        ("request", "IF (YOUS CAN | YOUD) LIKE? $"),
        ("demand", "IF (YOUS | THESES | D? MSG) (DONT | NOT | CANT) $"),
        ("past", "FOR $"),
        ("past", "IF I (TEXT | SAID | SEND) $"),
        ("complaint", "WHY (DONT | CANT) YOUS $"),
        ("request", "(CAN | CANT | WILL) YOUS LIKE? $"),
        ("complaint", "(YOU | ALERTS | TEXTS | SPAM | NUMBERS) (HAVE | DO)? (NEVER | CANT) $"),
        (
            "negated",
            "(DONT | DOESNT | NEVER | NOT | CANT | NON) (BE | HAVE | GO | MUST)?"
            " ((WANTS | MUST) (YOUS | THE W | ME | THESES)?)? TO? $",
        ),
        ("question", "(HOW | WHERE) (DO | CAN | DID | WILL | MUST)? (I | YOU | ONE | W)? TO? $"),
        ("question", "HOW (DO | CAN | WILL) W{1,4} $"),
        ("question", "(FR_HOW | ES_HOW) ME? $"),
        ("conditional", "IF I $"),
        ("question", "^ (DO | DID) I W{0,4} $"),
        ("reported", "(MSG | IT | THESES) SAID TO? (SAID | TEXT | SEND) $"),
        ("wish", "(I | ME) (CAN | LIKE | WANT){1,2} TO? $"),
        ("question", "^ (CAN | MUST) I $"),
        ("subject", "I (AUX{0,4} MODAL)? $ | (HE | PERSON) AUX{0,4} MODAL $ | THING (WILL | CAN | CANT | MUST){1,2} $"),
        ("question", "(WHEN | WHAT) W{0,3} (MSG | THESES | YOUS | ALL) AUX? $"),
        ("question", "WHY W{0,4} $"),
        ("request", "WHAT THE $"),
        ("past", "(WHEN | WHAT) W{1,4} $"),
        ("question", "(WAS | BE) W? A W TO $"),
        ("question", "^ (CAN | DO | WILL | DID | MUST) (I | PERSON | HE) W{0,4} $"),
        ("question", "DO YOUS $"),
        ("conditional", "IF W{0,5} $"),
        ("conditional", "(AFTER | WHEN) (YOUS | THESES | MSG | W MSG) (WILL | CAN)? $"),
        ("reported", "(TOLD | ASK | WANTS) (ME | HE | PERSON | HIM OTHER? | MY W | OTHER | HIM PERSON) NOT? TO $"),
        ("reported", "(HE | PERSON | LETTER | EMAIL | OTHER | JOB | CALL) (SAID | TOLD) $"),
        ("place", "(PITSTOP | NON) $"),
        ("noun", "(A | ANOTHER | THE | ONE | NEXT) $"),
        ("mine", "MY $"),
        ("thing", "THING W{0,4} $"),
        (
            "request",
            "(TOLD | ASK | WANTS | SAID | PREFER) (YOUS | THESES | ALL | NOBODY | (THE | YOUR | ALL | THESE |"
            " OF){0,3} MSG)? TO $",
        ),
        ("request", "(YOUS | MSG | THESES) (MUST | HAVE | WANT) TO? $"),
        ("request", "(TOLD | ASK) YOUS (NUM | ONE MORE | OTHER | AGAIN | DAY | MANY){0,4} TO? $"),
        ("request", "^ (NO{1,4} | TEXT | TEXTS | SEND | BYE | SCAM) $"),
        ("request", "(WANT | ASK) W{0,4} MSG $"),
        ("request", "(YOUS (CAN | MUST) | (NOT | NO | CANT | LONGER) INTERESTED | MAKE ADJ YOUS | ASK YOUS) $"),
        ("request", "(ASK | PREFER | SAID | TOLD | WANT) THAT YOUS $"),
        ("request", "(ENOUGH | ANNOYING | HARASSMENT | LAW | ILLEGAL | HOSTILE | BOTHERING) W{0,2} $"),
        ("request", "(SPAM | TIRED W{0,4} | TOO MANY W{0,3} | FUCK YOU | WRONG NUMBER) $"),
        ("request", "(SAID | TEXTED | MAKE D{0,3} (MSG | THESES | OTHER YOUS) | (TOLD | ASK) YOUS) $"),
        ("subject", "IT (WILL | CANT | MUST | CAN | DID | NEVER) $"),
        ("third", "(HE | PERSON) $"),
        ("hailed", "^ YOUS $"),
        ("addressed", "YOUS $"),
    )
)  # fmt: skip

_TABLE = """
             firm      forbid    performed bare      clause    curse     alone     held      weak      barred
head         out       out       out       out       hold      out       out       hold      hold      hold
wish         out       out       out       out       hold      -         -         hold      -         -
request      out       out       out       out       hold      out       hold      hold      hold      out
demand       out       -         out       out       -         -         -         -         -         -
hailed       out       hold      out       out       -         hold      -         hold      -         out
addressed    out       hold      out       hold      -         hold      -         hold      -         out
third        out       -         out       hold      -         hold      -         hold      -         -
after        out       out       out       hold      -         hold      -         hold      hold      hold
thing        out       out       out       hold      -         -         -         hold      -         -
complaint    hold      -         hold      hold      -         -         -         hold      -         -
question     hold      -         hold      hold      -         hold      -         hold      -         -
conditional  hold      -         hold      hold      -         -         -         -         -         -
reported     hold      hold      hold      hold      -         -         -         -         -         -
place        out       out       out       -         -         -         -         -         -         -
noun         hold      hold      hold      -         -         -         -         -         -         -
mine         hold      hold      out       -         -         -         -         -         -         -
subject      -         -         out       -         -         -         -         -         -         -
past         -         -         hold      -         -         -         -         -         -         -
negated      -         -         -         -         -         -         -         -         -         -
"""
_SAYS = {"out": OPT_OUT, "hold": HOLD, "-": NONE}


def _verdicts(table: str) -> dict[tuple[str, str], Verdict]:
    """(strength, frame) -> verdict, as the table says; *notice* and *exclude* are the same under every frame."""
    strengths, *rows = (line.split() for line in table.strip().splitlines())
    found = {(strength, row[0]): _SAYS[cell] for row in rows for strength, cell in zip(strengths, row[1:], strict=True)}
    return found | {
        (strength, row[0]): says for row in rows for strength, says in (("notice", HOLD), ("exclude", NONE))
    }


VERDICTS = _verdicts(_TABLE)
NAMES = ("head", "after", *dict.fromkeys(name for name, _ in _FRAMES))

_PLEASE = SYMBOL["PLEASE"]
_REACH_BACK = 14  # tokens looked at before a phrase
_CUTS = NOTATION.symbols("MARK AND N BUT")
_INSERTED = dict.fromkeys([ord(symbol) for symbol in NOTATION.symbols("F LAUGH")])

# Time, place, manner: a wish about when and where, which may or may not mean "never".
_LIMIT = NOTATION.pattern(
    "(WHOM | AGAIN | MSG | F | MORE | TO){0,4}"
    "  ( (AT | BY | AFTER | FROM | A | ALL | OR){1,3} (F | THE | MY | A | ALL | IT | DE){0,3} (JOB | DAY | NUM | BUSY |"
    " PERSON)"
    "  | AFTER (I | HE | IF | F) | MANY | (DE | THIS | YOUR)? F? DAY | ES_A F? (JOB | DAY)"
    "  | I BE? AT? BUSY | NUM F{0,2} A DAY | IF | WHEN | GO SHUT | (COMMA | DOT)? I (F | WILL){1,3} (REACH | CALL | SEND) YOUS )"
    "  (?! OR (F | AGAIN){1,3} SHUT)"
)
# "Not right now" is a limit, "stop right now" is none.
_AT_PRESENT = NOTATION.pattern("(WHOM | AGAIN | MSG | F){0,4} ((?<= RIGHT) | (?<= RIGHT W)) SHUT")
# Asked and answered: "unsubscribe? no, keep them".
_DENIED = NOTATION.pattern("F{0,3} ASKS (F | COMMA){0,2} NO (?! MORE)")
# A third person's number or the employer's: another number, another rule of law.
_THIRD = NOTATION.pattern(
    "(ME ANDOR | TO | WITH | FROM)? WHOSE{0,3} (PERSON | JOB) (?! NUMBERS) | HIM (SHUT | NUMBERS) | THESE SHUT"
)

# Not by this channel; nothing is said of texts.
_CHANNEL = NOTATION.pattern(
    "(WHOM | AGAIN | F){0,3} (BY | AT | FROM | OTHER) F? (CHANNEL | PHONE) (?! (COMMA | OR | AND | N){1,2} F? (TEXT"
    " | TEXTS | TEXTING))"
)


def frame(symbols: str, start: int) -> str:
    """What the words before `start` in its clause make of a phrase there; a key of VERDICTS."""
    begin = start
    floor = max(0, start - _REACH_BACK)
    while begin > floor and symbols[begin - 1] not in _CUTS:
        begin -= 1
    before = symbols[begin:start].translate(_INSERTED)
    if not before:
        return "head"
    for name, pattern in _FRAMES:
        if pattern.search(before) is not None:
            return name
    # "sick of you people, please stop", without the comma: the courtesy begins the request.
    return "request" if symbols[start - 1] == _PLEASE else "after"


def limit(symbols: str, end: int, strength: str) -> str | None:
    """The id of the limit that follows a phrase of `strength` ending at `end`, or None: "at work", "my wife"."""
    if _LIMIT.match(symbols, end) is not None or (strength == "forbid" and _AT_PRESENT.match(symbols, end) is not None):
        return "limit.time"
    if _DENIED.match(symbols, end) is not None:
        return "limit.denied"
    if _THIRD.match(symbols, end) is not None:
        return "limit.third-party"
    return "limit.channel" if _CHANNEL.match(symbols, end) is not None else None


# "do not", "can not": the auxiliary says no more than "don't", "can't" do, and goes.
_CONTRACTED = (
    (SYMBOL["DO"], SYMBOL["DONT"]),
    (SYMBOL["DOES"], SYMBOL["DOESNT"]),
    *((SYMBOL[name], SYMBOL["CANNOT"]) for name in ("CAN", "WILL")),
    *((SYMBOL[name], SYMBOL["DIDNT"]) for name in ("DID", "WAS", "HAVE")),
)
_NOT = SYMBOL["NOT"]
_THANKS, _YOU = SYMBOL["THANKS"], SYMBOL["YOU"]
_FILL = SYMBOL["FILL"]


def contracted(symbols: str) -> str:
    """`symbols` with "do not" as "don't" is, "thank you" as "thanks", and so on; as long as before."""
    if _NOT in symbols:
        for auxiliary, contraction in _CONTRACTED:
            symbols = symbols.replace(auxiliary + _NOT, _FILL + contraction)
    return symbols.replace(_THANKS + _YOU, _THANKS + _FILL)
