"""The documentation of plugins says what there is: each hook, call, event and setting, and nothing else."""

import re
from inspect import signature

import msgspec

from gateway.hooks.api import GatewayApi
from gateway.hooks.host import LIMITS
from gateway.hooks.loading import LOAD_SECONDS
from gateway.hooks.specs import Hooks, Settings
from gateway.model.client_events import EVENT_TYPES, ClientEvent
from gateway.model.events import PLUGIN_KINDS
from gateway.rules.schedules import CATCH_UPS
from tests.house.source import ROOT

TEXT = (ROOT / "plugins" / "HOOKS.md").read_text(encoding="utf-8")
ROWS = {row[0]: row[1] for row in re.findall(r"^\| `([^`(]+)[^`]*` \| (.*) \|$", TEXT, re.MULTILINE)}


def test_every_hook_has_its_heading_with_its_arguments() -> None:
    told = dict(re.findall(r"^### (\w+)\((.*?)\)", TEXT, re.MULTILINE))
    there = {
        name: ", ".join(parameter for parameter in signature(hook).parameters if parameter != "self")
        for name, hook in vars(Hooks).items()
        if not name.startswith("_")
    }
    assert told == there


def test_every_call_has_its_row() -> None:
    calls = {name for name in vars(GatewayApi) if not name.startswith("_")}
    assert calls - {"client", "now"} <= ROWS.keys()
    assert {"client", "now"} <= ROWS.keys()


def test_every_event_has_its_row_with_its_fields() -> None:
    common = set(ClientEvent.__struct_fields__)
    for name, kind in EVENT_TYPES.items():
        own = [field for field in msgspec.structs.fields(kind) if field.name not in common]
        spelt = ", ".join(f"`{field.name}`{'' if field.required else '?'}" for field in own) or "—"
        assert ROWS.get(name) == spelt, name


def test_every_common_setting_has_its_row() -> None:
    assert set(Settings.__struct_fields__) <= ROWS.keys()


def test_nothing_is_told_that_is_not_there() -> None:
    calls = {name for name in vars(GatewayApi) if not name.startswith("_")}
    assert ROWS.keys() <= calls | set(EVENT_TYPES) | set(Settings.__struct_fields__)


def test_policies_limits_and_steps_are_those_of_the_code() -> None:
    assert all(f"`{policy}`" in TEXT for policy in CATCH_UPS)
    assert (LIMITS.observe_seconds, LIMITS.decide_seconds, LIMITS.failures) == (10.0, 0.1, 5)
    assert f"within {LOAD_SECONDS:g} s, stops the start" in TEXT
    assert all(f"`{kind}`" in TEXT for kind in PLUGIN_KINDS if kind.startswith("step."))
