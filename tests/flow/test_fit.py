"""Whether a client's name leaves room in the templates."""

from collections.abc import Mapping

import msgspec
import pytest

from gateway.config import ClientConfig, load
from gateway.config.templates import TemplateFile
from gateway.flow.fit import find_misfit
from gateway.flow.templates import read_specs, system_files
from gateway.text.template_spec import TemplateSpec
from tests.flow.rig import CONF

NOTE = '[texts]\nen = "{{ client_name }}: thank you for your payment. Reply STOP to opt out."\n'


SILENT = {"help_text": None, "stop_confirmation": None, "start_confirmation": None}


def client(
    name: str = "Example Co", contact: str | None = None, own: Mapping[str, str | None] = SILENT
) -> ClientConfig:
    """The shipped client under another name, with or without words of its programs' own."""
    shipped = load(CONF).clients[0]
    programs = tuple(msgspec.structs.replace(program, **own) for program in shipped.programs)
    return msgspec.structs.replace(shipped, name=name, contact=contact, programs=programs)


def specs(*files: TemplateFile) -> list[TemplateSpec]:
    return [spec for spec, _ in read_specs([*system_files(), *files]).values()]


@pytest.mark.parametrize("name", ["Example Co", "Crédit Ñandù", "A" * 40])
def test_names_that_leave_room_are_not_told_of(name: str) -> None:
    assert find_misfit(client(name), specs()) is None


def test_a_letter_that_takes_all_texts_to_ucs2_is_told() -> None:
    fault = find_misfit(client("Crédito Fácil"), specs())
    assert fault is not None
    assert (fault.file, fault.key) == ("clients.toml", "client[demo].name")
    assert fault.problem.startswith("has 'á', which takes texts to UCS-2")
    assert "system.help" in fault.problem
    assert "á" not in fault.fix


def test_the_contact_is_told_where_it_is_the_one() -> None:
    fault = find_misfit(client(contact="Línea de ayuda: example.com"), specs())
    assert fault is not None
    assert fault.key == "client[demo].contact"
    assert "'í'" in fault.problem
    assert "system.help" in fault.problem


def test_a_long_name_is_told_with_all_that_it_is_too_long_for() -> None:
    notes = [
        TemplateFile(f"note{place}", f"note{place}.toml", "max_segments = 1\n" + NOTE, "conf") for place in range(9)
    ]
    fault = find_misfit(client("A" * 110), specs(*notes))
    assert fault is not None
    assert fault.key == "client[demo].name"
    assert fault.problem.startswith("is long: texts of note0, note1, note2, note3, note4 and ")


def test_words_of_the_programs_own_are_not_judged_by_the_templates_that_they_replace() -> None:
    fault = find_misfit(client("Crédito Fácil", own={}), specs())
    assert fault is not None
    assert "system.help" not in fault.problem
    assert "system.opt_in_request" in fault.problem
