"""Questions that are asked by text: what a dialog offers, as a plugin declares it.

Owns: the declaration. Does not own: reading an answer (rules), sessions and reprompts (flow), or what an answer leads to
(plugins).
"""

from typing import Annotated

import msgspec
from msgspec import Meta

DialogName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_]{0,31}\Z")]


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer that a dialog offers."""

    id: DialogName
    """What the plugin is told."""
    words: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=40)], ...], Meta(min_length=1)]
    """What the consumer may write: ``("1", "pay now", "pay")``. No word that the gateway reserves."""


class DialogSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question with choices."""

    name: DialogName
    template: str
    """Of the question: a file of the plugin's folder ``templates`` without its ending, or a full name with its dot."""
    choices: Annotated[tuple[Choice, ...], Meta(min_length=1, max_length=9)]
    expires_hours: Annotated[int, Meta(ge=1, le=336)] = 72
    """How long an answer counts; then the plugin is told ``expired``."""
    reprompt: str | None = None
    """Template after an answer that is none, up to two times before a person takes over; where absent, the question again."""
