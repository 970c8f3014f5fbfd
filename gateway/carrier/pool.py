"""All binds of all carriers.

Owns: which binds there are, their start and their stop. Does not own: one bind's life (bind).
"""

import ssl
from collections.abc import Callable, Iterable, Mapping

import trio

from gateway.carrier.bind import Bind, BindKind, BindStatus
from gateway.carrier.link import Link
from gateway.carrier.road import Road
from gateway.config import CarrierConfig


class Pool:
    """The binds of a configuration."""

    def __init__(
        self,
        carriers: Iterable[CarrierConfig],
        passwords: Mapping[str, str],
        road: Road,
        on_state: Callable[[BindStatus], None],
    ) -> None:
        self.binds: list[Bind] = []
        for carrier in carriers:
            tls = tls_context(carrier) if carrier.tls.enabled else None
            kind = BindKind.TRX if carrier.bind == "trx" else BindKind.TX
            for kind_, count in ((kind, carrier.binds), (BindKind.RX, carrier.receivers)):
                for index in range(1, count + 1):
                    self.binds.append(Bind(carrier, kind_, index, passwords[carrier.name], road, on_state, tls))

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


def tls_context(carrier: CarrierConfig) -> ssl.SSLContext:
    """TLS to a carrier: 1.2 or newer, its certificate and name always verified."""
    context = ssl.create_default_context(cafile=carrier.tls.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if carrier.tls.cert_file is not None:
        context.load_cert_chain(carrier.tls.cert_file, carrier.tls.key_file)
    return context
