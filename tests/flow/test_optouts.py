"""Opt-outs and holds that a claim under way may not have seen: whose texts they stop, and for how long they are kept."""

import pytest

from gateway.flow.optouts import OptOuts
from gateway.model.consent import ANY

NUMBER, OTHER = "+12025550123", "+12025550124"


def covered(optouts: OptOuts, **text: str | None) -> bool:
    whole = {
        "number": NUMBER,
        "client": "demo",
        "program": "servicing",
        "category": "collections",
        "account": "A-1",
    } | text
    return optouts.covers(**whole)  # type: ignore[arg-type]


def test_an_opt_out_stops_what_its_scope_names_and_nothing_else() -> None:
    optouts = OptOuts()
    optouts.claim_begins()
    optouts.note(NUMBER, ["demo"], ("servicing", "collections", "A-1"))
    assert covered(optouts)
    for other in ({"number": OTHER}, {"client": "other"}, {"program": "codes"}, {"category": "marketing"}):
        assert not covered(optouts, **other)
    for account in ("A-2", None):
        assert not covered(optouts, account=account)


@pytest.mark.parametrize(
    ("scope", "stopped"),
    [
        (("servicing", ANY, ANY), {"category": "marketing", "account": None}),
        ((ANY, "collections", ANY), {"program": "codes", "account": "A-2"}),
        ((ANY, ANY, "A-1"), {"program": "codes", "category": "marketing"}),
    ],
)
def test_a_scope_may_leave_open_what_it_does_not_name(
    scope: tuple[str, str, str], stopped: dict[str, str | None]
) -> None:
    optouts = OptOuts()
    optouts.claim_begins()
    optouts.note(NUMBER, ["demo"], scope)
    assert covered(optouts, **stopped)
    assert not covered(optouts, program="x", category="x", account="x")


def test_several_scopes_of_a_number_count_together() -> None:
    optouts = OptOuts()
    optouts.claim_begins()
    optouts.note(NUMBER, ["demo"], ("servicing", ANY, ANY))
    optouts.note(NUMBER, ["demo"], ("codes", ANY, ANY))
    assert covered(optouts)
    assert covered(optouts, program="codes")


def test_a_hold_is_of_one_number_and_one_client() -> None:
    optouts = OptOuts()
    optouts.claim_begins()
    optouts.note_hold(NUMBER, ["demo"])
    assert optouts.holds(NUMBER, "demo")
    assert not optouts.holds(OTHER, "demo")
    assert not optouts.holds(NUMBER, "other")
    assert not covered(optouts)


def test_both_are_kept_as_long_as_a_claim_from_before_is_under_way() -> None:
    optouts = OptOuts()
    first = optouts.claim_begins()
    second = optouts.claim_begins()
    optouts.note(NUMBER, ["demo"])
    optouts.note_hold(NUMBER, ["demo"])
    later = optouts.claim_begins()
    for ticket in (second, first):
        assert covered(optouts)
        assert optouts.holds(NUMBER, "demo")
        optouts.claim_ends(ticket)
    # What was posted after them finds both on disk.
    assert not covered(optouts)
    assert not optouts.holds(NUMBER, "demo")
    optouts.claim_ends(later)


def test_nothing_is_kept_for_nobody() -> None:
    optouts = OptOuts()
    optouts.note(NUMBER, ["demo"])
    optouts.note_hold(NUMBER, ["demo"])
    optouts.claim_begins()
    assert not covered(optouts)
    assert not optouts.holds(NUMBER, "demo")
