"""Builds the table of North American area codes: their time zones and their states or provinces.

Owns: reading the phonenumbers data, applying the corrections, and writing ``gateway/rules/zones_table.py``. Does not own:
the corrections themselves (corrections) or looking a number up (gateway.rules.zones).

    python -m tools.zones.build                       prints the table
    python -m tools.zones.build --write               writes it into the repository
    python -m tools.zones.build --report FILE.csv     holds it against an NPA report of the numbering plan administrator

A code has every zone that any prefix below it has, because the single answer that the data gives for a whole code is the
larger part of it at best, and for some codes the smaller. Codes without a place (toll-free, personal, premium) have no
row: their zone is not known.
"""

import argparse
import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import phonenumbers
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from tools.zones.corrections import (
    ADDED,
    DISPUTED,
    DROPPED,
    OVERLAYS,
    REGIONS,
    RENAMED,
    REPLACED,
    STATES,
    TERRITORIES,
)

TABLE = Path(__file__).parents[2] / "gateway" / "rules" / "zones_table.py"

_AREA_CODE = re.compile(r"1[2-9][0-9]{2}")
_HEAD = '''"""North American area codes with their states or provinces and all their time zones.

Owns: the facts, made by ``python -m tools.zones.build --write`` from phonenumbers {version} and the corrections beside that
builder: edit those, not this. Does not own: looking a number up (zones).
"""

ROWS = (
    # regions (ISO 3166-2), time zones (IANA), area codes
'''
_WIDTH = 120


def build() -> dict[str, tuple[str, str]]:
    """Regions and zones of every code that has a place, both as sorted words."""
    zones = _zones()
    regions = {code: _regions(code) for code in zones if code not in OVERLAYS}
    for code, bases in OVERLAYS.items():
        zones[code] = set().union(*(zones[base] for base in bases.split()))
        regions[code] = _joined(word for base in bases.split() for word in regions[base].split())
    return {code: (regions[code], _joined(zones[code])) for code in sorted(zones)}


def _zones() -> dict[str, set[str]]:
    """Every zone of every prefix of a code, corrected."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for prefix, names in TIMEZONE_DATA.items():
        if _AREA_CODE.match(prefix):
            found[prefix[1:4]].update(RENAMED.get(name, name) for name in names)
    for code, words in ADDED.items():
        found[code].update(words.split())
    for code, words in DROPPED.items():
        found[code].difference_update(words.split())
    for code, words in REPLACED.items():
        found[code] = set(words.split())
    return dict(found)


def _regions(code: str) -> str:
    """The states or provinces of a code, or the country where it is one of the others that share +1."""
    if code in REGIONS:
        return REGIONS[code]
    named: Mapping[str, str] = GEOCODE_DATA.get(f"1{code}", {})
    if "en" in named:
        return STATES[named["en"]]
    (country,) = {country for country in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1] if _is_home(country, code)}
    return TERRITORIES.get(country, country)


def _is_home(country: str, code: str) -> bool:
    """Whether the country's landline and mobile numbers start with the code."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    example = metadata and metadata.fixed_line and metadata.fixed_line.example_number
    leading = metadata and metadata.leading_digits
    return bool((example and example.startswith(code)) or (leading and re.match(leading, code)))


def _joined(words: Iterator[str] | set[str]) -> str:
    return " ".join(sorted(set(words)))


def spell(table: Mapping[str, tuple[str, str]]) -> str:
    """The module that holds the table: one row for all codes that have the same regions and zones."""
    rows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for code, facts in table.items():
        rows[facts].append(code)
    return _HEAD.format(version=phonenumbers.__version__) + "".join(map(_spell_row, sorted(rows.items()))) + ")\n"


def _spell_row(row: tuple[tuple[str, str], list[str]]) -> str:
    (regions, zones), codes = row
    line = f'    ("{regions}", "{zones}", "{" ".join(codes)}"),\n'
    if len(line) <= _WIDTH:
        return line
    long = f'        "{" ".join(codes)}",\n'
    if len(long) <= _WIDTH:
        return f'    (\n        "{regions}",\n        "{zones}",\n{long}    ),\n'
    half = len(codes) // 2
    return (
        f'    (\n        "{regions}",\n        "{zones}",\n'
        f'        "{" ".join(codes[:half])} "\n        "{" ".join(codes[half:])}",\n    ),\n'
    )


_LETTERS = {
    "America/Anchorage": "AK", "America/Boise": "M", "America/Chicago": "C", "America/Denver": "M",
    "America/Edmonton": "M", "America/Halifax": "A", "America/Los_Angeles": "P", "America/New_York": "E",
    "America/Phoenix": "M", "America/Puerto_Rico": "A", "America/Regina": "C", "America/St_Johns": "N",
    "America/St_Thomas": "A", "America/Toronto": "E", "America/Vancouver": "P", "America/Winnipeg": "C",
}  # fmt: skip
"""The letters by which an NPA report calls the zones of the United States and Canada."""


def compare(table: Mapping[str, tuple[str, str]], report: Path) -> Iterator[str]:
    """Where an NPA report disagrees: codes that are missing, other places, zones that it has and the table lacks."""
    with report.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    head = next(number for number, line in enumerate(lines) if line and line[0] == "NPA_ID")
    for line in lines[head + 1 :]:
        row = dict(zip(lines[head], line, strict=False))
        code, place = row["NPA_ID"], row["LOCATION"]
        if row["USE"] != "G" or row["ASSIGNED"] != "Yes":
            continue
        if code not in table:
            yield f"{code} ({place}) has no row"
            continue
        regions, zones = table[code]
        if row["COUNTRY"] == "US" and f"US-{place}".replace("CNMI", "MP") not in regions.split():
            yield f"{code} is in {place}, not in {regions}"
        letters = set(row["TIME_ZONE"])
        is_ours = regions.startswith(("US", "CA")) and letters <= set("ACEMNP") and code not in DISPUTED
        if is_ours and not letters <= {_LETTERS.get(zone) for zone in zones.split()}:
            yield f"{code} ({place}) is {row['TIME_ZONE']}, and the table has {zones}"


def main() -> int:
    """Print, write or check the table."""
    parser = argparse.ArgumentParser(description="Build the table of area codes.")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name} into gateway/rules")
    parser.add_argument("--report", type=Path, help="an NPA report (CSV) to hold the table against")
    arguments = parser.parse_args()
    table = build()
    if arguments.report:
        found = list(compare(table, arguments.report))
        print("\n".join(found) or f"{len(table)} codes, and the report disputes none of them")
        return 1 if found else 0
    if arguments.write:
        TABLE.write_text(spell(table), encoding="utf-8")
    else:
        sys.stdout.write(spell(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
