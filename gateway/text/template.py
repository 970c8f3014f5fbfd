"""Templates: a text for each language, with typed variables and nothing that computes.

Owns: what a template may hold, and making a text of it. Does not own: the shape of a template (template_spec), the kinds of
variables (variable), where templates are kept, or what a text may say (rules).

A template is written by people whom a client trusts with words, not with a machine. Jinja2 reads it, but all that it may
hold are variables and conditions on whether an optional one is there. Calls, attributes, filters, loops and arithmetic
are refused when it is read, before anything runs; what passes runs in Jinja2's sandbox all the same, and sees finished
strings only. So the length of every text that can come of it has bounds, and ``preview`` tells them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from itertools import product
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway.text.segment import Encoding, TooLong, plan
from gateway.text.spelling import Speller, speller
from gateway.text.template_spec import (
    MOST_CHARACTERS,
    MOST_DEPTH,
    MOST_NODES,
    MOST_OPTIONAL,
    MOST_RENDERED,
    Preview,
    Rendered,
    TemplateCode,
    TemplateFault,
    TemplateRefused,
    TemplateSpec,
)
from gateway.text.variable import Extremes, WrongValue

NOTHING_GIVEN: Final[Mapping[str, str]] = MappingProxyType({})


def check(spec: TemplateSpec, given: Mapping[str, str] = NOTHING_GIVEN) -> dict[str, Preview]:
    """What comes of a declaration, by its texts; ``given`` as in ``render``. Raises TemplateRefused with all that is wrong."""
    previews: dict[str, Preview] = {}
    faults = list(_find_faults(spec, given))
    for key in spec.texts if not faults else ():
        bound = _upper_bound(spec, key, given)
        if bound > MOST_RENDERED:
            problem = f"can come to {bound} characters and {MOST_RENDERED} are allowed"
            fault = TemplateFault(TemplateCode.TOO_LONG, f"texts.{key}", problem, "shorten it, or its variables")
            faults.append(fault)
            continue
        previews[key] = preview(spec, key, given)
        shortest = previews[key].shortest
        if not shortest.text:
            faults.append(_nothing(f"texts.{key}"))
        elif shortest.segments > spec.max_segments:
            faults.append(_too_long(f"texts.{key}", shortest.segments, spec.max_segments))
    if faults:
        raise TemplateRefused(faults)
    return previews


def render(
    spec: TemplateSpec,
    values: Mapping[str, object],
    locale: str,
    zone: tzinfo | None = None,
    given: Mapping[str, str] = NOTHING_GIVEN,
) -> Rendered:
    """The text for these values, as JSON has them, spelt as the locale does; instants on the clock of ``zone``.

    ``given``: variables that every template has without declaring them, spelt already; no caller can give those.

    Raises TemplateRefused with all that is wrong: a value unknown, missing or of the wrong type; a text that comes out
    empty or longer than ``max_segments``; a template that ``check`` refuses."""
    spelling, key = _choose_text(spec, locale)
    template = _compiled_text(spec, key, given)
    faults = [_unknown(name, spec) for name in values if name not in spec.variables]
    spelt = dict(given)
    for name, variable in spec.variables.items():
        value = values.get(name)
        if value is None:
            spelt[name] = ""
            if not variable.optional:
                faults.append(TemplateFault(TemplateCode.VARIABLE_MISSING, f"values.{name}", "is missing", "give it"))
            continue
        try:
            spelt[name] = variable.spell(value, spelling, zone)
        except WrongValue as error:
            faults.append(TemplateFault(TemplateCode.VARIABLE_INVALID, f"values.{name}", error.problem, error.fix))
    if faults:
        raise TemplateRefused(faults)
    rendered = _measured(template.render(spelt), key)
    if not rendered.text:
        raise TemplateRefused([_nothing(f"texts.{key}")])
    if rendered.segments > spec.max_segments:
        raise TemplateRefused([_too_long(f"texts.{key}", rendered.segments, spec.max_segments)])
    return rendered


def preview(spec: TemplateSpec, locale: str, given: Mapping[str, str] = NOTHING_GIVEN) -> Preview:
    """The bounds in one locale, as texts: lint them when a template is saved. Raises TemplateRefused as ``render`` does."""
    spelling, key = _choose_text(spec, locale)
    template = _compiled_text(spec, key, given)
    extremes = {name: variable.extremes(spelling) for name, variable in spec.variables.items()}
    shortest, longest, foreign = [], [], []
    for absent in _absences(spec):
        short, long, wide = [
            {**given, **{name: "" if name in absent else pick(found) for name, found in extremes.items()}}
            for pick in (_pick_shortest, _pick_longest, _pick_widest)
        ]
        shortest.append(_measured(template.render(short), key))
        longest.append(_measured(template.render(long), key))
        foreign.append(_measured(template.render(wide), key))
        # One foreign value is enough, and it need not be the widest of its variable.
        for name, found in extremes.items() if foreign[-1].encoding is not Encoding.UCS2 else ():
            if found.foreign is not None and name not in absent:
                foreign.append(_measured(template.render(wide | {name: found.foreign}), key))
    dearest = max(foreign, key=_cost)
    return Preview(
        min(shortest, key=_cost), max(longest, key=_cost), dearest if dearest.encoding is Encoding.UCS2 else None
    )


class _Unreadable(Exception):
    """A source that no template may have."""

    def __init__(self, code: TemplateCode, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem
        self.fix = fix


class _Compiled(NamedTuple):
    template: Template
    names: frozenset[str]
    every: tuple[str, ...]
    """The variables as often as they stand there."""


def _make_environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # a text message is not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
    )
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    return environment


_ENVIRONMENT: Final = _make_environment()
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
# Words of Jinja2 and Python that are no variables.
_TAKEN: Final = frozenset(
    {"and", "caller", "elif", "else", "endif", "false", "if", "in", "is", "kwargs", "loop", "none", "not", "or", "self"}
    | {"super", "true", "varargs"}
)
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HOW: Final = (
    "write {{ variable }} and {% if variable %} ... {% else %} ... {% endif %}, and nothing else in such braces"
)


@lru_cache(maxsize=256)
def _compiled(source: str) -> _Compiled:
    """The template and the variables in it. Raises _Unreadable."""
    if len(source) > MOST_CHARACTERS:
        raise _Unreadable(
            TemplateCode.TOO_LONG, f"has {len(source)} characters and {MOST_CHARACTERS} are allowed", "shorten it"
        )
    control = _CONTROL.search(source)
    if control is not None:
        problem = f"holds the character U+{ord(control[0]):04X} at position {control.start()}, which cannot be sent"
        raise _Unreadable(TemplateCode.FORBIDDEN, problem, "remove it")
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        raise _Unreadable(TemplateCode.SYNTAX, f"cannot be read at line {error.lineno}", _HOW) from None
    except RecursionError:
        raise _Unreadable(TemplateCode.FORBIDDEN, "is nested too deep", _HOW) from None
    names: list[str] = []
    count = _walk(tree.body, names, 0)
    if count > MOST_NODES:
        raise _Unreadable(TemplateCode.TOO_LONG, f"has {count} parts and {MOST_NODES} are allowed", "simplify it")
    return _Compiled(_ENVIRONMENT.from_string(source), frozenset(names), tuple(names))


def _walk(body: Sequence[nodes.Node], names: list[str], depth: int) -> int:
    """How many nodes there are; collects the variables. Raises _Unreadable at the first that may not be there."""
    if depth > MOST_DEPTH:
        raise _Unreadable(
            TemplateCode.FORBIDDEN, f"has more than {MOST_DEPTH} conditions inside each other", "simplify it"
        )
    count = 0
    for node in body:
        if type(node) is nodes.Output:
            for part in node.nodes:
                count += 1 if type(part) is nodes.TemplateData else _walk_name(part, names)
        elif type(node) is nodes.If:
            for branch in (node, *node.elif_):
                count += _walk_condition(branch.test, names, 0) + _walk(branch.body, names, depth + 1)
            count += _walk(node.else_, names, depth + 1)
        else:
            raise _forbidden(node)
    return count


def _walk_condition(test: nodes.Node, names: list[str], depth: int) -> int:
    if depth > MOST_DEPTH:
        raise _Unreadable(TemplateCode.FORBIDDEN, "has too long a condition", "simplify it")
    if type(test) in (nodes.And, nodes.Or, nodes.Not):
        return 1 + sum([_walk_condition(part, names, depth + 1) for part in test.iter_child_nodes()])
    return _walk_name(test, names)


def _walk_name(node: nodes.Node, names: list[str]) -> int:
    if not isinstance(node, nodes.Name):
        raise _forbidden(node)
    names.append(node.name)
    return 1


def _forbidden(node: nodes.Node) -> _Unreadable:
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()
    return _Unreadable(TemplateCode.FORBIDDEN, f"has a part of the kind {kind!r} at line {node.lineno}", _HOW)


def _compiled_text(spec: TemplateSpec, key: str, given: Mapping[str, str]) -> Template:
    """The text under this key, with no variable that is not declared. Raises TemplateRefused."""
    field = f"texts.{key}"
    try:
        compiled = _compiled(spec.texts[key])
    except _Unreadable as error:
        raise TemplateRefused([TemplateFault(error.code, field, error.problem, error.fix)]) from None
    strangers = sorted(compiled.names - spec.variables.keys() - given.keys())
    if strangers:
        declared = ", ".join(sorted({*spec.variables, *given})) or "none"
        raise TemplateRefused(
            [
                TemplateFault(
                    TemplateCode.VARIABLE_UNKNOWN,
                    field,
                    f"names {name[:40]!r}, which is not declared",
                    f"declared: {declared}",
                )
                for name in strangers
            ]
        )
    return compiled.template


def _upper_bound(spec: TemplateSpec, key: str, given: Mapping[str, str]) -> int:
    """Characters that no text goes beyond, whatever is absent: every part of the source, each variable at its longest."""
    spelling, _ = _choose_text(spec, key)
    longest = {name: len(_pick_widest(variable.extremes(spelling))) for name, variable in spec.variables.items()}
    longest |= {name: len(text) for name, text in given.items()}
    source = spec.texts[key]
    return len(source) + sum(longest[name] for name in _compiled(source).every)


def _choose_text(spec: TemplateSpec, locale: str) -> tuple[Speller, str]:
    """The consumer's locale, and the key of the text for it: its own, or its language's; or the template's fallback.

    Raises TemplateRefused."""
    spelling = speller(locale)
    if spelling is not None:
        keys = {found.name: key for key in spec.texts if (found := speller(key)) is not None}
        key = keys.get(spelling.name) or keys.get(spelling.language)
        if key is not None:
            return spelling, key
        other = speller(spec.fallback) if spec.fallback is not None else None
        key = None if other is None else keys.get(other.name)
        if other is not None and key is not None:
            return other, key
    known = ", ".join(sorted(spec.texts)) or "none"
    problem = "is no locale" if spelling is None else "is in a language that the template has not"
    raise TemplateRefused([TemplateFault(TemplateCode.LOCALE_UNKNOWN, "locale", problem, f"the template has {known}")])


def _find_faults(spec: TemplateSpec, given: Mapping[str, str]) -> Iterator[TemplateFault]:
    try:
        msgspec.convert(msgspec.to_builtins(spec), TemplateSpec)  # the bounds that its types declare
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        yield TemplateFault(
            TemplateCode.DECLARATION, path.rstrip("`") or "template", problem, "declare it within its bounds"
        )
    for name, variable in spec.variables.items():
        if _NAME.fullmatch(name) is None or name in _TAKEN:
            yield TemplateFault(
                TemplateCode.DECLARATION,
                f"variables.{name[:40]}",
                "is no name for a variable",
                "use up to 32 small letters, figures and underscores, a letter first, and no word of Jinja2",
            )
        if name in given:
            yield TemplateFault(
                TemplateCode.DECLARATION,
                f"variables.{name}",
                "is given by the gateway",
                "use it without declaring it, or take another name",
            )
        for problem in variable.check():
            yield TemplateFault(TemplateCode.DECLARATION, f"variables.{name[:40]}", problem, "correct the declaration")
    if len([name for name, variable in spec.variables.items() if variable.optional]) > MOST_OPTIONAL:
        yield TemplateFault(
            TemplateCode.DECLARATION,
            "variables",
            f"more than {MOST_OPTIONAL} are optional",
            "make several templates of it",
        )
    for key in spec.texts:
        if speller(key) is None:
            yield TemplateFault(
                TemplateCode.LOCALE_UNKNOWN, f"texts.{key[:40]}", "is no locale", 'use such as "en", "es" or "es-MX"'
            )
        try:
            _compiled_text(spec, key, given)
        except TemplateRefused as error:
            yield from error.faults
    if spec.fallback is not None and spec.fallback not in spec.texts:
        yield TemplateFault(
            TemplateCode.LOCALE_UNKNOWN,
            "fallback",
            "is none of the template's locales",
            f"the template has {', '.join(sorted(spec.texts))}",
        )


def _absences(spec: TemplateSpec) -> Iterator[set[str]]:
    """Every set of optional variables that may be absent together."""
    optional = [name for name, variable in spec.variables.items() if variable.optional][:MOST_OPTIONAL]
    for choices in product((False, True), repeat=len(optional)):
        yield {name for name, absent in zip(optional, choices, strict=True) if absent}


def _pick_shortest(extremes: Extremes) -> str:
    return extremes.shortest


def _pick_longest(extremes: Extremes) -> str:
    return extremes.longest


def _pick_widest(extremes: Extremes) -> str:
    """In UTF-16 units, and then a foreign one."""
    foreign = extremes.foreign
    return foreign if foreign is not None and len(foreign) >= len(extremes.longest) else extremes.longest


def _cost(rendered: Rendered) -> tuple[bool, int, int]:
    return rendered.encoding is Encoding.UCS2, rendered.segments, rendered.units


def _measured(text: str, key: str) -> Rendered:
    text = text.strip()
    try:
        planned = plan(text)
    except TooLong as error:
        return Rendered(text, error.encoding, error.segments, len(text), None, key)
    return Rendered(text, planned.encoding, planned.segments, planned.units, planned.forced_by, key)


def _unknown(name: object, spec: TemplateSpec) -> TemplateFault:
    declared = ", ".join(sorted(spec.variables)) or "none"
    return TemplateFault(
        TemplateCode.VARIABLE_UNKNOWN, f"values.{name!s:.40}", "the template has no such variable", f"it has {declared}"
    )


def _nothing(field: str) -> TemplateFault:
    return TemplateFault(TemplateCode.EMPTY, field, "nothing comes out of it", "say something whatever is absent")


def _too_long(field: str, segments: int, limit: int) -> TemplateFault:
    return TemplateFault(
        TemplateCode.TOO_LONG, field, f"comes out at {segments} segments and {limit} are allowed", "shorten it"
    )
