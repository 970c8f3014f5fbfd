"""The tools of the proof: what they measure is what happened, and what cannot be judged is no success."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
import trio
import trio.lowlevel
import trio.testing

from gateway.smpp.codec import decode
from tools.bench import kannel as bench_kannel
from tools.simulator.journal import Answered, Entry, Submitted
from tools.torture.__main__ import main
from tools.torture.client import Attempt
from tools.torture.doors import forbidden
from tools.torture.fuzz import SEEDS, hammer, mutate
from tools.torture.gateway import ROOT
from tools.torture.goals import BY_ID, GOALS
from tools.torture.http import Connection, NoAnswer, request
from tools.torture.links import busiest_second, most_unanswered
from tools.torture.peers import outside
from tools.torture.run import Wanted, prove, sizes_of
from tools.torture.strace import Syncs, calls

LIMIT = 20.0

TRACE = r"""
11 pwrite64(12<\x2f\x61\x2d\x77\x61\x6c>, "\x74\x6f\x6b\x65\x6e", 5, 0) = 5
12 sendto(7<TCP:[127.0.0.1:8080->127.0.0.1:5555]>, "\x48\x49", 2, 0, NULL, 0 <unfinished ...>
11 fdatasync(12<\x2f\x61\x2d\x77\x61\x6c> <unfinished ...>
12 <... sendto resumed>)             = 2
11 <... fdatasync resumed>)          = 0
11 fdatasync(12<\x2f\x61\x2d\x77\x61\x6c>) = -1 EIO (Input/output error) (INJECTED)
12 +++ killed by SIGKILL +++
"""


def test_a_trace_is_read_as_calls(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    path.write_text(TRACE.lstrip())
    found = list(calls(path))
    assert [(call.name, call.result) for call in found] == [
        ("pwrite64", 5),
        ("sendto", 2),
        ("fdatasync", 0),
        ("fdatasync", -1),
    ]
    write, answer, sync, failed = found
    assert (write.target, write.octets) == ("/a-wal", b"token")
    assert answer.target == "TCP:[127.0.0.1:8080->127.0.0.1:5555]"
    assert sync.began < answer.ended < sync.ended < failed.began
    syncs = Syncs(found, "-wal")
    assert not syncs.between(write.began, answer.ended)
    assert syncs.between(write.began, failed.began)
    assert not syncs.between(sync.ended, 100)
    assert not Syncs(found, ".db").between(write.began, 100)


def test_the_busiest_second_is_found() -> None:
    assert busiest_second([]) == 0
    assert busiest_second([0.0, 0.5, 0.999, 1.0, 1.4, 3.0]) == 4
    assert busiest_second([place / 8 for place in range(50)]) == 8


def test_the_fullest_window_is_found() -> None:
    def entries(session: int, places: str) -> list[Entry]:
        common = {"account": "", "bind": "trx", "source": "", "destination": "", "text": "", "data_coding": 0}
        sent = Submitted(session=session, sequence=1, token="", esm_class=0, registered_delivery=0, **common)  # type: ignore[arg-type]
        answer = Answered(session=session, sequence=1, token="", status="ESME_ROK")
        return [sent if place == "s" else answer for place in places]

    assert sorted(most_unanswered(entries(1, "ssassaaa") + entries(2, "sasa"))) == [1, 3]


def test_mutations_are_the_same_for_the_same_seed_and_come_out_both_ways() -> None:
    first, second = ([mutate(dice, SEEDS) for _ in range(50)] for dice in (Random(1), Random(1)))
    assert first == second
    assert all(decode(frame) for frame in SEEDS)
    told = hammer(1, 5_000)
    assert told["decoded"] > 500
    assert told["refused"] > 500


def test_every_forbidden_request_would_submit_a_text_if_it_were_taken() -> None:
    for what, octets in forbidden("evil", "Bearer x").items():
        assert octets.startswith(b"POST"), what
        assert b"evil Your statement" in octets, what
        assert b"Bearer x" in octets, what


def test_a_peer_is_judged_by_what_others_saw() -> None:
    def sent(token: str, sequence: int, *ids: str) -> list[Entry]:
        common = {"account": "", "bind": "trx", "source": "", "destination": "", "text": token, "data_coding": 0}
        submitted = Submitted(session=1, sequence=sequence, token=token, esm_class=0, registered_delivery=0, **common)  # type: ignore[arg-type]
        return [submitted, *(Answered(session=1, sequence=1, token=token, status="rst", message_id=id_) for id_ in ids)]

    attempts = [Attempt(f"t{place}", "+12122000000", 1.0, status=202 if place < 3 else 0) for place in range(5)]
    seen = outside(attempts, [*sent("t0", 1, "a"), *sent("t1", 2), *sent("t2", 3, "b"), *sent("t2", 4, "c")])
    assert (seen.attempts, seen.accepted, seen.submitted, seen.lost, seen.duplicated) == (5, 3, 4, 1, 1)
    assert {violation.what for violation in seen.violations} == {"t1", "t2"}


def test_a_peer_that_is_not_installed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bench_kannel, "PLACES", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["torture", "--goal", "R1", "--peer", "kannel"])
    main()
    assert capsys.readouterr().out.startswith("R1       skipped  kannel: bearerbox was not found: install")


@pytest.mark.skipif(bool(bench_kannel.absent()), reason="Debian's package kannel is not installed")
def test_kannel_is_killed_as_the_gateway_is(tmp_path: Path) -> None:
    sizes = sizes_of({"kills": 1, "longest": 0.5})
    finding = prove(Wanted("R1", small=True, sizes=sizes, peer="kannel"), tmp_path, limit=120.0).finding
    assert finding.figure.startswith("1 kills of Kannel; attempts ")
    assert {violation.name for violation in finding.violations} <= {"lost", "duplicated"}


async def test_an_answer_that_does_not_come_is_told_from_one_that_does() -> None:
    async def serve(stream: trio.SocketStream) -> None:
        async for octets in stream:
            if b"/cut" in octets:
                return
            await stream.send_all(
                b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a":'
            )
            await trio.lowlevel.checkpoint()
            await stream.send_all(b" 1}")
            if b"/last" in octets:
                return

    with trio.fail_after(LIMIT):
        async with trio.open_nursery() as nursery:
            listeners = await nursery.start(trio.serve_tcp, serve, 0)
            connection = Connection(listeners[0].socket.getsockname()[1])
            for _ in range(2):  # one connection carries both
                answer = await connection.ask(request("GET", "/good"))
                assert (answer.status, answer.json) == (200, {"a": 1})
            with pytest.raises(NoAnswer):
                await connection.ask(request("GET", "/cut"))
            assert (await connection.ask(request("GET", "/last"))).status == 200
            await trio.testing.wait_all_tasks_blocked()
            # It was ended while nobody asked anything of it, so what is asked now goes over a new one.
            assert (await connection.ask(request("GET", "/good"))).status == 200
            await connection.cut()
            nursery.cancel_scope.cancel()


def test_every_goal_has_a_name_of_its_own() -> None:
    assert len(BY_ID) == len(GOALS)


def test_a_goal_that_cannot_be_judged_is_not_met(tmp_path: Path) -> None:
    result = prove(Wanted("S14", sizes=sizes_of({"nonsense": 1})), tmp_path)
    assert not result.finding.met
    (violation,) = result.finding.violations
    assert violation.name == "unjudged"
    assert "nonsense" in violation.detail
    late = prove(Wanted("S1", sizes=sizes_of({"mutations": 10**9}), seed=987_654), tmp_path, limit=2.0)
    assert late.finding.violations[0].what == "no end within 2 s"
    assert not [one for one in Path("/proc").glob("[0-9]*/cmdline") if b"987654" in _octets(one)]


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it ended since it was listed
        return b""


def test_the_command_prints_a_line_for_each_goal_and_fails_with_them(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "tools.torture", "--goal", "S1", "--json", str(report)]
    good = subprocess.run([*command, "--set", "mutations=1000"], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("S1       met      mutated PDUs, decoder: ")
    assert good.stdout.endswith("1 of 1 goals met\n")
    assert json.loads(report.read_text())["S1"]["finding"]["violations"] == []
    bad = subprocess.run([*command, "--set", "mutation=1"], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert bad.returncode == 1
    assert "NOT MET" in bad.stdout
