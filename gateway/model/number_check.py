"""A look into a database of reassigned numbers: what was asked, and what it said.

Owns: the answers, in the words of the Reassigned Numbers Database (47 CFR 64.1200(m)), and which looks cannot be taken. Does not
own: what follows (store, rules/freshness), or asking (the client's business).
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec

from gateway.model.address import Number

LONGEST_SOURCE: Final = 200
"""Characters."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Reassigned(StrEnum):
    """Whether a number was disconnected for good since a day."""

    NO = "no"
    YES = "yes"
    NO_DATA = "no_data"


class NumberCheck(msgspec.Struct, frozen=True):
    """One look."""

    number: Number
    client: str
    answer: Reassigned
    at: int
    """When the database was asked."""
    since: int
    """The day that it was asked about: NO says that nothing happened from then on."""
    source: str
    """Which database, or who says so."""
    told_at: int
    """When the gateway heard of it."""


def faults_of(source: str, at: int | None, since: int | None, now: int) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a look that somebody reports: field, problem, fix. None: an instant that is wrong already."""
    if not source.strip():
        yield "source", "it is empty", "say which database was asked"
    elif len(source) > LONGEST_SOURCE:
        yield "source", f"{len(source)} characters are more than {LONGEST_SOURCE}", "shorten it"
    elif _CONTROL.search(source):
        yield "source", "it holds a control character", "remove it"
    if at is not None and at > now:
        yield "checked_at", "is in the future", "report looks that were taken"
    if at is not None and since is not None and since > at:
        yield "since", "is after the look", "give the day that was asked about"
