"""Log lines: their shape, and what never gets into one."""

import io
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator

import pytest

from gateway.log import Form, Level, Log, configure

NUMBER = "+12025550123"
TEXT = "canary words of a message"
SECRET = "hunter2hunter2"

Start = Callable[..., io.StringIO]


@pytest.fixture
def start() -> Iterator[Start]:
    """Configures logging into a string; what was configured before comes back afterwards."""
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    ours = {name: logging.getLogger(name).level for name in ("gateway", "plugins", "tools")}

    def start(level: Level = "debug", form: Form = "json") -> io.StringIO:
        root.handlers[:] = []
        stream = io.StringIO()
        configure(level, form, stream)
        return stream

    yield start
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)
    for name, before in ours.items():
        logging.getLogger(name).setLevel(before)


def test_a_json_line_has_its_event_and_fields(start: Start) -> None:
    stream = start()
    Log("gateway.carrier").info("bound", carrier="main", binds=2, ratio=0.5, late=None, names=("a", "b"))
    line = json.loads(stream.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info", "module": "gateway.carrier", "event": "bound",
        "carrier": "main", "binds": 2, "ratio": 0.5, "late": None, "names": ["a", "b"],
    }  # fmt: skip


def test_a_text_line_reads_from_left_to_right(start: Start) -> None:
    stream = start(form="text")
    Log("gateway.carrier").warning("bind refused", carrier="main", reason="two words", left=3)
    time, rest = stream.getvalue().split(" ", 1)
    assert time.endswith("Z")
    assert rest == 'WARNING gateway.carrier "bind refused" carrier=main reason="two words" left=3\n'


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_value_cannot_break_out_of_its_line(start: Start, form: Form) -> None:
    stream = start(form=form)
    Log("gateway.web").info("refused", path="/x\n2026-01-01 ERROR forged\x1b[31m\x9b\u2028", name="a=b c=d")
    out = stream.getvalue()
    assert out.endswith("\n")
    assert len(out.splitlines()) == 1
    assert out[:-1].isprintable()


def test_a_field_cannot_replace_the_line_s_own(start: Start) -> None:
    stream = start()
    Log("gateway.web").info("refused", level="debug", module="x")
    line = json.loads(stream.getvalue())
    assert (line["level"], line["module"], line["level_"], line["module_"]) == ("info", "gateway.web", "debug", "x")


def _say_everything() -> None:
    log = Log("gateway.flow")
    log.info("a", number=NUMBER, to=[NUMBER], text=TEXT, password=SECRET, token=SECRET, payload=TEXT.encode())
    log.info("b", sender=NUMBER[1:], source=int(NUMBER[1:]), detail=f"from {NUMBER} to {NUMBER}", raw=TEXT.encode())
    log.info("c", nested={"number": NUMBER, "text": TEXT, "list": [{"secret": SECRET}]}, error=ValueError(NUMBER))
    try:
        try:
            int(f"{NUMBER[1:]}x")
        except ValueError as error:
            raise KeyError(NUMBER) from error
    except KeyError as error:
        log.error("d", error)
        logging.getLogger("gateway.store").error("verb %s failed", "accept", exc_info=error)
    logging.getLogger("library").warning("sent to %s", NUMBER[1:])


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_number_text_or_secret_gets_through(start: Start, form: Form) -> None:
    stream = start(form=form)
    _say_everything()
    out = stream.getvalue()
    assert len(out.splitlines()) == 6
    assert NUMBER[1:] not in out
    assert "canary" not in out
    assert SECRET not in out
    assert "+1********23" in out


def test_an_exception_tells_what_and_where(start: Start) -> None:
    stream = start()
    _say_everything()
    line = json.loads(stream.getvalue().splitlines()[3])
    assert line["error"] == "KeyError"
    assert line["error_at"][0].endswith(" _say_everything")
    assert line["error_cause"]["error"] == "ValueError"


def test_a_group_tells_each_of_its_exceptions(start: Start) -> None:
    stream = start()
    Log("gateway.app").error("stopped", ExceptionGroup("two", [OSError("disk"), ValueError("x" * 10_000)]))
    line = json.loads(stream.getvalue())
    assert [inner["error"] for inner in line["error_group"]] == ["OSError", "ValueError"]
    assert len(stream.getvalue()) < 2000


def test_exceptions_that_cause_each_other_end(start: Start) -> None:
    stream = start()
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    Log("gateway.app").error("stopped", first)
    assert json.loads(stream.getvalue())["error"] == "ValueError"


def test_ids_stay_whole(start: Start) -> None:
    stream = start()
    Log("gateway.flow").info("submitted", message="msg_0123456789012", smsc_message_id="0059113978", at=1767225600000)
    logging.getLogger("gateway.web").error("incident %s", "a1234567890b")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["message"], first["smsc_message_id"]) == ("msg_0123456789012", "0059113978")
    assert first["at"] == 1767225600000
    assert second["event"] == "incident a1234567890b"


def test_what_json_has_no_word_for_is_spelt(start: Start) -> None:
    stream = start()
    Log("gateway.flow").info("odd", rate=float("nan"), kind=object, tags={"a"})
    line = json.loads(stream.getvalue())
    assert (line["rate"], line["kind"], line["tags"]) == ("nan", "<class 'object'>", ["a"])


@pytest.mark.parametrize(("level", "heard"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_a_level_is_a_threshold(start: Start, level: Level, heard: int) -> None:
    stream = start(level)
    log = Log("gateway.flow")
    log.debug("1")
    log.info("2")
    log.warning("3")
    log.error("4")
    assert len(stream.getvalue().splitlines()) == heard


def test_libraries_are_heard_from_warnings_on(start: Start) -> None:
    stream = start("debug")
    for name in ("aiosqlite", "httpx", "httpcore.http11", "trio"):
        logging.getLogger(name).info("parameters %s", TEXT)
        logging.getLogger(name).debug("parameters %s", TEXT)
    assert stream.getvalue() == ""


def test_a_stream_that_fails_is_no_reason_to_stop_or_to_tell(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    start()
    broken = io.StringIO()
    configure("info", "json", broken)
    broken.close()
    Log("gateway.flow").info("unseen", detail=SECRET)
    assert capsys.readouterr() == ("", "")


def told_to_a_sleeper(write: Callable[[], None]) -> tuple[bytes, bytes]:
    """What a reader finds of lines that came while it slept, and then of one more, without waiting for a test that hangs."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with open(writing, "w") as stream, open(reading, "rb", buffering=0) as reader:
        configure("info", "json", stream)
        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        writer.join(60)
        assert not writer.is_alive(), "logging waits for whoever reads"
        before = reader.read(1 << 20) or b""
        Log("gateway.app").info("awake")
        return before, reader.read(1 << 20) or b""


def test_nobody_waits_for_a_reader_that_sleeps(start: Start) -> None:
    def write() -> None:
        for line in range(1000):
            Log("gateway.app").info("x" * 300, line=line)

    start()
    before, after = told_to_a_sleeper(write)
    whole = [json.loads(line) for line in before.splitlines()]
    assert [line["line"] for line in whole] == list(range(len(whole)))
    note, last = (json.loads(line) for line in after.splitlines())
    assert (note["level"], note["module"], note["lines"]) == ("warning", "gateway.log", 1000 - len(whole))
    assert last["event"] == "awake"


def test_a_line_that_was_cut_is_ended_before_the_next(start: Start) -> None:
    def write() -> None:
        for _ in range(2):
            Log("gateway.app").info("long", values=["z" * 400] * 1000)

    start()
    before, after = told_to_a_sleeper(write)
    assert before
    assert not before.endswith(b"\n")
    end, note, last = after.splitlines()
    assert end == b""
    assert json.loads(note)["lines"] == 2
    assert json.loads(last)["event"] == "awake"


def complain(
    at: float, thing: str, message: str = "%s: a call that is no outbind: %s", level: int = logging.WARNING
) -> None:
    record = logging.LogRecord("gateway.carrier", level, "", 0, message, (thing, "x"), None)
    record.created = at
    logging.getLogger("gateway.carrier").handle(record)


def events(stream: io.StringIO) -> list[str]:
    lines = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    stream.seek(0)
    stream.truncate()
    return lines


def test_a_complaint_is_told_thirty_times_a_minute_and_counted(start: Start) -> None:
    stream = start()
    for line in range(1000):
        complain(500.0 + line / 20, "main-1")
    told = events(stream)
    assert told == ["main-1: a call that is no outbind: x"] * 30 + ["more lines like the last one are left out"]
    complain(559.9, "main-1")
    assert events(stream) == []
    complain(560.0, "main-1")
    note, again = stream.getvalue().splitlines()
    assert json.loads(note)["event"] == "lines like the next one were left out"
    assert (json.loads(note)["lines"], json.loads(note)["level"]) == (971, "warning")
    assert json.loads(again)["event"] == told[0]


def test_a_clock_set_back_silences_nobody(start: Start) -> None:
    stream = start()
    for _ in range(40):
        complain(5000.0, "main-1")
    events(stream)
    complain(400.0, "main-1")
    assert events(stream)[-1] == "main-1: a call that is no outbind: x"


def test_a_complaint_drowns_no_other(start: Start) -> None:
    stream = start()
    for _ in range(100):
        complain(500.0, "main-1")
    events(stream)
    complain(500.0, "main-2")
    complain(500.0, "main-1", "%s: bind refused: %s")
    for _ in range(100):
        complain(500.0, "main-1", "%s: bound: %s", logging.INFO)
    Log("gateway.hooks").warning("plugin failed", plugin="receipts")
    assert events(stream) == [
        "main-2: a call that is no outbind: x",
        "main-1: bind refused: x",
        *["main-1: bound: x"] * 100,
        "plugin failed",
    ]


def test_complaints_about_fields_are_counted_by_the_first(start: Start) -> None:
    stream = start()
    for number in range(50):
        Log("gateway.hooks").warning("plugin failed", plugin="receipts", failure=number)
        Log("gateway.hooks").warning("plugin failed", plugin="reminders", failure=number)
    told = [json.loads(line).get("plugin") for line in stream.getvalue().splitlines()]
    assert (told.count("receipts"), told.count("reminders")) == (30, 30)


def test_complaints_without_end_keep_no_memory_without_end(start: Start) -> None:
    stream = start()
    for number in range(1500):
        complain(500.0, f"main-{number}")
    complaints = logging.getLogger().handlers[0]._complaints  # type: ignore[attr-defined]
    assert len(complaints._lines) == 1000
    assert len(events(stream)) == 1500
