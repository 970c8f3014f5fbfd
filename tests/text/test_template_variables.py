"""Values: what each kind takes, how it is spelt, and what is refused with which fix."""

from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text import gsm7
from gateway.text.spelling import Style
from gateway.text.template import render
from gateway.text.template_spec import TemplateCode, TemplateRefused, TemplateSpec
from gateway.text.variable import (
    DatetimeVariable,
    DateVariable,
    IntegerVariable,
    MoneyVariable,
    TextVariable,
    UrlVariable,
    Variable,
)

NEW_YORK = ZoneInfo("America/New_York")
ALL = ("USD", "EUR", "MXN", "JPY", "KWD", "CLF", "RSD", "GBP")


def _spell(variable: Variable, value: object, locale: str = "en", zone: ZoneInfo | None = None) -> str:
    language = locale.split("-")[0]
    spec = TemplateSpec(
        name="t", version=1, texts={language: "{{ value }}"}, variables={"value": variable}, max_segments=9
    )
    return render(spec, {"value": value}, locale, zone).text


def _refusal(variable: Variable, value: object) -> str:
    with pytest.raises(TemplateRefused) as refused:
        _spell(variable, value)
    (fault,) = refused.value.faults
    assert (fault.code, fault.field) == (TemplateCode.VARIABLE_INVALID, "values.value")
    assert fault.fix
    return f"{fault.problem}; {fault.fix}"


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "spelt"),
    [
        (5210, "USD", "en", "$52.10"),
        (5, "USD", "en", "$0.05"),
        (0, "USD", "en", "$0.00"),
        (123456789, "USD", "en", "$1,234,567.89"),
        (-5210, "USD", "en", "-$52.10"),
        (123456, "EUR", "es", "1.234,56 €"),
        (123456, "EUR", "fr", "1 234,56 €"),
        (123456, "USD", "fr-CA", "1 234,56 $ US"),
        (123456, "USD", "es-US", "$1,234.56"),
        (123456, "MXN", "es-MX", "$1,234.56"),
        (123456, "EUR", "de", "1.234,56 €"),
        (1200, "JPY", "en", "¥1,200"),
        (1234567, "KWD", "en", "KWD 1,234.567"),
        (12345678, "CLF", "en", "CLF 1,234.5678"),
        # Serbia uses no hundredths in daily life, but ISO 4217 has them: none may be lost.
        (123456, "RSD", "en", "RSD 1,234.56"),
    ],
)
def test_money(minor: int, currency: str, locale: str, spelt: str) -> None:
    variable = MoneyVariable(currencies=ALL, minimum=-(10**12), maximum=10**12)
    assert _spell(variable, {"minor": minor, "currency": currency}, locale) == spelt


@given(st.integers(-(10**15), 10**15))
def test_no_cent_is_lost(minor: int) -> None:
    variable = MoneyVariable(minimum=-(10**15), maximum=10**15)
    spelt = _spell(variable, {"minor": minor, "currency": "USD"})
    assert int(spelt.replace("$", "").replace(",", "").replace(".", "")) == minor
    assert spelt[-3] == "."


@pytest.mark.parametrize("currency", ALL)
@pytest.mark.parametrize(
    "locale", ["en", "es", "es-US", "es-MX", "fr", "fr-CA", "fr-CH", "de", "de-CH", "pt", "sv", "nb", "it"]
)
def test_what_a_locale_spells_costs_no_ucs2(currency: str, locale: str) -> None:
    values: list[tuple[Variable, object]] = [
        (MoneyVariable(currencies=ALL, minimum=-(10**9)), {"minor": -1234567, "currency": currency}),
        (IntegerVariable(minimum=-(10**9)), -123456),
        (DatetimeVariable(), "2026-03-08T15:04:00Z"),
    ]
    for variable, value in values:
        spelt = _spell(variable, value, locale)
        assert "\u00a0" not in spelt
        assert "\u202f" not in spelt
        assert gsm7.encode(spelt) is not None, spelt


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (52.10, "never a number with a point"),
        (52.0, "never a number with a point"),
        ("52.10", "is no amount of money"),
        (5210, "is no amount of money"),
        (True, "is no amount of money"),
        ([5210, "USD"], "is no amount of money"),
        ({"minor": 5210}, "is no amount of money"),
        ({"minor": 5210, "currency": "USD", "x": 1}, "is no amount of money"),
        ({"amount": 52.1, "currency": "USD"}, "is no amount of money"),
        ({"minor": 5210.0, "currency": "USD"}, "minor is not a whole number"),
        ({"minor": "5210", "currency": "USD"}, "minor is not a whole number"),
        ({"minor": True, "currency": "USD"}, "minor is not a whole number"),
        ({"minor": None, "currency": "USD"}, "minor is not a whole number"),
        ({"minor": 5210, "currency": "usd"}, "give USD or CAD"),
        ({"minor": 5210, "currency": "EUR"}, "give USD or CAD"),
        ({"minor": 5210, "currency": ["USD"]}, "give USD or CAD"),
        ({"minor": -1, "currency": "USD"}, "from 0 to 99999999"),
        ({"minor": 10**30, "currency": "USD"}, "from 0 to 99999999"),
    ],
)
def test_what_is_no_money(value: object, words: str) -> None:
    assert words in _refusal(MoneyVariable(currencies=("USD", "CAD")), value)


@pytest.mark.parametrize(
    ("value", "locale", "spelt"),
    [(7, "en", "7"), (12345, "en", "12,345"), (12345, "es", "12.345"), (12345, "fr", "12 345")],
)
def test_an_integer(value: int, locale: str, spelt: str) -> None:
    assert _spell(IntegerVariable(), value, locale) == spelt


@pytest.mark.parametrize("value", [1.0, "1", True, [1], {"minor": 1}, -1, 1_000_000])
def test_what_is_no_integer_or_out_of_bounds(value: object) -> None:
    _refusal(IntegerVariable(), value)


@pytest.mark.parametrize(
    ("value", "locale", "style", "spelt"),
    [
        ("2026-03-08", "en", "medium", "Mar 8, 2026"),
        ("2026-03-08", "en", "short", "3/8/26"),
        ("2026-03-08", "en", "long", "March 8, 2026"),
        ("2026-03-08", "en-GB", "medium", "8 Mar 2026"),
        ("2026-03-08", "es", "long", "8 de marzo de 2026"),
        ("2026-12-24", "fr", "long", "24 décembre 2026"),
        ("2028-02-29", "en", "medium", "Feb 29, 2028"),
    ],
)
def test_a_date(value: str, locale: str, style: Style, spelt: str) -> None:
    assert _spell(DateVariable(style=style), value, locale) == spelt


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "20260308",
        "2026-W10-7",
        "2026-067",
        "08/03/2026",
        "2026-3-8",
        " 2026-03-08",
        "2026-03-08\n",
        "2026-03-08T00:00:00Z",
        "0001-01-01",
        "9999-12-31",
        "٢٠٢٦-٠٣-٠٨",
        "",
        20260308,
        1772928000,
        1.5,
        {"y": 2026},
    ],
)
def test_what_is_no_date(value: object) -> None:
    _refusal(DateVariable(), value)


@pytest.mark.parametrize(
    ("value", "zone", "locale", "spelt"),
    [
        # Without a zone, the clock is that of the value's own offset.
        ("2026-03-08T09:30:00-05:00", None, "en", "Mar 8, 2026, 9:30 AM"),
        ("2026-03-08T09:30:00Z", None, "en", "Mar 8, 2026, 9:30 AM"),
        ("2026-03-08T09:30:59.999Z", None, "es", "8 mar 2026, 9:30"),
        ("2026-03-08T21:05:00Z", None, "es", "8 mar 2026, 21:05"),
        # Clocks in New York go forward on 2026-03-08 at 2:00 and back on 2026-11-01 at 2:00.
        ("2026-03-08T06:59:00Z", NEW_YORK, "en", "Mar 8, 2026, 1:59 AM"),
        ("2026-03-08T07:00:00Z", NEW_YORK, "en", "Mar 8, 2026, 3:00 AM"),
        ("2026-11-01T05:30:00Z", NEW_YORK, "en", "Nov 1, 2026, 1:30 AM"),
        ("2026-11-01T06:30:00Z", NEW_YORK, "en", "Nov 1, 2026, 1:30 AM"),
        ("2026-11-01T07:00:00Z", NEW_YORK, "en", "Nov 1, 2026, 2:00 AM"),
        # The day moves with the zone.
        ("2026-01-01T00:30:00Z", NEW_YORK, "en", "Dec 31, 2025, 7:30 PM"),
        ("2026-03-08T10:00:00+14:00", NEW_YORK, "en", "Mar 7, 2026, 3:00 PM"),
    ],
)
def test_an_instant(value: str, zone: ZoneInfo | None, locale: str, spelt: str) -> None:
    assert _spell(DatetimeVariable(), value, locale, zone) == spelt


def test_any_tzinfo_will_do() -> None:
    spec = TemplateSpec(name="t", version=1, texts={"en": "{{ at }}"}, variables={"at": DatetimeVariable()})
    for zone, clock in ((UTC, "12:00 PM"), (timezone(timedelta(hours=5, minutes=45)), "5:45 PM")):
        assert render(spec, {"at": "2026-03-08T12:00:00Z"}, "en", zone).text == f"Mar 8, 2026, {clock}"


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-08T09:30:00",
        "2026-03-08",
        "2026-03-08T24:00:00Z",
        "2026-03-08T09:60:00Z",
        "2026-02-29T09:30:00Z",
        "09:30",
        "2026-03-08T09:30:00+25:00",
        "2026-03-08T09:30:00+0500",
        "2026-03-08T09:30:00 EST",
        "2026-03-08T09:30:00Z\n",
        1772928000,
        None.__class__,
        1.5,
    ],
)
def test_what_is_no_instant(value: object) -> None:
    _refusal(DatetimeVariable(), value)


@pytest.mark.parametrize(
    "value",
    [
        "https://acme.example",
        "https://acme.example/",
        "https://pay.acme.example/i/8x2k?a=1&b=c%20d",
        "https://PAY.Acme.Example/X",
        "https://a.b.c.acme-pay.com/x",
    ],
)
def test_a_link_on_an_own_domain(value: str) -> None:
    assert _spell(UrlVariable(domains=("acme.example", "acme-pay.com")), value) == value


@pytest.mark.parametrize(
    "value",
    [
        "http://acme.example/x",
        "HTTPS://acme.example/x",
        "acme.example/x",
        "//acme.example/x",
        "javascript:alert(1)",
        "ftp://acme.example",
        "https://evil.com/acme.example",
        "https://acme.example.evil.com/x",
        "https://notacme.example/x",
        "https://evil.com?acme.example",
        "https://acme.example@evil.com/x",
        "https://user:pw@acme.example/x",
        "https://acme.example:8443/x",
        "https://acme.example:443/x",
        "https://evil.com\\@acme.example/x",
        "https://acme.example\\.evil.com",
        "https://evil.com#acme.example",
        "https://acme.example/x#y",
        "https://acme.example/a b",
        "https://acme.example/a\nb",
        "https://acme.example/a\tb",
        "https://acme.example/ä",
        "https://\u0430cme.example/x",
        "https://acme.example/%zz",
        "https://acme.example/~x",
        "https://acme.example/x\u200b",
        "https://acme.example./x",
        "https://.acme.example/x",
        "https:///acme.example/x",
        "https://[::1]/x",
        "https://127.0.0.1/x",
        "https://acme.example/" + "x" * 80,
        "https://",
        "",
        7,
        None.__class__,
        ["https://acme.example"],
        " https://acme.example/x",
        "https://bit.ly/x",
        "https://acme.example/<script>",
        'https://acme.example/"x',
        "https://acme。example/x",
    ],
)
def test_what_is_no_link_of_ours(value: object) -> None:
    _refusal(UrlVariable(domains=("acme.example",)), value)


@pytest.mark.parametrize(
    "value", ["Acme", "O'Brien & Sons", "José Ñandú", "漢字", "👩\u200d👧", "a" * 40, " x ", "{{ x }}", "100%"]
)
def test_a_text(value: str) -> None:
    assert _spell(TextVariable(), value) == value.strip()


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "\u3000",
        "a" * 41,
        "😀" * 21,
        "a\nb",
        "a\rb",
        "a\tb",
        "a\0b",
        "a\x1bb",
        "a\x7fb",
        "a\x85b",
        "a\u2028b",
        "a\u202eb",
        "a\u2066b",
        "\ufeffa",
        "\ud800",
        "\U000e0fff",
        "\ue000",
        7,
        1.5,
        True,
        ["a"],
        {"a": 1},
        b"a",
    ],
)
def test_what_is_no_text_or_cannot_be_printed(value: object) -> None:
    _refusal(TextVariable(), value)


def test_a_refusal_never_quotes_the_value() -> None:
    marked = "MARK"
    for variable, value in (
        (TextVariable(), marked * 30),
        (TextVariable(), f"{marked}\n"),
        (UrlVariable(domains=("acme.example",)), f"https://evil.com/{marked}"),
        (DateVariable(), marked),
        (DatetimeVariable(), marked),
        (MoneyVariable(), {"minor": marked, "currency": marked}),
        (MoneyVariable(), {"minor": 1, "currency": marked}),
        (IntegerVariable(), marked),
    ):
        assert marked not in _refusal(variable, value)
