"""Oddities of packs that can be read."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from gateway.model.clock import read_instant
from gateway.rules.pack_lint import Level, PackFinding, lint_pack, lint_selection
from gateway.rules.packs import Pack, read_pack
from tests.rules.test_packs import HEAD, SHIPPED, shipped

AT = read_instant("2026-10-20T16:00:00Z")
AVAILABLE = {name: shipped(name) for name in SHIPPED}


def pack(*rules: str, name: str = "test") -> Pack:
    return read_pack(HEAD.replace('"test"', f'"{name}"') + "".join(rules), "test.toml")


def hours(window: str, more: str = "", id_: str = "h") -> str:
    return f'[[hours]]\nid = "{id_}"\nsource = "s"\nmark = "own"\nopen = {{ mon-sun = "{window}" }}\n{more}\n'


def cap(most: int, days: int, more: str = "", id_: str = "c", per: str = "consumer") -> str:
    return f'[[caps]]\nid = "{id_}"\nsource = "s"\nmark = "own"\nmost = {most}\ndays = {days}\nper = "{per}"\n{more}\n'


def limit(name: str, value: int, more: str = "", id_: str = "l") -> str:
    return f'[[limits]]\nid = "{id_}"\nsource = "s"\nmark = "own"\nlimit = "{name}"\nvalue = {value}\n{more}\n'


def codes(findings: Iterable[PackFinding], *levels: Level) -> list[str]:
    return [finding.code for finding in findings if finding.level in (levels or tuple(Level))]


def select(*names: str, regions: set[str] | None = None, more: Iterable[Pack] = ()) -> list[str]:
    available = AVAILABLE | {one.name: one for one in more}
    return codes(lint_selection(names, available, AT, regions or {"US"}), Level.ERROR, Level.WARNING)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_pack_has_no_errors_and_no_warnings(name: str) -> None:
    assert codes(lint_pack(shipped(name), AT), Level.ERROR, Level.WARNING) == []


def test_the_pack_that_the_documentation_shows_has_no_errors_and_no_warnings() -> None:
    page = Path(__file__).parents[2] / "gateway" / "policy" / "README.md"
    shown = re.search(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    winter = read_pack(shown[1], "policy/winter.toml")
    assert codes(lint_pack(winter, AT), Level.ERROR, Level.WARNING) == []
    assert select("us-strict", "winter", more=[winter]) == []


def test_what_was_not_checked_is_noted() -> None:
    unchecked = [finding.subject for finding in lint_pack(shipped("us-reg-f"), AT) if finding.code == "rule.unchecked"]
    assert unchecked == ["us-reg-f/no-guessing@1"]


def test_rules_to_come_and_rules_that_ended_are_noted() -> None:
    nyc = shipped("us-nyc")
    assert set(codes(lint_pack(nyc, read_instant("2026-05-01T00:00:00Z")))) == {"pack.asleep", "rule.to_come"}
    ended = pack(hours("09:00-20:00"), cap(1, 1, "effective_until = 2026-01-01"))
    assert codes(lint_pack(ended, AT)) == ["rule.over"]


def test_an_empty_pack_is_an_error() -> None:
    assert codes(lint_pack(pack(), AT)) == ["pack.empty"]


@pytest.mark.parametrize(
    ("where", "fix"),
    [("UK", "write GB"), ("ZZ", "give the ISO 3166"), ("US-ZZ", "give the ISO 3166"), ("CA-NYC", "give the ISO 3166")],
)
def test_a_place_that_does_not_exist_is_an_error(where: str, fix: str) -> None:
    (finding,) = lint_pack(pack(hours("09:00-20:00", f'where = ["{where}"]')), AT)
    assert (finding.level, finding.code) == (Level.ERROR, "where.unknown")
    assert finding.fix.startswith(fix)


@pytest.mark.parametrize("where", ["GB", "US", "US-PR", "CA-QC", "DE-BY"])
def test_a_place_that_exists_is_none(where: str) -> None:
    assert lint_pack(pack(hours("09:00-20:00", f'where = ["{where}"]')), AT) == ()


def test_two_versions_of_a_rule_may_follow_but_not_overlap() -> None:
    def versions(until: str, begins: str) -> list[str]:
        old, new = cap(2, 7, f"effective_until = {until}"), cap(3, 7, f"version = 2\neffective_from = {begins}")
        return codes(lint_pack(pack(old, new), AT), Level.ERROR)

    assert versions("2026-09-01", "2026-09-01") == []
    assert versions("2026-09-02", "2026-09-01") == ["rule.twice"]


@pytest.mark.parametrize(
    ("one", "other", "moot"),
    [
        (cap(3, 7, id_="a"), cap(2, 7, id_="b"), ["test/a@1"]),
        (cap(2, 7, id_="a"), cap(3, 7, id_="b"), ["test/b@1"]),
        (cap(2, 7, id_="a"), cap(2, 30, id_="b"), ["test/a@1"]),
        (cap(2, 7, id_="a"), cap(10, 30, id_="b"), []),
        (cap(2, 7, id_="a", per="account"), cap(2, 7, id_="b"), []),
        (cap(2, 7, 'channels = ["text"]', id_="a"), cap(2, 7, id_="b"), ["test/a@1"]),
        (cap(3, 7, id_="a"), cap(2, 7, 'channels = ["text"]', id_="b"), []),
        (cap(3, 7, id_="a"), cap(2, 7, 'where = ["US"]', id_="b"), []),
        (cap(3, 7, 'where = ["US-NY"]', id_="a"), cap(2, 7, 'where = ["US"]', id_="b"), ["test/a@1"]),
        (cap(3, 7, 'breach = "refuse"', id_="a"), cap(2, 7, id_="b"), []),
        (cap(3, 7, id_="a"), cap(2, 7, "effective_from = 2026-09-01", id_="b"), []),
        (cap(3, 7, 'purposes = ["marketing"]', id_="a"), cap(2, 7, id_="b"), ["test/a@1"]),
    ],
)
def test_a_cap_that_another_outdoes_is_a_warning(one: str, other: str, moot: list[str]) -> None:
    assert [finding.subject for finding in lint_pack(pack(one, other), AT) if finding.code == "cap.moot"] == moot


@pytest.mark.parametrize(
    ("more", "found"),
    [("", ["limit.twice"]), ('where = ["US"]', []), ("effective_from = 2030-01-01", ["limit.twice"])],
)
def test_two_values_of_one_limit_for_the_same_texts_are_a_warning(more: str, found: list[str]) -> None:
    two = pack(limit("opt_out_years", 10, id_="a"), limit("opt_out_years", 5, more, id_="b"))
    assert codes(lint_pack(two, AT), Level.WARNING) == found


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("us-strict",), []),
        (("us-reg-f", "us-ma", "us-nyc"), []),
        (("us-first-party", "us-ma"), []),
        (("us-tcpa",), []),
        (SHIPPED, []),
        (("us-ma",), ["hours.missing"]),
        (("uk",), ["hours.missing"]),
        ((), ["pack.none"]),
        (("us-strict", "us-strict"), ["pack.twice"]),
        (("us-strct", "us-tcpa"), ["pack.unknown"]),
    ],
)
def test_packs_named_together(names: tuple[str, ...], found: list[str]) -> None:
    assert select(*names) == found


def test_a_misspelt_pack_is_told_its_name() -> None:
    (finding,) = lint_selection(("us-strct",), AVAILABLE, AT, {"US"})
    assert "us-strict" in finding.fix


def test_a_country_without_hours_is_an_error() -> None:
    assert select("us-reg-f", regions={"US", "CA"}) == ["hours.missing"]
    assert select("us-reg-f", "ca", regions={"US", "CA"}) == []


def test_packs_that_share_no_hours_are_an_error() -> None:
    early, late = pack(hours("06:00-09:00"), name="early"), pack(hours("09:00-20:00"), name="late")
    found = lint_selection(("early", "late"), {"early": early, "late": late}, AT, {"US"})
    assert set(codes(found)) == {"hours.contradict"}
    assert "early/h@1, late/h@1" in found[0].problem


def test_a_guard_that_swallows_the_window_is_an_error() -> None:
    short = pack(hours("09:00-09:10"), limit("guard_minutes", 10))
    assert set(select("test", more=[short])) == {"hours.contradict"}


def test_states_need_not_agree_with_each_other() -> None:
    states = pack(
        hours("08:00-21:00", id_="a"),
        hours("08:00-12:00", 'where = ["US-NY"]', id_="b"),
        hours("13:00-20:00", 'where = ["US-NJ"]', id_="c"),
    )
    assert select("test", more=[states]) == []
    clash = pack(hours("08:00-12:00", id_="a"), hours("13:00-20:00", 'where = ["US-NJ"]', id_="c"))
    assert set(select("test", more=[clash])) == {"hours.contradict"}


def test_a_finding_fits_on_a_line() -> None:
    for finding in lint_selection(("us-ma",), AVAILABLE, AT, {"US"}):
        assert str(finding).startswith("error: us-ma@1: no rule says when")
        assert "\n" not in str(finding)
