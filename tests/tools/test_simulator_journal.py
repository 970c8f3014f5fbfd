"""The journal: numbers, file, ring and waiting."""

from pathlib import Path

import pytest
import trio

from tools.simulator.journal import Answered, Journal, Opened, Part, Started, Submitted, read


def submitted(token: str) -> Submitted:
    return Submitted(
        session=1,
        sequence=2,
        account="esme",
        bind="trx",
        token=token,
        source="40404",
        destination="15551230001",
        text=f'{token} and more: \N{SNOWMAN}\n"quoted"',
        data_coding=8,
        esm_class=0x40,
        registered_delivery=1,
        part=Part("udh8", 255, 3, 1),
    )


def test_the_file_holds_what_was_flushed(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.add(submitted("one"))
    journal.add(Answered(session=1, sequence=2, token="one", status="ESME_ROK", message_id="7"))
    assert path.read_bytes() == b""
    journal.flush()
    assert path.read_bytes().count(b"\n") == 2
    one, answer = read(path)
    assert isinstance(one, Submitted)
    assert isinstance(answer, Answered)
    assert (one.n, answer.n) == (1, 2)
    assert 0 < one.at <= answer.at
    assert one.part == Part("udh8", 255, 3, 1)
    assert one.text == submitted("one").text
    journal.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_run_appends_and_half_a_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    for _ in range(2):
        journal = Journal(path)
        journal.add(Started(port=1, scenario="x"))
        journal.close()
    with path.open("ab") as file:
        file.write(b'{"event":"sta')
    assert [record.n for record in read(path)] == [1, 1]


def test_a_directory_that_is_not_there() -> None:
    with pytest.raises(OSError, match="No such file"):
        Journal(Path("/nowhere/journal.jsonl"))


def test_the_ring_forgets_the_oldest() -> None:
    journal = Journal(keep=3)
    for session in range(1, 6):
        journal.add(Opened(session=session, peer="x"))
    assert [record.n for record in journal.after(0)] == [3, 4, 5]
    assert journal.forgotten == 2
    assert [record.n for record in journal.after(4)] == [5]
    assert journal.after(5) == []
    assert journal.after(99) == []
    assert [record.n for record in journal.after(0, limit=2)] == [3, 4]


def test_by_event() -> None:
    journal = Journal()
    journal.add(Opened(session=1, peer="x"))
    journal.add(submitted("one"))
    journal.add(submitted("two"))
    assert [record.n for record in journal.after(0, frozenset(["submit_sm"]))] == [2, 3]
    assert [record.n for record in journal.after(0, frozenset(["submit_sm"]), 1)] == [2]


async def test_waiting_ends_with_the_flush(autojump_clock: trio.testing.MockClock) -> None:
    journal = Journal()
    with trio.move_on_after(5) as nothing_came:
        await journal.wait_beyond(0)
    assert nothing_came.cancelled_caught
    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.wait_beyond, 0)
        await trio.testing.wait_all_tasks_blocked()
        journal.add(Opened(session=1, peer="x"))
        journal.flush()
        nursery.cancel_scope.deadline = trio.current_time() + 5
    assert not nursery.cancel_scope.cancelled_caught
    with trio.fail_after(5):
        await journal.wait_beyond(0)
