"""Messages that are kept: found, shown and cancelled by their client alone."""

import pytest

from gateway.errors import Code
from gateway.model.clock import HOUR
from gateway.model.message import State
from tests.web.estate import NUMBER, OTHER_NUMBER, WISH, Estate


async def test_a_message_is_shown_whole(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text(account="A-1", reference="r-1", text="x" * 200)
    answer = await estate.ask("GET", f"/v1/messages/{spelt}")
    assert answer.status == 200
    shown = answer.body
    assert shown["id"] == spelt
    assert (shown["to"], shown["text"], shown["sender"]) == (NUMBER, "x" * 200, "+12025550100")
    assert (shown["account"], shown["reference"], shown["carrier"]) == ("A-1", "r-1", "main")
    assert shown["accepted_at"] == "2026-03-02T15:00:00.000Z"
    assert shown["expires_at"] == "2026-03-03T15:00:00.000Z"
    assert shown["segment_count"] == 2
    assert [(segment["n"], segment["state"]) for segment in shown["segments"]] == [(1, "queued"), (2, "queued")]
    assert shown["decision"]["outcome"] == "allow"
    (entry,) = shown["timeline"]
    assert (entry["type"], entry["state"], entry["cause"]) == ("message.accepted", "queued", "rules")
    assert entry["timestamp"] == "2026-03-02T15:00:00.000Z"


async def test_the_timeline_tells_every_step_and_its_cause(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text()
    estate.clock.instant += 1000
    (segment,) = await estate.claim()
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["state"] == "in_flight"
    estate.clock.instant += 1000
    await estate.settle(
        segment, State.QUEUED, code=Code.CARRIER_TEMPORARY, command_status=0x58, due_at=estate.clock.instant + 1000
    )
    estate.clock.instant += 1000
    (segment,) = await estate.claim()
    await estate.settle(segment, State.SUBMITTED, command_status=0, smsc_message_id="0A1b", smsc_key="0A1b")
    estate.clock.instant += 1000
    await estate.receipt("0A1b", State.DELIVERED, "DELIVRD")

    shown = (await estate.ask("GET", f"/v1/messages/{spelt}")).body
    assert shown["state"] == "delivered"
    assert shown["updated_at"] == "2026-03-02T15:00:04.000Z"
    assert shown["segments"] == [
        {
            "n": 1,
            "state": "delivered",
            "attempt": 2,
            "bind": "main/trx-1",
            "claimed_at": "2026-03-02T15:00:03.000Z",
            "submitted_at": "2026-03-02T15:00:03.000Z",
            "command_status": 0,
            "smsc_message_id": "0A1b",
            "receipt_at": "2026-03-02T15:00:04.000Z",
            "stat": "DELIVRD",
            "err": "000",
            "due_at": "2026-03-02T15:00:03.000Z",
        }
    ]
    steps = [(entry["type"], entry.get("cause"), entry["timestamp"][17:19]) for entry in shown["timeline"]]
    assert steps == [
        ("message.accepted", "rules", "00"),
        ("message.queued", "response", "02"),
        ("message.submitted", "response", "03"),
        ("message.delivered", "receipt", "04"),
    ]
    queued = shown["timeline"][1]
    assert (queued["command_status"], queued["due_at"]) == (0x58, "2026-03-02T15:00:03.000Z")
    assert shown["timeline"][3]["stat"] == "DELIVRD"
    assert shown["timeline"] == sorted(shown["timeline"], key=lambda entry: int(entry["seq"]))


@pytest.mark.parametrize("name", ["msg_1kjqh0cc00000", "msg_", "nonsense", "msg_ZZZZZZZZZZZZZ", "1", "'", "msg_1%"])
async def test_an_unknown_id_is_404(estate: Estate, name: str) -> None:
    for method, path in (("GET", f"/v1/messages/{name}"), ("POST", f"/v1/messages/{name}/cancel")):
        answer = await estate.ask(method, path)
        assert (answer.status, answer.body["code"]) == (404, "not_found")


async def test_another_clients_message_is_not_there(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text()
    unknown = await estate.ask("GET", "/v1/messages/msg_1kjqh0cc0000z", client="globex")
    others = await estate.ask("GET", f"/v1/messages/{spelt}", client="globex")
    assert (others.status, others.raw) == (unknown.status, unknown.raw)
    assert others.status == 404
    assert (await estate.ask("POST", f"/v1/messages/{spelt}/cancel", client="globex")).status == 404
    assert (await estate.ask("GET", "/v1/messages", client="globex")).body == {"messages": []}
    assert (await estate.ask("GET", "/v1/messages", client="globex", query={"to": NUMBER})).body == {"messages": []}
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["state"] == "queued"


async def test_lists_go_from_the_newest_and_page_by_page(estate: Estate) -> None:
    await estate.consent()
    sent = [await estate.text(reference=f"r-{number}") for number in range(7)]
    seen: list[str] = []
    query = {"limit": "3"}
    pages = 0
    while True:
        page = (await estate.ask("GET", "/v1/messages", query=query)).body
        pages += 1
        seen += [message["id"] for message in page["messages"]]
        if "next" not in page:
            break
        query = {"limit": "3", "cursor": page["next"]}
    assert seen == sent[::-1]
    assert pages == 3
    assert "text" not in page["messages"][0]


async def test_filters(estate: Estate) -> None:
    await estate.consent()
    await estate.consent(OTHER_NUMBER)
    first = await estate.text(account="A-1", reference="r-1")
    second = await estate.text(to=OTHER_NUMBER, account="A-2", reference="r-2")
    refused = (await estate.ask("POST", "/v1/messages", WISH | {"program": "offers"})).body["id"]

    async def found(**query: str) -> list[str]:
        answer = await estate.ask("GET", "/v1/messages", query=query)
        assert answer.status == 200, answer.body
        return [message["id"] for message in answer.body["messages"]]

    assert await found() == [refused, second, first]
    assert await found(to=NUMBER) == [refused, first]
    assert await found(to=" " + OTHER_NUMBER[1:]) == [second]
    assert await found(program="offers") == [refused]
    assert await found(state="blocked") == [refused]
    assert await found(state="queued", to=NUMBER) == [first]
    assert await found(reference="r-2") == [second]
    assert await found(account="A-1") == [first]
    assert await found(account="A-1", reference="r-2") == []


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        ({"to": "12025550123"}, 422, "number.invalid", "query:to"),
        ({"state": "lost"}, 422, "request.invalid", "query:state"),
        ({"state": ""}, 422, "request.invalid", "query:state"),
        ({"limit": "201"}, 422, "request.invalid", "query:limit"),
        ({"limit": "0"}, 422, "request.invalid", "query:limit"),
        ({"cursor": "12"}, 422, "request.invalid", "query:cursor"),
        ({"cursor": "msg_1kjqh0cc00000"}, 422, "request.invalid", "query:cursor"),
        ({"referense": "x"}, 400, "request.invalid", "query:referense"),
    ],
)
async def test_a_filter_that_cannot_be_taken(
    estate: Estate, query: dict[str, str], status: int, code: str, field: str
) -> None:
    answer = await estate.ask("GET", "/v1/messages", query=query)
    assert (answer.status, answer.body["code"]) == (status, code)
    (error,) = answer.body["errors"]
    assert error["field"] == field
    assert error["fix"]


async def test_a_waiting_message_is_cancelled_once_and_again(estate: Estate) -> None:
    await estate.consent()
    for changes in ({}, {"send_at": "2026-03-02T16:00:00Z"}):
        spelt = await estate.text(**changes)
        for raw in (b"", b"{}"):
            answer = await estate.ask("POST", f"/v1/messages/{spelt}/cancel", raw=raw)
            assert (answer.status, answer.body) == (200, {"id": spelt, "state": "cancelled"})
        shown = (await estate.ask("GET", f"/v1/messages/{spelt}")).body
        assert (shown["state"], shown["code"]) == ("cancelled", "cancelled.client")
        assert [entry["type"] for entry in shown["timeline"]][1:] == ["message.cancelled"]
    estate.clock.instant += 2 * HOUR
    assert await estate.claim() == ()


async def test_it_can_be_too_late_to_cancel(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text()
    (segment,) = await estate.claim()
    await estate.settle(segment, State.SUBMITTED, smsc_message_id="1", smsc_key="1")
    answer = await estate.ask("POST", f"/v1/messages/{spelt}/cancel")
    assert (answer.status, answer.body["code"], answer.body["state"]) == (409, "state.conflict", "submitted")
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["state"] == "submitted"


async def test_a_refused_message_cannot_be_cancelled(estate: Estate) -> None:
    refused = (await estate.ask("POST", "/v1/messages", WISH)).body["id"]
    answer = await estate.ask("POST", f"/v1/messages/{refused}/cancel")
    assert (answer.status, answer.body["state"]) == (409, "blocked")


async def test_a_cancel_takes_no_wishes(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text()
    answer = await estate.ask("POST", f"/v1/messages/{spelt}/cancel", {"force": True})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "/force")
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["state"] == "queued"
