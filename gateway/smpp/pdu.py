"""Owns the PDUs of SMPP 3.4 as frozen structs, each field under the name the specification gives it.

Does not own octets: `codec` turns these into frames and back. C-octet strings are `str`, one character per octet
(latin-1, so that any octet survives); octet strings are `bytes`. Lengths and counts (sm_length, number_of_dests,
no_unsuccess) are not fields: they follow from what they count. Printing a PDU shows neither texts, numbers nor
passwords.
"""

from typing import Any, ClassVar

import msgspec

from gateway.smpp import const


class Tlv(msgspec.Struct, frozen=True, gc=False):
    """One optional parameter, raw: unknown tags, odd lengths and repetitions are kept as they came (§3.2.4)."""

    tag: int
    value: bytes = b""

    def __repr__(self) -> str:
        return f"Tlv(tag={self.tag:#06x}, {len(self.value)} octets)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("tag", self.tag)]


class Pdu(msgspec.Struct, frozen=True, gc=False):
    """What all PDUs share: the header, the optional parameters in the order they came, and what lay behind them.

    `trailing` holds octets after the last whole optional parameter, such as a truncated one: noted, and interpreted only
    where they are the beginning of a text (`text_of`).
    """

    command_id: ClassVar[int] = 0
    command_name: ClassVar[str] = ""

    sequence_number: int = 0
    command_status: int = 0
    tlvs: tuple[Tlv, ...] = ()
    trailing: bytes = b""

    def tlv(self, tag: int) -> bytes | None:
        """The value of the first optional parameter with this tag, or None."""
        for tlv in self.tlvs:
            if tlv.tag == tag:
                return tlv.value
        return None

    def __repr__(self) -> str:
        status = f", command_status={self.command_status:#x}" if self.command_status else ""
        return f"{self.command_name}(sequence_number={self.sequence_number}{status})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("sequence_number", self.sequence_number), ("command_status", self.command_status)]


class Request(Pdu, frozen=True, gc=False):
    """A PDU that asks. The `sequence_number` of one that we send is given by the connection, not by its maker."""

    windowed: ClassVar[bool] = False
    """Whether it carries a text, and so waits for a place in the window; control traffic never does."""

    answered: ClassVar[bool] = True
    """Whether SMPP has a response to it."""


class Response(Pdu, frozen=True, gc=False):
    """A PDU that answers. In one that we send the connection puts the `sequence_number` of the request."""

    body_field: ClassVar[str] = ""
    """The field that is None where a header came alone; "" for responses that never have a body."""


# ---- session


class _Bind(Request, frozen=True, gc=False):
    system_id: str = ""
    password: str = ""
    system_type: str = ""
    interface_version: int = const.INTERFACE_VERSION_34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""


class BindReceiver(_Bind, frozen=True, gc=False):
    """bind_receiver, SMPP 3.4 §4.1.3."""

    command_id = const.BIND_RECEIVER


class BindTransmitter(_Bind, frozen=True, gc=False):
    """bind_transmitter, SMPP 3.4 §4.1.1."""

    command_id = const.BIND_TRANSMITTER


class BindTransceiver(_Bind, frozen=True, gc=False):
    """bind_transceiver, SMPP 3.4 §4.1.5."""

    command_id = const.BIND_TRANSCEIVER


class _BindResp(Response, frozen=True, gc=False):
    body_field = "system_id"

    system_id: str | None = ""


class BindReceiverResp(_BindResp, frozen=True, gc=False):
    """bind_receiver_resp, SMPP 3.4 §4.1.4. `system_id` None: there is no body."""

    command_id = const.BIND_RECEIVER_RESP


class BindTransmitterResp(_BindResp, frozen=True, gc=False):
    """bind_transmitter_resp, SMPP 3.4 §4.1.2. `system_id` None: there is no body."""

    command_id = const.BIND_TRANSMITTER_RESP


class BindTransceiverResp(_BindResp, frozen=True, gc=False):
    """bind_transceiver_resp, SMPP 3.4 §4.1.6. `system_id` None: there is no body."""

    command_id = const.BIND_TRANSCEIVER_RESP


Bind = BindReceiver | BindTransmitter | BindTransceiver
BindResp = BindReceiverResp | BindTransmitterResp | BindTransceiverResp


class Outbind(Request, frozen=True, gc=False):
    """outbind, SMPP 3.4 §4.1.7: an SMSC asks the ESME it has called to bind."""

    command_id = const.OUTBIND
    answered = False

    system_id: str = ""
    password: str = ""


class Unbind(Request, frozen=True, gc=False):
    """unbind, SMPP 3.4 §4.2.1."""

    command_id = const.UNBIND


class UnbindResp(Response, frozen=True, gc=False):
    """unbind_resp, SMPP 3.4 §4.2.2."""

    command_id = const.UNBIND_RESP


class EnquireLink(Request, frozen=True, gc=False):
    """enquire_link, SMPP 3.4 §4.11.1."""

    command_id = const.ENQUIRE_LINK


class EnquireLinkResp(Response, frozen=True, gc=False):
    """enquire_link_resp, SMPP 3.4 §4.11.2."""

    command_id = const.ENQUIRE_LINK_RESP


class GenericNack(Response, frozen=True, gc=False):
    """generic_nack, SMPP 3.4 §4.3.1: the peer could not make sense of a header."""

    command_id = const.GENERIC_NACK


class AlertNotification(Request, frozen=True, gc=False):
    """alert_notification, SMPP 3.4 §4.12.1: a handset may be reached again."""

    command_id = const.ALERT_NOTIFICATION
    answered = False

    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    esme_addr_ton: int = 0
    esme_addr_npi: int = 0
    esme_addr: str = ""


# ---- texts


class _ShortMessage(Request, frozen=True, gc=False):
    windowed = True

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


class SubmitSm(_ShortMessage, frozen=True, gc=False):
    """submit_sm, SMPP 3.4 §4.4.1."""

    command_id = const.SUBMIT_SM


class DeliverSm(_ShortMessage, frozen=True, gc=False):
    """deliver_sm, SMPP 3.4 §4.6.1."""

    command_id = const.DELIVER_SM


class _MessageIdResp(Response, frozen=True, gc=False):
    body_field = "message_id"

    message_id: str | None = ""


class SubmitSmResp(_MessageIdResp, frozen=True, gc=False):
    """submit_sm_resp, SMPP 3.4 §4.4.2. `message_id` None: there is no body, as is right with an error."""

    command_id = const.SUBMIT_SM_RESP


class DeliverSmResp(_MessageIdResp, frozen=True, gc=False):
    """deliver_sm_resp, SMPP 3.4 §4.6.2. `message_id` is unused and empty; None: there is no body."""

    command_id = const.DELIVER_SM_RESP


class DataSm(Request, frozen=True, gc=False):
    """data_sm, SMPP 3.4 §4.7.1: the text is in the message_payload parameter."""

    command_id = const.DATA_SM
    windowed = True

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0


class DataSmResp(_MessageIdResp, frozen=True, gc=False):
    """data_sm_resp, SMPP 3.4 §4.7.2. `message_id` None: there is no body."""

    command_id = const.DATA_SM_RESP


class SmeAddress(msgspec.Struct, frozen=True, gc=False):
    """One destination of a submit_multi by its number (dest_flag 1, §4.5.1.1)."""

    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""

    def __repr__(self) -> str:
        return "SmeAddress()"


class DistributionList(msgspec.Struct, frozen=True, gc=False):
    """Destinations of a submit_multi by the name of a list the SMSC holds (dest_flag 2, §4.5.1.2)."""

    dl_name: str = ""


class UnsuccessSme(msgspec.Struct, frozen=True, gc=False):
    """One destination a submit_multi was not accepted for (§4.5.2.1)."""

    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    error_status_code: int = 0

    def __repr__(self) -> str:
        return f"UnsuccessSme(error_status_code={self.error_status_code:#x})"


class SubmitMulti(Request, frozen=True, gc=False):
    """submit_multi, SMPP 3.4 §4.5.1."""

    command_id = const.SUBMIT_MULTI
    windowed = True

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_address: tuple[SmeAddress | DistributionList, ...] = ()
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


class SubmitMultiResp(Response, frozen=True, gc=False):
    """submit_multi_resp, SMPP 3.4 §4.5.2. `message_id` None: there is no body."""

    command_id = const.SUBMIT_MULTI_RESP
    body_field = "message_id"

    message_id: str | None = ""
    unsuccess_sme: tuple[UnsuccessSme, ...] = ()


# ---- a text already handed in


class QuerySm(Request, frozen=True, gc=False):
    """query_sm, SMPP 3.4 §4.8.1."""

    command_id = const.QUERY_SM

    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""


class QuerySmResp(Response, frozen=True, gc=False):
    """query_sm_resp, SMPP 3.4 §4.8.2. `message_id` None: there is no body."""

    command_id = const.QUERY_SM_RESP
    body_field = "message_id"

    message_id: str | None = ""
    final_date: str = ""
    message_state: int = const.MESSAGE_STATE_UNKNOWN
    error_code: int = 0


class CancelSm(Request, frozen=True, gc=False):
    """cancel_sm, SMPP 3.4 §4.9.1."""

    command_id = const.CANCEL_SM

    service_type: str = ""
    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""


class CancelSmResp(Response, frozen=True, gc=False):
    """cancel_sm_resp, SMPP 3.4 §4.9.2."""

    command_id = const.CANCEL_SM_RESP


class ReplaceSm(Request, frozen=True, gc=False):
    """replace_sm, SMPP 3.4 §4.10.1."""

    command_id = const.REPLACE_SM

    message_id: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


class ReplaceSmResp(Response, frozen=True, gc=False):
    """replace_sm_resp, SMPP 3.4 §4.10.2."""

    command_id = const.REPLACE_SM_RESP


PDU_CLASSES: tuple[type[Request] | type[Response], ...] = (
    GenericNack,
    BindReceiver,
    BindReceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    DeliverSm,
    DeliverSmResp,
    Unbind,
    UnbindResp,
    ReplaceSm,
    ReplaceSmResp,
    CancelSm,
    CancelSmResp,
    BindTransceiver,
    BindTransceiverResp,
    Outbind,
    EnquireLink,
    EnquireLinkResp,
    SubmitMulti,
    SubmitMultiResp,
    AlertNotification,
    DataSm,
    DataSmResp,
)
for _class in PDU_CLASSES:
    _class.command_name = const.COMMAND_NAMES[_class.command_id]

BY_COMMAND_ID = {_class.command_id: _class for _class in PDU_CLASSES}
"""command_id to the class of its PDU."""


_BODILESS = (BindReceiverResp, BindTransmitterResp, BindTransceiverResp, SubmitSmResp)
"""The responses whose body is not returned with an error (SMPP 3.4 §4.1.2, §4.1.4, §4.1.6, §4.4.2)."""


def bare_response(command_id: int, sequence_number: int, command_status: int) -> Response:
    """The response to the request `command_id`, its fields empty; to a bind or submit_sm, an error is the header alone.

    A request that SMPP has no response to, or does not know, gets a generic_nack. The other responses have their empty
    fields with an error too: the specification does not say that they go without, and many a peer reads them before it
    looks at the status.
    """
    response_class: Any = BY_COMMAND_ID.get(command_id | const.RESPONSE_BIT, GenericNack)
    body: dict[str, None] = {}
    if command_status and response_class in _BODILESS:
        body[response_class.body_field] = None
    response: Response = response_class(sequence_number, command_status, **body)
    return response


def response_to(request: Request, command_status: int = const.ESME_ROK) -> Response:
    """The `bare_response` to this very request."""
    return bare_response(request.command_id, request.sequence_number, command_status)


_PAYLOAD_TAG = const.TLV_MESSAGE_PAYLOAD.to_bytes(2)


def text_of(pdu: DeliverSm | DataSm) -> bytes:
    """The octets of its text: short_message or, where that says nothing, message_payload (SMPP 3.4 §5.3.2.32).

    A NUL or a blank beside a message_payload says nothing. Of a message_payload that is cut short, what there is of it: it
    may begin with STOP.
    """
    octets = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    if octets.strip(b"\0 "):
        return octets
    payload = pdu.tlv(const.TLV_MESSAGE_PAYLOAD)
    if not payload and pdu.trailing.startswith(_PAYLOAD_TAG):
        payload = pdu.trailing[4:]
    return payload or octets
