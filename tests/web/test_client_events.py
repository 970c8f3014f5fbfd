"""POST /v1/events: what is taken, what is answered, and what each refusal names."""

import json
from typing import Any

import msgspec
import pytest

from gateway.model.client_events import EVENT_TYPES
from gateway.store.jobs import NewJob
from tests.notices import notices_for
from tests.web.estate import NUMBER, Estate

PAID: dict[str, Any] = {"id": "e-1", "type": "account.paid", "occurred_at": "2026-03-02T14:00:00Z", "account": "A"}
ISSUED: dict[str, Any] = PAID | {
    "type": "invoice.issued",
    "invoice": "I",
    "amount": {"minor": 5210, "currency": "USD"},
    "due_on": "2026-03-16",
}
CLOUD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/billing",
    "type": "invoice.issued",
    "time": "2026-03-02T14:00:00Z",
    "subject": "A",
    "datacontenttype": "application/json",
    "traceparent": "00-1",
    "data": {"invoice": "I", "amount": {"minor": 5210, "currency": "USD"}, "due_on": "2026-03-16"},
}


async def known(estate: Estate) -> list[str]:
    accounts = await estate.store.accounts_page("acme", "", 100)
    return [account.account for account in accounts]


async def test_one_event_is_on_disk_when_it_is_answered(estate: Estate) -> None:
    answer = await estate.ask("POST", "/v1/events", ISSUED)
    assert (answer.status, answer.body) == (202, {"id": "e-1", "state": "taken"})
    again = await estate.ask("POST", "/v1/events", ISSUED)
    assert (again.status, again.body) == (202, {"id": "e-1", "state": "known"})
    (account,) = await estate.store.accounts_page("acme", "", 100)
    assert account.invoices["I"].amount is not None
    assert account.invoices["I"].amount.minor == 5210
    assert len(await notices_for(estate.store, "any")) == 1


async def test_another_event_under_a_known_id_is_refused(estate: Estate) -> None:
    await estate.ask("POST", "/v1/events", ISSUED)
    answer = await estate.ask("POST", "/v1/events", PAID)
    assert (answer.status, answer.body["code"]) == (422, "idempotency.key_reused")


@pytest.mark.parametrize("wrap", [lambda events: {"events": events}, lambda events: events])
async def test_of_several_each_is_taken_or_refused_by_itself(estate: Estate, wrap: Any) -> None:
    events = [PAID, PAID | {"id": "e-2", "account": 7}, PAID | {"id": "e-3", "type": "account.exploded"}, PAID]
    answer = await estate.ask("POST", "/v1/events", wrap(events))
    assert answer.status == 202
    results = answer.body["results"]
    assert [one["status"] for one in results] == [202, 400, 422, 202]
    assert [one.get("state") for one in results] == ["taken", None, None, "known"]
    assert results[1]["errors"][0]["field"] == "/events/1/account"
    assert results[2]["code"] == "event.unknown"


async def test_a_thousand_are_taken_and_one_more_is_not(estate: Estate) -> None:
    events = [PAID | {"id": f"e-{n}", "account": f"A-{n}"} for n in range(1001)]
    assert (await estate.ask("POST", "/v1/events", {"events": events})).status == 422
    assert await known(estate) == []
    answer = await estate.ask("POST", "/v1/events", {"events": events[:1000]})
    assert {one["state"] for one in answer.body["results"]} == {"taken"}
    assert (await estate.ask("POST", "/v1/events", {"events": []})).status == 422


async def test_an_unknown_type_is_told_all_that_are_known(estate: Estate) -> None:
    answer = await estate.ask("POST", "/v1/events", PAID | {"type": "invoice.isued"})
    assert (answer.status, answer.body["code"]) == (422, "event.unknown")
    (error,) = answer.body["errors"]
    assert error["field"] == "/type"
    assert all(kind in error["fix"] for kind in EVENT_TYPES)


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"amount": {"minor": 52.1, "currency": "USD"}}, 400, "/amount/minor"),
        ({"amount": {"minor": -1, "currency": "USD"}}, 400, "/amount/minor"),
        ({"amount": 52.1}, 400, "/amount"),
        ({"amount": {"minor": 1, "currency": "XXQ"}}, 422, "/amount/currency"),
        ({"due_on": "2026-02-29"}, 400, "/due_on"),
        ({"due_on": "0001-01-01"}, 422, "/due_on"),
        ({"occurred_at": "2026-03-02"}, 422, "/occurred_at"),
        ({"occurred_at": "2026-03-04T14:00:00Z"}, 422, "/occurred_at"),
        ({"number": "555"}, 422, "/number"),
        ({"program": "unheard-of"}, 422, "/program"),
        ({"zone": "Mars/Olympus"}, 422, "/zone"),
        ({"id": "a b"}, 400, "/id"),
        ({"colour": "red"}, 400, "/colour"),
        ({"type": 7}, 422, "/type"),
        ({"type": None}, 422, "/type"),
    ],
)
async def test_what_is_wrong_is_named_with_its_field(
    estate: Estate, changes: dict[str, Any], status: int, field: str
) -> None:
    answer = await estate.ask("POST", "/v1/events", ISSUED | changes)
    assert answer.status == status, answer.body
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert all(error["fix"] for error in answer.body["errors"])
    assert await known(estate) == []


@pytest.mark.parametrize(
    ("kind", "changes", "field", "fix"),
    [
        ("invoice.issued", {"amount": 52.1}, "/amount", '{"minor": 5210, "currency": "USD"}'),
        ("invoice.issued", {"amount": {"minor": 52.1, "currency": "USD"}}, "/amount/minor", '{"minor": 5210,'),
        ("invoice.issued", {"amount": {"minor": 1, "currency": "usd"}}, "/amount/currency", '"currency": "USD"}'),
        ("invoice.issued", {"due_on": "03/08/2026"}, "/due_on", '"2026-03-08"'),
        ("invoice.issued", {"link": "http://pay.example"}, "/link", "https"),
        (
            "plan.proposed",
            {"plan": "P", "installments": [{"amount": {"minor": 1, "currency": "USD"}, "due_on": "2026-02-29"}]},
            "/installments/0/due_on",
            '"2026-03-08"',
        ),
        ("account.updated", {"fields": {"x": 1.5}}, "/fields", "whole numbers"),
    ],
)
async def test_the_fix_shows_how_it_is_written(
    estate: Estate, kind: str, changes: dict[str, Any], field: str, fix: str
) -> None:
    whole = ISSUED if kind == "invoice.issued" else PAID | {"type": kind}
    answer = await estate.ask("POST", "/v1/events", whole | changes)
    (error,) = answer.body["errors"]
    assert error["field"] == field
    assert fix in error["fix"]


async def test_a_plan_in_no_currency_is_named_by_its_installment(estate: Estate) -> None:
    parts = [
        {"amount": {"minor": 1, "currency": currency}, "due_on": f"2026-0{month}-15"}
        for month, currency in ((3, "XXQ"), (4, "XXQ"))
    ]
    plan = PAID | {"type": "plan.proposed", "plan": "L", "installments": parts}
    answer = await estate.ask("POST", "/v1/events", {"events": [PAID, plan | {"id": "e-2"}]})
    taken, refused = answer.body["results"]
    assert (taken["status"], refused["status"]) == (202, 422)
    assert [error["field"] for error in refused["errors"]] == [
        "/events/1/installments/0/amount/currency",
        "/events/1/installments/1/amount/currency",
    ]


async def test_all_faults_of_an_event_are_told_at_once(estate: Estate) -> None:
    body = {"type": "invoice.issued", "id": 7, "account": "A", "amount": {"minor": 1.5}, "due_on": "soon", "x": 1}
    answer = await estate.ask("POST", "/v1/events", body)
    assert {error["field"] for error in answer.body["errors"]} == {
        "/x",
        "/id",
        "/occurred_at",
        "/invoice",
        "/amount/minor",
        "/due_on",
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"7",
        b'"x"',
        b"null",
        b"{",
        b"[",
        b"[7]",
        b'{"events": 7}',
        b'{"events": {}}',
        b"\xff",
        b"[" * 100 + b"]" * 100,
    ],
)
async def test_what_is_no_event_at_all_is_refused(estate: Estate, raw: bytes) -> None:
    answer = await estate.ask("POST", "/v1/events", raw=raw)
    assert answer.status in (400, 422) or [one["status"] for one in answer.body["results"]] == [400]
    assert await known(estate) == []


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id":"e","type":"account.paid","occurred_at":"2026-03-02T14:00:00Z","account":"A","account":"B"}',
        b'[{"id":"e","type":"account.paid","occurred_at":"2026-03-02T14:00:00Z","account":"A","account":"B"}]',
        b'{"events":[],"events":[{"id":"e","type":"account.paid","occurred_at":"2026-03-02T14:00:00Z","account":"A"}]}',
    ],
)
async def test_what_is_given_twice_is_not_guessed(estate: Estate, raw: bytes) -> None:
    answer = await estate.ask("POST", "/v1/events", raw=raw)
    assert answer.status == 400 or [one["status"] for one in answer.body["results"]] == [400]
    assert await known(estate) == []


async def test_half_a_surrogate_pair_harms_nobody(estate: Estate) -> None:
    raw = msgspec.json.encode(PAID).replace(b'"A"', rb'"A\ud800"')
    assert (await estate.ask("POST", "/v1/events", raw=raw)).status == 400


async def test_a_cloud_event_is_the_same_event_in_an_envelope(estate: Estate) -> None:
    headers = {"content-type": "application/cloudevents+json; charset=utf-8"}
    answer = await estate.ask("POST", "/v1/events", CLOUD, headers=headers)
    assert (answer.status, answer.body) == (202, {"id": "e-1", "state": "taken"})
    assert (await estate.ask("POST", "/v1/events", ISSUED)).body["state"] == "known"
    headers = {"content-type": "application/cloudevents-batch+json"}
    batch = [CLOUD, CLOUD | {"id": "e-2", "subject": "B", "data": CLOUD["data"] | {"account": "C"}}]
    results = (await estate.ask("POST", "/v1/events", batch, headers=headers)).body["results"]
    assert [one["state"] for one in results] == ["known", "taken"]
    assert await known(estate) == ["A", "C"]


@pytest.mark.parametrize("name", ["datacontenttype", "dataschema", "data_base64", "subject"])
async def test_an_attribute_that_is_null_is_not_set(estate: Estate, name: str) -> None:
    body = CLOUD | {name: None}
    if name == "subject":
        body["data"] = CLOUD["data"] | {"account": "A"}
    raw = json.dumps(body).replace(": null", " :\n null ").encode()
    answer = await estate.ask("POST", "/v1/events", raw=raw)
    assert (answer.status, answer.body) == (202, {"id": "e-1", "state": "taken"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"source": ...}, "/source"),
        ({"time": ...}, "/time"),
        ({"data": [1]}, "/data"),
        ({"data_base64": "e30="}, "/data_base64"),
        ({"datacontenttype": "text/xml"}, "/datacontenttype"),
        ({"data": CLOUD["data"] | {"id": "other"}}, "/data/id"),
        ({"subject": ...}, "/account"),
        ({"subject": None}, "/account"),
        ({"time": None}, "/time"),
    ],
)
async def test_an_envelope_that_is_none_is_refused_by_name(estate: Estate, changes: dict[str, Any], field: str) -> None:
    body = {name: value for name, value in (CLOUD | changes).items() if value is not ...}
    answer = await estate.ask("POST", "/v1/events", body)
    assert answer.status == 400, answer.body
    assert field in {error["field"] for error in answer.body["errors"]}


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
async def test_only_json_is_taken(estate: Estate, media: str) -> None:
    assert (await estate.ask("POST", "/v1/events", PAID, headers={"content-type": media})).status == 415


async def test_a_full_disk_takes_no_events(estate: Estate) -> None:
    estate.room = False
    assert (await estate.ask("POST", "/v1/events", PAID)).status in (503, 507)
    assert await known(estate) == []


async def test_clients_see_their_own_jobs_alone(estate: Estate) -> None:
    for n in range(3):
        await estate.store.schedule(
            NewJob("reminders", "acme", f"j/{n}", "A", estate.clock(), "skip", "UTC", b"{}", estate.clock())
        )
    first = await estate.ask("GET", "/v1/jobs", query={"account": "A", "limit": "2"})
    assert [(job["key"], job["state"], job["catch_up"]) for job in first.body["jobs"]] == [
        ("j/2", "pending", "skip"),
        ("j/1", "pending", "skip"),
    ]
    rest = await estate.ask("GET", "/v1/jobs", query={"account": "A", "before": first.body["next"]})
    assert [job["key"] for job in rest.body["jobs"]] == ["j/0"]
    assert (await estate.ask("GET", "/v1/jobs", query={"account": "A"}, client="globex")).body["jobs"] == []
    assert (await estate.ask("GET", "/v1/jobs")).status == 422
    assert (await estate.ask("GET", "/v1/jobs", query={"account": "x" * 200})).status == 200
    for field, query in (
        ("account", {"account": "x" * 201}),
        ("before", {"account": "A", "before": "job_x"}),
        ("before", {"account": "A", "before": "zz"}),
    ):
        answer = await estate.ask("GET", "/v1/jobs", query=query)
        assert (answer.status, answer.body["errors"][0]["field"]) == (422, f"query:{field}")


async def test_numbers_are_looked_at_as_everywhere(estate: Estate) -> None:
    assert (await estate.ask("POST", "/v1/events", PAID | {"number": NUMBER})).status == 202
    assert await estate.store.accounts_of("acme", ["A"]) != {}
