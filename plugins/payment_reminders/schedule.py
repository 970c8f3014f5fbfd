"""The steps of a series of reminders, from what is known of an account.

Owns: on which days something is said about an invoice or a scheduled payment, and in which stage of lateness. Does not own: the
instants of those days (GatewayApi), or what is said (speak).
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from gateway.model.account import Account, Due, Standing

Group = Literal["invoices", "payments"]
"""Where in an account something due is found."""

PATIENCE: Final = timedelta(days=3)
"""So long a step may wait: for the hours, for a consent, for a gateway that was down."""

_STAGES: Final = ((60, "after_60"), (45, "after_45"), (6, "after_6"), (1, "after_3"))


class Step(NamedTuple):
    """One reminder of a series."""

    offset: int
    """Days after the day from which the series counts; negative before it."""
    day: date


def steps_of(account: Account, group: Group, due: Due, offsets: Iterable[int]) -> list[Step]:
    """The series for something that is due, in the order of days; nothing where no day is known.

    A scheduled payment is only announced: whether it fails is told by other events.
    """
    if due.due_on is None:
        return []
    start = _counted_from(account, due.due_on) if group == "invoices" else due.due_on
    wanted = sorted(offset for offset in offsets if (group == "invoices" or offset <= 0))
    # Before a promised day, the promise itself is what the consumer is reminded of (promise_to_pay).
    return [Step(offset, start + timedelta(days=offset)) for offset in wanted if start == due.due_on or offset > 0]


def stage(offset: int) -> str:
    """The template for a lateness."""
    return next((name for days, name in _STAGES if offset >= days), "before_3")


def _counted_from(account: Account, due_on: date) -> date:
    """The due day, or the last promised day after it: of a promise that is open, or that was broken."""
    promised = (
        promise.due_on
        for promise in account.promises.values()
        if promise.due_on is not None and promise.standing in (Standing.OPEN, Standing.FAILED)
    )
    return max([due_on, *promised])
