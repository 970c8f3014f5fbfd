"""After an erasure the database holds the number nowhere, but for the one line that it gets no texts."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from gateway.errors import Code, Transient
from gateway.model.clock import DAY, SECOND
from gateway.model.hold import HoldReason
from gateway.model.inbound import Part
from gateway.model.ledger import AuditPlace, Finding
from gateway.model.message import ReceiptNews, State
from gateway.store.claim import Claim
from gateway.store.inbound import Arrival
from gateway.store.person import Scrub
from gateway.store.unit import Unit
from gateway.store.writer import Verb
from tests.policies import look_again, opened
from tests.web.estate import CONFIG, EVIDENCE, NUMBER, OTHER_NUMBER, WISH, Estate, open_estate
from tests.web.test_unlinked import writes

T = TypeVar("T")
YEAR = 366 * DAY
KEEPING = """
[[limits]]
id = "records"
limit = "record_years"
value = 3
source = "the test's"
mark = "own"
[[limits]]
id = "opt-outs"
limit = "opt_out_years"
value = 10
source = "the test's"
mark = "own"
"""


async def within(estate: Estate, function: Callable[[Unit], T]) -> T:
    """What a function makes of the database, in a transaction of its own."""

    def verb(unit: Unit, items: Sequence[None]) -> list[T]:
        return [function(unit) for _ in items]

    (answer,) = await estate.store.writer.post(Verb(verb, 99), [None])
    return answer


async def tables_with(estate: Estate, digits: str) -> Counter[str]:
    """How many cells of each table hold these digits: the whole database, whatever its tables are."""

    def look(unit: Unit) -> Counter[str]:
        tables = [name for (name,) in unit.sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: Counter[str] = Counter()
        for table in tables:
            for row in unit.sql.execute(f'SELECT * FROM "{table}"'):
                cells = [cell.encode() if isinstance(cell, str) else cell for cell in row]
                found[table] += sum(isinstance(cell, bytes) and digits.encode() in cell for cell in cells)
        return +found

    return await within(estate, look)


async def live(estate: Estate, number: str, client: str = "acme") -> None:
    """All that can be known of somebody."""
    path = f"/v1/consents/{number}"
    consent = {"program": "servicing", "category": "servicing", "evidence": EVIDENCE}
    assert (await estate.ask("PUT", path, consent, client=client)).status == 200
    wish = {"to": number, "program": "servicing", "category": "servicing", "text": "x" * 200, "account": f"A{number}"}
    headers = {"idempotency-key": f"k{number}"}
    for body in (wish, wish | {"reference": number}, wish | {"send_at": "2026-03-03T15:00:00Z"}):
        assert (await estate.ask("POST", "/v1/messages", body, client=client)).status == 202
    for body in (wish, wish | {"category": "marketing"}):
        await estate.ask(
            "POST", "/v1/messages", body, client=client, headers=headers | {"idempotency-key": body["category"]}
        )
    for segment in (await estate.claim())[:6]:
        await estate.settle(segment, State.SUBMITTED, smsc_message_id=f"{segment.message_id}{segment.n}", smsc_key="")
    call = {"id": f"c{number}", "channel": "call", "at": "2026-03-02T14:00:00Z", "number": number}
    assert (await estate.ask("POST", "/v1/contacts", call, client=client)).status == 200
    profile = {"region": "US-NY", "account": f"A{number}"}
    assert (await estate.ask("PUT", f"/v1/numbers/{number}", profile, client=client)).status == 200
    check = {"answer": "no", "checked_at": "2026-03-01T10:00:00Z", "since": "2026-01-15T00:00:00Z", "source": "RND"}
    assert (await estate.ask("POST", f"/v1/numbers/{number}/checks", check, client=client)).status == 200
    told = ("INSERT OR IGNORE INTO check_due VALUES (?, ?, ?)", (number, client, estate.clock()))
    await within(estate, lambda unit: unit.sql.execute(*told).rowcount)
    event = {
        "type": "account.updated",
        "occurred_at": "2026-03-02T15:00:00Z",
        "account": f"B{number}",
        "number": number,
    }
    event |= {"id": f"e-{number[-2:]}"}
    assert (await estate.ask("POST", "/v1/events", event, client=client)).status in (200, 202)
    await writes(estate, f"I am {number}", number, client)
    if client == "acme":
        asked = {"method": "agent_pin", "to": number, "program": "offers", "category": "servicing"}
        assert (await estate.ask("POST", "/v1/optins", asked)).status == 202
        await estate.unclear(f"call me at {number}", reasons=(HoldReason.REVIEW,), number=number)
        part = Part("main", number[1:], "12025550100", 7, 2, 1, number.encode(), estate.clock())
        await estate.store.store_parts([Arrival(part)])
        await within(estate, lambda unit: unit.sql.execute("UPDATE inbound_part SET joined_at = at").rowcount)


async def parked(estate: Estate, number: str) -> None:
    news = ReceiptNews(
        "main", "main/trx-1", "77", ("77",), State.DELIVERED, "DELIVRD", "000", number[1:], "+12025550100", None,
        estate.clock(),
    )  # fmt: skip
    await estate.store.receive_receipts([news])


async def findings(estate: Estate) -> list[Finding]:
    place: AuditPlace | None = None
    found: list[Finding] = []
    while True:
        page, _ = await estate.ledger.check(place)
        found += page.findings
        if page.following is None:
            return found
        place = page.following


async def erase(estate: Estate, number: str) -> int:
    answer = await estate.ask("POST", f"/v1/consents/{number}/erase", {"reason": "asked for it"})
    assert answer.status == 200
    erased: int = answer.body["erased"]
    return erased


async def test_one_line_is_left_of_a_person_and_the_chain_holds() -> None:
    async with open_estate() as estate:
        await estate.ledger.tend()
        await live(estate, NUMBER)
        await live(estate, OTHER_NUMBER)
        await parked(estate, NUMBER)
        estate.clock.instant += DAY
        await estate.ledger.tend()  # an anchor on what is going to be erased
        before = await tables_with(estate, NUMBER[1:])
        assert set(before) >= {
            "account", "check_due", "consent", "consent_event", "contact", "event", "hold", "inbound", "inbound_part", "message",
            "notice", "number_check", "number_profile", "optin", "receipt", "review",
        }  # fmt: skip
        other = await tables_with(estate, OTHER_NUMBER[1:])
        assert await erase(estate, NUMBER) > 0
        assert await tables_with(estate, NUMBER[1:]) == {"consent": 1, "consent_event": 1}
        assert await tables_with(estate, OTHER_NUMBER[1:]) == other
        assert await findings(estate) == []
        bundle = (await estate.ask("GET", f"/v1/consents/{OTHER_NUMBER}/export")).body
        assert bundle["anchor"]["day"] == "2026-03-03"
        # Nothing of it goes any more, and it can be said again.
        assert all(segment.number != NUMBER for segment in await estate.claim())
        assert await erase(estate, NUMBER) == 0
        assert await tables_with(estate, NUMBER[1:]) == {"consent": 1, "consent_event": 1}


async def test_a_client_s_erasure_leaves_what_others_know() -> None:
    async with open_estate() as estate:
        await live(estate, NUMBER, "globex")
        theirs = await tables_with(estate, NUMBER[1:])
        await live(estate, NUMBER)
        await erase(estate, NUMBER)
        left = await tables_with(estate, NUMBER[1:])
        assert left == theirs + Counter({"consent": 1, "consent_event": 1})
        answer = await estate.operate("POST", f"/v1/consents/{NUMBER}/erase", {"reason": "asked for it"})
        assert answer.status == 200
        assert await tables_with(estate, NUMBER[1:]) == {"consent": 2, "consent_event": 2}
        assert await findings(estate) == []


async def test_the_log_keeps_its_length_and_says_what_happened_to_nobody() -> None:
    async with open_estate() as estate:
        await live(estate, NUMBER)
        before = (await estate.ask("GET", "/v1/events", query={"limit": "1000"})).body["events"]
        await erase(estate, NUMBER)
        after = (await estate.ask("GET", "/v1/events", query={"limit": "1000"})).body["events"]
        assert [one["type"] for one in after[: len(before)]] == [one["type"] for one in before]
        texts = {one["data"].get("text") for one in after if one["type"] == "inbound.received"}
        assert texts == {""}
        receipts = [one for one in before if one["type"] == "message.submitted"]
        assert receipts
        shown = await estate.ask("GET", f"/v1/messages/{receipts[0]['data']['id']}")
        assert (shown.status, shown.body["to"], shown.body["text"]) == (200, "", "")


async def test_records_that_had_their_time_leave_nothing() -> None:
    async with open_estate(config=opened(CONFIG, KEEPING)) as estate:
        await live(estate, NUMBER)
        await estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"reason": "r"})
        estate.clock.instant += 10 * YEAR - 8 * DAY
        for _ in range(8):
            await estate.ledger.tend()
            estate.clock.instant += DAY
        assert await tables_with(estate, NUMBER[1:]) != {}
        estate.clock.instant += 1
        await estate.ledger.tend()
        left = await tables_with(estate, NUMBER[1:])
        assert left == {}
        assert await findings(estate) == []


async def test_what_is_on_its_way_while_its_person_is_erased_does_not_go_again() -> None:
    async with open_estate() as estate:
        await estate.consent()
        text = await estate.text()
        (segment,) = await estate.claim()
        await erase(estate, NUMBER)
        await estate.settle(segment, State.QUEUED, due_at=estate.clock())
        (claims,) = await estate.store.claim(Claim("main", "main/trx-1", 100, estate.clock(), look_again))
        assert claims.segments == ()
        shown = (await estate.ask("GET", f"/v1/messages/{text}")).body
        assert (shown["state"], shown["code"]) == ("blocked", "consent.missing")


async def test_a_clock_that_jumps_by_years_ends_no_record_and_stops_no_anchor() -> None:
    async with open_estate(config=opened(CONFIG, KEEPING)) as estate:
        await estate.consent()
        await estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"reason": "r"})
        for _ in range(10):
            await estate.ledger.tend()
            estate.clock.instant += DAY
        right = estate.clock.instant
        estate.clock.instant += 20 * YEAR
        await estate.ledger.tend()
        estate.clock.instant = right
        await estate.ledger.tend()
        assert (await estate.ask("POST", "/v1/messages", WISH)).body["code"] == "consent.opted_out"
        bundle = (await estate.ask("GET", f"/v1/consents/{NUMBER}/export")).body
        assert bundle["anchor"]["day"] == "2026-03-12"
        assert await findings(estate) == []


async def test_what_was_in_flight_is_told_of_to_nobody_s_number() -> None:
    async with open_estate() as estate:
        await estate.consent()
        await estate.text()
        (segment,) = await estate.claim()
        await erase(estate, NUMBER)
        estate.clock.instant += 30 * SECOND
        await estate.ledger.tend()
        await estate.settle(segment, State.SUBMITTED, smsc_message_id="77", smsc_key="77")
        await estate.ledger.tend()
        assert await tables_with(estate, NUMBER[1:]) == {"consent": 1, "consent_event": 1}


async def test_a_disk_that_takes_nothing_for_a_while_keeps_no_number_in_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def find_it_locked(wish: Scrub) -> list[int | None]:
        raise Transient(Code.STORE_UNAVAILABLE, "locked", after=5.0)

    async with open_estate() as estate:
        await estate.consent()
        await estate.text()
        (segment,) = await estate.claim()
        await erase(estate, NUMBER)
        await estate.settle(segment, State.SUBMITTED, smsc_message_id="77", smsc_key="77")
        with monkeypatch.context() as locked:
            locked.setattr(estate.store, "scrub_events", find_it_locked)
            with pytest.raises(Transient):
                await estate.ledger.tend()
        await estate.ledger.tend()
        assert await tables_with(estate, NUMBER[1:]) == {"consent": 1, "consent_event": 1}
