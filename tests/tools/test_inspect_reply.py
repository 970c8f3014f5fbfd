"""``assent inspect reply``: its answers, and its answers to nonsense."""

import json

import pytest

from tests.rules.replies import cases
from tools.inspect.reply import inspect


def test_an_opt_out_is_explained() -> None:
    assert inspect({"text": "pls quit sending these"}) == {
        "kind": "opt-out",
        "rule": "halt.sending",
        "words": "quit sending these",
        "span": [4, 22],
        "signals": [],
        "scope_argument": None,
        "declined": False,
        "language": "en",
        "normalised": "pls quit sending these",
    }


def test_a_signal_is_shown_with_its_channel() -> None:
    found = inspect({"text": "Stop calling me"})
    assert found["kind"] == "needs-review"
    assert found["signals"] == [
        {
            "name": "other_channel_optout",
            "rule": "other_channel_optout.voice",
            "words": "stop calling",
            "span": [0, 12],
            "channel": "voice",
        }
    ]


@pytest.mark.parametrize("case", cases("keyword_cases_context.tsv"), ids=str)
def test_the_contexts_of_the_table_are_known(case: tuple[str, str, str]) -> None:
    text, context, expected = case
    assert inspect({"text": text, "context": context})["kind"] == expected


@pytest.mark.parametrize(
    "record", [{"text": "YES"}, {"text": "YES", "context": None}, {"text": "YES", "context": "none"}]
)
def test_no_context_is_no_open_question(record: dict[str, object]) -> None:
    assert inspect(record)["kind"] == "none"


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "a" * 40_000, "🛑\ufe0f", "\n"])
def test_any_text_is_answered_in_json(text: str) -> None:
    assert json.loads(json.dumps(inspect({"text": text})))["kind"] in (
        "none",
        "opt-out",
        "needs-review",
        "help",
        "opt-in",
    )


@pytest.mark.parametrize(
    ("record", "word"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": ["STOP"]}, "text"),
        ({"text": "a", "context": 1}, "context"),
        ({"text": "a", "context": ""}, "context"),
        ({"text": "a", "context": "dialog_"}, "context"),
        ({"text": "a", "context": "OPTED_OUT"}, "opted_out"),
        ({"text": "a", "context": {"opted_out": True}}, "context"),
    ],
)
def test_nonsense_is_answered(record: dict[str, object], word: str) -> None:
    found = inspect(record)
    assert (found["ok"], found["error"]) == (False, "request.invalid")
    assert word in str(found["detail"])
