"""Phone numbers of consumers and the senders that texts come from.

Owns: reading an E.164 number strictly, its region, its masked form, and the kind of a sender. Does not own: time
zones of a number (rules) or TON and NPI (carrier profiles).

A number is valid when its national part matches the numbering plan of one of the regions that share its country
code, by the metadata of the phonenumbers library. Matching that metadata's patterns directly gives the same answer
as ``phonenumbers.is_valid_number`` at a fiftieth of its cost; a test holds the two against each other.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final, NewType

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, REGION_CODE_FOR_NON_GEO_ENTITY, PhoneMetadata

Number = NewType("Number", str)
"""A consumer's phone number, E.164 with its plus sign, valid by its numbering plan."""

E164_PATTERN: Final = r"\+[1-9][0-9]{6,14}"
"""The form of a number in E.164, whatever the numbering plans say."""
_E164 = re.compile(E164_PATTERN)
_NUMBER_TYPES = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip


class InvalidNumber(ValueError):
    """The text is no valid E.164 number; the message says why and what is expected."""


REGIONS = frozenset(region for regions in COUNTRY_CODE_TO_REGION_CODE.values() for region in regions)
"""The ISO 3166 codes of countries that have numbers of their own, and 001 for numbers of no country."""
NUMERIC_ONLY = frozenset({"US", "CA", "PR"})
"""Regions whose carriers take texts from telephone numbers and short codes alone: a name as a sender is dropped or replaced on
the way (Telnyx, Alphanumeric Sender ID; Bird, Alphanumeric Senders)."""


class SenderKind(StrEnum):
    """What a sender address is; it decides TON and NPI, and whether a consumer can reply."""

    E164 = "e164"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"


@lru_cache(maxsize=512)
def _plans(country_code: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Regions of a country code with the pattern of all valid national numbers; empty where there is no such code."""
    plans: list[tuple[str, re.Pattern[str]]] = []
    for region in COUNTRY_CODE_TO_REGION_CODE.get(int(country_code), ()):
        if region == REGION_CODE_FOR_NON_GEO_ENTITY:
            metadata = PhoneMetadata.metadata_for_nongeo_region(int(country_code))
        else:
            metadata = PhoneMetadata.metadata_for_region(region)
        if metadata is None:
            continue
        general = metadata.general_desc.national_number_pattern if metadata.general_desc is not None else None
        kinds = [
            description.national_number_pattern
            for name in _NUMBER_TYPES
            if (description := getattr(metadata, name)) is not None and description.national_number_pattern
        ]
        if kinds:
            plans.append((region, re.compile(f"(?=(?:{general})$)(?:{'|'.join(kinds)})", re.ASCII)))
    return tuple(plans)


def parse_number(text: str) -> Number:
    """The number that ``text`` spells, which must be E.164: a plus sign, country code and subscriber number, no blanks.

    Raises InvalidNumber, whose message tells what is wrong without repeating the number.
    """
    if _E164.fullmatch(text) is None:
        raise InvalidNumber("not an E.164 number: write a plus sign, the country code and the number, digits only")
    if region_of(text) is None:
        raise InvalidNumber("not a number that its country's numbering plan knows: check the digits")
    return Number(text)


@lru_cache(maxsize=65536)
def region_of(number: str) -> str | None:
    """The region of an E.164 number (ISO 3166-1 alpha-2; "001" for non-geographic codes); None if it is not valid."""
    for length in (1, 2, 3):
        plans = _plans(number[1 : 1 + length])
        if plans:
            national = number[1 + length :]
            return next((region for region, pattern in plans if pattern.fullmatch(national)), None)
    return None


@lru_cache(maxsize=1024)
def sender_kind(sender: str) -> SenderKind:
    """The kind of a sender address as the operator wrote it: ``+12025550100``, ``40404`` or ``ACME``."""
    if sender.startswith("+"):
        return SenderKind.E164
    if sender.isascii() and sender.isdigit():
        return SenderKind.SHORT_CODE
    return SenderKind.ALPHANUMERIC


def mask(number: str) -> str:
    """The number for logs and lists: its first two and last two characters, stars between."""
    return number if len(number) <= 4 else f"{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}"
