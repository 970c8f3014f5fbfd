"""What a carrier's status means, line by line where it matters, and for every number there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import const
from gateway.smpp.status import ATTEMPTS, VERDICTS, BindVerdict, Verdict, describe, judge, judge_bind, name


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (0x00, Verdict.ACCEPTED),
        (0x58, Verdict.THROTTLE),
        (0x14, Verdict.PAUSE),
        (0x04, Verdict.REBIND),
        (0x64, Verdict.RETRY),
        (0x45, Verdict.RETRY),
        (0x08, Verdict.DOUBTFUL),
        (0x0A, Verdict.PERMANENT),
        (0x0B, Verdict.PERMANENT),
        (0x65, Verdict.PERMANENT),
        (0x66, Verdict.PERMANENT),
        (0xC3, Verdict.PERMANENT),
        (0xFF, Verdict.UNKNOWN),
        (0x400, Verdict.UNKNOWN),
        (0x4FF, Verdict.UNKNOWN),
        (0xFFFFFFFF, Verdict.UNKNOWN),
    ],
)
def test_what_a_status_means(status: int, verdict: Verdict) -> None:
    assert judge(status) is verdict


def test_a_carrier_may_overrule_any_line() -> None:
    own = {const.ESME_RMSGQFUL: Verdict.THROTTLE, 0x401: Verdict.PERMANENT}
    assert judge(const.ESME_RMSGQFUL, own) is Verdict.THROTTLE
    assert judge(0x401, own) is Verdict.PERMANENT
    assert judge(0x402, own) is Verdict.UNKNOWN
    assert judge(const.ESME_ROK, own) is Verdict.ACCEPTED


@given(st.integers(0, 0xFFFFFFFF))
def test_no_status_is_retried_for_ever_unless_it_is_about_the_account(status: int) -> None:
    verdict = judge(status)
    attempts = ATTEMPTS[verdict]
    if attempts is None:
        assert status in {const.ESME_RTHROTTLED, const.ESME_RMSGQFUL, const.ESME_RINVBNDSTS}
    else:
        assert attempts <= 5
    assert name(status)
    assert describe(status).startswith(name(status))
    judge_bind(status)


def test_every_verdict_says_how_often() -> None:
    assert set(ATTEMPTS) == set(Verdict)


def test_every_status_of_the_specification_has_a_name_and_words() -> None:
    assert set(const.STATUS_DESCRIPTIONS) == set(const.STATUS_NAMES)
    assert all(spelt.startswith("ESME_R") for spelt in const.STATUS_NAMES.values())
    assert set(VERDICTS) <= set(const.STATUS_NAMES)


# Credentials and bind failures are no answers to a text; should one come, it is tried once more and no oftener.
NOT_FOR_TEXTS = {
    const.ESME_RALYBND,
    const.ESME_RBINDFAIL,
    const.ESME_RINVPASWD,
    const.ESME_RINVSYSID,
    const.ESME_RINVSYSTYP,
    const.ESME_RUNKNOWNERR,
}


def test_every_status_of_the_specification_is_judged_on_purpose() -> None:
    assert set(const.STATUS_NAMES) - set(VERDICTS) == NOT_FOR_TEXTS


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (const.ESME_ROK, BindVerdict.BOUND),
        (const.ESME_RALYBND, BindVerdict.WAIT),
        (const.ESME_RINVPASWD, BindVerdict.ALARM),
        (const.ESME_RINVSYSID, BindVerdict.ALARM),
        (const.ESME_RINVSYSTYP, BindVerdict.ALARM),
        (const.ESME_RBINDFAIL, BindVerdict.RETRY),
        (const.ESME_RTHROTTLED, BindVerdict.RETRY),
        (0x401, BindVerdict.RETRY),
    ],
)
def test_what_a_refused_bind_means(status: int, verdict: BindVerdict) -> None:
    assert judge_bind(status) is verdict


def test_names_for_people() -> None:
    assert name(0x58) == "ESME_RTHROTTLED"
    assert name(0x401) == "0x00000401"
    assert describe(0x0B) == "ESME_RINVDSTADR: Invalid Destination Address"
    assert "carrier's own" in describe(0x401)
    assert "not in the specification" in describe(0x9999)
