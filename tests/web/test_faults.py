"""What is told of a value that is not of its type: where it stands, what it is, and what would be right."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from gateway.web.faults import explain


class Party(StrEnum):
    CONSUMER = "consumer"
    EMPLOYER = "employer"


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    wording: str
    depth: int | None = None


class Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    said: Annotated[bool | None, Meta(description="whether it was said")] = None
    party: Annotated[Party | None, Meta(description="who answers")] = None
    answer: Annotated[Literal["yes", "no"] | None, Meta(description="what was answered")] = None
    count: Annotated[int | None, Meta(description="how many")] = None
    day: Annotated[date | None, Meta(description="when")] = None
    hours: Annotated[dict[str, str] | None, Meta(description="by day")] = None
    names: Annotated[list[str] | None, Meta(description="of all")] = None
    values: Annotated[dict[str, Any] | None, Meta(description="anything")] = None
    inner: Annotated[Inner | None, Meta(description="more of it")] = None
    items: Annotated[list[Inner] | None, Meta(description="all of them")] = None
    link: Annotated[str, Meta(description="an address", pattern="^https:")] | None = None


@pytest.mark.parametrize(
    ("body", "field", "detail", "fix"),
    [
        ('{"said": "yes"}', "/said", "is a string", "send true or false: whether it was said"),
        ('{"said": 1}', "/said", "is a number", "send true or false: whether it was said"),
        ('{"party": "dog"}', "/party", "is not one of the choices", "send one of consumer, employer: who answers"),
        ('{"party": []}', "/party", "is an array", "send one of consumer, employer: who answers"),
        ('{"answer": "maybe"}', "/answer", "is not one of the choices", "send one of yes, no: what was answered"),
        ('{"count": "3"}', "/count", "is a string", "send a whole number: how many"),
        ('{"count": 1.5}', "/count", "is a number", "send a whole number: how many"),
        ('{"day": "2026-02-30"}', "/day", "is not well-formed", 'send a day, such as "2026-03-08": when'),
        ('{"hours": "09:00"}', "/hours", "is a string", "send an object: by day"),
        ('{"hours": {"a/b": 9}}', "/hours/a~1b", "is a number", "send a string"),
        ('{"names": {"a": "b"}}', "/names", "is an object", "send an array: of all"),
        ('{"names": ["a", null]}', "/names/1", "is null", "send a string"),
        ('{"values": "x"}', "/values", "is a string", "send an object: anything"),
        (
            '{"values": {"a": 1, "b": [1e999]}}',
            "/values/b",
            "holds a number that is out of range",
            "send a smaller one, or a string",
        ),
        ('{"inner": "x"}', "/inner", "is a string, not an object", "send an object"),
        ('{"inner": {"wording": "x", "depth": []}}', "/inner/depth", "is an array", "send a whole number"),
        ('{"items": {}}', "/items", "is an object", "send an array: all of them"),
        ('{"items": [{"wording": "x"}, {"wording": 3}]}', "/items/1/wording", "is a number", "send a string"),
        ('{"items": [{"wording": "x"}, {}]}', "/items/1/wording", "is missing", "send a string"),
        ('{"link": "http://example.com"}', "/link", "is not well-formed", "send a string: an address"),
        ('{"link": null, "said": [true]}', "/said", "is an array", "send true or false: whether it was said"),
    ],
)
def test_a_value_that_is_not_of_its_type(body: str, field: str, detail: str, fix: str) -> None:
    problem = explain(body.encode(), Whole)
    assert problem.status == 400
    assert [(one.field, one.detail, one.fix) for one in problem.errors] == [(field, detail, fix)]


def test_every_item_is_told_of_and_no_more_than_twenty() -> None:
    items = ",".join(["3", '{"wording": "x"}'] * 500)
    problem = explain(b'{"items": [%b]}' % items.encode(), Whole)
    assert [one.field for one in problem.errors] == [f"/items/{2 * place}" for place in range(20)]
