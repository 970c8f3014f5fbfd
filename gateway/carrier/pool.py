"""All binds of all carriers.

Owns: which binds there are, their start and their stop. Does not own: one bind's life (bind).
"""

import logging
import math
from collections.abc import Callable, Iterable

import trio

from gateway.carrier.bind import Bind, BindKind, BindState, BindStatus
from gateway.carrier.link import Link
from gateway.carrier.outbind import CalledBind
from gateway.carrier.road import Road
from gateway.config import CarrierConfig, Credentials

_log = logging.getLogger("gateway.carrier")


class Pool:
    """The binds of a configuration."""

    def __init__(
        self,
        carriers: Iterable[CarrierConfig],
        credentials: Credentials,
        road: Road,
        on_state: Callable[[BindStatus], None],
    ) -> None:
        self.binds: list[Bind] = []
        self._life = trio.CancelScope()
        for carrier in carriers:
            password, tls = credentials.carriers[carrier.name], credentials.tls.get(carrier.name)
            kind = BindKind.TRX if carrier.bind == "trx" else BindKind.TX
            for kind_, count in ((kind, carrier.binds), (BindKind.RX, carrier.receivers)):
                for index in range(1, count + 1):
                    self.binds.append(Bind(carrier, kind_, index, password, road, on_state, tls))
            if carrier.outbind is not None:
                self.binds.append(CalledBind(carrier, password, credentials.outbinds[carrier.name], road, on_state))

    def observe(self) -> list[BindStatus]:
        """What each bind is doing now."""
        return [bind.observe() for bind in self.binds]

    def links(self) -> list[Link]:
        """The links that are alive."""
        return [bind.link for bind in self.binds if bind.link is not None]

    def stop(self, patience: float = math.inf) -> None:
        """Unbind all; ``run`` ends when they have, or so many seconds later: a carrier that is gone answers nothing."""
        for bind in self.binds:
            bind.stop()
        self._life.deadline = trio.current_time() + patience

    async def run(self) -> None:
        """Keep all binds up until stopped."""
        with self._life:
            async with trio.open_nursery() as nursery:
                for bind in self.binds:
                    nursery.start_soon(bind.run)
        if self._life.cancelled_caught:
            late = [bind.status.name for bind in self.binds if bind.status.state is not BindState.STOPPED]
            _log.warning("not unbound in time, and cut: %s", ", ".join(late))
