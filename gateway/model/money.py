"""Amounts of money: whole minor units and a currency.

Owns: the struct and its bounds. Does not own: how a locale writes an amount (text), or which currencies a template takes.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

MOST_MINOR = 10**12
"""No invoice goes beyond: ten thousand million dollars are a slip of the hand."""

Minor = Annotated[
    int, Meta(ge=0, le=MOST_MINOR, description="a whole number of minor units: 5210 is 52.10 in USD, 5210 in JPY")
]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z", description='an ISO 4217 code, such as "USD"')]


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``{"minor": 5210, "currency": "USD"}``: $52.10. Never a number with a point."""

    minor: Minor
    currency: Currency
