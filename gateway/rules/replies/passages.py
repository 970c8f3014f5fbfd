"""Owns which passages of a folded reply are not the consumer's own words: a signature, lines quoted.

Does not own folding (`normalise`), or what the words mean.
"""

import re

# What mail programs append, as it looks when folded.
_HINTS = ("sent from", "enviado desde", "envoye d", "get outlook", "\n--")
# A program signs in one line, and what follows was written by the consumer; behind "--" all is signature.
_SIGNATURE = re.compile(
    r"(?:^|\n)[ \t]*(?:(?:sent from |enviado desde |envoye (?:de|depuis) |get outlook for )[^\n]*|--[ \t]*(?:\n(?s:.*)|$))"
    r"|[ \t]sent from (?:my|yahoo|outlook)\b[^\n]{0,40}$"
)
_QUOTED = re.compile(r"(?:^|\n)>[^\n]*")


def unsigned(folded: str) -> tuple[str, str]:
    """A folded text without what looks like a signature, and what was cut: a consumer may have written it all the same."""
    if not ("sent from " in folded or ("\n" in folded and any(hint in folded for hint in _HINTS))):
        return folded, ""
    return _SIGNATURE.sub("", folded).strip(), "\n".join(_SIGNATURE.findall(folded))


def unquoted(folded: str) -> str:
    """A folded text without the lines of ours that it quotes."""
    return _QUOTED.sub("", folded)
