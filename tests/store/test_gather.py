"""Looks that are made together: each is told what was so after it asked, whatever becomes of the others."""

from collections.abc import Callable, Sequence

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from gateway.errors import Code, Transient
from gateway.store.gather import Gathered


class Shelf:
    """Finds what is there when the test lets a look end, and remembers what it was asked."""

    def __init__(self) -> None:
        self.there = {"a": 1, "b": 2}
        self.looks: list[list[str]] = []
        self.errors: list[Exception] = []
        self._ends = trio.Semaphore(0)
        self.gathered = Gathered(self._look)

    def end(self, looks: int = 1) -> None:
        for _ in range(looks):
            self._ends.release()

    async def _look(self, wanted: Sequence[str]) -> dict[str, int]:
        self.looks.append(sorted(wanted))
        found = {name: self.there[name] for name in wanted if name in self.there}
        await self._ends.acquire()
        if self.errors:
            raise self.errors.pop()
        return found

    def asking(self, nursery: trio.Nursery, answers: list[dict[str, int]]) -> Callable[..., trio.CancelScope]:
        """Something that asks in a task of its own, and gives back what cancels it."""

        async def ask(scope: trio.CancelScope, wanted: Sequence[str]) -> None:
            with scope:
                found = await self.gathered.find(wanted)
                answers.append({name: found[name] for name in wanted if name in found})

        def begin(*wanted: str) -> trio.CancelScope:
            scope = trio.CancelScope()
            nursery.start_soon(ask, scope, wanted)
            return scope

        return begin


async def test_what_is_asked_for_during_a_look_is_one_look_after_it() -> None:
    shelf, answers = Shelf(), list[dict[str, int]]()
    async with trio.open_nursery() as nursery:
        ask = shelf.asking(nursery, answers)
        ask("a")
        await wait_all_tasks_blocked()
        for name in ("a", "b", "c"):
            ask(name)
        await wait_all_tasks_blocked()
        shelf.there["a"] = 3  # after the first look, before the second
        shelf.end(2)
    assert shelf.looks == [["a"], ["a", "b", "c"]]
    assert answers[0] == {"a": 1}
    assert sorted(answers[1:], key=str) == [{"a": 3}, {"b": 2}, {}]


@pytest.mark.parametrize("waits", [True, False])
async def test_who_asked_with_one_that_is_cancelled_is_answered(waits: bool) -> None:
    shelf, answers = Shelf(), list[dict[str, int]]()
    async with trio.open_nursery() as nursery:
        ask = shelf.asking(nursery, answers)
        if waits:
            ask("b")  # a look before, for whose end the one that is cancelled waits
            await wait_all_tasks_blocked()
        leader = ask("a")
        await wait_all_tasks_blocked()
        if waits:
            ask("a")
            await wait_all_tasks_blocked()
        leader.cancel()
        await wait_all_tasks_blocked()
        ask("b")
        await wait_all_tasks_blocked()
        shelf.end(3)
    assert sorted(answers, key=str) == ([{"a": 1}, {"b": 2}, {"b": 2}] if waits else [{"b": 2}])


async def test_what_a_look_raises_is_told_to_all_who_share_it_and_to_nobody_else() -> None:
    shelf = Shelf()
    failed: list[Code] = []

    async def ask(name: str) -> None:
        try:
            await shelf.gathered.find([name])
        except Transient as error:
            failed.append(error.code)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(shelf.gathered.find, ["a"])
        await wait_all_tasks_blocked()
        nursery.start_soon(ask, "a")
        nursery.start_soon(ask, "b")
        await wait_all_tasks_blocked()
        shelf.end()
        await wait_all_tasks_blocked()
        shelf.errors.append(Transient(Code.STORE_UNAVAILABLE, "busy"))
        shelf.end()
        await wait_all_tasks_blocked()
        shelf.end()
        assert await shelf.gathered.find(["a"]) == {"a": 1}
    assert failed == [Code.STORE_UNAVAILABLE] * 2


async def test_whoever_shares_a_look_that_fails_for_good_finds_that_out_for_itself() -> None:
    shelf = Shelf()
    failed = 0

    async def ask() -> None:
        nonlocal failed
        with pytest.raises(OSError, match="gone"):
            await shelf.gathered.find(["a"])
        failed += 1

    shelf.errors = [OSError("gone"), OSError("gone")]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask)
        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        shelf.end(2)
    assert failed == 2
