"""A message as JSON shows it: in a list, whole with its segments and timeline, and to an operator.

Owns: the shape of these answers. Does not own: who may see them (messages, operator), nor how a message is kept (store).
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from gateway.errors import Code
from gateway.flow.waits import Cause, Wait
from gateway.model.clock import spell_instant
from gateway.model.events import Event, Kind
from gateway.model.ids import spell_message
from gateway.model.message import Message, Origin, Segment, State
from gateway.store.news import MessageNews
from gateway.web.refusals import DecisionView, view_decision
from gateway.web.wire import spell_time

NOT_SHOWN = "(not shown: it may hold a code that is the consumer's alone; see the request to opt in)"

_decode_news = msgspec.json.Decoder(MessageNews).decode


class SegmentView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One segment: which bind took it when, under which id, and what its receipt said."""

    n: int
    state: State
    attempt: int
    bind: str | None = None
    claimed_at: str | None = None
    submitted_at: str | None = None
    command_status: int | None = None
    smsc_message_id: str | None = None
    receipt_at: str | None = None
    done_date: str | None = None
    """As the carrier wrote it, in whatever zone it lives."""
    stat: str | None = None
    err: str | None = None
    due_at: str | None = None
    waits: str | None = None
    """The carrier's limit that it waits for, such as ``client/day/acme``."""


class TimelineView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened to a message, and what caused it."""

    seq: int
    type: Kind
    timestamp: str
    state: State
    code: str | None = None
    cause: str | None = None
    segment: int | None = None
    command_status: int | None = None
    stat: str | None = None
    err: str | None = None
    due_at: str | None = None
    carrier: str | None = None
    carrier_before: str | None = None


class WaitView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why texts wait: the carrier is down, paused, held to a slower pace, or removed, or a limit of it is used up."""

    cause: Cause
    since: str | None = None
    until: str | None = None
    rate: float | None = None
    """PDUs a second."""
    key: str | None = None
    """Of the limit: scope, window and whose, such as ``client/day/acme``."""
    segments: int | None = None
    """How many wait for it alone."""


class MessageSummary(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One message in a list."""

    id: str
    state: State
    code: Code | None = None
    to: str
    program: str
    category: str
    sender: str
    carrier: str
    encoding: str
    units: int
    """Septets or UTF-16 units of the whole text."""
    segment_count: int
    priority: int
    origin: Origin
    template: str | None = None
    template_version: int | None = None
    account: str | None = None
    reference: str | None = None
    accepted_at: str
    send_at: str | None = None
    expires_at: str
    updated_at: str


class MessageView(MessageSummary, frozen=True, omit_defaults=True, kw_only=True):
    """One message, with all that is known of it."""

    text: str
    decision: DecisionView | None = None
    segments: tuple[SegmentView, ...]
    timeline: tuple[TimelineView, ...]


class OperatorMessageView(MessageSummary, frozen=True, omit_defaults=True, kw_only=True):
    """One message as an operator sees it: whose it is, and not what it says."""

    client: str
    decision: DecisionView | None = None
    waits: tuple[WaitView, ...] = ()
    """What keeps its queued segments now."""
    segments: tuple[SegmentView, ...]
    timeline: tuple[TimelineView, ...]


def summarise(message: Message) -> MessageSummary:
    """A message for a list."""
    return MessageSummary(**_summary(message))


def view(message: Message, timeline: Sequence[Event]) -> MessageView:
    """A message for its client."""
    return MessageView(text=_text(message), **_summary(message), **_depth(message, timeline))


def view_for_operator(message: Message, timeline: Sequence[Event], waits: Sequence[Wait]) -> OperatorMessageView:
    """A message for an operator."""
    return OperatorMessageView(
        client=message.client,
        waits=tuple(view_wait(wait) for wait in waits),
        **_summary(message),
        **_depth(message, timeline),
    )


def view_wait(wait: Wait) -> WaitView:
    """Why texts wait."""
    return WaitView(wait.cause, spell_time(wait.since), spell_time(wait.until), wait.rate, wait.key, wait.segments)


def _text(message: Message) -> str:
    # A code proves who holds the handset as long as nobody else can read it: here an agent could.
    return NOT_SHOWN if message.origin in (Origin.INVITATION, Origin.CODE) else message.text


def _summary(message: Message) -> dict[str, Any]:
    return {
        "id": spell_message(message.id),
        "state": message.state,
        "code": message.code,
        "to": message.number,
        "program": message.program,
        "category": message.category,
        "sender": message.sender,
        "carrier": message.carrier,
        "encoding": message.encoding,
        "units": message.units,
        "segment_count": message.segment_count,
        "priority": message.priority,
        "origin": message.origin,
        "template": message.template,
        "template_version": message.template_version,
        "account": message.account,
        "reference": message.reference,
        "accepted_at": spell_instant(message.accepted_at),
        "send_at": spell_time(message.send_at),
        "expires_at": spell_instant(message.expires_at),
        "updated_at": spell_instant(message.updated_at),
    }


def _depth(message: Message, timeline: Sequence[Event]) -> dict[str, Any]:
    return {
        "decision": view_decision(message.decision, message.decided_at),
        "segments": tuple(_segment(segment) for segment in message.segments),
        "timeline": tuple(_entry(event) for event in timeline),
    }


def _segment(segment: Segment) -> SegmentView:
    return SegmentView(
        segment.n,
        segment.state,
        segment.attempt,
        segment.bind,
        spell_time(segment.claimed_at),
        spell_time(segment.submitted_at),
        segment.command_status,
        segment.smsc_message_id,
        spell_time(segment.receipt_at),
        segment.done_date,
        segment.stat,
        segment.err,
        spell_time(segment.due_at),
        segment.waits,
    )


def _entry(event: Event) -> TimelineView:
    news = _decode_news(event.body)
    return TimelineView(
        event.seq,
        event.kind,
        spell_instant(event.at),
        news.state,
        news.code,
        news.cause,
        news.segment,
        news.command_status,
        news.stat,
        news.err,
        news.due_at,
        news.carrier,
        news.carrier_before,
    )
