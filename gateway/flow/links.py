"""Linking a number that wrote to a consumer's account, and asking its owner to opt in (features C5).

Owns: the order of the two. Does not own: the request (optins), or which numbers are unlinked (store).

The request is made first: should the process end between the two, the link said again finds the request open and is recorded.
"""

from collections.abc import Callable

from gateway.config import ClientConfig
from gateway.flow.invalid import Invalid
from gateway.flow.optins import OptIns, OptinWish
from gateway.model.address import Number
from gateway.model.consent import Method
from gateway.store.base import Store
from gateway.store.optins import Requested
from gateway.store.unlinked import Link


class Links:
    """Links numbers to accounts."""

    def __init__(self, store: Store, optins: OptIns, now: Callable[[], int]) -> None:
        self._store = store
        self._optins = optins
        self._now = now

    async def link(
        self, client: ClientConfig, number: Number, account: str, program: str, category: str, agent: str | None
    ) -> Requested | Invalid:
        """Record the link, and what came of the request. Raises Transient where the store cannot write now."""
        wish = OptinWish(Method.SUPERVISOR, number, program, category, account, agent)
        outcome = await self._optins.request(client, wish)
        if not isinstance(outcome, Invalid):
            await self._store.link_number(Link(number, client.id, account, self._now()))
        return outcome
