"""What is told to the operator although it is allowed."""

import pytest

from gateway.config import advise, load, resolve_credentials
from tests.config.conftest import CARRIERS, CLIENTS, POLICY, Write


@pytest.mark.parametrize(
    ("password", "text", "told"),
    [
        ("12345678", "x" * 160, []),
        ("123456789", "x", ["carrier[main].password"]),
        ("pw", "x" * 161, ["client[demo].program[servicing].help_text"]),
        ("pw", "é" * 70, []),
        ("pw", "é" * 71, ["client[demo].program[servicing].help_text"]),
    ],
)
def test_advice(write: Write, password: str, text: str, told: list[str]) -> None:
    config = load(write(clients=CLIENTS.replace('"Help"', f'"{text}"')))
    advice = list(advise(config, resolve_credentials(config, {"MAIN_PASSWORD": password})))
    assert [item.key for item in advice] == told
    assert not [item for item in advice if password in str(item)]


@pytest.mark.parametrize(
    ("permits", "content", "told"),
    [
        ("", "servicing", False),
        ("", "first_party_collections", False),
        ("", "marketing", True),
        ("", "third_party_collections", True),
        ('permits = ["marketing"]', "marketing", False),
        ('permits = ["marketing"]', "servicing", True),
    ],
)
def test_a_category_that_no_carrier_permits_is_told(write: Write, permits: str, content: str, *, told: bool) -> None:
    config = load(write(carriers=CARRIERS + permits, policy=f'{POLICY}content = "{content}"\n'))
    advice = [item.key for item in advise(config, resolve_credentials(config, {"MAIN_PASSWORD": "pw"}))]
    assert advice == (["client[demo].program[servicing].categories"] if told else [])
