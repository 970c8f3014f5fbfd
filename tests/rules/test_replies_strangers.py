"""Somebody else's number: told of in passing it ends nothing, and told in few words it is not missed."""

import pytest

from gateway.rules.holds import disowns
from gateway.rules.keywords import classify


@pytest.mark.parametrize(
    "text",
    [
        "the wrong person answered when I called", "the wrong number is on my bill", "I called and the wrong person answered",
        "You have the wrong number for the routing", "you have the wrong number for my account",
        "the wrong number was on the letter",
    ],
)  # fmt: skip
def test_a_wrong_number_told_of_ends_nothing(text: str) -> None:
    reply = classify(text)
    assert reply.kind != "opt-out"
    assert not disowns(reply)


@pytest.mark.parametrize(
    "text",
    [
        "the wrong number", "you have the wrong number", "you have the wrong number for John", "wrong number for Maria",
        "you've got the wrong number here", "wrong number buddy", "you texted the wrong person", "I think the wrong number",
    ],
)  # fmt: skip
def test_a_wrong_number_told_outright_ends_all(text: str) -> None:
    reply = classify(text)
    assert reply.kind == "opt-out"
    assert disowns(reply)


@pytest.mark.parametrize(
    "text",
    [
        "I'm not Maria", "Im not John", "not Maria", "I am not Maria Lopez", "not John sorry", "je ne suis pas Pierre",
        "c'est pas Pierre", "no soy Juan", "she changed her number", "my mom changed her number", "Maria got a new number",
        "this is a new number, I got it last week", "this is a new number, he doesn't have it anymore",
    ],
)  # fmt: skip
def test_somebody_else_is_held_and_reported(text: str) -> None:
    reply = classify(text)
    assert reply.kind == "needs-review"
    assert [signal.name for signal in reply.signals] == ["wrong_party"]
    assert not disowns(reply)


@pytest.mark.parametrize(
    "text",
    [
        "I'm not home", "I'm not sure", "not sure", "not yet", "I'm not working", "not today", "not really", "I'm not paying",
        "I'm not happy", "I'm not available", "je ne suis pas sur", "je ne suis pas chez moi", "this is my new number",
        "this is a new number", "I'm Maria", "this is John", "talk to Maria", "my address changed",
    ],
)  # fmt: skip
def test_nobody_else_is_heard_of(text: str) -> None:
    reply = classify(text)
    assert (reply.kind, reply.signals) == ("none", ())
