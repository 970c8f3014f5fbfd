"""A text that is refused because its consent is stale asks once a day that its number be checked, in its own transaction."""

from functools import partial
from typing import Any

import msgspec
import pytest

from gateway.errors import Code
from gateway.model.address import Number
from gateway.model.ids import spell_message
from gateway.model.message import Accepted, Facts, Ruling, State, Submission
from gateway.model.notices import NumberCheckDue
from gateway.rules.charters import Charter
from gateway.rules.gate import Terms, look_again, rule
from gateway.rules.packs import Purpose, read_pack
from gateway.store.accept import Acceptance, KeyReused, Replayed
from gateway.store.claim import Claim
from gateway.store.notices import ForgetNotices, Notice
from tests.contract.desk import BIND, CARRIER, CATEGORY, CLIENT, DAY, NOON, NUMBER, OTHER_NUMBER, PROGRAM, Desk
from tests.notices import notices_for
from tests.policies import ALWAYS_OPEN, FRESH

CHARTER = Charter((read_pack(ALWAYS_OPEN + FRESH, "policy/always-open.toml"),), Purpose.SERVICING)
TERMS = Terms("US", frozenset({"US"}), 20, CHARTER)
CHECKED = frozenset({CLIENT})


def judge(submission: Submission, facts: Facts) -> Ruling:
    return rule(submission, facts, TERMS)


async def submit(
    desk: Desk, *texts: Submission, key: str | None = None, checked: frozenset[str] = CHECKED
) -> tuple[Accepted, ...] | Replayed:
    acceptance = Acceptance(texts, judge, CLIENT, desk.now, key, b"the same", checked=checked)
    (answer,) = await desk.store.accept(acceptance)
    assert not isinstance(answer, KeyReused)
    return answer


async def refused(desk: Desk, **changes: Any) -> Submission:
    """A text that is refused for its consent's age alone."""
    text = desk.submission(**changes)
    answer = await submit(desk, text)
    assert isinstance(answer, tuple)
    assert [one.code for one in answer] == [Code.CONSENT_STALE]
    return text


async def told(desk: Desk) -> list[tuple[Notice, NumberCheckDue]]:
    notices = await notices_for(desk.store, "any")
    return [(one, msgspec.json.decode(one.body, type=NumberCheckDue)) for one in notices]


async def numbers(desk: Desk) -> list[str]:
    return [due.number for _, due in await told(desk)]


async def test_it_is_told_what_to_ask_about(desk: Desk) -> None:
    await desk.grant(age=5000)
    desk.now += 61 * DAY
    text = await refused(desk, account="A-1")
    ((notice, due),) = await told(desk)
    assert due == NumberCheckDue(
        f"{spell_message(text.id)}/check", NUMBER, PROGRAM, CATEGORY, NOON - 5000, desk.now, "A-1"
    )
    assert (notice.client, notice.account, notice.plugin, notice.kind) == (CLIENT, "A-1", None, "check")


async def test_a_number_is_told_of_once_a_day_and_each_by_itself(desk: Desk) -> None:
    for number in (NUMBER, OTHER_NUMBER):
        await desk.grant(number)
    desk.now += 61 * DAY
    await refused(desk)
    await refused(desk, number=OTHER_NUMBER)
    desk.now += DAY - 1
    await refused(desk)
    assert await numbers(desk) == [NUMBER, OTHER_NUMBER]
    desk.now += 1
    await refused(desk)
    assert await numbers(desk) == [NUMBER, OTHER_NUMBER, NUMBER]
    assert [notice.account for notice, _ in await told(desk)] == [
        NUMBER,
        OTHER_NUMBER,
        NUMBER,
    ]  # none waits for another


async def test_a_clock_that_was_wrong_for_an_hour_keeps_nothing_back(desk: Desk) -> None:
    await desk.grant()
    desk.now += 1000 * DAY
    await refused(desk)
    desk.now -= 900 * DAY
    await refused(desk)
    assert len(await numbers(desk)) == 2


async def test_a_request_of_a_thousand_texts_tells_once_a_number_of_the_oldest_consent(desk: Desk) -> None:
    await desk.grant()
    await desk.grant(category="collections", age=DAY)
    await desk.grant(OTHER_NUMBER)
    desk.now += 61 * DAY
    texts = [desk.submission(category=("servicing", "collections")[n % 2]) for n in range(999)]
    await submit(desk, *texts, desk.submission(number=OTHER_NUMBER))
    due = {one.number: one for _, one in await told(desk)}
    assert len(await numbers(desk)) == 2
    assert (due[NUMBER].since, due[NUMBER].category) == (NOON - DAY, "collections")


async def test_a_text_that_grew_stale_in_the_queue_is_told_when_it_is_stopped(desk: Desk) -> None:
    await desk.grant()
    desk.now += 60 * DAY
    text = desk.submission(segments=2, expires_at=desk.now + 9 * DAY)
    await submit(desk, text)
    assert await desk.state(text.id) is State.QUEUED
    desk.now += DAY
    look = partial(look_again, charter=CHARTER)
    await desk.store.claim(Claim(CARRIER, BIND, 10, desk.now, look, checked=CHECKED))
    assert (await desk.message(text.id)).code is Code.CONSENT_STALE
    ((_, due),) = await told(desk)
    assert (due.id, due.since, due.at) == (f"{spell_message(text.id)}/check", NOON, desk.now)


async def test_who_has_nobody_to_tell_is_not_put_on_record(desk: Desk) -> None:
    await desk.grant()
    desk.now += 61 * DAY
    await submit(desk, desk.submission(), checked=frozenset({"globex"}))
    assert await told(desk) == []
    await refused(desk)
    assert await numbers(desk) == [NUMBER]


async def test_what_a_check_cannot_mend_asks_for_none(desk: Desk) -> None:
    nobody, gone, ahead, fresh = (Number(f"+1202555013{n}") for n in range(4))
    await desk.grant(gone)
    await desk.grant(ahead, age=-200 * DAY)
    desk.now += 61 * DAY
    await desk.grant(fresh)
    await desk.stop(gone)
    answers = await submit(desk, *(desk.submission(number=number) for number in (nobody, gone, ahead, fresh)))
    assert isinstance(answers, tuple)
    codes = [Code.CONSENT_MISSING, Code.CONSENT_OPTED_OUT, Code.CONSENT_STALE, None]
    assert [answer.code for answer in answers] == codes
    assert await told(desk) == []


async def test_a_request_that_is_repeated_tells_nothing_again(desk: Desk) -> None:
    await desk.grant()
    desk.now += 61 * DAY
    text = desk.submission()
    await submit(desk, text, key="k")
    desk.now += 2 * DAY
    assert isinstance(await submit(desk, text, key="k"), Replayed)
    assert await numbers(desk) == [NUMBER]


async def test_what_was_not_stored_was_not_told(desk: Desk) -> None:
    await desk.grant()
    desk.now += 61 * DAY
    text = await refused(desk)
    desk.now += DAY
    with pytest.raises(Exception, match="UNIQUE"):
        await submit(desk, desk.submission(), text)  # the second has an id that was taken
    assert len(await numbers(desk)) == 1
    await refused(desk)
    assert len(await numbers(desk)) == 2


async def test_that_it_was_asked_for_is_forgotten_with_the_notices(desk: Desk) -> None:
    await desk.grant()
    desk.now += 61 * DAY
    await refused(desk)
    assert await desk.store.forget_notices(ForgetNotices(desk.now, 0, 100)) == [0]
    assert await desk.store.forget_notices(ForgetNotices(desk.now + 1, 0, 100)) == [2]
