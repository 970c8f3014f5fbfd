"""Goals about hostile clients, and about who can reach what: it owns the attacks on the door for clients, and the look at the
files and doors themselves.

The server's own tests go deeper than this; here the whole process is attacked while it works for others.
"""

import itertools
import math
import os
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import msgspec
import trio

from tools.torture.carrier import Carrier
from tools.torture.client import Order
from tools.torture.evidence import Violation
from tools.torture.gateway import PRODUCT, ROOT, Gateway, number
from tools.torture.http import Answer, Connection, NoAnswer, request
from tools.torture.patience import borne
from tools.torture.proof import Finding, Setting, found, unless
from tools.torture.stage import Stage, stage

GROWTH = 64e6
"""Octets of memory that an attack may cost at its worst."""
DRIP_SECONDS = 15.0
GOOD = 100


def forbidden(token: str, bearer: str) -> dict[str, bytes]:
    """Requests that RFC 9112 forbids, each of which would submit a text if it were taken. By what is wrong with them."""
    body = msgspec.json.encode(Order(token, number(0), "web").body)
    head = f"Host: 127.0.0.1\r\nAuthorization: {bearer}\r\nContent-Type: application/json"
    length = f"Content-Length: {len(body)}"
    line = "POST /v1/messages HTTP/1.1"
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"

    def whole(line_: str, *fields: str) -> bytes:
        return "\r\n".join([line_, *fields, "", ""]).encode("latin-1") + body

    chunked = "\r\n".join([line, head, "Transfer-Encoding: chunked", "", ""]).encode()
    return {
        "a bare LF": whole(line, head, length).replace(b"\r\n", b"\n", 2),
        "a folded field": whole(line, head, "X: a\r\n b", length),
        "a control character": whole(line, head, "X: a\x01b", length),
        "a NUL": whole(line, head, "X: a\x00b", length),
        "blank before the colon": whole(line, head, f"Content-Length : {len(body)}"),
        "no host": whole(line, head.partition("\r\n")[2], length),
        "two hosts": whole(line, head, "Host: other", length),
        "two lengths": whole(line, head, length, f"Content-Length: {len(body) + 1}"),
        "two equal lengths": whole(line, head, length, length),
        "a list of lengths": whole(line, head, f"Content-Length: {len(body)}, {len(body)}"),
        "a length with a sign": whole(line, head, f"Content-Length: +{len(body)}"),
        "a negative length": whole(line, head, "Content-Length: -1"),
        "a length in hex": whole(line, head, f"Content-Length: 0x{len(body):x}"),
        "length and chunks": chunked.replace(b"\r\n\r\n", f"\r\n{length}\r\n\r\n".encode(), 1) + chunk,
        "an unknown coding": whole(line, head, "Transfer-Encoding: xchunked"),
        "a coding besides chunks": chunked.replace(b"chunked", b"gzip, chunked") + chunk,
        "chunks twice": chunked.replace(b"chunked", b"chunked, chunked") + chunk,
        "a chunk without its end": chunked + chunk.replace(b"\r\n0\r\n", b"0\r\n"),
        "a chunk size with a sign": chunked + b"+" + chunk,
        "a chunk size in 0x": chunked + b"0x" + chunk,
        "a chunk that ends in LF": chunked + chunk.replace(b"\r\n", b"\n", 1),
        "HTTP/2.0": whole(line.replace("1.1", "2.0"), head, length),
        "HTTP/0.9": whole(line.replace("1.1", "0.9"), head, length),
        "two blanks": whole(line.replace(" /v1", "  /v1"), head, length),
        "a blank in the target": whole(line.replace("/v1/messages", "/v1/ messages"), head, length),
    }


async def hostile_requests(setting: Setting, *, mutations: int) -> Finding:
    """S3: requests that RFC 9112 forbids, and mutations of a good one: none is taken, none crashes anything."""
    dice = setting.dice("requests")
    directory = setting.place("requests")
    carrier = Carrier("web", directory)
    statuses: Counter[str] = Counter()
    more: list[Violation] = []
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent([number(0)])
        bearer = on.gateway.bearer["Authorization"]
        for what, octets in forbidden("evil", bearer).items():
            answers = await _answers(on.gateway.http, octets)
            if not answers or any(200 <= status < 300 for status in answers):
                more.append(Violation("taken", what, str(answers)))
        for place in range(mutations):
            body = Order(f"m{place}", number(0), carrier.name).body
            asked = request("POST", "/v1/messages", body, on.gateway.bearer)
            octets = _mutated(dice, asked)
            # The ledger tells texts apart by their first word: a mutation that makes it another text's is made anew.
            while octets.count(b'"text"') != 1 or f'"text":"m{place} '.encode() not in octets:
                octets = _mutated(dice, asked)
            for status in await _answers(on.gateway.http, octets):
                statuses[f"{status // 100}xx"] += 1
                if status in (500, 502, 504) or not 200 <= status < 600:
                    more.append(Violation("crashed", f"HTTP {status}", octets.hex()[:200]))
        await on.client.insist(Order("good", number(0), carrier.name, key="good"))
        account = await on.account()
    more += unless(on.gateway.lives == 1, "crashed", "the gateway")
    figure = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    kinds = len(forbidden("", ""))
    return found(f"{kinds} forbidden forms refused, {mutations} mutations: {figure}", account, more=more)


async def _answers(port: int, octets: bytes) -> list[int]:
    """The statuses of all answers to some bytes, until the server ends the connection or is quiet."""
    received = b""
    try:
        stream = await trio.open_tcp_stream("127.0.0.1", port)
    except OSError:
        return []
    try:
        await stream.send_all(octets)
        await stream.send_eof()
        with trio.move_on_after(10.0):
            async for more in stream:
                received += more
    except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
        pass
    finally:
        await trio.aclose_forcefully(stream)
    return [int(found_) for found_ in re.findall(rb"(?:\A|\n?)HTTP/1\.1 (\d{3})", received)]


def _mutated(dice: Random, octets: bytes) -> bytes:
    changed = bytearray(octets)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(changed))
        match dice.randrange(4):
            case 0:
                changed[at] = dice.randrange(256)
            case 1:
                changed[at:at] = dice.choice((b"\r\n", b"\n", b"\0", b" ", b":", b"\r\n\r\n", b"chunked", b"\xff"))
            case 2:
                del changed[at : at + dice.randint(1, 5)]
                changed = changed or bytearray(b"x")
            case _:
                start = dice.randrange(len(octets))
                changed[at:at] = octets[start : start + dice.randint(1, 40)]
    return bytes(changed)


async def slow_clients(setting: Setting, *, connections: int, slower: float = math.inf) -> Finding:
    """S4: connections that drip their request: each is ended in time, and a good client is served meanwhile."""
    directory = setting.place("slow-clients")
    carrier = Carrier("drips", directory)
    ended: list[float] = []
    async with stage(directory, [carrier], settings='[log]\nlevel = "error"', launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent([number(0)])
        idle = await _good(on, "i")
        async with trio.open_nursery() as nursery:
            for place in range(connections):
                # Not from the good client's address: what one address may hold is not what is looked at here.
                nursery.start_soon(_drip, on.gateway.http, f"127.0.{1 + place % 20}.2", ended)
            await trio.sleep(1.0)
            waits = await _good(on, "g")
        account = await on.account()
    more = unless(len(waits) == GOOD, "refused", f"{GOOD - len(waits)} good requests")
    more += unless(
        waits[-1] <= slower * idle[-1], "slow", f"{waits[-1] * 1000:.0f} ms", f"{idle[-1] * 1000:.0f} ms idle"
    )
    more += unless(len(ended) == connections and max(ended) <= DRIP_SECONDS, "borne", f"{max(ended):.0f} s")
    figure = (
        f"{connections} drips ended within {max(ended):.1f} s, good requests p99 {waits[-1] * 1000:.0f} ms"
        f" ({idle[-1] * 1000:.0f} ms without)"
    )
    return found(figure, account, more=more)


async def _good(on: Stage, prefix: str) -> list[float]:
    """Seconds that a good client waits for its answers, the shortest first."""
    good = [await on.client.submit(Order(f"{prefix}{place}", number(0), on.carrier.name)) for place in range(GOOD)]
    return sorted(attempt.answered_at - attempt.at for attempt in good if attempt.accepted)


async def _drip(port: int, source: str, ended: list[float]) -> None:
    began = time.monotonic()
    sock = trio.socket.socket()
    try:
        await sock.bind((source, 0))
        await sock.connect(("127.0.0.1", port))
        stream = trio.SocketStream(sock)
        with trio.move_on_after(DRIP_SECONDS + 5.0):  # then it has been borne too long
            async with borne(stream):
                for octet in itertools.cycle(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nX-Long: "):
                    await stream.send_all(bytes((octet,)))
                    await trio.sleep(0.5)
    except OSError:  # refused at the door: that is an end too
        pass
    finally:
        sock.close()
        ended.append(time.monotonic() - began)


async def sizes(setting: Setting, *, at_once: int, growth: float = GROWTH) -> Finding:
    """S5: what is too large is refused before it is read, by many at once, at no cost in memory."""
    directory = setting.place("sizes")
    carrier = Carrier("sizes", directory)
    more: list[Violation] = []
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent([number(0)])
        order = Order("size", number(0), carrier.name).body
        forms: dict[str, tuple[bytes, Sequence[int]]] = {
            "headers": (request("GET", "/v1/messages", None, {"X": "y" * 17_000} | on.gateway.bearer), (431,)),
            "body": (_sized(on.gateway, b"x" * ((1 << 20) + 1)), (413,)),
            "batch": (_sized(on.gateway, msgspec.json.encode({"messages": [order] * 1001}), "/batch"), (413, 422)),
            "depth": (_sized(on.gateway, b'{"to":' + b"[" * 100_000), (400, 422)),
        }
        before, _ = on.gateway.memory()
        grown: dict[str, int] = {}
        for what, (octets, wanted) in forms.items():
            answers: list[Answer | None] = []
            async with trio.open_nursery() as nursery:
                for _ in range(at_once):
                    nursery.start_soon(_one, on.gateway.http, octets, answers)
            told = Counter(0 if answer is None else answer.status for answer in answers)
            more += unless(
                set(told) <= {*wanted, 0, 503} and bool(told.keys() & set(wanted)), "size", what, str(dict(told))
            )
            _, grown[what] = on.gateway.memory()
        account = await on.account()
    # What has no more octets than are allowed is read before it can be seen for what it is.
    unread, whole = grown["body"] - before, grown["depth"] - before
    more += unless(unread <= growth, "memory", f"+ {unread / 1e6:.0f} MB")
    more += unless(whole <= GROWTH, "memory", f"+ {whole / 1e6:.0f} MB")
    figure = f"4 forms, {at_once} at once, RSS + {unread / 1e6:.0f} MB for what is too long"
    return found(f"{figure}, + {whole / 1e6:.0f} MB with what is too many or too deep", account, more=more)


def _sized(gateway: Gateway, body: bytes, path: str = "") -> bytes:
    head = request("POST", f"/v1/messages{path}", None, gateway.bearer)
    fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return head.removesuffix(b"\r\n") + fields + body


async def _one(port: int, octets: bytes, answers: list[Answer | None]) -> None:
    connection = Connection(port)
    try:
        answers.append(await connection.ask(octets))
    except NoAnswer:  # the answer may be lost behind what we were still sending
        answers.append(None)
    finally:
        await connection.cut()


async def wrong_keys(setting: Setting, *, guesses: int, alike: float = 0.0) -> Finding:
    """S6: wrong keys without end: none opens anything, the guesser is slowed down, a right key passes at once."""
    dice = setting.dice("keys")
    directory = setting.place("keys")
    carrier = Carrier("keys", directory)
    told: Counter[int] = Counter()
    times: dict[str, list[float]] = {"near": [], "far": []}
    async with stage(directory, [carrier], settings='[log]\nlevel = "error"', launcher=setting.launcher) as on:
        await on.gateway.start()
        await on.consent([number(0)])
        right = on.gateway.bearer["Authorization"]
        connection = Connection(on.gateway.http)
        for place in range(guesses):
            if place >= guesses // 2 and place % 50 == 0:  # from now on from many addresses
                await connection.cut()
                connection = Connection(on.gateway.http, _address(place // 50))
            near = dice.random() < 0.5
            # Each guess is a new one: a head that was seen before, byte by byte, is read faster, whatever it holds.
            key = f"{right[:-10]}{dice.randbytes(5).hex()}" if near else f"Bearer ak_{dice.randbytes(24).hex()}"
            octets = request("GET", "/v1/messages", None, {"Authorization": key})
            began = time.perf_counter()
            answer = await connection.ask(octets)
            times["near" if near else "far"].append(time.perf_counter() - began)
            told[answer.status] += 1
        await connection.cut()
        attempt = await on.client.submit(Order("right", number(0), carrier.name))
        account = await on.account()
    more = unless(set(told) <= {401, 429}, "let_in", str(dict(told)))
    more += unless(told[429] > 0 or guesses < 20, "not_slowed", str(dict(told)))
    more += unless(attempt.accepted, "locked_out", f"HTTP {attempt.status} for the right key")
    chance = _chance_that_equal(times["near"], times["far"])
    more += unless(chance >= alike, "timing", f"p = {chance:.4f} that near and far guesses take as long")
    counts = ", ".join(f"{count} × {status}" for status, count in sorted(told.items()))
    return found(
        f"{guesses} guesses: {counts}; timing of near and far guesses alike with p = {chance:.2f}", account, more=more
    )


def _address(place: int) -> str:
    """One of many loopback addresses."""
    return f"127.0.{1 + place % 250}.{2 + place // 250 % 250}"


def _chance_that_equal(first: list[float], second: list[float]) -> float:
    """How likely a difference of their means as large as this one is by chance (Welch's t, many values).

    The slowest twentieth is left out: it is the machine's, not the gateway's.
    """
    samples = [sorted(values)[: -(-len(values) * 19 // 20)] for values in (first, second)]
    if min(map(len, samples)) < 2:
        return 1.0
    error = math.sqrt(sum(statistics.variance(values) / len(values) for values in samples))
    difference = abs(statistics.fmean(samples[0]) - statistics.fmean(samples[1]))
    return math.erfc(difference / error / math.sqrt(2)) if error else 1.0


async def configuration(setting: Setting) -> Finding:
    """S14: loopback unless told otherwise, files for their owner alone, a readable secret is no secret."""
    directory = setting.place("configuration")
    carrier = Carrier("conf", directory)
    more: list[Violation] = []
    async with stage(directory, [carrier], launcher=setting.launcher) as on:
        await on.gateway.start()
        for path in sorted(on.gateway.data.rglob("*")):
            more += unless(not path.stat().st_mode & 0o077, "readable", path.name, f"{path.stat().st_mode & 0o777:o}")
        elsewhere = [address for address in _listening(on.gateway.pid) if not address.startswith("127.")]
        more += unless(not elsewhere, "exposed", ", ".join(elsewhere))
        await on.gateway.stop()
        (directory / "conf" / "carriers.toml").chmod(0o644)
        checked = await trio.run_process(
            [sys.executable, "-m", *PRODUCT, "check", "--conf", str(directory / "conf")],
            capture_stderr=True,
            capture_stdout=True,
            check=False,
            cwd=ROOT,
        )
        more += unless(
            checked.returncode != 0, "readable", "carriers.toml", "a secret that everybody can read was taken"
        )
    return found("data and doors are for their owner alone, a readable secret is refused", more=more)


def _listening(pid: int) -> list[str]:
    """The IPv4 addresses on which a process listens."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(link))
        except FileNotFoundError:
            continue
    found_ = []
    for line in Path(f"/proc/{pid}/net/tcp").read_text("ascii").splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
            octets = bytes.fromhex(fields[1].partition(":")[0])[::-1]
            found_.append(".".join(map(str, octets)))
    return found_
