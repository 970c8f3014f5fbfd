"""Everything that one fault run needs, put together: it owns the nesting of gateway, carriers, receivers and client.

What is done to them is the goals'; what is made of their journals the ledger's.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from tools.torture.carrier import Carrier
from tools.torture.client import Client
from tools.torture.database import dump
from tools.torture.enemies import Enemy
from tools.torture.evidence import Evidence
from tools.torture.gateway import CLIENT, HOLD, PRODUCT, RESEND, Gateway, Hook
from tools.torture.http import NoAnswer
from tools.torture.ledger import Account, audit
from tools.torture.receivers import Listener

QUIET_SECONDS = 0.5
"""Nothing new at any carrier for so long is the end of a run."""


class Stage:
    """One run's cast."""

    def __init__(
        self,
        directory: Path,
        gateway: Gateway,
        carriers: Sequence[Carrier],
        enemies: Sequence[Enemy],
        hooks: Sequence[Listener],
    ) -> None:
        self.directory = directory
        self.gateway = gateway
        self.carriers = carriers
        self.hooks = hooks
        self._enemies = frozenset(enemy.name for enemy in enemies)
        self.client = Client(gateway, directory / "client.jsonl")

    @property
    def carrier(self) -> Carrier:
        """The only one, or the first."""
        return self.carriers[0]

    async def consent(self, numbers: Iterable[str]) -> None:
        """Consents to all categories, for each carrier's program."""
        listed = list(numbers)
        for carrier in self.carriers:
            await self.gateway.consent(listed, carrier.name, HOLD, RESEND)

    async def drained(self, patience: float = 60.0, *, without: frozenset[str] = frozenset()) -> bool:
        """Wait until nothing waits for a carrier and the carriers have nothing more to do; whether it came to that.

        ``without``: carriers that never take anything.
        """
        with trio.move_on_after(patience):
            seen, since = -1, trio.current_time()
            while True:
                last = sum(carrier.last for carrier in self.carriers)
                idle = not any(carrier.busy() for carrier in self.carriers) and not await self._waiting(without)
                if last != seen or not idle:
                    seen, since = last, trio.current_time()
                elif trio.current_time() - since >= QUIET_SECONDS:
                    return True
                await trio.sleep(0.05)
        return False

    async def _waiting(self, without: frozenset[str]) -> int:
        try:
            waiting = await self.gateway.waiting()
            return sum(waiting[carrier.name] for carrier in self.carriers if carrier.name not in without)
        except NoAnswer:
            return 1

    async def heard(self, patience: float = 60.0) -> bool:
        """Wait until the receivers have heard of every event that there is; whether it came to that."""
        with trio.move_on_after(patience):
            while True:
                answer = await self.gateway.operator("GET", "/v1/webhooks")
                # The cursors stand at the end of the log, and nothing waits to be tried again.
                if all(not view.get("waiting") for view in answer.json["webhooks"]) and not await self._behind(
                    [view["cursor"] for view in answer.json["webhooks"]]
                ):
                    return True
                await trio.sleep(0.1)
        return False

    async def _behind(self, cursors: Sequence[int]) -> bool:
        after = min(cursors, default=0)
        answer = await self.gateway.call("GET", f"/v1/events?after={after}&limit=1")
        return bool(answer.json["events"])

    def evidence(self, *, waiting: frozenset[str] = frozenset(), hooks: Sequence[Listener] | None = None) -> Evidence:
        """All journals and the database; the gateway must have ended.

        ``waiting``: carriers that never take anything. ``hooks``: the receivers that must have heard, all by default.
        """
        assert not self.gateway.running, "the database is read after the gateway has ended"
        return Evidence(
            CLIENT,
            self.client.attempts,
            {carrier.name: carrier.journal() for carrier in self.carriers},
            {hook.name: hook.journal() for hook in (self.hooks if hooks is None else hooks)},
            dump(self.gateway.data / "assent.db"),
            frozenset({RESEND}),
            self.gateway.log.read_text("utf-8", "replace"),
            self.gateway.secrets,
            waiting | self._enemies,
        )

    async def account(self, *, patience: float = 60.0) -> Account:
        """Drain, stop in good order, and audit."""
        await self.drained(patience)
        if self.hooks:
            await self.heard(patience)
        await self.gateway.stop()
        return audit(self.evidence())


@asynccontextmanager
async def stage(
    directory: Path,
    carriers: Sequence[Carrier],
    *,
    enemies: Sequence[Enemy] = (),
    hooks: Sequence[Listener] = (),
    endpoints: Sequence[Hook] = (),
    policy: str = "",
    settings: str = "",
    reserve_mib: int = 64,
    launcher: Sequence[str] = PRODUCT,
) -> AsyncIterator[Stage]:
    """The carriers and the gateway's files; the gateway is not started. Whatever runs in the end is killed.

    ``hooks``: receivers that are part of the evidence. ``endpoints``: those that somebody else looks after.
    """
    async with trio.open_nursery() as nursery:
        for carrier in carriers:
            await carrier.open(nursery)
        for enemy in enemies:
            await enemy.open(nursery)
        gateway = Gateway(
            directory,
            (*carriers, *enemies),
            hooks=[*(hook.hook for hook in hooks), *endpoints],
            policy=policy,
            settings=settings,
            reserve_mib=reserve_mib,
            launcher=launcher,
        )
        made = Stage(directory, gateway, carriers, enemies, hooks)
        try:
            yield made
        finally:
            gateway.close()
            with trio.CancelScope(shield=True):
                await made.client.close()
            for hook in hooks:
                hook.close()
            for carrier in carriers:
                carrier.close()
            nursery.cancel_scope.cancel()
