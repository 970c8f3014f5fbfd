"""Log lines: one event each, with named fields, on standard error.

Owns: the shape of a line (JSON or text) and what never gets into one. Does not own: what is worth a line.

A line can be copied into a ticket at a carrier as it is. Message text, secrets and PDU dumps are not logged: a field
that would hold them is blotted out, whoever passes it. Phone numbers are masked, in fields and wherever they turn up in
the message of an exception or of a library. A value cannot break out of its line: control characters are escaped.

Nobody waits for a reader of lines that has gone to sleep: what a full pipe or a stopped terminal does not take is left out,
and counted in a line of its own as soon as one is taken again. Nor does a peer fill the disk with one complaint: of warnings
and errors that say the same of the same thing, so many a minute are written, and the rest counted.
"""

import json
import logging
import re
import select
import sys
import traceback
from collections.abc import Mapping
from math import isfinite
from typing import Literal, TextIO

from gateway.model.address import E164_PATTERN, mask
from gateway.model.clock import spell_instant

__all__ = ["Form", "Level", "Log", "configure", "mask"]

Level = Literal["debug", "info", "warning", "error"]
Form = Literal["json", "text"]

_OURS = ("gateway", "plugins", "tools")
_BLOTTED = frozenset(
    {
        "api_key", "authorization", "body", "evidence", "hex", "key", "password", "payload", "pdu", "secret",
        "short_message", "signature", "text", "token", "wording",
    }
)  # fmt: skip
_NUMBERS = frozenset({"destination", "from", "msisdn", "number", "recipient", "sender", "source", "to"})
_BLOT = "[hidden]"
_E164 = re.compile(rf"{E164_PATTERN}(?![0-9])")
# Digits that letters precede or hexadecimal ones follow are part of an id.
_DIGITS = re.compile(rf"{_E164.pattern}|(?<![0-9A-Za-z])[0-9]{{7,15}}(?![0-9A-Fa-f])")
_BARE = re.compile(r"[A-Za-z0-9_.:/@+*\[\]-]+")
_LONGEST_VALUE = 500
_DEEPEST_CAUSE = 5
_PATIENCE_MS = 50
"""For a reader that kept up until now. One that did not is no more waited for."""
_PIECE = select.PIPE_BUF
"""A pipe that takes anything takes so many octets at once."""
_MOST_ALIKE = 30
"""Lines that say the same of the same thing, within `_WHILE`."""
_WHILE = 60.0
"""Seconds."""
_MOST_COMPLAINTS = 1000
"""That are counted at once; beyond, the one that was quiet for longest is forgotten."""


class Log:
    """Writes the events of one module: ``log.info("bound", carrier="main", bind="main-1")``."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, /, **fields: object) -> None:
        """Something that only whoever hunts a fault wants to see."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        """Something an operator expects."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """Something an operator should look at, some time."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, /, error: BaseException | None = None, **fields: object) -> None:
        """Something that needs an operator now; with ``error``, where it was raised."""
        self._write(logging.ERROR, event, fields, error)

    def _write(self, level: int, event: str, fields: Mapping[str, object], error: BaseException | None = None) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, "%s", event, exc_info=error, extra={"event": event, "fields": fields})


def configure(level: Level, form: Form, stream: TextIO | None = None) -> None:
    """Send log lines to ``stream`` (standard error where None), ours from ``level`` on.

    Libraries are heard from WARNING on whatever the level: below it, aiosqlite logs the parameters of statements and
    httpx the URLs of webhooks.
    """
    handler = _Patient(_Outlet(sys.stderr if stream is None else stream))
    handler.setFormatter(_JsonLines() if form == "json" else _TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    # A line that cannot be written would otherwise be printed raw, arguments and all.
    logging.raiseExceptions = False


class _Outlet:
    """A stream that takes lines while whoever reads them keeps up, and counts those that were left out."""

    def __init__(self, stream: TextIO) -> None:
        self.left_out = 0
        self._stream = stream
        self._cut = False
        """Whether the last line was begun and not ended."""
        self._room: select.poll | None = select.poll()
        try:
            self._room.register(stream, select.POLLOUT)
        except (OSError, TypeError, ValueError):
            self._room = None  # no file of the system's: it is in memory, or closed

    def write(self, line: str) -> None:
        """Write a line, which is ASCII and has its end, in pieces that a pipe takes whole."""
        line = "\n" + line if self._cut else line
        for start in range(0, len(line), _PIECE):
            if not self.has_room():
                self._cut = self._cut or start > 0
                self.left_out += 1
                return
            self._stream.write(line[start : start + _PIECE])
            self._stream.flush()
        self._cut = False

    def flush(self) -> None:
        """Nothing is kept back."""

    def has_room(self) -> bool:
        """Whether a piece would be taken now, or in a moment by a reader that kept up."""
        return self._room is None or bool(self._room.poll(0 if self.left_out else _PATIENCE_MS))


class _Complaints:
    """How often lines said the same of the same thing within a while."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str, str], tuple[float, int]] = {}
        """When the first of a while came, and how many came since."""

    def count(self, record: logging.LogRecord) -> tuple[int, int]:
        """The how-manyth of its while a line is, from 1; and with the first, how many of the while before were too many."""
        about = _about(record)
        since, lines = self._lines.pop(about, (0.0, 0))
        too_many = 0
        # A clock that was set back ends a while too.
        if not 0.0 <= record.created - since < _WHILE:
            too_many = max(lines - _MOST_ALIKE, 0)
            since, lines = record.created, 0
        if len(self._lines) >= _MOST_COMPLAINTS:
            del self._lines[next(iter(self._lines))]
        self._lines[about] = (since, lines + 1)
        return lines + 1, too_many


def _about(record: logging.LogRecord) -> tuple[str, str, str]:
    """What makes lines alike: who says what, and of which thing, which is the first value."""
    event = getattr(record, "event", None)
    values = record.args if event is None else tuple(getattr(record, "fields", {}).values())
    thing = values[0] if isinstance(values, tuple) and values else None
    return record.name, event or str(record.msg), thing[:_LONGEST_VALUE] if isinstance(thing, str) else ""


class _Patient(logging.StreamHandler[_Outlet]):
    """Writes lines, and tells of those that were left out: nobody read them, or they said what many had said."""

    def __init__(self, outlet: _Outlet) -> None:
        super().__init__(outlet)
        self._complaints = _Complaints()

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream.left_out and self.stream.has_room():
            lines, self.stream.left_out = self.stream.left_out, 0
            self._note("lines are missing here: nobody read them", lines=lines)
        if record.levelno < logging.WARNING:
            super().emit(record)
            return
        place, too_many = self._complaints.count(record)
        if too_many:
            self._note("lines like the next one were left out", lines=too_many)
        if place <= _MOST_ALIKE:
            super().emit(record)
        if place == _MOST_ALIKE:
            self._note("more lines like the last one are left out", seconds=int(_WHILE))

    def _note(self, event: str, **fields: int) -> None:
        note = logging.LogRecord(__name__, logging.WARNING, "", 0, event, None, None)
        note.fields = fields
        super().emit(note)


class _Lines(logging.Formatter):
    """Makes the fields of a line that are safe to be seen."""

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """Time, level, module and event, then the event's own fields, then the exception."""
        line: dict[str, object] = {
            "time": spell_instant(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "module": record.name,
            "event": getattr(record, "event", None) or _scrubbed(record.getMessage()),
        }
        for name, value in getattr(record, "fields", {}).items():
            line[name if name not in line else f"{name}_"] = _safe(name, value)
        if record.exc_info and record.exc_info[1] is not None:
            line |= _exception(record.exc_info[1])
        return line


class _JsonLines(_Lines):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.fields(record), default=_scrubbed_text)


class _TextLines(_Lines):
    """``time LEVEL module event name=value ...`` for people."""

    def format(self, record: logging.LogRecord) -> str:
        fields = self.fields(record)
        head = f"{fields.pop('time')} {str(fields.pop('level')).upper():7} {fields.pop('module')}"
        event = _spelt(fields.pop("event"))
        return " ".join((head, event, *(f"{name}={_spelt(value)}" for name, value in fields.items())))


def _safe(name: str, value: object) -> object:
    """The value of a field as it may be shown."""
    if name in _BLOTTED:
        return _BLOT
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, Mapping):
        return {str(key): _safe(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(name, item) for item in value]
    if value is None:
        return None
    if name in _NUMBERS:
        return mask(str(value)[:_LONGEST_VALUE])
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    return _E164.sub(lambda found: mask(found[0]), str(value))[:_LONGEST_VALUE]


def _exception(error: BaseException, depth: int = 1) -> dict[str, object]:
    """What was raised and where; its message shortened, because nobody knows what a library puts into it."""
    frames = traceback.extract_tb(error.__traceback__)
    fields: dict[str, object] = {
        "error": type(error).__qualname__,
        "error_message": _scrubbed(str(error))[:_LONGEST_VALUE],
        "error_at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if depth == _DEEPEST_CAUSE:
        return fields
    if isinstance(error, BaseExceptionGroup):
        fields["error_group"] = [_exception(inner, depth + 1) for inner in error.exceptions]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        fields["error_cause"] = _exception(cause, depth + 1)
    return fields


def _scrubbed(message: str) -> str:
    """Free text with everything masked that could be a phone number."""
    return _DIGITS.sub(lambda found: mask(found[0]), message)


def _scrubbed_text(value: object) -> str:
    return _scrubbed(str(value))


def _spelt(value: object) -> str:
    """A value in a text line: bare if it is a plain word, quoted and escaped if not."""
    if isinstance(value, str):
        return value if _BARE.fullmatch(value) else json.dumps(value)
    return json.dumps(value, default=_scrubbed_text)
