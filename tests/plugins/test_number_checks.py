"""Checks for reassigned numbers: asked for once a day where a consent is stale, and what comes of the answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import trio

from gateway.flow.prepare import Wish
from gateway.hooks import GatewayApi, NumberCheckDue, Reassigned
from gateway.hooks.fake import FakeGateway
from gateway.hooks.plugin import Plugin
from gateway.model.clock import DAY, HOUR, read_instant
from gateway.model.message import Accepted
from plugins import number_checks
from tests.hooks import zoo
from tests.notices import notices_for
from tests.plugins.life import Life, life_of, lived
from tests.policies import FRESH, opened
from tests.web.estate import CONFIG, EVIDENCE, NUMBER, OTHER_NUMBER, WISH, Estate, open_estate

MORNING = read_instant("2026-09-21T15:00:00Z")
WORDS = "Acme: your statement is ready. Reply STOP to opt out."
OBTAINED = read_instant(EVIDENCE["obtained_at"])


async def test_the_client_is_told_what_to_ask_and_where_to_answer() -> None:
    gateway = FakeGateway(number_checks)
    await gateway.find_stale(NUMBER, OBTAINED, account="A-1")
    await gateway.find_stale(OTHER_NUMBER, OBTAINED)
    assert [(event.kind, event.account) for event in gateway.events] == [
        ("number.check_due", "A-1"),
        ("number.check_due", ""),
    ]
    assert gateway.events[0].data == {
        "number": NUMBER,
        "program": "servicing",
        "category": "servicing",
        "since": "2026-01-15T10:00:00.000Z",
        "answer_to": f"POST /v1/numbers/{NUMBER}/checks",
    }


@asynccontextmanager
async def stale_life(*enabled: str, **settings: dict[str, Any]) -> AsyncIterator[Life]:
    """A gateway under Reg F whose one consent nobody has heard of for 61 days."""
    config = lived(enabled, settings)
    policy = msgspec.structs.replace(config.policy, packs=("us-reg-f",))
    with trio.fail_after(60):
        async with life_of(msgspec.structs.replace(config, policy=policy), MORNING) as life:
            await life.consent()
            await life.pass_to(MORNING + 61 * DAY)
            yield life


async def submit(life: Life, count: int = 1, key: str | None = None) -> list[str | None]:
    """The codes of so many texts in one request."""
    wish = Wish(NUMBER, "servicing", "servicing", WORDS, account="A-1")
    answers = await life.submitting.submit(life.config.clients[0], [wish] * count, key)
    await life.go_on()
    return [answer.code for answer in answers if isinstance(answer, Accepted)]


async def test_a_campaign_to_one_number_asks_once_a_day() -> None:
    async with stale_life("number_checks") as life:
        assert await submit(life, 500) == ["consent.stale"] * 500
        assert await submit(life) == ["consent.stale"]
        (told,) = life.told
        assert told[0] == "number.check_due"
        assert (told[1]["account"], told[1]["data"]["number"]) == ("A-1", NUMBER)
        await life.pass_to(life.wall + DAY - 1)
        await submit(life)
        assert len(life.told) == 1
        await life.pass_to(life.wall + 1)
        await submit(life)
        assert [kind for kind, _ in life.told] == ["number.check_due"] * 2
        assert life.sent == []


async def test_a_request_that_is_repeated_asks_nothing_again() -> None:
    async with stale_life("number_checks") as life:
        assert await submit(life, key="k") == ["consent.stale"]
        await life.pass_to(life.wall + 2 * DAY)
        assert await submit(life, key="k") == ["consent.stale"]
        assert len(life.told) == 1


async def test_a_text_that_waits_until_its_consent_is_stale_asks_when_it_is_stopped() -> None:
    async with stale_life("number_checks") as life:
        night = read_instant("2026-11-23T09:00:00Z")
        await life.pass_to(night - 60 * DAY)
        await life.say(NUMBER, "thank you")
        await life.pass_to(night - HOUR)
        assert await submit(life) == ["quiet_hours.closed"]
        await life.pass_to(night + 12 * HOUR)
        await life.go_on()
        assert life.sent == []
        assert [kind for kind, _ in life.told] == ["number.check_due"]


@pytest.mark.parametrize("enabled", [(), ("account_guard",)])
async def test_where_no_plugin_hears_it_nothing_is_written(enabled: tuple[str, ...]) -> None:
    async with stale_life(*enabled) as life:
        assert await submit(life) == ["consent.stale"]
        assert await notices_for(life.store, "any") == []


async def test_a_plugin_for_other_clients_hears_nothing() -> None:
    async with stale_life("number_checks", number_checks={"clients": ["globex"]}) as life:
        assert await submit(life) == ["consent.stale"]
        assert await notices_for(life.store, "number_checks") == []


@asynccontextmanager
async def stale_estate(plugin: Plugin) -> AsyncIterator[Estate]:
    """Two doors, and a consent of January in April."""
    async with open_estate([plugin], opened(CONFIG, FRESH)) as estate:
        await estate.doors.plugins.open()
        await estate.consent()
        estate.clock.instant = OBTAINED + 75 * DAY
        yield estate


async def refused(estate: Estate) -> str:
    """Why a text is refused over HTTP, once plugins were told."""
    code: str = (await estate.ask("POST", "/v1/messages", WISH)).body["code"]
    for observer in estate.doors.plugins.observers.values():
        await observer.once()
    return code


async def heard(estate: Estate) -> list[dict[str, Any]]:
    events = (await estate.ask("GET", "/v1/events")).body["events"]
    return [event["data"] for event in events if event["type"] == "number.check_due"]


@pytest.mark.parametrize(("answer", "then"), [("no", None), ("yes", "consent.opted_out"), ("no_data", "consent.stale")])
async def test_the_client_answers_where_it_is_told_to(answer: str, then: str | None) -> None:
    async with stale_estate(Plugin("number_checks", number_checks)) as estate:
        assert await refused(estate) == "consent.stale"
        (told,) = await heard(estate)
        method, path = told["data"]["answer_to"].split()
        look = {"answer": answer, "checked_at": "2026-03-31T09:00:00Z", "since": told["data"]["since"], "source": "RND"}
        assert (await estate.ask(method, path, look)).status == 200
        if then is None:
            await estate.text()
        else:
            assert await refused(estate) == then
        assert len(await heard(estate)) == 1


def asking(answer: Reassigned) -> Plugin:
    """A plugin that can ask a database itself."""

    async def ask(due: NumberCheckDue, api: GatewayApi) -> None:
        await api.report_number_check(due.number, answer, checked_at=api.now, since=due.since, source="RND")

    return zoo.caged("asking", observe_number_check=ask)


@pytest.mark.parametrize(("answer", "then"), [(Reassigned.NO, None), (Reassigned.YES, "consent.opted_out")])
async def test_a_plugin_that_asks_a_database_does_as_the_client_would(answer: Reassigned, then: str | None) -> None:
    async with stale_estate(asking(answer)) as estate:
        assert await refused(estate) == "consent.stale"
        (check,) = (await estate.ask("GET", f"/v1/numbers/{NUMBER}/checks")).body["checks"]
        assert (check["answer"], check["since"]) == (str(answer), "2026-01-15T10:00:00.000Z")
        if then is None:
            await estate.text()
        else:
            assert await refused(estate) == then
