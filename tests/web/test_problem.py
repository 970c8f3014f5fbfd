"""Error bodies, RFC 9457."""

import ast
from pathlib import Path

import msgspec

from gateway.errors import Code
from gateway.web.problem import FieldError, Problem, excerpt


def body(problem: Problem) -> dict[str, object]:
    return msgspec.json.decode(problem.to_response().body, type=dict[str, object])


def test_the_members() -> None:
    problem = Problem(
        422,
        Code.NUMBER_INVALID,
        "to is not a telephone number.",
        field="/to",
        fix="Send E.164: + and 8 to 15 digits.",
        headers=(("Retry-After", "5"),),
        extra={"decision": {"rule": "number"}},
    )
    response = problem.to_response()
    assert (response.status, response.content_type) == (422, "application/problem+json")
    assert response.headers == (("Retry-After", "5"),)
    assert body(problem) == {
        "type": "urn:assent:problem:number.invalid",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "to is not a telephone number.",
        "code": "number.invalid",
        "errors": [
            {"field": "/to", "detail": "to is not a telephone number.", "fix": "Send E.164: + and 8 to 15 digits."}
        ],
        "decision": {"rule": "number"},
    }


def test_without_a_field_the_fix_stands_alone() -> None:
    assert body(Problem(503, Code.STORE_UNAVAILABLE, "No store.", fix="Try again.")) == {
        "type": "urn:assent:problem:store.unavailable",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "No store.",
        "code": "store.unavailable",
        "fix": "Try again.",
    }


def test_several_faults_at_once() -> None:
    errors = [FieldError("/to", "missing"), FieldError("/text", "too long", "Shorten it.")]
    assert body(Problem(400, Code.REQUEST_INVALID, "2 faults.", errors=errors))["errors"] == [
        {"field": "/to", "detail": "missing"},
        {"field": "/text", "detail": "too long", "fix": "Shorten it."},
    ]


def test_an_extra_member_cannot_displace_a_standard_one() -> None:
    assert body(Problem(400, "a", "b", extra={"status": 200, "more": 1}))["status"] == 400


def test_a_status_without_a_name_and_a_title_of_ones_own() -> None:
    assert body(Problem(499, "a", "b"))["title"] == "Error"
    assert body(Problem(400, "a", "b", title="Oh"))["title"] == "Oh"


def test_lone_surrogates_do_not_break_the_answer() -> None:
    problem = Problem(400, "a", "bad \ud800", field="/\udfff", fix="\ud800")
    assert body(problem)["errors"] == [{"field": "/?", "detail": "bad ?", "fix": "?"}]


def test_an_excerpt_is_short_and_escaped() -> None:
    assert excerpt("a\r\nb") == "'a\\r\\nb'"
    assert excerpt("x" * 41) == "'" + "x" * 40 + "'…"


def test_every_problem_of_the_door_says_how_to_mend_it() -> None:
    """One that names several faults has the fix of each in ``errors``."""
    door = Path(__file__).parents[2] / "gateway" / "web"
    raised = [
        (path.name, call.lineno, {keyword.arg for keyword in call.keywords})
        for path in sorted(door.glob("*.py"))
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("Problem", "malformed")
    ]
    assert len(raised) > 50
    assert [(name, line) for name, line, told in raised if told.isdisjoint({"fix", "errors"})] == []
