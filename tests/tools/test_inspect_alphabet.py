"""``assent inspect alphabet``: a text that tells the alphabets apart, on the wire and on the handset."""

import pytest

from gateway.text import gsm7
from gateway.text.alphabet import Alphabet
from gateway.text.decode import decode
from gateway.text.segment import Encoding, plan
from tools.inspect.alphabet import certification_text, inspect, read_as


def test_it_has_every_character_that_can_be_seen_once() -> None:
    found = inspect({})
    text = found["text"]
    assert isinstance(text, str)
    assert set(text) == gsm7.DEFAULT.characters - set("\n\r\f")
    assert len(text) == len(set(text)) == found["characters"] == 134
    assert (text[:4], text[-2:]) == ("@£$¥", "|€")


@pytest.mark.parametrize("alphabet", Alphabet)
def test_it_fits_one_segment_and_comes_back_whole(alphabet: Alphabet) -> None:
    found = inspect({"alphabet": str(alphabet)})
    text = found["text"]
    assert isinstance(text, str)
    chosen = plan(text, alphabet=alphabet)
    assert (chosen.encoding, chosen.segments) == (Encoding.GSM7, 1)
    assert decode(bytes.fromhex(str(found["hex"])), 0, alphabet).text == text
    assert inspect({"alphabet": str(alphabet), "shown": text})["matches"] is True


@pytest.mark.parametrize("said", Alphabet)
@pytest.mark.parametrize("meant", Alphabet)
def test_another_alphabet_is_seen_and_named(said: Alphabet, meant: Alphabet) -> None:
    sent = bytes.fromhex(str(inspect({"alphabet": str(said)})["hex"]))
    shown = read_as(sent, meant)
    found = inspect({"alphabet": str(said), "shown": shown})
    # What ASCII has is in Latin-1 where it was: nobody could tell, and nothing is wrong.
    same = said is meant or (said, meant) == (Alphabet.ASCII, Alphabet.LATIN1)
    assert found["matches"] is same
    if not same:
        assert str(meant) in found["read_as"]  # type: ignore[operator]
        assert found["differences"]


def test_what_differs_is_told_with_its_place() -> None:
    text = certification_text(Alphabet.GSM7)
    found = inspect({"shown": text.replace("$", "¤", 1)[:-1]})
    assert found["matches"] is False
    assert found["differences"] == [
        {"sent": "$", "shown": "¤", "position": 2},
        {"sent": "€", "shown": " ", "position": 133},
    ]
    assert (found["missing"], found["read_as"]) == (1, [])


@pytest.mark.parametrize("record", [{"alphabet": "utf8"}, {"alphabet": 7}, {"alphabet": None}, {"shown": 1}])
def test_nonsense_is_answered_as_such(record: dict[str, object]) -> None:
    assert inspect(record)["error"] == "request.invalid"
