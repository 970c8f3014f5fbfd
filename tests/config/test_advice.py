"""What is told to the operator although it is allowed."""

import pytest

from gateway.config import advise, load, resolve_credentials
from tests.config.conftest import CLIENTS, Write


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
