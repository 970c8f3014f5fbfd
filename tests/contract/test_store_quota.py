"""Carriers' limits in the claim: counted on disk, texts set aside in order, others let by."""

from zoneinfo import ZoneInfo

import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import Code
from gateway.model.clock import MINUTE
from gateway.model.message import Origin, State
from gateway.rules.quota import Limit, Per, Scope
from gateway.store.claim import Claim, Claims
from gateway.store.quota import Recall
from gateway.store.sqlite import open_memory
from tests.contract.desk import BIND, CARRIER, NOON, OTHER_NUMBER, Desk
from tests.policies import look_again

TURN = NOON - NOON % MINUTE + MINUTE
UTC = ZoneInfo("UTC")


def limit(segments: int, scope: Scope = Scope.PROGRAM, per: Per = Per.MINUTE) -> Limit:
    return Limit(scope, per, segments, UTC)


async def claims(desk: Desk, *limits: Limit, most: int = 10, bind: str = BIND, others: tuple[str, ...] = ()) -> Claims:
    wish = Claim(CARRIER, bind, most, desk.now, look_again, frozenset(others), limits)
    return (await desk.store.claim(wish))[0]


async def ids(desk: Desk, *limits: Limit, most: int = 10) -> list[int]:
    return [segment.message_id for segment in (await claims(desk, *limits, most=most)).segments]


async def test_what_is_over_the_limit_waits_for_the_window_to_turn(desk: Desk) -> None:
    queued = [await desk.queue() for _ in range(5)]
    assert await ids(desk, limit(3)) == queued[:3]
    # Not at once again and again, but when the minute turns.
    assert await claims(desk, limit(3)) == Claims((), TURN)
    desk.now = TURN - 1
    assert await claims(desk, limit(3)) == Claims((), TURN)
    # Neither of them has moved in the eyes of anybody.
    assert [await desk.state(message_id) for message_id in queued[3:]] == [State.QUEUED] * 2
    assert await desk.kinds(queued[3]) == ["accepted"]
    assert (await desk.store.depth(CARRIER)).queued == 2
    assert await desk.store.waiting(CARRIER) == [("program/minute/acme/loans", 2)]
    assert (await desk.message(queued[3])).segments[0].waits == "program/minute/acme/loans"
    desk.now = TURN
    assert await ids(desk, limit(3)) == queued[3:]
    assert await desk.store.waiting(CARRIER) == []


async def test_others_behind_them_go_on(desk: Desk) -> None:
    loans = [await desk.queue() for _ in range(30)]
    cards = [await desk.queue(program="cards") for _ in range(4)]
    assert await ids(desk, limit(2)) == [*loans[:2], *cards[:2]]
    assert await ids(desk, limit(2)) == []
    desk.now = TURN
    assert await ids(desk, limit(2), most=3) == [*loans[2:4], cards[2]]
    assert await ids(desk, limit(2), most=3) == [cards[3]]


async def test_the_next_due_text_may_be_earlier_than_the_turn(desk: Desk) -> None:
    await desk.queue()
    await desk.queue()
    await ids(desk, limit(1))
    await desk.queue(program="cards", send_at=NOON + 500)
    assert (await claims(desk, limit(1))).next_due == NOON + 500


async def test_a_newcomer_does_not_overtake_who_waits(desk: Desk) -> None:
    first, second, third = [await desk.queue() for _ in range(3)]
    assert await ids(desk, limit(1)) == [first]
    assert await ids(desk, limit(1)) == []
    desk.now = TURN
    fourth = await desk.queue()
    assert await ids(desk, limit(2)) == [second, third]
    assert await ids(desk, limit(2)) == []
    desk.now += MINUTE
    assert await ids(desk, limit(2)) == [fourth]


async def test_priority_counts_among_those_who_wait(desk: Desk) -> None:
    plain = [await desk.queue(priority=2) for _ in range(3)]
    urgent = await desk.queue(priority=0)
    assert await ids(desk, limit(1)) == [urgent]
    later = await desk.queue(priority=1)
    assert await ids(desk, limit(1)) == []
    desk.now = TURN
    assert await ids(desk, limit(2)) == [later, plain[0]]


async def test_a_text_goes_as_a_whole_or_not_at_all(desk: Desk) -> None:
    short, long, behind = await desk.queue(), await desk.queue(segments=3), await desk.queue()
    # Two places are left, three are needed; who is behind does not slip through.
    assert await ids(desk, limit(3)) == [short]
    assert await desk.store.waiting(CARRIER) == [("program/minute/acme/loans", 4)]
    assert await ids(desk, limit(3)) == []
    desk.now = TURN
    assert await ids(desk, limit(3)) == [long] * 3
    desk.now += MINUTE
    assert await ids(desk, limit(3)) == [behind]


async def test_a_text_that_has_begun_has_its_places(desk: Desk) -> None:
    long, short = await desk.queue(segments=3), await desk.queue()
    assert await ids(desk, limit(3), most=1) == [long]
    urgent = await desk.queue(priority=0)
    assert await ids(desk, limit(3), most=1) == [long]
    assert await ids(desk, limit(3)) == [long]
    desk.now = TURN
    assert await ids(desk, limit(3)) == [urgent, short]


async def test_a_text_larger_than_the_limit_goes_first_and_is_made_up_for(desk: Desk) -> None:
    long, short = await desk.queue(segments=3), await desk.queue()
    assert await ids(desk, limit(2)) == [long] * 3
    desk.now = TURN
    assert await ids(desk, limit(2)) == [short]  # one of the two places of this minute
    more = [await desk.queue() for _ in range(2)]
    assert await ids(desk, limit(2)) == []
    desk.now += MINUTE
    assert await ids(desk, limit(2)) == more


async def test_a_text_that_comes_back_is_counted_once_a_window(desk: Desk) -> None:
    text, other = await desk.queue(), await desk.queue()
    (segment,) = (await claims(desk, limit(1))).segments
    await desk.settle(desk.answer(segment, State.QUEUED, due_at=NOON, spent=False))
    (again,) = (await claims(desk, limit(1))).segments
    assert again.message_id == text
    await desk.settle(desk.answer(again, State.QUEUED, due_at=NOON, spent=False))
    desk.now = TURN
    assert await ids(desk, limit(1)) == [text]
    assert await ids(desk, limit(1)) == []
    desk.now += MINUTE
    assert await ids(desk, limit(1)) == [other]


async def test_every_scope_counts_its_own(desk: Desk) -> None:
    one = [await desk.queue(program="a", sender="+12025550101") for _ in range(2)]
    two = [await desk.queue(program="b", sender="+12025550101") for _ in range(2)]
    three = [await desk.queue(program="b", sender="+12025550102") for _ in range(2)]
    everybody = limit(5, Scope.ACCOUNT)
    client = limit(4, Scope.CLIENT)
    sender = limit(3, Scope.SENDER)
    program = limit(2, Scope.PROGRAM)
    assert await ids(desk, everybody, client, sender, program) == [*one, two[0], three[0]]
    assert dict(await desk.store.waiting(CARRIER)) == {"client/minute/acme": 1, "sender/minute/+12025550101": 1}
    desk.now = TURN
    assert await ids(desk, everybody, client, sender, program) == [two[1], three[1]]


async def test_two_binds_in_one_batch_share_the_limit(desk: Desk) -> None:
    queued = [await desk.queue() for _ in range(6)]
    wishes = [Claim(CARRIER, bind, 4, desk.now, look_again, limits=(limit(5),)) for bind in ("sim/0", "sim/1")]
    posted = [desk.store.claim(wish) for wish in wishes]
    got = [[segment.message_id for segment in (await one)[0].segments] for one in posted]
    assert got == [queued[:4], queued[4:5]]


async def test_an_answer_to_a_consumer_is_counted_and_never_waits(desk: Desk) -> None:
    await desk.queue()
    assert len(await ids(desk, limit(1))) == 1
    reply = desk.submission(number=OTHER_NUMBER, origin=Origin.REPLY, expires_at=NOON + 1000)
    await desk.accept(reply)
    assert await ids(desk, limit(1)) == [reply.id]
    behind = await desk.queue()
    desk.now = TURN
    assert await ids(desk, limit(1)) == []  # the reply took a place of this minute
    desk.now += MINUTE
    assert await ids(desk, limit(1)) == [behind]


async def test_who_waits_can_be_cancelled_blocked_and_expire(desk: Desk) -> None:
    await desk.queue()
    expiring = await desk.queue(expires_at=NOON + 10)
    blocked = await desk.queue()
    await ids(desk, limit(1))
    await ids(desk, limit(1))
    desk.now += 10
    assert await desk.store.overdue_waiting(CARRIER, desk.now, 10) == (expiring,)
    assert await desk.store.overdue(CARRIER, desk.now, 10) == ()
    await desk.stop()
    assert await desk.state(blocked) is State.BLOCKED
    desk.now = TURN
    (reply,) = (await claims(desk, limit(2))).segments
    assert reply.origin is Origin.REPLY
    message = await desk.message(expiring)
    assert (message.state, message.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)


async def test_a_limit_that_was_raised_or_removed_holds_nobody(desk: Desk) -> None:
    queued = [await desk.queue() for _ in range(6)]
    assert await ids(desk, limit(1)) == queued[:1]
    assert await ids(desk, limit(1)) == []
    assert await ids(desk, limit(3)) == queued[1:3]
    assert await ids(desk, limit(100, Scope.CLIENT), most=1) == queued[3:4]
    # Without limits a claim does not look for them: whoever removes the last one calls them back.
    assert (await desk.claims(10)).segments == ()
    assert await desk.store.recall(Recall(CARRIER, 1)) == [1]
    assert await desk.store.recall(Recall(CARRIER, 10)) == [1]
    assert [segment.message_id for segment in await desk.claim(10)] == queued[4:]


async def test_a_deep_queue_over_its_limit_is_set_aside_in_bounded_claims(desk: Desk) -> None:
    await desk.grant()
    await desk.accept(*(desk.submission() for _ in range(2500)))
    other = await desk.queue(program="cards")
    assert len(await ids(desk, limit(1), most=1)) == 1
    rounds = 0
    while not (got := await claims(desk, limit(1), most=1)).segments:
        assert got.next_due == desk.now
        rounds += 1
        assert rounds < 10
    assert [segment.message_id for segment in got.segments] == [other]
    assert await claims(desk, limit(1), most=1) == Claims((), TURN)


class Traffic:
    """Texts of some programs, and a carrier that takes what it is given."""

    def __init__(self, desk: Desk, limits: tuple[Limit, ...]) -> None:
        self.desk = desk
        self.limits = limits
        self.queued: dict[int, int] = {}
        """How many segments each text has."""
        self.went: list[tuple[int, str, int, int]] = []
        """Minute, program, text and segment."""

    async def step(self, what: str, a: int, b: int) -> None:
        if what == "text":
            self.queued[await self.desk.queue(program=f"p{a}", segments=b)] = b
        elif what == "claim":
            await self.claim(a)
        else:
            self.desk.now += a * 1000

    async def claim(self, most: int) -> Claims:
        got = await claims(self.desk, *self.limits, most=most)
        minute = self.desk.now // MINUTE
        self.went += [(minute, segment.program, segment.message_id, segment.n) for segment in got.segments]
        await self.desk.settle(*(self.desk.answer(segment) for segment in got.segments))
        return got

    async def finish(self) -> None:
        """Claim until nothing is left, looking only when it was said to."""
        while len((got := await self.claim(5)).segments) == 5 or got.next_due is not None:
            if got.next_due is not None:
                assert got.segments or got.next_due > self.desk.now
                self.desk.now = got.next_due


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("text"), st.integers(0, 3), st.integers(1, 3)),
            st.tuples(st.just("claim"), st.integers(1, 6), st.just(0)),
            st.tuples(st.just("wait"), st.integers(1, 90), st.just(0)),
        ),
        max_size=40,
    ),
    st.integers(3, 6),
    st.integers(3, 9),
)
async def test_no_window_takes_too_much_and_nothing_is_forgotten(
    steps: list[tuple[str, int, int]], per_program: int, per_client: int
) -> None:
    limits = (limit(per_program), limit(per_client, Scope.CLIENT))
    with trio.fail_after(30):
        async with open_memory() as store:
            traffic = Traffic(Desk(store), limits)
            for step in steps:
                await traffic.step(*step)
            await traffic.finish()
    for minute in {minute for minute, *_ in traffic.went}:
        programs = [program for at, program, *_ in traffic.went if at == minute]
        assert len(programs) <= per_client
        assert all(programs.count(program) <= per_program for program in programs)
    for message_id, segments in traffic.queued.items():
        assert [n for *_, text, n in traffic.went if text == message_id] == list(range(1, segments + 1))
    assert len(traffic.went) == sum(traffic.queued.values())
