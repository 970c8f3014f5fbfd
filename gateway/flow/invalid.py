"""What is said of a wish that cannot be taken at all: it owns the answer, and those that several roads give.

A wish that can be taken, and that a rule then refuses, is no matter of this file: it is a decision, and kept.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from gateway.config import ClientConfig, ProgramConfig
from gateway.errors import Code
from gateway.model.address import InvalidNumber


class Invalid(msgspec.Struct, frozen=True):
    """Nothing to judge, nothing stored."""

    code: Code
    field: str
    """The wish's field that is at fault."""
    detail: str
    fix: str
    also: tuple["Invalid", ...] = ()
    """What else is wrong with it."""


def together(faults: Sequence[Invalid]) -> Invalid:
    """Several faults of one wish as one answer; there is at least one."""
    return replace(faults[0], also=tuple(faults[1:]))


def no_program(client: ClientConfig) -> Invalid:
    """The client has no program of that name."""
    known = ", ".join(sorted(program.id for program in client.programs)) or "none"
    return Invalid(Code.PROGRAM_UNKNOWN, "program", "no such program", f"use one of this client's: {known}")


def not_sent(program: ProgramConfig) -> Invalid:
    """The program sends no texts of that category."""
    known = ", ".join(sorted(program.categories))
    return Invalid(Code.CATEGORY_UNKNOWN, "category", "the program does not send it", f"use one of {known}")


def no_number(field: str, error: InvalidNumber) -> Invalid:
    """The field holds no telephone number."""
    return Invalid(Code.NUMBER_INVALID, field, str(error), 'write it as "+12025550123"')
