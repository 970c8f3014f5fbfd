"""Answers to questions asked by text: read as a person would, never guessed at, and never in place of an opt-out."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.dialog import Choice
from gateway.rules.dialogs import MOST_REPROMPTS, Move, Outcome, advance, context_of, find_wrong, read_answer
from gateway.rules.replies.classify import Context, classify

PROMISE = (
    Choice(id="now", words=("1", "now", "pay now", "ahora")),
    Choice(id="day_1", words=("2", "tomorrow", "mañana")),
    Choice(id="day_7", words=("3", "in 7 days", "una semana", "a week")),
    Choice(id="day_14", words=("4", "in 14 days", "dos semanas", "two weeks")),
    Choice(id="person", words=("5", "talk to a person", "hablar con una persona")),
)
PAY = (Choice(id="pay", words=("PAY", "pagar")),)
COUNTS = tuple(Choice(id=f"n{count}", words=(str(count),)) for count in (3, 6, 9))


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("1", "now"),
        (" 1 ", "now"),
        ("1.", "now"),
        ("1)", "now"),
        ("(1)", "now"),
        ("#1", "now"),
        ("01", "now"),
        ("1️⃣", "now"),
        ("１", "now"),
        ("1!!", "now"),
        ("1\n", "now"),
        ("1\n\nSent from my iPhone", "now"),
        ("opt 1", "now"),
        ("opt1", "now"),
        ("Option 1", "now"),
        ("number 1 please", "now"),
        ("one", "now"),
        ("ONE.", "now"),
        ("first", "now"),
        ("1st", "now"),
        ("uno", "now"),
        ("la primera", "now"),
        ("1 1", "now"),
        ("1 now", "now"),
        ("I choose 1", "now"),
        ("Tomorrow", "day_1"),
        ("tomorow", "day_1"),
        ("tommorow please", "day_1"),
        ("tomrrow", "day_1"),
        ("I will pay tomorrow", "day_1"),
        ("2 tomorrow", "day_1"),
        ("mañana", "day_1"),
        ("MAÑANA", "day_1"),
        ("manana", "day_1"),
        ("mañana por favor", "day_1"),
        ("dos", "day_1"),
        ("in 7 days", "day_7"),
        ("7 days", "day_7"),
        ("seven days", "day_7"),
        ("7", "day_7"),
        ("pay in a week", "day_7"),
        ("en una semana", "day_7"),
        ("14", "day_14"),
        ("número 4", "day_14"),
        ("5", "person"),
        ("talk to a person", "person"),
    ],
)
def test_an_answer_is_read_as_a_person_would(text: str, choice: str) -> None:
    assert read_answer(PROMISE, text) == choice


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?",
        "1 2",
        "1 or 2",
        "3 or 4",
        "11",
        "12",
        "0",
        "6",
        "1 dollar",
        "50%",
        "1.5",
        "$1",
        "$2",
        "1000",
        "not tomorrow",
        "not 1",
        "no 1",
        "can't tomorrow",
        "tomorrow never",
        "I paid 2 weeks ago",
        "why 1?",
        "what happens in 7 days",
        "hello",
        "ok",
        "👍",
        "now or tomorrow",
        "can I pay tomorrow?",
        "is it 2?",
        "1" * 10_000,
        "pay " * 10_000,
    ],
)
def test_what_is_no_one_answer_is_none(text: str) -> None:
    assert read_answer(PROMISE, text) is None


@pytest.mark.parametrize("text", ["payed", "paid", "ply", "pya", "don't pay", "cant pay", "pay?no", "$", "confirm"])
def test_a_short_word_is_not_guessed_at(text: str) -> None:
    assert read_answer(PAY, text) is None


@pytest.mark.parametrize("text", ["pay", "Pay.", "PAY please", "pagar", "Pagar!", "I want to pay", "pay it"])
def test_a_word_is_the_answer(text: str) -> None:
    assert read_answer(PAY, text) == "pay"


def test_figures_are_not_places() -> None:
    assert [read_answer(COUNTS, text) for text in ("3", "six", "nueve", "1", "2", "first")] == [
        "n3",
        "n6",
        "n9",
        None,
        None,
        None,
    ]


def test_a_person_takes_over_after_two_times() -> None:
    moves = [advance(PROMISE, asked, "whatever") for asked in range(MOST_REPROMPTS + 1)]
    assert moves == [Move(Outcome.ASK_AGAIN), Move(Outcome.ASK_AGAIN), Move(Outcome.HANDED_OVER)]
    assert advance(PROMISE, MOST_REPROMPTS, "2") == Move(Outcome.CHOSEN, "day_1")


@pytest.mark.parametrize(
    "text", ["agent", "a person please", "call me", "speak to a representative", "un agente", "human!"]
)
def test_a_person_takes_over_when_asked_for(text: str) -> None:
    assert advance(COUNTS, 0, text) == Move(Outcome.HANDED_OVER)
    assert advance(COUNTS, 0, f"no {text}").outcome is Outcome.ASK_AGAIN


@pytest.mark.parametrize(
    "word",
    [
        *("stop", "STOP", "stopall", "stop all", "cancel", "Cancel", "end", "quit", "revoke", "unsubscribe", "opt out"),
        *(
            "optout",
            "start",
            "unstop",
            "help",
            "info",
            "HELP",
            "yes",
            "Y",
            "sí",
            "agree",
            "ayuda",
            "alto",
            "baja",
            "salir",
        ),
        *(
            "ѕtop",
            "s t o p",
            "st0p",
            "stpo",
            "stp",
            "cancle",
            "cancel my plan",
            "stop payment",
            "end of month",
            "more info",
        ),
        *("leave", "remove me", "do not contact", "", " ", "?!", "👍🏽"),
    ],
)
def test_a_word_that_means_more_cannot_be_offered(word: str) -> None:
    assert list(find_wrong((Choice(id="it", words=(word,)),)))


@pytest.mark.parametrize(
    "word",
    ["1", "9", "no", "pay", "PAY", "confirm", "CONFIRM", "accept", "tomorrow", "mañana", "later", "in 7 days", "ok"],
)
def test_a_word_that_is_only_an_answer_can_be_offered(word: str) -> None:
    choices = (Choice(id="it", words=(word,)),)
    assert list(find_wrong(choices)) == []
    assert read_answer(choices, word) == "it"
    assert classify(word, Context(dialog=context_of("ask", choices))).kind == "none"


def test_two_answers_that_are_one_cannot_be_offered() -> None:
    for words in (("1", "1."), ("one", "1"), ("Tomorrow", "tomorrow!"), ("in 3", "3"), ("mañana", "manana")):
        choices = tuple(Choice(id=f"c{place}", words=(word,)) for place, word in enumerate(words))
        assert [wrong.choice for wrong in find_wrong(choices)] == ["c1"]
    twice = (Choice(id="a", words=("1",)), Choice(id="a", words=("2",)))
    assert [wrong.problem for wrong in find_wrong(twice)] == ["occurs twice among the choices"]


@pytest.mark.parametrize("choices", [PROMISE, PAY, COUNTS])
def test_what_is_offered_here_may_be(choices: tuple[Choice, ...]) -> None:
    assert list(find_wrong(choices)) == []


@pytest.mark.parametrize(
    "word", ["STOP", "stop 1", "1 stop", "Stop texting me", "CANCEL", "cancel it", "unsubscribe", "🛑"]
)
def test_an_opt_out_is_read_first_whatever_is_asked(word: str) -> None:
    assert classify(word, Context(dialog=context_of("ask", PROMISE))).kind in ("opt-out", "needs-review")


@given(st.text(max_size=400))
def test_whatever_is_written_is_read(text: str) -> None:
    move = advance(PROMISE, 0, text)
    assert (move.choice is not None) == (move.outcome is Outcome.CHOSEN)
    assert move.choice in {None, *(choice.id for choice in PROMISE)}


OFFERED = [(word, choice.id) for choice in PROMISE for word in choice.words]
DECORATION = st.sampled_from(["", " ", ".", "!", " please", " por favor", ")", "\n", " thanks", "...", " 🙏"])


@given(
    st.sampled_from(OFFERED), DECORATION, st.sampled_from(["", " ", "(", "option ", "ok ", "I choose "]), st.booleans()
)
def test_an_offered_word_is_its_answer_however_it_is_decorated(
    offered: tuple[str, str], after: str, before: str, loud: bool
) -> None:
    word, choice = offered
    assert read_answer(PROMISE, before + (word.upper() if loud else word) + after) == choice


@given(st.integers(0, 7), st.sampled_from(string.ascii_lowercase))
def test_one_slip_in_a_long_word_is_forgiven(place: int, letter: str) -> None:
    word = "tomorrow"
    for slipped in (
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
    ):
        assert read_answer(PROMISE, slipped) == "day_1"
