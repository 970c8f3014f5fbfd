"""Configuration spells its choices as the floors above do, although it cannot import them."""

from typing import get_args

from gateway.config.carriers import Alphabet, ReceiptIds, StatMeaning, Verdict
from gateway.smpp.receipt import DeliveryState
from gateway.smpp.receipt_ids import IdForm
from gateway.smpp.status import Verdict as StatusVerdict
from gateway.text.alphabet import Alphabet as TextAlphabet


def test_verdicts_are_those_of_a_status() -> None:
    assert set(get_args(Verdict)) == {verdict.value for verdict in StatusVerdict}


def test_alphabets_are_those_of_the_text_floor() -> None:
    assert set(get_args(Alphabet)) == set(TextAlphabet)


def test_meanings_of_stat_are_the_states_of_a_receipt() -> None:
    assert {meaning.upper() for meaning in get_args(StatMeaning)} == {state.name for state in DeliveryState}


def test_forms_of_receipt_ids_are_those_of_the_matcher() -> None:
    assert set(get_args(ReceiptIds)) - {"auto"} == {form.value for form in IdForm}
