"""The table of who may say what, held against SMPP 3.4 table 2-1 written out once more, command by command."""

import pytest

from gateway.smpp import const
from gateway.smpp.session import ALLOWED, Role, State

TX, RX, TRX = State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX
BOUND = {TX, RX, TRX}

# command, states in which an ESME may send it, states in which an SMSC may
TABLE_2_1: list[tuple[int, set[State], set[State]]] = [
    (const.BIND_TRANSMITTER, {State.OPEN}, set()),
    (const.BIND_TRANSMITTER_RESP, set(), {State.OPEN}),
    (const.BIND_RECEIVER, {State.OPEN, State.OUTBOUND}, set()),
    (const.BIND_RECEIVER_RESP, set(), {State.OPEN, State.OUTBOUND}),
    (const.BIND_TRANSCEIVER, {State.OPEN, State.OUTBOUND}, set()),
    (const.BIND_TRANSCEIVER_RESP, set(), {State.OPEN, State.OUTBOUND}),
    (const.OUTBIND, set(), {State.OPEN}),
    (const.UNBIND, BOUND, BOUND),
    (const.UNBIND_RESP, BOUND, BOUND),
    (const.SUBMIT_SM, {TX, TRX}, set()),
    (const.SUBMIT_SM_RESP, set(), {TX, TRX}),
    (const.SUBMIT_MULTI, {TX, TRX}, set()),
    (const.SUBMIT_MULTI_RESP, set(), {TX, TRX}),
    (const.DATA_SM, BOUND, BOUND),
    (const.DATA_SM_RESP, BOUND, BOUND),
    (const.DELIVER_SM, set(), {RX, TRX}),
    (const.DELIVER_SM_RESP, {RX, TRX}, set()),
    (const.QUERY_SM, {TX, TRX}, set()),
    (const.QUERY_SM_RESP, set(), {TX, TRX}),
    (const.CANCEL_SM, {TX, TRX}, set()),
    (const.CANCEL_SM_RESP, set(), {TX, TRX}),
    (const.REPLACE_SM, {TX, TRX}, set()),
    (const.REPLACE_SM_RESP, set(), {TX, TRX}),
    (const.ENQUIRE_LINK, BOUND | {State.OPEN, State.OUTBOUND}, BOUND | {State.OPEN, State.OUTBOUND}),
    (const.ENQUIRE_LINK_RESP, BOUND | {State.OPEN, State.OUTBOUND}, BOUND | {State.OPEN, State.OUTBOUND}),
    (const.ALERT_NOTIFICATION, set(), {RX, TRX}),
    (const.GENERIC_NACK, BOUND | {State.OPEN, State.OUTBOUND}, BOUND | {State.OPEN, State.OUTBOUND}),
]


def test_the_table_knows_every_command() -> None:
    assert {command for command, _, _ in TABLE_2_1} == set(const.COMMAND_NAMES)


@pytest.mark.parametrize(("command", "esme", "smsc"), TABLE_2_1, ids=[const.COMMAND_NAMES[c] for c, _, _ in TABLE_2_1])
def test_a_command_is_allowed_where_the_specification_says(command: int, esme: set[State], smsc: set[State]) -> None:
    for state in set(State) - {State.UNBINDING, State.CLOSED}:
        assert (command in ALLOWED[Role.ESME, state]) is (state in esme), state
        assert (command in ALLOWED[Role.SMSC, state]) is (state in smsc), state


@pytest.mark.parametrize("role", Role)
def test_nothing_is_begun_after_unbind_and_nothing_said_after_the_end(role: Role) -> None:
    assert ALLOWED[role, State.CLOSED] == frozenset()
    unbinding = ALLOWED[role, State.UNBINDING]
    assert not unbinding & {const.SUBMIT_SM, const.QUERY_SM, const.BIND_TRANSCEIVER, const.OUTBIND}
    assert const.UNBIND_RESP in unbinding
