"""Time: absolute deadlines, the orderly stop, and how many may come in. On a clock that jumps."""

from collections.abc import AsyncIterator
from typing import TypeAlias

import pytest
import trio
from trio.testing import MemoryReceiveStream, MemorySendStream, MockClock, lockstep_stream_pair, memory_stream_pair

from gateway.web.door import LOOK_SECONDS
from gateway.web.http import Request, Response
from gateway.web.server import Limits
from tests.web.harness import echo, open_house

GET = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\n"
CHUNKED = b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
LIMITS = Limits()

StreamEnd: TypeAlias = trio.StapledStream[MemorySendStream, MemoryReceiveStream]


def about(seconds: float) -> object:
    return pytest.approx(seconds + LOOK_SECONDS / 2, abs=LOOK_SECONDS / 2 + 0.01)


async def test_a_silent_connection_is_closed_without_a_word(autojump_clock: MockClock) -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        begun = trio.current_time()
        assert await visitor.rest() == b""
        assert trio.current_time() - begun == about(LIMITS.head_seconds)


@pytest.mark.parametrize("wait", [0.0, 9.0])
async def test_a_dripped_head_is_closed_in_time(autojump_clock: MockClock, wait: float) -> None:
    """However long the client waits before it begins, and however steadily it goes on."""
    async with open_house(echo) as house, trio.open_nursery() as nursery:
        visitor = await house.connect()
        begun = trio.current_time()

        async def drip() -> None:
            await trio.sleep(wait)
            await visitor.drip(b"GET / HTTP/1.1\r\nX: " + b"a" * 1000, seconds=1)

        nursery.start_soon(drip)
        answer = await visitor.answer()
        assert (answer.status, answer.json()["code"]) == (408, "request.timeout")
        assert trio.current_time() - begun == about(LIMITS.head_seconds)
        assert await visitor.rest() == b""
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("head", "body"), [(POST, b"x" * 50), (CHUNKED, b"1\r\nx\r\n" * 50), (CHUNKED, b"0\r\n" + b"X: y\r\n" * 50)]
)
async def test_a_dripped_body_is_closed_in_time(autojump_clock: MockClock, head: bytes, body: bytes) -> None:
    async with open_house(echo) as house, trio.open_nursery() as nursery:
        visitor = await house.connect()
        await visitor.send(head)
        begun = trio.current_time()
        nursery.start_soon(visitor.drip, body, 1)
        assert (await visitor.answer()).status == 408
        assert trio.current_time() - begun == about(LIMITS.body_seconds)
        assert await visitor.rest() == b""
        nursery.cancel_scope.cancel()
    assert house.seen == []


async def test_a_refused_client_that_goes_on_sending_is_closed_in_time(autojump_clock: MockClock) -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        begun = trio.current_time()
        await visitor.send(b"\n")
        with pytest.raises(trio.BrokenResourceError):
            await visitor.drip(b"x" * 1000, seconds=0.1)
        assert trio.current_time() - begun <= LIMITS.linger_seconds + 0.2


async def test_a_refused_client_that_floods_is_closed_at_once(autojump_clock: MockClock) -> None:
    async with open_house(echo, pair=lockstep_stream_pair) as house:
        visitor = await house.connect()
        begun = trio.current_time()

        async def flood() -> None:
            while True:
                await visitor.send(b"\n" * 100_000)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(visitor.rest)
            with pytest.raises(trio.BrokenResourceError):
                await flood()
        assert trio.current_time() == begun


async def test_a_request_that_is_slow_but_in_time_is_served(autojump_clock: MockClock) -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        for _ in range(3):
            await visitor.drip(POST, seconds=9.5 / len(POST))
            await visitor.drip(b"x" * 50, seconds=19.5 / 50)
            assert (await visitor.answer()).status == 200


async def test_an_idle_connection_is_closed_without_a_word(autojump_clock: MockClock) -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(GET)
        await visitor.answer()
        begun = trio.current_time()
        assert await visitor.rest() == b""
        assert trio.current_time() - begun == about(LIMITS.idle_seconds)


async def test_the_head_of_a_later_request_has_its_own_time(autojump_clock: MockClock) -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        await visitor.send(GET)
        await visitor.answer()
        await trio.sleep(LIMITS.idle_seconds - 5)
        await visitor.send(GET[:5])
        begun = trio.current_time()
        assert (await visitor.answer()).status == 408
        assert trio.current_time() - begun == about(LIMITS.head_seconds)


async def test_half_a_request_behind_a_whole_one_has_the_time_of_a_head(autojump_clock: MockClock) -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        begun = trio.current_time()
        await visitor.send(GET + GET[:5])
        assert (await visitor.answer()).status == 200
        assert (await visitor.answer()).status == 408
        assert trio.current_time() - begun == about(LIMITS.head_seconds)


async def test_empty_lines_do_not_prolong_idleness(autojump_clock: MockClock) -> None:
    async with open_house(echo) as house:
        visitor = await house.connect()
        begun = trio.current_time()
        await trio.sleep(9)
        await visitor.send(b"\r\n")
        assert await visitor.rest() == b""
        assert trio.current_time() - begun == about(LIMITS.head_seconds)


@pytest.mark.parametrize("size", [10, 100_000])
async def test_a_client_that_does_not_read_is_closed_in_time(autojump_clock: MockClock, size: int) -> None:
    async def answer(_request: Request) -> Response:
        return Response(200, b"x" * size)

    async with open_house(answer, pair=lockstep_stream_pair) as house:
        visitor = await house.connect()
        await visitor.send(GET)
        begun = trio.current_time()
        with pytest.raises(trio.BrokenResourceError):
            await visitor.send(GET, GET)
        assert trio.current_time() - begun <= LIMITS.write_seconds + LIMITS.linger_seconds + LOOK_SECONDS


async def test_each_piece_of_a_stream_has_its_own_time_and_waiting_for_it_has_none(autojump_clock: MockClock) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(10):
            await trio.sleep(60)
            yield b"x"

    async def answer(_request: Request) -> Response:
        return Response(200, stream=slowly())

    async with open_house(answer) as house:
        visitor = await house.connect()
        await visitor.send(GET)
        assert (await visitor.answer()).body == b"x" * 10


async def test_a_handler_is_never_cancelled_by_a_deadline(autojump_clock: MockClock) -> None:
    async def think(request: Request) -> Response:
        await trio.sleep(500)
        return Response(200, request.body)

    async with open_house(think) as house:
        one, other = await house.connect(), await house.connect()
        await one.send(GET)
        await other.drip(POST + b"x" * 50, seconds=0.1)
        assert (await one.answer()).status == 200
        assert (await other.answer()).body == b"x" * 50


async def test_the_last_byte_in_the_last_moment(autojump_clock: MockClock) -> None:
    """Byte and deadline in the same tick, in either order: the handler runs to its end or not at all."""
    servers_ends: list[StreamEnd] = []
    ended = []

    def pair() -> tuple[StreamEnd, StreamEnd]:
        ours, theirs = memory_stream_pair()
        servers_ends.append(theirs)
        return ours, theirs

    async def work(request: Request) -> Response:
        await trio.sleep(1)
        ended.append(request)
        return Response(200)

    statuses = set()
    async with open_house(work, pair=pair) as house:
        for _ in range(30):
            visitor = await house.connect()
            await visitor.send(GET[:-1])
            await trio.sleep_until(trio.current_time() + LIMITS.head_seconds)
            servers_ends[-1].receive_stream.put_data(GET[-1:])
            statuses.add((await visitor.answer()).status)
            assert ended == house.seen
    assert statuses <= {200, 408}
    assert 408 in statuses


# The stop


async def test_a_stop_closes_the_idle_and_answers_what_is_under_way(autojump_clock: MockClock) -> None:
    async def work(request: Request) -> Response:
        await trio.sleep(2)
        return Response(200, request.body)

    async with open_house(work) as house:
        fresh, idle, working, reading, pipelining = [await house.connect() for _ in range(5)]
        await idle.send(GET)
        await idle.answer()
        await working.send(GET)
        await reading.send(POST)
        await pipelining.send(GET + GET)
        await trio.testing.wait_all_tasks_blocked()
        begun = trio.current_time()
        house.stopping.set()
        assert await fresh.rest() == b""
        assert await idle.rest() == b""
        assert trio.current_time() == begun
        await reading.send(b"x" * 50)
        for visitor in (working, reading, pipelining):
            answer = await visitor.answer()
            assert (answer.status, answer.headers["connection"]) == (200, "close")
            await visitor.stream.send_eof()
            assert await visitor.rest() == b""
        await house.stopped.wait()
        assert trio.current_time() - begun == pytest.approx(2, abs=0.1)
        with pytest.raises(trio.BrokenResourceError):
            await house.connect()
    assert len(house.seen) == 4


async def test_a_stop_while_an_answer_is_being_written_closes_behind_it(autojump_clock: MockClock) -> None:
    async with open_house(echo, pair=lockstep_stream_pair) as house:
        visitor = await house.connect()
        await visitor.send(GET)
        await trio.testing.wait_all_tasks_blocked()
        begun = trio.current_time()
        house.stopping.set()
        await trio.testing.wait_all_tasks_blocked()
        assert (await visitor.answer()).status == 200
        assert await visitor.rest() == b""
        assert trio.current_time() == begun


async def test_a_stop_ends_in_time_whatever_is_under_way(autojump_clock: MockClock) -> None:
    async def work(_request: Request) -> Response:
        await trio.sleep_forever()
        raise AssertionError

    async with open_house(work) as house:
        for sent in (GET, POST, GET[:5]):
            await (await house.connect()).send(sent)
        await trio.testing.wait_all_tasks_blocked()
        begun = trio.current_time()
        house.stopping.set()
        await house.stopped.wait()
        assert trio.current_time() - begun == pytest.approx(LIMITS.stop_seconds, abs=0.1)


async def test_a_stop_without_anybody_is_immediate(autojump_clock: MockClock) -> None:
    async with open_house(echo) as house:
        await trio.testing.wait_all_tasks_blocked()
        house.stopping.set()
        await house.stopped.wait()
        assert trio.current_time() <= LOOK_SECONDS


async def test_no_more_come_in_than_may(autojump_clock: MockClock) -> None:
    async with open_house(echo, Limits(connections=2)) as house:
        first, second, third = [await house.connect() for _ in range(3)]
        assert await third.rest() == b""
        await first.send(GET)
        assert (await first.answer()).status == 200
        await second.leave()
        await trio.testing.wait_all_tasks_blocked()
        fourth = await house.connect()
        await fourth.send(GET)
        assert (await fourth.answer()).status == 200
