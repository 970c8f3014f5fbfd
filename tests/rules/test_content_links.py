"""Links: shared shorteners in every spelling, and the campaign's own domains."""

import pytest

from gateway.rules.content.finding import ContentCode, ContentContext, Level, OptOutDuty
from gateway.rules.content.links import SHORTENERS, is_shortener
from gateway.rules.content.lint import lint

CONTEXT = ContentContext(
    category="servicing",
    identity=("Acme",),
    party_known=True,
    opt_out=OptOutDuty.NONE,
    domains=("acme.example", "acme-pay.com"),
)


def _links(text: str) -> dict[str, Level]:
    codes = (ContentCode.LINK_SHORTENER, ContentCode.LINK_UNREGISTERED)
    found = [finding for finding in lint(f"Acme: {text}", CONTEXT) if finding.code in codes]
    return {f"Acme: {text}"[finding.start : finding.end]: finding.level for finding in found}


@pytest.mark.parametrize("domain", sorted(SHORTENERS))
@pytest.mark.parametrize("form", ["pay https://{}/x1", "pay {}/x1", "pay HTTP://WWW.{}/x1", "pay http://me.{}:443?x#y"])
def test_every_shortener_is_refused(domain: str, form: str) -> None:
    assert list(_links(form.format(domain)).values()) == [Level.REFUSE]


@pytest.mark.parametrize(
    "text",
    [
        "pay at bit . ly/x",
        "pay at bit .ly/x",
        "pay at bit. ly/x",
        "pay at bit dot ly / x",
        "pay at bit[.]ly/x",
        "pay at bit (dot) ly/x",
        "pay at bit{.}ly",
        "pay at t . co / x",
        "pay at is [dot] gd",
        "pay at tinyurl . com/x",
        "pay at https://acme.example@bit.ly/x",
        "pay at https://acme.example:443@bit.ly/x",
        "pay at https://bit.ly\\@acme.example/x",
        "pay at https://acme.example/?to=https://bit.ly/x",
        "pay at https://acme.example/?to=bit.ly/x",
        "pay at https://xn--bt-hoc.ly/x",
        "pay at hxxp://bit.ly/x",
        "pay at b\u0456t.ly",
        "pay at bit\u3002ly/x",
        "pay at bit%2Ely/x",
    ],
)
def test_a_disguised_shortener_is_refused(text: str) -> None:
    assert Level.REFUSE in _links(text).values()


def test_decoys_hide_no_shortener() -> None:
    decoys = " ".join(f"a{n}.com" for n in range(40))
    assert _links(f"{decoys} bit.ly/x")["bit.ly"] is Level.REFUSE


@pytest.mark.parametrize(
    "text",
    [
        "pay at https://acme.example/x",
        "pay at https://pay.acme.example/x?y=1.5&z=a.b",
        "pay at HTTPS://PAY.ACME.EXAMPLE",
        "pay at acme-pay.com.",
        "pay at www.acme-pay.com, or call",
        "write to help@bit.ly or a.b@tinyurl.com",
        "your bill is due Friday.Please pay",
        "your bill is due Friday.In case of doubt call",
        "see Robert T. Co-payments apply",
        "save a bit. Ly Street is closed",
        "the fee is $52.10.It was paid",
        "meet at 5 p.m. at 12 Main St.",
        "e.g. a card, i.e. plastic, no. 5",
        "v1.2.3 of the app",
        "rows 1.a and 2.b",
    ],
)
def test_what_is_registered_or_no_link_passes(text: str) -> None:
    assert _links(text) == {}


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("pay at https://acme.example.evil.com/x", "acme.example.evil.com"),
        ("pay at https://notacme.example/x", "notacme.example"),
        ("pay at https://acme.example@evil.com/x", "evil.com"),
        ("pay at https://evil.com\\@acme.example/x", "evil.com"),
        ("pay at https://\u0430cme.example/x", "\u0430cme.example"),
        ("pay at https://acm\u00e9.example/x", "acm\u00e9.example"),
        ("pay at http://192.0.2.7/x", "192.0.2.7"),
        ("pay at http://3221225991/x", "3221225991"),
        ("pay at mybit.ly/x", "mybit.ly"),
        ("pay at bit.ly.evil.com/x", "bit.ly.evil.com"),
        ("pay at acme.io", "acme.io"),
        ("pay at acme.museum/x", "acme.museum"),
    ],
)
def test_another_host_is_advised_against(text: str, host: str) -> None:
    assert _links(text) == {host: Level.WARN}


def test_a_host_is_told_of_once_and_many_are_not_all() -> None:
    assert _links("a.com, A.com/x and a.com/y") == {"a.com": Level.WARN}
    assert 1 < len(_links(" ".join(f"a{n}.com" for n in range(500)))) < 20


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("bit.ly", True),
        ("www.bit.ly", True),
        ("a.b.bit.ly", True),
        ("mybit.ly", False),
        ("bit.ly.com", False),
        ("ly", False),
    ],
)
def test_is_shortener(host: str, *, expected: bool) -> None:
    assert is_shortener(host) is expected
