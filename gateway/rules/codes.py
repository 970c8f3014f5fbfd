"""One-time codes that prove who holds a handset.

Owns: their form, their hash, and how often one may be guessed at. Does not own: where randomness comes from (handed in), the
count of attempts (store), or the words around a code (flow/optins).
"""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Final

MOST_ATTEMPTS: Final = 5
"""Wrong codes, after which the request ends."""
LEAST_DIGITS: Final = 4
MOST_DIGITS: Final = 6
SALT_BYTES: Final = 16

_CODE = re.compile(rf"[0-9]{{{LEAST_DIGITS},{MOST_DIGITS}}}", re.ASCII)


def is_code(text: str) -> bool:
    """Whether a text has the form of a code; one that has not is a slip of the keyboard and no guess."""
    return _CODE.fullmatch(text) is not None


def make_code(digits: int, below: Callable[[int], int]) -> str:
    """A code of 4 to 6 digits; ``below(n)`` gives a random whole number from 0 to n - 1, each as likely."""
    return f"{below(10**digits):0{digits}}"


def digest_code(salt: bytes, number: str, program: str, code: str) -> bytes:
    """What is kept of a code: it fits this number and this program alone."""
    return sha256(b"%b|%b|%b|%b" % (salt, number.encode(), program.encode(), code.encode())).digest()
