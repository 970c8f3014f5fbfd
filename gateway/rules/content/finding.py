"""One thing that is wrong with a text's wording, and the setting it is judged in.

Owns: the codes, the finding and the context. Does not own: any rule (its neighbours) or what becomes of the text (gate).
"""

from enum import StrEnum

import msgspec


class ContentCode(StrEnum):
    """Why a wording was refused, found lacking or advised against, as a stable string."""

    # Refused.
    LINK_SHORTENER = "content.link_shortener"
    THREAT = "content.threat"
    PROFANITY = "content.profanity"
    CARD_NUMBER = "content.card_number"
    ACCOUNT_NUMBER = "content.account_number"
    SOCIAL_SECURITY_NUMBER = "content.social_security_number"
    ASKS_SECRET = "content.asks_secret"  # noqa: S105 - a code
    VALIDATION_NOTICE = "content.validation_notice"
    DEBT_DISCLOSED = "content.debt_disclosed"
    RESERVED_CHOICE = "content.reserved_choice"
    PROMOTIONAL_CONFIRMATION = "content.promotional_confirmation"

    # Required and missing.
    IDENTITY_MISSING = "content.identity_missing"
    OPT_OUT_MISSING = "content.opt_out_missing"
    DISCLOSURE_MISSING = "content.disclosure_missing"
    PROGRAM_MISSING = "content.program_missing"
    FREQUENCY_MISSING = "content.frequency_missing"
    HELP_MISSING = "content.help_missing"
    RATES_MISSING = "content.rates_missing"

    # Advised against.
    PROMOTIONAL = "content.promotional"
    LINK_UNREGISTERED = "content.link_unregistered"
    FORCES_UCS2 = "content.forces_ucs2"
    MANY_SEGMENTS = "content.many_segments"
    CAPITALS = "content.capitals"
    SHOUTING = "content.shouting"


class Level(StrEnum):
    """How much a finding weighs, the heaviest first."""

    REFUSE = "refuse"
    """The text does not go, and nothing can be added that would help."""
    REQUIRE = "require"
    """The text does not go before the missing part is added."""
    WARN = "warn"
    """The text may go; carriers or costs will make somebody regret it."""


class ContentFinding(msgspec.Struct, frozen=True, gc=False):
    """What one rule found at one place."""

    code: ContentCode
    level: Level
    start: int
    """Index into the text as given; a missing part stands where it would be added, with ``end`` equal to ``start``."""
    end: int
    why: str
    """Never quotes the text: a log may hold it."""
    fix: str


class OptOutDuty(StrEnum):
    """Which texts have to say how to get no more of them."""

    EVERY = "every"
    """12 CFR 1006.6(e): each electronic communication of a debt collector."""
    FIRST = "first"
    """The first to a number, and from then on those that the caller marks as first again."""
    NONE = "none"


class Purpose(StrEnum):
    """What a text is for, where that asks for parts of its own."""

    ORDINARY = "ordinary"
    OPT_IN_REQUEST = "opt_in_request"
    OPT_IN_CONFIRMATION = "opt_in_confirmation"
    OPT_OUT_CONFIRMATION = "opt_out_confirmation"
    """One text, nothing but the confirmation (47 CFR 64.1200(a)(12), 12 CFR 1006.14(h)(2))."""


class ContentContext(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a text besides its words. Hashable; the same one serves a whole campaign."""

    category: str
    identity: tuple[str, ...]
    """Names that the consumer knows the sender by; one of them has to be in each text."""
    party_known: bool
    """The number is known to be the consumer's own (or of one who may know of the debt: 12 CFR 1006.6(d)(1))."""
    purpose: Purpose = Purpose.ORDINARY
    program: tuple[str, ...] = ()
    """Names of the program for opt-in texts; where empty, the identity is name enough."""
    opt_out: OptOutDuty = OptOutDuty.EVERY
    first: bool = True
    """The first text to the number, or the first again after as many days as the policy has."""
    can_reply: bool = True
    """False for a sender made of letters: "Reply STOP" would go nowhere (47 CFR 64.1200(a)(10))."""
    disclosure: str = ""
    """Wording that the text has to hold, such as that of 12 CFR 1006.18(e); none where empty."""
    domains: tuple[str, ...] = ()
    """Domains registered for the campaign's links; their subdomains count."""
    legally_approved: bool = False
    """A lawyer approved this template's talk of legal steps."""
    promotional_allowed: bool = False
    """The category is marketing."""
    max_segments: int = 255
    segments: int = 1
    """How many it needs, as measured in the sender's encoding, the opt-out line included."""
    forced_by: str | None = None
    """The characters that forced UCS-2, as measured; one is enough."""
