"""Every string is a reply: none raises, none blows up, and the rules themselves are sound."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.rules.keywords import Context, Dialog, classify, core_word
from gateway.rules.replies import asking, exclusions, frames, grammar, parse, reported, romance_grammar, weak
from gateway.rules.replies.notation import Notation
from gateway.rules.replies.phrases import GROUPS, NOTATION, PHRASES
from gateway.rules.replies.words import CLASSES, MARKS, SYMBOL, as_reported, symbol

KINDS = {"opt-out", "opt-in", "help", "needs-review", "none"}
PRODUCTIONS = (*exclusions.EXCLUSIONS, *grammar.PRODUCTIONS, *romance_grammar.SPANISH, *romance_grammar.FRENCH)
SENTENCES = (*weak.REVOKING, *weak.HOLDING, *asking.HELPING, *asking.EXPLAINING, *asking.RENEWING)
EVERYTHING_OPEN = Context(
    opt_in_pending=True, opt_in_code_sent=True, opted_out=True, dialog=Dialog("d", ("1", "yes")), own_numbers=("1",)
)

anything = st.text(st.characters(codec=None), max_size=300)  # lone surrogates included
words = st.sampled_from(sorted({words[0] for words in CLASSES.values() if words}))
salad = st.lists(
    words | st.sampled_from([".", "?", ",", "!", "\n", "12", "9am", "zebra", "🛑", "😂"]), max_size=40
).map(" ".join)


@given(anything | salad)
@example("")
@example("\0")
@example("\ud800")
@example("\ud83d" * 5)
@example("👨‍👩‍👧‍👦" * 9)
@example("'" * 50)
@example("f" + "*" * 50)
@example("\n--")
def test_any_text_is_read(text: str) -> None:
    for context in (Context(), EVERYTHING_OPEN):
        reply = classify(text, context)
        assert reply.kind in KINDS
        assert reply.rule
        assert reply.normalised[reply.span[0] : reply.span[1]] == reply.words
        assert reply == classify(text, context)
    core_word(text)


@given(salad)
def test_a_core_word_for_a_last_sentence_never_leaves_a_number_free(text: str) -> None:
    """Whatever a consumer said before, "STOP" as the last sentence stops or holds."""
    assert classify(f"{text}. STOP").kind in ("opt-out", "needs-review")


@pytest.mark.parametrize(
    "piece",
    [
        "stop ", "please ", "stop please ", "don't ", "don't you ", "no more ", "i think this is the wrong ",
        "f*", "a", "a b ", "l'a ", "s.t.o.p. ", "🛑", "\u200d", "\0", "\ud83d", "a\u0301", "\ufdfa", "1", "1.",
        "$", "?", "- ", "stop-", "stop", "\nsent from ", '"', "'", "text me again ", "take me my my the ",
        "revoke my the all ", "stop the the the ", "one more text a b c ", "http://a ", "a@", ">\n",
    ],
)  # fmt: skip
def test_the_longest_text_of_anything_is_read(piece: str) -> None:
    longest = 255 * 153  # characters of 255 GSM parts
    assert classify((piece * longest)[:longest]).kind in KINDS


def test_each_word_is_in_one_class() -> None:
    seen: dict[str, str] = {}
    for name in CLASSES.keys() - reported.CLASSES.keys():
        for word in CLASSES[name]:
            assert seen.setdefault(word, name) == name, word
            assert symbol(word) == SYMBOL[name]
    assert len(set(SYMBOL.values())) == len(SYMBOL)


def test_a_word_that_is_only_reported_is_in_one_class_of_those_and_none_of_the_verdicts() -> None:
    seen: dict[str, str] = {}
    verdicts = {SYMBOL[name] for name in CLASSES.keys() - reported.CLASSES.keys()}
    for name in reported.CLASSES:
        for word in CLASSES[name]:
            assert seen.setdefault(word, name) == name, word
            assert symbol(word) in verdicts
            assert as_reported([word], symbol(word)) == SYMBOL[name]


def test_each_group_and_phrase_is_used() -> None:
    patterns = [pattern for *_, pattern in (*PRODUCTIONS, *SENTENCES)]
    named = set(
        re.findall(r"[A-Z][A-Z_0-9]*", " ".join([*patterns, *PHRASES.values(), *GROUPS.values(), *elsewhere()]))
    )
    assert set(GROUPS) | set(PHRASES) <= named


def elsewhere() -> list[str]:
    """The patterns that are not in a table."""
    folder = Path(frames.__file__).parent
    names = ("frames", "parse", "classify", "signals", "strangers", "preferences", "asking", "weak")
    return [(folder / f"{name}.py").read_text(encoding="utf-8") for name in names]


def test_each_class_is_used() -> None:
    patterns = [pattern for *_, pattern in (*PRODUCTIONS, *SENTENCES)]
    named = set(
        re.findall(r"[A-Z][A-Z_0-9]*", " ".join([*patterns, *PHRASES.values(), *GROUPS.values(), *elsewhere()]))
    )
    assert set(CLASSES) - named - set(MARKS) == set()


def test_gaps_in_rules_are_bounded() -> None:
    """Unbounded repetition inside a searched pattern is what makes matching quadratic."""
    for rule, _, pattern in (*PRODUCTIONS, *SENTENCES):
        assert not re.search(r"[*+]", pattern), rule


def test_each_frame_has_a_verdict_for_each_strength() -> None:
    strengths = {strength for strength, _ in frames.VERDICTS}
    assert {strength for _, strength, _ in PRODUCTIONS} <= strengths
    for name in frames.NAMES:
        for strength in strengths:
            assert frames.VERDICTS[strength, name] in ("opt-out", "needs-review", "none")


def test_each_sentence_can_be_anchored() -> None:
    for rule, anchor, pattern in SENTENCES:
        assert NOTATION.symbols(anchor), rule
        NOTATION.pattern(pattern)


@pytest.mark.parametrize("pattern", ["?! STOP", "STOP | QUIT", "(STOP | QUIT) | CEASE", ""])
def test_a_production_must_begin_with_one_choice_of_classes(pattern: str) -> None:
    with pytest.raises(ValueError, match="does not begin"):
        NOTATION.leading(pattern)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        NOTATION.pattern("STOP NONSUCH")
    with pytest.raises(KeyError):
        Notation({"G": "NONSUCH"}, {})


def test_a_phrase_is_found_where_it_stands() -> None:
    symbols = "".join(symbol(word) for word in ["i", "paid", ".", "stop", "texting", "me"])
    finding = parse.phrases(symbols)
    assert (finding.verdict, finding.rule, finding.start, finding.end) == ("opt-out", "halt.reaching", 3, 6)
