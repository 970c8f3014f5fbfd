"""Who has shown too many wrong keys of late.

Owns: counting them by caller, and the growing time in which a further one is not even called wrong. Does not own: what
a right key is (auth). Pure: time is an argument, in seconds of any clock that only goes forward.

A right key always passes, whoever shows it from wherever: many tenants may share one address, and guessing one of
2**256 keys is hopeless at any pace. What back-off saves is the work and the log that a storm of wrong keys makes.
"""

from collections import OrderedDict
from typing import Final

import msgspec

FREE: Final = 10
"""Wrong keys that cost nothing."""

LONGEST_SECONDS: Final = 600.0
FORGOTTEN_SECONDS: Final = 1800.0
"""A caller that was quiet for so long starts afresh."""

CALLERS: Final = 10_000
"""How many are remembered; the one that was quiet longest is forgotten first."""


class _Record(msgspec.Struct, gc=False):
    count: int
    last: float
    until: float


class BackOff:
    """Wrong keys by caller."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def __len__(self) -> int:
        return len(self._records)

    def note_wrong(self, caller: str, now: float) -> float:
        """Count a wrong key; how many seconds the caller should have waited longer, 0 if it need not have waited.

        The wait doubles with each wrong key from the tenth on, those within the wait included.
        """
        record = self._records.get(caller)
        if record is None or now - record.last > FORGOTTEN_SECONDS:
            record = _Record(0, now, now)
            self._records[caller] = record
        self._records.move_to_end(caller)
        while len(self._records) > CALLERS:
            self._records.popitem(last=False)
        early = record.until > now
        record.count += 1
        record.last = now
        if record.count >= FREE:
            # The exponent is bounded too: a float has no room for 2 to the thousands.
            record.until = now + min(2.0 ** min(record.count - FREE, 16), LONGEST_SECONDS)
        return record.until - now if early else 0.0
