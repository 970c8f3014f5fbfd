"""Consent: who may be texted, by which program, for what.

Owns: the consent of one (number, program, category), its evidence, and the scopes of an opt-out. Does not own: how
consent changes (flow/consent) or whether a text may go (rules).
"""

from enum import StrEnum

import msgspec

from gateway.model.address import Number

ANY = "*"
"""In the place of a program or a category: all of the client's."""


class ConsentState(StrEnum):
    """Where a consent stands."""

    CONFIRMED = "confirmed"
    REVOKED = "revoked"


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What proves a consent: kept as it was given (47 CFR 64.1200(f)(9); CTIA Messaging Principles 5.1.2)."""

    obtained_at: int
    """When the person agreed, milliseconds since the epoch."""
    medium: str
    """How: web form, paper, call, text."""
    wording: str
    """What the person was shown or told."""
    source: str
    """Who took it: the system, the agent or the document."""


class Consent(msgspec.Struct, frozen=True, omit_defaults=True):
    """The consent of one (number, program, category) as it stands."""

    number: Number
    client: str
    program: str
    category: str
    state: ConsentState
    changed_at: int
    cause: str
    """What changed it last: ``api``, ``keyword``, ``operator``, ``carrier``."""
    evidence: msgspec.Raw = msgspec.Raw(b"null")


class ConsentChange(msgspec.Struct, frozen=True):
    """A consent that is to stand from now on."""

    number: Number
    client: str
    program: str
    category: str
    state: ConsentState
    at: int
    cause: str
    evidence: bytes = b"null"
    """JSON."""
    obtained_at: int | None = None
    """For a grant by the API: when the person agreed. A grant that is older than an opt-out does not undo it."""
