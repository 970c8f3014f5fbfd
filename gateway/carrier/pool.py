"""All binds of all carriers.

Owns: which binds there are, their start and their stop. Does not own: one bind's life (bind).
"""

from collections.abc import Callable, Iterable

import trio

from gateway.carrier.bind import Bind, BindKind, BindStatus
from gateway.carrier.link import Link
from gateway.carrier.outbind import CalledBind
from gateway.carrier.road import Road
from gateway.config import CarrierConfig, Credentials


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

    def stop(self) -> None:
        """Unbind all; ``run`` ends when they have."""
        for bind in self.binds:
            bind.stop()

    async def run(self) -> None:
        """Keep all binds up until stopped."""
        async with trio.open_nursery() as nursery:
            for bind in self.binds:
                nursery.start_soon(bind.run)
