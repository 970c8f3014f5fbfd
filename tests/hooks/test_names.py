"""What a plugin's settings name has to be there: a guard of a client that is misspelt would guard nobody."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.config import Config, ConfigError, load
from gateway.config.plugins import PluginsConfig
from gateway.config.templates import TemplateFile
from gateway.extensions import advise_on_templates, find_plugins, template_files
from gateway.flow.templates import read_specs, system_files
from gateway.hooks.plugin import Plugin
from tests.house.source import ROOT

CONFIG = load(ROOT / "conf")
RULE = {"name": "r", "on": ["payment.failed"]}


def enabled(name: str, settings: dict[str, Any], config: Config = CONFIG) -> list[Plugin]:
    plugins = PluginsConfig(enabled=(name,), settings={name: settings})
    return find_plugins(msgspec.structs.replace(config, plugins=plugins))


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        (
            "account_guard",
            {"clients": ["demo", "dema"]},
            "account_guard.clients[#2]: 'dema' is no client: did you mean 'demo'?",
        ),
        (
            "account_guard",
            {"categories": ["colections"]},
            "account_guard.categories[#1]: 'colections' is no category: did you mean 'collections'?",
        ),
        (
            "payment_reminders",
            {"overdue_category": "system"},
            "payment_reminders.overdue_category: 'system' is no category: known are collections, marketing, servicing",
        ),
        (
            "workflow_rules",
            {"rules": [{**RULE, "then": [{"do": "text", "template": "a.b", "category": "service"}]}]},
            "workflow_rules.rules[r].then[#1].category: 'service' is no category: did you mean 'servicing'?",
        ),
    ],
)
def test_a_name_of_nothing_stops_the_start(name: str, settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        enabled(name, settings)
    assert [str(fault) for fault in caught.value.faults] == [f"plugins.toml: settings.{told}"]


def test_a_key_of_a_table_may_be_a_name(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 40)
    portal = {"url": "https://pay.example.com/plan", "key_file": str(key)}
    assert enabled("authorization_links", {"portal": {"demo": portal}})
    with pytest.raises(ConfigError, match="'dema' is no client"):
        enabled("authorization_links", {"portal": {"dema": portal}})


def test_a_default_has_to_be_there_too() -> None:
    policy = msgspec.structs.replace(
        CONFIG.policy, categories={name: one for name, one in CONFIG.policy.categories.items() if name != "servicing"}
    )
    with pytest.raises(ConfigError, match=r"settings\.payment_receipts\.category: 'servicing' is no category"):
        enabled("payment_receipts", {}, msgspec.structs.replace(CONFIG, policy=policy))


def test_where_no_clients_could_be_read_nothing_is_said_of_them() -> None:
    assert enabled("account_guard", {"clients": ["demo"]}, msgspec.structs.replace(CONFIG, clients=()))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "payment_receipts.receipts",
            "conf/x.toml takes no other template's place: did you mean 'payment_receipts.receipt'?",
        ),
        ("payment_receipts.receipt", None),
        ("our_own", None),
    ],
)
def test_a_template_in_nobodys_place_is_told(name: str, told: str | None, caplog: pytest.LogCaptureFixture) -> None:
    config = msgspec.structs.replace(CONFIG, templates=(TemplateFile(name, "conf/x.toml", "", "conf"),))
    template_files(config, enabled("payment_receipts", {}))
    assert [record.getMessage() for record in caplog.records] == ([] if told is None else [told])


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("payment_receipts.receit", "did you mean 'payment_receipts.receipt'?"),
        ("promise_to_pay.reminder", "known are our_own, payment_receipts.receipt"),
        ("payment_receipts.receipt", None),
        ("our_own", None),
    ],
)
def test_a_rule_that_names_no_template_of_a_file_is_told(
    template: str, told: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    rule = RULE | {"then": [{"do": "text", "template": template}]}
    plugins = PluginsConfig(
        enabled=("workflow_rules", "payment_receipts"), settings={"workflow_rules": {"rules": [rule]}}
    )
    own = TemplateFile("our_own", "conf/our_own.toml", "", "conf")
    config = msgspec.structs.replace(CONFIG, plugins=plugins, templates=(own,))
    template_files(config, find_plugins(config))
    problem = f"{template!r} is no template of an enabled plugin or of conf/templates, and has to be a client's own"
    place = "plugins.toml: settings.workflow_rules.rules[r].then[#1].template"
    assert [record.getMessage() for record in caplog.records] == (
        [] if told is None else [f"{place}: {problem}: {told}"]
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"amount": "account.balance", "promised_on": "account.promised_on"}, []),
        ({"amount": "account.balance", "promised_on": "account.promised_on", "link": "https://example.com"}, []),
        ({}, ["values: lacks what 'promise_to_pay.reminder' cannot do without: give amount, promised_on"]),
        (
            {"amount": "account.balance", "promised_at": "account.promised_on"},
            [
                "values.promised_at: is no variable of 'promise_to_pay.reminder': did you mean 'promised_on'?",
                "values: lacks what 'promise_to_pay.reminder' cannot do without: give promised_on",
            ],
        ),
    ],
)
def test_values_that_do_not_fit_the_template_that_they_are_for_are_told(
    values: dict[str, str], told: list[str]
) -> None:
    rule = RULE | {"then": [{"do": "text", "template": "promise_to_pay.reminder", "values": values}]}
    plugins = PluginsConfig(
        enabled=("workflow_rules", "promise_to_pay"), settings={"workflow_rules": {"rules": [rule]}}
    )
    config = msgspec.structs.replace(CONFIG, plugins=plugins)
    found = find_plugins(config)
    specs = [spec for spec, _ in read_specs([*system_files(), *template_files(config, found)]).values()]
    advice = advise_on_templates(config.clients, found, specs, lambda client: specs)
    place = "plugins.toml: settings.workflow_rules.rules[r].then[#1]."
    assert [str(one) for one in advice] == [place + words for words in told]
