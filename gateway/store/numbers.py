"""The verbs of what clients say of numbers: contacts on other channels, and profiles.

Owns: rows of contacts and profiles. Does not own: what follows from them (rules), or reading them for a judgement (facts).
"""

from collections.abc import Sequence

from gateway.model.contact import Report
from gateway.model.profile import Party, Profile, ProfileChange
from gateway.store.unit import Unit

_REPORT = "INSERT OR IGNORE INTO contact (client, id, number, account, channel, at) VALUES {rows}"
_REPORTED = """
SELECT c.client, c.id FROM (VALUES {rows}) AS v
CROSS JOIN contact AS c ON c.client = v.column1 AND c.id = v.column2
"""
_CHANGE = """
INSERT INTO number_profile
    (number, client, zone, zone_confirmed_at, region, party_role, account, hours, employer_forbids, changed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET zone = excluded.zone, zone_confirmed_at = excluded.zone_confirmed_at,
    region = excluded.region, party_role = excluded.party_role, account = excluded.account,
    hours = excluded.hours, employer_forbids = excluded.employer_forbids, changed_at = excluded.changed_at
"""
_KNOW = """
INSERT INTO number_profile (number, client, party_role, changed_at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET party_role = excluded.party_role, changed_at = excluded.changed_at WHERE party_role IS NULL
"""
_PROFILE = """
SELECT zone, zone_confirmed_at, region, party_role, account, changed_at, hours, employer_forbids FROM number_profile
WHERE number = ? AND client = ?
"""


def report_contacts(unit: Unit, reports: Sequence[Report]) -> list[bool]:
    """Keep contacts; tells of each whether it was new."""
    known = {tuple(row) for row in unit.read(_REPORTED, [(report.client, report.id) for report in reports])}
    fresh: list[bool] = []
    for report in reports:
        name = (report.client, report.id)
        fresh.append(name not in known)
        known.add(name)
    rows = [
        (report.client, report.id, report.number, report.account, str(report.channel), report.at)
        for report, is_new in zip(reports, fresh, strict=True)
        if is_new
    ]
    unit.write(_REPORT, rows)
    return fresh


def change_profiles(unit: Unit, changes: Sequence[ProfileChange]) -> list[None]:
    """Keep what is said of numbers from now on."""
    for change in changes:
        said = change.profile
        party = None if said.party is None else str(said.party)
        unit.sql.execute(
            _CHANGE,
            (
                change.number,
                change.client,
                said.zone,
                said.zone_confirmed_at,
                said.region,
                party,
                said.account,
                said.hours,
                said.employer_forbids,
                change.at,
            ),
        )
    return [None for _ in changes]


def know_party(unit: Unit, number: str, client: str, party: Party, at: int) -> None:
    """Keep who answers a number, unless the client said so already."""
    unit.sql.execute(_KNOW, (number, client, str(party), at))


def profile_of(unit: Unit, number: str, client: str) -> Profile | None:
    """What a client said of a number."""
    row = unit.sql.execute(_PROFILE, (number, client)).fetchone()
    if row is None:
        return None
    zone, confirmed_at, region, spelt, account, changed_at, hours, forbids = row
    party = None if spelt is None else Party(spelt)
    return Profile(zone, confirmed_at, region, party, account, changed_at, hours, bool(forbids))
