"""Request smuggling: what reaches the handler, held against a plain reader that knows nothing but RFC 9112's framing.

The reader below is written to be obvious. Whatever bytes come, the requests the handler saw must be the first ones that the
reader sees: the server may give up earlier, it may never see a request more, or another one.
"""

import random
import re

import pytest

from gateway.web.http import Request, Response
from gateway.web.server import Limits
from tests.web.harness import open_house

Seen = tuple[bytes, bytes]


def read_plainly(stream: bytes) -> list[Seen]:
    """Method and body of each request, up to the first byte that leaves any doubt."""
    seen: list[Seen] = []
    while True:
        stream = stream[2:] if stream.startswith(b"\r\n") else stream
        head, blank, stream = stream.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        if not blank or any(mark in line for line in lines for mark in (b"\r", b"\n", b"\0")):
            return seen
        words = lines[0].split(b" ")
        if len(words) != 3 or words[2] not in (b"HTTP/1.0", b"HTTP/1.1"):
            return seen
        fields: dict[bytes, list[bytes]] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon or not name or set(name) & set(b" \t\x0b\x0c"):
                return seen
            fields.setdefault(name.lower(), []).append(value.strip(b" \t"))
        lengths, codings = fields.get(b"content-length", []), fields.get(b"transfer-encoding", [])
        if len(lengths) + len(codings) > 1:
            return seen
        if codings:
            if codings[0].lower() != b"chunked" or words[2] == b"HTTP/1.0":
                return seen
            body = b""
            while True:
                line, ended, stream = stream.partition(b"\r\n")
                size = line.partition(b";")[0]
                if not ended or b"\n" in line or not size or set(size) - set(b"0123456789abcdefABCDEF"):
                    return seen
                count = int(size, 16)
                if count == 0:
                    break
                if stream[count : count + 2] != b"\r\n":
                    return seen
                body, stream = body + stream[:count], stream[count + 2 :]
            while line := stream.partition(b"\r\n")[0]:
                if b"\n" in line or b"\r\n" not in stream:
                    return seen
                stream = stream[len(line) + 2 :]
            if not stream.startswith(b"\r\n"):
                return seen
            stream = stream[2:]
        else:
            digits = lengths[0] if lengths else b"0"
            if not digits or set(digits) - set(b"0123456789") or len(stream) < int(digits):
                return seen
            body, stream = stream[: int(digits)], stream[int(digits) :]
        seen.append((words[0], body))
        options = [
            option.strip(b" \t").lower() for line in fields.get(b"connection", []) for option in line.split(b",")
        ]
        if words[2] == b"HTTP/1.0" or b"close" in options:
            return seen


DECLARED = {b"200", b"100", b"400", b"408", b"413", b"414", b"417", b"431", b"501", b"505"}


async def answer(_request: Request) -> Response:
    return Response(200, b"answer")


async def serve_all(streams: list[bytes]) -> list[list[Seen]]:
    """What reached the handler of each of ``streams``, each on its own connection and ended by the client."""
    everything = []
    async with open_house(answer, Limits(body_bytes=10_000)) as house:
        for stream in streams:
            visitor = await house.connect()
            await visitor.send(stream)
            await visitor.stream.send_eof()
            raw = await visitor.rest()
            statuses = re.findall(rb"HTTP/1\.1 (\d{3}) ", raw)
            assert set(statuses) <= DECLARED, (stream, raw)
            assert statuses.count(b"200") == len(house.seen)
            everything.append([(request.method.encode(), request.body) for request in house.seen])
            house.seen.clear()
    return everything


HEAD = b"POST /a HTTP/1.1\r\nHost: h\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"

# Published ways to make two readers see different ends. Each must be refused whole.
VECTORS = {
    "CL.TE": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    "TE.CL": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n23\r\n%b\r\n0\r\n\r\n" % SMUGGLED,
    "TE.TE": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "CL.CL": b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED),
    "CL.CL, equal": b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "CL list": b"Content-Length: 0, 0\r\n\r\n",
    "CL signed": b"Content-Length: +0\r\n\r\n",
    "CL underscore": b"Content-Length: 0_0\r\n\r\n",
    "CL with blank before colon": b"Content-Length : 5\r\n\r\nhello",
    "TE with blank before colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "TE after vertical tab": b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "TE after NUL": b"Transfer-Encoding: \0chunked\r\n\r\n0\r\n\r\n",
    "TE folded": b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "TE behind a bare LF": b"X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "TE behind a bare CR": b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "TE prefixed": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "TE twice in a list": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "TE not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "TE quoted": b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "head ended by LF": b"X: y\n\n",
    "chunk size in 0x": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
    "chunk size with underscore": b"Transfer-Encoding: chunked\r\n\r\n0_0\r\n\r\n",
    "chunk size that overflows": b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n",
    "chunk size with blank": b"Transfer-Encoding: chunked\r\n\r\n0 \r\n\r\n",
    "chunk ended by LF": b"Transfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n",
    "chunk extension ended by LF": b"Transfer-Encoding: chunked\r\n\r\n1;\nx\r\n0\r\n\r\n",
    "chunk extension ended by CR": b"Transfer-Encoding: chunked\r\n\r\n1;x\rx\r\n0\r\n\r\n",
    "chunk content not ended by CRLF": b"Transfer-Encoding: chunked\r\n\r\n1\r\nxXX0\r\n\r\n",
    "trailer that frames": b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 40\r\n\r\n",
}


async def test_known_vectors_reach_nobody() -> None:
    results = await serve_all([HEAD + vector + SMUGGLED for vector in VECTORS.values()])
    assert dict(zip(VECTORS, results, strict=True)) == {name: [] for name in VECTORS}


async def test_what_stands_in_a_body_is_no_request() -> None:
    plain = HEAD + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
    (seen,) = await serve_all([plain + chunked])
    assert seen == [(b"POST", SMUGGLED)] * 2


SEEDS = [
    HEAD + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED + SMUGGLED,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n23\r\n" + SMUGGLED + b"\r\n0\r\nX: y\r\n\r\n" + SMUGGLED,
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * 3,
    b"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc" + SMUGGLED,
    HEAD + b"Content-Length: 3\r\nExpect: 100-continue\r\nConnection: keep-alive\r\n\r\nabc" + HEAD + b"\r\n",
]
SPICE = [
    *(bytes([byte]) for byte in b'\r\n\0\t\x0b\x0c\x1f\x7f :;,+-_=0123456789abcfxX%"\\\xa0\xff'),
    *(b"\r\n", b"\n\n", b"\r\n\r\n", b"\r\n ", b"0\r\n\r\n", b"chunked", b"Content-Length: 3\r\n", SMUGGLED),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding",
        b"content-length",
        b"Connection: close\r\n",
        b"HTTP/1.0",
    ),
]


def mutate(source: random.Random) -> bytes:
    stream = bytearray(source.choice(SEEDS))
    for _ in range(source.randint(0, 4)):
        at = source.randrange(len(stream))
        match source.randrange(4):
            case 0:
                stream[at : at + 1] = source.choice(SPICE)
            case 1:
                stream[at:at] = source.choice(SPICE)
            case 2:
                del stream[at : at + source.choice([1, 1, 1, 2, 8])]
            case _:
                stream[at:at] = stream[at : at + source.randrange(40)]
    return bytes(stream)


def test_the_plain_reader_reads_the_seeds() -> None:
    assert [len(read_plainly(seed)) for seed in SEEDS] == [2, 2, 3, 1, 2]


@pytest.mark.parametrize("seed", range(4))
async def test_mutated_streams_are_never_seen_as_more_than_they_are(seed: int) -> None:
    source = random.Random(seed)
    streams = [mutate(source) for _ in range(500)]
    results = await serve_all(streams)
    for stream, seen in zip(streams, results, strict=True):
        assert seen == read_plainly(stream)[: len(seen)], stream
    assert sum(len(seen) for seen in results) > 200
