"""Telling plugins: each reads the log of notices from its cursor, at its own pace.

Owns: the order in which a plugin is told, and what is told again when. Does not own: one call (hooks/host), the log (store), or
what a plugin can do (plugin_api).

Notices of one account go one behind the other, those of different accounts side by side. A notice at which the plugin fails is
told again later, and until then what is newer of its account waits behind it; the other accounts go on. After the last try
it is given up, kept, and shown; an operator can have it told again. What was told and not recorded when the process died is
told again: at least once, under the same id.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import trio

from gateway.config import Config
from gateway.errors import Transient
from gateway.flow.plugin_api import PluginApi, Waiting
from gateway.hooks.host import Host, PluginFailed
from gateway.hooks.plugin import Plugin
from gateway.log import Log
from gateway.model.client_events import EVENT_TYPES, read_event
from gateway.model.clock import HOUR, MINUTE, SECOND
from gateway.model.notices import Answer, Job, NumberCheckDue, Reply, TextOutcome
from gateway.store.base import Store
from gateway.store.notices import Listening, Notice
from gateway.store.plugins import Again, Observed

_log = Log(__name__)

PAUSES: Final = (SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR)
"""Before each further try, in milliseconds; after the last, a notice is given up."""
SIDE_BY_SIDE: Final = 32
"""Accounts that a plugin is told about at once."""
_BATCH = 500
_REFRESH_SECONDS = 5.0
_BUSY = SECOND
"""Milliseconds until another try where the gateway could not write."""

Told = tuple[str, str, Callable[[bytes], Any]]
HOOKS: Final[Mapping[str, Told]] = {
    **dict.fromkeys(EVENT_TYPES, ("observe_event", "event", read_event)),
    "job": ("observe_job", "job", msgspec.json.Decoder(Job).decode),
    "answer": ("observe_answer", "answer", msgspec.json.Decoder(Answer).decode),
    "reply": ("observe_reply", "reply", msgspec.json.Decoder(Reply).decode),
    "text": ("observe_text", "outcome", msgspec.json.Decoder(TextOutcome).decode),
    "check": ("observe_number_check", "due", msgspec.json.Decoder(NumberCheckDue).decode),
}
"""By kind of notice: the hook, its argument, and how that is read."""


class Observer:
    """One plugin, as it is told."""

    def __init__(
        self,
        plugin: Plugin,
        host: Host,
        store: Store,
        config: Config,
        api: Callable[[Plugin, str, Waiting | None], PluginApi],
        now: Callable[[], int],
    ) -> None:
        self.plugin = plugin
        self._host = host
        self._store = store
        self._config = config
        self._api = api
        self._now = now
        self._signal = trio.Event()
        self._kinds = frozenset(
            kind
            for kind, (hook, _, _) in HOOKS.items()
            if plugin.implements(hook) and (kind not in EVENT_TYPES or kind in plugin.events)
        )
        self._cursor: int | None = None
        self._behind: dict[tuple[str, str], int] = {}
        """Accounts of which something is to be told again, and when: what is newer waits behind it."""

    def hears(self, plugin: str | None, kind: str) -> bool:
        """Whether a notice of this kind, for a plugin or for all, is to be told to this one."""
        return plugin in (None, self.plugin.name) and kind in self._kinds

    def wake(self) -> None:
        """There may be something to tell."""
        self._signal.set()
        self._signal = trio.Event()

    async def resume(self) -> None:
        """The plugin may be called again, and what was given up is to be told again."""
        self._behind = await self._store.accounts_behind(self.plugin.name)
        self.wake()

    async def run(self) -> None:
        """For ever."""
        while True:
            signal = self._signal
            try:
                pause = await self.once()
            except Transient as error:
                _log.warning("plugin waits for the store", plugin=self.plugin.name, code=error.code)
                pause = error.after
                self._cursor = None
            with trio.move_on_after(pause) as idle:
                await signal.wait()
            if idle.cancelled_caught:
                self._cursor = None  # there is time to look at what is on disk, and that counts

    async def once(self) -> float:
        """Tell all that there is to tell now; returns the seconds until there may be something again. Raises Transient."""
        if self._cursor is None:
            self._behind = await self._store.accounts_behind(self.plugin.name)
            self._cursor = (await self._store.plugin_state(self.plugin.name)).cursor
        while not self._suspended:
            pause = await self._tell_again()
            if self._suspended:
                break
            look = Listening(self.plugin.name, self._kinds, self._cursor, _BATCH)
            heard = await self._store.notices_after(look)
            if heard.through == self._cursor:
                return pause
            failed = await self._tell([(notice, 0) for notice in heard.notices], again=False)
            await self._store.record_observed(Observed(self.plugin.name, heard.through, failed=tuple(failed.values())))
            self._cursor = heard.through
            if heard.is_all and not self._behind:
                break
        return _REFRESH_SECONDS

    @property
    def _suspended(self) -> bool:
        return self._host.standing[self.plugin.name].suspended is not None

    async def _tell_again(self) -> float:
        """Tell what is due to be told again; returns the seconds until the next is."""
        while self._behind:
            now = self._now()
            waiting = await self._store.plugin_retries(self.plugin.name, _BATCH)
            due = {again.seq: again for again in waiting if again.due_at is not None and again.due_at <= now}
            if not due:
                ahead = [again.due_at - now for again in waiting if again.due_at is not None]
                return min(_REFRESH_SECONDS, max(min(ahead, default=HOUR) / 1000, 0.01))
            # As it is on disk: an operator, or a clock that was set back, may have brought the next try forward.
            self._behind = await self._store.accounts_behind(self.plugin.name)
            notices = await self._store.notices_of(list(due))
            failed = await self._tell([(notice, due[notice.seq].attempt) for notice in notices], again=True)
            settled = tuple(seq for seq in due if seq not in failed)
            await self._store.record_observed(
                Observed(self.plugin.name, settled=settled, failed=tuple(failed.values()))
            )
            self._behind = await self._store.accounts_behind(self.plugin.name)
            if self._suspended:
                break
        return _REFRESH_SECONDS

    async def _tell(self, notices: Sequence[tuple[Notice, int]], *, again: bool) -> dict[int, Again]:
        """Tell notices with the number of tries before; returns those that are to be told again, by number."""
        failed: dict[int, Again] = {}
        groups: dict[tuple[str, str], list[tuple[Notice, int]]] = {}
        for notice, attempt in notices:
            if self._wants(notice):
                groups.setdefault((notice.client, notice.account), []).append((notice, attempt))
        waiting = iter(groups.items())

        async def tell_groups() -> None:
            for account, group in waiting:
                if again and self._behind.get(account, 0) <= self._now():
                    self._behind.pop(account, None)
                await self._tell_account(account, group, failed)

        async with trio.open_nursery() as nursery:
            for _ in range(min(SIDE_BY_SIDE, len(groups))):
                nursery.start_soon(tell_groups)
        return failed

    async def _tell_account(
        self, account: tuple[str, str], group: Sequence[tuple[Notice, int]], failed: dict[int, Again]
    ) -> None:
        for notice, attempt in group:
            due: int | None = None
            if account in self._behind:
                due, detail = self._behind[account], "behind an earlier one of its account"
            elif self._suspended:
                due, detail = self._now(), "the plugin is suspended"
            else:
                try:
                    await self._tell_one(notice)
                    continue
                except PluginFailed as error:
                    due, detail = self._now() + PAUSES[attempt] if attempt < len(PAUSES) else None, str(error)
                    attempt += 1
                except Transient as error:
                    due, detail = self._now() + _BUSY, f"the gateway: {error.code}"
            failed[notice.seq] = Again(self.plugin.name, notice.seq, attempt, due, detail)
            if due is not None:
                self._behind.setdefault(account, due)

    async def _tell_one(self, notice: Notice) -> None:
        hook, argument, decode = HOOKS[notice.kind]
        told = decode(notice.body)
        api = self._api(self.plugin, notice.client, _waiting(told))
        await self._host.observe(self.plugin, hook, {argument: told}, api)

    def _wants(self, notice: Notice) -> bool:
        return (
            notice.kind in self._kinds
            and self.plugin.serves(notice.client)
            and self._config.client(notice.client) is not None
        )


def _waiting(told: object) -> Waiting | None:
    """Who wrote what is told, and waits."""
    if isinstance(told, Reply) or (isinstance(told, Answer) and told.outcome in ("chosen", "handed_over")):
        return Waiting(told.number, told.at)
    return None
