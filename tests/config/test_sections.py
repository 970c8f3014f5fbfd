"""What each section refuses, key by key."""

import pytest

from gateway.config import load
from tests.config.conftest import CARRIERS, CLIENTS, POLICY, PROGRAM, Write, faults_of

WEBHOOK = '[[client.webhook]]\nid = "main"\nurl = "https://events.example/sms"\nsecret_env = "HOOK"\n'
LIMIT = '[[carrier.limit]]\nscope = "program"\nper = "minute"\nsegments = 75\n'
ROUTE = "[[client.program.route]]\ncarriers = { main = 1 }\n"
UNROUTED = CLIENTS.replace('carriers = ["main"]\n', "")
GOOD_SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5"


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        ("window = 1001", "window", "<= 1000"),
        ("window = 1.5", "window", "expected a whole number, got a number"),
        ("window = 100000000000000000000000000", "window", "<= 1000"),
        ("rate = 0", "rate", "> 0"),
        ("rate = inf", "rate", "<= 100000"),
        ('rate = "30"', "rate", "expected a number, got text"),
        ("rate = 2026-01-01", "rate", "expected a number, got date"),
        ("port = 0", "port", ">= 1"),
        ("port = 65536", "port", "<= 65535"),
        ('system_type = "thirteen chars"', "system_type", "is not well-formed"),
        ('system_type = "a\\u0000"', "system_type", "is not well-formed"),
        ('service_type = "WAPPUSH"', "service_type", "is not well-formed"),
        ('bind = "transceiver"', "bind", "is not one of the choices"),
        ("rx_binds = 2", "rx_binds", "transceivers receive by themselves"),
        ("enquire_link_seconds = -1", "enquire_link_seconds", "> 0"),
        ("response_seconds = nan", "response_seconds", "expected"),
        ("registered_delivery = 3", "registered_delivery", "is not one of the choices"),
        ('prefixes = ["1"]', "prefixes[#1]", "is not well-formed"),
        ('senders = ["e164", "email"]', "senders[#2]", "is not one of the choices"),
        ('status_overrides = { ESME_RSYSERR = "retry" }', "status_overrides.ESME_RSYSERR", "is not well-formed"),
        ('status_overrides = { "0x58" = "again" }', "status_overrides.0x58", "is not one of the choices"),
        ('status_overrides = { "0x58" = "retry", "0x058" = "retry" }', "status_overrides", "written twice"),
        ('receipt_errors = { "001" = "bad" }', "receipt_errors.001", "is not one of the choices"),
        ("source.e164 = { ton = 256, npi = 1 }", "source.e164.ton", "<= 255"),
        ("source.e164 = { ton = 1 }", "source.e164.npi", "is missing"),
        ("destination = 1", "destination", "is not a table"),
        ("retry.delays_seconds = []", "retry.delays_seconds", ">= 1"),
        ('tls.ca_file = "ca.pem"', "tls.enabled", "is false although"),
        ("binds = 0", "binds", "is 0 although the carrier does not call us"),
        ('outbind = { listen = "127.0.0.1:2777", system_id = "SMSC" }', "outbind.password", "is missing"),
        ('outbind = { listen = "127.0.0.1:99999", system_id = "S", password = "x" }', "outbind.listen", "above 65535"),
        ('outbind = { system_id = "SMSC", password = "x" }', "outbind.listen", "is missing"),
        ('receipt_states = { "ACCEPTD" = "gone" }', "receipt_states.ACCEPTD", "is not one of the choices"),
        ("query_sm = 1", "query_sm", ""),
        ('tls = { enabled = true, cert_file = "c.pem" }', "tls.key_file", "is missing"),
        ('password_file = "x"', "password", "is given 2 times"),
        ("bind_rate = 0", "bind_rate", "> 0"),
        ("reroute_after_seconds = 0", "reroute_after_seconds", "> 0"),
        ('permits = ["debts"]', "permits[#1]", "is not one of the choices"),
        ('permits = ["marketing", "marketing"]', "permits", "names the same one twice"),
        ('senders = ["e164", "e164"]', "senders", "names the same one twice"),
        (LIMIT.replace("program", "brand"), "limit[#1].scope", "is not one of the choices"),
        (LIMIT.replace("minute", "hour"), "limit[#1].per", "is not one of the choices"),
        (LIMIT.replace("= 75", "= 0"), "limit[#1].segments", ">= 1"),
        (LIMIT.replace("segments = 75", ""), "limit[#1].segments", "is missing"),
        (LIMIT + 'zone = "America/Los_Angeles"', "limit[#1].zone", "a minute is the same everywhere"),
        (LIMIT.replace("minute", "day") + 'zone = "America/Los Angeles"', "limit[#1].zone", "is not well-formed"),
        (LIMIT.replace("minute", "day") + 'zone = "America/Lima_Peru"', "limit[#1].zone", "is no time zone"),
        (LIMIT.replace("minute", "day") + 'zone = "../../etc/passwd"', "limit[#1].zone", "is not well-formed"),
        (LIMIT + LIMIT, "limit", "the same scope and the same window"),
    ],
)
def test_a_carrier_is_checked(write: Write, text: str, key: str, problem: str) -> None:
    faults = faults_of(write(carriers=CARRIERS + text))
    assert len(faults) == 1
    assert faults[0].startswith(f"carriers.toml: carrier[main].{key}: ")
    assert problem in faults[0]


@pytest.mark.parametrize("host", ["", "a b", "a\\u0000b", "-x", "http://h", "h/", "smsc:2775", "10.0.0.1:2775"])
def test_a_host_is_a_host(write: Write, host: str) -> None:
    faults = faults_of(write(carriers=CARRIERS.replace("smsc.example", host)))
    assert len(faults) == 1
    assert "carrier[main].host: is not well-formed" in faults[0]


@pytest.mark.parametrize("host", ["10.0.0.1", "::1", "2001:db8::1", "fe80::1%eth0", "smsc-1.carrier.example"])
def test_a_host_may_be_an_address(write: Write, host: str) -> None:
    assert load(write(carriers=CARRIERS.replace("smsc.example", host))).carriers[0].host == host


def test_receivers_come_with_transmitters(write: Write) -> None:
    pair = load(write(carriers=CARRIERS + 'bind = "tx+rx"\nbinds = 3\n')).carriers[0]
    assert (pair.binds, pair.receivers) == (3, 1)
    assert load(write(carriers=CARRIERS + 'bind = "tx+rx"\nrx_binds = 2\n')).carriers[0].receivers == 2
    assert load(write()).carriers[0].receivers == 0


def test_statuses_are_numbers(write: Write) -> None:
    carrier = load(write(carriers=CARRIERS + 'status_overrides = { "0x58" = "pause", "0x0400" = "permanent" }'))
    assert carrier.carriers[0].statuses == {0x58: "pause", 0x400: "permanent"}


@pytest.mark.parametrize(
    ("sender", "refused"),
    [
        ("+12025550100", False),
        ("40404", False),
        ("12025550100", True),
        ("+1 202 555 0100", True),
        ("+0123456789", True),
        ("12", True),
        ("", True),
        ("ACME", True),
    ],
)
def test_a_sender_has_the_form_of_its_kind(write: Write, sender: str, *, refused: bool) -> None:
    directory = write(clients=CLIENTS.replace("+12025550100", sender))
    if refused:
        assert "clients.toml: client[demo].program[servicing].sender: is" in faults_of(directory)[0]
    else:
        assert load(directory).clients[0].programs[0].sender == sender


ABROAD = POLICY + '[countries]\nallow = ["US", "GB"]\n'


@pytest.mark.parametrize(
    ("sender", "refused"),
    [("ACME", False), ("Acme Bank", False), ("A&B", False), ("TwelveLetter", True), ("a@b", True), ("1-2", True)],
)
def test_a_name_needs_a_carrier_that_takes_names(write: Write, sender: str, *, refused: bool) -> None:
    carriers = CARRIERS + 'senders = ["alphanumeric"]'
    directory = write(carriers=carriers, clients=CLIENTS.replace("+12025550100", sender), policy=ABROAD)
    if refused:
        assert "sender: is not well-formed" in faults_of(directory)[0]
    else:
        assert load(directory).clients[0].programs[0].sender == sender


@pytest.mark.parametrize(
    ("before", "after", "key", "problem"),
    [
        ('["main"]', "[]", "program[servicing].carriers", "is missing: give the names of one or more carriers, or [["),
        ('["main"]', '"main"', "program[servicing].carriers", "expected a list, got text"),
        ('["main"]', '["main", "main"]', "program[servicing].carriers", "names the same one twice"),
        ('["servicing"]', '["system"]', "program[servicing].categories", "the gateway's own answers"),
        ('["servicing"]', '["servcing"]', "program[servicing].categories", "did you mean 'servicing'?"),
        ('"Help"', '""', "program[servicing].help_text", "is not well-formed"),
        ('"Stopped"', '"a\\u0000b"', "program[servicing].stop_confirmation", "is not well-formed"),
        ('"Account texts"', '"a\\nb"', "program[servicing].purpose", "is not well-formed"),
        ('name = "Demonstration"', "", "name", "is missing"),
        ('id = "demo"', 'id = "Demo client"', "id", "is not well-formed"),
        ('name = "Demonstration"', 'name = " "', "name", "is not well-formed"),
        (
            'purpose = "Account texts"',
            'purpose = "A"\nidentity = ["A", " "]',
            "program[servicing].identity[#2]",
            "not all blank",
        ),
    ],
)
def test_a_client_is_checked(write: Write, before: str, after: str, key: str, problem: str) -> None:
    faults = faults_of(write(clients=CLIENTS.replace(before, after)))
    assert len(faults) == 1
    assert faults[0].startswith("clients.toml: client[")
    assert f"].{key}: " in faults[0]
    assert problem in faults[0]


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        ("", "carriers", "is missing: give the names of one or more carriers, or [["),
        ("[[client.program.route]]\n", "route[#1].carriers", "is missing"),
        (ROUTE.replace("main = 1", ""), "route[#1].carriers", "names no carrier"),
        (ROUTE.replace("= 1 }", "= 0 }"), "route[#1].carriers.main", ">= 1"),
        (ROUTE.replace("main", "mian"), "route", "'mian' is no carrier: did you mean 'main'?"),
        (ROUTE + 'prefixes = ["1"]', "route[#1].prefixes[#1]", "is not well-formed"),
        (ROUTE + 'prefixes = ["+1", "+1"]', "route[#1].prefixes", "names the same one twice"),
        (ROUTE + 'categories = ["servcing"]\n' + ROUTE, "route[#1].categories", "did you mean 'servicing'?"),
    ],
)
def test_routes_are_checked(write: Write, text: str, key: str, problem: str) -> None:
    faults = faults_of(write(clients=UNROUTED + text))
    assert len(faults) == 1, faults
    assert faults[0].startswith(f"clients.toml: client[demo].program[servicing].{key}: ")
    assert problem in faults[0]


def test_routes_stand_in_place_of_carriers(write: Write) -> None:
    assert faults_of(write(clients=CLIENTS + ROUTE)) == [
        "clients.toml: client[demo].program[servicing].route: is given beside carriers: keep one of the two"
    ]


def test_every_category_has_a_route(write: Write) -> None:
    both = UNROUTED.replace('["servicing"]', '["servicing", "bills"]') + ROUTE + 'categories = ["servicing"]\n'
    policy = POLICY + "[categories.bills]\n"
    assert faults_of(write(clients=both, policy=policy)) == [
        "clients.toml: client[demo].program[servicing].route: none is for the category 'bills': "
        "add it to a route, or a route without categories"
    ]
    assert load(write(clients=both + ROUTE, policy=policy)).clients[0].programs[0].carrier_names == ("main",)


def test_both_forms_say_the_same(write: Write) -> None:
    carriers = CARRIERS + CARRIERS.replace('"main"', '"other"')
    short = load(write(carriers=carriers, clients=CLIENTS.replace('["main"]', '["main", "other"]')))
    long = load(write(carriers=carriers, clients=UNROUTED + ROUTE + ROUTE.replace("main", "other")))
    assert short.clients[0].programs[0].ways == long.clients[0].programs[0].ways
    for config in (short, long):
        assert config.program_of("other", "+12025550100") is not None


def test_a_name_needs_a_country_that_takes_names(write: Write) -> None:
    carriers = CARRIERS + 'senders = ["alphanumeric"]'
    (fault,) = faults_of(write(carriers=carriers, clients=CLIENTS.replace("+12025550100", "ACME")))
    assert "client[demo].program[servicing].sender: is a name, and carriers in US, CA take telephone numbers" in fault


def test_a_route_needs_a_carrier_that_takes_the_sender(write: Write) -> None:
    (fault,) = faults_of(write(clients=UNROUTED.replace("+12025550100", "ACME") + ROUTE, policy=ABROAD))
    assert "client[demo].program[servicing].sender: is of a kind (alphanumeric) that carrier 'main'" in fault


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        (WEBHOOK.replace("https", "ftp"), "url", "is not well-formed"),
        (WEBHOOK.replace("events.example", ""), "url", "has no valid host name"),
        (WEBHOOK.replace("events.example", "[::1"), "url", "has a host that cannot be read"),
        (WEBHOOK.replace("events.example", "h.example:99999"), "url", "has a port that is not a number"),
        (WEBHOOK.replace("events.example", "user:pw@h"), "url", "holds a user name"),
        (WEBHOOK.replace("https", "http"), "url", "is not encrypted"),
        (WEBHOOK.replace("events.example", "10.0.0.1"), "url", "leads to 10.0.0.1, which is private"),
        (WEBHOOK.replace("events.example", "169.254.169.254") + "allow_private = true", "url", "link-local"),
        (WEBHOOK.replace("events.example", "hooks"), "url", "has the local name hooks"),
        (WEBHOOK.replace('secret_env = "HOOK"', ""), "secret", "is missing"),
        (WEBHOOK + f'secret = "{GOOD_SECRET}"', "secret", "is given 2 times"),
        (WEBHOOK.replace("_env", "").replace("HOOK", "whsec_c2hvcnQ="), "secret", "is not well-formed"),
        (WEBHOOK.replace("_env", "").replace("HOOK", "whsec_!!!!"), "secret", "is not well-formed"),
        (WEBHOOK.replace("_env", "").replace("HOOK", GOOD_SECRET[6:]), "secret", "is not well-formed"),
        (WEBHOOK + 'previous_secret = "whsec_"', "previous_secret", "is not well-formed"),
        (WEBHOOK + 'events = ["message.sent"]', "events", "'message.sent' is no kind of event"),
        (WEBHOOK + "allow_private = 1", "allow_private", "expected true or false, got a whole number"),
    ],
)
def test_a_webhook_is_checked(write: Write, text: str, key: str, problem: str) -> None:
    faults = faults_of(write(clients=CLIENTS + text))
    assert len(faults) == 1
    assert faults[0].startswith(f"clients.toml: client[demo].webhook[main].{key}: ")
    assert problem in faults[0]


def test_a_webhook_hears_what_it_asked_for(write: Write) -> None:
    everything = load(write(clients=CLIENTS + WEBHOOK)).clients[0].webhooks[0]
    assert everything.wants("message.delivered")
    some = load(write(clients=CLIENTS + WEBHOOK + 'events = ["message.*", "consent.revoked"]')).clients[0].webhooks[0]
    assert some.wants("message.delivered")
    assert some.wants("consent.revoked")
    assert not some.wants("consent.granted")
    assert not some.wants("messages.delivered")


@pytest.mark.parametrize(
    ("clients", "told"),
    [
        (CLIENTS + CLIENTS.replace("+12025550100", "40404"), "client[#2].id: 'demo' is used twice"),
        (CLIENTS + PROGRAM.replace("+12025550100", "40404"), "client[demo].program[#2].id: 'servicing' is used twice"),
        (CLIENTS + WEBHOOK + WEBHOOK, "client[demo].webhook[#2].id: 'main' is used twice"),
        (
            CLIENTS + PROGRAM.replace('"servicing"', '"other"', 1),
            "client[demo].program[other].sender: is the sender of client[demo].program[servicing] at carrier 'main' too",
        ),
        (
            CLIENTS + CLIENTS.replace('"demo"', '"two"'),
            "client[two].program[servicing].sender: is the sender of client[demo].program[servicing]",
        ),
    ],
)
def test_names_and_senders_belong_to_one(write: Write, clients: str, told: str) -> None:
    faults = faults_of(write(clients=clients))
    assert len(faults) == 1
    assert told in faults[0]


def test_one_sender_may_serve_two_programs_at_two_carriers(write: Write) -> None:
    two = CARRIERS + CARRIERS.replace('"main"', '"other"')
    clients = CLIENTS + PROGRAM.replace('"servicing"', '"second"', 1).replace('"main"', '"other"')
    assert len(load(write(carriers=two, clients=clients)).clients[0].programs) == 2


def test_carriers_have_their_own_names(write: Write) -> None:
    assert faults_of(write(carriers=CARRIERS + CARRIERS)) == [
        "carriers.toml: carrier[#2].name: 'main' is used twice: give it another one"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[http]\nlisten = "127.0.0.1:8081"', "admin.listen: is the address of [http] listen"),
        ('[http]\nlisten = "0.0.0.0:8081"', "admin.listen: is the address of [http] listen"),
        ('[admin]\nlisten = "0.0.0.0:9000"', "admin.listen: 0.0.0.0 can be reached from other machines"),
        ('[admin]\nlisten = "ops.example:9000"', "admin.listen: ops.example can be reached"),
        ('[http]\nlisten = "127.0.0.1:65536"', "http.listen: the port is above 65535"),
        ('[http]\nlisten = "8080"', "http.listen: is not well-formed"),
        ("[http]\nconnections = 10", "http.connections_per_address: is more than connections"),
        ("[http]\nhead_seconds = 0", "http.head_seconds: expected a number > 0.0"),
        ('[log]\nlevel = "verbose"', "log.level: is not one of the choices: give one of 'debug', 'info'"),
        ("[store]\nreserve_mib = -1", "store.reserve_mib: expected a whole number >= 0"),
        ('[store]\npath = ""', "store.path: is not well-formed: give a directory"),
        ("[stop]\ndrain_seconds = '5'", "stop.drain_seconds: expected a number, got text"),
        ("http = 1", "http: is not a table"),
        ("[https]", "https: is no known key: did you mean 'http'?"),
    ],
)
def test_the_process_is_checked(write: Write, text: str, told: str) -> None:
    faults = faults_of(write(gateway=text))
    assert len(faults) == 1
    assert faults[0].startswith(f"gateway.toml: {told}")


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::1]:0", "localhost:0"])
def test_any_free_port_may_be_asked_for_twice(write: Write, listen: str) -> None:
    gateway = load(write(gateway=f'[http]\nlisten = "{listen}"\n[admin]\nlisten = "{listen}"')).gateway
    assert gateway.http.address == gateway.admin.address == (listen.rpartition(":")[0].strip("[]"), 0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[categories.servicing]\npriority = 4", "categories.servicing.priority: expected a whole number <= 3"),
        ('[categories.servicing]\ncontent = "debts"', "categories.servicing.content: is not one of the choices"),
        ("[categories.servicing]\nmax_segments = 0", "categories.servicing.max_segments: expected a whole number >= 1"),
        ('[categories.servicing]\nin_doubt = "drop"', "categories.servicing.in_doubt: is not one of the choices"),
        ('[categories.servicing]\nconsent = "none"', 'categories.servicing.consent: "none" is for the system category'),
        (POLICY + "[categories.system]", "categories.system.consent: nobody who said STOP could be told"),
        (POLICY + "[categories.Loud]", "categories.Loud: is not well-formed"),
        (POLICY + "[countries]\nallow = []", "countries.allow: expected a list of length >= 1"),
        (POLICY + '[countries]\nallow = ["USA"]', "countries.allow[#1]: is not well-formed"),
        (
            POLICY + '[countries]\nallow = ["US", "UK"]',
            """countries.allow: 'UK' is no country with telephone numbers: write "GB\"""",
        ),
        (POLICY + '[countries]\nallow = ["XX"]', "countries.allow: 'XX' is no country with telephone numbers"),
    ],
)
def test_policy_is_checked(write: Write, text: str, told: str) -> None:
    faults = faults_of(write(policy=text))
    assert len(faults) == 1
    assert faults[0].startswith(f"policy.toml: {told}")


def test_plugins_keep_their_tables_as_they_are(write: Write) -> None:
    plugins = load(write(plugins='enabled = ["pay"]\n[settings.pay]\nlimit = 3\nwords = ["A"]\n')).plugins
    assert plugins.settings == {"pay": {"limit": 3, "words": ["A"]}}
    assert faults_of(write(plugins='enabled = ["a", "a"]')) == [
        "plugins.toml: enabled: names the same plugin twice: keep one of the two"
    ]
