"""How fresh consents are: the packs' limit for a number, and consents as it leaves them.

Owns: putting the limit, the number's place and the consent together. Does not own: the rule (rules/freshness), the limit (packs),
or when the person was last heard of (store).
"""

from collections.abc import Sequence

from msgspec.structs import replace

from gateway.model.address import Number
from gateway.model.consent import Consent, ConsentState, Scope
from gateway.rules.charters import Charters
from gateway.rules.freshness import is_stale
from gateway.rules.packs import Limit
from gateway.rules.zones import Regions, jurisdictions_of
from gateway.store.base import Store


class Freshness:
    """The limit as the gate sees it."""

    def __init__(self, charters: Charters, store: Store) -> None:
        self._charters = charters
        self._store = store

    async def days(self, client: str, program: str, category: str, number: Number, at: int) -> int | None:
        """For how many days a consent of the number counts; None: no pack says."""
        return self._days(client, program, category, await self._regions(client, number), at)

    async def seen(self, client: str, number: Number, consents: Sequence[Consent], at: int) -> list[Consent]:
        """The consents of a number as they are at an instant: STALE where the texts that they are for would be refused."""
        if not consents:
            return []
        regions = await self._regions(client, number)
        return [
            replace(one, state=ConsentState.STALE)
            if one.state is ConsentState.CONFIRMED
            and not Scope(one.program, one.category, one.account).wide
            and is_stale(at, one.fresh_at, self._days(client, one.program, one.category, regions, at))
            else one
            for one in consents
        ]

    async def _regions(self, client: str, number: Number) -> Regions:
        profile = await self._store.profile_of(number, client)
        return jurisdictions_of(number, None if profile is None else profile.region)

    def _days(self, client: str, program: str, category: str, regions: Regions, at: int) -> int | None:
        charter = self._charters.of(client, program, category)
        return charter.regime(regions, at).limits.get(Limit.CONSENT_FRESH_DAYS)
