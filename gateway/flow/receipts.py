"""A carrier's delivery receipt as the news that the store applies.

Owns: what the carrier's profile says about receipts. Does not own: reading them (smpp/receipt), matching them (store).
"""

from collections.abc import Mapping
from functools import cache

from gateway.config import CarrierConfig
from gateway.errors import Code
from gateway.flow.receipt_forms import ReceiptForms
from gateway.model.message import ReceiptNews, State
from gateway.smpp.pdu import DataSm, DeliverSm, text_of
from gateway.smpp.receipt import NO_STATES, DeliveryState, MessageType, read, type_of
from gateway.text import gsm7

STATES = {
    DeliveryState.DELIVERED: State.DELIVERED,
    DeliveryState.EXPIRED: State.EXPIRED,
    DeliveryState.DELETED: State.UNDELIVERED,
    DeliveryState.UNDELIVERABLE: State.UNDELIVERED,
    DeliveryState.REJECTED: State.REJECTED,
    DeliveryState.SKIPPED: State.UNDELIVERED,
}
"""What a final state of the carrier's amounts to; the others move nothing."""
CODES = {
    State.UNDELIVERED: Code.CARRIER_UNDELIVERED,
    State.EXPIRED: Code.EXPIRED_AT_CARRIER,
    State.REJECTED: Code.CARRIER_REJECTED,
}
"""Where ``err`` says nothing more precise."""


_MEANINGS = {
    "retryable": Code.CARRIER_TEMPORARY,
    "absent": Code.CARRIER_ABSENT,
    "invalid_number": Code.CARRIER_INVALID_NUMBER,
    "opted_out": Code.CARRIER_OPTED_OUT,
    "content": Code.CARRIER_CONTENT,
}


def is_receipt(pdu: DeliverSm | DataSm) -> bool:
    """Whether it reports on a text of ours: by esm_class and parameters, never by its words, which anybody can text.

    A manual acknowledgement brings the answer that a person gave (SMPP 3.4 §5.2.12): one with words is a text, or the STOP
    in it would be lost.
    """
    kind = type_of(pdu)
    if kind is MessageType.MANUAL_ACK:
        return not text_of(pdu)
    return kind is not MessageType.TEXT


@cache
def _stats(words: tuple[tuple[str, str], ...]) -> Mapping[str, DeliveryState]:
    return {word.upper(): DeliveryState[meaning.upper()] for word, meaning in words}


def _stats_of(words: Mapping[str, str]) -> Mapping[str, DeliveryState]:
    return _stats(tuple(words.items())) if words else NO_STATES


def _meaning(errors: Mapping[str, str], err: str) -> str | None:
    """What the carrier's table says of an err: as it stands there or, since carriers fill codes up as they like, but for
    leading zeros and case."""
    if not errors or err in errors:
        return errors.get(err)
    code = err.lstrip("0").upper()
    return next((meaning for listed, meaning in errors.items() if listed.lstrip("0").upper() == code), None)


def _unpack(octets: bytes) -> str:
    return gsm7.decode(gsm7.unpack(octets))


def receipt_news(
    pdu: DeliverSm | DataSm, carrier: CarrierConfig, forms: ReceiptForms, bind: str, now: int
) -> ReceiptNews:
    """What a receipt tells. Only a final state of an SMSC's own receipt moves a segment."""
    told = read(pdu, _stats_of(carrier.receipt_states), _unpack if carrier.reads == "packed_gsm7" else None)
    raw = told.smsc_message_id or ""
    keys = forms.keys(carrier.name, raw)
    if told.other_message_id is not None:
        # There are SMSCs with an id of their own in the parameter, and the one that the response had in the text.
        keys = tuple(dict.fromkeys((*keys, *forms.keys(carrier.name, told.other_message_id))))
    meaning = _meaning(carrier.receipt_errors, told.err or "")
    moves = told.state is not None and type_of(pdu) is MessageType.RECEIPT
    state = STATES.get(told.state) if moves and told.state is not None else None
    return ReceiptNews(
        carrier.name,
        bind,
        raw,
        keys,
        state,
        told.stat or (told.state.name if told.state is not None else None),
        told.err,
        pdu.source_addr,
        pdu.destination_addr,
        told.done_date,
        now,
        _MEANINGS.get(meaning or "") or (CODES.get(state) if state is not None else None),
        meaning == "opted_out",
        told.submit_date,
        told.text,
        told.user_message_reference,
        told.conflict,
    )
