"""The plugins of a running gateway, put together: enabled on record, told, looked after.

Owns: which tasks they need, waking them, and their housekeeping. Does not own: telling one (observe), jobs (jobs), calls
(hooks/host).
"""

from collections.abc import Callable, Iterable, Set
from hashlib import blake2b
from typing import Final

import msgspec
import trio
from msgspec.structs import replace

from gateway.config import Config
from gateway.errors import Transient
from gateway.flow.consent import Consents
from gateway.flow.jobs import Jobs
from gateway.flow.observe import HOOKS, Observer
from gateway.flow.plugin_api import Asks, Doing, PluginApi, Waiting
from gateway.flow.plugin_record import describe, started_by
from gateway.flow.submit import Submit
from gateway.hooks.host import Host, Standing
from gateway.hooks.plugin import Plugin
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.model.clock import DAY
from gateway.store.base import Store
from gateway.store.deeds import Follow
from gateway.store.forget import Forget
from gateway.store.notices import ForgetNotices
from gateway.store.plugins import Change, Enabled, Observed, PluginState, Revive, Running

_log = Log(__name__)

NOTICES_KEPT: Final = 7 * DAY
EVENT_IDS_KEPT: Final = 90 * DAY
"""How long a client event is known by its id."""
JOBS_KEPT: Final = 90 * DAY
"""How long the history of jobs can be read."""
DEEDS_KEPT: Final = 400 * DAY
"""How long a plugin's key stands for what was done under it."""
_SHARE = 1000
_SPAN = 5000
_ROUND_SECONDS = 10.0
_FOLLOW_SECONDS = 0.2
"""Between two looks for what became of texts, however much happens."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class PluginReport(msgspec.Struct, frozen=True):
    """How a plugin does."""

    plugin: Plugin
    standing: Standing
    state: PluginState


class Plugins:
    """All enabled plugins."""

    def __init__(
        self,
        host: Host,
        store: Store,
        config: Config,
        submit: Submit,
        asks: Asks,
        consents: Consents,
        metrics: Metrics,
        now: Callable[[], int],
    ) -> None:
        self.host = host
        self._store = store
        self._config = config
        self._charters = submit.preparation.charters
        self._metrics = metrics
        self._now = now
        self.jobs = Jobs(host, store, now)
        dialogs = {
            plugin.full_name(name): (plugin, dialog)
            for plugin in host.plugins
            for name, dialog in plugin.dialogs.items()
        }
        self._doing = Doing(config, store, submit, asks, consents.note_check, self.jobs.scheduled, now, dialogs)
        self.observers = {
            plugin.name: Observer(plugin, host, store, config, self.api, now)
            for plugin in host.plugins
            if any(plugin.implements(hook) for hook, _, _ in HOOKS.values())
        }
        self._follows = any(plugin.implements("observe_text") for plugin in host.plugins)
        self._grown = {client.id for client in config.clients}
        """Clients whose log may tell what became of texts."""
        self._signal = trio.Event()
        self._tasks = trio.CancelScope()
        host.suspended = self._suspended

    async def open(self) -> None:
        """Put on record which plugins are enabled from now on."""
        running = tuple(
            Running(plugin.name, _digest(plugin), describe(plugin, self._config, self._charters))
            for plugin in self.host.plugins
        )
        (changes,) = await self._store.enable_plugins(Enabled(running, self._now(), started_by()))
        for change in changes:
            _log.warning("plugins changed", change=change)
        for plugin in self.host.plugins:
            self._metrics.plugin_suspended.of(plugin.name).set(0)

    async def run(self) -> None:
        """Until stopped."""
        with self._tasks:
            await self._run()

    def stop(self) -> None:
        """Call no plugin any more; what one was being told is told again after a start."""
        self._tasks.cancel()

    async def _run(self) -> None:
        async with trio.open_nursery() as nursery:
            for observer in self.observers.values():
                nursery.start_soon(observer.run)
            nursery.start_soon(self.jobs.run)
            if self.host.plugins:
                nursery.start_soon(self.host.watch)
            nursery.start_soon(self._keep_house)
            if self._follows:
                nursery.start_soon(self._follow)

    def committed(self, told: Iterable[str]) -> None:
        """These clients' logs grew; it may say what became of texts."""
        if self._follows:
            self._grown.update(told)
            self._signal.set()

    def noticed(self, told: Set[tuple[str | None, str]]) -> None:
        """There are new notices of these kinds, each for one plugin or for all."""
        for observer in self.observers.values():
            if any(observer.hears(plugin, kind) for plugin, kind in told):
                observer.wake()

    async def reports(self) -> list[PluginReport]:
        """How each does."""
        return [
            PluginReport(plugin, self.host.standing[plugin.name], await self._state(plugin.name))
            for plugin in self.host.plugins
        ]

    async def _state(self, name: str) -> PluginState:
        state = await self._store.plugin_state(name)
        # Who observes nothing has nothing before it.
        return state if name in self.observers else replace(state, cursor=state.last)

    async def resume(self, name: str) -> int | None:
        """Call a plugin again, and tell it again what was given up; how many notices, or None where there is no such one."""
        if name not in self.host.standing:
            return None
        (count,) = await self._store.revive_plugin(Revive(name, self._now()))
        if self.host.resume(name) or count:
            detail = f"{count} notices are told again"
            await self._store.note_plugin(Change(name, self._now(), "resumed", detail))
            _log.warning("plugin resumed", plugin=name, again=count)
        if name in self.observers:
            await self.observers[name].resume()
        return count

    @property
    def suspended(self) -> list[str]:
        """The plugins that are called no more."""
        return [name for name, standing in self.host.standing.items() if standing.suspended is not None]

    def api(self, plugin: Plugin, client: str, waiting: Waiting | None = None) -> PluginApi:
        """What a plugin can do for a client, while a consumer waits for an answer or not."""
        found = self._config.client(client)
        assert found is not None, "notices of clients that are not configured are not told"
        return PluginApi(plugin, found, self._doing, waiting)

    def _suspended(self, name: str, reason: str) -> None:
        # Written even though nobody waits for it.
        self._store.note_plugin(Change(name, self._now(), "suspended", reason))

    async def _follow(self) -> None:
        while True:
            self._signal = trio.Event()
            clients, self._grown = self._grown, set()
            try:
                for client in clients:
                    while (await self._store.follow_texts(Follow(client, _SPAN)))[0]:
                        pass
            except Transient as error:
                _log.warning("outcomes wait for the store", code=error.code)
                self._grown |= clients
            await trio.sleep(_FOLLOW_SECONDS)
            await self._signal.wait()

    async def _keep_house(self) -> None:
        while True:
            try:
                await self.tend()
            except Transient as error:
                _log.warning("housekeeping waits for the store", code=error.code)
            await trio.sleep(_ROUND_SECONDS)

    async def tend(self) -> None:
        """Forget what had its time, and tell how far behind each plugin is. Raises Transient."""
        for report in await self.reports():
            name, state = report.plugin.name, report.state
            self._metrics.plugin_waiting.of(name).set(state.last - state.cursor + state.waiting)
            if name not in self.observers:
                # The log is kept for whoever has not read it: this one never will.
                await self._store.record_observed(Observed(name, state.last))
        await self._forget()

    async def _forget(self) -> None:
        now = self._now()
        notices = ForgetNotices(now - NOTICES_KEPT, now - EVENT_IDS_KEPT, _SHARE)
        while (await self._store.forget_notices(notices))[0] >= _SHARE:
            pass
        while (await self._store.forget_jobs(Forget(now - JOBS_KEPT, _SHARE)))[0] >= _SHARE:
            pass
        while (await self._store.forget_deeds(Forget(now - DEEDS_KEPT, _SHARE)))[0] >= _SHARE:
            pass


def _digest(plugin: Plugin) -> bytes:
    """Another one where its version or its settings are others."""
    return blake2b(_encode([plugin.info.version, plugin.settings]), digest_size=16).digest()
