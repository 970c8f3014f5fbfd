"""The verbs of dialogs: questions that wait for an answer, and what an answer does to them.

Owns: dialog rows: when a question counts as asked, which one a text answers, how often it was asked again, its end. Does not
own: reading an answer (rules/dialogs), the question's words (flow), or what follows (plugins).

A dialog belongs to one number and one program, and is known by the message that asks its question. It can be answered
from when that message was handed to a carrier: while a new question still waits for the morning, an answer is to the one
that the consumer has. Of two that were handed over the newer counts, and ends the older, so that no answer ever crosses from
one to the other. A step and the text that it comes from are one transaction: a text that a carrier brings twice is one
answer.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from gateway.model.clock import HOUR
from gateway.model.consent import ConsentState
from gateway.model.dialog import Choice
from gateway.model.events import Kind
from gateway.model.ids import spell, spell_message
from gateway.model.inbound import Inbound, ReplyKind
from gateway.model.notices import Answer
from gateway.rules.dialogs import Outcome, advance
from gateway.store.accept import Acceptance, accept
from gateway.store.facts import Want, facts_for
from gateway.store.jobs import CallOff
from gateway.store.notices import NewNotice, add_notices
from gateway.store.unit import Row, Unit

_ADD = """
INSERT INTO dialog (message_id, client, program, category, number, plugin, name, key, account, choices, again, payload, state,
    reprompts, opened_at, expires_at)
SELECT id, client, program, category, number, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open', 0, accepted_at,
    min(expires_at, coalesce((SELECT max(due_at) FROM segment WHERE message_id = message.id), accepted_at)) + ?9
FROM message WHERE id = ?1
"""
_COLUMNS = (
    "message_id, client, program, category, number, plugin, name, key, account, choices, again, payload, reprompts,"
    " last_again"
)
OPEN = f"""
SELECT {_COLUMNS} FROM dialog INDEXED BY dialog_open
WHERE number = ? AND client = ? AND program = ? AND state = 'open' AND expires_at > ? AND EXISTS (
    SELECT 1 FROM segment WHERE segment.message_id = dialog.message_id
    AND segment.state IN ('in_flight', 'in_doubt', 'submitted', 'delivered', 'undelivered', 'unconfirmed')
) ORDER BY message_id DESC
"""  # noqa: S608 - our own text
OF_NUMBER = f"""
SELECT {_COLUMNS} FROM dialog INDEXED BY dialog_open WHERE number = ? AND client = ? AND state = 'open'
"""  # noqa: S608 - our own text
OVERDUE = f"""
SELECT {_COLUMNS} FROM dialog INDEXED BY dialog_overdue WHERE state = 'open' AND expires_at <= ? ORDER BY expires_at LIMIT ?
"""  # noqa: S608 - our own text
_END = "UPDATE dialog SET state = ?, choice = ?, ended_at = ? WHERE message_id = ?"
_ASKED_AGAIN = "UPDATE dialog SET reprompts = reprompts + 1, last_again = ? WHERE message_id = ?"
_STILL_QUEUED = "SELECT 1 FROM segment WHERE message_id = ? AND state = 'queued'"
CALL_OFF = """
UPDATE dialog SET state = 'cancelled', ended_at = ?4 WHERE state = 'open' AND plugin = ?1 AND client = ?2
AND key >= ?3 AND key < ?3 || '0' AND (key = ?3 OR substr(key, 1, length(?3) + 1) = ?3 || '/')
"""
END_UNASKED = "UPDATE dialog SET state = 'cancelled' WHERE state = 'open' AND message_id IN ({rows})"

_encode = msgspec.json.Encoder().encode
_decode_choices = msgspec.json.Decoder(tuple[Choice, ...]).decode
_decode_payload = msgspec.json.Decoder(dict[str, object]).decode


Ending = Literal["chosen", "expired", "handed_over", "opted_out"]


class NewDialog(msgspec.Struct, frozen=True):
    """What a question asks, besides its words."""

    plugin: str
    name: str
    key: str
    account: str
    choices: tuple[Choice, ...]
    """As they are offered now: a plugin that offers others tomorrow changes nothing about this one."""
    again: str
    """The words of asking again, ready to go."""
    payload: bytes
    """A JSON object, for the plugin to get back."""
    expires_hours: int


class Asked(msgspec.Struct, frozen=True):
    """A dialog that can be answered now."""

    message_id: int
    """Of the question."""
    client: str
    program: str
    category: str
    number: str
    plugin: str
    name: str
    key: str
    account: str
    choices: tuple[Choice, ...]
    again: str
    payload: bytes
    reprompts: int
    last_again: int | None
    """The message that asked again last."""


class Repeat(msgspec.Struct, frozen=True):
    """The words that ask a question again, ready to go."""

    message_id: int
    """Of the question."""
    text: Acceptance


class Asker(msgspec.Struct, frozen=True):
    """Where a text may be an answer."""

    number: str
    client: str
    program: str


class DialogNews(msgspec.Struct, frozen=True):
    """What an event tells of a dialog that a person has to go on with."""

    dialog: str
    plugin: str
    account: str
    number: str
    program: str
    question: str
    """The message that asked."""
    inbound: str
    reprompts: int


def open_dialogs(unit: Unit, dialogs: Sequence[tuple[int, NewDialog]]) -> None:
    """Have questions wait for their answers, each from when its message, stored in this transaction, is handed over."""
    for message_id, new in dialogs:
        unit.sql.execute(
            _ADD,
            (
                message_id,
                new.plugin,
                new.name,
                new.key,
                new.account,
                _encode(new.choices),
                new.again,
                new.payload,
                new.expires_hours * HOUR,
            ),
        )


def asked_dialogs(unit: Unit, askers: Sequence[Asker], now: int) -> dict[Asker, Asked]:
    """The dialogs that texts would answer, by where the texts come from."""
    found = {asker: _newest(unit, asker, now) for asker in dict.fromkeys(askers)}
    return {asker: asked[0] for asker, asked in found.items() if asked}


def take_answer(unit: Unit, inbound: Inbound, repeat: Repeat | None, *, is_keyword: bool = False) -> bool:
    """What a text does to the dialog that it answers, if there is one; tells whether it made a choice.

    A keyword of a plugin that is no choice is said to that plugin: the dialog stays as it is.
    """
    if inbound.client is None or inbound.program is None or inbound.kind is not ReplyKind.NONE or not inbound.complete:
        return False
    now = inbound.received_at
    asked = _newest(unit, Asker(inbound.source, inbound.client, inbound.program), now)
    for older in asked[1:]:
        unit.sql.execute(_END, ("replaced", None, now, older.message_id))
    if not asked:
        return False
    dialog = asked[0]
    move = advance(dialog.choices, dialog.reprompts, inbound.text)
    if move.outcome is Outcome.CHOSEN:
        _end(unit, dialog, "chosen", now, spell("in", inbound.id), move.choice)
        return True
    if is_keyword:
        return False
    if move.outcome is Outcome.HANDED_OVER:
        _end(unit, dialog, "handed_over", now, spell("in", inbound.id))
        _tell_handover(unit, dialog, inbound)
    else:
        _ask_again(unit, dialog, inbound, repeat)
    return False


def _ask_again(unit: Unit, dialog: Asked, inbound: Inbound, repeat: Repeat | None) -> None:
    if repeat is None or repeat.message_id != dialog.message_id:
        return  # the dialog began while the text was on its way to us
    if dialog.last_again is not None and unit.sql.execute(_STILL_QUEUED, (dialog.last_again,)).fetchone():
        return  # a thought in two texts is answered once
    (facts,) = facts_for(unit, [Want(inbound.source, dialog.client, dialog.program, dialog.category, dialog.account)])
    if facts.consent != ConsentState.CONFIRMED or facts.opted_out is not None:
        # Somebody else told us meanwhile that the consumer wants no more of this.
        _end(unit, dialog, "opted_out", inbound.received_at, spell("in", inbound.id))
    elif not facts.holds:
        unit.sql.execute(_ASKED_AGAIN, (repeat.text.submissions[0].id, dialog.message_id))
        accept(unit, [repeat.text])


def end_dialogs(unit: Unit, number: str, clients: Sequence[str], at: int, cause: str) -> None:
    """End all dialogs of a number that opted out, whatever its program."""
    for client in clients:
        for row in unit.sql.execute(OF_NUMBER, (number, client)).fetchall():
            _end(unit, _asked(row), "opted_out", at, cause)


class ExpireDialogs(msgspec.Struct, frozen=True):
    """A look for dialogs whose time is over."""

    now: int
    limit: int


def expire_dialogs(unit: Unit, looks: Sequence[ExpireDialogs]) -> list[int]:
    """End dialogs that nobody answered in time; tells how many."""
    counts = []
    for look in looks:
        rows = unit.sql.execute(OVERDUE, (look.now, look.limit)).fetchall()
        for row in rows:
            dialog = _asked(row)
            _end(unit, dialog, "expired", look.now, spell_message(dialog.message_id))
        counts.append(len(rows))
    return counts


def cancel_dialogs(unit: Unit, wish: CallOff) -> int:
    """End a plugin's dialogs under a key, or under a path below it, without telling it; how many."""
    return unit.sql.execute(CALL_OFF, (wish.plugin, wish.client, wish.key, wish.at)).rowcount


def end_unasked(unit: Unit, messages: Sequence[int]) -> None:
    """End the dialogs whose questions were called off before they left, without telling their plugins."""
    unit.write(END_UNASKED, [(message_id,) for message_id in messages])


def _newest(unit: Unit, asker: Asker, now: int) -> list[Asked]:
    rows = unit.sql.execute(OPEN, (asker.number, asker.client, asker.program, now))
    return [_asked(row) for row in rows]


def _asked(row: Row) -> Asked:
    message_id, client, program, category, number, plugin, name, key, account, choices, *rest = row
    offered = _decode_choices(choices)
    return Asked(message_id, client, program, category, number, plugin, name, key, account, offered, *rest)


def _end(unit: Unit, dialog: Asked, outcome: Ending, at: int, cause: str, choice: str | None = None) -> None:
    unit.sql.execute(_END, (outcome, choice, at, dialog.message_id))
    answer = Answer(
        f"{cause}/{spell_message(dialog.message_id)}",
        dialog.name,
        dialog.key,
        dialog.account,
        outcome,
        choice,
        dialog.number,
        at,
        _decode_payload(dialog.payload),
    )
    add_notices(unit, [NewNotice(dialog.client, dialog.account, dialog.plugin, "answer", at, _encode(answer))])


def _tell_handover(unit: Unit, dialog: Asked, inbound: Inbound) -> None:
    news = DialogNews(
        dialog.name,
        dialog.plugin,
        dialog.account,
        dialog.number,
        dialog.program,
        spell_message(dialog.message_id),
        spell("in", inbound.id),
        dialog.reprompts,
    )
    unit.tell(dialog.client, inbound.received_at, Kind.DIALOG_HANDOVER, _encode(news))
