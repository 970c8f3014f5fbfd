"""Row C5 of the features: a number writes that nobody knows, a supervisor links it, its owner is asked and says YES."""

from typing import Any

import pytest

from gateway.model.address import Number
from gateway.model.clock import HOUR
from gateway.model.ids import InboundId
from gateway.model.inbound import Inbound, InboundEffect, ReplyKind
from gateway.store.inbound import Reception
from tests.web.estate import NUMBER, OTHER_NUMBER, WISH, Estate

LINK = {"account": "A-1", "program": "servicing", "category": "servicing", "agent": "sam"}
PATH = f"/v1/numbers/{OTHER_NUMBER}/link"


async def writes(
    estate: Estate, text: str, number: str = OTHER_NUMBER, client: str | None = "acme", kind: ReplyKind = ReplyKind.NONE
) -> None:
    estate.clock.instant += 1
    inbound = Inbound(
        InboundId(estate.ids.next(estate.clock())),
        "main",
        client,
        None if client is None else "servicing",
        number,
        "12025550100",
        text,
        kind,
        estate.clock(),
        fingerprint=f"{client} {text}".encode(),
    )
    clients = () if client is None else (client,)
    ends = clients if kind is ReplyKind.OPT_OUT else ()
    effect = InboundEffect(inbound, number=Number(number), told=clients, opt_out=ends)
    assert await estate.store.receive_inbound([Reception(effect)]) == [True]


async def queue(estate: Estate, client: str = "acme", **query: str) -> list[str]:
    answer = await estate.ask("GET", "/v1/numbers/unlinked", client=client, query=query)
    assert answer.status == 200
    return [f"{one['number']}: {one['text']}" for one in answer.body["numbers"]]


async def test_a_number_is_listed_once_with_its_newest_text_until_it_is_linked(estate: Estate) -> None:
    assert await queue(estate) == []
    await writes(estate, "who is this")
    await writes(estate, "is it you?")
    assert await queue(estate) == [f"{OTHER_NUMBER}: is it you?"]
    assert await queue(estate, client="globex") == []

    linked = await estate.ask("PUT", PATH, LINK)
    assert linked.status == 200
    optin = linked.body["optin"]
    assert (linked.body["account"], optin["method"], optin["state"], optin["account"], optin["agent"]) == (
        "A-1", "supervisor", "invited", "A-1", "sam",
    )  # fmt: skip
    assert await queue(estate) == []
    assert (await estate.ask("GET", f"/v1/numbers/{OTHER_NUMBER}")).body["account"] == "A-1"
    again = await estate.ask("PUT", PATH, LINK)
    assert (again.status, again.body) == (200, linked.body)

    await estate.claim()
    await estate.answer_optin(OTHER_NUMBER, yes=True)
    assert (await estate.ask("POST", "/v1/messages", WISH | {"to": OTHER_NUMBER})).status == 202


@pytest.mark.parametrize("known", ["account", "text", "consent", "profile", "link"])
async def test_what_makes_a_number_known(estate: Estate, known: str) -> None:
    await writes(estate, "hello", NUMBER)
    assert await queue(estate) == [f"{NUMBER}: hello"]
    match known:
        case "account":
            event = {
                "id": "e1", "type": "account.updated", "occurred_at": "2026-03-02T15:00:00Z", "account": "A", "number": NUMBER,
            }  # fmt: skip
            assert (await estate.ask("POST", "/v1/events", event)).status in (200, 202)
        case "text":
            assert (await estate.ask("POST", "/v1/messages", WISH)).status == 422
        case "consent":
            await estate.consent()
        case "profile":
            assert (await estate.ask("PUT", f"/v1/numbers/{NUMBER}", {"account": "A"})).status == 200
        case _:
            assert (await estate.ask("PUT", f"/v1/numbers/{NUMBER}/link", LINK)).status == 200
    assert await queue(estate) == []


async def test_a_profile_without_an_account_and_a_stop_leave_it_unlinked(estate: Estate) -> None:
    await estate.ask("PUT", f"/v1/numbers/{OTHER_NUMBER}", {"region": "US-NY"})
    await writes(estate, "STOP", kind=ReplyKind.OPT_OUT)
    assert await queue(estate) == [f"{OTHER_NUMBER}: STOP"]
    linked = await estate.ask("PUT", PATH, LINK)
    # It is bound to the account, and asked for nothing.
    assert (linked.status, linked.body["code"]) == (200, "consent.opted_out")
    assert "optin" not in linked.body
    known = (await estate.ask("GET", f"/v1/numbers/{OTHER_NUMBER}")).body
    assert (known["account"], known["region"]) == ("A-1", "US-NY")
    assert await queue(estate) == []
    assert await estate.claim() == ()


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"account": None}, 400, "/account"),
        ({"account": ""}, 422, "/account"),
        ({"account": "x" * 201}, 422, "/account"),
        ({"agent": "a\nb"}, 422, "/agent"),
        ({"program": "nope"}, 422, "/program"),
        ({"category": "system"}, 422, "/category"),
        ({"category": "collections"}, 422, "/category"),
    ],
)
async def test_a_link_that_cannot_be_made_is_not_kept(
    estate: Estate, changes: dict[str, Any], status: int, field: str
) -> None:
    await writes(estate, "hello")
    answer = await estate.ask("PUT", PATH, LINK | changes)
    assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)
    assert await queue(estate) == [f"{OTHER_NUMBER}: hello"]


async def test_the_queue_has_pages(estate: Estate) -> None:
    for last in range(3):
        await writes(estate, f"text {last}", f"+1202555013{last}")
    first = (await estate.ask("GET", "/v1/numbers/unlinked", query={"limit": "2"})).body
    assert [one["text"] for one in first["numbers"]] == ["text 2", "text 1"]
    assert await queue(estate, limit="2", cursor=first["next"]) == ["+12025550130: text 0"]
    assert (await estate.ask("GET", "/v1/numbers/unlinked", query={"x": "1"})).status == 400


async def test_operators_see_all_queues_and_what_was_written_to_nobody(estate: Estate) -> None:
    await writes(estate, "to acme")
    await writes(estate, "to globex", client="globex")
    await writes(estate, "to nobody", NUMBER, client=None)
    await writes(estate, "from a bank", "BANK")

    async def seen() -> list[tuple[str, str | None]]:
        answer = await estate.operate("GET", "/v1/numbers/unlinked")
        assert answer.status == 200
        return [(one["text"], one.get("client")) for one in answer.body["numbers"]]

    assert await seen() == [("to nobody", None), ("to globex", "globex"), ("to acme", "acme")]
    for number in (NUMBER, OTHER_NUMBER):
        linked = await estate.operate("PUT", f"/v1/clients/acme/numbers/{number}/link", LINK)
        assert (linked.status, linked.body["optin"]["state"]) == (200, "invited")
    assert await seen() == [("to globex", "globex")]
    assert (await estate.operate("PUT", f"/v1/clients/nope/numbers/{NUMBER}/link", LINK)).status == 404


async def test_a_link_after_a_crash_between_the_request_and_it(estate: Estate) -> None:
    """The request stands, the link does not: said again, it is recorded and nobody is asked twice."""
    await writes(estate, "hello")
    asked = await estate.asked(method="supervisor", account="A-1", agent="sam")
    estate.clock.instant += HOUR
    linked = await estate.ask("PUT", PATH, LINK)
    assert linked.body["optin"]["id"] == asked
    assert len(await estate.claim()) == 1
    assert await queue(estate) == []
