"""The public door as a client meets it: over HTTP, on loopback."""

import json
from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
import trio

from gateway.web.listen import open_listeners
from gateway.web.server import Limits, serve
from tests.web.estate import EVIDENCE, NUMBER, WISH, Estate

CONSENT = {"program": "servicing", "category": "servicing", "evidence": EVIDENCE}
DEADLINE = 20.0


@pytest.fixture
async def client(estate: Estate) -> AsyncIterator[httpx.AsyncClient]:
    async with trio.open_nursery() as nursery:
        listeners = await open_listeners("127.0.0.1", 0)
        url = f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}"
        admit = estate.gate.admitting(estate.keys)
        await nursery.start(partial(serve, listeners, estate.public, Limits(), admit=admit))
        headers = {"Authorization": f"Bearer {estate.secrets['acme']}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=DEADLINE) as opened:
            yield opened
        nursery.cancel_scope.cancel()


async def test_the_three_commands_of_the_demonstration(client: httpx.AsyncClient) -> None:
    assert (await client.put(f"/v1/consents/{NUMBER}", json=CONSENT)).status_code == 200
    taken = await client.post("/v1/messages", json=WISH)
    assert taken.status_code == 202
    assert taken.headers["content-type"] == "application/json"
    shown = await client.get(taken.headers["location"])
    assert (shown.status_code, shown.json()["state"]) == (200, "queued")
    assert (await client.get("/v1/messages")).json()["messages"][0]["id"] == taken.json()["id"]


@pytest.mark.parametrize("spelt", [NUMBER, "%2B12025550123", "%2b12025550123"])
async def test_a_plus_sign_in_a_path(client: httpx.AsyncClient, spelt: str) -> None:
    assert (await client.put(f"/v1/consents/{spelt}", json=CONSENT)).json()["number"] == NUMBER
    assert len((await client.get(f"/v1/consents/{spelt}")).json()["consents"]) == 1
    revoked = await client.post(f"/v1/consents/{spelt}/revoke", json={"reason": "r"})
    assert revoked.json()["consents"][0]["state"] == "revoked"


async def test_a_plus_sign_in_a_query(client: httpx.AsyncClient) -> None:
    await client.put(f"/v1/consents/{NUMBER}", json=CONSENT)
    await client.post("/v1/messages", json=WISH)
    for query in ("to=+12025550123", "to=%2B12025550123"):
        assert len((await client.get(f"/v1/messages?{query}")).json()["messages"]) == 1


async def test_a_refusal_is_a_problem(client: httpx.AsyncClient) -> None:
    refused = await client.post("/v1/messages", json=WISH)
    assert (refused.status_code, refused.json()["code"]) == (422, "consent.missing")
    assert refused.headers["content-type"] == "application/problem+json"


async def test_a_form_is_not_json(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/messages", data={"to": NUMBER})
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type")


async def test_a_body_of_more_than_a_mebibyte(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/messages", json=WISH | {"text": "x" * (1 << 20)})
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


async def test_what_a_stranger_sends_is_not_read(client: httpx.AsyncClient) -> None:
    for path in ("/v1/messages", "/v1/check"):
        for key, code in (("", "auth.missing"), ("Bearer ak_wrong", "auth.invalid")):
            answer = await client.post(path, content=b" " * (1 << 20), headers={"Authorization": key})
            assert (answer.status_code, answer.json()["code"]) == (401, code)
            assert answer.headers["connection"] == "close"
    answer = await client.post("/v1/messages", content=b" " * (1 << 20))
    assert answer.status_code == 415


async def test_a_full_batch(client: httpx.AsyncClient) -> None:
    await client.put(f"/v1/consents/{NUMBER}", json=CONSENT)
    items: list[object] = [WISH] * 998 + [None, WISH | {"to": "?"}]
    answer = await client.post("/v1/messages/batch", json={"messages": items})
    statuses = [result["status"] for result in answer.json()["results"]]
    assert statuses == [202] * 998 + [400, 422]


async def test_requests_at_once_with_one_key_make_one_message(client: httpx.AsyncClient) -> None:
    await client.put(f"/v1/consents/{NUMBER}", json=CONSENT)
    seen: list[str] = []

    async def submit() -> None:
        answer = await client.post("/v1/messages", json=WISH, headers={"Idempotency-Key": "k-1"})
        seen.append(answer.json()["id"])

    with trio.fail_after(DEADLINE):
        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(submit)
    assert len(seen) == 20
    assert len(set(seen)) == 1
    assert len((await client.get("/v1/messages")).json()["messages"]) == 1


async def test_what_is_not_there(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/nothing")).status_code == 404
    wrong = await client.delete("/v1/messages")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    for method in ("TRACE", "QUERY"):
        known = await client.request(method, "/v1/messages")
        assert (known.status_code, known.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    bare = await client.head("/v1/messages")
    assert (bare.status_code, bare.content) == (200, b"")


async def test_neither_texts_nor_numbers_nor_keys_reach_the_log(
    client: httpx.AsyncClient, estate: Estate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "gateway")
    secret = await estate.keys.create("acme", "label")
    await client.put(f"/v1/consents/{NUMBER}", json=CONSENT)
    await client.post("/v1/messages", json=WISH)
    await client.post("/v1/messages/batch", json={"messages": [WISH, WISH | {"to": "nobody"}, 3]})
    await client.post("/v1/messages", content=json.dumps(WISH)[:-1], headers={"Content-Type": "application/json"})
    await client.get("/v1/messages", headers={"Authorization": "Bearer ak_wrong"})
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "API key made" in logged
    for canary in (NUMBER, str(WISH["text"]), secret, "ak_wrong", EVIDENCE["wording"]):
        assert canary not in logged
