"""The verbs of templates: versions that are only ever added, and the end of a client's own.

Owns: template rows and the numbering of versions. Does not own: what a declaration says, or which template a name stands for
(flow/templates).

A message names the template and the version it was made of, so a version stays for good and keeps its number. A client's own
template and the one for everybody share the numbers of a name as far as that client can see them: for no client does a
name with a version mean two things.
"""

from collections.abc import Sequence

from gateway.model.template import EVERYBODY, KeptTemplate, NewTemplate
from gateway.store.unit import Unit

_COLUMNS = "client, name, version, body, source, at, retired_at"
_ADD = "INSERT INTO template (client, name, version, body, source, at) VALUES (?, ?, ?, ?, ?, ?)"
_LAST = f"""
SELECT {_COLUMNS} FROM template WHERE name = ? AND client = ? ORDER BY version DESC LIMIT 1
"""  # noqa: S608 - our own text
_NEWEST_OF_ALL = "SELECT coalesce(max(version), 0) FROM template WHERE name = ?"
_NEWEST_SEEN = "SELECT coalesce(max(version), 0) FROM template WHERE name = ? AND client IN (?, ?)"
_CURRENT = f"""
SELECT {_COLUMNS} FROM template AS t
WHERE version = (SELECT max(version) FROM template WHERE name = t.name AND client = t.client)
ORDER BY name, client
"""  # noqa: S608 - our own text
_VERSIONS = f"""
SELECT {_COLUMNS} FROM template WHERE name = ? AND client IN (?, ?) ORDER BY version DESC LIMIT ?
"""  # noqa: S608 - our own text


def put_templates(unit: Unit, templates: Sequence[NewTemplate]) -> list[KeptTemplate]:
    """Put declarations in force; each as kept, which is the version before where nothing changed."""
    return [_put(unit, template) for template in templates]


def _put(unit: Unit, template: NewTemplate) -> KeptTemplate:
    row = unit.sql.execute(_LAST, (template.name, template.client)).fetchone()
    last = None if row is None else KeptTemplate(*row)
    if last is not None and last.body == template.body and last.source == template.source and last.retired_at is None:
        return last
    if template.client == EVERYBODY:
        (newest,) = unit.sql.execute(_NEWEST_OF_ALL, (template.name,)).fetchone()
    else:
        (newest,) = unit.sql.execute(_NEWEST_SEEN, (template.name, template.client, EVERYBODY)).fetchone()
    kept = KeptTemplate(template.client, template.name, newest + 1, template.body, template.source, template.at)
    unit.sql.execute(_ADD, (kept.client, kept.name, kept.version, kept.body, kept.source, kept.at))
    return kept


def retire_templates(unit: Unit, retirements: Sequence[tuple[str, str, int]]) -> list[bool]:
    """End templates, named by (client, name, instant); tells of each whether there was one in force."""
    return [
        unit.sql.execute(
            "UPDATE template SET retired_at = ?1 WHERE name = ?2 AND client = ?3 AND retired_at IS NULL AND version ="
            " (SELECT max(version) FROM template WHERE name = ?2 AND client = ?3)",
            (at, name, client),
        ).rowcount
        == 1
        for client, name, at in retirements
    ]


def templates(unit: Unit) -> list[KeptTemplate]:
    """The newest version of every template of every client, retired ones too."""
    return [KeptTemplate(*row) for row in unit.sql.execute(_CURRENT)]


def template_versions(unit: Unit, client: str, name: str, limit: int) -> list[KeptTemplate]:
    """The versions of a name that a client can see, the newest first."""
    return [KeptTemplate(*row) for row in unit.sql.execute(_VERSIONS, (name, client, EVERYBODY, limit))]
