"""Templates in files: what is read, and that each fault names its place."""

import pytest

from gateway.text.template import check, render
from gateway.text.template_source import read_template
from gateway.text.template_spec import TemplateRefused
from gateway.text.variable import MoneyVariable

GIVEN = {"client_name": "Example Co", "contact": ""}
SOURCE = """
summary = "Three days before the due date"
fallback = "en"

[texts]
en = "{{ client_name }}: {{ amount }} is due {{ due_date }}.{% if contact %} Help: {{ contact }}{% endif %}"
es = "{{ client_name }}: {{ amount }} vence el {{ due_date }}."

[variables]
amount = { kind = "money", minimum = 1 }
due_date = { kind = "date" }
"""
VALUES = {"amount": {"minor": 5210, "currency": "USD"}, "due_date": "2028-02-29"}


def faults_of(source: str, name: str = "reminder") -> dict[str, str]:
    with pytest.raises(TemplateRefused) as caught:
        check(read_template(name, source), GIVEN)
    return {fault.field: fault.problem for fault in caught.value.faults}


def test_a_file_is_a_declaration() -> None:
    spec = read_template("payments.reminder", SOURCE)
    check(spec, GIVEN)
    assert spec.name == "payments.reminder"
    assert spec.variables["amount"] == MoneyVariable(minimum=1)


@pytest.mark.parametrize(
    ("locale", "key", "text"),
    [
        ("en", "en", "Example Co: $52.10 is due Feb 29, 2028."),
        ("en-GB", "en", "Example Co: US$52.10 is due 29 Feb 2028."),
        ("es-US", "es", "Example Co: $52.10 vence el 29 feb 2028."),
        ("es", "es", "Example Co: 52,10 US$ vence el 29 feb 2028."),
        ("fr-CA", "en", "Example Co: $52.10 is due Feb 29, 2028."),
    ],
)
def test_a_locale_falls_back_to_its_language_and_then_to_the_fallback(locale: str, key: str, text: str) -> None:
    rendered = render(read_template("reminder", SOURCE), VALUES, locale, given=GIVEN)
    assert (rendered.key, rendered.text) == (key, text)


def test_without_a_fallback_a_language_that_is_not_there_is_refused() -> None:
    spec = read_template("reminder", SOURCE.replace('fallback = "en"', ""))
    with pytest.raises(TemplateRefused, match="has en, es"):
        render(spec, VALUES, "fr", given=GIVEN)


def test_what_the_gateway_gives_cannot_be_given_by_a_caller() -> None:
    with pytest.raises(TemplateRefused, match="no such variable"):
        render(read_template("reminder", SOURCE), VALUES | {"client_name": "Other Co"}, "en", given=GIVEN)


@pytest.mark.parametrize(
    ("source", "field", "problem"),
    [
        ("x = ", "", "is not TOML"),
        ("x = " + "[" * 3000, "", "is not TOML"),
        ("x = " + "9" * 5000, "", "is not TOML"),
        ("[texts]", "texts", "length >= 1"),
        ("texts = 1", "texts", "expected `object`"),
        ("[texts]\nen = 1", "texts[...]", "expected `str`"),
        ("[text]\nen = 'x'", "", "unknown field `text`"),
        ("summary = 'x'", "", "missing required field `texts`"),
        ("[texts]\nen = 'x'\n[variables]\na = { kind = 'mony' }", "variables.a", "'mony'"),
        ("[texts]\nen = 'x'\n[variables]\na = { kind = 'money', minimum = 1.5 }", "variables.a", "expected `int`"),
        ("[texts]\nen = 'x'\n[variables]\na = { kind = 'text', length = 3 }", "variables.a", "`length`"),
        ("[texts]\nen = 'x'\n[variables]\na = 3", "variables.a", "expected `object`"),
        ("[texts]\nen = 'x'\n[variables]\ncontact = { kind = 'text' }", "variables.contact", "given by the gateway"),
        ("fallback = 'es'\n[texts]\nen = 'x'", "fallback", "none of the template's locales"),
        ("purpose = 'spam'\n[texts]\nen = 'x'", "purpose", "'spam'"),
        ("[texts]\nen = '{{ stranger }}'", "texts.en", "'stranger'"),
        ("[texts]\nen = '{% for x in y %}{% endfor %}'", "texts.en", "'for'"),
    ],
)
def test_a_fault_names_its_place(source: str, field: str, problem: str) -> None:
    found = faults_of(source)
    assert field in found
    assert problem in found[field]


def test_all_faults_are_told_at_once() -> None:
    found = faults_of("[texts]\nen = '{{ a }}'\n[variables]\na = { kind = 'mony' }\nb = { kind = 'url', domains = 1 }")
    assert set(found) == {"variables.a", "variables.b"}


@pytest.mark.parametrize("name", ["", "A", "1a", "a..b", ".a", "a.", "a b", "a/b", "../a", "a" * 65, "a\n", "é"])
def test_a_name_that_no_template_can_have(name: str) -> None:
    assert "name" in faults_of(SOURCE, name)


def test_a_fault_of_the_declaration_says_what_there_is_to_choose_from() -> None:
    with pytest.raises(TemplateRefused, match="of the kinds money, integer, date, datetime, url, text"):
        read_template("reminder", "[texts]\nen = 'x'\n[variables]\na = { kind = 'decimal' }")
    with pytest.raises(TemplateRefused, match="known are texts, variables, fallback"):
        read_template("reminder", "[text]\nen = 'x'")
