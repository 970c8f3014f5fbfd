"""The webhook receiver: what it verifies, what it shows, and how it misbehaves to order."""

import argparse
import io
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import trio

from gateway.webhook.client import Client, Endpoint
from gateway.webhook.schedule import Verdict
from gateway.webhook.sign import Secret, new_secret, sign
from tools.receiver import Receiver, add_arguments, main

SECRET = new_secret()
EVENT = b'{"type":"message.delivered","data":{"id":"msg_1"}}'


@contextmanager
def serving(
    *, status: int = 204, fault: str | None = None, as_json: bool = True, journal: io.StringIO | None = None
) -> Iterator[tuple[Receiver, io.StringIO]]:
    out = io.StringIO()
    with Receiver("127.0.0.1", 0, [SECRET], out, journal, as_json=as_json, status=status, fault=fault) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver, out
        finally:
            receiver.shutdown()
            thread.join()


@contextmanager
def connected(receiver: Receiver) -> Iterator[socket.socket]:
    with closing(socket.create_connection(("127.0.0.1", receiver.server_address[1]), 10)) as connection:
        yield connection


def exchange(receiver: Receiver, request: bytes) -> bytes:
    """Send bytes on a connection of their own and read until the receiver closes."""
    with connected(receiver) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def post(headers: dict[str, str], body: bytes) -> bytes:
    fields = {"Host": "localhost", "Connection": "close", "Content-Length": str(len(body))} | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST /any/path?x HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def signed(body: bytes = EVENT, secret: Secret = SECRET, webhook_id: str = "evt_1", age: int = 0) -> bytes:
    return post(sign([secret], webhook_id, int(time.time()) - age, body), body)


def test_a_good_event_is_shown_and_answered() -> None:
    with serving() as (receiver, out):
        before = time.time(), time.monotonic()
        assert exchange(receiver, signed()).startswith(b"HTTP/1.1 204 No Content\r\n")
        after = time.time(), time.monotonic()
    (line,) = out.getvalue().splitlines()
    event = json.loads(line)
    assert before[0] <= event.pop("wall") <= after[0]
    assert before[1] <= event.pop("monotonic") <= after[1]
    assert int(event.pop("timestamp")) <= after[0]
    assert event == {
        "verified": True,
        "reason": None,
        "id": "evt_1",
        "type": "message.delivered",
        "size": len(EVENT),
        "body": json.loads(EVENT),
    }


ODD = {"webhook-id": "\x1b[2J\xff", "webhook-timestamp": "1", "webhook-signature": "v1,\xff"}


@pytest.mark.parametrize(
    ("request_now", "reason"),
    [
        (lambda: signed(secret=new_secret()), "no signature matches"),
        (lambda: signed(age=400), "the timestamp is too old"),
        (lambda: signed(age=-400), "the timestamp is in the future"),
        (lambda: signed().replace(b"msg_1", b"msg_2"), "no signature matches"),
        (lambda: post({}, EVENT), "a webhook-id, webhook-timestamp or webhook-signature header is missing"),
        (lambda: post(ODD, EVENT), "no signature matches"),
    ],
)
def test_a_bad_event_is_shown_and_refused(request_now: Callable[[], bytes], reason: str) -> None:
    for as_json in (True, False):
        with serving(as_json=as_json) as (receiver, out):
            assert exchange(receiver, request_now()).startswith(b"HTTP/1.1 401 Unauthorized\r\n")
        (line,) = out.getvalue().splitlines()
        assert reason in line
        assert "msg_" not in line  # a stranger's content is not shown
        assert line.isprintable()
        assert line.isascii()


def test_lines_for_people() -> None:
    with serving(as_json=False) as (receiver, out):
        exchange(receiver, signed())
        exchange(receiver, signed(b'{"text":"' + b"x" * 5000 + b'"}', webhook_id="evt_2"))
        exchange(receiver, signed("über\x1b".encode(), webhook_id="evt_3"))
        exchange(receiver, signed(b"[" * 100_000, webhook_id="evt_4"))
    first, second, third, fourth = out.getvalue().splitlines()
    assert first[8:].endswith('Z "message.delivered" evt_1 {"type": "message.delivered", "data": {"id": "msg_1"}}')
    assert "evt_2" in second
    assert second.endswith("x…")
    assert third.endswith(' null evt_3 "\\u00fcber\\u001b"')
    assert "evt_4" in fourth


def test_several_events_on_one_connection() -> None:
    requests = [signed(webhook_id=f"evt_{number}") for number in range(5)]
    with serving() as (receiver, out):
        answer = exchange(
            receiver, b"".join(one.replace(b"close", b"keep-alive") for one in requests[:4]) + requests[4]
        )
        assert answer.count(b"HTTP/1.1 204") == 5
    assert [json.loads(line)["id"] for line in out.getvalue().splitlines()] == [f"evt_{number}" for number in range(5)]


def test_the_journal_has_every_event(tmp_path: Path) -> None:
    journal = io.StringIO()
    with serving(journal=journal, as_json=False) as (receiver, _):
        exchange(receiver, signed(b'{"text":"' + b"x" * 5000 + b'"}'))
        exchange(receiver, post({}, EVENT))
    good, bad = [json.loads(line) for line in journal.getvalue().splitlines()]
    assert (good["verified"], len(good["body"]["text"])) == (True, 5000)
    assert (bad["verified"], bad["body"], bad["size"]) == (False, None, len(EVENT))
    assert good["monotonic"] <= bad["monotonic"]


@pytest.mark.parametrize("status", [200, 301, 410, 429, 500, 599])
def test_any_status_to_order(status: int) -> None:
    with serving(status=status) as (receiver, out):
        answer = exchange(receiver, signed())
        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert answer.endswith(b"\r\n\r\n")
        assert exchange(receiver, post({}, EVENT)).startswith(b"HTTP/1.1 401 ")
    assert [json.loads(line)["verified"] for line in out.getvalue().splitlines()] == [True, False]


@pytest.mark.parametrize(
    ("request_bytes", "answer"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 411 "),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"HTTP/1.1 411 "),
        (b"POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", b"HTTP/1.1 413 "),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"HTTP/1.1 413 "),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", b"HTTP/1.1 501 "),
        (b"\x00\xff\r\n\r\n", b""),
    ],
)
def test_what_is_no_webhook(request_bytes: bytes, answer: bytes) -> None:
    with serving() as (receiver, out):
        assert answer in exchange(receiver, request_bytes)
        assert exchange(receiver, signed()).startswith(b"HTTP/1.1 204 ")
    assert len(out.getvalue().splitlines()) == 1


def test_a_sender_that_gives_up_leaves_no_event() -> None:
    with serving() as (receiver, out), connected(receiver) as connection:
        connection.sendall(signed()[:-5])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert out.getvalue() == ""


def test_hanging() -> None:
    with serving(fault="hang") as (receiver, out), connected(receiver) as connection:
        connection.sendall(signed())
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert json.loads(out.getvalue())["verified"]


def test_dripping() -> None:
    with serving(fault="drip") as (receiver, _), connected(receiver) as connection:
        connection.sendall(signed())
        assert connection.recv(100) == b"H"
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(100)


async def test_the_gateway_delivers_to_it() -> None:
    with serving() as (receiver, out):
        endpoint = Endpoint("demo", receiver.url, (SECRET,), allow_private=True)
        with trio.fail_after(30):
            async with Client() as client:
                for number in range(3):
                    outcome = await client.deliver(endpoint, f"evt_{number}", int(time.time()), EVENT)
                    assert outcome.verdict is Verdict.OK
                stranger = Endpoint("demo", receiver.url, (new_secret(),), allow_private=True)
                assert (await client.deliver(stranger, "evt_9", int(time.time()), EVENT)).status == 401
    assert [json.loads(line)["id"] for line in out.getvalue().splitlines()] == ["evt_0", "evt_1", "evt_2", "evt_9"]


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--secret", "hunter2"], "--secret: does not begin with whsec_"),
        (["--secret", "whsec_aGk="], "--secret: holds 2 bytes"),
        (["--secret", SECRET.reveal(), "--listen", "9099"], "--listen: 9099 is not HOST:PORT"),
        (["--secret", SECRET.reveal(), "--listen", ":9099"], "--listen: :9099 is not HOST:PORT"),
        (["--secret", SECRET.reveal(), "--listen", "127.0.0.1:x"], "--listen: 127.0.0.1:x is not HOST:PORT"),
        (["--secret", SECRET.reveal(), "--listen", "127.0.0.1:70000"], "is not HOST:PORT"),
        (["--secret", SECRET.reveal(), "--status", "100"], "--status: 100 is no final status"),
    ],
)
def test_arguments_that_make_no_sense(words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(parsed(*words)) == 2
    shown = capsys.readouterr().err
    assert complaint in shown
    assert "hunter2" not in shown


def test_a_port_or_a_journal_that_cannot_be_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as (receiver, _):
        taken = f"127.0.0.1:{receiver.server_address[1]}"
        assert main(parsed("--secret", SECRET.reveal(), "--listen", taken)) == 1
        assert f"cannot start on {taken}: Address already in use" in capsys.readouterr().err
    journal = str(tmp_path / "absent" / "journal")
    assert main(parsed("--secret", SECRET.reveal(), "--listen", "127.0.0.1:0", "--journal", journal)) == 1
    assert f"No such file or directory: {journal}" in capsys.readouterr().err


def test_the_process_prints_at_once_and_ends_quietly(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    command = [sys.executable, "-m", "tools.receiver", "--secret", SECRET.reveal(), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--json", "--journal", str(journal)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background of a shell hands down that Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        watchdog = threading.Timer(30, process.kill)
        watchdog.start()
        try:
            url = process.stderr.readline().split()[-1]
            port = int(url.rsplit(":", 1)[1].rstrip("/"))
            with closing(socket.create_connection(("127.0.0.1", port), 10)) as connection:
                connection.sendall(signed())
                assert connection.recv(100).startswith(b"HTTP/1.1 204 ")
            line = process.stdout.readline()  # it comes while the process lives: nothing waits in a buffer
            process.send_signal(signal.SIGINT)
            assert process.wait() == 0
            assert process.stderr.read() == ""
        finally:
            watchdog.cancel()
            process.kill()
    assert json.loads(line)["id"] == "evt_1"
    assert journal.read_text() == line
