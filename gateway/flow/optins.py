"""Asking consumers to opt in, and the codes that prove who holds the handset.

Owns: who may be asked by what method, the texts of a request, and the codes. Does not own: the consent's states (rules), the
transaction (store), or which reply means yes (rules/replies).

A request by code has its code from the start: the text that carries it is kept beside the invitation, held until the YES
and let go in the transaction that stores the YES. So the answer to a carrier waits for nothing but that transaction, and no
code is ever made for nobody. Beside that text, which is forgotten when the request ends, only the code's hash is kept.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from gateway.config import SYSTEM, ClientConfig, Config, ProgramConfig
from gateway.errors import Code
from gateway.flow.freshness import Freshness
from gateway.flow.invalid import Invalid, no_number, no_program, not_sent
from gateway.flow.prepare import Prepared, Wish
from gateway.flow.submit import Submit
from gateway.flow.templates import Spoken, Templates
from gateway.model.address import InvalidNumber, parse_number
from gateway.model.clock import DAY, MINUTE
from gateway.model.consent import ConsentState, Method, Optin
from gateway.model.decision import Finding, Verdict, conclude
from gateway.model.ids import IdSource, OptinId
from gateway.model.message import Facts, Origin, Ruling, State, Submission
from gateway.rules.codes import SALT_BYTES, digest_code, make_code
from gateway.rules.packs import Limit
from gateway.store.accept import Acceptance
from gateway.store.base import Store
from gateway.store.optins import Lapse, Request, Requested, Trial, Tried
from gateway.text.template_spec import TemplateRefused

ANSWER_TIME: Final = 3 * DAY
"""How long a request may be answered."""
CODE_TIME: Final = 10 * MINUTE
"""How long a code counts once it was sent; one in the invitation counts as long as that."""
CONFIRMATION_TIME: Final = 5 * MINUTE
"""How late a confirmation may come."""
DEFAULT_INVITATIONS: Final = 1
"""How often a number is asked by a program where no pack says so."""
CODE_DIGITS: Final = 6
_MASK = "*" * CODE_DIGITS
_BATCH = 500

_REQUEST, _CODE, _CONFIRMATION = "opt_in_request", "opt_in_code", "opt_in_confirmation"
_WITH_CODE = frozenset({Method.AGENT_PIN, Method.APPROVAL_CODE})

_encode = msgspec.json.Encoder().encode


class OptinWish(msgspec.Struct, frozen=True):
    """A request that somebody wants to make, as they put it."""

    method: Method
    to: str
    program: str
    category: str
    account: str | None = None
    agent: str | None = None
    """Who asks, in the client's words: for the record."""
    locale: str | None = None
    """The consumer's; the program's where absent."""


class Random(msgspec.Struct, frozen=True):
    """A source of what nobody can guess."""

    below: Callable[[int], int]
    """A whole number from 0 to one less than asked for, each as likely."""
    draw: Callable[[int], bytes]
    """So many bytes."""


class OptIns:
    """Requests to opt in."""

    def __init__(
        self,
        config: Config,
        store: Store,
        submit: Submit,
        templates: Templates,
        ids: IdSource,
        random: Random,
        now: Callable[[], int],
    ) -> None:
        self._config = config
        self._charters = submit.preparation.charters
        self._freshness = Freshness(self._charters, store)
        self._store = store
        self._submit = submit
        self._templates = templates
        self._ids = ids
        self._random = random
        self._now = now

    async def request(self, client: ClientConfig, wish: OptinWish) -> Requested | Invalid:
        """Ask a consumer to opt in, durably. Raises Transient where the store cannot write now."""
        program = self._check(client, wish)
        if isinstance(program, Invalid):
            return program
        now = self._now()
        expires_at = now + ANSWER_TIME
        by_code = wish.method in _WITH_CODE
        code = make_code(CODE_DIGITS, self._random.below) if by_code else ""
        asks = _CODE if wish.method is Method.APPROVAL_CODE else _REQUEST
        try:
            wording = self._words(client, program, asks, _MASK, wish.locale).text
            asking = self._words(client, program, asks, code, wish.locale)
            following = self._words(client, program, _CODE, code, wish.locale) if by_code else asking
        except TemplateRefused as error:  # the locale alone is the client's choice here
            fault = error.faults[0]
            return Invalid(Code(fault.code.value), fault.field, fault.problem, fault.fix)
        invitation = self._prepare(client, program, wish, asking, Origin.INVITATION)
        if isinstance(invitation, Invalid):
            return invitation
        prepared = [invitation]
        if wish.method is Method.AGENT_PIN:
            follow_up = self._prepare(client, program, wish, following, Origin.CODE, expires_at + CODE_TIME)
            if isinstance(follow_up, Invalid):
                return follow_up
            prepared.append(follow_up)
        salt = self._random.draw(SALT_BYTES) if by_code else b""
        number = invitation.submission.number
        optin = Optin(
            OptinId(self._ids.next(now)),
            client.id,
            program.id,
            wish.category,
            number,
            wish.method,
            ConsentState.INVITED,
            now,
            expires_at,
            wording,
            invitation.submission.id,
            wish.account,
            wish.agent,
            prepared[1].submission.id if len(prepared) > 1 else None,
            salt,
            digest_code(salt, number, program.id, code) if by_code else b"",
            CODE_TIME,
        )
        texts = self._acceptance(client, prepared, now)
        most = self._charters.limit(client.id, program.id, wish.category, Limit.INVITATIONS, now)
        days = await self._freshness.days(client.id, program.id, wish.category, number, now)
        (outcome,) = await self._store.request_optin(
            Request(optin, texts, DEFAULT_INVITATIONS if most is None else most, days)
        )
        return outcome

    async def verify(self, client: ClientConfig, optin_id: OptinId, code: str, agent: str | None) -> Tried:
        """Compare a code that a consumer told. Raises Transient where the store cannot write now."""
        now = self._now()
        optin = await self._store.optin(optin_id, client.id)
        reply = None if optin is None else self._confirmation(client, optin)
        (tried,) = await self._store.try_code(Trial(optin_id, client.id, code, now, agent, reply))
        return tried

    async def find(self, client: ClientConfig, optin_id: OptinId) -> Optin | None:
        """A client's request."""
        return await self._store.optin(optin_id, client.id)

    async def lapse(self) -> None:
        """End the requests whose time is over."""
        while (await self._store.lapse_optins(Lapse(self._now(), _BATCH)))[0] == _BATCH:
            pass

    def _check(self, client: ClientConfig, wish: OptinWish) -> ProgramConfig | Invalid:
        program = self._config.program(client.id, wish.program)
        if program is None:
            return no_program(client)
        if wish.category not in program.categories or wish.category == SYSTEM:
            return not_sent(program)
        try:
            parse_number(wish.to)
        except InvalidNumber as error:
            return no_number("to", error)
        if wish.method is Method.SUPERVISOR and wish.account is None:
            return Invalid(
                Code.REQUEST_INVALID, "account", "is missing", "name the account that the number is linked to"
            )
        return program

    def _words(self, client: ClientConfig, program: ProgramConfig, name: str, code: str, locale: str | None) -> Spoken:
        values = {"code": code} if name == _CODE else {}
        return self._templates.speak(client, program.locale, name, locale, values)

    def _prepare(
        self,
        client: ClientConfig,
        program: ProgramConfig,
        wish: OptinWish,
        words: Spoken,
        origin: Origin,
        expires_at: int | None = None,
    ) -> Prepared | Invalid:
        asked = Wish(wish.to, program.id, wish.category, words.text, wish.account, expires_at=expires_at)
        return self._submit.preparation.of_system(client, program, asked, origin, words.template)

    def _acceptance(self, client: ClientConfig, prepared: list[Prepared], now: int) -> Acceptance:
        acceptance = self._submit.acceptance(client.id, prepared, now)

        def judge(submission: Submission, facts: Facts) -> Ruling:
            if submission.origin is not Origin.CODE:
                return acceptance.judge(submission, facts)
            # It is judged when the YES lets it go, by what is known then.
            held = Finding("consent", Verdict.HOLD, Code.CONSENT_PENDING, "it waits for the YES", submission.expires_at)
            return Ruling(State.HELD, submission.expires_at, _encode(conclude((held,))), Code.CONSENT_PENDING)

        return msgspec.structs.replace(acceptance, judge=judge)

    def _confirmation(self, client: ClientConfig, optin: Optin) -> Acceptance | None:
        """The text that confirms a consent, for the case that it comes about."""
        program = self._config.program(client.id, optin.program)
        if program is None:
            return None
        now = self._now()
        words = self._submit.preparation.answer(client, program, _CONFIRMATION, None)
        expires_at = now + CONFIRMATION_TIME
        wish = Wish(optin.number, program.id, optin.category, words.text, optin.account, expires_at=expires_at)
        prepared = self._submit.preparation.of_system(client, program, wish, Origin.REPLY, words.template)
        return self._submit.acceptance(client.id, [prepared], now) if isinstance(prepared, Prepared) else None
