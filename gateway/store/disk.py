"""Where SQLite runs: a file behind aiosqlite's threads, or memory for tests of what is above.

Owns: connections, pragmas, and what an SQLite error means. Does not own: whether a data directory can be used (directory), the
schema (migration), transactions (writer) or statements (verbs).

aiosqlite speaks asyncio, so its connections live in one trio-asyncio loop that the store opens. A whole batch runs in one
hop to the writing thread, and while the statements of a large one run the loop stands still: both compute, one interpreter
lock lets one of them, and sqlite3 lets go of it around every step, so two that compete hand it to and fro at a loss for both.
What the loop does beside a commit it does while the commit waits for the disk.

A file that is moved away, deleted or replaced can still be written to, and nobody will find what was. So after each commit the
names are looked at, and where another file stands there, or none, the store has failed.

Exactly one connection writes and checkpoints; readers are query-only and never checkpoint: SQLite 3.7.0 to 3.51.2 can
corrupt a WAL that two connections reset at once.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import aiosqlite
import trio
import trio_asyncio
from outcome import Outcome, capture

from gateway.store.directory import BUSY_SECONDS, DATABASE, lock, opening, prepare
from gateway.store.migration import SCHEMA_VERSION, migrate
from gateway.store.writer import DiskBusy, DiskFull, StoreFailed, is_fault

T = TypeVar("T")

_log = logging.getLogger("gateway.store")

_READERS = 2
_FULL_BELOW = 1 << 20
_STAND_STILL_SECONDS = 0.02
"""The longest that the loop hears nothing for a batch's sake: one that takes longer, or whose pages come from a slow disk, goes
on beside it."""
_STATEMENTS = 512
_LOG_LIMIT = 64 << 20
_LONG_LOG = 2 * _LOG_LIMIT
"""Octets: so long the write-ahead log stays only where a reader keeps it from being taken over into the database."""
_MANY_COMMITS = 10
"""Behind that many, no large transaction of ours is what made it long."""

_WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # the default of builds differs; a commit that is not on disk is no commit
    "PRAGMA wal_autocheckpoint = 1000",  # 4 MiB: the writer stands still for a checkpoint, so it is a short one
    f"PRAGMA journal_size_limit = {_LOG_LIMIT}",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)
_READER_PRAGMAS = ("PRAGMA query_only = 1", "PRAGMA wal_autocheckpoint = 0", "PRAGMA cache_size = -16384")

# sqlite3 asks each NULL and each bytes object in two ways what it wants to be bound as, which takes longer than to bind it,
# unless it is told: as what it is.
_ITSELF: dict[None, None] = {}
sqlite3.register_adapter(type(None), _ITSELF.get)
sqlite3.register_adapter(bytes, bytes)


class _Connection(aiosqlite.Connection):
    """aiosqlite with one method more: a whole batch in one hop to its thread.

    The answer comes straight back to trio. By way of an asyncio future it would take five turns of the event loop rather
    than two, and every commit waits for them.
    """

    async def run(self, work: Callable[[sqlite3.Connection], T], spoken: threading.Event | None = None) -> T:
        ended = trio.Event()
        token = trio.lowlevel.current_trio_token()
        outcomes: list[Outcome[T]] = []

        def job() -> None:
            outcomes.append(capture(work, self._conn))
            token.run_sync_soon(ended.set)

        self._tx.put_nowait((None, job))
        if spoken is not None:
            spoken.wait(_STAND_STILL_SECONDS)
        await ended.wait()
        return outcomes[0].unwrap()


def _connect(path: Path, *, read_only: bool) -> _Connection:
    def connector() -> sqlite3.Connection:
        connection = sqlite3.connect(
            path,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            cached_statements=_STATEMENTS,
            check_same_thread=False,
        )
        for pragma in _READER_PRAGMAS if read_only else _WRITER_PRAGMAS:
            connection.execute(pragma).fetchall()
        return connection

    return _Connection(connector, iter_chunk_size=64)


def _files(path: Path) -> tuple[os.stat_result, os.stat_result]:
    """What stands under the names of a database and of its write-ahead log. Raises OSError."""
    return os.stat(path), os.stat(f"{path}-wal")


class FileDisk:
    """A database file: one writing thread, a few reading ones. Raises OSError where a file of it is not there."""

    def __init__(self, directory: Path, writer: _Connection, readers: Iterable[_Connection]) -> None:
        self._directory = directory
        self._path = directory / DATABASE
        self._files = _files(self._path)
        self._long_log = 0
        """For how many commits now."""
        self._writer = writer
        self._free, self._idle = trio.open_memory_channel[_Connection](_READERS)
        for reader in readers:
            self._free.send_nowait(reader)

    async def write(self, work: Callable[[sqlite3.Connection], T], spoken: threading.Event | None = None) -> T:
        """See Disk."""

        def kept(connection: sqlite3.Connection) -> T:
            result = work(connection)
            self._look_for_files()
            return result

        return await self._run(self._writer, kept, spoken)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """See Disk."""
        reader = await self._idle.receive()
        try:
            return await self._run(reader, work)
        finally:
            self._free.send_nowait(reader)

    async def _run(
        self, connection: _Connection, work: Callable[[sqlite3.Connection], T], spoken: threading.Event | None = None
    ) -> T:
        try:
            return await connection.run(work, spoken)
        except sqlite3.DatabaseError as error:
            if is_fault(error):
                raise self._meaning(error) from error
            raise

    def _look_for_files(self) -> None:
        """What was written is where the next start looks for it. Raises StoreFailed."""
        try:
            found = _files(self._path)
            there = all(map(os.path.samestat, found, self._files))
        except OSError:
            there = False
        if not there:
            raise StoreFailed(
                f"{self._path}, or its -wal, was moved, deleted or replaced while the gateway ran: "
                "put back the files that were there, or restore a backup, and start again"
            )
        octets = found[1].st_size
        self._long_log = self._long_log + 1 if octets > _LONG_LOG else 0
        if self._long_log == _MANY_COMMITS:
            _log.warning(
                "%s-wal has grown to %d MiB: something else reads the database and does not end (a sqlite3 shell, a backup that"
                " hangs), and until it does the file grows with each commit",
                self._path,
                octets >> 20,
            )

    def _meaning(self, error: sqlite3.DatabaseError) -> Exception:
        code = error.sqlite_errorcode & 0xFF if hasattr(error, "sqlite_errorcode") else 0
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return DiskBusy("another process holds the database locked")
        if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and self._is_full()):
            # A full disk reaches us under both names, depending on which write met it.
            return DiskFull("the disk of the data directory is full: free some space")
        # After a failed write or fsync the kernel may call the pages clean: asking again would get a lie for an answer.
        # And a file that is found corrupt is not to be trusted with another row.
        return StoreFailed(f"the disk failed: {error}")

    def _is_full(self) -> bool:
        try:
            return free_bytes(self._directory) < _FULL_BELOW
        except OSError:  # it is gone
            return False


def free_bytes(directory: Path) -> int:
    """What an unprivileged process may still write to the directory's file system. Raises OSError where that is gone."""
    status = os.statvfs(directory)
    return status.f_bavail * status.f_frsize


@asynccontextmanager
async def open_disk(directory: Path) -> AsyncIterator[FileDisk]:
    """The database of a data directory, made or migrated where needed. Raises CannotOpen, maybe in a group."""
    handle = lock(directory)
    try:
        path = directory / DATABASE
        prepare(path)
        async with trio_asyncio.open_loop():
            connections: list[_Connection] = []
            try:
                for index in range(1 + _READERS):
                    connection = _connect(path, read_only=index > 0)
                    with opening(path):
                        connections.append(await trio_asyncio.aio_as_trio(_opened)(connection))
                _log.info("store open: SQLite %s, schema %d", sqlite3.sqlite_version, SCHEMA_VERSION)
                yield FileDisk(directory, connections[0], connections[1:])
            finally:
                with trio.CancelScope(shield=True):
                    for connection in reversed(connections):
                        await trio_asyncio.aio_as_trio(connection.close)()
    finally:
        os.close(handle)


async def _opened(connection: _Connection) -> _Connection:
    try:
        await connection
    except BaseException:
        # Its thread still tells the loop that it ends, which must not be gone by then.
        connection._thread.join()
        raise
    return connection


class MemoryDisk:
    """A database in memory on the caller's own thread: for tests on virtual time, which threads would upset."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=_STATEMENTS)
        migrate(self._connection)

    async def write(self, work: Callable[[sqlite3.Connection], T], spoken: threading.Event | None = None) -> T:
        """See Disk."""
        await trio.lowlevel.checkpoint()
        return work(self._connection)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """See Disk."""
        await trio.lowlevel.checkpoint()
        return work(self._connection)

    def close(self) -> None:
        """Forget all."""
        self._connection.close()
