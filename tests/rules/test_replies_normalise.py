"""Folding: what a phone does to a word, undone; what is not the consumer's own words, left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.keywords import classify
from gateway.rules.replies.normalise import fold, span, tokens
from gateway.rules.replies.spelling import SPELLED, ordinary
from gateway.rules.replies.words import CLASS_OF


def spoken(text: str) -> str:
    return " ".join(tokens(fold(text)))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＳＴＯＰ", "stop"),
        ("ARRÊT", "arret"),
        ("désabonner", "desabonner"),
        ("\ufeffSTOP\u200b", "stop"),
        ("st\u00adop", "stop"),
        ("S\u0301TOP", "stop"),
        ("🖕🏽", "🖕"),
        ("⛔\ufe0f", "⛔"),
        ("don’t", "dont"),
        ("don't", "dont"),
        ("don t text", "dont text"),
        ("m’envoyez", "m envoyez"),
        ("s t o p", "stop"),
        ("S.T.O.P.", "stop"),
        ("s-t-o-p texting", "stop texting"),
        ("s t o p p l e a s e", "stop please"),
        ("I a m", "i a m"),
        ("stopppppp", "stop"),
        ("pleeeease", "please"),
        ("offfff", "off"),
        ("st0p", "stop"),
        ("unsubscirbe", "unsubscribe"),
        ("textign", "texting"),
        ("messsages", "messages"),
        ("SТOP", "stop"),  # a Cyrillic Т
        ("f*** off", "fuck off"),
        ("f**k", "fuck"),
        ("fu@k", "fuck"),
        ("stoptextingme", "stop texting me"),
        ("stoppage", "stoppage"),
        ("stopping", "stopping"),
        ("Opt-Out", "opt out"),
        ("5/15 at 8:00", "5/15 at 8:00"),
        ("$50.25", "$50.25"),
        ("stop\0", "stop"),
        ("stop\ud83d", "stop"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert spoken(text) == folded


@pytest.mark.parametrize(
    "signature",
    [
        "\n\nSent from my iPhone",
        "\nEnviado desde mi iPhone",
        "\nEnvoyé de mon iPhone",
        "\n-- \nJane Roe\nStop & Shop",
        " sent from my Galaxy",
    ],
)
def test_a_signature_is_left_out(signature: str) -> None:
    assert spoken("ok" + signature) == "ok"
    assert classify("stop" + signature).kind == "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "Liked “Your payment is due. Reply STOP to opt out”",
        'Emphasized "Reply STOP to end"',
        "👍 to “ Reply STOP to opt out ”",
        "> Your payment is due. Reply STOP to opt out\nok thanks",
        "the link https://example.com/unsubscribe does not open",
        "send it to stop@example.com",
    ],
)
def test_words_that_are_not_the_consumers_count_for_nothing(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize(
    "word",
    ["shop", "step", "half", "hasta", "ending", "other", "massage", "candle", "talking", "quite", "leaves", "case"],
)
def test_an_ordinary_word_is_no_slip(word: str) -> None:
    assert classify(word).kind == "none"
    assert SPELLED.get(word) is None


def test_no_correction_hides_a_word_of_ours() -> None:
    assert not [slip for slip in SPELLED if ordinary(slip)]
    assert {SPELLED[slip] for slip in SPELLED} - {"please"} <= set(CLASS_OF)


@given(st.text(max_size=200))
def test_a_folded_text_stays_as_it_is(text: str) -> None:
    assert spoken(spoken(text)) in (spoken(text), spoken(spoken(spoken(text))))


@given(st.lists(st.text("abc", min_size=1, max_size=5), max_size=8), st.integers(0, 9), st.integers(0, 9))
def test_a_span_is_where_its_tokens_stand(found: list[str], start: int, end: int) -> None:
    begin, until = span(found, start, end)
    assert " ".join(found)[begin:until] == " ".join(found[start:end])
