"""Owns in which language a reply is written: that of most of the words that are one language's alone.

Does not own the words (`romance`), or in which language a consumer is answered.
"""

from typing import Literal

from . import romance

Language = Literal["en", "es", "fr", ""]

_TABLES: tuple[tuple[Language, dict[str, str]], ...] = (("fr", romance.FRENCH), ("es", romance.SPANISH))
# Keywords that stand in no sentence.
_KEYWORDS: tuple[tuple[Language, str], ...] = (
    ("fr", "aide commencer reprendre demarrer abonner"),
    ("es", "ayuda informacion comenzar iniciar empezar reanudar suscribir inscribirme"),
)
_LANGUAGE_OF = {word: language for language, words in _KEYWORDS for word in words.split()} | {
    word: language for language, table in _TABLES for words in table.values() for word in words.split()
}


def language_of(found: list[str]) -> Language:
    """The language of a text by its words; English unless more words are another's; "" without words."""
    votes = [_LANGUAGE_OF.get(token) for token in found]
    spanish, french = votes.count("es"), votes.count("fr")
    if spanish or french:
        return "es" if spanish >= french else "fr"
    return "en" if any(token.isascii() and token.isalpha() for token in found) else ""
