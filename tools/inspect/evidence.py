"""``assent inspect evidence``: whether a bundle of consent evidence holds, by nothing but its own words and arithmetic.

Owns: doing the sums of the bundle's ``method`` again. Uses nothing of the gateway: it is what an auditor would write.
"""

import json
from hashlib import sha256
from typing import Any

FORMAT = "assent.consent-evidence.v1"

_MOST = 1 << 63  # no ledger numbers more entries; sums with longer numbers would only take time


def inspect(record: dict[str, object]) -> dict[str, object]:
    """One answer for one bundle: ``ok``, and what was proven; or what does not hold."""
    try:
        return _prove(record)
    except (TypeError, ValueError, AttributeError, LookupError, RecursionError) as error:
        return _fails("bundle.malformed", f"it is no bundle of {FORMAT} ({type(error).__name__}: {error})")


def _prove(bundle: Any) -> dict[str, object]:
    if bundle["format"] != FORMAT:
        return _fails("bundle.malformed", f"its format is not {FORMAT}")
    head = bundle["head"]
    known = {_seq(head, least=0): bytes.fromhex(head["hash"])}
    says: dict[int, bytes] = {}
    for link in sorted(bundle["links"], key=lambda link: -_seq(link)):
        seq = _seq(link)
        before, jumped, content = (bytes.fromhex(link[name]) for name in ("before", "jumped", "says"))
        if known.get(seq) != sha256(before + jumped + content).digest():
            return _fails("chain.broken", f"entry {seq} is not linked from the head")
        says[seq] = content
        for there, digest in ((seq - 1, before), (_jump(seq), jumped)):
            if known.setdefault(there, digest) != digest:
                return _fails("chain.broken", f"entry {there} has two hashes")
    previous = 0
    for entry in bundle["entries"]:
        commitment = sha256(bytes.fromhex(entry["salt"]) + entry["personal"].encode()).digest()
        if says.get(_seq(entry)) != sha256(commitment + entry["public"].encode()).digest():
            return _fails("entry.changed", f"entry {entry['seq']} is not what was hashed")
        seq, before_it = json.loads(entry["public"])[:2]
        if seq != entry["seq"] or json.loads(entry["personal"])[0] != bundle["number"]:
            return _fails("entry.changed", f"entry {entry['seq']} is another number's")
        if before_it != previous:
            return _fails("entry.missing", f"between entries {previous} and {seq} one of this number is left out")
        previous = seq
    anchor = bundle.get("anchor")
    if anchor is not None and known.get(_seq(anchor, least=0)) != bytes.fromhex(anchor["hash"]):
        return _fails("chain.broken", f"the anchor of {anchor['day']} is not in this chain")
    proven: dict[str, object] = {"ok": True, "entries": len(bundle["entries"]), "links": len(says), "head": head}
    return proven if anchor is None else proven | {"anchor": anchor}


def _seq(of: Any, least: int = 1) -> int:
    seq = of["seq"]
    if type(seq) is not int or not least <= seq < _MOST:
        raise ValueError(f"a seq that is no whole number from {least} on")
    return seq


def _jump(seq: int) -> int:
    length, rest = (1 << seq.bit_length()) - 1, seq
    while rest:
        while length > rest:
            length >>= 1
        rest -= length
    return seq - length


def _fails(code: str, detail: str) -> dict[str, object]:
    return {"ok": False, "error": code, "detail": detail}
