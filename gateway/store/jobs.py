"""The verbs of jobs: scheduled and replaced by key, called off by key or path, told when they are due.

Owns: job rows and their history. Does not own: when to look (flow/jobs), or what becomes of a job whose time went by
(rules/schedules).

A pending job is found by its plugin and key, or by its plugin and due instant, each by an index of pending jobs alone: a
million of them cost no look at any that is not due. Telling a job moves it into the log of notices in the same transaction
that ends it, so it is neither lost nor told twice into the log.
"""

from collections.abc import Sequence

import msgspec

from gateway.model.ids import JobId, spell
from gateway.model.jobs import JobState, KeptJob
from gateway.model.notices import Job
from gateway.rules.schedules import LATE_AFTER, CatchUp, catch_up
from gateway.store.forget import Forget, forget
from gateway.store.notices import NewNotice, add_notices
from gateway.store.unit import Row, Unit

_COLUMNS = "id, plugin, client, key, account, due_at, catch_up, zone, payload, state, at, ended_at"

REPLACE = """
UPDATE job SET state = 'replaced', ended_at = v.column4 FROM (VALUES {rows}) AS v
WHERE plugin = v.column1 AND client = v.column2 AND key = v.column3 AND state = 'pending'
"""
_ADD = "INSERT INTO job (plugin, client, key, account, due_at, catch_up, zone, payload, at, state) VALUES {rows}"
CANCEL = """
UPDATE job SET state = 'cancelled', ended_at = ?4
WHERE plugin = ?1 AND client = ?2 AND state = 'pending' AND key >= ?3 AND key < ?3 || '0'
AND (key = ?3 OR substr(key, 1, length(?3) + 1) = ?3 || '/')
"""
DUE = f"""
SELECT {_COLUMNS} FROM job WHERE plugin = ? AND state = 'pending' AND due_at <= ? ORDER BY due_at LIMIT ?
"""  # noqa: S608 - our own text
NEXT_DUE = "SELECT min(due_at) FROM job WHERE plugin = ? AND state = 'pending'"
_END = "UPDATE job SET state = v.column2, ended_at = v.column3 FROM (VALUES {rows}) AS v WHERE id = v.column1"
_DEFER = "UPDATE job SET due_at = v.column2 FROM (VALUES {rows}) AS v WHERE id = v.column1"
OF_ACCOUNT = f"""
SELECT {_COLUMNS} FROM job WHERE client = ? AND account = ? AND id < ? ORDER BY id DESC LIMIT ?
"""  # noqa: S608 - our own text
FORGET = """
DELETE FROM job WHERE id IN (SELECT id FROM job WHERE ended_at < ? AND ended_at IS NOT NULL ORDER BY ended_at LIMIT ?)
"""

_encode = msgspec.json.Encoder().encode


class NewJob(msgspec.Struct, frozen=True):
    """A job that is to be pending from now on, in the place of another one of its key."""

    plugin: str
    client: str
    key: str
    account: str
    due_at: int
    catch_up: CatchUp
    zone: str
    payload: bytes
    at: int
    once: bool = False
    """Unless its key was scheduled so before, whatever became of that."""


def schedule(unit: Unit, jobs: Sequence[NewJob]) -> list[None]:
    """Make jobs pending; of several with one key, the last. Which of them are to be once, deeds knows."""
    last = {(job.plugin, job.client, job.key): job for job in jobs}
    unit.write(REPLACE, [(job.plugin, job.client, job.key, job.at) for job in last.values()])
    unit.write(
        _ADD,
        [
            (
                job.plugin,
                job.client,
                job.key,
                job.account,
                job.due_at,
                str(job.catch_up),
                job.zone,
                job.payload,
                job.at,
                "pending",
            )
            for job in last.values()
        ],
    )
    return [None] * len(jobs)


class CallOff(msgspec.Struct, frozen=True):
    """A wish that what a plugin began under a key, or under a path below it, does not happen."""

    plugin: str
    client: str
    key: str
    at: int
    anew: NewJob | None = None
    """What is scheduled in the same transaction, where anything was called off."""


def cancel_jobs(unit: Unit, wishes: Sequence[CallOff]) -> list[int]:
    """Cancel pending jobs; tells how many, wish by wish."""
    return [unit.sql.execute(CANCEL, (wish.plugin, wish.client, wish.key, wish.at)).rowcount for wish in wishes]


class DueLook(msgspec.Struct, frozen=True):
    """A look for what is due for a plugin."""

    plugin: str
    now: int
    limit: int


class DueFound(msgspec.Struct, frozen=True):
    """What a look found."""

    told: int
    skipped: int
    deferred: int
    next_due: int | None
    """When the earliest of the jobs that still wait is due."""


def tell_due(unit: Unit, looks: Sequence[DueLook]) -> list[DueFound]:
    """Tell due jobs to their plugins, the longest due first; what is late is dropped or deferred as its plugin wished."""
    return [_tell_due(unit, look) for look in looks]


def _tell_due(unit: Unit, look: DueLook) -> DueFound:
    jobs = [KeptJob(*row) for row in unit.sql.execute(DUE, (look.plugin, look.now, look.limit))]
    told: list[NewNotice] = []
    ended: list[tuple[int, str, int]] = []
    deferred: list[tuple[int, int]] = []
    for job in jobs:
        due = catch_up(job.catch_up, job.due_at, look.now, job.zone)  # type: ignore[arg-type]  # as it was scheduled
        if due is not None and due > look.now:
            deferred.append((job.id, due))
            continue
        state = JobState.SKIPPED if due is None else JobState.TOLD
        ended.append((job.id, str(state), look.now))
        if due is not None:
            told.append(NewNotice(job.client, job.account, job.plugin, "job", look.now, _spell(job, look.now)))
    unit.write(_END, ended)
    unit.write(_DEFER, deferred)
    add_notices(unit, told)
    (next_due,) = unit.sql.execute(NEXT_DUE, (look.plugin,)).fetchone()
    return DueFound(len(told), len(ended) - len(told), len(deferred), next_due)


def _spell(job: KeptJob, now: int) -> bytes:
    late = now - job.due_at >= LATE_AFTER
    payload = msgspec.json.decode(job.payload)
    return _encode(Job(spell("job", job.id), job.key, job.account, job.due_at, payload, late))


def jobs_of_account(unit: Unit, client: str, account: str, before: JobId, limit: int) -> list[KeptJob]:
    """The jobs of an account with their history, the newest first."""
    return [_kept(row) for row in unit.sql.execute(OF_ACCOUNT, (client, account, before, limit))]


def _kept(row: Row) -> KeptJob:
    job = KeptJob(*row)
    return msgspec.structs.replace(job, state=JobState(job.state))


def forget_jobs(unit: Unit, wishes: Sequence[Forget]) -> list[int]:
    """Forget jobs that ended before; tells how many."""
    return forget(unit, FORGET, wishes)
