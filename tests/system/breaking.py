"""Ways of breaking promises, by name: each patches the gateway from outside, which never knows of it.

Owns: the register, and the patch that notices when it misses its mark. Does not own: the ways (broken_roads,
broken_doors), or running what they broke (sabotage).
"""

from collections.abc import Callable
from typing import Any

SABOTAGES: dict[str, Callable[[], None]] = {}


def sabotage(breaks: Callable[[], None]) -> Callable[[], None]:
    """Enter a way of breaking a promise under its name."""
    SABOTAGES[breaks.__name__] = breaks
    return breaks


def replace(owner: Any, name: str, stand_in: object) -> None:
    """Put ``stand_in`` in the place of what must be there."""
    assert hasattr(owner, name), f"{owner} has no {name} any more: the sabotage misses its mark"
    setattr(owner, name, stand_in)
