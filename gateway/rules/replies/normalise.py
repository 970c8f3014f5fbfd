"""Owns the folding of a consumer's text into plain tokens.

Does not own what a token means: that is `words`.

A phone, a keyboard and a carrier between them turn one intention into many spellings. Folding takes away what never
carries meaning here, in this order: the signature a mail client adds, invisible characters, width and case
(NFKC, casefold), accents (NFD without marks), typographic quotes, masked profanity, letter spacing, stretched letters.
Every step is one pass, so the time is linear in the length of the text, and every `str` is accepted.
"""

import re
import unicodedata

from .words import KNOWN, SPELLED

# Zero-width and bidirectional controls, soft hyphen, variation selectors, skin tones, keycap, lone surrogates.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20e3\ufe00-\ufe0f\ufeff"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f\ud800-\udfff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# What mail programs append. The folded text is searched, so "Envoyé" is "envoye".
_SIGNATURE_HINTS = ("sent from", "enviado desde", "envoye d", "get outlook", "\n--")
_SIGNATURE = re.compile(
    r"(?:^|\n)[ \t]*(?:sent from |enviado desde |envoye (?:de|depuis) |get outlook for |--[ \t]*(?:\n|$)).*"
    r"|[ \t]sent from (?:my|yahoo|outlook) ?[^\n]{0,40}$",
    re.DOTALL,
)
# The reaction a phone sends as text when the other side knows no reactions: Liked “Your payment is due…”.
# It quotes our own words, opt-out line included, and says nothing of the consumer's.
_REACTION = re.compile(
    r"(?:liked|loved|disliked|emphasi[sz]ed|laughed at|questioned|reacted \S{1,8} to|removed an? [a-z ]{1,20} from"
    r"|le gusto|le encanto|no le gusto|a aime|a adore|n'a pas aime) ?[\"«].{0,2000}[\"»]?\s*$"
    r"|\S{1,4} to \".*\"\s*$",
    re.DOTALL,
)

_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "′": "'", "“": '"', "”": '"', "„": '"'})

# Cyrillic and Greek letters that look Latin; used only in a word that mixes alphabets ("SТOP" with a Cyrillic Т).
_LOOKALIKE = str.maketrans("авеикмнорстухіјѕαειορτυ", "abeukmhopctyxijsaeioptu")
_MIXED = re.compile(r"(?=[^\W\d_]*[a-z])(?=[^\W\d_]*[\u0370-\u04ff])[^\W\d_]+")

# "f*** off", "f**k", "sh*t", "a**hole": the mask is part of the word.
_MASKED = (
    (re.compile(r"(?<![^\W_])f[u*@#$%&!_-]{0,3}[*@#$%][*@#$%&!_-]{0,3}(?:c?k)?(?=[^\W_]|\W|$)"), "fuck"),
    (re.compile(r"(?<![^\W_])sh?[*@#$!]{1,3}t(?![^\W_])"), "shit"),
    (re.compile(r"(?<![^\W_])b[i*@#$!]{0,2}[*@#$]t?ch(?![^\W_])"), "bitch"),
    (re.compile(r"(?<![^\W_])a[s*@#$]{0,2}[*@#$]{1,2}(?:holes?)?(?![^\W_])"), "asshole"),
)
_MASK = re.compile(r"[*@#$%]")

# French elision separates (m'envoyer -> m envoyer); English contraction joins (don't -> dont).
_ELISION = re.compile(r"\b(qu|[cdjlmnst])'(?=[aeiouhy])")

# A word, a number with its inner punctuation, a clause mark, or one symbol (an emoji).
_TOKEN = re.compile(r"\d[\d.,:/]*\d|[^\W_]+|[.!;\n…]+|\?+|[,:()\"«»—–]|-(?=\s|$)|[#?+$]|[^\w\s'*_~^=|<>\[\]{}\\/@%&.-]")
_FOLDABLE = re.compile(r"(.)\1\1+")

_LEET = str.maketrans("01345$", "oieass")
_HAS_DIGIT = re.compile(r"\d")


def fold(text: str) -> str:
    """`text` without width, case, accents, invisible characters, masks and signature. Never raises."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
        text = unicodedata.normalize("NFKD", text.translate(_QUOTES)).casefold()
        if not text.isascii():
            text = "".join([c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)])
            text = _INVISIBLE.sub("", text)
            if _CYRILLIC_OR_GREEK.search(text):
                text = _MIXED.sub(lambda m: m[0].translate(_LOOKALIKE), text)
    else:
        text = text.lower()
    if not text.isprintable():
        text = _CONTROL.sub("", text.replace("\r", "\n").replace("\t", " "))
    for hint in _SIGNATURE_HINTS:
        if hint in text:
            text = _SIGNATURE.sub("", text)
            break
    if _MASK.search(text):
        for pattern, word in _MASKED:
            text = pattern.sub(word, text)
    return text


_CYRILLIC_OR_GREEK = re.compile("[\u0370-\u04ff]")
