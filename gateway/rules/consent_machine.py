"""The states of a consent, and what leads from one to another.

Owns: the table of arrows; a missing one is the answer no. Does not own: who may draw an arrow when (flow), which limits hold
(invitations), or how a state is kept (store). One consent is that of one number to one category of one program; each arrow
is one entry of the ledger.

    unknown ── invite ──> invited ── agree ──> confirmed           by its answer alone (quick, payment plan, supervisor)
                          invited ── send_code ──> code_sent ── verify ──> confirmed     by a code, told to an agent
                          invited ── verify ──> confirmed          the code was in the invitation
                          invited, code_sent ── decline ──> declined, ── lapse ──> expired
    any ── grant ──> confirmed                                     consent given elsewhere, with evidence
    any ── revoke ──> revoked ── readmit ──> confirmed             STOP in whatever words, and START
    confirmed ── age ──> stale ── invite ──> invited               nothing was heard for too long
    any ── disown ──> disowned                                     the number is another person's

How long is too long is the packs' to say and no property of the consent: one that no pack finds too old any more counts again,
and so does one whose person wrote. So it is drawn where somebody acts on it, by asking anew; until then whoever looks is told
``stale`` by the same rule that refuses the texts (freshness).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gateway.model.consent import ConsentState, Method

S = ConsentState


class Arrow(StrEnum):
    """What happens to a consent."""

    INVITE = "invite"
    SEND_CODE = "send_code"
    AGREE = "agree"
    VERIFY = "verify"
    DECLINE = "decline"
    LAPSE = "lapse"
    GRANT = "grant"
    REVOKE = "revoke"
    READMIT = "readmit"
    AGE = "age"
    DISOWN = "disown"


OPEN = frozenset({S.INVITED, S.CODE_SENT})
"""The states in which a request is open: only in them do YES and codes mean anything."""
ENDED = frozenset({S.REVOKED, S.DISOWNED})
"""The states that say no for the consumer."""
GIVEN = frozenset({S.CONFIRMED, S.STALE})
"""The states of what was agreed to and not taken back."""

_ARROWS: Mapping[tuple[ConsentState, Arrow], ConsentState] = MappingProxyType(
    {
        # Who said STOP is not asked again: the way back is theirs (START, or a consent given elsewhere).
        **{(state, Arrow.INVITE): S.INVITED for state in (S.UNKNOWN, S.DECLINED, S.EXPIRED, S.STALE)},
        (S.INVITED, Arrow.SEND_CODE): S.CODE_SENT,
        (S.INVITED, Arrow.AGREE): S.CONFIRMED,
        (S.INVITED, Arrow.VERIFY): S.CONFIRMED,
        (S.CODE_SENT, Arrow.VERIFY): S.CONFIRMED,
        **{(state, Arrow.DECLINE): S.DECLINED for state in OPEN},
        **{(state, Arrow.LAPSE): S.EXPIRED for state in OPEN},
        **{(state, Arrow.GRANT): S.CONFIRMED for state in S},
        # Said again it counts from now. Whoever holds a disowned number may say STOP and START, and get no more by it
        # than the end of what they agreed to themselves.
        **{(state, Arrow.REVOKE): S.REVOKED if state is not S.DISOWNED else S.DISOWNED for state in S},
        (S.REVOKED, Arrow.READMIT): S.CONFIRMED,
        (S.CONFIRMED, Arrow.AGE): S.STALE,
        **{(state, Arrow.DISOWN): S.DISOWNED for state in S},
    }
)


def step(state: ConsentState, arrow: Arrow) -> ConsentState | None:
    """Where an arrow leads from a state; None where it does not begin there."""
    return _ARROWS.get((state, arrow))


def on_yes(method: Method) -> Arrow:
    """What YES means in answer to a request made by this method."""
    return Arrow.SEND_CODE if method is Method.AGENT_PIN else Arrow.AGREE
