"""What is wrong with a configuration, and where.

Owns: one fault, and the error that carries all of them. Does not own: finding them (decode, references, credentials).
"""

from collections.abc import Iterable

from msgspec import Struct


class Fault(Struct, frozen=True, order=True):
    """One thing that an operator has to mend."""

    file: str
    key: str
    """Path of the key inside the file, such as ``carrier[main].window``; empty where the whole file is meant."""
    problem: str
    fix: str

    def __str__(self) -> str:
        """On one line: where, what, how to mend it. Never the value, which may be a secret."""
        return ": ".join(part for part in (self.file, self.key, self.problem, self.fix) if part)


class ConfigError(Exception):
    """The configuration cannot be used; every fault that was found, in the order of files and keys."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
