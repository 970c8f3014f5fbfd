"""What a database of reassigned numbers said, over HTTP."""

from typing import Any

import pytest

from tests.web.estate import NUMBER, WISH, Estate

PATH = f"/v1/numbers/{NUMBER}/checks"
CHECK = {"answer": "no", "checked_at": "2026-03-01T10:00:00Z", "since": "2026-01-15T00:00:00Z", "source": "RND"}


async def test_looks_are_kept_and_shown_to_their_client(estate: Estate) -> None:
    await estate.consent()
    for _ in range(2):
        answer = await estate.ask("POST", PATH, CHECK)
        assert answer.status == 200
    kept = {**CHECK, "checked_at": "2026-03-01T10:00:00.000Z", "since": "2026-01-15T00:00:00.000Z"}
    assert answer.body == {"number": NUMBER, "checks": [kept]}
    assert (await estate.ask("GET", PATH)).body == answer.body
    assert (await estate.ask("GET", PATH, client="globex")).body["checks"] == []
    (consent,) = (await estate.ask("GET", f"/v1/consents/{NUMBER}")).body["consents"]
    assert consent["fresh_at"] == "2026-03-01T10:00:00.000Z"


async def test_a_yes_ends_the_texts_of_its_client(estate: Estate) -> None:
    await estate.consent()
    await estate.consent(client="globex")
    waits = await estate.text()
    assert (await estate.ask("POST", PATH, CHECK | {"answer": "yes"})).status == 200
    assert (await estate.ask("GET", f"/v1/messages/{waits}")).body["state"] == "blocked"
    assert (await estate.ask("POST", "/v1/messages", WISH)).body["code"] == "consent.opted_out"
    assert (await estate.ask("POST", "/v1/messages", WISH, client="globex")).status == 202


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"answer": "maybe"}, 400, "/answer"),
        ({"checked_at": "2026-03-02T15:00:01Z"}, 422, "/checked_at"),
        ({"checked_at": "yesterday"}, 422, "/checked_at"),
        ({"since": "2026-03-01T10:00:01Z"}, 422, "/since"),
        ({"since": None}, 400, "/since"),
        ({"source": ""}, 422, "/source"),
        ({"source": "x" * 201}, 422, "/source"),
    ],
)
async def test_a_look_that_cannot_be_taken(estate: Estate, changes: dict[str, Any], status: int, field: str) -> None:
    answer = await estate.ask("POST", PATH, CHECK | changes)
    assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)
    assert (await estate.ask("GET", PATH)).body["checks"] == []
