"""Owns a file's way into the ledger of consents: reading it row by row, sending it in batches, and taking it up again.

Does not own whether a consent can be taken (the gateway says so of each), or how it is told (ledger).

Every row ends in one of three ways: taken, said before in the same words, or refused with its line and the reason in a file
beside. What was done is noted there too, so that an import that was cut off goes on where it was; and since the same
consent twice is one, nothing depends on that note.
"""

import csv
import json
import re
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, TextIO

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from tools.admin.door import Door, Misused, Refused

NEEDED: Final = ("number", "program", "category", "obtained_at", "medium", "wording", "source")
OPTIONAL: Final = ("document",)
BATCH: Final = 1000
_UNDER_WAY = 3
_TRIES = 30
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_CELL = 64 * 1024
_HALF_PAIR = re.compile("[\ud800-\udfff]")

Item = dict[str, Any]


class Row:
    """One row that can be sent, and where it stands."""

    __slots__ = ("item", "line")

    def __init__(self, line: int, item: Item) -> None:
        self.line = line
        self.item = item


class Import:
    """One file on its way."""

    def __init__(self, path: Path, client: str) -> None:
        self.path = path
        self.client = client
        self.report = path.with_name(f"{path.name}.refused.csv")
        self._note = path.with_name(f"{path.name}.progress")
        self.size = path.stat().st_size
        self.done = 0
        """Lines of the file of which everything is settled."""
        self.taken = self.duplicates = self.refused = self.rows = 0
        self._noted_at = 0.0

    def resume(self) -> None:
        """Take up what an earlier run noted, if it was about this file."""
        try:
            note = json.loads(self._note.read_text("utf-8"))
            same = note["client"] == self.client and note["size"] == self.size and note["digest"] == self._digest()
            counts = [int(note[name]) for name in ("done", "taken", "duplicates", "refused", "rows")]
        except (OSError, ValueError, KeyError, TypeError):
            same = False
        if same:
            self.done, self.taken, self.duplicates, self.refused, self.rows = counts
        else:
            with _beside(self.report):
                self.report.unlink(missing_ok=True)

    def note(self, *, now: bool = False) -> None:
        """Note how far it came, about once a second."""
        if not now and time.monotonic() < self._noted_at + 1.0:
            return
        self._noted_at = time.monotonic()
        names = ("client", "size", "done", "taken", "duplicates", "refused", "rows")
        text = json.dumps({"digest": self._digest(), **{name: getattr(self, name) for name in names}})
        fresh = self._note.with_name(f"{self._note.name}.new")
        with _beside(self._note):
            fresh.write_text(text, "utf-8")
            try:
                fresh.replace(self._note)
            except OSError:
                fresh.unlink()
                raise

    def finish(self) -> None:
        """Nothing is left to take up."""
        self._note.unlink(missing_ok=True)

    def _digest(self) -> str:
        with self.path.open("rb") as file:
            return blake2b(file.read(1 << 20), digest_size=16).hexdigest()


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    """Around what writes a file beside the imported one: tells which of them cannot be written."""
    try:
        yield
    except OSError as error:
        raise Misused(
            f"{path} cannot be written ({error.strerror}); remove what is there, or import a copy from another directory"
        ) from None


def import_consents(door: Door, path: Path, client: str) -> dict[str, Any]:
    """Send a CSV file of consents; tells what became of its rows. Raises Misused, Refused, Unreachable."""
    began = time.monotonic()
    if path.is_dir():
        raise Misused(f"{path} is a directory; give the file")
    try:
        work = Import(path, client)
        text = _open(path)
    except OSError as error:
        raise Misused(f"{path} cannot be read ({error.strerror})") from None
    with text:
        table = _read(path, text)
        work.resume()
        if work.done:
            print(f"going on behind line {work.done}", file=sys.stderr)
        work.note(now=True)  # before anything is sent: whether it can be noted at all
        try:
            _run(door, work, table)
        except BaseException:
            work.note(now=True)
            print(f"stopped behind line {work.done}; the same command goes on from there", file=sys.stderr)
            raise
    work.finish()
    return {
        "rows": work.rows,
        "taken": work.taken,
        "duplicates": work.duplicates,
        "refused": work.refused,
        "report": str(work.report) if work.refused else None,
        "seconds": time.monotonic() - began,
    }


def _run(door: Door, work: Import, table: Iterator[Row | tuple[int, str]]) -> None:
    pending: deque[tuple[list[Row | tuple[int, str]], Future[list[dict[str, Any]]]]] = deque()
    bar = Progress(
        "{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), disable=not sys.stderr.isatty()
    )
    with _beside(work.report):
        opened = work.report.open("a", encoding="utf-8", newline="")
    with opened as report, ThreadPoolExecutor(_UNDER_WAY) as pool, bar:
        task = bar.add_task("rows", total=None)
        for chunk in _chunks(table, work):
            items = [row.item for row in chunk if isinstance(row, Row)]
            pending.append((chunk, pool.submit(_send, door, work.client, items)))
            if len(pending) > _UNDER_WAY:
                _settle(work, report, *pending.popleft())
                bar.update(task, completed=work.rows, description=f"line {work.done}")
        while pending:
            _settle(work, report, *pending.popleft())
        bar.update(task, completed=work.rows, total=work.rows)
    if not work.refused:
        work.report.unlink(missing_ok=True)


def _send(door: Door, client: str, items: list[Item]) -> list[dict[str, Any]]:
    if not items:
        return []
    for attempt in range(1, _TRIES + 1):
        try:
            answer = door.ask("POST", f"/v1/clients/{client}/consents", {"consents": items})
            results: list[dict[str, Any]] = answer["results"]
            return results
        except Refused as refusal:
            if refusal.problem.get("status") != 503 or attempt == _TRIES:
                raise
            time.sleep(1.0)  # the disk is full or busy: it says so, and may have room again
    raise AssertionError("the last attempt returns or raises")


def _settle(
    work: Import, report: TextIO, chunk: list[Row | tuple[int, str]], sent: Future[list[dict[str, Any]]]
) -> None:
    results = iter(sent.result())
    writer = csv.writer(report)
    for row in chunk:
        work.rows += 1
        if isinstance(row, Row):
            line, reason = row.line, _reason(next(results))
        else:
            line, reason = row
        if reason is None:
            work.taken += 1
        elif reason == _SAME:
            work.duplicates += 1
        else:
            work.refused += 1
            writer.writerow((line, reason))
        work.done = max(work.done, line)
    report.flush()
    work.note()


def _reason(result: dict[str, Any]) -> str | None:
    """Why a row was not taken; None where it was."""
    if result["status"] == 200:
        return None
    errors = result.get("errors", ())
    told = [f"{error['field'].rpartition('/')[2] or 'row'}: {error['detail']}" for error in errors]
    return "; ".join(told) or str(result.get("detail", result.get("code", "refused")))


_SAME = "the same consent in the same words"


def _open(path: Path) -> TextIO:
    """The file as text. Raises Misused where it is none, OSError."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start[:2] in _UTF_16:
        raise Misused(f"{path} is UTF-16; save it as CSV in UTF-8")
    if b"\0" in start:
        raise Misused(f"{path} is no text; save it as CSV in UTF-8")
    # What is no UTF-8 comes out as half of a surrogate pair, in its row alone.
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _read(path: Path, text: TextIO) -> Iterator[Row | tuple[int, str]]:
    """The rows behind the header. Raises Misused where that is not what is expected."""
    first = text.readline()
    separator = max(",;\t", key=first.count)
    header = [name.strip().lower() for name in next(csv.reader([first], delimiter=separator), [])]
    _check_header(path, header)
    return _rows(csv.reader(text, delimiter=separator), header)


def _check_header(path: Path, header: list[str]) -> None:
    known = (*NEEDED, *OPTIONAL)
    faults = []
    for name in header:
        if name not in known:
            near = get_close_matches(name, known, 1)
            faults.append(f"{name[:40]!r} is no column" + (f" (did you mean {near[0]!r}?)" if near else ""))
    faults += [f"{name!r} is there twice" for name in known if header.count(name) > 1]
    faults += [f"{name!r} is missing" for name in NEEDED if name not in header]
    if faults:
        raise Misused(f"{path}, line 1: {'; '.join(faults)}; the columns are {', '.join(known)} (document is optional)")


def _rows(reader: Any, header: list[str]) -> Iterator[Row | tuple[int, str]]:
    line = 2
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"is no CSV row ({error}); is a quote never closed?"
            line = reader.line_num + 2
            continue
        if cells:
            yield _row(line, cells, header)
        line = reader.line_num + 2


def _row(line: int, cells: list[str], header: list[str]) -> Row | tuple[int, str]:
    if len(cells) != len(header):
        return line, f"has {len(cells)} cells, and the header has {len(header)}"
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    for name, value in values.items():
        if not value.isascii() and _HALF_PAIR.search(value):
            return line, f"{name}: is not UTF-8"
        if len(value) > _LONGEST_CELL:
            return line, f"{name}: has {len(value)} characters; is a quote never closed?"
        if value.startswith(_FORMULA) and not (name == "number" and value[:1] == "+"):
            return line, f"{name}: looks like a formula"
    if "E+" in values["number"].upper():
        return line, "number: is what a spreadsheet made of it; format the column as text"
    evidence = {name: values[name] for name in ("obtained_at", "medium", "wording", "source")}
    if values.get("document"):
        evidence["document"] = values["document"]
    return Row(line, {name: values[name] for name in ("number", "program", "category")} | {"evidence": evidence})


def _chunks(rows: Iterator[Row | tuple[int, str]], work: Import) -> Iterator[list[Row | tuple[int, str]]]:
    """The rows that are not done yet, in batches, each consent once."""
    seen: dict[int, tuple[int, int]] = {}
    chunk: list[Row | tuple[int, str]] = []
    for row in rows:
        if isinstance(row, Row):
            item = row.item
            key = hash((item["number"], item["program"], item["category"]))
            said = hash(tuple(item["evidence"].items()))
            line, before = seen.setdefault(key, (row.line, said))
            if line != row.line:
                same = before == said
                row = (row.line, _SAME if same else f"says something else of the same consent than line {line}")
        if (row.line if isinstance(row, Row) else row[0]) <= work.done:
            continue
        chunk.append(row)
        if len(chunk) == BATCH:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
