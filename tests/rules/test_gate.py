"""The gate: all rules, in their order, each time; and the last look before the wire."""

from pathlib import Path

import msgspec
import pytest

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.clock import DAY, read_instant
from gateway.model.contact import Contact
from gateway.model.decision import Decision, Verdict
from gateway.model.hold import HoldReason
from gateway.model.ids import MessageId
from gateway.model.message import Claimed, Facts, Origin, Ruling, State, Submission
from gateway.model.profile import Profile
from gateway.rules import gate
from gateway.rules.charters import Charter
from gateway.rules.content.finding import ContentContext
from gateway.rules.content.judge import Wording, look_through
from gateway.rules.gate import Terms, decide, rule
from gateway.rules.packs import Purpose, read_pack
from gateway.rules.routing import Choice, Standing
from tests.policies import OPEN, look_again

NOON = 1_790_000_000_000
HOUR = 3_600_000
POLICY = Path(__file__).parents[2] / "gateway" / "policy"
CONFIRMED = Facts("confirmed")
CONTEXT = ContentContext(category="servicing", identity=("Acme",), party_known=True)
TERMS = Terms("US", frozenset({"US", "CA"}), 3, OPEN)
NOT_SENT = msgspec.structs.replace(OPEN, sends=False)
FORM = ["country", "route", "length", "schedule"]
RULES = ["category", "consent", "freshness", "hold", "party", "workplace", "quiet_hours", "frequency", *FORM]


def submission(**changes: object) -> Submission:
    text = Submission(
        MessageId(1), "acme", "loans", "servicing", Number("+12025550123"), "+12025550100", "sim", "Hello.", "gsm7", 6, 1, 2,
        NOON, NOON + HOUR,
    )  # fmt: skip
    return msgspec.structs.replace(text, **changes)


def claimed(**changes: object) -> Claimed:
    segment = Claimed(
        MessageId(1), 1, 1, 1, "sim", "acme", "loans", "servicing", Number("+12025550123"), "+12025550100", "Hello.", "gsm7",
        0, NOON + HOUR, NOON, Origin.CLIENT,
    )  # fmt: skip
    return msgspec.structs.replace(segment, **changes)


def test_a_text_that_every_rule_allows_is_queued_at_once() -> None:
    ruling = rule(submission(), CONFIRMED, TERMS)
    assert (ruling.state, ruling.due_at, ruling.code) == (State.QUEUED, NOON, None)
    decision = msgspec.json.decode(ruling.decision, type=Decision)
    assert decision.outcome is Verdict.ALLOW
    assert [finding.rule for finding in decision.findings] == RULES


@pytest.mark.parametrize("packs", [(), ("us-strict",), ("us-reg-f", "us-nyc")])
@pytest.mark.parametrize("origin", list(Origin))
def test_each_rule_tells_what_it_looked_at(origin: Origin, packs: tuple[str, ...]) -> None:
    found = tuple(read_pack((POLICY / f"{name}.toml").read_text(encoding="utf-8"), name) for name in packs)
    charter = Charter(found, Purpose.SERVICING, CONTEXT, 10, "flag") if packs else OPEN
    wording = Wording("Hello.", CONTEXT, *look_through("Hello.", CONTEXT))
    terms = msgspec.structs.replace(
        TERMS, charter=charter, wording=wording, route=Choice("sim", Standing.OPEN, "servicing")
    )
    for facts in (Facts(), CONFIRMED, Facts("confirmed", fresh_at=NOON, contacts=(Contact(NOON - HOUR),))):
        for finding in decide(submission(origin=origin), facts, terms).findings:
            assert finding.detail, finding.rule


@pytest.mark.parametrize(
    ("changes", "facts", "terms", "code"),
    [
        ({}, Facts(), {}, Code.CONSENT_MISSING),
        ({}, Facts("confirmed", opted_out="*/*"), {}, Code.CONSENT_OPTED_OUT),
        ({}, CONFIRMED, {"charter": NOT_SENT}, Code.CATEGORY_NOT_ALLOWED),
        ({}, CONFIRMED, {"region": "GB"}, Code.COUNTRY_NOT_ALLOWED),
        ({}, CONFIRMED, {"region": None}, Code.COUNTRY_NOT_ALLOWED),
        ({}, CONFIRMED, {"regions": frozenset[str]()}, Code.COUNTRY_NOT_ALLOWED),
        ({"sender": "ACME"}, CONFIRMED, {}, Code.SENDER_NOT_ALLOWED),
        ({"sender": "ACME"}, CONFIRMED, {"region": "CA"}, Code.SENDER_NOT_ALLOWED),
        ({"sender": "ACME"}, CONFIRMED, {"region": "GB"}, Code.COUNTRY_NOT_ALLOWED),
        ({}, CONFIRMED, {"route": Choice("sim", Standing.NOT_PERMITTED, "marketing")}, Code.ROUTE_NOT_PERMITTED),
        ({"segments": 4}, CONFIRMED, {}, Code.CONTENT_TOO_LONG),
        ({"expires_at": NOON}, CONFIRMED, {}, Code.SCHEDULE_PAST_EXPIRY),
        ({"send_at": NOON + HOUR}, CONFIRMED, {}, Code.SCHEDULE_PAST_EXPIRY),
        ({"send_at": NOON - HOUR, "expires_at": NOON - 1}, CONFIRMED, {}, Code.SCHEDULE_PAST_EXPIRY),
    ],
)
def test_each_rule_refuses_by_itself(
    changes: dict[str, object], facts: Facts, terms: dict[str, object], code: Code
) -> None:
    ruling = rule(submission(**changes), facts, msgspec.structs.replace(TERMS, **terms))
    assert (ruling.state, ruling.code) == (State.BLOCKED, code)
    decision = msgspec.json.decode(ruling.decision, type=Decision)
    refusals = [finding for finding in decision.findings if finding.verdict is Verdict.REFUSE]
    assert [finding.code for finding in refusals] == [code]
    assert all(finding.detail for finding in refusals)


def test_hours_that_the_consumer_named_since_stop_a_text_at_the_last_look() -> None:
    """12 CFR 1006.6(b)(1): they narrow the packs' hours, in each zone, and never widen them."""
    strict = Charter(
        (read_pack((POLICY / "us-strict.toml").read_text(encoding="utf-8"), "s"),), Purpose.SERVICING, CONTEXT
    )
    noon = read_instant("2026-06-10T12:00:00-04:00")
    segment = claimed(expires_at=noon + DAY)

    def look(hours: str | None, at: int) -> object:
        return gate.look_again(segment, Facts("confirmed", profile=Profile(hours=hours)), at, strict)

    assert look(None, noon) == read_instant("2026-06-10T20:00:00-04:00")
    assert look('{"mon-sun":"11:00-13:30"}', noon) == read_instant("2026-06-10T13:30:00-04:00")
    ruling = look('{"mon-sun":"13:00-22:00"}', noon)
    assert isinstance(ruling, Ruling)
    assert (ruling.state, ruling.code) == (State.HELD, Code.QUIET_HOURS)
    late = look('{"mon-sun":"13:00-22:00"}', read_instant("2026-06-10T21:00:00-04:00"))
    assert isinstance(late, Ruling)
    never = look('{"mon-sun":"03:00-04:00"}', noon)
    assert isinstance(never, Ruling)
    assert never.state is State.BLOCKED


def test_a_refusal_names_everything_that_is_wrong() -> None:
    terms = Terms("GB", frozenset({"US"}), 1, NOT_SENT, route=Choice("sim", Standing.NOT_PERMITTED, "marketing"))
    decision = decide(submission(segments=2, expires_at=NOON), Facts(), terms)
    assert [finding.rule for finding in decision.findings if finding.verdict is Verdict.REFUSE] == [
        "category",
        "consent",
        *FORM,
    ]
    assert decision.code is Code.CATEGORY_NOT_ALLOWED


@pytest.mark.parametrize(("sender", "region"), [("ACME", "GB"), ("40404", "US"), ("+12025550100", "CA")])
def test_a_sender_that_the_country_takes_goes(sender: str, region: str) -> None:
    terms = msgspec.structs.replace(TERMS, region=region, regions=frozenset({"US", "CA", "GB"}))
    assert rule(submission(sender=sender), CONFIRMED, terms).state is State.QUEUED


def test_a_refusal_beats_a_schedule() -> None:
    decision = decide(submission(send_at=NOON + 1000), Facts(), TERMS)
    assert (decision.outcome, decision.code) == (Verdict.REFUSE, Code.CONSENT_MISSING)


def test_a_text_for_later_is_held_until_then() -> None:
    ruling = rule(submission(send_at=NOON + 1000), CONFIRMED, TERMS)
    assert (ruling.state, ruling.due_at, ruling.code) == (State.HELD, NOON + 1000, Code.SCHEDULED)


@pytest.mark.parametrize("send_at", [None, NOON, NOON - 1])
def test_a_time_that_has_come_is_now(send_at: int | None) -> None:
    ruling = rule(submission(send_at=send_at), CONFIRMED, TERMS)
    assert (ruling.state, ruling.due_at) == (State.QUEUED, NOON)


def test_the_longest_text_that_is_allowed_goes() -> None:
    assert rule(submission(segments=3), CONFIRMED, TERMS).state is State.QUEUED


def test_what_was_replaced_is_on_record() -> None:
    decision = decide(submission(), CONFIRMED, msgspec.structs.replace(TERMS, replaced="\u2019 as '"))
    assert [one.detail for one in decision.findings if one.rule == "transliteration"] == ["\u2019 as '"]
    assert decision.outcome is Verdict.ALLOW


def test_a_text_that_waits_for_its_carrier_is_queued() -> None:
    terms = msgspec.structs.replace(TERMS, route=Choice("backup", Standing.WAITS, "servicing"))
    assert rule(submission(), CONFIRMED, terms).state is State.QUEUED
    assert b"waits for carrier backup" in rule(submission(), CONFIRMED, terms).decision


def test_an_answer_to_the_consumer_passes_without_consent_and_nothing_else_is_spared() -> None:
    reply = submission(origin=Origin.REPLY)
    assert rule(reply, Facts(opted_out="*/*"), TERMS).state is State.QUEUED
    abroad = msgspec.structs.replace(TERMS, region="GB")
    assert rule(reply, Facts(opted_out="*/*"), abroad).code is Code.COUNTRY_NOT_ALLOWED


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (CONFIRMED, State.QUEUED),
        (Facts("confirmed", contacts=(Contact(NOON - HOUR, account="A-1"),) * 9), State.QUEUED),
        (Facts(), State.BLOCKED),
        (Facts("confirmed", opted_out="*/*"), State.BLOCKED),
        (Facts("confirmed", holds=(HoldReason.CEASE,)), State.HELD),
    ],
)
def test_what_a_plugin_answers_knows_no_hours_and_no_caps_but_needs_consent(facts: Facts, state: State) -> None:
    strict = read_pack((POLICY / "us-strict.toml").read_text(encoding="utf-8"), "us-strict.toml")
    terms = msgspec.structs.replace(TERMS, charter=Charter((strict,), Purpose.SERVICING))
    night = NOON + 12 * HOUR
    assert rule(submission(origin=Origin.ANSWER, at=night, expires_at=night + HOUR), facts, terms).state is state


# The last look.


def test_the_last_look_lets_go_what_has_consent() -> None:
    assert look_again(claimed(), CONFIRMED, NOON) is None


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts("confirmed", opted_out="*/*"), Code.CONSENT_OPTED_OUT),
        (Facts("revoked"), Code.CONSENT_WITHDRAWN),
        (Facts(), Code.CONSENT_MISSING),
    ],
)
@pytest.mark.parametrize("origin", [Origin.CLIENT, Origin.PLUGIN])
def test_the_last_look_stops_what_has_none(facts: Facts, code: Code, origin: Origin) -> None:
    ruling = look_again(claimed(origin=origin), facts, NOON + 7)
    assert isinstance(ruling, Ruling)
    assert (ruling.state, ruling.code) == (State.BLOCKED, code)
    decision = msgspec.json.decode(ruling.decision, type=Decision)
    assert (decision.outcome, decision.code) == (Verdict.REFUSE, code)


def test_the_last_look_lets_the_answer_to_a_stop_go() -> None:
    assert look_again(claimed(origin=Origin.REPLY), Facts(opted_out="*/*"), NOON) is None


def test_a_hold_stops_what_we_begin_and_not_what_we_answer() -> None:
    held = Facts("confirmed", holds=(HoldReason.CEASE,))
    ruling = rule(submission(), held, TERMS)
    assert (ruling.state, ruling.due_at, ruling.code) == (State.HELD, NOON + HOUR, Code.HOLD_CEASE)
    again = look_again(claimed(), held, NOON)
    assert isinstance(again, Ruling)
    assert (again.state, again.due_at, again.code) == (State.HELD, NOON + HOUR, Code.HOLD_CEASE)
    assert rule(submission(origin=Origin.REPLY), held, TERMS).state is State.QUEUED
    assert look_again(claimed(origin=Origin.REPLY), held, NOON) is None


def test_an_opt_out_beats_a_hold() -> None:
    both = Facts("confirmed", opted_out="*/*", holds=(HoldReason.REVIEW,))
    for ruling in (rule(submission(), both, TERMS), look_again(claimed(), both, NOON)):
        assert isinstance(ruling, Ruling)
        assert (ruling.state, ruling.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)
