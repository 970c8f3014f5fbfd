"""Client events coming in: what a client's systems tell.

Owns: whether an event can be taken, and taking it. Does not own: its form (model/client_events), the log and the accounts
(store), or telling plugins (plugins).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import fields

from gateway.config import ClientConfig, Config
from gateway.errors import Code, Transient
from gateway.flow.invalid import Invalid, no_program
from gateway.metrics import Metrics
from gateway.model.client_events import EVENT_TYPES, ClientEvent, PlanProposed, faults_of
from gateway.model.clock import DAY
from gateway.model.money import Money
from gateway.store.base import Store
from gateway.store.notices import Intake, Taken
from gateway.text.spelling import CURRENCIES

AHEAD: Final = DAY
"""How far into the future an event may have happened: clocks differ, and what is dated beyond would outlive all later words."""
_MONEY: Final[Mapping[type[ClientEvent], tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind) if field.type in (Money, Money | None))
    for kind in EVENT_TYPES.values()
}


class EventIntake:
    """Takes events in."""

    def __init__(
        self, config: Config, store: Store, metrics: Metrics, has_room: Callable[[], bool], now: Callable[[], int]
    ) -> None:
        self._config = config
        self._store = store
        self._metrics = metrics
        self._has_room = has_room
        self._now = now

    def check(self, client: ClientConfig, event: ClientEvent) -> list[Invalid]:
        """What is wrong with an event; nothing when it can be taken."""
        return [
            Invalid(Code.REQUEST_INVALID, field, problem, fix)
            for field, problem, fix in (*faults_of(event), *self._faults(client, event))
        ]

    async def take(self, client: ClientConfig, events: Sequence[ClientEvent]) -> list[Taken]:
        """Take checked events, durably, each once. Raises Transient."""
        if not self._has_room():
            raise Transient(Code.STORE_FULL, "the disk has too little room for new events", after=10.0)
        now = self._now()
        answers = await self._store.receive_events([Intake(client.id, event, now) for event in events])
        for taken, count in Counter(answers).items():
            self._metrics.client_events.of(taken.value).inc(count)
        return answers

    def _faults(self, client: ClientConfig, event: ClientEvent) -> Iterator[tuple[str, str, str]]:
        if event.program is not None and self._config.program(client.id, event.program) is None:
            unknown = no_program(client)
            yield unknown.field, unknown.detail, unknown.fix
        for field, amount in _amounts(event):
            if amount.currency not in CURRENCIES:
                yield f"{field}/currency", "is no currency of ISO 4217", 'such as "USD"'
        try:
            ahead = event.at > self._now() + AHEAD
        except ValueError:
            return  # told already
        if ahead:
            yield "occurred_at", "is more than a day in the future", "tell what happened when it has happened"


def _amounts(event: ClientEvent) -> Iterator[tuple[str, Money]]:
    """The amounts of an event, by their place in it."""
    for field in _MONEY[type(event)]:
        amount: Money | None = getattr(event, field)
        if amount is not None:
            yield field, amount
    if isinstance(event, PlanProposed):
        for place, installment in enumerate(event.installments):
            yield f"installments/{place}/amount", installment.amount
