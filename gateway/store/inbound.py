"""The verbs of texts coming in: parts that wait for the rest, and whole texts with all that they change.

Owns: inbound rows, and the one transaction in which a STOP is stored, the consent changed, and every text that was still
waiting for that number ended. Does not own: joining (text) or what a text means (rules).
"""

from collections.abc import Mapping, Sequence

import msgspec

from gateway.model.address import Number
from gateway.model.clock import MINUTE, spell_instant
from gateway.model.consent import ConsentChange, ConsentState, Evidence
from gateway.model.events import Kind
from gateway.model.ids import spell
from gateway.model.inbound import Inbound, InboundEffect, Part
from gateway.model.notices import Reply
from gateway.store.accept import Acceptance, accept
from gateway.store.consent import KEYWORD, change_consents, readmit, touch
from gateway.store.dialogs import Repeat, end_dialogs, take_answer
from gateway.store.notices import NewNotice, account_of_number, add_notices
from gateway.store.optins import answer_optin
from gateway.store.reviews import open_reviews
from gateway.store.unit import Unit

REDELIVERY_WINDOW = 30 * MINUTE
"""How long a carrier may take to deliver a PDU again. It does so only when it never saw our response, which is when the
link that the first one came over has died: the same words again over a living link are the consumer's."""
_SEEN = MINUTE
"""For so long behind a text the carrier was heard of over its link: it had our response, or would have said so there."""

_PART = """
INSERT OR IGNORE INTO inbound_part (carrier, source, destination, reference, total, seq, body, at, link, again)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
"""
_JOINED = """
SELECT link FROM inbound_part
WHERE carrier = ? AND source = ? AND destination = ? AND reference = ? AND total = ? AND seq = ? AND body = ?
    AND joined_at IS NOT NULL
"""
_AGAIN = """
UPDATE inbound_part SET link = ?, at = ?, again = ?
WHERE carrier = ? AND source = ? AND destination = ? AND reference = ? AND total = ? AND seq = ? AND body = ?
"""
_PARTS = """
SELECT carrier, source, destination, reference, total, seq, body, at, again FROM inbound_part
WHERE carrier = ? AND source = ? AND destination = ? AND reference = ? AND total = ? AND (joined_at IS NULL OR again)
ORDER BY seq
"""
_JOIN_PARTS = """
UPDATE inbound_part SET joined_at = ?, again = 0
WHERE carrier = ? AND source = ? AND destination = ? AND reference = ? AND total = ? AND (joined_at IS NULL OR again)
"""
_FORGET_PARTS = "DELETE FROM inbound_part WHERE joined_at <= ?"
_INBOUND = """
INSERT INTO inbound (id, carrier, client, program, source, destination, text, kind, received_at, parts, complete,
    fingerprint, link, reading)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

# One row for each link that brought these words, found by its own look: somebody may say the same thing without end.
_EARLIER = """
WITH RECURSIVE links (link) AS (
    SELECT min(link) FROM inbound WHERE fingerprint = ?1
    UNION ALL
    SELECT (SELECT min(link) FROM inbound WHERE fingerprint = ?1 AND link > links.link) FROM links WHERE link IS NOT NULL
)
SELECT inbound.link, inbound.id, inbound.received_at FROM links
JOIN inbound ON inbound.id = (
    SELECT id FROM inbound WHERE fingerprint = ?1 AND link = links.link AND received_at > ?2 ORDER BY received_at DESC LIMIT 1
)
"""

_encode = msgspec.json.Encoder().encode


class InboundNews(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an inbound event tells."""

    id: str
    from_: str = msgspec.field(name="from")
    to: str
    text: str
    kind: str
    received_at: str
    program: str | None = None
    complete: bool = True


class SignalNews(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an event tells of something that a consumer reported by text: by which rule, on which words."""

    inbound: str
    number: str
    rule: str
    words: str
    program: str | None = None
    channel: str | None = None


class Arrival(msgspec.Struct, frozen=True):
    """A part that a link brought."""

    part: Part
    link: str = ""
    living: frozenset[str] = frozenset()
    """The links that are alive: what came over one of them was answered there."""


def store_parts(unit: Unit, arrivals: Sequence[Arrival]) -> list[tuple[Part, ...]]:
    """Keep the parts; for each, all parts of its text that are here now, and none where its text was whole before.

    A part that is here already is not replaced. One that comes once more after its text was joined is delivered again where
    the link that brought it has died, and where no more than it comes: carriers do that. Where all of its text comes again
    over a link that lives, or the rest of another text, it is the consumer's, who may say STOP in the same words twice.
    """
    answers: list[tuple[Part, ...]] = []
    for arrival in arrivals:
        part = arrival.part
        # Behind the window the same octets are another text, whatever link brought them.
        unit.sql.execute(_FORGET_PARTS, (part.at - REDELIVERY_WINDOW,))
        key = (part.carrier, part.source, part.destination, part.reference, part.total)
        place = (*key, part.seq, part.body)
        if not unit.sql.execute(_PART, (*place, part.at, arrival.link)).rowcount:
            for (link,) in unit.sql.execute(_JOINED, place).fetchall():
                unit.sql.execute(_AGAIN, (arrival.link, part.at, link in arrival.living, *place))
        answers.append(_parts(unit, key))
    return answers


def _parts(unit: Unit, key: tuple[str, str, str, int, int]) -> tuple[Part, ...]:
    """What is here of a text that is not joined yet."""
    rows = unit.sql.execute(_PARTS, key).fetchall()
    only_again = all(row[-1] for row in rows)
    if only_again and len({row[5] for row in rows}) < key[4]:
        return ()
    return tuple(Part(*row[:-1]) for row in rows)


_OVERDUE_PARTS = """
SELECT DISTINCT carrier, source, destination, reference, total FROM inbound_part INDEXED BY inbound_part_by_age
WHERE at <= ? AND joined_at IS NULL LIMIT ?
"""


def overdue_parts(unit: Unit, before: int, limit: int) -> list[tuple[Part, ...]]:
    """The parts of texts of which some came before an instant, and never the rest; text by text."""
    keys = unit.sql.execute(_OVERDUE_PARTS, (before, limit)).fetchall()
    return [_parts(unit, key) for key in keys]


class Keyword(msgspec.Struct, frozen=True):
    """A word by which a text is for a plugin."""

    plugin: str
    word: str


class Reception(msgspec.Struct, frozen=True):
    """A whole text with its effect and the one reply it gets, if any."""

    effect: InboundEffect
    joined_from: Part | None = None
    """One of the parts it was joined from; with this transaction they wait no more."""
    reply: Acceptance | None = None
    living: frozenset[str] = frozenset()
    """The links that are alive: what came over one of them was answered there."""
    repeat: Repeat | None = None
    """The question of an open dialog once more, for the case that the text is no answer to it."""
    keyword: Keyword | None = None
    heard: Mapping[str, int] = {}
    """Of links that died lately, when the carrier was heard of last."""


def receive_inbound(unit: Unit, receptions: Sequence[Reception]) -> list[bool]:
    """Store whole texts and what they change; tells of each whether it was new rather than a redelivery."""
    fresh: list[bool] = []
    for reception in receptions:
        inbound = reception.effect.inbound
        if reception.joined_from is not None:
            part = reception.joined_from
            joined_at = inbound.received_at
            key = (part.carrier, part.source, part.destination, part.reference, part.total)
            unit.sql.execute(_JOIN_PARTS, (joined_at, *key))
        earlier = unit.sql.execute(_EARLIER, (inbound.fingerprint, inbound.received_at - REDELIVERY_WINDOW))
        unanswered = next(
            (
                inbound_id
                for link, inbound_id, at in earlier
                if link not in reception.living and reception.heard.get(link, at) < at + _SEEN
            ),
            None,
        )
        fresh.append(unanswered is None)
        if unanswered is None:
            _keep(unit, inbound)
            _take_effect(unit, reception)
            _open_reviews(unit, reception.effect)
            keyword = reception.keyword
            if not reception.effect.openings and reception.effect.agreed is None:
                chosen = take_answer(unit, inbound, reception.repeat, is_keyword=keyword is not None)
                if keyword is not None and not chosen:
                    _tell_keyword(unit, inbound, keyword)
            _tell_signals(unit, reception.effect)
        else:
            # It is answered over this link now; the same words over it again will be the consumer's.
            unit.sql.execute("UPDATE inbound SET link = ? WHERE id = ?", (inbound.link, unanswered))
            if reception.effect.opt_out:
                # Should it be the consumer's after all, said again after a START: an opt-out is never passed over.
                _take_effect(unit, reception)
    return fresh


def _keep(unit: Unit, inbound: Inbound) -> None:
    unit.sql.execute(
        _INBOUND,
        (
            inbound.id,
            inbound.carrier,
            inbound.client,
            inbound.program,
            inbound.source,
            inbound.destination,
            inbound.text,
            inbound.kind,
            inbound.received_at,
            inbound.parts,
            inbound.complete,
            inbound.fingerprint,
            inbound.link,
            _encode(inbound.reading),
        ),
    )
    if inbound.client is not None:
        unit.tell(inbound.client, inbound.received_at, Kind.INBOUND_RECEIVED, _encode(_news(inbound)))


def _take_effect(unit: Unit, reception: Reception) -> None:
    effect = reception.effect
    changed: list[bool] = []
    if effect.number is not None:
        changed = _change_consents(unit, effect, effect.number)
        if effect.opt_out:
            cause = spell("in", effect.inbound.id)
            end_dialogs(unit, effect.number, effect.opt_out, effect.inbound.received_at, cause)
    # A second STOP changes nothing and is not answered again; HELP changes nothing and always is.
    if reception.reply is not None and (any(changed) or not changed):
        accept(unit, [reception.reply])


def _change_consents(unit: Unit, effect: InboundEffect, number: Number) -> list[bool]:
    """What the text makes of the number's consents; tells of each change whether it was one."""
    inbound = effect.inbound
    at, source = inbound.received_at, spell("in", inbound.id)
    if inbound.program is not None and inbound.client is not None and not effect.opt_out:
        touch(unit, number, inbound.client, inbound.program, at)
        if effect.agreed is not None:
            words = inbound.reading.words
            optin = answer_optin(
                unit, number, inbound.client, inbound.program, effect.agreed, at, words=words, source=source
            )
            return [optin is not None and optin.state is ConsentState.CONFIRMED]
    extent, program = effect.extent, inbound.program
    evidence = _encode(Evidence(at, "text", "", f"{source}: {inbound.reading.words}"))
    ended, cause = ConsentState.REVOKED, KEYWORD
    if effect.disowned:
        ended, cause = ConsentState.DISOWNED, "wrong_party"
    changes = [
        ConsentChange(
            number, client, extent.program, extent.category, ended, at, cause, evidence, account=extent.account
        )
        for client in effect.opt_out
    ]
    readmitted = [
        readmit(unit, number, client, program, at, evidence) for client in effect.opt_in if program is not None
    ]
    return change_consents(unit, changes) + readmitted


def _open_reviews(unit: Unit, effect: InboundEffect) -> None:
    if effect.number is not None:
        open_reviews(unit, effect.inbound, effect.number, effect.openings)


def _tell_keyword(unit: Unit, inbound: Inbound, keyword: Keyword) -> None:
    if inbound.client is None or inbound.program is None:
        return
    account = account_of_number(unit, inbound.client, inbound.source)
    at = inbound.received_at
    reply = Reply(spell("in", inbound.id), keyword.word, inbound.source, inbound.program, at, account)
    add_notices(unit, [NewNotice(inbound.client, account or "", keyword.plugin, "reply", at, _encode(reply))])


def _tell_signals(unit: Unit, effect: InboundEffect) -> None:
    """An event for each thing that the consumer reported, to each client that it concerns."""
    inbound = effect.inbound
    for client in effect.told:
        for heard in inbound.reading.signals:
            news = SignalNews(
                spell("in", inbound.id),
                inbound.source,
                heard.rule,
                heard.words,
                inbound.program if client == inbound.client else None,
                heard.channel,
            )
            unit.tell(client, inbound.received_at, f"consumer.{heard.name}", _encode(news))


def _news(inbound: Inbound) -> InboundNews:
    return InboundNews(
        id=spell("in", inbound.id),
        from_=inbound.source,
        to=inbound.destination,
        text=inbound.text,
        kind=inbound.kind,
        received_at=spell_instant(inbound.received_at),
        program=inbound.program,
        complete=inbound.complete,
    )
