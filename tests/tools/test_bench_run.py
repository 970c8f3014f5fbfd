"""The bench's processes, systems and report."""

import os
import sys
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from gateway.config import load
from tools.bench import kannel, report
from tools.bench.__main__ import arguments
from tools.bench.assent import Assent
from tools.bench.blaster import blast
from tools.bench.child import BenchError, Child
from tools.bench.meter import cpu_seconds, filesystem, machine, peak_rss, spread
from tools.bench.run import Figures, SinkProcess
from tools.bench.scenarios import sizes


def test_the_sink_takes_everything_the_blaster_has(tmp_path: Path) -> None:
    with SinkProcess() as sink:
        sink.reset(0, 3000)
        assert blast(sink.port, 3000, receipts=True) > 0
        stats = sink.drained(3000, 3000)
        times = sink.times(tmp_path, 3000)
    assert (stats["arrived"], stats["acked"], stats["duplicates"], stats["strays"]) == (3000, 3000, 0, 0)
    assert stats["first"] == min(times)
    assert stats["last"] == max(times)


def test_a_reset_forgets() -> None:
    with SinkProcess() as sink:
        sink.reset(0, 10)
        blast(sink.port, 10, receipts=False)
        sink.reset(0, 10)
        assert sink.stats()["submits"] == 0


def test_a_process_that_dies_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with Child("tools.bench.sink", "--port", "nonsense") as child, pytest.raises(BenchError, match="ended too early"):
        child.hear(30)
    assert "--port" in capfd.readouterr().err


def test_a_machine_without_kannel_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(kannel, "PLACES", str(tmp_path))
    with pytest.raises(BenchError, match="install Debian's package `kannel`"):
        kannel.Kannel(tmp_path / "system", smsc_port=1, window=10)


def test_kannel_is_durable_and_asks_for_receipts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bearerbox", "smsbox"):
        (tmp_path / name).touch(mode=0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    made = kannel.Kannel(tmp_path / "system", smsc_port=2775, window=77)
    text = (tmp_path / "system" / "kannel.conf").read_text()
    assert "store-type = spool" in text
    assert "max-pending-submits = 77" in text
    assert (tmp_path / "system" / "spool").is_dir()
    assert "dlr-mask=3" in made.single.head
    assert " " not in made.single.head.removeprefix("GET ") + made.single.item


def test_the_gateway_takes_its_configuration(tmp_path: Path) -> None:
    Assent(tmp_path, smsc_port=2775, window=77)
    config = load(tmp_path / "conf")
    (carrier,) = config.carriers
    assert (carrier.port, carrier.window, carrier.rate, carrier.registered_delivery) == (2775, 77, None, 1)
    assert carrier.password_file is not None
    assert (tmp_path / "data" / carrier.password_file).stat().st_mode & 0o077 == 0
    assert config.program("bench", "statements") is not None


def test_the_meter_reads_a_process() -> None:
    here = [os.getpid()]
    before = cpu_seconds(here)
    assert before > 0
    assert cpu_seconds([*here, *here]) >= 2 * before
    assert peak_rss(here) > 1_000_000


def test_a_measured_process_that_ended_is_told() -> None:
    with Child("tools.bench.sink") as child:
        pid = child.pid
        assert cpu_seconds([pid]) >= 0
    with pytest.raises(BenchError, match="is gone"):
        cpu_seconds([pid])


def test_the_meter_describes_the_machine(tmp_path: Path) -> None:
    spread(tmp_path)
    described = machine(tmp_path)
    assert described.cpus >= 1
    assert described.fsync_ms > 0
    assert described.python == sys.version.split()[0]
    assert filesystem(Path("/proc/self")) == "proc"
    assert list(tmp_path.iterdir()) == []


def a_report() -> report.Report:
    made = report.new_report(machine(Path("/tmp")))
    made.runs = [
        Figures(scenario="single, first", system="kannel", end_to_end_rate=4000.0),
        Figures(scenario="single", system="kannel", end_to_end_rate=1000.0),
        Figures(scenario="single", system="assent", end_to_end_rate=2500.0, note="[3] lost"),
        Figures(scenario="batch", system="assent", end_to_end_rate=7000.0, wire_p50=1.0, wire_p99=2.0),
        Figures(scenario="latency", system="assent", wire_p50=3.0, wire_p99=26.0),
    ]
    return made


def test_batches_are_held_against_single_requests_of_the_peer() -> None:
    made = a_report()
    assert [report.ratio(made, run) for run in made.runs] == [None, None, 2.5, 7.0, None]


def test_goals_are_judged_where_they_were_measured() -> None:
    made = a_report()
    made.sink_ceiling = 200_000.0
    judged = {goal.what: goal.met for goal in report.goals(made)}
    assert judged == {
        "single requests against Kannel": True,
        "batches against Kannel": False,
        "request to wire at 500 msg/s, p99": False,
        "the sink alone against the run": True,
    }


def test_a_run_that_lost_messages_meets_no_goal_of_speed() -> None:
    made = a_report()
    made.runs[2].accepted, made.runs[2].lost = 100, 1
    assert {goal.what: goal.met for goal in report.goals(made)}["single requests against Kannel"] is False


def test_the_table_shows_everything_and_the_file_says_the_same(tmp_path: Path) -> None:
    made = a_report()
    made.goals = list(report.goals(made))
    out = StringIO()
    report.show(made, Console(file=out, width=200))
    assert "2,500" in out.getvalue()
    assert "[3] lost" in out.getvalue()
    assert "not met" in out.getvalue()
    report.write(made, tmp_path / "bench.json")
    assert msgspec.json.decode((tmp_path / "bench.json").read_bytes(), type=report.Report) == made


def test_the_command_line() -> None:
    options = arguments(["--scenario", "single", "--messages", "500", "--peer", "kannel"])
    assert (options.scenario, options.messages, options.peer) == (["single"], 500, "kannel")
    with pytest.raises(SystemExit):
        arguments(["--messages", "0"])
    with pytest.raises(SystemExit):
        arguments(["--peer-only"])


def test_sizes_follow_the_number_of_messages() -> None:
    small, large = sizes(100, 5), sizes(20_000, 1_000_000)
    assert (small.single, small.batch, small.latency, small.rtt) == (100, 200, 100, 100)
    assert (large.latency, large.rtt, large.backlog) == (5000, 6400, 1_000_000)
