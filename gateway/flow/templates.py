"""The templates that are in force, and making texts of them.

Owns: which template a name stands for, for which client; what is looked at before one is kept; filling one for a submission.
Does not own: reading, checking and filling as such (text), the wording rules (rules/content), the rows (store).

A name stands for the client's own template, or else for everybody's: the file in ``conf/templates`` before a plugin's,
and a plugin's before the gateway's. All that are in force are in memory, so that filling one asks nobody.

Templates called ``system.…`` are the gateway's own words to a consumer: the request for consent, the confirmations, the
answer to HELP. A client can put other words in their place, which then have to hold what such a text must; it cannot
take them away, and no submission can pick one.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec
import trio
from msgspec.structs import replace

from gateway.config import ClientConfig, Config, ConfigError, Fault
from gateway.config.templates import SYSTEM_FOLDER, TemplateFile, read_template_files
from gateway.model.template import EVERYBODY, KeptTemplate, NewTemplate
from gateway.rules.content.finding import ContentContext, ContentFinding, Level, OptOutDuty, Purpose
from gateway.rules.content.lint import lint
from gateway.store.base import Store
from gateway.text.spelling import speller
from gateway.text.template import check, render
from gateway.text.template_source import declare, read_template, specify
from gateway.text.template_spec import (
    Preview,
    Rendered,
    TemplateBody,
    TemplateCode,
    TemplateFault,
    TemplateRefused,
    TemplateSpec,
)
from gateway.text.variable import UrlVariable

SYSTEM_PREFIX: Final = "system."
MOST_TEMPLATES: Final = 500
"""A client's own."""
_MOST_SEGMENTS: Final = 255
"""Of a text, by any carrier."""

NO_VALUES: Final[Mapping[str, object]] = MappingProxyType({})
EXAMPLE_CLIENT: Final = ClientConfig(
    id="example", name="Example Co", contact="example.com/help", domains=("example.com",)
)
"""Whom a file's template is looked at for: it is for everybody."""
_PURPOSES: Final = {
    "opt_in_request": Purpose.OPT_IN_REQUEST,
    "opt_in_confirmation": Purpose.OPT_IN_CONFIRMATION,
    "opt_out_confirmation": Purpose.OPT_OUT_CONFIRMATION,
}

_log = logging.getLogger("gateway.flow")

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(TemplateBody).decode


class Template(msgspec.Struct, frozen=True):
    """One version of a template, ready to be filled."""

    spec: TemplateSpec
    client: str
    """A client's id, or EVERYBODY."""
    source: str
    at: int

    @property
    def is_system(self) -> bool:
        """Whether it is the gateway's to send."""
        return self.spec.name.startswith(SYSTEM_PREFIX)


class Spoken(msgspec.Struct, frozen=True):
    """One of the gateway's own texts, and what it was made of."""

    text: str
    template: Template


class Found(msgspec.Struct, frozen=True):
    """A finding, and which of a preview's texts its places are in."""

    where: Literal["longest", "shortest", "foreign"]
    finding: ContentFinding


class Review(msgspec.Struct, frozen=True):
    """What the texts of one locale lie between, and what is to be said about their wording."""

    locale: str
    preview: Preview
    findings: tuple[Found, ...]


class Templates:
    """The registry."""

    def __init__(self, config: Config, store: Store, now: Callable[[], int]) -> None:
        self._config = config
        self._store = store
        self._now = now
        self._shared: dict[str, Template] = {}
        self._own: dict[str, dict[str, Template]] = {}
        # Of changes that reach the disk together, memory would take on the one whose caller happens to wake last.
        self._changing = trio.Lock()

    async def load(self, files: Iterable[TemplateFile] = ()) -> None:
        """Put what the files say in force for everybody, and clients' own beside it.

        Of two files for one name the later counts. Raises ConfigError with every fault of every file, Transient.
        """
        specs = read_specs([*system_files(), *files])
        now = self._now()
        wanted = [
            NewTemplate(EVERYBODY, name, _body(spec), source, now) for name, (spec, source) in sorted(specs.items())
        ]
        kept = await self._store.put_templates(wanted)
        self._shared = {one.name: _template(one) for one in kept}
        for one in await self._store.templates():
            if one.client != EVERYBODY and one.retired_at is None:
                own = _template(one)
                if one.name in self._shared:
                    # What a plugin fills in by now that it did not when the client chose its words.
                    variables = {**self._shared[one.name].spec.variables, **own.spec.variables}
                    own = replace(own, spec=replace(own.spec, variables=variables))
                self._own.setdefault(one.client, {})[one.name] = own

    def find(self, client: str, name: str) -> Template | None:
        """What a name stands for, for this client."""
        own = self._own.get(client)
        found = None if own is None else own.get(name)
        return found if found is not None else self._shared.get(name)

    def listed(self, client: str) -> list[Template]:
        """All that a client can use or change, by name."""
        return [found for _, found in sorted({**self._shared, **self._own.get(client, {})}.items())]

    def everything(self) -> list[Template]:
        """All that are in force for anybody, by name; those for everybody first."""
        own = [template for templates in self._own.values() for template in templates.values()]
        return sorted(
            [*self._shared.values(), *own], key=lambda one: (one.spec.name, one.client != EVERYBODY, one.client)
        )

    async def versions(self, client: str, name: str, limit: int) -> list[Template]:
        """All versions of a name that the client can see, the newest first; those that are no longer in force too."""
        return [_template(one) for one in await self._store.template_versions(client, name, limit)]

    def fill(
        self, client: ClientConfig, template: Template, values: Mapping[str, object], locale: str, home: str
    ) -> Rendered:
        """A text for these values, in a consumer's locale; ``home`` is the program's, whose country a bare language gets.

        Raises TemplateRefused with all that is wrong.
        """
        spec = _at_home(template.spec, client)
        return render(spec, values, _localised(locale, home), None, given_by(client))

    def speak(
        self,
        client: ClientConfig,
        home: str,
        name: str,
        locale: str | None = None,
        values: Mapping[str, object] = NO_VALUES,
    ) -> Spoken:
        """The gateway's own words ``system.NAME`` in a locale, or in the program's (``home``) where none is known.

        Raises TemplateRefused, such as of a client's own words that are not in that language.
        """
        template = self.find(client.id, f"{SYSTEM_PREFIX}{name}")
        if template is None:
            raise LookupError(f"{SYSTEM_PREFIX}{name} ships with the gateway")
        return Spoken(self.fill(client, template, values, locale or home, home).text, template)

    def answer(self, client: ClientConfig, home: str, name: str, locale: str | None = None) -> Spoken:
        """The same of a text that a consumer is waiting for. A language that the client's own words are not in, or a name of the
        client's that makes them longer than they may be, is no reason to say nothing, let alone to lose what is answered.

        So it is said in the program's language instead, or else by the words that ship with the gateway, however long.
        """
        template = self.find(client.id, f"{SYSTEM_PREFIX}{name}")
        shared = self._shared.get(f"{SYSTEM_PREFIX}{name}")
        if template is None or shared is None:
            raise LookupError(f"{SYSTEM_PREFIX}{name} ships with the gateway")
        longer = replace(shared, spec=replace(shared.spec, max_segments=_MOST_SEGMENTS))
        for one in (template, longer) if template is shared else (template, shared, longer):
            for spoken in dict.fromkeys((locale or home, home)):
                try:
                    return Spoken(self.fill(client, one, NO_VALUES, spoken, home).text, one)
                except TemplateRefused as error:
                    _log.warning(
                        "%s of client %s cannot be said, other words are tried: %s", one.spec.name, client.id, error
                    )
        raise LookupError(f"{SYSTEM_PREFIX}{name} ships with the gateway, and can be filled for anybody")

    def choose(self, client: ClientConfig, name: str) -> Template:
        """The template that a submission names. Raises TemplateRefused."""
        found = self.find(client.id, name)
        if found is None:
            raise _refused(TemplateCode.UNKNOWN, "there is no such template", "see GET /v1/templates")
        if found.is_system:
            raise _refused(TemplateCode.SYSTEM, "is the gateway's own to send", "use another template, or one of yours")
        return found

    def declare(self, client: ClientConfig, name: str, table: dict[str, Any]) -> tuple[TemplateSpec, list[Review]]:
        """What a client's declaration amounts to, looked at from all sides. Raises TemplateRefused where it is none."""
        spec = declare(name, table)
        shared = self._shared.get(name)
        if shared is not None:
            spec = _in_place_of(spec, shared.spec, shared.source)
        other = None if shared is None else shared.spec
        spec = _with_purpose(spec, other, self._shared, named="purpose" in table)
        own = self._own.get(client.id, {})
        if name not in own and len(own) >= MOST_TEMPLATES:
            raise _refused(TemplateCode.TOO_MANY, f"{MOST_TEMPLATES} templates are there", "delete one", "name")
        return spec, review(spec, client)

    async def put(self, client: ClientConfig, spec: TemplateSpec) -> tuple[Template, bool]:
        """Put a client's own template in force, durably; tells too whether it is a new version. Raises Transient."""
        async with self._changing:
            own = self._own.setdefault(client.id, {})
            before = own.get(spec.name)
            (kept,) = await self._store.put_templates(
                [NewTemplate(client.id, spec.name, _body(spec), "api", self._now())]
            )
            is_new = before is None or before.spec.version < kept.version
            template = _template(kept)
            if is_new:
                own[spec.name] = template
            return template, is_new

    async def delete(self, client: ClientConfig, name: str) -> bool:
        """End a client's own template: the name stands for everybody's again, or for none. Raises Transient."""
        async with self._changing:
            (retired,) = await self._store.retire_template(client.id, name, self._now())
            self._own.get(client.id, {}).pop(name, None)
            return retired


def system_files() -> list[TemplateFile]:
    """The gateway's own templates, whose place others may take."""
    return read_template_files(SYSTEM_FOLDER, "gateway", SYSTEM_PREFIX)[0]


def read_specs(files: Sequence[TemplateFile]) -> dict[str, tuple[TemplateSpec, str]]:
    """The declarations in files, each with its source, by name; the last of a name. Raises ConfigError with all faults."""
    specs: dict[str, tuple[TemplateSpec, str]] = {}
    faults: list[Fault] = []
    for file in files:
        try:
            spec = read_template(file.name, file.text)
            other, source = specs.get(file.name, (None, "conf"))
            if other is not None:
                spec = _in_place_of(spec, other, source)
            if file.source != "gateway":
                spec = _with_purpose(spec, other, specs, named=spec.purpose != "ordinary")
            refused = refusals(review(spec, EXAMPLE_CLIENT), spec)
        except TemplateRefused as error:
            refused = error.faults
        else:
            specs[file.name] = spec, file.source
        faults += [Fault(file.place, fault.field, fault.problem, fault.fix) for fault in refused]
    if faults:
        raise ConfigError(faults)
    return specs


def review(spec: TemplateSpec, client: ClientConfig) -> list[Review]:
    """What comes of a declaration, locale by locale. Raises TemplateRefused where it is none."""
    spec = _at_home(spec, client)
    context = _context(spec, client)
    reviews = []
    for key, found in check(spec, given_by(client)).items():
        findings: dict[tuple[str, str], Found] = {}
        for where, text in _texts_of(found):
            # What a value's letters cost is in the measures: as a finding it would stand with every name that is a variable.
            forced_by = None if where == "foreign" else text.forced_by
            for finding in lint(text.text, replace(context, segments=text.segments, forced_by=forced_by)):
                findings.setdefault((finding.code, finding.why), Found(where, finding))
        reviews.append(Review(key, found, tuple(findings.values())))
    return reviews


def _texts_of(found: Preview) -> Iterator[tuple[Literal["longest", "shortest", "foreign"], Rendered]]:
    yield "longest", found.longest
    yield "shortest", found.shortest
    if found.foreign is not None:
        yield "foreign", found.foreign


def refusals(reviews: Iterable[Review], spec: TemplateSpec) -> tuple[TemplateFault, ...]:
    """The findings that forbid keeping a template: what no text may say, and what a system's text must."""
    return tuple(
        TemplateFault(TemplateCode.CONTENT, f"texts.{one.locale}", f"{finding.why} ({finding.code})", finding.fix)
        for one in reviews
        for finding in [found.finding for found in one.findings]
        if finding.level is Level.REFUSE or (finding.level is Level.REQUIRE and spec.purpose != "ordinary")
    )


def given_by(client: ClientConfig) -> dict[str, str]:
    """The variables that every template has for a client."""
    return {"client_name": client.name, "contact": client.contact or ""}


def _context(spec: TemplateSpec, client: ClientConfig) -> ContentContext:
    """How wording is judged before it is known whom it goes to: what depends on that is judged again with each text."""
    linked = [domain for one in spec.variables.values() if isinstance(one, UrlVariable) for domain in one.domains]
    return ContentContext(
        category="",
        identity=(client.name, *(name for program in client.programs for name in program.identity)),
        # Who is asked to opt in is not known yet, so the request says nothing of a debt (12 CFR 1006.6(d)(1)).
        party_known=spec.purpose != "opt_in_request",
        purpose=_PURPOSES.get(spec.purpose, Purpose.ORDINARY),
        opt_out=OptOutDuty.NONE if spec.purpose == "opt_out_confirmation" else OptOutDuty.EVERY,
        domains=(*client.domains, *linked),
        legally_approved=bool(spec.legal_approval),
        max_segments=spec.max_segments,
    )


def _at_home(spec: TemplateSpec, client: ClientConfig) -> TemplateSpec:
    """The declaration with the client's domains where a link's are left open."""
    if not client.domains:
        return spec
    bound = {
        name: replace(variable, domains=client.domains)
        for name, variable in spec.variables.items()
        if isinstance(variable, UrlVariable) and not variable.domains
    }
    return replace(spec, variables={**spec.variables, **bound}) if bound else spec


def _in_place_of(spec: TemplateSpec, other: TemplateSpec, source: str) -> TemplateSpec:
    """The declaration with the variables of the one whose place it takes: whoever fills that does not know of this one.

    ``source`` is the other's: what the gateway or a plugin fills has no values for variables of anybody else's.
    """
    faults = [
        TemplateFault(
            TemplateCode.DECLARATION,
            f"variables.{name}",
            "is of another kind than in the template whose place it takes",
            "declare it alike, or not at all: it is there without",
        )
        for name, variable in spec.variables.items()
        if name in other.variables and type(variable) is not type(other.variables[name])
    ]
    if source != "conf" and not spec.name.startswith(SYSTEM_PREFIX):
        faults += [
            TemplateFault(
                TemplateCode.DECLARATION,
                f"variables.{name}",
                f"has no value: {source} fills the template, and gives {', '.join(other.variables) or 'none'}",
                "use what it gives, or declare it optional = true",
            )
            for name, variable in spec.variables.items()
            if name not in other.variables and not variable.optional
        ]
    if faults:
        raise TemplateRefused(faults)
    return replace(spec, variables={**other.variables, **spec.variables})


def _localised(locale: str, home: str) -> str:
    """A bare language as it is spoken in the program's country: amounts are written as there."""
    country = home.rpartition("-")[2]
    there = f"{locale}-{country}"
    return there if len(locale) <= 3 and country.isupper() and speller(there) is not None else locale


def _body(spec: TemplateSpec) -> bytes:
    return _encode(TemplateBody(**{field: getattr(spec, field) for field in TemplateBody.__struct_fields__}))


def _template(kept: KeptTemplate) -> Template:
    return Template(specify(kept.name, _decode(kept.body), kept.version), kept.client, kept.source, kept.at)


def _with_purpose(spec: TemplateSpec, other: TemplateSpec | None, known: Iterable[str], *, named: bool) -> TemplateSpec:
    """The declaration with the purpose of the gateway's own whose place it takes, unless it names one. Raises TemplateRefused
    where that is another, or it is in no such place."""
    if not spec.name.startswith(SYSTEM_PREFIX):
        if spec.purpose != "ordinary":
            fix = f"leave it out, or change one whose name begins with {SYSTEM_PREFIX}"
            raise _refused(TemplateCode.SYSTEM, "is for the gateway's own templates", fix, "purpose")
        return spec
    if other is None:
        ours = ", ".join(sorted(name for name in known if name.startswith(SYSTEM_PREFIX)))
        raise _refused(TemplateCode.SYSTEM, "is not among the gateway's own", f"choose from {ours}", "name")
    if not named:
        spec = replace(spec, purpose=other.purpose)
    if spec.purpose != other.purpose or spec.variables != other.variables:
        problem = "has another purpose or other variables than the gateway's own"
        field = "variables" if spec.purpose == other.purpose else "purpose"
        raise _refused(TemplateCode.SYSTEM, problem, "change the texts alone", field)
    return spec


def _refused(code: TemplateCode, problem: str, fix: str, field: str = "template") -> TemplateRefused:
    return TemplateRefused([TemplateFault(code, field, problem, fix)])
