"""Replies that hold their number: what they report, what stops, and what a person's decision sets going again."""

import logging

import msgspec
import pytest
import trio

from gateway.errors import Code
from gateway.model.clock import DAY
from gateway.model.message import State
from gateway.model.review import Review, ReviewDecision
from gateway.smpp import const
from gateway.store.reviews import ReviewFilter
from tests.flow.rig import NUMBER, Rig, rig, settle


async def reviews(flow: Rig) -> list[Review]:
    return (await flow.store.reviews(ReviewFilter(flow.client)))[0]


async def kinds(flow: Rig) -> list[str]:
    return [event.kind for event in await flow.store.events(flow.client, 0, 100)]


async def test_an_unclear_reply_holds_the_number_until_somebody_releases_it(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        assert await smsc.text("Goodbye") == const.ESME_ROK
        (review,) = await reviews(flow)
        assert (review.number, review.due_at, review.reading.words) == (NUMBER, flow.wall + DAY, "goodbye")
        held = await flow.submit()
        assert (held.state, held.code) == (State.HELD, Code.HOLD_REVIEW)
        assert not smsc.submits
        await flow.reviews.decide(review.id, flow.client, ReviewDecision.RELEASE, "agent", "")
        await settle()
        assert (await flow.state(held), len(smsc.submits)) == (State.SUBMITTED, 1)


async def test_stop_calling_reports_the_channel_and_holds_texts(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("Stop calling me")
        assert await kinds(flow) == [
            "consent.granted", "inbound.received", "review.opened", "consumer.other_channel_optout",
        ]  # fmt: skip
        event = (await flow.store.events(flow.client, 0, 100))[-1]
        assert msgspec.json.decode(event.body)["channel"] == "voice"
        assert (await flow.submit()).code is Code.HOLD_REVIEW


async def test_a_wrong_number_opts_out_and_holds(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("Wrong number")
        (review,) = await reviews(flow)
        assert review.reasons == ("wrong_party",)
        refused = await flow.submit()
        assert (refused.state, refused.code) == (State.BLOCKED, Code.CONSENT_OPTED_OUT)
        assert "consumer.wrong_party" in await kinds(flow)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I filed for bankruptcy", Code.HOLD_BANKRUPTCY),
        ("talk to my lawyer", Code.HOLD_ATTORNEY),
        ("My husband passed away in May", Code.HOLD_DECEASED),
    ],
)
async def test_what_changes_who_may_be_written_to_holds(
    autojump_clock: trio.testing.MockClock, text: str, code: Code
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text(text)
        assert (await flow.submit()).code is code
        assert not smsc.submits


async def test_what_is_only_reported_holds_nothing(autojump_clock: trio.testing.MockClock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("I dispute this debt, I already paid it. And I lost my job")
        assert set(await kinds(flow)) >= {"consumer.dispute", "consumer.hardship"}
        assert await reviews(flow) == []
        assert (await flow.submit()).state is State.QUEUED


async def test_an_unclear_text_to_an_unknown_address_holds_for_all_clients_of_the_carrier(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("enough", destination_addr="99999")
        assert (await flow.submit()).code is Code.HOLD_REVIEW


async def test_a_hold_reaches_a_segment_that_is_claimed_but_not_written(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with rig() as flow:
        link, smsc = await flow.link(serve=False)
        await flow.consent()
        accepted = await flow.submit()
        account = flow.dispatch.accounts[link.carrier]
        write = flow.dispatch._write

        def held_first(*arguments: object) -> None:
            flow.optouts.note_hold(NUMBER, [flow.client])
            write(*arguments)  # type: ignore[arg-type]

        flow.dispatch._write = held_first  # type: ignore[assignment,method-assign]
        await flow.dispatch._claim(account, link, 10)
        await settle()
        assert not smsc.submits
        message = await flow.message(accepted)
        assert (message.state, message.segments[0].attempt) == (State.QUEUED, 0)
        assert not flow.optouts.holds(NUMBER, flow.client)


async def test_an_overdue_review_raises_the_alarm_once_and_holds_on(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("enough")
        sweep = flow.sweep()
        flow.wall += DAY
        with caplog.at_level(logging.ERROR, "gateway.flow"):
            await sweep.once()
            await sweep.once()
        assert [record.getMessage().split(" is ")[1] for record in caplog.records] == [
            "overdue: its number stays held until somebody decides"
        ]
        assert NUMBER not in caplog.text
        assert (await kinds(flow)).count("review.overdue") == 1
        assert f'assent_reviews_overdue{{client="{flow.client}"}} 1.0'.encode() in flow.metrics.render()
        assert (await flow.submit()).code is Code.HOLD_REVIEW
