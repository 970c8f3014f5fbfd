"""Owns the session's timers and the figures they run by: when to ask for life, when to give up.

Does not own a clock: every time is `now`, in seconds on the caller's monotonic clock. The timers are those of
SMPP 3.4 §2.9 (session_init, enquire_link, inactivity, response) and one the specification lacks, for a PDU that
began and does not end. The response timer lives with the requests (`window`).

A process that was frozen finds all its deadlines past at once, while what the peer sent in the meantime is still
unread. So a countdown that is found run down is given GRACE seconds more before it counts.
"""

import msgspec

from gateway.smpp.events import CloseReason

NEVER = float("inf")
AT_ONCE = float("-inf")
GRACE = 1.0


class Limits(msgspec.Struct, frozen=True):
    """The figures of one session; times in seconds. A peer that is gone is found after idle + control + grace: 36 s."""

    window: int = 10
    """Texts in flight at once (the specification's own advice, §2.9)."""
    response_timeout: float = 30.0
    """From a text to its response."""
    control_timeout: float = 10.0
    """From enquire_link, query_sm, cancel_sm or replace_sm to its response."""
    session_init_timeout: float = 30.0
    """From the connection to the completed bind."""
    enquire_idle: float = 25.0
    """From the last PDU heard to our enquire_link."""
    inactivity_timeout: float = NEVER
    """From the last PDU in either direction other than enquire_link to giving up. Off unless set."""
    partial_pdu_timeout: float = 10.0
    """From the first octets of a PDU to its last."""
    unbind_timeout: float = 5.0
    """From unbind, either side's, to the end of the connection."""
    max_command_length: int = 69_632
    """Octets: a message_payload of 64 KiB with all else a PDU may hold."""
    max_unsent: int = 1_048_576
    """Octets of answers that may pile up for a peer that sends requests but does not read."""


class Countdown:
    """Runs for `seconds` from the first tick after `start`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = NEVER
        self._last_chance = False

    def start(self, now: float | None = None) -> None:
        """Begin, or begin again; without `now`, at the next tick."""
        self._deadline = AT_ONCE if now is None else now + self._seconds
        self._last_chance = False

    def stop(self) -> None:
        """Stand still; `deadline` is never."""
        self._deadline = NEVER
        self._last_chance = False

    @property
    def running(self) -> bool:
        """Whether it has been started and neither stopped nor run out."""
        return self._deadline != NEVER

    @property
    def deadline(self) -> float:
        """When to look at it next."""
        return self._deadline

    def ran_out(self, now: float) -> bool:
        """Whether it has run down for good; then it stands still."""
        if self._deadline == AT_ONCE:
            self._deadline = now + self._seconds
        if now < self._deadline:
            return False
        if not self._last_chance:
            self._last_chance = True
            self._deadline = now + GRACE
            return False
        self.stop()
        return True


class Timers:
    """All timers of one session. A connection tells them what happens; `ended` and `silent` say what is due."""

    def __init__(self, limits: Limits) -> None:
        self._enquire_idle = limits.enquire_idle
        self._session_init = Countdown(limits.session_init_timeout)
        self._partial = Countdown(limits.partial_pdu_timeout)
        self._farewell = Countdown(limits.unbind_timeout)
        self._life = Countdown(limits.control_timeout)
        self._inactive = Countdown(limits.inactivity_timeout)
        self._reasons = (
            (self._session_init, CloseReason.SESSION_INIT),
            (self._partial, CloseReason.PARTIAL_PDU),
            (self._farewell, CloseReason.UNBOUND),
            (self._life, CloseReason.NO_LIFE),
            (self._inactive, CloseReason.INACTIVE),
        )
        self._bound = False
        self._heard_at = 0.0
        self._active = False
        self._begun: int | None = None
        self._session_init.start()

    @property
    def asking(self) -> bool:
        """Whether an enquire_link is out and nothing has been heard since."""
        return self._life.running

    @property
    def heard_at(self) -> float:
        """When a PDU came in last, or the bind was complete."""
        return self._heard_at

    def bound(self, now: float) -> None:
        """The bind is complete: from here silence counts."""
        self._session_init.stop()
        self._bound = True
        self._heard_at = now
        self._active = True

    def unbinding(self) -> None:
        """unbind was said: only the end is waited for."""
        self._bound = False
        self._life.stop()
        self._inactive.stop()
        self._farewell.start()

    def heard(self, now: float) -> None:
        """A PDU came in; any PDU is life."""
        self._heard_at = now
        if self._life.running:
            self._life.stop()

    def acted(self) -> None:
        """A PDU other than enquire_link and its response went in or out."""
        self._active = True

    def enquired(self, now: float) -> None:
        """An enquire_link went out."""
        if not self._life.running:
            self._life.start(now)

    def ended(self, now: float, begun: int | None) -> CloseReason | None:
        """Why the session is over at `now`, or None.

        `begun` is the number of the frame of which there are some octets but not all, None where there is none.
        """
        if begun is None:
            self._partial.stop()
        elif begun != self._begun:
            self._partial.start(now)
        self._begun = begun
        if self._active:
            self._active = False
            if self._bound:
                self._inactive.start(now)
        for countdown, reason in self._reasons:
            if countdown.ran_out(now):
                return reason
        return None

    def silent(self, now: float) -> bool:
        """Whether nothing has been heard for so long that it is time to ask."""
        return self._bound and not self._life.running and now >= self._heard_at + self._enquire_idle

    def next_deadline(self, begun: int | None) -> float:
        """When to look again. `begun` as for `ended`."""
        if begun is not None and begun != self._begun:
            return AT_ONCE
        deadline = min(countdown.deadline for countdown, _ in self._reasons)
        if self._bound and not self._life.running:
            deadline = min(deadline, self._heard_at + self._enquire_idle)
        return deadline
