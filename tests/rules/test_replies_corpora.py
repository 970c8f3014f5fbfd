"""Replies against the tables: the two that must be right throughout, and the large ones that must be right enough.

`replies_holdout` is one half of a collection, parted by hash before the grammar was written and evaluated once: of 381
opt-outs 374 stopped or held, 356 of them outright; of 267 harmless sentences none was taken for an opt-out and 4 were held.
`replies_tuning` is the other half, and later rounds of harder sentences, each evaluated before it was learnt from. The faults
found in both were mended since, so they now guard and measure no more.

`replies_hard` is harder: indirect, idiomatic, misspelt, mixed. Each round was written before its faults were looked at, and
measured while it was new; the rules had learnt from the rounds before it, no more:

    round   opt-outs   stopped or held   outright   harmless   taken for an opt-out   held
    1       555        94 %              83 %       583        0                      3 %
    2       543        71 %              44 %       450        1                      5 %
    3       437        82 %              64 %       297        1                      4 %
    4       158        84 %              64 %       120        0                      4 %
    4       158        92 %              64 %       120        0                      8 %   with the last net (leaning)
    5       395        98 %              82 %       697        12                     12 %  with it; most harmless ones
                                                                                            built of the rules' own words
    6       93         98 %              86 %       136        1                      4 %
    7       40         52 %              3 %        40         0                      0 %    of those who are not sure
    8       407        98 %              81 %       485        4                      6 %    of plain ones, short and common
    9       134        99 %              89 %       114        0                      4 %    the same again; 98 %, 83 %, 1 and
                                                                                            5 % by the rules before round 8
"""

from collections.abc import Iterable

import pytest

from gateway.rules.keywords import classify
from tests.rules.replies import VECTORS, Case, cases, read, tally

DECIDED = ("keyword_cases.tsv", "keyword_cases_context.tsv")
LARGE = ("replies_tuning.tsv", "replies_holdout.tsv")
HARD = "replies_hard.tsv"


@pytest.mark.parametrize("case", [case for name in DECIDED for case in cases(name)], ids=lambda case: repr(case.text))
def test_a_decided_case_is_read_as_decided(case: Case) -> None:
    reply = read(case)
    assert reply.kind == case.expected, reply


def wrong(found: Iterable[Case], expected: str, *kinds: str) -> list[str]:
    return [case.text for case in found if case.expected == expected and read(case).kind in kinds]


@pytest.mark.parametrize("name", [*LARGE, HARD])
def test_no_harmless_sentence_is_an_opt_out(name: str) -> None:
    assert wrong(cases(name), "none", "opt-out") == []


@pytest.mark.parametrize("name", LARGE)
def test_opt_outs_stop_or_hold(name: str) -> None:
    seen = tally(cases(name))
    opt_outs = sum(count for (expected, _), count in seen.items() if expected == "opt-out")
    assert opt_outs > 350
    assert (seen["opt-out", "opt-out"] + seen["opt-out", "needs-review"]) / opt_outs >= 0.98
    assert seen["opt-out", "opt-out"] / opt_outs >= 0.90


def test_hard_opt_outs_stop_or_hold() -> None:
    seen = tally(cases(HARD))
    opt_outs = sum(count for (expected, _), count in seen.items() if expected == "opt-out")
    assert opt_outs > 900
    assert (seen["opt-out", "opt-out"] + seen["opt-out", "needs-review"]) / opt_outs >= 0.97
    assert seen["opt-out", "opt-out"] / opt_outs >= 0.65


@pytest.mark.parametrize("name", [*LARGE, HARD])
def test_few_harmless_sentences_are_held(name: str) -> None:
    seen = tally(cases(name))
    harmless = sum(count for (expected, _), count in seen.items() if expected == "none")
    assert harmless > 250
    assert seen["none", "needs-review"] / harmless <= 0.06


@pytest.mark.parametrize("name", [*LARGE, HARD])
def test_help_and_renewal_are_read(name: str) -> None:
    assert wrong(cases(name), "help", "none", "opt-out", "opt-in") == []
    assert wrong(cases(name), "opt-in", "none", "opt-out", "help") == []


def test_the_large_tables_share_no_sentence() -> None:
    tuning, holdout, hard = ({case.text for case in cases(name)} for name in [*LARGE, HARD])
    assert not tuning & holdout
    assert not hard & (tuning | holdout)


@pytest.mark.parametrize("name", [*DECIDED, *LARGE, HARD])
def test_every_verdict_is_explained(name: str) -> None:
    for case in cases(name):
        reply = read(case)
        assert reply.rule
        begin, end = reply.span
        assert reply.normalised[begin:end] == reply.words
        if reply.kind in ("opt-out", "needs-review", "opt-in", "help"):
            assert reply.words, case
        for signal in reply.signals:
            assert signal.words
            assert reply.normalised[signal.span[0] : signal.span[1]] == signal.words


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("change", [str.upper, str.title, lambda text: f"  {text} \n", lambda text: text + "\u200b"])
def test_case_blanks_and_invisible_characters_change_nothing(name: str, change: object) -> None:
    assert callable(change)
    for case in cases(name)[::7]:
        assert classify(change(case.text)).kind == read(case).kind, case.text


def test_the_tables_are_well_formed() -> None:
    for name in LARGE:
        lines = (VECTORS / name).read_text(encoding="utf-8").splitlines()
        assert all(line.count("\t") == 2 for line in lines)
