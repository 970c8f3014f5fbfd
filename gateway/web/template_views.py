"""What templates, and what comes of them, look like as JSON; and how it is told what is wrong with one.

Owns: the shape of these answers. Does not own: who may see them (templates, operator_templates), or how a template is kept.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from gateway.errors import Code
from gateway.flow.templates import Found, Review, Template
from gateway.model.clock import spell_instant
from gateway.model.template import EVERYBODY
from gateway.text.segment import Encoding
from gateway.text.template_spec import Rendered, TemplateFault
from gateway.web.problem import FieldError, Problem
from gateway.web.wire import no_such


class TemplateSummary(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One version of a template, in a list."""

    name: str
    version: int
    source: str
    """``api``, ``conf``, ``gateway``, or the plugin that it comes with."""
    own: bool
    """Whether the client put it; else it is for everybody."""
    client: str | None = None
    """Whose own it is, for operators."""
    system: bool = False
    """The gateway sends it, and nobody else can."""
    summary: str
    locales: tuple[str, ...]
    at: str
    """Since when it is in force."""


class TemplateView(TemplateSummary, frozen=True, omit_defaults=True, kw_only=True):
    """One version of a template."""

    texts: dict[str, str]
    variables: dict[str, Any]
    fallback: str | None = None
    max_segments: int
    purpose: str
    legal_approval: str = ""


class TextView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text that a template makes, and how it goes out."""

    text: str
    encoding: Encoding
    segments: int
    units: int
    """Septets or UTF-16 units."""
    forced_by: str | None = None
    """The first character that forced UCS-2."""


class FoundView(msgspec.Struct, frozen=True):
    """What is to be said about the wording. ``refuse``: it cannot be kept so; ``require``: a text needs it before it goes."""

    code: str
    level: str
    where: str
    """Which of the texts ``start`` and ``end`` are places in."""
    start: int
    end: int
    why: str
    fix: str


class BoundsView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the texts of one locale lie between."""

    locale: str
    shortest: TextView
    longest: TextView
    foreign: TextView | None = None
    """The dearest with a value that GSM 03.38 cannot write; absent where no variable takes such."""
    findings: tuple[FoundView, ...] = ()


class TemplatesView(msgspec.Struct, frozen=True):
    """Templates, by name; or versions of one, the newest first."""

    templates: list[TemplateSummary]


class PutView(msgspec.Struct, frozen=True):
    """A template as it is in force now, and what comes of it."""

    template: TemplateView
    previews: list[BoundsView]


class TriedView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a template makes."""

    name: str
    version: int
    locale: str | None = None
    """Whose text it is, among those of the template."""
    filled: TextView | None = None
    previews: tuple[BoundsView, ...] = ()


def summarise(template: Template) -> TemplateSummary:
    """A template for a list."""
    return TemplateSummary(**_summary(template))


def summarise_for_operator(template: Template) -> TemplateSummary:
    """A template for an operator's list."""
    return TemplateSummary(client=None if template.client == EVERYBODY else template.client, **_summary(template))


def view(template: Template | None) -> TemplateView:
    """A template with its words. Raises Problem 404 where there is none."""
    if template is None:
        raise no_such("template")
    spec = template.spec
    return TemplateView(
        texts=spec.texts,
        variables=msgspec.to_builtins(spec.variables),
        fallback=spec.fallback,
        max_segments=spec.max_segments,
        purpose=spec.purpose,
        legal_approval=spec.legal_approval,
        **_summary(template),
    )


def _summary(template: Template) -> dict[str, Any]:
    spec = template.spec
    return {
        "name": spec.name,
        "version": spec.version,
        "source": template.source,
        "own": template.client != EVERYBODY,
        "system": template.is_system,
        "summary": spec.summary,
        "locales": tuple(spec.texts),
        "at": spell_instant(template.at),
    }


def view_bounds(one: Review) -> BoundsView:
    """What the texts of one locale lie between."""
    found = one.preview
    foreign = None if found.foreign is None else view_text(found.foreign)
    findings = tuple(_view_found(finding) for finding in one.findings)
    return BoundsView(one.locale, view_text(found.shortest), view_text(found.longest), foreign, findings)


def view_text(rendered: Rendered) -> TextView:
    """A text that a template makes."""
    return TextView(rendered.text, rendered.encoding, rendered.segments, rendered.units, rendered.forced_by)


def _view_found(one: Found) -> FoundView:
    found = one.finding
    return FoundView(found.code, found.level, one.where, found.start, found.end, found.why, found.fix)


def unacceptable_template(faults: Sequence[TemplateFault], extra: dict[str, object] | None = None) -> Problem:
    """The 422 of a declaration, or of values; its code is that of the first fault."""
    errors = [FieldError(_pointer(fault.field), fault.problem, fault.fix) for fault in faults]
    detail = "; ".join(f"{error.field or 'the template'} {error.detail}" for error in errors[:3])
    return Problem(422, Code(faults[0].code.value), f"{detail}.", errors=errors, extra=extra)


def _pointer(field: str) -> str:
    if field in ("name", "template"):
        return "path:name"
    return f"/{field.replace('values.', 'vars.').replace('.', '/', 1)}" if field else ""
