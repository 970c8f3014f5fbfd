"""Reviews over HTTP: what is shown, who may see it, and what a decision does."""

import pytest

from gateway.model.clock import DAY
from gateway.model.hold import HoldReason
from tests.web.estate import NUMBER, OTHER_NUMBER, WISH, Estate

RELEASE = {"decision": "release", "by": "agent 12"}


async def test_a_review_shows_which_rule_fired_on_which_words(estate: Estate) -> None:
    spelt = await estate.unclear("enough, I lost my job")
    (listed,) = (await estate.ask("GET", "/v1/reviews")).body["reviews"]
    shown = (await estate.ask("GET", f"/v1/reviews/{spelt}")).body
    assert listed == shown
    inbound = shown.pop("inbound")
    assert inbound.startswith("in_")
    assert shown == {
        "id": spelt,
        "state": "open",
        "number": NUMBER,
        "program": "servicing",
        "text": "enough, I lost my job",
        "kind": "needs-review",
        "rule": "weak.ending",
        "words": "enough",
        "signals": [{"name": "hardship", "rule": "hardship.money", "words": "lost my job"}],
        "reasons": ["review"],
        "holding": ["review"],
        "opened_at": "2026-03-02T15:00:00.000Z",
        "due_at": "2026-03-03T15:00:00.000Z",
    }


async def test_one_click_opts_out(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.unclear("enough")
    answer = await estate.ask(
        "POST", f"/v1/reviews/{spelt}", {"decision": "opt_out", "by": "agent 12", "note": "clear"}
    )
    assert answer.status == 200
    assert {name: answer.body[name] for name in ("state", "decision", "by", "note", "decided_at", "holding")} == {
        "state": "decided",
        "decision": "opt_out",
        "by": "agent 12",
        "note": "clear",
        "decided_at": "2026-03-02T15:00:00.000Z",
        "holding": [],
    }
    assert (await estate.ask("POST", "/v1/messages", WISH)).body["code"] == "consent.opted_out"
    assert (await estate.ask("GET", "/v1/reviews")).body == {"reviews": []}


async def test_a_text_to_a_held_number_waits_for_the_release(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.unclear("enough", reasons=(HoldReason.CEASE,))
    text = await estate.text()
    shown = (await estate.ask("GET", f"/v1/messages/{text}")).body
    assert (shown["state"], shown["code"]) == ("held", "hold.cease")
    assert "hold" in [finding["rule"] for finding in shown["decision"]["findings"]]
    assert (await estate.ask("POST", f"/v1/reviews/{spelt}", RELEASE)).body["holding"] == []
    shown = (await estate.ask("GET", f"/v1/messages/{text}")).body
    assert (shown["state"], shown.get("code"), shown["timeline"][-1]["cause"]) == ("queued", None, "release")


async def test_a_decision_twice_and_another_after_it(estate: Estate) -> None:
    spelt = await estate.unclear("enough")
    for expected in (200, 200):
        assert (await estate.ask("POST", f"/v1/reviews/{spelt}", RELEASE)).status == expected
    answer = await estate.ask("POST", f"/v1/reviews/{spelt}", RELEASE | {"decision": "keep"})
    assert (answer.status, answer.body["code"]) == (409, "state.conflict")


async def test_a_client_sees_its_own_and_an_operator_all(estate: Estate) -> None:
    ours = await estate.unclear("enough")
    theirs = await estate.unclear("enough", client="globex", number=OTHER_NUMBER)
    assert [one["id"] for one in (await estate.ask("GET", "/v1/reviews")).body["reviews"]] == [ours]
    assert (await estate.ask("GET", f"/v1/reviews/{theirs}")).status == 404
    assert (await estate.ask("POST", f"/v1/reviews/{theirs}", RELEASE)).status == 404
    found = (await estate.operate("GET", "/v1/reviews")).body["reviews"]
    assert [(one["id"], one["client"]) for one in found] == [(ours, "acme"), (theirs, "globex")]
    assert (await estate.operate("GET", f"/v1/reviews/{theirs}")).body["client"] == "globex"
    assert (await estate.operate("POST", f"/v1/reviews/{theirs}", RELEASE)).status == 200


async def test_overdue_ones_and_pages(estate: Estate) -> None:
    first = await estate.unclear("enough")
    estate.clock.instant += DAY
    second, third = await estate.unclear("enough"), await estate.unclear("enough", number=OTHER_NUMBER)
    (overdue,) = (await estate.ask("GET", "/v1/reviews", query={"state": "overdue"})).body["reviews"]
    assert (overdue["id"], overdue["state"]) == (first, "overdue")
    page = (await estate.ask("GET", "/v1/reviews", query={"limit": "2"})).body
    assert [one["id"] for one in page["reviews"]] == [first, second]
    page = (await estate.ask("GET", "/v1/reviews", query={"cursor": page["next"]})).body
    assert ([one["id"] for one in page["reviews"]], "next" in page) == ([third], False)


async def test_the_gauges(estate: Estate) -> None:
    await estate.unclear("enough")
    estate.clock.instant += DAY
    await estate.unclear("enough", number=OTHER_NUMBER)
    text = (await estate.operate("GET", "/metrics")).raw.decode()
    for line in (
        'assent_reviews_open{client="acme"} 2.0',
        'assent_reviews_overdue{client="acme"} 1.0',
        'assent_reviews_open{client="globex"} 0.0',
    ):
        assert line in text


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"state": "closed"}, 422, "query:state"),
        ({"cursor": "x"}, 422, "query:cursor"),
        ({"limit": "0"}, 422, "query:limit"),
        ({"limit": "201"}, 422, "query:limit"),
        ({"number": NUMBER}, 400, "query:number"),
    ],
)
async def test_a_bad_query_is_named(estate: Estate, query: dict[str, str], status: int, field: str) -> None:
    for ask in (estate.ask, estate.operate):
        answer = await ask("GET", "/v1/reviews", query=query)
        assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"decision": "maybe", "by": "x"}, 400, "/decision"),
        ({"decision": "keep"}, 400, "/by"),
        ({"decision": "keep", "by": " "}, 422, "/by"),
        ({"decision": "keep", "by": "x" * 101}, 422, "/by"),
        ({"decision": "keep", "by": "x", "note": "a\0"}, 422, "/note"),
        ({"decision": "keep", "by": "x", "why": "y"}, 400, "/why"),
    ],
)
async def test_a_bad_decision_is_named_and_decides_nothing(
    estate: Estate, body: dict[str, str], status: int, field: str
) -> None:
    spelt = await estate.unclear("enough")
    answer = await estate.ask("POST", f"/v1/reviews/{spelt}", body)
    assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)
    assert (await estate.ask("GET", f"/v1/reviews/{spelt}")).body["state"] == "open"


@pytest.mark.parametrize("spelt", ["rev_0000000000000", "msg_0000000000000", "rev_", "x", "rev_ZZZZZZZZZZZZZ"])
async def test_no_such_review(estate: Estate, spelt: str) -> None:
    for ask in (estate.ask, estate.operate):
        assert (await ask("GET", f"/v1/reviews/{spelt}")).status == 404
        assert (await ask("POST", f"/v1/reviews/{spelt}", RELEASE)).status == 404
