"""Lists, pages, depths and keys: what clients and operators look at."""

import pytest

from gateway.errors import Code
from gateway.model.ids import MessageId
from gateway.model.message import Message, State
from gateway.store.doubt import Settlement
from gateway.store.reads import ApiKey, Depth, MessageFilter
from tests.contract.desk import CARRIER, CLIENT, NOON, NUMBER, OTHER_NUMBER, Desk


async def _ids(desk: Desk, **filters: object) -> list[int]:
    """All pages of a list."""
    found: list[int] = []
    before: int | None = None
    while True:
        page, before = await desk.store.messages(MessageFilter(CLIENT, before=before, limit=3, **filters))  # type: ignore[arg-type]
        assert len(page) <= 3
        found += [message.id for message in page]
        if before is None:
            return found
        assert page


async def test_a_message_is_shown_to_its_client_and_to_operators(desk: Desk) -> None:
    message_id = await desk.queue()
    assert await desk.store.message(message_id, CLIENT) == await desk.store.message(message_id, None)
    assert await desk.store.message(message_id, "globex") is None
    assert await desk.store.message(4711, None) is None


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
async def test_pages_are_newest_first_and_miss_nothing(desk: Desk, count: int) -> None:
    queued = [await desk.queue() for _ in range(count)]
    assert await _ids(desk) == queued[::-1]


async def test_a_page_does_not_change_when_newer_messages_come(desk: Desk) -> None:
    queued = [await desk.queue() for _ in range(6)]
    _, cursor = await desk.store.messages(MessageFilter(CLIENT, limit=2))
    await desk.queue()
    page, _ = await desk.store.messages(MessageFilter(CLIENT, limit=2, before=cursor))
    assert [message.id for message in page] == queued[2:4][::-1]


async def test_filters(desk: Desk) -> None:
    await desk.grant(OTHER_NUMBER)
    plain = [await desk.queue() for _ in range(4)]
    texts = {
        "number": await desk.queue(number=OTHER_NUMBER),
        "program": await desk.queue(program="cards"),
        "reference": await desk.queue(reference="r-9"),
        "account": await desk.queue(account="a-9"),
    }
    assert await _ids(desk, number=OTHER_NUMBER) == [texts["number"]]
    assert await _ids(desk, program="cards") == [texts["program"]]
    assert await _ids(desk, reference="r-9") == [texts["reference"]]
    assert await _ids(desk, account="a-9") == [texts["account"]]
    assert await _ids(desk, number=NUMBER, account="a-9") == [texts["account"]]
    assert await _ids(desk, number=OTHER_NUMBER, account="a-9") == []
    assert await _ids(desk, program="loans", number=NUMBER) == [texts["account"], texts["reference"], *plain[::-1]]
    assert await desk.store.messages(MessageFilter("globex", number=NUMBER)) == ([], None)


async def test_a_message_in_flight_is_so_in_lists_too(desk: Desk) -> None:
    first, second, third = [await desk.queue(segments=2) for _ in range(3)]
    await desk.claim(1)
    assert await _ids(desk, state=State.IN_FLIGHT) == [first]
    assert await _ids(desk, state=State.QUEUED) == [third, second]
    page, _ = await desk.store.messages(MessageFilter(CLIENT))
    assert [message.state for message in page] == [State.QUEUED, State.QUEUED, State.IN_FLIGHT]


async def test_lists_by_state(desk: Desk) -> None:
    submitted, _ = await desk.submit()
    held = await desk.queue(send_at=NOON + 5)
    refused = desk.submission(category="collections")
    await desk.accept(refused)
    assert await _ids(desk, state=State.SUBMITTED) == [submitted]
    assert await _ids(desk, state=State.HELD) == [held]
    assert await _ids(desk, state=State.BLOCKED) == [refused.id]
    (page, _) = await desk.store.messages(MessageFilter(CLIENT, state=State.BLOCKED))
    assert page[0].code is Code.CONSENT_CATEGORY


async def test_the_log_is_read_from_where_one_stopped(desk: Desk) -> None:
    for _ in range(5):
        await desk.accept(desk.submission())
        await desk.accept(desk.submission(client="globex"))
    seen = []
    after = 0
    while events := await desk.store.events(CLIENT, after, 2):
        seen += events
        after = events[-1].seq
    assert [event.client for event in seen] == [CLIENT] * 5
    assert [event.seq for event in seen] == sorted({event.seq for event in seen})
    assert seen == await desk.store.events(CLIENT, 0, 100)


async def test_depths_are_counted_by_carrier(desk: Desk) -> None:
    assert await desk.store.depth(CARRIER) == Depth(CARRIER, 0, 0, 0, None)
    for _ in range(4):
        await desk.queue()
    await desk.queue(send_at=NOON + 9, segments=2)
    await desk.queue(carrier="other")
    one, _, _ = await desk.claim(3)
    await desk.settle(desk.answer(one, State.IN_DOUBT))
    assert await desk.store.depth(CARRIER) == Depth(CARRIER, 3, 2, 1, NOON)


async def test_the_greatest_id_is_of_a_message_or_of_a_text(desk: Desk) -> None:
    assert await desk.store.greatest_id() == 0
    message_id = await desk.queue()
    assert await desk.store.greatest_id() == message_id
    await desk.stop()
    assert await desk.store.greatest_id() > message_id


async def test_keys_are_kept_and_revoked_once(desk: Desk) -> None:
    keys = [ApiKey("k2", CLIENT, "second", b"b" * 32, NOON + 1), ApiKey("k1", CLIENT, "first", b"a" * 32, NOON)]
    for key in keys:
        await desk.store.add_key(key)
    assert await desk.store.api_keys() == keys[::-1]
    assert await desk.store.revoke_key("k1", NOON + 5) == [True]
    assert await desk.store.revoke_key("k1", NOON + 6) == [False]
    assert await desk.store.revoke_key("k3", NOON + 6) == [False]
    assert [key.revoked_at for key in await desk.store.api_keys()] == [NOON + 5, None]


async def test_a_read_sees_what_was_written_before_it(desk: Desk) -> None:
    for _ in range(20):
        message_id = await desk.queue()
        message = await desk.store.message(message_id, None)
        assert isinstance(message, Message)
        assert isinstance(message.id, int)
        assert message.id == MessageId(message_id)


async def test_every_carrier_with_open_segments_is_named(desk: Desk) -> None:
    assert await desk.store.carriers() == []
    for carrier in ("b", "a", "b", "c"):
        await desk.queue(carrier=carrier)
    await desk.queue(send_at=desk.now + 500, carrier="later")
    await desk.queue()
    assert await desk.store.carriers() == ["a", "b", "c", "later", CARRIER]
    (segment,) = await desk.claim()
    assert CARRIER in await desk.store.carriers()
    await desk.settle(desk.answer(segment, State.IN_DOUBT))
    assert CARRIER in await desk.store.carriers()
    await desk.store.settle_doubt([Settlement(segment.message_id, State.SUBMITTED, desk.now, "asked them")])
    assert await desk.store.carriers() == ["a", "b", "c", "later"]
