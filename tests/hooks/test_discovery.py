"""Loading plugins: every fault of every plugin stops the start, by name."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from gateway.config.faults import ConfigError
from gateway.config.plugins import PluginsConfig
from gateway.config.templates import read_template_files
from gateway.hooks import Info, Settings
from gateway.hooks.discovery import GROUP, Finder
from gateway.hooks.loading import load
from gateway.hooks.plugin import NotAPlugin
from gateway.model.client_events import EVENT_TYPES
from tests.hooks import zoo
from tools.plugin import PLUGIN, TEMPLATE


class Zoo(Finder):
    """A finder that knows the animals that it is given."""

    def __init__(self, *modules: Any) -> None:
        super().__init__((), ())
        self.modules = {module.__name__: module for module in modules}

    def names(self) -> list[str]:
        return sorted(self.modules)

    def find(self, name: str) -> Any:
        if name not in self.modules:
            raise NotAPlugin("there is no such plugin", "none")
        return self.modules[name]


def faults_of(*modules: Any, enabled: tuple[str, ...] | None = None, **settings: dict[str, Any]) -> list[str]:
    names = tuple(module.__name__ for module in modules) if enabled is None else enabled
    with pytest.raises(ConfigError) as caught:
        load(PluginsConfig(enabled=names, settings=settings), Zoo(*modules))
    return [str(fault) for fault in caught.value.faults]


class Strict(Settings, frozen=True, kw_only=True):
    offsets: tuple[int, ...] = (-3,)
    program: str


def raising() -> Any:
    raise OSError("boom")


@pytest.mark.parametrize(
    ("hooks", "words"),
    [
        ({"observe_everything": zoo.raises}, "unknown hook"),
        ({"observe_event": lambda event: None}, "is not async"),
        ({"decide_text": zoo.decides_late}, "is async"),
        ({"observe_event": zoo.raises, "declare_info": raising}, "OSError"),
        ({"declare_info": lambda: "hello"}, "declare_info returns what it must not"),
        ({"declare_settings": lambda: dict}, "inherit gateway.hooks.Settings"),
        ({"declare_keywords": lambda: ["STOP"]}, "'STOP', which the gateway reserves"),
        ({"declare_keywords": lambda: ["Cancel"]}, "'Cancel', which the gateway reserves"),
        ({"declare_keywords": lambda: ["start"]}, "reserves"),
        ({"declare_keywords": lambda: ["help"]}, "reserves"),
        ({"declare_keywords": lambda: ["two words"]}, "single words"),
        ({"declare_keywords": lambda: 7}, "declare_keywords returns"),
        ({"declare_events": lambda: 7, "observe_event": zoo.raises}, "declare_events returns"),
        ({"declare_events": lambda: "invoice.paid", "observe_event": zoo.raises}, "declare_events returns"),
        ({"declare_events": lambda: ["invoice.paid"]}, "observes none"),
    ],
)
def test_a_module_that_is_no_plugin_stops_the_start(hooks: dict[str, Any], words: str) -> None:
    told = " ".join(faults_of(zoo.animal("animal", **hooks)))
    assert words in told
    assert "animal" in told


async def unknown_argument(colour: str) -> None: ...


def test_an_argument_that_the_hook_does_not_have_is_refused() -> None:
    assert "colour" in faults_of(zoo.animal("animal", observe_event=unknown_argument))[0]


def test_a_dialog_may_not_offer_what_the_gateway_reserves_nor_ask_with_nothing() -> None:
    def dialogs() -> list[dict[str, Any]]:
        choices = [{"id": "a", "words": ["1", "quit"]}, {"id": "b", "words": ["1."]}]
        return [{"name": "menu", "template": "missing", "choices": choices}]

    told = " ".join(faults_of(zoo.animal("animal", declare_dialogs=dialogs)))
    assert "'quit' is always taken for opt-out" in told
    assert "'1.' is an answer of a already" in told
    assert "missing.toml" in told


def test_two_plugins_cannot_claim_one_keyword() -> None:
    one = zoo.animal("one", declare_keywords=lambda: ["pay"])
    two = zoo.animal("two", declare_keywords=lambda: ["PAY"])
    assert "as one does" in faults_of(one, two)[0]


def test_a_type_of_events_that_there_is_not_is_told_with_those_that_there_are() -> None:
    wrong = zoo.animal("wrong", declare_events=lambda: ["invoice.paid", "invoice.payed"], observe_event=zoo.raises)
    (told,) = faults_of(wrong)
    assert "'invoice.payed'" in told
    assert all(kind in told for kind in EVENT_TYPES)


def test_what_a_plugin_hears_is_what_it_declares_and_all_where_it_declares_nothing() -> None:
    some = zoo.animal("some", declare_events=lambda: ["invoice.paid"], observe_event=zoo.raises)
    none = zoo.animal("none", declare_events=lambda: (), observe_event=zoo.raises)
    every = zoo.animal("every", observe_event=zoo.raises)
    loaded = load(PluginsConfig(enabled=("some", "none", "every")), Zoo(some, none, every))
    assert [plugin.events for plugin in loaded] == [{"invoice.paid"}, set(), set(EVENT_TYPES)]


def test_all_faults_of_all_plugins_are_told_at_once() -> None:
    strict = zoo.animal("strict", declare_settings=lambda: Strict)
    told = faults_of(
        strict,
        enabled=("strict", "absent"),
        strict={"offsets": ["x"], "colour": 1},
        stranger={"a": 1},
    )
    joined = "\n".join(told)
    for words in ("settings.strict.offsets", "settings.strict.colour", "settings.strict.program", "absent", "stranger"):
        assert words in joined


def test_a_plugin_gets_its_settings_and_those_of_others_stay_unread() -> None:
    strict, other = zoo.animal("strict", declare_settings=lambda: Strict), zoo.animal("other")
    config = PluginsConfig(
        enabled=("strict",), settings={"strict": {"program": "servicing", "clients": ["acme"]}, "other": {"x": 1}}
    )
    (plugin,) = load(config, Zoo(strict, other))
    assert plugin.settings == Strict(program="servicing", clients=("acme",))
    assert plugin.serves("acme")
    assert not plugin.serves("globex")
    assert plugin.info == Info(summary="strict")


def test_in_tree_plugins_are_found_by_their_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("garden", "garden/rose"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    finder = Finder(("garden",), ())
    assert finder.names() == ["rose"]
    assert finder.find("rose").__name__ == "garden.rose"
    with pytest.raises(NotAPlugin):
        finder.find("tulip")


@pytest.fixture
def closed() -> Iterator[None]:
    """What blocks, blocks until the test is over."""
    zoo.released.clear()
    yield
    zoo.released.set()


@pytest.mark.usefixtures("closed")
def test_what_does_not_come_back_stops_the_start_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = "from tests.hooks import zoo\nzoo.released.wait(60)\n"
    for folder, code in (("pond", ""), ("pond/toad", waiting), ("pond/newt", "raise OSError")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(PluginsConfig(enabled=("toad", "newt")), Finder(("pond",), ()), seconds=0.05)
    first, second = (str(fault) for fault in caught.value.faults)
    assert "toad" in first
    assert "within 0.05 s" in first
    assert "newt" in second  # told as well, and not only the first that is wrong


@pytest.mark.usefixtures("closed")
def test_a_declaration_that_does_not_come_back_stops_the_start_too() -> None:
    def waits() -> Info:
        zoo.released.wait(60)
        return Info(summary="late")

    slow = zoo.animal("slow", declare_info=waits)
    with pytest.raises(ConfigError, match=r"slow.*does not come back"):
        load(PluginsConfig(enabled=("slow",)), Zoo(slow), seconds=0.05)


def test_installed_packages_offer_plugins_by_entry_points() -> None:
    offered = [
        EntryPoint("sample", "tests.hooks.sample", GROUP),
        EntryPoint("wrong", "tests.hooks.sample:declare_info", GROUP),
    ]
    finder = Finder((), offered)
    assert finder.names() == ["sample", "wrong"]
    (plugin,) = load(PluginsConfig(enabled=("sample",)), finder)
    assert plugin.keywords == {"pay"}
    with pytest.raises(ConfigError, match="no module"):
        load(PluginsConfig(enabled=("wrong",)), finder)


def test_an_installed_package_is_found_with_its_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, told = tmp_path / "thanks_for_paying", tmp_path / "thanks-1.0.dist-info"
    (package / "templates").mkdir(parents=True)
    (package / "__init__.py").write_text(PLUGIN.format(name="thanks", title="Thanks"), "utf-8")
    (package / "templates" / "text.toml").write_text(TEMPLATE, "utf-8")
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: thanks\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[{GROUP}]\nthanks = thanks_for_paying\n")
    monkeypatch.syspath_prepend(tmp_path)
    (plugin,) = load(PluginsConfig(enabled=("thanks",), settings={"thanks": {"time": "11:00"}}), Finder(("plugins",)))
    assert plugin.hooks == ("declare_events", "declare_info", "declare_settings", "observe_event", "observe_job")
    files, faults = read_template_files(plugin.templates, plugin.name, f"{plugin.name}.")
    assert ([file.name for file in files], faults) == (["thanks.text"], [])


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("sample", ["tests.hooks.sample", "tests.hooks.zoo"]),  # two packages
        ("payment_receipts", ["tests.hooks.sample"]),  # a package, and one of ours
    ],
)
def test_which_of_two_is_meant_is_not_guessed(name: str, offered: list[str]) -> None:
    finder = Finder(("plugins",), [EntryPoint(name, value, GROUP) for value in offered])
    with pytest.raises(ConfigError, match="more than one of that name") as caught:
        load(PluginsConfig(enabled=(name,)), finder)
    assert all(value in str(caught.value) for value in offered)


def test_a_package_that_is_found_twice_on_the_path_is_one() -> None:
    finder = Finder((), [EntryPoint("sample", "tests.hooks.sample", GROUP)] * 2)
    assert len(load(PluginsConfig(enabled=("sample",)), finder)) == 1
