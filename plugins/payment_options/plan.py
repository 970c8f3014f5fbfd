"""An amount in equal parts, one a month.

Owns: the arithmetic, in whole minor units. Does not own: who is offered which number of parts (the plugin).
"""

from datetime import date
from typing import Final

from gateway.model.client_events import Installment
from gateway.model.money import Money

DAY_OF_MONTH: Final = 15


def installments(amount: Money, count: int, today: date) -> tuple[Installment, ...]:
    """Equal parts with what is left over in the last, due on the 15th of each of the following months.

    Raises ValueError where a part would be nothing.
    """
    if count < 1 or amount.minor < count:
        raise ValueError("the amount is too small for so many parts")
    part, rest = divmod(amount.minor, count)
    return tuple(
        Installment(Money(part + (rest if number == count else 0), amount.currency), _month_after(today, number))
        for number in range(1, count + 1)
    )


def _month_after(today: date, months: int) -> date:
    years, month = divmod(today.month - 1 + months, 12)
    return date(today.year + years, month + 1, DAY_OF_MONTH)
