"""What is submitted while the gateway is wronged: it owns the texts, the numbers they go to and their pace.

Who keeps the journal of them is the client.
"""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from random import Random

import trio

from tools.torture.client import Order
from tools.torture.gateway import HOLD, RESEND, number
from tools.torture.stage import Stage

NUMBERS = 400
"""Consumers who are written to."""
RATE = 200.0
"""Texts a second."""


def traffic(program: str, dice: Random, prefix: str = "t") -> Iterator[Order]:
    """Texts without end: two in three with an idempotency key, one in five of a category that is sent again when in
    doubt, one in ten in several segments."""
    for place in itertools.count():
        token = f"{prefix}{place}"
        yield Order(
            token,
            number(dice.randrange(NUMBERS)),
            program,
            key=token if dice.random() < 0.67 else "",
            words="Your statement is ready. " * (8 if dice.random() < 0.1 else 1),
            category=RESEND if dice.random() < 0.2 else HOLD,
        )


def orders(program: str, count: int, prefix: str = "t") -> Iterator[Order]:
    """So many texts of one segment, each with its key and to a number of its own."""
    for place in range(count):
        yield Order(f"{prefix}{place}", number(place), program, key=f"{prefix}{place}")


@asynccontextmanager
async def submitting(on: Stage, orders: Iterator[Order], rate: float = RATE) -> AsyncIterator[None]:
    """Orders are submitted, so many a second, for as long as what stands inside goes on."""
    over = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: on.client.load(orders, rate, until=over.is_set))
        yield
        over.set()
