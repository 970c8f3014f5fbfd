"""A configuration directory that is right, to be spoilt by one test at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import ConfigError, load

Write = Callable[..., Path]

CARRIERS = """
[[carrier]]
name = "main"
host = "smsc.example"
system_id = "assent"
password_env = "MAIN_PASSWORD"
"""
PROGRAM = """
[[client.program]]
id = "servicing"
sender = "+12025550100"
carriers = ["main"]
categories = ["servicing"]
purpose = "Account texts"
help_text = "Help"
stop_confirmation = "Stopped"
start_confirmation = "Started"
"""
CLIENTS = f"""
[[client]]
id = "demo"
name = "Demonstration"
{PROGRAM}
"""
POLICY = "[categories.servicing]\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a directory of files by their stems; ``None`` leaves one out."""

    def write(mode: int = 0o600, **contents: str | None) -> Path:
        files: dict[str, str | None] = {"carriers": CARRIERS, "clients": CLIENTS, "policy": POLICY, **contents}
        for stem, text in files.items():
            path = tmp_path / f"{stem}.toml"
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text, encoding="utf-8")
                path.chmod(mode)
        return tmp_path

    return write


def faults_of(directory: Path) -> list[str]:
    """Every fault that loading finds, as an operator sees them."""
    with pytest.raises(ConfigError) as caught:
        load(directory)
    return [str(fault) for fault in caught.value.faults]
