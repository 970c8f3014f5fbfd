"""The last net: what no rule speaks of is held where its words lean towards a refusal, and explained by them."""

import pytest

from gateway.rules.keywords import classify
from gateway.rules.replies.leaning import THRESHOLD, evidence, features
from gateway.rules.replies.leaning_table import WEIGHTS
from gateway.rules.replies.words import CLASSES
from tests.rules.replies import cases

TABLES = ("replies_tuning.tsv", "replies_holdout.tsv", "replies_hard.tsv", "keyword_cases.tsv")


@pytest.mark.parametrize("text", ["nothing more please", "pls takeme off", "get this stopped"])
def test_a_refusal_in_words_that_no_rule_knows_is_held(text: str) -> None:
    reply = classify(text)
    assert reply.kind == "needs-review", reply
    begin, end = reply.span
    assert reply.normalised[begin:end] == reply.words != ""


@pytest.mark.parametrize(
    "text",
    ["ok", "Yes!!", "thanks", "12", "", "🙏", "will pay tonight", "what is my balance?", "gracias", "merci bien"],
)
def test_what_leans_nowhere_is_left_alone(text: str) -> None:
    assert classify(text).kind == "none"


def test_it_only_holds() -> None:
    verdicts = {classify(case.text).kind for name in TABLES for case in cases(name) if _leans(case.text)}
    assert verdicts == {"needs-review"}


def _leans(text: str) -> bool:
    return classify(text).rule == "net.leaning"


def test_what_it_holds_it_holds_for_its_weight() -> None:
    held = [case.text for name in TABLES for case in cases(name) if _leans(case.text)]
    assert len(held) > 50
    assert all(evidence(features(text)) > THRESHOLD for text in held)


def test_every_weight_is_of_words_and_given_once() -> None:
    known = [feature for found in WEIGHTS.values() for feature in found.split()]
    assert len(known) == len(set(known)) > 500
    for feature in known:
        if feature.startswith("#"):
            continue
        for part in feature.split("+"):
            assert part in CLASSES or part in ("^", "$") or not part.isupper(), feature


@pytest.mark.parametrize("text", ["x" * 40_000, "no " * 20_000, "\ud800", "?" * 5000, "stop " * 3 + "x " * 10_000])
def test_any_text_has_its_weight(text: str) -> None:
    assert classify(text).kind in ("none", "opt-out", "needs-review", "help")
