"""Reading a directory: what is found, what is refused, and that every fault is told at once."""

import os
from pathlib import Path

import pytest

from gateway.config import SYSTEM, ConfigError, load
from tests.config.conftest import CARRIERS, CLIENTS, POLICY, PROGRAM, Write, faults_of


def test_defaults_fill_what_is_not_written(write: Write) -> None:
    config = load(write())
    carrier = config.carriers[0]
    assert (carrier.port, carrier.bind, carrier.binds, carrier.window, carrier.rate) == (2775, "trx", 1, 10, None)
    assert (carrier.source.alphanumeric.ton, carrier.source.alphanumeric.npi) == (5, 0)
    assert config.gateway.http.address == ("127.0.0.1", 8080)
    assert config.policy.countries.allow == ("US", "CA")
    assert config.plugins.enabled == ()


def test_the_system_category_is_always_there(write: Write) -> None:
    config = load(write())
    assert config.policy.categories[SYSTEM].consent == "none"
    assert config.policy.categories["servicing"].consent == "required"


def test_things_are_found_by_their_names(write: Write) -> None:
    config = load(write())
    client = config.clients[0]
    program = client.programs[0]
    assert config.carrier("main") is config.carriers[0]
    assert config.client("demo") is client
    assert config.program("demo", "servicing") is program
    assert config.program_of("main", "+12025550100") == (client, program)
    assert (config.carrier("x"), config.client("x"), config.program("x", "x")) == (None, None, None)
    assert config.program_of("main", "12025550100") is None


def test_a_program_may_go_before_its_category(write: Write) -> None:
    config = load(write(clients=CLIENTS + "priority = 3\n"))
    program, category = config.clients[0].programs[0], config.policy.categories["servicing"]
    assert config.priority(program, category) == 3
    plain = load(write()).clients[0].programs[0]
    assert config.priority(plain, category) == category.priority


def test_relative_files_start_at_the_data_directory(write: Write) -> None:
    config = load(write(gateway='[store]\npath = "/var/lib/assent"'))
    assert config.path("main.password") == Path("/var/lib/assent/main.password")
    assert config.path("/run/secrets/main") == Path("/run/secrets/main")


def test_all_faults_of_all_files_come_at_once(write: Write) -> None:
    directory = write(
        gateway='[http]\nlisten = "nowhere"\nbody_mb = 1\n',
        carriers=CARRIERS + "window = 0\nrate = nan\n[carrier.retry]\nattempts = true\n",
        clients=CLIENTS.replace('"main"', '"mian"').replace("Help", " "),
        policy='[categories.servicing]\nconsent = "none"\n[countries]\nallow = ["us", 3]\n',
        plugins="enabled = 1",
    )
    assert faults_of(directory) == [
        'gateway.toml: http.body_mb: is no known key: did you mean \'body_mib\'?',
        'gateway.toml: http.listen: is not well-formed: give an address and a port, such as "127.0.0.1:8080" or '
        '"[::1]:8080" (port 0: any free one)',
        "carriers.toml: carrier[main].window: expected a whole number >= 1: give a whole number, 1 to 1000",
        "carriers.toml: carrier[main].rate: expected a number > 0.0: give PDUs a second, more than 0 and at most 100000",
        "carriers.toml: carrier[main].retry.attempts: expected a whole number, got true or false: "
        "give a whole number, 1 to 100",
        "clients.toml: client[demo].program[servicing].help_text: is not well-formed: give the text as the consumer "
        "shall read it, 1 to 1000 characters",
        "clients.toml: client[demo].program[servicing].carriers: 'mian' is no carrier: did you mean 'main'?",
        "policy.toml: countries.allow[#1]: is not well-formed: give ISO 3166 codes such as \"US\"",
        "policy.toml: countries.allow[#2]: expected text, got a whole number: give ISO 3166 codes such as \"US\"",
        'policy.toml: categories.servicing.consent: "none" is for the system category alone: '
        'write consent = "required"',
        "plugins.toml: enabled: expected a list, got a whole number: give a list: 1 to 32 lower-case letters, digits, "
        "hyphens or underscores, a letter or digit first",
    ]  # fmt: skip


def test_required_keys_are_named(write: Write) -> None:
    faults = faults_of(write(carriers="[[carrier]]\n", clients="", policy=POLICY))
    assert [fault.split(": ")[1] for fault in faults] == [
        "carrier[#1].name", "carrier[#1].host", "carrier[#1].system_id", "carrier[#1].password"
    ]  # fmt: skip
    assert all("is missing" in fault for fault in faults)


@pytest.mark.parametrize("stem", ["carriers", "clients", "policy"])
def test_a_missing_file_is_told_without_what_follows_from_it(write: Write, stem: str) -> None:
    faults = faults_of(write(**{stem: None}))
    assert [fault for fault in faults if not fault.startswith(f"{stem}.toml: is missing")] == []


def test_a_misspelt_file_is_told(write: Write) -> None:
    assert faults_of(write(plugin="")) == ["plugin.toml: is not read by anybody: did you mean 'plugins.toml'?"]


def test_no_directory(tmp_path: Path) -> None:
    assert "is no directory" in faults_of(tmp_path / "absent")[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = ", "is not TOML (Invalid value"),
        ("[[[", "is not TOML"),
        (f"a = {'9' * 5000}", "is not TOML"),
        (f"a = {'[' * 5000}", "is not TOML (nested too deep)"),
        (f"a = '{'x' * 5_000_000}'", "is no regular file of a sane size"),
    ],
)
def test_what_is_not_toml_is_told(write: Write, text: str, told: str) -> None:
    faults = faults_of(write(policy=text))
    assert len(faults) == 1
    assert told in faults[0]


def test_what_is_not_utf_8_is_told(write: Write) -> None:
    directory = write()
    (directory / "policy.toml").write_bytes(b"a = '\xff'")
    assert faults_of(directory) == ["policy.toml: is not UTF-8: save it as UTF-8"]


def test_a_pipe_or_a_directory_in_the_place_of_a_file_is_told(write: Write) -> None:
    directory = write(policy=None, plugins=None)
    os.mkfifo(directory / "policy.toml")
    (directory / "plugins.toml").mkdir()
    told = "is no regular file of a sane size: give a TOML file of at most 4194304 bytes"
    assert faults_of(directory) == [f"policy.toml: {told}", f"plugins.toml: {told}"]


@pytest.mark.parametrize(
    ("stem", "text", "key"),
    [
        ("carriers", CARRIERS.replace("password_env", "password"), "carrier[main].password"),
        (
            "clients",
            CLIENTS + '[[client.webhook]]\nid = "w"\nurl = "https://a.example"\n'
            'secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5"\n',
            "client[demo].webhook[w].secret",
        ),
        ("plugins", '[settings.pay]\ngateway_token = "t0ken"\n', "settings.pay.gateway_token"),
    ],
)  # fmt: skip
def test_a_secret_in_a_world_readable_file_is_refused(write: Write, stem: str, text: str, key: str) -> None:
    load(write(mode=0o640, **{stem: text}))
    faults = faults_of(write(mode=0o644, **{stem: text}))
    assert len(faults) == 1
    assert f"{stem}.toml: {key}: is a secret in a file that everybody can read: chmod 600" in faults[0]


def test_a_world_readable_file_without_secrets_is_fine(write: Write) -> None:
    assert load(write(mode=0o644)).carriers


def test_no_fault_repeats_a_value(write: Write) -> None:
    canary = "canary hunter2"
    faults = faults_of(
        write(
            mode=0o644,
            carriers=CARRIERS + f'password = "{canary}"\nsystem_type = "{canary} {canary}"\nbind = "{canary}"\n',
            clients=CLIENTS.replace("+12025550100", "12025550199") + '[[client.webhook]]\nid = "w"\n'
            f'url = "https://user:{canary}@h.example"\nsecret = "{canary}"\n',
        )
    )
    assert len(faults) >= 6
    assert not [fault for fault in faults if "hunter2" in fault or "12025550199" in fault]


def test_configuration_does_not_show_its_secrets(write: Write) -> None:
    config = load(write(
        carriers=CARRIERS.replace("password_env", "password").replace("MAIN_PASSWORD", "hunter2"),
        clients=CLIENTS + '[[client.webhook]]\nid = "w"\nurl = "https://h.example/hunter2"\nsecret_env = "W"\n',
        plugins='[settings.pay]\nword = "hunter2"\n',
    ))  # fmt: skip
    assert config.carriers[0].password == "hunter2"
    assert "hunter2" not in repr(config)


def test_a_long_or_unprintable_key_stays_on_one_short_line(write: Write) -> None:
    faults = faults_of(write(plugins=f'"a\\nb" = 1\n{"k" * 5000} = 1\n'))
    assert len(faults) == 2
    assert all("\n" not in fault and len(fault) < 200 for fault in faults)


def test_faults_come_as_one_error(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"^policy\.toml: x: is no known key.*\nplugins\.toml: y: is no known key"):
        load(write(policy="x = 1\n[categories.servicing]\n", plugins="y = 1"))


def test_a_carrier_is_found_however_many_there_are(write: Write) -> None:
    carriers = "".join(CARRIERS.replace('"main"', f'"c{n}"') for n in range(200))
    programs = "".join(
        PROGRAM.replace('"main"', f'"c{n}"').replace('"servicing"\n', f'"p{n}"\n', 1) for n in range(200)
    )
    config = load(write(carriers=carriers, clients='[[client]]\nid = "demo"\nname = "D"\n' + programs))
    found = config.program_of("c199", "+12025550100")
    assert found is not None
    assert found[1].id == "p199"


def test_a_byte_order_mark_is_read_over(write: Write) -> None:
    folder = write()
    for file in folder.glob("*.toml"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load(folder) == load(write())
