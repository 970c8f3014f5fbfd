"""The strict look at a head: what RFC 9112 and 3986 forbid, and what they allow."""

import random

import h11
import pytest

from gateway.web.precheck import Head, check_head, check_partial, parse_query
from gateway.web.problem import Problem

BYTES = 1024
FIELDS = 20
TARGET = 200


def judge(head: bytes) -> Head:
    return check_head(head, header_bytes=BYTES, header_fields=FIELDS, target_bytes=TARGET)


def request(*fields: bytes, line: bytes = b"GET /a HTTP/1.1", host: bytes = b"Host: h") -> bytes:
    return b"\r\n".join([line, *([host] if host else []), *fields, b"", b""])


# Everything here is refused. The second column is the status, the third a word of the detail.
FORBIDDEN: list[tuple[bytes, int, str]] = [
    # RFC 9112 §2.2: line ends, and what may be between them
    (b"GET /a HTTP/1.1\nHost: h\r\n\r\n", 400, "bare CR or LF"),
    (b"GET /a HTTP/1.1\r\nHost: h\n\r\n\r\n", 400, "bare CR or LF"),
    (b"GET /a HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400, "bare CR or LF"),
    (b"GET /a HTTP/1.1\r\nX: a\r\r\nHost: h\r\n\r\n", 400, "bare CR or LF"),
    (b"GET /a HTTP/1.1\r\nHost: h\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n", 400, "bare CR or LF"),
    (b"GET /a HTTP/1.1\r\n Host: h\r\n\r\n", 400, "folding"),
    (b" GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 400, "first line"),
    (b"\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n", 400, "first line"),
    (b"\x00GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 400, "control character"),
    (b"\xef\xbb\xbfGET /a HTTP/1.1\r\nHost: h\r\n\r\n", 400, "first line"),
    # §3: the request line
    (request(line=b"GET /a"), 400, "first line"),
    (request(line=b"GET  /a HTTP/1.1"), 400, "first line"),
    (request(line=b"GET /a  HTTP/1.1"), 400, "first line"),
    (request(line=b"GET /a HTTP/1.1 "), 400, "first line"),
    (request(line=b"GET /a b HTTP/1.1"), 400, "first line"),
    (request(line=b"GET\t/a HTTP/1.1"), 400, "first line"),
    (request(line=b"GET /a\tHTTP/1.1"), 400, "first line"),
    (request(line=b"G(T /a HTTP/1.1"), 400, "first line"),
    (request(line=b"GET /\xc3\xa4 HTTP/1.1"), 400, "first line"),
    (request(line=b"GET /a http/1.1"), 400, "first line"),
    (request(line=b"GET /a HTTP/1,1"), 400, "first line"),
    (request(line=b"GET /a HTTP/11"), 400, "first line"),
    (request(line=b"GET /a HTTP/1.10"), 400, "first line"),
    (request(line=b"GET /a HTTPS/1.1"), 400, "first line"),
    (request(line=b" /a HTTP/1.1"), 400, "first line"),
    (request(line=b""), 400, "first line"),
    (request(line=b"GET /a HTTP/0.9"), 505, "HTTP/0.9"),
    (request(line=b"GET /a HTTP/1.2"), 505, "HTTP/1.2"),
    (request(line=b"GET /a HTTP/2.0"), 505, "HTTP/2.0"),
    (request(line=b"GET /a HTTP/3.0"), 505, "HTTP/3.0"),
    (b"PRI * HTTP/2.0\r\n\r\n", 505, "HTTP/2.0"),
    (request(line=b"BREW /a HTTP/1.1"), 501, "BREW"),
    (request(line=b"get /a HTTP/1.1"), 501, "get"),
    (request(line=b"CONNECT h:1 HTTP/1.1"), 501, "CONNECT"),
    # §3.2 and RFC 3986: the target
    (request(line=b"GET a HTTP/1.1"), 400, "request target"),
    (request(line=b"GET h:80 HTTP/1.1"), 400, "request target"),
    (request(line=b"GET * HTTP/1.1"), 400, "request target"),
    (request(line=b"GET ?a=b HTTP/1.1"), 400, "request target"),
    (request(line=b"GET /a#b HTTP/1.1"), 400, "request target"),
    (request(line=b'GET /"a" HTTP/1.1'), 400, "request target"),
    (request(line=b"GET /a|b HTTP/1.1"), 400, "request target"),
    (request(line=b"GET /a\\b HTTP/1.1"), 400, "request target"),
    (request(line=b"GET /a?b=[1] HTTP/1.1"), 400, "request target"),
    (request(line=b"GET /% HTTP/1.1"), 400, "request target"),
    (request(line=b"GET /%4 HTTP/1.1"), 400, "request target"),
    (request(line=b"GET /%zz HTTP/1.1"), 400, "request target"),
    (request(line=b"GET /a?b=%fg HTTP/1.1"), 400, "request target"),
    (request(line=b"GET http:/a HTTP/1.1"), 400, "request target"),
    (request(line=b"GET http:///a HTTP/1.1"), 400, "request target"),
    (request(line=b"GET http://u@h/a HTTP/1.1"), 400, "request target"),
    (request(line=b"GET http://h:p/a HTTP/1.1"), 400, "request target"),
    (request(line=b"GET ftp://h/a HTTP/1.1"), 400, "request target"),
    (request(line=b"GET /%ff HTTP/1.1"), 400, "UTF-8"),
    (request(line=b"GET /%ed%a0%80 HTTP/1.1"), 400, "UTF-8"),
    (request(line=b"GET /a?b=%c3 HTTP/1.1"), 400, "UTF-8"),
    (request(line=b"GET /%00 HTTP/1.1"), 400, "NUL"),
    (request(line=b"GET /a?b=%00 HTTP/1.1"), 400, "NUL"),
    (request(line=b"GET /a%0d%0ab HTTP/1.1"), 400, "control character"),
    (request(line=b"GET /a%2Fb HTTP/1.1"), 400, "slash"),
    (request(line=b"GET /a%2fb HTTP/1.1"), 400, "slash"),
    (request(line=b"GET /a?b=1&b=2 HTTP/1.1"), 400, "'b' occurs more than once"),
    (request(line=b"GET /a?b=1&%62=2 HTTP/1.1"), 400, "'b' occurs more than once"),
    (request(line=b"GET /%s HTTP/1.1" % (b"a" * TARGET)), 414, "200 bytes"),
    # §3.2: Host
    (request(host=b""), 400, "Host is missing"),
    (request(b"Host: h"), 400, "host occurs more than once"),
    (request(b"hOST: other"), 400, "host occurs more than once"),
    (request(host=b"Host:"), 400, "Host is not"),
    (request(host=b"Host: a b"), 400, "Host is not"),
    (request(host=b"Host: a, b"), 400, "Host is not"),
    (request(host=b"Host: a/b"), 400, "Host is not"),
    (request(host=b"Host: u@h"), 400, "Host is not"),
    (request(host=b"Host: h:p"), 400, "Host is not"),
    (request(host=b"Host: [::1"), 400, "Host is not"),
    (request(host=b"Host: \xff"), 400, "Host is not"),
    (request(b"Host: b", line=b"GET /a HTTP/1.0"), 400, "host occurs more than once"),
    # §5: fields
    (request(b"X : y"), 400, "before the colon"),
    (request(b"X\t: y"), 400, "before the colon"),
    (request(b"Transfer-Encoding : chunked"), 400, "before the colon"),
    (request(b"X"), 400, "no colon"),
    (request(b": y"), 400, "no token"),
    (request(b"X Y: z"), 400, "no token"),
    (request(b"X\xe4: y"), 400, "no token"),
    (request(b"X(): y"), 400, "no token"),
    (request(b"X: a", b" b"), 400, "folding"),
    (request(b"X: a", b"\tb"), 400, "folding"),
    (request(b"X: a\x00b"), 400, "control character"),
    (request(b"X: a\x01b"), 400, "control character"),
    (request(b"X: a\x0bb"), 400, "control character"),
    (request(b"X: a\x7fb"), 400, "control character"),
    (request(b"X\x00: a"), 400, "control character"),
    (request(b"\x0bTransfer-Encoding: chunked"), 400, "control character"),
    (request(b"Transfer-Encoding:\x0bchunked"), 400, "control character"),
    (request(b"Authorization: a", b"Authorization: b"), 400, "authorization occurs more than once"),
    (request(b"Idempotency-Key: a", b"idempotency-key: a"), 400, "idempotency-key occurs more than once"),
    (request(b"Content-Type: a/b", b"Content-Type: a/b"), 400, "content-type occurs more than once"),
    (request(*[b"X%d: y" % n for n in range(FIELDS)]), 431, "20 fields"),
    (request(b"X: " + b"y" * BYTES), 431, "1024 bytes"),
    # §6: framing
    (request(b"Content-Length: 1", b"Content-Length: 1"), 400, "content-length occurs more than once"),
    (request(b"Content-Length: 1", b"Content-Length: 2"), 400, "content-length occurs more than once"),
    (request(b"Content-Length: 1, 1"), 400, "Content-Length is not"),
    (request(b"Content-Length: 1 1"), 400, "Content-Length is not"),
    (request(b"Content-Length: +1"), 400, "Content-Length is not"),
    (request(b"Content-Length: -1"), 400, "Content-Length is not"),
    (request(b"Content-Length: 0x1"), 400, "Content-Length is not"),
    (request(b"Content-Length: 1.0"), 400, "Content-Length is not"),
    (request(b"Content-Length: 1_0"), 400, "Content-Length is not"),
    (request(b'Content-Length: "1"'), 400, "Content-Length is not"),
    (request(b"Content-Length: \xb2"), 400, "Content-Length is not"),
    (request(b"Content-Length:"), 400, "Content-Length is not"),
    (request(b"Content-Length: 1", b"Transfer-Encoding: chunked"), 400, "exclude each other"),
    (request(b"Transfer-Encoding: chunked", b"Content-Length: 0"), 400, "exclude each other"),
    (request(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), 400, "more than once"),
    (request(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"), 400, "more than once"),
    (request(b"Transfer-Encoding: identity"), 400, "not chunked"),
    (request(b"Transfer-Encoding: gzip"), 400, "not chunked"),
    (request(b"Transfer-Encoding: chunked, gzip"), 400, "not chunked"),
    (request(b"Transfer-Encoding: chunked, chunked"), 400, "not chunked"),
    (request(b"Transfer-Encoding: chunked;q=1"), 400, "not chunked"),
    (request(b"Transfer-Encoding: xchunked"), 400, "not chunked"),
    (request(b"Transfer-Encoding: chunked,"), 400, "not chunked"),
    (request(b"Transfer-Encoding: ,chunked"), 400, "not chunked"),
    (request(b'Transfer-Encoding: "chunked"'), 400, "not chunked"),
    (request(b"Transfer-Encoding:"), 400, "not chunked"),
    (request(b"Transfer-Encoding: gzip, chunked"), 501, "transfer coding"),
    (request(b"Transfer-Encoding: chunked", line=b"POST /a HTTP/1.0"), 400, "HTTP/1.0"),
    # RFC 9110 §10.1.1
    (request(b"Expect: a-miracle"), 417, "100-continue"),
    (request(b"Expect: 100-continue, more"), 417, "100-continue"),
    (request(b"Expect: 100-continue", b"Expect: 100-continue"), 400, "expect occurs more than once"),
]


@pytest.mark.parametrize(("head", "status", "word"), FORBIDDEN, ids=lambda value: repr(value)[:60])
def test_what_is_forbidden_is_refused(head: bytes, status: int, word: str) -> None:
    with pytest.raises(Problem) as caught:
        judge(head)
    assert (caught.value.status, word in caught.value.detail) == (status, True), caught.value.detail


def test_a_plain_head() -> None:
    head = judge(
        request(
            b"Content-Type:application/json",
            b"ACCEPT: \t a/b \t",
            b"Accept:c/d",
            b"X-Empty:",
            b"X-Bytes: \xe4",
            b"Content-Length: 0012",
            line=b"POST /v1/consents/%2B15550100?a=b+c&d=%2B&e&=&f=g=h& HTTP/1.1",
        )
    )
    assert head.method == "POST"
    assert head.path == "/v1/consents/+15550100"
    assert head.query == {"a": "b c", "d": "+", "e": "", "": "", "f": "g=h"}
    assert head.headers == {
        "host": "h",
        "content-type": "application/json",
        "accept": "a/b, c/d",
        "x-empty": "",
        "x-bytes": "ä",
        "content-length": "0012",
    }
    assert (head.content_length, head.chunked, head.expects_continue) == (12, False, False)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (b"GET / HTTP/1.1", "/"),
        (b"GET /a/ HTTP/1.1", "/a/"),
        (b"GET //a HTTP/1.1", "//a"),
        (b"GET /../a HTTP/1.1", "/../a"),
        (b"GET /%C3%A4%20+%25 HTTP/1.1", "/ä +%"),
        (b"GET /a? HTTP/1.1", "/a"),
        (b"GET /-._~!$&'()*+,;=:@ HTTP/1.1", "/-._~!$&'()*+,;=:@"),
        (b"GET http://other.example/a HTTP/1.1", "/a"),
        (b"GET HTTPS://other.example:1/a?b=c HTTP/1.1", "/a"),
        (b"GET http://[::1]:1 HTTP/1.1", "/"),
        (b"OPTIONS * HTTP/1.1", "*"),
        (b"GET /%s HTTP/1.1" % (b"a" * (TARGET - 1)), "/" + "a" * (TARGET - 1)),
    ],
)
def test_targets(line: bytes, path: str) -> None:
    assert judge(request(line=line)).path == path


def test_the_authority_of_an_absolute_target_replaces_host() -> None:
    assert judge(request(line=b"GET http://other.example:1/ HTTP/1.1")).headers["host"] == "other.example:1"


@pytest.mark.parametrize("host", [b"h", b"h.example:80", b"127.0.0.1:", b"[::1]:8080", b"[fe80::1]", b"a_b", b"%41"])
def test_hosts(host: bytes) -> None:
    assert judge(request(host=b"Host: " + host)).headers["host"] == host.decode()


def test_http_1_0_needs_no_host_and_expects_nothing() -> None:
    head = judge(request(b"Expect: 100-continue", b"Content-Length: 5", line=b"POST /a HTTP/1.0", host=b""))
    assert (head.content_length, head.expects_continue) == (5, False)


@pytest.mark.parametrize("coding", [b"chunked", b"Chunked", b"\t CHUNKED \t"])
def test_chunked(coding: bytes) -> None:
    assert judge(request(b"Transfer-Encoding:" + coding, line=b"POST /a HTTP/1.1")).chunked


@pytest.mark.parametrize(
    ("length", "value"),
    [(b"0", 0), (b"000", 0), (b"7", 7), (b"9" * 18, 10**18 - 1), (b"9" * 19, 10**18), (b"1" + b"0" * 800, 10**18)],
)
def test_content_length(length: bytes, value: int) -> None:
    assert judge(request(b"Content-Length: " + length)).content_length == value


def test_expectation() -> None:
    assert judge(request(b"Expect: 100-Continue", b"Content-Length: 5")).expects_continue


def test_a_duplicate_parameter_is_named() -> None:
    with pytest.raises(Problem) as caught:
        parse_query("a=1&limit=2&limit=2")
    assert caught.value.errors[0].field == "query:limit"


def test_values_are_never_quoted() -> None:
    for head, _, _ in FORBIDDEN:
        secret = head.replace(b"X: a", b"Authorization: Bearer hunter2").replace(b"X : y", b"X : hunter2")
        with pytest.raises(Problem) as caught:
            judge(secret)
        assert "hunter2" not in str(caught.value.to_response().body)


GOOD = request(b"X: a\tb", b"Y: \xe4", b"Content-Length: 3", line=b"POST /a?b=c HTTP/1.1")


def test_no_beginning_of_a_good_head_is_refused() -> None:
    for already in range(len(GOOD)):
        for end in range(already, len(GOOD)):
            check_partial(GOOD[:end], already, BYTES, TARGET)


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (b"GET /a HTTP/1.1\n", 400),
        (b"GET /a HTTP/1.1\r\nX: a\rb", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),  # a TLS handshake
        (b"GET /\x00", 400),
        (b"GET /" + b"a" * (TARGET + 100), 414),
        (b"GET /a HTTP/1.1\r\nX: " + b"a" * BYTES, 431),
        (b"GET /a HTTP/1.1\r\n" + b"X: a\r\n" * 200, 431),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_hopeless_beginning_is_refused_before_its_end(received: bytes, status: int, at_once: bool) -> None:
    def watch() -> None:
        for already in [0] if at_once else range(len(received)):
            check_partial(received if at_once else received[: already + 1], already, BYTES, TARGET)

    with pytest.raises(Problem) as caught:
        watch()
    assert caught.value.status == status


def test_what_passes_means_the_same_to_h11() -> None:
    """8,000 mutations: nothing but a Problem is raised, and h11 reads what passed as we did."""
    seeds = [
        GOOD,
        request(b"Transfer-Encoding: chunked", b"Connection: close", line=b"POST /%C3%A4 HTTP/1.1"),
        request(b"Expect: 100-continue", b"Content-Length: 10", line=b"PUT http://a.example/b HTTP/1.1"),
        request(b"Authorization: Bearer x", b"Accept: a", b"Accept: b", line=b"GET /?a=%2B&b= HTTP/1.0"),
    ]
    spice = [b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b":", b",", b"\x0b", b"\xff", b"%", b"0", b"chunked", b"\r\n "]
    source = random.Random(9112)
    passed = 0
    for _ in range(8_000):
        head = bytearray(source.choice(seeds))
        for _ in range(source.randint(1, 3)):
            at = source.randrange(len(head) - 4)
            head[at : at + source.randint(0, 3)] = source.choice([source.choice(spice), source.randbytes(1)])
        end = head.find(b"\r\n\r\n")
        received = bytes(head[: end + 4])
        try:
            ours = judge(received)
        except Problem:
            continue
        passed += 1
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(received)
        theirs = connection.next_event()
        assert isinstance(theirs, h11.Request)
        assert theirs.method.decode() == ours.method
        assert {name.decode() for name, _ in theirs.headers} == set(ours.headers)
        if ours.content_length or ours.chunked:
            assert connection.next_event() is h11.NEED_DATA
        else:
            assert isinstance(connection.next_event(), h11.EndOfMessage)
    assert passed > 500


@pytest.mark.parametrize(
    ("head", "detail", "fix"),
    [
        (b"GET /a HTTP/1.1\nHost: h\r\n\r\n", "a bare CR or LF at byte 15", "End lines with CRLF."),
        (request(b"X: a\x00b"), "the control character 0x00 at byte 30", "Remove it."),
        (request(b"X: a\x16b"), "the control character 0x16 at byte 30", "Remove it."),
        # The beginning of a ClientHello: who says https:// to a door without TLS.
        (b"\x16\x03\x01\x02\x00\x01\x00", "the control character 0x16 at byte 0", "TLS is not spoken here"),
    ],
)
def test_a_byte_that_no_head_may_hold_is_named_with_what_helps(head: bytes, detail: str, fix: str) -> None:
    with pytest.raises(Problem) as refused:
        check_partial(head, 0, BYTES, TARGET)
    assert refused.value.detail == f"The head of the request holds {detail}."
    assert refused.value.fix.startswith(fix)
