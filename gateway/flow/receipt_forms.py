"""How each carrier writes in receipts the ids that its responses gave, found out from the first pairs.

Owns: counting pairs, and what follows from them. Does not own: the forms (smpp/receipt_ids) or the matching (store).

An id of digits can be read in two bases. Until the carrier's way is known, a match by another base needs the number to agree.
From so many pairs of one form, and none of another, that form is tried first, as if the profile named it; nothing is ruled
out, so a carrier that changes its ways is seen, and learnt anew.
"""

import logging
from collections import Counter
from collections.abc import Iterable

from gateway.config import CarrierConfig
from gateway.smpp.receipt_ids import IdForm, form_of, index_key, match_keys

_log = logging.getLogger("gateway.flow")

PAIRS = 20


class ReceiptForms:
    """Follows the carriers whose profile says ``receipt_ids = "auto"``."""

    def __init__(self, carriers: Iterable[CarrierConfig]) -> None:
        self._known = {c.name: IdForm(c.receipt_ids) for c in carriers if c.receipt_ids != "auto"}
        self._seen: dict[str, Counter[IdForm]] = {}
        self._learnt: dict[str, IdForm] = {}

    def keys(self, carrier: str, raw: str) -> tuple[str, ...]:
        """What a receipt's id may have been in the response, the likeliest first."""
        known = self._known.get(carrier)
        if known is not None:
            return match_keys(raw, known)
        every = match_keys(raw)
        learnt = self._learnt.get(carrier)
        if learnt is None or learnt is IdForm.RAW:  # which is tried first anyway
            return every
        return tuple(dict.fromkeys((*match_keys(raw, learnt), *every)))

    def note(self, carrier: str, raw: str, key: str) -> None:
        """A receipt with this id was that of a segment whose id is ``key``."""
        learnt = self._learnt.get(carrier)
        if carrier in self._known or (learnt is IdForm.RAW and key == index_key(raw)):
            return
        if (form := form_of(raw, key)) is None:
            return
        seen = self._seen.setdefault(carrier, Counter())
        if learnt is not None and form is not learnt:
            _log.warning("%s: receipts now write ids as %s, no longer as %s", carrier, form.value, learnt.value)
            del self._learnt[carrier]
            seen.clear()
        seen[form] += 1
        if learnt is None and seen[form] >= PAIRS and len(seen) == 1:
            self._learnt[carrier] = form
            _log.info("%s: receipts write ids as %s, by %d pairs", carrier, form.value, PAIRS)
        elif len(seen) > 1 and seen.total() >= 2 * PAIRS:
            seen.clear()  # a mixture: begin again
