"""Zones and jurisdictions of numbers, and the table they come from."""

from datetime import datetime
from itertools import combinations
from pathlib import Path

import pytest

from gateway.model.clock import DAY, read_instant
from gateway.rules.zones import (
    COASTS,
    COUNTRIES,
    NOWHERE,
    STATES,
    Confirmed,
    UnknownZone,
    candidate_zones,
    clock_of,
    jurisdictions_of,
    place_of,
    regions_of,
    stand_in,
    zone_names,
    zones_at,
    zones_of,
)
from gateway.rules.zones_table import ROWS
from tools.zones.build import TABLE, build, compare, spell
from tools.zones.corrections import OVERLAYS

SPLIT = """
    208 219 250 270 308 418 423 541 574 605 606 620 701 709 775 785 807 812 850 867 879 906 907 928 986
"""


def number(area_code: str) -> str:
    return f"+1{area_code}5550100"


def test_the_table_is_what_its_builder_makes() -> None:
    assert TABLE.read_text(encoding="utf-8") == spell(build())


def test_each_area_code_has_one_row() -> None:
    codes = [code for _, _, codes in ROWS for code in codes.split()]
    assert len(codes) == len(set(codes)) > 450


def test_each_zone_of_the_table_exists() -> None:
    assert {zone for _, zones, _ in ROWS for zone in zones.split()} <= zone_names()


@pytest.mark.parametrize("code", SPLIT.split())
def test_a_code_that_crosses_zones_has_all_of_them(code: str) -> None:
    january, july = (read_instant(f"2026-{month}-15T12:00:00Z") for month in ("01", "07"))
    clocks = {(_offset(zone, january), _offset(zone, july)) for zone in zones_of(number(code))}
    assert len(clocks) > 1


def _offset(zone: str, at: int) -> float:
    offset = datetime.fromtimestamp(at / 1000, clock_of(zone)).utcoffset()
    assert offset is not None
    return offset.total_seconds()


@pytest.mark.parametrize(
    ("code", "zones"),
    [
        ("219", {"America/Chicago", "America/New_York"}),
        ("423", {"America/Chicago", "America/New_York"}),
        ("270", {"America/Chicago", "America/New_York"}),
        ("850", {"America/Chicago", "America/New_York"}),
        ("689", {"America/New_York"}),
        ("915", {"America/Chicago", "America/Denver"}),
        ("931", {"America/Chicago", "America/New_York"}),
        ("928", {"America/Denver", "America/Phoenix"}),
        ("602", {"America/Phoenix"}),
        ("317", {"America/New_York"}),
        ("574", {"America/Chicago", "America/New_York"}),
        ("787", {"America/Puerto_Rico"}),
        ("808", {"Pacific/Honolulu"}),
        ("907", {"America/Adak", "America/Anchorage", "America/Juneau"}),
        ("604", {"America/Vancouver"}),
        ("306", {"America/Edmonton", "America/Regina"}),
        ("671", {"Pacific/Guam"}),
        ("876", {"America/Jamaica"}),
    ],
)
def test_zones_of_an_area_code(code: str, zones: set[str]) -> None:
    assert zones_of(number(code)) == zones


@pytest.mark.parametrize(
    ("overlay", "base"),
    [("448", "850"), ("930", "812"), ("364", "270"), ("458", "541"), ("986", "208"), ("729", "423"), ("879", "709")],
)
def test_an_overlay_has_the_zones_of_what_it_overlays(overlay: str, base: str) -> None:
    assert zones_of(number(overlay)) == zones_of(number(base))
    assert regions_of(number(overlay)) == regions_of(number(base))


def test_an_overlay_of_two_codes_has_the_zones_of_both() -> None:
    assert zones_of(number("778")) == zones_of(number("250")) | zones_of(number("604"))


def test_no_correction_is_idle() -> None:
    known = {code for _, _, codes in ROWS for code in codes.split()}
    assert set(OVERLAYS) <= known


@pytest.mark.parametrize("code", ["800", "833", "844", "855", "866", "877", "888", "500", "533", "900", "211", "000"])
def test_a_code_without_a_place_has_no_zone(code: str) -> None:
    assert zones_of(number(code)) == NOWHERE
    assert stand_in(number(code)) == COASTS


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        (number("201"), {"US-NJ"}),
        (number("202"), {"US-DC"}),
        (number("787"), {"US-PR"}),
        (number("416"), {"CA-ON"}),
        (number("902"), {"CA-NS", "CA-PE"}),
        (number("867"), {"CA-NT", "CA-NU", "CA-YT"}),
        (number("876"), {"JM"}),
        ("+18005550100", {"US"}),
        ("+442079460000", {"GB"}),
        ("+61291234567", {"AU"}),
        ("+12115550100", set()),
    ],
)
def test_regions_of_a_number(text: str, regions: set[str]) -> None:
    assert regions_of(text) == regions


def test_all_states_are_there() -> None:
    states = {state for state in STATES if state.startswith("US-")}
    provinces = {state for state in STATES if state.startswith("CA-")}
    assert len(states) == 50 + 1 + 5
    assert len(provinces) == 13


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("+442079460000", "Europe/London"),
        ("+61291234567", "Australia/Sydney"),
        ("+919876543210", "Asia/Calcutta"),
        ("+33612345678", "Europe/Paris"),
    ],
)
def test_zones_abroad_come_with_the_number(text: str, zone: str) -> None:
    assert zone in zones_of(text)


def test_a_mobile_number_that_tells_no_place_has_all_zones_of_its_country() -> None:
    assert {"Australia/Perth", "Australia/Sydney"} <= zones_of("+61412345678")


@pytest.mark.parametrize(
    "text",
    ["", "+", "+1", "+12", "nonsense", "+44x", "+999", "+8888888888888888888", "+1２０１5550100", "12015550100"],
)
def test_what_is_no_number_has_no_zone(text: str) -> None:
    assert zones_of(text) == NOWHERE
    assert regions_of(text) == NOWHERE


def test_an_address_adds_its_zones_and_a_fresh_confirmation_counts_alone() -> None:
    at, nj = read_instant("2026-05-01T00:00:00Z"), number("201")
    address = frozenset({"America/Los_Angeles"})
    both = {"America/New_York", "America/Los_Angeles"}

    def ask(confirmed_at: int) -> frozenset[str]:
        confirmed = Confirmed("America/Denver", confirmed_at)
        return candidate_zones(nj, at, confirmed=confirmed, address=address, fresh_days=90)

    assert candidate_zones(nj, at, fresh_days=90) == {"America/New_York"}
    assert candidate_zones(nj, at, address=address, fresh_days=90) == both
    assert ask(at - 90 * DAY + 1) == {"America/Denver"}
    assert ask(at - 90 * DAY) == both
    assert ask(at) == {"America/Denver"}
    assert ask(at + 1) == both, "a confirmation of tomorrow is a clock that jumped"


@pytest.mark.parametrize(
    ("region", "zones"),
    [
        (None, set[str]()),
        ("US", set[str]()),  # it tells no more than the number does
        ("US-HI", {"Pacific/Honolulu"}),
        ("CA-SK", zones_of("+13065550100")),
        ("GB", {"Europe/London"}),
        ("JM", {"America/Jamaica"}),
        ("IN", {"Asia/Kolkata"}),
    ],
)
def test_an_address_has_the_zones_of_its_place(region: str | None, zones: set[str]) -> None:
    assert zones_at(number("201"), region) == zones


def test_an_address_in_another_country_has_all_of_its_zones() -> None:
    assert {"Australia/Perth", "Australia/Sydney"} <= zones_at(number("201"), "AU")
    assert {"America/New_York", "Pacific/Honolulu"} <= zones_at("+442079460000", "US")
    assert zones_at("+442079460000", "GB") == NOWHERE
    assert zones_at(number("800"), "US") == NOWHERE, "both coasts stand in"


def test_every_country_of_an_address_has_zones_that_exist() -> None:
    without = {country for country in COUNTRIES if not zones_at("+999", country)}
    assert without == {"AC", "TA", "XK"}, "of the islands and of Kosovo the database has no row"
    assert frozenset().union(*(zones_at("+999", country) for country in COUNTRIES)) <= zone_names()


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "america/chicago", "zones"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZone, match="America/Chicago"):
        clock_of(zone)


def test_clocks_are_those_of_the_installed_database() -> None:
    # British Columbia changed its clocks for the last time in March 2026; older databases do not know.
    winter = read_instant("2027-01-15T12:00:00Z")
    assert _offset("America/Vancouver", winter) == -7 * 3600


def test_codes_that_share_a_row_differ_from_those_of_other_rows() -> None:
    assert all(one[:2] != other[:2] for one, other in combinations(ROWS, 2))


def test_the_table_can_be_held_against_a_report_of_the_numbering_plan(tmp_path: Path) -> None:
    report = tmp_path / "npa.csv"
    report.write_text(
        "File Date,11/26/2025\n"
        "NPA_ID,USE,ASSIGNED,LOCATION,COUNTRY,TIME_ZONE\n"
        "201,G,Yes,NJ,US,E\n"  # as in the table
        "850,G,Yes,FL,US,EC\n"
        "670,G,Yes,CNMI,US,(UTC+10)\n"
        "800,N,Yes,,,\n"  # no place
        "221,G,No,,,\n"  # not assigned
        "202,G,Yes,MD,US,E\n"
        "303,G,Yes,CO,US,CM\n"
        "199,G,Yes,TX,US,C\n",
        encoding="utf-8",
    )
    assert list(compare(build(), report)) == [
        "202 is in MD, not in US-DC",
        "303 (CO) is CM, and the table has America/Denver",
        "199 (TX) has no row",
    ]


@pytest.mark.parametrize(
    ("of", "address", "places"),
    [
        ("+12015550123", None, {"US-NJ"}),
        ("+12015550123", "US-MA", {"US-NJ", "US-MA"}),
        ("+12015550123", "US", {"US-NJ"}),  # tells no more than the number
        ("+12015550123", "GB", {"US-NJ", "GB"}),
        ("+18005550123", "US-MA", {"US-MA"}),
        ("+442079460000", "US", {"GB", "US"}),
    ],
)
def test_the_law_of_a_number_and_an_address(of: str, address: str | None, places: set[str]) -> None:
    assert jurisdictions_of(of, address) == places


@pytest.mark.parametrize(
    ("code", "place"),
    [("US-MA", "US-MA"), ("GB", "GB"), ("PR", "US-PR"), ("CA", "CA"), ("US-XX", None), ("UK", None), ("", None)],
)
def test_places_by_their_codes(code: str, place: str | None) -> None:
    assert place_of(code) == place
