"""Owns which passages of a folded reply are not the consumer's own words: a signature, lines quoted, a text reacted to.

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

# A phone that knows no reactions sends one as text: Liked “Your payment is due. Reply STOP to opt out”. The words are ours.
_REACTION = re.compile(
    r"(?:liked|loved|disliked|emphasi[sz]ed|laughed at|questioned|reacted \S{1,8} to|removed an? [a-z ]{1,20} from"
    r"|(?:no )?(?:le|me) (?:gusto|encanto)|a (?:aime|adore|souligne)|n'a pas aime|[^\w\s]{1,4} to) ?([\"«])"
)
_PAIRED = re.compile("[«»]")
_NO_WEIGHT = " \n.,!?"


def unsigned(folded: str) -> tuple[str, str]:
    """A folded text without what looks like a signature, and what was cut: a consumer may have written it all the same."""
    if not ("sent from " in folded or ("\n" in folded and any(hint in folded for hint in _HINTS))):
        return folded, ""
    return _SIGNATURE.sub("", folded).strip(), "\n".join(_SIGNATURE.findall(folded))


def unquoted(folded: str) -> str:
    """A folded text without the lines of ours that it quotes."""
    return _QUOTED.sub("", folded)


def behind_reaction(folded: str) -> str | None:
    """What the consumer wrote behind the quotation of a reaction, "" for nothing; None if the text is no reaction."""
    opened = _REACTION.match(folded)
    if opened is None:
        return None
    closed = _closing(folded, opened.end()) if opened[1] == "«" else max(map(folded[opened.end() :].rfind, '"»'))
    # A quotation without an end was cut off: all of it is ours.
    return "" if closed < 0 else folded[opened.end() + closed + 1 :].strip(_NO_WEIGHT)


def _closing(folded: str, start: int) -> int:
    """Where the quotation that is open at `start` ends, counted from there; -1 if nowhere. Quotations may nest."""
    depth = 1
    for mark in _PAIRED.finditer(folded, start):
        depth += 1 if mark[0] == "«" else -1
        if depth == 0:
            return mark.start() - start
    return -1
