"""What clients say of numbers, and the contacts of their other systems."""

from typing import Any

import pytest

from tests.web.estate import NUMBER, OTHER_NUMBER, Estate

CALL = {"id": "call-1", "channel": "call", "at": "2026-03-02T14:00:00Z", "number": NUMBER}
KNOWN: dict[str, Any] = {
    "zone": "America/Denver",
    "region": "US-CO",
    "party_role": "consumer",
    "account": "A-1",
    "hours": {"mon-fri": "09:00-12:00, 13:00-21:00", "sun": "14:00-15:00"},
    "employer_forbids": True,
}


async def test_a_contact_counts_once_by_its_id(estate: Estate) -> None:
    for known in (False, True):
        answer = await estate.ask("POST", "/v1/contacts", CALL)
        assert (answer.status, answer.body) == (200, {"id": "call-1", "known": known})
    other = await estate.ask("POST", "/v1/contacts", CALL, client="globex")
    assert other.body["known"] is False


async def test_a_batch_takes_each_by_itself(estate: Estate) -> None:
    contacts = [CALL, CALL, CALL | {"id": "2", "channel": "pigeon"}, {"id": "3", "channel": "email", "at": CALL["at"]}]
    answer = await estate.ask("POST", "/v1/contacts/batch", {"contacts": contacts})
    results = answer.body["results"]
    assert [result["status"] for result in results] == [200, 200, 400, 422]
    assert [result.get("known") for result in results] == [False, True, None, None]
    assert results[3]["errors"][0]["field"] == "/contacts/3/number"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ""}, "/id"),
        ({"id": "x" * 201}, "/id"),
        ({"at": "2026-03-02T15:00:01Z"}, "/at"),
        ({"at": "yesterday"}, "/at"),
        ({"number": "2025550123"}, "/number"),
        ({"number": None}, "/number"),
        ({"account": "x" * 201}, "/account"),
    ],
)
async def test_a_contact_that_cannot_be_taken(estate: Estate, changes: dict[str, Any], field: str) -> None:
    answer = await estate.ask("POST", "/v1/contacts", CALL | changes)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)


async def test_what_is_said_of_a_number_is_kept_for_that_client_alone(estate: Estate) -> None:
    assert (await estate.ask("GET", f"/v1/numbers/{NUMBER}")).status == 404
    answer = await estate.ask("PUT", f"/v1/numbers/{NUMBER}", KNOWN)
    told = {
        "number": NUMBER,
        "zone_confirmed_at": "2026-03-02T15:00:00.000Z",
        "changed_at": "2026-03-02T15:00:00.000Z",
    } | KNOWN
    assert (answer.status, answer.body) == (200, told)
    assert (await estate.ask("GET", f"/v1/numbers/{NUMBER}")).body == told
    assert (await estate.ask("GET", f"/v1/numbers/{NUMBER}", client="globex")).status == 404
    assert (await estate.ask("GET", f"/v1/numbers/{OTHER_NUMBER}")).status == 404


async def test_what_is_said_later_takes_the_place_of_it_all(estate: Estate) -> None:
    await estate.ask("PUT", f"/v1/numbers/{NUMBER}", KNOWN)
    await estate.ask("PUT", f"/v1/numbers/{NUMBER}", {"region": "GB"})
    assert (await estate.ask("GET", f"/v1/numbers/{NUMBER}", query={"foo": "1"})).status == 400
    shown = (await estate.ask("GET", f"/v1/numbers/{NUMBER}")).body
    assert {key: shown.get(key) for key in KNOWN} == dict.fromkeys(KNOWN) | {"region": "GB"}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"zone": "America/Gotham"}, 422, "/zone"),
        ({"zone": "../../etc/passwd"}, 422, "/zone"),
        ({"zone_confirmed_at": "2026-03-02T14:00:00Z"}, 422, "/zone_confirmed_at"),
        ({"zone": "America/Denver", "zone_confirmed_at": "2026-03-02T16:00:00Z"}, 422, "/zone_confirmed_at"),
        ({"region": "US-XX"}, 422, "/region"),
        ({"region": "UK"}, 422, "/region"),
        ({"party_role": "neighbour"}, 400, "/party_role"),
        ({"hours": {}}, 422, "/hours"),
        ({"hours": {"mon-fri": "9 to 5"}}, 422, "/hours"),
        ({"hours": {"mon": "12:00-09:00"}}, 422, "/hours"),
        ({"hours": {"someday": "09:00-12:00"}}, 422, "/hours"),
        ({"hours": {"mon-fri": "09:00-12:00", "tue": "09:00-12:00"}}, 422, "/hours"),
        ({"hours": {"mon": 9}}, 400, "/hours/mon"),
        ({"hours": "09:00-12:00"}, 400, "/hours"),
        ({"employer_forbids": "yes"}, 400, "/employer_forbids"),
        ({"colour": "red"}, 400, "/colour"),
    ],
)
async def test_what_cannot_be_said(estate: Estate, body: dict[str, Any], status: int, field: str) -> None:
    answer = await estate.ask("PUT", f"/v1/numbers/{NUMBER}", body)
    assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)


async def test_a_profile_and_calls_are_facts_of_the_next_text(estate: Estate) -> None:
    await estate.consent()
    await estate.ask("PUT", f"/v1/numbers/{NUMBER}", KNOWN)
    shown = (await estate.ask("GET", f"/v1/messages/{await estate.text()}")).body
    assert shown["decision"]["zones"] == ["America/Denver"]
    assert shown["decision"]["regions"] == ["US-CO", "US-DC"]
    assert shown["decision"]["policy"] == "always-open@1"


async def test_a_text_waits_for_the_hours_that_the_consumer_named(estate: Estate) -> None:
    """12 CFR 1006.6(b)(1): it is 8 in the morning of a Monday in Denver, and the packs have no hours."""
    await estate.consent()
    await estate.ask("PUT", f"/v1/numbers/{NUMBER}", KNOWN)
    shown = (await estate.ask("GET", f"/v1/messages/{await estate.text()}")).body
    assert (shown["state"], shown["code"]) == ("held", "quiet_hours.closed")
    assert shown["decision"]["until"] == "2026-03-02T16:00:00.000Z"
    (hours,) = (finding for finding in shown["decision"]["findings"] if finding["rule"] == "quiet_hours")
    assert "the consumer's times" in hours["detail"]


async def test_a_text_that_the_employer_forbids_is_refused_and_the_decision_says_so(estate: Estate) -> None:
    """12 CFR 1006.6(b)(3), where a pack asks for it: those of the estate have only hours."""
    await estate.consent()
    await estate.ask("PUT", f"/v1/numbers/{NUMBER}", {"employer_forbids": True})
    told = (await estate.ask("GET", f"/v1/messages/{await estate.text()}")).body
    (allowed,) = (finding for finding in told["decision"]["findings"] if finding["rule"] == "workplace")
    assert (allowed["verdict"], "forbids" in allowed["detail"]) == ("allow", True)
    body = {"to": NUMBER, "program": "servicing", "category": "servicing", "text": "Acme: hello."}
    query = {"packs": "us-reg-f", "at": "2026-03-02T18:00:00Z"}
    (judged,) = (await estate.ask("POST", "/v1/check", {"messages": [body]}, query=query)).body["results"]
    codes = [finding.get("code") for finding in judged["decision"]["findings"]]
    assert "workplace.forbidden" in codes
