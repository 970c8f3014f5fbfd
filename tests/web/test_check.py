"""The dry run: what would become of a campaign, and that nothing does."""

from typing import Any, Literal

import msgspec
import pytest

from gateway.config import Config, RepetitionsConfig
from gateway.hooks import Draft, Refusal
from gateway.model.clock import DAY, MINUTE, spell_instant
from gateway.web.check import NDJSON, body_bytes_for
from gateway.web.http import Request, Response
from gateway.web.limits import Limits
from tests.hooks import zoo
from tests.web.estate import CONFIG, NUMBER, OTHER_NUMBER, Answer, Estate, open_estate
from tests.web.harness import open_house

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


async def test_ten_thousand_texts_in_their_own_words_pass_the_door(estate: Estate) -> None:
    """As lines and as one body, over a connection: the usual limit of a body is not for campaigns."""
    item = msgspec.json.encode(
        COMMON | {"to": NUMBER, "text": "Acme: your payment is due. Reply STOP to end." + 130 * "."}
    )
    lines = b"\n".join([item] * 10_000)
    whole = b'{"messages":[%b]}' % b",".join([item] * 10_000)
    limits = Limits(body_bytes_for=body_bytes_for(1024 * 1024))
    assert len(lines) > 2 * limits.body_limit("POST", "/v1/messages")

    async def count(request: Request) -> Response:
        return Response(200, str(len(request.body)).encode())

    async with open_house(count, limits) as house:
        for path, body, status in (("/v1/check", lines, 200), ("/v1/check", whole, 200), ("/v1/messages", lines, 413)):
            visitor = await house.connect()
            head = f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            await visitor.send(head, body if status == 200 else b"")
            assert (await visitor.answer()).status == status
    answer = await estate.stream("/v1/check", lines, {"content-type": NDJSON})
    assert msgspec.json.decode(answer.splitlines()[-1])["summary"]["states"] == {"blocked": 10_000}


async def test_one_text_by_itself(estate: Estate) -> None:
    await estate.consent()
    alone = await estate.ask("POST", "/v1/check", COMMON | {"to": NUMBER}, query={"at": AT})
    assert alone.body == (await check(estate, {"to": NUMBER}, at=AT)).body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"common": COMMON}, "/messages"),
        ({"to": NUMBER, "messages": [COMMON]}, "/to"),
        ({"messages": []}, "/messages"),
    ],
)
async def test_a_campaign_is_said_in_one_way(estate: Estate, body: dict[str, Any], field: str) -> None:
    answer = await estate.ask("POST", "/v1/check", body)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)


async def test_all_that_is_wrong_with_a_text_is_told_once_as_it_would_be_when_sent(estate: Estate) -> None:
    addressed = {"to": "junk", "program": "nope", "category": "nope", "text": "Hello"}
    for item in (addressed, addressed | {"text": "", "reference": "x" * 201, "send_at": "?"}):
        sent = await estate.ask("POST", "/v1/messages", item)
        (told,) = (await estate.ask("POST", "/v1/check", {"messages": [item]})).body["results"]
        assert told["errors"] == sent.body["errors"]
        assert {error["field"] for error in told["errors"]} >= {"/to", "/program", "/category"}
        line = await estate.stream("/v1/check", msgspec.json.encode(item), {"content-type": "application/x-ndjson"})
        assert msgspec.json.decode(line.splitlines()[0])["errors"] == told["errors"]


def counting(action: Literal["refuse", "flag"] = "refuse") -> Config:
    """Acme has 150 texts a day, and the same words to a number within ten minutes are a repetition."""
    policy = msgspec.structs.replace(CONFIG.policy, repetitions=RepetitionsConfig(minutes=10, action=action))
    acme, *others = CONFIG.clients
    acme = msgspec.structs.replace(acme, daily_texts=150)
    return msgspec.structs.replace(CONFIG, policy=policy, clients=(acme, *others))


def outcomes(results: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(result["state"], result.get("code")) for result in results]


@pytest.mark.parametrize("action", ["refuse", "flag"])
async def test_repetitions_and_the_client_s_day_are_judged_as_a_submission_s_would_be(
    action: Literal["refuse", "flag"],
) -> None:
    async with open_estate(config=counting(action)) as estate:
        await estate.consent()
        said = await estate.ask("POST", "/v1/messages", COMMON | {"to": NUMBER, "text": "Acme: 0. Reply STOP to end."})
        assert said.status == 202
        # More than one look's worth: 0 was said a moment ago, each number comes twice, and the day ends among them.
        texts = [{"to": NUMBER, "text": f"Acme: {n % 120}. Reply STOP to end."} for n in range(240)]
        for _ in range(2):  # asking counts nothing
            checked = outcomes((await check(estate, *texts)).body["results"])
        batch = await estate.ask("POST", "/v1/messages/batch", {"messages": [COMMON | text for text in texts]})
        assert checked == outcomes(batch.body["results"])
        assert checked[0][1] == ("content.repeated" if action == "refuse" else None)
        assert checked[1] == ("queued", None)
        assert ("blocked", "content.repeated" if action == "refuse" else "client.day_spent") in checked[120:]


async def test_the_counts_are_those_of_the_instant_that_is_asked_about() -> None:
    async with open_estate(config=counting()) as estate:
        await estate.consent()
        texts = [{"to": NUMBER, "text": f"Acme: {n}. Reply STOP to end."} for n in range(150)]
        answer = await estate.ask("POST", "/v1/messages/batch", {"messages": [COMMON | text for text in texts]})
        assert {result["state"] for result in answer.body["results"]} == {"queued"}

        async def judged(at: int) -> tuple[str | None, str | None]:
            again, new = (await check(estate, texts[0], {"to": NUMBER}, at=spell_instant(at))).body["results"]
            return again.get("code"), new.get("code")

        now = estate.clock()
        assert await judged(now) == ("client.day_spent", "client.day_spent")
        assert await judged(now + 11 * MINUTE) == ("client.day_spent", "client.day_spent")
        assert await judged(now + DAY) == (None, None)
        estate.clock.instant += 2 * DAY
        assert await judged(now) == ("client.day_spent", "client.day_spent")


async def test_plugins_have_their_say() -> None:
    def decides(draft: Draft) -> Refusal | None:
        return Refusal("not today") if "promo" in draft.text else None

    async with open_estate([zoo.caged("strict", decide_text=decides)]) as estate:
        await estate.consent()
        texts = [{"to": NUMBER, "text": "Acme: a promo. Reply STOP to end."}, {"to": NUMBER}]
        answer = await check(estate, *texts)
        assert outcomes(answer.body["results"]) == [("blocked", "plugin.refused"), ("queued", None)]


@pytest.mark.parametrize(
    ("query", "field", "fix"),
    [
        ({"packs": "us-strickt"}, "query:packs", "Did you mean 'us-strict'?"),
        ({"diff": "us-strict,nothing"}, "query:diff", "Known are always-open, au, ca"),
        ({"at": "soon"}, "query:at", "such as"),
    ],
)
async def test_what_cannot_be_asked(estate: Estate, query: dict[str, str], field: str, fix: str) -> None:
    answer = await check(estate, {"to": NUMBER}, **query)
    (told,) = answer.body["errors"]
    assert (answer.status, told["field"], told["fix"].startswith(fix)) == (422, field, True)


async def test_an_empty_campaign_and_a_wrong_type(estate: Estate) -> None:
    assert (await check(estate)).status == 422
    answer = await estate.ask("POST", "/v1/check", raw=b"x", headers={"content-type": "text/csv"})
    assert answer.status == 415


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"content-encoding": "gzip"}, "header:content-encoding"),
        ({"content-type": "application/x-ndjson; charset=utf-16"}, "header:content-type"),
    ],
)
async def test_lines_that_are_coded_are_refused_as_a_body_in_json_is(
    estate: Estate, headers: dict[str, str], field: str
) -> None:
    answer = await estate.ask(
        "POST", "/v1/check", raw=b"\x1f\x8b\n", headers={"content-type": "application/x-ndjson"} | headers
    )
    assert answer.status == 415
    assert answer.body["errors"][0]["field"] == field
