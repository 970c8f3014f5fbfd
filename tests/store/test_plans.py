"""No statement of the hot road, and none that runs in every round, looks through a whole table."""

import re
import sqlite3
from pathlib import Path

import pytest

import gateway.store
from gateway.store import (
    claim,
    deeds,
    dialogs,
    doubt,
    inbound,
    jobs,
    keys,
    notices,
    orphans,
    plugins,
    quota,
    reads,
    receipts,
    requeue,
    reroute,
    reviews,
    setbacks,
    standing,
    webhooks,
)

SCHEMA = Path(gateway.store.__file__).parent / "schema" / "0001.sql"
STATEMENTS = {
    "claim.due": (claim._ALL_DUE, 0),
    "claim.next": (claim._NEXT_DUE, 0),
    "claim.begun": (claim._BEGUN, 1),
    "claim.mark": (claim._MARK, 2),
    "deeds.known": (deeds.KNOWN, 4),
    "deeds.waiting": (deeds.WAITING, 0),
    "deeds.outcomes": (deeds.OUTCOMES, 0),
    "deeds.next_span": (deeds.NEXT_SPAN, 0),
    "deeds.forget": (deeds.FORGET, 0),
    "dialogs.open": (dialogs.OPEN, 0),
    "dialogs.of_number": (dialogs.OF_NUMBER, 0),
    "dialogs.overdue": (dialogs.OVERDUE, 0),
    "dialogs.call_off": (dialogs.CALL_OFF, 0),
    "dialogs.end_unasked": (dialogs.END_UNASKED, 1),
    "doubt.recover": (doubt._OPEN.format(state="'in_flight'"), 0),
    "doubt.settle": (doubt._DOUBTFUL, 0),
    "doubt.overdue": (doubt._OVERDUE, 0),
    "inbound.earlier": (inbound._EARLIER, 0),
    "orphans.parked": (f"{orphans._PARKED} LIMIT ?3", 0),
    "orphans.target": (orphans._TARGET, 0),
    "orphans.others": (orphans._OTHERS, 0),
    "orphans.oldest": (orphans._OLDEST, 0),
    "orphans.askable": (orphans._ASKABLE, 0),
    "jobs.replace": (jobs.REPLACE, 4),
    "jobs.cancel": (jobs.CANCEL, 0),
    "jobs.due": (jobs.DUE, 0),
    "jobs.next": (jobs.NEXT_DUE, 0),
    "jobs.account": (jobs.OF_ACCOUNT, 0),
    "jobs.forget": (jobs.FORGET, 0),
    "notices.known": (notices.KNOWN, 2),
    "notices.accounts": (notices.ACCOUNTS, 2),
    "notices.pointless": (notices.POINTLESS, 2),
    "notices.pointless_due": (notices.POINTLESS_DUE, 3),
    "notices.page": (notices.PAGE, 0),
    "notices.number": (notices.BY_NUMBER, 0),
    "notices.after": (notices.AFTER, 0),
    "notices.seqs": (notices.BY_SEQ, 1),
    "notices.forget_events": (notices.FORGET_EVENTS, 0),
    "notices.forget_checks": (notices.FORGET_CHECKS, 0),
    "plugins.behind": (plugins.BEHIND, 0),
    "plugins.retries": (plugins.RETRIES, 0),
    "webhooks.due": (webhooks.DUE, 0),
    "webhooks.next": (webhooks.NEXT_DUE, 0),
    "quota.keys": (quota._KEYS, 0),
    "quota.oldest": (quota._OLDEST, 0),
    "quota.texts": (quota._TEXTS, 1),
    "quota.used": (quota._USED, 1),
    "quota.aside": (quota._SET_ASIDE, 2),
    "quota.back": (quota._BRING_BACK, 1),
    "quota.recall": (quota._RECALL, 0),
    "quota.waiting": (quota._WAITING, 0),
    "quota.overdue": (quota._OVERDUE, 0),
    "reads.carriers": (reads._CARRIERS, 0),
    "reads.depth": (reads._DEPTH, 0),
    "receipts.by_key": (receipts._BY_KEY, 1),
    "receipts.by_overtaken_key": (receipts._BY_OVERTAKEN_KEY, 1),
    "receipts.parked": (receipts._PARKED, 1),
    "reviews.overdue": (reviews._OVERDUE, 0),
    "reviews.held": (reviews._HELD_TEXTS, 0),
    "reviews.others": (reviews._OTHERS, 0),
    "keys.forget": (keys._FORGET, 0),
    "setbacks.ahead": (setbacks._AHEAD, 0),
    "setbacks.forward": (setbacks._BRING_FORWARD, 1),
    "setbacks.webhooks": (setbacks._RETRIES[0], 0),
    "setbacks.plugins": (setbacks._RETRIES[1], 0),
    "standing.latest": (standing._LATEST, 0),
    "standing.opted-out": (standing._OPTED_OUT, 0),
    "requeue.overtake": (requeue._OVERTAKE, 2),
    "requeue.unless_paid": (requeue._UNLESS_PAID, 1),
    "requeue.whole": (requeue._WHOLE, 1),
    "requeue.of_closed": (requeue._OF_CLOSED, 1),
    "reroute.movable": (reroute._MOVABLE, 0),
    "reroute.whole": (reroute._WHOLE, 1),
    "reroute.segments": (reroute._MOVE_SEGMENTS, 2),
    "reroute.message": (reroute._MOVE_MESSAGE, 5),
}
"""Each with the columns of the rows that it is run over."""

_A_TABLE = re.compile(
    r"SCAN (segment|message|inbound|quota|job|deed|account|notice|client_event|check_due|event|optin|s|m|t|d|a|n|e|o)\b"
)


def plan(statement: str, width: int) -> list[str]:
    row = f"({', '.join('?' * width)})" if width > 1 else "?"
    sql = statement.replace("{rows}", row)
    numbered = [int(number) for number in re.findall(r"\?([0-9]+)", sql)]
    values = [None] * (max(numbered) if numbered else sql.count("?"))
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(SCHEMA.read_text())
        found = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    connection.close()
    return found


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_table_is_searched_by_an_index(name: str) -> None:
    steps = plan(*STATEMENTS[name])
    assert any(step.startswith("SEARCH") for step in steps), steps
    assert [step for step in steps if _A_TABLE.match(step)] == []


def test_a_scan_is_seen() -> None:
    assert plan("SELECT 1 FROM segment WHERE state IN ('in_flight', 'in_doubt')", 0) == ["SCAN segment"]
