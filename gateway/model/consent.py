"""Consent: who may be texted, by which program, for what.

Owns: the consent of one (number, program, category), its states and evidence, the scopes of an opt-out, and a request to
opt in. Does not own: which state follows from which (rules/consent_machine) or whether a text may go (rules).
"""

from enum import StrEnum

import msgspec

from gateway.model.address import Number
from gateway.model.ids import MessageId, OptinId

ANY = "*"
"""In the place of a program or a category: all of the client's."""


class ConsentState(StrEnum):
    """Where a consent stands."""

    UNKNOWN = "unknown"
    """Nothing is recorded."""
    INVITED = "invited"
    """The consumer was asked and did not answer yet."""
    CODE_SENT = "code_sent"
    """The consumer said yes and has a code to tell an agent."""
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    """The request was not answered in time, or its code was guessed at too often."""
    REVOKED = "revoked"
    STALE = "stale"
    """It was confirmed, and nothing was heard for longer than the policy lets it count."""
    DISOWNED = "disowned"
    """The number turned out to be another person's."""


class Scope(msgspec.Struct, frozen=True, gc=False, order=True):
    """What one line of a number's consents is about; ``*`` in any place: all."""

    program: str
    category: str
    account: str = ANY

    @property
    def wide(self) -> bool:
        """It is an opt-out's, not that of one consent."""
        return ANY in (self.program, self.category) or self.account != ANY

    def covers(self, other: "Scope") -> bool:
        """Whether the other lies within it."""
        return (
            self.program in (ANY, other.program)
            and self.category in (ANY, other.category)
            and self.account in (ANY, other.account)
        )


class Method(StrEnum):
    """How a request to opt in is made, and what answers it."""

    AGENT_PIN = "agent_pin"
    """YES, then a code that the consumer reads to an agent."""
    APPROVAL_CODE = "approval_code"
    """A code in the request, which the consumer reads to an agent; or YES."""
    QUICK = "quick"
    """YES."""
    PAYMENT_PLAN = "payment_plan"
    """YES; texts for that program and category wait for it."""
    SUPERVISOR = "supervisor"
    """YES, after a supervisor linked an unknown number to an account."""


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
    document: str | None = None
    """The SHA-256 of the document that shows it, in hexadecimal."""
    basis: str | None = None
    """For a consent that was given elsewhere: what the client says such consents rest on."""


class Consent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a number's consents: that of one (program, category), or an opt-out of a wider scope."""

    number: Number
    client: str
    program: str
    category: str
    state: ConsentState
    changed_at: int
    cause: str
    """What changed it last: ``api``, ``agent``, ``keyword``, ``operator``, ``carrier``, ``optin``."""
    evidence: msgspec.Raw = msgspec.Raw(b"null")
    account: str = ANY
    """Other than ``*`` for an opt-out from the texts about one account."""
    event: int = 0
    """The ledger's entry that it follows from. A consent stands against wider opt-outs with lower ones."""
    fresh_at: int = 0
    """When the person was last heard of: agreed, wrote to the program, or was looked up."""


class ConsentChange(msgspec.Struct, frozen=True):
    """A consent that is to stand from now on, or an opt-out."""

    number: Number
    client: str
    program: str
    category: str
    state: ConsentState
    """CONFIRMED, REVOKED or DISOWNED."""
    at: int
    cause: str
    evidence: bytes = b"null"
    """JSON."""
    obtained_at: int | None = None
    """For a grant by the API: when the person agreed. A grant that is older than an opt-out does not undo it."""
    account: str = ANY
    """For an opt-out from the texts about one account."""


class Optin(msgspec.Struct, frozen=True):
    """A request to opt in, and how far it came."""

    id: OptinId
    client: str
    program: str
    category: str
    number: Number
    method: Method
    state: ConsentState
    created_at: int
    expires_at: int
    """When the state that it is in lapses."""
    wording: str
    """What the consumer was sent, with stars in place of a code."""
    message_id: MessageId
    """The text that asked."""
    account: str | None = None
    agent: str | None = None
    """Who asked."""
    code_message_id: MessageId | None = None
    """The text with the code, which waits for YES."""
    salt: bytes = b""
    digest: bytes = b""
    """Of the code; empty where there is none."""
    code_ttl: int = 0
    """Milliseconds for which a code that was sent counts."""
    attempts: int = 0
    """Wrong codes so far."""
