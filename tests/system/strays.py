"""Every URL form and every answer of a name server that may lead a webhook astray, tried through the gateway's own client.

    python -m tests.system.strays

Owns: the tries, and the watch on every connect of the process. Does not own: the forms (tests/webhook/forms), or what a
webhook may reach (gateway/webhook). It prints one line of JSON.
"""

import errno
import sys
from typing import Any

import msgspec
import trio

from gateway.model.url import InvalidUrl
from gateway.webhook.client import Client, Endpoint
from gateway.webhook.sign import new_secret
from tests.webhook.conftest import Names, plays, receiver
from tests.webhook.forms import FORBIDDEN_ADDRESSES, OWN_ADDRESSES, URL_FORMS

SECRETS = (new_secret(),)
GLOBAL = "1.1.1.1"
NAME = "hooks.example.com"
REBOUND = 50
MOVED = (300, 301, 302, 303, 305, 307, 308)


class Strays(msgspec.Struct):
    """What was tried, and where it led."""

    forms: int = 0
    refused: int = 0
    """Of the forms, those that the configuration refuses."""
    answers: int = 0
    """Of name servers."""
    redirects: int = 0
    strayed: list[str] = []
    """Forms, answers and redirects that led to a connection which must not be."""


class Watch:
    """All connects of the process; those that leave this machine are seen and refused."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        sys.addaudithook(self._see)

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            address = str(arguments[1][0])
            self.seen.append(address)
            if not address.startswith("127."):
                raise ConnectionRefusedError(errno.ECONNREFUSED, "nothing leaves this machine")


async def loopback(host: str, port: int) -> list[str]:
    """A name server under an attacker's hand: every name, and every odd number, is this machine."""
    await trio.lowlevel.checkpoint()
    return ["127.0.0.1"]


async def try_forms(told: Strays, watch: Watch) -> None:
    """Each form as the URL of a webhook."""
    async with Client(resolve=loopback) as client:
        for url in URL_FORMS:
            told.forms += 1
            watch.seen.clear()
            try:
                endpoint = Endpoint("crm", url, SECRETS)
            except InvalidUrl:
                told.refused += 1
                continue
            await client.deliver(endpoint, "evt_1", 1, b"{}")
            if watch.seen:
                told.strayed.append(url)


async def try_answers(told: Strays, watch: Watch) -> None:
    """Each forbidden address as the answer for a good name: alone, among good ones, and after a good one (rebinding)."""
    endpoint = Endpoint("crm", f"https://{NAME}/hook", SECRETS)
    for address in (*FORBIDDEN_ADDRESSES, *OWN_ADDRESSES):
        answers = [[address], [address, GLOBAL], [GLOBAL, address], [GLOBAL] * 20 + [address]]
        async with Client(resolve=Names(hooks_example_com=answers)) as client:
            for _ in answers:
                told.answers += 1
                watch.seen.clear()
                await client.deliver(endpoint, "evt_1", 1, b"{}")
                if watch.seen:
                    told.strayed.append(f"{NAME} = {address}")
    async with Client(resolve=Names(hooks_example_com=[[GLOBAL], ["127.0.0.1"]] * REBOUND)) as client:
        for _ in range(2 * REBOUND):
            told.answers += 1
            watch.seen.clear()
            await client.deliver(endpoint, "evt_1", 1, b"{}")
            if set(watch.seen) - {GLOBAL}:
                told.strayed.append(f"{NAME} rebound to 127.0.0.1")


async def try_redirects(told: Strays, watch: Watch) -> None:
    """Each redirect of a good receiver, to a service that must not be reached."""
    async with receiver(plays(b"HTTP/1.1 204 Empty\r\n\r\n")) as inner:
        for status in MOVED:
            for target in (f"http://127.0.0.1:{inner.port}/", f"//127.0.0.1:{inner.port}/", "http://169.254.169.254/"):
                told.redirects += 1
                answer = f"HTTP/1.1 {status} Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
                async with receiver(plays(answer.encode())) as front, Client() as client:
                    watch.seen.clear()
                    url = f"http://127.0.0.1:{front.port}/hook"
                    await client.deliver(Endpoint("crm", url, SECRETS, allow_private=True), "evt_1", 1, b"{}")
                    if len(watch.seen) != 1:
                        told.strayed.append(f"{status} to {target}")
        if inner.connections:
            told.strayed.append("the service behind the redirects")


async def run() -> Strays:
    """All of them."""
    told, watch = Strays(), Watch()
    with trio.fail_after(120):
        await try_forms(told, watch)
        await try_answers(told, watch)
        await try_redirects(told, watch)
    return told


def main() -> None:
    """Try, and say what came of it."""
    sys.stdout.buffer.write(msgspec.json.encode(trio.run(run)))


if __name__ == "__main__":
    main()
