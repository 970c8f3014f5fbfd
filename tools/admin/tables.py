"""Owns how answers look to a person: tables on a terminal. Does not own what is asked, or the JSON that machines get."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.smpp.status import name as status_name

_WIDE = 200
"""Columns where nobody says how many there are: in a pipe, nothing is to be folded."""

Cell = Callable[[dict[str, Any]], object]
Column = tuple[str, str | Cell]

BINDS: Sequence[Column] = (
    ("bind", "name"),
    ("carrier", "carrier"),
    ("kind", "kind"),
    ("state", "state"),
    ("for s", "seconds"),
    ("in flight", lambda bind: f"{bind['in_flight']}/{bind['window']}"),
    ("binds", "binds"),
    ("retry in s", "retry_in_seconds"),
    ("detail", "detail"),
)
QUEUES: Sequence[Column] = (
    ("carrier", "carrier"),
    ("queued", "queued"),
    ("in flight", "in_flight"),
    ("in doubt", "in_doubt"),
    ("oldest due", "oldest_due"),
    ("waits", lambda queue: "; ".join(_reason(wait) for wait in queue.get("waits", ()))),
)
DOUBTS: Sequence[Column] = (
    ("message", "message"),
    ("segment", "n"),
    ("client", "client"),
    ("number", "number"),
    ("category", "category"),
    ("bind", "bind"),
    ("claimed", "claimed_at"),
)
REVIEWS: Sequence[Column] = (
    ("review", "id"),
    ("client", "client"),
    ("state", "state"),
    ("due", "due_at"),
    ("number", "number"),
    ("text", "text"),
    ("rule", "rule"),
    ("on", "words"),
    ("held for", lambda review: ", ".join(review["holding"])),
    ("decision", "decision"),
    ("by", "by"),
)
INBOUND: Sequence[Column] = (
    ("client", "client"),
    ("received", lambda each: each["inbound"]["received_at"]),
    ("to", lambda each: each["inbound"]["to"]),
    ("wrote", lambda each: each["inbound"]["text"]),
    ("read as", lambda each: each["inbound"]["kind"]),
    ("rule", lambda each: each["inbound"]["rule"]),
    ("on", lambda each: each["inbound"]["words"]),
)
RECEIPTS: Sequence[Column] = (
    ("carrier", "carrier"),
    ("bind", "bind"),
    ("came", "at"),
    ("smsc id", "smsc_message_id"),
    ("number", "number"),
    ("stat", "stat"),
    ("err", "err"),
    ("waits", lambda receipt: "no: orphan" if receipt["orphan"] else "for its response"),
)
UNLINKED: Sequence[Column] = (
    ("number", "number"),
    ("client", "client"),
    ("program", "program"),
    ("to", "to"),
    ("wrote", "received_at"),
    ("read as", "kind"),
    ("text", "text"),
)
TEMPLATES: Sequence[Column] = (
    ("template", "name"),
    ("version", "version"),
    ("from", "source"),
    ("client", "client"),
    ("locales", lambda template: ", ".join(template["locales"])),
    ("since", "at"),
    ("sent", "summary"),
)
KEYS: Sequence[Column] = (
    ("id", "id"),
    ("client", "client"),
    ("label", "label"),
    ("valid", lambda key: "yes" if key["valid"] else "no"),
    ("made", "created_at"),
    ("revoked", "revoked_at"),
)
PLUGINS: Sequence[Column] = (
    ("plugin", "plugin"),
    ("version", "version"),
    ("state", "state"),
    ("clients", lambda plugin: ", ".join(plugin["clients"]) or "all"),
    ("calls", "calls"),
    ("failed", "failed"),
    ("behind", "behind"),
    ("waiting", "waiting"),
    ("given up", "dead"),
    ("last failure", "last_failure"),
    ("summary", "summary"),
)
CHANGES: Sequence[Column] = (("at", "at"), ("change", "change"), ("detail", "detail"))
AGAIN: Sequence[Column] = (("notice", "seq"), ("tries", "attempt"), ("due", "due_at"), ("detail", "detail"))
WEBHOOKS: Sequence[Column] = (
    ("client", "client"),
    ("webhook", "webhook"),
    ("state", lambda webhook: "enabled" if webhook["enabled"] else "disabled"),
    ("cursor", "cursor"),
    ("waiting", "waiting"),
    ("given up", "dead"),
    ("next try", "next_at"),
    ("last failure", "last_failure"),
    ("paused s", "paused_seconds"),
    ("disabled", "disabled_at"),
    ("reason", "reason"),
)
CONSENTS: Sequence[Column] = (
    ("client", "client"),
    ("program", lambda each: each["consent"]["program"]),
    ("category", lambda each: each["consent"]["category"]),
    ("state", lambda each: each["consent"]["state"]),
    ("since", lambda each: each["consent"]["changed_at"]),
    ("cause", lambda each: each["consent"]["cause"]),
    ("ended by", lambda each: _scope(each["consent"].get("ended_by"))),
    ("but for", lambda each: ", ".join(filter(None, map(_scope, each["consent"].get("unless", ()))))),
    ("obtained", lambda each: each["consent"].get("evidence", {}).get("obtained_at")),
    ("medium", lambda each: each["consent"].get("evidence", {}).get("medium")),
    ("source", lambda each: each["consent"].get("evidence", {}).get("source")),
)
FINDINGS: Sequence[Column] = (
    ("entry", "seq"),
    ("fault", "fault"),
    ("client", "client"),
    ("number", "number"),
    ("detail", "detail"),
)
_SEGMENTS: Sequence[Column] = (
    ("segment", "n"),
    ("state", "state"),
    ("attempt", "attempt"),
    ("bind", "bind"),
    ("claimed", "claimed_at"),
    ("submitted", "submitted_at"),
    ("status", lambda segment: _status(segment)),
    ("smsc id", "smsc_message_id"),
    ("receipt", "receipt_at"),
    ("done", "done_date"),
    ("stat", "stat"),
    ("err", "err"),
    ("waits for", "waits"),
)
TIMELINE: Sequence[Column] = (
    ("time", "timestamp"),
    ("what", "type"),
    ("cause", "cause"),
    ("code", "code"),
    ("segment", "segment"),
    ("status", lambda entry: _status(entry)),
    ("stat", "stat"),
    ("err", "err"),
    ("due", "due_at"),
    ("to carrier", "carrier"),
)
_MADE: Sequence[Column] = (
    ("locale", "locale"),
    ("which", "which"),
    ("segments", "segments"),
    ("encoding", "encoding"),
    ("units", "units"),
    ("forced by", "forced_by"),
    ("text", "text"),
)
_FOUND: Sequence[Column] = (
    ("locale", "locale"),
    ("level", "level"),
    ("code", "code"),
    ("in", "where"),
    ("why", "why"),
    ("fix", "fix"),
)
_FACTS = (
    "client", "program", "category", "to", "sender", "carrier", "template", "template_version", "account", "reference",
    "encoding", "units",
    "accepted_at", "send_at", "expires_at", "updated_at",
)  # fmt: skip


def show(title: str, columns: Sequence[Column], rows: Iterable[dict[str, Any]], console: Console | None = None) -> None:
    """Print a table; columns in which nothing stands are left out."""
    rows = list(rows)
    console = console or open_console()
    cells = [[plain(_value(row, where)) for row in rows] for _, where in columns]
    shown = [at for at, column in enumerate(cells) if any(column)]
    if not rows:
        console.print(Text(f"{title}: none"))
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for at in shown:
        table.add_column(columns[at][0], overflow="fold")
    for place in range(len(rows)):
        table.add_row(*(Text(cells[at][place]) for at in shown))
    console.print(table)


def show_message(message: dict[str, Any]) -> None:
    """Print a message: what it is, its decision, its segments, its timeline."""
    console = open_console()
    code = f" ({message['code']})" if "code" in message else ""
    console.print(Text(plain(f"{message['id']}: {message['state']}{code}"), style="bold"))
    grid = Table.grid(padding=(0, 2))
    for name in _FACTS:
        if name in message:
            grid.add_row(Text(name.removesuffix("_at")), Text(plain(message[name])))
    console.print(grid)
    for wait in message.get("waits", ()):
        console.print(Text(plain(f"waits: {_reason(wait)}")))
    findings = message.get("decision", {}).get("findings", [])
    rules: Sequence[Column] = (("rule", "rule"), ("verdict", "verdict"), ("code", "code"), ("detail", "detail"))
    show("decision", rules, findings, console)
    show("segments", _SEGMENTS, message["segments"], console)
    show("timeline", TIMELINE, message["timeline"], console)


def show_template(template: dict[str, Any]) -> None:
    """Print a template: its texts and its variables."""
    console = open_console()
    whose = f" of {template['client']}" if "client" in template else ""
    console.print(
        Text(plain(f"{template['name']} version {template['version']}, from {template['source']}{whose}"), "bold")
    )
    if template["summary"]:
        console.print(Text(plain(template["summary"])))
    texts: Sequence[Column] = (("locale", "locale"), ("text", "text"))
    show("texts", texts, [{"locale": key, "text": text.strip()} for key, text in template["texts"].items()], console)
    variables: Sequence[Column] = (("name", "name"), ("kind", "kind"), ("declared", "declared"))
    rows = [
        {
            "name": name,
            "kind": told["kind"],
            "declared": ", ".join(f"{k} = {v}" for k, v in told.items() if k != "kind"),
        }
        for name, told in template["variables"].items()
    ]
    show("variables", variables, rows, console)


def show_preview(tried: dict[str, Any]) -> None:
    """Print what a template makes: the text, or the bounds of all of them with what is to be said of their wording."""
    console = open_console()
    texts = [{"locale": tried.get("locale"), "which": "", **tried["filled"]}] if "filled" in tried else []
    findings = []
    for one in tried.get("previews", ()):
        texts += [
            {"locale": one["locale"], "which": which, **one[which]}
            for which in ("shortest", "longest", "foreign")
            if which in one
        ]
        findings += [{"locale": one["locale"], **found} for found in one.get("findings", ())]
    show(f"{tried['name']} version {tried['version']}", _MADE, texts, console)
    if findings:
        show("findings", _FOUND, findings, console)


def show_json(answer: Any) -> None:
    """Print an answer that is meant for a file or another program, as one line."""
    print(json.dumps(answer))


def open_console() -> Console:
    """Standard output; as wide as the terminal, or wide where it is none."""
    console = Console(highlight=False, markup=False, emoji=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, emoji=False, width=_WIDE)


def _value(row: dict[str, Any], where: str | Cell) -> object:
    return row.get(where) if isinstance(where, str) else where(row)


def _scope(scope: dict[str, Any] | None) -> str | None:
    return None if scope is None else f"{scope['program']}/{scope['category']}"


def _reason(wait: dict[str, Any]) -> str:
    """``quota client/day/acme, 120 segments, until 2026-03-02T08:00:00.000Z``"""
    said = [f"{wait['cause']} {wait.get('key', '')}".rstrip()]
    said += [f"{wait['rate']:g} PDU/s"] if "rate" in wait else []
    said += [f"{wait['segments']} segments"] if "segments" in wait else []
    said += [f"{word} {wait[word]}" for word in ("since", "until") if word in wait]
    return ", ".join(said)


def _status(row: dict[str, Any]) -> str | None:
    status = row.get("command_status")
    return None if status is None else status_name(status)


def plain(value: object) -> str:
    """A value as one line; what could move a terminal's cursor is escaped."""
    text = "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
