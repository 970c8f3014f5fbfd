"""The file of anchors: appended durably, read back, and told apart from what the gateway never wrote."""

from pathlib import Path

import pytest

from gateway.model.ledger import Anchor, Head
from gateway.store.anchors import FILE, AnchorFile, UnreadableAnchors

ONE = Anchor("2026-03-02", 1_772_463_600_000, Head(7, b"\x01" * 32))
TWO = Anchor("2026-03-03", 1_772_550_000_000, Head(9, b"\x02" * 32))


async def test_what_is_appended_is_read(tmp_path: Path) -> None:
    anchors = AnchorFile(tmp_path)
    assert await anchors.read() == []
    await anchors.append(ONE)
    await anchors.append(TWO)
    assert await AnchorFile(tmp_path).read() == [ONE, TWO]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


async def test_a_line_that_a_crash_cut_off_is_passed_over_and_replaced(tmp_path: Path) -> None:
    anchors = AnchorFile(tmp_path)
    await anchors.append(ONE)
    _append(tmp_path, b'{"day":"2026-03-0')
    assert await anchors.read() == [ONE]
    await anchors.append(TWO)
    assert await anchors.read() == [ONE, TWO]


@pytest.mark.parametrize(
    "junk", [b"\xff\xfe\n", b"{}\n", b"[]\n", b'{"day":"2026-03-02","at":"x","seq":1,"hash":"00"}\n', b"\n\0\n"]
)
async def test_what_is_no_anchor_is_said_to_be_none(tmp_path: Path, junk: bytes) -> None:
    anchors = AnchorFile(tmp_path)
    _append(tmp_path, junk)
    await anchors.append(ONE)
    with pytest.raises(UnreadableAnchors, match="line 1"):
        await anchors.read()


async def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(UnreadableAnchors, match="cannot be read"):
        await AnchorFile(tmp_path).read()


def _append(directory: Path, data: bytes) -> None:
    with (directory / FILE).open("ab") as file:
        file.write(data)
