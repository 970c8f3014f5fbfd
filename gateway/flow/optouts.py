"""The numbers that opted out, or came to be held, while segments for them were on their way from disk to the wire.

Owns: the last look, in memory, just before a segment is written. Does not own: the consent, which is on disk.

A claim looks at consent in the transaction that marks its segments. Between that commit and the moment at which its
dispatcher runs again, an opt-out may commit and its deliver_sm_resp be answered. So every opt-out is noted here as a hold
before it is posted, whose texts go back to the queue to be judged again, and for good in the same step that learns of its
commit, before anything is answered; and every dispatcher looks here in the same step that writes, with nothing awaited in
between. A note is needed only as long as a claim from before it is still under way.
"""

from collections.abc import Iterable

from gateway.model.consent import ANY

Scope = tuple[str, str, str]
"""Program, category and account, of which any may be ``*``."""

EVERYTHING: Scope = (ANY, ANY, ANY)


class OptOuts:
    """Opt-outs and holds that some claim under way may not have seen."""

    def __init__(self) -> None:
        self._claims: dict[int, int] = {}
        self._noted: dict[tuple[str, str], dict[Scope, int]] = {}
        self._held: dict[tuple[str, str], int] = {}
        self._step = 0

    def claim_begins(self) -> int:
        """A claim is posted; returns its ticket."""
        self._step += 1
        self._claims[self._step] = self._step
        return self._step

    def claim_ends(self, ticket: int) -> None:
        """All segments of that claim are written or given back."""
        del self._claims[ticket]
        if self._noted or self._held:
            oldest = min(self._claims, default=self._step + 1)
            kept = {
                who: {scope: step for scope, step in scopes.items() if step >= oldest}
                for who, scopes in self._noted.items()
            }
            self._noted = {who: scopes for who, scopes in kept.items() if scopes}
            self._held = {who: step for who, step in self._held.items() if step >= oldest}

    def note(self, number: str, clients: Iterable[str], scope: Scope = EVERYTHING) -> None:
        """The number does not want these texts of these clients any more; that is on disk."""
        self._step += 1
        if self._claims:
            for client in clients:
                self._noted.setdefault((number, client), {})[scope] = self._step

    def note_hold(self, number: str, clients: Iterable[str]) -> None:
        """The number is held for these clients, or an opt-out of it goes to disk next."""
        self._step += 1
        if self._claims:
            for client in clients:
                self._held[number, client] = self._step

    def holds(self, number: str, client: str) -> bool:
        """Whether a segment that is about to be written must be looked at once more instead."""
        return bool(self._held) and (number, client) in self._held

    def covers(self, number: str, client: str, program: str, category: str, account: str | None) -> bool:
        """Whether a segment that is about to be written must not be."""
        if not self._noted:
            return False
        return any(
            its_program in (program, ANY) and its_category in (category, ANY) and its_account in (account, ANY)
            for its_program, its_category, its_account in self._noted.get((number, client), ())
        )
