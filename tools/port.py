"""A TCP port for a server that is about to be started: it owns the finding of one.

Whoever can should let the server itself ask for port 0; this is for those whose port must be written down first.
"""

import socket


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
