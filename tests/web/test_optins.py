"""Asking consumers to opt in over HTTP: rows C1 to C14 of the features, as a client meets them."""

from typing import Any

import pytest

from gateway.model.clock import DAY, MINUTE
from tests.web.estate import ASKING, NUMBER, OTHER_NUMBER, WISH, Estate

CODE = "471100"


async def _say_yes(estate: Estate) -> None:
    """The consumer answers the open request."""
    await estate.answer_optin(OTHER_NUMBER, yes=True)


async def _texts(estate: Estate) -> list[str]:
    return list({segment.message_id: segment.text for segment in await estate.claim()}.values())


async def test_a_quick_request_is_asked_answered_and_shown(estate: Estate) -> None:
    asked = await estate.ask("POST", "/v1/optins", ASKING | {"account": "A-1", "agent": "ann"})
    assert asked.status == 202
    spelt = asked.body["id"]
    assert spelt.startswith("opt_")
    assert asked.body == {
        "id": spelt,
        "method": "quick",
        "state": "invited",
        "to": OTHER_NUMBER,
        "program": "servicing",
        "category": "servicing",
        "created_at": "2026-03-02T15:00:00.000Z",
        "expires_at": "2026-03-05T15:00:00.000Z",
        "wording": asked.body["wording"],
        "message": asked.body["message"],
        "account": "A-1",
        "agent": "ann",
    }
    wording = asked.body["wording"]
    assert await _texts(estate) == [wording]
    # What the CTIA and carriers want to stand in it (features, row C11).
    for part in ("Acme", "reply YES", "frequency", "rates may apply", "HELP", "STOP"):
        assert part in wording
    await _say_yes(estate)
    shown = await estate.ask("GET", f"/v1/optins/{spelt}")
    assert (shown.status, shown.body["state"], shown.body["ended_at"]) == (200, "confirmed", "2026-03-02T15:00:00.000Z")
    assert (await estate.ask("POST", "/v1/messages", WISH | {"to": OTHER_NUMBER})).status == 202
    (consent,) = (await estate.ask("GET", f"/v1/consents/{OTHER_NUMBER}")).body["consents"]
    assert (consent["state"], consent["cause"]) == ("confirmed", "optin")
    assert consent["evidence"]["wording"] == wording
    assert consent["evidence"]["medium"] == "text"


async def test_a_pin_is_seen_by_the_handset_alone_and_proves_once(estate: Estate) -> None:
    asked = await estate.ask("POST", "/v1/optins", ASKING | {"method": "agent_pin"})
    spelt = asked.body["id"]
    assert not any(CODE in text for text in await _texts(estate))
    path = f"/v1/optins/{spelt}/verify"
    early = await estate.ask("POST", path, {"pin": CODE})
    assert (early.status, early.body["code"]) == (409, "optin.closed")
    await _say_yes(estate)
    (text,) = await _texts(estate)
    assert CODE in text
    listed = await estate.ask("GET", "/v1/messages", query={"to": OTHER_NUMBER})
    for summary in listed.body["messages"]:
        told = await estate.ask("GET", f"/v1/messages/{summary['id']}")
        assert CODE not in told.raw.decode()
    assert CODE not in (await estate.ask("GET", "/v1/events")).raw.decode()
    wrong = await estate.ask("POST", path, {"pin": "000000"})
    assert (wrong.status, wrong.body["code"], wrong.body["attempts_left"]) == (422, "optin.code_wrong", 4)
    right = await estate.ask("POST", path, {"pin": CODE, "agent": "ann"})
    assert (right.status, right.body["state"]) == (200, "confirmed")
    assert any("you will get texts" in text for text in await _texts(estate))
    again = await estate.ask("POST", path, {"pin": CODE})
    assert (again.status, again.body["code"]) == (409, "optin.closed")
    history = await estate.ask("GET", f"/v1/consents/{OTHER_NUMBER}")
    assert history.body["consents"][0]["evidence"]["source"] == "code told and entered by ann"


async def test_guessing_ends_at_the_fifth(estate: Estate) -> None:
    spelt = await estate.asked(method="approval_code")
    path = f"/v1/optins/{spelt}/verify"
    for left in (4, 3, 2, 1, 0):
        answer = await estate.ask("POST", path, {"pin": f"00000{left}"})
        assert (answer.status, answer.body["attempts_left"]) == (422, left)
    answer = await estate.ask("POST", path, {"pin": CODE})
    assert (answer.status, answer.body["code"]) == (409, "optin.closed")
    assert (await estate.ask("GET", f"/v1/optins/{spelt}")).body["state"] == "expired"
    assert (await estate.ask("POST", "/v1/optins", ASKING)).body["code"] == "consent.invitations"


async def test_an_approval_code_stands_in_the_request_and_yes_does_as_well(estate: Estate) -> None:
    spelt = await estate.asked(method="approval_code")
    (text,) = await _texts(estate)
    assert CODE in text
    shown = await estate.ask("GET", f"/v1/optins/{spelt}")
    assert shown.body["wording"] == text.replace(CODE, "******")
    assert shown.body["attempts_left"] == 5
    assert CODE not in (await estate.ask("GET", f"/v1/messages/{shown.body['message']}")).raw.decode()
    await _say_yes(estate)
    assert (await estate.ask("GET", f"/v1/optins/{spelt}")).body["state"] == "confirmed"


async def test_a_payment_plan_lets_texts_wait_for_the_yes(estate: Estate) -> None:
    await estate.asked(method="payment_plan")
    await _texts(estate)
    held = await estate.ask("POST", "/v1/messages", WISH | {"to": OTHER_NUMBER, "text": "Your plan: example.com/p"})
    assert (held.status, held.body["state"], held.body["code"]) == (202, "held", "consent.pending")
    assert await _texts(estate) == []
    await _say_yes(estate)
    assert await _texts(estate) == ["Your plan: example.com/p"]


async def test_asking_again_sends_nothing_again(estate: Estate) -> None:
    spelt = await estate.asked()
    await _texts(estate)
    again = await estate.ask("POST", "/v1/optins", ASKING)
    assert (again.status, again.body["id"]) == (200, spelt)
    other = await estate.ask("POST", "/v1/optins", ASKING | {"method": "agent_pin"})
    assert (other.status, other.body["code"], other.body["optin"]["id"]) == (409, "optin.open", spelt)
    assert await _texts(estate) == []


async def test_who_agreed_is_not_asked(estate: Estate) -> None:
    await estate.consent(OTHER_NUMBER)
    answer = await estate.ask("POST", "/v1/optins", ASKING)
    assert (answer.status, answer.body["code"]) == (409, "consent.stands")


@pytest.mark.parametrize("scope", [{}, {"program": "servicing"}, {"program": "servicing", "category": "servicing"}])
async def test_who_opted_out_is_not_asked(estate: Estate, scope: dict[str, str]) -> None:
    await estate.ask("POST", f"/v1/consents/{OTHER_NUMBER}/revoke", {"reason": "called"} | scope)
    answer = await estate.ask("POST", "/v1/optins", ASKING)
    assert (answer.status, answer.body["code"]) == (422, "consent.opted_out")
    assert await _texts(estate) == []


async def test_a_number_is_invited_once_whatever_the_account_or_category(estate: Estate) -> None:
    await estate.asked(account="A-1")
    await estate.answer_optin(OTHER_NUMBER, yes=False)
    for changes in ({}, {"account": "A-2"}, {"category": "marketing"}):
        answer = await estate.ask("POST", "/v1/optins", ASKING | changes)
        assert (answer.status, answer.body["code"]) == (422, "consent.invitations")
    assert (await estate.ask("POST", "/v1/optins", ASKING | {"program": "offers"})).status == 202


async def test_a_request_that_nobody_answers_ends(estate: Estate) -> None:
    spelt = await estate.asked()
    estate.clock.instant += 3 * DAY
    await estate.optins.lapse()
    assert (await estate.ask("GET", f"/v1/optins/{spelt}")).body["state"] == "expired"
    (consent,) = (await estate.ask("GET", f"/v1/consents/{OTHER_NUMBER}")).body["consents"]
    assert consent["state"] == "expired"


async def test_a_code_that_was_sent_counts_for_ten_minutes(estate: Estate) -> None:
    spelt = await estate.asked(method="agent_pin")
    estate.clock.instant += DAY
    await _say_yes(estate)
    estate.clock.instant += 10 * MINUTE
    answer = await estate.ask("POST", f"/v1/optins/{spelt}/verify", {"pin": CODE})
    assert (answer.status, answer.body["code"]) == (409, "optin.closed")


async def test_another_client_s_request_is_not_there(estate: Estate) -> None:
    spelt = await estate.asked(method="approval_code")
    assert (await estate.ask("GET", f"/v1/optins/{spelt}", client="globex")).status == 404
    verified = await estate.ask("POST", f"/v1/optins/{spelt}/verify", {"pin": CODE}, client="globex")
    assert verified.status == 404
    assert (await estate.ask("GET", f"/v1/optins/{spelt}")).body["attempts_left"] == 5


@pytest.mark.parametrize("spelt", ["opt_1", "msg_1kjqh0cc00000", "opt_1kjqh0cc00000", "x"])
async def test_a_request_that_is_none(estate: Estate, spelt: str) -> None:
    assert (await estate.ask("GET", f"/v1/optins/{spelt}")).status == 404
    assert (await estate.ask("POST", f"/v1/optins/{spelt}/verify", {"pin": CODE})).status == 404


@pytest.mark.parametrize("pin", ["", "123", "1234567", "12 456", "abcdef", "１２３４５６", "12345\n"])
async def test_what_is_no_code_is_no_attempt(estate: Estate, pin: str) -> None:
    spelt = await estate.asked(method="approval_code")
    answer = await estate.ask("POST", f"/v1/optins/{spelt}/verify", {"pin": pin})
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "/pin")
    assert (await estate.ask("GET", f"/v1/optins/{spelt}")).body["attempts_left"] == 5


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"method": "shout"}, 400, "request.invalid", "/method"),
        ({"method": None}, 400, "request.invalid", "/method"),
        ({"to": "2025550123"}, 422, "number.invalid", "/to"),
        ({"to": 5}, 400, "request.invalid", "/to"),
        ({"program": "nope"}, 422, "program.unknown", "/program"),
        ({"category": "nope"}, 422, "category.unknown", "/category"),
        ({"category": "system"}, 422, "category.unknown", "/category"),
        ({"category": "collections"}, 422, "category.unknown", "/category"),
        ({"method": "supervisor"}, 422, "request.invalid", "/account"),
        ({"account": ""}, 422, "request.invalid", "/account"),
        ({"account": "a\0"}, 422, "request.invalid", "/account"),
        ({"account": "x" * 201}, 422, "request.invalid", "/account"),
        ({"agent": "x" * 101}, 422, "request.invalid", "/agent"),
        ({"locale": "x"}, 422, "template.locale_unknown", "/locale"),
        ({"pin": "1234"}, 400, "request.invalid", "/pin"),
        ({"to": "+33612345678"}, 422, "country.not_allowed", "/to"),
    ],
)
async def test_a_request_that_cannot_be_made(
    estate: Estate, changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = await estate.ask("POST", "/v1/optins", ASKING | changes)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body["errors"][0]["field"] == field
    assert (await estate.ask("GET", f"/v1/consents/{OTHER_NUMBER}")).body["consents"] == []
    assert await _texts(estate) == []


@pytest.mark.parametrize("locale", ["es", "es-MX", "fr"])
async def test_the_consumer_is_asked_in_their_language_or_the_next_best(estate: Estate, locale: str) -> None:
    await estate.asked(locale=locale)
    (text,) = await _texts(estate)
    assert ("responda SI" in text) is locale.startswith("es")


async def test_a_supervisor_links_and_asks(estate: Estate) -> None:
    spelt = await estate.asked(method="supervisor", account="A-7")
    await _say_yes(estate)
    shown = await estate.ask("GET", f"/v1/optins/{spelt}")
    assert (shown.body["state"], shown.body["account"]) == ("confirmed", "A-7")


async def test_a_consent_from_elsewhere_needs_a_client_that_may(estate: Estate) -> None:
    body = {"program": "servicing", "category": "servicing", "evidence": {
        "obtained_at": "2026-01-15T10:00:00Z", "medium": "paper", "wording": "I agree.", "source": "branch 7",
        "document": "ab" * 32,
    }}  # fmt: skip
    answer = await estate.ask("PUT", f"/v1/consents/{NUMBER}", body)
    assert answer.status == 200
    assert answer.body["evidence"]["document"] == "ab" * 32
    assert answer.body["evidence"]["basis"] == "agreed elsewhere"
    body["evidence"]["document"] = "AB" * 32  # type: ignore[index]
    assert (await estate.ask("PUT", f"/v1/consents/{NUMBER}", body)).body["code"] == "evidence.invalid"
    refused = await estate.ask("PUT", f"/v1/consents/{NUMBER}", body, client="initech")
    assert (refused.status, refused.body["code"]) == (422, "evidence.invalid")
    body["evidence"]["document"] = None  # type: ignore[index]
    refused = await estate.ask("PUT", f"/v1/consents/{NUMBER}", body, client="initech")
    assert (refused.status, refused.body["code"]) == (422, "consent.not_imported")
    assert (await estate.ask("GET", f"/v1/consents/{NUMBER}", client="initech")).body["consents"] == []


async def test_what_an_opt_out_covers_is_shown_as_ended_and_what_was_given_after_it_is_not(estate: Estate) -> None:
    await estate.consent()
    await estate.consent(category="marketing")
    estate.clock.instant += MINUTE
    await estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"reason": "called"})
    wide, marketing, servicing = (await estate.ask("GET", f"/v1/consents/{NUMBER}")).body["consents"]
    assert (wide["program"], wide["category"], wide["state"]) == ("*", "*", "revoked")
    for line in (marketing, servicing):
        assert (line["state"], line["ended_by"]) == ("revoked", {"program": "*", "category": "*"})
    estate.clock.instant += MINUTE
    evidence = {"obtained_at": "2026-03-02T15:02:00Z", "medium": "call", "wording": "yes", "source": "ann"}
    body = {"program": "servicing", "category": "servicing", "evidence": evidence}
    granted = await estate.ask("PUT", f"/v1/consents/{NUMBER}", body)
    assert (granted.body["state"], "ended_by" in granted.body) == ("confirmed", False)
    wide, marketing, servicing = (await estate.ask("GET", f"/v1/consents/{NUMBER}")).body["consents"]
    assert wide["unless"] == [{"program": "servicing", "category": "servicing"}]
    assert (marketing["state"], servicing["state"]) == ("revoked", "confirmed")
