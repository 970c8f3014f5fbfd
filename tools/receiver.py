"""Owns `assent receiver`: a small webhook receiver that checks signatures and shows events, for demos and fault runs.

Does not keep or act on events. Other than a real receiver it can be told to misbehave: answer with any status, never
answer, or answer one byte a second.
"""

import argparse
import json
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from http.client import responses
from http.server import BaseHTTPRequestHandler
from socket import AF_INET6
from socketserver import ThreadingTCPServer
from typing import Any, Final, TextIO

from gateway.webhook.sign import InvalidSecret, Secret, Unverified, verify

_LARGEST_BODY: Final = 1024 * 1024
_READ_LIMIT: Final = 30.0  # seconds without a byte from the sender
_DRIP_INTERVAL: Final = 1.0
_SHOWN: Final = 400  # characters of a body on the screen; the journal has all of it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `main` reads."""
    parser.description = "Receive webhooks: verify each signature and print one line for each event."
    parser.add_argument("--listen", default="127.0.0.1:9099", metavar="HOST:PORT", help="default %(default)s")
    parser.add_argument(
        "--secret",
        action="append",
        required=True,
        metavar="whsec_…",
        help="as in the configuration of the gateway; twice while it is being changed over",
    )
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    parser.add_argument("--journal", metavar="FILE", help="append every event to FILE as a JSON line")
    fault = parser.add_mutually_exclusive_group()
    fault.add_argument("--status", type=int, default=204, metavar="CODE", help="answer good events with this status")
    fault.add_argument("--hang", action="store_true", help="never answer")
    fault.add_argument("--drip", action="store_true", help="answer one byte a second")


def main(args: argparse.Namespace) -> int:
    """Serve until interrupted. Returns 0, 2 for arguments that make no sense, 1 when the port or file cannot be had."""
    try:
        secrets = [Secret.parse(text) for text in args.secret]
        host, port = _address(args.listen)
        if not 200 <= args.status <= 599:
            raise ValueError(f"--status: {args.status} is no final status; use 200 to 599")
    except InvalidSecret as error:
        return _complain(f"--{error}", 2)
    except ValueError as error:
        return _complain(str(error), 2)
    with ExitStack() as stack:
        try:
            journal = None
            if args.journal is not None:
                journal = stack.enter_context(open(args.journal, "a", encoding="utf-8", buffering=1))
            fault = "hang" if args.hang else "drip" if args.drip else None
            receiver = stack.enter_context(
                Receiver(host, port, secrets, sys.stdout, journal, as_json=args.json, status=args.status, fault=fault)
            )
        except OSError as error:
            return _complain(f"cannot start on {args.listen}: {error.strerror}: {error.filename or 'address'}", 1)
        try:
            print(f"receiver listens on {receiver.url}", file=sys.stderr, flush=True)
            receiver.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


class Receiver(ThreadingTCPServer):
    """The server. Start it with `serve_forever` in a thread or process of its own; `url` says where it listens.

    `fault`: None, "hang" or "drip". Every event is one line on `out` and one in the `journal`.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        host: str,
        port: int,
        secrets: list[Secret],
        out: TextIO,
        journal: TextIO | None = None,
        *,
        as_json: bool = False,
        status: int = 204,
        fault: str | None = None,
    ) -> None:
        if ":" in host:
            self.address_family = AF_INET6
        super().__init__((host, port), _Exchange)
        self.secrets = secrets
        self.status = status
        self.fault = fault
        self._out = out
        self._journal = journal
        self._as_json = as_json
        self._lines = threading.Lock()

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}/" if self.address_family == AF_INET6 else f"http://{host!s}:{port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that went away is no event; anything else is shown as usual."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def show(self, event: dict[str, Any]) -> None:
        """Write an event out, whole lines only and at once."""
        line = json.dumps(event) if self._as_json else _sentence(event)
        with self._lines:
            print(line, file=self._out, flush=True)
            if self._journal is not None:
                print(json.dumps(event), file=self._journal, flush=True)


class _Exchange(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"
    timeout = _READ_LIMIT
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        given = self.headers.get("content-length", "")
        if not (given.isascii() and given.isdigit()):
            return self._refuse(411)
        length = int(given[:10])  # no longer than it takes to see that it is too much
        if length > _LARGEST_BODY:
            return self._refuse(413)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return None
        reason = None
        try:
            verify(self.server.secrets, dict(self.headers.items()), body, time.time())
        except Unverified as error:
            reason = str(error)
        self.server.show(_event(self.headers.get("webhook-id"), self.headers.get("webhook-timestamp"), reason, body))
        if self.server.fault == "hang":
            self.connection.settimeout(None)
            self.rfile.read(1)  # returns when the sender gives up
            self.close_connection = True
            return None
        return self._answer(self.server.status if reason is None else 401)

    def _refuse(self, status: int) -> None:
        self.close_connection = True  # the body was not read, so what follows is no request
        self._answer(status)

    def _answer(self, status: int) -> None:
        lines = [f"HTTP/1.1 {status} {responses.get(status, '')}"]
        if status not in (204, 304):
            lines.append("Content-Length: 0")
        if self.close_connection:
            lines.append("Connection: close")
        answer = "\r\n".join([*lines, "", ""]).encode("ascii")
        if self.server.fault != "drip":
            self.wfile.write(answer)
            return
        for place in range(len(answer)):
            self.wfile.write(answer[place : place + 1])
            time.sleep(_DRIP_INTERVAL)

    def log_message(self, *args: Any) -> None:
        """One line for an event is enough; the access log would be a second one."""


def _event(webhook_id: str | None, timestamp: str | None, reason: str | None, body: bytes) -> dict[str, Any]:
    """What is shown: both clocks, the three facts of the header, and the body only if it comes from our gateway."""
    content: Any = None
    if reason is None:
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            content = body.decode("utf-8", "replace")
    return {
        "wall": time.time(),
        "monotonic": time.monotonic(),
        "verified": reason is None,
        "reason": reason,
        "id": webhook_id,
        "timestamp": timestamp,
        "type": content.get("type") if isinstance(content, dict) else None,
        "size": len(body),
        "body": content,
    }


def _sentence(event: dict[str, Any]) -> str:
    moment = datetime.fromtimestamp(event["wall"], UTC).strftime("%H:%M:%S.%f")[:-3] + "Z"
    if not event["verified"]:
        # Strangers write the header: as JSON it can neither fake a line nor steer a terminal.
        return f"{moment} REFUSED {event['reason']} ({event['size']} bytes, id {json.dumps(event['id'])})"
    shown = json.dumps(event["body"])
    if len(shown) > _SHOWN:
        shown = shown[:_SHOWN] + "…"
    return f"{moment} {json.dumps(event['type'])} {event['id']} {shown}"


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 0xFFFF):
        raise ValueError(f"--listen: {text} is not HOST:PORT; write 127.0.0.1:9099 or [::1]:9099")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _complain(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(prog="receiver")
    add_arguments(arguments)
    sys.exit(main(arguments.parse_args()))
