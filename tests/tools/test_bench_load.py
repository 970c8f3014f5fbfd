"""The bench's HTTP load against a server that reads requests with another library."""

import json
import socketserver
import threading
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from phonenumbers import is_valid_number, parse

from tools.bench.child import BenchError
from tools.bench.load import Form, Load, Order, length_of
from tools.bench.run import load
from tools.bench.traffic import NUMBER, SUBSCRIBERS, TEXT, gaps, percentile, subscriber

HEAD = (
    "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer key\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)
ITEM = f'{{"to":"{NUMBER}","text":"{TEXT}"}}'
SINGLE = Form(head=HEAD, item=ITEM)
BATCH = Form(head=HEAD, opening='{"messages":[', item=ITEM, closing="]}", accepted=('"status":202',))
Answer = Callable[[Any], tuple[int, bytes]]


def order(
    port: int = 0, *, form: Form = SINGLE, count: int = 50, journal: Path = Path("unused"), **other: Any
) -> Order:
    options: dict[str, Any] = {"first": 0, "batch": 1, "connections": 4, "rate": 0.0, "numbers": 1000, **other}
    return Order(port=port, form=form, count=count, journal=str(journal), **options)


@contextmanager
def serving(answer: Answer) -> Iterator[tuple[int, list[Any]]]:
    """A server on a port of its own; what its requests said, and how many connections it saw, for the test."""
    seen: list[Any] = []

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            assert self.headers["Authorization"] == "Bearer key"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append(body)
            status, content = answer(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1], seen
        finally:
            server.shutdown()
            thread.join(10)


def journals(path: Path, count: int) -> tuple["array[float]", "array[float]"]:
    sent, answered = array("d"), array("d")
    with path.open("rb") as file:
        sent.fromfile(file, count)
        answered.fromfile(file, count)
    return sent, answered


def test_single_requests_are_all_sent_once(tmp_path: Path) -> None:
    with serving(lambda _: (202, b"{}")) as (port, seen):
        tally = load(order(port, count=50, journal=tmp_path / "journal"), 30)
    assert (tally.accepted, tally.refused, tally.unanswered, tally.complaint) == (50, 0, 0, "")
    assert sorted(body["text"][:8] for body in seen) == [f"{token:08d}" for token in range(50)]
    assert len({body["to"] for body in seen}) == 50
    sent, answered = journals(tmp_path / "journal", 50)
    assert all(tally.started <= start <= end <= tally.finished for start, end in zip(sent, answered, strict=True))


def test_batches_are_counted_by_item_and_the_last_one_may_be_smaller(tmp_path: Path) -> None:
    def answer(body: Any) -> tuple[int, bytes]:
        results = [{"status": 422 if item["text"].startswith("00000007") else 202} for item in body["messages"]]
        return 200, json.dumps({"results": results}, separators=(",", ":")).encode()

    with serving(answer) as (port, seen):
        tally = load(order(port, form=BATCH, count=25, batch=10, journal=tmp_path / "journal"), 30)
    assert sorted(len(body["messages"]) for body in seen) == [5, 10, 10]
    assert (tally.accepted, tally.refused) == (24, 1)
    assert tally.complaint.startswith("HTTP 200 ")
    assert min(journals(tmp_path / "journal", 25)[1]) > 0


def test_a_refusal_is_told_in_its_own_words(tmp_path: Path) -> None:
    with serving(lambda _: (422, b'{"code":"consent.missing"}')) as (port, _):
        tally = load(order(port, count=3, journal=tmp_path / "journal"), 30)
    assert (tally.accepted, tally.refused) == (0, 3)
    assert tally.complaint == 'HTTP 422 {"code":"consent.missing"}'


def test_a_rate_is_not_exceeded(tmp_path: Path) -> None:
    with serving(lambda _: (202, b"{}")) as (port, seen):
        tally = load(order(port, count=21, rate=400.0, journal=tmp_path / "journal"), 30)
    sent, _ = journals(tmp_path / "journal", 21)
    assert tally.accepted == len(seen) == 21
    assert all(moment >= tally.started + token / 400.0 for token, moment in enumerate(sent))


def test_a_request_that_waited_for_a_connection_counts_from_when_it_was_due(tmp_path: Path) -> None:
    gate = threading.Event()

    def answer(body: Any) -> tuple[int, bytes]:
        # the one connection is busy with the first text until all of them have long been due
        if body["text"].startswith("00000000"):
            gate.wait(0.1)
        return 202, b"{}"

    with serving(answer) as (port, _):
        tally = load(order(port, count=6, rate=1000.0, connections=1, journal=tmp_path / "journal"), 30)
    sent, answered = journals(tmp_path / "journal", 6)
    assert answered[0] >= tally.started + 0.1
    assert [moment - tally.started for moment in sent[1:]] == pytest.approx([0.001, 0.002, 0.003, 0.004, 0.005])


def test_a_server_that_hangs_up_ends_the_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    class Rude(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)

    with socketserver.TCPServer(("127.0.0.1", 0), Rude) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(BenchError, match=r"tools\.bench\.load ended too early"):
            load(order(server.server_address[1], count=1, journal=tmp_path / "journal"), 30)
        thread.join(10)
    assert "load: " in capfd.readouterr().err


def test_the_length_of_a_request_is_that_of_its_body() -> None:
    for form, count in ((SINGLE, 1), (BATCH, 3), (BATCH, 1)):
        head, _, body = Load(order(form=form)).request(5, count).partition(b"\r\n\r\n")
        assert b"Content-Length: %d\r\n" % len(body) in head + b"\r\n"
        json.loads(body)


def test_numbers_are_used_in_turn() -> None:
    one = Load(order(numbers=10))
    number = json.loads(one.request(3, 1).partition(b"\r\n\r\n")[2])["to"]
    assert json.loads(one.request(13, 1).partition(b"\r\n\r\n")[2])["to"] == number


@pytest.mark.parametrize(
    ("received", "length"),
    [
        (b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}", 46),
        (b"HTTP/1.1 202 Accepted\r\nServer: x\r\nContent-Length:12\r\nA: b\r\n\r\n", 73),
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n", None),
        (b"", None),
    ],
)
def test_an_answer_is_as_long_as_it_says(received: bytes, length: int | None) -> None:
    assert length_of(received) == length


def test_an_answer_must_say_how_long_it_is() -> None:
    with pytest.raises(ValueError, match="without Content-Length"):
        length_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_every_subscriber_has_a_valid_number() -> None:
    for index in (*range(0, SUBSCRIBERS, 99_991), SUBSCRIBERS - 1):
        assert is_valid_number(parse(NUMBER % subscriber(index)))
    assert len({subscriber(index) for index in range(0, SUBSCRIBERS, 1009)}) == len(range(0, SUBSCRIBERS, 1009))


def test_percentiles_are_values_that_occurred() -> None:
    hundred = [float(value) for value in range(1, 101)]
    assert percentile(hundred, 0.5) == 50.0
    assert percentile(hundred, 0.99) == 99.0
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([], 0.5) is None


def test_gaps_leave_out_what_did_not_happen() -> None:
    starts, ends = array("d", [1.0, 2.0, 3.0, 0.0]), array("d", [1.5, 0.0, 3.1, 4.0])
    assert gaps(starts, ends) == pytest.approx([0.1, 0.5])
