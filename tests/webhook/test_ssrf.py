"""No form of URL and no answer of a name server leads a delivery to an address it must not reach."""

from ipaddress import ip_address

import httpx
import pytest
import trio

from gateway.model.url import InvalidUrl, unmapped
from gateway.webhook.client import Client, Endpoint
from gateway.webhook.schedule import Verdict
from gateway.webhook.sign import new_secret
from gateway.webhook.transport import Transport, Unreachable, system_resolver
from tests.webhook.conftest import Names, plays, receiver
from tests.webhook.forms import FORBIDDEN_ADDRESSES, OWN_ADDRESSES, PUBLIC_ADDRESSES, URL_FORMS

SECRETS = (new_secret(),)
EVERY_FORBIDDEN = [*FORBIDDEN_ADDRESSES, *OWN_ADDRESSES]


async def loopback(host: str, port: int) -> list[str]:
    """A name server under an attacker's hand: every name, and every odd number, is this machine."""
    await trio.lowlevel.checkpoint()
    return ["127.0.0.1"]


def test_the_table_is_large() -> None:
    assert len(set(URL_FORMS)) == len(URL_FORMS) >= 200


async def test_no_url_form_connects(connects: list[str]) -> None:
    refused, denied = 0, 0
    with trio.fail_after(60):
        async with Client(resolve=loopback) as client:
            for url in URL_FORMS:
                try:
                    endpoint = Endpoint("crm", url, SECRETS)
                except InvalidUrl:
                    refused += 1
                    continue
                outcome = await client.deliver(endpoint, "evt_1", 1, b"{}")
                assert outcome.status is None
                assert "127.0.0.1, which is loopback" in outcome.detail
                denied += 1
    assert connects == []
    assert refused + denied == len(URL_FORMS)
    # A form that comes past the configuration is no defect, for the address counts; but few should.
    assert denied <= 5


async def test_no_url_form_connects_by_the_transport_alone(connects: list[str]) -> None:
    """The second line of defence, with the first one taken away and the resolver of this machine, which reads odd forms."""
    hosts = ["2130706433", "0x7f000001", "0x7f.1", "0177.1", "127.1", "017700000001", "0", "0.0.0.0", "127.0.0.1"]
    hosts += ["[::1]", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1]", "[fd00:ec2::254]", "2852039166"]
    transport = Transport(system_resolver(), httpx.create_ssl_context(trust_env=False), allow_private=False)
    with trio.fail_after(30):
        for host in hosts:
            with pytest.raises(Unreachable, match=" which is "):
                await transport.handle_async_request(httpx.Request("POST", f"https://{host}/", content=b"{}"))
    assert connects == []


@pytest.mark.parametrize("address", EVERY_FORBIDDEN)
async def test_no_answer_of_a_name_server_leads_there(address: str, connects: list[str]) -> None:
    answers = [[address], [address, "1.1.1.1"], ["1.1.1.1", address], ["1.1.1.1"] * 20 + [address]]
    names = Names(hooks_example_com=answers)
    endpoint = Endpoint("crm", "https://hooks.example.com/hook", SECRETS)
    with trio.fail_after(10):
        async with Client(resolve=names) as client:
            for _ in answers:
                outcome = await client.deliver(endpoint, "evt_1", 1, b"{}")
                assert (outcome.status, outcome.verdict) == (None, Verdict.RETRY)
                assert "hooks.example.com leads to" in outcome.detail
                assert ("allow_private" in outcome.detail) == (address in OWN_ADDRESSES)
    assert connects == []


@pytest.mark.parametrize("address", FORBIDDEN_ADDRESSES)
async def test_not_even_when_private_addresses_are_allowed(address: str, connects: list[str]) -> None:
    endpoint = Endpoint("crm", "http://hooks.example.com/hook", SECRETS, allow_private=True)
    with trio.fail_after(10):
        async with Client(resolve=Names(hooks_example_com=[[address]])) as client:
            outcome = await client.deliver(endpoint, "evt_1", 1, b"{}")
    assert "leads to" in outcome.detail
    assert "allow_private" not in outcome.detail
    assert connects == []


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
async def test_a_public_address_is_connected_to_as_it_was_judged(address: str, connects: list[str]) -> None:
    names = Names(hooks_example_com=[[address], ["127.0.0.1"]])
    endpoint = Endpoint("crm", "https://hooks.example.com/hook", SECRETS)
    with trio.fail_after(10):
        async with Client(resolve=names) as client:
            outcome = await client.deliver(endpoint, "evt_1", 1, b"{}")
    assert outcome.detail == "hooks.example.com: Connection refused"
    assert connects == [str(unmapped(ip_address(address)))]
    assert names.asked == ["hooks.example.com"]


async def test_a_name_that_changes_its_answer_gains_nothing(connects: list[str]) -> None:
    names = Names(hooks_example_com=[["93.184.216.34"], ["127.0.0.1"]])
    endpoint = Endpoint("crm", "https://hooks.example.com/hook", SECRETS)
    with trio.fail_after(10):
        async with Client(resolve=names) as client:
            for _ in range(5):
                assert (await client.deliver(endpoint, "evt_1", 1, b"{}")).status is None
    assert connects == ["93.184.216.34"]  # of the first attempt; the other four were not made
    assert len(names.asked) == 5  # one look-up for each: nothing is asked between judging and connecting


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
async def test_no_redirect_is_followed(status: int, connects: list[str]) -> None:
    async with receiver(plays(b"HTTP/1.1 204 Empty\r\n\r\n")) as secret_service:
        for location in (
            f"http://127.0.0.1:{secret_service.port}/",
            f"//127.0.0.1:{secret_service.port}/",
            "/elsewhere",
            "gopher://x",
            "http://[",
            "\xff",
        ):
            head = f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            if status == 304:
                head = head.replace("Content-Length: 0\r\n", "")
            async with receiver(plays(head.encode("latin-1"))) as front:
                endpoint = Endpoint("crm", f"http://127.0.0.1:{front.port}/hook", SECRETS, allow_private=True)
                with trio.fail_after(10):
                    async with Client() as client:
                        outcome = await client.deliver(endpoint, "evt_1", 1, b"{}")
                assert (outcome.status, outcome.verdict) == (status, Verdict.RETRY)
                assert len(front.requests) == 1
        assert secret_service.connections == 0
    assert len(connects) == 6


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver(plays(b"HTTP/1.1 500 Proxy\r\nContent-Length: 0\r\n\r\n")) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        async with receiver(plays(b"HTTP/1.1 204 Empty\r\n\r\n")) as front:
            endpoint = Endpoint("crm", f"http://127.0.0.1:{front.port}/hook", SECRETS, allow_private=True)
            with trio.fail_after(10):
                async with Client() as client:
                    assert (await client.deliver(endpoint, "evt_1", 1, b"{}")).status == 204
        assert proxy.connections == 0


async def test_a_connection_made_under_allow_private_serves_no_other_endpoint(connects: list[str]) -> None:
    names = Names(hooks_example_com=[["127.0.0.1"]])
    async with receiver(plays(b"HTTP/1.1 204 Empty\r\n\r\n")) as front:
        url = f"http://hooks.example.com:{front.port}/hook"
        with trio.fail_after(10):
            async with Client(resolve=names) as client:
                first = await client.deliver(Endpoint("own", url, SECRETS, allow_private=True), "evt_1", 1, b"{}")
                other = Endpoint("foreign", url.replace("http:", "https:"), SECRETS)
                second = await client.deliver(other, "evt_1", 1, b"{}")
        assert first.status == 204
        assert "which is loopback" in second.detail
        assert front.connections == 1
    assert connects == ["127.0.0.1"]
