"""Templates as their authors write them down: one TOML file each.

Owns: reading a file's text into a declaration, and where a fault is. Does not own: the shape of a declaration
(template_spec), what is wrong with one that has the shape (template), or finding the files.

The file ``reminder.toml`` in the folder of a plugin ``payments`` declares the template ``payments.reminder``::

    summary = "Three days before the due date"
    fallback = "en"

    [texts]
    en = "{{ client_name }}: your payment of {{ amount }} is due {{ due_date }}. Reply STOP to opt out."
    es = "{{ client_name }}: su pago de {{ amount }} vence el {{ due_date }}. Responda STOP para no recibir mensajes."

    [variables]
    amount = { kind = "money", minimum = 1 }
    due_date = { kind = "date" }
"""

import re
import tomllib
from typing import Any, Final, get_args

import msgspec

from gateway.text.template_spec import (
    LONGEST_NAME,
    NAME_PATTERN,
    TemplateBody,
    TemplateCode,
    TemplateFault,
    TemplateRefused,
    TemplateSpec,
)
from gateway.text.variable import Variable

_NAME: Final = re.compile(NAME_PATTERN)
_AT: Final = re.compile(r"^(.*?)(?: - at `\$\.?(.*)`)?$", re.DOTALL)
_KEYS: Final = ", ".join(TemplateBody.__struct_fields__)
_KINDS: Final = ", ".join(str(kind.__struct_config__.tag) for kind in get_args(Variable))
_LONGEST: Final = 64 * 1024
"""Characters of a file."""


def read_template(name: str, source: str) -> TemplateSpec:
    """The declaration in a TOML file's text. Raises TemplateRefused; ``check`` it before it is used."""
    check_name(name)
    if len(source) > _LONGEST:
        raise _refused("", f"has more than {_LONGEST} characters", "shorten it")
    try:
        table = tomllib.loads(source)
    except RecursionError:
        raise _refused("", "is not TOML (nested too deep)", "remove the nesting") from None
    except ValueError as error:
        # Not only TOMLDecodeError: also an integer of more digits than Python converts.
        raise _refused("", f"is not TOML ({str(error).splitlines()[0]})", "mend the line") from None
    return declare(name, table)


def declare(name: str, table: dict[str, Any]) -> TemplateSpec:
    """The declaration that a table amounts to, variable by variable, so that each fault names its place."""
    check_name(name)
    faults: list[TemplateFault] = []
    variables = table.get("variables", {})
    if isinstance(variables, dict):
        for variable, declared in variables.items():
            try:
                msgspec.convert({"texts": {"en": ""}, "variables": {variable: declared}}, TemplateBody)
            except msgspec.ValidationError as error:
                faults.append(_fault(error, f"variables.{variable[:40]}"))
        table = {**table, "variables": {}} if faults else table
    try:
        body = msgspec.convert(table, TemplateBody)
    except msgspec.ValidationError as error:
        raise TemplateRefused([_fault(error, ""), *faults]) from None
    if faults:
        raise TemplateRefused(faults)
    return specify(name, body)


def specify(name: str, body: TemplateBody, version: int = 1) -> TemplateSpec:
    """A declaration under a name."""
    return TemplateSpec(
        **{field: getattr(body, field) for field in TemplateBody.__struct_fields__}, name=name, version=version
    )


def check_name(name: str) -> None:
    """Raises TemplateRefused for what no template can be called."""
    if _NAME.fullmatch(name) is None or len(name) > LONGEST_NAME:
        raise _refused(
            "name",
            "is no name for a template",
            f"use up to {LONGEST_NAME} small letters, figures, underscores and hyphens, in parts that dots separate, "
            "a letter first",
        )


def _fault(error: msgspec.ValidationError, field: str) -> TemplateFault:
    found = _AT.match(str(error))
    problem, path = (found[1], found[2] or "") if found is not None else (str(error), "")
    problem = problem[:1].lower() + problem[1:]
    known = f"variables are of the kinds {_KINDS}" if field else f"known are {_KEYS}"
    return TemplateFault(TemplateCode.DECLARATION, field or path, problem, known)


def _refused(field: str, problem: str, fix: str) -> TemplateRefused:
    return TemplateRefused([TemplateFault(TemplateCode.DECLARATION, field, problem, fix)])
