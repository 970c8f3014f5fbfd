"""Keys and webhooks at the operator's door."""

import pytest

from gateway.store.webhooks import Progress, Retry
from tests.web.estate import WISH, Estate


async def test_a_key_is_made_shown_once_and_works_at_once(estate: Estate) -> None:
    answer = await estate.operate("POST", "/v1/keys", {"client": "globex", "label": "billing"})
    assert answer.status == 201
    made = answer.body
    assert (made["client"], made["label"]) == ("globex", "billing")
    headers = {"authorization": f"Bearer {made['key']}"}
    assert (await estate.ask("GET", "/v1/messages", headers=headers)).status == 200
    listed = await estate.operate("GET", "/v1/keys")
    assert made["key"].encode() not in listed.raw
    (kept,) = [key for key in listed.body["keys"] if key["id"] == made["id"]]
    assert kept == {
        "id": made["id"],
        "client": "globex",
        "label": "billing",
        "created_at": "2026-03-02T15:00:00.000Z",
        "valid": True,
    }


async def test_a_key_without_a_label(estate: Estate) -> None:
    for body in ({"client": "acme"}, {"client": "acme", "label": None}, {"client": "acme", "label": ""}):
        assert (await estate.operate("POST", "/v1/keys", body)).body["label"] == ""


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "/client"),
        ({"client": 1}, 400, "/client"),
        ({"client": "nobody"}, 422, "/client"),
        ({"client": "acme", "label": "x" * 101}, 422, "/label"),
        ({"client": "acme", "label": "a\nb"}, 422, "/label"),
        ({"client": "acme", "lable": "x"}, 400, "/lable"),
    ],
)
async def test_a_key_that_cannot_be_made(estate: Estate, body: dict[str, object], status: int, field: str) -> None:
    before = (await estate.operate("GET", "/v1/keys")).body["keys"]
    answer = await estate.operate("POST", "/v1/keys", body)
    assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)
    assert (await estate.operate("GET", "/v1/keys")).body["keys"] == before


async def test_a_revoked_key_is_wrong_at_once_and_stays_listed(estate: Estate) -> None:
    made = (await estate.operate("POST", "/v1/keys", {"client": "acme"})).body
    headers = {"authorization": f"Bearer {made['key']}"}
    assert (await estate.operate("DELETE", f"/v1/keys/{made['id']}")).status == 204
    assert (await estate.ask("POST", "/v1/messages", WISH, headers=headers)).status == 401
    (kept,) = [key for key in (await estate.operate("GET", "/v1/keys")).body["keys"] if key["id"] == made["id"]]
    assert (kept["valid"], kept["revoked_at"]) == (False, "2026-03-02T15:00:00.000Z")
    for key_id in (made["id"], "key_unknown"):
        assert (await estate.operate("DELETE", f"/v1/keys/{key_id}")).status == 404
    assert (await estate.ask("GET", "/v1/messages")).status == 200


async def test_webhooks_are_shown_and_what_they_gave_up_is_replayed(estate: Estate) -> None:
    await estate.store.open_webhook("acme/hook")
    await estate.consent()
    await estate.store.record_progress(
        Progress(
            "acme/hook",
            1,
            failed=(Retry("acme/hook", 1, 10, None, "HTTP 500"),),
            disabled_at=estate.clock.instant,
            reason="HTTP 410",
        )
    )
    expected = {
        "client": "acme",
        "webhook": "hook",
        "enabled": False,
        "cursor": 1,
        "waiting": 0,
        "dead": 1,
        "disabled_at": "2026-03-02T15:00:00.000Z",
        "reason": "HTTP 410",
        "last_failure": "HTTP 500",
    }
    assert (await estate.operate("GET", "/v1/webhooks")).body == {"webhooks": [expected]}
    answer = await estate.operate("POST", "/v1/webhooks/acme/hook/replay")
    assert (answer.status, answer.body) == (200, {"replayed": 1})
    assert estate.replayed == ["acme/hook"]
    (now,) = (await estate.operate("GET", "/v1/webhooks")).body["webhooks"]
    assert (now["enabled"], now["waiting"], now["dead"]) == (True, 1, 0)
    assert (await estate.operate("POST", "/v1/webhooks/acme/hook/replay")).body == {"replayed": 0}
    assert "paused_seconds" not in now
    estate.pauses["acme/hook"] = 3.2
    (now,) = (await estate.operate("GET", "/v1/webhooks")).body["webhooks"]
    assert now["paused_seconds"] == 4


@pytest.mark.parametrize("path", ["acme/nope", "globex/hook", "nobody/hook"])
async def test_a_webhook_that_is_not_configured(estate: Estate, path: str) -> None:
    assert (await estate.operate("POST", f"/v1/webhooks/{path}/replay")).status == 404
    assert estate.replayed == []
