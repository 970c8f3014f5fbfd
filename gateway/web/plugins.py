"""Plugins, for operators: how each does, what happened to it, and calling one again that was suspended.

Owns: the answers. Does not own: plugins (hooks, flow).
"""

import msgspec

from gateway.flow.plugins import PluginReport
from gateway.web.doors import Doors
from gateway.web.http import Request, Response
from gateway.web.wire import no_such, reply, spell_time

_CHANGES = 20
_RETRIES = 100


class PluginView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One enabled plugin."""

    plugin: str
    version: str
    summary: str
    state: str
    """``running`` or ``suspended``."""
    clients: tuple[str, ...]
    """Whom it is for; all where empty."""
    calls: int
    """Since the start."""
    failed: int
    behind: int
    """Notices of the log that it was not told yet."""
    waiting: int
    """Notices at which it failed and which will be told again, with those that wait behind them."""
    dead: int
    """Notices that were given up, kept until it is resumed."""
    reason: str | None = None
    """Why it is suspended."""
    last_failure: str | None = None


class PluginsView(msgspec.Struct, frozen=True):
    """All enabled plugins, in the order in which they are asked."""

    plugins: list[PluginView]


class ChangeView(msgspec.Struct, frozen=True):
    """Something that happened to a plugin."""

    at: str
    change: str
    detail: str


class AgainView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A notice that will be told again."""

    seq: int
    attempt: int
    detail: str
    due_at: str | None = None


class PluginDetailView(msgspec.Struct, frozen=True):
    """One plugin, closely."""

    plugin: PluginView
    hooks: tuple[str, ...]
    changes: list[ChangeView]
    again: list[AgainView]


class ResumedView(msgspec.Struct, frozen=True):
    """How many notices are told again."""

    again: int


class PluginDesk:
    """The handlers."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def browse(self, request: Request) -> Response:
        """All of them."""
        return reply(PluginsView([_view(report) for report in await self._doors.plugins.reports()]))

    async def look(self, request: Request) -> Response:
        """One of them."""
        name = request.params["plugin"]
        for report in await self._doors.plugins.reports():
            if report.plugin.name == name:
                changes = await self._doors.store.plugin_changes(name, _CHANGES)
                again = await self._doors.store.plugin_retries(name, _RETRIES)
                return reply(
                    PluginDetailView(
                        _view(report),
                        report.plugin.hooks,
                        [ChangeView(spell_time(one.at) or "", one.change, one.detail) for one in changes],
                        [AgainView(one.seq, one.attempt, one.detail, spell_time(one.due_at)) for one in again],
                    )
                )
        raise no_such("plugin")

    async def resume(self, request: Request) -> Response:
        """Call a suspended plugin again, and tell it again what was given up."""
        count = await self._doors.plugins.resume(request.params["plugin"])
        if count is None:
            raise no_such("plugin")
        return reply(ResumedView(count))


def _view(report: PluginReport) -> PluginView:
    plugin, standing, state = report.plugin, report.standing, report.state
    return PluginView(
        plugin.name,
        plugin.info.version,
        plugin.info.summary,
        "running" if standing.suspended is None else "suspended",
        plugin.settings.clients,
        standing.calls,
        standing.failed,
        state.last - state.cursor,
        state.waiting,
        state.dead,
        standing.suspended,
        standing.last_failure,
    )
