"""Looking at a data directory: told as by a start, with nothing made or changed."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.directory import CannotOpen, look_at
from gateway.store.disk import open_disk
from gateway.store.migration import SCHEMA_VERSION


def _all(directory: Path) -> dict[Path, tuple[int, bytes]]:
    found = (path for path in (directory, *directory.rglob("*")) if path.exists())
    return {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in found}


def _look(directory: Path) -> str:
    before = _all(directory.parent)
    try:
        look_at(directory)
        told = ""
    except CannotOpen as error:
        told = str(error)
    assert _all(directory.parent) == before
    return told


def _run(statements: str) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(statements)

    return run


def _truncate(path: Path) -> None:
    path.write_bytes(b"")
    (path.parent / "ledger.anchors").write_text("an anchor\n")


def _overwrite(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def _put_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))
    path.symlink_to("elsewhere.db")


def _put_dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("elsewhere.db")


def _put_directory_at_lock(path: Path) -> None:
    (path.parent / "lock").unlink()
    (path.parent / "lock").mkdir()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_run(f"PRAGMA user_version = {SCHEMA_VERSION + 1}"), "a newer Assent"),
        (_run("PRAGMA application_id = 7"), "not marked as Assent's"),
        (_run("ALTER TABLE message DROP COLUMN decided_at"), "from before a release"),
        (_truncate, "is gone or empty"),
        (_overwrite, "file is not a database"),
        (_put_link, "is a link"),
        (_put_dangling_link, "is a link"),
        (_put_directory_at_lock, "cannot write to the data directory"),
    ],
)
async def test_what_a_start_refuses_is_told_in_its_words(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    directory = tmp_path / "state #1?"
    async with open_disk(directory):
        pass
    assert _look(directory) == ""
    spoil(directory / "assent.db")
    told = _look(directory)
    assert words in told
    with pytest.raises(CannotOpen) as refusal:
        async with open_disk(directory):
            pass
    assert told == str(refusal.value)


async def test_one_that_is_used_or_was_left_in_haste_is_no_fault(tmp_path: Path) -> None:
    directory, copy = tmp_path / "state", tmp_path / "copy"
    async with open_disk(directory) as disk:
        await disk.write(lambda connection: connection.execute("CREATE INDEX of_an_operator ON message (sender)"))
        assert _look(directory) == ""
        shutil.copytree(directory, copy)
    assert (copy / "assent.db-wal").stat().st_size
    assert _look(copy) == ""


async def test_a_log_that_is_taken_over_in_part_is_no_fault(tmp_path: Path) -> None:
    directory, copy = tmp_path / "state", tmp_path / "copy"
    async with open_disk(directory) as disk:
        await disk.write(lambda connection: connection.execute("CREATE TABLE large AS SELECT zeroblob(400000)"))
        shutil.copytree(directory, copy)
        await disk.write(lambda connection: connection.execute("PRAGMA wal_checkpoint").fetchall())
        first_page = (directory / "assent.db").read_bytes()[:4096]
    with (copy / "assent.db").open("r+b") as file:
        file.write(first_page)
    assert _look(copy) == ""
    async with open_disk(copy):
        pass


@pytest.mark.parametrize("name", ["assent.db", "assent.db-wal", "assent.db-shm"])
async def test_a_file_that_can_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    async with open_disk(tmp_path / "state"):
        pass
    read_only = tmp_path / "state" / name
    read_only.touch()
    opens = os.open

    def refuse(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(path) == read_only and flags & (os.O_WRONLY | os.O_RDWR):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opens(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    told = _look(tmp_path / "state")
    assert f"Permission denied: '{read_only}'" in told
    with pytest.raises(CannotOpen) as refusal:
        async with open_disk(tmp_path / "state"):
            pass
    assert told == str(refusal.value)


def test_one_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    assert _look(tmp_path / "state" / "below") == ""
    assert not (tmp_path / "state").exists()


def test_a_file_in_its_way(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"in the way")
    assert "Not a directory: give this user" in _look(tmp_path / "state" / "below")


def test_one_that_this_user_may_not_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    assert f"{tmp_path / 'state'}: Permission denied: give this user" in _look(tmp_path / "state")
