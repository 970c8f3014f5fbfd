"""Delivery receipts as carriers write them: from a text and its fate to a `deliver_sm` or `data_sm`.

It owns the form; when and by which bind a receipt goes is decided elsewhere.
"""

from datetime import datetime, timedelta, timezone
from typing import Any

from gateway.smpp import const
from gateway.smpp.pdu import DataSm, DeliverSm, SubmitSm, Tlv
from tools.simulator.message import MESSAGE_STATES, Message, written_id
from tools.simulator.scenario import Receipts, Stat


def wanted(pdu: SubmitSm, receipts: Receipts, stat: Stat) -> bool:
    """Whether a final receipt goes out (SMPP 3.4 §5.2.17; 3 is SMPP 5.0's "success only")."""
    if receipts.when != "requested":
        return receipts.when == "always"
    asked = pdu.registered_delivery & 0x03
    return asked == const.REGISTERED_DELIVERY_FINAL or asked == (3 if stat == "DELIVRD" else 2)


def wanted_on_the_way(pdu: SubmitSm, receipts: Receipts) -> bool:
    """Whether intermediate notifications go out."""
    if receipts.when != "requested":
        return receipts.when == "always"
    return bool(pdu.registered_delivery & const.REGISTERED_DELIVERY_INTERMEDIATE)


def receipt(message: Message, stat: Stat, receipts: Receipts, now: datetime, *, final: bool) -> DeliverSm | DataSm:
    """The receipt that says `stat` of this text at `now`, in the carrier's form."""
    text_id = message.message_id if receipts.id_form == "same" else written_id(message.number, receipts.id_form)
    tlv_id = text_id if receipts.tlv_id_form == "same" else written_id(message.number, receipts.tlv_id_form)
    sent = message.pdu
    text = b""
    tlvs: tuple[Tlv, ...] = ()
    if receipts.form != "tlv":
        text = _text(message, text_id, stat, receipts, now)
        if receipts.in_payload or receipts.command == "data_sm":
            tlvs += (Tlv(const.TLV_MESSAGE_PAYLOAD, text),)
            text = b""
    if receipts.form != "text":
        tlvs += _tlvs(message, tlv_id, stat, receipts)
    reference = sent.tlv(const.TLV_USER_MESSAGE_REFERENCE)
    if receipts.reference and reference is not None:
        tlvs += (Tlv(const.TLV_USER_MESSAGE_REFERENCE, reference),)
    # From the number that the text went to, to the sender (SMPP 3.4 appendix B, §4.6).
    back: dict[str, Any] = {
        "source_addr_ton": sent.dest_addr_ton,
        "source_addr_npi": sent.dest_addr_npi,
        "source_addr": sent.destination_addr,
        "dest_addr_ton": sent.source_addr_ton,
        "dest_addr_npi": sent.source_addr_npi,
        "destination_addr": sent.source_addr,
        "esm_class": receipts.esm_class if final else const.ESM_CLASS_TYPE_INTERMEDIATE,
        "data_coding": receipts.data_coding,
        "tlvs": tlvs,
    }
    return DataSm(**back) if receipts.command == "data_sm" else DeliverSm(**back, short_message=text)


def receipt_text(pdu: DeliverSm | DataSm) -> str:
    """The text in it, wherever it is."""
    octets = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    octets = octets or pdu.tlv(const.TLV_MESSAGE_PAYLOAD) or b""
    return octets.decode("utf-16-be" if octets.startswith(b"\0") else "ascii")


def _text(message: Message, text_id: str, stat: Stat, receipts: Receipts, now: datetime) -> bytes:
    zone = timezone(timedelta(hours=receipts.utc_offset))
    text = receipts.text.format(
        id=text_id,
        sub="001",
        dlvrd="001" if stat == "DELIVRD" else "000",
        submitted=message.submitted.astimezone(zone).strftime(receipts.dates),
        done=now.astimezone(zone).strftime(receipts.dates),
        stat=stat,
        err=message.outcome.err,
        text=message.text[:20],
    )
    octets = text.encode("ascii", "replace")
    return (octets.decode().encode("utf-16-be") if receipts.encoding == "ucs2" else octets)[:254]


def _tlvs(message: Message, tlv_id: str, stat: Stat, receipts: Receipts) -> tuple[Tlv, ...]:
    outcome = message.outcome
    state = outcome.state if outcome.state is not None and stat == outcome.stat else MESSAGE_STATES[stat]
    id_width, state_width = (48, 4) if receipts.fixed_width else (0, 1)
    tlvs: tuple[Tlv, ...] = (
        Tlv(const.TLV_RECEIPTED_MESSAGE_ID, tlv_id.ljust(id_width).encode("ascii") + b"\0"),
        Tlv(const.TLV_MESSAGE_STATE, state.to_bytes(state_width)),
    )
    if outcome.network_error and stat == outcome.stat:
        tlvs += (Tlv(const.TLV_NETWORK_ERROR_CODE, bytes.fromhex(outcome.network_error)),)
    return tlvs
