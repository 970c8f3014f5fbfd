"""Stopping while a receiver does not answer, or asked for a pause: soon, and nothing is forgotten."""

import msgspec
import pytest
import trio
import trio.testing

from gateway.errors import Code, Transient
from gateway.model.events import Event
from gateway.store.webhooks import Progress, Retry
from tests.flow.test_notify import LIMIT, NAME, owed, recorded, stage


async def test_a_receiver_that_hangs_does_not_hold_up_the_stop() -> None:
    asked = trio.Event()

    async def hang(stream: trio.SocketStream) -> None:
        async for _ in stream:
            asked.set()

    async with stage() as on, trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, hang, 0)
        url = f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}/hook"
        on.notify._endpoint = msgspec.structs.replace(on.notify._endpoint, url=url)
        await on.happen(3)
        with trio.fail_after(LIMIT):
            await asked.wait()
        on.notify.stop(0.05)
        waiting: list[tuple[Retry, Event]] = []
        with trio.fail_after(LIMIT):
            while not waiting:
                await trio.sleep(0.005)
                waiting = await owed(on)
        # What was cut off is due again as if it had not been tried; what was not begun is still in the log.
        assert {(retry.attempt, retry.due_at) for retry, _ in waiting} == {(0, on.wall)}
        assert (await on.store.webhook_state(NAME)).cursor == len(waiting)
        nursery.cancel_scope.cancel()


async def test_a_pause_that_the_receiver_asked_for_does_not_hold_up_the_stop() -> None:
    async with stage() as on:
        on.receiver.statuses = [429]
        await on.happen()
        await on.receiver.until(1)
        await recorded(on, 1)
        assert on.notify.paused() > 4
        await trio.testing.wait_all_tasks_blocked(0.05)
    # The stage stopped it, and gave it less time than the pause would have taken.


async def test_a_disk_that_takes_nothing_at_the_end_is_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage() as on:
        recorded_at_last = trio.Event()

        async def refuse(progress: Progress) -> None:
            on.notify.stop(0.0)
            recorded_at_last.set()
            raise Transient(Code.STORE_UNAVAILABLE, "another process holds the database locked", after=5.0)

        monkeypatch.setattr(on.store, "record_progress", refuse)
        await on.happen()
        with trio.fail_after(LIMIT):
            await recorded_at_last.wait()
        assert (await on.store.webhook_state(NAME)).cursor == 0, "it comes again after a start"
