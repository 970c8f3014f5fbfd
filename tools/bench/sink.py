"""Owns the sink as a process: its sockets, its clock, and the commands it takes.

Does not know SMPP (`carrier` does).

    python -m tools.bench.sink [--port N] [--delay SECONDS] [--receipt-delay SECONDS]

prints {"port": N} and then answers one JSON object per line of standard input with one line; end of input ends it.
`delay` holds back every byte the sink sends and so stands for the round trip of a distant carrier.
"""

import argparse
import gc
import json
import os
import select
import socket
import sys
import time
from typing import Any

from tools.bench.carrier import NEVER, Journal, Link, Sink

READ_SIZE = 1 << 16  # beyond 128 KiB the C library maps memory anew for each read


def command(sink: Sink, order: dict[str, Any]) -> dict[str, Any]:
    """Obey one line of standard input: reset (first, count), stats, or journal (path)."""
    if order["do"] == "reset":
        sink.journal = Journal(order["first"], order["count"])
    elif order["do"] == "journal":
        with open(order["path"], "wb") as file:
            sink.journal.times.tofile(file)
    return {**sink.journal.summary(), "bound": sink.bound(), "cpu": time.process_time()}


def serve(sink: Sink, listener: socket.socket, control: int) -> None:
    """Run until the control input ends. `select` it is: few sockets, and its timeouts are finer than a millisecond."""
    links: dict[socket.socket, Link] = {}
    typed = b""
    while True:
        now = time.monotonic()
        due = min(
            min((link.next_due() for link in links.values()), default=NEVER),
            min((account.next_due() for account in sink.accounts.values()), default=NEVER),
        )
        timeout = None if due == NEVER else max(0.0, due - now)
        watched: list[socket.socket | int] = [listener, control, *links]
        blocked = [sock for sock, link in links.items() if link.out]
        readable, _, _ = select.select(watched, blocked, [], timeout)
        now = time.monotonic()
        for source in readable:
            if source is listener:
                sock, _ = listener.accept()
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                links[sock] = Link(sink)
            elif isinstance(source, int):
                typed += (chunk := os.read(control, READ_SIZE))
                if not chunk:
                    return
                *lines, typed = typed.split(b"\n")
                for line in lines:
                    print(json.dumps(command(sink, json.loads(line))), flush=True)
            else:
                _read(source, links, now)
        for account in sink.accounts.values():
            account.pump(now)
        for sock, link in list(links.items()):
            link.ripen(now)
            if not _flush(sock, link) or (link.closing and not link.out and link.next_due() == NEVER):
                _drop(sock, links)


def _read(sock: socket.socket, links: dict[socket.socket, Link], now: float) -> None:
    try:
        data = sock.recv(READ_SIZE)
    except OSError:
        data = b""
    if data:
        links[sock].receive(data, now)
    else:
        _drop(sock, links)


def _flush(sock: socket.socket, link: Link) -> bool:
    """Send what can be sent; False when the connection is dead."""
    if link.out:
        try:
            del link.out[: sock.send(link.out)]
        except BlockingIOError:
            pass
        except OSError:
            return False
    return True


def _drop(sock: socket.socket, links: dict[socket.socket, Link]) -> None:
    links.pop(sock).close()
    sock.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.bench.sink", description="a fast SMSC for measurements")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free one)")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that every answer is held back")
    parser.add_argument("--receipt-delay", type=float, default=0.0, help="seconds from an answer to its receipt")
    options = parser.parse_args()
    gc.disable()  # nothing here makes cycles, and a collection would show up as a carrier's pause
    sink = Sink(
        delay=options.delay,
        receipt_delay=options.receipt_delay,
        first_id=time.time_ns() // 1000,
        date=time.strftime("%y%m%d%H%M", time.gmtime()).encode(),
    )
    with socket.create_server(("127.0.0.1", options.port), backlog=64) as listener:
        print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
        serve(sink, listener, sys.stdin.fileno())


if __name__ == "__main__":
    main()
