"""Reason codes, and the two ways in which work can fail.

Owns: every code that a client, an operator, a webhook, a log line or a metric can show. A code is a promise: it keeps
its spelling and its meaning. Does not own: HTTP statuses (web) or the meaning of a command_status (smpp).
"""

from enum import StrEnum


class Code(StrEnum):
    """Why something was refused, held, failed or ended, as a stable string."""

    # A rule said no, or not yet.
    CONSENT_MISSING = "consent.missing"
    CONSENT_CATEGORY = "consent.category"
    CONSENT_OPTED_OUT = "consent.opted_out"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    HOLD_REVIEW = "hold.review"
    HOLD_ATTORNEY = "hold.attorney"
    HOLD_BANKRUPTCY = "hold.bankruptcy"
    HOLD_DECEASED = "hold.deceased"
    HOLD_CEASE = "hold.cease"
    HOLD_WRONG_PARTY = "hold.wrong_party"
    CONSENT_PENDING = "consent.pending"
    CONSENT_INVITATIONS = "consent.invitations"
    CONSENT_NOT_IMPORTED = "consent.not_imported"
    LEDGER_BROKEN = "ledger.broken"
    CATEGORY_NOT_ALLOWED = "category.not_allowed"
    COUNTRY_NOT_ALLOWED = "country.not_allowed"
    SENDER_NOT_ALLOWED = "sender.not_allowed"
    ROUTE_NOT_PERMITTED = "route.not_permitted"
    CONTENT_EMPTY = "content.empty"
    CONTENT_TOO_LONG = "content.too_long"
    CONTENT_UNENCODABLE = "content.unencodable"
    CONTENT_LINK_SHORTENER = "content.link_shortener"
    CONTENT_THREAT = "content.threat"
    CONTENT_PROFANITY = "content.profanity"
    CONTENT_CARD_NUMBER = "content.card_number"
    CONTENT_ACCOUNT_NUMBER = "content.account_number"
    CONTENT_SOCIAL_SECURITY_NUMBER = "content.social_security_number"
    CONTENT_ASKS_SECRET = "content.asks_secret"  # noqa: S105 - a code
    CONTENT_VALIDATION_NOTICE = "content.validation_notice"
    CONTENT_DEBT_DISCLOSED = "content.debt_disclosed"
    CONTENT_RESERVED_CHOICE = "content.reserved_choice"
    CONTENT_PROMOTIONAL_CONFIRMATION = "content.promotional_confirmation"
    CONTENT_IDENTITY_MISSING = "content.identity_missing"
    CONTENT_OPT_OUT_MISSING = "content.opt_out_missing"
    CONTENT_DISCLOSURE_MISSING = "content.disclosure_missing"
    CONTENT_PROGRAM_MISSING = "content.program_missing"
    CONTENT_FREQUENCY_MISSING = "content.frequency_missing"
    CONTENT_HELP_MISSING = "content.help_missing"
    CONTENT_RATES_MISSING = "content.rates_missing"
    CONTENT_PROMOTIONAL = "content.promotional"
    CONTENT_LINK_UNREGISTERED = "content.link_unregistered"
    CONTENT_FORCES_UCS2 = "content.forces_ucs2"
    CONTENT_MANY_SEGMENTS = "content.many_segments"
    CONTENT_CAPITALS = "content.capitals"
    CONTENT_SHOUTING = "content.shouting"
    SCHEDULE_PAST_EXPIRY = "schedule.past_expiry"
    SCHEDULED = "schedule.later"
    QUIET_HOURS = "quiet_hours.closed"
    QUIET_HOURS_NEVER = "quiet_hours.never_open"
    HOLIDAY = "holiday"
    ZONE_UNKNOWN = "zone.unknown"
    ZONE_AMBIGUOUS = "zone.ambiguous"
    FREQUENCY_ACCOUNT = "frequency.account"
    FREQUENCY_CONSUMER = "frequency.consumer"
    POLICY_SILENT = "policy.silent"
    CONSENT_STALE = "consent.stale"
    CLIENT_DAY_SPENT = "client.day_spent"
    CONTENT_REPEATED = "content.repeated"
    PARTY_THIRD = "party.third"
    PARTY_UNKNOWN = "party.unknown"
    WORKPLACE_FORBIDDEN = "workplace.forbidden"
    NUMBER_INVALID = "number.invalid"
    PROGRAM_UNKNOWN = "program.unknown"
    CATEGORY_UNKNOWN = "category.unknown"
    EVIDENCE_INVALID = "evidence.invalid"
    TEMPLATE_REQUIRED = "agent.template_required"
    AGENT_NOT_ALLOWED = "agent.not_allowed"
    TEMPLATE_DECLARATION = "template.declaration"
    TEMPLATE_SYNTAX = "template.syntax"
    TEMPLATE_FORBIDDEN = "template.forbidden"
    TEMPLATE_LOCALE_UNKNOWN = "template.locale_unknown"
    TEMPLATE_VARIABLE_UNKNOWN = "template.variable_unknown"
    TEMPLATE_VARIABLE_MISSING = "template.variable_missing"
    TEMPLATE_VARIABLE_INVALID = "template.variable_invalid"
    TEMPLATE_UNKNOWN = "template.unknown"
    TEMPLATE_EMPTY = "template.empty"
    TEMPLATE_TOO_LONG = "template.too_long"
    TEMPLATE_SYSTEM = "template.system"
    TEMPLATE_CONTENT = "template.content"
    TEMPLATE_TOO_MANY = "template.too_many"
    ACCOUNT_UNKNOWN = "account.unknown"
    EVENT_UNKNOWN = "event.unknown"
    KEY_INVALID = "key.invalid"
    PAYLOAD_INVALID = "payload.invalid"
    DIALOG_UNKNOWN = "dialog.unknown"

    # What became of a message.
    CANCELLED_BY_CLIENT = "cancelled.client"
    EXPIRED_BEFORE_SENDING = "expired.before_sending"
    EXPIRED_AT_CARRIER = "expired.carrier"
    CARRIER_REJECTED = "carrier.rejected"
    CARRIER_UNDELIVERED = "carrier.undelivered"
    CARRIER_RETRIES_SPENT = "carrier.retries_spent"
    CARRIER_UNENCODABLE = "carrier.unencodable"
    CARRIER_ABSENT = "carrier.absent"
    CARRIER_INVALID_NUMBER = "carrier.invalid_number"
    CARRIER_OPTED_OUT = "carrier.opted_out"
    CARRIER_CONTENT = "carrier.content"
    CARRIER_TEMPORARY = "carrier.temporary"
    CARRIER_SILENT = "carrier.silent"
    CARRIER_UNKNOWN = "carrier.unknown"
    IN_DOUBT_LINK_LOST = "in_doubt.link_lost"
    IN_DOUBT_NO_RESPONSE = "in_doubt.no_response"
    IN_DOUBT_CARRIER_FAULT = "in_doubt.carrier_fault"
    IN_DOUBT_RESTART = "in_doubt.restart"
    SETTLED_BY_OPERATOR = "in_doubt.settled"
    PLUGIN_REFUSED = "plugin.refused"
    PLUGIN_FAILED = "plugin.failed"
    ACCOUNT_PAID = "account.paid"

    # What was wrong with a request.
    REQUEST_MALFORMED = "request.malformed"
    REQUEST_INVALID = "request.invalid"
    REQUEST_TOO_LARGE = "request.too_large"
    REQUEST_TIMEOUT = "request.timeout"
    REQUEST_UNSUPPORTED = "request.unsupported"
    AUTH_MISSING = "auth.missing"
    AUTH_INVALID = "auth.invalid"
    AUTH_BACK_OFF = "auth.back_off"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    MEDIA_TYPE = "media_type"
    KEY_REUSED = "idempotency.key_reused"
    STATE_CONFLICT = "state.conflict"
    CONSENT_AFTER_OPT_OUT = "consent.after_opt_out"
    CONSENT_STANDS = "consent.stands"
    OPTIN_OPEN = "optin.open"
    OPTIN_CLOSED = "optin.closed"
    OPTIN_CODE_WRONG = "optin.code_wrong"

    # We could not.
    STORE_UNAVAILABLE = "store.unavailable"
    STORE_FULL = "store.full"
    STOPPING = "gateway.stopping"
    BUSY = "gateway.busy"
    INTERNAL = "internal"


class Refused(Exception):
    """A rule said no: final, recorded, never tried again."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Transient(Exception):
    """Not now: the same request may succeed ``after`` seconds from now."""

    def __init__(self, code: Code, detail: str, after: float = 1.0) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.after = after
