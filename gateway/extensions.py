"""What extends the gateway: the plugins that are enabled, and the templates of theirs and of the configuration.

Owns: finding them, with all that is wrong with them, and what may surprise where they meet. Does not own: how a plugin is loaded
(hooks), what a template says (flow).
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

import plugins
from gateway.config import ClientConfig, Config, ConfigError, Fault
from gateway.config.decode import did_you_mean
from gateway.config.templates import TemplateFile, read_template_files
from gateway.flow.fit import find_misfit
from gateway.hooks.discovery import Finder
from gateway.hooks.loading import load
from gateway.hooks.names import find_misfilled, find_strange_templates, find_unknown
from gateway.hooks.plugin import Plugin
from gateway.text.template_spec import TemplateSpec

_log = logging.getLogger("gateway.app")


def find_plugins(config: Config) -> list[Plugin]:
    """The enabled plugins, of ours and of installed packages. Raises ConfigError with all that is wrong with them."""
    found = load(config.plugins, Finder((plugins.__name__,)))
    unknown = list(find_unknown(found, config))
    if unknown:
        raise ConfigError(unknown)
    return found


def template_files(config: Config, enabled: Sequence[Plugin]) -> list[TemplateFile]:
    """The templates of the plugins that run, and then those of the configuration: a later one takes the place of an earlier.

    Raises ConfigError."""
    files: list[TemplateFile] = []
    faults: list[Fault] = []
    for plugin in enabled:
        found, wrong = read_template_files(plugin.templates, plugin.name, f"{plugin.name}.")
        files += found
        faults += wrong
    if faults:
        raise ConfigError(faults)
    theirs = {file.name for file in files}
    for file in config.templates:
        owner, _, _ = file.name.partition(".")
        known = [name for name in theirs if name.startswith(f"{owner}.")]
        if known and file.name not in theirs:
            _log.warning("%s takes no other template's place: %s", file.place, did_you_mean(file.name, known))
    files += config.templates
    for fault in find_strange_templates(enabled, (file.name for file in files)):
        _log.warning("%s", fault)
    return files


def advise_on_templates(
    clients: Iterable[ClientConfig],
    enabled: Iterable[Plugin],
    shared: Sequence[TemplateSpec],
    of: Callable[[ClientConfig], Iterable[TemplateSpec]],
) -> Iterator[Fault]:
    """Yield what is allowed and keeps texts from being sent: values that do not fit the templates (``shared``: everybody's), and
    names of clients that make theirs (``of`` a client) too long."""
    yield from find_misfilled(enabled, {spec.name: spec.variables for spec in shared})
    for client in clients:
        misfit = find_misfit(client, of(client))
        if misfit is not None:
            yield misfit
