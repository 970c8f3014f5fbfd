"""A carrier for the gateway under proof: the project's own simulator, inside this process.

It owns its start, its journal and its end. What a carrier does is the scenario's, how it does it the simulator's.
"""

from functools import partial
from pathlib import Path

import msgspec
import trio

from gateway.smpp import const
from tools.simulator import scenario as scenarios
from tools.simulator.door import Door, introduced
from tools.simulator.endpoint import Endpoint
from tools.simulator.journal import Answered, Delivered, Entry, Journal, Taken, read
from tools.simulator.originate import RawDelivery
from tools.simulator.scenario import Mo
from tools.simulator.session import HowDown
from tools.simulator.smsc import Smsc

SYSTEM_ID = "assent"
PASSWORD = "pw7Qx2kz"  # noqa: S105 - of a carrier that lives for one run


class Carrier:
    """One SMSC. `profile` is what carriers.toml says of it, as TOML lines."""

    def __init__(
        self,
        name: str,
        directory: Path,
        *,
        scenario: str = "well_behaved",
        change: dict[str, object] | None = None,
        profile: str = "",
        system_id: str = SYSTEM_ID,
        password: str = PASSWORD,
    ) -> None:
        self.name = name
        self.system_id = system_id
        self.profile = profile
        self.port = 0
        self.journal_path = directory / f"{name}.jsonl"
        self.scenario = scenarios.changed(scenarios.load(scenario), change or {})
        self._password = password
        self._door = Door()
        self._journal = Journal(self.journal_path)
        self.smsc: Smsc

    async def open(self, nursery: trio.Nursery) -> None:
        """Listen, and serve until the nursery ends."""
        self.smsc = Smsc(self.scenario, self._journal, system_id=self.system_id, password=self._password)
        self.port = (await self._door.open(Endpoint("127.0.0.1", 0))).port
        nursery.start_soon(self.smsc.run)
        nursery.start_soon(self._door.run, partial(introduced, self.smsc.serve))

    def play(self, name: str, change: dict[str, object] | None = None) -> None:
        """Be another carrier from now on."""
        self.smsc.play(scenarios.changed(scenarios.load(name), change or {}))

    def change(self, **tables: object) -> None:
        """Change some keys of the scenario, table by table."""
        self.smsc.play(scenarios.changed(self.smsc.script.scenario, tables))

    def text(self, source: str, destination: str, words: str, **fields: object) -> list[int]:
        """A consumer's text; the numbers of its deliveries."""
        mo = {"from": source, "to": destination, "text": words, "account": self.system_id, **fields}
        numbers = self.smsc.originate(msgspec.convert(mo, Mo))
        self.smsc.settle()
        return numbers

    def receipt(self, message_id: str, consumer: str, sender: str) -> None:
        """A receipt of the operator's own making: this text was delivered."""
        text = (
            f"id:{message_id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:"
        )
        self.smsc.deliver(
            RawDelivery(
                consumer, sender, text.encode("ascii").hex(), const.ESM_CLASS_TYPE_SMSC_RECEIPT, account=self.system_id
            )
        )
        self.smsc.settle()

    def disconnect(self, how: HowDown, away: float = 0.0) -> None:
        """Let all links go, and for so many seconds take no new ones."""
        self.smsc.disconnect(how)
        self.smsc.settle()
        if away:
            self._door.go_away(away)

    def bound(self) -> int:
        """How many binds there are."""
        return sum(1 for view in self.smsc.session_views() if view.account and not view.going)

    def busy(self) -> int:
        """What it still has to do: deliveries that wait, receipts that are due later."""
        stats = self.smsc.stats()
        return stats["deliveries_waiting"] + stats["due_later"] + stats["receipts_held"]

    def recent(self) -> list[Entry]:
        """What the journal still has in memory."""
        return self._journal.after(0)

    def receipted(self, token: str) -> bool:
        """Whether the receipt of a text was answered OK; of what the journal still has in memory."""
        ids: set[str] = set()
        deliveries: set[int] = set()
        for entry in self._journal.after(0):
            match entry:
                case Answered(message_id=message_id) if entry.token == token and message_id:
                    ids.add(message_id)
                case Delivered(kind="receipt", message_id=message_id) if message_id in ids:
                    deliveries.add(entry.delivery)
                case Taken(status="ESME_ROK") if entry.delivery in deliveries:
                    return True
        return False

    @property
    def last(self) -> int:
        """The number of the journal's newest record."""
        return self._journal.last

    def journal(self) -> list[Entry]:
        """All that it saw and did."""
        self._journal.flush()
        return read(self.journal_path)

    def close(self) -> None:
        """Write the journal out."""
        self._journal.close()
