"""The scenarios that the bench runs on the gateway alone, tiny: that they measure what they say, not how fast it is."""

import csv
import os
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

import plugins
from gateway.config import PluginsConfig, load
from gateway.hooks.discovery import Finder
from gateway.hooks.loading import load as load_plugins
from gateway.rules.charters import Charters
from tools.bench import policy as policy_module
from tools.bench import stray as stray_module
from tools.bench.assent import CATEGORY, CLIENT, PROGRAM, Assent
from tools.bench.consents import consents, write_rows
from tools.bench.events import PLUGINS, events
from tools.bench.meter import Machine
from tools.bench.policy import LEAST, all_packs, policy_toml
from tools.bench.report import GATEWAY, goals, new_report
from tools.bench.run import Figures
from tools.bench.scenarios import Sizes, run
from tools.bench.stray import NAME, Turn, install

SMALL = Sizes(single=1, batch=30, latency=1, rtt=1, backlog=1, consents=200, accounts=30, plugin_seconds=0.1)


def whole(run: Figures) -> bool:
    return run.lost == run.refused == run.duplicates == 0


def test_the_rows_name_each_number_once(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.csv", 50)
    with (tmp_path / "rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["number"] for row in rows}) == len(rows) == 50
    assert [row["number"] for row in rows] != sorted(row["number"] for row in rows)


def test_consents_are_imported_found_and_checked(tmp_path: Path) -> None:
    imported, looked, verified = consents(SMALL, tmp_path)
    assert (imported.accepted, looked.accepted, verified.accepted) == (200, 200, 200)
    assert all(map(whole, (imported, looked, verified)))
    assert imported.octets_each is not None
    assert imported.octets_each > 100
    assert imported.command_cpu_seconds
    assert looked.accept_p99
    assert verified.checked_rate


def test_a_backlog_is_filled_kept_over_a_restart_and_drained(tmp_path: Path) -> None:
    sizes = Sizes(single=1, batch=100, latency=1, rtt=1, backlog=300)
    empty, filling, draining, on_top = run(("backlog",), Assent, sizes, tmp_path)
    assert (empty.accepted, filling.accepted, on_top.accepted) == (100, 300, 100)
    assert all(map(whole, (empty, filling)))
    assert draining.first_submit_seconds
    assert on_top.submitted >= 100


def test_all_packs_are_read_and_stop_nothing_at_any_hour(tmp_path: Path) -> None:
    packs = all_packs()
    files = {"policy.toml": policy_toml(*packs), **{f"policy/{name}.toml": text for name, text in packs.items()}}
    Assent(tmp_path / "all", smsc_port=2775, window=1, files=files)
    Assent(tmp_path / "least", smsc_port=2775, window=1, files={"policy.toml": policy_toml(LEAST)})
    most, least = (load(tmp_path / name / "conf") for name in ("all", "least"))
    assert len(Charters(most).of(CLIENT, PROGRAM, CATEGORY).packs) == len(packs) > 5
    assert Charters(most).lookback > 0
    assert (Charters(least).lookback, Charters(least).memory) == (0, 0)


def test_policy_is_measured_in_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_module, "ROUNDS", 2)
    *turns, together = policy_module.policy(SMALL, tmp_path)
    assert [run.scenario for run in turns] == [
        f"policy, {name}, {turn}" for turn in (0, 1) for name in ("least", "all")
    ]
    assert all(run.submitted == 30 and whole(run) for run in turns)
    assert together.messages == 2 * 30
    assert whole(together)


def test_policy_is_judged_pair_by_pair() -> None:
    def run(rate: float | None, cpu: float, lost: int = 0) -> Figures:
        return Figures(scenario="x", system="assent", end_to_end_rate=rate, cpu_per_1000=cpu, lost=lost)

    least = [run(1000.0, 0.3), run(500.0, 0.3), run(None, 0.3)]
    compared = policy_module.compare(least, [run(800.0, 0.4), run(450.0, 0.4), run(400.0, 0.6, lost=1)])
    assert compared.policy_share == pytest.approx(0.85)
    assert compared.policy_cpu_share == pytest.approx(0.75)
    assert compared.lost == 1


def test_events_are_told_to_all_plugins(tmp_path: Path) -> None:
    assert set(PLUGINS) == set(Finder((plugins.__name__,), ()).names())
    measured = events(SMALL, tmp_path)
    taken = next(measured)
    measured.close()
    assert (taken.messages, taken.accepted) == (27, 27)
    assert taken.told_rate


def test_a_misbehaving_plugin_is_installed_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stray_module, "DEEDS", ("nothing", "raise"))
    monkeypatch.setattr(stray_module, "ROUNDS", 1)
    usual, raising = stray_module.stray(SMALL, tmp_path)
    assert (usual.scenario, raising.scenario) == ("plugin, nothing", "plugin, raise")
    assert all(run.submitted == 20 and whole(run) for run in (usual, raising))
    assert usual.more_p99 is None
    assert raising.more_p99 is not None
    assert "heard them all" in raising.note


def test_the_misbehaving_plugin_is_found_where_packages_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path)
    (found,) = distributions(path=[os.fspath(tmp_path)])
    assert [(one.group, one.name) for one in found.entry_points] == [("assent.plugins", NAME)]
    monkeypatch.syspath_prepend(tmp_path)
    for does in stray_module.DEEDS:
        config = PluginsConfig(enabled=(NAME,), settings={NAME: {"does": does, "clients": ["other"]}})
        (plugin,) = load_plugins(config, Finder((), tuple(found.entry_points)))
        assert plugin.hooks == ("declare_info", "declare_settings", "observe_event")
    monkeypatch.delitem(sys.modules, NAME)


def test_the_rounds_of_a_deed_are_held_against_those_of_none() -> None:
    def run(does: str, p99: float | None, lost: int = 0) -> Turn:
        figures = Figures(scenario=f"plugin, {does}", system=GATEWAY, accept_p99=p99, submitted=10, lost=lost)
        return Turn(figures, told=7, failed=0 if does == "nothing" else 2)

    usual = [run("nothing", p99) for p99 in (5.0, 50.0, 500.0)]
    blocking = [run("block", 6.0), run("block", 53.0, lost=1), run("block", None)]
    assert stray_module.together(usual).more_p99 is None
    assert stray_module.together(usual).accept_p99 == 50.0
    held = stray_module.together(blocking, usual)
    assert (held.scenario, held.more_p99, held.submitted, held.lost, held.note) == ("plugin, block", 2.0, 30, 1, "")
    told = stray_module.together(blocking[::2], usual[::2]).note
    assert told == "the plugin was told of 14 events, failed 4 times and heard them all once it was mended"


def test_what_blocks_and_what_raises_have_their_goals_and_what_loops_is_shown() -> None:
    runs = [
        Figures(scenario=f"plugin, {does}", system=GATEWAY, more_p99=50.0, lost=lost)
        for does, lost in (("block", 0), ("raise", 1), ("loop", 0))
    ]
    report = new_report(Machine(cpus=1, system="", python="", filesystem="", fsync_ms=0.0))
    report.runs += runs
    found = {goal.what: goal.met for goal in goals(report)}
    assert found == {
        "p99 beside a plugin that blocks, more by": True,
        "p99 beside a plugin that raises, more by": False,
    }
