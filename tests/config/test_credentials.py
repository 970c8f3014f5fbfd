"""Secrets that live outside the files: read, refused, made for the demonstration, never shown."""

import stat
from base64 import b64decode
from pathlib import Path

import pytest

from gateway.config import Config, ConfigError, create_demo_credentials, load, resolve_credentials
from tests.config.conftest import CARRIERS, CLIENTS, Write

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5"
WEBHOOK = '[[client.webhook]]\nid = "main"\nurl = "https://events.example"\n'
FROM_FILE = CARRIERS.replace('password_env = "MAIN_PASSWORD"', 'password_file = "main.password"')


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data directory."""
    directory = tmp_path / "data"
    directory.mkdir()
    return directory


def configured(write: Write, data: Path, *, carriers: str = CARRIERS, clients: str = CLIENTS) -> Config:
    """The configuration with this data directory."""
    return load(write(gateway=f'[store]\npath = "{data}"\n', carriers=carriers, clients=clients))


def faults_of(config: Config, environment: dict[str, str]) -> list[str]:
    """Every fault of the secrets."""
    with pytest.raises(ConfigError) as caught:
        resolve_credentials(config, environment)
    return [str(fault) for fault in caught.value.faults]


def put(path: Path, content: str, mode: int = 0o600) -> None:
    """Write a file with this mode."""
    path.write_text(content)
    path.chmod(mode)


def test_a_password_comes_from_the_environment_or_a_file(write: Write, data: Path) -> None:
    from_environment = configured(write, data)
    assert resolve_credentials(from_environment, {"MAIN_PASSWORD": "pw"}).carriers == {"main": "pw"}
    put(data / "main.password", "pw2\n")
    from_file = configured(write, data, carriers=FROM_FILE)
    assert resolve_credentials(from_file, {}).carriers == {"main": "pw2"}


def test_a_carrier_that_calls_has_its_own_password(write: Write, data: Path) -> None:
    called = 'outbind = { listen = "127.0.0.1:2777", system_id = "SMSC", password_env = "THEIRS" }\n'
    config = configured(write, data, carriers=CARRIERS + called)
    resolved = resolve_credentials(config, {"MAIN_PASSWORD": "pw", "THEIRS": "other"})
    assert (resolved.carriers, resolved.outbinds, resolved.tls) == ({"main": "pw"}, {"main": "other"}, {})
    (fault,) = faults_of(config, {"MAIN_PASSWORD": "pw", "THEIRS": "with blank "[:9] + "x"})
    assert "carrier[main].outbind.password: is not well-formed" in fault


def test_a_webhook_has_its_secret_and_the_one_before(write: Write, data: Path) -> None:
    hook = WEBHOOK + 'secret_env = "NEW"\nprevious_secret_file = "old.secret"\n'
    config = configured(write, data, clients=CLIENTS + hook)
    older = SECRET.replace("MDEy", "AAAA")
    put(data / "old.secret", older)
    resolved = resolve_credentials(config, {"MAIN_PASSWORD": "pw", "NEW": SECRET})
    assert resolved.webhooks == {("demo", "main"): (SECRET, older)}
    assert "whsec" not in repr(resolved)
    assert "pw" not in repr(resolved)


def test_all_faults_come_at_once(write: Write, data: Path) -> None:
    carriers = CARRIERS + CARRIERS.replace('"main"', '"second"').replace(
        'password_env = "MAIN_PASSWORD"',
        'password_file = "absent"\ntls = { enabled = true, ca_file = "ca.pem" }\n'
        'outbind = { listen = "127.0.0.1:2777", system_id = "SMSC", password_env = "THEIRS" }',
    )
    config = configured(write, data, carriers=carriers, clients=CLIENTS + WEBHOOK + 'secret_env = "NEW"')
    assert faults_of(config, {"NEW": "whsec_c2hvcnQ="}) == [
        "carriers.toml: carrier[main].password_env: MAIN_PASSWORD is not set: set it before the start",
        f"carriers.toml: carrier[second].password_file: {data}/absent: No such file or directory: "
        "create it with mode 0600",
        "carriers.toml: carrier[second].outbind.password_env: THEIRS is not set: set it before the start",
        f"carriers.toml: carrier[second].tls.ca_file: {data}/ca.pem: No such file or directory: give the path of a PEM file",
        'clients.toml: client[demo].webhook[main].secret: is not well-formed: give "whsec_" and 24 to 64 random bytes '
        "as Base64",
    ]


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ("pw", 0o644, "can be read by everybody: chmod 600 it"),
        ("\n", 0o600, "is empty: write the secret into it"),
        ("two words", 0o600, "carrier[main].password: is not well-formed"),
        ("p" * 65, 0o600, "carrier[main].password: is not well-formed"),
        ("paßwort", 0o600, "carrier[main].password: is not well-formed"),
        ("\x00", 0o600, "carrier[main].password: is not well-formed"),
    ],
)
def test_a_bad_password_file_is_refused(write: Write, data: Path, content: str, mode: int, told: str) -> None:
    put(data / "main.password", content, mode)
    faults = faults_of(configured(write, data, carriers=FROM_FILE), {})
    assert len(faults) == 1
    assert told in faults[0]
    assert "pw" not in faults[0].replace("password", "")


def test_a_directory_is_no_password_file(write: Write, data: Path) -> None:
    (data / "main.password").mkdir()
    assert "Is a directory" in faults_of(configured(write, data, carriers=FROM_FILE), {})[0]


def test_the_demonstration_makes_its_secrets_once(write: Write, tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    hook = WEBHOOK + 'secret_file = "webhook.secret"\n'
    config = configured(write, data, carriers=FROM_FILE, clients=CLIENTS + hook)
    created = create_demo_credentials(config)
    assert created == (data / "main.password", data / "webhook.secret")
    assert {stat.S_IMODE(path.stat().st_mode) for path in created} == {0o600}
    resolved = resolve_credentials(config, {})
    assert len(resolved.carriers["main"]) == 8
    assert len(b64decode(resolved.webhooks["demo", "main"][0].removeprefix("whsec_"))) == 32
    assert create_demo_credentials(config) == ()
    assert resolve_credentials(config, {}) == resolved


def test_the_demonstration_makes_different_secrets_each_time(write: Write, tmp_path: Path) -> None:
    made = set()
    for name in ("one", "two"):
        config = configured(write, tmp_path / name, carriers=FROM_FILE)
        create_demo_credentials(config)
        made.add(resolve_credentials(config, {}).carriers["main"])
    assert len(made) == 2


@pytest.mark.parametrize("name", ["{outside}/main.password", "../main.password"])
def test_the_demonstration_writes_inside_the_data_directory_only(write: Write, data: Path, name: str) -> None:
    outside = data.parent / "outside"
    outside.mkdir()
    carriers = FROM_FILE.replace("main.password", name.format(outside=outside))
    config = configured(write, data, carriers=carriers)
    assert create_demo_credentials(config) == ()
    assert list(outside.iterdir()) == []
    assert not (data.parent / "main.password").exists()
