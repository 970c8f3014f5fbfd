"""Whether what consumers know a client by leaves room for the words around it.

Owns: finding the templates that a client's name or contact makes too long. Does not own: telling the operator (the process
logs it when it starts), or what is sent in the place of an answer that cannot be said (templates).

Files are read for an example client. A name with one letter that the 7-bit alphabet has not ("á" is not in it, "é" is) takes
all texts with it to UCS-2, at 67 characters a segment in place of 153, and then most of them need more than they may have.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.config import ClientConfig, Fault
from gateway.flow.templates import SYSTEM_PREFIX, given_by
from gateway.text import gsm7
from gateway.text.template import check
from gateway.text.template_spec import TemplateRefused, TemplateSpec

_IN_PLACE_OF: Final[Mapping[str, str]] = {
    f"{SYSTEM_PREFIX}help": "help_text",
    f"{SYSTEM_PREFIX}opt_out_confirmation": "stop_confirmation",
    f"{SYSTEM_PREFIX}opt_in_confirmation": "start_confirmation",
}
"""What programs may say for themselves."""
_MOST_NAMED: Final = 5


def find_misfit(client: ClientConfig, specs: Iterable[TemplateSpec]) -> Fault | None:
    """What is to be told of the client's name, by the templates that are in force for it; None where all of them fit."""
    given = given_by(client)
    tight = sorted(spec.name for spec in specs if _is_said(spec, client) and not _fits(spec, given))
    if not tight:
        return None
    named = ", ".join(tight[:_MOST_NAMED]) + (
        f" and {len(tight) - _MOST_NAMED} more" if len(tight) > _MOST_NAMED else ""
    )
    key, strange = next(
        ((key, said[at]) for key, said in _titles(client) if (at := gsm7.DEFAULT.first_unencodable(said)) is not None),
        ("name", None),
    )
    why = "is long" if strange is None else f"has {strange!r}, which takes texts to UCS-2 and 70 characters"
    return Fault(
        "clients.toml",
        f"client[{client.id}].{key}",
        f"{why}: texts of {named} come to more segments than their templates allow and are not sent, unless they answer somebody",
        "spell it for GSM 03.38, or shorter, or put templates with a greater max_segments into conf/templates",
    )


def _titles(client: ClientConfig) -> list[tuple[str, str]]:
    return [("name", client.name), ("contact", client.contact or "")]


def _is_said(spec: TemplateSpec, client: ClientConfig) -> bool:
    own = _IN_PLACE_OF.get(spec.name)
    return own is None or not all(getattr(program, own) for program in client.programs)


def _fits(spec: TemplateSpec, given: Mapping[str, str]) -> bool:
    try:
        check(spec, given)
    except TemplateRefused:
        return False
    return True
