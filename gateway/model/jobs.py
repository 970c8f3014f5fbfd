"""What plugins schedule: jobs as they are kept.

Owns: a job on disk and its states. Does not own: what a plugin is told of one that is due (notices), or when it runs (rules,
flow).
"""

from enum import StrEnum

import msgspec

from gateway.model.ids import JobId


class JobState(StrEnum):
    """What became of a job."""

    PENDING = "pending"
    TOLD = "told"
    """It was due, and its plugin is told of it."""
    SKIPPED = "skipped"
    """Its time went by while the gateway was down, and its plugin wanted it dropped then."""
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    """Another one was scheduled under its key."""


class KeptJob(msgspec.Struct, frozen=True):
    """One job with its history."""

    id: JobId
    plugin: str
    client: str
    key: str
    account: str
    due_at: int
    catch_up: str
    zone: str
    payload: bytes
    """JSON."""
    state: JobState
    at: int
    """When it was scheduled."""
    ended_at: int | None = None
