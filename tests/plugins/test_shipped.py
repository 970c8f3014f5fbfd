"""What is shipped: nothing enabled, every setting shown with its default, every text fit to be sent."""

import re
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from gateway.config.decode import Faults, decode_table
from gateway.config.templates import read_template_files
from gateway.flow.templates import read_specs
from gateway.hooks import Settings
from gateway.hooks.plugin import Plugin
from gateway.model.client_events import EVENT_TYPES
from gateway.rules.dialogs import read_answer
from gateway.rules.keywords import classify

ROOT = Path(__file__).parents[2]
CONF = (ROOT / "conf" / "plugins.toml").read_text(encoding="utf-8")
NAMES = sorted(folder.name for folder in (ROOT / "plugins").iterdir() if (folder / "__init__.py").is_file())
EVERY = pytest.mark.parametrize("name", NAMES)


def module_of(name: str) -> ModuleType:
    return import_module(f"plugins.{name}")


def plugin_of(name: str) -> tuple[Plugin, type[Settings]]:
    plugin = Plugin(name, module_of(name))
    return plugin, plugin.call("declare_settings", {})


def examples() -> dict[str, Any]:
    """The settings of conf/plugins.toml with the marks taken away."""
    shown = "\n".join(line[2:] for line in CONF.split("enabled = []")[1].splitlines() if re.match(r"# [\[a-z]", line))
    return dict(tomllib.loads(shown[shown.index("[settings") :])["settings"])


def test_nothing_is_enabled() -> None:
    assert tomllib.loads(CONF) == {"enabled": []}
    assert sorted(examples()) == NAMES


@EVERY
def test_the_example_shows_every_setting_with_its_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSENT_PORTAL_KEY", "x" * 32)
    _, kind = plugin_of(name)
    faults = Faults("plugins.toml")
    example = examples()[name]
    decoded = decode_table(kind, example, name, faults)
    assert list(faults) == []
    fields = {
        field.name: field for field in msgspec.structs.fields(kind) if field.name not in Settings.__struct_fields__
    }
    assert set(fields) - set(example) <= {"ask_options"}
    for field in set(fields) & set(example) - {"portal", "rules"}:
        assert getattr(decoded, field) == fields[field].default, field


@EVERY
def test_it_says_what_it_is(name: str) -> None:
    plugin, _ = plugin_of(name)
    assert plugin.call("declare_info", {}).summary


@EVERY
def test_it_declares_every_type_of_event_that_it_acts_on(name: str) -> None:
    plugin, kind = plugin_of(name)
    assert plugin.implements("declare_events") == plugin.implements("observe_event")
    if plugin.implements("declare_events"):
        named = {spelt for spelt, event in EVENT_TYPES.items() if event in vars(plugin.module).values()}
        settings = kind()
        assert named <= set(plugin.call("declare_events", {"settings": settings})) <= set(EVENT_TYPES)


@EVERY
def test_its_texts_can_be_sent_in_english_and_spanish(name: str) -> None:
    files, faults = read_template_files(plugin_of(name)[0].templates, name, f"{name}.")
    assert faults == []
    for spec, _ in read_specs(files).values():
        assert set(spec.texts) == {"en", "es"}
        for words in spec.texts.values():
            assert words.strip().startswith("{{ client_name }}:")
            assert re.search(r"(Reply|Responda) STOP", words)


@EVERY
def test_no_word_that_it_offers_is_anybody_elses(name: str) -> None:
    plugin, kind = plugin_of(name)
    words = list(plugin.call("declare_keywords", {}) if plugin.implements("declare_keywords") else ())
    if plugin.implements("declare_dialogs"):
        for dialog in plugin.call("declare_dialogs", {"settings": kind()}):
            words += [word for choice in dialog.choices for word in choice.words]
    assert {word: classify(word).kind for word in words if classify(word).kind != "none"} == {}


@EVERY
def test_each_answer_is_understood_in_the_words_that_its_question_has_for_it(name: str) -> None:
    plugin, kind = plugin_of(name)
    asked = plugin.call("declare_dialogs", {"settings": kind()}) if plugin.implements("declare_dialogs") else ()
    specs = {
        spec.name: spec for spec, _ in read_specs(read_template_files(plugin.templates, name, f"{name}.")[0]).values()
    }
    for dialog in asked:
        for template in filter(None, (dialog.template, dialog.reprompt)):
            for words in specs[f"{name}.{template}"].texts.values():
                offered = re.search(r"(?:Reply|Responda) (1 [^.]*)\.", words)
                for answer in offered[1].split(", ") if offered else ():
                    number, _, said = answer.partition(" ")
                    chosen = read_answer(dialog.choices, number)
                    assert chosen is not None
                    assert {read_answer(dialog.choices, said), read_answer(dialog.choices, answer)} == {chosen}, answer
