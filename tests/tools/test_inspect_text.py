"""``assent inspect text``: its answers, and its answers to nonsense."""

import json

import pytest

from tools.inspect.text import inspect


def test_a_short_text() -> None:
    assert inspect({"text": "Hi @home"}) == {
        "encoding": "gsm7",
        "segments": 1,
        "units": 8,
        "parts": [{"text": "Hi @home", "hex": "48692000686f6d65"}],
        "forced_by": None,
    }


def test_a_forced_text() -> None:
    found = inspect({"text": "it’s", "reference": 5, "reference_bits": 16})
    assert found == {
        "encoding": "ucs2",
        "segments": 1,
        "units": 4,
        "parts": [{"text": "it’s", "hex": "0069007420190073"}],
        "forced_by": "’",
    }


@pytest.mark.parametrize(("bits", "header"), [(8, "050003c802"), (16, "06080400c802")])
def test_a_long_text_has_headers(bits: int, header: str) -> None:
    found = inspect({"text": "я" * 100, "reference": 200, "reference_bits": bits})
    assert found["segments"] == 2
    parts = found["parts"]
    assert isinstance(parts, list)
    assert [part["hex"][: len(header) + 2] for part in parts] == [header + "01", header + "02"]
    assert "".join(part["text"] for part in parts) == "я" * 100
    json.dumps(found)


def test_the_defaults_are_reference_0_in_8_bits() -> None:
    text = "a" * 200
    assert inspect({"text": text}) == inspect({"text": text, "reference": 0, "reference_bits": 8})


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        ({}, "request.invalid", "text"),
        ({"text": None}, "request.invalid", "text"),
        ({"text": 5}, "request.invalid", "text"),
        ({"text": "a", "reference": "1"}, "request.invalid", "reference"),
        ({"text": "a", "reference": True}, "request.invalid", "reference"),
        ({"text": "a", "reference": 1.0}, "request.invalid", "reference"),
        ({"text": "a", "reference": -1}, "request.invalid", "reference"),
        ({"text": "a", "reference": 256}, "request.invalid", "255"),
        ({"text": "a", "reference": 65536, "reference_bits": 16}, "request.invalid", "65535"),
        ({"text": "a", "reference_bits": 7}, "request.invalid", "reference_bits"),
        ({"text": "a", "reference_bits": 8.0}, "request.invalid", "reference_bits"),
        ({"text": "a", "reference_bits": None}, "request.invalid", "reference_bits"),
        ({"text": "a\0b"}, "content.unencodable", "position 1"),
        ({"text": "ab\ud83d"}, "content.unencodable", "U+D83D"),
        ({"text": "a" * 40_000}, "content.too_long", "255"),
    ],
)
def test_nonsense_is_named(record: dict[str, object], code: str, word: str) -> None:
    found = inspect(record)
    assert found["ok"] is False
    assert found["error"] == code
    assert word in str(found["detail"])
    assert str(found["detail"]).isascii()
