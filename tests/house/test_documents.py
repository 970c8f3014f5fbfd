"""What a fresh clone is set up from names versions, never a place: the machine's own pip decides where they come from."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.house.source import ROOT

_REGISTRY = re.compile(
    r"pypi|pythonhosted|npmjs|docker\.io|ghcr\.io|quay\.io|crates\.io|artifactory|nexus|devpi"
    r"|--(extra-)?index-url|--find-links|--trusted-host",
    re.IGNORECASE,
)
_PIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.!+]*")


def _documents() -> list[Path]:
    named = [ROOT / name for name in ("Makefile", "constraints.txt", "pyproject.toml", ".ci/run")]
    found = [path for path in (ROOT / "conf").rglob("*") if path.is_file()]
    pages = [page for folder in ("gateway", "plugins", "tools") for page in (ROOT / folder).rglob("*.md")]
    return sorted({*named, *ROOT.glob("*.md"), *pages, *found})


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.name)
def test_no_document_names_the_host_of_a_registry(path: Path) -> None:
    assert _REGISTRY.findall(path.read_text(encoding="utf-8")) == []


def test_constraints_are_exact_versions() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted
    assert [line for line in wanted if not _PIN.fullmatch(line)] == []


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = {_name(line) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    assert {_name(line) for line in wanted} <= pinned


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""
