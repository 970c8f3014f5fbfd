"""Whether new texts may be taken, by the space that is left."""

from pathlib import Path

from gateway.flow.room import Room
from gateway.store.disk import free_bytes


def test_it_looks_once_a_second_and_when_the_clock_was_set() -> None:
    free, now, looks = 100, 1_000_000, 0

    def look() -> int:
        nonlocal looks
        looks += 1
        return free

    room = Room(look, 50, lambda: now)
    assert room.enough()
    free = 49
    assert room.enough()
    now += 1000
    assert not room.enough()
    free, now = 50, now - 3_600_000
    assert room.enough()
    assert looks == 3


def test_a_directory_that_is_gone_is_no_lack_of_room(tmp_path: Path) -> None:
    now, directory = 1_000_000, tmp_path / "data"
    directory.mkdir()
    room = Room(lambda: free_bytes(directory), 1 << 62, lambda: now)
    assert not room.enough()
    directory.rename(tmp_path / "elsewhere")
    now += 1000
    assert room.enough()
