"""What plugins are told, besides client events: jobs that are due, answers, replies, the fate of their texts, numbers to check.

Owns: the structs. Does not own: when one is told (store, flow) or who calls the plugin (hooks/host).

A notice may be told more than once, always under the same ``id``.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec


class Job(msgspec.Struct, frozen=True, tag="job"):
    """Something that a plugin scheduled, and that is due."""

    id: str
    key: str
    account: str
    due: int
    """When it was to be, milliseconds since the epoch."""
    payload: Mapping[str, Any] = {}
    late: bool = False
    """It is told well after it was due: the gateway was down."""


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """How a dialog that a plugin opened went on."""

    id: str
    dialog: str
    key: str
    account: str
    outcome: Literal["chosen", "expired", "handed_over", "opted_out"]
    """``handed_over``: two reprompts brought no answer, or the consumer asked for a person."""
    choice: str | None
    """The id of the choice, where one was made."""
    number: str
    at: int
    payload: Mapping[str, Any] = {}
    """What the dialog was opened with."""


class Reply(msgspec.Struct, frozen=True, tag="reply"):
    """A consumer's text that is a keyword of the plugin."""

    id: str
    keyword: str
    """As the plugin declared it."""
    number: str
    program: str
    at: int
    account: str | None = None
    """None where not exactly one account that is known has the number."""


class TextOutcome(msgspec.Struct, frozen=True, tag="text"):
    """A text that a plugin submitted reached a final state."""

    id: str
    message: str
    """Its public id."""
    key: str
    account: str
    state: str
    """``delivered``, ``undelivered``, ``expired``, ``rejected``, ``blocked``, ``cancelled``, ``unconfirmed``."""
    at: int
    code: str | None = None


class NumberCheckDue(msgspec.Struct, frozen=True, tag="check"):
    """A text was refused because its consent is stale: somebody is to ask whether the number was reassigned."""

    id: str
    number: str
    program: str
    category: str
    since: int
    """The day to ask about: when the person was last heard of, milliseconds since the epoch."""
    at: int
    account: str | None = None
    """Of the text, where it names one."""
