"""Figures made alike: what no rule on wording can tell apart, and what one does."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.rules.content.figures import alike
from gateway.rules.content.finding import ContentCode, ContentContext, Purpose
from gateway.rules.content.lint import lint
from tests.rules.test_content_cases import CASES

CONTEXTS = tuple(
    ContentContext(
        category="servicing", identity=("Acme",), party_known=known, purpose=purpose, disclosure="Call us.", domains=("acme.com",)
    )
    for known, purpose in ((True, Purpose.ORDINARY), (False, Purpose.ORDINARY), (False, Purpose.OPT_IN_REQUEST))
)  # fmt: skip
_NAMED_WITH_FIGURES = ("no text says this: 7",)
"""A name with a figure, which is why figures are read as they are; it is in no text."""
_PIECES = (
    "Acme ", "30 days to dispute the debt ", "1-time message ", "1 time code ", "reply ", "HELP 4 help ", "STOP 2 end ",
    "STOP2END ", "to opt out, call 1 800 555 0100 ", "unsubscribe: 18005550100 ", "no more texts: (212) 555-0100 ", "sh1t ",
    "bit.ly/12 ", "12.34.com ", "1url.com ", "@12 ", "a$35 ", "$35.00 ", "$1,250.30 ", "20% off ", "4111 1111 1111 1111 ",
    "payment of ", "(30 ", "debe ", "12/31", "12:30", "pm ", "1300 ", "130 ", "13 ", "１２ ", "1_2 ", "\t77\t", "\n",
    "\r12\r", "#12345 ", "thirty ", "msgs/12 ", "account ", "3RD ", "STOP=12 ", "5.", " . ", "com ", "11 off ", "save 45 ",
    "points ", "a r r e s t 12 ", "**12** ",
)  # fmt: skip


def _as_it_is(context: ContentContext) -> ContentContext:
    return replace(context, identity=(*context.identity, *_NAMED_WITH_FIGURES))


def _found(text: str, context: ContentContext) -> list[tuple[str, int, int]]:
    return [(finding.code, finding.start, finding.end) for finding in lint(text, context)]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join), st.sampled_from(CONTEXTS))
@example("Acme: 30 days to dispute the debt", CONTEXTS[1])
def test_the_same_is_found_as_by_the_figures_themselves(text: str, context: ContentContext) -> None:
    assert _found(text, context) == _found(text, _as_it_is(context))


@pytest.mark.parametrize("context", CONTEXTS)
def test_the_same_is_found_in_every_case_with_figures_put_in(context: ContentContext) -> None:
    chance = random.Random(7)
    for *_, case in CASES:
        words = case.split(" ")
        for _ in range(3):
            figures = str(
                chance.choice((1, 2, 4, 30, 12, 45, 130, 911, 1300, 2024, 12005550100, "$35.10", "3/14", "(44)"))
            )
            at = chance.randrange(len(words) + 1)
            text = " ".join([*words[:at], figures, *words[at:]])
            assert _found(text, context) == _found(text, _as_it_is(context)), text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pay $1,250.00 by 12/31.", "pay $1,666.66 by 16/66."),
        ("call 1-800-555-0100 or +12025550100", "call 1-666-666-6666 or +16666666666"),
        ("1-time, 30 days, STOP 2 end, HELP 4 help", "1-time, 30 days, STOP 2 end, HELP 4 help"),
        ("sh1t 12pm a12 12b 0rz.tw/12 x_12 ４２", "sh1t 12pm a12 12b 0rz.tw/12 x_12 ４２"),
        ("130 days", "130 days"),
    ],
)
def test_what_is_made_alike(text: str, told: str) -> None:
    assert alike(text) == told


def test_a_secret_number_is_found_behind_a_text_that_was_seen() -> None:
    harmless, card = (f"Acme: paid with {number}. Call us." for number in ("4111111111111112", "4111111111111111"))
    assert alike(harmless) == alike(card)
    assert ContentCode.CARD_NUMBER not in {finding.code for finding in lint(harmless, CONTEXTS[0])}
    assert ContentCode.CARD_NUMBER in {finding.code for finding in lint(card, CONTEXTS[0])}


def test_a_name_with_figures_is_found_by_them() -> None:
    context = ContentContext(category="servicing", identity=("Loans 365",), party_known=True)
    codes = [
        {finding.code for finding in lint(f"Loans {number}: reply STOP to end.", context)} for number in (365, 366)
    ]
    assert ContentCode.IDENTITY_MISSING not in codes[0]
    assert ContentCode.IDENTITY_MISSING in codes[1]
