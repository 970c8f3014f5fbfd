"""In which time zones, and under whose law, the person behind a phone number may be.

Owns: the candidate zones and the jurisdictions of a number, and the clocks of zones. Does not own: what hours those allow
(quiet_hours) or the table of area codes (zones_table, made by tools.zones.build).

A number is weak evidence of a place: numbers move with people and area codes cross borders of zones. So a number has a
set of candidate zones, a text goes only when all of them allow it, and an area code has every zone that any part of it
has. Where the consumer confirmed a zone lately, that one counts alone. An address does not replace the number's zones but
adds its own: a text must be welcome in both places (12 CFR 1006.6(b)(1), comment 6(b)(1)(i)-2).

Clocks come from the tzdata package that is installed with the gateway, never from the machine: what the machine has may be
years old, and the law of time changes (British Columbia, Alberta and Manitoba stopped changing their clocks in 2026).
"""

import re
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from gateway.model.address import region_of
from gateway.model.clock import DAY
from gateway.rules.zones_table import ROWS

Zones = frozenset[str]
Regions = frozenset[str]

NOWHERE: frozenset[str] = frozenset()
"""Not known: no zone, no jurisdiction."""

COASTS: Zones = frozenset({"America/Los_Angeles", "America/New_York"})
"""What stands in for the zones of a number of the United States that has none: both coasts must be open."""

_NUMBER = re.compile(r"\+[1-9][0-9]+", re.ASCII)

_AREA_CODES: dict[str, tuple[Zones, Regions]] = {}
_STATE_ZONES: dict[str, Zones] = {}
for _regions, _zones, _codes in ROWS:
    _facts = frozenset(_zones.split()), frozenset(_regions.split())
    _AREA_CODES.update(dict.fromkeys(_codes.split(), _facts))
    for _region in _facts[1]:
        _STATE_ZONES[_region] = _STATE_ZONES.get(_region, NOWHERE) | _facts[0]

COUNTRIES: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""ISO 3166-1 codes of the places that have numbers."""
STATES: frozenset[str] = frozenset().union(*(regions for _, regions in _AREA_CODES.values())) - COUNTRIES
"""ISO 3166-2 codes of the states, territories and provinces that area codes are in."""

_TERRITORIES = {code: f"US-{code}" for code in ("AS", "GU", "MP", "PR", "VI")}


def place_of(code: str) -> str | None:
    """The place of an ISO 3166 code; None where there is none. A territory of the United States has a code of either part, and
    is one of its states here."""
    country, _, state = code.partition("-")
    if country not in COUNTRIES or (state and code not in STATES):
        return None
    return _TERRITORIES.get(code, code)


class UnknownZone(ValueError):
    """There is no such time zone."""


class Confirmed(msgspec.Struct, frozen=True):
    """A zone that the consumer confirmed to be in, and when (milliseconds since the epoch)."""

    zone: str
    at: int


def zones_of(number: str) -> Zones:
    """Every time zone that an E.164 number may be in; empty where its digits say nothing (toll-free, personal)."""
    if number.startswith("+1"):
        facts = _AREA_CODES.get(number[2:5])
        return facts[0] if facts is not None else NOWHERE
    return _zones_abroad(number)


def zones_at(number: str, address: str | None) -> Zones:
    """Every time zone of an address (ISO 3166); empty where it tells no more than the number does: the same country."""
    if address is None or any(place.partition("-")[0] == address for place in regions_of(number)):
        return NOWHERE
    return _STATE_ZONES.get(address) or _country_zones().get(address, NOWHERE)


def jurisdictions_of(number: str, address: str | None) -> Regions:
    """The places whose law counts: the number's and the address's. The wider of two, one inside the other, gives way."""
    own = regions_of(number)
    if address is None or any(place.startswith(f"{address}-") for place in own):
        return own
    return frozenset({address, *(place for place in own if not address.startswith(f"{place}-"))})


def regions_of(number: str) -> Regions:
    """The jurisdictions of a number: ISO 3166-2 in the United States and Canada (``US-NJ``), else the country.

    An area code of two provinces has both. A number of the United States without a place (toll-free) has ``US``, which may
    be any of them; empty where even the country is not known.
    """
    facts = _AREA_CODES.get(number[2:5]) if number.startswith("+1") else None
    return facts[1] if facts is not None else _country_of(number)


def candidate_zones(
    number: str, at: int, *, confirmed: Confirmed | None = None, address: Zones = NOWHERE, fresh_days: int
) -> Zones:
    """The zones that must all be open.

    The confirmed one while it is younger than ``fresh_days``, else those of the address and of the number together.
    """
    if confirmed is not None and 0 <= at - confirmed.at < fresh_days * DAY:
        return frozenset({confirmed.zone})
    own = zones_of(number)
    return own | address if address else own


def stand_in(number: str) -> Zones:
    """Zones to use for a number that has none: both coasts for +1, nothing for other countries."""
    return COASTS if number.startswith("+1") else NOWHERE


@lru_cache(maxsize=65536)
def _zones_abroad(number: str) -> Zones:
    """All zones that the phonenumbers data gives the number's longest known prefix, or its country."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return NOWHERE
    return frozenset(time_zones_for_number(parsed)) - {UNKNOWN_TIMEZONE}


@lru_cache(maxsize=65536)
def _country_of(number: str) -> Regions:
    region = region_of(number) if _NUMBER.fullmatch(number) else None
    return NOWHERE if region is None else frozenset({region})


@cache
def _country_zones() -> dict[str, Zones]:
    """All zones of each country, by the installed database."""
    found: dict[str, Zones] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found[country] = found.get(country, NOWHERE) | {zone}
    return found


@cache
def zone_names() -> frozenset[str]:
    """All zones of the installed database."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@cache
def clock_of(zone: str) -> ZoneInfo:
    """The clock of a zone, by the installed database. Raises UnknownZone."""
    if zone not in zone_names():
        raise UnknownZone("not a time zone of the IANA database: write one such as America/Chicago")
    with files("tzdata").joinpath("zoneinfo", zone).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=zone)
