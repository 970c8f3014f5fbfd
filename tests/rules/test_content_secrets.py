"""Numbers and secrets: refused in full and asked for, passed as last four digits and everyday numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.content.finding import ContentCode, ContentContext, Level, OptOutDuty
from gateway.rules.content.lint import lint

CONTEXT = ContentContext(category="servicing", identity=("Acme",), party_known=True, opt_out=OptOutDuty.NONE)

# The networks' published test numbers.
CARDS = (
    "4111111111111111", "4012888888881881", "4222222222222", "5555555555554444", "5105105105105100", "2223003122003222",
    "378282246310005", "371449635398431", "6011111111111117", "6011000990139424", "30569309025904", "38520000023237",
    "3530111333300000", "3566002020360505", "6200000000000005",
)  # fmt: skip


def _refused(text: str) -> set[ContentCode]:
    return {finding.code for finding in lint(f"Acme: {text}", CONTEXT) if finding.level is Level.REFUSE}


def _with_check_digit(digits: str) -> str:
    doubled = [int(digit) * 2 for digit in digits[-1::-2]]
    total = sum(n - 9 if n > 9 else n for n in doubled) + sum(map(int, digits[-2::-2]))
    return f"{digits}{-total % 10}"


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("form", ["{}", "card {}.", "({})", "card:{},exp 04/28", "x{}y", "{}\n123", "ref.{}", "no-{}"])
def test_a_card_number_is_refused(card: str, form: str) -> None:
    assert _refused(form.format(card)) == {ContentCode.CARD_NUMBER}


@pytest.mark.parametrize(
    "written",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "3782 822463 10005",
        "3056-930902-5904",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "41 11 11 11 11 11 11 11",
        "\uff14111 1111 1111 1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111\u200b1111\u200b1111\u200b1111",
        "4111\u20111111\u20111111\u20111111",
        "٤١١١١١١١١١١١١١١١",
    ],
)
def test_however_it_is_written(written: str) -> None:
    assert ContentCode.CARD_NUMBER in _refused(f"card {written} was charged")


@given(st.integers(0, 10**11 - 1))
def test_a_wrong_check_digit_is_no_card(middle: int) -> None:
    right = _with_check_digit(f"4929{middle:011d}")
    wrong = f"{right[:-1]}{(int(right[-1]) + 1) % 10}"
    assert _refused(f"ref {right}") == {ContentCode.CARD_NUMBER}
    assert _refused(f"ref {wrong}") == set()


@pytest.mark.parametrize(
    "text",
    [
        "card ending in 1111",
        "card ************1111 was charged",
        "card xxxx-xxxx-xxxx-1111",
        "account ending 4471",
        "acct #4471",
        "account 55123",
        "about your account: 800-555-0102",
        "about your account 1-800-555-0102",
        "your account (202) 555-0102",
        "account opened 2026-03-08",
        "your account +12025550102",
        "about your account: +1 2025550102",
        "paid to your loan: $12500.00",
        "savings £12345.67",
        "su cuenta: €12345.67",
        "your loan 03-08-2026",
        "account 31.12.2026 10:15",
        "call +1 202 555 0102 or +44 20 7946 0018",
        "tracking 9400100000000000000000",
        "order 100-2231-889, ref 20260308",
        "case 123-45-678 and 12-345-6789",
        "file 000-12-3456 and 666-12-3456 and 123-00-4567 and 123-45-0000",
        "SSN ending in 9999",
        "code 123456, valid till 2026-03-08 12:30:00.123456",
        "meter 20114455667",
        "IBAN GB83 WEST 1234 5698 7654 32",
        "us12 34 is a road",
        "1,234,567,890,123.45",
        "0.4111111111111111",
        "1-219-09-9999",
    ],
)
def test_an_everyday_number_passes(text: str) -> None:
    assert _refused(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "account number 1234567",
        "Account No. 00-1234-5678",
        "acct: 1234567890",
        "account 99-99-2026",
        "account 03-08-20261",
        "a/c no 12345678",
        "routing number 021000021",
        "numéro de compte : compte no 12345678",
        "cuenta número 12345678",
        "GB82 WEST 1234 5698 7654 32",
        "gb82west12345698765432",
        "DE89 3704 0044 0532 0130 00",
        "NO93 8601 1117 947",
    ],
)
def test_an_account_number_in_full_is_refused(text: str) -> None:
    assert _refused(text) == {ContentCode.ACCOUNT_NUMBER}


@pytest.mark.parametrize(
    "text",
    [
        "219-09-9999",
        "219 09 9999",
        "219.09.9999",
        "SSN 219099999",
        "ssn is 219-09-9999",
        "id 912-70-1234",
        "SSN-219-09-9999",
        "ssn.219-09-9999",
    ],
)
def test_a_social_security_number_is_refused(text: str) -> None:
    assert _refused(text) == {ContentCode.SOCIAL_SECURITY_NUMBER}


@pytest.mark.parametrize(
    "text",
    [
        "reply with your card number",
        "text us the card number and CVV",
        "please send your bank account number",
        "we need your card number to go on",
        "what is your card number? Reply here.",
        "reply with your SSN",
        "responda con su número de tarjeta",
        "répondez avec votre numéro de carte",
        "REPLY WITH YOUR C\u200bARD NUMBER",
        "Never text your card number. Reply with your card number now.",
        "if not paid reply with your card number",
        "if you have not paid, reply with your card number",
        "No worries, reply with your card number",
    ],
)
def test_asking_for_a_secret_is_refused(text: str) -> None:
    assert _refused(text) == {ContentCode.ASKS_SECRET}


@pytest.mark.parametrize(
    "text",
    [
        "never text your card number",
        "we do not ask for your card number by text",
        "enter your card number at https://pay.acme.example",
        "We need a card number. Add it at https://pay.acme.example",
        "call 800-555-0102 to give your card number",
        "reply PAY to pay with the card on file",
        "reply 1 to pay from your bank account",
        "reply with the last 4 of your SSN",
        "reply with the code from the app",
        "your card number ending 4242 was removed",
        "please do not reply with your card number",
        "we don't need your card number",
        "we cannot take a card number by text",
        "no envíe los datos de su tarjeta",
        "nunca envíe el número de su tarjeta",
        "n'envoyez jamais votre numéro de carte",
    ],
)
def test_pointing_to_a_safe_way_passes(text: str) -> None:
    assert _refused(text) == set()
