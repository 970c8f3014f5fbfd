"""The webhook outbox: where an endpoint stands in the log, and what it is still owed."""

from gateway.model.clock import DAY
from gateway.model.events import Event
from gateway.store.webhooks import Progress, Retry, Revival, TurnWanted, WebhookState
from tests.contract.desk import CLIENT, NOON, Desk

ENDPOINT = "acme/1"


async def _log(desk: Desk, count: int) -> list[int]:
    for _ in range(count):
        await desk.accept(desk.submission())
    return [event.seq for event in await desk.store.events(CLIENT, 0, 1000)]


async def _owed(desk: Desk, endpoint: str = ENDPOINT, limit: int = 10) -> list[tuple[Retry, Event]]:
    return (await desk.store.webhook_turn(TurnWanted(endpoint, CLIENT, 0, NOON + DAY, limit))).due


async def test_a_new_endpoint_starts_at_the_end_of_the_log(desk: Desk) -> None:
    seqs = await _log(desk, 3)
    assert await desk.store.open_webhook(ENDPOINT) == [WebhookState(ENDPOINT, seqs[-1])]
    await _log(desk, 2)
    assert await desk.store.open_webhook(ENDPOINT) == [WebhookState(ENDPOINT, seqs[-1])]
    assert len(await desk.store.events(CLIENT, seqs[-1], 100)) == 2


async def test_the_cursor_moves_forward_only(desk: Desk) -> None:
    await desk.store.open_webhook(ENDPOINT)
    for cursor in (5, 3):
        await desk.store.record_progress(Progress(ENDPOINT, cursor))
        assert (await desk.store.webhook_state(ENDPOINT)).cursor == 5
    await desk.store.record_progress(Progress(ENDPOINT))
    assert (await desk.store.webhook_state(ENDPOINT)).cursor == 5


async def test_a_failed_delivery_is_owed_until_it_succeeds(desk: Desk) -> None:
    await desk.store.open_webhook(ENDPOINT)
    seqs = await _log(desk, 3)
    late, soon = Retry(ENDPOINT, seqs[0], 1, NOON + 50, "503"), Retry(ENDPOINT, seqs[2], 1, NOON + 5, "timeout")
    await desk.store.record_progress(Progress(ENDPOINT, seqs[-1], failed=(late, soon)))

    state = await desk.store.webhook_state(ENDPOINT)
    assert state == WebhookState(ENDPOINT, seqs[-1], waiting=2, next_at=NOON + 5, last_failure="timeout")
    owed = await _owed(desk)
    assert [(retry, event.seq) for retry, event in owed] == [(soon, seqs[2]), (late, seqs[0])]
    assert [retry for retry, _ in await _owed(desk, limit=1)] == [soon]
    assert await _owed(desk, "acme/2") == []

    again = Retry(ENDPOINT, seqs[2], 2, NOON + 500, "503")
    await desk.store.record_progress(Progress(ENDPOINT, delivered=(seqs[0],), failed=(again,)))
    assert [retry for retry, _ in await _owed(desk)] == [again]


async def test_a_turn_tells_what_is_due_what_is_next_and_what_is_new(desk: Desk) -> None:
    await desk.store.open_webhook(ENDPOINT)
    seqs = await _log(desk, 4)
    soon, late = Retry(ENDPOINT, seqs[0], 1, NOON + 5, "503"), Retry(ENDPOINT, seqs[1], 1, NOON + 50, "503")
    dead = Retry(ENDPOINT, seqs[2], 10, None, "gave up")
    await desk.store.record_progress(Progress(ENDPOINT, seqs[2], failed=(late, soon, dead)))
    for now, due, next_due in ((4, [], 5), (5, [soon], 50), (49, [soon], 50), (50, [soon, late], None)):
        turn = await desk.store.webhook_turn(TurnWanted(ENDPOINT, CLIENT, seqs[2], NOON + now, 10))
        assert [retry for retry, _ in turn.due] == due
        assert turn.next_due == (None if next_due is None else NOON + next_due)
        assert ([event.seq for event in turn.news], turn.disabled_at) == ([seqs[3]], None)
    await desk.store.record_progress(Progress(ENDPOINT, disabled_at=NOON, reason="410 Gone"))
    assert (await desk.store.webhook_turn(TurnWanted(ENDPOINT, CLIENT, 0, NOON, 10))).disabled_at == NOON


async def test_what_was_given_up_is_kept_for_replay(desk: Desk) -> None:
    await desk.store.open_webhook(ENDPOINT)
    seqs = await _log(desk, 2)
    dead = Retry(ENDPOINT, seqs[0], 10, None, "gone")
    await desk.store.record_progress(Progress(ENDPOINT, failed=(dead, Retry(ENDPOINT, seqs[1], 2, NOON + 7, "503"))))
    state = await desk.store.webhook_state(ENDPOINT)
    assert (state.waiting, state.dead) == (1, 1)
    assert [event.seq for _, event in await _owed(desk)] == [seqs[1]]

    assert await desk.store.revive_webhook(Revival(ENDPOINT, NOON + 3)) == [2]
    owed = [retry for retry, _ in await _owed(desk)]
    assert owed == [Retry(ENDPOINT, seqs[0], 0, NOON + 3, "gone"), Retry(ENDPOINT, seqs[1], 2, NOON + 3, "503")]
    assert await desk.store.revive_webhook(Revival(ENDPOINT, NOON + 3)) == [0]


async def test_a_disabled_endpoint_is_enabled_by_its_revival(desk: Desk) -> None:
    await desk.store.open_webhook(ENDPOINT)
    await desk.store.record_progress(Progress(ENDPOINT, disabled_at=NOON, reason="410 Gone"))
    state = await desk.store.webhook_state(ENDPOINT)
    assert (state.disabled_at, state.reason) == (NOON, "410 Gone")
    await desk.store.record_progress(Progress(ENDPOINT, 4))
    assert (await desk.store.webhook_state(ENDPOINT)).disabled_at == NOON
    await desk.store.revive_webhook(Revival(ENDPOINT, NOON + 1))
    state = await desk.store.webhook_state(ENDPOINT)
    assert (state.disabled_at, state.reason, state.cursor) == (None, None, 4)


async def test_endpoints_do_not_know_each_other(desk: Desk) -> None:
    await desk.store.open_webhook(ENDPOINT)
    await desk.store.open_webhook("acme/2")
    (seq,) = await _log(desk, 1)
    await desk.store.record_progress(Progress(ENDPOINT, 9, failed=(Retry(ENDPOINT, seq, 1, None, "x"),)))
    assert await desk.store.webhook_state("acme/2") == WebhookState("acme/2", 0)
    assert await desk.store.revive_webhook(Revival("acme/2", NOON)) == [0]
    assert (await desk.store.webhook_state(ENDPOINT)).dead == 1


async def test_hundreds_of_failures_in_one_record(desk: Desk) -> None:
    await desk.store.open_webhook(ENDPOINT)
    seqs = await _log(desk, 300)
    failed = tuple(Retry(ENDPOINT, seq, 1, NOON + seq, "503") for seq in seqs)
    await desk.store.record_progress(Progress(ENDPOINT, seqs[-1], failed=failed))
    assert (await desk.store.webhook_state(ENDPOINT)).waiting == 300
    await desk.store.record_progress(Progress(ENDPOINT, delivered=tuple(seqs)))
    assert (await desk.store.webhook_state(ENDPOINT)).waiting == 0
