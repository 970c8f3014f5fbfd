"""A text with its figures made alike, so that what was found in one is known of all that differ in an amount or a date.

Owns: which figures say nothing to any rule on wording. Does not own: numbers that are a secret (secrets), which read every
figure as it is.

Rules on wording ask whether there is a figure and how many, not which; but for 1, 2 and 4 ("1-time", "STOP 2 end", "HELP 4
help"), the 1 before a telephone number, and 30 ("30 days to dispute"). So words of figures and signs alone keep those, and
every other figure of theirs becomes a 6. A figure that touches a letter, such as in a link or "sh1t", is left as it is.
"""

import re
from typing import Final

_NUMBER: Final = re.compile(r"\d(?:(?<![^ \n].)|(?<=[ \n][!-/:-@].))[0-9!-/:-@\[-^`{-~]*+(?![^ \n])", re.ASCII)
"""From the first figure of a word of figures and signs, with one sign before it at most. All ASCII: other signs fold to
something else. A pattern that begins with a figure skips the letters fast."""
_RUN: Final = re.compile(r"[0-9]{2,}")
_FIRST: Final = str.maketrans("023456789", "666666666")


def alike(text: str) -> str:
    """The text with figures that differ from text to text made alike, each in its place."""
    return _NUMBER.sub(_alike, text)


def _alike(number: re.Match[str]) -> str:
    return _RUN.sub(_sixes, number[0])


def _sixes(run: re.Match[str]) -> str:
    figures = run[0]
    return figures if "30" in figures else figures[0].translate(_FIRST) + "6" * (len(figures) - 1)
