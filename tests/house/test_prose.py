"""What is written for people: a link leads to a file, and to a heading in it, that are there."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT

FOLDERS = ("conf", "gateway", "plugins", "tests", "tools")
PAGES = sorted([ROOT / "README.md", *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")


def anchors(page: Path) -> set[str]:
    """As a forge makes them: small letters, hyphens for blanks, no marks."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in path:
            continue
        there = (page.parent / path).resolve() if path else page
        assert there.is_file(), f"{page.name}: {path}"
        assert not anchor or anchor in anchors(there), f"{page.name}: {path}#{anchor}"


def test_the_readme_leads_to_every_page() -> None:
    linked = {
        (ROOT / path).resolve() for path, _ in LINK.findall((ROOT / "README.md").read_text(encoding="utf-8")) if path
    }
    assert linked >= set(PAGES) - {ROOT / "README.md"}
