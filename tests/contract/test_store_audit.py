"""The ledger: every change is an entry, any change of an entry is found, and a person can be taken out of it."""

import msgspec
import pytest

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.consent import ANY, ConsentChange, ConsentState
from gateway.model.ledger import Anchor, AuditPlace, Broken, Fault, Finding, Head
from gateway.model.message import State
from gateway.rules.chain import GENESIS, path, proven
from gateway.store.audit import Marking
from gateway.store.erasure import Aged, Erasure
from gateway.store.history import commitment_of, says
from gateway.store.unit import Unit
from tests.contract.desk import CLIENT, DAY, NUMBER, OTHER_NUMBER, Desk
from tests.contract.test_store_optins import within

YEAR = 366 * DAY


async def check(desk: Desk, anchors: tuple[Anchor, ...] = (), limit: int = 7) -> list[Finding]:
    """A whole check, in small pages."""
    place: AuditPlace | None = AuditPlace(desk.now)
    findings: list[Finding] = []
    while place is not None:
        page = await desk.store.check_ledger(place, anchors, limit)
        findings += page.findings
        place = page.following
    return findings


async def faults(desk: Desk, anchors: tuple[Anchor, ...] = ()) -> set[tuple[Fault, int, str | None]]:
    return {(one.fault, one.seq, one.number) for one in await check(desk, anchors)}


async def tamper(desk: Desk, sql: str, *values: object) -> None:
    """Somebody writes into the database."""
    count = await within(desk, lambda unit: unit.sql.execute(sql, values).rowcount)
    assert count > 0


async def live(desk: Desk) -> None:
    """Two dozen entries about two numbers."""
    for _ in range(4):
        await desk.grant(age=0)
        await desk.grant(OTHER_NUMBER, "collections")
        desk.now += 10
        await desk.stop()
        await desk.revoke(OTHER_NUMBER, "loans")
        desk.now += 10
        await desk.start()
        await desk.grant(OTHER_NUMBER)
        desk.now += 10


async def test_every_change_is_an_entry_and_all_verify(desk: Desk) -> None:
    assert await check(desk) == []
    assert await desk.store.ledger_head() == Head(0, GENESIS)
    await live(desk)
    assert await check(desk) == []
    assert await check(desk, limit=1) == []
    mine = await desk.store.consent_history(NUMBER, CLIENT)
    other = await desk.store.consent_history(OTHER_NUMBER, CLIENT)
    head = await desk.store.ledger_head()
    assert sorted(entry.seq for entry in mine + other) == list(range(1, head.seq + 1))
    for entries in (mine, other):
        assert [entry.before for entry in entries] == [0, *(entry.seq for entry in entries[:-1])]
        assert all(entry.salt is not None and len(entry.salt) == 16 for entry in entries)
    assert len({entry.salt for entry in mine}) == len(mine)
    assert await desk.store.consent_history(NUMBER, "globex") == []


async def test_the_state_of_each_line_is_that_of_its_last_entry(desk: Desk) -> None:
    await live(desk)
    entries = {entry.seq: entry for entry in await desk.store.consent_history(NUMBER, CLIENT)}
    for line in await desk.store.consents_of(NUMBER, CLIENT):
        entry = entries[line.event]
        assert (entry.program, entry.category, entry.state) == (line.program, line.category, line.state)
        assert entry.at == line.changed_at


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", 1),
        ("client", "globex"),
        ("program", "cards"),
        ("category", "marketing"),
        ("was", "stale"),
        ("state", "declined"),
        ("cause", "operator"),
        ("evidence", '{"medium":"call"}'),
        ("account", "A-1"),
        ("before", 0),
        ("salt", b"0" * 16),
        ("hash", b"0" * 32),
        ("erases", "1"),
    ],
)
async def test_a_changed_entry_is_found(desk: Desk, column: str, value: object) -> None:
    await live(desk)
    seq = (await desk.store.consent_history(NUMBER, CLIENT))[4].seq
    await tamper(desk, f"UPDATE consent_event SET {column} = ? WHERE seq = ? AND {column} IS NOT ?", value, seq, value)
    found = await faults(desk)
    assert (Fault.CHANGED, seq, NUMBER) in found
    # One changed row is one finding, but for what refers to it.
    assert {one for one in found if one[0] is Fault.CHANGED} <= {
        (Fault.CHANGED, seq, NUMBER), (Fault.CHANGED, seq + 1, None),
    } | {one for one in found if column == "hash"}  # fmt: skip


async def test_an_entry_that_was_given_to_another_number_is_found_for_both(desk: Desk) -> None:
    await live(desk)
    entries = await desk.store.consent_history(NUMBER, CLIENT)
    await tamper(desk, "UPDATE consent_event SET number = ? WHERE seq = ?", OTHER_NUMBER, entries[4].seq)
    found = await faults(desk)
    assert (Fault.CHANGED, entries[4].seq, OTHER_NUMBER) in found
    assert (Fault.UNLINKED, entries[5].seq, NUMBER) in found


@pytest.mark.parametrize("place", [0, 4, -1])
async def test_an_entry_that_is_gone_is_found_with_whose_it_was(desk: Desk, place: int) -> None:
    await live(desk)
    await desk.grant(program="cards")
    entries = await desk.store.consent_history(NUMBER, CLIENT)
    seq = entries[place].seq
    await tamper(desk, "DELETE FROM consent_event WHERE seq = ?", seq)
    found = await faults(desk)
    last = seq == entries[-1].seq
    assert last or (Fault.MISSING, seq, None) in found
    assert NUMBER in {number for _, _, number in found}
    # Of the other number's entries, some can no longer be proven; none is said to be changed.
    assert {fault for fault, _, number in found if number == OTHER_NUMBER} <= {Fault.UNPROVEN}
    assert len({one for one in found if one[0] is Fault.UNPROVEN}) <= 6


async def test_a_line_that_was_changed_is_found(desk: Desk) -> None:
    await live(desk)
    await desk.stop()
    await tamper(desk, "UPDATE consent SET state = 'confirmed' WHERE number = ? AND program = '*'", NUMBER)
    assert {(fault, number) for fault, _, number in await faults(desk)} == {(Fault.LINE, NUMBER)}


async def test_a_line_that_is_gone_is_found(desk: Desk) -> None:
    await live(desk)
    await desk.stop()
    await tamper(desk, "DELETE FROM consent WHERE number = ? AND program = '*'", NUMBER)
    assert (Fault.LINE, NUMBER) in {(fault, number) for fault, _, number in await faults(desk)}


async def test_a_line_that_was_set_back_is_found(desk: Desk) -> None:
    await live(desk)
    await desk.stop()
    started = (await desk.store.consent_history(NUMBER, CLIENT))[-2]
    assert started.state == "confirmed"
    sql = "UPDATE consent SET state = 'confirmed', event = ?, changed_at = ? WHERE number = ? AND program = '*'"
    await tamper(desk, sql, started.seq, started.at, NUMBER)
    assert (Fault.LINE, NUMBER) in {(fault, number) for fault, _, number in await faults(desk)}


@pytest.mark.parametrize("event", [1, 0, -(1 << 63), 1 << 40, (1 << 63) - 1])
async def test_a_line_that_nobody_entered_is_found(desk: Desk, event: int) -> None:
    await live(desk)
    sql = "INSERT INTO consent VALUES ('+12025550199', 'acme', 'loans', 'servicing', '*', 'confirmed', 1, 1, 0, ?)"
    await tamper(desk, sql, event)
    assert await faults(desk) == {(Fault.LINE, event, "+12025550199")}


async def test_what_was_rewritten_with_all_that_follows_is_found_by_the_anchor(desk: Desk) -> None:
    await live(desk)
    first = Anchor("2026-09-20", desk.now, await desk.store.ledger_head())
    await desk.grant(Number("+12025550130"))
    second = Anchor("2026-09-21", desk.now, await desk.store.ledger_head())
    assert await check(desk, (first, second)) == []
    # As good as a chain that was made anew from the first anchor on.
    forged = Anchor(second.day, second.at, Head(second.head.seq, b"x" * 32))
    (finding,) = await check(desk, (first, forged))
    assert (finding.fault, finding.seq, finding.since) == (Fault.ANCHOR, second.head.seq, first.head.seq)
    await desk.store.mark_broken(Marking((finding,), desk.now))
    assert await _broken(desk) == {"+12025550130"}


async def test_an_end_that_was_cut_off_is_found_by_the_anchor(desk: Desk) -> None:
    await live(desk)
    anchor = Anchor("2026-09-20", desk.now, await desk.store.ledger_head())
    last = (await desk.store.consent_history(NUMBER, CLIENT))[-1].seq
    await tamper(desk, "DELETE FROM consent_event WHERE seq >= ?", last)
    await tamper(desk, "DELETE FROM consent WHERE event >= ?", last)
    assert Fault.ANCHOR in {one.fault for one in await check(desk, (anchor,))}


async def test_who_may_have_lost_the_last_word_gets_no_texts(desk: Desk) -> None:
    """A STOP is taken out, and what stands is set back to what it followed on: no entry says any more whose it was."""
    older, newer = Number("+12025550131"), Number("+12025550132")
    await desk.grant(older)
    await desk.grant()
    await desk.stop()
    await desk.grant(newer)
    stopped = (await desk.store.consent_history(NUMBER, CLIENT))[-1]
    await tamper(desk, "DELETE FROM consent_event WHERE seq = ?", stopped.seq)
    await tamper(desk, "DELETE FROM consent WHERE event = ?", stopped.seq)
    found = await check(desk)
    assert (Fault.MISSING, stopped.seq) in {(one.fault, one.seq) for one in found}
    await desk.store.mark_broken(Marking(tuple(one for one in found if one.number is None), desk.now))
    assert await _broken(desk) == {NUMBER, older}
    (accepted,) = await desk.accept(desk.submission())
    assert accepted.code is Code.LEDGER_BROKEN
    (accepted,) = await desk.accept(desk.submission(number=newer))
    assert accepted.state is State.QUEUED


async def test_with_the_end_cut_off_anybody_may_have_lost_the_last_word(desk: Desk) -> None:
    await desk.grant()
    await desk.grant(OTHER_NUMBER)
    await desk.stop()
    anchor = Anchor("2026-09-20", desk.now, await desk.store.ledger_head())
    stopped = (await desk.store.consent_history(NUMBER, CLIENT))[-1]
    await tamper(desk, "DELETE FROM consent_event WHERE seq = ?", stopped.seq)
    await tamper(desk, "DELETE FROM consent WHERE event = ?", stopped.seq)
    assert await check(desk) == []  # without the anchor nobody could tell
    await desk.store.mark_broken(Marking(tuple(await check(desk, (anchor,))), desk.now))
    assert await _broken(desk) == {NUMBER, OTHER_NUMBER}
    (accepted,) = await desk.accept(desk.submission())
    assert accepted.code is Code.LEDGER_BROKEN


@pytest.mark.parametrize("emptied", [True, False])
async def test_whose_entry_was_made_nobody_s_or_another_s_gets_no_texts(desk: Desk, emptied: bool) -> None:
    await desk.grant()
    await desk.grant(OTHER_NUMBER)
    await desk.revoke(program="loans", category="servicing")
    granted, revoked = await desk.store.consent_history(NUMBER, CLIENT)
    if emptied:
        sql = """UPDATE consent_event SET number = NULL, account = NULL, cause = NULL, evidence = NULL, salt = NULL,
            commitment = ? WHERE seq = ?"""
        await tamper(desk, sql, commitment_of(revoked), revoked.seq)
    else:
        await tamper(desk, "UPDATE consent_event SET number = ? WHERE seq = ?", OTHER_NUMBER, revoked.seq)
    sql = "UPDATE consent SET state = 'confirmed', event = ?, changed_at = ? WHERE number = ?"
    await tamper(desk, sql, granted.seq, granted.at, NUMBER)
    await desk.store.mark_broken(Marking(tuple(await check(desk)), desk.now))
    assert NUMBER in await _broken(desk)
    (accepted,) = await desk.accept(desk.submission())
    assert accepted.code is Code.LEDGER_BROKEN


async def _broken(desk: Desk) -> set[str]:
    def read(unit: Unit) -> set[str]:
        return {row[0] for row in unit.sql.execute("SELECT number FROM broken")}

    return await within(desk, read)


async def test_marks_are_kept_until_a_whole_check_does_not_make_them_again(desk: Desk) -> None:
    mine = Finding(Fault.CHANGED, 3, NUMBER, CLIENT)
    other = Finding(Fault.LINE, 4, OTHER_NUMBER, CLIENT)
    nobody = Finding(Fault.MISSING, 5)
    assert await desk.store.mark_broken(Marking((mine, other, nobody), 10)) == [2]
    assert await desk.store.mark_broken(Marking((mine, mine), 20)) == [2]
    assert await desk.store.mark_broken(Marking((), 21, settled_since=20)) == [1]
    assert await desk.store.broken(NUMBER) == [Broken(CLIENT, 3, Fault.CHANGED, 20)]
    assert await desk.store.broken(OTHER_NUMBER) == []
    assert await desk.store.mark_broken(Marking((), 31, settled_since=30)) == [0]


# As it stood.


async def test_consents_as_they_stood_at_an_instant(desk: Desk) -> None:
    async def stood(at: int) -> dict[str, str]:
        lines = await desk.store.consents_at(NUMBER, CLIENT, at)
        return {f"{line.program}/{line.category}": str(line.state) for line in lines}

    begin = desk.now
    await desk.grant()
    desk.now += 100
    await desk.stop()
    desk.now += 100
    await desk.start()
    assert await stood(begin - 1) == {}
    assert await stood(begin) == {"loans/servicing": "confirmed"}
    assert await stood(begin + 99) == {"loans/servicing": "confirmed"}
    assert await stood(begin + 100) == {"loans/servicing": "confirmed", "*/*": "revoked"}
    assert await stood(begin + 200) == {"loans/servicing": "confirmed", "*/*": "confirmed"}
    now = await desk.store.consents_of(NUMBER, CLIENT)
    then = await desk.store.consents_at(NUMBER, CLIENT, desk.now)
    assert [(one.program, one.state, one.event, one.cause) for one in then] == [
        (one.program, one.state, one.event, one.cause) for one in now
    ]


# What proves it.


async def test_a_bundle_proves_a_history_to_who_has_the_head(desk: Desk) -> None:
    await live(desk)
    anchor = await desk.store.ledger_head()
    await live(desk)
    bundle = await desk.store.consent_bundle(NUMBER, CLIENT, anchor.seq)
    known = proven(bundle.links, bundle.head.seq, bundle.head.hash)
    assert known is not None
    assert known[anchor.seq] == anchor.hash
    by_seq = {link.seq: link for link in bundle.links}
    for entry in bundle.entries:
        assert known[entry.seq] == entry.hash
        assert by_seq[entry.seq].says == says(entry)
    assert len(bundle.entries) == len(await desk.store.consent_history(NUMBER, CLIENT))
    assert set(by_seq) >= set(path(bundle.entries[-1].seq, bundle.head.seq))


# Erasure.


async def test_an_erased_person_is_gone_and_the_chain_holds(desk: Desk) -> None:
    await live(desk)
    text = await desk.queue()
    before = await desk.store.consent_history(NUMBER, CLIENT)
    commitments = {entry.seq: commitment_of(entry) for entry in before}
    desk.now += 10
    erasure = Erasure((NUMBER,), CLIENT, desk.now, "asked for it")
    assert await desk.store.erase(erasure) == [len(before)]
    assert await check(desk) == []
    (left,) = await desk.store.consent_history(NUMBER, CLIENT)
    assert (left.program, left.category, left.state, left.cause) == (ANY, ANY, "revoked", "erasure")
    (line,) = await desk.store.consents_of(NUMBER, CLIENT)
    assert (line.program, line.state) == (ANY, ConsentState.REVOKED)
    assert await desk.store.erase(erasure) == [0]

    def rows(unit: Unit) -> list[tuple[object, ...]]:
        sql = "SELECT seq, number, account, cause, evidence, salt, commitment FROM consent_event WHERE salt IS NULL"
        return unit.sql.execute(sql).fetchall()

    erased = await within(desk, rows)
    assert [row[1:6] for row in erased] == [(None,) * 5] * len(before)
    assert {row[0]: row[6] for row in erased} == commitments
    assert (await desk.message(text)).state == "blocked"
    assert not await desk.grant(age=20)  # what was agreed to before does not bring them back
    desk.now += 10
    assert await desk.grant(age=5)
    assert await check(desk) == []
    assert len(await desk.store.consent_history(OTHER_NUMBER, CLIENT)) > 3


async def test_who_empties_an_entry_without_an_erasure_is_found(desk: Desk) -> None:
    await live(desk)
    entry = (await desk.store.consent_history(NUMBER, CLIENT))[2]
    sql = """UPDATE consent_event SET number = NULL, account = NULL, cause = NULL, evidence = NULL, salt = NULL,
        commitment = ? WHERE seq = ?"""
    await tamper(desk, sql, commitment_of(entry), entry.seq)
    assert (Fault.EMPTIED, entry.seq, None) in await faults(desk)


async def test_an_unknown_number_leaves_nothing_behind_when_it_is_erased(desk: Desk) -> None:
    assert await desk.store.erase(Erasure((NUMBER,), CLIENT, desk.now, "asked")) == [0]
    assert await desk.store.consents_of(NUMBER, CLIENT) == []
    assert (await desk.store.ledger_head()).seq == 0


async def test_records_end_when_nothing_has_to_be_kept_of_a_number(desk: Desk) -> None:
    async def aged(records: int = 3, opt_outs: int = 10) -> set[str]:
        look = Aged(CLIENT, desk.now - records * YEAR, desk.now - opt_outs * YEAR, 10)
        return set(await desk.store.aged_consents(look))

    withdrawn = Number("+12025550131")
    await desk.grant()  # it counts on
    await desk.grant(OTHER_NUMBER)
    await desk.stop(OTHER_NUMBER)
    await desk.grant(withdrawn)
    desk.now += YEAR
    await desk.revoke(withdrawn, "loans", "servicing")
    desk.now += 9 * YEAR
    assert await aged() == set()
    desk.now += 1
    assert await aged() == {OTHER_NUMBER}
    assert await aged(records=12) == set()
    desk.now += YEAR
    assert await aged() == {OTHER_NUMBER, withdrawn}
    erasure = Erasure((OTHER_NUMBER, withdrawn), CLIENT, desk.now, "over", keep_opt_out=False)
    assert await desk.store.erase(erasure) == [4]
    assert await desk.store.consents_of(OTHER_NUMBER, CLIENT) == []
    assert await desk.store.consent_history(OTHER_NUMBER, CLIENT) == []
    assert await check(desk) == []


async def test_many_entries_in_one_verb_are_chained_in_their_order(desk: Desk) -> None:
    numbers = [Number(f"+1202555{n:04}") for n in range(600)]
    changes = [
        ConsentChange(number, CLIENT, "loans", "servicing", ConsentState.CONFIRMED, desk.now, "api", b"{}", desk.now)
        for number in numbers
    ]
    assert await desk.store.change_consents(changes) == [True] * 600
    posted = [desk.store.change_consents([msgspec.structs.replace(one, category="x")]) for one in changes[:50]]
    for post in posted:
        assert await post == [True]
    assert await check(desk, limit=100) == []
    assert (await desk.store.ledger_head()).seq == 650
