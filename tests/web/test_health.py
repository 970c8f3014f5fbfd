"""Health: asked by machines that hold no key, at either door."""

import msgspec

from gateway.web.health import health_operations
from gateway.web.http import Request
from gateway.web.router import Router
from tests.web.estate import Estate


async def test_alive_and_ready(estate: Estate) -> None:
    for path in ("/healthz", "/readyz"):
        for method in ("GET", "HEAD"):
            answer = await estate.ask(method, path, client=None)
            assert (answer.status, answer.body) == (200, {"status": "ok"})
            answer = await estate.operate(method, path, headers={"authorization": ""})
            assert (answer.status, answer.body) == (200, {"status": "ok"})


async def test_alive_but_not_ready(estate: Estate) -> None:
    estate.reasons = ["no carrier is bound"]
    assert (await estate.ask("GET", "/healthz", client=None)).status == 200
    answer = await estate.ask("GET", "/readyz", client=None)
    assert (answer.status, answer.body) == (503, {"status": "not ready", "reasons": ["no carrier is bound"]})


async def test_texts_of_a_carrier_that_was_removed_are_told_and_nobody_is_named(estate: Estate) -> None:
    await estate.consent()
    await estate.text()
    removed = msgspec.structs.replace(estate.doors.config, carriers=estate.doors.config.carriers[1:])
    handler = Router(health_operations(msgspec.structs.replace(estate.doors, config=removed)))
    answer = await handler(Request(method="GET", path="/readyz"))
    body = msgspec.json.decode(answer.body)
    assert (answer.status, body["status"]) == (200, "ok")
    assert body["warnings"] == ["texts are left of 1 carriers that are not configured any more"]
