"""Owns the reading of the tables of replies under tests/vectors; no tests of its own."""

import csv
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from gateway.rules.keywords import Context, Dialog, Reply, classify

VECTORS = Path(__file__).parents[1] / "vectors"


class Case(NamedTuple):
    """One sentence, what is open when it comes, and what it is to be read as."""

    text: str
    context: str
    expected: str


def cases(name: str) -> list[Case]:
    """The rows of a table; "\\n" in a text is a line break."""
    with (VECTORS / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Case(row["text"].replace("\\n", "\n"), row.get("context") or "none", row["expected"]) for row in rows]


def context_named(name: str) -> Context:
    """The context that a table calls `name`."""
    if name == "none":
        return Context()
    if name.startswith("dialog_"):
        return Context(dialog=Dialog(name.removeprefix("dialog_")))
    return {
        "opt_in_pending": Context(opt_in_pending=True),
        "opt_in_code_sent": Context(opt_in_code_sent=True),
        "opted_out": Context(opted_out=True),
    }[name]


def read(case: Case) -> Reply:
    """The verdict on a case."""
    return classify(case.text, context_named(case.context))


def tally(found: list[Case]) -> Counter[tuple[str, str]]:
    """How often what was expected was read as what."""
    return Counter((case.expected, read(case).kind) for case in found)
