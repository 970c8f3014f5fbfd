"""Consent as clients and operators change it.

Owns: who may grant and revoke what, that every dispatcher learns of a revocation at once, and the text that confirms what an
agent was told. Does not own: what consumers say by text (inbound) or the rows (store).

Who tells an agent that texts are to end is told once by text that they do: within minutes, in the hours of the program's
packs, or not at all. The consumer did not write to us, so the exemption of answers from hours is not for it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from gateway.carrier.link import Link, all_flushed
from gateway.config import SYSTEM, ClientConfig, Config
from gateway.errors import Code
from gateway.flow.freshness import Freshness
from gateway.flow.invalid import Invalid, no_number, no_program, not_sent
from gateway.flow.optouts import OptOuts
from gateway.flow.prepare import Prepared, Wish
from gateway.flow.submit import Submit
from gateway.model.address import InvalidNumber, Number, parse_number
from gateway.model.clock import MINUTE
from gateway.model.consent import ANY, Consent, ConsentChange, ConsentState, Evidence, Scope
from gateway.model.message import Origin
from gateway.model.number_check import NumberCheck, Reassigned
from gateway.rules.charters import CONFIRMATION_MINUTES
from gateway.rules.packs import Limit
from gateway.store.base import Store
from gateway.store.withdrawals import Farewell, Withdrawal

_encode = msgspec.json.Encoder().encode


class Grant(msgspec.Struct, frozen=True):
    """A consent that a client says it holds, with what proves it."""

    number: str
    program: str
    category: str
    evidence: Evidence


class Consents:
    """Grants, revocations and look-ups."""

    def __init__(
        self,
        config: Config,
        store: Store,
        submit: Submit,
        optouts: OptOuts,
        now: Callable[[], int],
        links: Callable[[], Iterable[Link]],
    ) -> None:
        self._config = config
        self._charters = submit.preparation.charters
        self._freshness = Freshness(self._charters, store)
        self._store = store
        self._submit = submit
        self._optouts = optouts
        self._now = now
        self._links = links

    async def grant(self, client: ClientConfig, grants: Sequence[Grant]) -> list[bool | Invalid]:
        """Record consents, durably; for each whether it stands now.

        False: the number opted out after the person agreed, and the later wish counts.
        """
        now = self._now()
        checked = [self._check(client, grant, now) for grant in grants]
        changes = [change for change in checked if isinstance(change, ConsentChange)]
        answers = iter(await self._store.change_consents(changes))
        return [next(answers) if isinstance(change, ConsentChange) else change for change in checked]

    async def revoke(
        self, client: ClientConfig, number: str, scope: Scope, cause: str, *, confirm: bool = False
    ) -> bool | Invalid:
        """End a consent, or with ``*`` all of a program's or of the client's, or the texts about one account alone; texts that
        wait are blocked with it.

        ``confirm``: the consumer gets one last text, if this ends all of a program's.
        """
        program, category = scope.program, scope.category
        try:
            who = parse_number(number)
        except InvalidNumber as error:
            return no_number("number", error)
        if program != ANY and self._config.program(client.id, program) is None:
            return Invalid(Code.PROGRAM_UNKNOWN, "program", "no such program", 'use one of this client\'s, or "*"')
        known = self._config.policy.categories
        if category != ANY and (category not in known or category == SYSTEM):
            return Invalid(
                Code.CATEGORY_UNKNOWN, "category", "no such category", f'use one of {", ".join(known)}, or "*"'
            )
        change = ConsentChange(
            who, client.id, program, category, ConsentState.REVOKED, self._now(), cause, account=scope.account
        )
        farewells = self._farewells(client, who, program) if confirm and ANY == category == scope.account else ()
        self._optouts.note_hold(who, [client.id])
        (changed,) = await self._store.withdraw(Withdrawal(change, tuple(farewells)))
        self._optouts.note(who, [client.id], (program, category, scope.account))
        await all_flushed(self._links())
        return changed

    async def note_check(self, client: ClientConfig, check: NumberCheck) -> bool:
        """Take what a database of reassigned numbers said of a number; False: it was known."""
        if check.answer is Reassigned.YES:
            self._optouts.note_hold(check.number, [client.id])
        (fresh,) = await self._store.keep_check(check)
        if fresh and check.answer is Reassigned.YES:
            self._optouts.note(check.number, [client.id])
            await all_flushed(self._links())
        return fresh

    async def of(self, client: ClientConfig, number: Number) -> list[Consent]:
        """All consents of a number with a client, as they are now."""
        consents = await self._store.consents_of(number, client.id)
        return await self._freshness.seen(client.id, number, consents, self._now())

    async def stood(self, client: ClientConfig, number: Number, at: int) -> list[Consent]:
        """How the consents of a number with a client stood at an instant, by the packs of today."""
        return await self._freshness.seen(client.id, number, await self._store.consents_at(number, client.id, at), at)

    def _farewells(self, client: ClientConfig, number: Number, program: str) -> Iterator[Farewell]:
        """What each program that the opt-out ends would say, in the order of clients.toml."""
        now = self._now()
        for one in client.programs:
            if program not in (one.id, ANY):
                continue
            minutes = self._charters.limit(client.id, one.id, SYSTEM, Limit.CONFIRMATION_MINUTES, now)
            if minutes == 0:
                continue
            text, template = one.stop_confirmation, None
            if text is None:
                spoken = self._submit.preparation.answer(client, one, "opt_out_confirmation", None)
                text, template = spoken.text, spoken.template
            expires_at = now + (CONFIRMATION_MINUTES if minutes is None else minutes) * MINUTE
            wish = Wish(number, one.id, SYSTEM, text, expires_at=expires_at)
            prepared = self._submit.preparation.of_system(client, one, wish, Origin.FAREWELL, template)
            if isinstance(prepared, Prepared):
                yield Farewell(one.id, self._submit.acceptance(client.id, [prepared], now))

    def _check(self, client: ClientConfig, grant: Grant, now: int) -> ConsentChange | Invalid:
        try:
            number = parse_number(grant.number)
        except InvalidNumber as error:
            return no_number("number", error)
        program = self._config.program(client.id, grant.program)
        if program is None:
            return no_program(client)
        if grant.category not in program.categories or grant.category == SYSTEM:
            return not_sent(program)
        if not client.allow_imported_consent:
            return Invalid(
                Code.CONSENT_NOT_IMPORTED,
                "evidence",
                "this client may not record consents that were given elsewhere",
                "ask the consumer by POST /v1/optins, or have allow_imported_consent and its basis set in clients.toml",
            )
        if grant.evidence.obtained_at > now:
            return Invalid(
                Code.EVIDENCE_INVALID, "evidence/obtained_at", "is in the future", "give when the person agreed"
            )
        return ConsentChange(
            number,
            client.id,
            program.id,
            grant.category,
            ConsentState.CONFIRMED,
            now,
            "api",
            _encode(msgspec.structs.replace(grant.evidence, basis=client.imported_consent_basis)),
            grant.evidence.obtained_at,
        )
