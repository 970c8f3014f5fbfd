"""The configuration in ``conf``: it loads, it explains every key, and what its comments say is true."""

import re
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import fields

from gateway.config import (
    CarrierConfig,
    CategoryConfig,
    ClientConfig,
    Config,
    GatewayConfig,
    LimitConfig,
    OutbindConfig,
    PluginsConfig,
    PolicyConfig,
    ProgramConfig,
    RetryConfig,
    RouteConfig,
    TlsConfig,
    WebhookConfig,
    create_demo_credentials,
    load,
    resolve_credentials,
)
from gateway.config.load import FILES
from tests.config.conftest import Write

CONF = Path(__file__).parents[2] / "conf"
_COMMENTED = re.compile(r"^# ([a-z][a-z0-9_.]* = .*|\[.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def config() -> Config:
    """The shipped configuration."""
    return load(CONF)


def test_all_five_files_are_there() -> None:
    assert {path.name for path in CONF.glob("*.toml")} == set(FILES)


def test_gateway_toml_shows_the_defaults(config: Config) -> None:
    assert config.gateway == GatewayConfig()


def test_carriers_toml_has_the_simulator(config: Config) -> None:
    carrier = config.carriers[0]
    assert len(config.carriers) == 1
    assert (carrier.name, carrier.host, carrier.port) == ("simulator", "127.0.0.1", 2775)


def test_clients_toml_has_the_demonstration(config: Config) -> None:
    program = config.program("demo", "servicing")
    assert program is not None
    assert program.categories == ("servicing", "collections", "marketing")
    assert config.program_of("simulator", program.sender) is not None


def test_confirmations_fit_one_segment(config: Config) -> None:
    for client in config.clients:
        for program in client.programs:
            for text in (program.help_text, program.stop_confirmation, program.start_confirmation):
                assert text is not None
                assert text.isascii()
                assert len(text) <= 160


def test_policy_toml_needs_consent_for_everything_but_our_own_answers(config: Config) -> None:
    assert [name for name, kind in config.policy.categories.items() if kind.consent == "none"] == ["system"]
    assert {kind.in_doubt for kind in config.policy.categories.values()} == {"hold"}


def test_plugins_toml_enables_nothing(config: Config) -> None:
    assert config.plugins == PluginsConfig()


def test_every_door_is_on_loopback(config: Config) -> None:
    assert {config.gateway.http.address[0], config.gateway.admin.address[0]} == {"127.0.0.1"}


def test_no_secret_is_shipped(config: Config, tmp_path: Path) -> None:
    for path in CONF.glob("*.toml"):
        assert not re.search(r"^\s*(previous_)?(password|secret)\s*=", path.read_text(), re.MULTILINE)
    here = msgspec.structs.replace(
        config,
        gateway=msgspec.structs.replace(
            config.gateway, store=msgspec.structs.replace(config.gateway.store, path=str(tmp_path))
        ),
    )
    assert [path.name for path in create_demo_credentials(here)] == ["simulator.password"]
    assert resolve_credentials(here, {}).carriers["simulator"]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("carriers.toml", (CarrierConfig, RetryConfig, TlsConfig, OutbindConfig, LimitConfig)),
        ("clients.toml", (ClientConfig, ProgramConfig, RouteConfig, WebhookConfig)),
        ("policy.toml", (CategoryConfig, PolicyConfig)),
        ("plugins.toml", (PluginsConfig,)),
    ],
)
def test_every_key_is_explained(name: str, kinds: tuple[type[msgspec.Struct], ...]) -> None:
    text = (CONF / name).read_text()
    # Three ways to give a secret, twice for a webhook, are told in one sentence.
    told = {"password": "password_file", "secret": "secret_file", "previous_secret": "previous_secret_file"}
    known = {field.encode_name for kind in kinds for field in fields(kind)}
    absent = {key for key in known if not re.search(rf"\b{told.get(key.removesuffix('_env'), key)}\b", text)}
    assert absent - {"secret_env", "previous_secret_env"} == set()


def test_a_commented_key_shows_its_default_unless_it_says_none(config: Config, write: Write) -> None:
    shown = load(write(clients="", carriers=_uncommented(omit=r"# none\b|; none: |_env = |rx_binds")))
    assert shown.carriers == config.carriers


def test_every_commented_example_is_right(config: Config, write: Write) -> None:
    text = _uncommented(omit=r"password_env|rx_binds").replace("enabled = false", "enabled = true")
    example = load(write(clients="", carriers=text)).carriers[0]
    assert example.rate == 30
    assert example.statuses == {0x58: "pause", 0x40B: "opted_out"}
    assert example.receipt_errors == {"034": "opted_out"}
    assert example.receipt_states == {"ACCEPTD": "delivered"}
    assert example.outbind is not None
    assert (example.outbind.address, example.outbind.system_id) == (("127.0.0.1", 2777), "SMSC")
    assert example.tls.server_name == "smpp.carrier.example"
    assert [(limit.scope, limit.per, limit.zone) for limit in example.limits] == [
        ("program", "minute", "UTC"),
        ("client", "day", "America/Los_Angeles"),
    ]

    head, table, tail = (CONF / "clients.toml").read_text().partition("# [[client.webhook]]\n")
    webhook = load(
        write(
            carriers=(CONF / "carriers.toml").read_text(),
            policy=(CONF / "policy.toml").read_text(),
            clients=head + table.removeprefix("# ") + _COMMENTED.sub(r"\1", tail),
        )
    )
    assert webhook.clients[0].webhooks[0].wants("message.delivered")
    assert not config.clients[0].webhooks


def test_the_commented_routes_are_right(config: Config, write: Write) -> None:
    text = re.sub(r"^carriers = .*$", "", (CONF / "clients.toml").read_text(), count=1, flags=re.MULTILINE)
    head, table, tail = text.partition("# [[client.program.route]]\n")
    routes, _, _ = tail.partition("# Events")
    carriers = (CONF / "carriers.toml").read_text()
    program = (
        load(
            write(
                carriers=carriers + carriers.replace('"simulator"', '"other"'),
                policy=(CONF / "policy.toml").read_text(),
                clients=head + _COMMENTED.sub(r"\1", table + routes),
            )
        )
        .clients[0]
        .programs[0]
    )
    assert [route.carriers for route in program.ways] == [{"simulator": 3, "other": 1}, {"other": 1}]
    assert program.ways[0].categories == ("servicing",)
    assert program.carrier_names == ("simulator", "other")


def _uncommented(omit: str) -> str:
    """carriers.toml with its commented keys and tables in force, but for the lines that match ``omit``."""
    lines = (CONF / "carriers.toml").read_text().splitlines()
    return "\n".join(_COMMENTED.sub(r"\1", line) for line in lines if not re.search(omit, line))
