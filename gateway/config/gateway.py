"""What gateway.toml may say: where texts are kept, where the doors are, how to stop.

Owns: the sections of that file with their ranges and defaults. Does not own: reading it (load).
"""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated, Literal

from msgspec import Meta

from gateway.config.fields import Listen, Seconds, Section, Wrong, split_listen


class StoreConfig(Section, frozen=True, kw_only=True):
    """[store]: the disk."""

    path: Annotated[
        str, Meta(pattern=r"^[^\x00]{1,1000}\Z", description="a directory; a relative one starts where assent is run")
    ] = "data"
    """The data directory: database, and the secrets that are given as relative file names."""
    reserve_mib: Annotated[int, Meta(ge=0, le=1_048_576, description="mebibytes, 0 to 1048576")] = 64
    """New texts are refused while the disk has less than this free: what is left drains the queue."""


class HttpConfig(Section, frozen=True, kw_only=True):
    """[http]: the door for clients, and what one of them may take of it."""

    listen: Listen = "127.0.0.1:8080"
    header_kib: Annotated[int, Meta(ge=1, le=64, description="kibibytes, 1 to 64")] = 16
    """Request line and headers together; more is 431."""
    body_mib: Annotated[int, Meta(ge=1, le=16, description="mebibytes, 1 to 16")] = 1
    """More is 413. The campaign of a dry run may have 16 MiB."""
    connections: Annotated[int, Meta(ge=1, le=65_536, description="a whole number, 1 to 65536")] = 512
    connections_per_address: Annotated[int, Meta(ge=1, le=65_536, description="a whole number, 1 to 65536")] = 128
    head_seconds: Seconds = 5.0
    """From the first byte of a request (or the start of the connection) to the end of its headers, however it drips."""
    body_seconds: Seconds = 10.0
    """From the end of the headers to the end of the body."""
    idle_seconds: Seconds = 60.0
    """Between two requests of one connection."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        return split_listen(self.listen)

    def check(self) -> Iterator[Wrong]:
        """The port's range, and a cap per address that the cap for all would hide."""
        if self.listen and self.address[1] > 65535:
            yield "listen", "the port is above 65535", "give a port from 0 to 65535"
        if self.connections_per_address > self.connections:
            yield "connections_per_address", "is more than connections", f"give at most {self.connections}"


class AdminConfig(Section, frozen=True, kw_only=True):
    """[admin]: the door for operators. It asks for the token in ``admin.token`` of the data directory, and as that travels in
    the clear, it opens on this machine alone."""

    listen: Listen = "127.0.0.1:8081"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        return split_listen(self.listen)

    def check(self) -> Iterator[Wrong]:
        """Loopback only."""
        if not self.listen:
            return
        host, port = self.address
        if port > 65535:
            yield "listen", "the port is above 65535", "give a port from 0 to 65535"
        if not is_loopback(host):
            yield (
                "listen",
                f"{host} can be reached from other machines, and the operator's token would travel in the clear",
                'listen on "127.0.0.1:8081" and put a proxy with TLS in front of it',
            )


class LogConfig(Section, frozen=True, kw_only=True):
    """[log]: what standard error gets to see."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "text"


class StopConfig(Section, frozen=True, kw_only=True):
    """[stop]: how long an orderly stop may take, step by step. Nothing is lost when a step runs out of time."""

    drain_seconds: Seconds = 5.0
    """For carriers to answer what is in flight."""
    unbind_seconds: Seconds = 2.0
    """For carriers to answer unbind."""
    outbox_seconds: Seconds = 2.0
    """For webhooks that are being delivered."""


class GatewayConfig(Section, frozen=True, kw_only=True):
    """gateway.toml."""

    store: StoreConfig = StoreConfig()
    http: HttpConfig = HttpConfig()
    admin: AdminConfig = AdminConfig()
    log: LogConfig = LogConfig()
    stop: StopConfig = StopConfig()


def is_loopback(host: str) -> bool:
    """Whether this host, a name or an address without brackets, is this machine as it is reached from itself alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
