"""POST /v1/messages: taken, refused with a reason, or not understood."""

from typing import Any

import pytest

from gateway.model.message import State
from gateway.store.reads import MessageFilter
from tests.web.estate import NUMBER, WISH, Estate


async def test_a_text_is_taken(estate: Estate) -> None:
    await estate.consent()
    answer = await estate.ask("POST", "/v1/messages", WISH | {"account": "A-1", "reference": "r-1"})
    assert answer.status == 202
    body = answer.body
    spelt = body.pop("id")
    assert body == {"state": "queued", "encoding": "gsm7", "segments": 1, "account": "A-1", "reference": "r-1"}
    assert answer.headers["Location"] == f"/v1/messages/{spelt}"
    assert (await estate.ask("GET", answer.headers["Location"])).status == 200


async def test_a_long_text_in_another_alphabet_is_counted(estate: Estate) -> None:
    await estate.consent()
    answer = await estate.ask("POST", "/v1/messages", WISH | {"text": "Привет " * 20})
    assert (answer.status, answer.body["encoding"], answer.body["segments"]) == (202, "ucs2", 3)


async def test_a_scheduled_text_is_held(estate: Estate) -> None:
    await estate.consent()
    answer = await estate.ask("POST", "/v1/messages", WISH | {"send_at": "2026-03-02T18:00:00+01:00"})
    assert (answer.status, answer.body["state"], answer.body["code"]) == (202, "held", "schedule.later")
    shown = (await estate.ask("GET", f"/v1/messages/{answer.body['id']}")).body
    assert shown["send_at"] == "2026-03-02T17:00:00.000Z"
    assert shown["segments"][0]["due_at"] == "2026-03-02T17:00:00.000Z"


async def test_a_note_of_the_clients_own_is_kept_and_never_sent(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text(account="A-1", reference="asked to be called first")
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["reference"] == "asked to be called first"
    (claimed,) = await estate.claim()
    assert claimed.text == WISH["text"]


async def test_without_consent_it_is_refused_and_the_refusal_is_kept(estate: Estate) -> None:
    answer = await estate.ask("POST", "/v1/messages", WISH)
    assert (answer.status, answer.body["code"]) == (422, "consent.missing")
    body = answer.body
    assert body["state"] == "blocked"
    assert body["decision"]["outcome"] == "refuse"
    assert body["decision"]["at"] == "2026-03-02T15:00:00.000Z"
    assert [error["field"] for error in body["errors"]] == ["/to"]
    assert "/v1/consents/" in body["errors"][0]["fix"]
    shown = (await estate.ask("GET", f"/v1/messages/{body['id']}")).body
    assert (shown["state"], shown["code"]) == ("blocked", "consent.missing")
    assert shown["decision"] == body["decision"]
    assert [entry["type"] for entry in shown["timeline"]] == ["message.blocked"]


async def test_a_refusal_names_everything_that_is_wrong(estate: Estate) -> None:
    wish = WISH | {"to": "+442079460123", "category": "collections", "expires_at": "2026-03-02T14:00:00Z"}
    answer = await estate.ask("POST", "/v1/messages", wish)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == ["/category", "/to", "/to", "/expires_at"]
    assert answer.body["code"] == "category.not_allowed"


async def test_a_text_of_too_many_segments_is_refused_not_cut(estate: Estate) -> None:
    await estate.consent(category="marketing")
    answer = await estate.ask("POST", "/v1/messages", WISH | {"category": "marketing", "text": "x" * 161})
    assert (answer.status, answer.body["code"], answer.body["segments"]) == (422, "content.too_long", 2)
    assert answer.body["errors"][0]["field"] == "/text"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"to": "2025550123"}, "number.invalid", "/to"),
        ({"to": "+1 202 555 0123"}, "number.invalid", "/to"),
        ({"to": "+19995550123"}, "number.invalid", "/to"),
        ({"to": ""}, "number.invalid", "/to"),
        ({"to": "+" + "1" * 5000}, "number.invalid", "/to"),
        ({"to": "tel:+12025550123"}, "number.invalid", "/to"),
        ({"to": "+１２０２５５５０１２３"}, "number.invalid", "/to"),
        ({"to": "+12025550123\n"}, "number.invalid", "/to"),
        ({"to": "+12025550123\0"}, "number.invalid", "/to"),
        ({"program": "nope"}, "program.unknown", "/program"),
        ({"program": ""}, "program.unknown", "/program"),
        ({"category": "nope"}, "category.unknown", "/category"),
        ({"category": "system"}, "category.unknown", "/category"),
        ({"text": ""}, "content.empty", "/text"),
        ({"text": " \r\n\t\u00a0\u2003"}, "content.empty", "/text"),
        ({"text": "x" * 10_001}, "content.too_long", "/text"),
        ({"text": "a\0b"}, "content.unencodable", "/text"),
        ({"account": "x" * 201}, "request.invalid", "/account"),
        ({"account": "a\nb"}, "request.invalid", "/account"),
        ({"reference": "\x7f"}, "request.invalid", "/reference"),
        ({"reference": "\x85"}, "request.invalid", "/reference"),
        ({"send_at": "tomorrow"}, "request.invalid", "/send_at"),
        ({"send_at": "2026-03-02T18:00:00"}, "request.invalid", "/send_at"),
        ({"expires_at": "2026-13-02T18:00:00Z"}, "request.invalid", "/expires_at"),
    ],
)
async def test_a_value_that_cannot_be_taken(estate: Estate, changes: dict[str, str], code: str, field: str) -> None:
    await estate.consent()
    answer = await estate.ask("POST", "/v1/messages", WISH | changes)
    assert (answer.status, answer.body["code"]) == (422, code)
    (error,) = answer.body["errors"]
    assert error["field"] == field
    assert error["detail"]
    assert error["fix"]
    assert "id" not in answer.body
    assert (await estate.ask("GET", "/v1/messages")).body == {"messages": []}


async def test_all_unacceptable_values_are_told_at_once(estate: Estate) -> None:
    wish = WISH | {"text": "", "account": "\0", "reference": "x" * 201, "send_at": "?", "expires_at": "?"}
    answer = await estate.ask("POST", "/v1/messages", wish)
    fields = [error["field"] for error in answer.body["errors"]]
    assert fields == ["/text", "/account", "/reference", "/send_at", "/expires_at"]
    assert answer.body["code"] == "content.empty"


@pytest.mark.parametrize("text", [rb"\ud83d", rb"a\ude00", rb"\ud83d\ud83d"])
async def test_half_a_surrogate_pair_cannot_be_sent(estate: Estate, text: bytes) -> None:
    raw = b'{"to":"%b","program":"servicing","category":"servicing","text":"%b"}' % (NUMBER.encode(), text)
    answer = await estate.ask("POST", "/v1/messages", raw=raw)
    assert (answer.status, answer.body["code"]) == (422, "content.unencodable")
    assert "surrogate" in answer.body["detail"]


@pytest.mark.parametrize("name", list(WISH))
@pytest.mark.parametrize("value", [7, 1.5, True, [], {}, ["+12025550123"]])
async def test_a_wrong_type_is_400_and_named(estate: Estate, name: str, value: Any) -> None:
    answer = await estate.ask("POST", "/v1/messages", WISH | {name: value})
    assert (answer.status, answer.body["code"]) == (400, "request.invalid")
    assert [error["field"] for error in answer.body["errors"]] == [f"/{name}"]


@pytest.mark.parametrize("name", [name for name in WISH if name != "text"])
async def test_a_missing_member_is_400_and_named(estate: Estate, name: str) -> None:
    absent = {key: WISH[key] for key in WISH if key != name}
    for body in (absent, absent | {name: None}):
        answer = await estate.ask("POST", "/v1/messages", body)
        assert answer.status == 400
        assert [error["field"] for error in answer.body["errors"]] == [f"/{name}"]


async def test_null_may_stand_for_what_may_be_absent(estate: Estate) -> None:
    await estate.consent()
    wish = WISH | {"account": None, "reference": None, "send_at": None, "expires_at": None}
    assert (await estate.ask("POST", "/v1/messages", wish)).status == 202


async def test_text_that_looks_like_json_is_text(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text(text='say ": "yes": or "no":')
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["text"] == 'say ": "yes": or "no":'


async def test_an_idempotency_key_makes_one_message_of_many_requests(estate: Estate) -> None:
    await estate.consent()
    headers = {"idempotency-key": "k-1"}
    first = await estate.ask("POST", "/v1/messages", WISH, headers=headers)
    again = await estate.ask("POST", "/v1/messages", WISH, headers=headers)
    assert (first.status, first.raw) == (again.status, again.raw)
    assert len((await estate.ask("GET", "/v1/messages")).body["messages"]) == 1


async def test_a_refusal_is_repeated_too(estate: Estate) -> None:
    headers = {"idempotency-key": "k-1"}
    first = await estate.ask("POST", "/v1/messages", WISH, headers=headers)
    await estate.consent()
    again = await estate.ask("POST", "/v1/messages", WISH, headers=headers)
    assert first.status == 422
    assert (first.status, first.raw) == (again.status, again.raw)


async def test_an_idempotency_key_for_another_request_is_refused(estate: Estate) -> None:
    await estate.consent()
    headers = {"idempotency-key": "k-1"}
    assert (await estate.ask("POST", "/v1/messages", WISH, headers=headers)).status == 202
    other = await estate.ask("POST", "/v1/messages", WISH | {"text": "Another."}, headers=headers)
    assert (other.status, other.body["code"]) == (422, "idempotency.key_reused")
    batch = await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH]}, headers=headers)
    assert (batch.status, batch.body["code"]) == (422, "idempotency.key_reused")
    assert len((await estate.ask("GET", "/v1/messages")).body["messages"]) == 1


async def test_clients_do_not_share_idempotency_keys(estate: Estate) -> None:
    await estate.consent()
    await estate.consent(client="globex")
    headers = {"idempotency-key": "k-1"}
    first = await estate.ask("POST", "/v1/messages", WISH, headers=headers)
    second = await estate.ask("POST", "/v1/messages", WISH, headers=headers, client="globex")
    assert (first.status, second.status) == (202, 202)
    assert first.body["id"] != second.body["id"]


async def test_a_malformed_idempotency_key_is_no_licence_to_send_without_one(estate: Estate) -> None:
    await estate.consent()
    answer = await estate.ask("POST", "/v1/messages", WISH, headers={"idempotency-key": "x" * 256})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "header:idempotency-key")
    assert (await estate.ask("GET", "/v1/messages")).body == {"messages": []}


async def test_no_room_is_507_and_later(estate: Estate) -> None:
    await estate.consent()
    estate.room = False
    answer = await estate.ask("POST", "/v1/messages", WISH)
    assert (answer.status, answer.body["code"]) == (507, "store.full")
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_text_waits_in_the_store_as_it_was_sent(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text(account="A-1", reference="r-1", expires_at="2026-03-02T20:00:00Z")
    (page, _) = await estate.store.messages(MessageFilter("acme"))
    (kept,) = page
    assert (kept.state, kept.account, kept.reference) == (State.QUEUED, "A-1", "r-1")
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["expires_at"] == "2026-03-02T20:00:00.000Z"


@pytest.mark.parametrize(
    ("wrong", "code", "fields"),
    [
        ({"program": "nope"}, "program.unknown", ["/program", "/to"]),
        ({"category": "nope"}, "category.unknown", ["/category", "/to"]),
        ({"text": None, "template": "nope"}, "template.unknown", ["/template", "/to"]),
        ({"program": "nope", "category": "nope"}, "program.unknown", ["/program", "/category", "/to"]),
        ({"text": "", "send_at": "soon"}, "content.empty", ["/text", "/send_at", "/to"]),
        (
            {"account": "a\n", "expires_at": "2026-13-01T00:00:00Z", "program": "nope", "category": "system"},
            "request.invalid",
            ["/account", "/expires_at", "/program", "/category", "/to"],
        ),
    ],
)
async def test_a_bad_number_is_told_beside_other_faults(
    estate: Estate, wrong: dict[str, object], code: str, fields: list[str]
) -> None:
    wish = {name: value for name, value in (WISH | wrong | {"to": "5"}).items() if value is not None}
    answer = await estate.ask("POST", "/v1/messages", wish)
    assert (answer.status, answer.body["code"]) == (422, code)
    assert [error["field"] for error in answer.body["errors"]] == fields
    answer = await estate.ask("POST", "/v1/messages/batch", {"messages": [wish]})
    (result,) = answer.body["results"]
    assert (result["status"], result["code"]) == (422, code)
    assert [error["field"] for error in result["errors"]] == [f"/messages/0{field}" for field in fields]
