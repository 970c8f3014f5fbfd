"""The states of a consent: every arrow of the table, and no other."""

from itertools import product

import pytest

from gateway.model.consent import ConsentState as S
from gateway.model.consent import Method
from gateway.rules.consent_machine import ENDED, OPEN, Arrow, on_yes, step


@pytest.mark.parametrize(
    ("state", "arrow", "to"),
    [
        (S.UNKNOWN, Arrow.INVITE, S.INVITED),
        (S.DECLINED, Arrow.INVITE, S.INVITED),
        (S.EXPIRED, Arrow.INVITE, S.INVITED),
        (S.STALE, Arrow.INVITE, S.INVITED),
        (S.INVITED, Arrow.AGREE, S.CONFIRMED),
        (S.INVITED, Arrow.SEND_CODE, S.CODE_SENT),
        (S.INVITED, Arrow.VERIFY, S.CONFIRMED),
        (S.CODE_SENT, Arrow.VERIFY, S.CONFIRMED),
        (S.INVITED, Arrow.DECLINE, S.DECLINED),
        (S.CODE_SENT, Arrow.DECLINE, S.DECLINED),
        (S.INVITED, Arrow.LAPSE, S.EXPIRED),
        (S.CODE_SENT, Arrow.LAPSE, S.EXPIRED),
        (S.REVOKED, Arrow.READMIT, S.CONFIRMED),
        (S.CONFIRMED, Arrow.AGE, S.STALE),
        (S.DISOWNED, Arrow.REVOKE, S.DISOWNED),
    ],
)
def test_an_arrow(state: S, arrow: Arrow, to: S) -> None:
    assert step(state, arrow) is to


def test_whatever_it_is_it_can_be_revoked_disowned_or_given_anew() -> None:
    for state in S:
        assert step(state, Arrow.REVOKE) in ENDED
        assert step(state, Arrow.DISOWN) is S.DISOWNED
        assert step(state, Arrow.GRANT) is S.CONFIRMED


def test_only_the_consumer_s_own_word_or_new_evidence_leads_back_from_an_end() -> None:
    back = {
        (state, arrow)
        for state, arrow in product(ENDED, Arrow)
        if (to := step(state, arrow)) is not None and to not in ENDED
    }
    assert back == {(S.REVOKED, Arrow.READMIT), (S.REVOKED, Arrow.GRANT), (S.DISOWNED, Arrow.GRANT)}


def test_a_yes_means_nothing_unless_a_request_is_open() -> None:
    for state, arrow in product(S, (Arrow.AGREE, Arrow.SEND_CODE, Arrow.VERIFY, Arrow.DECLINE, Arrow.LAPSE)):
        assert (step(state, arrow) is None) or state in OPEN
    assert step(S.CODE_SENT, Arrow.AGREE) is None  # a second YES is no proof of who holds the handset


def test_what_yes_means_by_method() -> None:
    assert {method: on_yes(method) for method in Method} == {
        Method.AGENT_PIN: Arrow.SEND_CODE,
        Method.APPROVAL_CODE: Arrow.AGREE,
        Method.QUICK: Arrow.AGREE,
        Method.PAYMENT_PLAN: Arrow.AGREE,
        Method.SUPERVISOR: Arrow.AGREE,
    }
