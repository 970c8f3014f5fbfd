"""The gate under packs: a code for each way to say no or not yet, and what holds whatever the instant and the number."""

from datetime import datetime, time

import msgspec
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.clock import DAY, HOUR, read_instant
from gateway.model.contact import Contact
from gateway.model.decision import Decision
from gateway.model.message import Facts, Origin, Ruling, State
from gateway.model.profile import Party, Profile
from gateway.rules.charters import Charter
from gateway.rules.content.judge import Lined, Wording, look_through
from gateway.rules.gate import look_again, rule
from gateway.rules.packs import Purpose, read_pack
from gateway.rules.zones import clock_of, regions_of, stand_in, zones_of
from gateway.rules.zones_table import ROWS
from tests.policies import ALWAYS_OPEN
from tests.rules.test_gate import CONTEXT, TERMS, claimed, submission
from tests.rules.test_packs import SHIPPED, shipped

NOON = read_instant("2026-09-21T16:00:00Z")
NIGHT = read_instant("2026-09-21T04:00:00Z")
HOLIDAY = read_instant("2026-11-26T17:00:00Z")
TOLL_FREE = Number("+18005550123")
KNOWN = Facts("confirmed", fresh_at=NOON - DAY)
REFUSING = """
[[refusals]]
id = "r"
refuse = "{what}"
source = "s"
mark = "own"
"""


def strict() -> Charter:
    return Charter((shipped("us-strict"),), Purpose.SERVICING)


def refusing(what: str) -> Charter:
    return Charter((read_pack(ALWAYS_OPEN + REFUSING.format(what=what), "x"),), Purpose.COLLECTIONS)


@pytest.mark.parametrize(
    ("charter", "at", "number", "facts", "code"),
    [
        (Charter(()), NOON, None, KNOWN, Code.POLICY_SILENT),
        (strict(), NIGHT, None, KNOWN, Code.QUIET_HOURS),
        (strict(), HOLIDAY, None, KNOWN, Code.HOLIDAY),
        (strict(), NOON - 2 * HOUR, TOLL_FREE, KNOWN, Code.QUIET_HOURS),  # both coasts stand in
        (refusing("zone_unknown"), NOON, TOLL_FREE, KNOWN, Code.ZONE_UNKNOWN),
        (refusing("party_unknown"), NOON, None, KNOWN, Code.PARTY_UNKNOWN),
        (
            refusing("third_party"),
            NOON,
            None,
            msgspec.structs.replace(KNOWN, profile=Profile(party=Party.THIRD_PARTY)),
            Code.PARTY_THIRD,
        ),
        (strict(), NOON, None, msgspec.structs.replace(KNOWN, ledger_broken=True), Code.LEDGER_BROKEN),
        (
            Charter((shipped("us-reg-f"),), Purpose.COLLECTIONS),
            NOON,
            None,
            msgspec.structs.replace(KNOWN, fresh_at=NOON - 61 * DAY),
            Code.CONSENT_STALE,
        ),
        (
            strict(),
            NOON,
            None,
            msgspec.structs.replace(KNOWN, contacts=(Contact(NOON - HOUR, account="B"),)),
            Code.FREQUENCY_CONSUMER,
        ),
        (
            strict(),
            NOON,
            None,
            msgspec.structs.replace(KNOWN, contacts=(Contact(NOON - 2 * DAY), Contact(NOON - 3 * DAY))),
            Code.FREQUENCY_ACCOUNT,
        ),
    ],
)
def test_each_rule_has_its_code_when_submitted_and_when_sent(
    charter: Charter, at: int, number: Number | None, facts: Facts, code: Code
) -> None:
    changes: dict[str, object] = {"number": number} if number is not None else {}
    terms = msgspec.structs.replace(TERMS, charter=charter, validity=DAY)
    submitted = rule(submission(at=at, expires_at=at + DAY, **changes), facts, terms)
    again = look_again(claimed(expires_at=at + DAY, **changes), facts, at, charter)
    assert isinstance(again, Ruling)
    assert (submitted.code, again.code) == (code, code)
    assert submitted.state in (State.HELD, State.BLOCKED)


DEBT = "Acme: your account is past due. You owe $50.00."


@pytest.mark.parametrize(
    ("purpose", "party", "refused"),
    [
        (Purpose.COLLECTIONS, None, True),
        (Purpose.COLLECTIONS, Party.THIRD_PARTY, True),
        (Purpose.COLLECTIONS, Party.CONSUMER, False),
        (Purpose.COLLECTIONS, Party.ATTORNEY, False),
        (None, None, True),
        (Purpose.SERVICING, None, False),
        (Purpose.SERVICING, Party.THIRD_PARTY, True),
        (Purpose.MARKETING, None, False),
    ],
)
def test_a_debt_is_spoken_of_to_the_right_party_alone(
    purpose: Purpose | None, party: Party | None, refused: bool
) -> None:
    """A lock screen discloses: what collects is neutral until the party is known, whichever packs there are. Whose number it is
    may have changed while the text waited."""
    charter = Charter((read_pack(ALWAYS_OPEN, "x"),), purpose, CONTEXT)
    facts = msgspec.structs.replace(KNOWN, profile=None if party is None else Profile(party=party))
    for text, expected in ((DEBT, refused), ("Acme: please call us at 202-555-0100.", False)):
        wording = Wording(text, CONTEXT, *look_through(text, CONTEXT))
        terms = msgspec.structs.replace(TERMS, charter=charter, wording=wording)
        ruling = rule(submission(at=NOON, expires_at=NOON + DAY, text=text), facts, terms)
        assert (ruling.code == Code.CONTENT_DEBT_DISCLOSED) == expected
        again = look_again(claimed(expires_at=NOON + DAY, text=text), facts, NOON, charter)
        assert (again.code if isinstance(again, Ruling) else None) == (
            Code.CONTENT_DEBT_DISCLOSED if expected else None
        )


@pytest.mark.parametrize("origin", [Origin.ANSWER, Origin.INVITATION, Origin.CODE, Origin.REPLY, Origin.FAREWELL])
def test_the_gateways_own_words_are_not_looked_through_again(origin: Origin) -> None:
    charter = Charter((read_pack(ALWAYS_OPEN, "x"),), Purpose.COLLECTIONS, CONTEXT)
    again = look_again(claimed(expires_at=NOON + DAY, text=DEBT, origin=origin), KNOWN, NOON, charter)
    assert isinstance(again, Ruling) == (origin is Origin.ANSWER)


@pytest.mark.parametrize(
    ("party", "code"), [(None, None), (Party.CONSUMER, None), (Party.THIRD_PARTY, Code.PARTY_THIRD)]
)
def test_who_is_not_known_yet_may_be_asked_to_opt_in(party: Party | None, code: Code | None) -> None:
    """The request says nothing of a debt, and its code tells whose number it is."""
    charter = Charter((shipped("us-reg-f"),), Purpose.COLLECTIONS)
    facts = Facts(profile=None if party is None else Profile(party=party))
    ruling = rule(
        submission(at=NOON, expires_at=NOON + DAY, origin=Origin.INVITATION),
        facts,
        msgspec.structs.replace(TERMS, charter=charter),
    )
    assert ruling.code == code


@pytest.mark.parametrize("origin", [Origin.REPLY, Origin.CODE])
def test_what_the_consumer_waits_for_knows_no_hours(origin: Origin) -> None:
    assert look_again(claimed(origin=origin), KNOWN, NIGHT, strict()) is None


HONOLULU = "Pacific/Honolulu"


@pytest.mark.parametrize(("age", "zones"), [(89 * DAY, (HONOLULU,)), (90 * DAY, ("America/New_York",))])
def test_a_zone_that_was_confirmed_lately_counts_alone(age: int, zones: tuple[str, ...]) -> None:
    """It is noon in New York and six in the morning in Honolulu."""
    profile = Profile(zone=HONOLULU, zone_confirmed_at=NOON - age)
    ruling = rule(
        submission(at=NOON, expires_at=NOON + DAY),
        msgspec.structs.replace(KNOWN, profile=profile),
        msgspec.structs.replace(TERMS, charter=strict()),
    )
    decision = msgspec.json.decode(ruling.decision, type=Decision)
    assert decision.zones == zones
    opens = read_instant("2026-09-21T19:00:00Z")
    assert (ruling.state, ruling.due_at) == ((State.HELD, opens) if HONOLULU in zones else (State.QUEUED, NOON))


def test_hours_that_never_meet_once_a_zone_is_confirmed_no_more_refuse_the_text_at_once() -> None:
    morning = read_instant("2026-09-21T14:00:00Z")  # ten in New York
    short = read_pack(ALWAYS_OPEN.replace("00:00-24:00", "10:00-12:00"), "x")
    profile = Profile(zone="America/New_York", zone_confirmed_at=morning - 90 * DAY, region="US-NY")
    ruling = rule(
        submission(at=NIGHT, expires_at=NIGHT + DAY, number=Number("+18085550123")),
        msgspec.structs.replace(KNOWN, profile=profile),
        msgspec.structs.replace(TERMS, charter=Charter((short,), Purpose.SERVICING)),
    )
    assert (ruling.state, ruling.code) == (State.BLOCKED, Code.ZONE_AMBIGUOUS)


COLLECTOR = msgspec.structs.replace(CONTEXT, disclosure="this is from a debt collector")
COLLECTS = Charter((shipped("us-reg-f"),), Purpose.COLLECTIONS, COLLECTOR)


def answering(text: str, facts: Facts, lined: Lined | None = None) -> Ruling:
    """What becomes of what a collector's plugin answers at night."""
    wording = Wording(text, COLLECTOR, *look_through(text, COLLECTOR), lined)
    terms = msgspec.structs.replace(TERMS, charter=COLLECTS, wording=wording)
    return rule(submission(origin=Origin.ANSWER, at=NIGHT, expires_at=NIGHT + HOUR, text=text), facts, terms)


@pytest.mark.parametrize(
    ("text", "party", "code"),
    [
        ("Acme: this is from a debt collector. Reply STOP to opt out.", Party.CONSUMER, None),
        ("Acme: this is from a debt collector. Reply STOP to opt out.", None, Code.PARTY_UNKNOWN),
        ("Acme: this is from a debt collector. Reply STOP to opt out.", Party.THIRD_PARTY, Code.PARTY_THIRD),
        ("Acme: this is from a debt collector.", Party.CONSUMER, Code.CONTENT_OPT_OUT_MISSING),
        ("This is from a debt collector. Reply STOP to opt out.", Party.CONSUMER, Code.CONTENT_IDENTITY_MISSING),
        (
            "Acme: your card 4111 1111 1111 1111 is on file. This is from a debt collector. Reply STOP to opt out.",
            Party.CONSUMER,
            Code.CONTENT_CARD_NUMBER,
        ),
    ],
)
def test_an_answer_is_spared_hours_and_caps_and_no_rule_on_its_words_and_reader(
    text: str, party: Party | None, code: Code | None
) -> None:
    """12 CFR 1006.6(d)(1) and (e) hold for each communication, whoever began."""
    often = tuple(Contact(NIGHT - HOUR * ago) for ago in range(1, 9))
    facts = msgspec.structs.replace(KNOWN, contacts=often, profile=None if party is None else Profile(party=party))
    ruling = answering(text, facts)
    assert (ruling.state, ruling.code) == (State.QUEUED if code is None else State.BLOCKED, code)
    assert b"us-reg-f@1" in ruling.decision
    again = look_again(claimed(origin=Origin.ANSWER), facts, NIGHT, COLLECTS)
    assert (again is None) == (party is Party.CONSUMER)


def test_an_answer_gets_the_opt_out_line_that_is_due() -> None:
    text = "Acme: this is from a debt collector."
    lined = Lined(f"{text} Reply STOP to opt out.", "gsm7", 59, 1)
    facts = msgspec.structs.replace(KNOWN, profile=Profile(party=Party.CONSUMER))
    ruling = answering(text, facts, lined)
    assert ruling.instead is not None
    assert (ruling.state, ruling.instead.text) == (State.QUEUED, lined.text)


CODES = [code for _, _, codes in ROWS for code in codes.split() if not code.startswith("8")]


@given(code=st.sampled_from(CODES), at=st.integers(NOON - 400 * DAY, NOON + 400 * DAY))
def test_nothing_leaves_outside_the_hours_of_any_zone_it_may_be_in(code: str, at: int) -> None:
    number = Number(f"+1{code}5550123")
    found = look_again(claimed(number=number, expires_at=at + 30 * DAY), KNOWN, at, strict())
    walls = [datetime.fromtimestamp(at // 1000, clock_of(zone)) for zone in zones_of(number) or stand_in(number)]
    if isinstance(found, Ruling):
        assert found.state is State.BLOCKED or found.due_at > at
        return
    assert found is not None
    assert at < found
    for wall in walls:
        assert time(12 if wall.weekday() == 6 else 9) <= wall.time() < time(20)


@given(code=st.sampled_from(CODES), at=st.integers(NOON - 400 * DAY, NOON + 400 * DAY))
def test_what_is_held_until_an_instant_may_go_at_that_instant(code: str, at: int) -> None:
    number = Number(f"+1{code}5550123")
    segment = claimed(number=number, expires_at=at + 30 * DAY)
    found = look_again(segment, KNOWN, at, strict())
    if isinstance(found, Ruling) and found.state is State.HELD:
        assert not isinstance(look_again(segment, KNOWN, found.due_at, strict()), Ruling)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_number_of_any_country_is_judged_and_goes_only_where_a_pack_has_hours(name: str) -> None:
    charter = Charter((shipped(name),), Purpose.SERVICING)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example is None:
            continue
        number = Number(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
        terms = msgspec.structs.replace(TERMS, charter=charter, region=region, regions=frozenset({region}))
        ruling = rule(submission(at=NOON, expires_at=NOON + 30 * DAY, number=number), KNOWN, terms)
        if charter.regime(regions_of(number), NOON).hours is None:
            assert (ruling.state, ruling.code) == (State.BLOCKED, Code.POLICY_SILENT), region
        elif ruling.state is State.QUEUED:
            assert zones_of(number) or stand_in(number), region
        else:
            assert ruling.code is not None, region
