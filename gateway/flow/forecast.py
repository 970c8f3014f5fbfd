"""What a dry run adds up to: counts by reason, segments, cost, hours, and the texts that a character makes dear.

Owns: the sums. Does not own: any text's verdict (check). Money is whole millionths of the currency's unit.
"""

from collections import Counter
from math import ceil

import msgspec

from gateway.config import Config
from gateway.flow.check import Judged, Verdict
from gateway.flow.invalid import Invalid
from gateway.model.clock import HOUR, SECOND
from gateway.model.message import State

_MOST_PLACES = 10
"""How many texts are named for each character."""


class Dear(msgspec.Struct):
    """A character that forces UCS-2, and where."""

    texts: int = 0
    places: list[int] = []
    """Of the first few texts, from 0."""


class Forecast:
    """Adds up verdicts, one by one."""

    def __init__(self, config: Config) -> None:
        self._prices = {carrier.name: carrier.price_micros for carrier in config.carriers}
        self._rates = {carrier.name: carrier.rate for carrier in config.carriers}
        self.texts = 0
        self.states: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        """Every reason of every text that would not go at once: a text may have several."""
        self.segments = 0
        """Of the texts that would go, at once or later."""
        self.cost_micros = 0
        self.encodings: Counter[str] = Counter()
        self.ucs2: dict[str, Dear] = {}
        self.hours: dict[int, Counter[str]] = {}
        """Segments that would go by carrier, by the hour in which they may."""
        self.changes: Counter[str] = Counter()
        """By other packs: from one state to another."""

    def add(self, judged: Judged) -> None:
        """One more text."""
        place = self.texts
        self.texts += 1
        verdict = judged.verdict
        if isinstance(verdict, Invalid):
            self.states["invalid"] += 1
            self.codes[verdict.code] += 1
        else:
            self._add(verdict, place)
        if judged.otherwise is not None:
            self.changes[f"{_state_of(verdict)} -> {_state_of(judged.otherwise)}"] += 1

    def _add(self, verdict: Verdict, place: int) -> None:
        self.states[verdict.state] += 1
        for code in {finding.code for finding in verdict.decision.findings if finding.verdict != "allow"}:
            self.codes[code or ""] += 1
        if verdict.forced_by is not None:
            for character in dict.fromkeys(verdict.forced_by):
                dear = self.ucs2.setdefault(character, Dear(places=[]))
                dear.texts += 1
                if len(dear.places) < _MOST_PLACES:
                    dear.places.append(place)
        if verdict.state is State.BLOCKED:
            return
        text = verdict.submission
        self.segments += text.length
        self.encodings[str(text.encoding)] += 1
        self.cost_micros += text.length * self._prices.get(text.carrier, 0)
        hour = verdict.due_at // HOUR * HOUR
        self.hours.setdefault(hour, Counter())[text.carrier] += text.segments

    def done_at(self) -> int | None:
        """When the last would have been handed over, at the carriers' rates; None where nothing would go."""
        ends: dict[str, int] = {}
        for hour in sorted(self.hours):
            for carrier, segments in self.hours[hour].items():
                rate = self._rates.get(carrier)
                lasts = 0 if rate is None else ceil(segments * SECOND / rate)
                ends[carrier] = max(ends.get(carrier, 0), hour) + lasts
        return max(ends.values(), default=None)


def _state_of(verdict: Verdict | Invalid) -> str:
    return "invalid" if isinstance(verdict, Invalid) else str(verdict.state)
