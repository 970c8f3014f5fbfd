"""How a locale spells amounts, numbers, dates and instants.

Owns: the locales, and Babel. Does not own: which values a template takes (variable).

What a locale's rules spell with a hard blank or a typographic sign is spelt with the plain one, since one such character
makes the whole text UCS-2 and halves a segment. Letters and currency signs stay.
"""

import re
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import NumberPattern, format_decimal, list_currencies

from gateway.text.transliterate import TABLE

Style = Literal["short", "medium", "long"]
"""3/8/26, Mar 8, 2026 or March 8, 2026."""

CURRENCIES: Final = frozenset(list_currencies())
"""ISO 4217 codes, old ones included."""
# ISO 4217: currencies whose minor unit is not a hundredth. Babel knows how many digits are customary, which is another thing.
_MINOR_DIGITS: Final = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0,
    "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}  # fmt: skip

_REMEMBERED: Final = 4096
"""Amounts, and days, of a locale."""
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[_-][A-Za-z]{4})?(?:[_-](?:[A-Za-z]{2}|[0-9]{3}))?")
_PLAINER: Final = str.maketrans(dict(TABLE))
_GLUED: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")


class Speller:
    """One locale."""

    __slots__ = ("_locale", "_patterns", "date", "language", "money", "name")

    def __init__(self, locale: Locale) -> None:
        self.name = str(locale)
        self.language = locale.language
        self._locale = locale
        self._patterns: dict[int, NumberPattern] = {}
        # A campaign has few days and many equal amounts, and CLDR's rules are slow to follow.
        self.money = lru_cache(maxsize=_REMEMBERED)(self._spell_money)
        """An amount in minor units of ISO 4217, with all of its decimals: none is rounded away."""
        self.date = lru_cache(maxsize=_REMEMBERED)(self._spell_date)
        """A day of the calendar."""

    def _spell_money(self, minor: int, currency: str) -> str:
        digits = _MINOR_DIGITS.get(currency, 2)
        pattern = self._patterns.get(digits)
        if pattern is None:
            pattern = self._patterns[digits] = copy(self._locale.currency_formats["standard"])
            pattern.frac_prec = (digits, digits)
        amount = Decimal(minor).scaleb(-digits)
        spelt = _plain(pattern.apply(amount, self._locale, currency=currency, currency_digits=False))
        return _GLUED.sub(" ", spelt)  # CLDR parts a currency's letters from the figures; Babel does not

    def integer(self, number: int) -> str:
        """A count, in groups."""
        return _plain(format_decimal(number, locale=self._locale))

    def _spell_date(self, day: date, style: Style) -> str:
        return _plain(format_date(day, style, self._locale))

    def moment(self, moment: datetime, style: Style) -> str:
        """A day and a time to the minute, on the clock that ``moment`` has."""
        frame = str(get_datetime_format(style, self._locale)).replace("'", "")
        clock = format_time(moment.replace(tzinfo=None), "short", locale=self._locale)
        return _plain(frame.replace("{0}", clock).replace("{1}", format_date(moment, style, self._locale)))


@lru_cache(maxsize=256)
def speller(tag: str) -> Speller | None:
    """Of a locale such as ``en``, ``es-MX`` or ``es_MX``; None where there is none such."""
    if _TAG.fullmatch(tag) is None:
        return None
    try:
        return Speller(Locale.parse(tag.replace("-", "_")))
    except UnknownLocaleError:
        return None


def _plain(spelt: str) -> str:
    return spelt.translate(_PLAINER)
