"""The ordered log of what happened, as clients read and replay it.

Owns: an event and its kinds. Does not own: delivery to a client (webhook, flow/notify).
"""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What happened, in the past tense."""

    MESSAGE_ACCEPTED = "message.accepted"
    MESSAGE_HELD = "message.held"
    MESSAGE_QUEUED = "message.queued"
    MESSAGE_BLOCKED = "message.blocked"
    MESSAGE_SUBMITTED = "message.submitted"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_UNDELIVERED = "message.undelivered"
    MESSAGE_EXPIRED = "message.expired"
    MESSAGE_REJECTED = "message.rejected"
    MESSAGE_CANCELLED = "message.cancelled"
    MESSAGE_UNCONFIRMED = "message.unconfirmed"
    MESSAGE_IN_DOUBT = "message.in_doubt"
    INBOUND_RECEIVED = "inbound.received"
    CONSENT_GRANTED = "consent.granted"
    CONSENT_REVOKED = "consent.revoked"
    CONSENT_INVITED = "consent.invited"
    CONSENT_CODE_SENT = "consent.code_sent"
    CONSENT_DECLINED = "consent.declined"
    CONSENT_EXPIRED = "consent.expired"
    CONSENT_STALE = "consent.stale"
    CONSENT_DISOWNED = "consent.disowned"
    REVIEW_OPENED = "review.opened"
    REVIEW_OVERDUE = "review.overdue"
    REVIEW_DECIDED = "review.decided"

    # What a consumer reported by text.
    CONSUMER_WRONG_PARTY = "consumer.wrong_party"
    CONSUMER_DISPUTE = "consumer.dispute"
    CONSUMER_ATTORNEY = "consumer.attorney"
    CONSUMER_BANKRUPTCY = "consumer.bankruptcy"
    CONSUMER_DECEASED = "consumer.deceased"
    CONSUMER_TIME_PREFERENCE = "consumer.time_preference"
    CONSUMER_OTHER_CHANNEL_OPTOUT = "consumer.other_channel_optout"
    CONSUMER_PAYMENT_INSTRUCTION = "consumer.payment_instruction"
    CONSUMER_CEASE = "consumer.cease"
    CONSUMER_HARDSHIP = "consumer.hardship"
    CONSUMER_HOSTILE = "consumer.hostile"

    # What a plugin tells the client.
    DIALOG_HANDOVER = "dialog.handover"
    STEP_EMAIL_DUE = "step.email_due"
    STEP_WHATSAPP_DUE = "step.whatsapp_due"
    STEP_VOICE_DUE = "step.voice_due"
    STEP_SMS_DUE = "step.sms_due"
    PAYMENT_INTENT_CONFIRMED = "payment.intent_confirmed"
    PROMISE_MADE = "promise.made"
    PROMISE_KEPT = "promise.kept"
    PROMISE_BROKEN = "promise.broken"
    PLAN_CHOSEN = "plan.chosen"
    HANDOVER_REQUESTED = "handover.requested"
    WORKFLOW_FIRED = "workflow.fired"
    WORKFLOW_MISSED = "workflow.missed"
    NUMBER_CHECK_DUE = "number.check_due"


PLUGIN_KINDS = frozenset(
    {
        Kind.STEP_EMAIL_DUE,
        Kind.STEP_WHATSAPP_DUE,
        Kind.STEP_VOICE_DUE,
        Kind.STEP_SMS_DUE,
        Kind.PAYMENT_INTENT_CONFIRMED,
        Kind.PROMISE_MADE,
        Kind.PROMISE_KEPT,
        Kind.PROMISE_BROKEN,
        Kind.PLAN_CHOSEN,
        Kind.HANDOVER_REQUESTED,
        Kind.WORKFLOW_FIRED,
        Kind.WORKFLOW_MISSED,
        Kind.NUMBER_CHECK_DUE,
    }
)
"""What a plugin can tell a client: a step that another channel has to do, what a consumer answered, a look to take."""


class Event(msgspec.Struct, frozen=True):
    """One entry of the log. ``seq`` only grows: a client that knows the last one it saw misses nothing."""

    seq: int
    client: str
    at: int
    kind: Kind
    body: msgspec.Raw
    """What happened, as a JSON object."""
    message_id: int | None = None
