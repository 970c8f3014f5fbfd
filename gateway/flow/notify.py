"""Webhooks: each endpoint reads the event log from its cursor, delivers, and records how far it came.

Owns: the order and the pace of an endpoint's deliveries. Does not own: one attempt (webhook/client), when to try again
(webhook/schedule), or what is still to do over restarts (store).

Events of one message go one behind the other; those of different messages side by side. What fails leaves the cursor and
waits in a row of its own, and a receiver that asks for less gets a short pause: one bad event holds up nothing. An attempt
that was made but not yet recorded when the process died is made again: at least once, under the same webhook-id.
"""

import logging
import math
import random
from collections.abc import Callable, Iterable, Sequence

import msgspec
import trio

from gateway.config import WebhookConfig
from gateway.errors import Transient
from gateway.metrics import Metrics
from gateway.model.clock import spell_instant
from gateway.model.events import Event
from gateway.model.ids import spell
from gateway.store.base import Store
from gateway.store.webhooks import Progress, Retry, TurnWanted
from gateway.webhook.client import Client, Endpoint
from gateway.webhook.schedule import Verdict, next_attempt, pause

_log = logging.getLogger("gateway.flow")

_BATCH = 100
_SIDE_BY_SIDE = 16
_REFRESH_SECONDS = 60.0
_IDLE_WHEN_DISABLED_SECONDS = 5.0
_STOP_SECONDS = 2.0

_encode = msgspec.json.Encoder().encode


class Payload(msgspec.Struct, frozen=True):
    """The body of a webhook (Standard Webhooks: type, timestamp, data), with the event's place in the log."""

    type: str
    timestamp: str
    seq: int
    data: msgspec.Raw


def payload(event: Event) -> bytes:
    """The JSON that is signed and sent; the same for every attempt."""
    return _encode(Payload(event.kind, spell_instant(event.at), event.seq, event.body))


class Notify:
    """One endpoint of one client."""

    def __init__(
        self,
        client: str,
        config: WebhookConfig,
        endpoint: Endpoint,
        sender: Client,
        store: Store,
        metrics: Metrics,
        now: Callable[[], int],
    ) -> None:
        self.client = client
        self._config = config
        self._endpoint = endpoint
        self._sender = sender
        self._store = store
        self._metrics = metrics
        self._now = now
        self._signal = trio.Event()
        self._stopping = trio.Event()
        self._under_way = trio.CancelScope()
        """The attempts of the batch that is being delivered."""
        self._paused_until = -math.inf
        """In Trio's time."""
        self._slowed = 0
        """How often it asked for less since it last took something."""
        self._resumed = trio.Event()
        """A pause is over before its time."""

    @property
    def name(self) -> str:
        """Client and webhook."""
        return self._endpoint.id

    def wake(self) -> None:
        """The client's log grew."""
        self._signal.set()
        self._signal = trio.Event()

    def resume(self) -> None:
        """An operator asked for a replay: what failed is due again, and no pause counts any more."""
        self._paused_until = -math.inf
        self._slowed = 0
        self._resumed.set()
        self._resumed = trio.Event()
        self.wake()

    def paused(self) -> float:
        """For how many seconds more the receiver gets nothing, because it asked for less; 0: it gets what there is."""
        return max(0.0, self._paused_until - trio.current_time())

    def stop(self, patience: float = _STOP_SECONDS) -> None:
        """Begin no more attempts, give those under way so many seconds, then end ``run``; the rest is tried after a start."""
        self._stopping.set()
        self._resumed.set()
        self._under_way.deadline = trio.current_time() + patience
        self.wake()

    async def run(self) -> None:
        """Deliver until stopped."""
        try:
            await self._run()
        except Transient as error:
            if not self._stopping.is_set():
                raise
            # It comes again after a start, under the same id.
            _log.warning("webhook %s: what was delivered last is not on record: %s", self._endpoint.id, error)

    async def _run(self) -> None:
        (state,) = await self._store.open_webhook(self._endpoint.id)
        cursor = state.cursor
        while not self._stopping.is_set():
            signal, resumed = self._signal, self._resumed
            now = self._now()
            if left := self.paused():
                await _wait(resumed, left)  # news do not end the pause
                continue
            turn = await self._store.webhook_turn(TurnWanted(self._endpoint.id, self.client, cursor, now, _BATCH))
            if turn.disabled_at is not None:
                await _wait(signal, _IDLE_WHEN_DISABLED_SECONDS)
                continue
            if turn.due and not await self._deliver([(event, retry.attempt) for retry, event in turn.due], None):
                continue  # what comes next is for a revived endpoint
            if turn.news:
                cursor = turn.news[-1].seq
                wanted = [(event, 0) for event in turn.news if self._config.wants(event.kind)]
                await self._deliver(wanted, cursor)
            elif not turn.due:
                pause = _REFRESH_SECONDS if turn.next_due is None else (turn.next_due - now) / 1000
                await _wait(signal, min(_REFRESH_SECONDS, max(pause, 0.01)))

    async def _deliver(self, events: Sequence[tuple[Event, int]], cursor: int | None) -> bool:
        """One attempt for each event, then one record of them all; False where the receiver said that it is gone for good."""
        if self._stopping.is_set():
            return True
        groups: dict[int, list[tuple[Event, int]]] = {}
        for event, attempt in events:
            groups.setdefault(event.message_id or -event.seq, []).append((event, attempt))
        delivered: list[int] = []
        failed: list[Retry] = []
        gone: list[str] = []
        places = trio.CapacityLimiter(_SIDE_BY_SIDE)

        async def deliver_group(group: Iterable[tuple[Event, int]]) -> None:
            async with places:
                for event, attempt in group:
                    if gone or self._stopping.is_set() or self.paused():
                        failed.append(Retry(self._endpoint.id, event.seq, attempt, self._now(), "held back"))
                        continue
                    await self._attempt(event, attempt, delivered, failed, gone)

        with trio.CancelScope() as self._under_way:
            async with trio.open_nursery() as nursery:
                for group in groups.values():
                    nursery.start_soon(deliver_group, group)
        retried = tuple(seq for seq in delivered if cursor is None)
        now = self._now()
        done = {*delivered, *(retry.seq for retry in failed)}
        failed += [
            Retry(self._endpoint.id, event.seq, attempt, now, "cut off by a stop")
            for event, attempt in events
            if event.seq not in done
        ]
        await self._store.record_progress(
            Progress(
                self._endpoint.id,
                cursor,
                retried,
                tuple(failed),
                now if gone else None,
                gone[0] if gone else None,
            )
        )
        return not gone

    async def _attempt(
        self, event: Event, attempt: int, delivered: list[int], failed: list[Retry], gone: list[str]
    ) -> None:
        its_id = spell("evt", event.seq)
        outcome = await self._sender.deliver(self._endpoint, its_id, self._now() // 1000, payload(event))
        self._metrics.webhook_attempts.of(self.client, outcome.verdict.value).inc()
        if outcome.verdict is Verdict.OK:
            self._slowed = 0
            delivered.append(event.seq)
            return
        now = self._now()
        if outcome.verdict is Verdict.DISABLE:
            gone.append(outcome.detail)
        due = next_attempt(attempt + 1, now / 1000, random.random(), outcome.retry_after)  # noqa: S311 - jitter
        if outcome.verdict is Verdict.SLOW_DOWN:
            self._slow_down(outcome.retry_after)
        failed.append(
            Retry(self._endpoint.id, event.seq, attempt + 1, None if due is None else int(due * 1000), outcome.detail)
        )
        _log.warning("webhook %s: attempt %d of %s: %s", self._endpoint.id, attempt + 1, its_id, outcome.detail)

    def _slow_down(self, retry_after: float | None) -> None:
        if not self.paused():  # answers to what went side by side count once
            self._slowed += 1
        until = trio.current_time() + pause(self._slowed, retry_after)
        self._paused_until = max(self._paused_until, until)


async def _wait(signal: trio.Event, seconds: float) -> None:
    with trio.move_on_after(seconds):
        await signal.wait()
