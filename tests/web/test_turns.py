"""Large requests take turns; small ones pass them by, and clients let each other in."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gateway.config import ClientConfig
from gateway.web.http import Request, Response
from gateway.web.turns import ENOUGH_BYTES, SMALL_BYTES, Turns
from tests.web.estate import CONFIG, WISH, Estate

ONE, OTHER, *_ = CONFIG.clients
HALF = ENOUGH_BYTES // 2


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

    async def end(self, *paths: str) -> None:
        for path in paths:
            self._done[path].set()
            await wait_all_tasks_blocked()


async def _come(nursery: trio.Nursery, desk: Desk, *callers: tuple[str, int] | tuple[str, int, ClientConfig]) -> None:
    handler = Turns().taking(desk)
    for path, size, *clients in callers:

        async def ask(
            path: str = path, size: int = size, client: ClientConfig = clients[0] if clients else ONE
        ) -> None:
            try:
                await handler(Request(method="POST", path=path, body=bytes(size)), client)
            except LookupError:
                assert path == "/fails"

        nursery.start_soon(ask)
        await wait_all_tasks_blocked()


async def test_large_ones_wait_for_room_in_the_order_of_their_coming(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    desk = Desk()
    large = ENOUGH_BYTES - SMALL_BYTES
    await _come(nursery, desk, ("/1", HALF), ("/2", HALF), ("/3", large), ("/4", SMALL_BYTES + 1), ("/5", large))
    assert desk.at_work == ["/1", "/2"]
    await desk.end("/2")
    assert desk.at_work == ["/1", "/3"]  # below enough, the next is let in, however large it is
    await desk.end("/1")
    assert desk.at_work == ["/3", "/4"]
    await desk.end("/4")
    assert desk.at_work == ["/3", "/5"]
    await desk.end("/3", "/5")


async def test_small_ones_wait_for_nobody(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    desk = Desk()
    await _come(nursery, desk, ("/1", ENOUGH_BYTES), ("/2", HALF), ("/3", SMALL_BYTES), ("/4", 0))
    assert desk.at_work == ["/1", "/3", "/4"]
    await desk.end("/1", "/2", "/3", "/4")


async def test_a_client_does_not_wait_behind_all_of_anothers(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    desk = Desk()
    size = ENOUGH_BYTES
    flood = [(f"/{n}", size) for n in range(1, 6)]
    await _come(nursery, desk, *flood, ("/a", size, OTHER), ("/b", size, OTHER))
    order = []
    while desk.at_work:
        (path,) = desk.at_work
        order.append(path)
        await desk.end(path)
    assert order == ["/1", "/2", "/a", "/3", "/b", "/4", "/5"]


async def test_one_that_fails_leaves_its_place(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    desk = Desk()
    await _come(nursery, desk, ("/fails", ENOUGH_BYTES), ("/2", ENOUGH_BYTES))
    await desk.end("/fails")
    assert desk.at_work == ["/2"]
    await desk.end("/2")


async def test_one_that_is_called_off_leaves_the_line(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    desk = Desk()
    turns = Turns()
    handler = turns.taking(desk)
    request = Request(method="POST", path="/1", body=bytes(ENOUGH_BYTES))
    nursery.start_soon(handler, request, ONE)
    await wait_all_tasks_blocked()
    with trio.move_on_after(5):
        await handler(request, ONE)
    nursery.start_soon(handler, Request(method="POST", path="/3", body=bytes(ENOUGH_BYTES)), ONE)
    await wait_all_tasks_blocked()
    await desk.end("/1")
    assert desk.at_work == ["/3"]
    await desk.end("/3")


async def test_one_that_is_called_off_as_its_turn_comes_leaves_its_place(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    turns = Turns()
    with trio.CancelScope() as scope:
        scope.cancel()
        async with turns.turn(ONE.id, ENOUGH_BYTES):
            pytest.fail("it was called off")
    with trio.fail_after(5):
        async with turns.turn(ONE.id, ENOUGH_BYTES):
            pass


async def test_a_batch_waits_and_a_text_does_not(estate: Estate) -> None:
    async with estate.doors.turns.turn(ONE.id, ENOUGH_BYTES):
        with trio.move_on_after(0.1) as waiting:
            await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH] * 1000})
        assert waiting.cancelled_caught
        assert (await estate.ask("POST", "/v1/messages", WISH)).status == 422
        assert (await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH]})).status == 200
    assert (await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH] * 1000})).status == 200
