"""Webhooks from the event log: at least once, in order for a message, tried again, given up, revived, over restarts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import trio

from gateway.config import WebhookConfig
from gateway.flow import notify
from gateway.flow.notify import Notify
from gateway.metrics import Metrics
from gateway.model.clock import DAY, HOUR
from gateway.model.consent import ConsentChange, ConsentState
from gateway.model.events import Event
from gateway.store.sqlite import SqliteStore, open_memory
from gateway.store.webhooks import Retry, Revival, TurnWanted
from gateway.webhook.client import Client, Endpoint
from gateway.webhook.sign import new_secret, verify

LIMIT = 20
NAME = "demo/main"


class Receiver:
    """An HTTP server that takes webhooks and answers with the next of its statuses."""

    def __init__(self) -> None:
        self.secret = new_secret()
        self.statuses: list[int] = []
        self.seen: list[tuple[str, dict[str, Any]]] = []

    async def serve(self, stream: trio.SocketStream) -> None:
        octets = b""
        while True:
            while b"\r\n\r\n" not in octets:
                more = await stream.receive_some()
                if not more:
                    return
                octets += more
            head, _, rest = octets.partition(b"\r\n\r\n")
            lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
            headers = {name.lower(): value for name, value in lines}
            length = int(headers["content-length"])
            while len(rest) < length:
                rest += await stream.receive_some()
            body, octets = rest[:length], rest[length:]
            verify([self.secret], headers, body, int(headers["webhook-timestamp"]))
            self.seen.append((headers["webhook-id"], msgspec.json.decode(body)))
            status = self.statuses.pop(0) if self.statuses else 204
            await stream.send_all(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())

    async def until(self, count: int) -> None:
        with trio.fail_after(LIMIT):
            while len(self.seen) < count:
                await trio.sleep(0.005)


class Stage:
    def __init__(self, store: SqliteStore, receiver: Receiver, url: str, sender: Client) -> None:
        self.store = store
        self.receiver = receiver
        self.wall = 1_790_000_000_000
        self.happened = 0
        config = WebhookConfig(id="main", url=url, secret=receiver.secret.reveal(), allow_private=True)
        self.config = config
        endpoint = Endpoint(NAME, url, (receiver.secret,), allow_private=True)
        self.notify = Notify("demo", config, endpoint, sender, store, Metrics(), lambda: self.wall)
        store.on_commit(lambda queued, told, verbs, seconds: self.notify.wake() if "demo" in told else None)

    async def happen(self, count: int = 1) -> None:
        """Events of as many new consents."""
        for index in range(self.happened, self.happened + count):
            number = f"+1212555{index:04d}"
            state = ConsentState.CONFIRMED
            change = ConsentChange(number, "demo", "servicing", "servicing", state, self.wall, "api", b"{}", self.wall)  # type: ignore[arg-type]
            await self.store.change_consents([change])
        self.happened += count


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    async with open_memory() as store, Client() as sender, trio.open_nursery() as nursery:
        receiver = Receiver()
        listeners = await nursery.start(trio.serve_tcp, receiver.serve, 0)
        url = f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}/hook"
        made = Stage(store, receiver, url, sender)
        ended = trio.Event()

        async def deliver() -> None:
            await made.notify.run()
            ended.set()

        nursery.start_soon(deliver)
        await store.open_webhook(NAME)
        yield made
        made.notify.stop()
        with trio.fail_after(LIMIT):
            await ended.wait()
        nursery.cancel_scope.cancel()


async def settled(on: Stage, **wanted: object) -> None:
    """Wait until the endpoint's state is as wanted."""
    with trio.fail_after(LIMIT):
        while True:
            state = await on.store.webhook_state(NAME)
            if all(getattr(state, name) == value for name, value in wanted.items()):
                return
            await trio.sleep(0.005)


async def owed(on: Stage) -> list[tuple[Retry, Event]]:
    """Deliveries that failed, the next one first."""
    return (await on.store.webhook_turn(TurnWanted(NAME, "demo", 0, on.wall + 365 * DAY, 10))).due


async def recorded(on: Stage, attempt: int) -> None:
    """Wait until that many attempts of the one failing event are on disk."""
    with trio.fail_after(LIMIT):
        while True:
            waiting = await owed(on)
            if attempt == 10 or (waiting and waiting[0][0].attempt == attempt):
                return
            await trio.sleep(0.005)


async def test_every_event_is_delivered_signed_and_once() -> None:
    async with stage() as on:
        await on.happen(5)
        await on.receiver.until(5)
        await settled(on, cursor=5)
        ids = [webhook_id for webhook_id, _ in on.receiver.seen]
        assert len(set(ids)) == 5
        _, body = on.receiver.seen[0]
        assert body["type"] == "consent.granted"
        assert set(body) == {"type", "timestamp", "seq", "data"}


async def test_a_failure_is_tried_again_under_the_same_id() -> None:
    async with stage() as on:
        on.receiver.statuses = [500]
        await on.happen()
        await recorded(on, 1)
        on.wall += 60_000
        on.notify.wake()
        await on.receiver.until(2)
        await settled(on, waiting=0, dead=0)
        assert on.receiver.seen[0] == on.receiver.seen[1]


async def test_ten_failures_are_given_up_and_can_be_replayed() -> None:
    async with stage() as on:
        on.receiver.statuses = [500] * 10
        await on.happen()
        for attempt in range(1, 11):
            await on.receiver.until(attempt)
            await recorded(on, attempt)
            on.wall += 2 * DAY
            on.notify.wake()
        await settled(on, waiting=0, dead=1)
        assert await on.store.revive_webhook(Revival(NAME, on.wall)) == [1]
        on.notify.wake()
        await on.receiver.until(11)
        await settled(on, waiting=0, dead=0)


async def test_gone_disables_the_endpoint_until_it_is_revived() -> None:
    async with stage() as on:
        on.receiver.statuses = [410]
        await on.happen()
        await on.receiver.until(1)
        with trio.fail_after(LIMIT):
            while (await on.store.webhook_state(NAME)).disabled_at is None:
                await trio.sleep(0.005)
        await on.happen(1)
        await on.store.revive_webhook(Revival(NAME, on.wall))
        on.wall += 60_000
        on.notify.wake()
        await on.receiver.until(2)
        await settled(on, disabled_at=None, waiting=0)


async def test_news_that_came_beside_a_retry_are_not_sent_to_whoever_answered_that_it_is_gone() -> None:
    async with stage() as on:
        on.receiver.statuses = [500, 410]
        await on.happen()
        await recorded(on, 1)
        on.wall += 60_000
        await on.happen()  # so that one turn has both
        await on.receiver.until(2)
        with trio.fail_after(LIMIT):
            while (await on.store.webhook_state(NAME)).disabled_at is None:
                await trio.sleep(0.005)
        await on.store.revive_webhook(Revival(NAME, on.wall))
        on.notify.wake()
        await on.receiver.until(4)
        assert [body["seq"] for _, body in on.receiver.seen] == [1, 1, 1, 2]


@pytest.mark.parametrize("events", [("message.*",), ("message.delivered",)])
async def test_what_nobody_asked_for_is_passed_over(events: tuple[str, ...]) -> None:
    async with stage() as on:
        on.notify._config = msgspec.structs.replace(on.config, events=events)
        await on.happen()
        await settled(on, cursor=1)
        assert not on.receiver.seen


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "pause", lambda failures, retry_after: 0.2 * failures)


@pytest.mark.usefixtures("short_pauses")
async def test_one_event_that_always_meets_a_502_holds_up_no_other() -> None:
    async with stage() as on:
        on.receiver.statuses = [502]
        await on.happen()
        await recorded(on, 1)
        for attempt in range(2, 5):
            seen = len(on.receiver.seen)
            await on.happen(3)
            await on.receiver.until(seen + 3)
            await settled(on, waiting=1)
            on.wall += DAY  # the event is due again, and meets the same
            on.receiver.statuses = [502]
            on.notify.wake()
            await recorded(on, attempt)
            assert 0 < on.notify.paused() <= 0.2, "what was delivered meanwhile proves that the receiver is well"


@pytest.mark.usefixtures("short_pauses")
async def test_a_receiver_that_only_asks_for_less_gets_longer_and_longer_pauses() -> None:
    async with stage() as on:
        on.receiver.statuses = [502] * 60
        await on.happen(20)  # side by side: answers to one turn are one answer
        pauses: list[float] = []
        with trio.fail_after(LIMIT):
            while len(pauses) < 3:
                await trio.sleep(0.005)
                if (left := on.notify.paused()) > (pauses[-1] if pauses else 0.0):
                    pauses.append(left)
                    on.wall += HOUR
        assert [round(pause, 1) for pause in pauses] == [0.2, 0.4, 0.6]


async def test_a_replay_ends_a_pause() -> None:
    async with stage() as on:
        on.receiver.statuses = [429]
        await on.happen()
        await recorded(on, 1)
        await on.happen()
        assert on.notify.paused() > 4
        await on.store.revive_webhook(Revival(NAME, on.wall))
        on.notify.resume()
        await on.receiver.until(3)
        await settled(on, waiting=0)
        assert on.notify.paused() == 0
