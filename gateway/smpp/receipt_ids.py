"""Owns the names of one id: how a carrier may spell in a receipt what it called a text in its response.

Does not own receipts (`receipt`) or the look-up (the store).
"""

import enum
from typing import Final


class IdForm(enum.Enum):
    """How a carrier writes in receipts the id it gave in submit_sm_resp."""

    RAW = "raw"
    """The same, but for case, leading zeros and blanks, which no carrier tells two texts apart by."""
    DECIMAL = "decimal"
    """In decimal; the response had it in hex."""
    HEX = "hex"
    """In hex; the response had it in decimal."""
    BOTH = "both"
    """Either way: not known, or not always the same."""


_FORMS: Final = (IdForm.RAW, IdForm.DECIMAL, IdForm.HEX)

MESSAGE_ID_LIMIT: Final = 65
"""Octets of a message_id with its NUL (SMPP 3.4 §5.2.23)."""

_DECIMAL_DIGITS = frozenset("0123456789")
_HEX_DIGITS = frozenset("0123456789abcdef")


def match_keys(raw: str, form: IdForm = IdForm.BOTH) -> tuple[str, ...]:
    """The keys under which the text that a receipt calls `raw` may be indexed, the likeliest first.

    They are the `index_key` of `raw` itself and, as `form` allows, of the same number in the other base, which goes first
    where the form says that it is so. An id of digits only can be read in both: unless the carrier's form is known, a match
    by another base proves nothing if the addresses do not agree too.
    """
    if not raw.strip():
        return ()
    own = index_key(raw)
    as_hex, as_decimal = _in_hex(own), _in_decimal(own)
    keys: tuple[str | None, ...]
    match form:
        case IdForm.RAW:
            keys = (own,)
        case IdForm.DECIMAL:
            keys = (as_hex, own)
        case IdForm.HEX:
            keys = (as_decimal, own)
        case IdForm.BOTH:
            keys = (own, as_hex, as_decimal)
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def form_of(raw: str, key: str) -> IdForm | None:
    """In which form a receipt wrote `raw` the id whose `index_key` is `key`; None where that cannot be told."""
    own = index_key(raw)
    as_hex, as_decimal = _in_hex(own), _in_decimal(own)
    forms = [form for form, spelt in zip(_FORMS, (own, as_hex, as_decimal), strict=True) if spelt == key]
    # One digit is the same in both bases, and what is no number has one form only.
    return forms[0] if len(forms) == 1 and (as_hex, as_decimal) != (None, None) else None


# An id longer than the specification has room for is no number.
def _in_hex(own: str) -> str | None:
    return f"{int(own):x}" if len(own) < MESSAGE_ID_LIMIT and _DECIMAL_DIGITS.issuperset(own) else None


def _in_decimal(own: str) -> str | None:
    return str(int(own, 16)) if len(own) < MESSAGE_ID_LIMIT and _HEX_DIGITS.issuperset(own) else None


def index_key(raw: str) -> str:
    """The one spelling to index an id of a response by, beside `raw` itself: lower case, no leading zeros, no blanks."""
    return "".join(raw.lower().split()).lstrip("0") or "0"
