"""Owns which URLs and which network addresses a webhook may reach. Does not resolve names or connect.

A webhook URL is a request that someone else makes us send: without a rule it reaches cloud metadata, databases and
consoles behind the firewall (OWASP API7:2023). Two lines of defence stand here. `check_url` refuses, when it is
configured, a URL that can only be a mistake or a trick. `denial` judges an address at the moment of connecting, which
alone counts: a name may resolve to anything, and to something else the next time.

Sources: IANA special-purpose address registries (IPv4, IPv6), RFC 6890; the section of each row stands beside it. The
tables are our own, since `ipaddress.is_global` changes its mind between Python releases.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

import msgspec

Address = IPv4Address | IPv6Address

# A receiver on the operator's own machine or network: what `allow_private` opens, and nothing else.
_OWN_V4: Final = [
    (IPv4Network(network), name)
    for network, name in (
        ("127.0.0.0/8", "loopback"),  # RFC 1122 §3.2.1.3
        ("10.0.0.0/8", "private"),  # RFC 1918
        ("172.16.0.0/12", "private"),
        ("192.168.0.0/16", "private"),
        ("100.64.0.0/10", "shared by carrier-grade NAT"),  # RFC 6598
    )
]
_OWN_V6: Final = [
    (IPv6Network("::1/128"), "loopback"),  # RFC 4291 §2.5.3
    (IPv6Network("fc00::/7"), "private (unique local)"),  # RFC 4193
]
# No receiver lives here, whatever the operator allows. Judged first: metadata services sit inside private networks.
_NEVER_V4: Final = [
    (IPv4Network(network), name)
    for network, name in (
        ("0.0.0.0/8", "unspecified"),  # RFC 791 §3.2; Linux connects 0.0.0.0 to itself
        ("169.254.0.0/16", "link-local (cloud metadata)"),  # RFC 3927
        ("100.100.100.200/32", "cloud metadata"),
        ("168.63.129.16/32", "cloud metadata"),
        ("192.0.0.0/24", "reserved for protocols"),  # RFC 6890 §2.1
        ("192.0.2.0/24", "documentation"),  # RFC 5737
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),  # RFC 7526
        ("198.18.0.0/15", "benchmarking"),  # RFC 2544
        ("224.0.0.0/4", "multicast"),  # RFC 5771
        ("255.255.255.255/32", "broadcast"),  # RFC 919 §7
        ("240.0.0.0/4", "reserved"),  # RFC 1112 §4
    )
]
_NEVER_V6: Final = [
    (IPv6Network(network), name)
    for network, name in (
        ("::/128", "unspecified"),  # RFC 4291 §2.5.2
        ("fd00:ec2::/32", "cloud metadata"),
        ("fd20:ce::/32", "cloud metadata"),
        ("fe80::/10", "link-local"),  # RFC 4291 §2.5.6
        ("ff00::/8", "multicast"),  # RFC 4291 §2.7
        ("2001:db8::/32", "documentation"),  # RFC 3849
        ("3fff::/20", "documentation"),  # RFC 9637
        ("2001::/32", "a Teredo tunnel"),  # RFC 4380
        ("2001::/23", "reserved for protocols"),  # RFC 2928
        ("2002::/16", "a 6to4 tunnel"),  # RFC 3056
    )
]
_GLOBAL_V6: Final = IPv6Network("2000::/3")  # all that IANA has given out as global unicast
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1
_ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})  # RFC 5214 §6.1


def unmapped(address: Address) -> Address:
    """The IPv4 address within an IPv4-mapped IPv6 one (::ffff:a.b.c.d), else the address itself."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def denial(address: Address, *, allow_private: bool) -> str | None:
    """Why this address must not be connected to, in a few words; None when it may be.

    `allow_private` opens loopback, RFC 1918, unique local and carrier-grade NAT addresses. Metadata services,
    link-local, multicast, unspecified, reserved and documentation addresses, and tunnels, stay closed.
    """
    address = unmapped(address)
    if isinstance(address, IPv4Address):
        return _listed(address, _NEVER_V4) or (None if allow_private else _listed(address, _OWN_V4))
    if address.scope_id is not None:
        return "bound to one interface (zone id)"
    if address in _NAT64:
        # The translator connects to the IPv4 address inside; RFC 6052 §3.1 permits none that is not global there.
        inner = denial(IPv4Address(int(address) & 0xFFFF_FFFF), allow_private=False)
        return inner and f"NAT64 of an address that is {inner}"
    never = _listed(address, _NEVER_V6)
    if never is not None:
        return never
    own = _listed(address, _OWN_V6)
    if own is not None:
        return None if allow_private else own
    if address not in _GLOBAL_V6:
        return "outside global unicast"  # with it the compatible and the translated forms of IPv4
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return "an ISATAP tunnel"
    return None


def _listed(address: Address, table: list[tuple[IPv4Network, str]] | list[tuple[IPv6Network, str]]) -> str | None:
    return next((name for network, name in table if address in network), None)


class InvalidUrl(ValueError):
    """A webhook URL cannot be used: `problem` says why, `fix` what to write; neither repeats the path or query."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"url: {problem}; {fix}")
        self.problem = problem
        self.fix = fix


class Site(msgspec.Struct, frozen=True):
    """Where a URL leads: the host in lower case, an IPv6 address without its brackets, the port always given."""

    scheme: str
    host: str
    port: int


_LONGEST_URL: Final = 2048
_LONGEST_HOST: Final = 253  # RFC 1035 §2.3.4, as text
_PORTS: Final = {"https": 443, "http": 80}
_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.ASCII)
_AUTHORITY: Final = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>.*))?", re.ASCII)
_NOT_IN_URLS: Final = re.compile(r'[^\x21-\x7e]|["<>\\^`{|}]')  # RFC 3986 §2
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)  # RFC 1123 §2.1
# A name whose last label is a number is an IPv4 address to some parser: 127.1, 0x7f000001, 2130706433, 0177.0.0.1.
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
# RFC 6761 §6.3, RFC 6762 §3, RFC 8375 §7, and the name that ICANN keeps for internal use.
_LOCAL_NAMES: Final = ("localhost", "local", "home.arpa", "internal")


def check_url(url: str, *, allow_private: bool) -> Site:
    """Judge a webhook URL as it is configured. Raises InvalidUrl.

    Plain http, single-label and local names, private addresses and ports below 1024 other than 80 and 443 need
    `allow_private`. A host has one spelling: a name in ASCII (an international one as xn--…), four decimal numbers, or
    an IPv6 address in brackets.
    """
    if not 0 < len(url) <= _LONGEST_URL:
        raise InvalidUrl(f"has {len(url)} characters", f"use 1 to {_LONGEST_URL}")
    if _NOT_IN_URLS.search(url):
        raise InvalidUrl("holds a character that no URL may hold", "percent-encode it, or write the host as xn--…")
    match = _URL.fullmatch(url)
    if match is None:
        raise InvalidUrl("is not an absolute URL", "write https://host/path")
    scheme = match["scheme"].lower()
    if scheme not in _PORTS:
        raise InvalidUrl("has a scheme other than https", "write https://host/path")
    if scheme == "http" and not allow_private:
        raise InvalidUrl("is not encrypted", "use https, or set allow_private for a receiver on your own network")
    if "#" in match["rest"]:
        raise InvalidUrl("has a fragment", "leave out # and what follows")
    if "@" in match["authority"]:
        raise InvalidUrl(
            "holds a user name or password", "leave out what stands before @; the signature proves the sender"
        )
    place = _AUTHORITY.fullmatch(match["authority"])
    if place is None:
        raise InvalidUrl("has a host that cannot be read", "write host:port, an IPv6 address in brackets")
    port = _checked_port(place["port"], allow_private) if place["port"] is not None else _PORTS[scheme]
    host = place["name"].lower() if place["v6"] is None else place["v6"]
    address: Address | None = None
    if place["v6"] is not None:
        address = _checked_v6(host)
    elif _NUMBER.fullmatch(host.rpartition(".")[2]):
        address = _checked_v4(host)
    else:
        _check_name(host, allow_private)
    if address is not None:
        host = str(address)
        reason = denial(address, allow_private=allow_private)
        if reason is not None:
            opens = denial(address, allow_private=True) is None
            fix = "use a public address" + (
                ", or set allow_private for a receiver on your own network" if opens else ""
            )
            raise InvalidUrl(f"leads to {host}, which is {reason}", fix)
    return Site(scheme, host, port)


def _checked_port(text: str, allow_private: bool) -> int:
    if _PORT.fullmatch(text) is None or int(text) > 0xFFFF:
        raise InvalidUrl("has a port that is not a number from 1 to 65535", "write host:8443, or leave the colon out")
    port = int(text)
    if port < 1024 and port not in _PORTS.values() and not allow_private:
        # Mail, shells and directories listen there, and some of them read a POST as their own commands.
        raise InvalidUrl(f"has the port {port}", "use 443, 80 or one from 1024 up, or set allow_private")
    return port


def _checked_v6(text: str) -> IPv6Address:
    if "%" in text:
        raise InvalidUrl("has an address with a zone id", "use a global address")
    try:
        return IPv6Address(text)
    except ValueError:
        raise InvalidUrl("has brackets around what is no IPv6 address", "write [2606:4700::1111]") from None


def _checked_v4(host: str) -> IPv4Address:
    try:
        return IPv4Address(host)
    except ValueError:
        fix = "write four decimal numbers without leading zeros"
        raise InvalidUrl("has a host that is a number but not an IPv4 address", fix) from None


def _check_name(host: str, allow_private: bool) -> None:
    if host.endswith("."):
        raise InvalidUrl("has a host that ends in a full stop", "leave it out")
    labels = host.split(".")
    if len(host) > _LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidUrl(
            "has no valid host name", "use labels of letters, digits and hyphens: https://hooks.example.com/"
        )
    local = len(labels) == 1 or any(host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES)
    if local and not allow_private:
        raise InvalidUrl(f"has the local name {host}", "use a public name, or set allow_private")
