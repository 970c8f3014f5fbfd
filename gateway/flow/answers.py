"""What a carrier's answer to a text, or its silence, amounts to.

Owns: the state that a segment gets by it, and whether it is tried again. Does not own: what a command_status means
(smpp/status), when to try again (rules/retry), or what follows for the link (dispatch).
"""

from collections.abc import Mapping, Sequence, Set

from gateway.config import CarrierConfig
from gateway.errors import Code
from gateway.model.message import Answer, Claimed, State
from gateway.rules.retry import next_delay
from gateway.smpp import status
from gateway.smpp.events import ResponseReceived
from gateway.smpp.pdu import SubmitSmResp
from gateway.smpp.receipt_ids import index_key
from gateway.smpp.status import Verdict

_CAUSES = {Code.IN_DOUBT_NO_RESPONSE: "no_response", Code.IN_DOUBT_LINK_LOST: "link_lost"}


def judged(
    event: ResponseReceived, carrier: CarrierConfig, overrides: Mapping[int, Verdict], now: int
) -> tuple[Verdict, Answer]:
    """What a response means, by the carrier's own table where it has one, and what becomes of its segment."""
    segment: Claimed = event.token
    response = event.response
    command_status = response.command_status
    verdict = status.judge(command_status, overrides)
    if not isinstance(response, SubmitSmResp) and verdict is Verdict.ACCEPTED:
        verdict = Verdict.UNKNOWN  # a generic_nack that says ESME_ROK accepts nothing
    theirs = response.message_id if isinstance(response, SubmitSmResp) else None
    key = index_key(theirs) if theirs and theirs.strip() else None
    return verdict, _answer(segment, verdict, carrier, command_status, theirs or None, key, now)


def _answer(
    segment: Claimed,
    verdict: Verdict,
    carrier: CarrierConfig,
    command_status: int,
    theirs: str | None,
    key: str | None,
    now: int,
) -> Answer:
    if verdict is Verdict.ACCEPTED:
        return Answer(segment, State.SUBMITTED, now, "response", None, command_status, theirs, key)
    if verdict is Verdict.PERMANENT:
        return Answer(segment, State.REJECTED, now, "response", Code.CARRIER_REJECTED, command_status)
    if verdict is Verdict.OPTED_OUT:
        return Answer(segment, State.REJECTED, now, "response", Code.CARRIER_OPTED_OUT, command_status)
    further = status.ATTEMPTS[verdict]
    if further is None:
        return again(segment, now, segment.due_at, command_status, spent=False)
    attempts = min(carrier.retry.attempts, further + 1)
    delay = next_delay(segment.attempt, attempts, carrier.retry.delays_seconds)
    if delay is not None:
        return again(segment, now, now + int(delay * 1000), command_status, spent=True)
    if verdict is Verdict.DOUBTFUL:
        code = Code.IN_DOUBT_CARRIER_FAULT
        return Answer(segment, State.IN_DOUBT, now, "response", code, command_status, theirs, key)
    return Answer(segment, State.REJECTED, now, "response", Code.CARRIER_RETRIES_SPENT, command_status)


def unanswered(
    segments: Sequence[Claimed], carrier: CarrierConfig, resent: Set[str], now: int, code: Code
) -> list[Answer]:
    """What becomes of segments that the carrier may have, or may not: doubt, but for the categories that are ``resent``.

    ``code`` says why there was no answer.
    """
    cause = _CAUSES[code]
    most = carrier.retry.attempts  # a carrier that never answers may have delivered each of them
    return [
        again(segment, now, now, None, spent=True, cause=cause)
        if segment.category in resent and segment.attempt < most
        else Answer(segment, State.IN_DOUBT, now, cause, code)
        for segment in segments
    ]


def unsent(segment: Claimed, now: int) -> Answer:
    """A segment that was claimed and never left: back to its place in the queue."""
    return again(segment, now, segment.due_at, None, spent=False, cause="link_lost")


def again(
    segment: Claimed, now: int, due_at: int, command_status: int | None, *, spent: bool, cause: str = "response"
) -> Answer:
    """A segment that goes back into the queue; ``spent``: that was one of its attempts."""
    return Answer(segment, State.QUEUED, now, cause, None, command_status, due_at=due_at, spent=spent)
