"""Which packs hold for which program, and everything that is wrong with naming them."""

from pathlib import Path

import msgspec
import pytest

from gateway.config import Config, ConfigError, load
from gateway.model.clock import DAY, read_instant
from gateway.rules.charters import Charters, advise_packs, find_faults
from gateway.rules.packs import Purpose
from tests.policies import ALWAYS_OPEN

CONF = Path(__file__).parents[2] / "conf"
AT = read_instant("2026-10-20T16:00:00Z")


def written(tmp_path: Path, *, packs: str = "", program: str = "", **files: str) -> Path:
    """The shipped configuration with other packs; ``files`` are the operator's own, by name."""
    for path in CONF.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text())
    for name, old, new in (
        ("policy.toml", 'packs = ["us-strict"]', packs),
        ("clients.toml", 'packs = ["on-request"]', program),
    ):
        if new:
            text = (tmp_path / name).read_text()
            assert old in text
            (tmp_path / name).write_text(text.replace(old, new))
    (tmp_path / "policy").mkdir()
    for name, text in files.items():
        (tmp_path / "policy" / f"{name.replace('_', '-')}.toml").write_text(text)
    return tmp_path


def read(directory: Path) -> Config:
    return load(directory, lambda config: find_faults(config, AT))


def faults(directory: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(directory)
    return [str(fault) for fault in caught.value.faults]


def test_a_program_has_its_own_packs_or_those_of_the_policy() -> None:
    charters = Charters(read(CONF))
    ordinary = charters.of("demo", "servicing", "collections")
    assert [pack.name for pack in ordinary.packs] == ["us-strict"]
    assert ordinary.purpose is Purpose.COLLECTIONS
    assert [pack.name for pack in charters.of("demo", "codes", "servicing").packs] == ["on-request"]
    assert charters.lookback == 7 * DAY


@pytest.mark.parametrize("place", [("demo", "gone", "servicing"), ("demo", "codes", "gone"), ("gone", "codes", "x")])
def test_what_was_configured_away_is_judged_by_nothing(place: tuple[str, str, str]) -> None:
    assert Charters(read(CONF)).of(*place).packs == ()


def test_an_own_pack_is_one_more_or_takes_the_place_of_a_bundled_one(tmp_path: Path) -> None:
    strict = ALWAYS_OPEN.replace('"always-open"', '"us-strict"')
    config = read(
        written(tmp_path, packs='packs = ["us-strict", "always-open"]', always_open=ALWAYS_OPEN, us_strict=strict)
    )
    packs = Charters(config).of("demo", "servicing", "servicing").packs
    assert [pack.title for pack in packs] == [packs[1].title] * 2
    assert [str(fault) for fault in advise_packs(config, AT) if fault.file.startswith("policy/")] == [
        "policy/us-strict.toml: takes the place of the bundled pack of that name: rename it if unwanted"
    ]


def test_a_program_with_packs_of_its_own_is_told_at_each_start() -> None:
    (told,) = advise_packs(read(CONF), AT)
    assert (told.file, told.key) == ("clients.toml", "client[demo].program[codes].packs")
    assert "judged by on-request, not by us-strict" in told.problem


def test_every_fault_is_told_at_once_with_file_and_key(tmp_path: Path) -> None:
    directory = written(
        tmp_path,
        packs='packs = ["us-strickt"]',
        program='packs = ["us-strict", "misnamed"]',
        broken="name = ",
        misnamed=ALWAYS_OPEN,
        odd=ALWAYS_OPEN.replace('"always-open"', '"odd"').replace("24:00", "25:00"),
    )
    (directory / "gateway.toml").write_text("[store]\nreserve_mib = -1\n")
    told = faults(directory)
    for words in (
        "gateway.toml: store.reserve_mib",
        "policy/broken.toml: is not TOML",
        "policy/misnamed.toml: name: is 'always-open'",
        "policy/odd.toml: hours[always].open",
        "policy.toml: packs: us-strickt: is no pack: did you mean 'us-strict'?",
    ):
        assert any(fault.startswith(words) for fault in told), (words, told)


def test_a_pack_that_cannot_be_read_hides_no_misspelt_one_beside_it(tmp_path: Path) -> None:
    told = faults(written(tmp_path, packs='packs = ["us-strickt", "broken"]', broken="name = "))
    assert any(fault.startswith("policy/broken.toml: is not TOML") for fault in told)
    assert "policy.toml: packs: us-strickt: is no pack: did you mean 'us-strict'?" in told
    assert not any("broken: is no pack" in fault for fault in told), told


@pytest.mark.parametrize(
    ("key", "packs", "problem"),
    [
        ("packs", '["uk"]', "texts may go to all of CA, so none will"),
        ("packs", "[]", "expected"),
        ("program", '["us-reg-f"]', "texts may go to all of CA, so none will"),
    ],
)
def test_a_selection_that_sends_nothing_stops_the_start(tmp_path: Path, key: str, packs: str, problem: str) -> None:
    told = faults(written(tmp_path, **{key: f"packs = {packs}"}))
    assert any(problem in fault for fault in told), told


def test_a_file_that_cannot_be_read_as_text_is_a_fault(tmp_path: Path) -> None:
    directory = written(tmp_path)
    (directory / "policy" / "latin.toml").write_bytes(b'name = "\xe9"')
    assert faults(directory) == ["policy/latin.toml: is not UTF-8: save it as UTF-8"]


def test_a_configuration_that_was_not_checked_cannot_be_built_on() -> None:
    config = load(CONF)
    policy = msgspec.structs.replace(config.policy, packs=("none-such",))
    with pytest.raises(ConfigError, match="none-such"):
        Charters(msgspec.structs.replace(config, policy=policy))
