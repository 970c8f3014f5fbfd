"""Owns the one table of all words: which class a token belongs to, as one character a class.

Does not own the words themselves (`english`, `romance`, `reported`) or the rules over classes (`notation`, `grammar`).

A reply becomes a short string over classes, so that a grammar rule is a plain regular expression over that string and
a gap "of up to three words" is three characters. Every word is in exactly one class; to the signals, a few are in another.
"""

from . import english, reported, romance

# 🛑 🚫 ❌ ⛔ 🔕 📴 🖕 revoke; ✖ ❎ ✋ 🙅 might; a laughing face says that the words are not meant.
_OPT_OUT_EMOJI = "🛑🚫❌⛔🔕📴"
_FINGER = "🖕"
_HOLD_EMOJI = "✖❎✋🙅"
_TEXT_EMOJI = "📱📲💬📩📨✉😡😠🤬😤🙄🙏"
_JOKE_EMOJI = "😂🤣😆😹😜😝🤪"

_MARKS = {
    "DOT": ". ! ; \n",
    "ASKS": "?",
    "COMMA": ', : ( ) " « » — – -',
    "EMOJI_OUT": _OPT_OUT_EMOJI,
    "FINGER": _FINGER,
    "EMOJI_HOLD": _HOLD_EMOJI,
    "EMOJI_TEXT": _TEXT_EMOJI,
    "LAUGH": _JOKE_EMOJI,
}
# Classes of more than their own words: any number ("9am", "$50"), any other emoji, any other word.
_OPEN = ("NUM", "EMOJI", "OTHER")

MARKS = ("DOT", "ASKS", "COMMA", "EMOJI_OUT", "FINGER", "EMOJI_HOLD", "EMOJI_TEXT", "EMOJI")


def _merged() -> dict[str, list[str]]:
    classes: dict[str, list[str]] = {}
    for table in (english.CLASSES, romance.CLASSES, romance.COMMON):
        for name, words in table.items():
            classes.setdefault(name, []).extend(words.split())
    for name, marks in _MARKS.items():
        classes.setdefault(name, []).extend(mark for mark in marks if mark != " ")
    for name in _OPEN:
        classes.setdefault(name, [])
    return classes


_VERDICT_CLASSES = _merged()
CLASSES = _VERDICT_CLASSES | {name: words.split() for name, words in reported.CLASSES.items()} | {reported.CLOCK: []}
# One printable character for each class; the regular expressions of `notation` never meet one that is special to them.
SYMBOL = {name: chr(0x100 + index) for index, name in enumerate(CLASSES)}
CLASS_OF = {word: SYMBOL[name] for name, words in _VERDICT_CLASSES.items() for word in words}
_REPORTED_AS = {word: SYMBOL[name] for name, words in reported.CLASSES.items() for word in words.split()}

_CLOCK = SYMBOL[reported.CLOCK]
_NUM, _EMOJI, _OTHER, _DOT, _ASKS = (SYMBOL[name] for name in ("NUM", "EMOJI", "OTHER", "DOT", "ASKS"))


def symbol(token: str) -> str:
    """The class character of `token`; for a token in no class: number, run of marks, emoji or other word."""
    known = CLASS_OF.get(token)
    if known is not None:
        return known
    first = token[0]
    if first.isalpha():
        return _OTHER
    if first.isdigit() or first == "$":
        return _NUM
    if first in ".!;\n":
        return _ASKS if "?" in token else _DOT
    return _ASKS if first == "?" else _EMOJI


def as_reported(tokens: list[str], symbols: str) -> str:
    """The `symbols` of `tokens` as the signals see them."""
    return "".join(
        [
            _REPORTED_AS.get(token) or (_clock(token) if char == _NUM else char)
            for token, char in zip(tokens, symbols, strict=True)
        ]
    )


def _clock(token: str) -> str:
    return _CLOCK if token[0].isdigit() and token.endswith(reported.CLOCK_ENDINGS) else _NUM
