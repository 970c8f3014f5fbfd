"""The places where a text that is too long for one segment may be cut.

Owns: that no escape pair, no surrogate pair and (where it fits into a segment) no grapheme cluster comes apart.
Does not own: how much fits into a segment (segment).
"""

from typing import Final

import regex

from gateway.text import gsm7

_CLUSTER: Final = regex.compile(r"\X")
# Between two characters that neither join nor extend there is a boundary, whatever is around them (UAX #29 GB999).
_TWO_PLAIN: Final = regex.compile(r"\p{Grapheme_Cluster_Break=Other}{2}")


def cut_septets(septets: bytes, room: int) -> list[bytes]:
    """Pieces of at most ``room`` septets. The only cluster of two characters that GSM 7-bit can write is CR LF."""
    pieces: list[bytes] = []
    start = 0
    while start < len(septets):
        end = start + room
        if end < len(septets):
            last = septets[end - 1]
            if last == gsm7.ESC or (last == gsm7.CR and septets[end] == gsm7.LF):
                end -= 1
        pieces.append(septets[start:end])
        start = end
    return pieces


def cut_units(text: str, room: int) -> list[str]:
    """Pieces of at most ``room`` UTF-16 units. A cluster that needs more than a piece is cut between characters."""
    pieces: list[str] = []
    start = 0
    while start < len(text):
        end = _fit(text, start, room)
        if end < len(text) and not _TWO_PLAIN.fullmatch(text, end - 1, end + 1):
            end = _last_boundary(text, start, end)
        pieces.append(text[start:end])
        start = end
    return pieces


def _fit(text: str, start: int, room: int) -> int:
    """The end of the longest run of characters from ``start`` that takes at most ``room`` units."""
    run = text[start : start + room]
    written = run.encode("utf-16-be")
    if len(written) > 2 * room:
        run = written[: 2 * room].decode("utf-16-be", "ignore")  # half a pair at the end is dropped
    return start + len(run)


def _last_boundary(text: str, start: int, end: int) -> int:
    """The last cluster boundary behind ``start`` and not behind ``end``; ``end`` where there is none."""
    boundary = start
    # One character beyond ``end`` is enough to tell whether a cluster goes on, however long it is.
    for cluster in _CLUSTER.finditer(text, start, end + 1):
        if cluster.end() > end:
            break
        boundary = cluster.end()
    return boundary if boundary > start else end
