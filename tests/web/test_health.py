"""Health: asked by machines that hold no key, at either door."""

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
