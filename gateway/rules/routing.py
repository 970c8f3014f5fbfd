"""Which carrier a text leaves through.

Owns: the choice. Does not own: whether that carrier is up.
"""

from collections.abc import Iterable


def route(number: str, prefixes_of: Iterable[tuple[str, ...]]) -> int | None:
    """The place of the first carrier, in the program's order, that serves the number; no prefixes mean all numbers."""
    for place, prefixes in enumerate(prefixes_of):
        if not prefixes or number.startswith(prefixes):
            return place
    return None
