"""No sequence of events lets a text out after a committed opt-out, unless consent was given after it.

The oracle knows nothing of states or lines: it keeps the order of what the consumer said, and asks of every text that
leaves whether a yes stands behind the last no that covers it.
"""

from typing import Any

import hypothesis.strategies as st
import trio
from hypothesis import HealthCheck, given, settings

from gateway.model.consent import ANY, ConsentChange, ConsentState, Method
from gateway.model.message import Origin, State
from gateway.store.consent import disown, touch
from gateway.store.optins import Lapse
from gateway.store.sqlite import open_memory
from tests.contract.desk import CLIENT, DAY, NUMBER, Desk
from tests.contract.test_store_audit import check
from tests.contract.test_store_optins import CODE, MINUTE, Agent, within

PROGRAMS = ("loans", "cards")
CATEGORIES = ("servicing", "collections")
Scope = tuple[str, str]

programs, categories = st.sampled_from(PROGRAMS), st.sampled_from(CATEGORIES)
steps = st.one_of(
    st.tuples(st.just("grant"), programs, categories, st.sampled_from([0, 1, 5, 30])),
    st.tuples(st.just("revoke"), st.sampled_from((ANY, *PROGRAMS)), st.sampled_from((ANY, *CATEGORIES))),
    st.tuples(st.just("ask"), st.just("loans"), categories, st.sampled_from(list(Method))),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("code"), st.booleans()),
    st.tuples(st.just("submit"), programs, categories, st.sampled_from([0, 10])),
    st.sampled_from(
        [("stop",), ("start",), ("disown",), ("touch",), ("lapse",), ("claim",), ("claim",), ("pass", 1), ("pass", 20)]
    ),
)


class World:
    """One number, all that can happen to it, and what it said in which order."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.agent = Agent(desk)
        self.order = 0
        self.noes: list[tuple[int, str, Scope]] = []
        self.yeses: list[tuple[int, str, Scope]] = []
        self.sent = 0

    def _no(self, kind: str, program: str = ANY, category: str = ANY) -> None:
        self.order += 1
        self.noes.append((self.order, kind, (program, category)))

    def _yes(self, kind: str, program: str = ANY, category: str = ANY) -> None:
        self.order += 1
        self.yeses.append((self.order, kind, (program, category)))

    def may_go(self, program: str, category: str) -> bool:
        said_no = [(order, kind) for order, kind, scope in self.noes if _covers(scope, program, category)]
        if not said_no:
            return any(scope == (program, category) for _, _, scope in self.yeses)
        last, kind = max(said_no)
        return any(
            order > last and (scope == (program, category) or (said == "start" and kind != "disown"))
            for order, said, scope in self.yeses
        )

    async def do(self, step: tuple[Any, ...]) -> None:
        await getattr(self, f"do_{step[0]}")(*step[1:])
        self.desk.now += 1

    async def do_grant(self, program: str, category: str, age: int) -> None:
        change = ConsentChange(
            NUMBER, CLIENT, program, category, ConsentState.CONFIRMED, self.desk.now, "api", b"{}", self.desk.now - age
        )
        if (await self.desk.store.change_consents([change]))[0]:
            self._yes("grant", program, category)

    async def do_revoke(self, program: str, category: str) -> None:
        await self.desk.revoke(program=program, category=category)
        self._no("revoke", program, category)

    async def do_stop(self) -> None:
        await self.desk.stop()
        self._no("stop")

    async def do_start(self) -> None:
        await self.desk.start()
        self._yes("start")

    async def do_disown(self) -> None:
        await within(self.desk, disown, NUMBER, CLIENT, self.desk.now)
        self._no("disown")

    async def do_touch(self) -> None:
        for program in PROGRAMS:
            await within(self.desk, touch, NUMBER, CLIENT, program, self.desk.now)

    async def do_ask(self, program: str, category: str, method: Method) -> None:
        await self.agent.ask(method, most=99, category=category)

    async def do_answer(self, yes: bool) -> None:
        optin = await self.agent.answer(yes)
        if optin is not None and optin.state is ConsentState.CONFIRMED:
            self._yes("yes", optin.program, optin.category)

    async def do_code(self, right: bool) -> None:
        for optin in await self.desk.store.open_optins(NUMBER, CLIENT, "loans"):
            tried = await self.agent.tell(optin, CODE if right else "000000")
            if tried.right:
                self._yes("code", optin.program, optin.category)

    async def do_lapse(self) -> None:
        self.desk.now += DAY
        await self.desk.store.lapse_optins(Lapse(self.desk.now, 10))

    async def do_pass(self, minutes: int) -> None:
        self.desk.now += minutes * MINUTE

    async def do_submit(self, program: str, category: str, later: int) -> None:
        send_at = self.desk.now + later * MINUTE if later else None
        await self.desk.accept(
            self.desk.submission(
                program=program, category=category, send_at=send_at, expires_at=self.desk.now + 3 * DAY
            )
        )

    async def do_claim(self) -> None:
        for segment in await self.desk.claim(100):
            if segment.origin is Origin.REPLY:
                continue
            if segment.origin is Origin.CLIENT:
                self.sent += 1
                assert self.may_go(segment.program, segment.category), (segment, self.noes, self.yeses)
            else:
                # A request and its code need no consent, and yet no opt-out lets them pass.
                last = max(
                    (order for order, _, scope in self.noes if _covers(scope, "loans", segment.category)), default=0
                )
                assert not last or any(order > last for order, _, _ in self.yeses), (segment, self.noes, self.yeses)
            await self.desk.settle(self.desk.answer(segment, State.SUBMITTED))


def _covers(scope: Scope, program: str, category: str) -> bool:
    return scope[0] in (ANY, program) and scope[1] in (ANY, category)


async def _live(todo: list[tuple[Any, ...]]) -> int:
    async with open_memory() as store:
        world = World(Desk(store))
        with trio.fail_after(60):
            for step in todo:
                await world.do(step)
            world.desk.now += DAY
            await world.do_claim()
            assert await check(world.desk, limit=50) == []
        return world.sent


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, min_size=1, max_size=25))
def test_no_text_leaves_after_an_opt_out(todo: list[tuple[Any, ...]]) -> None:
    trio.run(_live, todo)


def test_texts_do_leave_otherwise() -> None:
    ways: list[list[tuple[Any, ...]]] = [
        [("grant", "loans", "servicing", 0), ("submit", "loans", "servicing", 0), ("claim",)],
        [("grant", "loans", "servicing", 0), ("stop",), ("start",), ("submit", "loans", "servicing", 0), ("claim",)],
        [("stop",), ("pass", 1), ("grant", "loans", "servicing", 0), ("submit", "loans", "servicing", 0), ("claim",)],
        [("ask", "loans", "servicing", Method.QUICK), ("answer", True), ("submit", "loans", "servicing", 10), ("pass", 20)],
        [("ask", "loans", "servicing", Method.AGENT_PIN), ("answer", True), ("code", True), ("submit", "loans", "servicing", 0)],
        [("ask", "loans", "servicing", Method.PAYMENT_PLAN), ("submit", "loans", "servicing", 0), ("answer", True)],
    ]  # fmt: skip
    for way in ways:
        assert trio.run(_live, way) == 1, way
