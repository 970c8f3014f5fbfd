"""The file of anchors beside the database: where the chain of the ledger stood, day by day.

Owns: its form, reading and appending. Does not own: when an anchor is set (flow/ledger).

Each line is a JSON object. Who changes the database has to change this file too, and every copy that an operator keeps of it:
copy it to where the gateway cannot write.
"""

import os
from pathlib import Path

import msgspec
import trio

from gateway.model.clock import read_instant, spell_instant
from gateway.model.ledger import Anchor, Head

FILE = "ledger.anchors"
_LARGEST = 16 * 1024 * 1024


class UnreadableAnchors(Exception):
    """The file is not what the gateway wrote; the message says where."""


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    day: str
    at: str
    seq: int
    hash: str


class AnchorFile:
    """The file of a data directory."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE

    async def read(self) -> list[Anchor]:
        """All anchors, oldest first; none where there is no file. Raises UnreadableAnchors."""
        return await trio.to_thread.run_sync(_read, self._path)

    async def append(self, anchor: Anchor) -> None:
        """Add an anchor, durably. Raises OSError."""
        await trio.to_thread.run_sync(_append, self._path, anchor)


_decode = msgspec.json.Decoder(_Line).decode


def _read(path: Path) -> list[Anchor]:
    try:
        if path.stat().st_size > _LARGEST:
            raise UnreadableAnchors(f"{FILE} is larger than a lifetime of anchors")
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UnreadableAnchors(f"{FILE} cannot be read ({error.strerror})") from None
    anchors: list[Anchor] = []
    for place, line in enumerate(lines, 1):
        try:
            found = _decode(line)
            anchors.append(Anchor(found.day, read_instant(found.at), Head(found.seq, bytes.fromhex(found.hash))))
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
            if place == len(lines):
                continue  # cut off while it was written: the next one says more
            raise UnreadableAnchors(f"line {place} of {FILE} is no anchor") from None
    return anchors


def _append(path: Path, anchor: Anchor) -> None:
    line = _Line(anchor.day, spell_instant(anchor.at), anchor.head.seq, anchor.head.hash.hex())
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        # A line that was cut off by a crash is no anchor, and must not become part of this one.
        whole = os.pread(handle, _LARGEST, 0).rfind(b"\n") + 1
        os.ftruncate(handle, whole)
        os.write(handle, msgspec.json.encode(line) + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
