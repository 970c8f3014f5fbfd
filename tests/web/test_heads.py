"""A head that is known byte by byte is judged once, and never for another."""

import h11
import pytest

from gateway.web.heads import look_at
from gateway.web.limits import Limits
from gateway.web.precheck import Head
from gateway.web.problem import Problem

_LIMITS = Limits()


def _look(*fields: str, line: str = "POST /v1/messages HTTP/1.1", header_bytes: int = _LIMITS.header_bytes) -> Head:
    received = "\r\n".join([line, "Host: gateway", *fields, "", ""]).encode("latin-1")
    return look_at(received, header_bytes, _LIMITS.header_fields, _LIMITS.target_bytes)


def test_each_request_has_its_own_idempotency_key() -> None:
    heads = [_look("Content-Length: 5", f"idempotency-KEY: order-{n}") for n in (1, 2, 1)]
    assert [head.headers["idempotency-key"] for head in heads] == ["order-1", "order-2", "order-1"]
    assert all(head.content_length == 5 for head in heads)
    assert _look("Content-Length: 5").headers.get("idempotency-key") is None


def test_what_differs_is_judged_by_itself() -> None:
    assert [_look(f"Content-Length: {n}").content_length for n in (5, 6, 5)] == [5, 6, 5]
    assert [_look(f"X: {n}").headers["x"] for n in "ab"] == ["a", "b"]


@pytest.mark.parametrize("again", range(2))
@pytest.mark.parametrize(
    "fields",
    [
        ("Idempotency-Key: a", "Idempotency-Key: a"),
        ("Idempotency-Key: a", "Idempotency-Key: b", "Content-Length: 1"),
        ("Content-Length: 1", "Content-Length: 1"),
        ("Content-Length: 1", "Transfer-Encoding: chunked"),
        ("Idempotency-Key : a",),
    ],
)
def test_what_is_refused_is_refused_again(fields: tuple[str, ...], again: int) -> None:
    with pytest.raises(Problem):
        _look(*fields)


@pytest.mark.parametrize("key", ["two words", "\u00e9t\u00e9", "a\tb", ""])
def test_a_key_of_other_characters_is_read_as_it_is(key: str) -> None:
    assert _look(f"Idempotency-Key: {key}").headers["idempotency-key"] == key


def test_a_long_key_does_not_pass_as_a_short_one() -> None:
    with pytest.raises(Problem) as caught:
        _look(f"Idempotency-Key: {'a' * 400}", header_bytes=256)
    assert caught.value.status == 431


@pytest.mark.parametrize(
    ("field", "goes_on"),
    [("X: a", True), ("Connection: close", False), ("Upgrade: h2c", False), ("Expect: 100-continue", False)],
)
def test_what_h11_has_something_to_say_to(field: str, goes_on: bool) -> None:
    assert _look(field, "Content-Length: 1").goes_on is goes_on
    assert _look(field, line="POST / HTTP/1.0").goes_on is False


def test_h11_may_refuse_what_we_would_take(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object, __: bytes) -> None:
        raise h11.RemoteProtocolError("no")

    monkeypatch.setattr(h11.Connection, "receive_data", refuse)
    for _ in range(2):
        with pytest.raises(h11.RemoteProtocolError):
            _look("X-Only-Here: 1")
