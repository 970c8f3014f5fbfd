"""``assent inspect evidence``: whether a bundle of consent evidence holds, by nothing but its own words and arithmetic.

Owns: doing the sums of the bundle's ``method`` again, and what its entries make of the consents that it shows. Uses nothing
of the gateway: it is what an auditor would write.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

FORMAT = "assent.consent-evidence.v1"

_MOST = 1 << 63  # no ledger numbers more entries; sums with longer numbers would only take time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENDED = ("revoked", "disowned")
_GIVEN = ("confirmed", "stale")
_ERASURE = "erasure"
# What a consent shows of its entry's evidence.
_SHOWN = ("obtained_at", "medium", "wording", "source", "document", "basis", "method", "account", "agent", "attempts")


class _Entry(NamedTuple):
    """An entry that was proven."""

    seq: int
    before: int
    at: str
    state: str
    cause: str
    evidence: dict[str, Any] | None


_Scope = tuple[str, str, str]
_Lines = dict[_Scope, _Entry]


class _Fails(Exception):
    """What does not hold."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def inspect(record: dict[str, object]) -> dict[str, object]:
    """One answer for one bundle: ``ok``, and what was proven; or what does not hold."""
    try:
        return _prove(record)
    except _Fails as failure:
        return {"ok": False, "error": failure.code, "detail": str(failure)}
    except (TypeError, ValueError, AttributeError, LookupError, OverflowError, RecursionError) as error:
        detail = f"it is no bundle of {FORMAT} ({type(error).__name__}: {error})"
        return {"ok": False, "error": "bundle.malformed", "detail": detail}


def _prove(bundle: Any) -> dict[str, object]:
    if bundle["format"] != FORMAT:
        raise _Fails("bundle.malformed", f"its format is not {FORMAT}")
    head, anchor = bundle["head"], bundle.get("anchor")
    known, says = _follow(head, bundle["links"])
    if anchor is not None and known.get(_seq(anchor, least=0)) != bytes.fromhex(anchor["hash"]):
        raise _Fails("chain.broken", f"the anchor of {anchor['day']} is not in this chain")
    entries, lines = _read(bundle, says)
    last = entries[-1].seq if entries else 0
    wanted = {entry.seq for entry in entries} | ({anchor["seq"]} if anchor is not None else set())
    for seq in sorted(says.keys() - _way(head["seq"], wanted - {0})):
        raise _Fails("entry.missing", f"link {seq} leads to no entry that is shown: one is left out")
    _compare(bundle["consents"], lines)
    proven: dict[str, object] = {"ok": True, "entries": len(entries), "proven_until": last, "links": len(says)}
    proven["head"] = head
    if entries and entries[0].before:
        proven["erased_until"] = entries[0].before
    return proven if anchor is None else proven | {"anchor": anchor}


def _follow(head: Any, links: Any) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """The hashes that the head leads to, and what the linked entries say."""
    # Zeros stand for the entries before the first: in an empty ledger they are the head.
    known = {0: bytes(32)}
    if known.setdefault(_seq(head, least=0), bytes.fromhex(head["hash"])) != bytes.fromhex(head["hash"]):
        raise _Fails("chain.broken", "the head is numbered 0 and is not that of an empty ledger")
    says: dict[int, bytes] = {}
    for seq, link in sorted(((_seq(link), link) for link in links), key=lambda one: -one[0]):
        before, jumped, content = (bytes.fromhex(link[name]) for name in ("before", "jumped", "says"))
        if known.get(seq) != sha256(before + jumped + content).digest():
            raise _Fails("chain.broken", f"entry {seq} is not linked from the head")
        says[seq] = content
        for there, digest in ((seq - 1, before), (_jump(seq), jumped)):
            if known.setdefault(there, digest) != digest:
                raise _Fails("chain.broken", f"entry {there} has two hashes")
    return known, says


def _read(bundle: Any, says: dict[int, bytes]) -> tuple[list[_Entry], _Lines]:
    """The entries, each proven, and the last one of each line."""
    entries: list[_Entry] = []
    lines: _Lines = {}
    for shown in bundle["entries"]:
        seq = _seq(shown)
        commitment = sha256(bytes.fromhex(shown["salt"]) + shown["personal"].encode()).digest()
        if says.get(seq) != sha256(commitment + shown["public"].encode()).digest():
            raise _Fails("entry.changed", f"entry {seq} is not what was hashed")
        named, before, at, client, program, category, _, state = json.loads(shown["public"])[:8]
        number, account, cause, evidence = json.loads(shown["personal"])
        if (named, number, client) != (seq, bundle["number"], bundle["client"]):
            raise _Fails("entry.changed", f"entry {seq} is another number's, or another client's")
        if shown["at"] != _spell(at):
            raise _Fails("entry.changed", f"entry {seq} was not made at {shown['at']}")
        # What went before an erasure is gone from the ledger itself; that there was one is proven by its own entry.
        last = entries[-1].seq if entries else before if cause == _ERASURE else 0
        if before != last or before >= seq:
            raise _Fails("entry.missing", f"between entries {last} and {seq} one of this number is left out")
        entries.append(_Entry(seq, before, shown["at"], state, cause, evidence))
        lines[program, category, "*" if account is None else account] = entries[-1]
    return entries, lines


def _compare(consents: Any, lines: _Lines) -> None:
    """Whether the consents are what the entries make of them; that one was found stale by the day is the packs' to say."""
    shown = {(one["program"], one["category"], one.get("account", "*")): one for one in consents}
    if len(shown) < len(consents) or shown.keys() != lines.keys():
        odd = sorted(shown.keys() ^ lines.keys())
        raise _Fails("consents.changed", f"the entries make other consents: {' '.join('/'.join(one) for one in odd)}")
    for scope, entry in lines.items():
        one, end = shown[scope], _end(scope, lines)
        state = entry.state if end is None else lines[end].state
        states = _GIVEN if state == "confirmed" and not _is_wide(scope) else (state,)
        told = {
            "state": one["state"] in states,
            "changed_at": one["changed_at"] == entry.at,
            "cause": one["cause"] == entry.cause,
            "ended_by": one.get("ended_by") == (None if end is None else _view(end)),
            "unless": sorted(map(_scope, one.get("unless", ()))) == _unless(scope, lines),
            "evidence": one.get("evidence") == _evidence(entry.evidence),
        }
        for name, fits in told.items():
            if not fits:
                where = "/".join(scope)
                raise _Fails("consents.changed", f"{name} of {where} is not what entry {entry.seq} makes it")


def _end(scope: _Scope, lines: _Lines) -> _Scope | None:
    """The newest wider opt-out that covers a consent."""
    if _is_wide(scope):
        return None
    event = lines[scope].seq
    ends = [
        wider
        for wider, other in lines.items()
        if _covers(wider, scope) and other.state in _ENDED and other.seq > event and wider[2] == "*"
    ]
    return max(ends, key=lambda wider: lines[wider].seq, default=None)


def _unless(scope: _Scope, lines: _Lines) -> list[_Scope]:
    """What was agreed to again after a wide opt-out."""
    if not _is_wide(scope) or scope[2] != "*" or lines[scope].state not in _ENDED:
        return []
    return sorted(
        other
        for other, kept in lines.items()
        if not _is_wide(other) and _covers(scope, other) and kept.state in _GIVEN and _end(other, lines) is None
    )


def _is_wide(scope: _Scope) -> bool:
    program, category, account = scope
    return "*" in (program, category) or account != "*"


def _covers(wider: _Scope, scope: _Scope) -> bool:
    return wider != scope and all(one in ("*", other) for one, other in zip(wider, scope, strict=True))


def _scope(view: Any) -> _Scope:
    return view["program"], view["category"], view.get("account", "*")


def _view(scope: _Scope) -> dict[str, str]:
    return {"program": scope[0], "category": scope[1]} | ({} if scope[2] == "*" else {"account": scope[2]})


def _evidence(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    shown = {name: given[name] for name in _SHOWN if given.get(name) is not None}
    return shown | ({"obtained_at": _spell(shown["obtained_at"])} if "obtained_at" in shown else {})


def _spell(instant: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=instant)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{instant % 1000:03d}Z"


def _seq(of: Any, least: int = 1) -> int:
    seq = of["seq"]
    if type(seq) is not int or not least <= seq < _MOST:
        raise _Fails("bundle.malformed", f"seq is no number of an entry: {least} or more")
    return seq


def _way(head: int, wanted: Iterable[int]) -> set[int]:
    """The entries that lead from the head to each of those, from each to the one before it."""
    way: set[int] = set()
    at = head
    for seq in sorted(wanted, reverse=True):
        way.add(at)
        while at > seq:
            jumped = _jump(at)
            at = jumped if jumped >= seq else at - 1
            way.add(at)
    return way


def _jump(seq: int) -> int:
    length, rest = (1 << seq.bit_length()) - 1, seq
    while rest:
        while length > rest:
            length >>= 1
        rest -= length
    return seq - length
