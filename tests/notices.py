"""Owns looking at the log that plugins read, in tests. Does not own the log (gateway/store/notices)."""

from gateway.flow.observe import HOOKS
from gateway.store.base import Store
from gateway.store.notices import Listening, Notice


async def notices_for(store: Store, plugin: str) -> list[Notice]:
    """What is in the log for a plugin that hears everything."""
    return list((await store.notices_after(Listening(plugin, frozenset(HOOKS), 0, 10_000))).notices)
