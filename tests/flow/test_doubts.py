"""Texts in doubt, and the ways in which the carrier itself clears them up: late receipts under unknown ids, query_sm."""

from typing import Any

import msgspec
import pytest
import trio

from gateway.errors import Code
from gateway.flow.doubts import Doubts
from gateway.flow.queries import LAP, PATIENCE
from gateway.model.clock import HOUR
from gateway.model.message import State
from gateway.smpp import const
from gateway.smpp.pdu import GenericNack, QuerySm, QuerySmResp, Response, SubmitSm, SubmitSmResp, Tlv
from tests.flow.rig import NUMBER, SENDER, Rig, Smsc, configured, rig, rig_of, settle

Clock = trio.testing.MockClock
SUBMIT_DATE = "2609211413"  # the rig's noon, in UTC


def appendix_b(smsc_id: str, text: str, stat: str = "DELIVRD", date: str = SUBMIT_DATE) -> bytes:
    return (
        f"id:{smsc_id} sub:001 dlvrd:001 submit date:{date} done date:{date} stat:{stat} err:000 text:{text[:20]}"
    ).encode("ascii", "replace")


def resolving(flow: Rig) -> Doubts:
    return Doubts(flow.config, flow.store, flow.now)


async def lose_answers(flow: Rig, smsc: Smsc, *texts: str) -> list[int]:
    """Texts that the carrier takes without an answer; they are in doubt then."""
    smsc.answer = lambda pdu: None
    ids: list[int] = [(await flow.submit(text)).id for text in texts]
    await trio.sleep(flow.config.carriers[0].response_seconds + 2)
    await settle()
    for message_id in ids:
        message = await flow.store.message(message_id, None)
        assert message is not None
        assert message.state is State.IN_DOUBT
    return ids


async def states(flow: Rig, ids: list[int]) -> list[State]:
    found = [await flow.store.message(message_id, None) for message_id in ids]
    return [message.state for message in found if message is not None]


async def test_late_receipts_under_unknown_ids_find_their_texts(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        ids = await lose_answers(flow, smsc, "Your code is 1234", "Your payment is due")
        _, smsc = await flow.link()
        await smsc.deliver(short_message=appendix_b("77", "Your payment is due", "UNDELIV"), esm_class=4)
        await smsc.deliver(short_message=appendix_b("78", "Your code is 1234"), esm_class=4)
        assert [answer.command_status for answer in smsc.answers] == [const.ESME_ROK] * 2
        await resolving(flow).once()
        assert await states(flow, ids) == [State.DELIVERED, State.UNDELIVERED]
        assert not smsc.submits


async def test_what_could_be_another_texts_stays_in_doubt_and_listed(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        ids = await lose_answers(flow, smsc, "Same words", "Same words")
        _, smsc = await flow.link()
        await smsc.deliver(short_message=appendix_b("77", "Same words"), esm_class=4)
        await resolving(flow).once()
        assert await states(flow, ids) == [State.IN_DOUBT] * 2
        assert [doubt.message_id for doubt in await flow.store.doubts(10)] == ids
        (parked,) = await flow.store.parked(None, 0, flow.now(), 10)
        assert parked.news.smsc_message_id == "77"


async def test_segments_of_a_long_text_are_found_one_by_one(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        text = "".join(f"{number:03d} sheep. " for number in range(40))
        ids = await lose_answers(flow, smsc, text)
        bodies = [pdu.short_message[6:].decode() for pdu in smsc.submits]
        assert len(bodies) == 3
        _, smsc = await flow.link()
        for place in (2, 0):
            await smsc.deliver(short_message=appendix_b(f"7{place}", bodies[place]), esm_class=4)
        await resolving(flow).once()
        assert await states(flow, ids) == [State.IN_DOUBT]
        await smsc.deliver(short_message=appendix_b("71", bodies[1]), esm_class=4)
        await resolving(flow).once()
        assert await states(flow, ids) == [State.DELIVERED]


async def test_the_reference_that_a_carrier_repeats_tells_equal_texts_apart(autojump_clock: Clock) -> None:
    async with rig(user_message_reference=True) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        ids = await lose_answers(flow, smsc, "Same words", "Same words")
        references = [pdu.tlv(const.TLV_USER_MESSAGE_REFERENCE) for pdu in smsc.submits]
        assert len(set(references)) == 2
        second = references[1]
        assert second is not None
        assert len(second) == 2
        _, smsc = await flow.link()
        tlvs = (
            Tlv(const.TLV_RECEIPTED_MESSAGE_ID, b"77\0"),
            Tlv(const.TLV_MESSAGE_STATE, bytes([const.MESSAGE_STATE_DELIVERED])),
            Tlv(const.TLV_USER_MESSAGE_REFERENCE, second),
        )
        await smsc.deliver(esm_class=4, tlvs=tlvs)
        await resolving(flow).once()
        assert await states(flow, ids) == [State.IN_DOUBT, State.DELIVERED]


async def test_no_reference_is_sent_where_the_profile_does_not_ask_for_it(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await flow.submit()
        assert smsc.submits[0].tlvs == ()


async def test_a_stranger_who_texts_a_receipt_settles_nothing(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        ids = await lose_answers(flow, smsc, "Your code is 1234")
        _, smsc = await flow.link()
        await smsc.deliver(short_message=appendix_b("77", "Your code is 1234"))
        await resolving(flow).once()
        assert await states(flow, ids) == [State.IN_DOUBT]


# query_sm


def telling(state: int, error: int = 0) -> Any:
    def tell(query: QuerySm) -> Response:
        return QuerySmResp(message_id=query.message_id, message_state=state, error_code=error)

    return tell


async def pass_time(flow: Rig, milliseconds: int) -> None:
    flow.wall += milliseconds
    await flow.queries.once()
    await settle()


async def test_a_text_that_was_never_reported_on_is_asked_about(autojump_clock: Clock) -> None:
    async with rig(query_sm=True) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        accepted = await flow.submit(expires_at=flow.wall + HOUR)
        await pass_time(flow, HOUR + PATIENCE)
        assert smsc.queries == []
        smsc.tell = telling(const.MESSAGE_STATE_ENROUTE)
        await pass_time(flow, LAP)
        (query,) = smsc.queries
        (sent,) = smsc.submits
        assert query.message_id == "00000001"
        assert (query.source_addr, query.source_addr_ton, query.source_addr_npi) == (
            sent.source_addr, sent.source_addr_ton, sent.source_addr_npi,
        )  # fmt: skip
        assert query.source_addr == SENDER
        assert await flow.state(accepted) is State.SUBMITTED
        await pass_time(flow, LAP - 1)
        assert len(smsc.queries) == 1
        smsc.tell = telling(const.MESSAGE_STATE_UNDELIVERABLE, 12)
        await pass_time(flow, 1)
        message = await flow.message(accepted)
        assert (message.state, message.code) == (State.UNDELIVERED, Code.CARRIER_UNDELIVERED)
        assert (message.segments[0].stat, message.segments[0].err) == ("UNDELIV", "012")
        await pass_time(flow, LAP)
        assert len(smsc.queries) == 2


async def test_it_is_asked_about_though_the_clock_was_set_back(autojump_clock: Clock) -> None:
    async with rig(query_sm=True) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        flow.wall += 10 * LAP
        await flow.queries.once()
        flow.wall -= 10 * LAP
        await flow.submit(expires_at=flow.wall + LAP)
        await pass_time(flow, LAP + PATIENCE + 1)
        assert len(smsc.queries) == 1


async def faulty(flow: Rig, smsc: Smsc) -> int:
    """A text that the carrier answered with a fault of its own, and with an id."""

    def answer(pdu: SubmitSm) -> SubmitSmResp:
        return SubmitSmResp(command_status=const.ESME_RSYSERR, message_id="5A")

    smsc.answer = answer
    accepted = await flow.submit()
    for _ in range(4):
        flow.wall += HOUR // 4
        flow.dispatch.wake(["simulator"])
        await settle()
    assert await flow.state(accepted) is State.IN_DOUBT
    return accepted.id


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (const.MESSAGE_STATE_DELIVERED, State.DELIVERED),
        (const.MESSAGE_STATE_ENROUTE, State.SUBMITTED),
        (const.MESSAGE_STATE_REJECTED, State.REJECTED),
        (const.MESSAGE_STATE_UNKNOWN, State.IN_DOUBT),
        (0, State.SUBMITTED),  # scheduled, in SMPP 5.0
        (250, State.IN_DOUBT),
    ],
)
async def test_a_doubt_with_an_id_is_asked_about_at_once(autojump_clock: Clock, told: int, state: State) -> None:
    async with rig(query_sm=True) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        message_id = await faulty(flow, smsc)
        smsc.tell = telling(told)
        await pass_time(flow, 0)
        assert [query.message_id for query in smsc.queries] == ["5A"]
        assert await states(flow, [message_id]) == [state]


async def test_a_carrier_that_does_not_know_the_text_leaves_the_doubt(autojump_clock: Clock) -> None:
    async with rig(query_sm=True) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        message_id = await faulty(flow, smsc)
        await pass_time(flow, 0)
        assert len(smsc.queries) == 1
        assert await states(flow, [message_id]) == [State.IN_DOUBT]


async def test_an_answer_that_says_nothing_leaves_the_doubt(autojump_clock: Clock) -> None:
    async with rig(query_sm=True) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        message_id = await faulty(flow, smsc)
        smsc.tell = lambda query: QuerySmResp(message_id=None)
        await pass_time(flow, 0)
        assert len(smsc.queries) == 1
        assert await states(flow, [message_id]) == [State.IN_DOUBT]


@pytest.mark.parametrize("refusal", [GenericNack, QuerySmResp])
async def test_a_carrier_that_does_not_know_the_command_is_not_asked_again(
    autojump_clock: Clock, caplog: pytest.LogCaptureFixture, refusal: type[GenericNack | QuerySmResp]
) -> None:
    async with rig(query_sm=True) as flow:
        link, smsc = await flow.link()
        await flow.consent()
        await faulty(flow, smsc)
        smsc.tell = lambda query: refusal(command_status=const.ESME_RINVCMDID)
        await pass_time(flow, 0)
        await pass_time(flow, 2 * LAP)
        assert len(smsc.queries) == 1
        assert link.bound
        assert "set query_sm = false" in caplog.text


async def test_an_answer_to_a_text_beside_a_refused_question_counts(autojump_clock: Clock) -> None:
    async with rig(query_sm=True) as flow:
        link, smsc = await flow.link()
        await flow.consent()
        for _ in range(2):
            await flow.submit(expires_at=flow.wall + HOUR)
        smsc.tell = lambda query: None
        await pass_time(flow, HOUR + PATIENCE + 1)
        smsc.answer = lambda pdu: None
        accepted = await flow.submit()
        for question in smsc.queries:
            smsc.connection.respond(question, GenericNack(command_status=const.ESME_RINVCMDID))
            if question is smsc.queries[-1]:  # in one read with the last
                smsc.connection.respond(smsc.submits[-1], SubmitSmResp(message_id="77"))
            await smsc.send()
            await settle()
        assert link.bound
        await smsc.receipt("77")
        assert await flow.state(accepted) is State.DELIVERED


async def test_a_question_without_an_answer_is_no_text_in_doubt(autojump_clock: Clock) -> None:
    async with rig(query_sm=True, window=1) as flow:
        link, smsc = await flow.link()
        await flow.consent()
        message_id = await faulty(flow, smsc)
        smsc.tell = lambda query: None
        await pass_time(flow, 0)
        await trio.sleep(60)
        assert link.bound
        assert await states(flow, [message_id]) == [State.IN_DOUBT]


async def test_nobody_is_asked_where_the_profile_does_not_say_so(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await faulty(flow, smsc)
        await pass_time(flow, LAP)
        assert smsc.queries == []
        with trio.fail_after(1):
            await flow.queries.run()  # there is nothing to go round


async def test_many_are_asked_about_a_few_at_a_time(autojump_clock: Clock) -> None:
    async with rig(query_sm=True) as flow:
        _, smsc = await flow.link()
        await flow.consent()
        for _ in range(25):
            await flow.submit(expires_at=flow.wall + HOUR)
        smsc.tell = telling(const.MESSAGE_STATE_DELIVERED)
        await pass_time(flow, HOUR + PATIENCE + 1)
        asked = [len(smsc.queries)]
        for _ in range(3):
            await pass_time(flow, 0)
            asked.append(len(smsc.queries))
        assert asked == [10, 20, 25, 25]
        assert {query.message_id for query in smsc.queries} == {f"{number:08x}" for number in range(1, 26)}
        assert NUMBER[1:] == smsc.submits[0].destination_addr


async def test_what_is_sent_again_in_doubt_is_sent_as_often_as_the_profile_says(autojump_clock: Clock) -> None:
    config = configured()
    category = msgspec.structs.replace(config.policy.categories["servicing"], in_doubt="resend")
    policy = msgspec.structs.replace(config.policy, categories={**config.policy.categories, "servicing": category})
    async with rig_of(msgspec.structs.replace(config, policy=policy)) as flow:
        carrier = flow.config.carriers[0]
        await flow.consent()
        sent = 0
        accepted = None
        for _ in range(2 * carrier.retry.attempts):
            link, smsc = await flow.link()
            smsc.answer = lambda pdu: None
            accepted = accepted or await flow.submit()
            await trio.sleep(carrier.response_seconds + 2)
            link.give_up("the test's")
            await settle()
            sent += len(smsc.submits)
        assert sent == carrier.retry.attempts
        assert accepted is not None
        assert await flow.state(accepted) is State.IN_DOUBT
