"""The documentation of plugins says what there is: each hook, call, event and setting, and nothing else."""

import re
from inspect import Parameter, signature

import msgspec

from gateway import hooks
from gateway.hooks.api import GatewayApi
from gateway.hooks.host import LIMITS
from gateway.hooks.loading import LOAD_SECONDS
from gateway.hooks.specs import Hooks, Settings
from gateway.model.client_events import EVENT_TYPES, ClientEvent
from gateway.model.events import PLUGIN_KINDS
from gateway.rules.schedules import CATCH_UPS
from tests.house.source import ROOT

TEXT = (ROOT / "plugins" / "HOOKS.md").read_text(encoding="utf-8")
STRUCTS: tuple[type[msgspec.Struct], ...] = (
    hooks.Submitted, hooks.ConsentRequest, hooks.Job, hooks.Answer, hooks.Reply, hooks.TextOutcome, hooks.NumberCheckDue,
    hooks.Draft, hooks.Refusal, hooks.DialogSpec, hooks.Choice,
)  # fmt: skip
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


def test_every_call_is_told_with_its_arguments() -> None:
    for name, call in vars(GatewayApi).items():
        if name.startswith("_") or isinstance(call, property):
            continue
        told: list[str] = []
        for parameter in list(signature(call).parameters.values())[1:]:
            if parameter.kind is Parameter.KEYWORD_ONLY and "*" not in told:
                told.append("*")
            told.append(f"{parameter.name}{'' if parameter.default is Parameter.empty else '?'}")
        assert f"| `{name}({', '.join(told)})` |" in TEXT, name


def test_what_goes_in_and_comes_out_is_told_field_by_field() -> None:
    for kind in STRUCTS:
        spelt = [f"`{one.name}`{'' if one.required else '?'}" for one in msgspec.structs.fields(kind)]
        told = re.search(rf"^- `{kind.__name__}`: (.*)$", TEXT, re.MULTILINE)
        assert told is not None, kind
        assert re.sub(r" \(.*?\)", "", told[1]) == ", ".join(spelt), kind


def test_every_kind_that_a_plugin_can_tell_is_named() -> None:
    assert [kind.value for kind in PLUGIN_KINDS if f"`{kind.value}`" not in TEXT] == []


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
