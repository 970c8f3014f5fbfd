"""POST /v1/messages/batch: one result for each item, whatever the others are."""

import msgspec
import pytest

from tests.web.estate import NUMBER, OTHER_NUMBER, WISH, Estate


async def test_each_item_has_its_result_in_its_place(estate: Estate) -> None:
    await estate.consent()
    items = [
        WISH | {"reference": "a", "account": "A-1"},
        WISH | {"to": OTHER_NUMBER, "reference": "b"},
        WISH | {"to": "nobody"},
        WISH | {"text": " ", "account": "\0"},
        7,
        None,
        {"to": NUMBER},
        WISH | {"program": "nope"},
        WISH | {"surprise": 1},
        WISH | {"send_at": "2026-03-02T16:00:00Z"},
    ]
    answer = await estate.ask("POST", "/v1/messages/batch", {"messages": items})
    assert answer.status == 200
    results = answer.body["results"]
    assert [result["status"] for result in results] == [202, 422, 422, 422, 400, 400, 400, 422, 400, 202]
    taken, refused = results[:2]
    assert taken.pop("id").startswith("msg_")
    assert taken == {
        "status": 202,
        "state": "queued",
        "encoding": "gsm7",
        "segments": 1,
        "account": "A-1",
        "reference": "a",
    }
    assert (refused["state"], refused["code"], refused["reference"]) == ("blocked", "consent.missing", "b")
    assert refused["decision"]["outcome"] == "refuse"
    assert refused["errors"][0]["field"] == "/messages/1/to"
    assert (await estate.ask("GET", f"/v1/messages/{refused['id']}")).body["state"] == "blocked"
    wrong = [[error["field"] for error in result["errors"]] for result in results[2:9]]
    assert wrong == [
        ["/messages/2/to"],
        ["/messages/3/text", "/messages/3/account"],
        ["/messages/4"],
        ["/messages/5"],
        ["/messages/6/program", "/messages/6/category"],
        ["/messages/7/program"],
        ["/messages/8/surprise"],
    ]
    assert not any("id" in result for result in results[2:9])
    assert (results[9]["state"], results[9]["code"]) == ("held", "schedule.later")
    assert len((await estate.ask("GET", "/v1/messages")).body["messages"]) == 3


async def test_results_say_what_each_would_have_been_told_alone(estate: Estate) -> None:
    await estate.consent()
    items: list[object] = [WISH, WISH | {"to": "?"}, {"to": NUMBER}, WISH | {"to": OTHER_NUMBER}]
    batch = (await estate.ask("POST", "/v1/messages/batch", {"messages": items})).body["results"]
    for item, result in zip(items, batch, strict=True):
        alone = await estate.ask("POST", "/v1/messages", item)
        assert result["status"] == alone.status
        assert result.get("code") == alone.body.get("code")
        assert result.get("state") == alone.body.get("state")


async def test_a_half_surrogate_in_one_item_spoils_no_other(estate: Estate) -> None:
    await estate.consent()
    good = msgspec.json.encode(WISH)
    bad = good.replace(b"Your payment", rb"\ud83d payment")
    answer = await estate.ask("POST", "/v1/messages/batch", raw=b'{"messages":[%b,%b,%b]}' % (good, bad, good))
    assert [result["status"] for result in answer.body["results"]] == [202, 422, 202]
    assert answer.body["results"][1]["code"] == "content.unencodable"


@pytest.mark.parametrize(("count", "status"), [(0, 422), (1, 200), (1000, 200), (1001, 422)])
async def test_one_to_a_thousand(estate: Estate, count: int, status: int) -> None:
    await estate.consent()
    answer = await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH] * count})
    assert answer.status == status
    if status == 200:
        assert len({result["id"] for result in answer.body["results"]}) == count
    else:
        assert answer.body["errors"][0]["field"] == "/messages"
        assert (await estate.ask("GET", "/v1/messages")).body == {"messages": []}


async def test_nothing_but_bad_items_is_answered_too(estate: Estate) -> None:
    answer = await estate.ask("POST", "/v1/messages/batch", {"messages": [1, 2]})
    assert (answer.status, [result["status"] for result in answer.body["results"]]) == (200, [400, 400])


async def test_a_batch_is_repeated_whole(estate: Estate) -> None:
    await estate.consent()
    items = [WISH, 7, WISH | {"to": "?"}, WISH | {"to": OTHER_NUMBER}]
    headers = {"idempotency-key": "k-1"}
    first = await estate.ask("POST", "/v1/messages/batch", {"messages": items}, headers=headers)
    again = await estate.ask("POST", "/v1/messages/batch", {"messages": items}, headers=headers)
    assert first.raw == again.raw
    assert len((await estate.ask("GET", "/v1/messages")).body["messages"]) == 2
    other = await estate.ask("POST", "/v1/messages/batch", {"messages": items[::-1]}, headers=headers)
    assert (other.status, other.body["code"]) == (422, "idempotency.key_reused")
