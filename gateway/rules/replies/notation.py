"""Owns the notation of rules over word classes, and their compiling into regular expressions.

Does not own any rule.

A pattern is a regular expression whose letters are names: a class of `words` (STOP), a group of classes (HALT, any
class in it), or a phrase (MESSAGES, a pattern of its own). Blanks separate, quantifiers stand behind a name or a bracket:
`HALT F{0,3} TEXTING ME?`. `W` is any word, `MARK` any mark, `TOKEN` either. Gaps are bounded, so matching is linear in the text.
"""

import re
from collections.abc import Mapping

from .words import CLASSES, MARKS, SYMBOL

_LEADING = re.compile(r"\(?\s*([A-Z][A-Z_0-9]*(?:\s*\|\s*[A-Z][A-Z_0-9]*)*)")


_NAME = re.compile(r"[A-Z][A-Z_0-9]*")


class Notation:
    """Compiles patterns with the given groups (name -> class names) and phrases (name -> pattern)."""

    def __init__(self, groups: Mapping[str, str], phrases: Mapping[str, str]) -> None:
        marks = "".join(SYMBOL[name] for name in MARKS)
        self._symbols = {name: SYMBOL[name] for name in CLASSES} | {"MARK": marks}
        for name, members in groups.items():
            self._symbols[name] = "".join(self._symbols[member] for member in members.split())
        self._source = {
            name: f"[{symbols}]" if len(symbols) > 1 else symbols for name, symbols in self._symbols.items()
        }
        self._source |= {"W": f"[^{marks}]", "TOKEN": "."}
        for name, phrase in phrases.items():
            self._source[name] = f"(?:{self._expanded(phrase)})"

    def pattern(self, pattern: str) -> re.Pattern[str]:
        """The compiled form of `pattern`. An unknown name is a KeyError."""
        return re.compile(self._expanded(pattern))

    def symbols(self, names: str) -> frozenset[str]:
        """The class characters of the classes and groups in `names`, which blanks separate."""
        return frozenset("".join(self._symbols[name] for name in names.split()))

    def leading(self, pattern: str) -> frozenset[str]:
        """The class characters that a match of `pattern` can begin with: its first name, or first bracket of names."""
        names = _LEADING.match(pattern)
        if names is None or "|" in _outside_brackets(pattern):
            raise ValueError(f"{pattern!r} does not begin with one class or one choice of classes")
        return self.symbols(names[1].replace("|", " "))

    def _expanded(self, pattern: str) -> str:
        named = _NAME.sub(lambda name: self._source[name[0]], pattern).replace(" ", "")
        return re.sub(r"\((?!\?)", "(?:", named)


def _outside_brackets(pattern: str) -> str:
    depth = 0
    outside = []
    for char in pattern:
        depth += (char == "(") - (char == ")")
        if depth == 0:
            outside.append(char)
    return "".join(outside)
