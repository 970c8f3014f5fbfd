"""The scenario document: what is refused, and with which words."""

import re

import msgspec
import pytest

from tests.house.source import ROOT
from tools.simulator import scenario
from tools.simulator.control import HELP
from tools.simulator.scenario import PLAYABLE, Fault, Outcome, Scenario, ScenarioError, changed, decode, load
from tools.simulator.script import Script


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("title = 1", "title"),
        ("[recepits]\ndelay = 1", "recepits"),
        ("[receipts]\ndelya = 1", "delya"),
        ("[receipts]\ndelay = -1", "receipts.delay"),
        ("[receipts]\ndelay = '1'", "receipts.delay"),
        ("[receipts]\ntext = 'id:{ident}'", "{id}"),
        ("[receipts]\ntext = 'id:{'", "{id}"),
        ("[receipts]\ntext = '{id.real}'", "{id}"),
        ("[receipts]\ntext = '{}'", "{id}"),
        ("[[receipts.outcomes]]\nstat = 'DELIVERED'", "stat"),
        ("[[receipts.outcomes]]\ndestination = '*'", "without a destination"),
        ("[[receipts.outcomes]]\nnetwork_error = '03'", "three octets"),
        ("[answers]\nid_form = 'octal'", "id_form"),
        ("[throttle]\nstatus = 'ESME_RTROTTLED'", "RTROTTLED"),
        ("[throttle]\nstatus = 0x1ffffffff", "four octets"),
        ("[content]\ndefault_alphabet = 'ebcdic'", "default_alphabet"),
        ("[bind]\ninterface_version = 256", "interface_version"),
        ("[delivery]\ntlvs = [[70000, '']]", "tlvs"),
        ("[delivery]\ntrailing = 'xyz'", "hexadecimal"),
        ("[[faults]]\non = 'submit_sm'", "do"),
        ("[[faults]]\non = 'open'\ndo = 'status'", "cannot follow on = 'open'"),
        ("[[faults]]\non = 'submit_sm'\ndo = 'mo'", "`mo`"),
        ("[[faults]]\non = 'submit_sm'\ndo = 'fin'\nmo = {text = 'x'}", "`mo`"),
        ("[[faults]]\non = 'bind'\ndo = 'mo'\nmo = {text = 'x'}", "nobody has texted yet"),
        ("[[faults]]\non = 'submit_sm'\ndo = 'bytes'", "octets"),
        ("[[faults]]\non = 'submit_sm'\ndo = 'bytes'\noctets = 'zz'", "hexadecimal"),
        ("[[faults]]\non = 'submit_sm'\ndo = 'fin'\nperiod = 5", "`lasts`"),
        ("[[faults]]\non = 'submit_sm'\ndo = 'fin'\nprobability = 1.5", "probability"),
        ("[[faults]]\non = 'submit_sm'\ndo = 'fin'\nevery = 0", "every"),
        ("[receipts", "carrier.toml"),
        ('title = "\xff"', "carrier.toml"),
    ],
)
def test_says_what_is_wrong_with_it(toml: str, complaint: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        decode(toml.encode("latin-1"), "carrier.toml")
    assert str(raised.value).startswith("carrier.toml: ")
    assert complaint in str(raised.value)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ScenarioError, match="well_behaved"):
        load("badly_behaved")


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ScenarioError, match=r"/nowhere/carrier\.toml: No such file"):
        load("/nowhere/carrier.toml")


@pytest.mark.parametrize("name", scenario.names())
def test_each_file_says_in_its_title_what_it_does(name: str) -> None:
    loaded = load(name)
    assert name == "well_behaved" or loaded.title != Scenario().title
    assert changed(loaded, {}) == loaded
    assert msgspec.json.decode(msgspec.json.encode(loaded), type=Scenario) == loaded


def test_changes_go_into_tables_and_replace_lists() -> None:
    base = load("hex_ids")
    changed_one = changed(base, {"receipts": {"delay": 7}, "faults": [{"on": "submit_sm", "do": "fin"}]})
    assert changed_one.receipts.delay == 7
    assert changed_one.receipts.id_form == "decimal"
    assert [fault.do for fault in changed_one.faults] == ["fin"]
    assert changed(changed_one, {"faults": []}).faults == ()
    with pytest.raises(ScenarioError, match="receipts"):
        changed(base, {"receipts": {"dealy": 7}})
    with pytest.raises(ScenarioError, match="receipts"):
        changed(base, {"receipts": 7})


def fired(fault: Fault, occasions: int, *, seed: int = 1, step: float = 0.0, destination: str = "") -> list[int]:
    script = Script(Scenario(seed=seed, faults=(fault,)), 100.0)
    return [n for n in range(occasions) if script.fault("submit_sm", 100.0 + n * step, destination) is not None]


def test_faults_by_count() -> None:
    assert fired(Fault(on="submit_sm", do="fin", after=3), 6) == [3, 4, 5]
    assert fired(Fault(on="submit_sm", do="fin", every=3), 9) == [2, 5, 8]
    assert fired(Fault(on="submit_sm", do="fin", after=2, every=3, count=2), 20) == [4, 7]
    assert fired(Fault(on="bind", do="fin"), 20) == []


def test_faults_by_time_and_by_number() -> None:
    assert fired(Fault(on="submit_sm", do="fin", period=5, lasts=2), 12, step=1.0) == [0, 1, 5, 6, 10, 11]
    assert fired(Fault(on="submit_sm", do="fin", destination="*01"), 2, destination="15551230001") == [0, 1]
    assert fired(Fault(on="submit_sm", do="fin", destination="*01"), 2, destination="15551230002") == []


def test_the_dice_are_fair_and_repeat_with_their_seed() -> None:
    fault = Fault(on="submit_sm", do="fin", probability=0.3)
    first = fired(fault, 10_000)
    assert 2_800 < len(first) < 3_200
    assert fired(fault, 10_000) == first
    assert fired(fault, 10_000, seed=2) != first


def test_the_first_fault_that_fires_is_played_and_the_others_still_count() -> None:
    faults = (
        Fault(on="submit_sm", do="fin", every=2),
        Fault(on="submit_sm", do="rst", every=3),
    )
    script = Script(Scenario(faults=faults), 0.0)
    played = [script.fault("submit_sm", 0.0) for _ in range(6)]
    assert [fault.do if fault else "" for fault in played] == ["", "fin", "rst", "fin", "", "fin"]


def test_outcomes_by_weight_and_by_number() -> None:
    outcomes = (
        Outcome(stat="DELIVRD", weight=9),
        Outcome(stat="UNDELIV", weight=1),
        Outcome(stat="REJECTD", destination="*666"),
    )
    script = Script(changed(Scenario(), {"receipts": {"outcomes": msgspec.to_builtins(outcomes)}}), 0.0)
    drawn = [script.outcome("15551230001").stat for _ in range(1_000)]
    assert 850 < drawn.count("DELIVRD") < 950
    assert drawn.count("UNDELIV") == 1_000 - drawn.count("DELIVRD")
    assert script.outcome("15551230666").stat == "REJECTD"


def test_the_bucket_refills() -> None:
    script = Script(changed(Scenario(), {"throttle": {"rate": 10, "burst": 5}}), 0.0)
    assert [script.throttled(0.0) for _ in range(6)] == [False] * 5 + [True]
    assert [script.throttled(0.11) for _ in range(2)] == [False, True]
    assert [script.throttled(100.0) for _ in range(6)] == [False] * 5 + [True]


@pytest.mark.parametrize("count", [2, 3, 8])
def test_shuffled_is_never_sorted(count: int) -> None:
    script = Script(Scenario(), 0.0)
    for _ in range(200):
        order = script.shuffled(count)
        assert sorted(order) == list(range(count))
        assert order != list(range(count))


PAGE = (ROOT / "tools" / "simulator" / "README.md").read_text(encoding="utf-8")


def test_the_page_tells_of_each_table_and_each_request_and_shows_what_can_be_played() -> None:
    tables = [field.name for field in msgspec.structs.fields(Scenario)][2:]
    assert [name for name in tables if name not in ("query", "cancel") and f"`{name}`" not in PAGE] == []
    assert [request for request in HELP if f"`{request}`" not in PAGE] == []
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    played = decode(example.encode(), "README.md")
    assert (played.throttle.rate, played.faults[0].do, played.faults[0].taken) == (30, "silence", True)
    assert all(do in PAGE for do in PLAYABLE["submit_sm"])
    assert all(on in PAGE for on in PLAYABLE)
