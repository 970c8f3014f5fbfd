"""Telling plugins: in order for each account, again where it failed, over restarts, and with no harm to anybody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import trio

from gateway.errors import Code, Transient
from gateway.flow.plugins import NOTICES_KEPT, Plugins
from gateway.hooks import Anew, Draft, GatewayApi, Refusal
from gateway.hooks.plugin import Plugin
from gateway.model.client_events import AccountPaid, AccountUpdated, ClientEvent
from gateway.model.clock import HOUR, MINUTE, SECOND, spell_instant
from gateway.model.ids import JobId
from gateway.model.notices import Job, TextOutcome
from gateway.store.deeds import Follow
from gateway.store.jobs import NewJob
from gateway.store.notices import Intake
from gateway.store.plugins import Observed
from gateway.store.setbacks import Setback
from gateway.store.writer import Posted
from tests.hooks import zoo
from tests.notices import notices_for
from tests.web.estate import NUMBER, Estate, open_estate

pytestmark = pytest.mark.usefixtures("closed")

LAST = JobId((1 << 63) - 1)


@asynccontextmanager
async def opened(*plugins: Plugin) -> AsyncIterator[tuple[Estate, Plugins]]:
    async with open_estate(plugins) as estate:
        running = estate.doors.plugins
        await running.open()
        yield estate, running


async def receive(estate: Estate, *events: ClientEvent) -> None:
    await estate.store.receive_events([Intake("acme", event, estate.clock()) for event in events])


async def tell(running: Plugins) -> None:
    """All that there is to tell now."""
    await running.jobs.once()
    for observer in running.observers.values():
        await observer.once()


def event(n: int, account: str = "A") -> AccountUpdated:
    return AccountUpdated(
        id=f"e-{n}",
        occurred_at=spell_instant(1_772_000_000_000 + n),
        account=account,
        number=NUMBER,
        program="servicing",
    )


def settled(n: int, account: str = "A") -> AccountPaid:
    return AccountPaid(id=f"e-{n}", occurred_at=spell_instant(1_772_000_000_000 + n), account=account)


class Witness:
    """Remembers what it was told, and fails where it should."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.failing: set[str] = set()

    async def __call__(self, event: ClientEvent) -> None:
        self.told.append(event.id)
        if event.id in self.failing:
            raise ValueError

    def plugin(self, name: str = "witness") -> Plugin:
        async def observe(event: Any) -> None:
            await self(event)

        return zoo.caged(name, observe_event=observe)


async def test_events_of_an_account_are_told_in_order() -> None:
    witness = Witness()
    async with opened(witness.plugin()) as (estate, running):
        await receive(estate, *(event(n) for n in range(50)))
        await tell(running)
        assert witness.told == [f"e-{n}" for n in range(50)]
        await tell(running)
        assert len(witness.told) == 50


async def test_what_one_observer_does_to_what_it_is_told_no_other_sees_and_nothing_keeps() -> None:
    seen: list[tuple[dict[str, Any], dict[str, Any]]] = []

    async def look(event: Any, api: GatewayApi) -> dict[str, Any]:
        account = await api.account(event.account)
        assert account is not None
        seen.append((dict(event.fields), dict(account.fields)))
        return {"event": event.fields, "account": account.fields}

    async def spoil(event: Any, api: GatewayApi) -> None:
        for fields in (await look(event, api)).values():
            fields.clear()

    async def witness(event: Any, api: GatewayApi) -> None:
        await look(event, api)

    spoiler, other = (zoo.caged(name, observe_event=hook) for name, hook in (("spoiler", spoil), ("witness", witness)))
    async with opened(spoiler, other) as (estate, running):
        for n in range(2):
            await receive(estate, msgspec.structs.replace(event(n), fields={f"mark-{n}": True}))
            await tell(running)
    first, second = ({"mark-0": True}, {"mark-0": True}), ({"mark-1": True}, {"mark-0": True, "mark-1": True})
    assert seen == [first, first, second, second]


async def test_what_is_newer_waits_behind_what_failed_and_other_accounts_do_not() -> None:
    witness = Witness()
    witness.failing = {"e-1"}
    async with opened(witness.plugin()) as (estate, running):
        await receive(estate, event(1), event(2), event(3, "B"))
        await tell(running)
        assert sorted(witness.told) == ["e-1", "e-3"]
        await receive(estate, event(4), event(5, "B"))
        await tell(running)
        assert witness.told[2:] == ["e-5"]
        estate.clock.instant += SECOND
        await tell(running)
        assert witness.told[3:] == ["e-1"]
        witness.failing.clear()
        estate.clock.instant += 5 * SECOND
        await tell(running)
        assert witness.told[4:] == ["e-1", "e-2", "e-4"]
        assert await estate.store.plugin_retries("witness", 10) == []


async def test_what_a_clock_that_was_set_back_brings_forward_is_told_and_nothing_waits_behind_it() -> None:
    witness = Witness()
    async with opened(witness.plugin()) as (estate, running):
        estate.clock.instant += HOUR
        witness.failing = {"e-1"}
        await receive(estate, event(1))
        await tell(running)
        witness.failing.clear()
        estate.clock.instant -= HOUR
        await estate.store.shift_retries(Setback(HOUR, estate.clock()))
        estate.clock.instant += SECOND
        await tell(running)
        assert witness.told == ["e-1", "e-1"]
        await receive(estate, event(2))
        await tell(running)
        assert witness.told == ["e-1", "e-1", "e-2"]
        assert await estate.store.plugin_retries("witness", 10) == []


async def test_after_the_last_try_it_is_given_up_and_the_account_goes_on_until_it_is_revived() -> None:
    witness = Witness()
    witness.failing = {"e-1"}
    async with opened(witness.plugin()) as (estate, running):
        await receive(estate, event(1), event(2), *(event(n, "B") for n in range(10, 30)))
        for _ in range(9):
            await tell(running)
            await receive(estate, event(estate.clock.instant, "C"))  # a success between failures
            await tell(running)
            estate.clock.instant += 6 * HOUR
        assert witness.told.count("e-1") == 8
        assert witness.told.count("e-2") == 1
        assert (await estate.store.plugin_state("witness")).dead == 1
        witness.failing.clear()
        assert await running.resume("witness") == 1
        await tell(running)
        assert witness.told[-1] == "e-1"
        assert (await estate.store.plugin_state("witness")).dead == 0


async def test_a_plugin_that_raises_on_every_call_is_suspended_and_loses_nothing() -> None:
    witness, good = Witness(), Witness()
    witness.failing = {f"e-{n}" for n in range(100)}
    async with opened(witness.plugin("bad"), good.plugin("good")) as (estate, running):
        await receive(estate, *(event(n, f"A-{n}") for n in range(100)))
        await tell(running)
        assert sorted(good.told) == sorted(f"e-{n}" for n in range(100))
        assert running.suspended == ["bad"]
        assert len(witness.told) < 40
        (change,) = [one for one in await estate.store.plugin_changes("bad", 10) if one.change == "suspended"]
        assert "ValueError" in change.detail
        witness.failing.clear()
        witness.told.clear()
        await running.resume("bad")
        await tell(running)
        estate.clock.instant += MINUTE
        await tell(running)
        assert sorted(set(witness.told)) == sorted(f"e-{n}" for n in range(100))


async def test_over_a_restart_nothing_is_told_twice_that_was_recorded() -> None:
    witness = Witness()
    async with opened(witness.plugin()) as (estate, running):
        await receive(estate, event(1))
        await tell(running)
        await receive(estate, event(2))
        again = Estate(estate.store, estate.directory, [witness.plugin()]).doors.plugins
        await again.open()
        await tell(again)
        assert witness.told == ["e-1", "e-2"]


async def test_what_was_told_again_and_could_not_be_recorded_is_told_once_more(
    monkeypatch: pytest.MonkeyPatch, nursery: trio.Nursery
) -> None:
    witness = Witness()
    witness.failing = {"e-1"}
    async with opened(witness.plugin()) as (estate, running):
        await receive(estate, event(1), event(2))
        await tell(running)
        witness.failing.clear()
        estate.clock.instant += SECOND
        record = estate.store.record_observed
        refused: list[Observed] = []

        def refuse_once(record_of: Observed) -> Posted[list[None]]:
            if not refused:
                refused.append(record_of)
                raise Transient(Code.STORE_FULL, "full", after=0.001)
            return record(record_of)

        monkeypatch.setattr(estate.store, "record_observed", refuse_once)
        nursery.start_soon(running.run)
        while await estate.store.plugin_retries("witness", 10):
            await trio.sleep(0.001)
        running.stop()
        assert witness.told == ["e-1", *["e-1", "e-2"] * 2]


async def test_events_of_a_type_that_a_plugin_did_not_declare_are_not_told_to_it() -> None:
    picky, curious = Witness(), Witness()
    one = picky.plugin("picky")
    one.events = frozenset({"account.paid"})
    async with opened(one, curious.plugin("curious")) as (estate, running):
        await receive(estate, event(1), settled(2), event(3))
        await tell(running)
        assert (picky.told, curious.told) == (["e-2"], ["e-1", "e-2", "e-3"])
        state = await estate.store.plugin_state("picky")
        assert state.cursor == state.last
        assert await estate.store.plugin_retries("picky", 10) == []


async def test_what_waits_to_be_told_again_is_dropped_when_the_plugin_declares_its_type_no_more() -> None:
    witness = Witness()
    witness.failing = {"e-1"}
    async with opened(witness.plugin()) as (estate, running):
        await receive(estate, event(1), settled(2))
        await tell(running)
        estate.clock.instant += SECOND
        plugin = witness.plugin()
        plugin.events = frozenset({"account.paid"})
        restarted = Estate(estate.store, estate.directory, [plugin])
        restarted.clock.instant = estate.clock.instant
        await restarted.doors.plugins.open()
        await tell(restarted.doors.plugins)
        assert witness.told == ["e-1", "e-2"]
        assert await estate.store.plugin_retries("witness", 10) == []


async def test_a_plugin_that_declares_another_type_hears_it_from_where_it_had_read_to() -> None:
    witness = Witness()
    plugin = witness.plugin()
    plugin.events = frozenset({"account.paid"})
    async with opened(plugin) as (estate, running):
        await receive(estate, event(1))
        await tell(running)
        await receive(estate, event(2), settled(3))  # while it is down
        again = Estate(estate.store, estate.directory, [witness.plugin(), Witness().plugin("new")]).doors.plugins
        await again.open()
        await tell(again)
        assert witness.told == ["e-2", "e-3"]


async def test_a_plugin_that_is_enabled_later_hears_what_comes_from_then_on() -> None:
    first, later = Witness(), Witness()
    async with opened(first.plugin("first")) as (estate, running):
        await receive(estate, event(1))
        await tell(running)
        both = [first.plugin("first"), later.plugin("later")]
        again = Estate(estate.store, estate.directory, both).doors.plugins
        await again.open()
        await receive(estate, event(2))  # and then it is down before it could tell
        after = Estate(estate.store, estate.directory, both).doors.plugins
        await after.open()
        await tell(after)
        assert (first.told, later.told) == (["e-1", "e-2"], ["e-2"])


async def test_only_those_are_woken_whom_it_concerns() -> None:
    picky = Witness().plugin("picky")
    picky.events = frozenset({"account.paid"})
    woken: list[str] = []
    async with opened(picky, Witness().plugin("curious")) as (estate, running):
        for name, observer in running.observers.items():
            observer.wake = lambda name=name: woken.append(name)  # type: ignore[method-assign, misc]
        estate.store.on_notice(running.noticed)
        await receive(estate, event(1))
        assert woken == ["curious"]
        await receive(estate, settled(2))
        assert woken == ["curious", "picky", "curious"]


async def test_running_a_plugin_is_told_as_soon_as_it_is_on_disk(nursery: trio.Nursery) -> None:
    heard = trio.Event()
    token = trio.lowlevel.current_trio_token()

    async def hears(event: Any) -> None:
        token.run_sync_soon(heard.set)

    async with opened(zoo.caged("hears", observe_event=hears)) as (estate, running):
        estate.store.on_notice(running.noticed)
        nursery.start_soon(running.run)
        await receive(estate, event(1))
        await heard.wait()
        running.stop()


async def test_a_plugin_that_blocks_holds_up_neither_texts_nor_other_plugins(nursery: trio.Nursery) -> None:
    witness = Witness()
    async with opened(zoo.caged("blocks", observe_event=zoo.blocks), witness.plugin()) as (estate, running):
        await receive(estate, event(1))
        nursery.start_soon(running.observers["blocks"].once)
        await running.observers["witness"].once()
        await estate.consent()
        await estate.text()
        assert witness.told == ["e-1"]
        zoo.released.set()


async def test_jobs_that_a_plugin_schedules_are_told_to_it_alone() -> None:
    told: list[tuple[str, Job]] = []

    async def schedules(event: Any, api: GatewayApi) -> None:
        await api.schedule(f"later/{event.id}", api.now + HOUR, {"event": event.id}, account=event.account)

    async def ones(job: Job) -> None:
        told.append(("one", job))

    async def others(job: Job) -> None:
        told.append(("other", job))

    one = zoo.caged("one", observe_event=schedules, observe_job=ones)
    other = zoo.caged("other", observe_job=others)
    async with opened(one, other) as (estate, running):
        await receive(estate, event(1))
        await tell(running)
        assert told == []
        estate.clock.instant += HOUR
        await tell(running)
        await tell(running)
        assert [(name, job.payload) for name, job in told] == [("one", {"event": "e-1"})]
        (kept,) = await estate.store.jobs_of_account("acme", "A", LAST, 10)
        assert kept.state == "told"


@pytest.mark.parametrize("anew", [False, True])
async def test_a_job_is_told_whose_hook_was_out_of_time_before_it_heard_of_the_disk(anew: bool) -> None:
    told: list[str] = []

    async def observes(job: Job) -> None:
        told.append(job.key)

    plugin = zoo.caged("one", observe_job=observes)
    async with opened(plugin) as (estate, running):
        api = running.api(plugin, "acme")
        if anew:
            await api.schedule("old", estate.clock() + 2 * HOUR, account="A")
        await tell(running)
        with trio.move_on_after(0) as time:  # what was posted is written nevertheless
            if anew:
                await api.cancel("old", anew=Anew("new", "A"))
            else:
                await api.schedule("new", estate.clock() + HOUR, account="A")
        assert time.cancelled_caught
        estate.clock.instant += HOUR
        await tell(running)
        assert told == ["new"]


async def test_jobs_of_a_suspended_plugin_wait_for_it() -> None:
    told: list[Job] = []

    async def observes(job: Job) -> None:
        told.append(job)

    async with opened(zoo.caged("one", observe_job=observes)) as (estate, running):
        now = estate.clock()
        for key, policy in (("a", "send_late"), ("b", "skip")):
            await estate.store.schedule(NewJob("one", "acme", key, "A", now, policy, "UTC", b"{}", now))  # type: ignore[arg-type]
        running.host.standing["one"].suspended = "for a test"
        await tell(running)
        assert told == []
        estate.clock.instant += HOUR
        await running.resume("one")
        await tell(running)
        assert [(job.key, job.late) for job in told] == [("a", True)]


async def test_a_plugin_hears_what_became_of_its_texts() -> None:
    outcomes: list[TextOutcome] = []

    async def texts(event: Any, api: GatewayApi) -> None:
        await api.submit(f"t/{event.id}", account=event.account, category="servicing", text="Hello. Reply STOP to end.")

    async def hears(outcome: TextOutcome) -> None:
        outcomes.append(outcome)

    async with opened(zoo.caged("texts", observe_event=texts, observe_text=hears)) as (estate, running):
        await follow(estate)
        await receive(estate, event(1))
        await tell(running)
        await follow(estate)
        await tell(running)
        assert [(one.key, one.state, one.code) for one in outcomes] == [("t/e-1", "blocked", "consent.missing")]


async def follow(estate: Estate) -> None:
    while (await estate.store.follow_texts(Follow("acme", 5000)))[0]:
        pass


async def test_a_decider_refuses_texts_of_clients_and_of_plugins_and_stands_in_the_decision() -> None:
    def decides(draft: Draft) -> Refusal | None:
        return Refusal("not today") if "promo" in draft.text else None

    async with opened(zoo.caged("strict", decide_text=decides)) as (estate, _):
        await estate.consent()
        fine = await estate.ask("POST", "/v1/messages", wish("Your payment is due."))
        refused = await estate.ask("POST", "/v1/messages", wish("A promo for you."))
        assert fine.status == 202
        assert (refused.status, refused.body["code"]) == (422, "plugin.refused")
        findings = {one["rule"]: one for one in refused.body["decision"]["findings"]}
        assert findings["plugin strict"]["detail"] == "not today"


async def test_a_decider_cannot_let_pass_what_the_rules_refuse() -> None:
    async with opened(zoo.caged("kind", decide_text=lambda draft: None)) as (estate, _):
        refused = await estate.ask("POST", "/v1/messages", wish("Hello"))
        assert (refused.status, refused.body["code"]) == (422, "consent.missing")


@pytest.mark.parametrize("decider", [zoo.decide_raises, zoo.decide_rubbish])
async def test_while_a_decider_cannot_be_asked_texts_are_turned_away_for_now(decider: Any) -> None:
    async with opened(zoo.caged("broken", decide_text=decider)) as (estate, _):
        await estate.consent()
        for _ in range(8):
            answer = await estate.ask("POST", "/v1/messages", wish("Hello"))
            assert (answer.status, answer.body["code"]) == (503, "plugin.failed")


def wish(text: str) -> dict[str, str]:
    return {"to": NUMBER, "program": "servicing", "category": "servicing", "text": text}


async def test_operators_see_how_plugins_do_and_resume_them() -> None:
    witness = Witness()
    witness.failing = {f"e-{n}" for n in range(9)}
    async with opened(witness.plugin("bad"), Witness().plugin("good")) as (estate, running):
        await receive(estate, *(event(n, f"A-{n}") for n in range(9)))
        await tell(running)
        views = (await estate.operate("GET", "/v1/plugins")).body["plugins"]
        assert [(view["plugin"], view["state"]) for view in views] == [("bad", "suspended"), ("good", "running")]
        assert views[0]["failed"] >= 5
        assert views[1]["failed"] == 0
        assert views[0]["waiting"] == 9
        ready = await estate.operate("GET", "/readyz")
        assert any("1 plugins" in warning for warning in ready.body["warnings"])
        detail = (await estate.operate("GET", "/v1/plugins/bad")).body
        assert [change["change"] for change in detail["changes"]] == ["suspended", "enabled"]
        assert detail["hooks"] == ["declare_info", "observe_event"]
        assert len(detail["again"]) == 9
        assert (await estate.operate("POST", "/v1/plugins/bad/resume")).status == 200
        assert (await estate.operate("POST", "/v1/plugins/absent/resume")).status == 404
        assert (await estate.operate("GET", "/v1/plugins/absent")).status == 404
        views = (await estate.operate("GET", "/v1/plugins")).body["plugins"]
        assert views[0]["state"] == "running"


async def test_a_plugin_that_only_decides_is_never_behind_and_keeps_nothing_in_the_log() -> None:
    decider = zoo.caged("decider", decide_text=lambda draft: None)
    async with opened(decider, Witness().plugin()) as (estate, running):
        await receive(estate, *(event(n) for n in range(3)))
        await tell(running)
        views = (await estate.operate("GET", "/v1/plugins")).body["plugins"]
        assert [(view["plugin"], view["behind"]) for view in views] == [("decider", 0), ("witness", 0)]
        estate.clock.instant += NOTICES_KEPT + SECOND
        await running.tend()
        assert await notices_for(estate.store, "witness") == []


async def test_the_paid_account_is_asked_for_nothing_though_the_plugin_wants_to() -> None:
    async def asks(event: Any, api: GatewayApi) -> None:
        await api.submit(
            "r", account="A", category="servicing", text="Please pay. Reply STOP to end.", unless_paid=True
        )

    async with opened(zoo.caged("asks", observe_event=asks)) as (estate, running):
        await estate.consent()
        await receive(estate, event(1))
        await receive(estate, AccountPaid(id="p", occurred_at=spell_instant(estate.clock()), account="A"))
        await tell(running)
        assert await estate.claim() == ()
