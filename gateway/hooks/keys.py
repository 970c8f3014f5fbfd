"""The keys under which a plugin begins things: paths of its own making.

Owns: their form, building one from parts that a client chose, and what lies below one. Does not own: what is begun (api).
"""

import re
from hashlib import sha256
from typing import Final
from urllib.parse import quote

LONGEST_KEY: Final = 500
"""Characters."""
_LONGEST_PART = 100
_KEY = re.compile(r"[!-.0-~]+(?:/[!-.0-~]+)*")


def is_key(text: str) -> bool:
    """Whether it is a path of printable ASCII without blanks, no part of it empty."""
    return len(text) <= LONGEST_KEY and _KEY.fullmatch(text) is not None


def key_of(*parts: object) -> str:
    """A key from parts, each of which may hold anything: ``key_of("invoice", event.invoice, "due", -3)``."""
    return "/".join(map(_spell, parts))


def _spell(part: object) -> str:
    spelt = quote(str(part), safe="") or "%"
    return spelt if len(spelt) <= _LONGEST_PART else f"~{sha256(spelt.encode()).hexdigest()[:32]}"


def is_under(key: str, path: str) -> bool:
    """Whether the key is the path or lies below it."""
    return key == path or key.startswith(f"{path}/")
