"""Owns `assent init`: the commented configuration, in a directory of an operator's own, to be changed.

Does not own what the files say (conf/), or whether they are right (`assent check`).
"""

import argparse
import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Final

import gateway

DONE, FAILED = 0, 1

_PACKAGE: Final = Path(gateway.__file__).parent
_EXAMPLES: Final = "examples"


def shipped() -> Path:
    """The configuration that came with this program: in an installed package beside its code, in a checkout at its top."""
    installed = _PACKAGE / "conf"
    return installed if installed.is_dir() else _PACKAGE.parent / "conf"


def examples() -> list[str]:
    """What the shipped configuration has examples of."""
    return sorted(folder.name for folder in (shipped() / _EXAMPLES).iterdir() if folder.is_dir())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``main`` reads."""
    parser.description = (
        "Write a configuration to begin with: five commented files. What is there is never overwritten."
    )
    parser.add_argument(
        "directory", metavar="DIR", type=Path, nargs="?", default=Path("conf"), help="where to (default: conf)"
    )
    parser.add_argument("--example", choices=examples(), help="with plugins that go together, enabled")


def main(args: argparse.Namespace) -> int:
    """Write the files. Returns 0, or 1 where something is in their place or they cannot be written."""
    directory: Path = args.directory
    try:
        written = write(directory, args.example)
    except FileExistsError as error:
        return _complain(f"{error.filename} is there already: name another directory, or move that one away")
    except OSError as error:
        return _complain(f"{error.filename or directory} cannot be written ({error.strerror})")
    for file in written:
        print(file)
    print(f"Try it:     assent run --demo --conf {directory} --data data    (with a simulated carrier)")
    print(
        f"Make it yours: the carriers' accounts, the clients and their programs; then assent check --conf {directory}"
    )
    return DONE


def write(directory: Path, example: str | None = None) -> list[Path]:
    """The files that were written, the plugins' of the example in place of its namesake. Raises OSError."""
    source = shipped()
    changed = source / _EXAMPLES / example if example else None
    contents = {
        file.relative_to(source): file for file in sorted(source.rglob("*")) if file.is_file() and not _is_example(file)
    }
    if changed is not None:
        contents |= {file.relative_to(changed): file for file in sorted(changed.rglob("*")) if file.is_file()}
    directory.mkdir(parents=True, exist_ok=True)
    for name in contents:
        if (directory / name).exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(directory / name))
    for name, file in contents.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, directory / name)
    return [directory / name for name in contents]


def _is_example(file: Path) -> bool:
    return _EXAMPLES in file.relative_to(shipped()).parts


def _complain(problem: str) -> int:
    print(f"assent init: {problem}", file=sys.stderr)
    return FAILED
