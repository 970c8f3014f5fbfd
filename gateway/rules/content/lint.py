"""The linter: every rule on wording, over one text.

Owns: the order, and the one look that spares most texts most rules. Does not own: any rule, measuring, or what becomes of a
text with findings.

Run it on each preview of a template when that is saved, and on the rendered text when that is submitted, opt-out line
included. Linear in the length of the text, whatever the text. A campaign says the same to many but for amounts and dates,
so what was found on wording is kept for texts that differ in figures alone.
"""

from functools import lru_cache
from itertools import islice
from typing import Final

from gateway.rules.content import choices, debts, links, profanity, promo, secrets, threats
from gateway.rules.content.figures import alike
from gateway.rules.content.finding import ContentContext, ContentFinding, Level
from gateway.rules.content.reading import Reading, read
from gateway.rules.content.required import find_missing
from gateway.rules.content.style import find_style

# What a rule on words waits for, and the rule.
_RULES: Final = (
    (threats.THREATS.words, threats.find_threats),
    (profanity.PROFANE, profanity.find_profanity),
    (secrets.ASKED.words, secrets.find_asked),
    (debts.NOTICES.words, debts.find_notices),
    (debts.DEBTS.words, debts.find_debts),
    (promo.PROMOTIONS.words, promo.find_promotions),
)
_WATCHED: Final = frozenset().union(*(words for words, _ in _RULES), links.WATCHWORDS, choices.WATCHWORDS)
"""Words without which no rule on words can find anything."""
_MOST_NUMBERS: Final = 8
"""How many secret numbers of one text are told of."""
_WEIGHT: Final = {level: weight for weight, level in enumerate(Level)}


def lint(text: str, context: ContentContext) -> tuple[ContentFinding, ...]:
    """What is wrong with the text, the heaviest first, then by place. Never raises."""
    found, naming = _lint_wording(text if _wants_figures(context) else alike(text), context)
    if text.isascii() and secrets.MANY_FIGURES.search(text) is None:
        return found
    numbers = list(islice(secrets.find_numbers(read(text), naming), _MOST_NUMBERS))
    return tuple(sorted([*found, *numbers], key=_order)) if numbers else found


@lru_cache(maxsize=1024)
def _wants_figures(context: ContentContext) -> bool:
    """Whether a name or a disclosure that is looked for has figures of its own."""
    wanted = [*context.identity, *context.program, context.disclosure]
    return any(char.isdecimal() for name in wanted for char in name)


@lru_cache(maxsize=4096)
def _lint_wording(text: str, context: ContentContext) -> tuple[tuple[ContentFinding, ...], frozenset[str]]:
    """What every rule finds but the one on secret numbers, and the words that one waits for."""
    reading = read(text)
    words = reading.words & _WATCHED
    offered = choices.offers(reading, words)
    found = [
        *links.find_links(reading, context, watched=not links.WATCHWORDS.isdisjoint(words)),
        *profanity.find_masked(reading),
        *find_missing(reading, context, offered),
        *find_style(reading, context),
        *choices.find_choices(offered, reading),
    ]
    if words:
        found += _find_words(reading, context, words)
    joined = reading.joined()
    if joined is not None:
        watched = joined.words & _WATCHED
        again = _find_words(joined, context, watched)
        again += choices.find_choices(choices.offers(joined, watched), joined)
        found += [finding for finding in again if finding not in found]
    return tuple(sorted(found, key=_order)), reading.words & secrets.NAMING


def _find_words(reading: Reading, context: ContentContext, words: frozenset[str]) -> list[ContentFinding]:
    found: list[ContentFinding] = []
    for awaited, rule in _RULES:
        if not awaited.isdisjoint(words):
            found += rule(reading, context, words)
    return found


def _order(finding: ContentFinding) -> tuple[int, int, int, str]:
    return _WEIGHT[finding.level], finding.start, finding.end, finding.code
