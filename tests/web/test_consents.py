"""Consents: recorded with their evidence, shown, withdrawn."""

from typing import Any

import pytest

from gateway.model.address import Number
from gateway.model.clock import DAY, HOUR, read_instant
from gateway.model.consent import Consent
from tests.policies import FRESH, opened
from tests.web.estate import BASIS, CONFIG, EVIDENCE, NUMBER, OTHER_NUMBER, WISH, Answer, Estate, open_estate

CONSENT = {"program": "servicing", "category": "servicing", "evidence": EVIDENCE}
PATH = f"/v1/consents/{NUMBER}"


async def test_a_consent_is_recorded_and_shown(estate: Estate) -> None:
    answer = await estate.ask("PUT", PATH, CONSENT)
    expected = {
        "number": NUMBER,
        "program": "servicing",
        "category": "servicing",
        "state": "confirmed",
        "changed_at": "2026-03-02T15:00:00.000Z",
        "cause": "api",
        "fresh_at": "2026-01-15T10:00:00.000Z",
        "evidence": EVIDENCE | {"obtained_at": "2026-01-15T10:00:00.000Z", "basis": BASIS},
    }
    assert (answer.status, answer.body) == (200, expected)
    assert (await estate.ask("PUT", PATH, CONSENT)).status == 200
    shown = await estate.ask("GET", PATH)
    assert (shown.status, shown.body) == (200, {"number": NUMBER, "consents": [expected]})


async def test_it_permits_this_category_of_this_program_of_this_client_alone(estate: Estate) -> None:
    await estate.consent()
    await estate.text()

    async def code(client: str = "acme", **changes: str) -> str:
        answer = await estate.ask("POST", "/v1/messages", WISH | changes, client=client)
        assert answer.status == 422
        return str(answer.body["code"])

    assert await code(category="marketing") == "consent.category"
    assert await code(program="offers") == "consent.missing"
    assert await code(to=OTHER_NUMBER) == "consent.missing"
    assert await code(client="globex") == "consent.missing"


async def test_another_client_sees_nothing_of_it(estate: Estate) -> None:
    await estate.consent()
    assert (await estate.ask("GET", PATH, client="globex")).body == {"number": NUMBER, "consents": []}
    assert (await estate.ask("POST", f"{PATH}/revoke", {"reason": "r"}, client="globex")).status == 200
    assert (await estate.ask("GET", PATH)).body["consents"][0]["state"] == "confirmed"


@pytest.mark.parametrize("number", ["12025550123", "+1202555012", "+1 2025550123", "alice", "+19995550123", "%2B1"])
async def test_a_number_that_is_none_is_named(estate: Estate, number: str) -> None:
    for method, path, body in (
        ("PUT", f"/v1/consents/{number}", CONSENT),
        ("GET", f"/v1/consents/{number}", None),
        ("POST", f"/v1/consents/{number}/revoke", {"reason": "r"}),
    ):
        answer = await estate.ask(method, path, body)
        assert (answer.status, answer.body["code"]) == (422, "number.invalid")
        assert answer.body["errors"][0]["field"] == "path:number"


def _without(name: str) -> dict[str, Any]:
    return CONSENT | {"evidence": {key: value for key, value in EVIDENCE.items() if key != name}}


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 400, "request.invalid", "/program"),
        (CONSENT | {"evidence": None}, 400, "request.invalid", "/evidence"),
        (CONSENT | {"evidence": "yes"}, 400, "request.invalid", "/evidence"),
        (CONSENT | {"prgram": "x"}, 400, "request.invalid", "/prgram"),
        (_without("obtained_at"), 400, "request.invalid", "/evidence/obtained_at"),
        (_without("wording"), 400, "request.invalid", "/evidence/wording"),
        (CONSENT | {"evidence": EVIDENCE | {"proof": 1}}, 400, "request.invalid", "/evidence/proof"),
        (CONSENT | {"evidence": EVIDENCE | {"medium": 3}}, 400, "request.invalid", "/evidence/medium"),
        (CONSENT | {"evidence": EVIDENCE | {"obtained_at": 0}}, 400, "request.invalid", "/evidence/obtained_at"),
        (
            CONSENT | {"evidence": EVIDENCE | {"obtained_at": "2026-01-15"}},
            422,
            "evidence.invalid",
            "/evidence/obtained_at",
        ),
        (
            CONSENT | {"evidence": EVIDENCE | {"obtained_at": "2026-03-02T15:00:01Z"}},
            422,
            "evidence.invalid",
            "/evidence/obtained_at",
        ),
        (CONSENT | {"evidence": EVIDENCE | {"medium": ""}}, 422, "evidence.invalid", "/evidence/medium"),
        (CONSENT | {"evidence": EVIDENCE | {"medium": "x" * 101}}, 422, "evidence.invalid", "/evidence/medium"),
        (CONSENT | {"evidence": EVIDENCE | {"source": "a\nb"}}, 422, "evidence.invalid", "/evidence/source"),
        (CONSENT | {"evidence": EVIDENCE | {"wording": " \n"}}, 422, "evidence.invalid", "/evidence/wording"),
        (CONSENT | {"evidence": EVIDENCE | {"wording": "a\0"}}, 422, "evidence.invalid", "/evidence/wording"),
        (CONSENT | {"program": "nope"}, 422, "program.unknown", "/program"),
        (CONSENT | {"category": "collections"}, 422, "category.unknown", "/category"),
        (CONSENT | {"category": "system"}, 422, "category.unknown", "/category"),
        (CONSENT | {"category": "*"}, 422, "category.unknown", "/category"),
        (CONSENT | {"program": "*"}, 422, "program.unknown", "/program"),
    ],
)
async def test_a_consent_that_cannot_be_recorded(
    estate: Estate, body: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = await estate.ask("PUT", PATH, body)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body["errors"][0]["field"] == field
    assert (await estate.ask("GET", PATH)).body["consents"] == []


async def test_the_wording_may_have_lines(estate: Estate) -> None:
    body = CONSENT | {"evidence": EVIDENCE | {"wording": "I agree.\r\n\tReply STOP to end."}}
    assert (await estate.ask("PUT", PATH, body)).status == 200


async def test_a_consent_from_before_an_opt_out_does_not_undo_it(estate: Estate) -> None:
    await estate.consent()
    assert (await estate.ask("POST", f"{PATH}/revoke", {"reason": "asked on the phone"})).status == 200
    answer = await estate.ask("PUT", PATH, CONSENT)
    assert (answer.status, answer.body["code"]) == (409, "consent.after_opt_out")
    assert answer.body["errors"][0]["fix"]
    assert (await estate.ask("POST", "/v1/messages", WISH)).body["code"] == "consent.opted_out"

    estate.clock.instant += HOUR
    later = CONSENT | {"evidence": EVIDENCE | {"obtained_at": "2026-03-02T15:30:00Z"}}
    assert (await estate.ask("PUT", PATH, later)).status == 200
    await estate.text()


async def test_a_revocation_ends_what_waits(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text()
    answer = await estate.ask("POST", f"{PATH}/revoke", {"reason": "asked on the phone"})
    assert answer.status == 200
    everything = answer.body["consents"][0]
    assert (everything["program"], everything["category"], everything["state"]) == ("*", "*", "revoked")
    assert everything["cause"] == "api: asked on the phone"
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["state"] == "blocked"
    again = await estate.ask("POST", f"{PATH}/revoke", {"reason": "asked on the phone"})
    assert (again.status, again.raw) == (200, answer.raw)


async def test_what_an_agent_was_told_is_confirmed_by_one_last_text(estate: Estate) -> None:
    await estate.consent()
    for _ in range(2):
        answer = await estate.ask("POST", f"{PATH}/revoke", {"reason": "asked on the phone", "channel": "agent"})
        assert answer.body["consents"][0]["cause"] == "agent: asked on the phone"
    (message,) = (await estate.ask("GET", "/v1/messages")).body["messages"]
    assert (message["category"], message["state"]) == ("system", "queued")
    assert [(segment.origin, segment.text) for segment in await estate.claim()] == [("farewell", "No more texts.")]


async def test_a_revocation_of_one_category_leaves_the_others(estate: Estate) -> None:
    await estate.consent()
    await estate.consent(category="marketing")
    body = {"program": "servicing", "category": "marketing", "reason": "too much of it"}
    assert (await estate.ask("POST", f"{PATH}/revoke", body)).status == 200
    refused = await estate.ask("POST", "/v1/messages", WISH | {"category": "marketing"})
    assert refused.body["code"] == "consent.withdrawn"
    await estate.text()


async def test_a_revocation_about_one_account_leaves_the_others(estate: Estate) -> None:
    await estate.consent()
    ended = await estate.text(account="A-1")
    other = await estate.text(account="A-2")
    answer = await estate.ask("POST", f"{PATH}/revoke", {"account": "A-1", "reason": "paid in full"})
    assert answer.status == 200
    lines = [(one["program"], one["category"], one.get("account"), one["state"]) for one in answer.body["consents"]]
    assert lines == [("*", "*", "A-1", "revoked"), ("servicing", "servicing", None, "confirmed")]
    states = [(await estate.ask("GET", f"/v1/messages/{one}")).body["state"] for one in (ended, other)]
    assert states == ["blocked", "queued"]
    refused = await estate.ask("POST", "/v1/messages", WISH | {"account": "A-1"})
    assert refused.body["code"] == "consent.opted_out"
    await estate.text(account="A-2")
    await estate.text()
    (entry,) = (await estate.ask("GET", f"{PATH}/history")).body["entries"][1:]
    assert (entry["account"], entry["state"]) == ("A-1", "revoked")


async def test_a_revocation_of_one_category_about_one_account(estate: Estate) -> None:
    await estate.consent()
    await estate.consent(category="marketing")
    waits = await estate.text(account="A-1")
    body = {"program": "servicing", "category": "servicing", "account": "A-1", "reason": "r"}
    assert (await estate.ask("POST", f"{PATH}/revoke", body)).status == 200
    assert (await estate.ask("GET", f"/v1/messages/{waits}")).body["code"] == "consent.opted_out"
    assert (await estate.ask("POST", "/v1/messages", WISH | {"account": "A-1"})).body["code"] == "consent.opted_out"
    await estate.text(account="A-1", category="marketing")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "/reason"),
        ({"reason": 1}, 400, "/reason"),
        ({"reason": ""}, 422, "/reason"),
        ({"reason": "x" * 201}, 422, "/reason"),
        ({"reason": "a\nb"}, 422, "/reason"),
        ({"reason": "r", "program": "nope"}, 422, "/program"),
        ({"reason": "r", "program": ""}, 422, "/program"),
        ({"reason": "r", "category": "markting"}, 422, "/category"),
        ({"reason": "r", "category": "system"}, 422, "/category"),
        ({"reason": "r", "scope": "all"}, 400, "/scope"),
        ({"reason": "r", "channel": "phone"}, 400, "/channel"),
        ({"reason": "r", "account": ""}, 422, "/account"),
        ({"reason": "r", "account": "*"}, 422, "/account"),
        ({"reason": "r", "account": "x" * 201}, 422, "/account"),
    ],
)
async def test_a_revocation_that_would_end_nothing_is_refused(
    estate: Estate, body: dict[str, Any], status: int, field: str
) -> None:
    await estate.consent()
    answer = await estate.ask("POST", f"{PATH}/revoke", body)
    assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)
    await estate.text()


async def test_a_batch_records_each_by_itself(estate: Estate) -> None:
    assert (await estate.ask("POST", f"/v1/consents/{OTHER_NUMBER}/revoke", {"reason": "r"})).status == 200
    items = [
        CONSENT | {"number": NUMBER},
        CONSENT | {"number": OTHER_NUMBER},
        CONSENT | {"number": "nobody"},
        CONSENT | {"number": NUMBER, "program": "nope"},
        CONSENT | {"number": NUMBER, "evidence": EVIDENCE | {"medium": ""}},
        CONSENT,
        "x",
        CONSENT | {"number": NUMBER, "category": "marketing"},
    ]
    answer = await estate.ask("POST", "/v1/consents/batch", {"consents": items})
    assert answer.status == 200
    results = answer.body["results"]
    assert [result["status"] for result in results] == [200, 409, 422, 422, 422, 400, 400, 200]
    assert results[0] == {"status": 200, "state": "confirmed"}
    assert [result["errors"][0]["field"] for result in results[1:7]] == [
        "/consents/1/evidence/obtained_at",
        "/consents/2/number",
        "/consents/3/program",
        "/consents/4/evidence/medium",
        "/consents/5/number",
        "/consents/6",
    ]
    consents = (await estate.ask("GET", PATH)).body["consents"]
    assert {consent["category"] for consent in consents} == {"servicing", "marketing"}


@pytest.mark.parametrize(("count", "status"), [(0, 422), (1000, 200), (1001, 422)])
async def test_a_batch_has_one_to_a_thousand(estate: Estate, count: int, status: int) -> None:
    items = [CONSENT | {"number": f"+1202555{number:04d}"} for number in range(count)]
    answer = await estate.ask("POST", "/v1/consents/batch", {"consents": items})
    assert answer.status == status
    if status == 200:
        assert {result["status"] for result in answer.body["results"]} == {200}


async def test_the_history_has_every_change_with_its_evidence(estate: Estate) -> None:
    await estate.consent()
    estate.clock.instant += HOUR
    await estate.ask("POST", f"{PATH}/revoke", {"reason": "asked on the phone"})
    await estate.consent(OTHER_NUMBER)
    answer = await estate.ask("GET", f"{PATH}/history")
    assert answer.status == 200
    granted, revoked = answer.body["entries"]
    assert (granted["was"], granted["state"], granted["evidence"]["wording"]) == (
        "unknown", "confirmed", EVIDENCE["wording"],
    )  # fmt: skip
    assert revoked == {
        "seq": 2,
        "at": "2026-03-02T16:00:00.000Z",
        "program": "*",
        "category": "*",
        "was": "unknown",
        "state": "revoked",
        "cause": "api: asked on the phone",
    }
    assert (await estate.ask("GET", f"{PATH}/history", client="globex")).body["entries"] == []


async def test_consents_as_they_stood_at_an_instant(estate: Estate) -> None:
    await estate.consent()
    estate.clock.instant += HOUR
    await estate.ask("POST", f"{PATH}/revoke", {"reason": "r"})

    async def stood(at: str) -> list[str]:
        answer = await estate.ask("GET", PATH, query={"as_of": at})
        assert answer.status == 200
        return [f"{one['program']} {one['state']}" for one in answer.body["consents"]]

    assert await stood("2026-03-02T14:59:59.999Z") == []
    assert await stood("2026-03-02T15:59:59.999Z") == ["servicing confirmed"]
    assert await stood("2026-03-02T17:00:00+01:00") == ["* revoked", "servicing revoked"]
    assert await stood("2026-03-02T17:00:00 01:00") == [
        "* revoked",
        "servicing revoked",
    ]  # a plus sign that was not escaped


@pytest.mark.parametrize("as_of", ["", "yesterday", "2026-03-02", "2026-03-02T15:00:00", "1950-01-01T00:00:00Z"])
async def test_an_instant_that_is_none(estate: Estate, as_of: str) -> None:
    answer = await estate.ask("GET", PATH, query={"as_of": as_of})
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "query:as_of")
    assert (await estate.ask("GET", PATH, query={"asof": "x"})).status == 400


async def test_a_consent_that_counts_no_longer_is_shown_as_stale_to_everybody() -> None:
    async with open_estate(config=opened(CONFIG, FRESH)) as estate:
        await estate.consent()
        estate.clock.instant = read_instant(EVIDENCE["obtained_at"]) + 60 * DAY

        async def states() -> set[str]:
            shown = [(await estate.ask("GET", PATH)).body["consents"][0]]
            shown += [(await estate.operate("GET", PATH)).body["consents"][0]["consent"]]
            shown += [(await estate.ask("GET", f"{PATH}/export")).body["consents"][0]]
            assert {one["fresh_at"] for one in shown} == {"2026-01-15T10:00:00.000Z"}
            return {one["state"] for one in shown}

        assert await states() == {"confirmed"}
        await estate.text()
        estate.clock.instant += 1
        assert await states() == {"stale"}
        assert (await estate.ask("POST", "/v1/messages", WISH)).body["code"] == "consent.stale"
        then = {"as_of": "2026-03-02T16:00:00Z"}
        assert (await estate.ask("GET", PATH, query=then)).body["consents"][0]["state"] == "confirmed"
        assert (await estate.operate("GET", PATH, query=then)).body["consents"][0]["consent"]["state"] == "confirmed"


async def test_a_client_erases_what_its_own_records_say(estate: Estate) -> None:
    await estate.consent()
    await estate.consent(client="globex")
    answer = await estate.ask("POST", f"{PATH}/erase", {"reason": "asked for it"})
    assert (answer.status, answer.body) == (200, {"number": NUMBER, "erased": 1})
    (line,) = (await estate.ask("GET", PATH)).body["consents"]
    assert (line["program"], line["state"], line["cause"]) == ("*", "revoked", "erasure")
    assert [one["state"] for one in (await estate.ask("GET", f"{PATH}/history")).body["entries"]] == ["revoked"]
    assert (await estate.ask("GET", PATH, client="globex")).body["consents"][0]["state"] == "confirmed"
    assert (await estate.ask("PUT", PATH, CONSENT)).body["code"] == "consent.after_opt_out"
    assert (await estate.ask("POST", f"{PATH}/erase", {"reason": ""})).status == 422


async def test_the_day_s_anchor_is_set_once(estate: Estate) -> None:
    await estate.ledger.tend()
    await estate.consent()
    estate.clock.instant += 24 * HOUR
    for _ in range(3):
        await estate.ledger.tend()
    bundle = (await estate.ask("GET", f"{PATH}/export")).body
    assert bundle["anchor"] == {"day": "2026-03-03"} | bundle["head"]


async def test_a_consent_that_an_erasure_overtakes(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    look = estate.store.consents_of

    async def look_late(number: Number, client: str) -> list[Consent]:
        if not erased:
            erased.append(await estate.ask("POST", f"{PATH}/erase", {"reason": "asked for it"}))
        return await look(number, client)

    erased: list[Answer] = []
    monkeypatch.setattr(estate.store, "consents_of", look_late)
    answer = await estate.ask("PUT", PATH, CONSENT)
    assert (erased[0].status, erased[0].body["erased"]) == (200, 1)
    assert (answer.status, answer.body["code"]) == (409, "consent.after_opt_out")


async def test_a_consent_beside_an_opt_out_of_one_account_is_shown_alone(estate: Estate) -> None:
    await estate.consent()
    scope = {"program": "servicing", "category": "servicing", "account": "A-1"}
    assert (await estate.ask("POST", f"{PATH}/revoke", {"reason": "r"} | scope)).status == 200
    answer = await estate.ask("PUT", PATH, CONSENT)
    assert (answer.status, answer.body["state"], answer.body.get("account")) == (200, "confirmed", None)
