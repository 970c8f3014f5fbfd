"""The verbs of plugins: which are enabled, how far each has read its log, what failed, and what changed about them.

Owns: the rows of plugins, of notices that are to be told again, and of changes. Does not own: telling (flow/plugins), or the
log (notices).
"""

from collections.abc import Sequence

import msgspec

from gateway.store.unit import Unit

_STATE = """
SELECT p.name, p.cursor, (SELECT coalesce(max(seq), 0) FROM notice),
(SELECT count(*) FROM plugin_retry AS r WHERE r.plugin = p.name AND r.due_at IS NOT NULL),
(SELECT count(*) FROM plugin_retry AS r WHERE r.plugin = p.name AND r.due_at IS NULL)
FROM plugin AS p WHERE p.name = ?
"""
BEHIND = """
SELECT n.client, n.account, r.due_at, min(r.seq) FROM plugin_retry AS r JOIN notice AS n ON n.seq = r.seq
WHERE r.plugin = ? AND r.due_at IS NOT NULL GROUP BY n.client, n.account
"""
RETRIES = """
SELECT plugin, seq, attempt, due_at, detail FROM plugin_retry
WHERE plugin = ? AND due_at IS NOT NULL ORDER BY due_at, seq LIMIT ?
"""
_CHANGES = """
SELECT plugin, at, change, detail FROM plugin_change WHERE plugin = ? ORDER BY id DESC LIMIT ?
"""


class PluginState(msgspec.Struct, frozen=True):
    """Where a plugin stands."""

    name: str
    cursor: int
    """The last notice that was taken off the log for it."""
    last: int
    """The last notice of the log."""
    waiting: int
    """Notices that will be told again."""
    dead: int
    """Notices that were given up, kept for replay."""


class Running(msgspec.Struct, frozen=True):
    """A plugin that is enabled."""

    name: str
    digest: bytes
    """Of its version and settings."""
    detail: str
    """What is in force, for the record of what changed."""


class Enabled(msgspec.Struct, frozen=True):
    """What the configuration says at the start."""

    plugins: tuple[Running, ...]
    at: int
    detail: str
    """For the record of those that are disabled by it."""


def enable_plugins(unit: Unit, wishes: Sequence[Enabled]) -> list[list[str]]:
    """Make it so, and put on record what changed; tells each change. A plugin that was not enabled starts at the end of the
    log: it is told nothing of what happened without it."""
    answers: list[list[str]] = []
    for wish in wishes:
        before = {name: (enabled, bytes(digest)) for name, enabled, digest in unit.sql.execute(
            "SELECT name, enabled, settings FROM plugin"
        )}  # fmt: skip
        changes: list[Change] = []
        for one in wish.plugins:
            enabled, known = before.pop(one.name, (0, b""))
            if not enabled:
                changes.append(Change(one.name, wish.at, "enabled", one.detail))
            elif known != one.digest:
                changes.append(Change(one.name, wish.at, "changed", one.detail))
            unit.sql.execute(
                "INSERT INTO plugin (name, enabled, settings, cursor)"
                " VALUES (?1, 1, ?2, (SELECT coalesce(max(seq), 0) FROM notice)) ON CONFLICT (name) DO UPDATE SET"
                " cursor = iif(enabled, cursor, excluded.cursor), enabled = 1, settings = ?2",
                (one.name, one.digest),
            )
        for name, (enabled, _) in before.items():
            if enabled:
                changes.append(Change(name, wish.at, "disabled", wish.detail))
                unit.sql.execute("UPDATE plugin SET enabled = 0 WHERE name = ?", (name,))
                unit.sql.execute("DELETE FROM plugin_retry WHERE plugin = ?", (name,))
        note_changes(unit, changes)
        answers.append([f"{change.plugin} {change.change}" for change in changes])
    return answers


class Change(msgspec.Struct, frozen=True):
    """Something that happened to a plugin: enabled, disabled, changed (its version or settings), suspended, resumed."""

    plugin: str
    at: int
    change: str
    detail: str


def note_changes(unit: Unit, changes: Sequence[Change]) -> list[None]:
    """Put changes on record."""
    unit.write(
        "INSERT INTO plugin_change (plugin, at, change, detail) VALUES {rows}",
        [(change.plugin, change.at, change.change, change.detail) for change in changes],
    )
    return [None] * len(changes)


def changes_of(unit: Unit, plugin: str, limit: int) -> list[Change]:
    """What happened to a plugin, the latest first."""
    return [Change(*row) for row in unit.sql.execute(_CHANGES, (plugin, limit))]


def plugin_state(unit: Unit, name: str) -> PluginState:
    """Where a plugin stands; one that was never enabled stands at the start."""
    row = unit.sql.execute(_STATE, (name,)).fetchone()
    return PluginState(name, 0, 0, 0, 0) if row is None else PluginState(*row)


class Again(msgspec.Struct, frozen=True):
    """A notice that is to be told again: how often it was tried, and when it is next."""

    plugin: str
    seq: int
    attempt: int
    due_at: int | None
    detail: str


class Observed(msgspec.Struct, frozen=True):
    """What became of the notices that a plugin was told."""

    plugin: str
    cursor: int | None = None
    settled: tuple[int, ...] = ()
    """Notices that were to be told again, and are done."""
    failed: tuple[Again, ...] = ()


def record_observed(unit: Unit, records: Sequence[Observed]) -> list[None]:
    """The cursor moves on, failures get their row, successes lose it."""
    for record in records:
        if record.cursor is not None:
            unit.sql.execute("UPDATE plugin SET cursor = max(cursor, ?) WHERE name = ?", (record.cursor, record.plugin))
        unit.write(
            "DELETE FROM plugin_retry WHERE plugin = ? AND seq IN ({rows})",
            [(seq,) for seq in record.settled],
            (record.plugin,),
        )
        unit.write(
            "INSERT OR REPLACE INTO plugin_retry (plugin, seq, attempt, due_at, detail) VALUES {rows}",
            [(again.plugin, again.seq, again.attempt, again.due_at, again.detail) for again in record.failed],
        )
    return [None] * len(records)


class Revive(msgspec.Struct, frozen=True):
    """An operator's wish that a plugin is told again what was given up."""

    plugin: str
    now: int


def revive_plugins(unit: Unit, wishes: Sequence[Revive]) -> list[int]:
    """Make what was given up due again; tells how many notices."""
    return [
        unit.sql.execute(
            "UPDATE plugin_retry SET due_at = ?, attempt = 0 WHERE plugin = ? AND due_at IS NULL",
            (wish.now, wish.plugin),
        ).rowcount
        for wish in wishes
    ]


def retries_of(unit: Unit, plugin: str, limit: int) -> list[Again]:
    """What a plugin is to be told again, the soonest due first."""
    return [Again(*row) for row in unit.sql.execute(RETRIES, (plugin, limit))]


def accounts_behind(unit: Unit, plugin: str) -> dict[tuple[str, str], int]:
    """Clients and accounts of which something is to be told again, and when the first of it is: what is newer has to wait."""
    return {(client, account): due_at for client, account, due_at, _ in unit.sql.execute(BEHIND, (plugin,))}
