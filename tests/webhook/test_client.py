"""Delivery against receivers that answer, misbehave, stall and vanish."""

import gc
import ssl
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import msgspec
import pytest
import trio
import trio.testing
from trio.testing import MockClock

from gateway.model.url import InvalidUrl
from gateway.webhook import transport
from gateway.webhook.client import ATTEMPT_LIMIT, DRAIN_BYTES, DRAIN_LIMIT, Client, Endpoint, Outcome
from gateway.webhook.schedule import Verdict
from gateway.webhook.sign import Secret, new_secret, verify
from gateway.webhook.transport import CONNECT_LIMIT
from tests.webhook.conftest import Names, Play, Receiver, plays, receiver

SECRETS = (new_secret(), new_secret())
NOW = 1_700_000_000
BODY = '{"type":"message.delivered","text":"é"}'.encode()
EMPTY = b"HTTP/1.1 204 Empty\r\n\r\n"


def own(port: int, host: str = "127.0.0.1", path: str = "/hook?token=canary") -> Endpoint:
    return Endpoint("crm", f"http://{host}:{port}{path}", SECRETS, allow_private=True)


async def loopback(host: str, port: int) -> list[str]:
    """No thread: virtual time leaps while a thread works."""
    await trio.lowlevel.checkpoint()
    return ["127.0.0.1"]


async def deliver(play: Play) -> tuple[Outcome, Receiver]:
    async with receiver(play) as front:
        async with Client(resolve=loopback) as client:
            with trio.fail_after(60):
                outcome = await client.deliver(own(front.port), "evt_1", NOW, BODY)
        return outcome, front


async def test_the_request_as_it_arrives() -> None:
    outcome, front = await deliver(plays(EMPTY))
    assert (outcome.status, outcome.verdict, outcome.detail) == (204, Verdict.OK, "status 204")
    assert outcome.retry_after is None
    assert 0 <= outcome.elapsed < ATTEMPT_LIMIT
    head, _, body = front.requests[0].partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    assert line == "POST /hook?token=canary HTTP/1.1"
    assert body == BODY
    headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
    assert headers.pop("host") == f"127.0.0.1:{front.port}"
    verify(SECRETS[1:], headers, body, NOW)
    assert headers.pop("webhook-signature").count("v1,") == 2
    assert headers == {
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "accept-encoding": "identity",
        "user-agent": "Assent",
        "webhook-id": "evt_1",
        "webhook-timestamp": str(NOW),
    }


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.OK),
        (201, Verdict.OK),
        (202, Verdict.OK),
        (299, Verdict.OK),
        (302, Verdict.RETRY),
        (400, Verdict.RETRY),
        (401, Verdict.RETRY),
        (404, Verdict.RETRY),
        (410, Verdict.DISABLE),
        (429, Verdict.SLOW_DOWN),
        (500, Verdict.RETRY),
        (502, Verdict.SLOW_DOWN),
        (503, Verdict.RETRY),
        (504, Verdict.SLOW_DOWN),
        (999, Verdict.RETRY),
    ],
)
async def test_verdicts(status: int, verdict: Verdict) -> None:
    outcome, _ = await deliver(plays(b"HTTP/1.1 %d Any\r\nContent-Length: 2\r\n\r\nok" % status))
    assert (outcome.status, outcome.verdict, outcome.detail) == (status, verdict, f"status {status}")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 120", 120.0),
        ("retry-after: 999999", 86400.0),
        ("RETRY-AFTER: Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Retry-After: \xff", None),
        ("Retry-After: 5\r\nRetry-After: 6", None),
        ("X-Retry-After: 5", None),
    ],
)
async def test_a_pause_that_is_asked_for(header: str, seconds: float | None) -> None:
    answer = f"HTTP/1.1 503 Later\r\n{header}\r\nContent-Length: 0\r\n\r\n"
    outcome, _ = await deliver(plays(answer.encode("latin-1")))
    assert (outcome.status, outcome.retry_after) == (503, seconds)


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"", "not HTTP, or the connection was closed"),
        (b"HTTP/1.1 2", "not HTTP, or the connection was closed"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "not HTTP, or the connection was closed"),
        (b"SMTP ready\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 99 Low\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 1000 High\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 099 Low\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n no: fold\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000, "not HTTP"),
        (b"\x00\xff" * 1000, "not HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00", "not HTTP"),
    ],
)
async def test_what_is_no_answer(answer: bytes, detail: str) -> None:
    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        await stream.send_all(answer)
        return False

    outcome, _ = await deliver(play)
    assert (outcome.status, outcome.verdict) == (None, Verdict.RETRY)
    assert detail in outcome.detail


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_the_status_is_the_answer_whatever_follows_it(answer: bytes) -> None:
    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        await stream.send_all(answer)
        return False

    outcome, _ = await deliver(play)
    assert (outcome.status, outcome.verdict) == (200, Verdict.OK)


async def test_switching_protocols_is_a_failure() -> None:
    outcome, _ = await deliver(plays(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"))
    assert outcome.status in (None, 101)
    assert outcome.verdict is Verdict.RETRY


async def test_a_receiver_that_never_answers(patient_clock: MockClock) -> None:
    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        await trio.sleep_forever()
        return False

    outcome, _ = await deliver(play)
    assert (outcome.status, outcome.verdict) == (None, Verdict.RETRY)
    assert outcome.detail == "no answer within 15 s"
    assert outcome.elapsed == pytest.approx(ATTEMPT_LIMIT)


@pytest.mark.parametrize("piece", [b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 60, b"HTTP/1.1 100 Continue\r\n\r\n" * 60])
async def test_dripping_does_not_buy_time(patient_clock: MockClock, piece: bytes) -> None:
    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        for byte in piece:
            await stream.send_all(bytes([byte]))
            await trio.sleep(1)
        return False

    outcome, _ = await deliver(play)
    assert outcome.status is None
    assert outcome.elapsed == pytest.approx(ATTEMPT_LIMIT)


async def test_a_dripping_body_delays_no_verdict(patient_clock: MockClock) -> None:
    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        for _ in range(100):
            await stream.send_all(b".")
            await trio.sleep(0.5)
        return False

    outcome, _ = await deliver(play)
    assert outcome.status == 200
    assert outcome.elapsed == pytest.approx(DRAIN_LIMIT)


async def test_a_status_late_in_the_attempt_counts_even_if_its_body_does_not_come(patient_clock: MockClock) -> None:
    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        await trio.sleep(ATTEMPT_LIMIT - 0.5)
        await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        await trio.sleep_forever()
        return False

    outcome, _ = await deliver(play)
    assert outcome.status == 200
    assert outcome.elapsed == pytest.approx(ATTEMPT_LIMIT)


async def test_an_endless_body_is_cut_off() -> None:
    cut_off = trio.Event()

    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        await stream.send_all(b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                await stream.send_all(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        except trio.BrokenResourceError:
            cut_off.set()
            raise

    async with receiver(play) as front, Client() as client:
        with trio.fail_after(30):
            outcome = await client.deliver(own(front.port), "evt_1", NOW, BODY)
            await cut_off.wait()
    assert outcome.status == 500


@pytest.mark.parametrize(("length", "connections"), [(0, 1), (DRAIN_BYTES, 1), (DRAIN_BYTES * 100, 5)])
async def test_a_connection_is_used_again_after_a_short_body_only(length: int, connections: int) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + b"x" * length
    async with receiver(plays(answer)) as front:
        async with Client() as client:
            with trio.fail_after(30):
                for number in range(5):
                    outcome = await client.deliver(own(front.port), f"evt_{number}", NOW, BODY)
                    assert outcome.status == 200
        assert front.connections == connections


async def test_a_webhook_leaves_in_one_piece() -> None:
    async with receiver(plays(EMPTY)) as front, Client(resolve=loopback) as client:
        for number in range(3):
            await client.deliver(own(front.port), f"evt_{number}", NOW, BODY)
    assert (len(front.requests), front.pieces) == (3, 3)


async def test_a_receiver_that_refuses_before_it_has_read_the_body() -> None:
    async def refuse(stream: trio.SocketStream) -> None:
        await stream.receive_some(100)
        await stream.send_all(b"HTTP/1.1 413 Too large\r\nContent-Length: 0\r\n\r\n")
        await stream.aclose()

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, refuse, listeners)
        async with Client(resolve=loopback) as client:
            with trio.fail_after(60):
                outcome = await client.deliver(
                    own(listeners[0].socket.getsockname()[1]), "evt_1", NOW, b"x" * 16_000_000
                )
        nursery.cancel_scope.cancel()
    assert outcome.status == 413


async def test_a_receiver_that_closes_between_two_deliveries() -> None:
    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        await stream.send_all(EMPTY)
        await trio.testing.wait_all_tasks_blocked(0.01)  # the delivery has ended, and its connection is idle
        return False

    async with receiver(play) as front:
        async with Client(resolve=loopback) as client:
            with trio.fail_after(30):
                for number in range(5):
                    outcome = await client.deliver(own(front.port), f"evt_{number}", NOW, BODY)
                    assert outcome.status == 204
                    await trio.testing.wait_all_tasks_blocked(0.05)
        assert front.connections == 5


SURPLUS = [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 20", b"\r\n", b"ok"]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
NO = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("surplus", SURPLUS)
async def test_what_follows_an_answer_answers_no_other_webhook(surplus: bytes) -> None:
    answers = iter([OK + surplus, NO])

    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        await stream.send_all(next(answers))
        return True

    async with receiver(play) as front, Client(resolve=loopback) as client:
        with trio.fail_after(30):
            statuses = [
                (await client.deliver(own(front.port), f"evt_{number}", NOW, BODY)).status for number in range(2)
            ]
    assert statuses == [200, 500]


async def test_idle_connections_are_bounded() -> None:
    everyone, arrived = trio.Event(), 0

    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        nonlocal arrived
        arrived += 1
        if arrived == 80:
            everyone.set()
        await everyone.wait()
        await stream.send_all(EMPTY)
        return True

    async with receiver(play) as front:
        async with Client(resolve=loopback) as client:
            with trio.fail_after(30):
                async with trio.open_nursery() as nursery:
                    for number in range(80):
                        nursery.start_soon(client.deliver, own(front.port), f"evt_{number}", NOW, BODY)
                await trio.testing.wait_all_tasks_blocked(0.05)
                assert (front.connections, front.open) == (80, 64)
        await trio.testing.wait_all_tasks_blocked(0.05)
        assert front.open == 0


async def test_a_hanging_receiver_holds_up_no_other(patient_clock: MockClock) -> None:
    async def hang(stream: trio.abc.Stream, request: bytes) -> bool:
        await trio.sleep_forever()
        return False

    async with receiver(hang) as slow, receiver(plays(EMPTY)) as fast, Client(resolve=loopback) as client:
        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                for number in range(40):
                    nursery.start_soon(client.deliver, own(slow.port), f"evt_{number}", NOW, BODY)
                await trio.testing.wait_all_tasks_blocked(0.02)
                began = trio.current_time()
                for number in range(20):
                    outcome = await client.deliver(own(fast.port), f"evt_{number}", NOW, BODY)
                    assert outcome.status == 204
                assert trio.current_time() - began < 1


async def test_a_cancelled_delivery_leaves_nothing_open() -> None:
    come, gone = trio.Event(), trio.Event()

    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        come.set()
        with trio.CancelScope(shield=True):
            assert await stream.receive_some(1) == b""
        gone.set()
        return False

    async with receiver(play) as front, Client() as client:
        with trio.fail_after(30):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(client.deliver, own(front.port), "evt_1", NOW, BODY)
                await come.wait()
                nursery.cancel_scope.cancel()
            await gone.wait()


class CancelOnceConnected(trio.abc.Instrument):
    """Cancels a scope at the moment at which the connect of a task is done, and the task has not run yet."""

    def __init__(self, scope: trio.CancelScope, connects: list[str]) -> None:
        self.task = trio.lowlevel.current_task()
        self.scope = scope
        self.connects = connects

    def task_scheduled(self, task: trio.lowlevel.Task) -> None:
        if task is self.task and self.connects:
            self.scope.cancel()


async def test_a_delivery_cancelled_as_it_connects_leaves_nothing_open(connects: list[str]) -> None:
    async with receiver(plays(EMPTY)) as front, Client(resolve=loopback) as client:
        with trio.fail_after(30):
            with trio.CancelScope() as scope:
                instrument = CancelOnceConnected(scope, connects)
                trio.lowlevel.add_instrument(instrument)
                try:
                    await client.deliver(own(front.port), "evt_1", NOW, BODY)
                finally:
                    trio.lowlevel.remove_instrument(instrument)
            assert scope.cancelled_caught
            gc.collect()  # what was left open warns now, and warnings are errors
            await trio.testing.wait_all_tasks_blocked(0.02)
        assert (front.requests, front.connections, front.open) == ([], 1, 0)


async def test_an_answer_closed_under_cancellation_leaves_nothing_open() -> None:
    async with receiver(plays(EMPTY)) as front:
        pool = transport.Transport(loopback, trusting(), allow_private=True)
        with trio.fail_after(30):
            request = httpx.Request("POST", f"http://127.0.0.1:{front.port}/", content=BODY)
            response = await pool.handle_async_request(request)
            with trio.CancelScope() as scope:
                scope.cancel()
                await response.aclose()
            await trio.testing.wait_all_tasks_blocked(0.02)
            assert (front.connections, front.open) == (1, 0)
            await pool.aclose()


async def test_a_dead_name_server(patient_clock: MockClock) -> None:
    async def silent(host: str, port: int) -> list[str]:
        await trio.sleep_forever()
        return []

    async with Client(resolve=silent) as client:
        with trio.fail_after(60):
            outcome = await client.deliver(own(1), "evt_1", NOW, BODY)
    assert (outcome.status, outcome.verdict) == (None, Verdict.RETRY)
    assert outcome.detail == "127.0.0.1: no connection within 5 s"
    assert outcome.elapsed == pytest.approx(CONNECT_LIMIT)


async def test_names_without_an_address() -> None:
    endpoint = Endpoint("crm", "https://hooks.example.com/", SECRETS)
    with trio.fail_after(10):
        async with Client(resolve=Names()) as client:
            assert (await client.deliver(endpoint, "e", NOW, BODY)).detail == "hooks.example.com: no such name"
        async with Client(resolve=Names(hooks_example_com=[[]])) as client:
            outcome = await client.deliver(endpoint, "e", NOW, BODY)
            assert outcome.detail == "hooks.example.com: the name has no address"


async def test_a_closed_port() -> None:
    listener = trio.socket.socket()
    await listener.bind(("127.0.0.1", 0))  # bound, but not listening
    with trio.fail_after(10):
        async with Client() as client:
            outcome = await client.deliver(own(listener.getsockname()[1]), "evt_1", NOW, BODY)
    listener.close()
    assert (outcome.status, outcome.verdict) == (None, Verdict.RETRY)
    assert outcome.detail == "127.0.0.1: Connection refused"


async def test_the_next_address_is_tried(connects: list[str]) -> None:
    names = Names(hooks_example_com=[["10.9.9.9", "fd00::9", "127.0.0.1", "127.0.0.1"]])
    async with receiver(plays(EMPTY)) as front:
        with trio.fail_after(10):
            async with Client(resolve=names) as client:
                outcome = await client.deliver(own(front.port, "hooks.example.com"), "evt_1", NOW, BODY)
        assert outcome.status == 204
        assert b"\r\nhost: hooks.example.com:%d\r\n" % front.port in front.requests[0]
    assert connects == ["10.9.9.9", "fd00::9", "127.0.0.1"]


async def test_a_name_with_a_hundred_addresses(connects: list[str]) -> None:
    names = Names(hooks_example_com=[[f"10.9.9.{number}" for number in range(100)]])
    with trio.fail_after(10):
        async with Client(resolve=names) as client:
            outcome = await client.deliver(own(1, "hooks.example.com"), "evt_1", NOW, BODY)
    assert outcome.detail == "hooks.example.com: Connection refused"
    assert len(connects) == 8


@pytest.mark.skipif(sys.platform != "linux", reason="a full backlog swallows connects on Linux only")
async def test_an_address_that_swallows_packets_leaves_time_for_the_next(patient_clock: MockClock) -> None:
    async with receiver(plays(EMPTY)) as front:
        full = trio.socket.socket()
        await full.bind(("127.0.0.2", front.port))
        full.listen(0)
        fillers = [trio.socket.socket() for _ in range(4)]
        for filler in fillers:
            with trio.move_on_after(0.1):
                await filler.connect(("127.0.0.2", front.port))
        names = Names(hooks_example_com=[["127.0.0.2", "127.0.0.1"]])
        with trio.fail_after(60):
            async with Client(resolve=names) as client:
                outcome = await client.deliver(own(front.port, "hooks.example.com"), "evt_1", NOW, BODY)
        for stuck in (full, *fillers):
            stuck.close()
    assert outcome.status == 204
    assert outcome.elapsed == pytest.approx(CONNECT_LIMIT / 2)


TLS = Path(__file__).parent / "tls"  # an authority of its own and a certificate for hooks.example.com, valid to 2120


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(TLS / "authority.pem"))


def encrypting(seen: list[str | None]) -> Callable[[trio.SocketStream], trio.abc.Stream]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "hooks.pem")
    context.sni_callback = lambda connection, name, of: seen.append(name)
    return lambda tcp: trio.SSLStream(tcp, context, server_side=True, https_compatible=True)


async def test_tls_is_held_with_the_name_and_not_with_the_address() -> None:
    seen: list[str | None] = []
    names = Names(hooks_example_com=[["127.0.0.1"]], other_example_com=[["127.0.0.1"]])
    async with (
        receiver(plays(EMPTY), encrypt=encrypting(seen)) as front,
        Client(resolve=names, tls=trusting()) as client,
    ):
        with trio.fail_after(30):
            for host, detail in (
                ("hooks.example.com", "status 204"),
                ("Hooks.Example.COM", "status 204"),
                ("other.example.com", "TLS certificate refused: Hostname mismatch"),
                ("127.0.0.1", "TLS certificate refused: IP address mismatch"),
            ):
                names.answers.setdefault("127.0.0.1", iter([["127.0.0.1"]]))
                url = f"https://{host}:{front.port}/hook"
                outcome = await client.deliver(Endpoint("crm", url, SECRETS, allow_private=True), "evt_1", NOW, BODY)
                assert detail in outcome.detail
                assert (outcome.verdict is Verdict.OK) == (detail == "status 204")
        assert [name for name in seen if name] == ["hooks.example.com", "other.example.com"]
        assert len(front.requests) == 2


class Corked(trio.abc.SendStream):
    """Keeps what is sent until it is uncorked, so that several TLS records arrive at once."""

    def __init__(self, tcp: trio.SocketStream) -> None:
        self._tcp = tcp
        self._kept: bytes | None = None

    def cork(self) -> None:
        self._kept = b""

    async def uncork(self) -> None:
        kept, self._kept = self._kept or b"", None
        await self._tcp.send_all(kept)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await trio.lowlevel.checkpoint()
        if self._kept is None:
            await self._tcp.send_all(data)
        else:
            self._kept += bytes(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._tcp.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._tcp.aclose()


@pytest.mark.parametrize("surplus", SURPLUS)
@pytest.mark.parametrize("records", [1, 2])
async def test_what_follows_an_answer_under_tls_answers_no_other_webhook(surplus: bytes, records: int) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "hooks.pem")
    answers = iter([[OK, surplus] if records == 2 else [OK + surplus], [NO]])
    corks: list[Corked] = []

    def encrypt(tcp: trio.SocketStream) -> trio.abc.Stream:
        corks.append(Corked(tcp))
        return trio.SSLStream(trio.StapledStream(corks[-1], tcp), context, server_side=True, https_compatible=True)

    async def play(stream: trio.abc.Stream, request: bytes) -> bool:
        corks[-1].cork()
        for piece in next(answers):
            await stream.send_all(piece)
        await corks[-1].uncork()
        return True

    names = Names(hooks_example_com=[["127.0.0.1"]])
    async with receiver(play, encrypt=encrypt) as front, Client(resolve=names, tls=trusting()) as client:
        endpoint = Endpoint("crm", f"https://hooks.example.com:{front.port}/hook", SECRETS, allow_private=True)
        with trio.fail_after(30):
            statuses = [(await client.deliver(endpoint, f"evt_{number}", NOW, BODY)).status for number in range(2)]
    assert statuses == [200, 500]


async def test_an_unknown_authority_is_refused() -> None:
    names = Names(hooks_example_com=[["127.0.0.1"]])
    async with receiver(plays(EMPTY), encrypt=encrypting([])) as front, Client(resolve=names) as client:
        url = f"https://hooks.example.com:{front.port}/hook"
        with trio.fail_after(30):
            outcome = await client.deliver(Endpoint("crm", url, SECRETS, allow_private=True), "evt_1", NOW, BODY)
        assert outcome.detail.startswith("hooks.example.com: TLS certificate refused: ")
        assert not front.requests


async def speak_to(serve: Callable[[trio.SocketStream], Awaitable[None]], tls: ssl.SSLContext) -> Outcome:
    """Deliver over https to something that does not take part in the handshake."""
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, serve, listeners)
        url = f"https://127.0.0.1:{listeners[0].socket.getsockname()[1]}/"
        async with Client(resolve=loopback, tls=tls) as client:
            with trio.fail_after(60):
                outcome = await client.deliver(Endpoint("crm", url, SECRETS, allow_private=True), "evt_1", NOW, BODY)
        nursery.cancel_scope.cancel()
    return outcome


async def test_a_receiver_without_tls() -> None:
    async def serve(stream: trio.SocketStream) -> None:
        await stream.receive_some(65536)
        await stream.send_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await stream.aclose()

    outcome = await speak_to(serve, trusting())
    assert outcome.status is None
    assert outcome.detail.startswith("127.0.0.1: TLS failed: ")


async def test_a_receiver_that_closes_during_the_handshake() -> None:
    async def serve(stream: trio.SocketStream) -> None:
        await stream.receive_some(65536)
        await stream.aclose()

    outcome = await speak_to(serve, trusting())
    assert outcome.detail.startswith("127.0.0.1: ")
    assert "TLS" in outcome.detail


async def test_a_handshake_that_never_ends(patient_clock: MockClock) -> None:
    closed = trio.Event()

    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            while await stream.receive_some(65536):
                pass
        closed.set()

    outcome = await speak_to(serve, trusting())
    assert outcome.detail == "127.0.0.1: no connection within 5 s"
    assert outcome.elapsed == pytest.approx(CONNECT_LIMIT)


async def test_sixteen_at_once_share_the_connections() -> None:
    async with receiver(plays(EMPTY)) as front, Client() as client:
        with trio.fail_after(60):
            numbers = iter(range(400))

            async def work() -> None:
                for number in numbers:
                    outcome = await client.deliver(own(front.port), f"evt_{number}", NOW, BODY)
                    assert outcome.status == 204

            async with trio.open_nursery() as nursery:
                for _ in range(16):
                    nursery.start_soon(work)
        assert len(front.requests) == 400
        assert front.connections <= 16


def test_endpoints_are_checked_when_they_are_built() -> None:
    with pytest.raises(InvalidUrl, match="use https, or set allow_private"):
        Endpoint("crm", "http://127.0.0.1/", SECRETS)
    with pytest.raises(ValueError, match="secrets: empty"):
        Endpoint("crm", "https://hooks.example.com/", ())
    with pytest.raises(msgspec.ValidationError, match="url: is not an absolute URL"):
        msgspec.convert({"id": "crm", "url": "hooks", "secrets": []}, Endpoint)


def test_an_endpoint_prints_neither_its_secrets_nor_its_path() -> None:
    endpoint = Endpoint("crm", "https://hooks.example.com/canary?canary", (Secret(b"canary" * 4),))
    for shown in (repr(endpoint), str(endpoint), repr([endpoint])):
        assert "hooks.example.com:443" in shown
        assert "canary" not in shown


async def test_the_log_tells_nothing_of_a_delivery(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    outcome, _ = await deliver(plays(EMPTY))
    assert outcome.status == 204
    assert not caplog.records


async def test_the_system_resolver_knows_this_machine() -> None:
    with trio.fail_after(30):
        assert "127.0.0.1" in await transport.system_resolver()("localhost", 80)
