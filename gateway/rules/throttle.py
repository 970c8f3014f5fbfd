"""How many PDUs may go now: a rate limit that learns from the carrier when it is too fast.

Owns: the generic cell rate algorithm on a clock that is passed in, and the slower pace after the carrier said so. Does not
own: waiting, or what counts as the carrier saying so (smpp/status).

GCRA keeps one number, the theoretical arrival time of the next PDU. A PDU may go when that time is not further ahead than
the burst allows, and moves it on by one interval. In any sliding second at most ``rate`` + ``burst`` PDUs pass; the
default burst of 1 spaces them evenly.

A PDU is written some time after it was let go: it is marked on disk first. Where the disk stands still, those of several binds
come out together, and the next ones wait for as long as these took up.

A carrier's word that it is too much (ESME_RTHROTTLED) halts the account for a moment and then holds it to four fifths of what
it had just let pass, growing again by a twentieth a second: additive increase, multiplicative decrease. All answers
of one moment are one word. A configured rate is never exceeded; without one the pace ends when it has doubled unhindered.
"""

_DECREASE = 0.8
_INCREASE = 0.05
"""Of the pace at the last decrease, a second."""
_SLOWEST = 1.0
"""PDUs a second."""
_FREED_AT = 2.0
"""Times the pace at the last decrease: without a configured rate there is no pace beyond."""
_ONE_WORD_SECONDS = 1.0
_LATE_SECONDS = 0.01
"""How much later than it was let go a PDU may be written for nothing: what a commit takes on any disk."""
_NEVER = float("-inf")


class Throttle:
    """One rate, shared by all binds of an account. Times are seconds of a monotonic clock."""

    def __init__(self, rate: float | None, burst: int = 1) -> None:
        self._rate = rate
        self._burst = burst
        self._next = _NEVER
        self._written = _NEVER
        """``_next`` as it would be by what was written."""
        self._reserved = 0
        """Let go, and not written yet."""
        self._paused_until = _NEVER
        # The pace held to after the carrier's word: None when it has none to hold to.
        self._pace: float | None = None
        self._begun_at = 0.0
        self._base = 0.0
        # What passed in this second and the one before it.
        self._second = _NEVER
        self._passed = 0
        self._passed_before = 0

    def rate(self, now: float) -> float | None:
        """PDUs a second that may pass now; None: any number."""
        if self._pace is None:
            return self._rate
        pace = self._pace + self._base * _INCREASE * (now - self._begun_at)
        if self._rate is not None:
            return min(pace, self._rate)
        return pace if pace < self._base * _FREED_AT else None

    def reserve(self, wanted: int, now: float) -> tuple[int, float]:
        """Charge for up to ``wanted`` PDUs: how many may go now, and the seconds until the next may where none can."""
        if now < self._paused_until:
            return 0, self._paused_until - now
        rate = self.rate(now)
        if rate is None:
            self._count(wanted, now)
            return wanted, 0.0
        interval = 1.0 / rate
        tolerance = interval * (self._burst - 1)
        ahead = max(self._next, now)
        ready = ahead - tolerance
        if ready > now:
            return 0, ready - now
        granted = min(wanted, 1 + int((now + tolerance - ahead) / interval))
        self._next = ahead + granted * interval
        self._reserved += granted
        self._count(granted, now)
        return granted, 0.0

    def give_back(self, unused: int, now: float) -> None:
        """Undo the charge for PDUs that did not go after all."""
        rate = self.rate(now)
        if rate is not None:
            self._next -= unused / rate
        self._reserved -= min(unused, self._reserved)
        self._passed -= min(unused, self._passed)

    def wrote(self, count: int, now: float) -> None:
        """That many of those that were let go are on the wire."""
        self._reserved -= min(count, self._reserved)
        rate = self.rate(now)
        if rate is not None:
            self._written = max(self._written, now - _LATE_SECONDS) + count / rate
            self._next = max(self._next, self._written + self._reserved / rate)

    def pause(self, seconds: float, now: float) -> None:
        """Let nothing go for a while."""
        self._paused_until = max(self._paused_until, now + seconds)

    def paused_until(self, now: float) -> float | None:
        """When a pause that is under way ends."""
        return self._paused_until if now < self._paused_until else None

    def slow_down(self, now: float) -> None:
        """The carrier says that it is too much."""
        if self._pace is not None and now - self._begun_at < _ONE_WORD_SECONDS:
            return
        passed = float(max(self._passed, self._passed_before))
        current = self.rate(now)
        self._base = max(passed if current is None else min(current, max(passed, _SLOWEST)), _SLOWEST)
        self._pace = max(self._base * _DECREASE, _SLOWEST)
        self._begun_at = now
        self.pause(_ONE_WORD_SECONDS, now)

    def _count(self, granted: int, now: float) -> None:
        second = float(int(now))
        if second != self._second:
            self._passed_before = self._passed if second - self._second == 1.0 else 0
            self._passed = 0
            self._second = second
        self._passed += granted
