"""How many segments may go in a second, a minute or a day: the limits that carriers set per campaign, brand and number.

Owns: which texts a limit counts together, when its windows turn, and what is left in one. Does not own: the counts (store),
or waiting. The rate of an account and of a bind, which carriers measure more finely, is the throttle's.

Windows are the clock's own: a minute begins at :00 and a day at midnight in the limit's zone, however long that day is; a
midnight that the zone skips is the instant of the skip. A text counts as a whole: the first of its segments that goes in a
window takes the places of all that have not gone, so that no text is cut in half by a window that is used up. A text that is
larger than the limit itself goes when nothing went before it, and what it took too much is missing in the windows that follow.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from gateway.model.clock import DAY, MINUTE, SECOND


class Scope(StrEnum):
    """Whose segments a limit counts together."""

    ACCOUNT = "account"
    CLIENT = "client"
    PROGRAM = "program"
    SENDER = "sender"


class Per(StrEnum):
    """How long a window is."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


_LENGTHS = {Per.SECOND: SECOND, Per.MINUTE: MINUTE, Per.DAY: DAY}
_NAMES: dict[Scope, Callable[[str, str, str], str]] = {
    Scope.ACCOUNT: lambda client, program, sender: "",
    Scope.CLIENT: lambda client, program, sender: client,
    Scope.PROGRAM: lambda client, program, sender: f"{client}/{program}",
    Scope.SENDER: lambda client, program, sender: sender,
}


class Window(msgspec.Struct, frozen=True, gc=False):
    """A window and what was used of it."""

    begins: int
    ends: int
    """The first instant that is no longer in it."""
    used: int = 0


class Limit(msgspec.Struct, frozen=True):
    """One limit of a carrier."""

    scope: Scope
    per: Per
    segments: int
    zone: ZoneInfo
    """Whose midnight a day begins with."""

    def key(self, client: str, program: str, sender: str) -> str:
        """What this limit counts the texts of a program from a sender under, such as ``client/day/acme``."""
        return f"{self.scope}/{self.per}/{_NAMES[self.scope](client, program, sender)}"

    def window(self, now: int, begun: int | None = None, used: int = 0) -> Window:
        """The window that is open, by what was used of the one that began at ``begun``."""
        begins, ends = _day(now, self.zone) if self.per is Per.DAY else _slot(now, _LENGTHS[self.per])
        if begun is None or begun == begins:
            return Window(begins, ends, used)
        if begun == ends:
            # The clock was set back over the turn: the window had begun, and goes on.
            return self.window(ends, begun, used)
        if begun > ends:
            return Window(begins, ends)
        turns = max(1, round((begins - begun) / _LENGTHS[self.per]))
        return Window(begins, ends, max(0, used - self.segments * turns))

    def fits(self, window: Window, segments: int) -> bool:
        """Whether a text of so many segments may go in the window."""
        return window.used == 0 or window.used + segments <= self.segments


def scope_of(key: str) -> tuple[Scope, Per]:
    """Scope and window of the limit that a key belongs to."""
    scope, per, _ = key.split("/", 2)
    return Scope(scope), Per(per)


def _slot(now: int, length: int) -> tuple[int, int]:
    begins = now - now % length
    return begins, begins + length


def _day(now: int, zone: ZoneInfo) -> tuple[int, int]:
    today = datetime.fromtimestamp(now // SECOND, zone).date()
    return _midnight(today, zone), _midnight(today + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> int:
    moment = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
