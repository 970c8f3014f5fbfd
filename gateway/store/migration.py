"""Brings a database to the schema of this version, and knows one that it cannot bring there.

Owns: the schema's version, and the steps from one to the next. Does not own: the tables (schema/*.sql), or the file (directory).
"""

import re
import sqlite3
from contextlib import closing
from importlib import resources

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x41534E54  # "ASNT"
_COMMENT = re.compile(r"--[^\n]*")


class WrongSchema(Exception):
    """The database is not one that this version can use; the message says why and what to do."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the schema of this version. Raises WrongSchema, and then has changed nothing."""
    _step(connection, require_known(connection), SCHEMA_VERSION)


def require_known(connection: sqlite3.Connection) -> int:
    """The version of the database's schema, 0 for one that is empty. Changes nothing. Raises WrongSchema for one of a newer
    version, for another program's, and for one whose tables are not as its version has them."""
    version = _pragma(connection, "user_version")
    application = _pragma(connection, "application_id")
    made = _pragma(connection, "schema_version")  # SQLite's own: how often a table was made or changed
    if application != (_APPLICATION_ID if version else 0) or (made and not version):
        raise WrongSchema(
            f"it is not marked as Assent's (application_id {application:#x}, user_version {version}): "
            "give another data directory, or bring back a backup as the file that it is"
        )
    if version > SCHEMA_VERSION:
        raise WrongSchema(
            f"the database has schema {version}, and this version of Assent knows {SCHEMA_VERSION}: "
            "it was written by a newer Assent; install that one, or give another data directory"
        )
    if version and (names := _differing(connection, version)):
        raise WrongSchema(
            f"the database has schema {version}, but not as this version of Assent knows it ({', '.join(names)}): "
            "it was written by an Assent from before a release; install that one, or give another data directory"
        )
    return version


def _step(connection: sqlite3.Connection, version: int, wanted: int) -> None:
    for step in range(version + 1, wanted + 1):
        script = resources.files("gateway.store").joinpath(f"schema/{step:04d}.sql").read_text("utf-8")
        connection.executescript(
            f"BEGIN IMMEDIATE; {script} PRAGMA application_id = {_APPLICATION_ID};"
            f" PRAGMA user_version = {step}; COMMIT;"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _differing(connection: sqlite3.Connection, version: int) -> list[str]:
    """The tables and indexes of a version that a database lacks, or has otherwise. More than these may be there: an index that
    an operator made does no harm."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        _step(made, 0, version)
        found = _definitions(connection)
        return [name for name, definition in _definitions(made).items() if found.get(name) != definition]


def _definitions(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    return {name: " ".join(_COMMENT.sub("", sql).split()) for name, sql in rows}
