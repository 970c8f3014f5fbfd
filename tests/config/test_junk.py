"""No value of any key, however odd, gets past the loader as anything but a fault or a right value."""

import copy
import datetime
import tomllib
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from gateway.config.carriers import CarriersFile
from gateway.config.clients import ClientsFile
from gateway.config.decode import Faults, decode_table
from gateway.config.fields import Section
from gateway.config.gateway import GatewayConfig
from gateway.config.plugins import PluginsConfig
from gateway.config.policy import PolicyConfig
from gateway.config.references import check_carriers, check_clients, check_doors
from tests.config.test_shipped import CONF

FILES: tuple[tuple[str, type[Section]], ...] = (
    ("gateway.toml", GatewayConfig),
    ("carriers.toml", CarriersFile),
    ("clients.toml", ClientsFile),
    ("policy.toml", PolicyConfig),
    ("plugins.toml", PluginsConfig),
)
WEBHOOK = {
    "id": "w",
    "url": "https://h.example",
    "secret_env": "W",
    "previous_secret_file": "w",
    "events": ["message.*"],
}
CARRIER = {
    "password": "pw", "rx_binds": 1, "rate": 1.5, "prefixes": ["+1"], "status_overrides": {"0x58": "retry"},
    "receipt_errors": {"1": "absent"}, "source": {"e164": {"ton": 1, "npi": 1}}, "destination": {"ton": 1, "npi": 1},
    "retry": {"attempts": 1, "delays_seconds": [1]}, "tls": {"enabled": True, "ca_file": "x", "server_name": "h"},
    "receipt_states": {"ACCEPTD": "delivered"}, "outbind": {"listen": "127.0.0.1:1", "system_id": "S", "password": "x"},
    "senders": ["e164"], "bind": "trx", "registered_delivery": 1, "bind_rate": 2.0, "permits": ["marketing"],
    "limit": [{"scope": "client", "per": "day", "segments": 9, "zone": "America/Los_Angeles"}],
}  # fmt: skip
JUNK: tuple[object, ...] = (
    "", " ", "\x00", "\n", "é\U0001f600", "x" * 100_000, "[::1", "http://[", "[]:99999", "999.1.1.1:1", "whsec_é", -1, 0,
    1, 2**31, 2**63, 10**400, -(10**400), 0.5, 1e308, float("nan"), float("inf"), True, False, [], [[]], [{}], {},
    {"": {}}, {"a": [1]}, ["x", "x"], ["", None], datetime.date(2026, 1, 1), datetime.time(1),
    datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
)  # fmt: skip


def parsed() -> dict[str, Any]:
    """The shipped files as TOML, with every kind of key in them."""
    raw = {name: tomllib.loads((CONF / name).read_text()) for name, _ in FILES}
    raw["carriers.toml"]["carrier"][0] |= CARRIER
    raw["clients.toml"]["client"][0] |= {"webhook": [dict(WEBHOOK)]}
    program = raw["clients.toml"]["client"][0]["program"][0]
    program["priority"] = 1
    route = {"carriers": {"simulator": 1}, "prefixes": ["+1"], "categories": program["categories"]}
    routed = program | {"id": "routed", "sender": "40404", "route": [route]}
    del routed["carriers"]
    raw["clients.toml"]["client"][0]["program"].append(routed)
    raw["plugins.toml"] = {"enabled": ["a"], "settings": {"a": {"b": 1}}}
    return raw


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value, tables and lists included."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def spoilt(raw: dict[str, Any], path: tuple[str | int, ...], junk: object) -> dict[str, Any]:
    """The files with one value replaced."""
    copied = copy.deepcopy(raw)
    at: Any = copied
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = junk
    return copied


@pytest.mark.parametrize("name", [name for name, _ in FILES])
def test_junk_is_a_fault_or_a_right_value(name: str) -> None:
    raw = parsed()
    kind = dict(FILES)[name]
    rest: dict[str, Any] = {file: decode_table(other, raw[file], "", Faults(file)) for file, other in FILES}
    seen = 0
    for path in places(raw[name]):
        for junk in JUNK:
            faults = Faults(name)
            read = rest | {name: decode_table(kind, spoilt(raw[name], path, junk), "", faults)}
            unspoilt = not [*faults]
            check_doors(read["gateway.toml"], faults)
            check_carriers(read["carriers.toml"].carriers, faults)
            check_clients(read["clients.toml"].clients, read["carriers.toml"].carriers, read["policy.toml"], faults)
            told = [str(fault) for fault in faults]
            assert all(len(fault) < 1000 and fault.isprintable() for fault in told), told
            if unspoilt:
                # What is not a fault is what the types say: it survives msgspec's own, complete check.
                plain = msgspec.to_builtins(read[name], builtin_types=(datetime.date, datetime.time, datetime.datetime))
                assert msgspec.convert(plain, kind) == read[name]
            seen += 1
    assert seen >= 3 * len(JUNK)
