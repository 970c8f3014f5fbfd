"""HOST:PORT as typed on a command line; it owns the reading of it."""

import argparse

from msgspec import Struct


class Endpoint(Struct, frozen=True):
    """A host (a name or an address) and a TCP port; port 0 asks for any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def endpoint(text: str) -> Endpoint:
    """`127.0.0.1:2775`, `[::1]:2775` or `localhost:2775`. Raises argparse.ArgumentTypeError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT (such as 127.0.0.1:2775)")
    return Endpoint(host.removeprefix("[").removesuffix("]"), int(port))
