"""The control port, spoken to over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
import trio

from gateway.smpp import const
from tests.tools.simulator_peer import Carrier, carrier, text
from tools.simulator import scenario
from tools.simulator.control import Control
from tools.simulator.door import Door
from tools.simulator.endpoint import Endpoint


class Controlled(Carrier):
    """A carrier with its control port."""

    def __init__(self, smsc: Carrier, nursery: trio.Nursery, at: Endpoint, client: httpx.AsyncClient) -> None:
        super().__init__(smsc.smsc, nursery)
        self.at = at
        self.client = client

    async def get(self, path: str, status: int = 200) -> Any:
        response = await self.client.get(path)
        assert response.status_code == status, response.text
        return response.json()

    async def post(self, path: str, body: object, status: int = 200) -> Any:
        response = await self.client.post(path, content=msgspec.json.encode(body))
        assert response.status_code == status, response.text
        return response.json()


@asynccontextmanager
async def controlled(**options: Any) -> AsyncIterator[Controlled]:
    with trio.fail_after(60):
        async with carrier(**options) as smsc, trio.open_nursery() as nursery:
            door = Door()
            at = await door.open(Endpoint("127.0.0.1", 0))
            nursery.start_soon(door.run, Control(smsc.smsc, Door()).serve)
            async with httpx.AsyncClient(base_url=f"http://{at}", timeout=30) as client:
                yield Controlled(smsc, nursery, at, client)
            nursery.cancel_scope.cancel()


async def test_a_consumers_text() -> None:
    async with controlled() as smsc:
        mo = {"from": "+15551230001", "text": "STOP"}
        assert "nobody has texted" in (await smsc.post("/mo", mo, 422))["error"]
        assert "nobody has bound" in (await smsc.post("/mo", {**mo, "to": "40404"}, 422))["error"]
        esme = await smsc.bound()
        long = {**mo, "to": "40404", "text": "x" * 200, "encoding": "ucs2", "long": "sar", "parts": [2, 1]}
        assert await smsc.post("/mo", {**mo, "to": "40404"}) == {"deliveries": [1]}
        assert await smsc.post("/mo", {**long, "account": "esme"}) == {"deliveries": [2, 3]}
        await esme.until(lambda: len(esme.delivered) == 3)
        assert [one.tlv(const.TLV_SAR_SEGMENT_SEQNUM) for one in esme.delivered] == [None, b"\2", b"\1"]
        unknown = await smsc.post("/mo", {**mo, "to": "40404", "account": "else"}, 422)
        assert unknown["error"] == "'else' has never bound; there are esme"
        unwritable = await smsc.post("/mo", {**mo, "to": "40404", "text": "Ж", "encoding": "gsm7"}, 422)
        assert "gsm7 has no" in unwritable["error"]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "text"),
        ({"from": 1, "text": "x"}, "$.from"),
        ({"from": "1", "text": "x", "colour": "red"}, "colour"),
        ({"from": "1", "text": "x", "encoding": "ebcdic"}, "$.encoding"),
        ({"from": "1", "text": "x", "parts": [0]}, "$.parts"),
        ([], "object"),
    ],
)
async def test_bad_bodies_are_named(body: object, complaint: str) -> None:
    async with controlled() as smsc:
        assert complaint in (await smsc.post("/mo", body, 400))["error"]


async def test_no_json() -> None:
    async with controlled() as smsc:
        response = await smsc.client.post("/mo", content=b"{")
        assert response.status_code == 400
        response = await smsc.client.post("/mo", content=b"")
        assert response.status_code == 400
        response = await smsc.client.post("/mo", content=b'{"from": "1", "text": "\\ud800"}')
        assert response.status_code == 400


async def test_a_delivery_of_ones_own() -> None:
    async with controlled() as smsc:
        esme = await smsc.bound()
        raw = {"source_addr": "1", "destination_addr": "2", "esm_class": 4, "tlvs": [[0x1E, "3700"]], "trailing": "ff"}
        assert await smsc.post("/deliver", raw) == {"deliveries": [1]}
        await esme.until(lambda: esme.delivered)
        assert esme.delivered[0].tlv(0x1E) == b"7\0"
        assert "hexadecimal" in (await smsc.post("/deliver", {**raw, "trailing": "f"}, 400))["error"]
        too_long = {"source_addr": "1" * 100, "destination_addr": "2"}
        assert "source_addr" in (await smsc.post("/deliver", too_long, 422))["error"]


async def test_faults_at_run_time() -> None:
    async with controlled() as smsc:
        esme = await smsc.bound()
        assert (await smsc.get("/faults"))["scenarios"] == scenario.names()
        played = await smsc.post("/faults", {"scenario": "hex_ids", "set": {"receipts": {"delay": 0}}})
        assert played["playing"]["answers"]["id_form"] == "hex"
        assert played["playing"]["receipts"]["delay"] == 0
        await smsc.post("/faults", {"set": {"faults": [{"on": "submit_sm", "do": "status", "status": "RTHROTTLED"}]}})
        assert (await smsc.get("/faults"))["playing"]["answers"]["id_form"] == "hex"
        assert (await esme.submit(text("one"))).command_status == const.ESME_RTHROTTLED
        await smsc.post("/faults", {"scenario": "well_behaved"})
        assert (await esme.submit(text("two"))).command_status == 0
        assert "well_behaved" in (await smsc.post("/faults", {"scenario": "nonsense"}, 422))["error"]
        assert "$.receipts" in (await smsc.post("/faults", {"set": {"receipts": {"x": 1}}}, 422))["error"]
        assert (
            "cannot follow"
            in (await smsc.post("/faults", {"set": {"faults": [{"on": "open", "do": "mo"}]}}, 422))["error"]
        )


async def test_the_journal_from_anywhere_and_at_length() -> None:
    async with controlled() as smsc:
        esme = await smsc.bound()
        first = await smsc.get("/journal")
        assert [entry["event"] for entry in first["entries"]] == ["opened", "bind"]
        assert first["next"] == 2
        assert await smsc.get("/journal?after=2") == {"entries": [], "next": 2, "forgotten": 0}
        await esme.submit_all([text(f"t{n}", registered_delivery=0) for n in range(10)])
        texts = await smsc.get("/journal?after=2&event=submit_sm&limit=3")
        assert [entry["token"] for entry in texts["entries"]] == ["t0", "t1", "t2"]
        more = await smsc.get(f"/journal?after={texts['next']}&event=submit_sm&event=submit_sm_resp")
        assert sum(entry["event"] == "submit_sm" for entry in more["entries"]) == 7
        assert sum(entry["event"] == "submit_sm_resp" for entry in more["entries"]) >= 7
        for query in ("after=-1", "after=x", "limit=0", "wait=61", "colour=red"):
            assert (await smsc.get(f"/journal?{query}", 400))["error"]


async def test_the_journal_can_be_waited_for() -> None:
    async with controlled() as smsc:
        esme = await smsc.bound()
        answers: list[Any] = []

        async def wait() -> None:
            answers.append(await smsc.get("/journal?after=2&wait=30&event=submit_sm"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            # Another event does not end the waiting.
            await smsc.post("/faults", {"scenario": "hex_ids"})
            assert not answers
            await esme.submit(text("one"))
        assert [entry["token"] for entry in answers[0]["entries"]] == ["one"]
        nothing = await smsc.get(f"/journal?after={answers[0]['next'] + 100}&wait=0.01")
        assert nothing["entries"] == []


async def test_sessions_stats_and_disconnect() -> None:
    async with controlled() as smsc:
        links = [await smsc.bound() for _ in range(2)]
        await links[0].submit(text("one"))
        stats = await smsc.get("/stats")
        assert (stats["submits"], stats["taken"], stats["sessions"]) == (1, 1, 2)
        assert [view["bind"] for view in (await smsc.get("/sessions"))["sessions"]] == ["trx", "trx"]
        assert await smsc.post("/disconnect", {"how": "fin", "session": 2}) == {"sessions": [2]}
        assert await smsc.post("/disconnect", {"how": "unbind", "account": "nobody"}) == {"sessions": []}
        assert await smsc.post("/disconnect", {"how": "unbind", "account": "esme", "away": 0.01}) == {"sessions": [1]}
        assert "$.how" in (await smsc.post("/disconnect", {"how": "axe"}, 400))["error"]
        for esme in links:
            await esme.end()


async def test_http_itself() -> None:
    async with controlled() as smsc:
        assert "POST /mo" in await smsc.get("/")
        assert "no GET /nonsense" in (await smsc.get("/nonsense", 404))["error"]
        assert (await smsc.client.put("/mo")).status_code == 404
        refused = await smsc.client.post("/mo", json={}, headers={"origin": "http://example.com"})
        assert refused.status_code == 403
        too_long = await smsc.client.post("/mo", content=b" " * (1 << 20) + b"{}")
        assert too_long.status_code == 413


@pytest.mark.parametrize(
    "octets",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"y" * 20_000,
        b"\x00\x00\x00\x10\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x01",
    ],
)
async def test_what_is_no_http_is_told_so_and_closed(octets: bytes) -> None:
    async with controlled() as smsc, await trio.open_tcp_stream("127.0.0.1", smsc.at.port) as stream:
        await stream.send_all(octets)
        answer = b""
        while more := await stream.receive_some():
            answer += more
        assert answer.startswith(b"HTTP/1.1 4")


async def test_one_connection_serves_many_requests() -> None:
    async with controlled() as smsc, await trio.open_tcp_stream("127.0.0.1", smsc.at.port) as stream:
        for _ in range(3):
            await stream.send_all(b"GET /stats HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while not answer.endswith(b"}\n"):
                answer += await stream.receive_some()
            assert answer.startswith(b"HTTP/1.1 200")
        await stream.send_all(b"POST /mo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert (await stream.receive_some()).startswith(b"HTTP/1.1 100")
        await stream.send_all(b"{}")
        assert (await stream.receive_some()).startswith(b"HTTP/1.1 400")
