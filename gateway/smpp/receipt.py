"""Owns the reading of delivery receipts: which deliver_sm is one, what it says, and under which names its id may be known.

Does not own the matching with a text of ours nor what state a text takes (the flow), and never guesses from content
that a text is a receipt: a subscriber can write `id:1 stat:DELIVRD` to us too.

SMPP 3.4 leaves the text of a receipt to the vendor (Appendix B shows one form; `receipt_text` reads it and the others). The
optional parameters, where there are any, go first.
"""

import enum
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from gateway.smpp import const
from gateway.smpp.pdu import DataSm, DeliverSm, text_of
from gateway.smpp.receipt_ids import match_keys
from gateway.smpp.receipt_text import has_key, scan


class MessageType(enum.Enum):
    """What a deliver_sm or data_sm from an SMSC is, by bits 5 to 2 of its esm_class (SMPP 3.4 §5.2.12)."""

    TEXT = "text"
    RECEIPT = "receipt"
    DELIVERY_ACK = "delivery_ack"
    MANUAL_ACK = "manual_ack"
    CONVERSATION_ABORT = "conversation_abort"
    INTERMEDIATE = "intermediate"


_TYPES = {
    const.ESM_CLASS_TYPE_SMSC_RECEIPT: MessageType.RECEIPT,
    const.ESM_CLASS_TYPE_DELIVERY_ACK: MessageType.DELIVERY_ACK,
    const.ESM_CLASS_TYPE_MANUAL_ACK: MessageType.MANUAL_ACK,
    const.ESM_CLASS_TYPE_CONVERSATION_ABORT: MessageType.CONVERSATION_ABORT,
    const.ESM_CLASS_TYPE_INTERMEDIATE: MessageType.INTERMEDIATE,
}


def classify(esm_class: int) -> MessageType:
    """What kind of message this esm_class announces. Mode (bits 1 and 0), UDHI and reply path have no say in it.

    A reserved value is a text: a person's STOP is lost by taking it for anything less.
    """
    return _TYPES.get(esm_class & const.ESM_CLASS_TYPE_MASK, MessageType.TEXT)


def type_of(pdu: DeliverSm | DataSm) -> MessageType:
    """What `classify` says, but that SMSCs which leave esm_class at 0 are believed by receipted_message_id and message_state.

    Only receipts have these (SMPP 3.4 §4.6.1), and no handset writes them. With words that are no receipt's it stays a text.
    """
    kind = classify(pdu.esm_class)
    if (
        kind is MessageType.TEXT
        and pdu.tlv(const.TLV_RECEIPTED_MESSAGE_ID)
        and pdu.tlv(const.TLV_MESSAGE_STATE)
        and (not (octets := _octets_of(pdu)) or "stat" in scan(decoded(octets, pdu.data_coding)))
    ):
        return MessageType.RECEIPT
    return kind


class DeliveryState(enum.IntEnum):
    """message_state, SMPP 3.4 §5.2.28; SCHEDULED and SKIPPED are SMPP 5.0's."""

    SCHEDULED = const.MESSAGE_STATE_SCHEDULED
    ENROUTE = const.MESSAGE_STATE_ENROUTE
    DELIVERED = const.MESSAGE_STATE_DELIVERED
    EXPIRED = const.MESSAGE_STATE_EXPIRED
    DELETED = const.MESSAGE_STATE_DELETED
    UNDELIVERABLE = const.MESSAGE_STATE_UNDELIVERABLE
    ACCEPTED = const.MESSAGE_STATE_ACCEPTED
    UNKNOWN = const.MESSAGE_STATE_UNKNOWN
    REJECTED = const.MESSAGE_STATE_REJECTED
    SKIPPED = const.MESSAGE_STATE_SKIPPED

    @property
    def final(self) -> bool:
        """Whether nothing more is to be expected. ACCEPTED is "queued" in practice, and UNKNOWN says nothing."""
        return self in _FINAL


_FINAL = frozenset(
    {
        DeliveryState.DELIVERED,
        DeliveryState.EXPIRED,
        DeliveryState.DELETED,
        DeliveryState.UNDELIVERABLE,
        DeliveryState.REJECTED,
        DeliveryState.SKIPPED,
    }
)

STATE_TEXTS: Final[Mapping[DeliveryState, str]] = MappingProxyType(
    {
        DeliveryState.SCHEDULED: "SCHEDLD",
        DeliveryState.ENROUTE: "ENROUTE",
        DeliveryState.DELIVERED: "DELIVRD",
        DeliveryState.EXPIRED: "EXPIRED",
        DeliveryState.DELETED: "DELETED",
        DeliveryState.UNDELIVERABLE: "UNDELIV",
        DeliveryState.ACCEPTED: "ACCEPTD",
        DeliveryState.UNKNOWN: "UNKNOWN",
        DeliveryState.REJECTED: "REJECTD",
        DeliveryState.SKIPPED: "SKIPPED",
    }
)
"""How a state is written in a receipt's text (SMPP 3.4 Appendix B)."""

_STATES = {int(state): state for state in DeliveryState}

# Beginnings, in capitals; the longest that fits decides. Appendix B's seven letters, their long forms, and what
# else carriers write.
_STAT_BEGINNINGS = {
    "SCHED": DeliveryState.SCHEDULED,
    "ENROUT": DeliveryState.ENROUTE,
    "EN_ROUT": DeliveryState.ENROUTE,
    "BUFF": DeliveryState.ENROUTE,
    "QUEUE": DeliveryState.ENROUTE,
    "PENDING": DeliveryState.ENROUTE,
    "SENT": DeliveryState.ENROUTE,
    "DELIVR": DeliveryState.DELIVERED,
    "DELIVERD": DeliveryState.DELIVERED,
    "DELIVERED": DeliveryState.DELIVERED,
    "DLVRD": DeliveryState.DELIVERED,
    "READ": DeliveryState.DELIVERED,
    "EXPIR": DeliveryState.EXPIRED,
    "DELET": DeliveryState.DELETED,
    "CANCEL": DeliveryState.DELETED,
    "UNDELIV": DeliveryState.UNDELIVERABLE,
    "UNDLV": DeliveryState.UNDELIVERABLE,
    "FAIL": DeliveryState.UNDELIVERABLE,
    "ACCEPT": DeliveryState.ACCEPTED,
    "ACKED": DeliveryState.ACCEPTED,
    "UNKNOW": DeliveryState.UNKNOWN,
    "REJECT": DeliveryState.REJECTED,
    "BLOCK": DeliveryState.REJECTED,
    "SKIP": DeliveryState.SKIPPED,
}

NO_STATES: Final[Mapping[str, DeliveryState]] = MappingProxyType({})


def state_of(stat: str, states: Mapping[str, DeliveryState] = NO_STATES) -> DeliveryState | None:
    """The state that the `stat` of a receipt's text names, or None. `states`: the carrier's own words, in capitals."""
    word = stat[:16].strip().upper()
    own = states.get(word)
    if own is not None:
        return own
    number = word.lstrip("0")
    if len(number) == 1 and number in "123456789":
        return DeliveryState(int(number))
    for length in range(len(word), 3, -1):
        state = _STAT_BEGINNINGS.get(word[:length])
        if state is not None:
            return state
    return None


class Receipt(msgspec.Struct, frozen=True):
    """What a receipt says. The strings are the carrier's own, unchanged, None where there is none."""

    smsc_message_id: str | None = None
    stat: str | None = None
    err: str | None = None
    sub: str | None = None
    dlvrd: str | None = None
    submit_date: str | None = None
    done_date: str | None = None
    text: str | None = None
    state: DeliveryState | None = None
    """What `stat` means; None where the carrier's word for it is not known."""
    network_error: tuple[int, int] | None = None
    """network_error_code: the kind of network, and the network's own code (SMPP 3.4 §5.3.2.31)."""
    user_message_reference: int | None = None
    """What the ESME gave the text in its submit_sm (SMPP 3.4 §5.3.2.17), where the SMSC repeats it (§4.6.1)."""
    conflict: bool = False
    """Whether the optional parameters and the text name another message or another state."""
    other_message_id: str | None = None
    """The id in the text, where that is none of the names of the one in receipted_message_id."""

    @property
    def final(self) -> bool:
        """Whether the text's fate is settled by this."""
        return self.state is not None and self.state.final

    def __repr__(self) -> str:
        return f"Receipt(smsc_message_id={self.smsc_message_id!r}, stat={self.stat!r}, err={self.err!r})"


def read(
    pdu: DeliverSm | DataSm,
    states: Mapping[str, DeliveryState] = NO_STATES,
    unpack: Callable[[bytes], str] | None = None,
) -> Receipt:
    """What the receipt `pdu` says. Call it for what `type_of` calls a receipt or intermediate.

    `states`: the carrier's own `stat` words, in capitals. `unpack` reads packed septets, where the carrier packs.
    """
    octets = _octets_of(pdu)
    text = decoded(octets, pdu.data_coding)
    if unpack is not None and not has_key(text):
        text = unpack(octets)
    message_id = pdu.tlv(const.TLV_RECEIPTED_MESSAGE_ID)
    message_state = pdu.tlv(const.TLV_MESSAGE_STATE)
    network_error = pdu.tlv(const.TLV_NETWORK_ERROR_CODE)
    reference = pdu.tlv(const.TLV_USER_MESSAGE_REFERENCE)
    receipt = combine(
        text,
        # What a fixed field was filled up with is no part of the id.
        message_id.split(b"\0", 1)[0].decode("latin-1").strip() if message_id is not None else None,
        _state_number(message_state),
        (network_error[0], int.from_bytes(network_error[1:3])) if network_error and len(network_error) >= 3 else None,
        states,
    )
    if reference is None or len(reference) != 2:
        return receipt
    return msgspec.structs.replace(receipt, user_message_reference=int.from_bytes(reference))


def _state_number(value: bytes | None) -> int | None:
    """message_state is one octet; some SMSCs write a wider integer, or the digit."""
    if not value:
        return None
    if len(value) > 1:
        value = value.strip(b"\0") or value[:1]
    return value[0] - 0x30 if len(value) == 1 and value.isdigit() else value[0]


def _octets_of(pdu: DeliverSm | DataSm) -> bytes:
    octets = text_of(pdu)
    # A header is cut off only where there can be one: SMSCs set UDHI on receipts that have none, and then the first
    # letter of the text would be taken for a length.
    if pdu.esm_class & const.ESM_CLASS_UDHI and octets and 0 < octets[0] < 0x20 and octets[0] < len(octets):
        octets = octets[octets[0] + 1 :]
    return octets


_WIDE = re.compile(rb"(?:\xfe\xff)?(?:\0[^\0]){2}", re.DOTALL)
_WIDE_SWAPPED = re.compile(rb"(?:\xff\xfe)?(?:[^\0]\0){2}", re.DOTALL)
_SEPTETS = bytes.maketrans(b"\x02\x11", b"$_")
"""GSM 03.38's, where ids have them: nobody else means anything by these octets."""


def decoded(octets: bytes, data_coding: int) -> str:
    """The text of a receipt's octets, in whichever of the alphabets it is."""
    # By what it looks like first: SMSCs give a receipt the data_coding of the text that it is about, and write it as ever.
    if _WIDE.match(octets):
        return octets.decode("utf-16-be", errors="replace")
    if _WIDE_SWAPPED.match(octets):
        return octets.decode("utf-16-le", errors="replace")
    if data_coding == const.DATA_CODING_UCS2 and 0 in octets.rstrip(b"\0"):  # as every key has in UCS-2
        return octets.decode("utf-16-be", errors="replace")
    return octets.translate(_SEPTETS).decode("latin-1")


def combine(
    text: str | None,
    receipted_message_id: str | None,
    message_state: int | None,
    network_error: tuple[int, int] | None,
    states: Mapping[str, DeliveryState] = NO_STATES,
) -> Receipt:
    """The receipt made of a text and of optional parameters, each of which may be missing; the parameters go first.

    Where only the parameters know the state or the error, `stat` and `err` are written as Appendix B writes them. The
    `err` of a text stays beside `network_error`: it is another table of codes.
    """
    found = scan(text) if text else {}
    text_id = found.get("smsc_message_id")
    text_stat = found.get("stat")
    text_state = state_of(text_stat, states) if text_stat else None

    message_id, other_id = text_id, None
    if receipted_message_id:
        message_id = receipted_message_id
        if text_id and set(match_keys(message_id)).isdisjoint(match_keys(text_id)):
            other_id = text_id
    conflict = other_id is not None

    stat = text_stat
    state = text_state
    if message_state is not None:
        named = _STATES.get(message_state)
        if named is None:
            stat = stat or str(message_state)
        elif named is not text_state:
            conflict = conflict or text_state is not None
            # SMPP 3.4 has no state 0: beside a word that says more it is an octet that nobody filled in.
            if named is not DeliveryState.SCHEDULED or text_state is None:
                state = named
                stat = STATE_TEXTS[named]

    err = found.get("err")
    if err is None and network_error is not None:
        err = f"{network_error[1]:03d}"
    return Receipt(
        message_id,
        stat,
        err,
        found.get("sub"),
        found.get("dlvrd"),
        found.get("submit_date"),
        found.get("done_date"),
        found.get("text"),
        state,
        network_error,
        conflict=conflict,
        other_message_id=other_id,
    )
