"""The embedded store: the contract of ``base.Store`` on SQLite.

Owns: the store's life. Does not own: the verbs, their order, the writer, the disk.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import trio

from gateway.model.account import Account
from gateway.model.consent import Consent, ConsentChange, Optin
from gateway.model.contact import Report
from gateway.model.events import Event
from gateway.model.ids import JobId, MessageId, ReviewId
from gateway.model.inbound import Inbound, Part
from gateway.model.jobs import KeptJob
from gateway.model.ledger import Anchor, AuditPage, AuditPlace, Broken, Head, LedgerEntry
from gateway.model.message import Accepted, Answer, Facts, Message, ReceiptNews, State, Submission
from gateway.model.number_check import NumberCheck
from gateway.model.profile import Profile, ProfileChange
from gateway.model.review import Review, Verdict
from gateway.model.template import KeptTemplate, NewTemplate
from gateway.store import accept as accepting
from gateway.store import (
    audit,
    consent,
    deeds,
    dialogs,
    doubt,
    erasure,
    history,
    inbound,
    jobs,
    notices,
    number_checks,
    numbers,
    optins,
    order,
    orphans,
    person,
    plugins,
    quota,
    reads,
    received,
    reroute,
    reviews,
    setbacks,
    silence,
    standing,
    templates,
    unlinked,
    webhooks,
    withdrawals,
)
from gateway.store import claim as claiming
from gateway.store.disk import MemoryDisk, open_disk
from gateway.store.facts import Lookback, Want, facts_for
from gateway.store.forget import Forget
from gateway.store.gather import Gathered
from gateway.store.received import InboundFilter, Unanswered
from gateway.store.reviews import Overdue, ReviewCount, ReviewFilter, ReviewOutcome
from gateway.store.tallies import Tallies, Tally
from gateway.store.unit import Unit, last_seq
from gateway.store.writer import Committed, Disk, DiskBusy, DiskFull, Noticed, Posted, Writer, as_transient

P = ParamSpec("P")
R = TypeVar("R")

_NUMBERS_A_MILLISECOND = 1000
"""More than the events that there can be; and until the year 2255 each number is one that a JSON reader's double holds."""


class SqliteStore:
    """See base.Store."""

    def __init__(self, disk: Disk, seq: int) -> None:
        self._disk = disk
        self.writer = Writer(disk, seq)
        self._accounts = Gathered(self._kept_accounts)

    def on_commit(self, committed: Committed) -> None:
        """Have ``committed`` told of every commit: it must not wait."""
        self.writer.committed = committed

    def on_notice(self, noticed: Noticed) -> None:
        """Have ``noticed`` told of each commit with something for plugins: it must not wait."""
        self.writer.noticed = noticed

    def accept(self, acceptance: accepting.Acceptance) -> Posted[list[accepting.Answer]]:
        return self.writer.post(order.ACCEPT, (acceptance,))

    def claim(self, wish: claiming.Claim) -> Posted[list[claiming.Claims]]:
        return self.writer.post(order.CLAIM, (wish,))

    def settle(self, answers: Sequence[Answer]) -> Posted[list[bool]]:
        return self.writer.post(order.SETTLE, answers)

    def receive_receipts(self, receipts: Sequence[ReceiptNews]) -> Posted[list[str | None]]:
        return self.writer.post(order.RECEIPTS, receipts)

    def adopt(self, adoptions: Sequence[orphans.Adoption]) -> Posted[list[bool]]:
        return self.writer.post(order.ADOPT, adoptions)

    def forget_receipts(self, wish: Forget) -> Posted[list[int]]:
        return self.writer.post(order.FORGET_RECEIPTS, (wish,))

    def store_parts(self, arrivals: Sequence[inbound.Arrival]) -> Posted[list[tuple[Part, ...]]]:
        return self.writer.post(order.PARTS, arrivals)

    def receive_inbound(self, receptions: Sequence[inbound.Reception]) -> Posted[list[bool]]:
        return self.writer.post(order.INBOUND, receptions)

    def decide_reviews(self, verdicts: Sequence[Verdict]) -> Posted[list[ReviewOutcome]]:
        return self.writer.post(order.DECIDE, verdicts)

    def overdue_reviews(self, look: Overdue) -> Posted[list[list[ReviewId]]]:
        return self.writer.post(order.REVIEWS, (look,))

    def change_consents(self, changes: Sequence[ConsentChange]) -> Posted[list[bool]]:
        return self.writer.post(order.CONSENT, changes)

    def withdraw(self, withdrawal: withdrawals.Withdrawal) -> Posted[list[bool]]:
        return self.writer.post(order.WITHDRAW, (withdrawal,))

    def request_optin(self, request: optins.Request) -> Posted[list[optins.Requested]]:
        return self.writer.post(order.REQUEST, (request,))

    def try_code(self, trial: optins.Trial) -> Posted[list[optins.Tried]]:
        return self.writer.post(order.TRY_CODE, (trial,))

    def mark_broken(self, marking: audit.Marking) -> Posted[list[int]]:
        return self.writer.post(order.MARK_BROKEN, (marking,))

    def erase(self, erasure: erasure.Erasure) -> Posted[list[int]]:
        return self.writer.post(order.ERASE, (erasure,))

    def scrub_events(self, scrub: person.Scrub) -> Posted[list[int | None]]:
        return self.writer.post(order.SCRUB, (scrub,))

    def lapse_optins(self, look: optins.Lapse) -> Posted[list[int]]:
        return self.writer.post(order.LAPSE, (look,))

    def cancel(self, cancellation: doubt.Cancellation) -> Posted[list[State | None]]:
        return self.writer.post(order.CANCEL, (cancellation,))

    def recover(self, recovery: doubt.Recovery) -> Posted[list[int]]:
        return self.writer.post(order.RECOVER, (recovery,))

    def settle_doubt(self, settlements: Sequence[doubt.Settlement]) -> Posted[list[bool]]:
        return self.writer.post(order.DOUBT, settlements)

    def expire(self, expiry: doubt.Expiry) -> Posted[list[int]]:
        return self.writer.post(order.EXPIRE, (expiry,))

    def move(self, moves: Sequence[reroute.Move]) -> Posted[list[bool]]:
        return self.writer.post(order.MOVE, moves)

    def recall(self, wish: quota.Recall) -> Posted[list[int]]:
        return self.writer.post(order.RECALL, (wish,))

    def bring_forward(self, forward: setbacks.Forward) -> Posted[list[int]]:
        return self.writer.post(order.BRING_FORWARD, (forward,))

    def shift_retries(self, setback: setbacks.Setback) -> Posted[list[int]]:
        return self.writer.post(order.SHIFT_RETRIES, (setback,))

    def end_silence(self, look: silence.Silence) -> Posted[list[int]]:
        return self.writer.post(order.SILENCE, (look,))

    def open_webhook(self, endpoint: str) -> Posted[list[webhooks.WebhookState]]:
        return self.writer.post(order.OPEN_WEBHOOK, (endpoint,))

    def record_progress(self, progress: webhooks.Progress) -> Posted[list[None]]:
        return self.writer.post(order.PROGRESS, (progress,))

    def revive_webhook(self, revival: webhooks.Revival) -> Posted[list[int]]:
        return self.writer.post(order.REVIVE, (revival,))

    def add_key(self, key: reads.ApiKey) -> Posted[list[None]]:
        return self.writer.post(order.ADD_KEYS, (key,))

    def revoke_key(self, key_id: str, at: int) -> Posted[list[bool]]:
        return self.writer.post(order.REVOKE_KEYS, ((key_id, at),))

    def forget_keys(self, wish: Forget) -> Posted[list[int]]:
        return self.writer.post(order.FORGET, (wish,))

    def put_templates(self, templates: Sequence[NewTemplate]) -> Posted[list[KeptTemplate]]:
        return self.writer.post(order.PUT_TEMPLATES, templates)

    def report_contacts(self, reports: Sequence[Report]) -> Posted[list[bool]]:
        return self.writer.post(order.REPORT_CONTACTS, reports)

    def change_profile(self, change: ProfileChange) -> Posted[list[None]]:
        return self.writer.post(order.CHANGE_PROFILES, (change,))

    def keep_check(self, check: NumberCheck) -> Posted[list[bool]]:
        return self.writer.post(order.KEEP_CHECKS, (check,))

    def link_number(self, link: unlinked.Link) -> Posted[list[None]]:
        return self.writer.post(order.LINK_NUMBERS, (link,))

    def retire_template(self, client: str, name: str, at: int) -> Posted[list[bool]]:
        return self.writer.post(order.RETIRE_TEMPLATES, ((client, name, at),))

    def receive_events(self, intakes: Sequence[notices.Intake]) -> Posted[list[notices.Taken]]:
        return self.writer.post(order.EVENTS, intakes)

    def submit_for_plugin(self, deed: deeds.TextDeed) -> Posted[list[Accepted]]:
        return self.writer.post(order.SUBMIT_DEEDS, (deed,))

    def tell_for_plugin(self, telling: deeds.Telling) -> Posted[list[str]]:
        return self.writer.post(order.TELL_DEEDS, (telling,))

    def call_off(self, wish: jobs.CallOff) -> Posted[list[int]]:
        return self.writer.post(order.CALL_OFF, (wish,))

    def schedule(self, job: jobs.NewJob) -> Posted[list[None]]:
        return self.writer.post(order.SCHEDULE, (job,))

    def enable_plugins(self, wish: plugins.Enabled) -> Posted[list[list[str]]]:
        return self.writer.post(order.ENABLE, (wish,))

    def note_plugin(self, change: plugins.Change) -> Posted[list[None]]:
        return self.writer.post(order.CHANGES, (change,))

    def record_observed(self, record: plugins.Observed) -> Posted[list[None]]:
        return self.writer.post(order.OBSERVED, (record,))

    def revive_plugin(self, wish: plugins.Revive) -> Posted[list[int]]:
        return self.writer.post(order.REVIVE_PLUGIN, (wish,))

    def tell_due(self, look: jobs.DueLook) -> Posted[list[jobs.DueFound]]:
        return self.writer.post(order.TELL_DUE, (look,))

    def follow_texts(self, look: deeds.Follow) -> Posted[list[bool]]:
        return self.writer.post(order.FOLLOW, (look,))

    def forget_jobs(self, wish: Forget) -> Posted[list[int]]:
        return self.writer.post(order.FORGET_JOBS, (wish,))

    def forget_deeds(self, wish: Forget) -> Posted[list[int]]:
        return self.writer.post(order.FORGET_DEEDS, (wish,))

    def forget_notices(self, wish: notices.ForgetNotices) -> Posted[list[int]]:
        return self.writer.post(order.FORGET_NOTICES, (wish,))

    async def message(self, message_id: int, client: str | None) -> Message | None:
        return await self._read(reads.message, message_id, client)

    async def messages(self, wanted: reads.MessageFilter) -> tuple[list[Message], int | None]:
        return await self._read(reads.messages, wanted)

    async def messages_between(self, number: str, since: int, until: int, limit: int) -> list[MessageId]:
        return await self._read(reads.messages_between, number, since, until, limit)

    async def timeline(self, message_id: int) -> list[Event]:
        return await self._read(reads.timeline, message_id)

    async def events(self, client: str, after: int, limit: int) -> list[Event]:
        return await self._read(reads.events, client, after, limit)

    async def consents_of(self, number: str, client: str) -> list[Consent]:
        return await self._read(consent.consents_of, number, client)

    async def received(self, inbound_id: int, client: str) -> Inbound | None:
        return await self._read(received.received, inbound_id, client)

    async def received_page(self, wanted: InboundFilter) -> tuple[list[Inbound], int | None]:
        return await self._read(received.received_page, wanted)

    async def unanswered(self, clients: Sequence[str], since: int, now: int) -> list[Unanswered]:
        return await self._read(received.unanswered, clients, since, now)

    async def checks_of(self, number: str, client: str) -> list[NumberCheck]:
        return await self._read(number_checks.checks_of, number, client)

    async def unlinked_page(self, wanted: unlinked.UnlinkedFilter) -> tuple[list[Inbound], int | None]:
        return await self._read(unlinked.unlinked_page, wanted)

    async def review(self, review_id: int, client: str | None) -> Review | None:
        return await self._read(reviews.review, review_id, client)

    async def reviews(self, wanted: ReviewFilter) -> tuple[list[Review], int | None]:
        return await self._read(reviews.reviews, wanted)

    async def review_counts(self, now: int) -> list[ReviewCount]:
        return await self._read(reviews.review_counts, now)

    async def consent_history(self, number: str, client: str) -> list[LedgerEntry]:
        return await self._read(history.history, number, client)

    async def consents_at(self, number: str, client: str, at: int) -> list[Consent]:
        return await self._read(history.consents_at, number, client, at)

    async def consent_bundle(self, number: str, client: str, through: int) -> history.Bundle:
        return await self._read(history.bundle, number, client, through)

    async def ledger_head(self) -> Head:
        return await self._read(history.head)

    async def check_ledger(self, place: AuditPlace, anchors: Sequence[Anchor], limit: int) -> AuditPage:
        return await self._read(audit.check_page, place, anchors, limit)

    async def broken(self, number: str) -> list[Broken]:
        return await self._read(audit.broken, number)

    async def aged_consents(self, look: erasure.Aged) -> list[str]:
        return await self._read(erasure.aged, look)

    async def optin(self, optin_id: int, client: str) -> Optin | None:
        return await self._read(optins.find_optin, optin_id, client)

    async def open_optins(self, number: str, client: str, program: str) -> list[Optin]:
        return await self._read(optins.open_optins, number, client, program)

    async def depth(self, carrier: str) -> reads.Depth:
        return await self._read(reads.depth, carrier)

    async def carriers(self) -> list[str]:
        return await self._read(reads.carriers)

    async def doubts(self, limit: int, carrier: str | None = None) -> list[reads.Doubt]:
        return await self._read(reads.doubts, limit, carrier)

    async def parked(self, carrier: str | None, since: int, now: int, limit: int) -> list[orphans.Parked]:
        return await self._read(orphans.parked, carrier, since, now, limit)

    async def parked_counts(self) -> list[tuple[str, int]]:
        return await self._read(orphans.parked_counts)

    async def askable(self, carrier: str, before: int, after: tuple[int, int], limit: int) -> list[orphans.Askable]:
        return await self._read(orphans.askable, carrier, before, after, limit)

    async def overdue_parts(self, before: int, limit: int) -> list[tuple[Part, ...]]:
        return await self._read(inbound.overdue_parts, before, limit)

    async def overdue(self, carrier: str, now: int, limit: int) -> tuple[int, ...]:
        return await self._read(doubt.overdue, carrier, now, limit)

    async def overdue_waiting(self, carrier: str, now: int, limit: int) -> tuple[int, ...]:
        return await self._read(quota.overdue_waiting, carrier, now, limit)

    async def waiting(self, carrier: str) -> list[tuple[str, int]]:
        return await self._read(quota.waiting, carrier)

    async def movable(
        self, carrier: str, now: int, after: reroute.Place, limit: int
    ) -> tuple[list[reroute.Movable], reroute.Place | None]:
        return await self._read(reroute.movable, carrier, now, after, limit)

    async def ahead(self, carrier: str, now: int, limit: int) -> tuple[int, ...]:
        return await self._read(setbacks.ahead, carrier, now, limit)

    def expire_dialogs(self, look: dialogs.ExpireDialogs) -> Posted[list[int]]:
        return self.writer.post(order.EXPIRE_DIALOGS, (look,))

    async def standings(self, askers: Sequence[dialogs.Asker], now: int) -> dict[dialogs.Asker, standing.Standing]:
        return await self._read(standing.standings, askers, now)

    async def texted(self, strangers: Sequence[standing.Stranger]) -> dict[standing.Stranger, tuple[str, ...]]:
        return await self._read(standing.texted, strangers)

    async def templates(self) -> list[KeptTemplate]:
        return await self._read(templates.templates)

    async def template_versions(self, client: str, name: str, limit: int) -> list[KeptTemplate]:
        return await self._read(templates.template_versions, client, name, limit)

    async def api_keys(self) -> list[reads.ApiKey]:
        return await self._read(reads.api_keys)

    async def webhook_state(self, endpoint: str) -> webhooks.WebhookState:
        return await self._read(webhooks.webhook_state, endpoint)

    async def webhook_turn(self, wanted: webhooks.TurnWanted) -> webhooks.Turn:
        return await self._read(webhooks.webhook_turn, wanted)

    async def accounts_of(self, client: str, names: Sequence[str]) -> dict[str, Account]:
        kept = await self._accounts.find((client, name) for name in names)
        return {name: notices.read_account(kept[client, name]) for name in names if (client, name) in kept}

    async def _kept_accounts(self, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        return await self._read(notices.kept_accounts, names)

    async def accounts_page(self, client: str, after: str, limit: int) -> list[Account]:
        return await self._read(notices.accounts_page, client, after, limit)

    async def notices_after(self, look: notices.Listening) -> notices.Heard:
        return await self._read(notices.notices_after, look)

    async def notices_of(self, seqs: Sequence[int]) -> list[notices.Notice]:
        return await self._read(notices.notices_of, seqs)

    async def plugin_state(self, name: str) -> plugins.PluginState:
        return await self._read(plugins.plugin_state, name)

    async def plugin_changes(self, name: str, limit: int) -> list[plugins.Change]:
        return await self._read(plugins.changes_of, name, limit)

    async def plugin_retries(self, name: str, limit: int) -> list[plugins.Again]:
        return await self._read(plugins.retries_of, name, limit)

    async def accounts_behind(self, plugin: str) -> dict[tuple[str, str], int]:
        return await self._read(plugins.accounts_behind, plugin)

    async def jobs_of_account(self, client: str, account: str, before: JobId, limit: int) -> list[KeptJob]:
        return await self._read(jobs.jobs_of_account, client, account, before, limit)

    async def profile_of(self, number: str, client: str) -> Profile | None:
        return await self._read(numbers.profile_of, number, client)

    async def facts(self, wants: Sequence[Want], lookback: Lookback | None) -> list[Facts]:
        return await self._read(facts_for, wants, lookback)

    async def tallies(self, asked: Sequence[tuple[Submission, Tally]]) -> Tallies:
        return await self._read(Tallies, asked)

    async def greatest_id(self) -> int:
        return await self._read(reads.greatest_id)

    async def _read(self, query: Callable[Concatenate[Unit, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        def work(connection: sqlite3.Connection) -> R:
            connection.execute("BEGIN")  # all that the query looks at is of one moment
            try:
                return query(Unit(connection, 0), *args, **kwargs)
            finally:
                connection.rollback()

        try:
            return await self._disk.read(work)
        except (DiskFull, DiskBusy) as error:
            raise as_transient(error) from error


@asynccontextmanager
async def open_store(directory: Path, at: int = 0) -> AsyncIterator[SqliteStore]:
    """The store of a data directory. It closes when the block ends, after everything posted is on disk.

    ``at`` is the instant of the start: events are numbered from there, one a microsecond, if not beyond it already. So a
    backup that is brought back gives no event a number that was told of another: clients' cursors and webhooks' ids stay good.

    Raises CannotOpen; the block is cancelled, and StoreFailed raised, when the disk fails.
    """
    async with open_disk(directory) as disk:
        seq = max(await disk.write(last_seq), at * _NUMBERS_A_MILLISECOND)
        async with _running(SqliteStore(disk, seq)) as store:
            yield store


@asynccontextmanager
async def open_memory() -> AsyncIterator[SqliteStore]:
    """The store's twin in memory, held to the same conformance suite."""
    disk = MemoryDisk()
    try:
        async with _running(SqliteStore(disk, 0)) as store:
            yield store
    finally:
        disk.close()


@asynccontextmanager
async def _running(store: SqliteStore) -> AsyncIterator[SqliteStore]:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_write, store)
        try:
            yield store
        finally:
            store.writer.close()


async def _write(store: SqliteStore) -> None:
    # What was posted is written even when the nursery is cancelled: its callers may have been promised it.
    with trio.CancelScope(shield=True):
        await store.writer.run()
