"""Owns which passages of a folded reply are not the consumer's own words: a signature, lines quoted, a text reacted to,
our own line on how to stop.

Does not own folding (`normalise`), or what the words mean.
"""

import re
from typing import Literal

# What mail programs append, as it looks when folded.
_HINTS = ("sent from", "enviado desde", "envoye d", "get outlook", "\n--")
# A program signs in one line, and what follows was written by the consumer; behind "--" all is signature.
_SIGNATURE = re.compile(
    r"(?:^|\n)[ \t]*(?:(?:sent from |enviado desde |envoye (?:de|depuis) |get outlook for )[^\n]*|--[ \t]*(?:\n(?s:.*)|$))"
    r"|[ \t]sent from (?:my|yahoo|outlook)\b[^\n]{0,40}$"
)
_UNFINISHED = re.compile(
    r"\b(don'?t|do not|doesn'?t|didn'?t|never|can'?t|won'?t|cannot|the|a|my|your|to|for|bus|truck|no|n'arretez)[ \t]*\n\s*"
)
# A letter's close and its writer's name.
_CLOSING = re.compile(
    r"\n[ \t]*(?:many thanks|thanks|thank you|(?:best |kind )?regards|sincerely|gracias|merci|cordialement|atentamente)[,.!]*"
    r"[ \t]*\n\s*[a-z][a-z .'-]{0,30}$"
)
# Lines behind ">", what a mail program puts above them, and the heads of a mail forwarded.
_QUOTED = re.compile(
    r"(?:^|\n)(?:>[^\n]*|[ \t]*(?:on|el|le) [^\n]{1,200}(?:wrote|escribio|a ecrit) ?:[ \t]*(?=\n|$)"
    r"|-{3,} ?(?:original|forwarded) message[^\n]*(?:\n(?:from|to|sent|date|subject):[^\n]*)*)",
    re.IGNORECASE,
)

# Our own line on how to stop, as `charters` adds it and programs write it: "Reply STOP to opt out."
_INSTRUCTION = re.compile(
    r"\b(?:reply|text|txt|send|respond)(?: with| back)? [\"«']?(?:stop|stopall|end|quit|cancel|unsubscribe)[\"»']?"
    r" (?:to|2) (?:opt[ -]?out|end|stop|cancel|quit|unsubscribe|unsub)\b(?: (?:of|from) [^.!?\n\"»]{0,40})?[.!]?"
    r"|\b(?:responda|responde|envie|repondez|envoyez|textez) [\"«']?(?:alto|stop|parar|cancelar|arret)[\"»']? (?:para|pour)"
    r" [^.!?\n\"»]{1,40}[.!]?"
)

# A phone that knows no reactions sends one as text: Liked “Your payment is due. Reply STOP to opt out”. The words are ours.
_REACTION = re.compile(
    r"(?:liked|loved|disliked|emphasi[sz]ed|laughed at|questioned|reacted(?: \S{1,8})? to|removed an? [a-z ]{1,20} from"
    r"|added an? [a-z ]{1,20} to"
    r"|(?:no )?(?:le|me) (?:gusto|encanto)|a (?:aime|adore|souligne)|n'a pas aime|[^\w\s]{1,4} to) ?([\"«])"
)
_PAIRED = re.compile("[«»]")
_NO_WEIGHT = " \n.,!?"

Quoted = Literal["beside", "apart", "below"]
"""Our own line on how to stop: in a line of the consumer's or alone, where they may mean it; in a line of its own below
theirs; or there among other words, and so a text of ours that they quote."""


def unsigned(folded: str) -> tuple[str, str]:
    """A folded text without what looks like a signature, and what was cut: a consumer may have written it all the same."""
    if not ("sent from " in folded or ("\n" in folded and any(hint in folded for hint in _HINTS))):
        return folded, ""
    return _SIGNATURE.sub("", folded).strip(), "\n".join(_SIGNATURE.findall(folded))


def unbroken(folded: str) -> str:
    """A folded text without the line breaks behind a word that ends no sentence: "don't", "the", "bus"."""
    return _UNFINISHED.sub(r"\1 ", folded) if "\n" in folded else folded


def unclosed(folded: str) -> str:
    """A folded text without a close and a name below it; for a revocation alone, since "but no" may look like a name."""
    return _CLOSING.sub("", folded) if "\n" in folded else folded


def unquoted(folded: str) -> str:
    """A folded text without the lines of ours that it quotes."""
    return _QUOTED.sub("", folded)


def uninstructed(folded: str) -> tuple[str, Quoted]:
    """A folded text without our own line on how to stop, and where that stood."""
    where: Quoted = "below"
    for line in _INSTRUCTION.finditer(folded):
        begin = folded.rfind("\n", 0, line.start())
        end = folded.find("\n", line.end())
        beside = folded[begin + 1 : line.start()] + folded[line.end() : end if end >= 0 else None]
        if begin < 0 or not folded[:begin].strip(_NO_WEIGHT):
            where = "beside"
        elif where == "below" and not beside.strip(_NO_WEIGHT):
            where = "apart"
    return _INSTRUCTION.sub("", folded).strip(), where


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
