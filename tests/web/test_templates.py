"""Templates over HTTP: kept in versions, tried out, protected, and what texts are made of."""

from typing import Any

import pytest
from msgspec.structs import replace

from gateway.errors import Code
from gateway.text.template_spec import TemplateCode
from tests.web.estate import CONFIG, NUMBER, OTHER_NUMBER, WISH, Estate, open_estate

GREETING = {
    "texts": {"en": "{{ client_name }}: hello {{ name }}. Reply STOP to opt out."},
    "variables": {"name": {"kind": "text"}},
}
VALUES = {"amount": {"minor": 5210, "currency": "USD"}, "due_date": "2028-02-29"}
MADE = {key: WISH[key] for key in ("to", "program", "category")} | {"template": "due", "vars": VALUES}


async def agent(estate: Estate) -> dict[str, str]:
    """The header of a key that is for templates only."""
    answer = await estate.operate("POST", "/v1/keys", {"client": "acme", "templates_only": True})
    assert answer.status == 201
    return {"authorization": f"Bearer {answer.body['key']}"}


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.body["errors"]]


async def test_a_text_is_made_of_a_template(estate: Estate) -> None:
    await estate.consent()
    answer = await estate.ask("POST", "/v1/messages", MADE)
    assert (answer.status, answer.body["segments"]) == (202, 1)
    shown = (await estate.ask("GET", f"/v1/messages/{answer.body['id']}")).body
    assert shown["text"] == "Acme: $52.10 is due Feb 29, 2028. Reply STOP to opt out."
    assert (shown["template"], shown["template_version"]) == ("due", 1)
    assert "template" not in (await estate.ask("GET", f"/v1/messages/{await estate.text()}")).body


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("es", "Acme: $52.10 vence el 29 feb 2028. Responda STOP para salir."),
        ("es-MX", "Acme: USD 52.10 vence el 29 feb 2028. Responda STOP para salir."),
        ("fr-CA", "Acme: $52.10 is due Feb 29, 2028. Reply STOP to opt out."),
    ],
)
async def test_it_speaks_as_the_consumer_does(estate: Estate, locale: str, text: str) -> None:
    await estate.consent()
    answer = await estate.ask("POST", "/v1/messages", MADE | {"locale": locale})
    assert (await estate.ask("GET", f"/v1/messages/{answer.body['id']}")).body["text"] == text


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"text": "Hello"}, "request.invalid", ["/text"]),
        ({"template": None}, "request.invalid", ["/text"]),
        ({"template": None, "text": "Hello"}, "request.invalid", ["/vars"]),
        ({"template": None, "vars": None, "text": "Hello", "locale": "en"}, "request.invalid", ["/locale"]),
        ({"template": "none"}, "template.unknown", ["/template"]),
        ({"template": "../due"}, "template.unknown", ["/template"]),
        ({"template": "system.help"}, "template.system", ["/template"]),
        ({"vars": {}}, "template.variable_missing", ["/vars/amount", "/vars/due_date"]),
        ({"vars": None}, "template.variable_missing", ["/vars/amount", "/vars/due_date"]),
        ({"vars": VALUES | {"stranger": 1}}, "template.variable_unknown", ["/vars/stranger"]),
        ({"vars": VALUES | {"client_name": "Other"}}, "template.variable_unknown", ["/vars/client_name"]),
        ({"vars": VALUES | {"amount": 52.1}}, "template.variable_invalid", ["/vars/amount"]),
        (
            {"vars": VALUES | {"amount": {"minor": 52.1, "currency": "USD"}}},
            "template.variable_invalid",
            ["/vars/amount"],
        ),
        (
            {"vars": VALUES | {"amount": {"minor": -1, "currency": "USD"}}},
            "template.variable_invalid",
            ["/vars/amount"],
        ),
        ({"vars": VALUES | {"amount": {"minor": 1, "currency": "EUR"}}}, "template.variable_invalid", ["/vars/amount"]),
        ({"vars": VALUES | {"due_date": "2027-02-29"}}, "template.variable_invalid", ["/vars/due_date"]),
        ({"vars": VALUES | {"link": "https://user@a.example"}}, "template.variable_invalid", ["/vars/link"]),
        ({"locale": "nonsense"}, "template.locale_unknown", ["/locale"]),
        ({"locale": "../../etc"}, "template.locale_unknown", ["/locale"]),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(
    estate: Estate, changes: dict[str, Any], code: str, named: list[str]
) -> None:
    await estate.consent()
    answer = await estate.ask("POST", "/v1/messages", MADE | changes)
    assert (answer.status, answer.body["code"], fields(answer)) == (422, code, named)
    assert all(error["fix"] for error in answer.body["errors"])
    assert (await estate.ask("GET", "/v1/messages")).body == {"messages": []}


@pytest.mark.parametrize("changes", [{"vars": []}, {"vars": "x"}, {"template": 1}, {"locale": []}])
async def test_a_wrong_type_is_400(estate: Estate, changes: dict[str, Any]) -> None:
    answer = await estate.ask("POST", "/v1/messages", MADE | changes)
    assert (answer.status, fields(answer)) == (400, [f"/{name}" for name in changes])


async def test_a_value_given_twice_is_refused_however_deep(estate: Estate) -> None:
    raw = b'{"to":"%b","program":"servicing","category":"servicing","template":"due","vars":' % NUMBER.encode()
    raw += b'{"amount":{"minor":1,"minor":2,"currency":"USD"},"due_date":"2028-02-29"}}'
    answer = await estate.ask("POST", "/v1/messages", raw=raw)
    assert (answer.status, fields(answer)) == (400, ["/vars/amount/minor"])


@pytest.mark.parametrize("deep", [40, 500, 900])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/messages", b'{"to":"x","program":"x","category":"x","template":"due","vars":%b}'),
        ("/v1/messages/batch", b'{"messages":[{"to":"x","program":"x","category":"x","template":"due","vars":%b}]}'),
        ("/v1/check", b'{"to":"x","template":"due","vars":%b}'),
        ("/v1/check", b'{"messages":[{"to":"x","to":"x","vars":%b}]}'),
        ("/v1/templates/due/preview", b'{"vars":%b}'),
    ],
)
async def test_values_nested_too_deep_are_told_so(estate: Estate, path: str, body: bytes, deep: int) -> None:
    for opened, closed in ((b'{"a":', b"}"), (b'{"a":[', b"]}")):
        answer = await estate.ask("POST", path, raw=body % (opened * deep + b"1" + closed * deep))
        assert (answer.status, answer.body["code"]) == (400, "request.malformed")
        assert "deeper than 32" in answer.body["detail"]


async def test_templates_in_a_batch(estate: Estate) -> None:
    await estate.consent()
    items = [
        MADE,
        WISH,
        MADE | {"vars": {}},
        MADE | {"to": OTHER_NUMBER},
        MADE | {"text": "x"},
        MADE | {"locale": "es"},
    ]
    results = (await estate.ask("POST", "/v1/messages/batch", {"messages": items})).body["results"]
    assert [result["status"] for result in results] == [202, 202, 422, 422, 422, 202]
    assert [error["field"] for error in results[2]["errors"]] == [
        "/messages/2/vars/amount",
        "/messages/2/vars/due_date",
    ]
    assert results[3]["state"] == "blocked"
    assert (await estate.ask("GET", f"/v1/messages/{results[3]['id']}")).body["template"] == "due"


async def test_the_first_answer_is_given_again_whatever_became_of_the_template(estate: Estate) -> None:
    await estate.consent()
    key = {"idempotency-key": "one"}
    bad = MADE | {"vars": {"amount": 1}}
    first = await estate.ask("POST", "/v1/messages/batch", {"messages": [MADE, bad]}, headers=key)
    await estate.ask("PUT", "/v1/templates/due", GREETING)
    again = await estate.ask("POST", "/v1/messages/batch", {"messages": [MADE, bad]}, headers=key)
    assert again.raw == first.raw
    assert len(first.body["results"][1]["errors"]) == 2


async def test_a_text_that_comes_to_nothing_or_to_too_much_is_refused(estate: Estate) -> None:
    await estate.consent()
    long = {
        "texts": {"en": "{{ words }} {{ words }} {{ words }}"},
        "variables": {"words": {"kind": "text", "max_length": 500}},
    }
    assert (await estate.ask("PUT", "/v1/templates/long", long)).status == 201
    answer = await estate.ask("POST", "/v1/messages", MADE | {"template": "long", "vars": {"words": "x" * 500}})
    assert (answer.status, answer.body["code"]) == (422, "template.too_long")
    empty = {"texts": {"en": "{% if a %}{{ a }}{% endif %}"}, "variables": {"a": {"kind": "text", "optional": True}}}
    answer = await estate.ask("PUT", "/v1/templates/empty", empty)
    assert (answer.status, answer.body["code"], fields(answer)) == (422, "template.empty", ["/texts/en"])


async def test_versions_are_kept(estate: Estate) -> None:
    await estate.consent()
    first = await estate.ask("PUT", "/v1/templates/greeting", GREETING)
    assert (first.status, first.body["template"]["version"], first.body["template"]["own"]) == (201, 1, True)
    assert (await estate.ask("PUT", "/v1/templates/greeting", GREETING)).status == 200
    old = await estate.ask("POST", "/v1/messages", MADE | {"template": "greeting", "vars": {"name": "A"}})
    changed = GREETING | {"texts": {"en": "{{ client_name }}: good day {{ name }}. Reply STOP to opt out."}}
    assert (await estate.ask("PUT", "/v1/templates/greeting", changed)).body["template"]["version"] == 2
    listed = (await estate.ask("GET", "/v1/templates/greeting/versions")).body["templates"]
    assert [one["version"] for one in listed] == [2, 1]
    was = await estate.ask("GET", "/v1/templates/greeting", query={"version": "1"})
    assert was.body["texts"] == GREETING["texts"]
    assert (await estate.ask("GET", "/v1/templates/greeting")).body["texts"] == changed["texts"]
    assert (await estate.ask("GET", "/v1/templates/greeting", query={"version": "3"})).status == 404
    assert (await estate.ask("GET", f"/v1/messages/{old.body['id']}")).body["template_version"] == 1
    assert (await estate.ask("DELETE", "/v1/templates/greeting")).status == 204
    assert (await estate.ask("GET", "/v1/templates/greeting")).status == 404
    assert (await estate.ask("DELETE", "/v1/templates/greeting")).status == 404
    assert len((await estate.ask("GET", "/v1/templates/greeting/versions")).body["templates"]) == 2


async def test_a_preview_tells_what_it_costs(estate: Estate) -> None:
    put = await estate.ask("PUT", "/v1/templates/greeting", GREETING)
    (bounds,) = put.body["previews"]
    assert (bounds["shortest"]["segments"], bounds["longest"]["encoding"]) == (1, "gsm7")
    assert (bounds["foreign"]["encoding"], bounds["foreign"]["forced_by"], bounds["foreign"]["segments"]) == (
        "ucs2",
        "ž",
        2,
    )
    tried = await estate.ask("POST", "/v1/templates/greeting/preview", {"vars": {"name": "Zoë 😀"}})
    assert tried.body["filled"]["text"] == "Acme: hello Zoë 😀. Reply STOP to opt out."
    assert (tried.body["filled"]["encoding"], tried.body["filled"]["forced_by"]) == ("ucs2", "ë")
    without = await estate.ask("POST", "/v1/templates/due/preview", {"locale": "es"})
    assert [one["locale"] for one in without.body["previews"]] == ["es"]
    assert len((await estate.ask("POST", "/v1/templates/due/preview")).body["previews"]) == 2
    wrong = await estate.ask("POST", "/v1/templates/due/preview", {"vars": {"amount": 1}})
    assert (wrong.status, fields(wrong)) == (422, ["/vars/amount", "/vars/due_date"])
    assert (await estate.ask("POST", "/v1/templates/none/preview", {})).status == 404


async def test_a_dry_run_keeps_nothing(estate: Estate) -> None:
    answer = await estate.ask("PUT", "/v1/templates/greeting", GREETING, query={"dry_run": "true"})
    assert (answer.status, len(answer.body["previews"])) == (200, 1)
    assert (await estate.ask("GET", "/v1/templates/greeting")).status == 404
    assert (await estate.ask("PUT", "/v1/templates/greeting", GREETING, query={"dry_run": "?"})).status == 422


async def test_wording_is_looked_at_before_it_is_kept(estate: Estate) -> None:
    threat = GREETING | {"texts": {"en": "Acme: pay {{ name }} or go to jail!!!"}}
    answer = await estate.ask("PUT", "/v1/templates/greeting", threat)
    assert (answer.status, answer.body["code"], fields(answer)) == (422, "template.content", ["/texts/en"])
    found = {one["code"]: one for one in answer.body["previews"][0]["findings"]}
    assert found["content.threat"]["level"] == "refuse"
    assert all(found["content.threat"][key] for key in ("why", "fix", "end"))
    assert (await estate.ask("GET", "/v1/templates/greeting")).status == 404
    shouted = GREETING | {"texts": {"en": "hello {{ name }}!!!"}}
    answer = await estate.ask("PUT", "/v1/templates/greeting", shouted)
    levels = {one["code"]: one["level"] for one in answer.body["previews"][0]["findings"]}
    assert levels == {
        "content.identity_missing": "require",
        "content.opt_out_missing": "require",
        "content.shouting": "warn",
    }


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 400, ["/texts"]),
        ({"texts": []}, 400, ["/texts"]),
        ({"texts": {"en": 1}}, 400, ["/texts/en"]),
        ({"texts": {"en": "x"}, "max_segments": "2"}, 400, ["/max_segments"]),
        ({"texts": {"en": "x"}, "name": "y"}, 400, ["/name"]),
        ({"texts": {}}, 422, ["/texts"]),
        ({"texts": {"en": "x"}, "max_segments": 0}, 422, ["/max_segments"]),
        ({"texts": {"en": "x"}, "variables": {"a": {"kind": "mony"}}}, 422, ["/variables/a"]),
        ({"texts": {"en": "x"}, "variables": {"a": {}}}, 422, ["/variables/a"]),
        ({"texts": {"en": "{{ a.__class__ }}"}, "variables": {"a": {"kind": "text"}}}, 422, ["/texts/en"]),
        ({"texts": {"en": "{% for a in range(10**9) %}x{% endfor %}"}}, 422, ["/texts/en"]),
        ({"texts": {"en": "{{ b }}", "zz": "{{ c }}"}}, 422, ["/texts/en", "/texts/zz", "/texts/zz"]),
        ({"texts": {"en": "x"}, "purpose": "help"}, 422, ["/purpose"]),
    ],
)
async def test_a_declaration_that_is_none(estate: Estate, body: dict[str, Any], status: int, named: list[str]) -> None:
    answer = await estate.ask("PUT", "/v1/templates/bad", body)
    assert (answer.status, fields(answer)) == (status, named)


async def test_the_gateways_own_cannot_be_taken_away(estate: Estate) -> None:
    for name, code in (("system.opt_in_request", "template.system"), ("due", "state.conflict")):
        answer = await estate.ask("DELETE", f"/v1/templates/{name}")
        assert (answer.status, answer.body["code"]) == (409, code)
    bare = {"texts": {"en": "Acme: reply YES to get texts."}}
    answer = await estate.ask("PUT", "/v1/templates/system.opt_in_request", bare)
    assert (answer.status, answer.body["code"]) == (422, "template.content")
    listed = {one["name"]: one for one in (await estate.ask("GET", "/v1/templates")).body["templates"]}
    assert listed["system.help"]["system"]
    assert not listed["due"].get("system", False)


async def test_clients_do_not_see_each_others_templates(estate: Estate) -> None:
    await estate.ask("PUT", "/v1/templates/greeting", GREETING)
    for method, path in (
        ("GET", "/v1/templates/greeting"),
        ("GET", "/v1/templates/greeting/versions"),
        ("POST", "/v1/templates/greeting/preview"),
        ("DELETE", "/v1/templates/greeting"),
    ):
        assert (await estate.ask(method, path, client="globex")).status == 404
    listed = (await estate.ask("GET", "/v1/templates", client="globex")).body["templates"]
    assert "greeting" not in {one["name"] for one in listed}
    answer = await estate.ask("PUT", "/v1/templates/greeting", GREETING, client="globex")
    assert (answer.status, answer.body["template"]["version"]) == (201, 1)


async def test_a_key_for_templates_only(estate: Estate) -> None:
    await estate.consent()
    key = await agent(estate)
    answer = await estate.ask("POST", "/v1/messages", WISH, headers=key)
    assert (answer.status, answer.body["code"], fields(answer)) == (422, "agent.template_required", ["/text"])
    assert (await estate.ask("POST", "/v1/messages", MADE, headers=key)).status == 202
    results = (await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH, MADE]}, headers=key)).body["results"]
    assert [(one["status"], one.get("code")) for one in results] == [(422, "agent.template_required"), (202, None)]
    for method in ("PUT", "DELETE"):
        answer = await estate.ask(method, "/v1/templates/due", GREETING if method == "PUT" else None, headers=key)
        assert (answer.status, answer.body["code"]) == (403, "agent.not_allowed")
    assert (await estate.ask("POST", "/v1/messages", WISH)).status == 202
    listed = (await estate.operate("GET", "/v1/keys")).body["keys"]
    assert {one["label"]: one.get("templates_only", False) for one in listed if one["client"] == "acme"} == {
        "test": False,
        "": True,
    }
    await estate.keys.load()
    assert (await estate.ask("POST", "/v1/messages", WISH, headers=key)).status == 422


async def test_no_key_of_a_client_for_templates_only_changes_them_and_says_who_can() -> None:
    clients = tuple(replace(client, templates_only=True) for client in CONFIG.clients)
    async with open_estate(config=replace(CONFIG, clients=clients)) as estate:
        for method, body in (("PUT", GREETING), ("DELETE", None)):
            answer = await estate.ask(method, "/v1/templates/due", body)
            assert (answer.status, answer.body["code"]) == (403, "agent.not_allowed")
            assert "conf/templates" in answer.body["fix"]


def test_every_fault_of_a_template_has_a_code_of_ours() -> None:
    assert {str(code) for code in TemplateCode} <= {str(code) for code in Code}
    assert CONFIG.client("acme") is not None
