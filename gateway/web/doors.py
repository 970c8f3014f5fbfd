"""What the resources behind both doors are built from.

Owns: the list of parts. Does not own: making them (app), nor which resource stands behind which door (public, operator).
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from gateway.config import Config
from gateway.flow.check import Check
from gateway.flow.consent import Consents
from gateway.flow.intake import EventIntake
from gateway.flow.ledger import Ledger
from gateway.flow.optins import OptIns
from gateway.flow.plugins import Plugins
from gateway.flow.reviews import Reviews
from gateway.flow.submit import Submit
from gateway.flow.templates import Templates
from gateway.flow.waits import Wait
from gateway.metrics import Metrics
from gateway.store.base import Store
from gateway.web.auth import Keys
from gateway.web.turns import Turns


def _nobody(endpoint: str) -> None:
    """A replay that wakes nobody: it begins when the endpoint next looks at its deliveries by itself."""


def _never(endpoint: str) -> float:
    """Nobody delivers, so nothing pauses."""
    return 0.0


class Doors(msgspec.Struct, frozen=True):
    """The parts of the gateway that answer requests."""

    config: Config
    store: Store
    submit: Submit
    consents: Consents
    reviews: Reviews
    optins: OptIns
    intake: EventIntake
    plugins: Plugins
    ledger: Ledger
    keys: Keys
    metrics: Metrics
    now: Callable[[], int]
    """Milliseconds since the epoch."""
    ready: Callable[[], list[str]]
    """Why the gateway cannot do its work now; empty when it can."""
    waits: Callable[[str], Awaitable[Sequence[Wait]]]
    """Why texts wait for a carrier now."""
    templates: Templates
    check: Check
    replayed: Callable[[str], None] = _nobody
    """Told of a webhook endpoint (``client/webhook``) whose given-up deliveries became due again."""
    paused: Callable[[str], float] = _never
    """For how many seconds more a webhook endpoint gets nothing, because it asked for less."""
    turns: Turns = msgspec.field(default_factory=Turns)
    """Of batches."""
