"""Methods and paths to handlers."""

import pytest

from gateway.web.http import Request, Response
from gateway.web.problem import Problem
from gateway.web.router import PARAM_LENGTH, Route, Router


async def answer(request: Request) -> Response:
    return Response(200, repr(sorted(request.params.items())).encode())


async def literal(request: Request) -> Response:
    return Response(200, b"literal")


TABLE = [
    Route("GET", "/", answer),
    Route("POST", "/v1/messages", answer),
    Route("GET", "/v1/messages", answer),
    Route("POST", "/v1/messages/batch", literal),
    Route("GET", "/v1/messages/{id}", answer),
    Route("POST", "/v1/messages/{id}/cancel", answer),
    Route("PUT", "/v1/consents/{number}", answer),
    Route("GET", "/v1/consents/{number}", answer),
    Route("GET", "/v1/{kind}/{id}/parts/{part}", answer),
]


def request(method: str, path: str) -> Request:
    return Request(method=method, path=path)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/", b"[]"),
        ("POST", "/v1/messages", b"[]"),
        ("HEAD", "/v1/messages", b"[]"),
        ("POST", "/v1/messages/batch", b"literal"),
        ("GET", "/v1/messages/01J", b"[('id', '01J')]"),
        ("HEAD", "/v1/messages/01J", b"[('id', '01J')]"),
        ("POST", "/v1/messages/batch/cancel", b"[('id', 'batch')]"),
        ("PUT", "/v1/consents/+15550100", b"[('number', '+15550100')]"),
        ("GET", "/v1/a/b/parts/c", b"[('id', 'b'), ('kind', 'a'), ('part', 'c')]"),
        ("GET", "/v1/messages/" + "x" * PARAM_LENGTH, b"[('id', '" + b"x" * PARAM_LENGTH + b"')]"),
    ],
)
async def test_found(method: str, path: str, body: bytes) -> None:
    assert (await Router(TABLE)(request(method, path))).body == body


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/",
        "/v1/messages/",
        "//v1/messages",
        "/v1//messages",
        "/V1/messages",
        "/v1/messages/1/",
        "/v1/messages//cancel",
        "/v1/messages/1/cancel/2",
        "/v1/../v1/messages",
        "/v1/messages;x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_not_found(method: str, path: str) -> None:
    with pytest.raises(Problem) as caught:
        await Router(TABLE)(request(method, path))
    assert caught.value.status == 404
    assert caught.value.code == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/v1/messages", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/v1/messages/batch", "OPTIONS, POST"),
        ("HEAD", "/v1/messages/1/cancel", "OPTIONS, POST"),
        ("PATCH", "/v1/consents/+1", "GET, HEAD, OPTIONS, PUT"),
        ("TRACE", "/v1/messages", "GET, HEAD, OPTIONS, POST"),
    ],
)
async def test_another_method(method: str, path: str, allow: str) -> None:
    with pytest.raises(Problem) as caught:
        await Router(TABLE)(request(method, path))
    assert caught.value.status == 405
    assert caught.value.to_response().headers == (("Allow", allow),)
    options = await Router(TABLE)(request("OPTIONS", path))
    assert (options.status, options.headers) == (204, (("Allow", allow),))


async def test_options_of_everything() -> None:
    assert (await Router(TABLE)(request("OPTIONS", "*"))).headers == (("Allow", "GET, HEAD, OPTIONS, POST, PUT"),)


async def test_a_placeholder_that_is_too_long_is_named() -> None:
    with pytest.raises(Problem) as caught:
        await Router(TABLE)(request("GET", "/v1/messages/" + "x" * (PARAM_LENGTH + 1)))
    assert caught.value.status == 400
    assert caught.value.errors[0].field == "path:id"


async def test_a_route_of_ones_own_comes_back_whole() -> None:
    class Documented(Route, frozen=True, kw_only=True):
        summary: str

    router = Router([Documented("GET", "/a", answer, summary="an a")])
    assert [route.summary for route in router.routes] == ["an a"]
    assert (await router(request("GET", "/a"))).status == 200


@pytest.mark.parametrize(
    ("paths", "why"),
    [
        (["/a", "/a"], "occurs twice"),
        (["/a/{x}", "/a/{x}"], "occurs twice"),
        (["/a/{x}", "/a/{y}"], "other placeholder names"),
        (["/a/{x}/c", "/a/b/{y}"], "another template"),
        (["/{x}/{x}"], "a placeholder occurs twice"),
        (["a"], "not a template"),
        (["/a/"], "not a template"),
        (["/a/{}"], "not a template"),
        (["/a/b{x}"], "not a template"),
        (["/a/{x"], "not a template"),
    ],
)
def test_a_contradictory_table_is_a_mistake_at_start(paths: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Router([Route("GET", path, answer) for path in paths])
