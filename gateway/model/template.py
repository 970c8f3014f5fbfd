"""Templates as they are kept: every version that was ever in force, whose it is and where it came from.

Owns: the structs between those who declare templates and the disk. Does not own: what a template says (text) or which one a
text is made of (flow/templates).
"""

import msgspec

EVERYBODY = "*"
"""In the place of a client: a template that comes with the gateway, its configuration or a plugin."""


class NewTemplate(msgspec.Struct, frozen=True):
    """A declaration that is to be in force from now on."""

    client: str
    """A client's id, or EVERYBODY."""
    name: str
    body: bytes
    """The declaration as JSON, always spelt alike: equal bytes are the same version."""
    source: str
    """``api``, ``conf``, ``gateway``, or a plugin's name."""
    at: int


class KeptTemplate(msgspec.Struct, frozen=True):
    """One version as kept."""

    client: str
    name: str
    version: int
    body: bytes
    source: str
    at: int
    retired_at: int | None = None
    """Since when no new text is made of it, and of no version before it."""
