"""One plugin: a module, which hooks it implements, and how one is called.

Owns: pluggy, and what makes a module a plugin. Does not own: finding modules (discovery), or what a call may cost (host).
"""

from collections.abc import Iterable, Mapping
from inspect import iscoroutinefunction
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pluggy

from gateway.hooks.specs import PROJECT, Hooks, Info, Settings
from gateway.model.client_events import EVENT_TYPES
from gateway.model.dialog import DialogSpec

ASYNC: Final = frozenset(name for name in vars(Hooks) if name.startswith("observe_"))
HOOKS: Final = frozenset(name for name in vars(Hooks) if not name.startswith("_"))


class NotAPlugin(Exception):
    """The module cannot be a plugin; what is wrong with it, and what to do."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}; {fix}")
        self.problem = problem
        self.fix = fix


class Plugin:
    """A plugin by its name. What it declares is filled in by whoever loads it."""

    def __init__(self, name: str, module: ModuleType) -> None:
        self.name = name
        self.module = module
        self.info = Info(summary=name)
        self.settings = Settings()
        self.dialogs: dict[str, DialogSpec] = {}
        self.keywords: frozenset[str] = frozenset()
        self.events: frozenset[str] = frozenset(EVENT_TYPES)
        """The types of client events that it is told of, if of any."""
        self._implementations = _register(name, module)
        self._has_texts = self.templates.is_dir()

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks that it implements."""
        return tuple(sorted(self._implementations))

    def implements(self, hook: str) -> bool:
        """Whether the plugin has something to say there."""
        return hook in self._implementations

    def call(self, hook: str, arguments: Mapping[str, Any]) -> Any:
        """Call the implementation with those arguments that it names; a coroutine where the hook is async."""
        implementation = self._implementations[hook]
        return implementation.function(*(arguments[name] for name in implementation.argnames))

    def serves(self, client: str) -> bool:
        """Whether the plugin is for this client."""
        return not self.settings.clients or client in self.settings.clients

    @property
    def home(self) -> str:
        """How the paths of its own code begin: with its folder, or what it is where it is one file."""
        file = self.module.__file__ or ""
        return file.removesuffix("__init__.py")

    @property
    def templates(self) -> Path:
        """The folder of its texts; it need not be there."""
        return Path(self.module.__file__ or "").parent / "templates"

    def full_name(self, name: str) -> str:
        """What a dialog is called that the plugin calls so: a name without a dot is its own."""
        return name if "." in name else f"{self.name}.{name}"

    def template_name(self, name: str) -> str:
        """What a template is called that the plugin calls so: a name without a dot is of its own folder. A plugin that has none
        knows templates by what the operator or the client calls them."""
        return self.full_name(name) if self._has_texts else name


def hearers(plugins: Iterable[Plugin], hook: str, clients: Iterable[str]) -> frozenset[str]:
    """Those of the clients for which any plugin implements the hook."""
    able = [plugin for plugin in plugins if plugin.implements(hook)]
    return frozenset(client for client in clients if any(plugin.serves(client) for plugin in able))


def _register(name: str, module: ModuleType) -> dict[str, pluggy.HookImpl]:
    pluggy_manager = pluggy.PluginManager(PROJECT)
    pluggy_manager.add_hookspecs(Hooks)
    try:
        pluggy_manager.register(module, name)
        pluggy_manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise NotAPlugin(
            " ".join(str(error).split()), f"the hooks and their arguments are in gateway.hooks.specs: {_listed(HOOKS)}"
        ) from error
    found: dict[str, pluggy.HookImpl] = {}
    for caller in pluggy_manager.get_hookcallers(module) or ():
        for implementation in caller.get_hookimpls():
            found[caller.name] = implementation
    if not found:
        raise NotAPlugin("implements no hook", f"mark functions with @hookimpl: {_listed(HOOKS)}")
    if "declare_info" not in found:
        raise NotAPlugin("does not say what it is", "implement declare_info")
    for hook, implementation in found.items():
        if implementation.wrapper or implementation.hookwrapper:
            raise NotAPlugin(f"{hook} is a wrapper", "plugins do not stand around each other: leave wrapper away")
        if iscoroutinefunction(implementation.function) != (hook in ASYNC):
            raise NotAPlugin(
                f"{hook} is {'not ' if hook in ASYNC else ''}async",
                f"write {'async def' if hook in ASYNC else 'def'} {hook}",
            )
    return found


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
