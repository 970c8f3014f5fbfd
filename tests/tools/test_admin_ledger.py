"""``assent admin consent`` and ``assent admin ledger`` against the real doors: import, export, as-of, erase, verify."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from gateway.model.clock import MINUTE
from gateway.model.consent import ConsentChange
from gateway.store.unit import Unit
from gateway.store.writer import Posted, Verb
from tests.tools.test_admin import Desk, open_desk
from tests.web.estate import NUMBER
from tools.inspect.evidence import inspect

HEADER = "number,program,category,obtained_at,medium,wording,source"
REST = "servicing,servicing,2026-01-15T10:00:00Z,web form,I agree.,page 7"


@pytest.fixture
async def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path, capsys) as opened:
        yield opened


def _number(n: int) -> str:
    return f"+1202555{n:04}"


async def _import(desk: Desk, tmp_path: Path, content: str | bytes, *more: str) -> tuple[int, str, str]:
    path = tmp_path / "consents.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return await desk.run("consent", "import", str(path), "--client", "acme", *more)


def _left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir() if path.is_file())


def _refused(tmp_path: Path) -> list[str]:
    path = tmp_path / "consents.csv.refused.csv"
    return path.read_text("utf-8").splitlines() if path.exists() else []


async def _standing(desk: Desk, number: str) -> list[str]:
    consents = (await desk.estate.ask("GET", f"/v1/consents/{number}")).body["consents"]
    return [f"{one['program']}/{one['category']} {one['state']}" for one in consents]


async def test_a_file_is_imported_row_by_row(desk: Desk, tmp_path: Path) -> None:
    rows = [f"{_number(n)},{REST}" for n in range(2500)]
    code, out, _ = await _import(desk, tmp_path, "\n".join([HEADER, *rows]))
    assert (code, out.partition(" (")[0]) == (0, "2500 consents taken, 0 rows said the same again, 0 refused")
    assert await _standing(desk, _number(2499)) == ["servicing/servicing confirmed"]
    assert _left(tmp_path) == ["consents.csv"]
    (consent,) = (await desk.estate.ask("GET", f"/v1/consents/{_number(7)}")).body["consents"]
    assert consent["evidence"]["source"] == "page 7"
    head = await desk.estate.store.ledger_head()
    assert head.seq == 2500
    code, out, _ = await _import(desk, tmp_path, "\n".join([HEADER, *rows]))
    assert (code, out.partition(" (")[0]) == (0, "2500 consents taken, 0 rows said the same again, 0 refused")
    assert await desk.estate.store.ledger_head() == head  # the same again is nothing new


async def test_a_number_as_people_write_it_is_no_formula(desk: Desk, tmp_path: Path) -> None:
    code, _, _ = await _import(desk, tmp_path, f"{HEADER}\n+1 (202) 555-0118,{REST}\n")
    assert code == 1
    assert "number: not an E.164 number" in _refused(tmp_path)[-1]


async def test_every_bad_row_is_told_with_its_line_and_the_others_are_taken(desk: Desk, tmp_path: Path) -> None:
    rows = [
        f"{_number(1)},{REST}",
        f"2025550102,{REST}",
        f"{_number(3)},nope,servicing,2026-01-15T10:00:00Z,web form,I agree.,page 7",
        f"{_number(4)},servicing,collections,2026-01-15T10:00:00Z,web form,I agree.,page 7",
        f"{_number(5)},servicing,servicing,15/01/2026,web form,I agree.,page 7",
        f"{_number(6)},servicing,servicing,2027-01-15T10:00:00Z,web form,I agree.,page 7",
        f"{_number(7)},servicing,servicing,2026-01-15T10:00:00Z,web form,,page 7",
        f'{_number(8)},servicing,servicing,2026-01-15T10:00:00Z,web form,"=HYPERLINK(""x"")",page 7',
        f"1.2025E+10,{REST}",
        f"=+12025550110,{REST}",
        f"{_number(11)},servicing",
        f"{_number(1)},{REST}",
        f"{_number(1)},servicing,servicing,2026-01-16T10:00:00Z,call,I agree.,page 7",
        "",
        f'{_number(15)},servicing,servicing,2026-01-15T10:00:00Z,paper,"I agree,\nwith two lines.",page 7',
        f"{_number(16)},{REST},extra",
        f"{_number(17)},{REST}",
    ]
    code, out, _ = await _import(desk, tmp_path, "\r\n".join([HEADER, *rows]) + "\r\n")
    assert code == 1
    assert out.startswith("3 consents taken, 1 rows said the same again, 12 refused (16 rows")
    told = _refused(tmp_path)
    expected = {
        3: "number: not an E.164 number",
        4: "program: no such program",
        5: "category: the program does not send it",
        6: "obtained_at",
        7: "obtained_at: is in the future",
        8: "wording: it is empty",
        9: "wording: looks like a formula",
        10: "number: is what a spreadsheet made of it",
        11: "number: looks like a formula",
        12: "has 2 cells, and the header has 7",
        14: "says something else of the same consent than line 2",
        18: "has 8 cells",
    }
    assert len(told) == len(expected)
    for line, (number, words) in zip(told, sorted(expected.items()), strict=True):
        assert line.startswith(f"{number},"), (line, number)
        assert words in line
    for n, there in ((1, True), (15, True), (17, True), (3, False), (8, False), (16, False)):
        assert bool(await _standing(desk, _number(n))) is there, n


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "'number' is missing"),
        ("number,program\n", "'category' is missing"),
        (f"{HEADER},wordng\n", "'wordng' is no column (did you mean 'wording'?)"),
        (f"{HEADER},number\n", "'number' is there twice"),
        (HEADER.encode("utf-16"), "is UTF-16"),
        (b"\x00\x01\x02\x03\n", "is no text"),
        (b"PK\x03\x04\x00\x00\n", "is no text"),
        (f"{NUMBER},{REST}\n", "is no column"),
    ],
)
async def test_a_file_that_is_none(desk: Desk, tmp_path: Path, content: str | bytes, words: str) -> None:
    code, _, err = await _import(desk, tmp_path, content)
    assert (code, words in err) == (2, True), err
    assert (await desk.estate.store.ledger_head()).seq == 0


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + f"{HEADER}\n{NUMBER},{REST}\n".encode(),
        f"{HEADER}\n{NUMBER},{REST}".replace(",", ";").encode(),
        f"{HEADER}\n{NUMBER},{REST}".replace(",", "\t").encode(),
        f"{HEADER.upper()}\r\n{NUMBER},{REST}\r\n".encode(),
        f" {HEADER.replace(',', ' , ')}\r{NUMBER},{REST}\r".encode(),
        f'"{HEADER.replace(",", chr(34) + "," + chr(34))}"\n{NUMBER},{REST}\n'.encode(),
        f"source,wording,medium,obtained_at,category,program,number\np,w,m,2026-01-15T10:00:00Z,servicing,servicing,{NUMBER}\n".encode(),
    ],
)
async def test_forms_of_a_file_that_are_taken(desk: Desk, tmp_path: Path, content: bytes) -> None:
    code, out, err = await _import(desk, tmp_path, content)
    assert code == 0, (out, err)
    assert await _standing(desk, NUMBER) == ["servicing/servicing confirmed"]


async def test_a_row_in_another_encoding_is_told_and_the_rest_is_taken(desk: Desk, tmp_path: Path) -> None:
    row = f"{_number(1)},servicing,servicing,2026-01-15T10:00:00Z,web form,d'accord \xe9t\xe9,page 7".encode("latin-1")
    code, _, _ = await _import(desk, tmp_path, b"\n".join([HEADER.encode(), row, f"{_number(2)},{REST}".encode()]))
    assert (code, _refused(tmp_path)) == (1, ["2,wording: is not UTF-8"])
    assert await _standing(desk, _number(2))


async def test_a_quote_that_is_never_closed_is_told(desk: Desk, tmp_path: Path) -> None:
    rows = [f"{_number(1)},{REST}", f'{_number(2)},servicing,servicing,2026-01-15T10:00:00Z,web form,"I agree.,page 7']
    rows += [f"{_number(n)},{REST}" for n in range(3, 3000)]
    code, _, _ = await _import(desk, tmp_path, "\n".join([HEADER, *rows]))
    assert code == 1
    assert any(line.startswith("3,") and "quote" in line for line in _refused(tmp_path))
    assert await _standing(desk, _number(1))


async def test_an_import_that_was_cut_off_goes_on_where_it_was(desk: Desk, tmp_path: Path) -> None:
    rows = [f"{_number(n)},{REST}" for n in range(3000)]
    rows[10] = f"bad,{REST}"
    path = tmp_path / "consents.csv"
    path.write_text("\n".join([HEADER, *rows]))
    taken = desk.estate.store.change_consents
    pulled = False

    def fails(changes: Sequence[ConsentChange]) -> Posted[list[bool]]:
        nonlocal pulled
        if not pulled and any(change.number == _number(2500) for change in changes):
            pulled = True  # the third batch: several are under way, and which comes first is chance
            raise ConnectionError("pulled")
        return taken(changes)

    desk.estate.store.change_consents = fails  # type: ignore[method-assign]
    code, _, err = await desk.run("consent", "import", str(path), "--client", "acme")
    assert code != 0
    assert "goes on from there" in err
    code, out, err = await desk.run("consent", "import", str(path), "--client", "acme")
    assert "going on behind line" in err
    assert code == 1
    assert out.startswith("2999 consents taken, 0 rows said the same again, 1 refused (3000 rows")
    assert len(_refused(tmp_path)) == 1
    assert await _standing(desk, _number(2999))


async def test_a_client_that_may_not_import_is_told_of_each_row(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "consents.csv"
    path.write_text(f"{HEADER}\n{NUMBER},{REST}\n")
    code, _, _ = await desk.run("consent", "import", str(path), "--client", "initech")
    assert (code, "may not record consents" in _refused(tmp_path)[0]) == (1, True)
    code, _, err = await desk.run("consent", "import", str(path), "--client", "nobody")
    assert (code, "no such client" in err) == (1, True)
    code, _, err = await desk.run("consent", "import", str(path))
    assert (code, "--client" in err) == (2, True)
    code, _, err = await desk.run("consent", "import", str(tmp_path / "none.csv"), "--client", "acme")
    assert (code, "cannot be read" in err) == (2, True)


async def test_consents_as_they_stood(desk: Desk) -> None:
    await desk.estate.consent()
    desk.estate.clock.instant += MINUTE
    await desk.estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"reason": "called"})
    code, out, _ = await desk.run("consent", NUMBER, "--as-of", "2026-03-02T15:00:59Z")
    assert (code, "confirmed" in out, "revoked" in out) == (0, True, False)
    code, out, _ = await desk.run("consent", NUMBER, "--as-of", "2026-03-02T16:01:00+01:00")
    assert (code, "revoked" in out) == (0, True)
    code, out, _ = await desk.run("consent", NUMBER, "--as-of", "2026-03-02T14:00:00Z")
    assert (code, "none" in out) == (0, True)
    with pytest.raises(SystemExit):
        await desk.run("consent", NUMBER, "--as-of", "yesterday")


async def test_an_export_holds_for_who_has_nothing_else(desk: Desk) -> None:
    for n in range(40):
        await desk.estate.consent(_number(n))
    await desk.estate.consent()
    await desk.estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"reason": "called"})
    await desk.estate.ledger.tend()
    for n in range(40, 80):
        await desk.estate.consent(_number(n))
    code, out, _ = await desk.run("consent", "export", NUMBER, "--client", "acme")
    assert code == 0
    bundle = json.loads(out)
    assert bundle == (await desk.estate.ask("GET", f"/v1/consents/{NUMBER}/export")).body
    proven = inspect(bundle)
    assert (proven["ok"], proven["entries"], proven["proven_until"]) == (True, 2, 42)
    assert bundle["anchor"]["seq"] == 42
    assert _number(3) not in out
    for change in (
        {"entries": bundle["entries"][:1]},
        {"entries": bundle["entries"][1:]},
        {"entries": [bundle["entries"][0] | {"personal": bundle["entries"][0]["personal"].replace("web", "wep")}]},
        {"links": bundle["links"][1:]},
        {"head": bundle["head"] | {"hash": "00" * 32}},
        {"anchor": bundle["anchor"] | {"hash": "00" * 32}},
        {"number": _number(3)},
        {"format": "x"},
        {"links": None},
    ):
        assert inspect(bundle | change)["ok"] is False, change


async def test_erase_and_verify(desk: Desk) -> None:
    await desk.estate.consent()
    code, out, _ = await desk.run("ledger", "verify")
    assert (code, "the chain holds" in out, "1 entries and 1 lines" in out) == (0, True, True)
    code, _, err = await desk.run("consent", "erase", NUMBER)
    assert (code, "--reason" in err) == (2, True)
    code, _, err = await desk.run("consent", "erase", NUMBER, "--reason", f"{NUMBER} asked")
    assert (code, "names the number" in err) == (1, True)
    code, out, _ = await desk.run("consent", "erase", NUMBER, "--reason", "asked for it")
    assert (code, "erased from 1 entries" in out) == (0, True)
    found = await desk.json("ledger", "verify")
    assert (found["found"], found["entries"]) == (0, 3)
    assert (await desk.json("consent", "erase", NUMBER, "--reason", "asked for it"))["erased"] == 0


async def test_a_broken_chain_is_told_and_stops_those_whom_it_is_about(desk: Desk) -> None:
    for n in range(5):
        await desk.estate.consent(_number(n))

    def change(unit: Unit, items: Sequence[None]) -> list[None]:
        unit.sql.execute("UPDATE consent_event SET evidence = '{}' WHERE seq = 3")
        return [None for _ in items]

    await desk.estate.store.writer.post(Verb(change, 11), [None])
    code, out, _ = await desk.run("ledger", "verify")
    assert code == 1
    for words in ("1 findings", "changed", _number(2), "1 numbers get no texts"):
        assert words in out
    for number, told in ((_number(2), True), (_number(3), False)):
        _, out, _ = await desk.run("consent", number)
        assert ("acme about this number does not verify (changed at entry 3" in out) is told
    shown = (await desk.estate.ask("GET", f"/v1/consents/{_number(2)}")).body
    assert (shown["broken"]["seq"], shown["broken"]["fault"]) == (3, "changed")
    shown = (await desk.estate.ask("GET", f"/v1/consents/{_number(2)}", query={"as_of": "2026-03-02T16:00:00Z"})).body
    assert shown["broken"]["seq"] == 3
    assert "broken" not in (await desk.estate.ask("GET", f"/v1/consents/{_number(3)}")).body
    found = await desk.estate.operate("POST", "/v1/ledger/check", {"cursor": "bm8="})
    assert (found.status, found.body["errors"][0]["field"]) == (422, "/cursor")


@pytest.mark.parametrize("words", [("import",), ("export",), ("erase", NUMBER, NUMBER), (NUMBER, NUMBER)])
async def test_words_that_do_not_go_together(desk: Desk, words: tuple[str, ...]) -> None:
    code, _, err = await desk.run("consent", *words, "--client", "acme", "--reason", "r")
    assert (code, "give one" in err) == (2, True)


@pytest.mark.parametrize("beside", ["consents.csv.refused.csv", "consents.csv.progress"])
async def test_an_import_that_cannot_write_beside_its_file(desk: Desk, tmp_path: Path, beside: str) -> None:
    (tmp_path / beside).mkdir()
    code, _, err = await _import(desk, tmp_path, f"{HEADER}\n{_number(1)},{REST}\n")
    assert (code, f"{beside} cannot be written" in err) == (2, True)
    assert await _standing(desk, _number(1)) == []
    assert not (tmp_path / "consents.csv.progress.new").exists()


async def test_an_import_of_a_directory(desk: Desk) -> None:
    code, _, err = await desk.run("consent", "import", ".", "--client", "acme")
    assert (code, "is a directory" in err) == (2, True)
