"""Owns the names of one id: how a carrier may spell in a receipt what it called a text in its response.

Does not own receipts (`receipt`) or the look-up (the store).
"""

import enum
from typing import Final


class IdForm(enum.Enum):
    """How a carrier writes in receipts the id it gave in submit_sm_resp."""

    RAW = "raw"
    """The same, but for case and leading zeros, which no carrier tells two texts apart by."""
    DECIMAL = "decimal"
    """In decimal; the response had it in hex."""
    HEX = "hex"
    """In hex; the response had it in decimal."""
    BOTH = "both"
    """Either way: not known, or not always the same."""


MESSAGE_ID_LIMIT: Final = 65
"""Octets of a message_id with its NUL (SMPP 3.4 §5.2.23)."""

_DECIMAL_DIGITS = frozenset("0123456789")
_HEX_DIGITS = frozenset("0123456789abcdef")


def match_keys(raw: str, form: IdForm = IdForm.BOTH) -> tuple[str, ...]:
    """The keys under which the text that a receipt calls `raw` may be indexed, the likeliest first.

    The first is the `index_key` of `raw` itself; then, as `form` allows, of the same number in the other base. An id of
    digits only can be read in both: a match by such a key alone proves nothing unless the addresses agree too.
    """
    if not raw:
        return ()
    own = index_key(raw)
    keys = [own]
    # An id longer than the specification has room for is no number.
    if form is not IdForm.RAW and len(own) < MESSAGE_ID_LIMIT:
        if form is not IdForm.HEX and _DECIMAL_DIGITS.issuperset(own):
            keys.append(f"{int(own):x}")
        if form is not IdForm.DECIMAL and _HEX_DIGITS.issuperset(own):
            keys.append(str(int(own, 16)))
    return tuple(dict.fromkeys(keys))


def index_key(raw: str) -> str:
    """The one spelling to index an id of a response by, beside `raw` itself: lower case, no leading zeros."""
    return raw.lower().lstrip("0") or "0"
