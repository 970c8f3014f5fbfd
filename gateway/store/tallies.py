"""What a client submitted lately: how many texts today, and the same words to the same number.

Owns: the count of a client's day, and looking for repetitions. Does not own: what follows (rules).
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from gateway.model.clock import DAY
from gateway.model.ids import MessageId, first_id
from gateway.model.message import Facts, Submission
from gateway.store.unit import Unit

_TAKEN = """
SELECT d.client, d.day, d.texts FROM (VALUES {rows}) AS v
CROSS JOIN client_day AS d ON d.client = v.column1 AND d.day = v.column2
"""
_TAKE = """
INSERT INTO client_day (client, day, texts) VALUES {rows}
ON CONFLICT DO UPDATE SET texts = texts + excluded.texts
"""
_SAME = """
WITH wanted (number, client, text, id) AS (VALUES {rows})
SELECT json_array(m.number, m.client, m.text) AS row FROM wanted
CROSS JOIN message AS m ON m.number = wanted.number AND m.id >= wanted.id
WHERE m.client = wanted.client AND m.text = wanted.text AND m.state NOT IN ('blocked', 'cancelled')
"""


class Tally(msgspec.Struct, frozen=True):
    """What is to be counted of a request."""

    daily: bool
    """The client's texts of the day."""
    window: int
    """How long the same words count as a repetition, in milliseconds; 0: never."""
    words: Mapping[MessageId, tuple[str, ...]]
    """Of each submission, in each form in which it may have been kept."""


class Tallies:
    """The counts for one transaction, or one look of a dry run, in which texts are taken one after the other."""

    def __init__(self, unit: Unit, asked: Iterable[tuple[Submission, Tally | None]]) -> None:
        texts = [(text, tally) for text, tally in asked if tally is not None and text.id in tally.words]
        self._tallies = {text.id: tally for text, tally in texts}
        days = list(dict.fromkeys((text.client, text.at // DAY) for text, tally in texts if tally.daily))
        self._taken = dict.fromkeys(days, 0)
        self._taken.update({(client, day): count for client, day, count in unit.read(_TAKEN, days)})
        self._more: Counter[tuple[str, int]] = Counter()
        wanted = [
            (text.number, text.client, words, first_id(text.at - tally.window))
            for text, tally in texts
            if tally.window
            for words in tally.words[text.id]
        ]
        self._said = {tuple(row) for row in unit.gather(_SAME, list(dict.fromkeys(wanted)))}
        self._saying: set[tuple[str, str, str]] = set()

    def after(self, earlier: "Tallies") -> None:
        """Count as well what was taken in an earlier look, and written by nobody."""
        self._more.update(earlier._more)
        self._saying |= earlier._saying

    def added_to(self, facts: Facts, text: Submission) -> Facts:
        """The facts with what is counted of a text."""
        tally = self._tallies.get(text.id)
        if tally is None:
            return facts
        repeated = tally.window > 0 and any(
            said in self._said or said in self._saying
            for said in ((text.number, text.client, words) for words in tally.words[text.id])
        )
        today = (text.client, text.at // DAY)
        taken = self._taken[today] + self._more[today] if tally.daily else 0
        return replace(facts, client_day=taken, repeated=repeated)

    def note(self, text: Submission) -> None:
        """A text was taken."""
        tally = self._tallies.get(text.id)
        if tally is None:
            return
        if tally.window:
            self._saying.update((text.number, text.client, words) for words in tally.words[text.id])
        if tally.daily:
            self._more[text.client, text.at // DAY] += 1

    def record(self, unit: Unit) -> None:
        """Write the counts."""
        unit.write(_TAKE, [(client, day, count) for (client, day), count in self._more.items()])
