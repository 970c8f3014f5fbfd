"""What is kept, sent and heard, with one promise broken.

Owns: the ways of breaking what the roads and the store do. Does not own: the doors (broken_doors).
"""

import logging
import sqlite3
import sys
import time
from collections.abc import Iterable, Sequence, Set
from typing import Any

import trio

from gateway.carrier.link import Link
from gateway.config import CarrierConfig
from gateway.errors import Code
from gateway.flow import inbound, submit
from gateway.flow.answers import unanswered
from gateway.flow.dispatch import Dispatch
from gateway.flow.inbound import InboundRoad, Mobile
from gateway.flow.notify import Notify
from gateway.flow.optouts import OptOuts
from gateway.model.events import Event
from gateway.model.message import Answer, Claimed, Facts, State
from gateway.rules.charters import Charter
from gateway.rules.throttle import Throttle
from gateway.smpp import const, status
from gateway.smpp.events import Closed
from gateway.smpp.window import Window
from gateway.store import consent, disk, doubt, order, receipts, writer
from gateway.store.doubt import Recovery
from gateway.store.unit import Unit
from tests.system.breaking import replace, sabotage

_LAZY_SECONDS = 0.5
_KEPT: list[Any] = []


@sabotage
def acknowledge_before_commit() -> None:
    """Callers are told of a batch at once; it is committed with the one that comes half a second later.

    API keys and consents are not wronged: without them there would be nothing to lose.
    """

    class Lazy:
        committed_at = 0.0

        def __init__(self, connection: sqlite3.Connection) -> None:
            self._connection = connection

        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            if statement == "BEGIN IMMEDIATE" and self._connection.in_transaction:
                return self._connection.execute("SELECT 1")
            if statement == "COMMIT":
                if time.monotonic() - Lazy.committed_at < _LAZY_SECONDS:
                    return self._connection.execute("SELECT 1")
                Lazy.committed_at = time.monotonic()
            return self._connection.execute(statement, *values)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

    run = writer._Run.__call__

    def call(self: writer._Run, connection: sqlite3.Connection) -> Any:
        if any(group[0].verb.name in ("add_keys", "change_consents") for group in self._groups):
            Lazy.committed_at = 0.0
        return run(self, Lazy(connection))  # type: ignore[arg-type]

    replace(writer._Run, "__call__", call)


@sabotage
def never_sync() -> None:
    """A commit is handed to the kernel and left there."""
    pragmas = tuple(one.replace("synchronous = FULL", "synchronous = OFF") for one in disk._WRITER_PRAGMAS)
    assert pragmas != disk._WRITER_PRAGMAS
    replace(disk, "_WRITER_PRAGMAS", pragmas)


@sabotage
def forget_idempotency_keys() -> None:
    """A repeated request is a new one."""
    accept = submit.Submit.submit

    async def forgetful(
        self: submit.Submit, client: Any, wishes: Any, key: Any = None, fingerprint: bytes = b""
    ) -> Any:
        return await accept(self, client, wishes)

    replace(submit.Submit, "submit", forgetful)


@sabotage
def resend_after_a_crash() -> None:
    """What was in flight when the process died goes out again: as if it had been marked after the wire."""
    recover = doubt.recover

    def careless(unit: Unit, recoveries: Sequence[Recovery]) -> list[int]:
        categories = frozenset(row[0] for row in unit.sql.execute("SELECT DISTINCT category FROM message"))
        return recover(unit, [Recovery(one.at, categories, one.attempts) for one in recoveries])

    replace(order.RECOVER, "function", careless)


@sabotage
def resend_after_a_lost_link() -> None:
    """What was in flight when a link was lost goes out again."""
    ended = Dispatch.ended

    def careless(self: Dispatch, link: Link, closed: Closed) -> None:
        unsent = frozenset(request.sequence_number for request in closed.unanswered)
        ended(self, link, Closed(closed.reason, closed.detail, closed.unanswered, unsent))

    replace(Dispatch, "ended", careless)


@sabotage
def never_let_go_of_a_link() -> None:
    """Its descriptor stays open when a link has ended."""
    run = Link.run

    async def keeping(self: Link) -> None:
        stream = self._stream
        assert isinstance(stream, trio.SocketStream), "the carriers of a proof speak no TLS"
        _KEPT.append(stream.socket.dup())
        await run(self)

    replace(Link, "run", keeping)


@sabotage
def call_it_submitted_when_a_link_is_lost() -> None:
    """What was in flight when a link was lost is said to be with the carrier."""

    def careless(
        segments: Sequence[Claimed], carrier: CarrierConfig, resent: Set[str], now: int, code: Code
    ) -> list[Answer]:
        return [Answer(segment, State.SUBMITTED, now, "response") for segment in segments]

    replace(sys.modules["gateway.flow.dispatch"], "unanswered", careless)


@sabotage
def check_consent_only_at_accept() -> None:
    """A STOP is recorded, and what waits already goes out all the same."""

    def blind(segment: Claimed, facts: Facts, now: int, charter: Charter) -> None:
        return None

    replace(sys.modules["gateway.flow.dispatch"], "look_again", blind)
    replace(OptOuts, "covers", lambda self, *text: False)
    replace(consent, "_end_waiting", lambda unit, change, spared: None)


@sabotage
def answer_consumers_before_the_commit() -> None:
    """What a consumer says is answered, then stored."""
    take = InboundRoad._take
    answer_all = inbound._answer_all

    async def hasty(self: InboundRoad, link: Link, batch: Sequence[Mobile]) -> None:
        answer_all(link, batch, const.ESME_ROK)
        link.flush()
        await link.flushed()
        await take(self, link, batch)

    replace(InboundRoad, "_take", hasty)
    replace(inbound, "_answer_all", lambda link, requests, command_status: None)


@sabotage
def forget_early_receipts() -> None:
    """A receipt that came before its submit response is answered and dropped."""
    replace(receipts, "_park", lambda unit, receipt: None)


@sabotage
def believe_any_receipt() -> None:
    """A receipt over one carrier's link moves another's texts."""
    statement = receipts._BY_KEY.replace("s.carrier = ? AND", "? != '' AND")
    assert statement != receipts._BY_KEY
    replace(receipts, "_BY_KEY", statement)


@sabotage
def no_rate_limit() -> None:
    """The carrier's rate is not kept to."""
    replace(Throttle, "reserve", lambda self, wanted, now: (wanted, 0.0))


@sabotage
def stop_without_draining() -> None:
    """SIGTERM drops the links with texts in flight."""

    async def hasty(self: Dispatch, links: Iterable[Link]) -> None:
        for link in list(links):
            link.connection.close("stopping")

    replace(Dispatch, "drained", hasty)


@sabotage
def move_the_cursor_before_delivering() -> None:
    """The webhook's cursor is written first, then the events go out."""
    deliver = Notify._deliver

    async def hasty(self: Notify, events: Sequence[tuple[Event, int]], cursor: int | None) -> None:
        if cursor is not None:
            await self._store.record_progress(sys.modules["gateway.flow.notify"].Progress(self.name, cursor))
        await deliver(self, events, cursor)

    replace(Notify, "_deliver", hasty)


@sabotage
def log_what_is_sent() -> None:
    """Every text is logged with its number, to find a fault some day."""
    submit_sm = sys.modules["gateway.flow.dispatch"].submit_sm

    def talkative(segment: Claimed, *rest: Any) -> Any:
        logging.getLogger("gateway.flow").warning("to %s: %s", segment.number, segment.text)
        return submit_sm(segment, *rest)

    replace(sys.modules["gateway.flow.dispatch"], "submit_sm", talkative)


@sabotage
def go_on_after_a_failed_sync() -> None:
    """A disk that failed is asked again, as if it had only been busy."""
    replace(disk.FileDisk, "_meaning", lambda self, error: writer.DiskBusy("try again"))


@sabotage
def wait_for_the_lock() -> None:
    """A database that somebody else holds locked is waited for, and its clients with it."""
    replace(disk, "BUSY_SECONDS", 60.0)


@sabotage
def answer_what_is_put_off() -> None:
    """What could not be stored is answered as if it were."""
    answer_all = inbound._answer_all

    def polite(link: Link, requests: Iterable[Mobile], command_status: int) -> None:
        answer_all(link, requests, const.ESME_ROK)

    replace(inbound, "_answer_all", polite)


@sabotage
def ignore_the_window() -> None:
    """As many texts are out at once as there are."""
    create = Window.__init__

    def wide(self: Window, size: int) -> None:
        create(self, 1000)

    replace(Window, "__init__", wide)


@sabotage
def give_up_when_throttled() -> None:
    """A carrier that asks for patience gets none."""
    judge = status.judge
    impatient = (status.Verdict.THROTTLE, status.Verdict.PAUSE)

    def hasty(*arguments: Any) -> status.Verdict:
        verdict = judge(*arguments)
        return status.Verdict.PERMANENT if verdict in impatient else verdict

    replace(status, "judge", hasty)


@sabotage
def forget_receipts_in_a_hurry() -> None:
    """Of receipts that come at once the first is stored; all are answered."""
    take = InboundRoad._take_receipts

    async def hasty(self: InboundRoad, link: Link, requests: Sequence[Mobile]) -> None:
        await take(self, link, requests[:1])
        inbound._answer_all(link, requests[1:], const.ESME_ROK)

    replace(InboundRoad, "_take_receipts", hasty)


@sabotage
def resend_what_went_unanswered() -> None:
    """What got no answer in time goes out again, whatever its category says."""

    def careless(
        segments: Sequence[Claimed], carrier: CarrierConfig, resent: Set[str], now: int, code: Code
    ) -> list[Answer]:
        return unanswered(segments, carrier, {segment.category for segment in segments}, now, code)

    replace(sys.modules["gateway.flow.dispatch"], "unanswered", careless)


@sabotage
def read_the_whole_queue() -> None:
    """All that waits is read into memory at the start."""
    recover = doubt.recover

    def greedy(unit: Unit, recoveries: Sequence[Recovery]) -> list[int]:
        _KEPT.extend(unit.sql.execute("SELECT * FROM message JOIN segment ON message_id = id").fetchall())
        return recover(unit, recoveries)

    replace(order.RECOVER, "function", greedy)
