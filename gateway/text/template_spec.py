"""What a template is declared as, what comes of it, and what can be wrong with it.

Owns: the shapes, the limits and the codes. Does not own: reading or filling a template (template), or the kinds of variables
(variable).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from gateway.text.segment import Encoding
from gateway.text.variable import Variable

MOST_CHARACTERS: Final = 2000
"""Of a template's source in one language."""
MOST_RENDERED: Final = 10_000
"""Characters of a text that can come of one: far more than any carrier takes."""
MOST_NODES: Final = 200
"""Variables, conditions and runs of words."""
MOST_DEPTH: Final = 8
"""Conditions inside conditions."""
MOST_VARIABLES: Final = 30
MOST_LOCALES: Final = 16
MOST_OPTIONAL: Final = 4
"""Variables that may be absent: each doubles the texts that a preview has to look at."""


class TemplateCode(StrEnum):
    """What is wrong with a template, or with the values for it, as a stable string."""

    DECLARATION = "template.declaration"
    SYNTAX = "template.syntax"
    FORBIDDEN = "template.forbidden"
    LOCALE_UNKNOWN = "template.locale_unknown"
    VARIABLE_UNKNOWN = "template.variable_unknown"
    VARIABLE_MISSING = "template.variable_missing"
    VARIABLE_INVALID = "template.variable_invalid"
    UNKNOWN = "template.unknown"
    EMPTY = "template.empty"
    TOO_LONG = "template.too_long"
    SYSTEM = "template.system"
    CONTENT = "template.content"
    TOO_MANY = "template.too_many"


class TemplateFault(msgspec.Struct, frozen=True):
    """One thing that is wrong. Never quotes a value."""

    code: TemplateCode
    field: str
    """Where: ``texts.es``, ``variables.amount``, ``values.amount``, ``locale``."""
    problem: str
    fix: str


class TemplateRefused(ValueError):
    """A template that cannot be kept, or values that it cannot be filled with; everything that was found."""

    def __init__(self, faults: Sequence[TemplateFault]) -> None:
        super().__init__("\n".join(f"{fault.field}: {fault.problem}; {fault.fix}" for fault in faults))
        self.faults = tuple(faults)


NAME_PATTERN: Final = r"^[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*\Z"
LONGEST_NAME: Final = 64

TemplatePurpose = Literal["ordinary", "opt_in_request", "opt_in_confirmation", "opt_out_confirmation", "help"]
"""What a text is for; all but ``ordinary`` are the gateway's own to send."""


class TemplateBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an author declares of a template, besides its name."""

    texts: Annotated[dict[str, str], Meta(min_length=1, max_length=MOST_LOCALES)]
    """By locale: ``en``, ``es``, ``es-MX``. A consumer's locale falls back to its language."""
    variables: Annotated[dict[str, Variable], Meta(max_length=MOST_VARIABLES)] = {}
    fallback: str | None = None
    """The locale for consumers whose language the template has not; where absent, they get no text."""
    max_segments: Annotated[int, Meta(ge=1, le=255)] = 6
    purpose: TemplatePurpose = "ordinary"
    summary: Annotated[str, Meta(max_length=200)] = ""
    """When it is sent, for those who choose among templates."""
    legal_approval: Annotated[str, Meta(max_length=200)] = ""
    """Who approved wording that speaks of legal steps, and when; none where empty."""


class TemplateSpec(TemplateBody, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One version of a template."""

    name: Annotated[str, Meta(pattern=NAME_PATTERN, max_length=LONGEST_NAME)]
    version: Annotated[int, Meta(ge=1)] = 1


class Rendered(msgspec.Struct, frozen=True):
    """A text that a template made, and how it goes out."""

    text: str
    encoding: Encoding
    segments: int
    units: int
    """Septets or UTF-16 units."""
    forced_by: str | None
    """The first character that forced UCS-2."""
    key: str = ""
    """Whose text it is, among those of the template: a locale."""


class Preview(msgspec.Struct, frozen=True):
    """What the texts of a template in one locale lie between, whatever the values."""

    shortest: Rendered
    longest: Rendered
    """With values that GSM 03.38 can write."""
    foreign: Rendered | None
    """The longest with a value that it cannot, which costs most; None where no variable takes such."""
