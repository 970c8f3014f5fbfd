"""Conversations over memory streams: requests in every shape, answers, and the fence round the handler."""

import logging
from collections.abc import AsyncIterator

import pytest
import trio
from trio.testing import lockstep_stream_pair

from gateway.web.http import Request, Response
from gateway.web.problem import Problem
from gateway.web.server import Limits
from tests.web.harness import DATE, echo, open_house

GET = b"GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED_HEAD = b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKED = CHUNKED_HEAD + (b'4;x="y"\r\nchun\r\n1\r\nk\r\n2;z\r\ned\r\n0\r\nX-Trailer: dropped\r\n\r\n')
LAST = b"GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


async def test_a_small_post() -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(
            b"POST /v1/consents/%2B1?x=y HTTP/1.1\r\nhOST: h:1\r\nAccept: a\r\nContent-Type: application/json\r\n"
            b"accept:  b \r\nContent-Length: 2\r\n\r\n{}"
        )
        answer = await visitor.answer()
    assert answer.status == 200
    assert answer.body == b"{}"
    assert answer.headers == {"date": DATE, "content-type": "text/plain", "content-length": "2"}
    (request,) = house.seen
    assert request == Request(
        method="POST",
        path="/v1/consents/+1",
        query={"x": "y"},
        headers={"host": "h:1", "accept": "a, b", "content-type": "application/json", "content-length": "2"},
        body=b"{}",
        peer="local",
    )


async def test_a_connection_serves_one_request_after_the_other() -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        for request, body in [(POST, b"hello"), (GET, b""), (CHUNKED, b"chunked"), (b"\r\n" + POST, b"hello")]:
            await visitor.send(request)
            assert (await visitor.answer()).body == body
        await visitor.send(LAST)
        assert (await visitor.answer()).headers["connection"] == "close"
        assert await visitor.rest() == b""


async def test_a_pipeline_is_answered_in_order() -> None:
    async def slower_first(request: Request) -> Response:
        await trio.sleep(0 if request.body == b"5" else 0.001)
        return Response(200, request.body)

    async with open_house(slower_first) as house:
        visitor = await house.connect()
        numbers = [b"%d" % number for number in range(10)]
        request = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"
        await visitor.send(b"".join(request + number for number in numbers) + CHUNKED + LAST)
        assert [(await visitor.answer()).body for _ in numbers] == numbers
        assert (await visitor.answer()).body == b"chunked"
        assert (await visitor.answer()).body == b""
        assert await visitor.rest() == b""


STREAM = GET + CHUNKED + POST + b"\r\n" + CHUNKED + POST + GET + LAST


async def test_byte_by_byte_is_the_same_as_at_once() -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(STREAM)
        at_once = await visitor.rest()
        seen, house.seen = house.seen, []
        visitor = await house.connect()
        await visitor.drip(STREAM)
        assert await visitor.rest() == at_once
        assert house.seen == seen
    assert [request.body for request in seen] == [b"", b"chunked", b"hello", b"chunked", b"hello", b"", b""]


async def test_cut_in_two_anywhere_is_the_same_as_at_once() -> None:
    stream = CHUNKED + POST + LAST
    async with open_house(echo) as house:
        for at in range(1, len(stream)):
            house.seen.clear()
            visitor = await house.connect()
            await visitor.send(stream[:at])
            await trio.testing.wait_all_tasks_blocked()
            await visitor.send(stream[at:])
            assert (await visitor.rest()).count(b"HTTP/1.1 200 OK") == 3
            assert [request.body for request in house.seen] == [b"chunked", b"hello", b""]


async def test_http_1_0_is_answered_and_closed() -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(b"POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi" + GET)
        answer = await visitor.answer()
        assert (answer.body, answer.headers["connection"]) == (b"hi", "close")
        assert await visitor.rest() == b""
    assert len(house.seen) == 1


async def test_an_upgrade_is_declined_by_answering() -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n") + POST)
        assert (await visitor.answer()).status == 200
        assert (await visitor.answer()).body == b"hello"


async def test_head_is_get_without_the_body() -> None:
    async def answer(_request: Request) -> Response:
        return Response(200, b"12345")

    async with open_house(answer) as house:
        visitor = await house.connect()
        await visitor.send(GET.replace(b"GET", b"HEAD") + GET)
        head = await visitor.answer(to_head=True)
        get = await visitor.answer()
    assert head.headers == get.headers
    assert get.body == b"12345"


async def test_headers_of_an_answer() -> None:
    answers = iter(
        [
            Response(202, b"{}", headers=(("Location", "/v1/messages/1"), ("X-A", "b c"))),
            Response(202, b"{}", headers=(("Location", "/v1/messages/2"),)),
            Response(202, headers=(("Location", "/v1/messages/3"),)),
            Response(200, b"x", "text/plain", headers=(("X-Empty", ""),)),
            Response(200, b"x", "text/plain", headers=(("Connection", "close"),)),
        ]
    )

    async def answer(_request: Request) -> Response:
        return next(answers)

    async with open_house(answer) as house:
        visitor = await house.connect()
        await visitor.send(GET * 5)
        typed = {"date": DATE, "content-type": "application/json", "content-length": "2"}
        assert (await visitor.answer()).headers == {**typed, "location": "/v1/messages/1", "x-a": "b c"}
        assert (await visitor.answer()).headers == {**typed, "location": "/v1/messages/2"}
        assert (await visitor.answer()).headers == {"date": DATE, "content-length": "0", "location": "/v1/messages/3"}
        unusual = await visitor.answer()
        assert (unusual.headers["x-empty"], unusual.body) == ("", b"x")
        assert (await visitor.answer()).headers["connection"] == "close"
        await visitor.stream.send_eof()
        assert await visitor.rest() == b""


async def test_a_204_has_no_content_headers() -> None:
    async def answer(_request: Request) -> Response:
        return Response(204, headers=(("Allow", "GET"),))

    async with open_house(answer) as house:
        visitor = await house.connect()
        await visitor.send(GET + GET)
        for _ in range(2):
            assert (await visitor.answer()).headers == {"date": DATE, "allow": "GET"}


async def test_continue_is_sent_only_where_it_is_waited_for() -> None:
    head = POST[:-5].replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(head)
        assert (await visitor.answer()).status == 100
        await visitor.send(b"hello")
        assert (await visitor.answer()).body == b"hello"
        await visitor.send(head + b"hello")
        assert (await visitor.answer()).body == b"hello"
        await visitor.send(head + b"he")
        await trio.testing.wait_all_tasks_blocked()
        await visitor.send(b"llo")
        assert (await visitor.answer()).body == b"hello"
        await visitor.send(CHUNKED_HEAD.replace(b"Host", b"Expect: 100-continue\r\nHost"))
        assert (await visitor.answer()).status == 100
        await visitor.send(CHUNKED.removeprefix(CHUNKED_HEAD))
        assert (await visitor.answer()).body == b"chunked"


async def test_continue_is_not_sent_for_a_body_that_is_too_large() -> None:
    async with open_house(echo, Limits(body_bytes=4)) as house:
        visitor = await house.connect()
        await visitor.send(POST[:-5].replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
        assert (await visitor.answer()).status == 413


# What ends a connection: (bytes, status). The rest of the table is in test_precheck and test_chunks.
REFUSED: list[tuple[bytes, int]] = [
    (b"GET /a HTTP/1.1\r\n\r\n", 400),
    (b"GET /a HTTP/1.1\nHost: h\n\n", 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    (b"\r\n\r\n" + GET, 400),
    (POST.replace(b"Length: 5", b"Length: 5\r\nTransfer-Encoding: chunked"), 400),
    (CHUNKED.replace(b"\r\n0\r\n", b"\n0\r\n"), 400),
    (CHUNKED.replace(b"chun\r\n", b"chunk\r\n"), 400),
    (POST.replace(b"Length: 5", b"Length: 1048577"), 413),
    (POST.replace(b"Length: 5", b"Length: " + b"9" * 100), 413),
    (CHUNKED.replace(b"4;", b"100001;"), 413),
    (GET.replace(b"/a", b"/" + b"a" * 8000), 414),
    (POST.replace(b"Host", b"Expect: more\r\nHost"), 417),
    (GET.replace(b"Host", b"X: " + b"a" * 17000 + b"\r\nHost"), 431),
    (GET.replace(b"Host", b"X: a\r\n" * 100 + b"Host"), 431),
    (GET.replace(b"GET", b"BREW"), 501),
    (CHUNKED.replace(b"chunked", b"gzip, chunked"), 501),
    (GET.replace(b"HTTP/1.1", b"HTTP/2.0"), 505),
]


@pytest.mark.parametrize(("received", "status"), REFUSED, ids=lambda value: repr(value)[:50])
async def test_an_error_is_answered_and_ends_the_connection(received: bytes, status: int) -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(received + GET)
        answer = await visitor.answer()
        assert answer.status == status
        assert answer.headers["connection"] == "close"
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert body["status"] == status
        assert str(body["type"]) == f"urn:assent:problem:{body['code']}"
        assert body["detail"]
        await visitor.stream.send_eof()
        assert await visitor.rest() == b""
    assert house.seen == []


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (b"GET /" + b"a" * 9000, 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 17000, 431),
        (b"GET / HTTP/1.1\n", 400),
        (CHUNKED_HEAD + b"0\n", 400),
    ],
    ids=lambda value: repr(value)[:50],
)
async def test_what_cannot_become_right_is_not_waited_for(received: bytes, status: int) -> None:
    with trio.fail_after(5):
        async with open_house(echo) as house:
            visitor = await house.connect()
            await visitor.send(received)
            assert (await visitor.answer()).status == status


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"HEAD / HTTP/1.1\r\n\r\n", 400),
        (GET.replace(b"GET", b"HEAD"), 500),
        (CHUNKED_HEAD.replace(b"POST", b"HEAD") + b"x\r\n", 400),
    ],
)
async def test_an_error_in_a_head_request_has_no_body(request_: bytes, status: int) -> None:
    async def explode(_request: Request) -> Response:
        raise _Exploded

    async with open_house(explode) as house:
        visitor = await house.connect()
        await visitor.send(request_)
        assert (await visitor.answer(to_head=True)).status == status
        await visitor.stream.send_eof()
        assert await visitor.rest() == b""


async def test_an_error_behind_a_head_request_has_a_body() -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(GET.replace(b"GET", b"HEAD") + b"GET / HTTP/1.1\r\n\r\n")
        assert (await visitor.answer(to_head=True)).status == 200
        assert (await visitor.answer()).json()["status"] == 400


@pytest.mark.parametrize("cut", [GET[:-1], POST[:-1], CHUNKED[:-1], CHUNKED[:90], b"G"])
async def test_a_request_that_ends_early_is_not_handed_on(cut: bytes) -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(cut)
        await visitor.stream.send_eof()
        assert (await visitor.answer()).status == 400
        assert await visitor.rest() == b""
    assert house.seen == []


async def test_a_client_that_only_closes_is_not_answered() -> None:
    async with open_house(echo) as house:
        for sent in (b"", b"\r\n"):
            visitor = await house.connect()
            await visitor.send(sent)
            await visitor.stream.send_eof()
            assert await visitor.rest() == b""


async def test_the_body_limit_of_a_path() -> None:
    def limit(method: str, path: str) -> int:
        return 10 if (method, path) == ("POST", "/a") else 4

    async with open_house(echo, Limits(body_bytes_for=limit)) as house:
        visitor = await house.connect()
        await visitor.send(POST + POST.replace(b"/a", b"/b"))
        assert (await visitor.answer()).status == 200
        assert (await visitor.answer()).status == 413


async def test_a_body_in_many_pieces_at_its_limit_and_one_byte_more() -> None:
    size = 200_000
    content = bytes(range(250)) * (size // 250)
    pieces = [content[at : at + 777] for at in range(0, size, 777)]
    async with open_house(echo, Limits(body_bytes=size)) as house:
        visitor = await house.connect()
        await visitor.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size, *pieces)
        assert (await visitor.answer()).body == content
        chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
        head = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        await visitor.send(head, *chunks, b"0\r\n\r\n")
        assert (await visitor.answer()).body == content
        await visitor.send(head, *chunks, b"1\r\n")
        assert (await visitor.answer()).status == 413


async def test_all_bodies_together_are_bounded() -> None:
    release = trio.Event()

    async def wait(request: Request) -> Response:
        await release.wait()
        return Response(200, b"%d" % len(request.body))

    head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 40\r\n\r\n"
    async with open_house(wait, Limits(bodies_bytes=100, small_body_bytes=0)) as house:
        first, second, third, small, *idle = [await house.connect() for _ in range(20)]
        for visitor in (first, second, third, *idle):
            await visitor.send(head)  # to announce a body takes nobody's room
        await trio.testing.wait_all_tasks_blocked()
        await second.send(b"x" * 39)
        await first.send(b"x" * 40)
        await trio.testing.wait_all_tasks_blocked()  # being worked on, it still counts
        await third.send(b"x" * 30)
        refused = await third.answer()
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        await small.send(head + b"x" * 40)  # came in one piece: held by nobody but the handler
        release.set()
        assert (await small.answer()).body == b"40"
        assert (await first.answer()).body == b"40"
        for again in (first, first):
            await again.send(head)
            await trio.testing.wait_all_tasks_blocked()
            await again.send(b"x" * 40)
            assert (await again.answer()).body == b"40"
        await second.leave()
        await trio.testing.wait_all_tasks_blocked()
        for _ in range(2):
            await first.send(head)
            await trio.testing.wait_all_tasks_blocked()
            await first.send(b"x" * 40)
            assert (await first.answer()).status == 200


async def test_small_bodies_find_room_whatever_the_others_take() -> None:
    head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 40\r\n\r\n"
    async with open_house(echo, Limits(bodies_bytes=100, small_body_bytes=60)) as house:
        large, small = [await house.connect() for _ in range(2)]
        await large.send(head.replace(b"40", b"999"), b"x" * 100)
        for _ in range(3):
            await small.send(head, b"x" * 40)
            assert (await small.answer()).status == 200
            await small.send(CHUNKED)
            assert (await small.answer()).status == 200
        await large.send(b"x" * 61)
        assert (await large.answer()).status == 503


async def test_who_may_send_a_large_body_is_asked_before_it_is_read() -> None:
    asked: list[tuple[str, str, bytes]] = []

    def admit(request: Request) -> None:
        asked.append((request.path, request.peer, request.body))
        if "authorization" not in request.headers:
            raise Problem(401, "auth.missing", "No.")

    large = b"POST /large HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 999\r\n\r\n"
    chunks = CHUNKED_HEAD + b"80\r\n" + b"x" * 128
    known = large.replace(b"Expect: 100-continue", b"Authorization: a")
    async with open_house(echo, Limits(small_body_bytes=100), admit=admit) as house:
        for stranger, *parts in ((large,), (chunks[:-100], chunks[-100:])):
            visitor = await house.connect()
            await visitor.send(stranger, *parts)
            answer = await visitor.answer()
            assert (answer.status, answer.headers["connection"]) == (401, "close")
        assert [path for path, _, _ in asked] == ["/large", "/c"]
        visitor = await house.connect()
        await visitor.send(known, b"x" * 500, b"x" * 499)
        assert (await visitor.answer()).body == b"x" * 999
        await visitor.send(POST)
        assert (await visitor.answer()).status == 200
        assert [path for path, _, _ in asked] == ["/large", "/c", "/large"]
        assert {(peer, body) for _, peer, body in asked} == {("local", b"")}


async def test_chunked_bodies_count_as_they_come() -> None:
    async with open_house(echo, Limits(bodies_bytes=100, small_body_bytes=0)) as house:
        visitor = await house.connect()
        for _ in range(3):
            await visitor.send(CHUNKED)
            assert (await visitor.answer()).status == 200
        await visitor.send(CHUNKED_HEAD + b"60\r\n", b"x" * 96, b"\r\n1\r\n")
        assert (await visitor.answer()).status == 503


# The fence


class _Exploded(Exception):
    pass


async def test_a_handler_that_raises_is_a_500_with_an_incident(caplog: pytest.LogCaptureFixture) -> None:
    async def explode(request: Request) -> Response:
        try:
            raise KeyError(request.headers["authorization"])
        except KeyError as error:
            raise _Exploded(request.body.decode()) from error

    async with open_house(explode) as house:
        visitor = await house.connect()
        await visitor.send(POST.replace(b"Host", b"Authorization: Bearer hunter2\r\nHost"))
        answer = await visitor.answer()
        await visitor.stream.send_eof()
        assert await visitor.rest() == b""
        assert (answer.status, answer.json()["code"]) == (500, "internal")
        (record,) = caplog.records
        assert (record.name, record.levelno) == ("gateway.web", logging.ERROR)
        assert str(answer.json()["incident"]) in record.message
        assert "_Exploded" in record.message
        assert "builtins.KeyError" in record.message
        assert "in explode" in record.message
        assert "hunter2" not in caplog.text
        assert "hello" not in caplog.text
        visitor = await house.connect()  # the others live on
        await visitor.send(POST)
        assert (await visitor.answer()).status == 500


async def test_a_group_of_errors_is_one_incident(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise _Exploded

    async def explode(_request: Request) -> Response:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail)
            nursery.start_soon(fail)
        return Response(200)

    async with open_house(explode) as house:
        visitor = await house.connect()
        await visitor.send(GET)
        assert (await visitor.answer()).status == 500
    assert len(caplog.records) == 1
    assert "_Exploded" in caplog.text


@pytest.mark.parametrize("error", [trio.BrokenResourceError, trio.ClosedResourceError, OSError, trio.TooSlowError])
async def test_a_handler_whose_own_resources_break_is_no_client_gone(error: type[Exception]) -> None:
    async def explode(_request: Request) -> Response:
        raise error

    async with open_house(explode) as house:
        visitor = await house.connect()
        await visitor.send(GET)
        assert (await visitor.answer()).status == 500


@pytest.mark.parametrize(
    "response",
    [
        Response(200, headers=(("X-Bad", "a\r\nb: c"),)),
        Response(200, headers=(("X Bad", "a"),)),
        Response(200, b"x", headers=(("X-Bad", "a\r\nb: c"),)),
        Response(200, b"x", headers=(("X-Bad", "a\n"),)),
        Response(200, b"x", headers=(("X-Bad", "ä"),)),
        Response(200, b"x", headers=(("X-Bad\r\nY", "a"),)),
        Response(200, b"x", headers=(("Location", "/a"), ("Transfer-Encoding", "gzip"))),
        Response(200, content_type="a\nb", body=b"x"),
        Response(99),
        Response(204, b"x"),
        Response(200, b"x", headers=(("Content-Length", "7"),)),
    ],
)
async def test_an_impossible_response_is_an_incident(response: Response, caplog: pytest.LogCaptureFixture) -> None:
    async def answer(_request: Request) -> Response:
        return response

    async with open_house(answer) as house:
        visitor = await house.connect()
        await visitor.send(GET)
        assert (await visitor.answer()).status == 500
        await visitor.stream.send_eof()
        assert await visitor.rest() == b""
    assert len(caplog.records) == 1


async def test_a_problem_is_an_answer_and_the_connection_goes_on() -> None:
    async def refuse(_request: Request) -> Response:
        raise Problem(422, "consent.missing", "No consent.", field="/to", headers=(("X-More", "1"),))

    async with open_house(refuse) as house:
        visitor = await house.connect()
        await visitor.send(GET.replace(b"GET", b"HEAD") + POST)
        assert (await visitor.answer(to_head=True)).status == 422
        answer = await visitor.answer()
    assert answer.headers["x-more"] == "1"
    assert "connection" not in answer.headers
    assert answer.json()["errors"] == [{"field": "/to", "detail": "No consent."}]


async def test_a_client_that_goes_away_does_not_cancel_the_handler() -> None:
    begun, release, done = trio.Event(), trio.Event(), trio.Event()

    async def commit(_request: Request) -> Response:
        begun.set()
        await release.wait()
        await trio.lowlevel.checkpoint()
        done.set()
        return Response(200)

    with trio.fail_after(5):
        async with open_house(commit) as house:
            visitor = await house.connect()
            await visitor.send(POST + POST)
            await begun.wait()
            await visitor.leave()
            await trio.testing.wait_all_tasks_blocked()
            release.set()
            await done.wait()
            assert len(house.seen) == 1


# Streams


class Count:
    """An iterator that notes whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    async def upwards(self, end: int) -> AsyncIterator[bytes]:
        try:
            for number in range(end):
                yield b"%d," % number
                yield b""
                await trio.lowlevel.checkpoint()
        finally:
            self.closed = True


@pytest.mark.parametrize(
    ("line", "framing"), [(b"GET / HTTP/1.1", "chunked"), (b"GET / HTTP/1.0", None)], ids=["1.1", "1.0"]
)
async def test_a_stream(line: bytes, framing: str | None) -> None:
    async def answer(_request: Request) -> Response:
        return Response(200, content_type="text/csv", stream=Count().upwards(5))

    async with open_house(answer) as house:
        visitor = await house.connect()
        await visitor.send(line + b"\r\nHost: h\r\n\r\n" + GET)
        first = await visitor.answer()
        assert first.body == b"0,1,2,3,4,"
        assert first.headers.get("transfer-encoding") == framing
        assert "content-length" not in first.headers
        if framing:
            assert (await visitor.answer()).body == first.body


async def test_a_stream_that_fails_is_cut_off_and_never_ended(caplog: pytest.LogCaptureFixture) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"begun"
        raise _Exploded

    async def answer(_request: Request) -> Response:
        return Response(200, stream=failing())

    async with open_house(answer) as house:
        visitor = await house.connect()
        await visitor.send(GET)
        raw = await visitor.rest()
    assert raw.endswith(b"\r\n\r\n5\r\nbegun\r\n")
    assert len(caplog.records) == 1


async def test_a_stream_is_not_drawn_for_head_and_is_closed_when_nobody_listens() -> None:
    counts: list[Count] = []

    async def answer(_request: Request) -> Response:
        counts.append(Count())
        return Response(200, stream=counts[-1].upwards(1_000_000))

    async with open_house(answer) as house:
        visitor = await house.connect()
        await visitor.send(GET.replace(b"GET", b"HEAD"))
        await visitor.answer(to_head=True)
        assert not counts[0].closed  # it was never begun
        guest = await house.connect()
        await guest.send(GET)
        await guest.stream.receive_some()
        await guest.leave()
        with trio.fail_after(5):
            while not counts[1].closed:
                await trio.lowlevel.checkpoint()


async def test_nothing_more_is_read_while_a_request_is_worked_on() -> None:
    """Back-pressure: a client cannot make us hold more than one read of what it pipelines."""
    release = trio.Event()

    async def wait(_request: Request) -> Response:
        await release.wait()
        return Response(200)

    async with open_house(wait, pair=lockstep_stream_pair) as house:
        visitor = await house.connect()
        await visitor.send(POST)
        with trio.move_on_after(0.01) as scope:
            await visitor.send(POST)
        assert scope.cancelled_caught
        release.set()


async def test_every_answer_is_counted_once_whoever_gives_it() -> None:
    async def handler(request: Request) -> Response:
        if request.path == "/problem":
            raise Problem(404, "not_found", "Nothing is here.")
        if request.path == "/fault":
            raise ZeroDivisionError
        return Response(200, request.body)

    sent = (
        (GET, 200),
        (GET.replace(b"/a", b"/problem"), 404),
        (GET.replace(b"/a", b"/fault"), 500),
        (GET.replace(b"Host: h\r\n", b""), 400),
        (POST.replace(b"Length: 5", b"Length: 1048577"), 413),
        (GET.replace(b"Host", b"X: " + b"a" * 17000 + b"\r\nHost"), 431),
        (b"GET /", 408),
    )
    async with open_house(handler, Limits(head_seconds=0.3)) as house:
        for request, _ in sent:
            visitor = await house.connect()
            await visitor.send(request)
            await visitor.answer()
    assert house.answered == [status for _, status in sent]
