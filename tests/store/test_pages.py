"""Pages of a list whose filter no index serves: each looks at so many rows, and none is told twice or left out."""

import sqlite3
from collections.abc import Iterator

import pytest

from gateway.store import pages
from gateway.store.pages import given, newest
from gateway.store.unit import Unit


@pytest.fixture
def unit() -> Iterator[Unit]:
    """Ten rows, of which 1, 5 and 9 are red; the even ones belong to somebody else."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, client TEXT, colour TEXT)")
    connection.execute("CREATE INDEX thing_by_client ON thing (client, id)")
    for number in range(1, 11):
        client = "other" if number % 2 == 0 else "acme"
        colour = "red" if number % 4 == 1 else "blue"
        connection.execute("INSERT INTO thing VALUES (?, ?, ?)", (number, client, colour))
    yield Unit(connection, 0)
    connection.close()


def _walk(unit: Unit, colour: str | None, limit: int) -> list[list[int]]:
    walked, before = [], None
    while True:
        rows, cursor = newest(
            unit,
            "id, colour",
            "thing",
            "thing_by_client",
            given(("client = ?", "acme")),
            given(("colour = ?", colour)),
            before,
            limit,
        )
        walked.append([row[0] for row in rows])
        if cursor is None:
            return walked
        assert before is None or cursor < before
        before = cursor


@pytest.mark.parametrize(
    ("colour", "limit", "walked"),
    [
        (None, 5, [[9, 7, 5, 3, 1]]),
        (None, 2, [[9, 7], [5, 3], [1]]),
        ("red", 1, [[9], [5], [1]]),
        ("red", 3, [[9, 5, 1]]),
        ("green", 3, [[]]),
    ],
)
def test_each_row_is_on_one_page(unit: Unit, colour: str | None, limit: int, walked: list[list[int]]) -> None:
    assert _walk(unit, colour, limit) == walked


@pytest.mark.parametrize(
    ("colour", "limit", "walked"),
    [
        (None, 5, [[9, 7, 5, 3, 1]]),
        ("red", 3, [[9], [5], [1]]),
        ("red", 1, [[9], [5], [1]]),
        ("green", 3, [[], [], []]),
    ],
)
def test_a_page_looks_at_so_many_rows_and_goes_on_from_there(
    unit: Unit, monkeypatch: pytest.MonkeyPatch, colour: str | None, limit: int, walked: list[list[int]]
) -> None:
    monkeypatch.setattr(pages, "_SCAN_LIMIT", 2)
    assert _walk(unit, colour, limit) == walked
