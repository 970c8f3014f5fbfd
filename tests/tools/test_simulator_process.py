"""The program itself: its command line, its first line, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from gateway.smpp import const
from gateway.smpp.events import CloseReason
from gateway.smpp.pdu import BindTransceiver
from tests.tools.simulator_peer import Esme, text
from tools.simulator import journal, scenario
from tools.simulator.journal import read

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "tools.simulator"]
ANY_PORT = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
DEADLINE = 30.0


class Simulator:
    """A running simulator and where it listens."""

    def __init__(self, process: subprocess.Popen[bytes], ready: dict[str, Any]) -> None:
        self.process = process
        self.ready = ready
        self.port = int(ready["smpp"].rpartition(":")[2])

    async def esme(self) -> Esme:
        esme = Esme(await trio.open_tcp_stream("127.0.0.1", self.port))
        assert (await esme.bind(BindTransceiver(system_id="esme", password="secret"))).command_status == 0
        return esme


@contextmanager
def running(*options: str, **popen: Any) -> Iterator[Simulator]:
    """A simulator that is killed in the end, if it has not ended by then."""
    popen.setdefault("stdin", subprocess.PIPE)
    with subprocess.Popen([*PROGRAM, *ANY_PORT, *options], stdout=subprocess.PIPE, cwd=ROOT, **popen) as process:
        try:
            assert process.stdout is not None
            yield Simulator(process, json.loads(process.stdout.readline()))
        finally:
            process.kill()


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=DEADLINE, check=False, **options
    )


async def test_the_story(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    secret = tmp_path / "password"
    secret.write_text("secret\n")
    with running("--journal", str(path), "--system-id", "esme", "--password-file", str(secret)) as simulator:
        esme = await simulator.esme()
        async with esme.stream:
            await esme.submit(text("hello you"))
            await esme.until(lambda: esme.delivered)
            said = run("say", "+15551230001", "STOP", "now", "--control", simulator.ready["control"])
            assert (said.returncode, said.stdout) == (0, "+15551230001: STOP now\n")
            await esme.until(lambda: len(esme.delivered) == 2)
            simulator.process.send_signal(signal.SIGTERM)
            assert (await esme.end()).reason is CloseReason.UNBOUND
        assert simulator.process.wait(DEADLINE) == 0
    kinds = [type(record) for record in read(path)]
    for kind in (journal.Started, journal.Bound, journal.Submitted, journal.Delivered, journal.Unbound, journal.Closed):
        assert kind in kinds


async def test_the_console_of_a_child() -> None:
    with running() as simulator:
        esme = await simulator.esme()
        async with esme.stream:
            assert simulator.process.stdin is not None
            assert simulator.process.stdout is not None
            simulator.process.stdin.write(b"+15551230001 > 40404 STOP\n")
            simulator.process.stdin.flush()
            await esme.until(lambda: esme.delivered)
            assert simulator.process.stdout.readline() == b"sent\n"
            # The end of the input is not the end of the simulator, unless it was told so.
            simulator.process.stdin.close()
            assert (await esme.submit(text("still there?"))).command_status == 0
            assert simulator.process.poll() is None


def test_stops_with_stdin() -> None:
    with running("--stop-with-stdin") as simulator:
        assert simulator.process.stdin is not None
        simulator.process.stdin.close()
        assert simulator.process.wait(DEADLINE) == 0


def test_stops_at_quit() -> None:
    with running() as simulator:
        assert simulator.process.stdin is not None
        simulator.process.stdin.write(b"quit\n")
        simulator.process.stdin.flush()
        assert simulator.process.wait(DEADLINE) == 0


def test_lives_on_without_any_stdin() -> None:
    with running(stdin=subprocess.DEVNULL) as simulator:
        assert run("say", "1", "x", "--to", "2", "--control", simulator.ready["control"]).returncode == 1
        assert simulator.process.poll() is None


def test_dies_with_whoever_holds_the_lifeline() -> None:
    # A parent that starts a simulator, tells its port and its process id, and is killed.
    parent = """
import os, subprocess, sys, time
read_end, write_end = os.pipe()
child = subprocess.Popen([sys.executable, "-m", "tools.simulator", "--listen", "127.0.0.1:0", "--no-control",
    "--lifeline", str(read_end)], pass_fds=[read_end], stdin=subprocess.DEVNULL)
os.close(read_end)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        host, _, port = ready["smpp"].rpartition(":")
        socket.create_connection((host, int(port)), DEADLINE).close()
        process.kill()
        # Its standard output closes when the last of the two has gone.
        assert process.stdout.read() == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), DEADLINE).close()


async def test_links_are_not_kept_by_a_simulator_that_is_killed_and_ids_do_not_come_again() -> None:
    ids: set[str] = set()
    for _ in range(2):
        with running() as simulator:
            esme = await simulator.esme()
            async with esme.stream:
                await esme.submit_all([text(f"t{n}") for n in range(50)])
                ids.update(esme.message_ids)
                simulator.process.kill()
                await esme.end()
    assert len(ids) == 100


def test_says_where_it_listens_and_what_is_taken() -> None:
    with running("--no-control") as simulator:
        assert simulator.ready["control"] is None
        second = run("--listen", simulator.ready["smpp"], "--no-control", stdin=subprocess.DEVNULL)
        assert second.returncode == 1
        assert second.stdout == ""
        assert second.stderr.startswith(f"assent simulator: cannot listen on {simulator.ready['smpp']}")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["--listen", "2775"], 2, "'2775' is not HOST:PORT"),
        (["--listen", "127.0.0.1:70000"], 2, "is not HOST:PORT"),
        (["--listen", ":2775"], 2, "is not HOST:PORT"),
        (["--scenario", "nonsense"], 1, "no scenario is called 'nonsense'"),
        (["--scenario", "./nonsense.toml"], 1, "nonsense.toml: No such file"),
        (["--password", "x", "--password-file", "y"], 2, "not allowed with"),
        (["--password-file", "/nowhere/secret"], 1, "No such file"),
        (["--lifeline", "77"], 1, "Bad file descriptor"),
        (["--lifeline", "0"], 1, "neither a pipe nor a socket"),
        ([*ANY_PORT, "--journal", "/nowhere/journal"], 1, "/nowhere/journal"),
        (["say", "+1", "STOP", "--control", "127.0.0.1:1"], 1, "no simulator answers at 127.0.0.1:1"),
        (["say", "+1"], 2, "TEXT"),
    ],
)
def test_bad_command_lines(arguments: list[str], code: int, complaint: str) -> None:
    result = run(*arguments, stdin=subprocess.DEVNULL)
    assert result.returncode == code
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


def test_lists_its_scenarios() -> None:
    result = run("scenarios")
    assert result.returncode == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == scenario.names()


async def test_a_scenario_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"\n[[faults]]\non = "submit_sm"\ndo = "status"\nstatus = 0x0400\n')
    with running("--scenario", str(path)) as simulator:
        esme = await simulator.esme()
        async with esme.stream:
            assert (await esme.submit(text("one"))).command_status == const.VENDOR_STATUS_FIRST


def test_a_terminal_is_spoken_to_in_words() -> None:
    ours, theirs = os.openpty()
    command = [*PROGRAM, *ANY_PORT]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, cwd=ROOT, start_new_session=True) as process:
        os.close(theirs)
        said = b""
        try:
            while b"smsc> " not in said:
                said += os.read(ours, 4096)
            os.write(ours, b"+15551230001 > 40404 STOP\n")
            while b"nobody has bound yet" not in said:
                said += os.read(ours, 4096)
            os.write(ours, b"quit\n")
            assert process.wait(DEADLINE) == 0
        finally:
            process.kill()
    os.close(ours)
    assert said.startswith(b"SMSC on 127.0.0.1:")
