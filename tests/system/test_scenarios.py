"""Every carrier that the simulator can be, with the lines of carriers.toml that it takes to live with it: texts end as they
must, nothing is lost, nothing goes twice. One gateway serves them all at once."""

import pytest

from tests.system.conftest import Proofs
from tools.torture.run import Wanted
from tools.torture.scenarios import CASES, left_out

RUN = Wanted("carriers", small=True)


@pytest.mark.parametrize("wanted", [RUN], ids=[""])
@pytest.mark.parametrize("scenario", [case.scenario for case in CASES])
def test_texts_end_as_they_must(scenario: str, wanted: Wanted, proofs: Proofs) -> None:
    finding = proofs.finding(wanted)
    theirs = [violation for violation in finding.violations if violation.what.startswith(f"{scenario}: ")]
    unjudged = [violation for violation in finding.violations if violation.name == "unjudged"]
    assert [*theirs, *unjudged] == []


def test_no_scenario_is_left_out() -> None:
    assert left_out() == []
