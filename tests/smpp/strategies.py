"""Any PDU, for property tests; made from the structs, so that a new PDU or field is covered by being there."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from gateway.smpp.pdu import PDU_CLASSES, DistributionList, Request, Response, SmeAddress, Tlv, UnsuccessSme

OCTET = st.integers(0, 0xFF)
UINT32 = st.integers(0, 0xFFFFFFFF)


def strings(max_size: int) -> st.SearchStrategy[str]:
    """What a C-octet string can hold: any octet but NUL."""
    return st.text(st.characters(min_codepoint=1, max_codepoint=0xFF), max_size=max_size)


ADDRESS = strings(64)
TLV = st.builds(Tlv, st.integers(0, 0xFFFF), st.binary(max_size=40))
DESTINATION = st.one_of(
    st.builds(SmeAddress, OCTET, OCTET, ADDRESS),
    st.builds(DistributionList, ADDRESS),
)
UNSUCCESSFUL = st.builds(UnsuccessSme, OCTET, OCTET, ADDRESS, UINT32)


def _field(name: str, kind: Any) -> st.SearchStrategy[Any]:
    special: dict[str, st.SearchStrategy[Any]] = {
        "sequence_number": UINT32,
        "command_status": UINT32,
        "tlvs": st.lists(TLV, max_size=4).map(tuple),
        "trailing": st.binary(max_size=3),
        "short_message": st.binary(max_size=255),
        "dest_address": st.lists(DESTINATION, max_size=5).map(tuple),
        "unsuccess_sme": st.lists(UNSUCCESSFUL, max_size=5).map(tuple),
    }
    if name in special:
        return special[name]
    if kind is int:
        return OCTET
    if name.endswith("_addr"):
        return ADDRESS
    return strings(255)


def of_class(pdu_class: type[Request] | type[Response]) -> st.SearchStrategy[Any]:
    """Any PDU of one class, with a body."""
    fields = {field.name: _field(field.name, field.type) for field in msgspec.structs.fields(pdu_class)}
    return st.builds(pdu_class, **fields)


ANY_PDU: st.SearchStrategy[Any] = st.one_of([of_class(pdu_class) for pdu_class in PDU_CLASSES])
