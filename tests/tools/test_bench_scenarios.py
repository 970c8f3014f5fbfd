"""The bench's scenarios on a small gateway: HTTP in, SMPP out, nothing kept."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.bench import run as run_module
from tools.bench import scenarios
from tools.bench.blaster import bind, submit_sm
from tools.bench.carrier import DELIVER_SM, DELIVER_SM_RESP, HEADER
from tools.bench.load import Form
from tools.bench.run import Figures, SinkProcess, measure, order
from tools.bench.scenarios import ROUND_TRIP, ROUND_TRIP_WINDOW, Sizes, run
from tools.bench.system import System
from tools.bench.traffic import NUMBER, TEXT

HEAD = "POST /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {{length}}\r\n\r\n"
ITEM = f'{{"to":"{NUMBER}","text":"{TEXT}"}}'
Copies = Callable[[int], int]


class Server(ThreadingHTTPServer):
    request_queue_size = 64


class Small:
    """A `System` in this process: each text is submitted as often as `copies` says."""

    name = "small"
    single = Form(head=HEAD.format(path="one"), item=ITEM)
    batch: Form | None = Form(
        head=HEAD.format(path="many"), opening="[", item=ITEM, closing="]", accepted=('"status":202',)
    )

    def __init__(self, directory: Path, *, smsc_port: int, window: int, copies: Copies = lambda _: 1) -> None:
        self._smsc_port = smsc_port
        self._slots = threading.BoundedSemaphore(window)
        self._copies = copies
        self._writing = threading.Lock()
        self._sequence = 1
        self.admitted = 0

    def start(self) -> None:
        self._sock = bind(self._smsc_port, "small")
        self._sock.settimeout(None)
        small = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = b""
                if isinstance(body, list):
                    answer = b",".join(b'{"status":202}' for _ in body)
                for item in body if isinstance(body, list) else [body]:
                    small.submit(int(item["text"][:8]))
                self.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))

            def log_message(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Door)
        self._threads = [
            threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}),
            threading.Thread(target=self._read),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._server.server_close()
        self._sock.close()

    def submit(self, token: int) -> None:
        for _ in range(self._copies(token)):
            self._slots.acquire()
            with self._writing:
                self._sequence += 1
                self._sock.sendall(submit_sm(self._sequence, token, 1))

    def _read(self) -> None:
        buf = b""
        while chunk := self._sock.recv(65536):
            buf += chunk
            while len(buf) >= 16 and len(buf) >= HEADER.unpack_from(buf)[0]:
                length, command, _, sequence = HEADER.unpack_from(buf)
                buf = buf[length:]
                if command == DELIVER_SM:
                    with self._writing:
                        self._sock.sendall(HEADER.pack(17, DELIVER_SM_RESP, 0, sequence) + b"\0")
                else:
                    self._slots.release()

    def pids(self) -> list[int]:
        return [os.getpid()]

    def port(self) -> int:
        port: int = self._server.server_address[1]
        return port

    def admit(self, numbers: int) -> None:
        self.admitted = numbers

    def complaints(self) -> str:
        return ""


@contextmanager
def running(copies: Copies = lambda _: 1) -> Iterator[tuple[Small, SinkProcess]]:
    with SinkProcess() as sink:
        system = Small(Path(), smsc_port=sink.port, window=100, copies=copies)
        system.start()
        try:
            yield system, sink
        finally:
            system.stop()


def measured(directory: Path, copies: Copies = lambda _: 1, batch: int = 1) -> Figures:
    with running(copies) as (system, sink):
        wanted = order(system, directory, count=50, batch=batch, connections=3, numbers=50)
        return measure("test", system, sink, directory, wanted)


@pytest.mark.parametrize("batch", [1, 7])
def test_every_text_is_followed_from_request_to_receipt(tmp_path: Path, batch: int) -> None:
    figures = measured(tmp_path, batch=batch)
    assert (figures.accepted, figures.submitted, figures.receipts) == (50, 50, 50)
    assert (figures.refused, figures.lost, figures.duplicates, figures.note) == (0, 0, 0, "")
    assert figures.accept_p50 is not None
    assert figures.accept_p99 is not None
    assert 0 < figures.accept_p50 <= figures.accept_p99
    assert figures.wire_p50 is not None
    assert figures.wire_p99 is not None
    assert 0 < figures.wire_p50 <= figures.wire_p99


def test_a_lost_text_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "STALL", 0.3)
    figures = measured(tmp_path, copies=lambda token: 0 if token == 13 else 1)
    assert (figures.accepted, figures.lost, figures.duplicates) == (50, 1, 0)
    assert figures.note == "1 accepted and not submitted"


def test_a_text_sent_twice_is_noticed(tmp_path: Path) -> None:
    figures = measured(tmp_path, copies=lambda token: 2 if token == 13 else 1)
    assert (figures.lost, figures.duplicates) == (0, 1)
    assert "1 submitted again" in figures.note


def test_the_steady_scenarios_and_the_round_trip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "RECEIPT_DELAY", 0.0)
    monkeypatch.setattr(scenarios, "SETTLE", 0.0)
    made: list[Small] = []

    def setting(directory: Path, *, smsc_port: int, window: int) -> System:
        made.append(Small(directory, smsc_port=smsc_port, window=window))
        return made[-1]

    amounts = Sizes(single=40, batch=60, latency=20, rtt=96, backlog=1, idle_seconds=0.05)
    figures = list(run(("idle", "single", "batch", "latency", "rtt"), setting, amounts, tmp_path))
    assert [run.scenario for run in figures] == ["single, first", "single", "batch", "idle", "latency", "rtt"]
    assert [run.messages for run in figures] == [40, 40, 60, 0, 20, 96]
    assert all(run.lost == run.refused == run.duplicates == 0 for run in figures)
    assert [system.admitted for system in made] == [60, 20, 96]
    *_, idle, _, distant = figures
    assert idle.idle_cpu_percent is not None
    # it never has more unanswered than the window, so it cannot be faster than window / round trip
    assert distant.ideal_share is not None
    assert distant.ideal_share <= 1.0
    assert distant.end_to_end_rate is not None
    assert distant.end_to_end_rate <= 1.5 * ROUND_TRIP_WINDOW / ROUND_TRIP + 1
