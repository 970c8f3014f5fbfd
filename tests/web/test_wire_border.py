"""Failures of the floors below, as a client is told of them."""

import pytest

from gateway.errors import Code, Transient
from gateway.store.writer import StoreFailed
from gateway.web.border import at_border
from gateway.web.http import Request, Response
from gateway.web.problem import Problem

REQUEST = Request(method="GET", path="/")


async def told(error: Exception) -> Problem:
    async def fail(request: Request) -> Response:
        raise error

    with pytest.raises(Problem) as caught:
        await at_border(fail)(REQUEST)
    return caught.value


@pytest.mark.parametrize(
    ("code", "after", "status", "seconds"),
    [
        (Code.STORE_UNAVAILABLE, 0.2, 503, "1"),
        (Code.STORE_UNAVAILABLE, 5.0, 503, "5"),
        (Code.STORE_FULL, 10.0, 507, "10"),
        (Code.STOPPING, 1.5, 503, "2"),
    ],
)
async def test_what_passes_is_to_be_repeated(code: Code, after: float, status: int, seconds: str) -> None:
    problem = await told(Transient(code, "not now", after))
    assert (problem.status, problem.code, problem.headers) == (status, code, (("Retry-After", seconds),))


async def test_a_disk_that_failed_is_no_success_and_no_promise() -> None:
    problem = await told(StoreFailed("the disk failed: /secret/path"))
    assert (problem.status, problem.code) == (503, Code.STORE_UNAVAILABLE)
    assert "/secret/path" not in problem.to_response().body.decode()


async def test_what_nobody_foresaw_goes_on_to_the_fence() -> None:
    async def fail(request: Request) -> Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await at_border(fail)(REQUEST)
    assert (await told(Problem(404, Code.NOT_FOUND, "Nothing is here."))).status == 404
