"""What a plugin's settings name of the rest of the configuration: clients, categories of text, and templates.

Owns: finding a name in settings behind which there is nothing. Does not own: the settings themselves (each plugin), or what the
clients, categories and templates are (``clients.toml``, ``policy.toml``, the folders ``templates``).

A plugin whose ``clients`` are misspelt hears of nobody and guards nobody, and says nothing of it: so that stops the start.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta

from gateway.config.decode import did_you_mean
from gateway.config.faults import Fault
from gateway.config.fields import places
from gateway.config.policy import SYSTEM
from gateway.config.whole import Config
from gateway.hooks.plugin import Plugin
from gateway.hooks.specs import NAMES
from gateway.text.variable import Variable


def find_unknown(plugins: Iterable[Plugin], config: Config) -> Iterator[Fault]:
    """Yield each name in the settings of the plugins that the configuration does not know, defaults included.

    Where there are no clients or no categories at all, because their file could not be read, nothing is said of them.
    """
    known = {
        "client": [client.id for client in config.clients],
        "category": [name for name in config.policy.categories if name != SYSTEM],
    }
    for path, kind, name in _named_by(plugins):
        if known.get(kind) and name not in known[kind]:
            yield Fault("plugins.toml", path, f"{name!r} is no {kind}", did_you_mean(name, known[kind]))


def find_strange_templates(plugins: Iterable[Plugin], files: Iterable[str]) -> Iterator[Fault]:
    """Yield each template that the settings of the plugins name and that is in none of the files: it has to be a client's own."""
    known = sorted(set(files))
    for path, kind, name in _named_by(plugins):
        if kind == "template" and name not in known:
            problem = f"{name!r} is no template of an enabled plugin or of conf/templates, and has to be a client's own"
            yield Fault("plugins.toml", path, problem, did_you_mean(name, known))


def find_misfilled(plugins: Iterable[Plugin], variables: Mapping[str, Mapping[str, Variable]]) -> Iterator[Fault]:
    """Yield what the settings of the plugins give for no variable of the template that they name, and what that needs and they
    do not give; ``variables``: of each template, by its name."""
    named = list(_named_by(plugins))
    given = {_beside(path): (path, values) for path, kind, values in named if kind == "values"}
    for path, kind, name in named:
        if kind != "template" or name not in variables or _beside(path) not in given:
            continue
        place, values = given[_beside(path)]
        wanted = variables[name]
        for strange in sorted(set(values) - set(wanted)):
            yield Fault(
                "plugins.toml",
                f"{place}.{strange}",
                f"is no variable of {name!r}",
                did_you_mean(strange, sorted(wanted)),
            )
        missing = [one for one, variable in wanted.items() if one not in values and not variable.optional]
        if missing:
            yield Fault("plugins.toml", place, f"lacks what {name!r} cannot do without", f"give {', '.join(missing)}")


def _beside(path: str) -> str:
    return path.rpartition(".")[0]


def _named_by(plugins: Iterable[Plugin]) -> Iterator[tuple[str, str, Any]]:
    for plugin in plugins:
        yield from _names(type(plugin.settings), plugin.settings, f"settings.{plugin.name}")


def _names(kind: Any, value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    """Where a name stands, what it is the name of, and the name; or where values stand, and these."""
    if get_origin(kind) is Annotated:
        bare, *metas = get_args(kind)
        for meta in metas:
            if isinstance(meta, Meta) and meta.extra and NAMES in meta.extra and isinstance(value, str | Mapping):
                yield path, meta.extra[NAMES], value
        yield from _names(bare, value, path)
    elif isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(type(value)):
            yield from _names(field.type, getattr(value, field.name), f"{path}.{field.encode_name}")
    elif get_origin(kind) is UnionType:
        for one in get_args(kind):
            yield from _names(one, value, path)
    elif isinstance(value, tuple) and get_args(kind):
        labels = [getattr(item, "name", None) or "" for item in value]
        for item, place in zip(value, places(labels), strict=True):
            yield from _names(get_args(kind)[0], item, f"{path}{place}")
    elif isinstance(value, Mapping) and get_args(kind):
        for key, inner in value.items():
            yield from _names(get_args(kind)[0], key, f"{path}.{key}")
            yield from _names(get_args(kind)[1], inner, f"{path}.{key}")
