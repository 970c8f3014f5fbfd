"""The verb of opt-outs that somebody enters for a consumer, with the one text that confirms them.

Owns: whether that text goes, in the transaction that decides it. Does not own: what an opt-out ends (consent), the words or
the hours (flow, rules).
"""

from collections.abc import Sequence

import msgspec

from gateway.model.consent import ConsentChange
from gateway.store.accept import Acceptance, accept
from gateway.store.consent import change_consents
from gateway.store.ledger import Book
from gateway.store.unit import Unit


class Farewell(msgspec.Struct, frozen=True):
    """A program's last text to a number, ready to go."""

    program: str
    text: Acceptance


class Withdrawal(msgspec.Struct, frozen=True):
    """An opt-out, and what confirms it."""

    change: ConsentChange
    farewells: tuple[Farewell, ...] = ()
    """Of the programs that it ends; the first whose consent stood says it for all of them."""


def withdraw(unit: Unit, withdrawals: Sequence[Withdrawal]) -> list[bool]:
    """Make opt-outs stand; tells of each whether it changed anything. Said once more, it is not confirmed again."""
    return [_withdraw(unit, withdrawal) for withdrawal in withdrawals]


def _withdraw(unit: Unit, withdrawal: Withdrawal) -> bool:
    change = withdrawal.change
    consented = _consented(unit, change) if withdrawal.farewells else set()
    (changed,) = change_consents(unit, [change])
    # Who never agreed to a text gets none now either.
    farewell = next((one for one in withdrawal.farewells if one.program in consented), None)
    if changed and farewell is not None:
        accept(unit, [farewell.text])
    return changed


def _consented(unit: Unit, change: ConsentChange) -> set[str]:
    """The programs of which a consent of the number stands."""
    book = Book(unit, [change.number])
    return {
        scope.program
        for scope in book.lines(change.number, change.client)
        if not scope.wide and book.stands(change.number, change.client, scope)
    }
