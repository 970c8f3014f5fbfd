"""Consents as JSON shows them: each line of a number, what proves it, and what it comes to beside the others.

Owns: the shape of these answers. Does not own: which consents there are (store), or what they mean for a text (rules).
"""

from collections.abc import Sequence

import msgspec

from gateway.model.clock import spell_instant
from gateway.model.consent import ANY, Consent, ConsentState, Scope
from gateway.model.ledger import Broken, Fault
from gateway.rules.consent_machine import ENDED, GIVEN
from gateway.web.wire import spell_time


class EvidenceView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What proves a change: for a consent what the person agreed to and how, for a request what was asked."""

    obtained_at: str | None = None
    medium: str | None = None
    wording: str | None = None
    source: str | None = None
    document: str | None = None
    basis: str | None = None
    method: str | None = None
    account: str | None = None
    agent: str | None = None
    attempts: int | None = None


class ScopeView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a consent or an opt-out is about; ``*``: all."""

    program: str
    category: str
    account: str | None = None


class ConsentView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a number's consents. A ``*`` in program or category is the scope of an opt-out: all of them."""

    number: str
    program: str
    category: str
    state: ConsentState
    """What it comes to: a consent that a later opt-out covers is revoked; one of whose person nothing was heard for longer than
    the packs allow is stale, and counts for nothing until that changes."""
    changed_at: str
    cause: str
    account: str | None = None
    """For an opt-out from the texts about one account."""
    ended_by: ScopeView | None = None
    """The wider opt-out that covers it."""
    unless: tuple[ScopeView, ...] = ()
    """For a wide opt-out: what the person agreed to again after it."""
    fresh_at: str | None = None
    """For a consent: when the person was last heard of."""
    evidence: EvidenceView | None = None


class BrokenView(msgspec.Struct, frozen=True):
    """The ledger's entries about the number do not verify, so nothing shown of it is proven and it gets no texts."""

    seq: int
    """The first entry at fault; 0 for a consent that follows from none."""
    fault: Fault
    found_at: str
    """By the check that found it; one that finds nothing any more ends it."""


class ConsentsView(msgspec.Struct, frozen=True, omit_defaults=True):
    """All consents of a number with this client; none is no."""

    number: str
    consents: tuple[ConsentView, ...]
    as_of: str | None = None
    """Where the question was about an instant: as they stood then."""
    broken: BrokenView | None = None
    """Only where the ledger does not verify."""


class _Proof(msgspec.Struct, frozen=True):
    """Whatever of an entry's evidence is shown."""

    obtained_at: int | None = None
    medium: str | None = None
    wording: str | None = None
    source: str | None = None
    document: str | None = None
    basis: str | None = None
    method: str | None = None
    account: str | None = None
    agent: str | None = None
    attempts: int | None = None


_decode_proof = msgspec.json.Decoder(_Proof | None).decode


def view_evidence(raw: bytes | msgspec.Raw) -> EvidenceView | None:
    """An entry's evidence; None where there is none, or it was erased."""
    proof = _decode_proof(raw)
    if proof is None:
        return None
    return EvidenceView(
        spell_time(proof.obtained_at),
        proof.medium,
        proof.wording,
        proof.source,
        proof.document,
        proof.basis,
        proof.method,
        proof.account,
        proof.agent,
        proof.attempts,
    )


def view_consents(consents: Sequence[Consent]) -> tuple[ConsentView, ...]:
    """All lines of one number with one client."""
    lines = {Scope(one.program, one.category, one.account): one for one in consents}
    return tuple(_view(scope, one, lines) for scope, one in lines.items())


def view_broken(broken: Broken) -> BrokenView:
    """What is wrong with a number's entries."""
    return BrokenView(broken.seq, broken.fault, spell_instant(broken.at))


def _view(scope: Scope, one: Consent, lines: dict[Scope, Consent]) -> ConsentView:
    end: tuple[Scope, Consent] | None = None
    unless: list[ScopeView] = []
    if not scope.wide:
        ends = [
            (wider, other)
            for wider, other in lines.items()
            if wider.wide and wider.account == ANY and wider.covers(scope) and other.state in ENDED
        ]
        end = max(((wider, other) for wider, other in ends if other.event > one.event), key=_age, default=None)
    elif one.state in ENDED and scope.account == ANY:
        unless = [
            _scope(other)
            for other, kept in lines.items()
            if not other.wide
            and scope.covers(other)
            and kept.state in GIVEN
            and not any(
                wider.wide and wider.account == ANY and wider.covers(other) and ended.event > kept.event
                for wider, ended in lines.items()
                if ended.state in ENDED
            )
        ]
    return ConsentView(
        one.number,
        one.program,
        one.category,
        one.state if end is None else end[1].state,
        spell_instant(one.changed_at),
        one.cause,
        None if one.account == ANY else one.account,
        None if end is None else _scope(end[0]),
        tuple(unless),
        spell_instant(one.fresh_at) if one.fresh_at and one.state in GIVEN and not scope.wide else None,
        view_evidence(one.evidence),
    )


def _age(end: tuple[Scope, Consent]) -> int:
    return end[1].event


def _scope(scope: Scope) -> ScopeView:
    return ScopeView(scope.program, scope.category, None if scope.account == ANY else scope.account)
