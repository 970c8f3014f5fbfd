"""Many rows in few statements: every row once, whatever their number, and every value as it was."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.migration import migrate
from gateway.store.unit import Unit, last_seq

ODD_TEXTS = (
    "",
    "\x00",
    "a\x00b",
    '"',
    "\\",
    "[1,2]",
    "null",
    "\u2028",
    "😀",
    "é\u0301",
    "\x1f",
    "]]",
    "'; DROP TABLE t",
)


class Recording(sqlite3.Connection):
    """A connection that counts its steps."""

    statements: set[str]
    steps: int

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:
        self.steps += 1
        self.statements.add(sql)
        return super().execute(sql, *args)  # type: ignore[arg-type]


@pytest.fixture
def connection() -> Iterator[Recording]:
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=Recording)
    connection.statements = set()
    connection.steps = 0
    migrate(connection)
    connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
    yield connection
    connection.close()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 31, 32, 33, 100, 255, 256, 257, 511, 1000])
def test_every_row_is_written_and_read_once(connection: Recording, count: int) -> None:
    unit = Unit(connection, 0)
    rows = [(n, f"text {n}") for n in range(count)]
    unit.write("INSERT INTO t (a, b) VALUES {rows}", rows)
    assert connection.execute("SELECT a, b FROM t ORDER BY rowid").fetchall() == rows
    keys = [(n,) for n in range(count)]
    assert sorted(unit.read("SELECT a, b FROM t WHERE a IN ({rows})", keys)) == rows
    gathered = unit.gather("SELECT json_array(a, b) AS row FROM t WHERE a >= ? AND a IN ({rows})", keys, (0,))
    assert sorted(map(tuple, gathered)) == rows
    unit.write("UPDATE t SET b = ? FROM (VALUES {rows}) AS v WHERE a = v.column1 AND b = v.column2", rows, ("new",))
    assert connection.execute("SELECT count(*) FROM t WHERE b = 'new'").fetchone()[0] == count
    unit.write("DELETE FROM t WHERE a IN ({rows})", keys)
    assert connection.execute("SELECT count(*) FROM t").fetchone()[0] == 0


def test_a_batch_is_a_few_steps_and_all_batches_a_few_dozen_statements(connection: Recording) -> None:
    unit = Unit(connection, 0)
    connection.statements.clear()
    for count in range(1, 600):
        connection.steps = 0
        unit.write("INSERT INTO t (a, b) VALUES {rows}", [(n, "x") for n in range(count)])
        assert connection.steps <= 3 * (1 + count // 256)
    assert len(connection.statements) <= 40


def test_numbers_and_texts_come_back_as_they_were(connection: Recording) -> None:
    unit = Unit(connection, 0)
    rows = [(n, text) for n, text in enumerate(ODD_TEXTS)] + [
        ((1 << 63) - 1, "great"),
        (-(1 << 63), "small"),
        (7, None),
    ]
    unit.write("INSERT INTO t (a, b) VALUES {rows}", rows)
    found = unit.gather_one("SELECT json_array(a, b) AS row FROM t ORDER BY rowid LIMIT ?", (100,))
    assert list(map(tuple, found)) == rows


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-(1 << 63), (1 << 63) - 1), st.text()), max_size=70))
def test_any_numbers_and_texts_come_back_as_they_were(rows: list[tuple[int, str]]) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
    unit = Unit(connection, 0)
    unit.write("INSERT INTO t (a, b) VALUES {rows}", rows)
    found = unit.gather_one("SELECT json_array(a, b) AS row FROM t ORDER BY rowid LIMIT ?", (100,))
    connection.close()
    assert list(map(tuple, found)) == rows


def test_the_log_is_numbered_from_where_it_ended(connection: Recording) -> None:
    assert last_seq(connection) == 0
    unit = Unit(connection, 0)
    assert [unit.tell(client, 5, "message.accepted", b"{}") for client in ("b", "a", "c", "b")] == [1, 2, 3, 4]
    assert last_seq(connection) == 0
    unit.flush()
    unit.flush()
    assert last_seq(connection) == 4
    assert unit.told == {"a", "b", "c"}


def test_what_is_forgotten_is_not_written(connection: Recording) -> None:
    unit = Unit(connection, 0)
    unit.tell("a", 5, "message.accepted", b"{}")
    unit.forget(0)
    unit.flush()
    assert (last_seq(connection), unit.seq) == (0, 0)
