"""How many PDUs may go now: a rate limit without a memory of the past.

Owns: the generic cell rate algorithm on a clock that is passed in. Does not own: waiting.

GCRA keeps one number, the theoretical arrival time of the next PDU. A PDU may go when that time is not further ahead than
the burst allows, and moves it on by one interval. In any sliding second at most ``rate`` + ``burst`` PDUs pass; the
default burst of 1 spaces them evenly.
"""


class Throttle:
    """One rate, shared by all binds of an account. Times are seconds of a monotonic clock."""

    def __init__(self, rate: float | None, burst: int = 1) -> None:
        self._interval = 0.0 if rate is None else 1.0 / rate
        self._tolerance = self._interval * (burst - 1)
        self._next = float("-inf")
        self._paused_until = float("-inf")

    def reserve(self, wanted: int, now: float) -> tuple[int, float]:
        """Charge for up to ``wanted`` PDUs: how many may go now, and the seconds until the next may where none can."""
        if now < self._paused_until:
            return 0, self._paused_until - now
        if not self._interval:
            return wanted, 0.0
        ahead = max(self._next, now)
        ready = ahead - self._tolerance
        if ready > now:
            return 0, ready - now
        granted = min(wanted, 1 + int((now + self._tolerance - ahead) / self._interval))
        self._next = ahead + granted * self._interval
        return granted, 0.0

    def give_back(self, unused: int) -> None:
        """Undo the charge for PDUs that did not go after all."""
        self._next -= unused * self._interval

    def pause(self, seconds: float, now: float) -> None:
        """Let nothing go for a while: the carrier said that it is too much."""
        self._paused_until = max(self._paused_until, now + seconds)
