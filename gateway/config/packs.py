"""The files of policy packs: those that ship with the gateway, and the operator's own.

Owns: where packs are looked for, and which file stands for a name. Does not own: what a pack may say (rules), or who names
which (policy, clients).

The gateway brings its packs along. ``policy/NAME.toml`` in the configuration directory is one more, or takes the place of
the bundled one of that name.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from gateway.config.faults import Fault

DIRECTORY = "policy"
LARGEST_BYTES = 1024 * 1024


class PackFile(Struct, frozen=True):
    """One pack as it is written."""

    name: str
    """The file's name without its ending; the pack has to call itself so too."""
    file: str
    """What faults call it."""
    text: str
    bundled: bool = False
    replaces: bool = False
    """Whether there is a bundled pack of that name."""


@cache
def bundled_packs() -> tuple[PackFile, ...]:
    """The packs that ship with the gateway."""
    here = files("gateway").joinpath(DIRECTORY)
    found = sorted((entry for entry in here.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return tuple(
        PackFile(entry.name.removesuffix(".toml"), f"{DIRECTORY}/{entry.name}", entry.read_text("utf-8"), bundled=True)
        for entry in found
    )


def pack_files(directory: Path) -> tuple[tuple[PackFile, ...], list[Fault]]:
    """All packs of a configuration directory, by name, and what cannot be read."""
    faults: list[Fault] = []
    bundled = {pack.name: pack for pack in bundled_packs()}
    own = {
        path.stem: PackFile(path.stem, f"{DIRECTORY}/{path.name}", text, replaces=path.stem in bundled)
        for path, text in _texts(directory / DIRECTORY, faults)
    }
    return tuple(pack for _, pack in sorted((bundled | own).items())), faults


def _texts(directory: Path, faults: list[Fault]) -> Iterator[tuple[Path, str]]:
    for path in sorted(directory.glob("*.toml")):
        file = f"{DIRECTORY}/{path.name}"
        try:
            if path.stat().st_size > LARGEST_BYTES:
                faults.append(Fault(file, "", "is too large for a pack", f"keep it to {LARGEST_BYTES} bytes"))
            else:
                yield path, path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            faults.append(Fault(file, "", f"cannot be read ({error.strerror})", "check who owns it and its mode"))
        except UnicodeDecodeError:
            faults.append(Fault(file, "", "is not UTF-8", "save it as UTF-8"))
