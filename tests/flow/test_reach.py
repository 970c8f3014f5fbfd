"""How far a STOP reaches is the packs' to say, and START brings back just that."""

from contextlib import AbstractAsyncContextManager

import pytest

from gateway.config import load
from gateway.errors import Code
from gateway.flow.check import Check
from gateway.flow.consent import Grant
from gateway.flow.invalid import Invalid
from gateway.flow.prepare import Wish
from gateway.model.address import Number
from gateway.model.consent import ANY, Evidence, Scope
from gateway.model.profile import Profile, ProfileChange
from tests.flow.rig import CONF, NUMBER, Rig, Smsc, rig_of
from tests.policies import opened

REACH = """
[[revocations]]
id = "stop"
reach = "{reach}"
source = "the test's"
mark = "own"
"""


def reaching(reach: str) -> AbstractAsyncContextManager[Rig]:
    return rig_of(opened(load(CONF), REACH.replace("{reach}", reach)))


async def agreed(flow: Rig) -> None:
    """To servicing and marketing of one program, and to servicing of another."""
    client = flow.config.clients[0]
    evidence = Evidence(flow.wall - 1000, "web form", "I agree", "sign-up page")
    pairs = (("servicing", "servicing"), ("servicing", "marketing"), ("codes", "servicing"))
    grants = [Grant(NUMBER, program, category, evidence) for program, category in pairs]
    assert await flow.consents.grant(client, grants) == [True] * 3


async def refused(flow: Rig, program: str, category: str, account: str) -> bool:
    """Whether such a text would be, for an opt-out."""
    check = Check(flow.config, flow.store, flow.submitting, flow.now)
    wish = Wish(NUMBER, program, category, "Hello", account)
    (judged,) = [one async for one in check.judge(flow.config.clients[0], [wish], None, check.charters(()))]
    assert not isinstance(judged.verdict, Invalid)
    code = judged.verdict.decision.code
    assert code in (None, Code.CONSENT_OPTED_OUT, Code.CONSENT_WITHDRAWN)
    return code is not None


async def ended(flow: Rig) -> list[bool]:
    """Whether these end: the text's own category about its account, about another, another category, another program."""
    return [
        await refused(flow, "servicing", "servicing", "A"),
        await refused(flow, "servicing", "servicing", "B"),
        await refused(flow, "servicing", "marketing", "B"),
        await refused(flow, "codes", "servicing", "B"),
    ]


@pytest.mark.parametrize(
    ("reach", "ends"),
    [
        ("all", [True, True, True, True]),
        ("program", [True, True, True, False]),
        ("category", [True, True, False, False]),
        ("account", [True, False, False, False]),
    ],
)
async def test_a_stop_ends_what_the_pack_says_and_a_start_brings_it_back(reach: str, ends: list[bool]) -> None:
    async with reaching(reach) as flow:
        _, smsc = await flow.link()
        await agreed(flow)
        await flow.submit(account="A")  # the text that is answered
        for _ in range(2):
            for _ in range(2):
                await smsc.text("STOP")
                assert await ended(flow) == ends
            flow.wall += 1
            await smsc.text("START")
            assert await ended(flow) == [False] * 4
            flow.wall += 1


async def test_a_start_brings_nothing_back_that_was_declined_otherwise_or_never_given() -> None:
    async with reaching("category") as flow:
        _, smsc = await flow.link()
        client = flow.config.clients[0]
        await agreed(flow)
        for scope in (Scope("servicing", "marketing"), Scope(ANY, "collections"), Scope("servicing", "servicing", "B")):
            outcome = await flow.consents.revoke(client, NUMBER, scope, "agent: on the phone")
            assert not isinstance(outcome, Invalid)
        await flow.submit(account="A")
        await smsc.text("STOP")
        await smsc.text("START")
        assert await ended(flow) == [False, True, True, False]


async def test_a_start_after_a_wrong_number_brings_back_nothing_however_narrow_the_stop_was() -> None:
    async with reaching("category") as flow:
        _, smsc = await flow.link()
        await agreed(flow)
        await flow.submit(account="A")
        await smsc.text("STOP")
        await smsc.text("Wrong number")
        await smsc.text("START")
        assert await ended(flow) == [True] * 4


MASSACHUSETTS = """
[[revocations]]
id = "there"
reach = "all"
where = ["US-MA"]
source = "the test's"
mark = "own"
[[revocations]]
id = "elsewhere"
reach = "category"
source = "the test's"
mark = "own"
"""


@pytest.mark.parametrize(
    ("region", "ends"), [(None, [True, True, False, False]), ("US-MA", [True, True, True, True])], ids=["", "address"]
)
async def test_the_law_of_a_consumers_address_says_it_too(region: str | None, ends: list[bool]) -> None:
    async with rig_of(opened(load(CONF), MASSACHUSETTS)) as flow:
        _, smsc = await flow.link()
        await agreed(flow)
        await flow.store.change_profile(ProfileChange(Number(NUMBER), flow.client, Profile(region=region), flow.wall))
        await flow.submit()
        await smsc.text("STOP")
        assert await ended(flow) == ends


SERVICING, CODES = "12025550100", "12025550101"
"""The senders of the two programs."""


async def say(flow: Rig, smsc: Smsc, word: str, sender: str) -> list[bool]:
    """What is ended after a consumer wrote a word to a program, a moment later."""
    flow.wall += 1
    await smsc.text(word, destination_addr=sender)
    return await ended(flow)


@pytest.mark.parametrize("stops", [(SERVICING,), (SERVICING, CODES), (CODES, SERVICING)])
async def test_a_start_to_one_program_brings_back_no_other_s_that_a_stop_to_the_other_ended(
    stops: tuple[str, ...],
) -> None:
    async with reaching("all") as flow:
        _, smsc = await flow.link()
        await agreed(flow)
        for sender in stops:
            assert await say(flow, smsc, "STOP", sender) == [True] * 4
        assert await say(flow, smsc, "START", CODES) == [True, True, True, False]
        assert await say(flow, smsc, "START", SERVICING) == [False] * 4
        assert await say(flow, smsc, "STOP", SERVICING) == [True] * 4


async def test_after_an_agent_ended_everything_each_program_waits_for_its_own_start() -> None:
    async with reaching("all") as flow:
        _, smsc = await flow.link()
        await agreed(flow)
        assert (
            await flow.consents.revoke(flow.config.clients[0], NUMBER, Scope(ANY, ANY), "agent: on the phone") is True
        )
        assert await say(flow, smsc, "START", SERVICING) == [False, False, False, True]
        assert await say(flow, smsc, "START", CODES) == [False] * 4


async def test_a_start_takes_back_no_consent_that_was_given_to_another_program_since_the_stop() -> None:
    async with reaching("all") as flow:
        _, smsc = await flow.link()
        await agreed(flow)
        assert await say(flow, smsc, "STOP", SERVICING) == [True] * 4
        flow.wall += 5000
        await flow.consent()
        assert await ended(flow) == [False, False, True, True]
        assert await say(flow, smsc, "START", CODES) == [False, False, True, False]
