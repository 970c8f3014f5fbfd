"""Calling plugins, with a fence around each call.

Owns: what a call may cost, what becomes of one that raises, returns rubbish or does not return, and when a plugin is suspended.
Does not own: what plugins are told and when (flow/plugins), or what they can do (api).

All code of plugins runs on threads, never on the loop (turns): what blocks or computes there holds up nobody but its own plugin.
A call that takes too long is given up: an exception is raised in its thread, which ends a loop of Python code at once, and
code that waits for something outside Python when that returns. A thread that cannot be ended is left behind, and the few
places that a plugin has for its calls are what it can lose. This fence is for mistakes. It is no sandbox: a plugin is
code that the operator trusts, in the same process.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Final

import msgspec
import trio

from gateway.hooks.api import GatewayApi
from gateway.hooks.plugin import Plugin
from gateway.hooks.specs import Draft, Refusal
from gateway.hooks.turns import Call, Crew, Wish
from gateway.hooks.watch import Watch
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.model.account import Account

_log = Log(__name__)

API_CALLS: Final = frozenset(name for name in vars(GatewayApi) if not name.startswith("_"))

_AROUND: Final = " \t\r\n.,!?\"'"
"""What may stand around a keyword."""


class CallLimits(msgspec.Struct, frozen=True):
    """What calls may cost."""

    observe_seconds: float = 10.0
    """For one notice, the gateway's own work for it included."""
    decide_seconds: float = 0.1
    """For the texts of one request, and as much again for each further hundred."""
    cpu_seconds: float = 0.5
    """Of computing in one call: a loop that does not end is given up long before its time is."""
    places: int = 32
    """Calls of one plugin side by side. Of observers one at first and after each failure, and one more with each success:
    what fails, fails alone."""
    failures: int = 5
    """So many failed calls, one after the other, suspend a plugin."""


LIMITS: Final = CallLimits()


class PluginFailed(Exception):
    """A call of a plugin failed; the message says how, without anything that the plugin was told."""


class Standing(msgspec.Struct):
    """How a plugin fares since the start."""

    failures: int = 0
    """One after the other, up to now."""
    calls: int = 0
    failed: int = 0
    last_failure: str | None = None
    suspended: str | None = None
    """Why it is called no more, until an operator resumes it or the gateway starts anew."""


class Host:
    """The plugins that run."""

    def __init__(self, plugins: Sequence[Plugin], metrics: Metrics, limits: CallLimits = LIMITS) -> None:
        self.plugins = tuple(plugins)
        self.standing = {plugin.name: Standing() for plugin in plugins}
        self._metrics = metrics
        self._limits = limits
        self._observing = {plugin.name: trio.CapacityLimiter(1) for plugin in plugins}
        self._deciding = {plugin.name: trio.CapacityLimiter(limits.places) for plugin in plugins}
        # Who decides does not wait for who observes. A thread that was left behind keeps its place among these until it ends.
        self._observers = {plugin.name: Crew(plugin.name, 2 * limits.places) for plugin in plugins}
        self._deciders = {plugin.name: Crew(plugin.name, 2 * limits.places) for plugin in plugins}
        self._watch = Watch(limits.cpu_seconds, (*self._observers.values(), *self._deciders.values()))
        self.suspended: Callable[[str, str], None] | None = None
        """Told of a plugin that is called no more, and why; it must not wait."""

    @property
    def decides(self) -> bool:
        """Whether any plugin is asked about texts."""
        return any(plugin.implements("decide_text") for plugin in self.plugins)

    def keyword(self, client: str, text: str) -> tuple[str, str] | None:
        """The plugin that a consumer's text is for because it is one of its keywords, and that word."""
        word = text.strip(_AROUND).casefold()
        for plugin in self.plugins:
            if word in plugin.keywords and plugin.implements("observe_reply") and plugin.serves(client):
                return plugin.name, word
        return None

    def resume(self, name: str) -> bool:
        """Call a suspended plugin again; tells whether it was suspended."""
        standing = self.standing[name]
        was = standing.suspended is not None
        self.standing[name] = Standing(0, standing.calls, standing.failed, standing.last_failure)
        self._metrics.plugin_suspended.of(name).set(0)
        return was

    async def decide(
        self, client: str, drafts: Sequence[Draft], accounts: Mapping[str, Account]
    ) -> dict[int, tuple[str, str]]:
        """Which of a request's texts plugins refuse: plugin and reason by place, the first refusal of each.

        Raises PluginFailed where a plugin that has to be asked (``when_failing``) cannot be.
        """
        refused: dict[int, tuple[str, str]] = {}
        for plugin in self.plugins:
            if not plugin.implements("decide_text") or not plugin.serves(client):
                continue
            places = [place for place in range(len(drafts)) if place not in refused]
            asked = [(drafts[place], _own(accounts.get(drafts[place].account or ""))) for place in places]
            try:
                answers = await self._ask(plugin, asked)
            except PluginFailed:
                if plugin.settings.when_failing == "refuse":
                    raise
                continue
            refused |= {place: (plugin.name, answer) for place, answer in zip(places, answers, strict=True) if answer}
        return refused

    async def watch(self) -> None:
        """For ever: see Watch."""
        await self._watch.run()

    async def _ask(self, plugin: Plugin, asked: Sequence[tuple[Draft, Account | None]]) -> list[str | None]:
        async def work() -> list[str | None]:
            return [
                _reason(plugin.call("decide_text", {"draft": draft, "account": account, "settings": plugin.settings}))
                for draft, account in asked
            ]

        seconds = self._limits.decide_seconds * (1 + len(asked) // 100)
        async with self._deciding[plugin.name]:
            answers: list[str | None] = await self._call(
                plugin, "decide_text", work, seconds, self._deciders[plugin.name]
            )
        return answers

    async def observe(self, plugin: Plugin, hook: str, told: Mapping[str, Any], api: GatewayApi) -> None:
        """Tell a plugin something. Raises PluginFailed, or Transient where the gateway could not do what it wanted."""
        arguments = {**told, "api": _Bridge(api), "settings": plugin.settings}
        places = self._observing[plugin.name]
        async with places:
            try:
                await self._call(
                    plugin,
                    hook,
                    lambda: plugin.call(hook, arguments),
                    self._limits.observe_seconds,
                    self._observers[plugin.name],
                )
            except PluginFailed:
                places.total_tokens = 1
                raise
        places.total_tokens = min(places.total_tokens + 1, self._limits.places)

    async def _call(
        self, plugin: Plugin, hook: str, work: Callable[[], Coroutine[Any, Any, Any]], seconds: float, crew: Crew
    ) -> Any:
        standing = self.standing[plugin.name]
        if standing.suspended is not None:
            raise PluginFailed(f"suspended: {standing.suspended}")
        standing.calls += 1
        began = trio.current_time()
        call = Call(work, plugin.home)
        failure: str | None = "did not return in time"
        with trio.move_on_after(seconds) as scope:
            self._watch.begin(call, scope)
            try:
                await crew.turn(call)
                while call.wish is not None:
                    await call.fulfil()
                    await crew.turn(call)
                failure = call.failure
            finally:
                crew.give_up(call)
                self._watch.end(call)
        if call.transient is not None:
            raise call.transient
        self._count(plugin, hook, failure, trio.current_time() - began)
        if failure is None:
            return call.result
        self._fail(plugin, hook, failure)
        raise PluginFailed(failure)

    def _count(self, plugin: Plugin, hook: str, failure: str | None, seconds: float) -> None:
        outcome = "ok" if failure is None else "failed"
        self._metrics.plugin_calls.of(plugin.name, hook, outcome).inc()
        self._metrics.plugin_seconds.of(plugin.name, hook).inc(seconds)
        if plugin.settings.trace:
            _log.info(
                "plugin called", plugin=plugin.name, hook=hook, outcome=failure or "ok", seconds=round(seconds, 4)
            )
        if failure is None:
            self.standing[plugin.name].failures = 0

    def _fail(self, plugin: Plugin, hook: str, failure: str) -> None:
        standing = self.standing[plugin.name]
        standing.failures += 1
        standing.failed += 1
        standing.last_failure = f"{hook}: {failure}"
        _log.warning("plugin failed", plugin=plugin.name, hook=hook, failure=failure, in_a_row=standing.failures)
        if standing.failures >= self._limits.failures and standing.suspended is None:
            standing.suspended = (
                f"{standing.failures} calls failed one after the other, the last: {standing.last_failure}"
            )
            self._metrics.plugin_suspended.of(plugin.name).set(1)
            _log.error("plugin suspended", plugin=plugin.name, reason=standing.suspended)
            if self.suspended is not None:
                self.suspended(plugin.name, standing.suspended)


class _Bridge:
    """GatewayApi on a plugin's thread: calls are carried out on the gateway's loop, between two turns."""

    def __init__(self, api: GatewayApi) -> None:
        self._api = api

    def __getattr__(self, name: str) -> Any:
        if name not in API_CALLS:
            raise AttributeError(f"the gateway can do {', '.join(sorted(API_CALLS))}, but not {name}")
        attribute = getattr(self._api, name)
        if not iscoroutinefunction(attribute):
            return attribute

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await Wish(partial(attribute, *args, **kwargs))

        return call


def _reason(answer: object) -> str | None:
    if answer is None:
        return None
    if not isinstance(answer, Refusal) or not isinstance(answer.reason, str) or not answer.reason:
        raise TypeError("decide_text returns a Refusal with its reason, or None")
    return answer.reason[:200]


def _own(account: Account | None) -> Account | None:
    """A copy: what a plugin does to its arguments, no other sees."""
    return None if account is None else msgspec.json.decode(msgspec.json.encode(account), type=Account)
