"""Texts that a carrier puts off again and again: whether that is about its account, or about the text.

Owns: counting a text's refusals of the kinds that cost no attempt, and when one makes way for the others. Does not own: what a
status means (smpp/status), or how an account is eased (dispatch).

ESME_RTHROTTLED and ESME_RMSGQFUL mean the account, mostly: it rests, and the text keeps its place at the head of the queue. But
there are SMSCs that mean the phone that the text is for. Such a text would be tried first after each rest, for as long as it is
good, and nothing behind it would ever leave.
"""

from typing import NamedTuple

from gateway.model.message import Claimed

_IN_A_ROW = 3
_FIRST_SECONDS = 5.0
_LONGEST_SECONDS = 600.0
_MOST = 4096
"""Texts that are remembered. One that was cancelled or expired meanwhile is forgotten by being the oldest."""


class PutOff(NamedTuple):
    """What follows from a refusal of these kinds."""

    seconds: float | None
    """Until the text is tried again, behind all that are due by then; None: it keeps its place."""
    of_account: bool
    """Whether the carrier means the account: until the text was refused some times in a row, and then for as long as nobody else
    is accepted."""


class PutOffs:
    """Of one account, as long as the process lives."""

    def __init__(self) -> None:
        self._accepted = 0
        self._refused: dict[tuple[int, int], tuple[int, int, int]] = {}
        """By segment: refusals in a row, how often others had been accepted meanwhile, and how many by the last one."""

    def accepted(self, segment: Claimed) -> None:
        """The carrier took a text."""
        self._accepted += 1
        self.ended(segment)

    def ended(self, segment: Claimed) -> None:
        """The carrier said something else of a text."""
        self._refused.pop((segment.message_id, segment.n), None)

    def refused(self, segment: Claimed) -> PutOff:
        """The carrier put a text off."""
        place = (segment.message_id, segment.n)
        times, passed, before = self._refused.pop(place, (0, 0, self._accepted))
        times += 1
        if times >= _IN_A_ROW and self._accepted > before:
            passed += 1
        self._refused[place] = (times, passed, self._accepted)
        if len(self._refused) > _MOST:
            del self._refused[next(iter(self._refused))]
        if times < _IN_A_ROW:
            return PutOff(None, of_account=True)
        if not passed:
            return PutOff(0.0, of_account=True)
        return PutOff(min(_FIRST_SECONDS * 2.0 ** (passed - 1), _LONGEST_SECONDS), of_account=False)
