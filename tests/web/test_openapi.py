"""The document says what the door does: every route is in it, every example is accepted, every reference leads somewhere."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from gateway.errors import Code
from gateway.model.ids import spell
from gateway.web.public import public_operations
from gateway.web.routes import Operation
from gateway.web.templates import EXAMPLE as TEMPLATE_EXAMPLE
from tests.web.estate import ASKING, NUMBER, OTHER_NUMBER, Estate


async def document(estate: Estate) -> dict[str, Any]:
    answer = await estate.ask("GET", "/openapi.json", client=None)
    assert answer.status == 200
    found: dict[str, Any] = answer.body
    return found


def said(operations: list[Operation]) -> set[tuple[str, str]]:
    return {(operation.method.lower(), operation.path) for operation in operations}


async def test_every_route_is_documented_and_every_documented_route_exists(estate: Estate) -> None:
    told = await document(estate)
    routes = {(method, path) for path, methods in told["paths"].items() for method in methods}
    assert routes == said(public_operations(estate.doors, estate.gate))
    for method, path in routes:
        filled = path.replace("{id}", "msg_1kjqh0cc00000").replace("{number}", NUMBER)
        answer = await estate.ask(method.upper(), filled, client=None)
        assert answer.status in (200, 401), (method, path)


async def test_what_needs_a_key_says_so(estate: Estate) -> None:
    told = await document(estate)
    open_to_all = {
        path for path, methods in told["paths"].items() if "get" in methods and methods["get"].get("security") == []
    }
    assert open_to_all == {"/healthz", "/readyz", "/openapi.json"}
    assert told["security"] == [{"key": []}]
    assert told["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            answer = await estate.ask(method.upper(), path.replace("{number}", NUMBER), client=None)
            assert (answer.status == 401) == ("security" not in operation), (method, path)


def patterns_of(node: Any) -> Iterator[str]:
    for value in node.values() if isinstance(node, dict) else node:
        if isinstance(value, dict) and isinstance(value.get("pattern"), str):
            yield value["pattern"]
        if isinstance(value, dict | list):
            yield from patterns_of(value)


async def test_patterns_are_those_of_ecma_262(estate: Estate) -> None:
    # JSON Schema 2020-12 §6.4; what compiles them with the flag u knows these escapes and no group that begins (?P.
    found = set(patterns_of(await document(estate)))
    assert r"^[A-Z]{3}$" in found
    for pattern in found:
        assert set(re.findall(r"\\(.)", pattern)) <= set("dDsSwWbBfnrtv0cxu^$\\.*+?()[]{}|/"), pattern
        assert not re.search(r"\(\?[^:=!<]|[*+?}][+]", pattern), pattern


async def test_what_stands_in_a_path_matches_its_example(estate: Estate) -> None:
    told = await document(estate)
    seen: dict[str, Any] = {}
    for methods in told["paths"].values():
        for operation in methods.values():
            seen |= {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "path"}
    assert set(seen) == {"id", "name", "number"}
    for schema in seen.values():
        assert re.search(schema["pattern"], schema["examples"][0])
    for kind in ("msg", "in", "rev", "opt"):
        assert re.search(seen["id"]["pattern"], spell(kind, (1 << 63) - 1))
    assert not re.search(seen["id"]["pattern"], "msg_1\x13")


async def test_every_reference_leads_somewhere(estate: Estate) -> None:
    answer = await estate.ask("GET", "/openapi.json", client=None)
    schemas = answer.body["components"]["schemas"]
    referred = set(re.findall(r'"#/components/schemas/([A-Za-z]+)"', answer.raw.decode()))
    assert referred <= set(schemas)
    assert {"ProblemBody", "WishBody", "SubmittedView", "MessageView", "ConsentBody", "EventsView", "State"} <= referred


async def test_names_are_used_once_and_everything_is_said(estate: Estate) -> None:
    told = await document(estate)
    operations = [operation for methods in told["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        assert operation["summary"]
        assert any(status.startswith("2") for status in operation["responses"])
        assert all(response["description"] for response in operation["responses"].values())
    for path, methods in told["paths"].items():
        for operation in methods.values():
            given = [each["name"] for each in operation.get("parameters", []) if each["in"] == "path"]
            assert given == re.findall(r"\{([a-z]+)\}", path)


async def test_every_example_is_accepted(estate: Estate) -> None:
    told = await document(estate)
    examples = 0
    for path, methods in sorted(told["paths"].items(), key=lambda entry: "consents" not in entry[0]):
        for method, operation in methods.items():
            body = operation.get("requestBody")
            if body is None:
                continue
            example = body["content"]["application/json"]["example"]
            examples += 1
            number = OTHER_NUMBER if path.endswith("/erase") else NUMBER  # who is erased gets no more texts
            filled = path.replace("{number}", number).replace("{name}", "due")
            if "{id}" in filled:
                found = await _known(estate, filled)
                filled = filled.replace("{id}", found)
            if filled.endswith("/revoke"):
                await estate.consent(category="marketing")
            answer = await estate.ask(method.upper(), filled, example)
            assert answer.status in (200, 201, 202), (method, path, answer.body)
            for result in answer.body.get("results", ()):
                assert result.get("status", 200) in (200, 202)
    assert examples >= 7


async def _known(estate: Estate, path: str) -> str:
    """The id of something that is there, of the kind that a path is about."""
    if "/reviews/" in path:
        return await estate.unclear("enough")
    if "/optins/" in path:
        return await estate.asked(method="approval_code")
    return await estate.text()


async def test_what_any_request_can_be_answered_is_declared_everywhere(estate: Estate) -> None:
    told = await document(estate)
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            for status in ("400", "default"):
                content = operation["responses"][status]["content"]
                assert content["application/problem+json"]["schema"]["$ref"].endswith("/ProblemBody"), (method, path)


@pytest.mark.parametrize("operation", ["submitMessage", "submitBatch"])
async def test_the_idempotency_key_is_told(estate: Estate, operation: str) -> None:
    told = await document(estate)
    (found,) = [
        each for methods in told["paths"].values() for each in methods.values() if each["operationId"] == operation
    ]
    assert [(each["name"], each["in"]) for each in found["parameters"]] == [("Idempotency-Key", "header")]


async def test_problems_have_the_documented_members(estate: Estate) -> None:
    told = await document(estate)
    members = set(told["components"]["schemas"]["ProblemBody"]["properties"])
    for answer in (
        await estate.ask("POST", "/v1/messages", {}),
        await estate.ask(
            "POST", "/v1/messages", {"to": NUMBER, "program": "servicing", "category": "servicing", "text": "x"}
        ),
        await estate.ask("GET", "/v1/messages/x"),
        await estate.ask("GET", "/v1/messages", client=None),
        await estate.ask("PATCH", "/v1/messages"),
    ):
        assert answer.status >= 400
        assert set(answer.body) <= members
        assert {"type", "title", "status", "detail", "code"} <= set(answer.body)
        assert answer.body["code"] in set(Code)
        assert answer.body["status"] == answer.status


async def test_answers_fit_their_schema(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text(account="A-1")
    by_id = {operation.id: operation for operation in public_operations(estate.doors, estate.gate)}
    for name, path in (
        ("getMessage", f"/v1/messages/{spelt}"),
        ("listMessages", "/v1/messages"),
        ("getConsents", f"/v1/consents/{NUMBER}"),
        ("listEvents", "/v1/events"),
        ("getReadiness", "/readyz"),
    ):
        kind = by_id[name].outcomes[0].body
        assert kind is not None
        answer = await estate.ask("GET", path)
        assert msgspec.json.encode(msgspec.json.decode(answer.raw, type=kind, strict=True)) == answer.raw


async def test_parameters_that_are_not_documented_are_refused_by_each_route_that_wants_a_key(estate: Estate) -> None:
    await estate.consent()
    spelt = await estate.text()
    assert (await estate.ask("PUT", "/v1/templates/due", TEMPLATE_EXAMPLE)).status == 201
    for path, methods in (await document(estate))["paths"].items():
        filled = path.replace("{id}", spelt).replace("{number}", NUMBER).replace("{name}", "due")
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            answer = await estate.ask(method.upper(), filled, body, query={"zzz": "1"})
            if "security" in operation:
                assert answer.status == 200
            else:
                assert (answer.status, answer.body["code"]) == (400, "request.invalid"), (method, path)
                assert answer.body["errors"][0]["field"] == "query:zzz"
    assert (await estate.ask("GET", f"/v1/messages/{spelt}")).body["state"] == "queued"
    assert (await estate.ask("GET", "/v1/templates/due")).status == 200


async def test_problems_about_one_thing_have_the_documented_members_too(estate: Estate) -> None:
    members = set((await document(estate))["components"]["schemas"]["ProblemBody"]["properties"])
    spelt = await estate.asked(method="approval_code")
    refused = {"texts": {"en": "{{ client_name }}: pay now or go to jail. Reply STOP to opt out."}}
    for answer, member in (
        (await estate.ask("POST", "/v1/optins", ASKING), "optin"),
        (await estate.ask("POST", f"/v1/optins/{spelt}/verify", {"pin": "0000"}), "attempts_left"),
        (await estate.ask("PUT", "/v1/templates/threat", refused), "previews"),
    ):
        assert {member} <= set(answer.body) <= members


async def test_an_event_by_itself_its_answer_and_other_media_types_are_told(estate: Estate) -> None:
    told = await document(estate)
    events = told["paths"]["/v1/events"]["post"]
    assert set(events["requestBody"]["content"]) == {
        "application/json",
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
    }
    many, one, several = events["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert many["$ref"].endswith("/EventsBody")
    assert {"$ref": "#/components/schemas/InvoiceIssued"} in one["anyOf"]
    assert several == {"type": "array", "items": one}
    answers = events["responses"]["202"]["content"]["application/json"]["schema"]["anyOf"]
    assert [answer["$ref"].rpartition("/")[2] for answer in answers] == ["TakenEventsView", "TakenEventView"]
    check = told["paths"]["/v1/check"]["post"]
    for body in (check["requestBody"], check["responses"]["200"]):
        assert list(body["content"]) == ["application/json", "application/x-ndjson"]


async def test_parameters_that_are_required_say_so(estate: Estate) -> None:
    for path, methods in (await document(estate))["paths"].items():
        given = methods.get("get", {}).get("parameters", [])
        required = [one["name"] for one in given if one["in"] == "query" and one.get("required")]
        if "{" not in path and "get" in methods:
            assert ((await estate.ask("GET", path)).status == 422) == bool(required), path
        assert required == (["account"] if path == "/v1/jobs" else [])
