"""The choice of a carrier: order, health, permission, numbers, weights."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Code
from gateway.model.decision import Verdict
from gateway.model.ids import IdSource
from gateway.rules.routing import EVERY_NUMBER, Choice, Route, Standing, Way, choose, fraction_of, judge_route

US, UK = "+12025550123", "+447700900123"
BOTH = frozenset({"main", "backup"})
SERVICING = frozenset({"servicing"})


def way(
    carrier: str, weight: int = 1, prefixes: tuple[str, ...] = EVERY_NUMBER, permits: frozenset[str] = SERVICING
) -> Way:
    return Way(carrier, weight, prefixes, permits)


ORDERED = (Route((way("main"),)), Route((way("backup"),)))


def pick(
    routes: tuple[Route, ...],
    healthy: frozenset[str] = BOTH,
    number: str = US,
    category: str = "bills",
    content: str = "servicing",
    fraction: float = 0.5,
) -> tuple[str, Standing] | None:
    choice = choose(routes, number, category, content, healthy, fraction)
    return None if choice is None else (choice.carrier, choice.standing)


@pytest.mark.parametrize(
    ("healthy", "chosen", "standing"),
    [
        ({"main", "backup"}, "main", Standing.OPEN),
        ({"main"}, "main", Standing.OPEN),
        ({"backup"}, "backup", Standing.OPEN),
        (set(), "main", Standing.WAITS),
        ({"another"}, "main", Standing.WAITS),
    ],
)
def test_the_first_that_is_up_is_taken_and_else_the_first(healthy: set[str], chosen: str, standing: Standing) -> None:
    assert pick(ORDERED, frozenset(healthy)) == (chosen, standing)


def test_a_carrier_gets_only_what_it_permits() -> None:
    routes = (Route((way("main"),)), Route((way("backup", permits=frozenset({"servicing", "marketing"})),)))
    assert pick(routes, content="servicing") == ("main", Standing.OPEN)
    assert pick(routes, content="marketing") == ("backup", Standing.OPEN)
    # Rather wait for the one that may than go by the one that is up and may not.
    assert pick(routes, frozenset({"main"}), content="marketing") == ("backup", Standing.WAITS)
    assert pick(routes, content="third_party_collections") == ("main", Standing.NOT_PERMITTED)


def test_a_carrier_gets_only_numbers_that_it_serves() -> None:
    routes = (Route((way("main", prefixes=("+1",)),)), Route((way("backup", prefixes=("+44", "+1")),)))
    assert pick(routes, number=US) == ("main", Standing.OPEN)
    assert pick(routes, number=UK) == ("backup", Standing.OPEN)
    assert pick(routes, number=UK, healthy=frozenset({"main"})) == ("backup", Standing.WAITS)
    assert pick(routes, number="+33612345678") is None
    assert pick((), number=US) is None


def test_a_route_is_for_its_numbers_and_categories() -> None:
    routes = (
        Route((way("main"),), ("+1",), frozenset({"bills"})),
        Route((way("backup"),), ("+1", "+44")),
    )
    assert pick(routes) == ("main", Standing.OPEN)
    assert pick(routes, category="news") == ("backup", Standing.OPEN)
    assert pick(routes, number=UK) == ("backup", Standing.OPEN)
    assert pick(routes[:1], category="news") == ("main", Standing.NOT_PERMITTED)
    assert pick(routes, number="+33612345678") is None


def test_weights_are_shares() -> None:
    routes = (Route((way("main", 3), way("backup", 1))),)
    ids = IdSource()
    chosen = Counter(pick(routes, fraction=fraction_of(ids.next(1_790_000_000_000))) for _ in range(1000))
    assert chosen[("main", Standing.OPEN)] == pytest.approx(750, abs=5)
    for fraction, carrier in ((0.0, "main"), (0.7499, "main"), (0.75, "backup"), (0.9999, "backup")):
        assert pick(routes, fraction=fraction) == (carrier, Standing.OPEN)
    assert pick(routes, frozenset({"backup"}), fraction=0.1) == ("backup", Standing.OPEN)
    # Where all are down the shares wait as they would have gone.
    assert pick(routes, frozenset(), fraction=0.9) == ("backup", Standing.WAITS)


@given(
    st.integers(min_value=1, max_value=(1 << 63) - 2000),
    st.sampled_from([1, 1 << 20, 50 << 20]),
    st.integers(min_value=1, max_value=99),
)
def test_the_shares_of_any_run_of_ids_are_even(first: int, step: int, percent: int) -> None:
    # One text a count, one a millisecond, one every fifty: however ids are spaced.
    fractions = [fraction_of((first + index * step) & ((1 << 63) - 1)) for index in range(400)]
    assert all(0 <= fraction < 1 for fraction in fractions)
    assert sum(fraction < percent / 100 for fraction in fractions) / 400 == pytest.approx(percent / 100, abs=0.06)


ways = st.builds(
    way,
    st.sampled_from("abcd"),
    st.integers(1, 9),
    st.sampled_from([EVERY_NUMBER, ("+1",), ("+44",)]),
    st.sampled_from([SERVICING, frozenset({"marketing"}), frozenset({"servicing", "marketing"})]),
)
routes_of = st.lists(st.builds(Route, st.lists(ways, min_size=1, max_size=3).map(tuple)), max_size=4).map(tuple)


@given(routes_of, st.sampled_from([US, UK]), st.sampled_from(sorted(SERVICING | {"marketing"})),
       st.frozensets(st.sampled_from("abcd")), st.floats(0, 1, exclude_max=True))  # fmt: skip
def test_what_is_chosen_may_carry_the_text(
    routes: tuple[Route, ...], number: str, content: str, healthy: frozenset[str], fraction: float
) -> None:
    able = {
        one.carrier
        for route in routes
        for one in route.ways
        if number.startswith(one.prefixes) and content in one.permits
    }
    choice = choose(routes, number, "bills", content, healthy, fraction)
    if choice is None:
        assert not any(number.startswith(one.prefixes) for route in routes for one in route.ways)
    elif choice.standing is Standing.NOT_PERMITTED:
        assert not able
    else:
        assert choice.carrier in able
        assert (choice.standing is Standing.OPEN) == bool(able & healthy)
        assert choice.standing is Standing.WAITS or choice.carrier in healthy


def test_the_finding_says_what_stands_in_the_way() -> None:
    assert judge_route(None).verdict is Verdict.ALLOW
    assert judge_route(Choice("main", Standing.OPEN, "servicing")).detail == "main, for servicing"
    waits = judge_route(Choice("main", Standing.WAITS, "servicing"))
    assert (waits.verdict, "main" in (waits.detail or "")) == (Verdict.ALLOW, True)
    refused = judge_route(Choice("main", Standing.NOT_PERMITTED, "marketing"))
    assert (refused.verdict, refused.code) == (Verdict.REFUSE, Code.ROUTE_NOT_PERMITTED)
    assert "marketing" in (refused.detail or "")
