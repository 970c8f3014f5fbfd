"""Words that insult: obscene, or abusive to a debtor.

Owns: the words and their masks. Does not own: disguises that are undone for all rules (reading).

12 CFR 1006.14(d) forbids a collector obscene or abusive language, and carriers refuse it from anybody. Words that are also
names, places or ordinary in another of our languages are left out, so that nobody's family name is refused.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.rules.content.finding import ContentCode, ContentContext, ContentFinding, Level
from gateway.rules.content.reading import Reading
from gateway.rules.content.wording import word_set

PROFANE: Final = word_set(
    """
    fuck fucks fucked fucker fuckers fucking fuckin fuckup fuckoff fuckyou fck fcking phuck motherfucker motherfuckers
    motherfucking shit shits shitty shitting bullshit horseshit dipshit shithead bitch bitches bitching bitchy sonofabitch asshole
    assholes asshat dumbass jackass smartass bastard bastards cunt cunts twat wanker wankers dickhead dickheads cocksucker whore
    whores slut sluts goddamn goddammit goddam damn dammit crap crappy pissed nigger niggers nigga faggot faggots
    deadbeat deadbeats scumbag scumbags lowlife lowlifes imbecile imbeciles douchebag stfu wtf gtfo
    mierda puta puto putas putos pendejo pendeja pendejos cabron cabrona cabrones chingar chinga chingada chingado joder jodete
    carajo culero culera verga maricon marica hijueputa hijodeputa gilipollas malparido
    putain merde merdes merdeux connard connards connarde connasse salope salopes salopard encule enculer encules enfoire enfoires
    nique niquer foutre tabarnak
    """
)
_MASKED: Final = re.compile(
    r"(?<![\w*])(?:f(?:[uc]?[*#@]{2,4}|[uc]?[*#@]{1,2}c?k|u[*#@])c?k?(?:ing|in|ed|er)?|sh[*#@]{1,2}t?(?:ty)?|s[*#@]{2}t"
    r"|b[*#@]{1,2}t?ch(?:es)?|b[*#@]{4}|a[*#@]{2}(?:hole)?|c[*#@]nt)(?![\w*])"
)


def find_profanity(reading: Reading, context: ContentContext, words: frozenset[str]) -> Iterator[ContentFinding]:
    """Each profane or abusive word, once."""
    for word in sorted(PROFANE & words):
        match = re.search(rf"(?<![^\W\d]){word}(?![^\W\d])", reading.plain)
        if match is not None:
            yield _finding(reading.span(*match.span()))


def find_masked(reading: Reading) -> Iterator[ContentFinding]:
    """The same with letters left out for the reader to add."""
    if "*" in reading.plain or "#" in reading.plain or "@" in reading.plain:
        for match in _MASKED.finditer(reading.plain):
            yield _finding(reading.span(*match.span()))


def _finding(place: tuple[int, int]) -> ContentFinding:
    return ContentFinding(
        ContentCode.PROFANITY,
        Level.REFUSE,
        *place,
        "the word is profane or abusive",
        "leave it out",
    )
