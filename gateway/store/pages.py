"""A page of a list, newest first, of rows: it owns the window of rows that one page looks at.

Owns: the statements and the cursor. Does not own: what a row means, or which index serves a list.

A filter that no index serves could walk a client's whole history for one page. So a page looks at so many rows of the
index and no more; where it finds less than it was asked for, it returns what it has, with a cursor to go on from.
"""

from collections.abc import Sequence

from gateway.store.unit import Row, Unit

Clause = tuple[str, object]
"""A condition with one `?`, which is our own text, and the value that stands for it."""

_SCAN_LIMIT = 20_000
_LAST = (1 << 63) - 1


def newest(
    unit: Unit,
    columns: str,
    table: str,
    index: str | None,
    scope: Sequence[Clause],
    filters: Sequence[Clause],
    before: int | None,
    limit: int,
) -> tuple[list[Row], int | None]:
    """A page of the rows with an id below `before`, and the cursor of the next page (None at the end).

    `columns` begin with the id. The index serves the `scope` and the order of ids, the table itself where there is no scope;
    `filters` are what it does not serve.
    """
    source = f"FROM {table} {'NOT INDEXED' if index is None else f'INDEXED BY {index}'}"
    clauses, values = [clause for clause, _ in scope], [value for _, value in scope]
    window = f"SELECT id {source} WHERE {' AND '.join([*clauses, 'id < ?'])} ORDER BY id DESC LIMIT ?"
    looked_at = _SCAN_LIMIT if filters else limit + 1
    ids = [row[0] for row in unit.sql.execute(window, (*values, _LAST if before is None else before, looked_at))]
    if not ids:
        return [], None
    where = " AND ".join([*clauses, "id BETWEEN ? AND ?", *(clause for clause, _ in filters)])
    rows = unit.sql.execute(
        f"SELECT {columns} {source} WHERE {where} ORDER BY id DESC LIMIT ?",
        (*values, ids[-1], ids[0], *(value for _, value in filters), limit + 1),
    ).fetchall()
    if len(rows) > limit:
        return rows[:limit], rows[limit - 1][0]
    return rows, ids[-1] if filters and len(ids) == _SCAN_LIMIT else None


def given(*conditions: tuple[str, object]) -> list[Clause]:
    """The conditions that have a value."""
    return [condition for condition in conditions if condition[1] is not None]
