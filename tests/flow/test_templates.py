"""The registry: which template a name stands for, and what is looked at before one is kept."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from msgspec.structs import replace

from gateway.config import ClientConfig, Config, ConfigError, load
from gateway.config.templates import SYSTEM_FOLDER, TemplateFile, read_template_files
from gateway.flow.templates import MOST_TEMPLATES, SYSTEM_PREFIX, Templates, read_specs, refusals
from gateway.rules.content.finding import ContentCode, Level
from gateway.store.sqlite import SqliteStore, open_memory
from gateway.text.template_spec import TemplateCode, TemplateRefused

CONF = Path(__file__).parent.parent.parent / "conf"
CONFIG = load(CONF)
ACME = ClientConfig(id="acme", name="Acme", contact="+1 202 555 0100", domains=("acme.example",))
GLOBEX = ClientConfig(id="globex", name="Globex")
TEXT = "{{ client_name }}: hello. Reply STOP to opt out."


def file(name: str, text: str = TEXT, source: str = "conf") -> TemplateFile:
    return TemplateFile(name, f"templates/{name}.toml", f'fallback = "en"\n[texts]\nen = "{text}"\n', source)


class Clock:
    def __call__(self) -> int:
        return 1_790_000_000_000


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_memory() as store:
        yield store


def registry(store: SqliteStore, config: Config = CONFIG) -> Templates:
    return Templates(config, store, Clock())


async def put(templates: Templates, name: str, client: ClientConfig = ACME, **table: Any) -> int:
    spec, reviews = templates.declare(client, name, {"texts": {"en": TEXT}} | table)
    assert refusals(reviews, spec) == ()
    template, _ = await templates.put(client, spec)
    return template.spec.version


async def test_a_name_stands_for_the_own_template_and_then_for_everybodys(store: SqliteStore) -> None:
    templates = registry(store)
    await templates.load([file("greeting", source="plugin"), file("greeting", TEXT.replace("hello", "good day"))])
    shared = templates.find("acme", "greeting")
    assert shared is not None
    assert (shared.source, shared.spec.version) == ("conf", 1)
    assert "good day" in templates.fill(ACME, shared, {}, "en", "en-US").text
    assert await put(templates, "greeting", texts={"en": "{{ client_name }}: own words. Reply STOP to opt out."}) == 2
    own, others = templates.find("acme", "greeting"), templates.find("globex", "greeting")
    assert own is not None
    assert others == shared
    assert templates.fill(ACME, own, {}, "en", "en-US").text == "Acme: own words. Reply STOP to opt out."
    assert await templates.delete(ACME, "greeting")
    assert templates.find("acme", "greeting") == shared
    assert not await templates.delete(ACME, "greeting")


async def test_what_was_put_is_there_after_a_restart_and_files_keep_their_versions(store: SqliteStore) -> None:
    templates = registry(store)
    await templates.load([file("greeting"), file("gone")])
    await put(templates, "greeting")
    await put(templates, "retired")
    await templates.delete(ACME, "retired")
    again = registry(store)
    await again.load([file("greeting")])
    assert [one.spec for one in again.listed("acme") if not one.is_system] == [
        one.spec for one in templates.listed("acme") if not one.is_system and one.spec.name == "greeting"
    ]
    assert again.find("acme", "gone") is None
    assert again.find("globex", "greeting") == templates.find("globex", "greeting")


async def test_what_is_in_force_is_what_the_disk_has_when_one_name_is_put_and_deleted_at_once(
    store: SqliteStore,
) -> None:
    templates, again = registry(store), registry(store)
    names = [f"greeting-{n}" for n in range(20)]
    for name in names:  # in which order tasks wake that wait for one commit is anybody's guess
        spec, _ = templates.declare(ACME, name, {"texts": {"en": TEXT}})
        async with trio.open_nursery() as nursery:
            nursery.start_soon(templates.put, ACME, spec)
            nursery.start_soon(templates.delete, ACME, name)
    await again.load()
    in_force = [templates.find("acme", name) is not None for name in names]
    assert in_force == [again.find("acme", name) is not None for name in names]


async def test_faults_of_files_are_told_all_at_once(store: SqliteStore) -> None:
    files = [file("a", "{{ stranger }}"), file("b", "pay or be arrested"), file("system.news"), file("c")]
    with pytest.raises(ConfigError) as caught:
        await registry(store).load(files)
    assert {fault.file for fault in caught.value.faults} == {
        f"templates/{name}.toml" for name in ("a", "b", "system.news")
    }
    assert await store.templates() == []


async def test_a_text_that_no_text_may_say_is_refused_and_advice_is_told(store: SqliteStore) -> None:
    templates = registry(store)
    await templates.load()
    spec, reviews = templates.declare(ACME, "late", {"texts": {"en": "Acme: pay now or we will sue you!!!"}})
    (refusal,) = refusals(reviews, spec)
    assert (refusal.code, refusal.field) == (TemplateCode.CONTENT, "texts.en")
    assert ContentCode.THREAT in refusal.problem
    found = {one.finding.code: one.finding for one in reviews[0].findings}
    assert found[ContentCode.OPT_OUT_MISSING].level is Level.REQUIRE
    assert found[ContentCode.SHOUTING].level is Level.WARN
    place = found[ContentCode.THREAT]
    assert "sue" in reviews[0].preview.longest.text[place.start : place.end]
    approved, reviews = templates.declare(
        ACME, "late", {"texts": {"en": "Acme: pay now or we will sue you."}, "legal_approval": "counsel, 2026-03-01"}
    )
    assert refusals(reviews, approved) == ()


async def test_a_reserved_word_is_no_choice(store: SqliteStore) -> None:
    templates = registry(store)
    await templates.load()
    spec, reviews = templates.declare(
        ACME, "plan", {"texts": {"en": "Acme: reply 1 to keep your plan or CANCEL to drop the plan."}}
    )
    assert [ContentCode.RESERVED_CHOICE in fault.problem for fault in refusals(reviews, spec)] == [True]


async def test_the_gateways_own_are_protected(store: SqliteStore) -> None:
    templates = registry(store)
    await templates.load()
    with pytest.raises(TemplateRefused, match="to send") as caught:
        templates.choose(ACME, "system.help")
    assert caught.value.faults[0].code is TemplateCode.SYSTEM
    for name, table in (
        ("system.news", {}),
        ("system.help", {"purpose": "ordinary"}),
        ("system.help", {"variables": {"x": {"kind": "text"}}}),
        ("news", {"purpose": "opt_in_request"}),
    ):
        with pytest.raises(TemplateRefused) as caught:
            templates.declare(ACME, name, {"texts": {"en": TEXT}} | table)
        assert caught.value.faults[0].code is TemplateCode.SYSTEM
    spec, reviews = templates.declare(ACME, "system.opt_in_request", {"texts": {"en": "Acme: reply YES."}})
    missing = "".join(fault.problem for fault in refusals(reviews, spec))
    assert all(code in missing for code in ("opt_out_missing", "frequency_missing", "help_missing", "rates_missing"))
    words = (
        "Acme here. Reply YES for account texts. Msg frequency varies. Msg & data rates may apply."
        " Reply HELP for help, STOP to opt out."
    )
    # Who is asked is not known yet: the request is no place to speak of a debt (12 CFR 1006.6(d)(1)).
    spec, reviews = templates.declare(
        ACME,
        "system.opt_in_request",
        {"texts": {"en": words.replace("account texts", "texts about your past due balance")}},
    )
    assert "content.debt_disclosed" in "".join(fault.problem for fault in refusals(reviews, spec))
    assert await put(templates, "system.opt_in_request", texts={"en": words}) == 2
    assert templates.find("acme", "system.opt_in_request") != templates.find("globex", "system.opt_in_request")


async def test_links_lead_to_the_clients_domains(store: SqliteStore) -> None:
    templates = registry(store)
    table = {"texts": {"en": "{{ client_name }}: {{ link }}"}, "variables": {"link": {"kind": "url"}}}
    await templates.load()
    for client in (ACME, GLOBEX):
        await put(templates, "link", client, **table)
    own, other = templates.choose(ACME, "link"), templates.choose(GLOBEX, "link")
    assert templates.fill(ACME, own, {"link": "https://pay.acme.example/1"}, "en", "en-US").segments == 1
    with pytest.raises(TemplateRefused, match=r"acme\.example"):
        templates.fill(ACME, own, {"link": "https://acme.example.evil.example/1"}, "en", "en-US")
    assert "evil" in templates.fill(GLOBEX, other, {"link": "https://evil.example/1"}, "en", "en-US").text


async def test_a_bare_language_is_spelt_as_in_the_programs_country(store: SqliteStore) -> None:
    templates = registry(store)
    await templates.load()
    await put(
        templates,
        "due",
        texts={"en": "{{ amount }}", "es": "{{ amount }}", "fr": "{{ amount }}"},
        variables={"amount": {"kind": "money", "currencies": ["USD", "CAD"]}},
    )
    due = templates.choose(ACME, "due")
    value = {"amount": {"minor": 123456, "currency": "USD"}}
    spelt = {
        (locale, home): templates.fill(ACME, due, value, locale, home).text
        for locale, home in (("es", "en-US"), ("es", "es"), ("es-MX", "en-US"), ("fr", "en-US"), ("fr", "en-CA"))
    }
    assert spelt == {
        ("es", "en-US"): "$1,234.56",
        ("es", "es"): "1.234,56 US$",
        ("es-MX", "en-US"): "USD 1,234.56",
        ("fr", "en-US"): "1 234,56 $US",
        ("fr", "en-CA"): "1 234,56 $ US",
    }


async def test_a_client_has_not_endlessly_many(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.flow.templates.MOST_TEMPLATES", 2)
    assert MOST_TEMPLATES > 2
    templates = registry(store)
    await templates.load()
    for name in ("one", "two", "two"):
        await put(templates, name)
    with pytest.raises(TemplateRefused) as caught:
        templates.declare(ACME, "three", {"texts": {"en": TEXT}})
    assert caught.value.faults[0].code is TemplateCode.TOO_MANY
    await put(templates, "three", GLOBEX)


def test_a_folder_tells_what_it_cannot_read(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "good.toml").write_text("x")
    (folder / "bad.toml").write_bytes(b"\xff")
    (folder / "folder.toml").mkdir()
    files, faults = read_template_files(folder, "payments", "payments.")
    assert [(one.name, one.text, one.source) for one in files] == [("payments.good", "x", "payments")]
    assert {fault.file.rpartition("/")[2]: fault.problem for fault in faults} == {
        "bad.toml": "is not UTF-8",
        "folder.toml": "is no regular file of a sane size",
    }
    assert read_template_files(tmp_path / "none", "conf") == ([], [])


async def test_whoever_fills_a_template_need_not_know_what_took_its_place(store: SqliteStore) -> None:
    templates = registry(store)
    variables = '[variables]\namount = { kind = "money" }\npaid_on = { kind = "date", optional = true }\n'
    plugins = TemplateFile(
        "receipt",
        "templates/receipt.toml",
        f'[texts]\nen = "{{{{ client_name }}}}: {{{{ amount }}}}."\n{variables}',
        "plugin",
    )
    await templates.load([plugins, file("receipt", "{{ client_name }}: thank you. Reply STOP to opt out.")])
    values: dict[str, object] = {"amount": {"minor": 100, "currency": "USD"}, "paid_on": "2026-03-08"}
    shared = templates.choose(GLOBEX, "receipt")
    assert shared.source == "conf"
    assert templates.fill(GLOBEX, shared, values, "en", "en-US").text.startswith("Globex: thank you.")
    await put(templates, "receipt", texts={"en": "{{ client_name }}: paid {{ amount }}. Reply STOP to opt out."})
    own = templates.choose(ACME, "receipt")
    assert templates.fill(ACME, own, values, "en", "en-US").text.startswith("Acme: paid $1.00.")
    with pytest.raises(TemplateRefused, match="another kind"):
        templates.declare(ACME, "receipt", {"texts": {"en": "x"}, "variables": {"amount": {"kind": "text"}}})
    again = registry(store)
    await again.load([plugins])
    assert again.choose(ACME, "receipt") == own
    grown = TemplateFile(
        "receipt", plugins.place, plugins.text + 'link = { kind = "url", optional = true }\n', "plugin"
    )
    later = registry(store)
    await later.load([grown])
    own = later.choose(ACME, "receipt")
    link: dict[str, object] = {"link": "https://acme.example/r"}
    assert later.fill(ACME, own, values | link, "en", "en-US").text.startswith("Acme: paid $1.00.")


@pytest.mark.parametrize(
    ("name", "more", "told"),
    [
        ("plugin.receipt", '[variables]\nplan = { kind = "text" }\n', "variables.plan: has no value: plugin fills"),
        ("system.help", '[variables]\nplan = { kind = "text" }\n', "variables: has another purpose or other variables"),
        ("system.help", 'purpose = "opt_in_request"\n', "purpose: has another purpose"),
        ("system.hlep", "", "name: is not among the gateway's own: choose from system.help,"),
        ("news", 'purpose = "help"\n', "purpose: is for the gateway's own"),
    ],
)
def test_a_file_that_nobody_could_fill_or_use_is_refused(name: str, more: str, told: str) -> None:
    text = "{{ client_name }}: thank you. Msg & data rates may apply. Reply STOP to opt out."
    written = f'[texts]\nen = "{text}"\n'
    mended = f"{more}{written}" if more.startswith("purpose") else f"{written}{more}"
    files = [
        *read_template_files(SYSTEM_FOLDER, "gateway", SYSTEM_PREFIX)[0],
        file("plugin.receipt", text, "plugin"),
        TemplateFile(name, f"templates/{name}.toml", mended, "conf"),
    ]
    with pytest.raises(ConfigError) as caught:
        read_specs(files)
    (fault,) = caught.value.faults
    assert f"{fault.key}: {fault.problem}: {fault.fix}".startswith(told)


def test_a_file_in_the_place_of_the_gateways_own_words_has_their_purpose_and_may_have_options_of_its_own() -> None:
    words = "{{ client_name }}: help at example.com. Msg & data rates may apply. Reply STOP to opt out."
    option = '[variables]\nnote = { kind = "text", optional = true }\n'
    receipt = file("plugin.receipt", "{{ client_name }}: thank you.{% if note %} {{ note }}{% endif %}")
    files = [
        *read_template_files(SYSTEM_FOLDER, "gateway", SYSTEM_PREFIX)[0],
        file("plugin.receipt", source="plugin"),
        file("system.help", words),
        replace(receipt, text=receipt.text + option),
    ]
    specs = read_specs(files)
    assert specs["system.help"][0].purpose == "help"
    assert set(specs["plugin.receipt"][0].variables) == {"note"}
