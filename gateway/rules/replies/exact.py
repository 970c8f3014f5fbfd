"""Owns the keywords: whole messages of one or two words that revoke consent, renew it, or ask for help.

Does not own sentences: those are `replies`. The core words are the law's and the carriers': no plugin, program or dialog
may claim one. The further words count only when nothing else of weight is said.
"""

from collections.abc import Callable, Iterable
from typing import Literal

from .normalise import fold, tokens
from .spelling import doubled, inserted, neighboured, ordinary, shortened, transposed
from .words import CLASS_OF

Keyword = Literal["opt-out", "opt-in", "help"]

# 47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel and unsubscribe revoke consent per se. STOPALL and
# OPTOUT are defaults of carriers and platforms.
CORE_OPT_OUT = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "opt out", "optout"}
)
CORE_OPT_IN = frozenset({"start", "unstop"})  # defaults of platforms and of the toll-free network
CORE_HELP = frozenset({"help", "info"})  # CTIA Messaging Principles 5.1.3: HELP; INFO is its usual alias
PLAIN_STOP = frozenset({"stop", "unsubscribe"})  # may carry an argument: "STOP 12345"
ALL_OF_IT = frozenset({"stopall", "stop all"})
RESERVED = CORE_OPT_OUT | CORE_OPT_IN | CORE_HELP

_FURTHER_OPT_OUT = (
    # Words printed by collection platforms, by AWS (REMOVE) and Spoke; English said for STOP when said alone.
    "delete", "go away", "leave", "cease", "block", "halt", "remove", "unsub", "cansel", "unenroll", "disenroll", "op out",
    "discontinue", "terminate", "desist", "out",
    "stop2end", "stop2quit", "stop2stop", "revoked", "opt me out", "remove me", "delete me", "no more", "quit it",
    "get lost",
    "fuck off", "fuck you", "f off", "f you", "f u", "fu", "piss off", "leave me alone", "do not contact", "do not text",
    "dnd", "do not disturb",
    "opting out", "unsubscribing", "unsubscribed", "td", "nomore", "takemeoff", "removeme", "leavemealone", "stopit",
    "stopnow", "optmeout", "stoptexting", "cancel all", "end all", "unsubscribe all",
    # Spanish
    "alto", "parar", "pare", "paren", "basta", "cancelar", "detener", "detenga", "detente", "detengase", "cancela", "cancele",
    "cancelen", "borrar",
    "cancelar todo", "terminar", "para", "remover", "quitarme", "borrarme", "baja", "dar de baja", "no mas", "desuscribir",
    "desuscribirme", "eliminar", "salir", "equivocado", "no molestar",
    # French: ARRET is required in Canada
    "arret", "arrete", "arretez", "arreter", "annuler", "desabonner", "desabonnement", "desinscription", "fin", "resilier",
    "стоп",  # Russian, and STOP in look-alike letters
)  # fmt: skip
_FURTHER_OPT_IN = (
    "subscribe", "signup", "sign up", "opt in", "optin", "resume", "resubscribe", "yes start", "start again", "begin",
    "comenzar", "iniciar", "empezar", "reanudar", "suscribir", "inscribirme",
    "commencer", "reprendre", "s abonner", "abonner", "demarrer",
)  # fmt: skip
_FURTHER_HELP = (
    "ayuda",
    "aide",
    "informacion",
    "help me",
    "aidez moi",
    "hlep",
    "hepl",
    "quien es",
    "quienes son",
    "quien eres",
    "qui est ce",
    "c est qui",
)

# Stop in languages that the grammar does not read (German, Portuguese, Italian, Turkish, Polish, Tagalog, Haitian): held.
_FOREIGN_STOP = """
    abmelden abbestellen aufhoren sair ferma smettila iptal dur przestan tigil itigil sispann stoppen wypisz avsluta
"""
FOREIGN_STOP = frozenset(_FOREIGN_STOP.split())

# Dismissals that a reasonable person may or may not take for a revocation: held.
DISMISSALS = frozenset(
    (
        "stop collections",
        "beat it", "kick rocks", "take a hike", "get bent", "jog on", "scram", "shoo", "shut up", "zip it", "bite me",
        "drop dead", "ta gueule", "marre", "ras le bol", "go pound sand", "up yours", "fuck outta here",
        "do not want", "chinguen a su madre", "gtfo", "reported", "enough", "get a life", "stfu",
        "do not call", "not again", "eat shit", "no means no", "never again", "not anymore", "not me", "plus jamais",
        "jamais plus",
        "kiss my ass", "i decline", "i refuse", "declined", "denied", "reject", "rejected", "abort", "im out",
        "atop", "stops", "stoops",
    )
)  # fmt: skip

# Yes and no, which mean consent only while a request for it is open. An OK is no express yes.
_AGREEING = """
    yes y yep yeah yup yea ya yess yees agree accept iagree iaccept si claro confirmo acepto oui ouais accepte
"""
AGREEING = frozenset(
    {"i agree", "i accept", "i consent", "yes i agree", "yes i do", "yes i consent", "de acuerdo", "d accord"}
).union(_AGREEING.split())
_ASSENTING = "ok okay k kk okie okey sure fine alright good great cool vale dale bueno bien 👍 👌 🆗 ✅ 💯"
ASSENTING = frozenset(_ASSENTING.split())
DECLINING = frozenset(
    (
        "no",
        "n",
        "nope",
        "nah",
        "non",
        "not",
        "no thanks",
        "no thank you",
        "no gracias",
        "non merci",
        "not interested",
        "decline",
    )
)

_KINDS: tuple[tuple[Keyword, tuple[str, ...]], ...] = (
    ("opt-out", (*CORE_OPT_OUT, *_FURTHER_OPT_OUT)),
    ("opt-in", (*CORE_OPT_IN, *_FURTHER_OPT_IN)),
    ("help", (*CORE_HELP, *_FURTHER_HELP)),
)
KEYWORDS: dict[str, Keyword] = {word: kind for kind, words in _KINDS for word in words}

# A message of one mistyped word. One transposition or neighbouring key revokes, and in a core word a neighbouring key struck
# too; a lost letter, of a core word, is held.
_TYPED = tuple(
    word for word, kind in KEYWORDS.items() if kind == "opt-out" and word.isascii() and word.isalpha() and len(word) > 3
)


def _slips(words: Iterable[str], kinds: Iterable[Callable[[str], Iterable[str]]]) -> frozenset[str]:
    """What slips of these kinds make of `words`, but for other words; "cancell" is of one class with cancel, and none."""
    found = {(slip, word) for word in words for slips in kinds for slip in slips(word) if slip not in KEYWORDS}
    return frozenset(slip for slip, word in found if not ordinary(slip) or CLASS_OF.get(slip, "") == CLASS_OF.get(word))


_CORE_TYPED = tuple(word for word in sorted(CORE_OPT_OUT) if word in _TYPED)
_STRIKES = (transposed, neighboured, doubled)
CORE_MISTYPED = _slips(_CORE_TYPED, (*_STRIKES, inserted))
MISTYPED = CORE_MISTYPED | _slips(_TYPED, _STRIKES)
SHORTENED = frozenset(
    slip
    for word in sorted(CORE_OPT_OUT)
    if len(word) > 3
    for slip in shortened(word)
    if slip not in KEYWORDS and not ordinary(slip)
) - {"top", "qui"} | {"stp"}

# Core words that a stray blank parts: "st op", "un subscribe", "un stop"; and "re-subscribe".
PARTED = {word: KEYWORDS[word] for word in (*sorted(CORE_OPT_OUT), "unstop", "resubscribe") if word.isalpha()}


def core_word(text: str) -> Keyword | None:
    """What `text` means if it is a core word and nothing else (case, width, marks and letter spacing aside), or None."""
    word = " ".join([token for token in tokens(fold(text)) if token[0].isalnum()])
    if word in CORE_OPT_OUT:
        return "opt-out"
    if word in CORE_OPT_IN:
        return "opt-in"
    return "help" if word in CORE_HELP else None


def is_reserved(word: str) -> bool:
    """Whether `word` is, in any spelling that folds to it, a core word: nothing else may answer to it."""
    return core_word(word) is not None
