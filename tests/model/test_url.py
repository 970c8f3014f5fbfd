"""Which addresses are denied, and which URLs are refused as they are configured."""

from ipaddress import IPv4Network, IPv6Network, ip_address

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.url import InvalidUrl, Site, check_url, denial, unmapped
from tests.webhook.forms import FORBIDDEN_ADDRESSES, OWN_ADDRESSES, PUBLIC_ADDRESSES


@pytest.mark.parametrize(("address", "reason"), FORBIDDEN_ADDRESSES.items())
def test_never_reached(address: str, reason: str) -> None:
    for allow_private in (False, True):
        found = denial(ip_address(address), allow_private=allow_private)
        assert found is not None
        assert reason in found


@pytest.mark.parametrize(("address", "reason"), OWN_ADDRESSES.items())
def test_reached_only_when_allowed(address: str, reason: str) -> None:
    found = denial(ip_address(address), allow_private=False)
    assert found is not None
    assert reason in found
    assert denial(ip_address(address), allow_private=True) is None


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_reached(address: str) -> None:
    assert denial(ip_address(address), allow_private=False) is None
    assert denial(ip_address(address), allow_private=True) is None


@pytest.mark.parametrize(
    "network",
    [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    ],
)
def test_networks_are_closed_to_their_edges(network: str) -> None:
    closed = IPv6Network(network) if ":" in network else IPv4Network(network)
    assert denial(closed[0], allow_private=False)
    assert denial(closed[-1], allow_private=False)


@pytest.mark.parametrize(
    "address",
    [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::",
        "2003::",
        "3ffe:ffff::",
        "3fff:1000::",
    ],
)
def test_neighbours_of_closed_networks_are_open(address: str) -> None:
    assert denial(ip_address(address), allow_private=False) is None


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_judged_like_itself(address: object) -> None:
    plain = ip_address(str(address))
    mapped = ip_address(f"::ffff:{address}")
    assert unmapped(mapped) == plain
    assert denial(mapped, allow_private=False) == denial(plain, allow_private=False)
    assert denial(mapped, allow_private=True) == denial(plain, allow_private=True)
    assert (denial(ip_address(f"64:ff9b::{address}"), allow_private=True) is None) == (
        denial(plain, allow_private=False) is None
    )
    for form in (f"::{address}", f"::ffff:0:{address}", f"64:ff9b:1::{address}", f"2606:4700::5efe:{address}"):
        if ip_address(form) != ip_address("::1"):  # ::0.0.0.1 embeds nothing: it is the loopback
            assert denial(ip_address(form), allow_private=True)


@settings(deadline=None)
@given(st.ip_addresses())
def test_nothing_that_python_calls_unreachable_is_open(address: object) -> None:
    plain = unmapped(ip_address(str(address)))
    if denial(plain, allow_private=False) is None and plain not in IPv6Network("64:ff9b::/96"):
        closed = [plain.is_private, plain.is_loopback, plain.is_link_local, plain.is_unspecified]
        assert not any([*closed, plain.is_multicast, plain.is_reserved])


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://example.com", Site("https", "example.com", 443)),
        ("HTTPS://Hooks.EXAMPLE.com/A?b=C", Site("https", "hooks.example.com", 443)),
        ("https://example.com:8443/", Site("https", "example.com", 8443)),
        ("https://example.com:80/", Site("https", "example.com", 80)),
        ("https://example.com?x=/@y", Site("https", "example.com", 443)),
        ("https://example.com/a@b:c//..%2F", Site("https", "example.com", 443)),
        ("https://xn--bcher-kva.example/", Site("https", "xn--bcher-kva.example", 443)),
        ("https://xn--ls8h.la/", Site("https", "xn--ls8h.la", 443)),
        ("https://1.1.1.1/", Site("https", "1.1.1.1", 443)),
        ("https://[2606:4700:0::1111]:8443/", Site("https", "2606:4700::1111", 8443)),
        ("https://1.example.com/", Site("https", "1.example.com", 443)),
        ("https://0x7f.example/", Site("https", "0x7f.example", 443)),
        ("https://a.0xg/", Site("https", "a.0xg", 443)),
    ],
)
def test_public_urls(url: str, site: Site) -> None:
    assert check_url(url, allow_private=False) == site
    assert check_url(url, allow_private=True) == site


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("http://127.0.0.1:9099/", Site("http", "127.0.0.1", 9099)),
        ("http://localhost/", Site("http", "localhost", 80)),
        ("http://[::1]:9099", Site("http", "::1", 9099)),
        ("http://crm:22/hook", Site("http", "crm", 22)),
        ("https://crm.internal/", Site("https", "crm.internal", 443)),
        ("https://10.1.2.3/", Site("https", "10.1.2.3", 443)),
        ("http://[::ffff:10.1.2.3]/", Site("http", str(ip_address("::ffff:10.1.2.3")), 80)),
        ("http://example.com/", Site("http", "example.com", 80)),
        ("https://mail.example.com:25/", Site("https", "mail.example.com", 25)),
    ],
)
def test_urls_of_ones_own_network(url: str, site: Site) -> None:
    assert check_url(url, allow_private=True) == site
    with pytest.raises(InvalidUrl, match="allow_private"):
        check_url(url, allow_private=False)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "0 characters"),
        ("https://example.com/" + "x" * 2029, "2049 characters"),
        ("example.com/hook", "not an absolute URL"),
        ("//example.com/hook", "not an absolute URL"),
        ("https:/example.com", "not an absolute URL"),
        ("https:example.com", "not an absolute URL"),
        ("https//example.com", "not an absolute URL"),
        ("ftp://example.com/", "scheme"),
        ("httpss://example.com/", "scheme"),
        ("https://example.com/#top", "fragment"),
        ("https://example.com/#", "fragment"),
        ("https://user@example.com/", "user name"),
        ("https://user:pass@example.com/", "user name"),
        ("https://@example.com/", "user name"),
        ("https://example.com /", "character"),
        ("https://example.com/a b", "character"),
        ("https://example.com/\r\nx: y", "character"),
        ("https://example.com\\@10.0.0.1/", "character"),
        ("https://bücher.example/", "character"),
        ("https://example.com/ü", "character"),
        ("https://example.com:/", "port"),
        ("https://example.com:0/", "port"),
        ("https://example.com:65536/", "port"),
        ("https://example.com:443x/", "port"),
        ("https://example.com:+443/", "port"),
        ("https://example.com:0443/", "port"),
        ("https://example.com:443:443/", "port"),
        ("https:///hook", "host name"),
        ("https://:443/", "host name"),
        ("https://example.com./", "full stop"),
        ("https://127.0.0.1./", "full stop"),
        ("https://./", "full stop"),
        ("https://a..example.com/", "host name"),
        ("https://-a.example.com/", "host name"),
        ("https://a-.example.com/", "host name"),
        ("https://a_b.example.com/", "host name"),
        ("https://%65xample.com/", "host name"),
        ("https://" + "a" * 64 + ".example.com/", "host name"),
        ("https://" + "a." * 126 + "example/", "host name"),
        ("https://[2606:4700::1111/", "cannot be read"),
        ("https://2606:4700::1111/", "port"),
        ("https://[example.com]/", "no IPv6 address"),
        ("https://[v1.fe80]/", "no IPv6 address"),
        ("https://[]/", "no IPv6 address"),
        ("https://[1.1.1.1]/", "no IPv6 address"),
        ("https://[2606:4700::1111%25eth0]/", "zone id"),
        ("https://a[2606:4700::1111]/", "cannot be read"),
        ("https://1.1.1/", "not an IPv4"),
        ("https://01.01.01.01/", "not an IPv4"),
        ("https://1.1.1.256/", "not an IPv4"),
        ("https://example.1/", "not an IPv4"),
        ("https://example.0x/", "not an IPv4"),
    ],
)
def test_refused_whatever_is_allowed(url: str, problem: str) -> None:
    for allow_private in (False, True):
        with pytest.raises(InvalidUrl, match=problem) as caught:
            check_url(url, allow_private=allow_private)
        assert caught.value.fix


def test_a_refusal_repeats_no_path_or_query() -> None:
    for url in (
        "https://10.0.0.1/canary?canary",
        "https://localhost/canary",
        "gopher://h/canary",
        "https://h:0/canary",
    ):
        with pytest.raises(InvalidUrl) as caught:
            check_url(url, allow_private=False)
        assert "canary" not in str(caught.value)


_PIECES = st.sampled_from(
    [
        "https://",
        "http://",
        "HTTPS:",
        "//",
        "/",
        "?",
        "#",
        "@",
        ":",
        "[",
        "]",
        ".",
        "..",
        "%2e",
        "%",
        "\\",
        " ",
        "\t",
        "example",
        "com",
        "xn--bcher-kva",
        "xn--a",
        "127",
        "0x7f",
        "1",
        "0",
        "::1",
        "::ffff:",
        "localhost",
        "443",
        "a",
        "-",
        "é",
        "。",
        "①",
        "�",
        "\x00",
        "&",
        "=",
        "'",
        "(",
        "*",
        "~",
        "!",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=12).map("".join)), st.booleans())
def test_any_text_is_a_site_or_refused_and_httpx_sees_the_same_site(text: str, allow_private: bool) -> None:
    for url in (text, f"https://{text}", f"http://example.com{text}"):
        try:
            site = check_url(url, allow_private=allow_private)
        except InvalidUrl:
            continue
        seen = httpx.URL(url)
        host = seen.raw_host.decode()
        assert seen.scheme == site.scheme
        assert (str(ip_address(host)) if ":" in host else host) == site.host
        assert (seen.port or {"https": 443, "http": 80}[seen.scheme]) == site.port
        assert not seen.userinfo
        assert not seen.fragment
