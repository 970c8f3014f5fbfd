"""``assent plugin new``, and "Your first plugin" of HOOKS.md: what it shows is what is written, and it works."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import trio

from gateway.__main__ import main
from gateway.config import load as load_config
from gateway.config.plugins import PluginsConfig
from gateway.config.templates import read_template_files
from gateway.demo import commands
from gateway.hooks.discovery import Finder
from gateway.hooks.loading import load
from gateway.model.clock import DAY, read_instant
from tests.house.source import ROOT
from tests.web.estate import open_estate

HOOKS = (ROOT / "plugins" / "HOOKS.md").read_text(encoding="utf-8")
SECTION = HOOKS[HOOKS.index("Your first plugin") : HOOKS.index("## Where it lives")]
BLOCKS = dict(re.findall(r"```(\w+)\n(.*?)```", SECTION, re.DOTALL))
COMMANDS = re.findall(r"^    (assent|python -m) (.*)$", SECTION, re.MULTILINE)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place that looks like a checkout, whose ``plugins`` is not this one's."""
    for folder in ("plugins", "tests/plugins"):
        (tmp_path / folder).mkdir(parents=True)
        shutil.copy(ROOT / "plugins" / "__init__.py", tmp_path / folder / "__init__.py")
    (tmp_path / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def begin(capsys: pytest.CaptureFixture[str]) -> str:
    (tool, words), (python, _) = COMMANDS
    assert (tool, python) == ("assent", "python -m")
    assert main(words.split()) == 0
    return capsys.readouterr().out


def run(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=checkout,
        env={"PYTHONPATH": str(checkout), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_new_plugin_passes_its_test_at_once_and_is_clean(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = begin(capsys)
    assert "tests/plugins/test_thank_you.py" in said
    tested = run(checkout, *COMMANDS[1][1].split())
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "2 passed" in tested.stdout
    ours = ("--config", 'lint.isort.known-first-party=["gateway"]')
    for words in (("ruff", "check", *ours), ("ruff", "format", "--check")):
        checked = run(checkout, *words, "plugins/thank_you", "tests/plugins/test_thank_you.py")
        assert checked.returncode == 0, checked.stdout


def test_the_examples_consumer_has_consent_in_the_demonstration() -> None:
    event = json.loads(BLOCKS["json"])
    printed = commands(load_config(ROOT / "conf").clients[0], "http://127.0.0.1:8080", "ak", "2026-03-03T03:00:00Z")
    consents = re.findall(r"/v1/consents/(\S+) \\\n +-d '(.*)'", printed)
    assert (event["number"], event["program"]) in [(number, json.loads(body)["program"]) for number, body in consents]


def test_the_example_shows_what_is_written(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin(capsys)
    assert BLOCKS["python"] in (checkout / "plugins" / "thank_you" / "__init__.py").read_text(encoding="utf-8")


async def test_the_examples_event_makes_the_job_and_the_text(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(capsys)
    (checkout / "plugins").rename(checkout / "orchard")  # beside the plugins of this repository
    monkeypatch.syspath_prepend(checkout)
    (plugin,) = load(PluginsConfig(enabled=tomllib.loads(BLOCKS["toml"])["enabled"]), Finder(("orchard",), ()))
    with trio.fail_after(60):
        async with open_estate([plugin]) as estate:
            files, faults = read_template_files(plugin.templates, plugin.name, f"{plugin.name}.")
            assert faults == []
            await estate.templates.load(files)
            running = estate.doors.plugins
            await running.open()
            await estate.consent(json.loads(BLOCKS["json"])["number"])
            answer = await estate.ask("POST", "/v1/events", raw=BLOCKS["json"].encode())
            assert (answer.status, answer.body["state"]) == (202, "taken")
            await running.observers["thank_you"].once()
            (job,) = (await estate.ask("GET", "/v1/jobs", query={"account": "A-17"})).body["jobs"]
            assert (job["state"], job["due_at"]) == ("pending", "2026-03-03T15:00:00.000Z")
            estate.clock.instant = read_instant(job["due_at"])
            await running.jobs.once()
            await running.observers["thank_you"].once()
            (job,) = (await estate.ask("GET", "/v1/jobs", query={"account": "A-17"})).body["jobs"]
            assert job["state"] == "told"
            (message,) = (await estate.ask("GET", "/v1/messages")).body["messages"]
            assert (message["state"], message["account"]) == ("queued", "A-17")
            estate.clock.instant += DAY


@pytest.mark.parametrize("name", ["", "Thank", "1st", "a-b", "a/b", "../x", "class", "x" * 40])
def test_a_name_that_no_plugin_can_have_is_refused(
    checkout: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugin", "new", name]) == 2
    assert "is no name for a plugin" in capsys.readouterr().err


def test_nothing_is_overwritten(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin(capsys)
    assert main(["plugin", "new", "thank_you"]) == 1
    assert "already" in capsys.readouterr().err


def test_a_module_that_the_others_share_is_not_hidden(checkout: Path) -> None:
    (checkout / "plugins" / "common.py").touch()
    assert main(["plugin", "new", "common"]) == 1
    assert not (checkout / "plugins" / "common").exists()


def test_elsewhere_it_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plugin", "new", "thank_you"]) == 1
    assert "no checkout of Assent" in capsys.readouterr().err
