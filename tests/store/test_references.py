"""The references that join the segments of a text: sixteen bits, in sequence, round and round."""

import sqlite3
from collections.abc import Callable, Sequence

import pytest

from gateway.store.accept import accept
from gateway.store.disk import MemoryDisk
from gateway.store.unit import Unit
from tests.contract.desk import NUMBER, OTHER_NUMBER, SENDER, Desk


def _given(last: int, count: int, number: str = NUMBER) -> Callable[[sqlite3.Connection], Sequence[int]]:
    """The references of ``count`` more texts to a number whose last one was ``last``."""

    def work(connection: sqlite3.Connection) -> Sequence[int]:
        unit = Unit(connection, 0)
        connection.execute(
            "INSERT OR REPLACE INTO concat (sender, number, last) VALUES (?, ?, ?)", (SENDER, NUMBER, last)
        )
        columns = "number, client, program, category, account, state, changed_at, fresh_at, awaited, event"
        values = (number, "acme", "loans", "servicing", "*", "confirmed", 1, 1, 0, 1)
        connection.execute(f"INSERT OR IGNORE INTO consent ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        desk = Desk(None)  # type: ignore[arg-type]  # its texts are what is wanted
        texts = [desk.submission(segments=2, number=number) for _ in range(count)]
        accept(unit, [desk.acceptance(*texts)])
        return [row[0] for row in connection.execute("SELECT concat FROM message ORDER BY id")]

    return work


@pytest.mark.parametrize(
    ("last", "expected"),
    [(0, [1, 2, 3]), (254, [255, 256, 257]), (65533, [65534, 65535, 0]), (65535, [0, 1, 2])],
)
async def test_they_wrap_within_sixteen_bits(last: int, expected: list[int]) -> None:
    disk = MemoryDisk()
    assert await disk.write(_given(last, 3)) == expected
    disk.close()


async def test_another_number_has_its_own() -> None:
    disk = MemoryDisk()
    assert await disk.write(_given(41, 2, OTHER_NUMBER)) == [1, 2]
    disk.close()
