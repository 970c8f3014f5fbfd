"""Whole texts: ordinary billing texts pass, bad ones are refused, and no disguise changes that."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.rules.content.finding import ContentCode, ContentContext, Level, OptOutDuty
from gateway.rules.content.lint import lint

_CASES = Path(__file__).parents[1] / "vectors" / "content_cases.tsv"
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))")


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)


def _cases() -> list[tuple[str, str, str, str]]:
    header, *lines = _CASES.read_text(encoding="utf-8").splitlines()
    assert header == "expected\tparty\tsender\ttext"
    rows = [line.split("\t") for line in lines]
    return [(expected, party, sender, _unescape(text)) for expected, party, sender, text in rows]


CASES = _cases()
ORDINARY = [case for case in CASES if case[0] == "pass"]
BAD = [case for case in CASES if case[0] != "pass"]

DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "capitals": str.upper,
    "zero-width spaces": "\u200b".join,
    "soft hyphens": lambda text: re.sub(r"(?<=\w)(?=\w)", "\u00ad", text),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "Cyrillic look-alikes": lambda text: text.translate(str.maketrans("aeopcxyiAEOPCXTHBMK", "аеорсхуіАЕОРСХТНВМК")),
    "mathematical letters": lambda text: "".join(chr(ord(c) + 0x1D3B9) if "a" <= c <= "z" else c for c in text),
    "separate accents": lambda text: unicodedata.normalize("NFD", text),
    "hard blanks": lambda text: text.replace(" ", "\u00a0"),
    "many blanks": lambda text: text.replace(" ", "   "),
}


def _stops(text: str, party: str, sender: str) -> set[ContentCode]:
    """The codes of what would keep the text from going."""
    context = ContentContext(
        category="servicing", identity=(sender,), party_known=party == "known", opt_out=OptOutDuty.NONE
    )
    return {finding.code for finding in lint(text, context) if finding.level is not Level.WARN}


def test_there_are_enough_of_each() -> None:
    counts = Counter(expected for expected, *_ in CASES)
    assert counts["pass"] >= 300
    assert len(BAD) >= 300
    assert min(counts.values()) >= 7
    assert len({text for *_, text in CASES}) == len(CASES)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_an_ordinary_text_passes(disguise: str) -> None:
    stopped = {text: codes for _, *rest, text in ORDINARY if (codes := _stops(DISGUISES[disguise](text), *rest))}
    assert stopped == {}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_bad_text_is_refused(disguise: str) -> None:
    missed = {
        text: (expected, codes)
        for expected, *rest, text in BAD
        if expected not in (codes := _stops(DISGUISES[disguise](text), *rest))
    }
    assert missed == {}


@pytest.mark.parametrize("code", sorted({expected for expected, *_ in BAD}))
def test_a_refusal_points_into_the_text_and_does_not_quote_it(code: str) -> None:
    for expected, party, sender, text in BAD:
        if expected != code:
            continue
        context = ContentContext(category="servicing", identity=(sender,), party_known=party == "known")
        found = [finding for finding in lint(text, context) if finding.code == code]
        assert found
        for finding in found:
            assert 0 <= finding.start < finding.end <= len(text)
            part = text[finding.start : finding.end]
            assert part == part.strip()
            if any(char.isdigit() for char in part):
                assert part not in finding.why + finding.fix
