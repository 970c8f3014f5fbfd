"""Which carrier a text leaves through.

Owns: the choice. Does not own: whether that carrier is up.
"""

from collections.abc import Iterable, Sequence


def route(number: str, carriers: Iterable[tuple[str, Sequence[str]]]) -> str | None:
    """The first carrier, in the program's order, that serves the number; each comes with its prefixes, none = all."""
    for name, prefixes in carriers:
        if not prefixes or number.startswith(tuple(prefixes)):
            return name
    return None
