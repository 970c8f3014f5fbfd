"""The fence: what plugins do wrong stays theirs."""

import re
import threading
from contextlib import suppress
from typing import Any

import pytest
import trio

from gateway.errors import Code, Transient
from gateway.hooks import Draft, GatewayApi, Refusal, Settings
from gateway.hooks.fake import FakeGateway
from gateway.hooks.host import CallLimits, Host, PluginFailed
from gateway.hooks.plugin import Plugin
from gateway.metrics import Metrics
from gateway.model.account import Account, Due, Standing
from gateway.model.client_events import AccountPaid
from tests.hooks import zoo

pytestmark = pytest.mark.usefixtures("closed")

EVENT = AccountPaid(id="e", occurred_at="2026-03-02T15:00:00Z", account="A", number="+12025550123")
LIMITS = CallLimits(observe_seconds=0.2, decide_seconds=0.2, places=2, failures=3)


def host_of(*plugins: Plugin, limits: CallLimits = LIMITS) -> Host:
    return Host(plugins, Metrics(), limits)


def draft(number: str = "+12025550123", account: str | None = None) -> Draft:
    return Draft("acme", "servicing", "servicing", number, "Hello", None, account, None, 0)


async def tell(host: Host, event: Any = EVENT) -> None:
    await host.observe(host.plugins[0], "observe_event", {"event": event}, FakeGateway())


# Observers.


@pytest.mark.parametrize(
    ("observer", "told"),
    [
        (zoo.raises, "ValueError at zoo.py"),
        (zoo.exits, "SystemExit"),
        (zoo.blocks, "did not return in time"),
        (zoo.loops, "did not return in time"),
        (zoo.swallows, "did not return in time"),
        (zoo.sleeps, "RuntimeError"),
        (zoo.mutates, "AttributeError"),
    ],
)
async def test_a_failing_observer_is_told_without_what_it_was_told(observer: Any, told: str) -> None:
    host = host_of(zoo.caged("animal", observe_event=observer))
    with pytest.raises(PluginFailed, match=told) as caught:
        await tell(host)
    assert "2025550123" not in str(caught.value)
    assert host.standing["animal"].failures == 1


@pytest.mark.parametrize(
    ("observer", "told"),
    [
        (zoo.refused, r"Rejected \(template\.unknown, template\) at zoo\.py:\d+"),
        (zoo.trips_elsewhere, r"JSONDecodeError at zoo\.py:\d+"),
        (zoo.sleeps, r"RuntimeError at zoo\.py:\d+"),
    ],
)
async def test_a_failure_is_told_by_the_line_of_the_plugin_s_own_code(observer: Any, told: str) -> None:
    module = zoo.animal("animal", observe_event=observer)
    module.__file__ = zoo.__file__
    gateway = FakeGateway(module)
    gateway.learn(EVENT)
    host = host_of(Plugin("animal", module))
    with pytest.raises(PluginFailed) as caught:
        await host.observe(host.plugins[0], "observe_event", {"event": EVENT}, gateway)
    assert re.fullmatch(told, str(caught.value))


async def test_what_an_observer_returns_is_nobodys_business() -> None:
    host = host_of(zoo.caged("animal", observe_event=zoo.returns_rubbish))
    await tell(host)
    assert host.standing["animal"].failures == 0


@pytest.mark.parametrize("observer", [zoo.blocks, zoo.loops])
async def test_the_loop_goes_on_while_a_plugin_blocks_or_computes(observer: Any) -> None:
    host = host_of(zoo.caged("animal", observe_event=observer))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await trio.sleep(0.001)
            ticks += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(tick)
        with pytest.raises(PluginFailed):
            await tell(host)
        nursery.cancel_scope.cancel()
    assert ticks > 1


async def test_a_thread_that_computes_for_ever_is_ended() -> None:
    ended = trio.Event()
    token = trio.lowlevel.current_trio_token()

    async def computes(event: Any) -> None:
        try:
            while True:
                pass
        finally:
            token.run_sync_soon(ended.set)

    host = host_of(zoo.caged("animal", observe_event=computes))
    with pytest.raises(PluginFailed):
        await tell(host)
    await ended.wait()


async def test_what_computes_too_long_is_given_up_long_before_its_time() -> None:
    host = host_of(
        zoo.caged("animal", observe_event=zoo.loops), limits=CallLimits(observe_seconds=50, cpu_seconds=0.05)
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(host.watch)
        with pytest.raises(PluginFailed):
            await tell(host)
        nursery.cancel_scope.cancel()


async def test_what_fails_fails_alone_and_what_succeeds_goes_side_by_side() -> None:
    inside = most = succeeded = 0
    lock = threading.Lock()

    async def counts(event: Any, api: GatewayApi) -> None:
        nonlocal inside, most, succeeded
        with lock:
            inside += 1
            most = max(most, inside)
        await api.account("A")
        with lock:
            inside -= 1
            succeeded += event is not bad
        if event is bad:
            raise ValueError

    class Slow(FakeGateway):
        async def account(self, account: str) -> Account | None:
            with trio.move_on_after(10.0):
                await trio.sleep(0.001)
                # Each success lets one more in; those are still on their way to their threads.
                while inside < min(1 + succeeded, 4, 20 - succeeded):
                    await trio.sleep(0.001)
            return None

    plugin = zoo.caged("animal", observe_event=counts)
    host = host_of(plugin, limits=CallLimits(places=4, failures=100))
    bad = AccountPaid(id="bad", occurred_at="2026-03-02T15:00:00Z", account="A")

    async def tell_one(event: Any) -> None:
        with suppress(PluginFailed):
            await host.observe(plugin, "observe_event", {"event": event}, Slow())

    for event, expected in ((bad, 1), (EVENT, 4)):
        most = 0
        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(tell_one, event)
        assert most == expected


async def test_neither_one_that_blocks_nor_one_that_raises_keeps_back_those_told_with_them() -> None:
    told: list[str] = []

    async def hears(event: Any, api: GatewayApi) -> None:
        await api.account("A")
        told.append(event.id)
        if event.id == "blocks":
            zoo.released.wait(60)
        if event.id == "raises":
            raise ValueError

    plugin = zoo.caged("animal", observe_event=hears)
    host = host_of(plugin, limits=CallLimits(observe_seconds=50))
    failed: list[str] = []

    async def tell_one(name: str) -> None:
        try:
            await tell(host, AccountPaid(id=name, occurred_at=EVENT.occurred_at, account=name))
        except PluginFailed:
            failed.append(name)

    names = [f"e-{n}" for n in range(20)]
    for name in names:
        await tell_one(name)  # that as many as that may be told side by side
    async with trio.open_nursery() as nursery:
        nursery.start_soon(host.watch)
        async with trio.open_nursery() as telling:
            for name in ("blocks", *names[:10], "raises", *names[10:]):
                telling.start_soon(tell_one, name)
            while len(told) < 42 or not failed:
                await trio.sleep(0.001)
            zoo.released.set()
        nursery.cancel_scope.cancel()
    assert sorted(told) == sorted([*names, *names, "blocks", "raises"])
    assert failed == ["raises"]


async def test_a_plugin_that_keeps_failing_is_suspended_and_can_be_resumed() -> None:
    host = host_of(zoo.caged("animal", observe_event=zoo.raises))
    told: list[tuple[str, str]] = []
    host.suspended = lambda name, reason: told.append((name, reason))
    for _ in range(5):
        with pytest.raises(PluginFailed):
            await tell(host)
    standing = host.standing["animal"]
    assert (standing.calls, standing.failed) == (3, 3)
    assert [name for name, _ in told] == ["animal"]
    assert "ValueError" in told[0][1]
    assert host.resume("animal")
    assert not host.resume("animal")
    with pytest.raises(PluginFailed, match="ValueError"):
        await tell(host)


async def test_one_success_forgives_the_failures_before_it() -> None:
    turns = iter([True, True, False, True, True])

    async def sometimes(event: Any) -> None:
        if next(turns):
            raise ValueError

    host = host_of(zoo.caged("animal", observe_event=sometimes))
    for fails in (True, True, False, True, True):
        if fails:
            with pytest.raises(PluginFailed):
                await tell(host)
        else:
            await tell(host)
    assert host.standing["animal"].suspended is None


async def test_what_the_gateway_could_not_do_is_not_the_plugins_fault() -> None:
    class Busy(FakeGateway):
        async def account(self, account: str) -> Account | None:
            raise Transient(Code.STORE_UNAVAILABLE, "busy")

    async def looks(event: Any, api: GatewayApi) -> None:
        await api.account("A")

    plugin = zoo.caged("animal", observe_event=looks)
    host = host_of(plugin)
    for _ in range(5):
        with pytest.raises(Transient):
            await host.observe(plugin, "observe_event", {"event": EVENT}, Busy())
    assert host.standing["animal"].failures == 0


async def test_an_observer_acts_on_the_gateways_loop_and_sees_nothing_but_its_calls() -> None:
    seen: list[Any] = []

    async def acts(event: Any, api: GatewayApi) -> None:
        await api.schedule("k", api.now + 5, account="A")
        seen.append((api.client, await api.account("A")))
        with pytest.raises(AttributeError):
            api._jobs  # type: ignore[attr-defined] # noqa: B018

    gateway = FakeGateway()
    plugin = zoo.caged("animal", observe_event=acts)
    await host_of(plugin).observe(plugin, "observe_event", {"event": EVENT}, gateway)
    assert [job.key for job in gateway.jobs] == ["k"]
    assert seen == [("acme", None)]


@pytest.mark.parametrize("trace", [True, False])
async def test_a_traced_call_is_logged_without_what_it_was_told(caplog: pytest.LogCaptureFixture, trace: bool) -> None:
    plugin = zoo.caged("animal", observe_event=zoo.returns_rubbish)
    plugin.settings = Settings(trace=trace)
    with caplog.at_level("INFO"):
        await tell(host_of(plugin))
    fields = [record.__dict__ for record in caplog.records if record.message == "plugin called"]
    assert len(fields) == trace
    assert "+12025550123" not in str(fields)
    if trace:
        assert "observe_event" in str(fields)
        assert "animal" in str(fields)


# Deciders.


async def decide(*plugins: Plugin, limits: CallLimits = LIMITS, **settings: Any) -> dict[int, tuple[str, str]]:
    for plugin in plugins:
        plugin.settings = Settings(**settings)
    return await host_of(*plugins, limits=limits).decide("acme", [draft(), draft("+12025550124")], {})


async def test_the_first_refusal_counts_and_nobody_can_undo_it() -> None:
    first = zoo.caged("first", decide_text=lambda draft: Refusal("no") if draft.number.endswith("4") else None)
    second = zoo.caged("second", decide_text=lambda draft: Refusal("neither"))
    third = zoo.caged("third", decide_text=lambda draft: None)
    assert await decide(first, second, third) == {1: ("first", "no"), 0: ("second", "neither")}


@pytest.mark.parametrize("decider", [zoo.decide_raises, zoo.decide_blocks, zoo.decide_rubbish])
async def test_a_decider_that_cannot_be_asked_lets_nothing_pass_unless_its_operator_said_so(decider: Any) -> None:
    with pytest.raises(PluginFailed):
        await decide(zoo.caged("animal", decide_text=decider))
    assert await decide(zoo.caged("animal", decide_text=decider), when_failing="pass") == {}


async def test_a_decider_is_asked_for_its_clients_alone() -> None:
    assert await decide(zoo.caged("animal", decide_text=zoo.decide_raises), clients=("globex",)) == {}


async def test_what_one_decider_does_to_its_arguments_the_next_does_not_see() -> None:
    seen: list[int] = []

    def counts(draft: Draft, account: Account | None) -> None:
        seen.append(len(account.invoices) if account is not None else -1)

    account = Account("acme", "A", invoices={"I": Due(Standing.OPEN, 1)})
    host = host_of(zoo.caged("one", decide_text=zoo.decide_mutates), zoo.caged("two", decide_text=counts))
    await host.decide("acme", [draft(account="A")], {"A": account})
    assert seen == [1]
    assert len(account.invoices) == 1


async def test_a_suspended_decider_that_may_be_passed_costs_no_time() -> None:
    plugin = zoo.caged("animal", decide_text=zoo.decide_blocks)
    plugin.settings = Settings(when_failing="pass")
    host = host_of(plugin, limits=CallLimits(decide_seconds=0.01, failures=2, places=8))
    for _ in range(5):
        assert await host.decide("acme", [draft()], {}) == {}
    assert host.standing["animal"].calls == 2


async def test_a_keyword_is_found_whatever_stands_around_it() -> None:
    plugin = zoo.caged("pays", observe_reply=zoo.hears_reply)
    plugin.keywords = frozenset({"pay"})
    host = Host([plugin], Metrics())
    assert host.keyword("acme", " PAY! ") == ("pays", "pay")
    assert host.keyword("acme", "pay me") is None
    plugin.settings = Settings(clients=("globex",))
    assert host.keyword("acme", "pay") is None
