"""Owns one delivery attempt: a signed POST to an endpoint and what came of it. Does not queue, retry or keep events.

Requests go to our httpx transport directly. All that a webhook must not have lives one layer higher, in httpx's client:
redirects, cookies, proxies from the environment, and a log line with every URL, which often holds a receiver's token.
"""

import ssl
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

import httpcore
import httpx
import msgspec
import trio

from gateway.model.url import check_url
from gateway.webhook.schedule import Verdict, parse_retry_after, verdict
from gateway.webhook.sign import Secret, sign
from gateway.webhook.transport import Resolve, Transport, Unreachable, system_resolver

ATTEMPT_LIMIT: Final = 15.0  # seconds for all of one attempt; Standard Webhooks, "Request timeouts": 15 to 30 s
DRAIN_LIMIT: Final = 1.0  # of these, for the body of the answer, which only serves to use the connection again
DRAIN_BYTES: Final = 4096

_parsed = lru_cache(maxsize=256)(httpx.URL)


class Endpoint(msgspec.Struct, frozen=True):
    """A receiver as configured. Building one raises ValueError (InvalidUrl) when it could never be delivered to.

    `secrets`: the current one first, the old one behind it during a change-over. `allow_private`: the receiver stands
    on the operator's own machine or network, and may be spoken to without TLS.
    """

    id: str
    url: str
    secrets: tuple[Secret, ...]
    allow_private: bool = False

    def __post_init__(self) -> None:
        check_url(self.url, allow_private=self.allow_private)
        if not self.secrets:
            raise ValueError("secrets: empty; give at least one whsec_…")

    def __repr__(self) -> str:
        site = check_url(self.url, allow_private=self.allow_private)
        return f"Endpoint({self.id!r}, {site.scheme}://{site.host}:{site.port})"  # a path or query may hold a token


class Outcome(msgspec.Struct, frozen=True):
    """What came of one attempt. `status` is None when no answer came; `detail` is for operators and holds no secret.

    `elapsed` and `retry_after` are seconds, the latter as the receiver asked for it, at most a day.
    """

    status: int | None
    verdict: Verdict
    elapsed: float
    detail: str
    retry_after: float | None = None


class Client:
    """Delivers webhooks. Use as an async context manager; `deliver` may run in any number of tasks at once.

    `resolve` finds the addresses of a host and port, instead of the system; `tls` trusts an operator's own authority,
    instead of the public ones.
    """

    def __init__(self, *, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None) -> None:
        resolve = resolve or system_resolver()
        tls = tls or httpx.create_ssl_context(trust_env=False)
        self._public = Transport(resolve, tls, allow_private=False)
        self._private = Transport(resolve, tls, allow_private=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._public.aclose()
        await self._private.aclose()

    async def deliver(self, endpoint: Endpoint, webhook_id: str, timestamp: int, body: bytes) -> Outcome:
        """Make one attempt, in at most ATTEMPT_LIMIT seconds. Never raises for what a receiver or network does.

        `timestamp`: the time of this attempt, whole seconds since 1970. The body goes out as it is, as JSON.
        """
        transport = self._private if endpoint.allow_private else self._public
        url = _parsed(endpoint.url)
        headers = {
            "host": url.netloc.decode("ascii"),
            "content-type": "application/json",
            "user-agent": "Assent",
            "accept-encoding": "identity",
            **sign(endpoint.secrets, webhook_id, timestamp, body),
        }
        request = httpx.Request("POST", url, content=body, headers=headers)
        response: httpx.Response | None = None
        failure = f"no answer within {ATTEMPT_LIMIT:g} s"
        began = trio.current_time()
        with trio.move_on_after(ATTEMPT_LIMIT):
            try:
                response = await transport.handle_async_request(request)
                await _drain(response)
            except Unreachable as error:
                failure = str(error)
            except httpcore.RemoteProtocolError:
                failure = "the answer is not HTTP, or the connection was closed before it came"
            except httpcore.NetworkError:
                failure = "the connection was lost"
        elapsed = trio.current_time() - began
        # The status line is the answer; what becomes of the body behind it changes nothing.
        if response is None:
            return Outcome(None, Verdict.RETRY, elapsed, failure)
        asked = response.headers.get("retry-after")
        return Outcome(
            response.status_code,
            verdict(response.status_code),
            elapsed,
            f"status {response.status_code}",
            None if asked is None else parse_retry_after(asked, timestamp),
        )


async def _drain(response: httpx.Response) -> None:
    """Read a short body, so that the connection can be used again; give a long or slow one up with its connection."""
    left = DRAIN_BYTES
    try:
        with trio.move_on_after(DRAIN_LIMIT) as scope:
            async for chunk in response.aiter_raw():
                left -= len(chunk)
                if left < 0:
                    # Not `break`, which would leave the generators below suspended: the next read is cancelled.
                    scope.cancel()
    finally:
        await response.aclose()
