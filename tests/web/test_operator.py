"""The operator's door: who may come in, and what it shows."""

import pytest

from gateway.carrier.bind import BindKind, BindState, BindStatus
from gateway.flow.waits import Cause, Wait
from gateway.model.clock import DAY
from gateway.model.message import ReceiptNews, State
from gateway.web.operator import operator_routes
from tests.web.estate import EVIDENCE, NUMBER, START, TOKEN, WISH, Estate

OPEN = {"/healthz", "/readyz", "/metrics"}


async def test_every_route_but_three_asks_for_the_token(estate: Estate) -> None:
    routes = operator_routes(estate.doors, estate, TOKEN)
    assert {route.path for route in routes} >= OPEN
    for route in routes:
        for authorization in ("", "Bearer adm_wrong", f"Bearer {estate.secrets['acme']}", f"Basic {TOKEN}"):
            headers = {"authorization": authorization}
            status = (await estate.operate(route.method, route.path, headers=headers)).status
            assert status == 200 if route.path in OPEN else status in (401, 429), route.path


async def test_the_token_opens_nothing_at_the_public_door(estate: Estate) -> None:
    answer = await estate.ask("GET", "/v1/messages", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status == 401


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8081", "localhost:8081", "LOCALHOST", "[::1]:8081", "[::1]", "127.8.8.8:80"]
)
async def test_names_of_this_machine(estate: Estate, host: str) -> None:
    assert (await estate.operate("GET", "/v1/binds", headers={"host": host})).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8081", "localhost.evil.example", "127.0.0.1.evil.example", "192.0.2.1:8081",
        "[2001:db8::1]:8081", "0.0.0.0:8081", "[::]", "127.0.0.1@evil.example", "::1",
    ],
)  # fmt: skip
async def test_a_web_page_that_calls_itself_something_else_stays_out(estate: Estate, host: str) -> None:
    for path in ("/v1/binds", "/metrics", "/healthz"):
        answer = await estate.operate("GET", path, headers={"host": host})
        assert (answer.status, answer.body["errors"][0]["field"]) == (421, "header:host")


async def test_metrics(estate: Estate) -> None:
    await estate.ask("POST", "/v1/messages", WISH)
    await estate.consent()
    await estate.doubt()
    await estate.text()
    estate.binds = [BindStatus("main/trx-1", "main", BindKind.TRX, BindState.BOUND, window=10, in_flight=3)]
    answer = await estate.operate("GET", "/metrics")
    assert answer.status == 200
    for line in (
        'assent_messages_total{code="consent.missing",state="blocked"} 1.0',
        'assent_queue_depth{carrier="main"} 1.0',
        'assent_in_doubt{carrier="main"} 1.0',
        'assent_window_in_use{bind="main/trx-1",carrier="main"} 3.0',
    ):
        assert line in answer.raw.decode()
    assert NUMBER.encode() not in answer.raw


async def test_binds(estate: Estate) -> None:
    estate.binds = [
        BindStatus("main/trx-1", "main", BindKind.TRX, BindState.BOUND, since=0.0, window=10, in_flight=3, binds=2),
        BindStatus("main/rx-1", "main", BindKind.RX, BindState.WAITING, detail="link ended", retry_at=10.0**12),
    ]
    bound, waiting = (await estate.operate("GET", "/v1/binds")).body["binds"]
    assert bound.pop("seconds") >= 0
    assert bound == {
        "name": "main/trx-1",
        "carrier": "main",
        "kind": "trx",
        "state": "bound",
        "window": 10,
        "in_flight": 3,
        "binds": 2,
    }
    assert (waiting["state"], waiting["detail"]) == ("waiting", "link ended")
    assert waiting["retry_in_seconds"] > 0


async def test_queues(estate: Estate) -> None:
    empty = {"carrier": "main", "queued": 0, "in_flight": 0, "in_doubt": 0}
    assert (await estate.operate("GET", "/v1/queues")).body == {"queues": [empty]}
    await estate.consent()
    await estate.doubt()
    await estate.text()
    await estate.claim()
    await estate.text(text="x" * 200)
    await estate.text(send_at="2026-03-02T16:00:00Z")
    (queue,) = (await estate.operate("GET", "/v1/queues")).body["queues"]
    assert queue == {
        "carrier": "main",
        "queued": 3,
        "in_flight": 1,
        "in_doubt": 1,
        "oldest_due": "2026-03-02T15:00:00.000Z",
    }


async def test_queues_say_why_texts_wait(estate: Estate) -> None:
    estate.waits = [
        Wait(Cause.DOWN, since=START),
        Wait(Cause.PACE, rate=12.5),
        Wait(Cause.QUOTA, until=START + 1000, key="client/day/acme", segments=3),
    ]
    (queue,) = (await estate.operate("GET", "/v1/queues")).body["queues"]
    assert queue["waits"] == [
        {"cause": "down", "since": "2026-03-02T15:00:00.000Z"},
        {"cause": "pace", "rate": 12.5},
        {"cause": "quota", "until": "2026-03-02T15:00:01.000Z", "key": "client/day/acme", "segments": 3},
    ]


async def test_a_message_of_any_client_without_its_words(estate: Estate) -> None:
    await estate.consent()
    await estate.consent(client="globex")
    for client in ("acme", "globex"):
        spelt = (await estate.ask("POST", "/v1/messages", WISH, client=client)).body["id"]
        answer = await estate.operate("GET", f"/v1/messages/{spelt}")
        assert answer.status == 200
        assert (answer.body["client"], answer.body["to"], answer.body["state"]) == (client, NUMBER, "queued")
        assert answer.body["timeline"][0]["type"] == "message.accepted"
        assert str(WISH["text"]).encode() not in answer.raw
    for unknown in ("msg_1kjqh0cc0000z", "nonsense"):
        assert (await estate.operate("GET", f"/v1/messages/{unknown}")).status == 404


async def test_consents_of_a_number_with_all_clients(estate: Estate) -> None:
    await estate.consent()
    await estate.consent(client="globex")
    answer = await estate.operate("GET", f"/v1/consents/{NUMBER}")
    assert [(each["client"], each["consent"]["state"]) for each in answer.body["consents"]] == [
        ("acme", "confirmed"),
        ("globex", "confirmed"),
    ]
    assert answer.body["consents"][0]["consent"]["evidence"]["wording"] == EVIDENCE["wording"]
    assert (await estate.operate("GET", "/v1/consents/1")).status == 422


async def test_doubts_are_listed_with_masked_numbers(estate: Estate) -> None:
    await estate.consent()
    assert (await estate.operate("GET", "/v1/doubts")).body == {"doubts": []}
    spelt = await estate.doubt()
    answer = await estate.operate("GET", "/v1/doubts")
    assert answer.body["doubts"] == [
        {
            "message": spelt,
            "n": 1,
            "client": "acme",
            "number": "+1********23",
            "category": "servicing",
            "carrier": "main",
            "bind": "main/trx-1",
            "claimed_at": "2026-03-02T15:00:00.000Z",
        }
    ]
    assert (await estate.operate("GET", "/v1/doubts", query={"limit": "0"})).status == 422


@pytest.mark.parametrize("state", ["queued", "submitted", "undelivered"])
async def test_a_doubt_is_settled_by_an_operators_word(estate: Estate, state: str) -> None:
    await estate.consent()
    spelt = await estate.doubt()
    body = {"message": spelt, "state": state, "reason": "the carrier looked"}
    answer = await estate.operate("POST", "/v1/doubts/settle", body)
    assert (answer.status, answer.body) == (200, {"settled": 1})
    shown = (await estate.ask("GET", f"/v1/messages/{spelt}")).body
    assert shown["state"] == state
    assert shown["timeline"][-1]["cause"] == "operator: the carrier looked"
    again = await estate.operate("POST", "/v1/doubts/settle", body)
    assert (again.status, again.body["code"], again.body["state"]) == (409, "state.conflict", state)


async def test_all_doubts_are_settled_at_once(estate: Estate) -> None:
    await estate.consent()
    doubtful = [await estate.doubt() for _ in range(3)]
    waiting = await estate.text()
    body = {"message": "all", "state": "undelivered", "reason": "carrier down"}
    assert (await estate.operate("POST", "/v1/doubts/settle", body)).body == {"settled": 3}
    assert (await estate.operate("GET", "/v1/doubts")).body == {"doubts": []}
    for spelt in doubtful:
        assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["state"] == "undelivered"
    assert (await estate.ask("GET", f"/v1/messages/{waiting}")).body["state"] == "queued"
    assert (await estate.operate("POST", "/v1/doubts/settle", body)).body == {"settled": 0}


async def test_a_word_about_all_is_not_about_what_comes_into_doubt_later(estate: Estate) -> None:
    await estate.consent()
    await estate.doubt()
    estate.clock.instant += 1000
    later = await estate.doubt()
    estate.clock.instant -= 1000
    body = {"message": "all", "state": "submitted", "reason": "seen in the log"}
    assert (await estate.operate("POST", "/v1/doubts/settle", body)).body == {"settled": 1}
    assert (await estate.ask("GET", f"/v1/messages/{later}")).body["state"] == "in_doubt"


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"state": "delivered"}, 400, "/state"),
        ({"state": 1}, 400, "/state"),
        ({"reason": ""}, 422, "/reason"),
        ({"reason": "a\nb"}, 422, "/reason"),
        ({"mesage": "x"}, 400, "/mesage"),
    ],
)
async def test_a_word_that_is_none(estate: Estate, changes: dict[str, object], status: int, field: str) -> None:
    body = {"message": "all", "state": "queued", "reason": "r"} | changes
    answer = await estate.operate("POST", "/v1/doubts/settle", body)
    assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)


async def test_a_word_about_no_message(estate: Estate) -> None:
    for name in ("msg_1kjqh0cc0000z", "x"):
        body = {"message": name, "state": "queued", "reason": "r"}
        assert (await estate.operate("POST", "/v1/doubts/settle", body)).status == 404


async def test_a_message_that_was_sent_is_in_no_doubt(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text()
    (segment,) = await estate.claim()
    await estate.settle(segment, State.SUBMITTED, smsc_message_id="1", smsc_key="1")
    body = {"message": spelt, "state": "queued", "reason": "r"}
    assert (await estate.operate("POST", "/v1/doubts/settle", body)).body["state"] == "submitted"


async def test_receipts_of_no_known_text_are_listed_with_masked_numbers(estate: Estate) -> None:
    assert (await estate.operate("GET", "/v1/receipts")).body == {"receipts": []}
    news = ReceiptNews(
        "main", "main/trx-1", "77\x1b[2J", ("77",), State.DELIVERED, "DELIVRD", "000", NUMBER[1:], "40404", None, START
    )
    await estate.store.receive_receipts([news])
    answer = await estate.operate("GET", "/v1/receipts", query={"limit": "5"})
    (receipt,) = answer.body["receipts"]
    assert receipt.pop("number") != NUMBER
    assert receipt == {
        "carrier": "main",
        "bind": "main/trx-1",
        "at": "2026-03-02T15:00:00.000Z",
        "smsc_message_id": "77\x1b[2J",
        "orphan": False,
        "stat": "DELIVRD",
        "err": "000",
    }
    assert NUMBER[1:].encode() not in answer.raw
    estate.clock.instant += 4 * DAY
    assert (await estate.operate("GET", "/v1/receipts")).body["receipts"][0]["orphan"] is True
    assert (await estate.operate("GET", "/v1/receipts", query={"limit": "0"})).status == 422


async def test_a_message_says_why_it_waits(estate: Estate) -> None:
    estate.waits = [
        Wait(Cause.PAUSE, until=START + 1000),
        Wait(Cause.QUOTA, until=START + 1000, key="client/day/acme", segments=3),
    ]
    await estate.consent()
    queued = await estate.text()
    found = (await estate.operate("GET", f"/v1/messages/{queued}")).body
    assert found["waits"] == [{"cause": "pause", "until": "2026-03-02T15:00:01.000Z"}]
    await estate.claim()
    assert "waits" not in (await estate.operate("GET", f"/v1/messages/{queued}")).body
