"""Large requests take turns; small ones pass them by."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gateway.config import ClientConfig
from gateway.web.http import Request, Response
from gateway.web.turns import MOST_BYTES, SMALL_BYTES, Turns
from tests.web.estate import CONFIG, WISH, Estate

CLIENT = CONFIG.clients[0]
HALF = MOST_BYTES // 2


class Desk:
    """A handler that is at work on a request until told that it is done."""

    def __init__(self) -> None:
        self.at_work: list[str] = []
        self._done: dict[str, trio.Event] = {}

    async def __call__(self, request: Request, client: ClientConfig) -> Response:
        self.at_work.append(request.path)
        done = self._done[request.path] = trio.Event()
        try:
            await done.wait()
            if request.path == "/fails":
                raise LookupError
        finally:
            self.at_work.remove(request.path)
        return Response(200)

    async def end(self, path: str) -> None:
        self._done[path].set()
        await wait_all_tasks_blocked()


async def _come(nursery: trio.Nursery, desk: Desk, *callers: tuple[str, int]) -> None:
    handler = Turns().taking(desk)
    for path, size in callers:

        async def ask(path: str = path, size: int = size) -> None:
            try:
                await handler(Request(method="POST", path=path, body=bytes(size)), CLIENT)
            except LookupError:
                assert path == "/fails"

        nursery.start_soon(ask)
        await wait_all_tasks_blocked()


async def test_large_ones_wait_for_room_in_the_order_of_their_coming(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    desk = Desk()
    await _come(nursery, desk, ("/1", HALF), ("/2", HALF), ("/3", HALF), ("/4", SMALL_BYTES + 1), ("/5", HALF))
    assert desk.at_work == ["/1", "/2"]
    await desk.end("/2")
    assert desk.at_work == ["/1", "/3"]  # nobody overtakes, though there would be room for a smaller one
    await desk.end("/1")
    assert desk.at_work == ["/3", "/4"]
    await desk.end("/3")
    assert desk.at_work == ["/4", "/5"]
    for path in ("/4", "/5"):
        await desk.end(path)


async def test_small_ones_wait_for_nobody(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    desk = Desk()
    await _come(nursery, desk, ("/1", MOST_BYTES), ("/2", HALF), ("/3", SMALL_BYTES), ("/4", 0))
    assert desk.at_work == ["/1", "/3", "/4"]
    for path in ("/1", "/2", "/3", "/4"):
        await desk.end(path)


async def test_one_that_is_larger_than_the_room_goes_alone(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    desk = Desk()
    await _come(nursery, desk, ("/1", HALF), ("/2", 3 * MOST_BYTES), ("/3", HALF))
    assert desk.at_work == ["/1"]
    await desk.end("/1")
    assert desk.at_work == ["/2"]
    await desk.end("/2")
    assert desk.at_work == ["/3"]
    await desk.end("/3")


async def test_one_that_fails_leaves_its_place(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    desk = Desk()
    await _come(nursery, desk, ("/fails", MOST_BYTES), ("/2", MOST_BYTES))
    await desk.end("/fails")
    assert desk.at_work == ["/2"]
    await desk.end("/2")


@pytest.mark.parametrize("size", [HALF, MOST_BYTES])
async def test_one_that_is_called_off_leaves_the_line(
    nursery: trio.Nursery, autojump_clock: MockClock, size: int
) -> None:
    desk = Desk()
    handler = Turns().taking(desk)
    nursery.start_soon(handler, Request(method="POST", path="/1", body=bytes(MOST_BYTES)), CLIENT)
    await wait_all_tasks_blocked()
    with trio.move_on_after(5):
        await handler(Request(method="POST", path="/2", body=bytes(size)), CLIENT)
    nursery.start_soon(handler, Request(method="POST", path="/3", body=bytes(size)), CLIENT)
    await wait_all_tasks_blocked()
    await desk.end("/1")
    assert desk.at_work == ["/3"]
    await desk.end("/3")


async def test_a_batch_waits_and_a_text_does_not(estate: Estate) -> None:
    async with estate.doors.turns.turn(MOST_BYTES):
        with trio.move_on_after(0.1) as waiting:
            await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH] * 1000})
        assert waiting.cancelled_caught
        assert (await estate.ask("POST", "/v1/messages", WISH)).status == 422
        assert (await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH]})).status == 200
    assert (await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH] * 1000})).status == 200
