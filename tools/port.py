"""A TCP port for a server that is about to be started: it owns the finding of one.

Whoever can should let the server itself ask for port 0; this is for those whose port must be written down first.
"""

import random
import socket

_MOST_TRIES = 200
# Below what systems hand to outgoing connections (RFC 6335 §6 and Linux's own range): one of those could take the port before
# the server does.
_PORTS = range(10_240, 32_768)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment. Raises OSError where none is found."""
    for _ in range(_MOST_TRIES):
        port = random.choice(_PORTS)  # noqa: S311 - several look at the same time, each elsewhere
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise OSError(f"{_MOST_TRIES} ports of 127.0.0.1 are taken")
