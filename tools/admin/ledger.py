"""Owns what ``assent admin`` does with consents and their ledger: showing, exporting, erasing, checking it all.

Does not own the way of a file into it (importing), or the check itself: the gateway does that, a page at a time.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rich.progress import Progress

from tools.admin import tables
from tools.admin.door import Door, Misused
from tools.admin.importing import import_consents

WORDS: Final = ("export", "erase", "import")
FOUND: Final = 1
"""The exit code of a check that found something, and of an import with rows that were not taken."""

Show = Callable[[Any], None]


def consent(door: Door, args: argparse.Namespace) -> tuple[Any, Show, int]:
    """``consent NUMBER``, ``consent export NUMBER``, ``consent erase NUMBER``, ``consent import FILE``."""
    word, rest = (args.words[0], args.words[1:]) if args.words[0] in WORDS else ("show", args.words)
    if len(rest) != 1:
        raise Misused(
            f"give one {'file' if word == 'import' else 'number'}, such as: assent admin consent {_USAGE[word]}"
        )
    match word:
        case "show":
            return _show(door, rest[0], args.as_of)
        case "export":
            return _export(door, rest[0], _client(args))
        case "erase":
            return _erase(door, rest[0], args.reason)
        case _:
            answer = import_consents(door, Path(rest[0]), _client(args))
            return answer, _show_import, FOUND if answer["refused"] else 0


_USAGE: Final = {
    "show": "+12025550123 --as-of 2026-03-03T00:00:00Z",
    "export": "export +12025550123 --client CLIENT",
    "erase": 'erase +12025550123 --reason "asked for it by letter"',
    "import": "import consents.csv --client CLIENT",
}


def _client(args: argparse.Namespace) -> str:
    if args.client is None:
        raise Misused("say whose consents with --client CLIENT")
    name: str = args.client
    return name


def _show(door: Door, number: str, as_of: str | None) -> tuple[Any, Show, int]:
    query = "" if as_of is None else f"?as_of={quote(as_of, safe='')}"
    answer = door.ask("GET", f"/v1/consents/{quote(number, safe='')}{query}")
    return answer, _show_consents, 0


def _show_consents(answer: Any) -> None:
    when = f" as they stood at {answer['as_of']}" if "as_of" in answer else ""
    tables.show(f"consents of {answer['number']}{when}", tables.CONSENTS, answer["consents"])
    for client, broken in answer.get("broken", {}).items():
        print(
            f"the ledger of {client} about this number does not verify ({broken['fault']} at entry {broken['seq']}, found"
            f" {broken['found_at']}): nothing above is proven, and it gets no texts; see: assent admin ledger verify"
        )


def _export(door: Door, number: str, client: str) -> tuple[Any, Show, int]:
    answer = door.ask("GET", f"/v1/consents/{quote(number, safe='')}/export?client={quote(client, safe='')}")
    return answer, tables.show_json, 0


def _erase(door: Door, number: str, reason: str | None) -> tuple[Any, Show, int]:
    if reason is None:
        raise Misused("say why with --reason; leave the person out of it")
    answer = door.ask("POST", f"/v1/consents/{quote(number, safe='')}/erase", {"reason": reason})
    return answer, lambda found: print(f"erased from {found['erased']} entries; the number gets no texts"), 0


def _show_import(answer: Any) -> None:
    print(
        f"{answer['taken']} consents taken, {answer['duplicates']} rows said the same again, {answer['refused']} refused"
        f" ({answer['rows']} rows in {answer['seconds']:.1f} s)"
    )
    if answer["refused"]:
        print(f"the refused rows, with their lines and reasons: {answer['report']}")


def verify(door: Door, args: argparse.Namespace) -> tuple[Any, Show, int]:
    """``ledger verify``: have the gateway check every entry and every line."""
    began = time.monotonic()
    counts = {"entries": 0, "lines": 0}
    findings: list[dict[str, Any]] = []
    found, cursor = 0, None
    page: dict[str, Any] = {}
    with Progress(disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("entries", total=None)
        while not page or cursor is not None:
            page = door.ask("POST", "/v1/ledger/check", {} if cursor is None else {"cursor": cursor})
            counts[page["what"]] += page["checked"]
            findings += page["findings"]
            found += page["found"]
            cursor = page.get("cursor")
            bar.update(task, description=page["what"], advance=page["checked"])
    answer = {
        "entries": counts["entries"],
        "lines": counts["lines"],
        "seconds": round(time.monotonic() - began, 3),
        "found": found,
        "findings": findings,
        "stopped": page["stopped"],
        "head": page["head"],
    }
    return answer, _show_check, FOUND if found else 0


def _show_check(answer: Any) -> None:
    head = answer["head"]
    print(f"{answer['entries']} entries and {answer['lines']} lines checked in {answer['seconds']:.1f} s")
    print(f"head: entry {head['seq']}, {head['hash']}")
    if not answer["found"]:
        print("the chain holds")
        return
    tables.show(f"{answer['found']} findings", tables.FINDINGS, answer["findings"])
    print(f"{answer['stopped']} numbers get no texts until a check finds nothing about them")


def instant(text: str) -> str:
    """An instant of the command line, as the gateway reads it. Raises ArgumentTypeError."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write it as 2026-03-03T12:00:00Z") from None
    if given.tzinfo is None:
        raise argparse.ArgumentTypeError("it has no zone: write it as 2026-03-03T12:00:00Z")
    return given.isoformat()
