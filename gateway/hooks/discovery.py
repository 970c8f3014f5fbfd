"""Finding plugins by name, and taking in what they declare.

Owns: the in-tree packages and the entry points, and every fault of every plugin at once. Does not own: what makes a module a
plugin (plugin), or calling one while the gateway runs (host).

Whatever is wrong with an enabled plugin stops the start: a gateway that runs without a plugin that its operator relies on
would be worse. What is not enabled is not even imported.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Final

import msgspec

from gateway.config.decode import Faults, decode_table, did_you_mean
from gateway.config.faults import ConfigError
from gateway.config.plugins import PluginsConfig
from gateway.hooks.plugin import NotAPlugin, Plugin
from gateway.hooks.specs import Info, Settings
from gateway.model.client_events import EVENT_TYPES
from gateway.model.dialog import DialogSpec
from gateway.rules.dialogs import find_wrong
from gateway.rules.keywords import classify, is_reserved

GROUP: Final = "assent.plugins"
"""The entry points under which installed packages offer plugins."""
_FILE = "plugins.toml"

Attempt = Callable[[Callable[[], Any]], Any]
"""Calls code of a plugin; raises NotAPlugin for whatever that raises (the host's fence)."""


class Finder:
    """Where plugins are looked for: in packages of ours, each plugin a package in them, and among entry points."""

    def __init__(self, packages: Sequence[str], offered: Sequence[EntryPoint] | None = None) -> None:
        self._packages = tuple(packages)
        self._offered: dict[str, list[EntryPoint]] = {}
        for one in entry_points(group=GROUP) if offered is None else offered:
            if one not in self._offered.setdefault(one.name, []):
                self._offered[one.name].append(one)

    def names(self) -> list[str]:
        """Every plugin that there is, enabled or not."""
        return sorted({*self._in_tree(), *self._offered})

    def find(self, name: str) -> ModuleType:
        """Import a plugin. Raises NotAPlugin where there is none, or more than one, and whatever its code raises."""
        ours = [f"{package}.{name}" for package in self._packages if find_spec(f"{package}.{name}") is not None]
        offered = self._offered.get(name, [])
        if not ours and not offered:
            raise NotAPlugin("there is no such plugin", did_you_mean(name, self.names()))
        if len(ours) + len(offered) > 1:
            places = ", ".join([*ours, *(one.value for one in offered)])
            raise NotAPlugin(f"there is more than one of that name: {places}", "rename or uninstall all but one")
        if ours:
            return import_module(ours[0])
        module = offered[0].load()
        if not isinstance(module, ModuleType):
            raise NotAPlugin("its entry point is no module", f"let the entry point of group {GROUP} name a module")
        return module

    def _in_tree(self) -> Iterator[str]:
        for package in self._packages:
            import_module(package)
            for found in iter_modules(sys.modules[package].__path__):
                if found.ispkg:
                    yield found.name


def load_plugins(config: PluginsConfig, finder: Finder, attempt: Attempt) -> list[Plugin]:
    """The enabled plugins, in their order, with settings and declarations. Raises ConfigError with all that is wrong."""
    faults = Faults(_FILE)
    plugins = [
        plugin for name in config.enabled if (plugin := _load(name, config, finder, attempt, faults)) is not None
    ]
    for key, problem, fix in _contradictions(plugins):
        faults.add(key, problem, fix)
    for name in config.settings:
        if name not in config.enabled and name not in finder.names():
            faults.add(f"settings.{name}", "belongs to no plugin", did_you_mean(name, finder.names()))
    found = list(faults)
    if found:
        raise ConfigError(found)
    return plugins


def _load(name: str, config: PluginsConfig, finder: Finder, attempt: Attempt, faults: Faults) -> Plugin | None:
    try:
        module = attempt(lambda: finder.find(name))
        plugin = Plugin(name, module)
        plugin.info = _declared(plugin, "declare_info", {}, Info, attempt)
        kind = _settings_kind(plugin, attempt)
    except NotAPlugin as error:
        faults.add(f"enabled[{name}]", error.problem, error.fix)
        return None
    before = len(list(faults))
    plugin.settings = decode_table(kind, config.settings.get(name, {}), f"settings.{name}", faults)
    if len(list(faults)) > before:
        return None
    try:
        wrong = take_declarations(plugin, attempt)
    except NotAPlugin as error:
        faults.add(f"enabled[{name}]", error.problem, error.fix)
        return None
    for problem, fix in wrong:
        faults.add(f"enabled[{name}]", problem, fix)
    return plugin


def take_declarations(plugin: Plugin, attempt: Attempt) -> list[tuple[str, str]]:
    """Take in the plugin's dialogs, keywords and events, by its settings. Returns each problem with them and its fix.

    Raises NotAPlugin for what is not even of the type that the hook returns, and whatever ``attempt`` raises.
    """
    given = {"settings": plugin.settings}
    dialogs = _declared(plugin, "declare_dialogs", given, tuple[DialogSpec, ...], attempt)
    keywords = _declared(plugin, "declare_keywords", given, tuple[str, ...], attempt)
    events = _declared(plugin, "declare_events", given, tuple[str, ...], attempt)
    plugin.dialogs = {dialog.name: dialog for dialog in dialogs}
    plugin.keywords = frozenset(keyword.casefold() for keyword in keywords)
    if plugin.implements("declare_events"):
        plugin.events = frozenset(events)
    return [*_dialog_faults(plugin, dialogs), *_keyword_faults(keywords), *_event_faults(plugin, events)]


def _declared(plugin: Plugin, hook: str, arguments: Mapping[str, Any], kind: Any, attempt: Attempt) -> Any:
    """What a plugin declares, looked at again field by field: structs do not check what they are made of."""
    if not plugin.implements(hook):
        return ()
    declared = attempt(lambda: plugin.call(hook, arguments))
    try:
        return msgspec.convert(msgspec.to_builtins(declared), kind)
    except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as error:
        raise NotAPlugin(
            f"{hook} returns what it must not: {error}", "plugins/HOOKS.md tells what each hook returns"
        ) from error


def _settings_kind(plugin: Plugin, attempt: Attempt) -> type[Settings]:
    if not plugin.implements("declare_settings"):
        return Settings
    kind = attempt(lambda: plugin.call("declare_settings", {}))
    if not (isinstance(kind, type) and issubclass(kind, Settings)):
        raise NotAPlugin("declare_settings returns no class of settings", "inherit gateway.hooks.Settings")
    return kind


def _dialog_faults(plugin: Plugin, dialogs: Sequence[DialogSpec]) -> Iterator[tuple[str, str]]:
    if len({dialog.name for dialog in dialogs}) < len(dialogs):
        yield "declares a dialog twice", "give each its own name"
    for dialog in dialogs:
        for wrong in find_wrong(dialog.choices):
            yield f"the choice {wrong.choice} of the dialog {dialog.name}: {wrong.word!r} {wrong.problem}", wrong.fix
        for template in (dialog.template, *filter(None, [dialog.reprompt])):
            if "." not in template and not (plugin.templates / f"{template}.toml").is_file():
                yield (
                    f"the dialog {dialog.name} asks with a template {template!r} that is not there",
                    f"write {plugin.templates / template}.toml; what is installed has to bring it (package-data)",
                )


def _keyword_faults(keywords: Sequence[str]) -> Iterator[tuple[str, str]]:
    for keyword in keywords:
        if not keyword.isalnum() or len(keyword) > 20:
            yield f"claims {keyword[:40]!r} as a keyword", "claim single words of letters and digits"
        elif _is_ours(keyword.casefold()):
            yield f"claims the keyword {keyword!r}, which the gateway reserves", "choose another word"


def _event_faults(plugin: Plugin, events: Sequence[str]) -> Iterator[tuple[str, str]]:
    if plugin.implements("declare_events") and not plugin.implements("observe_event"):
        yield "declares events and observes none", "implement observe_event, or leave declare_events away"
    for event in events:
        if event not in EVENT_TYPES:
            yield f"wants events of the type {event[:40]!r}, which there is not", f"use {', '.join(EVENT_TYPES)}"


def _is_ours(word: str) -> bool:
    return is_reserved(word) or classify(word).kind != "none"


def _contradictions(plugins: Sequence[Plugin]) -> Iterator[tuple[str, str, str]]:
    claimed: dict[str, str] = {}
    for plugin in plugins:
        for keyword in sorted(plugin.keywords):
            owner = claimed.setdefault(keyword, plugin.name)
            if owner != plugin.name:
                yield (
                    f"enabled[{plugin.name}]",
                    f"claims the keyword {keyword!r}, as {owner} does",
                    "enable one of them",
                )
