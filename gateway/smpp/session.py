"""Owns the session: which PDU each side may send in which state, and what state it leads to.

Does not own PDUs, octets or time.

The table below is the whole theory (SMPP 3.4 §2.2, §2.3, table 2-1). A line reads: in this state that side may send
these commands. A command that is not in its line is the error. Both ends of a session run the same table, each
looking at the other's lines for what may come in. Where practice is wider than the specification the line says so.
"""

import enum

from gateway.smpp import const


class Role(enum.Enum):
    """Which end of the session this is."""

    ESME = "esme"
    SMSC = "smsc"

    @property
    def peer(self) -> "Role":
        """The other end."""
        return Role.SMSC if self is Role.ESME else Role.ESME


class State(enum.Enum):
    """Where the session is (SMPP 3.4 §2.2; OUTBOUND and UNBINDING are named by SMPP 5.0 §2.3)."""

    OPEN = "open"
    OUTBOUND = "outbound"
    """outbind has gone out; bind_receiver is to come."""
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBINDING = "unbinding"
    """One side has said unbind: what is under way may be answered, nothing is begun."""
    CLOSED = "closed"


BOUND = frozenset({State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX})

_BINDS = {const.BIND_RECEIVER, const.BIND_TRANSMITTER, const.BIND_TRANSCEIVER}
_BIND_RESPS = {const.BIND_RECEIVER_RESP, const.BIND_TRANSMITTER_RESP, const.BIND_TRANSCEIVER_RESP}
# Either side may always say these; enquire_link outside a bound state is practice, and is answered.
_ANY_TIME = {const.GENERIC_NACK, const.ENQUIRE_LINK, const.ENQUIRE_LINK_RESP}
_BOUND_BOTH = _ANY_TIME | {const.UNBIND, const.UNBIND_RESP, const.DATA_SM, const.DATA_SM_RESP}

# What an ESME asks of an SMSC about texts. Table 2-1 has replace_sm in BOUND_TX only; a transceiver is a transmitter.
_TX = {const.SUBMIT_SM, const.SUBMIT_MULTI, const.QUERY_SM, const.CANCEL_SM, const.REPLACE_SM}
_TX_RESPS = {command | const.RESPONSE_BIT for command in _TX}
_RX = {const.DELIVER_SM, const.ALERT_NOTIFICATION}
_RX_RESPS = {const.DELIVER_SM_RESP}

_TABLE: dict[tuple[Role, State], set[int]] = {
    (Role.ESME, State.OPEN): _ANY_TIME | _BINDS,
    (Role.SMSC, State.OPEN): _ANY_TIME | _BIND_RESPS | {const.OUTBIND},
    # §2.2.1: bind_receiver answers an outbind; carriers take a transceiver too.
    (Role.ESME, State.OUTBOUND): _ANY_TIME | {const.BIND_RECEIVER, const.BIND_TRANSCEIVER},
    (Role.SMSC, State.OUTBOUND): _ANY_TIME | {const.BIND_RECEIVER_RESP, const.BIND_TRANSCEIVER_RESP},
    (Role.ESME, State.BOUND_TX): _BOUND_BOTH | _TX,
    (Role.SMSC, State.BOUND_TX): _BOUND_BOTH | _TX_RESPS,
    (Role.ESME, State.BOUND_RX): _BOUND_BOTH | _RX_RESPS,
    (Role.SMSC, State.BOUND_RX): _BOUND_BOTH | _RX,
    (Role.ESME, State.BOUND_TRX): _BOUND_BOTH | _TX | _RX_RESPS,
    (Role.SMSC, State.BOUND_TRX): _BOUND_BOTH | _TX_RESPS | _RX,
    # The unbind of one side crosses what the other sent before it read it: so much may still come in. We ourselves
    # begin nothing any more (`connection`).
    (Role.ESME, State.UNBINDING): _BOUND_BOTH | _RX_RESPS,
    (Role.SMSC, State.UNBINDING): _BOUND_BOTH | _TX_RESPS | _RX,
    (Role.ESME, State.CLOSED): set(),
    (Role.SMSC, State.CLOSED): set(),
}

ALLOWED: dict[tuple[Role, State], frozenset[int]] = {key: frozenset(commands) for key, commands in _TABLE.items()}
"""(who sends, state) to the command_ids it may send."""

BOUND_BY = {
    const.BIND_TRANSMITTER_RESP: State.BOUND_TX,
    const.BIND_RECEIVER_RESP: State.BOUND_RX,
    const.BIND_TRANSCEIVER_RESP: State.BOUND_TRX,
}
"""The state that a bind response of status ESME_ROK leads to."""
