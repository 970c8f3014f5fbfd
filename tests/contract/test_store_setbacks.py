"""What waits by a clock that was set back: it is found, made due, and everything else keeps its instant."""

from gateway.model.clock import HOUR, SECOND
from gateway.model.message import State
from gateway.store.plugins import Again, Enabled, Observed, Running
from gateway.store.setbacks import Forward, Setback
from gateway.store.webhooks import Progress, Retry
from tests.contract.desk import CARRIER, CLIENT, NOON, Desk

ENDPOINT = "acme/1"


async def forward(desk: Desk, limit: int = 100) -> list[int]:
    """The texts that are found, which are made due."""
    found = await desk.store.ahead(CARRIER, desk.now, limit)
    await desk.store.bring_forward(Forward(found, desk.now))
    return sorted(found)


async def test_a_text_that_was_taken_at_an_instant_to_come_is_due(desk: Desk) -> None:
    texts = [await desk.queue(segments=2), await desk.queue(priority=0)]
    desk.now -= HOUR
    assert await desk.claim() == ()
    assert await forward(desk) == sorted(texts)
    assert {segment.message_id for segment in await desk.claim()} == set(texts)


async def test_a_limit_is_kept_and_what_was_made_due_is_not_found_again(desk: Desk) -> None:
    texts = [await desk.queue() for _ in range(5)]
    desk.now -= HOUR
    shares = [await forward(desk, 2) for _ in range(4)]
    assert [len(share) for share in shares] == [2, 2, 1, 0]
    assert sorted(message_id for share in shares for message_id in share) == texts


async def test_a_text_that_is_tried_again_at_an_instant_to_come_is_due(desk: Desk) -> None:
    message_id = await desk.queue()
    (segment,) = await desk.claim()
    desk.now += HOUR
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=desk.now + 5_000))
    desk.now -= HOUR
    assert await forward(desk) == [message_id]
    assert [segment.message_id for segment in await desk.claim()] == [message_id]


async def test_a_pause_that_began_before_is_kept(desk: Desk) -> None:
    await desk.queue()
    (segment,) = await desk.claim()
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=desk.now + 5_000))
    desk.now += 1_000
    assert await forward(desk) == []


async def test_what_happened_within_a_second_is_not_ahead(desk: Desk) -> None:
    await desk.queue()
    desk.now -= SECOND
    assert await forward(desk) == []
    desk.now -= 1
    assert len(await forward(desk)) == 1


async def test_what_is_to_go_later_keeps_its_instant(desk: Desk) -> None:
    await desk.queue(send_at=NOON + HOUR)
    desk.now -= 2 * HOUR
    assert await forward(desk) == []
    assert await desk.claim() == ()


async def test_what_somebody_has_already_is_left_alone(desk: Desk) -> None:
    await desk.queue()
    await desk.claim()
    await desk.submit()
    desk.now -= HOUR
    assert await forward(desk) == []


async def test_the_carrier_is_woken(desk: Desk) -> None:
    woken: list[set[str]] = []
    desk.store.on_commit(lambda queued, told, verbs, seconds: woken.append(queued))  # type: ignore[attr-defined]
    await desk.queue()
    desk.now -= HOUR
    await forward(desk)
    assert woken[-1] == {CARRIER}


async def test_webhooks_wait_as_long_as_they_had_to(desk: Desk) -> None:
    await desk.store.open_webhook(ENDPOINT)
    await desk.accept(desk.submission(), desk.submission(), desk.submission())
    seqs = [event.seq for event in await desk.store.events(CLIENT, 0, 10)]
    failed = [
        Retry(ENDPOINT, seqs[0], 1, NOON + 5_000, "503"),
        Retry(ENDPOINT, seqs[1], 1, NOON - HOUR, "503"),
        Retry(ENDPOINT, seqs[2], 10, None, "gave up"),
    ]
    await desk.store.record_progress(Progress(ENDPOINT, seqs[-1], failed=tuple(failed)))
    assert await desk.store.shift_retries(Setback(HOUR, NOON - HOUR)) == [1]
    state = await desk.store.webhook_state(ENDPOINT)
    assert (state.waiting, state.dead, state.next_at) == (2, 1, NOON - HOUR)
    await desk.store.record_progress(Progress(ENDPOINT, delivered=(seqs[1],)))
    assert (await desk.store.webhook_state(ENDPOINT)).next_at == NOON - HOUR + 5_000


async def test_plugins_wait_as_long_as_they_had_to(desk: Desk) -> None:
    await desk.store.enable_plugins(Enabled((Running("one", b"", "1"),), NOON, "start"))
    await desk.store.record_observed(Observed("one", failed=(Again("one", 7, 1, NOON + 5_000, "broke"),)))
    assert await desk.store.shift_retries(Setback(HOUR, NOON - HOUR)) == [1]
    (again,) = await desk.store.plugin_retries("one", 10)
    assert again.due_at == NOON - HOUR + 5_000
