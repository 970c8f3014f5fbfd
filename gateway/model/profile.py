"""What a client said of a number: where its owner is, and who that is.

Owns: the profile of one number with one client, and the parties. Does not own: what follows from it (rules), or the account
that the number belongs to (the client's business).
"""

from enum import StrEnum

import msgspec

from gateway.model.address import Number


class Party(StrEnum):
    """Who answers a number (12 CFR 1006.6(d)(1) says who may hear of a debt)."""

    CONSUMER = "consumer"
    CO_OBLIGOR = "co_obligor"
    SPOUSE = "spouse"
    PARENT = "parent"
    """Of a consumer who is a minor."""
    GUARDIAN = "guardian"
    EXECUTOR = "executor"
    ATTORNEY = "attorney"
    """The consumer's own."""
    THIRD_PARTY = "third_party"


class Profile(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is known of a number besides its digits. What is absent is not known."""

    zone: str | None = None
    """The time zone that the consumer confirmed to be in."""
    zone_confirmed_at: int | None = None
    region: str | None = None
    """Where the consumer's address is, ISO 3166: ``US-MA``, or a country."""
    party: Party | None = None
    account: str | None = None
    """The client's account that it belongs to."""
    changed_at: int | None = None
    hours: str | None = None
    """When the consumer said that texts are convenient (12 CFR 1006.6(b)(1)): JSON of a week as packs write it."""
    employer_forbids: bool = False
    """It is at the consumer's place of work, and the employer forbids such texts (12 CFR 1006.6(b)(3))."""


class ProfileChange(msgspec.Struct, frozen=True, gc=False):
    """What a client says of a number from now on, in place of all that it said before."""

    number: Number
    client: str
    profile: Profile
    at: int
