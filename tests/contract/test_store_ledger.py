"""The ledger: whatever happens in whatever order, nothing goes to a number that opted out, no message is lost, states move
only as they may, and every change is told with its time and its cause."""

from collections.abc import Sequence

import trio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.model.message import TERMINAL, State
from gateway.store.doubt import Recovery, Settlement
from gateway.store.sqlite import open_memory
from tests.contract.desk import CARRIER
from tests.contract.ledger import RESEND, Check, Ledger

_DEADLINE_SECONDS = 300

_RANKS = {
    "grant": 0,
    "revoke": 0,
    "stop": 1,
    "start": 1,
    "accept": 2,
    "settle": 3,
    "receipt": 4,
    "cancel": 5,
    "expire": 6,
    "silence": 7,
    "claim": 9,
}
"""The order in which the store takes what is posted together; a verb that is not here is posted alone."""

Step = tuple[str, int, int]
_ALONE = ("word", "restart", "tick")
_OFTEN = ("accept", "accept", "claim", "claim", "settle", "settle", "settle", "receipt")
_small = st.integers(0, 7)
_together = st.lists(st.tuples(st.sampled_from((*_RANKS, *_OFTEN)), _small, _small), min_size=1, max_size=5)
_alone = st.tuples(st.sampled_from(_ALONE), _small, _small).map(lambda step: [step])
_runs = st.lists(st.one_of(_together, _together, _together, _alone), min_size=30, max_size=60)
_AGREED: list[Step] = [("grant", number, category) for number in (0, 1) for category in (0, 1)]


def _post(ledger: Ledger, steps: Sequence[Step]) -> list[Check]:
    """Post the steps as they come; their checks are in the order in which the store takes them."""
    checks = [(_RANKS.get(name, 0), getattr(ledger, name)(a, b)) for name, a, b in steps]
    return [check for _, check in sorted(checks, key=lambda one: one[0])]


@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_runs)
@example([[("grant", 0, 0)], [("accept", 0, 0)], [("claim", 0, 0), ("stop", 0, 0)]])
@example([[("grant", 0, 0)], [("accept", 2, 6)], [("tick", 5, 0)], [("claim", 0, 3)], [("settle", 0, 0)]])
@example(
    [
        [("accept", 0, 0), ("claim", 0, 0)],
        [("word", 0, 0)],
        [("settle", 0, 0)],
        [("word", 0, 0)],
        [("settle", 0, 0)],
        [("receipt", 0, 0), ("receipt", 1, 0)],
    ]
)
def test_the_ledger_adds_up(runs: list[list[Step]]) -> None:
    async def main() -> None:
        with trio.fail_after(_DEADLINE_SECONDS):
            async with open_memory() as store:
                ledger = Ledger(store)
                for steps in (_AGREED, *runs):
                    for check in _post(ledger, steps):
                        await check()
                    await ledger.audit()
                await _drain(ledger)

    trio.run(main)


async def _drain(ledger: Ledger) -> None:
    """Nothing stays half-way: with a carrier that takes and delivers everything, each message comes to an end."""
    desk = ledger.desk
    desk.now += 1000
    await ledger.store.recover(Recovery(desk.now, RESEND))
    in_doubt = {doubt.message_id for doubt in await ledger.store.doubts(1000)}
    await ledger.store.settle_doubt(
        [Settlement(message_id, State.UNDELIVERED, desk.now, "given up") for message_id in in_doubt]
    )
    while segments := await desk.claim(1000):
        answers = [desk.answer(segment) for segment in segments]
        await desk.settle(*answers)
        await desk.tell(*(desk.receipt(answer.smsc_key or "") for answer in answers))
    for message_id in ledger.accepted:
        message = await desk.message(message_id)
        submitted = [segment for segment in message.segments if segment.state is State.SUBMITTED]
        await desk.tell(*(desk.receipt(segment.smsc_message_id or "", number="") for segment in submitted))
        states = {segment.state for segment in (await desk.message(message_id)).segments}
        # What a person settled as submitted has no id by which a receipt could ever find it.
        if any(segment.smsc_message_id is None for segment in submitted):
            assert states & {State.SUBMITTED}
        else:
            assert (await desk.state(message_id)) in TERMINAL
    await ledger.audit()
    assert (await ledger.store.depth(CARRIER)).queued == 0
