"""What an auditor reads of a plugin that was enabled."""

import json
from typing import Any

import msgspec

from gateway.flow.plugin_record import LONGEST, describe, started_by
from gateway.hooks import Info, Settings
from gateway.hooks.plugin import Plugin
from gateway.rules.charters import Charters
from plugins.payment_reminders import ReminderSettings
from tests.hooks import zoo
from tests.web.estate import CONFIG, Estate, open_estate


class Inner(Settings, frozen=True, kw_only=True):
    """A table in a table."""

    api_key: str
    key_file: str = "/etc/key"


class Holding(Settings, frozen=True, kw_only=True):
    """Settings with secrets."""

    password: str
    keyed: str = "not secret"
    services: tuple[Inner, ...] = ()
    words: str = ""


def plugin_of(settings: Settings, version: str = "2.1") -> Plugin:
    plugin = zoo.caged("one", observe_event=zoo.raises)
    plugin.settings = settings
    plugin.info = Info(summary="For tests", version=version)
    return plugin


def described(settings: Settings) -> str:
    return describe(plugin_of(settings), CONFIG, Charters(CONFIG))


def settings_in(text: str) -> Any:
    return json.JSONDecoder().raw_decode(text, text.index("{"))[0]


def test_version_settings_packs_and_user_are_named() -> None:
    text = described(ReminderSettings(offsets=(-3, 3), time="17:30", voice=None))
    assert text.startswith("version 2.1, settings {")
    assert settings_in(text) | {"offsets": 0} == {
        "ask_options": None,
        "ask_promise": 45,
        "category": "servicing",
        "clients": [],
        "offsets": 0,
        "overdue_category": "servicing",
        "time": "17:30",
        "trace": False,
        "voice": None,
        "when_failing": "refuse",
    }
    packs = {f"{pack.name}@{pack.version}" for pack in Charters(CONFIG).of("acme", "servicing", "servicing").packs}
    assert packs
    assert all(pack in text for pack in packs)
    assert text.endswith(started_by())


def test_secrets_stay_out_and_the_names_of_their_files_do_not() -> None:
    text = described(Holding(password="hunter2", services=(Inner(api_key="hunter3"),)))
    assert "hunter" not in text
    assert "/etc/key" in text
    assert "not secret" in text


def test_what_is_too_long_ends_early_and_says_so() -> None:
    text = described(Holding(password="", words="x" * (2 * LONGEST)))
    assert len(text) < LONGEST + 300
    assert "more characters)" in text


async def changes(estate: Estate) -> list[tuple[str, str]]:
    return [(one.change, one.detail) for one in await estate.store.plugin_changes("one", 10)]


async def test_it_is_written_when_a_plugin_is_enabled_and_when_its_settings_or_version_change() -> None:
    first, second = Settings(), Settings(trace=True)
    async with open_estate([plugin_of(first)]) as estate:
        for plugin in (plugin_of(first), plugin_of(first), plugin_of(second), plugin_of(second, "2.2")):
            again = Estate(estate.store, estate.directory, [plugin])
            await again.doors.plugins.open()
        await Estate(estate.store, estate.directory).doors.plugins.open()
        noted = await changes(estate)
    assert [change for change, _ in noted] == ["disabled", "changed", "changed", "enabled"]
    told = [detail for change, detail in noted if change != "disabled"]
    assert [detail.partition(",")[0] for detail in told] == ["version 2.2", "version 2.1", "version 2.1"]
    assert [settings_in(detail)["trace"] for detail in told] == [True, True, False]
    assert [settings_in(detail) for detail in told][-1] == msgspec.to_builtins(first) | {"clients": []}
