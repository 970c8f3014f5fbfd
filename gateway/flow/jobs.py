"""Jobs: what is due is told to its plugin.

Owns: when to look for due jobs. Does not own: what is due (store), catching up (rules/schedules), or telling (plugins).

The instant at which each plugin's next job is due is kept in memory, so that the disk is asked only when something is due; the
clock is looked at every second, so that one that is set forward or back is noticed.
"""

from collections.abc import Callable, Sequence
from typing import Final

import trio

from gateway.errors import Transient
from gateway.hooks.host import Host
from gateway.hooks.plugin import Plugin
from gateway.log import Log
from gateway.store.base import Store
from gateway.store.jobs import DueLook

_log = Log(__name__)

ROUND_SECONDS: Final = 1.0
_SHARE = 500
"""Jobs that one commit moves."""


class Jobs:
    """Looks for what is due."""

    def __init__(self, host: Host, store: Store, now: Callable[[], int]) -> None:
        self._host = host
        self._store = store
        self._now = now
        self._next: dict[str, int | None] = {plugin.name: 0 for plugin in host.plugins if _has_jobs(plugin)}
        self._signal = trio.Event()

    def scheduled(self, plugin: str, due: int) -> None:
        """A plugin scheduled a job for an instant."""
        known = self._next.get(plugin)
        if plugin in self._next and (known is None or due < known):
            self._next[plugin] = due
            if due <= self._now():
                self._signal.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            self._signal = trio.Event()
            await self.once()
            with trio.move_on_after(ROUND_SECONDS):
                await self._signal.wait()

    async def once(self) -> None:
        """Tell all that is due now. A suspended plugin's jobs wait: what is late then, its policy says."""
        for plugin in self._due():
            try:
                await self._tell(plugin)
            except Transient as error:
                self._next[plugin] = 0  # the next round looks again
                _log.warning("due jobs wait for the store", plugin=plugin, code=error.code)

    def _due(self) -> Sequence[str]:
        now = self._now()
        return [
            plugin
            for plugin, due in self._next.items()
            if due is not None and due <= now and self._host.standing[plugin].suspended is None
        ]

    async def _tell(self, plugin: str) -> None:
        while True:
            now = self._now()
            self._next[plugin] = None  # what is scheduled from here on is noticed
            (found,) = await self._store.tell_due(DueLook(plugin, now, _SHARE))
            if found.next_due is not None:
                self.scheduled(plugin, found.next_due)
            if found.skipped or found.deferred:
                _log.info(
                    "jobs of a time when the gateway was down",
                    plugin=plugin,
                    skipped=found.skipped,
                    deferred=found.deferred,
                )
            if found.told + found.skipped + found.deferred < _SHARE:
                return


def _has_jobs(plugin: Plugin) -> bool:
    return plugin.implements("observe_job")
