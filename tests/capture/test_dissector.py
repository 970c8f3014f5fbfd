"""What the gateway and the simulated carrier say to each other, read by somebody else: Wireshark's dissector.

The conversation goes over real sockets through a tap, into a capture file, and through ``tshark``.
"""

import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from gateway.carrier.bind import Bind, BindKind
from gateway.flow.queries import LAP
from gateway.model.clock import DAY
from gateway.model.events import Kind
from gateway.model.message import State
from gateway.store.sqlite import open_memory
from tests.capture.pcap import Piece, Tap, pcap
from tests.flow.rig import SENDER, Rig, configured
from tools.simulator.journal import Delivered, Journal, Queried, Submitted, Unbound
from tools.simulator.scenario import LongForm, Mo, changed, load
from tools.simulator.smsc import Smsc

TSHARK = shutil.which("tshark")
LIMIT = 60
ANOTHER = "+12025550188"
"""A consumer whose words hold up nobody else's texts."""
GSM = "The quick brown fox costs 5 \u20ac [net]. " * 9
UCS2 = "\u0417\u0434\u0440\u0430\u0432\u0441\u0442\u0432\u0443\u0439\u0442\u0435 \U0001f642 " * 9

SUBMIT_SM, DELIVER_SM, QUERY_SM, UNBIND, RESPONSE = 0x04, 0x05, 0x03, 0x06, 0x80000000


@asynccontextmanager
async def conversation(long: LongForm) -> AsyncIterator[tuple[Rig, Smsc, Tap, Bind]]:
    """A gateway bound through a tap to a simulated carrier that takes this form of long texts."""
    async with trio.open_nursery() as nursery, open_memory() as store:
        smsc = Smsc(changed(load("well_behaved"), {"receipts": {"delay": 0.0, "reference": True}}), Journal())
        nursery.start_soon(smsc.run)

        async def answer(stream: trio.SocketStream) -> None:
            await smsc.serve(stream, "esme")

        (carrier, *_) = await nursery.start(trio.serve_tcp, answer, 0)
        tap = Tap(carrier.socket.getsockname()[1])
        (tapped, *_) = await nursery.start(trio.serve_tcp, tap.serve, 0)
        config = configured(
            host="127.0.0.1",
            port=tapped.socket.getsockname()[1],
            long_messages=long,
            user_message_reference=True,
            query_sm=True,
        )
        flow = Rig(config, store, nursery)
        bind = Bind(config.carriers[0], BindKind.TRX, 1, "secret", flow.road, flow.health.changed)
        nursery.start_soon(bind.run)
        with trio.fail_after(LIMIT):
            yield flow, smsc, tap, bind
            nursery.cancel_scope.cancel()


async def until_delivered(flow: Rig, ids: list[int]) -> None:
    while True:
        found = [await flow.store.message(message_id, None) for message_id in ids]
        if all(message is not None and message.state is State.DELIVERED for message in found):
            return
        await trio.sleep(0.01)


async def speak(flow: Rig, smsc: Smsc, tap: Tap, bind: Bind, long: LongForm) -> None:
    """Long and short texts in both directions, receipts, a question, and an orderly end."""
    await flow.consent()
    ids: list[int] = [(await flow.submit(text)).id for text in ("Hello", GSM, UCS2)]
    await until_delivered(flow, ids)
    for text in ("Hello back", GSM, UCS2):
        smsc.originate(Mo(source=ANOTHER, destination=f"+{SENDER}", text=text, long=long))
        smsc.settle()
    while [event.kind for event in await flow.store.events(flow.client, 0, 100)].count(Kind.INBOUND_RECEIVED) < 3:
        await trio.sleep(0.01)
    flow.links = [link for link in [bind.link] if link is not None]
    smsc.play(changed(load("well_behaved"), {"receipts": {"when": "never"}}))
    silent = (await flow.submit("Silent")).id
    while (await flow.store.message(silent, None)).state is not State.SUBMITTED:  # type: ignore[union-attr]
        await trio.sleep(0.01)
    flow.wall += 10 * DAY
    while (await flow.store.message(silent, None)).state is not State.DELIVERED:  # type: ignore[union-attr]
        flow.wall += LAP  # while it is on its way, the carrier is asked again in the next lap
        await flow.queries.once()
        await trio.sleep(0.05)
    bind.stop()
    while bind.link is not None:
        await trio.sleep(0.01)


def dissect(capture: Path, *arguments: str) -> list[str]:
    assert TSHARK is not None
    command = [TSHARK, "-n", "-r", str(capture), "-o", "tcp.check_checksum:TRUE", *arguments]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=LIMIT)
    return done.stdout.splitlines()


@pytest.mark.skipif(TSHARK is None, reason="tshark is not installed: no second opinion on the octets")
@pytest.mark.parametrize("long", ["udh8", "udh16", "sar", "payload"])
async def test_wireshark_reads_a_session_without_a_malformed_mark(long: LongForm, tmp_path: Path) -> None:
    async with conversation(long) as (flow, smsc, tap, bind):
        await speak(flow, smsc, tap, bind, long)
        pieces = list(tap.pieces)
    capture = tmp_path / f"{long}.pcap"
    capture.write_bytes(pcap(pieces))

    assert dissect(capture, "-Y", "_ws.malformed || _ws.expert.severity == error || tcp.checksum.status == 0") == []
    commands = Counter(
        int(command, 16)
        for line in dissect(capture, "-Y", "smpp", "-T", "fields", "-e", "smpp.command_id")
        for command in line.split(",")
    )
    assert commands == frames(pieces)
    for command, seen in ((SUBMIT_SM, Submitted), (QUERY_SM, Queried), (DELIVER_SM, Delivered), (UNBIND, Unbound)):
        count = sum(isinstance(entry, seen) for entry in smsc.journal.after(0))
        assert count > 0
        assert (commands[command], commands[command | RESPONSE]) == (count, count)
    wanted = {
        "udh8": "gsm_sms.udh.mm.msg_part == 2",
        "udh16": "gsm_sms.udh.mm.msg_part == 2",
        "sar": "smpp.sar_segment_seqnum == 2",
        "payload": "smpp.message_payload",
    }[long]
    assert dissect(capture, "-Y", f"smpp.command_id == {SUBMIT_SM:#x} && ({wanted})")


def frames(pieces: list[Piece]) -> Counter[int]:
    """The PDUs of both directions by command_id, counted by their lengths alone."""
    found: Counter[int] = Counter()
    for side in (True, False):
        octets = b"".join(piece.octets for piece in pieces if piece.from_client is side)
        while octets:
            found[int.from_bytes(octets[4:8])] += 1
            octets = octets[int.from_bytes(octets[:4]) :]
    return found
