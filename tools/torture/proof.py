"""A goal and what was found of it: it owns the words in which every run reports.

It measures nothing.
"""

import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random

import msgspec

from tools.torture.evidence import Violation
from tools.torture.gateway import PRODUCT
from tools.torture.ledger import Account


class Setting(msgspec.Struct, frozen=True):
    """Where a run takes place, by which dice, and against which gateway."""

    directory: Path
    seed: int = 1
    launcher: Sequence[str] = PRODUCT

    def dice(self, name: str) -> Random:
        """The chances of one run; the same seed gives the same."""
        return Random(f"{name} {self.seed}")  # noqa: S311 - chances of a test, no secret

    def program(self, module: str, *arguments: str) -> list[str]:
        """The command line of a program that uses parts of that gateway."""
        broken = [] if tuple(self.launcher) == PRODUCT else [*self.launcher, "--module"]
        return [sys.executable, "-m", *broken, module, *arguments]

    def place(self, name: str) -> Path:
        """A directory of its own for a run."""
        path = self.directory / name
        path.mkdir(parents=True)
        return path


class Finding(msgspec.Struct, frozen=True):
    """What one run came to."""

    figure: str
    """In words and numbers, one line."""
    violations: tuple[Violation, ...] = ()

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return not self.violations

    def __str__(self) -> str:
        return "\n".join([self.figure, *map(str, self.violations[:20])])


def found(figure: str, *accounts: Account, more: Sequence[Violation] = ()) -> Finding:
    """A finding from the ledgers of a run and from what they cannot see."""
    told = "; ".join([figure, *(account.summary() for account in accounts)])
    return Finding(told, (*(violation for account in accounts for violation in account.violations), *more))


def unless(holds: bool, name: str, what: str, detail: str = "") -> tuple[Violation, ...]:
    """A violation, unless something holds."""
    return () if holds else (Violation(name, what, detail),)


Run = Callable[..., Awaitable[Finding]]
"""Takes a Setting and the size of the run by name."""


class Goal(msgspec.Struct, frozen=True):
    """One line of the table."""

    id: str
    what: str
    run: Run
    small: dict[str, float] = {}
    """The size of a run among other tests."""
    large: dict[str, float] = {}
    """The size of a run by `make torture`."""
    traced: bool = False
    """Whether it takes strace."""
