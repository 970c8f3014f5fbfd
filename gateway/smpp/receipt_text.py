"""Owns the scanning of a receipt's text: which keys of SMPP 3.4 Appendix B are in it, and what stands behind them.

Does not own what the values mean (`receipt`).

The form is the vendor's. So the text is scanned for the keys that are known, in any order and spelling, and what is between
them is let be.
"""

import re
from collections.abc import Mapping

# A key is known by its name, in any case, and a colon or equals sign behind it; in front of it there is no letter,
# digit or underscore (so that msgid: is not id:). But where a carrier leaves the blank out, a key other than the id's
# follows the last letter or digit of a value: err:000text:, stat:DELIVRDerr:000 (`_GLUED`).
_KEYS = (
    r"(?:(?P<smsc_message_id>(?<![0-9])id)"
    r"|(?P<other_id>(?<![0-9])(?:message|msg|smsc)[ _-]?(?:message[ _-]?)?id)"
    r"|(?P<submit_date>sub(?:mit(?:ted)?)?[ _-]?date)"
    r"|(?P<done_date>done[ _-]?date)"
    r"|(?P<sub>sub)"
    r"|(?P<dlvrd>dlvr?d)"
    r"|(?P<stat>stat(?:us|e)?)"
    r"|(?P<err>err(?:or)?(?:[ _-]?code)?)"
    r"|(?P<text>text|txt)"
    r")[ \t]*[:=]"
)
_KEY = re.compile(r"(?<![A-Za-z_])(?=[A-Za-z])" + _KEYS, re.IGNORECASE)
_KEY_HERE = re.compile(_KEYS, re.IGNORECASE)
_BLANKS = re.compile(r"[ \t]*")
_VALUE = re.compile(r"[^\s,;|&\x00]*")
_GLUED = re.compile(
    r"(?<=[0-9A-Za-z])(?:sub(?:mit)?[ _-]?date|sub|dlvrd|done[ _-]?date|stat|err|te?xt)[:=]", re.IGNORECASE
)
# 2023-10-11 12:30:45, 23/10/11 12:30 PM, 20231011 123045, 11-Oct-2023 12:30, Wed Oct 11 12:30:45 2023: the blanks belong to
# the date.
_DATE = re.compile(
    r"\d{2,4}[-/.](?:\d{1,2}|[A-Za-z]{3})[-/.]\d{1,4} \d{1,2}:\d{2}[^\s,;|&\x00]*(?: [AP]M\b)?"
    r"|\d{6,8} \d{4,6}(?!\d)"
    r"|(?:[A-Za-z]{3,9},? )?(?:[A-Za-z]{3,9} \d{1,2}|\d{1,2} [A-Za-z]{3,9}),?(?: \d{4})?"
    r" \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M\b)?(?: [A-Z]{3,4}\b)?(?: \d{4}\b)?",
    re.IGNORECASE,
)
# 0123 4567: what has a digit in it and only a hexadecimal number's letters belongs to the id, up to the next key.
_ID = re.compile(
    r"[0-9A-Fa-f-]++(?: (?=[A-Fa-f-]*[0-9])[0-9A-Fa-f-]++)+(?= *(?:[,;|&\x00\r\n]|[A-Za-z_]\w*(?: \w+)?[:=]|$))"
)
_LONGEST_KEY = len("submit date:")
_ANY_KEY = re.compile(r"[A-Za-z_]\w*[:=]")
_SHAPES = {"submit_date": _DATE, "done_date": _DATE, "smsc_message_id": _ID, "other_id": _ID}
"""Values that may have blanks in them."""


# What most carriers send, letter for letter as in SMPP 3.4 Appendix B: one match in place of fifty. `scan` says the same of
# it, only slower; a test holds them together.
_USUAL = re.compile(
    r"id:(?P<smsc_message_id>[0-9A-Za-z-]+) sub:(?P<sub>[0-9]{3}) dlvrd:(?P<dlvrd>[0-9]{3})"
    r" submit date:(?P<submit_date>[0-9]{10,14}) done date:(?P<done_date>[0-9]{10,14})"
    r" stat:(?P<stat>[A-Z]+) err:(?P<err>[0-9A-Za-z]+) [Tt]ext:[ \t]*(?P<text>[^\0]*)"
)


def has_key(text: str) -> bool:
    """Whether there is anything of a receipt in it."""
    return _KEY.search(text) is not None


def scan(text: str) -> dict[str, str]:
    """The known keys of a receipt's text with their values as they stand there; a key that is not there is left out.

    The first of several equal keys counts. `text` reaches to the end, or to where the keys begin that have not been seen:
    in the usual order it is the last, so its words can override nothing, and in another order it hides nothing.
    """
    text = text.rstrip("\0\r\n")
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        return usual.groupdict()
    return _scan(text)


def _scan(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    # A glued key is behind a letter, where no search finds it.
    while (key := _KEY_HERE.match(text, position) or _KEY.search(text, position)) is not None:
        name = str(key.lastgroup)
        position = key.end()
        if name in found:
            continue
        if name == "text":
            start = _skip_blanks(text, position)
            following = _end_of_text(text, position, found)
            if following is None:
                found[name] = text[start:]
                break
            found[name] = text[start : max(start, following)].rstrip(" \t,;|&")
            position = following
        else:
            found[name], position = _value(text, position, _SHAPES.get(name))
    other_id = found.pop("other_id", None)
    if other_id is not None:
        found.setdefault("smsc_message_id", other_id)
    return found


def _skip_blanks(text: str, position: int) -> int:
    blanks = _BLANKS.match(text, position)
    return blanks.end() if blanks else position


def _end_of_text(text: str, position: int, found: Mapping[str, str]) -> int | None:
    """Where the keys begin that have not been seen, None where there are none. Of equal ones the last is meant: those before
    it are words of the text. What stands behind another `text` is none of the receipt's again."""
    last: dict[str, int] = {}
    for key in _KEY.finditer(text, position):
        name = str(key.lastgroup)
        if name == "text" and last:
            break
        if name not in found and name not in ("text", "other_id"):
            last[name] = key.start()
    return min(last.values(), default=None)


def _value(text: str, position: int, shape: re.Pattern[str] | None) -> tuple[str, int]:
    start = _skip_blanks(text, position)
    # `id: sub:001`: what follows is the next key, not the value.
    if _KEY.match(text, start) or (start > position and _ANY_KEY.match(text, start)):
        return "", start
    value = shape.match(text, start) if shape is not None else None
    if value is None:
        value = _VALUE.match(text, start)
    end = value.end() if value else start
    glued = _GLUED.search(text, start, end + _LONGEST_KEY)
    if glued is not None and glued.start() < end:
        end = glued.start()
    return text[start:end], end
