"""The dry run: what would become of a campaign, and that nothing does."""

from typing import Any

import msgspec
import pytest

from gateway.web.check import NDJSON
from tests.web.estate import NUMBER, OTHER_NUMBER, Answer, Estate

AT = "2026-03-02T15:00:00Z"
COMMON = {"program": "servicing", "category": "servicing", "text": "Acme: your payment is due. Reply STOP to end."}


async def check(estate: Estate, *messages: dict[str, Any], **query: str) -> Answer:
    body = {"common": COMMON, "messages": list(messages)}
    return await estate.ask("POST", "/v1/check", body, query=query)


async def test_nothing_is_stored_and_nothing_is_told(estate: Estate) -> None:
    await estate.consent()
    before = (await estate.ask("GET", "/v1/events")).body
    answer = await check(estate, {"to": NUMBER}, {"to": OTHER_NUMBER})
    assert answer.status == 200
    assert (await estate.ask("GET", "/v1/messages")).body["messages"] == []
    assert (await estate.ask("GET", "/v1/events")).body == before


async def test_the_verdict_is_that_of_a_submission(estate: Estate) -> None:
    await estate.consent()
    for to in (NUMBER, OTHER_NUMBER):
        (result,) = (await check(estate, {"to": to})).body["results"]
        answer = (await estate.ask("POST", "/v1/messages", COMMON | {"to": to})).body
        assert result["state"] == answer["state"]
        if answer["state"] == "blocked":
            assert result["code"] == answer["code"]
            assert result["decision"] == answer["decision"]


async def test_a_campaign_adds_up(estate: Estate) -> None:
    await estate.consent()
    answer = await check(
        estate,
        {"to": NUMBER},
        {"to": NUMBER, "text": "Acme: it\u2019s due. Reply STOP to end."},
        {"to": OTHER_NUMBER},
        {"to": "12"},
        {"to": NUMBER, "text": "Acme: " + "x" * 200},
    )
    summary = answer.body["summary"]
    assert summary["texts"] == 5
    assert summary["states"] == {"queued": 3, "blocked": 1, "invalid": 1}
    assert summary["codes"] == {"consent.missing": 1, "number.invalid": 1}
    assert (summary["segments"], summary["encodings"]) == (4, {"gsm7": 2, "ucs2": 1})
    assert summary["ucs2"] == [{"character": "U+2019 RIGHT SINGLE QUOTATION MARK", "texts": 1, "first": [1]}]
    assert summary["hours"] == [{"from": "2026-03-02T15:00:00.000Z", "segments": 4}]
    assert summary["policy"] == ["always-open@1"]
    assert [result["n"] for result in answer.body["results"]] == [0, 1, 2, 3, 4]


async def test_other_packs_and_what_they_change(estate: Estate) -> None:
    await estate.consent()
    # The second to a number on one day, and one in the night.
    answer = await check(estate, {"to": NUMBER}, {"to": NUMBER}, {"to": OTHER_NUMBER}, diff="us-strict", at=AT)
    assert answer.body["summary"]["changes"] == {
        "queued -> queued": 1,
        "queued -> held": 1,
        "blocked -> blocked": 1,
    }
    second = answer.body["results"][1]
    assert (second["state"], second["otherwise"]["state"]) == ("queued", "held")
    assert second["otherwise"]["code"].startswith("frequency.")
    night = await check(estate, {"to": NUMBER}, packs="us-strict", at="2026-03-02T04:00:00Z")
    (result,) = night.body["results"]
    assert (result["state"], result["code"], result["due_at"]) == (
        "held",
        "quiet_hours.closed",
        "2026-03-02T14:00:00.000Z",
    )
    assert night.body["summary"]["policy"] == ["us-strict@1"]
    assert night.body["summary"]["seconds"] == 10 * 3600


async def test_the_same_question_has_the_same_answer(estate: Estate) -> None:
    await estate.consent()
    texts = [{"to": NUMBER, "account": str(n)} for n in range(5)]
    first = await check(estate, *texts, at=AT, packs="us-strict")
    await estate.ask("GET", "/v1/messages")
    estate.clock.instant += 3_600_000
    assert (await check(estate, *texts, at=AT, packs="us-strict")).raw == first.raw


async def test_lines_are_answered_in_lines(estate: Estate) -> None:
    await estate.consent()
    lines = [msgspec.json.encode(COMMON | {"to": NUMBER}), b"{", msgspec.json.encode({"to": NUMBER})]
    answer = await estate.stream("/v1/check", b"\n".join(lines), {"content-type": NDJSON})
    told = [msgspec.json.decode(line) for line in answer.splitlines()]
    assert [line.get("state") for line in told] == ["queued", "invalid", "invalid", None]
    assert told[3]["summary"]["states"] == {"queued": 1, "invalid": 2}


async def test_ten_thousand_texts(estate: Estate) -> None:
    answer = await estate.stream(
        "/v1/check",
        msgspec.json.encode({"common": COMMON, "messages": [{"to": NUMBER}] * 10_000}),
        {"accept": NDJSON},
    )
    assert msgspec.json.decode(answer.splitlines()[-1])["summary"]["codes"] == {"consent.missing": 10_000}
    assert (await check(estate, *[{"to": NUMBER}] * 10_001)).status == 422


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"packs": "us-strickt"}, "query:packs"),
        ({"diff": "us-strict,nothing"}, "query:diff"),
        ({"at": "soon"}, "query:at"),
    ],
)
async def test_what_cannot_be_asked(estate: Estate, query: dict[str, str], field: str) -> None:
    answer = await check(estate, {"to": NUMBER}, **query)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)


async def test_an_empty_campaign_and_a_wrong_type(estate: Estate) -> None:
    assert (await check(estate)).status == 422
    answer = await estate.ask("POST", "/v1/check", raw=b"x", headers={"content-type": "text/csv"})
    assert answer.status == 415
