"""Links: where they lead, and whether anybody would know it.

Owns: hosts in a text, shared shorteners, the campaign's domains. Does not own: the page that a link leads to.

A shortener hides a link's target and shares its name with every fraudster, so carriers filter it (CTIA Messaging Principles
5.3.2). One is refused however it is written: spaced out, in brackets, in another alphabet, in Punycode.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level
from gateway.rules.content.reading import Reading, read
from gateway.rules.content.wording import word_set

SHORTENERS: Final = word_set(
    """
    0rz.tw 1url.com adf.ly adfoc.us b.link bit.do bit.ly bitly.com bl.ink budurl.com buff.ly chilp.it cli.gs clck.ru
    clicky.me cutt.ly cutt.us db.tt dlvr.it dub.sh fb.me gg.gg goo.gl goo.su hyperurl.co ht.ly ift.tt is.gd j.mp kutt.it
    linktr.ee lnk.to lnkd.in lstu.fr mcaf.ee me2.do ouo.io ow.ly po.st ppt.cc q.gs qr.ae qrco.de rb.gy rebrand.ly rotf.lol
    s.id short.gy short.io shorte.st shorturl.asia shorturl.at shorturl.com shorturl.gg shrtco.de smarturl.it snip.ly
    snipurl.com soo.gd su.pr surl.li t.co t.ly t2m.io tiny.cc tiny.one tiny.pl tinyurl.com tny.im tr.im trib.al u.nu u.to
    ur1.ca urlz.fr v.gd v.ht vk.cc wp.me x.co x.gd zpr.io zws.im
    """
)
"""Domains under which anybody may put a link."""

# Words of sentences too: without a path behind it, such an ending would make a link of "due Friday.In case".
_ORDINARY: Final = word_set("al am as at be co de do es id in is it la link me my no nu one so st to us")
_ENDINGS: Final = (
    word_set(
        "app au bank biz ca cc cloud com dev edu eu fr gl gov info io ly mx net online org pay shop site tv uk xyz"
    )
    | {domain.rpartition(".")[2] for domain in SHORTENERS}
    | _ORDINARY
)
# The rarer half of a shortener's name, which stands alone when the name is spaced out.
WATCHWORDS: Final = (
    frozenset(half for domain in SHORTENERS for half in domain.split(".") if len(half) > 1 and half.isalpha())
    - _ORDINARY
    - word_set("com po short su tiny ow tr wp go post cc io fb ee")
)

_DOTTED: Final = re.compile(r"\.[^\W\d]|://")
_LABEL: Final = r"[^\W_](?:[\w-]{0,62})"
_HOST: Final = re.compile(
    r"\bh(?:tt|xx)ps?:[/\\]{1,3}(?:[^\s/?#@\\]{0,200}@)?([^\s/?#:@\\\"'<>()]{1,253})"  # RFC 3986 §3.2
    rf"|(?<![\w.@-])((?:{_LABEL}\.){{1,6}}[a-z]{{2,24}})(?![\w@-]|\.\w)(/\w)?"
)
_BRACKETED: Final = re.compile(r"[\[({<]\s?(?:\.|dot|punto|point)")
_DISGUISED: Final = re.compile(
    rf"(?<![\w-])({_LABEL})"
    r"(?:\s{0,3}(?:[\[({<]\s?(?:\.|dot|punto|point)\s?[\])}>]|%2e)\s{0,3}|\s{1,3}\.\s{0,3}|(\.\s{1,3})|\s{1,3}dot\s{1,3})"
    r"([a-z]{2,5})(?![\w-])(\s{0,2}/\s{0,2}\w)?"
)
_MOST: Final = 8
"""How many hosts of one text are advised against; shorteners are all told of."""


def find_links(reading: Reading, context: ContentContext, watched: bool) -> Iterator[ContentFinding]:
    """Shorteners (refused) and hosts that are not registered for the campaign (advised against), each host once.

    ``watched``: one of the WATCHWORDS is in the text."""
    told: set[str] = set()
    if _DOTTED.search(reading.plain) is not None:
        for match in _hosts(reading.plain):
            which = 1 if match[1] is not None else 2
            host = _spelt(match[which].strip("."))
            if which == 2 and match[3] is None and not _is_linked(host):
                continue
            if host in told:
                continue
            told.add(host)
            place = reading.span(*match.span(which))
            if is_shortener(host):
                yield _shortener(*place)
            elif len(told) <= _MOST and not _is_registered(reading.text[slice(*place)], context.domains):
                yield _unregistered(*place)
    if watched or _may_disguise(reading.plain):
        for match in _DISGUISED.finditer(reading.plain):
            host = f"{match[1]}.{match[3]}"
            certain = match[4] is not None or (match[2] is None and match[3] not in _ORDINARY)
            if certain and host in SHORTENERS and host not in told:
                told.add(host)
                yield _shortener(*reading.span(*match.span()))


def _hosts(plain: str) -> Iterator[re.Match[str]]:
    """Matches of _HOST, looked for in the runs that have a dot inside."""
    at = 0
    for run in plain.split():
        if ("." in run or "://" in run) and _DOTTED.search(run) is not None:
            at = plain.index(run, at)
            yield from _HOST.finditer(plain, at, at + len(run))
            at += len(run)


def is_shortener(host: str) -> bool:
    """Whether the host is a shared shortener, or under one."""
    if host in SHORTENERS:
        return True
    labels = host.rsplit(".", 2)
    return len(labels) == 3 and f"{labels[1]}.{labels[2]}" in SHORTENERS


def _spelt(host: str) -> str:
    """The host as it is read: Punycode decoded (RFC 3492) and folded as the rest of the text was."""
    if "xn--" not in host:
        return host.replace("%2e", ".")
    return ".".join([_decoded(label) for label in host.split(".")])


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return read(label.removeprefix("xn--").encode().decode("punycode")).plain
    except (UnicodeError, OverflowError):
        return label


def _is_linked(host: str) -> bool:
    """Whether phones make a link of a host without scheme and path."""
    ending = host.rpartition(".")[2]
    return ending in _ENDINGS and (ending not in _ORDINARY or host.startswith("www.") or host in SHORTENERS)


def _is_registered(host: str, domains: tuple[str, ...]) -> bool:
    """By the letters as given: what only looks like the campaign's domain is another one."""
    host = host.lower().rstrip(".")
    return host in domains or host.endswith(tuple(["." + domain for domain in domains]))


def _may_disguise(plain: str) -> bool:
    if " ." in plain or " dot " in plain or "%2e" in plain:
        return True
    return any(map(plain.__contains__, "[({<")) and _BRACKETED.search(plain) is not None


def _shortener(start: int, end: int) -> ContentFinding:
    return ContentFinding(
        ContentCode.LINK_SHORTENER,
        Level.REFUSE,
        start,
        end,
        "a shared link shortener hides where the link leads, and carriers filter it",
        "link to a domain of your own, in full or through a shortener that only you use",
    )


def _unregistered(start: int, end: int) -> ContentFinding:
    return ContentFinding(
        ContentCode.LINK_UNREGISTERED,
        Level.WARN,
        start,
        end,
        "the link's domain is not registered for this program, and carriers may filter it",
        "use a registered domain, or add this one to the program's domains",
    )
