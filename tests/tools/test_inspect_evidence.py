"""`assent inspect evidence`: what holds of a bundle, and that a hostile one gets an answer like any other."""

import io
import json
import sys
from hashlib import sha256
from typing import Any

import pytest

from gateway.__main__ import main
from gateway.model.clock import DAY, HOUR, read_instant
from gateway.store.history import Bundle
from tests.flow.test_erasure import erase
from tests.policies import FRESH, opened
from tests.web.estate import CONFIG, EVIDENCE, NUMBER, OTHER_NUMBER, Estate, open_estate
from tests.web.test_unlinked import writes
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
    assert inspect(made_up("[1,0]", seq=seq))["error"] in ("bundle.malformed", "chain.broken")


def test_each_line_gets_an_answer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "[" * 200_000
    lines = [made_up(deep), made_up("[1,0]", deep), made_up("[1,0]", seq=-1), {"format": "x"}]
    given = "\n".join(json.dumps(line) for line in lines)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    assert main(["inspect", "evidence"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["error"] for answer in answers] == ["bundle.malformed"] * 4


async def exported(estate: Estate, number: str = NUMBER) -> dict[str, Any]:
    """The bundle, and that it holds."""
    bundle = await estate.ask("GET", f"/v1/consents/{number}/export")
    assert bundle.status == 200
    proven = inspect(bundle.body)
    assert proven["ok"], proven
    found: dict[str, Any] = bundle.body
    return found


async def revoke(estate: Estate, **scope: str) -> None:
    answer = await estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"reason": "called"} | scope)
    assert answer.status == 200


async def agree_again(estate: Estate) -> None:
    """A consent that the person gave now, after whatever was said before."""
    estate.clock.instant += HOUR
    evidence = EVIDENCE | {"obtained_at": "2026-03-02T16:30:00Z"}
    body = {"program": "servicing", "category": "servicing", "evidence": evidence}
    estate.clock.instant += HOUR
    answer = await estate.ask("PUT", f"/v1/consents/{NUMBER}", body)
    assert answer.status == 200, answer.body


async def test_what_the_gateway_exports_holds_whatever_was_said() -> None:
    async with open_estate() as estate:
        assert (await exported(estate))["head"]["seq"] == 0
        await estate.consent(OTHER_NUMBER)
        assert (await exported(estate))["entries"] == []
        await estate.consent()
        await exported(estate)
        await revoke(estate, program="servicing", category="servicing", account="A-1")
        assert {one.get("account") for one in (await exported(estate))["consents"]} == {None, "A-1"}
        await revoke(estate)
        assert any("ended_by" in one for one in (await exported(estate))["consents"])
        await agree_again(estate)
        assert any("unless" in one for one in (await exported(estate))["consents"])
        await revoke(estate, program="servicing")
        await exported(estate)
        for words in ("START", "STOP"):
            await writes(estate, words, NUMBER)
            await exported(estate)


async def test_what_is_exported_after_an_erasure_holds_and_tells_it() -> None:
    async with open_estate() as estate:
        await estate.consent()
        await revoke(estate, program="servicing")
        await erase(estate, NUMBER)
        proven = inspect(await exported(estate))
        assert (proven["entries"], proven["proven_until"], proven["erased_until"]) == (1, 3, 2)
        await agree_again(estate)
        bundle = await exported(estate)
        assert inspect(bundle)["erased_until"] == 2
        assert inspect(bundle | {"entries": bundle["entries"][1:]})["error"] == "entry.missing"
        await erase(estate, NUMBER)
        assert len((await exported(estate))["entries"]) == 1


async def test_what_is_exported_of_a_stale_consent_holds() -> None:
    async with open_estate(config=opened(CONFIG, FRESH)) as estate:
        await estate.consent()
        estate.clock.instant = read_instant(EVIDENCE["obtained_at"]) + 60 * DAY + 1
        bundle = await exported(estate)
        assert bundle["consents"][0]["state"] == "stale"


async def test_a_bundle_whose_statements_were_changed_does_not_hold() -> None:
    async with open_estate() as estate:
        await estate.consent()
        await revoke(estate)
        await agree_again(estate)
        bundle = await exported(estate)
        wide, narrow = bundle["consents"]
        entries, links = bundle["entries"], bundle["links"]
        forged: list[tuple[dict[str, Any], str]] = [
            ({"client": "globex"}, "entry.changed"),
            ({"entries": entries[:-1]}, "consents.changed"),
            ({"entries": entries[:-1], "consents": [wide, narrow | {"state": "revoked"}]}, "consents.changed"),
            ({"entries": []}, "entry.missing"),
            ({"entries": [], "consents": []}, "entry.missing"),
            ({"entries": entries[:1], "consents": []}, "consents.changed"),
            ({"entries": [entries[0] | {"at": "2026-01-01T00:00:00.000Z"}, *entries[1:]]}, "entry.changed"),
            ({"links": [*links, links[0]], "entries": []}, "entry.missing"),
            ({"consents": []}, "consents.changed"),
            ({"consents": [wide, narrow, narrow]}, "consents.changed"),
            *(
                ({"consents": [wide, narrow | change]}, "consents.changed")
                for change in (
                    {"state": "revoked"},
                    {"changed_at": "2026-03-02T15:00:00.000Z"},
                    {"cause": "keyword"},
                    {"account": "A-1"},
                    {"ended_by": {"program": "*", "category": "*"}},
                    {"evidence": narrow["evidence"] | {"wording": "Anything."}},
                )
            ),
            ({"consents": [wide | {"state": "confirmed"}, narrow]}, "consents.changed"),
            ({"consents": [{name: wide[name] for name in wide if name != "unless"}, narrow]}, "consents.changed"),
        ]
        for change, error in forged:
            answer = inspect(bundle | change)
            assert (answer["ok"], answer.get("error")) == (False, error), change


async def test_a_change_while_it_is_exported_leaves_a_bundle_of_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_estate() as estate:
        await estate.consent()
        bundle, changes = estate.store.consent_bundle, iter((True, False, False))

        async def changed(number: str, client: str, through: int) -> Bundle:
            found = await bundle(number, client, through)
            if next(changes):
                await revoke(estate)
            return found

        monkeypatch.setattr(estate.store, "consent_bundle", changed)
        assert len((await exported(estate))["entries"]) == 2
