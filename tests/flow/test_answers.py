"""What a consumer's text means while something is open: a request to opt in, a question, an opt-out; and what it sets off."""

import msgspec
import pytest
import trio
import trio.testing

from gateway.config import Config, load
from gateway.errors import Code, Transient
from gateway.flow.optins import OptinWish
from gateway.flow.prepare import Wish
from gateway.model.address import Number
from gateway.model.clock import DAY, HOUR, MINUTE
from gateway.model.consent import Consent, ConsentState, Method
from gateway.model.inbound import Inbound
from gateway.model.message import State
from gateway.rules.packs import Limit
from gateway.smpp import const
from gateway.smpp.pdu import SubmitSm
from gateway.store.reads import MessageFilter
from gateway.store.received import InboundFilter
from gateway.store.reviews import ReviewFilter
from tests.flow.rig import CONF, NUMBER, Rig, configured, rig, rig_of, settle

Clock = trio.testing.MockClock
JOIN = ("¡Claro que sí!", "count me in")


def words(pdu: SubmitSm) -> str:
    return pdu.short_message.decode("ascii")


def with_program(**changes: object) -> Config:
    """The shipped configuration, its programs changed."""
    config = configured()
    clients = tuple(
        msgspec.structs.replace(
            client, programs=tuple(msgspec.structs.replace(program, **changes) for program in client.programs)
        )
        for client in config.clients
    )
    return msgspec.structs.replace(config, clients=clients)


async def ask(flow: Rig, method: Method = Method.QUICK) -> None:
    await flow.templates.load()
    wish = OptinWish(method, NUMBER, "servicing", "servicing")
    requested = await flow.optins.request(flow.config.clients[0], wish)
    assert getattr(requested, "optin", None) is not None, requested
    await settle()


async def consent_of(flow: Rig, category: str = "servicing") -> Consent | None:
    found = await flow.store.consents_of(NUMBER, flow.client)
    return next((one for one in found if one.category == category), None)


async def state_of(flow: Rig) -> ConsentState | None:
    consent = await consent_of(flow)
    return None if consent is None else consent.state


async def last_text(flow: Rig) -> Inbound:
    (found,), _ = await flow.store.received_page(InboundFilter(flow.client, limit=1))
    return found


@pytest.mark.parametrize("text", ["YES", "yes please", "I agree", "si", "OUI"])
async def test_yes_to_an_open_request_confirms_with_what_was_said(autojump_clock: Clock, text: str) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await ask(flow)
        assert await smsc.text(text) == const.ESME_ROK
        consent = await consent_of(flow)
        assert consent is not None
        assert consent.state is ConsentState.CONFIRMED
        evidence = msgspec.json.decode(consent.evidence)
        assert evidence["medium"] == "text"
        assert "in_" in evidence["source"]
        program = flow.config.clients[0].programs[0]
        assert words(smsc.submits[-1]) == program.start_confirmation
        assert (await flow.submit()).state is State.QUEUED
        assert (await last_text(flow)).reading.context == ("opt_in_pending",)


async def test_a_program_has_words_of_its_own_for_yes(autojump_clock: Clock) -> None:
    async with rig_of(with_program(opt_in_words=JOIN)) as flow:
        _, smsc = await flow.link()
        await smsc.text("Count me in!")
        assert await state_of(flow) is None
        await ask(flow)
        await smsc.text("Count me in!")
        assert await state_of(flow) is ConsentState.CONFIRMED


async def test_yes_means_nothing_while_no_request_is_open(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await smsc.text("YES")
        assert await state_of(flow) is None
        await ask(flow)
        flow.wall += 30 * DAY
        await smsc.text("YES")
        assert await state_of(flow) is not ConsentState.CONFIRMED


async def test_no_declines_an_open_request(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await ask(flow)
        before = len(smsc.submits)
        await smsc.text("No thanks")
        assert await state_of(flow) is ConsentState.DECLINED
        assert (await last_text(flow)).reading.declined
        assert len(smsc.submits) == before
        assert (await flow.submit()).state is State.BLOCKED


async def test_less_than_a_yes_is_for_a_person_and_holds_nothing(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent(category="marketing")
        await ask(flow)
        await smsc.text("ok")
        assert await state_of(flow) is ConsentState.INVITED
        (review,), _ = await flow.store.reviews(ReviewFilter(flow.client))
        assert (review.reading.rule, review.reasons, review.holding) == ("request.unclear", (), ())
        await smsc.text("YES")
        assert (await flow.submit()).state is State.QUEUED


async def test_yes_lets_the_code_go_and_confirms_nothing(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await ask(flow, Method.AGENT_PIN)
        await smsc.text("YES")
        assert await state_of(flow) is ConsentState.CODE_SENT
        program = flow.config.clients[0].programs[0]
        assert program.start_confirmation not in [words(pdu) for pdu in smsc.submits]
        assert len(smsc.submits) > 1
        await smsc.text("123456")
        assert (await last_text(flow)).reading.context == ("opt_in_code_sent",)
        assert await state_of(flow) is ConsentState.CODE_SENT


async def test_the_confirmation_of_a_consent_goes_before_the_texts_that_waited_for_it(autojump_clock: Clock) -> None:
    """CTIA Messaging Principles 5.1.2.1."""
    async with rig() as flow:
        _, smsc = await flow.link()
        await ask(flow, Method.PAYMENT_PLAN)
        waiting = [(await flow.submit(f"Plan {number}")).state for number in range(3)]
        assert waiting == [State.HELD] * 3
        before = len(smsc.submits)
        await smsc.text("YES")
        program = flow.config.clients[0].programs[0]
        told = [words(pdu) for pdu in smsc.submits[before:]]
        assert told == [program.start_confirmation, "Plan 0", "Plan 1", "Plan 2"]


async def test_stop_beats_an_open_request(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await ask(flow)
        await smsc.text("yes stop")
        assert await state_of(flow) is ConsentState.REVOKED
        assert (await flow.submit()).state is State.BLOCKED


async def test_a_part_of_a_yes_is_not_believed(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await ask(flow)
        await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02\x01YES", esm_class=0x40)
        flow.wall += HOUR
        assert await flow.inbound.end_partial_texts() == 1
        assert await state_of(flow) is not ConsentState.CONFIRMED


async def test_nobody_is_welcomed_back_for_a_part_of_a_start(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("STOP")
        before = len(smsc.submits)
        for part in (b"\x01START", b"\x01Hello ", b"\x02there"):  # the second takes the place of the first
            await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02" + part, esm_class=0x40)
        assert (await last_text(flow)).text == "Hello there"
        assert len(smsc.submits) == before
        assert (await flow.submit()).state is State.BLOCKED


async def test_yes_of_one_who_opted_out_is_for_a_person(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("STOP")
        await smsc.text("YES")
        assert (await last_text(flow)).reading.context == ("opted_out",)
        assert (await last_text(flow)).kind == "needs-review"
        await smsc.text("START")
        await smsc.text("YES")
        assert (await last_text(flow)).reading.context == ()


async def test_start_gives_no_consent_that_was_not_there(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("STOP")
        await smsc.text("START")
        assert await consent_of(flow, "marketing") is None
        given = [one for one in await flow.store.consents_of(NUMBER, flow.client) if one.state == "confirmed"]
        assert {one.category for one in given} <= {"servicing", "*"}
        wish = Wish(NUMBER, "servicing", "marketing", "Buy one, get one")
        (answer,) = await flow.submitting.submit(flow.config.clients[0], [wish])
        assert getattr(answer, "state", State.BLOCKED) is State.BLOCKED


async def test_any_text_makes_consent_fresh(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        before = await consent_of(flow)
        assert before is not None
        flow.wall += 50 * DAY
        await smsc.text("ok thanks")
        after = await consent_of(flow)
        assert after is not None
        assert (after.fresh_at, after.state, after.changed_at) == (flow.wall, before.state, before.changed_at)


async def test_a_wrong_number_is_disowned_and_start_does_not_undo_it(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("Wrong number")
        states = {(one.category, one.state) for one in await flow.store.consents_of(NUMBER, flow.client)}
        assert ("*", ConsentState.DISOWNED) in states
        await smsc.text("START")
        assert (await flow.submit()).state is State.BLOCKED


@pytest.mark.parametrize(
    ("text", "disowned"),
    [
        ("This isn't Maria", False),
        ("no soy Pedro", False),
        ("this is not acceptable", False),
        ("I'm not the person you are looking for", False),
        ("This isn't Maria, stop", True),
        ("nobody named Maria at this number", True),
    ],
)
async def test_a_name_that_may_be_any_word_holds_for_a_person_to_say(
    autojump_clock: Clock, text: str, disowned: bool
) -> None:
    """What disowns a number ends its consents, and no START takes that back."""
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text(text)
        states = {one.state for one in await flow.store.consents_of(NUMBER, flow.client)}
        assert (ConsentState.DISOWNED in states) == disowned
        reviews, _ = await flow.store.reviews(ReviewFilter(flow.client))
        assert "wrong_party" in {str(reason) for review in reviews for reason in review.reasons}
        assert (await flow.submit()).state is not State.QUEUED


async def test_an_opt_out_keeps_the_words_that_it_was_read_from(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.text("pls quit sending these thx")
        consent = await consent_of(flow, "*")
        assert consent is not None
        inbound = await last_text(flow)
        assert "quit sending these" in msgspec.json.decode(consent.evidence)["source"]
        assert (inbound.kind, inbound.reading.rule) == ("opt-out", "halt.sending")


# The confirmation comes soon or not at all.


async def test_a_confirmation_that_could_not_leave_in_time_never_does(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        flow.dispatch.stopping = True
        await smsc.text("STOP")
        assert not smsc.submits
        flow.wall += 5 * MINUTE
        flow.dispatch.stopping = False
        await flow.link()
        await trio.sleep(61)
        assert not smsc.submits
        (confirmation,), _ = await flow.store.messages(MessageFilter(flow.client))
        assert (confirmation.state, confirmation.expires_at - confirmation.accepted_at) == (State.EXPIRED, 5 * MINUTE)


async def test_a_stop_of_which_parts_never_came_is_obeyed_too_late_to_be_confirmed(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()
        await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02\x01STOP", esm_class=0x40)
        flow.wall += 6 * MINUTE
        assert await flow.inbound.end_partial_texts() == 1
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
        assert not smsc.submits


async def test_the_packs_say_how_late_a_confirmation_may_be_and_how_long_a_review_may_take(
    autojump_clock: Clock,
) -> None:
    async with rig_of(load(CONF)) as flow:
        replies = flow.inbound._replies
        regime = replies._regime(
            (flow.config.clients[0], flow.config.clients[0].programs[0]), Number(NUMBER), None, flow.wall
        )
        assert regime is not None
        assert (regime.limits[Limit.CONFIRMATION_MINUTES], regime.limits[Limit.REVIEW_HOURS]) == (5, 24)


async def test_nothing_goes_and_no_text_is_taken_while_the_consents_cannot_be_read(autojump_clock: Clock) -> None:
    async with rig() as flow:
        _, smsc = await flow.link()
        await flow.consent()

        async def locked(*_: object) -> None:
            raise Transient(Code.STORE_UNAVAILABLE, "locked")

        standings, flow.store.standings = flow.store.standings, locked  # type: ignore[method-assign,assignment]
        assert await smsc.text("STOP") == const.ESME_RX_T_APPN
        assert not smsc.submits
        flow.store.standings = standings  # type: ignore[method-assign]
        assert await smsc.text("STOP") == const.ESME_ROK
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
