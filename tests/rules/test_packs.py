"""Packs as they are written, and those that are shipped."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from gateway.config.faults import ConfigError
from gateway.model.clock import read_instant
from gateway.model.contact import Channel
from gateway.rules.frequency import Per
from gateway.rules.packs import STRICTER, Limit, Mark, Pack, Purpose, Requirement, read_pack

POLICY = Path(__file__).parents[2] / "gateway" / "policy"
SHIPPED = ("au", "ca", "on-request", "uk", "us-first-party", "us-ma", "us-nyc", "us-reg-f", "us-strict", "us-tcpa")

HEAD = 'name = "test"\nversion = 1\ntitle = "A test"\n'
RULE = 'id = "a"\nsource = "somewhere"\nmark = "own"\n'


@cache
def shipped(name: str) -> Pack:
    return read_pack((POLICY / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_pack(text, "test.toml")
    return [str(fault) for fault in caught.value.faults]


def test_the_shipped_packs_are_these() -> None:
    assert sorted(path.stem for path in POLICY.glob("*.toml")) == sorted(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_pack_can_be_read_and_is_called_as_its_file(name: str) -> None:
    pack = shipped(name)
    assert pack.name == name
    assert pack.rules
    assert all(rule.source for rule in pack.rules)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_choice_of_ours_is_not_sold_as_law(name: str) -> None:
    for rule in shipped(name).rules:
        if rule.source.startswith("no "):
            assert rule.mark is Mark.OWN, rule.id


def test_the_default_pack() -> None:
    pack = shipped("us-strict")
    assert pack.hours[0].open == {"mon-sat": "09:00-20:00", "sun": "12:00-20:00"}
    assert pack.holidays[0].calendar == "us-federal"
    assert [(cap.most, cap.days, cap.hours, cap.per) for cap in pack.caps] == [
        (2, 7, None, Per.ACCOUNT),
        (3, 7, None, Per.CONSUMER),
        (1, None, 24, Per.CONSUMER),
    ]
    assert {rule.limit: rule.value for rule in pack.limits}[Limit.OPT_OUT_YEARS] == 10
    assert not any(rule.where or rule.purposes for rule in pack.rules), "it is for every text"


@pytest.mark.parametrize("name", ["us-strict", "us-reg-f", "us-first-party", "us-tcpa", "uk", "ca", "au"])
def test_every_pack_of_a_country_wants_the_sender_s_name_and_a_way_out(name: str) -> None:
    pack = shipped(name)
    assert [rule.purposes for rule in pack.requirements if rule.require is Requirement.IDENTITY] == [()]
    assert [rule.purposes for rule in pack.limits if rule.limit is Limit.OPT_OUT_LINE_DAYS] == [()]


def test_new_york_begins_in_september_2026() -> None:
    attempts = shipped("us-nyc").caps[0]
    assert (attempts.most, attempts.days, attempts.per) == (3, 7, Per.ACCOUNT)
    assert set(attempts.channels) == set(Channel)
    assert attempts.effective_from == date(2026, 9, 1)


def test_each_limit_knows_which_way_is_stricter() -> None:
    assert set(STRICTER) == set(Limit)


def test_a_rule_is_in_force_from_its_first_day_anywhere_until_its_last_is_over_everywhere() -> None:
    text = (
        f'{HEAD}[[refusals]]\n{RULE}refuse = "third_party"\neffective_from = 2026-09-01\neffective_until = 2027-02-01\n'
    )
    (rule,) = read_pack(text, "test.toml").rules
    for at, in_force in (
        ("2026-09-01T00:00:00+14:00", True),
        ("2026-08-31T23:59:59.999+14:00", False),
        ("2027-01-31T23:59:59.999-12:00", True),
        ("2027-02-01T00:00:00-12:00", False),
    ):
        assert rule.in_force(read_instant(at)) is in_force, at


def test_a_rule_without_dates_always_holds() -> None:
    (rule,) = read_pack(f'{HEAD}[[refusals]]\n{RULE}refuse = "third_party"\n', "test.toml").rules
    assert rule.in_force(0)
    assert rule.in_force(read_instant("2199-12-31T00:00:00Z"))


@pytest.mark.parametrize(
    ("where", "regions", "is_for"),
    [
        ([], {"US-NJ"}, True),
        ([], set(), True),
        (["US"], {"US-NJ"}, True),
        (["US-NJ"], {"US-NJ"}, True),
        (["US-NJ"], {"US-NY"}, False),
        (["US-NJ"], {"US-NY", "US-NJ"}, True),
        (["US-NJ"], {"US"}, True),
        (["US-NJ"], set(), True),
        (["CA"], {"US-CA"}, False),
        (["US-N"], {"US-NJ"}, False),
        (["GB", "US-MA"], {"GB"}, True),
    ],
)
def test_what_may_be_meant_is_meant(where: list[str], regions: set[str], *, is_for: bool) -> None:
    text = f'{HEAD}[[refusals]]\n{RULE}refuse = "third_party"\nwhere = {where}\n'
    (rule,) = read_pack(text, "test.toml").rules
    assert rule.is_for(Purpose.SERVICING, frozenset(regions)) is is_for


def test_a_rule_for_some_purposes_is_for_a_text_whose_purpose_is_not_known() -> None:
    text = f'{HEAD}[[refusals]]\n{RULE}refuse = "third_party"\npurposes = ["marketing"]\n'
    (rule,) = read_pack(text, "test.toml").rules
    assert rule.is_for(Purpose.MARKETING, frozenset())
    assert rule.is_for(None, frozenset())
    assert not rule.is_for(Purpose.SERVICING, frozenset())


def test_everything_wrong_is_told_at_once() -> None:
    found = faults("""
        name = "Test Pack"
        version = 0
        titel = "x"
        [[hours]]
        id = "day"
        mark = "sure"
        source = ""
        open = { mon = "9-20" }
        [[holidays]]
        id = "h"
        source = "s"
        mark = "own"
        calendar = "us-fedral"
        [[holidays]]
        id = "k"
        source = "s"
        mark = "own"
        days = [ { name = "A", on = "feb 30" } ]
        [[caps]]
        id = "c"
        source = "s"
        mark = "own"
        most = 0
        per = "person"
        [[limits]]
        id = "l"
        source = "s"
        mark = "own"
        limit = "opt_out_yeras"
        value = -1
        [[refusals]]
        id = "r"
        source = "s"
        mark = "own"
        refuse = "everything"
        effective_from = 2026-09-01
        effective_until = 2026-09-01
        where = ["usa"]
    """)
    for part in (
        "test.toml: titel: is no known key: did you mean 'title'?",
        "test.toml: title: is missing",
        "test.toml: name: ",
        "test.toml: version: ",
        "hours[day].mark: is not one of the choices: give one of 'primary', 'secondary', 'memory', 'own'",
        "hours[day].source: ",
        "hours[day].open: '9-20' is no window: write it as 09:00-20:00",
        "holidays[h].calendar: is not known: did you mean 'us-federal'?",
        "holidays[k].days[A].on: is no day that can be found in a calendar",
        "caps[c].most: ",
        "caps[c].per: ",
        "caps[c].days: or hours: one of the two is wanted",
        "limits[l].limit: is not one of the choices: give one of 'opt_out_years'",
        "limits[l].value: ",
        "refusals[r].refuse: ",
        "refusals[r].where[#1]: ",
    ):
        assert any(part in fault for fault in found), part


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        (f"[[hours]]\n{RULE}open = {{}}\n", "opens on no day"),
        (f'[[hours]]\n{RULE}open = {{ mon = "09:00-20:00", mon-tue = "09:00-20:00" }}\n', "mon is named twice"),
        (f"[[holidays]]\n{RULE}", "one of the two is wanted"),
        (f'[[holidays]]\n{RULE}calendar = "us-federal"\ndays = [{{ name = "A", on = "jan 1" }}]\n', "one of the two"),
        (f'[[caps]]\n{RULE}most = 1\ndays = 1\nhours = 1\nper = "account"\n', "one of the two is wanted"),
        (f'[[caps]]\n{RULE}most = 1\ndays = 1\nper = "account"\nchannels = []\n', "is empty"),
        (f'[[refusals]]\n{RULE}refuse = "third_party"\neffective_from = "2026-09-01x"\n', "a date such as 2026-09-01"),
        (
            f'[[refusals]]\n{RULE}refuse = "third_party"\neffective_from = 2026-09-01\neffective_until = 2026-08-01\n',
            "is not after effective_from",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_is_told(rule: str, part: str) -> None:
    assert any(part in fault for fault in faults(HEAD + rule))


@pytest.mark.parametrize(
    "text", ["", "name", "hours = 1", "[" * 5000, "version = " + "9" * 5000, "\x00", 'hours = ["x"]', "[hours]\nid = 1"]
)
def test_junk_is_told_and_nothing_breaks(text: str) -> None:
    assert faults(text)


def test_the_same_text_is_the_same_pack() -> None:
    text = (POLICY / "uk.toml").read_text(encoding="utf-8")
    assert read_pack(text, "uk.toml") is read_pack(text, "uk.toml")
    assert read_pack(text, "other.toml") is not read_pack(text, "uk.toml")
