"""The verbs of what plugins do: a text, an event out or a job, once for each key, and calling off what waits.

Owns: the keys of deeds, and that a text for those who owe does not go to those who paid. Does not own: judging texts (handed
in), storing them (accept), or jobs.

Whether the account is paid is looked at in the transaction that stores the text, and the event that says so calls off what
waits in its own (notices): there is no moment between the two.
"""

from collections.abc import Sequence

import msgspec

from gateway.errors import Code
from gateway.model.account import Account, Owed, is_pointless
from gateway.model.decision import Decision, Finding, Verdict, conclude
from gateway.model.ids import spell
from gateway.model.message import TERMINAL, Accepted, Facts, Ruling, State, Submission
from gateway.model.notices import TextOutcome
from gateway.store.accept import Acceptance, Judge, accept
from gateway.store.dialogs import NewDialog, cancel_dialogs, end_unasked, open_dialogs
from gateway.store.doubt import Cancellation, cancel
from gateway.store.forget import Forget, forget
from gateway.store.jobs import CallOff, NewJob, cancel_jobs, schedule
from gateway.store.notices import NewNotice, accounts_of, add_notices
from gateway.store.unit import Unit

KNOWN = """
SELECT d.plugin, d.client, d.key, d.answer FROM (VALUES {rows}) AS v CROSS JOIN deed AS d
ON d.plugin = v.column1 AND d.client = v.column2 AND d.kind = v.column3 AND d.key = v.column4
"""
_ADD = """
INSERT INTO deed (plugin, client, kind, key, account, message_id, unless_paid, owed, answer, at) VALUES {rows}
"""
WAITING = """
SELECT d.message_id FROM deed AS d CROSS JOIN message AS m ON m.id = d.message_id AND m.state IN ('queued', 'held')
WHERE d.plugin = ?1 AND d.client = ?2 AND d.kind = 'text' AND d.key >= ?3 AND d.key < ?3 || '0'
AND (d.key = ?3 OR substr(d.key, 1, length(?3) + 1) = ?3 || '/')
"""
OUTCOMES = f"""
SELECT e.at, e.body, d.plugin, d.client, d.account, d.key FROM event AS e CROSS JOIN deed AS d ON d.message_id = e.message_id
WHERE e.client = ? AND e.seq > ? AND e.seq <= ?
AND e.kind IN ({", ".join(f"'message.{state}'" for state in sorted(TERMINAL))}) ORDER BY e.seq
"""  # noqa: S608 - our own text
_FOLLOWED = "SELECT seq FROM followed WHERE client = ?"
NEXT_SPAN = "SELECT seq FROM event WHERE client = ? AND seq > ? ORDER BY seq LIMIT 1 OFFSET ?"
_FOLLOW = "INSERT INTO followed (client, seq) VALUES (?1, ?2) ON CONFLICT (client) DO UPDATE SET seq = ?2"
FORGET = """
DELETE FROM deed WHERE (plugin, client, kind, key) IN
(SELECT plugin, client, kind, key FROM deed WHERE at < ? ORDER BY at LIMIT ?)
"""

_encode = msgspec.json.Encoder().encode
_decode_accepted = msgspec.json.Decoder(Accepted).decode
_decode_decision = msgspec.json.Decoder(Decision).decode


class TextDeed(msgspec.Struct, frozen=True):
    """A text that a plugin wants to go, ready to be judged."""

    plugin: str
    client: str
    key: str
    account: str
    acceptance: Acceptance
    """Of the one submission."""
    unless_paid: bool | Owed
    dialog: NewDialog | None = None
    """What it asks, where it is a question."""


def submit_for_plugins(unit: Unit, deeds: Sequence[TextDeed]) -> list[Accepted]:
    """Judge and store texts, each once for its key; the first answer again where the key was used."""
    names = [(deed.plugin, deed.client, deed.key) for deed in deeds]
    rows = [(plugin, client, "text", key) for plugin, client, key in dict.fromkeys(names)]
    answers = {(plugin, client, key): _decode_accepted(found) for plugin, client, key, found in unit.read(KNOWN, rows)}
    first: dict[tuple[str, str, str], TextDeed] = {}
    for name, deed in zip(names, deeds, strict=True):
        if name not in answers:
            first.setdefault(name, deed)
    fresh = list(first.values())
    accounts = _accounts_of_owing(unit, fresh)
    acceptances = [
        msgspec.structs.replace(deed.acceptance, judge=_refuse_paid(deed.acceptance.judge))
        if is_pointless(deed.unless_paid, accounts.get((deed.client, deed.account)))
        else deed.acceptance
        for deed in fresh
    ]
    kept = []
    for deed, outcome in zip(fresh, accept(unit, acceptances), strict=True):
        assert isinstance(outcome, tuple)  # no idempotency key but the deed's own
        (accepted,) = outcome
        answers[deed.plugin, deed.client, deed.key] = accepted
        kept.append(
            (
                deed.plugin,
                deed.client,
                "text",
                deed.key,
                deed.account,
                accepted.id,
                int(bool(deed.unless_paid) and accepted.state is not State.BLOCKED),
                str(deed.unless_paid) if isinstance(deed.unless_paid, Owed) else None,
                _encode(accepted),
                deed.acceptance.at,
            )
        )
    unit.write(_ADD, kept)
    asked = [(answers[deed.plugin, deed.client, deed.key], deed.dialog) for deed in fresh]
    open_dialogs(
        unit, [(answer.id, new) for answer, new in asked if new is not None and answer.state is not State.BLOCKED]
    )
    return [answers[name] for name in names]


def _accounts_of_owing(unit: Unit, deeds: Sequence[TextDeed]) -> dict[tuple[str, str], Account]:
    """The accounts of texts that go only while something is to be paid."""
    wanted: dict[str, list[str]] = {}
    for deed in deeds:
        if deed.unless_paid:
            wanted.setdefault(deed.client, []).append(deed.account)
    return {
        (client, name): account
        for client, names in wanted.items()
        for name, account in accounts_of(unit, client, names).items()
    }


def _refuse_paid(judge: Judge) -> Judge:
    """The rules, and one more: nothing is owed."""

    def refuse(submission: Submission, facts: Facts) -> Ruling:
        ruling = judge(submission, facts)
        decision = _decode_decision(ruling.decision)
        paid = Finding(
            "account", Verdict.REFUSE, Code.ACCOUNT_PAID, "the account, or what the text is about, is paid or withdrawn"
        )
        concluded = conclude((paid, *decision.findings))
        return Ruling(State.BLOCKED, ruling.due_at, _encode(concluded), Code.ACCOUNT_PAID)

    return refuse


class Telling(msgspec.Struct, frozen=True):
    """Something that a plugin wants the client told."""

    plugin: str
    client: str
    key: str
    account: str
    kind: str
    data: bytes
    """A JSON object."""
    at: int


class Told(msgspec.Struct, frozen=True):
    """The body of such an event."""

    id: str
    """The same in answers to it, such as ``step.completed``."""
    plugin: str
    account: str
    data: msgspec.Raw


def tell_for_plugins(unit: Unit, tellings: Sequence[Telling]) -> list[str]:
    """Put events out at the end of the clients' logs, each once for its key; tells the id of each."""
    names = [(one.plugin, one.client, one.key) for one in tellings]
    rows = [(plugin, client, "event", key) for plugin, client, key in dict.fromkeys(names)]
    ids = {(plugin, client, key): bytes(found).decode() for plugin, client, key, found in unit.read(KNOWN, rows)}
    kept = []
    for name, one in zip(names, tellings, strict=True):
        if name in ids:
            continue
        ids[name] = spell("evt", unit.seq + 1)
        unit.tell(
            one.client, one.at, one.kind, _encode(Told(ids[name], one.plugin, one.account, msgspec.Raw(one.data)))
        )
        kept.append((one.plugin, one.client, "event", one.key, one.account, None, 0, None, ids[name].encode(), one.at))
    unit.write(_ADD, kept)
    return [ids[name] for name in names]


def schedule_for_plugins(unit: Unit, jobs: Sequence[NewJob]) -> list[None]:
    """Make jobs pending, but for those that are to be once and whose key was used so."""
    names = {(job.plugin, job.client, "job", job.key): job for job in reversed(jobs) if job.once}
    known = {(plugin, client, "job", key) for plugin, client, key, _ in unit.read(KNOWN, list(names))}
    fresh = {name: job for name, job in names.items() if name not in known}
    unit.write(_ADD, [(*name, job.account, None, 0, None, b"", job.at) for name, job in fresh.items()])
    schedule(unit, [job for job in jobs if not job.once or fresh.get((job.plugin, job.client, "job", job.key)) is job])
    return [None] * len(jobs)


def call_off(unit: Unit, wishes: Sequence[CallOff]) -> list[int]:
    """Cancel jobs that are pending, texts of which nothing was handed to a carrier, and questions that wait for an answer; tells
    how many, wish by wish. Where something is to take their place, it is scheduled here, and what was asked stays open."""
    counts = cancel_jobs(unit, wishes)
    for place, wish in enumerate(wishes):
        found = unit.sql.execute(WAITING, (wish.plugin, wish.client, wish.key)).fetchall()
        states = cancel(unit, [Cancellation(message_id, wish.client, wish.at) for (message_id,) in found])
        counts[place] += states.count(State.CANCELLED)
        if wish.anew is None:
            counts[place] += cancel_dialogs(unit, wish)
        elif counts[place]:
            schedule(unit, [wish.anew])
        gone = [message_id for (message_id,), state in zip(found, states, strict=True) if state is State.CANCELLED]
        end_unasked(unit, gone)
    return counts


class Follow(msgspec.Struct, frozen=True):
    """A look for what became of plugins' texts, in so much of a client's log."""

    client: str
    span: int
    """How many events of the client's: their numbers are not dense."""


def follow_texts(unit: Unit, looks: Sequence[Follow]) -> list[bool]:
    """Tell plugins what became of their texts, on from where the last look ended; tells of each look whether there is more.

    The first look at a client's log only finds its end.
    """
    unit.flush()
    return [_follow(unit, look) for look in looks]


def _follow(unit: Unit, look: Follow) -> bool:
    row = unit.sql.execute(_FOLLOWED, (look.client,)).fetchone()
    begin = unit.seq if row is None else int(row[0])
    further = unit.sql.execute(NEXT_SPAN, (look.client, begin, look.span - 1)).fetchone()
    end: int = unit.seq if further is None else further[0]
    notices = []
    for at, body, plugin, client, account, key in unit.sql.execute(OUTCOMES, (look.client, begin, end)):
        news = _decode_news(body)
        outcome = TextOutcome(f"{news.id}/{news.state}", news.id, key, account, news.state, at, news.code)
        notices.append(NewNotice(client, account, plugin, "text", at, _encode(outcome)))
    add_notices(unit, notices)
    if row is None or end > begin:
        unit.sql.execute(_FOLLOW, (look.client, end))
    return end < unit.seq


class _News(msgspec.Struct, frozen=True):
    """What is wanted of a message event's body."""

    id: str
    state: str
    code: str | None = None


_decode_news = msgspec.json.Decoder(_News).decode


def forget_deeds(unit: Unit, wishes: Sequence[Forget]) -> list[int]:
    """Forget the keys of deeds of before an instant; tells how many."""
    return forget(unit, FORGET, wishes)
