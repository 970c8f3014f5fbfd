"""The linter: every rule on wording, over one text.

Owns: the order, and the one look that spares most texts most rules. Does not own: any rule, measuring, or what becomes of a
text with findings.

Run it on each preview of a template when that is saved, and on the rendered text when that is submitted, opt-out line
included. Linear in the length of the text, whatever the text.
"""

from typing import Final

from gateway.rules.content import choices, links
from gateway.rules.content.debts import DEBTS, NOTICES, find_debts, find_notices
from gateway.rules.content.finding import ContentContext, ContentFinding, Level
from gateway.rules.content.profanity import PROFANE, find_profanity
from gateway.rules.content.promo import PROMOTIONS, find_promotions
from gateway.rules.content.reading import Reading, read
from gateway.rules.content.required import find_missing
from gateway.rules.content.secrets import ASKED, find_secrets
from gateway.rules.content.style import find_style
from gateway.rules.content.threats import THREATS, find_threats

_TABLES: Final = (THREATS, DEBTS, NOTICES, ASKED, PROMOTIONS)
_WATCHED: Final = frozenset().union(
    *(table.words for table in _TABLES), PROFANE, links.WATCHWORDS, choices.WATCHWORDS
)
"""Words without which no rule on words can find anything."""
_WEIGHT: Final = {level: weight for weight, level in enumerate(Level)}


def lint(text: str, context: ContentContext) -> tuple[ContentFinding, ...]:
    """What is wrong with the text, the heaviest first, then by place. Never raises."""
    reading = read(text)
    words = reading.words & _WATCHED
    offered = list(choices.offers(reading, words))
    found = [
        *links.find_links(reading, context, not links.WATCHWORDS.isdisjoint(words)),
        *find_secrets(reading, words),
        *find_missing(reading, context, offered),
        *find_style(reading, context),
    ]
    if words:
        found += _on_words(reading, context, words, offered)
    joined = reading.joined()
    if joined is not None:
        watched = joined.words & _WATCHED
        again = _on_words(joined, context, watched, list(choices.offers(joined, watched)))
        found += [finding for finding in again if finding not in found]
    return tuple(sorted(found, key=_order)) if found else ()


def _on_words(
    reading: Reading, context: ContentContext, words: frozenset[str], offered: list[choices.Offer]
) -> list[ContentFinding]:
    """The rules that look at words alone."""
    return [
        *find_threats(reading, context, words),
        *find_profanity(reading, words),
        *find_notices(reading, words),
        *find_debts(reading, context, words),
        *find_promotions(reading, context, words),
        *choices.find_choices(offered, reading),
    ]


def _order(finding: ContentFinding) -> tuple[int, int, int, str]:
    return _WEIGHT[finding.level], finding.start, finding.end, finding.code
