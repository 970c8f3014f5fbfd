"""The ledger is checked every day without being asked: whose entries do not verify gets no texts, and everybody else does."""

import pytest

from gateway.flow import ledger
from gateway.model.clock import DAY
from tests.flow.test_erasure import within
from tests.web.estate import NUMBER, OTHER_NUMBER, WISH, Estate, open_estate

FORGED = "UPDATE consent_event SET evidence = replace(evidence, 'web form', 'paper') WHERE number = ?"
MENDED = "UPDATE consent_event SET evidence = replace(evidence, 'paper', 'web form') WHERE number = ?"
RAISED = "UPDATE consent SET state = 'confirmed' WHERE number = ?"


async def code_of(estate: Estate, number: str) -> str | None:
    answer = await estate.ask("POST", "/v1/messages", WISH | {"to": number})
    code: str | None = answer.body.get("code")
    return code


async def tamper(estate: Estate, statement: str) -> None:
    assert await within(estate, lambda unit: unit.sql.execute(statement, (NUMBER,)).rowcount) > 0


async def days_check(estate: Estate) -> None:
    """All rounds of the sweep that a day's check takes."""
    for _ in range(20):
        await estate.ledger.tend()


@pytest.mark.parametrize("page", [1, 3, 20_000])
async def test_a_changed_entry_stops_its_number_until_it_is_as_it_was(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "PAGE", page)
    async with open_estate() as estate:
        for number in (NUMBER, OTHER_NUMBER):
            await estate.consent(number)
            await estate.consent(number, category="marketing")
        await days_check(estate)
        await tamper(estate, FORGED)
        assert await code_of(estate, NUMBER) is None  # nobody has looked yet
        estate.clock.instant += DAY
        await days_check(estate)
        assert (await code_of(estate, NUMBER), await code_of(estate, OTHER_NUMBER)) == ("ledger.broken", None)
        told = (await estate.ask("GET", "/readyz")).body
        assert "the ledger does not verify: 1 numbers get no texts" in told["warnings"]
        assert NUMBER[1:] not in str(told)

        await tamper(estate, MENDED)
        await days_check(estate)
        assert await code_of(estate, NUMBER) == "ledger.broken"  # today's check is through
        estate.clock.instant += DAY
        await days_check(estate)
        assert await code_of(estate, NUMBER) is None
        assert "warnings" not in (await estate.ask("GET", "/readyz")).body


async def test_a_consent_that_no_entry_gave_stops_its_number() -> None:
    async with open_estate() as estate:
        await estate.consent()
        await estate.consent(OTHER_NUMBER)
        await estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"program": "servicing", "reason": "r"})
        await tamper(estate, RAISED)
        assert await code_of(estate, NUMBER) is None
        await days_check(estate)
        assert (await code_of(estate, NUMBER), await code_of(estate, OTHER_NUMBER)) == ("ledger.broken", None)
