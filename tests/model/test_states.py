"""The words that clients store: their spelling is a promise."""

import msgspec
import pytest

from gateway.model.consent import Evidence
from gateway.model.events import Kind
from gateway.model.message import TERMINAL, State


def test_states_are_spelt_as_promised() -> None:
    assert sorted(state.value for state in State) == sorted([
        "held", "queued", "in_flight", "submitted", "in_doubt", "delivered", "undelivered", "expired", "rejected",
        "blocked", "cancelled", "unconfirmed",
    ])  # fmt: skip


def test_a_message_ends_in_one_of_seven() -> None:
    assert {state.value for state in TERMINAL} == {
        "delivered", "undelivered", "expired", "rejected", "blocked", "cancelled", "unconfirmed",
    }  # fmt: skip


def test_every_state_that_a_message_rests_in_has_its_event() -> None:
    told = {kind.removeprefix("message.") for kind in Kind if kind.startswith("message.")}
    assert told - {"accepted"} >= {state.value for state in State} - {"in_flight"}


_EVIDENCE = {"obtained_at": 1, "medium": "paper", "wording": "I agree.", "source": "branch 7"}


def test_evidence_is_kept_as_it_was_given() -> None:
    evidence = msgspec.convert(_EVIDENCE, Evidence)
    assert msgspec.to_builtins(evidence) == _EVIDENCE


@pytest.mark.parametrize("field", list(_EVIDENCE))
def test_evidence_without_one_of_its_parts_is_none(field: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.convert({name: value for name, value in _EVIDENCE.items() if name != field}, Evidence)


def test_evidence_with_an_unknown_part_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="signature"):
        msgspec.convert(_EVIDENCE | {"signature": "x"}, Evidence)
