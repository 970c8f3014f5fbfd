"""GET /v1/events: everything, in order, once."""

import pytest

from gateway.model.message import State
from tests.web.estate import NUMBER, Estate


async def test_the_log_is_read_from_anywhere_in_it(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text(reference="r-1")
    (segment,) = await estate.claim()
    await estate.settle(segment, State.SUBMITTED, smsc_message_id="1", smsc_key="1")
    await estate.receipt("1", State.DELIVERED, "DELIVRD")

    whole = (await estate.ask("GET", "/v1/events")).body
    assert [event["type"] for event in whole["events"]] == [
        "consent.granted",
        "message.accepted",
        "message.submitted",
        "message.delivered",
    ]
    first, accepted, *_ = whole["events"]
    assert first["data"]["number"] == NUMBER
    assert accepted["timestamp"] == "2026-03-02T15:00:00.000Z"
    assert accepted["data"] == {
        "id": spelt,
        "to": NUMBER,
        "state": "queued",
        "reference": "r-1",
        "cause": "rules",
    }
    assert whole["next"] == whole["events"][-1]["seq"]

    seen = []
    after = 0
    while page := (await estate.ask("GET", "/v1/events", query={"after": str(after), "limit": "1"})).body["events"]:
        seen += page
        after = page[-1]["seq"]
    assert seen == whole["events"]

    assert (await estate.ask("GET", "/v1/events", query={"after": str(after)})).body == {"events": [], "next": after}


async def test_each_client_reads_its_own(estate: Estate) -> None:
    await estate.consent()
    assert (await estate.ask("GET", "/v1/events", client="globex")).body == {"events": [], "next": 0}


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"after": "-1"}, 422, "query:after"),
        ({"after": "x"}, 422, "query:after"),
        ({"after": "9" * 19}, 422, "query:after"),
        ({"limit": "1001"}, 422, "query:limit"),
        ({"since": "1"}, 400, "query:since"),
    ],
)
async def test_a_place_that_is_none(estate: Estate, query: dict[str, str], status: int, field: str) -> None:
    answer = await estate.ask("GET", "/v1/events", query=query)
    assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)


async def test_far_behind_the_end_there_is_nothing(estate: Estate) -> None:
    last = str((1 << 63) - 1)
    assert (await estate.ask("GET", "/v1/events", query={"after": last})).body["events"] == []
