"""What an operator types, and what is answered."""

import os

import pytest
import trio
from trio.testing import MockClock

from gateway.smpp.pdu import DeliverSm
from tests.tools.simulator_peer import Carrier, carrier, text
from tools.simulator.console import HELP, Lines, Quit, look_on, obey, talk
from tools.simulator.scenario import Mo


async def test_texts(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        told = obey("+15551230001 STOP", smsc.smsc)
        assert told.startswith("nobody has texted yet")
        assert all(way in told for way in ("--to NUMBER", '"to"', "FROM > NUMBER TEXT"))
        assert obey("+15551230001 > 40404 STOP", smsc.smsc) == "nobody has bound yet"
        esme = await smsc.bound()
        await esme.submit(text("one", registered_delivery=0))
        typed = (
            "+15551230001 STOP",
            "  +15551230001   Please stop, now!  ",
            "15551230002 > 40405 HELP",
            "+15551230001 >40406 ÜBER 🎉",
            "123 START",
        )
        for line in typed:
            assert obey(line, smsc.smsc) == "sent", line
        assert obey(f"+15551230001 {'long ' * 50}", smsc.smsc) == "sent in 2 parts"
        smsc.smsc.settle()
        await esme.until(lambda: len(esme.delivered) == 7)
        seen = [(one.source_addr, one.destination_addr, body(one)) for one in esme.delivered[:5]]
        assert seen == [
            ("15551230001", "40404", "STOP"),
            ("15551230001", "40404", "Please stop, now!"),
            ("15551230002", "40405", "HELP"),
            ("15551230001", "40406", "ÜBER 🎉"),
            ("123", "40404", "START"),
        ]


def body(pdu: object) -> str:
    assert isinstance(pdu, DeliverSm)
    return pdu.short_message.decode("utf-16-be" if pdu.data_coding == 8 else "ascii")


async def test_commands(autojump_clock: MockClock) -> None:
    async with carrier() as smsc:
        await smsc.bound()
        assert obey("", smsc.smsc) == ""
        assert obey("help", smsc.smsc) == HELP
        assert "hex_ids" in obey("scenario", smsc.smsc)
        assert obey("scenario hex_ids", smsc.smsc) == "playing: Ids hex in the submit response, decimal in the receipt"
        assert smsc.smsc.script.scenario.answers.id_form == "hex"
        assert "no scenario is called 'nonsense'" in obey("scenario nonsense", smsc.smsc)
        assert "1: trx esme from memory" in obey("sessions", smsc.smsc)
        assert "submits 0" in obey("stats", smsc.smsc)
        assert obey("disconnect fin 9", smsc.smsc) == "fin: nobody is there"
        assert obey("disconnect fin", smsc.smsc) == "fin: 1"
        with pytest.raises(Quit):
            obey("quit", smsc.smsc)


@pytest.mark.parametrize(
    "line",
    ["nonsense", "help me", "disconnect", "disconnect axe", "disconnect fin one", "disconnect fin 1 2", "quit now"],
)
async def test_what_is_not_understood(line: str) -> None:
    async with carrier() as smsc:
        assert obey(line, smsc.smsc).startswith("not understood")


@pytest.mark.parametrize("line", ["+15551230001", "+15551230001 ", "+15551230001 >", "+15551230001 > 40404"])
async def test_a_number_without_a_text(line: str) -> None:
    async with carrier() as smsc:
        assert obey(line, smsc.smsc).startswith("what does the text say?")


async def test_hostile_lines_are_answered() -> None:
    async with carrier() as smsc:
        await smsc.bound()
        for line in (
            "+1 > " + "4" * 300 + " x",
            "+" + "1" * 300 + " > 4 x",
            "+1 > \N{SNOWMAN} x",
            "+1 > 4\0 x",
            "1 > 4 " + "x" * 100_000,
        ):
            assert obey(line, smsc.smsc) not in ("", "sent"), line


async def test_a_conversation_over_a_pipe() -> None:
    async def converse(typed: bytes) -> tuple[bool, list[str]]:
        said: list[str] = []
        reader, writer = os.pipe()
        os.write(writer, typed)
        os.close(writer)
        async with carrier() as smsc:
            with trio.fail_after(30):
                quitted = await talk(smsc.smsc, reader, said.append, prompt=True)
        os.close(reader)
        return quitted, said

    assert await converse(b"stats\nquit\nstats\n") == (True, ["smsc> ", stats_line(), "smsc> "])
    quitted, said = await converse(b"nonsense\xff\nhel")
    assert not quitted
    assert said[1].startswith("not understood")
    assert said[3].startswith("not understood: 'hel'")


def stats_line() -> str:
    names = (
        "submits taken refused receipts mos deliveries_ok redeliveries given_up queries cancels faults "
        "sessions deliveries_waiting receipts_held due_later"
    )
    return "  ".join(f"{name} 0" for name in names.split()) + "\n"


async def test_lines_come_as_they_are_cut() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"one\ntw")
    lines = Lines(reader)
    with trio.fail_after(30):
        assert await lines.next() == "one"
        os.write(writer, b"o\n\nthree")
        os.close(writer)
        assert [await lines.next() for _ in range(5)] == ["two", "", "three", None, None]
    os.close(reader)


async def test_looking_on(autojump_clock: MockClock) -> None:
    said: list[str] = []

    async def watched(smsc: Carrier) -> None:
        esme = await smsc.bound()
        await esme.submit(text("Your parcel is here"))
        smsc.smsc.originate(_mo())
        smsc.smsc.settle()
        await esme.until(lambda: len(esme.delivered) == 2)
        await esme.quiet(1)
        smsc.smsc.disconnect("fin")
        await esme.end()
        await trio.sleep(5)

    async with carrier(first_number=77) as smsc, trio.open_nursery() as nursery:
        nursery.start_soon(look_on, smsc.smsc, said.append)
        await trio.testing.wait_all_tasks_blocked()
        await watched(smsc)
        nursery.cancel_scope.cancel()
    assert [line.strip() for line in said] == [
        "[1] bind trx as 'esme': ESME_ROK",
        "40404 -> 15551230001: Your parcel is here",
        "15551230001 -> 40404: STOP",
        "receipt for 77: DELIVRD",
        "[1] fault: fin on command",
        "[1] closed: fin by us",
    ]


def _mo() -> Mo:
    return Mo(source="+15551230001", text="STOP")
