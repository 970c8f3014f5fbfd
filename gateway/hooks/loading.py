"""Loading plugins at the start, with a fence around their code.

Owns: what becomes of a plugin that raises, or does not come back, while it is imported and asked what it declares. Does not own:
finding plugins and taking in what they declare (discovery), or calls while the gateway runs (host).

The code runs on a thread of its own, and the start waits for it so long and no longer. A thread that does not come back is left
behind: the start has failed by then, and the thread ends with the process.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

from gateway.config.plugins import PluginsConfig
from gateway.hooks.discovery import Finder, load_plugins
from gateway.hooks.plugin import NotAPlugin, Plugin
from gateway.hooks.turns import told_of
from gateway.log import Log

_log = Log(__name__)

LOAD_SECONDS: Final = 30.0
"""For importing a plugin, and for each of its declarations."""


def load(config: PluginsConfig, finder: Finder, seconds: float = LOAD_SECONDS) -> list[Plugin]:
    """The enabled plugins. Raises ConfigError with all that is wrong with them."""

    def attempt(work: Callable[[], Any]) -> Any:
        attempted = _Attempt(work)
        thread = threading.Thread(target=attempted, name="plugin", daemon=True)
        thread.start()
        thread.join(seconds)
        if thread.is_alive():
            raise NotAPlugin(
                f"does not come back from being loaded within {seconds:g} s",
                "let it wait for nothing while it is imported or declares; what takes time belongs in an observer",
            )
        error = attempted.error
        if isinstance(error, Exception | SystemExit) and not isinstance(error, NotAPlugin):
            _log.error("plugin cannot be loaded", error=error)
            raise NotAPlugin(f"raises {told_of(error)}", "see the log") from error
        if error is not None:
            raise error
        return attempted.result

    return load_plugins(config, finder, attempt)


class _Attempt:
    """A call of a plugin's code, on a thread."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self.result: Any = None
        self.error: BaseException | None = None

    def __call__(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the thread
            self.error = error
