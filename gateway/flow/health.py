"""Which carriers can be sent to.

Owns: what follows from the states of a carrier's binds, and since when it has been down. Does not own: the binds (carrier), or
what becomes of texts meanwhile (submit, reroute).
"""

from collections.abc import Iterable

import trio

from gateway.carrier.bind import BindKind, BindState, BindStatus

GRACE_SECONDS = 30.0
"""A carrier whose last link was lost is back within seconds, mostly: for so long texts are still queued for it."""


class Health:
    """Follows the binds that transmit. Times are seconds of trio's clock."""

    def __init__(self, carriers: Iterable[str]) -> None:
        self._bound: dict[str, set[str]] = {carrier: set() for carrier in carriers}
        self._down_since = dict.fromkeys(self._bound, trio.current_time())
        self._all = frozenset(self._bound)

    def changed(self, status: BindStatus) -> None:
        """A bind has another state."""
        if status.kind is BindKind.RX:
            return
        bound = self._bound[status.carrier]
        if status.state is BindState.BOUND:
            bound.add(status.name)
            self._down_since.pop(status.carrier, None)
        else:
            bound.discard(status.name)
            if not bound:
                self._down_since.setdefault(status.carrier, trio.current_time())

    def down_since(self, carrier: str) -> float | None:
        """When its last bind was lost, or the process started; None while one is bound."""
        return self._down_since.get(carrier)

    @property
    def up(self) -> frozenset[str]:
        """Carriers with a bind that transmits."""
        return self._all - self._down_since.keys()

    def healthy(self) -> frozenset[str]:
        """Carriers to queue texts for: those that are up, or were a moment ago."""
        if not self._down_since:
            return self._all
        lately = trio.current_time() - GRACE_SECONDS
        return frozenset(name for name in self._all if self._down_since.get(name, lately) >= lately)
