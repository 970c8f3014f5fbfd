"""A carrier's delivery receipt as the news that the store applies.

Owns: what the carrier's profile says about receipts. Does not own: reading them (smpp/receipt), matching them (store).
"""

from gateway.config import CarrierConfig
from gateway.errors import Code
from gateway.model.message import ReceiptNews, State
from gateway.smpp.pdu import DataSm, DeliverSm
from gateway.smpp.receipt import DeliveryState, MessageType, classify, read
from gateway.smpp.receipt_ids import IdForm, match_keys

_STATES = {
    DeliveryState.DELIVERED: State.DELIVERED,
    DeliveryState.EXPIRED: State.EXPIRED,
    DeliveryState.DELETED: State.UNDELIVERED,
    DeliveryState.UNDELIVERABLE: State.UNDELIVERED,
    DeliveryState.REJECTED: State.REJECTED,
    DeliveryState.SKIPPED: State.UNDELIVERED,
}


_MEANINGS = {
    "retryable": Code.CARRIER_TEMPORARY,
    "absent": Code.CARRIER_ABSENT,
    "invalid_number": Code.CARRIER_INVALID_NUMBER,
    "opted_out": Code.CARRIER_OPTED_OUT,
    "content": Code.CARRIER_CONTENT,
}


def is_receipt(pdu: DeliverSm | DataSm) -> bool:
    """Whether it reports on a text of ours: by esm_class, never by its words, which anybody can text."""
    return classify(pdu.esm_class) is not MessageType.TEXT


def receipt_news(pdu: DeliverSm | DataSm, carrier: CarrierConfig, bind: str, now: int) -> ReceiptNews:
    """What a receipt tells. Only a final state of an SMSC's own receipt moves a segment."""
    told = read(pdu)
    raw = told.smsc_message_id or ""
    form = IdForm.BOTH if carrier.receipt_ids == "auto" else IdForm(carrier.receipt_ids)
    meaning = carrier.receipt_errors.get(told.err or "")
    moves = told.state is not None and classify(pdu.esm_class) is MessageType.RECEIPT
    return ReceiptNews(
        carrier.name,
        bind,
        raw,
        match_keys(raw, form),
        _STATES.get(told.state) if moves and told.state is not None else None,
        told.stat or (told.state.name if told.state is not None else None),
        told.err,
        pdu.source_addr,
        pdu.destination_addr,
        told.done_date,
        now,
        _MEANINGS.get(meaning or ""),
        meaning == "opted_out",
    )
