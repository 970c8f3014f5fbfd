"""The ledger of consents, as it is read, checked and looked after.

Owns: a check's pages and what follows from its findings, the daily check and anchor, erasure on demand, and the end of records
that had their time. Does not own: the chain (rules), the rows (store), or what a broken entry stops (rules).
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from gateway.config import ClientConfig, Config
from gateway.flow.optouts import OptOuts
from gateway.model.address import Number
from gateway.model.clock import DAY, MINUTE, spell_instant
from gateway.model.ledger import Anchor, AuditPage, AuditPlace, Fault, Finding, LedgerEntry
from gateway.rules.charters import Charters
from gateway.rules.packs import Limit
from gateway.store.anchors import AnchorFile, UnreadableAnchors
from gateway.store.audit import Marking
from gateway.store.base import Store
from gateway.store.erasure import Aged, Erasure
from gateway.store.history import Bundle
from gateway.store.person import Scrub

_log = logging.getLogger("gateway.flow")

PAGE: Final = 20_000
"""Entries of one look: a fraction of a second, in which one reader of the store is busy."""
_BATCH = 500
_MOST_LOGGED: Final = 20
_EVENTS: Final = 5_000
"""Events of one look for whom to blank: some hundredths of a second, in which nobody else writes."""
_YEAR = 366 * DAY
_ECHO: Final = 10 * MINUTE
"""Longer than a carrier may take to answer: no text that was in flight then is in flight still."""
_SETTLED_DAYS: Final = 7
_RETENTION = "the time for which records are kept is over"


class Ledger:
    """What is written of consents, and whether it still says what was written."""

    def __init__(
        self,
        config: Config,
        charters: Charters,
        store: Store,
        anchors: AnchorFile,
        optouts: OptOuts,
        now: Callable[[], int],
    ) -> None:
        self._config = config
        self._charters = charters
        self._store = store
        self._anchors = anchors
        self._optouts = optouts
        self._now = now
        self._tended: str | None = None
        self._unchecked: AuditPlace | None = None
        """Where today's check goes on; None: it is through."""
        self._echoes: list[tuple[Erasure, int]] = []
        """Erasures of the last minutes, and up to where the log was looked through for their people."""
        self.stopped = 0
        """How many numbers got no texts because of what was found, when it was last looked."""

    async def history(self, client: str, number: Number) -> list[LedgerEntry]:
        """All entries about a number with a client, oldest first."""
        return await self._store.consent_history(number, client)

    async def bundle(self, client: str, number: Number) -> tuple[Bundle, Anchor | None]:
        """A number's history with its proof, and the newest anchor, to which the proof leads as well."""
        anchors, _ = await self._read_anchors()
        anchor = anchors[-1] if anchors else None
        return await self._store.consent_bundle(number, client, 0 if anchor is None else anchor.head.seq), anchor

    async def check(self, place: AuditPlace | None) -> tuple[AuditPage, int]:
        """Check the next page, from the beginning where ``place`` is None; tells too how many numbers are marked now.

        Whose entries are at fault gets no texts from then on; a whole check that finds nothing lifts that.
        """
        anchors, unreadable = await self._read_anchors()
        now = self._now()
        place = place or AuditPlace(now)
        page = await self._store.check_ledger(place, anchors, PAGE)
        if page.following is None and unreadable:
            finding = Finding(Fault.ANCHOR, 0, detail=unreadable)
            page = msgspec.structs.replace(page, findings=(*page.findings, finding))
        ended = place.started_at if page.following is None else None
        (self.stopped,) = await self._store.mark_broken(Marking(page.findings, max(now, place.started_at), ended))
        for finding in page.findings[:_MOST_LOGGED]:
            _log.error(
                "the ledger of consents is broken at entry %d (%s): %s", finding.seq, finding.fault, finding.detail
            )
        if len(page.findings) > _MOST_LOGGED:
            _log.error("and at %d more: see `assent admin ledger verify`", len(page.findings) - _MOST_LOGGED)
        return page, self.stopped

    async def erase(self, clients: Iterable[str], number: Number, reason: str) -> int:
        """Take a number out of all that is kept of it; what stays is that it gets no texts. Tells of how many entries."""
        erased = 0
        for client in clients:
            erased += await self._erase(Erasure((number,), client, self._now(), reason))
        return erased

    async def _erase(self, erasure: Erasure) -> int:
        """Events first, so that who is cut off finds the number still and begins again; last, what the erasure itself told."""
        looked_at = await self._scrub(erasure, 0)
        for number in erasure.numbers:
            self._optouts.note_hold(number, [erasure.client])
        (erased,) = await self._store.erase(erasure)
        if erasure.keep_opt_out:
            for number in erasure.numbers:
                self._optouts.note(number, [erasure.client])
        self._echoes.append((erasure, await self._scrub(erasure, looked_at)))
        return erased

    async def _scrub(self, erasure: Erasure, after: int) -> int:
        """Blank the numbers in the client's events; the last that is known to have been looked at."""
        while (
            last := (await self._store.scrub_events(Scrub(erasure.numbers, erasure.client, after, _EVENTS)))[0]
        ) is not None:
            after = last
        return after

    async def tend(self) -> None:
        """Once a day, and at the start: set the anchor, end records that had their time, and check it all.

        The check takes one page a call, so that a long ledger keeps nobody waiting.
        """
        await self._scrub_echoes()
        today = spell_instant(self._now())[:10]
        if self._tended != today:
            anchors, unreadable = await self._read_anchors()
            if not unreadable:
                await self._set_anchor(today, anchors)
            # A clock that jumped by years would end every opt-out: years are believed once days have gone by on it.
            if _days_before(today, anchors, self._now()) >= _SETTLED_DAYS:
                for client in self._config.clients:
                    while await self._end_records(client) == _BATCH:
                        pass
            self._tended, self._unchecked = today, AuditPlace(self._now())
        if self._unchecked is not None:
            page, _ = await self.check(self._unchecked)
            self._unchecked = page.following

    async def _scrub_echoes(self) -> None:
        """A text that was in flight while its person was erased is told of once more, by what memory holds of it."""
        for echo in list(self._echoes):
            erasure, after = echo
            place = await self._scrub(erasure, after)
            # Only now: where the store takes nothing for the moment, the next round looks again.
            self._echoes.remove(echo)
            if self._now() < erasure.at + _ECHO:
                self._echoes.append((erasure, place))

    async def _set_anchor(self, today: str, anchors: Sequence[Anchor]) -> None:
        head = await self._store.ledger_head()
        if not head.seq or any(anchor.day == today for anchor in anchors):
            return
        try:
            await self._anchors.append(Anchor(today, self._now(), head))
        except OSError as error:
            _log.error("the ledger's anchor of %s could not be written: %s", today, error.strerror)

    async def _end_records(self, client: ClientConfig) -> int:
        now = self._now()
        records = self._years(client, Limit.RECORD_YEARS, now)
        opt_outs = self._years(client, Limit.OPT_OUT_YEARS, now)
        if records is None or opt_outs is None:
            return 0
        look = Aged(client.id, now - records * _YEAR, now - max(records, opt_outs) * _YEAR, _BATCH)
        numbers = await self._store.aged_consents(look)
        if numbers:
            aged = tuple(Number(number) for number in numbers)
            await self._erase(Erasure(aged, client.id, now, _RETENTION, keep_opt_out=False))
        return len(numbers)

    def _years(self, client: ClientConfig, limit: Limit, now: int) -> int | None:
        """How long any of a client's programs wants it; None: for ever, because one of them does not say."""
        found = [
            self._charters.limit(client.id, program.id, category, limit, now)
            for program in client.programs
            for category in program.categories
        ]
        return None if not found or None in found else max(years for years in found if years is not None)

    async def _read_anchors(self) -> tuple[list[Anchor], str]:
        """The anchors, and why they cannot be read."""
        try:
            return await self._anchors.read(), ""
        except UnreadableAnchors as error:
            return [], str(error)


def _days_before(today: str, anchors: Sequence[Anchor], now: int) -> int:
    """On how many of the last thirty days an anchor was set: so long the clock has been near where it is."""
    since = spell_instant(now - 30 * DAY)[:10]
    return len({anchor.day for anchor in anchors if since <= anchor.day < today})
