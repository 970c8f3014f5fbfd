"""What plugins.toml may say: which plugins run, and with what settings.

Owns: the list and the free-form tables. Does not own: what a plugin's settings mean (its own settings struct says so,
when it is registered).
"""

from collections.abc import Iterator
from typing import Any

from msgspec import field

from gateway.config.fields import Name, Section, Wrong


class PluginsConfig(Section, frozen=True, kw_only=True):
    """plugins.toml."""

    enabled: tuple[Name, ...] = ()
    """In the order in which they are asked."""
    settings: dict[Name, dict[str, Any]] = field(default_factory=dict)
    """[settings.NAME] of each plugin; one that is not enabled keeps its table unread."""

    def __repr__(self) -> str:
        """Without settings: they may hold secrets."""
        return f"PluginsConfig(enabled={self.enabled!r})"

    def check(self) -> Iterator[Wrong]:
        """No plugin twice."""
        if len(set(self.enabled)) < len(self.enabled):
            yield "enabled", "names the same plugin twice", "keep one of the two"
