"""The console: what an operator types at the simulator, one line at a time.

It owns the grammar of a line and the words of the answer; what is asked for is done by `smsc`.
"""

import os
from collections.abc import Callable
from typing import Final, cast

import trio

from tools.simulator import scenario
from tools.simulator.journal import Answered, Bound, Closed, Delivered, Entry, FaultPlayed, Submitted, Taken
from tools.simulator.originate import Nobody, Unwritable
from tools.simulator.scenario import Mo, ScenarioError
from tools.simulator.session import HowDown
from tools.simulator.smsc import HOW_DOWN, Smsc

HELP: Final = """\
  +15551230001 STOP            that consumer texts STOP to whoever texted them last
  +15551230001 > 40404 STOP    ... to 40404
  scenario NAME                be another carrier (from now on); without NAME: which there are
  sessions                     the links
  stats                        counters
  disconnect HOW [SESSION]     fin, rst, blackhole or unbind
  help, quit"""

PROMPT: Final = "smsc> "


class Quit(Exception):
    """The operator has typed `quit`."""


def obey(line: str, smsc: Smsc) -> str:
    """Do what one line says; the answer for the operator, "" for none. Raises Quit."""
    line = line.strip()
    if not line:
        return ""
    if line[0] == "+" or line[0].isdigit():
        return _text(line, smsc)
    word, _, rest = line.partition(" ")
    words = rest.split()
    try:
        match word.lower(), words:
            case "help" | "?", []:
                return HELP
            case "quit" | "exit", []:
                raise Quit
            case "scenario", []:
                return f"playing: {smsc.script.scenario.title}\n  {', '.join(scenario.names())}"
            case "scenario", [name]:
                smsc.play(scenario.load(name))
                return f"playing: {smsc.script.scenario.title}"
            case "sessions", []:
                views = smsc.session_views()
                return "\n".join(
                    f"{view.session}: {view.bind or 'not bound'} {view.account} from {view.peer}" for view in views
                )
            case "stats", []:
                return "  ".join(f"{name} {count}" for name, count in smsc.stats().items())
            case "disconnect", [how, *which] if how in HOW_DOWN and len(which) < 2 and all(map(str.isdigit, which)):
                gone = smsc.disconnect(cast(HowDown, how), session=int(which[0]) if which else None)
                return f"{how}: {', '.join(map(str, gone)) or 'nobody is there'}"
    except ScenarioError as error:
        return str(error)
    return f"not understood: {line!r}; `help` shows what is"


def _text(line: str, smsc: Smsc) -> str:
    source, _, text = line.partition(" ")
    text = text.strip()
    destination = ""
    if text.startswith(">"):
        destination, _, text = text[1:].strip().partition(" ")
        text = text.strip()
    if not text:
        return "what does the text say? e.g. +15551230001 STOP"
    try:
        parts = len(smsc.originate(Mo(source=source, destination=destination, text=text)))
    except (Nobody, Unwritable) as error:
        return str(error)
    return f"sent{f' in {parts} parts' if parts > 1 else ''}"


def spoken(entry: Entry) -> str:
    """What a record of the journal is to an operator who looks on; "" for what is of no interest."""
    match entry:
        case Submitted():
            part = f" ({entry.part.number}/{entry.part.total})" if entry.part else ""
            return f"{entry.source} -> {entry.destination}{part}: {entry.text}"
        case Answered() if entry.status != "ESME_ROK":
            return f"  answered {entry.status}"
        case Delivered(kind="mo"):
            return f"{entry.source} -> {entry.destination}: {entry.text}"
        case Delivered(stat=stat) if stat:
            return f"  receipt for {entry.message_id}: {stat}"
        case Taken() if entry.status != "ESME_ROK":
            return f"  delivery {entry.delivery} got {entry.status}"
        case Bound():
            return f"[{entry.session}] bind {entry.type} as {entry.account!r}: {entry.status}"
        case Closed():
            return f"[{entry.session}] closed: {entry.reason}"
        case FaultPlayed():
            return f"[{entry.session}] fault: {entry.do} on {entry.on}"
        case _:
            return ""


class Lines:
    """The lines that come in on a descriptor.

    It is read in a thread, so that the descriptor (a terminal, perhaps shared) keeps its mode; not through sys.stdin,
    whose lock a thread left behind would hold at the exit of the interpreter."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._octets = b""
        self._ended = False

    async def next(self) -> str | None:
        """The next line, which at the end of the input may lack its newline; None behind that."""
        while b"\n" not in self._octets and not self._ended:
            more = await trio.to_thread.run_sync(os.read, self._fd, 65_536, abandon_on_cancel=True)
            self._octets += more
            self._ended = not more
        if not self._octets:
            return None
        line, _, self._octets = self._octets.partition(b"\n")
        return line.decode("utf-8", "replace")


async def talk(smsc: Smsc, fd: int, say: Callable[[str], None], *, prompt: bool) -> bool:
    """Obey an operator until the end of the input (False) or `quit` (True)."""
    lines = Lines(fd)
    while True:
        if prompt:
            say(PROMPT)
        line = await lines.next()
        if line is None:
            return False
        try:
            answer = obey(line, smsc)
        except Quit:
            return True
        smsc.settle()
        if answer:
            say(f"{answer}\n")


async def look_on(smsc: Smsc, say: Callable[[str], None]) -> None:
    """Tell an operator at a terminal what goes on, for ever."""
    seen = smsc.journal.last
    while True:
        await smsc.journal.wait_beyond(seen)
        for entry in smsc.journal.after(seen):
            if words := spoken(entry):
                say(f"\r{words}\n")
            seen = entry.n
