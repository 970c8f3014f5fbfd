"""Texts of consumers over HTTP: what is shown, what is found, and by whom."""

import pytest

from gateway.model.clock import DAY
from tests.web.estate import NUMBER, OTHER_NUMBER, Estate


async def listed(estate: Estate, **query: str) -> list[str]:
    answer = await estate.ask("GET", "/v1/inbound", query=query)
    assert answer.status == 200, answer.body
    return [text["text"] for text in answer.body["inbound"]]


async def test_a_text_shows_how_it_was_read(estate: Estate) -> None:
    await estate.unclear("enough, I lost my job")
    (found,) = (await estate.ask("GET", "/v1/inbound")).body["inbound"]
    shown = (await estate.ask("GET", f"/v1/inbound/{found['id']}")).body
    assert shown == found
    assert shown.pop("id").startswith("in_")
    assert shown == {
        "from": NUMBER,
        "to": "12025550100",
        "program": "servicing",
        "text": "enough, I lost my job",
        "kind": "needs-review",
        "rule": "weak.ending",
        "words": "enough",
        "signals": [{"name": "hardship", "rule": "hardship.money", "words": "lost my job"}],
        "received_at": "2026-03-02T15:00:00.000Z",
    }


async def test_filters(estate: Estate) -> None:
    for text, number in (("first", NUMBER), ("second", OTHER_NUMBER), ("third", NUMBER)):
        await estate.unclear(text, number=number)
    assert await listed(estate) == ["third", "second", "first"]
    assert await listed(estate, **{"from": NUMBER}) == ["third", "first"]
    assert await listed(estate, kind="needs-review", program="servicing") == ["third", "second", "first"]
    assert await listed(estate, kind="opt-out") == []
    assert await listed(estate, program="offers") == []
    assert await listed(estate, signal="hardship", limit="1") == ["third"]
    assert await listed(estate, signal="attorney") == []


async def test_what_nobody_answered_is_listed_until_something_is_said_to_the_number(estate: Estate) -> None:
    await estate.consent(NUMBER)
    await estate.consent(OTHER_NUMBER)
    await estate.text(to=OTHER_NUMBER)
    texts = (("first", NUMBER), ("other", OTHER_NUMBER), ("second", NUMBER))
    reviews = [await estate.unclear(text, number=number) for text, number in texts]
    await estate.unclear("theirs", client="globex")

    async def waiting(before: str = "2026-03-02T15:00:00.001Z", **query: str) -> list[str]:
        return await listed(estate, unanswered_before=before, **query)

    assert await waiting() == ["second", "other", "first"]
    assert await waiting("2026-03-02T15:00:00Z") == []
    assert await waiting("2026-03-02T16:00:00.001+01:00", **{"from": OTHER_NUMBER}) == ["other"]
    await estate.text(to=OTHER_NUMBER)  # which is held, as long as nobody has looked at what was written
    assert await waiting() == ["second", "other", "first"]
    released = await estate.ask("POST", f"/v1/reviews/{reviews[1]}", {"decision": "release", "by": "agent 12"})
    assert released.status == 200, released.body
    assert await waiting() == ["second", "first"]
    assert await waiting(limit="1") == ["second"]


async def test_the_gauges_tell_how_many_wait_for_an_answer_and_how_long(estate: Estate) -> None:
    async def told() -> dict[str, float]:
        lines = (await estate.operate("GET", "/metrics")).raw.decode().splitlines()
        return {
            name.removeprefix("assent_inbound_unanswered"): float(value)
            for name, _, value in (
                line.rpartition(" ") for line in lines if line.startswith("assent_inbound_unanswered")
            )
        }

    nobody = await told()
    assert {'{client="acme"}', '_seconds{client="globex"}'} < nobody.keys()
    assert set(nobody.values()) == {0.0}
    await estate.consent(NUMBER)
    review = await estate.unclear("first")
    estate.clock.instant += 90_000
    await estate.unclear("second", number=OTHER_NUMBER)
    await estate.unclear("theirs", client="globex")
    estate.clock.instant += 500
    assert (await told())['{client="acme"}'] == 2
    assert (await told())['_seconds{client="acme"}'] == 90.5
    assert (await told())['_seconds{client="globex"}'] == 0.5
    await estate.ask("POST", f"/v1/reviews/{review}", {"decision": "release", "by": "agent 12"})
    await estate.text(to=NUMBER)
    assert (await told())['{client="acme"}'] == 1
    estate.clock.instant += 30 * DAY
    assert (await told())['{client="acme"}'] == 0


async def test_pages(estate: Estate) -> None:
    for number in range(5):
        await estate.unclear(f"text {number}")
    found: list[str] = []
    query = {"limit": "2", "kind": "needs-review"}
    while True:
        page = (await estate.ask("GET", "/v1/inbound", query=query)).body
        found += [text["text"] for text in page["inbound"]]
        if "next" not in page:
            break
        query["cursor"] = page["next"]
    assert found == [f"text {number}" for number in reversed(range(5))]


async def test_a_client_sees_what_was_written_to_it(estate: Estate) -> None:
    await estate.unclear("theirs", client="globex")
    assert await listed(estate) == []
    (found,) = (await estate.ask("GET", "/v1/inbound", client="globex")).body["inbound"]
    assert (await estate.ask("GET", f"/v1/inbound/{found['id']}")).status == 404


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"from": "555"}, 422, "query:from"),
        ({"kind": "stop"}, 422, "query:kind"),
        ({"signal": "anger"}, 422, "query:signal"),
        ({"cursor": "x"}, 422, "query:cursor"),
        ({"limit": "0"}, 422, "query:limit"),
        ({"unanswered_before": "yesterday"}, 422, "query:unanswered_before"),
        ({"to": NUMBER}, 400, "query:to"),
    ],
)
async def test_a_bad_query_is_named(estate: Estate, query: dict[str, str], status: int, field: str) -> None:
    answer = await estate.ask("GET", "/v1/inbound", query=query)
    assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)


@pytest.mark.parametrize("spelt", ["in_0000000000000", "msg_0000000000000", "in_", "x"])
async def test_no_such_text(estate: Estate, spelt: str) -> None:
    assert (await estate.ask("GET", f"/v1/inbound/{spelt}")).status == 404
