"""Asking for checks costs a statement for many numbers, and nothing where there is none to ask for."""

import sqlite3
from collections.abc import Iterator

import pytest

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.consent import ConsentState
from gateway.model.message import Facts, Ruling, State
from gateway.store.check_due import StaleTexts
from gateway.store.migration import migrate
from gateway.store.unit import Unit
from tests.contract.desk import CLIENT, NOON, NUMBER, Desk
from tests.store.test_unit import Recording

FACTS = Facts(ConsentState.CONFIRMED, False, None, (), False, NOON - 1)


@pytest.fixture
def connection() -> Iterator[Recording]:
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=Recording)
    connection.statements, connection.steps = set(), 0
    migrate(connection)
    yield connection
    connection.close()


def note(stale: StaleTexts, code: Code, number: str = NUMBER) -> None:
    desk = Desk(None)  # type: ignore[arg-type]  # it makes a text, nothing more
    text = desk.submission(number=Number(number))
    stale.note(text, text.id, FACTS, Ruling(State.BLOCKED, 0, b"", code), NOON)


def test_a_request_of_stale_texts_takes_four_steps(connection: Recording) -> None:
    unit = Unit(connection, 0)
    stale = StaleTexts(frozenset({CLIENT}))
    for n in range(500):
        note(stale, Code.CONSENT_STALE, f"+1202555{n:04}")
        note(stale, Code.CONSENT_STALE, f"+1202555{n:04}")
    before = connection.steps
    stale.tell(unit)
    assert connection.steps - before == 4
    assert connection.execute("SELECT count(*) FROM notice").fetchone() == (500,)
    before = connection.steps
    stale.tell(unit)
    assert connection.steps - before == 2
    assert connection.execute("SELECT count(*) FROM notice").fetchone() == (500,)


def test_other_texts_take_none(connection: Recording) -> None:
    unit = Unit(connection, 0)
    before = connection.steps
    for stale, code in (
        (StaleTexts(frozenset({CLIENT})), Code.CONSENT_OPTED_OUT),
        (StaleTexts(frozenset({"globex"})), Code.CONSENT_STALE),
        (StaleTexts(frozenset()), Code.CONSENT_STALE),
    ):
        note(stale, code)
        stale.tell(unit)
    assert connection.steps == before
    assert not unit.noticed
