"""``assent init``: what it writes is the shipped configuration, in one's own place, and nothing is lost to it."""

import shutil
from pathlib import Path

import pytest

from gateway.__main__ import main
from gateway.config import load
from tests.house.source import ROOT
from tools import init

CONF = ROOT / "conf"
EXAMPLE = CONF / "examples" / "debt-collection"
FILES = ("carriers.toml", "clients.toml", "gateway.toml", "plugins.toml", "policy.toml")


def test_it_writes_the_shipped_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "etc" / "own"
    assert main(["init", str(own)]) == 0
    assert [(own / name).read_bytes() for name in FILES] == [(CONF / name).read_bytes() for name in FILES]
    assert not (own / "examples").exists()
    assert load(own).clients == load(CONF).clients
    told = capsys.readouterr().out
    assert all(str(own / name) in told for name in FILES)
    assert f"assent check --conf {own}" in told


def test_an_example_comes_in_the_place_of_its_namesakes(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path), "--example", "debt-collection"]) == 0
    assert (tmp_path / "plugins.toml").read_bytes() == (EXAMPLE / "plugins.toml").read_bytes()
    assert (tmp_path / "clients.toml").read_bytes() == (CONF / "clients.toml").read_bytes()
    assert "invoices" in load(tmp_path).plugins.enabled


def test_what_is_there_is_left_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.toml").write_text("# mine\n")
    assert main(["init", str(tmp_path)]) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["policy.toml"]
    assert (tmp_path / "policy.toml").read_text() == "# mine\n"
    assert f"{tmp_path / 'policy.toml'} is there already" in capsys.readouterr().err


def test_a_place_that_is_no_directory_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").touch()
    assert main(["init", str(tmp_path / "taken" / "conf")]) == 1
    assert f"{tmp_path / 'taken'}" in capsys.readouterr().err


def test_an_unknown_example_is_told_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["init", "--example", "lottery"])
    assert ended.value.code == 2
    assert "debt-collection" in capsys.readouterr().err


def test_an_installed_program_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(CONF, tmp_path / "gateway" / "conf")  # as pyproject.toml has the wheel hold it
    monkeypatch.setattr(init, "_PACKAGE", tmp_path / "gateway")
    assert init.shipped() == tmp_path / "gateway" / "conf"
    assert init.examples() == ["debt-collection"]
