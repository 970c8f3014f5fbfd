"""A scenario being played: it owns the dice and what each fault has seen so far, and decides; it does nothing itself."""

from fnmatch import fnmatchcase
from random import Random

from msgspec.structs import replace

from gateway.smpp.pdu import DataSm, DeliverSm, Tlv
from tools.simulator.scenario import Fault, On, Outcome, Scenario


class _Counted:
    """A fault with what it has seen and how often it has been played."""

    __slots__ = ("fault", "played", "seen")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.played = 0


class Script:
    """The decisions of one scenario. `started` and every `now` are seconds on one monotonic clock."""

    def __init__(self, scenario: Scenario, started: float) -> None:
        self.scenario = scenario
        self._started = started
        self._dice = Random(scenario.seed)  # noqa: S311  (a seeded script of faults, no secret)
        self._faults: dict[On, list[_Counted]] = {}
        for fault in scenario.faults:
            self._faults.setdefault(fault.on, []).append(_Counted(fault))
        outcomes = scenario.receipts.outcomes
        self._outcomes = [outcome for outcome in outcomes if not outcome.destination]
        self._weights = [outcome.weight for outcome in self._outcomes]
        self._special = [outcome for outcome in outcomes if outcome.destination]
        delivery = scenario.delivery
        self._extra = tuple(Tlv(tag, bytes.fromhex(value)) for tag, value in delivery.tlvs)
        self._trailing = bytes.fromhex(delivery.trailing)
        self._tokens = float(scenario.throttle.burst)
        self._refilled = started

    def fault(self, on: On, now: float, destination: str = "") -> Fault | None:
        """The fault to play on this occasion, if any. Each call counts as one occasion."""
        chosen: Fault | None = None
        for counted in self._faults.get(on, ()):
            fault = counted.fault
            if fault.destination and not fnmatchcase(destination, fault.destination):
                continue
            counted.seen += 1
            if chosen is None and self._fires(counted, now):
                counted.played += 1
                chosen = fault
        return chosen

    def _fires(self, counted: _Counted, now: float) -> bool:
        fault = counted.fault
        beyond = counted.seen - fault.after
        if beyond <= 0 or beyond % fault.every or (fault.count is not None and counted.played >= fault.count):
            return False
        if fault.period and (now - self._started) % fault.period >= fault.lasts:
            return False
        return fault.probability >= 1 or self._dice.random() < fault.probability

    def throttled(self, now: float) -> bool:
        """Whether a `submit_sm` that arrives now is over the rate; one that is not takes its token."""
        throttle = self.scenario.throttle
        if not throttle.rate:
            return False
        self._tokens = min(throttle.burst, self._tokens + (now - self._refilled) * throttle.rate)
        self._refilled = now
        if self._tokens < 1:
            return True
        self._tokens -= 1
        return False

    def answer_delay(self) -> float:
        """Seconds from a `submit_sm` to its answer."""
        answers = self.scenario.answers
        return answers.delay + (self._dice.random() * answers.jitter if answers.jitter else 0.0)

    def receipt_delay(self) -> float:
        """Seconds from a text to its end."""
        receipts = self.scenario.receipts
        return receipts.delay + (self._dice.random() * receipts.jitter if receipts.jitter else 0.0)

    def receipt_lost(self) -> bool:
        """Whether this receipt never comes."""
        missing = self.scenario.receipts.missing
        return missing > 0 and self._dice.random() < missing

    def dressed(self, pdu: DeliverSm | DataSm) -> DeliverSm | DataSm:
        """A delivery with the parameters that this carrier puts on all of them."""
        if not self._extra and not self._trailing:
            return pdu
        return replace(pdu, tlvs=pdu.tlvs + self._extra, trailing=pdu.trailing + self._trailing)

    def outcome(self, destination: str) -> Outcome:
        """How the text to that number ends."""
        for special in self._special:
            if fnmatchcase(destination, special.destination):
                return special
        if len(self._outcomes) == 1:
            return self._outcomes[0]
        return self._dice.choices(self._outcomes, self._weights)[0]

    def shuffled(self, count: int) -> list[int]:
        """The numbers from 0 to `count`, in an order that is not theirs when there is another."""
        order = list(range(count))
        self._dice.shuffle(order)
        return order[::-1] if order == sorted(order) else order
