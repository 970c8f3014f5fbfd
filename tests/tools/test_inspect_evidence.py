"""`assent inspect evidence`: what holds of a bundle, and that a hostile one gets an answer like any other."""

import io
import json
import sys
from hashlib import sha256
from typing import Any

import pytest

from gateway.__main__ import main
from tools.inspect.evidence import inspect

ZEROS = bytes(32)


def made_up(public: str, personal: str = "[]", seq: Any = 1) -> dict[str, Any]:
    """A bundle of one entry whose hashes are right, whatever it says."""
    commitment = sha256(personal.encode()).digest()
    says = sha256(commitment + public.encode()).digest()
    return {
        "format": "assent.consent-evidence.v1",
        "client": "acme",
        "number": "+12025550123",
        "consents": [],
        "entries": [{"seq": seq, "at": "", "salt": "", "personal": personal, "public": public}],
        "head": {"seq": seq, "hash": sha256(ZEROS + ZEROS + says).hexdigest()},
        "links": [{"seq": seq, "before": ZEROS.hex(), "jumped": ZEROS.hex(), "says": says.hex()}],
    }


@pytest.mark.parametrize("seq", [-1, 0, True, 1.0, "1", None, 10**40])
@pytest.mark.parametrize("where", ["links", "entries", "head"])
def test_a_number_of_an_entry_that_is_none(seq: Any, where: str) -> None:
    bundle = made_up("[1,0]")
    part = bundle[where]
    bundle[where] = part | {"seq": seq} if where == "head" else [part[0] | {"seq": seq}]
    assert inspect(bundle)["ok"] is False
    assert inspect(made_up("[1,0]", seq=seq))["error"] == "bundle.malformed"


def test_each_line_gets_an_answer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "[" * 200_000
    lines = [made_up(deep), made_up("[1,0]", deep), made_up("[1,0]", seq=-1), {"format": "x"}]
    given = "\n".join(json.dumps(line) for line in lines)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    assert main(["inspect", "evidence"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["error"] for answer in answers] == ["bundle.malformed"] * 4
