"""Owns the folding of a consumer's text into plain tokens.

Does not own what a token means (`words`), or which passages are somebody else's words (`passages`).

A phone, a keyboard and a carrier between them turn one intention into many spellings. Folding takes away what never
carries meaning here: invisible characters, width and case (NFKD, casefold), accents, typographic quotes, the signature of
a mail program, quoted lines, addresses, the asterisks over an oath, letter spacing, lost blanks, stretched letters, one
slip in a long word. Each step is one pass, so the time is linear in the length of the text, and every `str` is accepted.
"""

import re
import unicodedata

from .passages import unquoted, unsigned
from .spelling import SPELLED
from .words import CLASS_OF

# Soft hyphen, joiners, zero-width and bidirectional controls, keycap, variation selectors, skin tones, tags, and lone
# surrogates, which a broken UCS-2 text may hold.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20e3\ufe00-\ufe0f\ufeff"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f\ud800-\udfff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Blanks by their looks, letters by their kind.
_FILLER = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
# White letters on black, round and square, which NFKD leaves alone: 🅢🅣🅞🅟, 🆂🆃🅾🅿.
_ON_BLACK = {first + at: chr(ord("a") + at) for first in (0x1F150, 0x1F170) for at in range(26)}
_ON_BLACK_LETTER = re.compile("[\U0001f150-\U0001f169\U0001f170-\U0001f189]")
_QUOTES = re.compile("[’‘`´ʼ′]")

# Cyrillic and Greek letters that look Latin, read so only in a word that mixes alphabets ("SТOP" with a Cyrillic Т) or that
# looks like STOP throughout, as no word of theirs does.
_LOOKALIKE = str.maketrans("авекмнорстухіјѕαειορτυ", "abekmhopctyxijsaeioptu")
_OTHER_ALPHABET = re.compile("[\u0370-\u04ff]")
_RUN = re.compile(r"[^\W\d_]+")

_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s\"»]+|\b[\w.+-]{1,64}@[a-z0-9-]{2,63}\.[a-z0-9.-]{2,63}")

# "f*** off", "f**k", "sh*t", "a**hole": the mask is part of the word.
_MASK = re.compile(r"[a-z][*@#$%+]|\$[a-z]")
_MASKED = (
    # "s*t*o*p" is letters set apart, "st*p" and "$top" a mask over the word that must not be lost.
    (re.compile(r"(?<![^\W_])[a-z](?:[*@#$%+][a-z]){3,12}(?![^\W_])"), lambda run: re.sub(r"\W", "", run[0])),
    (re.compile(r"(?<![^\W_])[s$](?:[t+*][o*@]p|to\*)(?![^\W_])"), "stop"),
    (re.compile(r"(?<![^\W_])f[uc]{0,2}[*@#$%!-]{1,4}c?k?(?:ing|in)(?![^\W_])"), "fucking"),
    (re.compile(r"(?<![^\W_])f[uc]{0,2}[*@#$%!-]{1,4}c?k?(?![^\W_])"), "fuck"),
    (re.compile(r"(?<![^\W_])sh?[*@#$!]{1,3}t?(?![^\W_])"), "shit"),
    (re.compile(r"(?<![^\W_])bi?[*@#$]{1,3}t?c?h?(?![^\W_])"), "bitch"),
    (re.compile(r"(?<![^\W_])as?[*@#$]{1,2}(?:s|holes?)?(?![^\W_])"), "asshole"),
)

# What a phone adds to the answer that it gives while its owner drives.
_WHILE_DRIVING = re.compile(r"\(?i'm not receiving notifications\. if this is urgent, reply .urgent.[^)\n]{0,80}\)?")

# The elision of French separates (m'envoyer: m envoyer); the contraction of English joins (don't: dont).
_ELISION = re.compile(r"\b(qu|[cdjlmnst])'(?=[aeiouhy])")

# A number with its inner punctuation, a word, a run of marks, a hyphen that is a dash, or one symbol.
_TOKEN = re.compile(
    r"[$#]?\d[\d.,:/]*\d|[^\W_]+|#(?!\w)|[.!?;\n]+|[,:()\"«»—–]|-(?=\s|$)|[^\w\s'*_~^=|<>\[\]{}\\/@%&$#-]"
)
# … which is lost as well: "menvoyer", "darreter".
_UNELIDED = re.compile(r"\b([md])(?=(?:envo[iy]|ecri[rv]|appel|importun|embet|arret)[a-z]{0,6}\b)")
# Words written by their first letters.
_INITIALS = re.compile(r"\b(?:idk|dunno)\b")
# An apostrophe lost to a blank or a comma: "don t text me", "do nt", "don,t".
_APART = re.compile(r"\b(do|wo|ca|did|does|is|was|ai|could|would|should)(?:n[ ,;.]| n)t\b")
# Blanks lost: "stoptextingme". Pieces of two letters at least.
_GLUED = re.compile(r"\b(stop|dont|remove|unsubscribe|unsuscribe|leave|optout|optmeout)([a-z]{2,24})\b")
_LONGEST_PIECE = 12
_BETWEEN = ".,-"  # marks that may stand between letters set apart
_STRETCHED = re.compile(r"(.)\1\1+")


def fold(text: str) -> str:
    """`text` without width, case, accents, invisible characters, masks and signature. Never raises."""
    return unsigned(signed(text))[0]


def signed(text: str) -> str:
    """`text` as `fold` leaves it, but with its signature."""
    if text.isascii():
        text = text.lower()
    else:
        if _ON_BLACK_LETTER.search(text):
            text = text.translate(_ON_BLACK)
        text = _QUOTES.sub("'", _INVISIBLE.sub("", _FILLER.sub(" ", text))).replace("“", "«").replace("”", "»")
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = _INVISIBLE.sub("", "".join([c for c in text if not unicodedata.combining(c)]))
        if _OTHER_ALPHABET.search(text):
            text = _RUN.sub(_latin_if_mixed, text)
    if not text.isprintable():
        text = unquoted(_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    if "not receiving notifications" in text:
        text = _WHILE_DRIVING.sub(" ", text)
    # An address says nothing ("https://example.com/unsubscribe").
    if "@" in text or "://" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    if _MASK.search(text):
        for pattern, word in _MASKED:
            text = pattern.sub(word, text)
    return text


def tokens(folded: str) -> list[str]:
    """The words and marks of a folded text, each word in its known spelling where one is near enough."""
    if "'" in folded:
        folded = _ELISION.sub(r"\1 ", folded).replace("'", "")
    folded = _UNELIDED.sub(r"\1 ", folded)
    if "t " in folded and _APART.search(folded) is not None:
        folded = _APART.sub(r"\1nt", folded)
    if "idk" in folded or "dunno" in folded:
        folded = _INITIALS.sub("i dont know", folded)
    if _GLUED.search(folded) is not None:
        folded = _GLUED.sub(_unglued, folded)
    found: list[str] = _TOKEN.findall(folded)
    found = [token if token in CLASS_OF else _respelt(token) for token in found]
    if sum([len(token) == 1 for token in found]) > 2:
        return _unspaced(found)
    return found


def span(found: list[str], start: int, end: int) -> tuple[int, int]:
    """Where tokens [start, end) stand in the normalised text, which is the tokens joined by blanks."""
    if start >= end:
        return 0, 0
    begin = sum([len(token) + 1 for token in found[:start]])
    return begin, begin + sum([len(token) + 1 for token in found[start:end]]) - 1


def _latin_if_mixed(run: re.Match[str]) -> str:
    word = run[0]
    latin = word.translate(_LOOKALIKE)
    return latin if latin == "stop" or any("a" <= c <= "z" for c in word) else word


def _unglued(run: re.Match[str]) -> str:
    """ "stoptextingme" with its blanks, or as it is where the pieces are no words of ours."""
    if run[0] in CLASS_OF or run[0] in SPELLED:
        return run[0]
    times = len(run[0]) // len(run[1])
    if run[1] * times == run[0]:  # "stopstopstop", which "stops top" would break
        return " ".join([run[1]] * times)
    rest, pieces = run[2], [run[1]]
    while rest:
        for length in range(min(len(rest), _LONGEST_PIECE), 1, -1):
            if rest[:length] in CLASS_OF:
                pieces.append(rest[:length])
                rest = rest[length:]
                break
        else:
            return run[0]
    return " ".join(pieces)


def _respelt(token: str) -> str:
    near = SPELLED.get(token)
    if near is not None:
        return near
    if _STRETCHED.search(token) is None or not token[0].isalpha():
        return token
    # "stopppp" has one p, "offfff" two f.
    for kept in (r"\1\1", r"\1"):
        short = _STRETCHED.sub(kept, token)
        if short in CLASS_OF:
            return short
        if short in SPELLED:
            return SPELLED[short]
    return _STRETCHED.sub(r"\1", token)


def _unspaced(found: list[str]) -> list[str]:
    """Joins letters that stand apart ("s t o p", "s.t.o.p") where together they are a word of ours."""
    joined: list[str] = []
    run: list[str] = []  # single letters and the marks between them
    for token in [*found, ""]:
        if len(token) == 1 and (token.isalpha() or (run and token in _BETWEEN)):
            run.append(token)
            continue
        if run:
            joined.extend(_joined(run))
            run = []
        if token:
            joined.append(token)
    return joined


def _joined(run: list[str]) -> list[str]:
    places = [place for place, token in enumerate(run) if token.isalpha()]
    letters = "".join([run[place] for place in places])
    word = SPELLED.get(letters, letters)
    if len(letters) > 2 and word in CLASS_OF:
        return [word]
    for end in range(4, min(len(letters), _LONGEST_PIECE)):  # "s t o p p l e a s e"
        if letters[:end] in CLASS_OF and letters[end:] in CLASS_OF:
            return [letters[:end], letters[end:]]
    # "s t o p. i mean it"
    return ["stop", *run[places[3] + 1 :]] if letters.startswith("stop") and len(letters) < _LONGEST_PIECE else run
