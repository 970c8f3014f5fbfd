"""The one task that writes: it takes every verb that is waiting, commits once, and then wakes their callers.

Owns: group commit, the order of verbs in a batch, and what a failure means for whom. Does not own: SQL (the verbs) or the
thread that runs it (disk).

A batch is one transaction and one fsync. Verbs of one kind run together on all their items, each kind in a savepoint: a
verb that fails is undone and its callers alone are told, after each of them was tried by itself. Nobody is answered before
the commit. A caller that is cancelled after posting does not un-happen its verb; verbs are idempotent by id.

Kinds run in the order of their rank, which is why a claim posted behind an answer, or in the same batch as an opt-out, sees
what those wrote.
"""

import logging
import math
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence, Set
from itertools import groupby
from typing import Any, Generic, Protocol, TypeVar

import trio

from gateway.errors import Code, Transient
from gateway.store.unit import Unit

T = TypeVar("T")
R = TypeVar("R")
T_contra = TypeVar("T_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)

_log = logging.getLogger("gateway.store")

_MOST_ITEMS = 2048
_MANY_ITEMS = 4
"""From so many on, a batch is worth standing still for (disk)."""
_PATIENCE_SECONDS = 1.5
"""A client is told within 2 s: this, and the try that was under way."""
_PATIENCE_AT_THE_END_SECONDS = 5.0
_RETRY_SECONDS = 0.25


def _one(item: object) -> int:
    return 1


class Verb(Generic[T, R]):
    """A kind of write: a function of the transaction and many items, one result each.

    ``rank`` orders kinds within a batch. A ``patient`` verb is not given up for a locked or full disk: the world already
    happened (a carrier answered), so it waits until it can be written, and at the end of the process for a few seconds.
    ``size`` tells for how many an item counts: a batch ends where it has enough, so that no other waits long for it.
    """

    def __init__(
        self,
        function: Callable[[Unit, Sequence[T]], Sequence[R]],
        rank: int,
        patient: bool = False,
        size: Callable[[T], int] = _one,
    ) -> None:
        self.function = function
        self.rank = rank
        self.patient = patient
        self.size = size
        self.name = function.__name__


class Posted(Generic[R]):
    """A write that is on its way; awaiting it gives its result once that is on disk."""

    __slots__ = ("_done", "_error", "_result", "items", "since", "size", "verb")

    def __init__(self, verb: Verb[Any, Any], items: Sequence[Any], since: float) -> None:
        self.verb = verb
        self.items = items
        self.since = since
        self.size = sum(map(verb.size, items))
        self._done = trio.Event()
        self._result: R | None = None
        self._error: BaseException | None = None

    def __await__(self) -> Generator[Any, Any, R]:
        yield from self._done.wait().__await__()
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # set before the event

    def resolve(self, result: R) -> None:
        """Wake the callers with what came of it."""
        self._result = result
        self._done.set()

    def fail(self, error: BaseException) -> None:
        """Wake the callers with why it did not happen."""
        self._error = error
        self._done.set()


class StoreFailed(Exception):
    """The disk failed in a way after which nothing it says can be trusted: the process must stop and start again."""


class DiskFull(Exception):
    """There is no room; nothing of the batch was written."""


class DiskBusy(Exception):
    """Another process holds the database; nothing of the batch was written."""


def is_fault(error: sqlite3.Error) -> bool:
    """Whether SQLite blames the disk, the file or itself, rather than the values that a verb gave it."""
    return isinstance(error, sqlite3.OperationalError | sqlite3.InternalError) or type(error) is sqlite3.DatabaseError


def as_transient(error: DiskFull | DiskBusy) -> Transient:
    """What callers are told of it."""
    code = Code.STORE_FULL if isinstance(error, DiskFull) else Code.STORE_UNAVAILABLE
    return Transient(code, str(error), after=5.0)


class Disk(Protocol):
    """Where batches run: a thread with a file, or memory for tests."""

    async def write(self, work: Callable[[sqlite3.Connection], T], spoken: threading.Event | None = None) -> T:
        """Run work on the writing connection. Raises StoreFailed, DiskFull or DiskBusy for what SQLite says.

        ``spoken`` is given with work that is worth standing still for, and set by it as soon as its statements have run:
        where another thread runs them, the caller's thread may do nothing until then.
        """
        ...

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work on a reading connection."""
        ...


class Committed(Protocol):
    """Called after each commit: the carriers that got work, the clients whose log grew, how many verbs it made durable,
    and the seconds that it took."""

    def __call__(self, queued: set[str], told: set[str], verbs: int, seconds: float) -> None: ...


Noticed = Callable[[Set[tuple[str | None, str]]], None]
"""Called after each commit with notices: which plugins they are for, by name or for none of them, and their kinds."""

_Outcome = tuple["Posted[Any]", Any, BaseException | None]


class _Run:
    """One batch on the thread.

    The rule is that no verb fails and nothing surprises, so the first try takes no precautions. When one did, the
    transaction is rolled back and run again carefully, with a savepoint around each kind: the failure is then its callers'
    alone.
    """

    def __init__(self, posts: Sequence[Posted[Any]], seq: int) -> None:
        self._seq = seq
        self.spoken = threading.Event()
        """Set when the statements have run and only the disk is waited for, or when they came to nothing."""
        self._groups = [
            list(group)
            for _, group in groupby(sorted(posts, key=lambda post: post.verb.rank), key=lambda post: post.verb)
        ]

    def __call__(self, connection: sqlite3.Connection) -> tuple[Unit, list[_Outcome]]:
        try:
            return self._run(connection)
        finally:
            self.spoken.set()

    def _run(self, connection: sqlite3.Connection) -> tuple[Unit, list[_Outcome]]:
        try:
            return self._transact(connection, _run_group, careful=False)
        except Exception as error:  # whose it is, the second run finds out
            if isinstance(error, sqlite3.Error) and is_fault(error):
                raise
        return self._transact(connection, _run_group_alone, careful=True)

    def _transact(
        self,
        connection: sqlite3.Connection,
        run_group: Callable[[Unit, Sequence[Posted[Any]]], list[_Outcome]],
        *,
        careful: bool,
    ) -> tuple[Unit, list[_Outcome]]:
        connection.execute("BEGIN IMMEDIATE")
        try:
            unit = Unit(connection, self._seq, careful=careful)
            outcomes = [outcome for group in self._groups for outcome in run_group(unit, group)]
            unit.flush()
            self.spoken.set()
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return unit, outcomes


def _run_group(unit: Unit, group: Sequence[Posted[Any]]) -> list[_Outcome]:
    items = [item for post in group for item in post.items] if len(group) > 1 else group[0].items
    results = group[0].verb.function(unit, items)
    outcomes: list[_Outcome] = []
    start = 0
    for post in group:
        end = start + len(post.items)
        outcomes.append((post, results[start:end], None))
        start = end
    return outcomes


def _run_group_alone(unit: Unit, group: Sequence[Posted[Any]]) -> list[_Outcome]:
    seq = unit.seq
    unit.sql.execute("SAVEPOINT verb")
    try:
        outcomes = _run_group(unit, group)
        unit.flush()
    except Exception as error:  # a verb's failure is its callers' alone
        if isinstance(error, sqlite3.Error) and is_fault(error):
            raise
        unit.sql.execute("ROLLBACK TO verb")
        unit.sql.execute("RELEASE verb")
        unit.forget(seq)
        if len(group) == 1:
            return [(group[0], None, error)]
        return [outcome for post in group for outcome in _run_group_alone(unit, [post])]
    unit.sql.execute("RELEASE verb")
    return outcomes


class Writer:
    """Takes verbs and commits them in batches."""

    def __init__(self, disk: Disk, seq: int) -> None:
        self._disk = disk
        self._seq = seq
        self._waiting: deque[Posted[Any]] = deque()
        self._work = trio.Event()
        self._closing = False
        self._give_up_at = math.inf
        self._ended: Exception | None = None
        self._trouble: Code | None = None
        """Why the disk takes no writes now: logged when it begins and when it ends, not with every try."""
        self.committed: Committed | None = None
        """Told of each commit; set by whoever wakes dispatchers and webhooks."""
        self.noticed: Noticed | None = None
        """Told of each commit with something for plugins."""

    def post(self, verb: Verb[T, R], items: Sequence[T]) -> Posted[list[R]]:
        """Put a verb in line; it will be written even if nobody waits for it."""
        posted: Posted[list[R]] = Posted(verb, items, trio.current_time())
        if self._ended is not None:
            posted.fail(self._ended)
        elif not items:
            posted.resolve([])
        else:
            self._waiting.append(posted)
            self._work.set()
        return posted

    def close(self) -> None:
        """Write what is in line, then end ``run``."""
        self._closing = True
        self.hurry(_PATIENCE_AT_THE_END_SECONDS)
        self._work.set()

    def hurry(self, seconds: float) -> None:
        """The process is about to end: from so many seconds on nothing waits any more for a disk that is full or locked."""
        self._give_up_at = min(self._give_up_at, trio.current_time() + seconds)

    async def run(self) -> None:
        """Write batches until closed. Raises StoreFailed when the disk did; then every caller is told so.

        However it ends, nobody is left waiting, and who posts afterwards is told at once.
        """
        ended: Exception = StoreFailed("the writer ended by a fault of its own")
        try:
            while self._waiting or not self._closing:
                if self._waiting:
                    # Whoever was woken with us may post too: a response and the claim that fills its place go together.
                    await trio.lowlevel.checkpoint()
                    await self._write_batch()
                else:
                    await self._work.wait()
                    self._work = trio.Event()
            ended = Transient(Code.STOPPING, "the store is closed")
        except StoreFailed as error:
            ended = error
            raise
        finally:
            self._ended = ended
            for posted in self._waiting:
                posted.fail(ended)
            self._waiting.clear()

    async def _write_batch(self) -> None:
        batch = self._take()
        run = _Run(batch, self._seq)
        worth_it = sum(posted.size for posted in batch) >= _MANY_ITEMS
        began = trio.current_time()
        try:
            with trio.CancelScope(shield=True):
                unit, outcomes = await self._disk.write(run, run.spoken if worth_it else None)
        except (DiskFull, DiskBusy) as error:
            self._put_off(batch, error)
            await trio.sleep(_RETRY_SECONDS)
            return
        except BaseException:
            self._waiting.extendleft(reversed(batch))  # told with all that are in line
            raise
        self._seq = unit.seq
        if self._trouble is not None:
            _log.warning("%s is over: the disk takes writes again", self._trouble)
            self._trouble = None
        for posted, result, failure in outcomes:
            if failure is None:
                posted.resolve(result)
            else:
                _log.error("verb %s failed", posted.verb.name, exc_info=failure)
                posted.fail(failure)
        if unit.noticed and self.noticed is not None:
            self.noticed(unit.noticed)
        if self.committed is not None:
            self.committed(unit.queued, unit.told, len(batch), trio.current_time() - began)

    def _take(self) -> list[Posted[Any]]:
        batch: list[Posted[Any]] = []
        items = 0
        while self._waiting and items < _MOST_ITEMS:
            posted = self._waiting.popleft()
            batch.append(posted)
            items += posted.size
        return batch

    def _put_off(self, batch: Sequence[Posted[Any]], error: DiskFull | DiskBusy) -> None:
        """Keep patient verbs and those that did not wait long; tell the others that it cannot be done now."""
        now = trio.current_time()
        told = as_transient(error)
        if self._trouble is not told.code:
            _log.warning("%s: %d verbs wait for the disk: %s", told.code, len(batch), error)
            self._trouble = told.code
        for posted in reversed(batch):
            if posted.verb.patient:
                keep = now < self._give_up_at
            else:
                keep = isinstance(error, DiskBusy) and posted.since > now - _PATIENCE_SECONDS
            if keep:
                self._waiting.appendleft(posted)
            else:
                posted.fail(told)
