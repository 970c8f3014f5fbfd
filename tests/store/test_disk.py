"""The data directory: who may read it, who may open it, and what its failures mean."""

import logging
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.lowlevel

from gateway.errors import Code, Transient
from gateway.store.directory import CannotOpen
from gateway.store.disk import _WRITER_PRAGMAS, FileDisk, _connect, open_disk
from gateway.store.migration import SCHEMA_VERSION
from gateway.store.reads import MessageFilter
from gateway.store.sqlite import SqliteStore, open_store
from gateway.store.unit import Unit
from gateway.store.writer import DiskBusy, DiskFull, StoreFailed
from tests.contract.desk import CLIENT, Desk

_DEADLINE_SECONDS = 120


@pytest.fixture
async def directory(tmp_path: Path, nursery: trio.Nursery) -> Path:
    """A data directory that does not exist yet; the test ends before the deadline."""
    nursery.start_soon(_watch)
    return tmp_path / "state" / "assent"


@asynccontextmanager
async def _store_on(disk: FileDisk) -> AsyncIterator[SqliteStore]:
    async with trio.open_nursery() as nursery:
        store = SqliteStore(disk, 0)
        nursery.start_soon(store.writer.run)
        yield store
        store.writer.close()


async def _watch() -> None:
    await trio.sleep(_DEADLINE_SECONDS)
    raise TimeoutError("the disk did not answer in time")


def _pragma(name: str, connection: sqlite3.Connection) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _modes(directory: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (directory, *directory.iterdir())}


def _file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


async def _written(disk: FileDisk, name: str) -> Any:
    return await disk.write(lambda connection: _pragma(name, connection))


async def _read(disk: FileDisk, name: str) -> object:
    return await disk.read(lambda connection: _pragma(name, connection))


# Opening.


async def test_only_its_owner_reads_the_data(directory: Path) -> None:
    async with open_store(directory) as store:
        await Desk(store).queue()
        modes = _modes(directory)
    assert modes.pop(directory.name) == 0o700
    assert modes == dict.fromkeys(["lock", "assent.db", "assent.db-wal", "assent.db-shm"], 0o600)


async def test_what_is_written_is_there_after_a_reopening(directory: Path) -> None:
    async with open_store(directory) as store:
        message_id = await Desk(store).queue()
    async with open_store(directory) as store:
        assert (await store.message(message_id, CLIENT)) is not None


async def test_one_gateway_a_directory(directory: Path) -> None:
    async with open_disk(directory):
        with pytest.raises(CannotOpen, match="another gateway runs") as refusal:
            async with open_disk(directory):
                pass
        assert str(directory) in str(refusal.value)
    async with open_disk(directory) as disk:
        assert await _written(disk, "user_version") == SCHEMA_VERSION


@pytest.mark.parametrize("place", [".", "below", "below/that"])
async def test_a_directory_that_cannot_be_written_to(directory: Path, place: str) -> None:
    _file(directory, b"in the way")
    with pytest.raises(CannotOpen, match=r"cannot write to the data directory .* set \[store\] path"):
        async with open_disk(directory / place):
            pass


@pytest.mark.parametrize("name", ["lock", "assent.db"])
async def test_something_else_in_the_place_of_a_file(directory: Path, name: str) -> None:
    (directory / name).mkdir(parents=True)
    with pytest.raises(CannotOpen, match=str(directory)):
        async with open_disk(directory):
            pass


async def test_a_link_that_leads_nowhere(directory: Path) -> None:
    _link(directory / "assent.db", directory / "gone" / "assent.db")
    with pytest.raises(CannotOpen, match=str(directory)):
        async with open_disk(directory):
            pass


async def test_a_database_of_a_newer_version(directory: Path) -> None:
    async with open_disk(directory) as disk:
        await disk.write(lambda connection: connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}"))
    with pytest.raises(CannotOpen, match=f"schema {SCHEMA_VERSION + 1}.*newer Assent"):
        async with open_disk(directory):
            pass
    connection = sqlite3.connect(directory / "assent.db")
    assert _pragma("user_version", connection) == SCHEMA_VERSION + 1
    connection.close()


async def test_a_database_of_another_make(directory: Path) -> None:
    """As one from between two releases is: said at the start, not with the first text."""
    async with open_disk(directory) as disk:
        await disk.write(lambda connection: connection.execute("CREATE INDEX of_an_operator ON message (sender)"))
    async with open_disk(directory) as disk:  # that harms nothing
        await disk.write(lambda connection: connection.execute("ALTER TABLE message DROP COLUMN decided_at"))
        await disk.write(lambda connection: connection.execute("DROP INDEX review_due"))
    with pytest.raises(CannotOpen, match=r"not as this version .* \(message, review_due\): .* another data directory"):
        async with open_disk(directory):
            pass


@pytest.mark.parametrize("content", [None, b""])
@pytest.mark.parametrize("left", ["ledger.anchors", "assent.db-wal"])
async def test_a_database_that_was_lost_is_not_made_anew(directory: Path, left: str, content: bytes | None) -> None:
    _file(directory / left, b"what an earlier one left")
    if content is not None:
        _file(directory / "assent.db", content)
    with pytest.raises(CannotOpen, match=f"gone or empty, but {left} beside it .* restore a backup"):
        async with open_disk(directory):
            pass
    assert (directory / left).read_bytes() == b"what an earlier one left"
    assert not (directory / "assent.db").exists() or (directory / "assent.db").read_bytes() == content
    (directory / left).unlink()
    async with open_disk(directory) as disk:
        assert await _written(disk, "user_version") == SCHEMA_VERSION


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION, SCHEMA_VERSION + 1])
async def test_a_database_of_another_program(directory: Path, version: int) -> None:
    path = directory / "assent.db"
    _file(path, b"")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"CREATE TABLE invoice (id); PRAGMA user_version = {version}")
    content = path.read_bytes()
    with pytest.raises(CannotOpen, match="not marked as Assent's"):
        async with open_disk(directory):
            pass
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"this is no database, and long enough to be read as one" * 100, b"\x00" * 8192])
async def test_a_file_that_is_no_database(directory: Path, content: bytes) -> None:
    _file(directory / "assent.db", content)
    with pytest.raises(CannotOpen, match="cannot be opened"):
        async with open_disk(directory):
            pass
    assert (directory / "assent.db").read_bytes() == content


async def test_a_database_that_somebody_holds_cannot_be_opened_now(directory: Path) -> None:
    _file(directory / "assent.db", b"")
    holder = sqlite3.connect(directory / "assent.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CannotOpen, match="locked"):
        async with open_disk(directory):
            pass
    holder.close()
    async with open_disk(directory) as disk:
        assert await _written(disk, "user_version") == SCHEMA_VERSION


async def test_a_reader_that_cannot_be_opened_is_told_as_a_database_that_cannot(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def refusing(path: Path, *, read_only: bool) -> object:
        connection = _connect(path, read_only=read_only)
        if read_only:
            connection._connector = lambda: sqlite3.connect(path / "below a file")
            stop = connection.stop

            def stop_late() -> object:
                connection._tx.put_nowait((None, lambda: time.sleep(0.2)))
                return stop()

            monkeypatch.setattr(connection, "stop", stop_late)
            threads.append(connection._thread)
        return connection

    monkeypatch.setattr("gateway.store.disk._connect", refusing)
    with pytest.RaisesGroup(pytest.RaisesExc(CannotOpen, match="unable to open"), flatten_subgroups=True):
        async with open_disk(directory):
            pass
    assert [thread.is_alive() for thread in threads] == [False], "it will speak to a loop that is gone"


# Durability and roles.


async def test_the_writer_syncs_every_commit(directory: Path) -> None:
    async with open_disk(directory) as disk:
        assert await _written(disk, "journal_mode") == "wal"
        assert await _written(disk, "synchronous") == 2  # FULL
        assert await _written(disk, "journal_size_limit") == 64 << 20
        assert 0 < await _written(disk, "wal_autocheckpoint") * 4096 <= 64 << 20
        assert await _written(disk, "application_id") == 0x41534E54


async def test_readers_neither_write_nor_checkpoint(directory: Path) -> None:
    async with open_disk(directory) as disk:
        for _ in range(3):
            assert await _read(disk, "query_only") == 1
            assert await _read(disk, "wal_autocheckpoint") == 0
            with pytest.raises(StoreFailed, match="readonly"):
                await disk.read(lambda connection: connection.execute("DELETE FROM message"))


async def test_reads_of_one_query_are_of_one_moment(directory: Path) -> None:
    between, go_on = threading.Event(), threading.Event()

    def count_twice(unit: Unit) -> tuple[int, int]:
        first = unit.sql.execute("SELECT count(*) FROM message").fetchone()[0]
        between.set()
        assert go_on.wait(_DEADLINE_SECONDS)
        return first, unit.sql.execute("SELECT count(*) FROM message").fetchone()[0]

    counts: list[tuple[int, int]] = []
    async with open_store(directory) as store, trio.open_nursery() as nursery:

        async def read() -> None:
            counts.append(await store._read(count_twice))

        nursery.start_soon(read)
        await trio.to_thread.run_sync(between.wait, _DEADLINE_SECONDS)
        await Desk(store).queue()
        go_on.set()
    assert counts == [(0, 0)]


async def test_the_loop_stands_still_for_statements_and_not_for_the_disk(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.disk._STAND_STILL_SECONDS", _DEADLINE_SECONDS)
    other, spoken = threading.Event(), threading.Event()

    def work(connection: sqlite3.Connection) -> tuple[bool, bool]:
        meanwhile = other.wait(0.1)
        spoken.set()
        return meanwhile, other.wait(_DEADLINE_SECONDS)

    async with open_disk(directory) as disk, trio.open_nursery() as nursery:
        nursery.start_soon(_set, other)
        assert await disk.write(work, spoken) == (False, True)


async def test_the_loop_does_not_stand_still_for_long(directory: Path) -> None:
    other, spoken = threading.Event(), threading.Event()
    async with open_disk(directory) as disk, trio.open_nursery() as nursery:
        nursery.start_soon(_set, other)
        assert await disk.write(lambda connection: other.wait(_DEADLINE_SECONDS), spoken)


async def _set(event: threading.Event) -> None:
    event.set()


async def test_a_store_that_was_worked_with_is_whole(directory: Path) -> None:
    async with open_store(directory) as store:
        desk = Desk(store)
        _, (key,) = await desk.submit()
        await desk.tell(desk.receipt(key), desk.receipt("unknown"))
        await desk.stop()
    assert not (directory / "assent.db-wal").exists()
    connection = sqlite3.connect(directory / "assent.db")
    assert _pragma("integrity_check", connection) == "ok"
    connection.close()


# Failures.


async def test_a_lock_of_another_process_is_told_as_such(directory: Path) -> None:
    async with open_disk(directory) as disk:
        holder = sqlite3.connect(directory / "assent.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(DiskBusy):
            await disk.write(lambda connection: connection.execute("BEGIN IMMEDIATE"))
        assert await _read(disk, "user_version") == SCHEMA_VERSION  # reading goes on
        holder.execute("ROLLBACK")
        holder.close()
        await disk.write(lambda connection: connection.execute("BEGIN IMMEDIATE").execute("ROLLBACK"))


async def test_a_lock_of_a_moment_is_not_noticed_by_callers(directory: Path) -> None:
    async with open_store(directory) as store:
        desk = Desk(store)
        holder = sqlite3.connect(directory / "assent.db", isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")
        posted = store.accept(desk.acceptance(desk.submission()))
        await trio.lowlevel.checkpoint()
        holder.execute("ROLLBACK")
        holder.close()
        assert len(await posted) == 1


async def test_a_full_disk_is_told_and_what_was_there_stays(directory: Path) -> None:
    async with open_store(directory) as store:
        desk = Desk(store)
        message_id = await desk.queue()
    async with open_disk(directory) as disk:
        await disk.write(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchall())

        def fill(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            for n in range(1000):
                connection.execute(
                    "INSERT INTO api_key (id, client, label, digest, created_at) VALUES (?, 'c', 'l', ?, 1)",
                    (str(n), b"%d" % n * 500),
                )

        with pytest.raises(DiskFull):
            await disk.write(fill)
        await disk.write(lambda connection: connection.rollback())
    async with open_store(directory) as store:
        assert await store.message(message_id, CLIENT) is not None


async def test_a_full_disk_is_a_refusal_for_now(directory: Path) -> None:
    async with open_disk(directory) as disk, _store_on(disk) as store:
        desk = Desk(store)
        await disk.write(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchall())
        with pytest.raises(Transient) as refusal:
            await desk.accept(*(desk.submission(text="x" * 1000) for _ in range(1000)))
        assert refusal.value.code is Code.STORE_FULL
        await disk.write(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchall())
        accepted = await desk.accept(desk.submission())
        page, _ = await store.messages(MessageFilter(CLIENT))
        assert [message.id for message in page] == [accepted[0].id]


async def test_a_disk_that_is_gone_is_not_taken_for_a_full_one(directory: Path) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    async with open_disk(directory) as disk:
        await trio.Path(directory).rename(directory.with_name("elsewhere"))
        with pytest.raises(StoreFailed, match="disk I/O error"):
            await disk.write(fail)


async def test_a_corrupt_file_stops_the_store(directory: Path) -> None:
    async with open_store(directory) as store:
        desk = Desk(store)
        for _ in range(200):
            await desk.queue()
    path = directory / "assent.db"
    connection = sqlite3.connect(path)
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'message'").fetchone()[0]
    connection.close()
    content = bytearray(path.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    with pytest.RaisesGroup(pytest.RaisesExc(StoreFailed), flatten_subgroups=True, allow_unwrapped=True):
        async with open_store(directory) as store:
            with pytest.raises(StoreFailed, match="malformed"):
                await store.messages(MessageFilter(CLIENT))
            with pytest.raises(StoreFailed, match="malformed"):
                await Desk(store).queue()
            await trio.sleep_forever()


def _replace(path: Path) -> None:
    shutil.copyfile(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)


@pytest.mark.parametrize(
    "harm",
    [
        lambda directory: directory.rename(directory.with_name("elsewhere")),
        lambda directory: (directory / "assent.db").unlink(),
        lambda directory: (directory / "assent.db-wal").unlink(),
        lambda directory: _replace(directory / "assent.db"),
        lambda directory: _replace(directory / "assent.db-wal"),
    ],
    ids=["directory moved", "deleted", "log deleted", "replaced", "log replaced"],
)
async def test_nothing_is_taken_into_a_file_that_nobody_will_find(
    directory: Path, harm: Callable[[Path], object]
) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(StoreFailed), flatten_subgroups=True, allow_unwrapped=True):
        async with open_store(directory) as store:
            desk = Desk(store)
            await desk.queue()
            harm(directory)
            with pytest.raises(StoreFailed, match=r"moved, deleted or replaced while the gateway ran"):
                await desk.queue()
            await trio.sleep_forever()


async def test_a_copy_and_a_checkpoint_from_outside_are_no_harm(directory: Path) -> None:
    async with open_store(directory) as store:
        desk = Desk(store)
        await desk.queue()
        with closing(sqlite3.connect(directory / "assent.db")) as other:
            other.execute("VACUUM INTO ?", (str(directory / "copy.db"),))
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        await desk.queue()


async def test_a_log_that_a_reader_holds_is_told_of_once(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gateway.store.disk._LONG_LOG", 200_000)
    monkeypatch.setattr(
        "gateway.store.disk._WRITER_PRAGMAS",
        (*_WRITER_PRAGMAS, "PRAGMA wal_autocheckpoint = 10", "PRAGMA journal_size_limit = 0"),
    )
    with caplog.at_level(logging.WARNING, "gateway.store"):
        async with open_store(directory) as store:
            desk = Desk(store)
            for _ in range(2):
                with closing(sqlite3.connect(directory / "assent.db", isolation_level=None)) as shell:
                    shell.execute("BEGIN")
                    shell.execute("SELECT count(*) FROM message").fetchone()
                    for _ in range(40):
                        await desk.queue()
                for _ in range(3):
                    await desk.queue()
    told = [record.message for record in caplog.records]
    assert len(told) == 2
    assert all("assent.db-wal has grown to" in message for message in told)


async def test_a_log_that_a_large_transaction_made_long_is_not(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gateway.store.disk._LONG_LOG", 200_000)
    monkeypatch.setattr("gateway.store.disk._WRITER_PRAGMAS", (*_WRITER_PRAGMAS, "PRAGMA journal_size_limit = 0"))
    with caplog.at_level(logging.WARNING, "gateway.store"):
        async with open_disk(directory) as disk:
            await disk.write(
                lambda connection: connection.execute(
                    "CREATE TABLE large AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)"
                    " SELECT randomblob(1000) FROM n"
                )
            )
            assert (directory / "assent.db-wal").stat().st_size > 200_000
            for _ in range(20):
                await disk.write(lambda connection: connection.execute("INSERT INTO large VALUES (1)"))
    assert caplog.records == []


async def test_a_table_that_is_gone_stops_the_store_before_anything_is_sent(directory: Path) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(StoreFailed), flatten_subgroups=True, allow_unwrapped=True):
        async with open_disk(directory) as disk, _store_on(disk) as store:
            desk = Desk(store)
            await desk.queue()
            await disk.write(lambda connection: connection.execute("ALTER TABLE consent RENAME TO lost"))
            with pytest.raises(StoreFailed):
                await desk.claim()
            await trio.sleep_forever()
