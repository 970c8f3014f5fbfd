"""The writer on virtual time: one commit for many, and each failure told to those whom it concerns and to nobody else."""

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gateway.errors import Code, Transient
from gateway.store.disk import MemoryDisk
from gateway.store.unit import Unit
from gateway.store.writer import DiskBusy, DiskFull, Posted, StoreFailed, Verb, Writer

T = TypeVar("T")
FULL = DiskFull("no room")
BUSY = DiskBusy("locked")
_LONGER_THAN_ANY_TEST = 86_400.0


class Disk(MemoryDisk):
    """Memory that fails when the test says so, and takes its time when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: Iterator[Exception | None] = iter(())
        self.writes = 0
        self.commits = 0
        self.spoken: list[threading.Event | None] = []
        self.synced = trio.Event()
        self.synced.set()

    async def write(self, work: Callable[[sqlite3.Connection], T], spoken: threading.Event | None = None) -> T:
        self.writes += 1
        self.spoken.append(spoken)
        fault = next(self.faults, None)
        if fault is not None:
            raise fault
        result = await super().write(work, spoken)
        with trio.move_on_after(_LONGER_THAN_ANY_TEST):
            await self.synced.wait()
        self.commits += 1
        return result

    async def values(self) -> list[int]:
        """What is in the table that the verbs of these tests write to, in the order of writing."""
        return await self.read(
            lambda connection: [row[0] for row in connection.execute("SELECT v FROM t ORDER BY rowid")]
        )


def _put(unit: Unit, items: Sequence[int]) -> list[int]:
    for item in items:
        unit.sql.execute("INSERT INTO t (v) VALUES (?)", (item,))
        unit.tell("acme", 0, "message.accepted", b"{}", item)
        if item < 0:
            raise ValueError(item)
    return [item * 2 for item in items]


_calls: list[tuple[str, list[int]]] = []


def _early(unit: Unit, items: Sequence[int]) -> list[int]:
    _calls.append(("early", list(items)))
    return _put(unit, items)


def _late(unit: Unit, items: Sequence[int]) -> list[int]:
    _calls.append(("late", list(items)))
    return _put(unit, items)


PUT = Verb(_put, 10)
PATIENT = Verb(_put, 20, patient=True)
EARLY = Verb(_early, 1)
LATE = Verb(_late, 2)


@pytest.fixture
async def disk() -> AsyncIterator[Disk]:
    _calls.clear()
    disk = Disk()
    await disk.write(lambda connection: connection.execute("CREATE TABLE t (v INTEGER)"))
    disk.writes = disk.commits = 0
    disk.spoken.clear()
    yield disk
    disk.close()


@asynccontextmanager
async def _running(writer: Writer) -> AsyncIterator[Writer]:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(writer.run)
        yield writer
        writer.close()


async def _outcome(posted: Posted[list[int]]) -> list[int] | Exception:
    try:
        with trio.fail_after(_LONGER_THAN_ANY_TEST):
            return await posted
    except (Transient, StoreFailed, ValueError, ArithmeticError, sqlite3.Error) as error:
        return error


async def test_what_waits_is_committed_once(disk: Disk, autojump_clock: MockClock) -> None:
    writer = Writer(disk, 0)
    posted = [writer.post(PUT, [n]) for n in range(50)]
    async with _running(writer):
        assert [await one for one in posted] == [[2 * n] for n in range(50)]
        assert disk.writes == 1
    assert await disk.values() == list(range(50))


async def test_what_comes_during_a_commit_goes_with_the_next(disk: Disk, autojump_clock: MockClock) -> None:
    disk.synced = trio.Event()
    async with _running(Writer(disk, 0)) as writer:
        first = writer.post(PUT, [1])
        await wait_all_tasks_blocked()
        others = [writer.post(PUT, [n]) for n in range(2, 20)]
        await wait_all_tasks_blocked()
        disk.synced.set()
        for one in (first, *others):
            await one
        assert disk.writes == 2


async def test_nobody_is_answered_before_the_commit(disk: Disk, autojump_clock: MockClock) -> None:
    disk.synced = trio.Event()
    async with _running(Writer(disk, 0)) as writer:
        posted = writer.post(PUT, [1])
        with trio.move_on_after(3600) as waiting:
            await posted
        assert waiting.cancelled_caught
        disk.synced.set()
        assert await posted == [2]


async def test_a_batch_has_a_most(disk: Disk, autojump_clock: MockClock) -> None:
    writer = Writer(disk, 0)
    posted = [writer.post(PUT, range(100)) for _ in range(100)]
    async with _running(writer):
        for one in posted:
            await one
    assert disk.writes == 5


async def test_an_item_counts_for_what_it_holds_where_a_batch_is_cut(disk: Disk, autojump_clock: MockClock) -> None:
    writer = Writer(disk, 0)
    put = Verb(_put, 10, size=lambda item: 1000)
    posted = [writer.post(put, [n]) for n in range(9)]
    async with _running(writer):
        for one in posted:
            await one
    assert disk.writes == 3


@pytest.mark.parametrize(("items", "worth_it"), [(3, False), (4, True)])
async def test_only_a_large_batch_is_worth_standing_still_for(
    disk: Disk, autojump_clock: MockClock, items: int, worth_it: bool
) -> None:
    writer = Writer(disk, 0)
    posted = [writer.post(PUT, list(range(items - 1))), writer.post(PUT, [0])]
    async with _running(writer):
        for one in posted:
            await one
    assert [spoken is not None for spoken in disk.spoken] == [worth_it]


async def test_the_end_of_the_statements_is_told_before_the_commit(disk: Disk, autojump_clock: MockClock) -> None:
    seen: list[tuple[str, bool]] = []
    await disk.read(lambda connection: connection.set_trace_callback(lambda sql: seen.append((sql[:6], _told(disk)))))
    async with _running(Writer(disk, 0)) as writer:
        await writer.post(PUT, list(range(20)))
    assert [told for sql, told in seen] == [sql == "COMMIT" for sql, _ in seen]
    assert seen[-1] == ("COMMIT", True)


def _told(disk: Disk) -> bool:
    spoken = disk.spoken[-1]
    return spoken is not None and spoken.is_set()


def _corrupt(unit: Unit, items: Sequence[int]) -> list[int]:
    raise sqlite3.DatabaseError("malformed")


@pytest.mark.parametrize("verb", [Verb(_corrupt, 1), Verb(lambda unit, items: [1 // 0], 1)], ids=["disk", "verb"])
async def test_statements_that_come_to_nothing_have_ended_too(
    disk: Disk, autojump_clock: MockClock, verb: Verb[int, int]
) -> None:
    writer = Writer(disk, 0)
    posted = writer.post(verb, list(range(20)))
    writer.close()
    with suppress(sqlite3.DatabaseError):
        await writer.run()
    assert isinstance(await _outcome(posted), StoreFailed | ZeroDivisionError)
    assert _told(disk)


async def test_kinds_go_by_rank_and_each_in_the_order_of_posting(disk: Disk, autojump_clock: MockClock) -> None:
    writer = Writer(disk, 0)
    posted = [writer.post(*one) for one in ((LATE, [1]), (EARLY, [2]), (LATE, [3, 4]), (EARLY, [5]))]
    async with _running(writer):
        assert [await one for one in posted] == [[2], [4], [6, 8], [10]]
    assert _calls == [("early", [2, 5]), ("late", [1, 3, 4])]
    assert await disk.values() == [2, 5, 1, 3, 4]


async def test_nothing_to_write_is_done_at_once(disk: Disk, autojump_clock: MockClock) -> None:
    assert await Writer(disk, 0).post(PUT, []) == []


async def test_a_caller_that_went_away_does_not_unhappen_its_verb(disk: Disk, autojump_clock: MockClock) -> None:
    disk.synced = trio.Event()
    async with _running(Writer(disk, 0)) as writer:
        with trio.move_on_after(1):
            await writer.post(PUT, [1])
        disk.synced.set()
    assert await disk.values() == [1]


async def test_the_order_of_the_log_goes_on_from_commit_to_commit(disk: Disk, autojump_clock: MockClock) -> None:
    told: list[tuple[set[str], int]] = []
    async with _running(Writer(disk, 41)) as writer:
        writer.committed = lambda queued, clients, verbs, seconds: told.append((clients, verbs))
        await writer.post(PUT, [1, 2])
        await writer.post(PUT, [3])
    rows = await disk.read(lambda connection: connection.execute("SELECT seq, message_id FROM event").fetchall())
    assert rows == [(42, 1), (43, 2), (44, 3)]
    assert told == [({"acme"}, 1), ({"acme"}, 1)]


# A verb that fails.


@pytest.mark.parametrize("place", [0, 3, 7])
async def test_a_verb_that_fails_spoils_no_neighbour(disk: Disk, autojump_clock: MockClock, place: int) -> None:
    writer = Writer(disk, 0)
    items = list(range(1, 9))
    items[place] *= -1
    posted = [writer.post(EARLY if n % 2 else LATE, [n, n + 100] if n > 0 else [100, n]) for n in items]
    async with _running(writer):
        outcomes = [await _outcome(one) for one in posted]
    assert [isinstance(outcome, ValueError) for outcome in outcomes] == [item < 0 for item in items]
    assert sorted(await disk.values()) == sorted(value for n in items if n > 0 for value in (n, n + 100))
    rows = await disk.read(lambda connection: connection.execute("SELECT seq, message_id FROM event").fetchall())
    assert [message_id for _, message_id in rows] == await disk.values()
    assert len({seq for seq, _ in rows}) == 14
    assert [seq for seq, _ in rows] == sorted(seq for seq, _ in rows)


async def test_the_log_goes_on_without_what_failed(disk: Disk, autojump_clock: MockClock) -> None:
    async with _running(Writer(disk, 0)) as writer:
        assert isinstance(await _outcome(writer.post(PUT, [5, -1])), ValueError)
        await writer.post(PUT, [7])
    rows = await disk.read(lambda connection: connection.execute("SELECT seq, message_id FROM event").fetchall())
    assert [message_id for _, message_id in rows] == [7]


async def test_a_constraint_is_the_verb_s_fault_not_the_disk_s(disk: Disk, autojump_clock: MockClock) -> None:
    def clash(unit: Unit, items: Sequence[int]) -> list[int]:
        unit.sql.execute("INSERT INTO message (id) VALUES (1)")
        return list(items)

    async with _running(Writer(disk, 0)) as writer:
        assert isinstance(await _outcome(writer.post(Verb(clash, 5), [1])), sqlite3.IntegrityError)
        assert await writer.post(PUT, [1]) == [2]


# A disk that is full or locked.


async def test_a_full_disk_is_told_at_once_and_a_patient_verb_waits(disk: Disk, autojump_clock: MockClock) -> None:
    disk.faults = iter([FULL] * 40)
    async with _running(Writer(disk, 0)) as writer:
        began = trio.current_time()
        patient, hasty = writer.post(PATIENT, [1]), writer.post(PUT, [2])
        told = await _outcome(hasty)
        assert isinstance(told, Transient)
        assert (told.code, trio.current_time() - began < 0.1) == (Code.STORE_FULL, True)
        assert await patient == [2]
        assert trio.current_time() - began >= 10.0
    assert await disk.values() == [1]


async def test_new_verbs_are_told_too_while_an_old_one_waits_for_room(disk: Disk, autojump_clock: MockClock) -> None:
    disk.faults = iter([FULL] * 40)
    async with _running(Writer(disk, 0)) as writer:
        patient = writer.post(PATIENT, [1])
        for _ in range(5):
            began = trio.current_time()
            assert isinstance(await _outcome(writer.post(PUT, [2])), Transient)
            assert trio.current_time() - began <= 1.0
        assert await patient == [2]
        assert await writer.post(PUT, [3]) == [6]


async def test_trouble_is_logged_when_it_begins_and_when_it_ends(
    disk: Disk, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    disk.faults = iter([FULL] * 100 + [BUSY])
    async with _running(Writer(disk, 0)) as writer:
        await writer.post(PATIENT, [1])
    assert [record.getMessage() for record in caplog.records] == [
        "store.full: 1 verbs wait for the disk: no room",
        "store.unavailable: 1 verbs wait for the disk: locked",
        "store.unavailable is over: the disk takes writes again",
    ]


async def test_a_lock_of_a_moment_is_waited_for(disk: Disk, autojump_clock: MockClock) -> None:
    disk.faults = iter([BUSY] * 3)
    async with _running(Writer(disk, 0)) as writer:
        assert await writer.post(PUT, [1]) == [2]


async def test_a_lock_that_stays_is_told_within_two_seconds(disk: Disk, autojump_clock: MockClock) -> None:
    disk.faults = iter([BUSY] * 100)
    async with _running(Writer(disk, 0)) as writer:
        began = trio.current_time()
        patient, hasty = writer.post(PATIENT, [1]), writer.post(PUT, [2])
        told = await _outcome(hasty)
        assert isinstance(told, Transient)
        assert told.code is Code.STORE_UNAVAILABLE
        assert 1.5 <= trio.current_time() - began <= 2.0
        assert told.after > 0
        assert await patient == [2]
    assert await disk.values() == [1]


async def test_towards_the_end_nothing_waits_for_longer_than_it_may(disk: Disk, autojump_clock: MockClock) -> None:
    disk.faults = iter([BUSY] * 1000)
    async with _running(Writer(disk, 0)) as writer:
        began = trio.current_time()
        patient = writer.post(PATIENT, [1])
        await trio.sleep(60)
        writer.hurry(7.0)
        writer.hurry(20.0)
        assert isinstance(await _outcome(patient), Transient)
        assert 67 <= trio.current_time() - began <= 68
        assert isinstance(await _outcome(writer.post(PATIENT, [2])), Transient)
    assert trio.current_time() - began <= 69
    assert await disk.values() == []


async def test_what_waited_is_written_in_the_order_of_its_posting(disk: Disk, autojump_clock: MockClock) -> None:
    disk.faults = iter([FULL] * 5)
    async with _running(Writer(disk, 0)) as writer:
        posted = []
        for n in range(10):
            posted.append(writer.post(PATIENT, [n]))
            await trio.sleep(0.1)
        for one in posted:
            await one
    assert await disk.values() == list(range(10))


# The end.


async def test_a_disk_that_fails_fails_everybody(disk: Disk, autojump_clock: MockClock) -> None:
    failure = StoreFailed("input/output error")
    disk.faults = iter([failure])
    writer = Writer(disk, 0)
    posted = [writer.post(PUT, range(100)) for _ in range(100)]  # more than one batch
    with pytest.raises(StoreFailed):
        await writer.run()
    assert [await _outcome(one) for one in posted] == [failure] * 100
    assert await _outcome(writer.post(PATIENT, [1])) is failure
    assert await disk.values() == []


async def test_a_failure_is_told_to_who_waits_behind_a_shield(disk: Disk, autojump_clock: MockClock) -> None:
    disk.faults = iter([StoreFailed("input/output error")])
    told: list[object] = []

    async def wait(writer: Writer) -> None:
        with trio.CancelScope(shield=True):
            told.append(await _outcome(writer.post(PATIENT, [1])))

    with pytest.RaisesGroup(StoreFailed):
        async with trio.open_nursery() as nursery:
            writer = Writer(disk, 0)
            nursery.start_soon(wait, writer)
            nursery.start_soon(writer.run)
    assert isinstance(told[0], StoreFailed)


async def test_a_fault_of_the_writer_s_own_leaves_nobody_waiting(disk: Disk, autojump_clock: MockClock) -> None:
    writer = Writer(disk, 0)

    def committed(queued: set[str], told: set[str], verbs: int, seconds: float) -> None:
        late.append(writer.post(PUT, [2]))
        raise LookupError("who is to be told?")

    late: list[Posted[list[int]]] = []
    writer.committed = committed
    posted = writer.post(PUT, [1])
    with pytest.raises(LookupError):
        await writer.run()
    assert await posted == [2]
    assert isinstance(await _outcome(late[0]), StoreFailed)
    assert isinstance(await _outcome(writer.post(PUT, [3])), StoreFailed)


async def test_a_corrupt_file_is_no_verb_s_fault(disk: Disk, autojump_clock: MockClock) -> None:
    def read(unit: Unit, items: Sequence[int]) -> list[int]:
        raise sqlite3.DatabaseError("database disk image is malformed")

    writer = Writer(disk, 0)
    posted = writer.post(Verb(read, 5), [1])
    with pytest.raises(sqlite3.DatabaseError):
        await writer.run()
    assert isinstance(await _outcome(posted), StoreFailed)


async def test_closing_writes_what_is_in_line_and_turns_the_rest_away(disk: Disk, autojump_clock: MockClock) -> None:
    writer = Writer(disk, 0)
    posted = [writer.post(PUT, [n]) for n in range(5000)]
    writer.close()
    await writer.run()
    assert [await one for one in posted] == [[2 * n] for n in range(5000)]
    told = await _outcome(writer.post(PATIENT, [1]))
    assert isinstance(told, Transient)
    assert told.code is Code.STOPPING


async def test_closing_ends_though_the_disk_stays_full(disk: Disk, autojump_clock: MockClock) -> None:
    disk.faults = iter([FULL] * 1000)
    writer = Writer(disk, 0)
    posted = writer.post(PATIENT, [1])
    writer.close()
    await writer.run()
    assert 4.0 <= trio.current_time() <= 6.0
    assert isinstance(await _outcome(posted), Transient)
