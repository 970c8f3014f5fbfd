"""Owns the reading of delivery receipts: which deliver_sm is one, what it says, and under which names its id may be known.

Does not own the matching with a text of ours nor what state a text takes (the flow), and never guesses from content
that a text is a receipt: a subscriber can write `id:1 stat:DELIVRD` to us too.

SMPP 3.4 leaves the text of a receipt to the vendor (Appendix B shows one form). So the text is scanned for the
keys that are known, in any order and spelling, and what is between them is let be; the optional parameters, where
there are any, go first.
"""

import enum
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from gateway.smpp import const
from gateway.smpp.pdu import DataSm, DeliverSm
from gateway.smpp.receipt_ids import match_keys


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
    if len(word) == 1 and word in "123456789":
        return DeliveryState(int(word))
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

    @property
    def final(self) -> bool:
        """Whether the text's fate is settled by this."""
        return self.state is not None and self.state.final

    def __repr__(self) -> str:
        return f"Receipt(smsc_message_id={self.smsc_message_id!r}, stat={self.stat!r}, err={self.err!r})"


# ---- the text

# A key is known by its name, in any case, and a colon or equals sign behind it; in front of it there is no letter,
# digit or underscore (so that msgid: is not id:).
_KEY = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"(?P<smsc_message_id>id)"
    r"|(?P<other_id>(?:message|msg|smsc)[ _-]?(?:message[ _-]?)?id)"
    r"|(?P<submit_date>sub(?:mit(?:ted)?)?[ _-]?date)"
    r"|(?P<done_date>done[ _-]?date)"
    r"|(?P<sub>sub)"
    r"|(?P<dlvrd>dlvr?d)"
    r"|(?P<stat>stat(?:us|e)?)"
    r"|(?P<err>err(?:or)?(?:[ _-]?code)?)"
    r"|(?P<text>text|txt)"
    r")[ \t]*[:=]",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"[ \t]*")
_VALUE = re.compile(r"[^\s,;|&\x00]*")
# 2023-10-11 12:30:45, 23/10/11 12:30, 20231011 123045: the blank belongs to the date.
_DATE = re.compile(r"\d{2,4}[-/.]\d{1,2}[-/.]\d{1,4} \d{1,2}:\d{2}[^\s,;|&\x00]*|\d{6,8} \d{4,6}(?!\d)")
_ANY_KEY = re.compile(r"[A-Za-z_]\w*[:=]")
_DATES = ("submit_date", "done_date")


# What most carriers send, letter for letter as in SMPP 3.4 Appendix B: one match in place of fifty. `scan` says the same of
# it, only slower; a test holds them together.
_USUAL = re.compile(
    r"id:(?P<smsc_message_id>[0-9A-Za-z-]+) sub:(?P<sub>[0-9]{3}) dlvrd:(?P<dlvrd>[0-9]{3})"
    r" submit date:(?P<submit_date>[0-9]{10,14}) done date:(?P<done_date>[0-9]{10,14})"
    r" stat:(?P<stat>[A-Z]+) err:(?P<err>[0-9A-Za-z]+) [Tt]ext:[ \t]*(?P<text>[^\0]*)"
)


def scan(text: str) -> dict[str, str]:
    """The known keys of a receipt's text with their values as they stand there; a key that is not there is left out.

    The first of several equal keys counts. `text` reaches to the end, or to the next key that has not been seen: in the
    usual order it is the last, so its words can override nothing, and in another order it hides nothing.
    """
    text = text.rstrip("\0\r\n")
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        return usual.groupdict()
    return _scan(text)


def _scan(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while (key := _KEY.search(text, position)) is not None:
        name = str(key.lastgroup)
        position = key.end()
        if name in found:
            continue
        if name == "text":
            start = _skip_blanks(text, position)
            following = _next_new_key(text, position, found)
            if following is None:
                found[name] = text[start:]
                break
            found[name] = text[start : max(start, following)].rstrip(" \t,;|&")
            position = following
        else:
            found[name], position = _value(text, position, is_date=name in _DATES)
    other_id = found.pop("other_id", None)
    if other_id is not None:
        found.setdefault("smsc_message_id", other_id)
    return found


def _skip_blanks(text: str, position: int) -> int:
    blanks = _BLANKS.match(text, position)
    return blanks.end() if blanks else position


def _next_new_key(text: str, position: int, found: Mapping[str, str]) -> int | None:
    for key in _KEY.finditer(text, position):
        if key.lastgroup not in found and key.lastgroup not in ("text", "other_id"):
            return key.start()
    return None


def _value(text: str, position: int, *, is_date: bool) -> tuple[str, int]:
    start = _skip_blanks(text, position)
    # `id: sub:001`: what follows is the next key, not the value.
    if _KEY.match(text, start) or (start > position and _ANY_KEY.match(text, start)):
        return "", start
    value = _DATE.match(text, start) if is_date else None
    if value is None:
        value = _VALUE.match(text, start)
    return (value.group(), value.end()) if value else ("", start)


# ---- the whole


def read(pdu: DeliverSm | DataSm, states: Mapping[str, DeliveryState] = NO_STATES) -> Receipt:
    """What the receipt `pdu` says. Call it for what `classify` calls a receipt or intermediate.

    `states`: the carrier's own `stat` words, in capitals.
    """
    message_id = pdu.tlv(const.TLV_RECEIPTED_MESSAGE_ID)
    message_state = pdu.tlv(const.TLV_MESSAGE_STATE)
    network_error = pdu.tlv(const.TLV_NETWORK_ERROR_CODE)
    reference = pdu.tlv(const.TLV_USER_MESSAGE_REFERENCE)
    receipt = combine(
        _text_of(pdu),
        message_id.rstrip(b"\0").decode("latin-1") if message_id is not None else None,
        message_state[0] if message_state else None,
        (network_error[0], int.from_bytes(network_error[1:3])) if network_error and len(network_error) >= 3 else None,
        states,
    )
    if reference is None or len(reference) != 2:
        return receipt
    return msgspec.structs.replace(receipt, user_message_reference=int.from_bytes(reference))


def _text_of(pdu: DeliverSm | DataSm) -> str:
    octets = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    if not octets:
        octets = pdu.tlv(const.TLV_MESSAGE_PAYLOAD) or b""
    # A header is cut off only where there can be one: SMSCs set UDHI on receipts that have none, and then the first
    # letter of the text would be taken for a length.
    if pdu.esm_class & const.ESM_CLASS_UDHI and octets and octets[0] < 0x20 and octets[0] < len(octets):
        octets = octets[octets[0] + 1 :]
    if pdu.data_coding == const.DATA_CODING_UCS2:
        return octets.decode("utf-16-be", errors="replace")
    return octets.decode("latin-1")


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

    conflict = False
    message_id = text_id
    if receipted_message_id:
        message_id = receipted_message_id
        conflict = bool(text_id) and not set(match_keys(message_id)) & set(match_keys(text_id or ""))

    stat = text_stat
    state = text_state
    if message_state is not None:
        named = _STATES.get(message_state)
        if named is None:
            stat = stat or str(message_state)
        elif named is not text_state:
            conflict = conflict or text_state is not None
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
    )
