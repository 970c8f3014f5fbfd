"""Owns the scenario of client events: taken in with all workflows enabled, told to them, and what they schedule when it is due.

Does not know what a workflow does beyond the one text that an invoice's reminder is. The instant at which jobs are due is
a minute of the real clock shortly ahead, wherever that falls: the accounts are in UTC, and the reminders' time of day is
set to that minute as an operator sets it, by plugins.toml and a new start.
"""

import json
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools.bench.assent import ACCEPTED, CLIENT, PROGRAM, Assent
from tools.bench.child import BenchError
from tools.bench.load import Form, Order
from tools.bench.meter import cpu_seconds, peak_rss
from tools.bench.run import Figures, SinkProcess, load, rate
from tools.bench.scenarios import BATCH, BATCH_CONNECTIONS, RECEIPT_DELAY, WINDOW, Sizes, running
from tools.bench.traffic import NUMBER

PLUGINS = (
    "payment_reminders",
    "payment_receipts",
    "failure_notices",
    "promise_to_pay",
    "text_to_pay",
    "payment_options",
    "invoices",
    "authorization_links",
    "workflow_rules",
    "account_guard",
    "number_checks",
)
"""In the order of conf/plugins.toml."""
SETTINGS = """\
enabled = {enabled}
[settings.payment_reminders]
time = "{time}"
[settings.authorization_links.portal.{client}]
url = "https://pay.example.com/plan"
key_file = {key_file}
[[settings.workflow_rules.rules]]
name = "big-failure"
on = ["payment.failed", "payment.nsf"]
when = [{{ field = "event.amount", at_least = 100000 }}]
then = [{{ do = "handover", reason = "big_failure" }}]
[settings.account_guard]
marks = [{{ field = "in_dispute", values = [true] }}]
"""
EVENT = (
    '{{"id":"event-%08d","type":"invoice.issued","occurred_at":"{now}","account":"A-%08d","number":"{number}",'
    '"zone":"UTC","program":"{program}","invoice":"INV-%08d","amount":{{"minor":5210,"currency":"USD"}},"due_on":"{due_on}"}}'
)
FIRST_REMINDER = timedelta(days=3)
"""Before the due day, by the reminders' default."""
FAR = timedelta(days=30)
MARGIN = 30.0
"""Seconds, beside twice what telling the plugins should take, until jobs are due."""
LIMIT = 600.0
"""Seconds that anything is waited for."""
POLL = 0.25


def events(amounts: Sizes, directory: Path) -> Generator[Figures, None, None]:
    """Nine tenths of the accounts have an invoice that is due some day, and then one tenth has one to be reminded of now."""
    due = -(-amounts.accounts // 10)
    key_file = directory / "portal.key"
    key_file.write_text("0123456789abcdef" * 4)
    with SinkProcess(receipt_delay=RECEIPT_DELAY) as sink:
        settings = plugins_toml(key_file, "10:00")
        system = Assent(directory / "system", smsc_port=sink.port, window=WINDOW, files={"plugins.toml": settings})
        with running(system):
            sink.wait_bound()
            system.admit(due)
            figures = _tell(
                system, directory, due, amounts.accounts - due, (datetime.now(UTC) + FAR).date().isoformat()
            )
        yield figures
        needed = due / (figures.told_rate or 1.0)
        instant = (int(time.time() + 2 * needed + MARGIN) // 60 + 1) * 60
        at = datetime.fromtimestamp(instant, UTC)
        system.configure("plugins.toml", plugins_toml(key_file, f"{at:%H:%M}"))
        with running(system):
            sink.wait_bound()
            sink.reset(0, 1)
            _tell(system, directory, 0, due, (at + FIRST_REMINDER).date().isoformat())
            if time.time() > instant:
                raise BenchError("the plugins were not told in time of what is due; the machine is too busy")
            yield _come_due(system, sink, instant, due)


def plugins_toml(key_file: Path, time_of_day: str) -> str:
    """All plugins of this repository, as an operator enables them."""
    return SETTINGS.format(
        enabled=json.dumps(PLUGINS), time=time_of_day, client=CLIENT, key_file=json.dumps(str(key_file))
    )


def _tell(system: Assent, directory: Path, first: int, count: int, due_on: str) -> Figures:
    """Take in an event for each account, and wait until every plugin was told of it."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    form = Form(
        head=system.head("POST /v1/events"),
        opening='{"events":[',
        item=EVENT.format(now=now, number=NUMBER, program=PROGRAM, due_on=due_on),
        closing="]}",
        accepted=ACCEPTED,
        places=("token", "token", "number", "token"),
    )
    cpu = cpu_seconds(system.pids())
    tally = load(
        Order(system.port(), form, first, count, BATCH, BATCH_CONNECTIONS, 0.0, first + count, str(directory / "load"))
    )
    taking = cpu_seconds(system.pids()) - cpu
    through = wait_until_told(system)
    return Figures(
        scenario="events",
        system=system.name,
        note=tally.complaint,
        messages=count,
        accepted=tally.accepted,
        refused=count - tally.accepted,
        accepted_rate=rate(tally.accepted, tally.started, tally.finished),
        told_rate=rate(tally.accepted, tally.started, through),
        peak_rss_mb=peak_rss(system.pids()) / 1e6,
        cpu_seconds=taking,
        wall_seconds=tally.finished - tally.started,
        cpu_per_1000=(cpu_seconds(system.pids()) - cpu) / count * 1000,
    )


def wait_until_told(system: Assent) -> float:
    """Until no plugin has anything left to hear: the moment of CLOCK_MONOTONIC."""
    left: dict[str, int] = {}
    moved = time.monotonic()
    while True:
        found = {
            plugin["plugin"]: plugin["behind"] + plugin["waiting"] + plugin["dead"]
            for plugin in system.operator("GET", "/v1/plugins")["plugins"]
        }
        now = time.monotonic()
        if not any(found.values()):
            return now
        if found != left:
            left, moved = found, now
        if now - moved > LIMIT:
            raise BenchError(f"plugins were not told what they should be: {found}")
        time.sleep(POLL)


def _come_due(system: Assent, sink: SinkProcess, instant: int, due: int) -> Figures:
    time.sleep(max(0.0, instant - time.time()))
    began, cpu = time.monotonic() - (time.time() - instant), cpu_seconds(system.pids())
    stats = sink.submitted(due, LIMIT)
    return Figures(
        scenario="events, due",
        system=system.name,
        messages=due,
        submitted=stats["submits"],
        lost=max(0, due - stats["submits"]),
        duplicates=max(0, stats["submits"] - due),
        end_to_end_rate=rate(stats["submits"], stats["first"], stats["last"]),
        due_seconds=stats["last"] - began,
        peak_rss_mb=peak_rss(system.pids()) / 1e6,
        cpu_seconds=cpu_seconds(system.pids()) - cpu,
        wall_seconds=stats["last"] - began,
    )
