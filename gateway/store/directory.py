"""The data directory: whether a gateway can use it, and that one alone does.

Owns: its lock, the making of the database, and in which words one that cannot be used is refused. Does not own: the schema
(migration), or what runs on the database afterwards (disk).
"""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gateway.store.anchors import FILE
from gateway.store.migration import WrongSchema, migrate, require_known

DATABASE = "assent.db"
_LOCK = "lock"
BUSY_SECONDS = 0.25
"""How long SQLite waits for another's lock."""


class CannotOpen(Exception):
    """The data directory or its database cannot be used; the message says why and what to do."""


def _octets(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Tell what fails within as a database that cannot be opened. Raises CannotOpen."""
    try:
        yield
    except WrongSchema as error:
        raise CannotOpen(f"{path} cannot be opened: {error}") from error
    except (OSError, sqlite3.DatabaseError) as error:
        raise CannotOpen(
            f"{path} cannot be opened: {error}: check the rights and the disk, or restore a backup"
        ) from error


def _require_not_lost(path: Path) -> None:
    """One that is gone or empty is made anew only where nothing tells that there was one: with it every opt-out would be
    forgotten. Raises CannotOpen."""
    if not _octets(path):
        left = [beside.name for beside in (path.with_name(FILE), Path(f"{path}-wal")) if _octets(beside)]
        if left:
            raise CannotOpen(
                f"{path} is gone or empty, but {' and '.join(left)} beside it tells that there was one: bring it back, or"
                " restore a backup; to begin anew, without the consents and opt-outs of before, give another data directory"
            )


def _require_writable_files(path: Path) -> None:
    """SQLite opens a database that it may only read, or whose log it may, and then the first write fails. Raises OSError, and
    CannotOpen for a link: SQLite keeps the log beside the file that it leads to, where a backup would not look for it."""
    if path.is_symlink():
        raise CannotOpen(f"{path} is a link: set [store] path to the directory that has the database itself")
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        _require_writable(file)


def prepare(path: Path) -> None:
    """Make or migrate the file, before any thread has it open. Raises CannotOpen."""
    with opening(path):
        _require_not_lost(path)
        _require_writable_files(path)
        if not path.exists():
            path.touch(mode=0o600)
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            migrate(connection)
            connection.execute("PRAGMA journal_mode = WAL").fetchall()


@contextmanager
def _writing(directory: Path) -> Iterator[None]:
    """Tell what fails within as a directory that cannot be written to. Raises CannotOpen."""
    try:
        yield
    except OSError as error:
        raise CannotOpen(
            f"cannot write to the data directory {directory}: {error.strerror}: "
            "give this user the right to, or set [store] path to another directory"
        ) from error


def lock(directory: Path) -> int:
    """Make the directory where it is missing, and take it for this process, until the handle is closed. Raises CannotOpen."""
    with _writing(directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise
        raise CannotOpen(
            f"another gateway runs on the data directory {directory}: stop it, or set [store] path to another directory"
        ) from error
    return handle


def look_at(directory: Path) -> None:
    """Refuse a data directory that a start would refuse, and make, change and lock nothing, so that a gateway may run on it.

    Of the write-ahead log nothing is read: the schema of a database stands in its file before there is a log. Raises CannotOpen.
    """
    path = directory / DATABASE
    with _writing(directory):
        there = next(place for place in (directory, *directory.absolute().parents) if os.path.lexists(place))
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        _require_writable(directory / _LOCK)
    with opening(path):
        _require_not_lost(path)
        _require_writable_files(path)
        if _octets(path):
            address = f"{path.absolute().as_uri()}?immutable=1"
            with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
                if _octets(Path(f"{path}-wal")):
                    # While the log is taken over, or where a crash ended that, the file is shorter than its first page says.
                    # Nobody writes here: it only lets SQLite read such a one.
                    connection.execute("PRAGMA writable_schema = ON")
                require_known(connection)


def _require_writable(path: Path) -> None:
    """Raises OSError for a file that is there and cannot be written to."""
    if os.path.lexists(path):
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
