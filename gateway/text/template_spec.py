"""What a template is declared as, what comes of it, and what can be wrong with it.

Owns: the shapes, the limits and the codes. Does not own: reading or filling a template (template), or the kinds of variables
(variable).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.text.segment import Encoding
from gateway.text.variable import Variable

MOST_CHARACTERS: Final = 2000
"""Of a template's source in one language."""
MOST_NODES: Final = 200
"""Variables, conditions and runs of words."""
MOST_DEPTH: Final = 8
"""Conditions inside conditions."""
MOST_VARIABLES: Final = 30
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
    EMPTY = "template.empty"
    TOO_LONG = "template.too_long"


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


class TemplateSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template as its author declares it."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.-]{0,63}\Z")]
    version: Annotated[int, Meta(ge=1)]
    texts: Annotated[dict[str, str], Meta(min_length=1)]
    """By locale: ``en``, ``es``, ``es-MX``. A consumer's locale falls back to its language, never to another one."""
    variables: Annotated[dict[str, Variable], Meta(max_length=MOST_VARIABLES)] = {}
    max_segments: Annotated[int, Meta(ge=1, le=255)] = 6


class Rendered(msgspec.Struct, frozen=True):
    """A text that a template made, and how it goes out."""

    text: str
    encoding: Encoding
    segments: int
    units: int
    """Septets or UTF-16 units."""
    forced_by: str | None
    """The first character that forced UCS-2."""


class Preview(msgspec.Struct, frozen=True):
    """What the texts of a template in one locale lie between, whatever the values."""

    shortest: Rendered
    longest: Rendered
    """With values that GSM 03.38 can write."""
    foreign: Rendered | None
    """The longest with a value that it cannot, which costs most; None where no variable takes such."""
