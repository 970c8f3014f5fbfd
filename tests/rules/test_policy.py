"""What packs say together: never more than one of them alone."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Code
from gateway.model.clock import DAY, HOUR, read_instant
from gateway.model.contact import Channel, Contact
from gateway.model.decision import Verdict
from gateway.rules.frequency import Per, judge_frequency
from gateway.rules.holidays import US_FEDERAL
from gateway.rules.packs import (
    STRICTER,
    CapRule,
    HolidaysRule,
    HoursRule,
    Limit,
    LimitRule,
    Mark,
    Pack,
    Purpose,
    Reach,
    Refusal,
    RefusalRule,
    RevocationRule,
)
from gateway.rules.policy import Regime, compose, regime_of
from gateway.rules.quiet_hours import judge_quiet_hours
from gateway.rules.windows import spell_week
from gateway.rules.zones import regions_of, stand_in, zones_of
from tests.rules.test_packs import SHIPPED, shipped

AT = read_instant("2026-10-20T16:00:00Z")


def regime(*names: str, number: str = "+12125550100", purpose: Purpose | None = None, at: int = AT) -> Regime:
    return regime_of(compose(tuple(map(shipped, names)), at), purpose, regions_of(number))


def hours(*names: str, number: str = "+12125550100", purpose: Purpose | None = None) -> str:
    found = regime(*names, number=number, purpose=purpose).hours
    return "none" if found is None else spell_week(found.week)


def test_the_default() -> None:
    found = regime("us-strict")
    assert found.label == "us-strict@1"
    assert found.hours is not None
    assert spell_week(found.hours.week) == "mon-sat 09:00-20:00, sun 12:00-20:00"
    assert found.hours.calendar == US_FEDERAL
    assert [(cap.most, cap.window, cap.per, cap.name) for cap in found.caps] == [
        (2, 7 * DAY, Per.ACCOUNT, "us-strict/per-debt@1"),
        (3, 7 * DAY, Per.CONSUMER, "us-strict/per-consumer@1"),
        (1, DAY, Per.CONSUMER, "us-strict/per-day@1"),
    ]
    assert found.limits[Limit.OPT_OUT_YEARS] == 10
    assert found.revocation is Reach.ALL


def test_without_a_guard_a_text_may_go_until_the_hours_end() -> None:
    guards = [
        found.guard if (found := regime(name).hours) is not None else None for name in ("on-request", "us-strict")
    ]
    assert guards == [0, 10]


def test_the_stricter_of_two_packs_counts() -> None:
    found = regime("us-tcpa", "us-reg-f", number="+17035550100", purpose=Purpose.MARKETING)
    assert found.label == "us-tcpa@1+us-reg-f@1"
    assert found.limits[Limit.OPT_OUT_YEARS] == 10, "the longest retention"
    assert found.limits[Limit.OPT_OUT_LINE_DAYS] == 0, "the most instructions"
    assert found.limits[Limit.CONSENT_FRESH_DAYS] == 60


@pytest.mark.parametrize(
    ("number", "purpose", "week"),
    [
        ("+14015550100", Purpose.MARKETING, "mon-fri 09:00-18:00, sat-sun 10:00-17:00"),
        ("+14015550100", Purpose.SERVICING, "mon-sun 08:00-21:00"),
        ("+15025550100", Purpose.MARKETING, "mon-sun 10:00-21:00"),
        ("+12055550100", Purpose.MARKETING, "mon-sat 08:00-20:00, sun closed"),
        ("+12055550100", None, "mon-sat 08:00-20:00, sun closed"),
        ("+12125550100", Purpose.MARKETING, "mon-sun 08:00-21:00"),
        ("+18005550100", Purpose.MARKETING, "mon-fri 10:00-18:00, sat 10:00-12:00, sun closed"),
    ],
)
def test_states_add_their_own_hours(number: str, purpose: Purpose | None, week: str) -> None:
    assert hours("us-tcpa", number=number, purpose=purpose) == week


def test_provinces_add_theirs() -> None:
    assert hours("ca", number="+14165550100") == "mon-sat 07:00-21:00, sun 13:00-17:00"
    assert hours("ca", number="+15145550100") == "mon-sat 08:00-20:00, sun closed"


@pytest.mark.parametrize(
    ("names", "number"),
    [
        ((), "+12125550100"),
        (("us-reg-f",), "+14165550100"),
        (("us-ma",), "+12125550100"),
        (("us-ma",), "+18005550100"),
        (("uk",), "+12125550100"),
        (("us-nyc",), "+12125550100"),
    ],
)
def test_where_no_pack_names_hours_nothing_goes(names: tuple[str, ...], number: str) -> None:
    found = regime(*names, number=number)
    assert found.hours is None
    finding = judge_quiet_hours(AT, zones_of(number) or stand_in(number), found.hours)
    assert (finding.verdict, finding.code) == (Verdict.REFUSE, Code.POLICY_SILENT)


def test_every_place_of_a_text_needs_hours() -> None:
    policy = compose((shipped("us-reg-f"),), AT)
    assert regime_of(policy, None, frozenset({"US-NY"})).hours is not None
    assert regime_of(policy, None, frozenset({"US-NY", "CA-ON"})).hours is None


def test_a_rule_begins_on_its_day() -> None:
    before, after = read_instant("2026-08-31T09:59:59.999Z"), read_instant("2026-08-31T10:00:00Z")
    packs = (shipped("us-strict"), shipped("us-nyc"))
    assert len(regime_of(compose(packs, before), None, frozenset({"US-NY"})).caps) == 3
    assert len(regime_of(compose(packs, after), None, frozenset({"US-NY"})).caps) == 4


def test_the_same_question_has_the_same_answer_by_identity() -> None:
    packs = (shipped("us-strict"), shipped("us-nyc"))
    one, other = compose(packs, AT), compose(packs, AT + 30 * DAY)
    assert one is other, "the same rules are in force"
    ny = frozenset({"US-NY"})
    assert regime_of(one, None, ny) is regime_of(other, None, frozenset({"US-NY"}))


def test_a_regime_names_the_rules_that_made_it() -> None:
    found = regime("us-reg-f", "us-ma", number="+16175550100", purpose=Purpose.COLLECTIONS)
    assert "us-ma/weekly@1" in found.rules
    assert "us-reg-f/washington@1" not in found.rules
    assert found.refusals == set(Refusal)


def test_a_calendar_that_two_packs_name_counts_once() -> None:
    found = regime("us-strict", "us-tcpa", number="+12055550100", purpose=Purpose.MARKETING)
    assert found.hours is not None
    assert found.hours.calendar == US_FEDERAL


_WHERE = st.lists(st.sampled_from(["US", "US-NY", "US-FL", "CA"]), max_size=2, unique=True).map(tuple)
_DATES = st.sampled_from([None, date(2026, 1, 1), date(2027, 1, 1)])
_COMMON = {
    "id": st.just("a"),
    "source": st.just("s"),
    "mark": st.just(Mark.OWN),
    "where": _WHERE,
    "purposes": st.lists(st.sampled_from(Purpose), max_size=2, unique=True).map(tuple),
    "effective_from": _DATES,
    "effective_until": st.sampled_from([None, date(2026, 6, 1), date(2028, 1, 1)]),
}
_HOURS = st.tuples(st.integers(0, 20), st.integers(1, 12)).map(
    lambda pair: f"{pair[0]:02d}:00-{min(24, sum(pair)):02d}:00"
)
_OPEN = st.dictionaries(st.sampled_from(["mon-fri", "sat", "sun"]), _HOURS, min_size=1)
_PACKS = st.builds(
    Pack,
    name=st.just("p"),
    version=st.just(1),
    title=st.just("t"),
    hours=st.lists(st.builds(HoursRule, open=_OPEN, **_COMMON), max_size=2).map(tuple),
    holidays=st.lists(st.builds(HolidaysRule, calendar=st.just("us-federal"), **_COMMON), max_size=1).map(tuple),
    caps=st.lists(
        st.builds(
            CapRule,
            most=st.integers(1, 3),
            days=st.integers(1, 3),
            per=st.sampled_from(Per),
            breach=st.sampled_from(["hold", "refuse"]),
            channels=st.lists(st.sampled_from(Channel), min_size=1, unique=True).map(tuple),
            **_COMMON,
        ),
        max_size=2,
    ).map(tuple),
    limits=st.lists(
        st.builds(LimitRule, limit=st.sampled_from(Limit), value=st.integers(0, 90), **_COMMON), max_size=3
    ).map(tuple),
    refusals=st.lists(st.builds(RefusalRule, refuse=st.sampled_from(Refusal), **_COMMON), max_size=1).map(tuple),
    revocations=st.lists(st.builds(RevocationRule, reach=st.sampled_from(Reach), **_COMMON), max_size=1).map(tuple),
)
_STRICTNESS = {Verdict.ALLOW: 0, Verdict.HOLD: 1, Verdict.REFUSE: 2}


@settings(max_examples=150, deadline=None)
@given(
    packs=st.lists(_PACKS, min_size=1, max_size=2).map(tuple),
    more=_PACKS,
    purpose=st.sampled_from([None, *Purpose]),
    number=st.sampled_from(["+12125550100", "+18505550100", "+14165550100", "+18005550100"]),
    hour=st.integers(0, 24 * 800),
    ages=st.lists(st.integers(0, 96), max_size=4),
)
def test_another_pack_never_opens_anything(
    packs: tuple[Pack, ...], more: Pack, purpose: Purpose | None, number: str, hour: int, ages: list[int]
) -> None:
    at = read_instant("2025-12-01T00:00:00Z") + hour * HOUR
    before = regime_of(compose(packs, at), purpose, regions_of(number))
    after = regime_of(compose((*packs, more), at), purpose, regions_of(number))
    zones = zones_of(number) or stand_in(number)
    contacts = tuple(Contact(at - age * HOUR, account="A") for age in ages)

    if before.hours is not None:
        assert after.hours is not None
        one, other = judge_quiet_hours(at, zones, before.hours), judge_quiet_hours(at, zones, after.hours)
        assert _STRICTNESS[one.verdict] <= _STRICTNESS[other.verdict]
        if other.verdict is Verdict.HOLD:
            assert (one.until or 0) <= (other.until or 0)
    calm, strict = (judge_frequency(at, contacts, some.caps, "A") for some in (before, after))
    assert _STRICTNESS[calm.verdict] <= _STRICTNESS[strict.verdict]
    assert before.refusals <= after.refusals
    for limit, value in before.limits.items():
        assert STRICTER[limit](value, after.limits[limit]) == after.limits[limit]
    assert set(before.rules) <= set(after.rules)


@settings(max_examples=100, deadline=None)
@given(
    names=st.lists(st.sampled_from(SHIPPED), min_size=1, unique=True),
    more=st.sampled_from(SHIPPED),
    number=st.sampled_from(["+12125550100", "+16175550100", "+18505550100", "+14165550100", "+442079460000"]),
    purpose=st.sampled_from([None, *Purpose]),
    minute=st.integers(0, 60 * 24 * 30),
)
def test_another_shipped_pack_never_opens_anything(
    names: list[str], more: str, number: str, purpose: Purpose | None, minute: int
) -> None:
    at = AT + minute * 60_000
    few, many = (regime(*some, number=number, purpose=purpose, at=at) for some in (names, [*names, more]))
    if few.hours is not None and judge_quiet_hours(at, zones_of(number), many.hours).verdict is Verdict.ALLOW:
        assert judge_quiet_hours(at, zones_of(number), few.hours).verdict is Verdict.ALLOW


def test_what_no_pack_says_of_an_opt_out_is_the_widest() -> None:
    assert regime().revocation is Reach.ALL
    narrow = Pack(
        name="p",
        version=1,
        title="t",
        revocations=(RevocationRule(id="r", source="s", mark=Mark.OWN, reach=Reach.CATEGORY),),
    )
    assert regime_of(compose((narrow,), AT), None, frozenset()).revocation is Reach.CATEGORY
    assert regime_of(compose((narrow, shipped("us-strict")), AT), None, frozenset()).revocation is Reach.ALL
