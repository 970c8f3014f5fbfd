"""Bodies and queries: what is read, what is refused, and in which words."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.invalid import Invalid
from gateway.model.clock import read_instant
from gateway.web.http import Request
from gateway.web.problem import Problem
from gateway.web.wire import (
    MOST_ITEMS,
    Batch,
    Body,
    check_query,
    read_count,
    read_idempotency,
    read_message_id,
    read_number,
    read_time,
)


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    wording: str


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    inner: Inner
    note: str | None = None


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    note: str | None = None


class Items(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: list[Item]


THING = Body(Thing)
ITEMS = Batch("items", Items, Item)


def request(raw: bytes, content_type: str = "application/json", **headers: str) -> Request:
    return Request(method="POST", path="/v1/things", headers={"content-type": content_type, **headers}, body=raw)


def fault(raw: bytes, body: Body[Thing] | Batch[Item] = THING) -> Problem:
    with pytest.raises(Problem) as caught:
        body.read(request(raw))
    return caught.value


def test_a_body_is_read() -> None:
    raw = b' {"name": "a", "inner": {"wording": "w"}, "note": "n"} '
    assert THING.read(request(raw)) == Thing("a", Inner("w"), "n")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"name":"a","inner":{"wording":"w"},"note":null}',
        b'{"name":"\\": \\":","inner":{"wording":"\\\\"}}',
        b'{"name":": \\" : ","inner":{"wording":"\\":\\":\\":"}}',
        b'{"name" :"a","inner"\n:\t{"wording"\r\n:"w"}}',
        b'{"n\\u0061me":"a","inner":{"wording":"w"}}',
        '{"name":"\U0001f600\u2028","inner":{"wording":"\\ud83d\\ude00"}}'.encode(),
    ],
)
def test_odd_and_right_bodies_are_read(raw: bytes) -> None:
    told = json.loads(raw)
    assert THING.read(request(raw)) == Thing(told["name"], Inner(told["inner"]["wording"]))


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        (b"[]", [""]),
        (b"null", [""]),
        (b'"text"', [""]),
        (b"7", [""]),
        (b"{}", ["/name", "/inner"]),
        (b'{"name":"a","inner":{}}', ["/inner/wording"]),
        (b'{"name":"a","inner":[]}', ["/inner"]),
        (b'{"name":1,"inner":{"wording":null},"nmae":{}}', ["/nmae", "/name", "/inner/wording"]),
        (b'{"name":true,"inner":"x","note":[1]}', ["/name", "/inner", "/note"]),
        (b'{"name":"a","inner":{"wording":"w"},"a/b~c":1}', ["/a~1b~0c"]),
        (b'{"name":"a","inner":{"wording":"w"},"name":"b"}', ["/name"]),
        (b'{"name":"a","inner":{"wording":"w","wording":"w"}}', ["/inner/wording"]),
        (b'{"name":"a","inner":{"wording":"w"},"note":null,"note":null}', ["/note"]),
        (b'{"name":"a","n\\u0061me":"b","inner":{"wording":"w"}}', ["/name"]),
        (b'{"name":1,"name":"b","inner":{"wording":"w"}}', ["/name"]),
    ],
)
def test_every_fault_of_shape_is_named(raw: bytes, fields: list[str]) -> None:
    problem = fault(raw)
    assert (problem.status, problem.code) == (400, "request.invalid")
    assert [error.field for error in problem.errors] == fields
    assert all(error.detail and error.fix for error in problem.errors)


def test_a_misspelt_member_gets_a_hint() -> None:
    (unknown, missing) = fault(b'{"nmae":"a","inner":{"wording":"w"}}').errors
    assert unknown.fix == "did you mean 'name'?"
    assert missing.field == "/name"


def test_faults_have_an_end_and_so_have_names() -> None:
    raw = msgspec.json.encode({"x" * 5000 + str(number): 1 for number in range(100)})
    problem = fault(raw)
    assert len(problem.errors) == 20
    assert len(problem.to_response().body) < 8000


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"name":"é"}'.encode("latin-1"), "not UTF-8 (byte 9)"),
        (b'{"name":"\xed\xa0\x80"}', "not UTF-8"),
        ('{"name":"a"}'.encode("utf-16"), "not UTF-8"),
        (b'{"name":"a"', "not JSON"),
        (b'{"name":NaN}', "not JSON"),
        (b'{"name":Infinity}', "not JSON"),
        (b"{'name':'a'}", "not JSON"),
        (b'{"name":"a",}', "not JSON"),
        (b'{"name":"a"} {}', "not JSON"),
        (b'null{"name":"a"}', "not JSON"),
        (b'"name":"a"', "not JSON"),
        (b"[1,2", "not JSON"),
        (b'{"name":"a\nb"}', "not JSON"),
        (b'{"name":"\\x41"}', "not JSON"),
        (b'{"name":"\\ud8"}', "not JSON"),
        (b"{name:1}", "not JSON"),
        (b"\x00", "not JSON"),
        (b"[" * 33 + b"]" * 33, "deeper than 32"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "deeper than 32"),
        (b"[" * 1_000_000, "deeper than 32"),
        (b'{"name":' * 100_000, "deeper than 32"),
    ],
)
def test_what_is_no_json_is_told_so(raw: bytes, words: str) -> None:
    problem = fault(raw)
    assert (problem.status, problem.code) == (400, "request.malformed")
    assert words in problem.detail
    assert fault(raw, ITEMS).code == "request.malformed"


@pytest.mark.parametrize("raw", [b'"' + b'\\"' * 300_000, b'{"name":"' + b'\\"' * 300_000, b'\\"' * 300_000 + b"[" * 9])
def test_a_string_without_end_costs_no_more_than_its_length(raw: bytes) -> None:
    assert fault(raw).code == "request.malformed"


def test_a_name_without_end_is_no_riddle() -> None:
    assert fault(b'{"%b":1}' % (b"nam" * 300_000)).errors[0].field.startswith("/namnam")


@pytest.mark.parametrize(
    "raw", [b"[" * 32 + b"]" * 32, b"[" + b"[]," * 300_000 + b"[]]", b'{"name":"[[[[' + b"[" * 99 + b'"}']
)
def test_what_is_not_deep_is_not_called_so(raw: bytes) -> None:
    assert fault(raw).code == "request.invalid"


@pytest.mark.parametrize(
    ("escaped", "read"),
    [
        (rb"\ud800", "\0"),
        (rb"a\udfffb", "a\0b"),
        (rb"\ud83d\ude00\ud83d", "😀\0"),
        (rb"\ud83d\ud83d\ude00", "\0😀"),
        (rb"\ude00\ud83d", "\0\0"),
        (rb"\\ud800", "\\ud800"),
        (rb"\\\ud800", "\\\0"),
    ],
)
def test_half_a_surrogate_pair_is_read_as_nul(escaped: bytes, read: str) -> None:
    raw = b'{"name":"%b","inner":{"wording":"w"}}' % escaped
    assert THING.read(request(raw)).name == read
    assert ITEMS.read(request(b'{"items":[{"name":"%b"}]}' % escaped)) == [Item(read)]


@given(st.dictionaries(st.sampled_from(["name", "note", "x"]), st.text() | st.none() | st.integers()))
def test_whatever_comes_is_read_or_explained(told: dict[str, object]) -> None:
    raw = json.dumps(told).encode()
    (read,) = ITEMS.read(request(b'{"items":[%b]}' % raw))
    if isinstance(read, Problem):
        assert read.status == 400
        assert read.errors
    else:
        assert read.name == told["name"]


@given(st.lists(st.tuples(st.sampled_from(["name", "note"]), st.text(max_size=4) | st.none()), max_size=5))
def test_a_repeated_member_never_passes(pairs: list[tuple[str, str | None]]) -> None:
    raw = "{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs) + "}"
    names = [name for name, _ in pairs]
    try:
        (item,) = ITEMS.read(request(b'{"items":[%b]}' % raw.encode()))
    except Problem as problem:
        item = problem
    sound = len(set(names)) == len(names) and isinstance(dict(pairs).get("name"), str)
    assert isinstance(item, Item) == sound


def test_a_type_that_would_be_miscounted_is_a_mistake_at_start() -> None:
    class Lax(msgspec.Struct):
        name: str = "*"

    with pytest.raises(TypeError, match="None by default"):
        Body(Lax)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json ; charset = utf-8",
        'application/json;charset="UTF-8"',
        "application/json;charset=us-ascii",
        "application/json;",
        "application/json; charset=utf-8 ; ; ",
        "application/json;odata=verbose",
        'application/json; profile="https://example.com/a;charset=latin-1\\""; charset=utf8',
    ],
)
def test_json_by_any_of_its_names(content_type: str) -> None:
    assert THING.read(request(b'{"name":"a","inner":{"wording":"w"}}', content_type)).name == "a"


@pytest.mark.parametrize(
    ("content_type", "headers", "field"),
    [
        ("", {}, "header:content-type"),
        ("text/plain", {}, "header:content-type"),
        ("application/x-www-form-urlencoded", {}, "header:content-type"),
        ("application/json; charset=latin-1", {}, "header:content-type"),
        ("application/jsonp", {}, "header:content-type"),
        ("application/json, text/plain", {}, "header:content-type"),
        ("application/json; charset=utf-8; charset=latin-1", {}, "header:content-type"),
        ('application/json; x=y; charset="utf-16"', {}, "header:content-type"),
        ("application/json; charset", {}, "header:content-type"),
        ('application/json; x="y', {}, "header:content-type"),
        ("application/json", {"content-encoding": "gzip"}, "header:content-encoding"),
    ],
)
def test_what_is_not_declared_as_json_is_415(content_type: str, headers: dict[str, str], field: str) -> None:
    with pytest.raises(Problem) as caught:
        THING.read(request(b"{}", content_type, **headers))
    assert (caught.value.status, caught.value.code) == (415, "media_type")
    assert caught.value.errors[0].field == field


def test_a_batch_is_read() -> None:
    assert ITEMS.read(request(b'{"items":[{"name":"a"},{"name":"b","note":"n"}]}')) == [Item("a"), Item("b", "n")]


def test_one_bad_item_spoils_no_other() -> None:
    raw = b'{"items":[{"name":"a"},3,null,[],{"name":4},{},{"name":"x","z":1},{"name":"x","name":"y"},{"name":"b"}]}'
    first, *wrong, last = ITEMS.read(request(raw))
    assert (first, last) == (Item("a"), Item("b"))
    assert [problem.errors[0].field for problem in wrong if isinstance(problem, Problem)] == [
        "/items/1",
        "/items/2",
        "/items/3",
        "/items/4/name",
        "/items/5/name",
        "/items/6/z",
        "/items/7/name",
    ]
    assert {problem.status for problem in wrong if isinstance(problem, Problem)} == {400}


def test_a_member_given_twice_is_found_when_all_else_is_right() -> None:
    first, second = ITEMS.read(request(b'{"items":[{"name":"a","name":"b"},{"name":"c"}]}'))
    assert isinstance(first, Problem)
    assert first.errors[0].field == "/items/0/name"
    assert second == Item("c")


@pytest.mark.parametrize(
    ("raw", "status", "code", "field"),
    [
        (b"{}", 400, "request.invalid", "/items"),
        (b"[]", 400, "request.invalid", ""),
        (b'{"items":{}}', 400, "request.invalid", "/items"),
        (b'{"items":null}', 400, "request.invalid", "/items"),
        (b'{"items":[],"more":1}', 400, "request.invalid", "/more"),
        (b'{"items":[{"name":"a"}],"items":[{"name":"b"}]}', 400, "request.invalid", "/items"),
        (b'{"items":[{"name":"a"}],"items":[3]}', 400, "request.invalid", "/items"),
        (b'{"items":[3],"items":[{"name":"b"}]}', 400, "request.invalid", "/items"),
        (b'{"items":[]}', 422, "request.invalid", "/items"),
        (b'{"items":[' + b'{"name":"a"},' * MOST_ITEMS + b'{"name":"a"}]}', 422, "request.too_large", "/items"),
        (b'{"items":[' + b"0," * MOST_ITEMS + b"0]}", 422, "request.too_large", "/items"),
    ],
)
def test_a_batch_that_is_none(raw: bytes, status: int, code: str, field: str) -> None:
    problem = fault(raw, ITEMS)
    assert (problem.status, problem.code, problem.errors[0].field) == (status, code, field)


def test_a_full_batch_is_read() -> None:
    assert len(ITEMS.read(request(b'{"items":[' + b'{"name":"a"},' * (MOST_ITEMS - 1) + b"4]}"))) == MOST_ITEMS


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-08T10:00:00Z", "2026-03-08T10:00:00Z"),
        ("2026-03-08t10:00:00.5z", "2026-03-08T10:00:00.500Z"),
        ("2026-03-08 05:00:00-05:00", "2026-03-08T10:00:00Z"),
        ("2026-03-08T10:00:00.123456789+00:00", "2026-03-08T10:00:00.123Z"),
        ("2026-03-08T10:00:00-00:00", "2026-03-08T10:00:00Z"),
    ],
)
def test_rfc_3339(text: str, instant: str) -> None:
    faults: list[Invalid] = []
    assert read_time("send_at", text, faults) == read_instant(instant)
    assert not faults


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-03-08", "2026-03-08T10:00:00", "2026-03-08T10:00Z", "20260308T100000Z", "2026-W10-7T10:00:00Z",
        "2026-02-30T10:00:00Z", "2026-03-08T24:00:00Z", "2026-03-08T10:00:60Z", "2026-03-08T10:00:00+24:00",
        "2026-03-08T10:00:00+0500", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00", "٢٠٢٦-03-08T10:00:00Z", "2026-03-08T10:00:00Z ", "2026-03-08T10:00:00Z\n", "\0",
    ],
)  # fmt: skip
def test_what_is_no_time_is_named(text: str) -> None:
    faults: list[Invalid] = []
    assert read_time("send_at", text, faults) is None
    assert [invalid.field for invalid in faults] == ["send_at"]


@pytest.mark.parametrize("key", ["a", "x" * 255, "6f1e-b c~!", '"quoted"'])
def test_an_idempotency_key(key: str) -> None:
    one = read_idempotency(request(b"{}", **{"idempotency-key": key}))
    assert one[0] == key
    assert len(one[1]) == 32
    assert one == read_idempotency(request(b"{}", **{"idempotency-key": key}))
    assert one[1] != read_idempotency(request(b"{} ", **{"idempotency-key": key}))[1]


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb", "a\x7f"])
def test_what_is_no_idempotency_key(key: str) -> None:
    with pytest.raises(Problem) as caught:
        read_idempotency(request(b"{}", **{"idempotency-key": key}))
    assert caught.value.status == 400
    assert caught.value.errors[0].field == "header:idempotency-key"


def test_no_idempotency_key() -> None:
    assert read_idempotency(request(b"{}")) == (None, b"")


@pytest.mark.parametrize("text", ["0", "201", "-1", "1.5", "", "ten", "٣", "9" * 5000, " 1", "1e2"])
def test_a_count_out_of_its_range(text: str) -> None:
    with pytest.raises(Problem) as caught:
        read_count(Request(method="GET", path="/", query={"limit": text}), "limit", 50, 1, 200)
    assert caught.value.status == 422
    assert caught.value.errors[0].field == "query:limit"


def test_counts_and_parameters() -> None:
    asked = Request(method="GET", path="/", query={"limit": "200"})
    assert read_count(asked, "limit", 50, 1, 200) == 200
    assert read_count(asked, "after", 7, 0, 9) == 7
    check_query(asked, "limit")
    with pytest.raises(Problem) as caught:
        check_query(asked, "limits", "after")
    assert caught.value.status == 400
    assert caught.value.errors[0].fix == "did you mean 'limits'?"


def test_a_plus_sign_that_a_query_made_a_blank() -> None:
    assert read_number(" 12025550123", "query:to") == "+12025550123"
    with pytest.raises(Problem) as caught:
        read_number("12025550123", "query:to")
    assert (caught.value.status, caught.value.code) == (422, "number.invalid")


@pytest.mark.parametrize(
    "text", ["", "msg_", "1", "msg_ILOU000000000", "evt_1a2b3c4d5e6f7", "msg_zzzzzzzzzzzzz", "../x"]
)
def test_an_id_that_cannot_be_one_is_404(text: str) -> None:
    with pytest.raises(Problem) as caught:
        read_message_id(text)
    assert caught.value.status == 404
