"""What a plugin says to a consumer who has just written: one text, at once."""

from collections.abc import AsyncIterator

import pytest

from gateway.flow.plugin_api import ANSWER_TIME, Waiting
from gateway.flow.plugins import Plugins
from gateway.hooks import GatewayApi
from gateway.hooks.plugin import Plugin
from gateway.model.client_events import AccountUpdated
from gateway.model.clock import HOUR, spell_instant
from gateway.model.ids import read as read_id
from gateway.model.message import Message, Origin
from gateway.store.notices import Intake
from tests.hooks import sample
from tests.web.estate import NUMBER, OTHER_NUMBER, Estate, open_estate

WORDS = {"account": "A", "category": "servicing", "text": "Acme: thank you. Reply STOP to opt out."}


@pytest.fixture
async def estate() -> AsyncIterator[Estate]:
    async with open_estate([Plugin("sample", sample)]) as estate:
        event = AccountUpdated(
            id="e", occurred_at=spell_instant(estate.clock()), account="A", number=NUMBER, program="servicing"
        )
        await estate.store.receive_events([Intake("acme", event, estate.clock())])
        await estate.consent(NUMBER)
        await estate.consent(OTHER_NUMBER)
        yield estate


def api_of(estate: Estate, waiting: Waiting | None) -> GatewayApi:
    running: Plugins = estate.doors.plugins
    return running.api(running.host.plugins[0], "acme", waiting)


async def message(estate: Estate, api: GatewayApi, key: str, **changes: object) -> Message:
    submitted = await api.submit(key, **(WORDS | changes))  # type: ignore[arg-type]
    found = await estate.store.message(read_id("msg", submitted.message) or 0, "acme")
    assert found is not None
    return found


async def test_the_first_text_to_who_wrote_is_an_answer_and_short_lived(estate: Estate) -> None:
    api = api_of(estate, Waiting(NUMBER, estate.clock() - ANSWER_TIME))
    first, second = await message(estate, api, "1"), await message(estate, api, "2")
    assert (first.origin, second.origin) == (Origin.ANSWER, Origin.PLUGIN)
    assert first.expires_at == estate.clock() + ANSWER_TIME
    assert second.expires_at > first.expires_at


async def test_a_text_that_comes_late_or_later_or_to_somebody_else_is_none(estate: Estate) -> None:
    now = estate.clock()
    late = await message(estate, api_of(estate, Waiting(NUMBER, now - ANSWER_TIME - 1)), "1")
    later = await message(estate, api_of(estate, Waiting(NUMBER, now)), "2", send_at=now + HOUR)
    other = await message(estate, api_of(estate, Waiting(NUMBER, now)), "3", to=OTHER_NUMBER)
    nobody = await message(estate, api_of(estate, None), "4")
    assert {one.origin for one in (late, later, other, nobody)} == {Origin.PLUGIN}


async def test_told_again_it_is_the_same_answer(estate: Estate) -> None:
    first, again = [await message(estate, api_of(estate, Waiting(NUMBER, estate.clock())), "1") for _ in range(2)]
    assert (first.id, first.origin) == (again.id, Origin.ANSWER)
