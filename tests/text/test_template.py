"""Templates: what is declared, what comes out, and between which bounds."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.text.segment import Encoding
from gateway.text.template import check, preview, render
from gateway.text.template_spec import MOST_CHARACTERS, MOST_OPTIONAL, MOST_VARIABLES, TemplateRefused, TemplateSpec
from gateway.text.variable import DateVariable, IntegerVariable, MoneyVariable, TextVariable, UrlVariable, Variable

REMINDER = msgspec.json.decode(
    b"""{
    "name": "payment.reminder", "version": 3, "max_segments": 2,
    "texts": {
        "en": "{{ company }}: your payment of {{ amount }} is due {{ due }}.{% if link %} Pay: {{ link }}{% endif %}",
        "es": "{{ company }}: su pago de {{ amount }} vence el {{ due }}.{% if link %} Pague: {{ link }}{% endif %}"
    },
    "variables": {
        "company": {"kind": "text", "max_length": 20},
        "amount": {"kind": "money", "currencies": ["USD", "CAD"]},
        "due": {"kind": "date"},
        "link": {"kind": "url", "domains": ["acme.example"], "max_length": 60, "optional": true}
    }}""",
    type=TemplateSpec,
)
VALUES: dict[str, object] = {"company": "Acme", "amount": {"minor": 5210, "currency": "USD"}, "due": "2026-03-08"}


def _faults(refused: pytest.ExceptionInfo[TemplateRefused]) -> dict[str, str]:
    faults = refused.value.faults
    assert all(fault.problem and fault.fix for fault in faults)
    return {fault.field: fault.code.removeprefix("template.") for fault in faults}


def _spec(text: str, **variables: Variable) -> TemplateSpec:
    return TemplateSpec(name="t", version=1, texts={"en": text}, variables=variables)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "Acme: your payment of $52.10 is due Mar 8, 2026."),
        ("en-US", "Acme: your payment of $52.10 is due Mar 8, 2026."),
        ("en_CA", "Acme: your payment of US$52.10 is due Mar 8, 2026."),
        ("es-US", "Acme: su pago de $52.10 vence el 8 mar 2026."),
        ("es", "Acme: su pago de 52,10 US$ vence el 8 mar 2026."),
        ("es-MX", "Acme: su pago de USD 52.10 vence el 8 mar 2026."),
        ("es-419", "Acme: su pago de USD 52.10 vence el 8 mar 2026."),
    ],
)
def test_a_text_is_spelt_as_the_locale_does_and_in_gsm(locale: str, text: str) -> None:
    rendered = render(REMINDER, VALUES, locale)
    assert rendered.text == text
    assert (rendered.encoding, rendered.segments, rendered.units) == (Encoding.GSM7, 1, len(text))
    assert rendered.forced_by is None


def test_an_optional_variable_shows_only_where_it_is_given() -> None:
    link: dict[str, object] = {"link": "https://pay.acme.example/x"}
    assert render(REMINDER, VALUES | link, "en").text.endswith(". Pay: https://pay.acme.example/x")
    assert render(REMINDER, VALUES | {"link": None}, "en").text.endswith("2026.")


def test_what_forces_ucs2_is_told() -> None:
    rendered = render(REMINDER, VALUES | {"company": "Žofia"}, "en")
    assert (rendered.encoding, rendered.forced_by) == (Encoding.UCS2, "Ž")


def test_everything_that_is_wrong_with_the_values_is_told_at_once() -> None:
    with pytest.raises(TemplateRefused) as refused:
        render(REMINDER, {"amount": 52.10, "due": "8.3.2026", "amuont": 1, "link": "http://acme.example"}, "en")
    assert _faults(refused) == {
        "values.company": "variable_missing",
        "values.amount": "variable_invalid",
        "values.due": "variable_invalid",
        "values.amuont": "variable_unknown",
        "values.link": "variable_invalid",
    }
    assert "whole minor units" in str(refused.value)
    assert "amount, company, due, link" in str(refused.value)


@pytest.mark.parametrize(
    "locale", ["de", "xx", "", "e", "../en", "en/../es", "en\0", "english", "en-US-x-y", "٣٣", "es_ES_ES"]
)
def test_a_language_that_the_template_has_not_is_refused(locale: str) -> None:
    for act in (lambda: render(REMINDER, VALUES, locale), lambda: preview(REMINDER, locale)):
        with pytest.raises(TemplateRefused) as refused:
            act()
        assert _faults(refused) == {"locale": "locale_unknown"}
        assert "en, es" in str(refused.value)


def test_the_text_of_the_own_locale_goes_before_the_language() -> None:
    spec = TemplateSpec(name="t", version=1, texts={"es": "general", "es-MX": "propio"})
    assert render(spec, {}, "es_MX").text == "propio"
    assert render(spec, {}, "es-US").text == "general"


def test_a_text_that_comes_out_empty_is_refused() -> None:
    spec = _spec("{% if name %}Hi {{ name }}{% endif %}\n", name=TextVariable(optional=True))
    assert render(spec, {"name": "you"}, "en").text == "Hi you"
    with pytest.raises(TemplateRefused) as refused:
        render(spec, {}, "en")
    assert _faults(refused) == {"texts.en": "empty"}
    with pytest.raises(TemplateRefused) as refused:
        check(spec)
    assert _faults(refused) == {"texts.en": "empty"}


def test_a_text_that_comes_out_too_long_is_refused_and_never_cut() -> None:
    spec = _spec("{{ note }}{{ note }}", note=TextVariable(max_length=500))
    assert render(spec, {"note": "x" * 459}, "en").segments == 6
    with pytest.raises(TemplateRefused) as refused:
        render(spec, {"note": "x" * 460}, "en")
    assert _faults(refused) == {"texts.en": "too_long"}
    check(spec)
    with pytest.raises(TemplateRefused) as refused:
        check(_spec("x" * 1600))
    assert _faults(refused) == {"texts.en": "too_long"}
    with pytest.raises(TemplateRefused) as refused:
        render(_spec("{{ note }}" * 190, note=TextVariable(max_length=500)), {"note": "x" * 500}, "en")
    assert _faults(refused) == {"texts.en": "too_long"}


def test_values_are_never_read_as_a_template_and_blanks_stay() -> None:
    spec = _spec("<{{ name }}>\n& {{ name }}", name=TextVariable())
    assert render(spec, {"name": "{{ 7*7 }} {% x <b>"}, "en").text == "<{{ 7*7 }} {% x <b>>\n& {{ 7*7 }} {% x <b>"


def test_blocks_on_lines_of_their_own_leave_no_blank_lines() -> None:
    spec = _spec(
        "A\n  {% if x %}\nB {{ x }}\n  {% else %}\nC\n  {% endif %}\nD {# note #}\n", x=TextVariable(optional=True)
    )
    assert render(spec, {"x": "1"}, "en").text == "A\nB 1\nD"
    assert render(spec, {}, "en").text == "A\nC\nD"


def test_conditions() -> None:
    text = "{% if a and not b %}1{% elif b or c %}2{% else %}3{% endif %}."
    spec = _spec(text, **{name: TextVariable(optional=True) for name in "abc"})
    check(spec)
    for given_names, expected in (("a", "1."), ("ab", "2."), ("c", "2."), ("", "3."), ("ac", "1.")):
        assert render(spec, dict.fromkeys(given_names, "x"), "en").text == expected


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": "Bad Name"}, "name", "declaration"),
        ({"version": 0}, "version", "declaration"),
        ({"texts": {}}, "texts", "declaration"),
        ({"max_segments": 0}, "max_segments", "declaration"),
        ({"texts": {"xx": "hello"}}, "texts.xx", "locale_unknown"),
        ({"texts": {"en": "{{ name"}}, "texts.en", "syntax"),
        ({"texts": {"en": "{{ nmae }}"}}, "texts.en", "variable_unknown"),
        ({"texts": {"en": "{% if nmae %}x{% endif %}y"}}, "texts.en", "variable_unknown"),
        ({"texts": {"en": "a\x07b"}}, "texts.en", "forbidden"),
        ({"texts": {"en": "a\ud800b"}}, "texts.en", "forbidden"),
        ({"texts": {"en": "x" * (MOST_CHARACTERS + 1)}}, "texts.en", "too_long"),
        ({"texts": {"en": "{{name}}" * 201}}, "texts.en", "too_long"),
        ({"variables": {"Name": TextVariable()}, "texts": {"en": "x"}}, "variables.Name", "declaration"),
        ({"variables": {"self": TextVariable()}, "texts": {"en": "x"}}, "variables.self", "declaration"),
        ({"variables": {"__class__": TextVariable()}, "texts": {"en": "x"}}, "variables.__class__", "declaration"),
        (
            {"variables": {"a": TextVariable(min_length=9, max_length=8)}, "texts": {"en": "x"}},
            "variables.a",
            "declaration",
        ),
        ({"variables": {"a": MoneyVariable(currencies=("US$",))}, "texts": {"en": "x"}}, "variables.a", "declaration"),
        ({"variables": {"a": MoneyVariable(minimum=9, maximum=8)}, "texts": {"en": "x"}}, "variables.a", "declaration"),
        ({"variables": {"a": IntegerVariable(maximum=10**16)}, "texts": {"en": "x"}}, "variables.a", "declaration"),
        (
            {"variables": {"a": UrlVariable(domains=("https://x.com",))}, "texts": {"en": "x"}},
            "variables.a",
            "declaration",
        ),
    ],
)
def test_a_wrong_declaration_is_told(changes: dict[str, object], field: str, code: str) -> None:
    declared: dict[str, object] = {
        "name": "t", "version": 1, "texts": {"en": "{{ name }}"}, "variables": {"name": TextVariable()}
    }  # fmt: skip
    with pytest.raises(TemplateRefused) as refused:
        check(TemplateSpec(**(declared | changes)))  # type: ignore[arg-type]
    assert _faults(refused) == {field: code}


def test_the_bounds_of_types_are_checked_in_python_too() -> None:
    with pytest.raises(TemplateRefused) as refused:
        check(_spec("x", a=TextVariable(max_length=9999)))
    ((field, code),) = _faults(refused).items()
    assert field.startswith("variables")
    assert code == "declaration"


def test_there_is_a_limit_to_variables_and_to_optional_ones() -> None:
    many = {f"v{n}": TextVariable() for n in range(MOST_VARIABLES + 1)}
    with pytest.raises(TemplateRefused) as refused:
        check(_spec("x", **many))
    assert _faults(refused) == {"variables": "declaration"}
    optional = {f"v{n}": TextVariable(optional=True) for n in range(MOST_OPTIONAL + 1)}
    with pytest.raises(TemplateRefused) as refused:
        check(_spec("x", **optional))
    assert _faults(refused) == {"variables": "declaration"}


def test_several_wrong_texts_are_all_told() -> None:
    spec = TemplateSpec(name="t", version=1, texts={"en": "{{ a }}", "es": "{% for x in y %}", "fr": "ok"})
    with pytest.raises(TemplateRefused) as refused:
        check(spec)
    assert _faults(refused) == {"texts.en": "variable_unknown", "texts.es": "syntax"}


def test_a_preview_has_the_shortest_the_longest_and_the_dearest() -> None:
    found = preview(REMINDER, "en")
    assert found.shortest.text == "x: your payment of $0.00 is due Jan 1, 2026."
    assert found.longest.text.startswith("x" * 20 + ": your payment of CA$999,999.99 is due ")
    assert found.longest.text.endswith(". Pay: https://acme.example/" + "x" * 39)
    assert (found.longest.encoding, found.longest.segments) == (Encoding.GSM7, 1)
    assert found.foreign is not None
    assert (found.foreign.encoding, found.foreign.segments, found.foreign.forced_by) == (Encoding.UCS2, 3, "ž")


def test_a_preview_knows_the_months_that_gsm_has_not() -> None:
    spec = TemplateSpec(
        name="t", version=1, texts={"fr": "Le {{ due }}."}, variables={"due": DateVariable(style="long")}
    )
    found = preview(spec, "fr-CA")
    assert found.longest.text == "Le 28 septembre 2026."
    assert found.foreign is not None
    assert found.foreign.text == "Le 28 décembre 2026." or found.foreign.forced_by == "û"
    assert preview(_spec("Due {{ due }}.", due=DateVariable()), "en").foreign is None


_LINKS = st.text("abcXYZ019-._/?=&%2", max_size=41).map(
    lambda path: f"https://acme.example/{path.replace('%', '%2F')}"[:60]
)
_GIVEN = st.fixed_dictionaries(
    {
        "company": st.text(st.sampled_from("aZ é€ž漢😀'{}"), min_size=1, max_size=10).filter(str.strip),
        "amount": st.builds(
            lambda minor, currency: {"minor": minor, "currency": currency},
            st.integers(0, 99_999_999),
            st.sampled_from(("USD", "CAD")),
        ),
        "due": st.dates(date(1970, 1, 1), date(2199, 12, 31)).map(date.isoformat),
    },
    optional={"link": _LINKS.filter(lambda link: "%" not in link[-2:])},
)


@settings(max_examples=150)
@given(_GIVEN, st.sampled_from(("en", "en-CA", "es", "es-US", "es-MX")))
def test_no_text_is_beyond_its_preview(values: dict[str, object], locale: str) -> None:
    found = preview(REMINDER, locale)
    assert found.foreign is not None
    rendered = render(msgspec.structs.replace(REMINDER, max_segments=9), values, locale)
    assert len(found.shortest.text) <= len(rendered.text)
    assert rendered.segments <= max(found.longest.segments, found.foreign.segments)


def test_every_day_of_a_year_is_within_the_bounds_in_many_locales() -> None:
    for variable in (DateVariable(style="short"), DateVariable(style="medium"), DateVariable(style="long")):
        for locale in ("en", "en-GB", "es", "es-MX", "fr", "fr-CA", "de", "pl", "ru", "ar", "ja"):
            spec = TemplateSpec(name="t", version=1, texts={locale: "{{ d }}"}, variables={"d": variable})
            found = preview(spec, locale)
            most = max(len(sample.text) for sample in (found.longest, found.foreign) if sample is not None)
            for n in range(0, 365, 9):
                text = render(spec, {"d": (date(2026, 1, 1) + timedelta(days=n)).isoformat()}, locale).text
                assert len(found.shortest.text) <= len(text) <= most
