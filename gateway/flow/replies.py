"""What a consumer's whole text sets off: an opt-out, an answer to a request or a question, a hold, a report.

Owns: reading a text in its context, and putting together all that it changes. Does not own: the words (rules/replies), the
transaction (store/inbound), or how texts come in (inbound).
"""

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

import msgspec

from gateway.carrier.link import Link
from gateway.config import CarrierConfig, ClientConfig, Config, ProgramConfig
from gateway.flow.submit import Submit
from gateway.model.address import InvalidNumber, Number, parse_number, region_of
from gateway.model.clock import MINUTE
from gateway.model.consent import ANY, ConsentState
from gateway.model.hold import Opening
from gateway.model.ids import IdSource, InboundId, ReviewId
from gateway.model.inbound import Extent, Heard, Inbound, InboundEffect, Part, Reading, ReplyKind, SignalName
from gateway.rules.charters import CONFIRMATION_MINUTES
from gateway.rules.dialogs import context_of
from gateway.rules.holds import REVIEW_HOURS, disowns, hold_reasons, review_due
from gateway.rules.keywords import Context, Reply, classify
from gateway.rules.packs import Limit, Reach
from gateway.rules.policy import Regime, compose, regime_of
from gateway.rules.zones import jurisdictions_of
from gateway.store.accept import Acceptance
from gateway.store.base import Store
from gateway.store.dialogs import Asked, Asker, Repeat
from gateway.store.inbound import Keyword, Reception
from gateway.store.standing import Standing, Stranger

_log = logging.getLogger("gateway.flow")

_NOTHING_OPEN = Standing()
_SPELT = re.compile(r"(?:tel:)?([+0-9 ().-]+)(?:/TYPE=[A-Z]+)?", re.IGNORECASE)
"""A source address that is a number, as SMPP wants it or as people write it."""
_MARKS = re.compile("[ ().-]")
_ABROAD = "011"
"""What is dialled in North America before the number of another country."""

Sender = tuple[ClientConfig, ProgramConfig]


class Letter(msgspec.Struct, frozen=True):
    """A consumer's text as it was put together from what a carrier brought."""

    carrier: CarrierConfig
    source: str
    destination: str
    text: str
    said_at: int
    """When the first of it came."""
    fingerprint: bytes
    link: str
    """The link that it came over; empty for what time put together."""
    kept: Part | None = None
    """One of its parts, if it had several."""
    complete: bool = True


class Known(msgspec.Struct, frozen=True):
    """What is known of those who wrote texts."""

    standings: Mapping[Asker, Standing]
    texted: Mapping[Stranger, tuple[str, ...]]
    """Clients, of those who wrote to nobody's address."""


class Replies:
    """Reads, and says what follows."""

    def __init__(
        self,
        config: Config,
        store: Store,
        submit: Submit,
        ids: IdSource,
        now: Callable[[], int],
        links: Callable[[], Iterable[Link]],
        keywords: Callable[[str, str], tuple[str, str] | None] = lambda client, text: None,
    ) -> None:
        """``keywords``: the plugin and its word that a text to a client is, if it is one."""
        self._config = config
        self._store = store
        self._submit = submit
        self._ids = ids
        self._now = now
        self._links = links
        self._keywords = keywords
        self._charters = submit.preparation.charters

    async def known(self, letters: Sequence[Letter]) -> Known:
        """What is known of those who wrote. Raises Transient where the store cannot tell: then nothing is taken."""
        askers: list[Asker] = []
        strangers: list[Stranger] = []
        for letter in letters:
            number = self.who(letter.source, letter.carrier)
            found = self._program_of(letter)
            if number is not None and found is not None:
                askers.append(Asker(number, found[0].id, found[1].id))
            elif number is not None:
                strangers.append(Stranger(number, letter.carrier.name))
        standings = await self._store.standings(askers, self._now())
        return Known(standings, await self._store.texted(strangers) if strangers else {})

    def receptions(
        self,
        letters: Iterable[Letter],
        known: Known,
        heard: Mapping[str, int] = MappingProxyType({}),
    ) -> list[Reception]:
        """Each text with all that it changes; ``heard``: of links that died, when the carrier was heard of last.

        Nothing is awaited: which links live is looked at here.
        """
        return [self._reception(letter, known, heard) for letter in letters]

    def who(self, source: str, carrier: CarrierConfig) -> Number | None:
        """The consumer behind a source address of a carrier's."""
        return consumer(source, carrier, self._config.policy.countries.allow)

    def clients_of(self, carrier: CarrierConfig) -> list[str]:
        """The clients whose texts leave through a carrier; all of them where none does now: some once did."""
        clients = self._config.clients
        own = [c.id for c in clients if any(carrier.name in program.carrier_names for program in c.programs)]
        return own or [client.id for client in clients]

    def _program_of(self, letter: Letter) -> Sender | None:
        """Whose sender a consumer wrote to."""
        carrier, written = letter.carrier, letter.destination.strip(" ")
        found = self._config.program_of(carrier.name, written) or self._config.program_of(carrier.name, f"+{written}")
        if found is None and (whole := self.who(written, carrier)) is not None:
            found = self._config.program_of(carrier.name, whole)
        return found

    def _reception(self, letter: Letter, known: Known, heard: Mapping[str, int]) -> Reception:
        now = self._now()
        number = self.who(letter.source, letter.carrier)
        found = self._program_of(letter)
        standing = _NOTHING_OPEN
        if found is not None and number is not None:
            standing = known.standings.get(Asker(number, found[0].id, found[1].id), _NOTHING_OPEN)
        reply = classify(letter.text, _context(letter.destination, found, standing))
        kind = ReplyKind(reply.kind)
        if number is None and kind is ReplyKind.OPT_OUT:
            _log.warning(
                "%s: a text asks to stop, and its source address is no number: nobody is opted out by it",
                letter.carrier.name,
            )
        inbound = Inbound(
            InboundId(self._ids.next(now)),
            letter.carrier.name,
            found[0].id if found else None,
            found[1].id if found else None,
            number or letter.source,
            letter.destination,
            letter.text,
            kind,
            now,
            letter.kept.total if letter.kept is not None else 1,
            letter.complete,
            letter.fingerprint,
            letter.link,
            _reading(reply, standing),
        )
        # Whom it is for: the client that the consumer answered. Where that cannot be told, all of the carrier's, and those whose
        # texts once came to the consumer by it: they may have gone to another carrier since.
        if found is not None:
            clients: tuple[str, ...] = (found[0].id,)
        else:
            texted = () if number is None else known.texted.get(Stranger(number, letter.carrier.name), ())
            clients = tuple(dict.fromkeys((*self.clients_of(letter.carrier), *texted)))
        regime = self._regime(found, number, standing.region, now)
        effect = self._effect(inbound, reply, standing, clients, number, regime)
        answer = repeat = keyword = None
        if found is not None and number is not None:
            until = letter.said_at + _limit(regime, Limit.CONFIRMATION_MINUTES, CONFIRMATION_MINUTES) * MINUTE
            if letter.complete or kind is not ReplyKind.OPT_IN:  # one that is not believed is not confirmed
                answer = self._answer(letter.carrier, found, number, reply, until)
            if kind is ReplyKind.NONE and letter.complete and effect.agreed is None:
                repeat = self._repeat(letter.carrier, found, standing.dialog, until)
                said = self._keywords(found[0].id, letter.text)
                keyword = None if said is None else Keyword(*said)
        living = frozenset(link.id for link in self._links() if link.closed is None)
        return Reception(effect, letter.kept, answer, living, repeat, keyword, heard)

    def _effect(
        self,
        inbound: Inbound,
        reply: Reply,
        standing: Standing,
        clients: tuple[str, ...],
        number: Number | None,
        regime: Regime | None,
    ) -> InboundEffect:
        # Who has somebody else's number asked for nothing, and nobody else's consent is theirs.
        disowned = disowns(reply)
        ends = disowned or inbound.kind is ReplyKind.OPT_OUT
        # A text of which parts are missing is enough to obey an opt-out, never to believe an opt-in.
        believed = inbound.complete and inbound.program is not None
        agreed: bool | None = None
        if standing.requested is not None and believed:
            agreed = True if reply.rule == "request.agreed" else False if reply.declined else None
        hours = _limit(regime, Limit.REVIEW_HOURS, REVIEW_HOURS)
        return InboundEffect(
            inbound,
            opt_out=clients if ends else (),
            opt_in=clients if inbound.kind is ReplyKind.OPT_IN and believed and agreed is None else (),
            number=number,
            told=clients,
            openings=() if number is None else tuple(self._openings(reply, clients, hours)),
            extent=_EVERYTHING if disowned else _extent(inbound, reply, standing, regime),
            disowned=disowned,
            agreed=agreed,
        )

    def _openings(self, reply: Reply, clients: Iterable[str], hours: int) -> Iterator[Opening]:
        """A review with each client that it concerns, and what the number is held for until then."""
        reasons = hold_reasons(reply)
        if not reasons and reply.kind != "needs-review":
            return
        now = self._now()
        for client in clients:
            yield Opening(ReviewId(self._ids.next(now)), client, reasons, review_due(now, hours))

    def _regime(self, found: Sender | None, number: Number | None, region: str | None, now: int) -> Regime | None:
        """What the program's packs say of its texts to a number, whatever their purpose: the strictest."""
        if found is None or number is None:
            return None
        client, program = found
        packs = self._charters.of(client.id, program.id, program.categories[0]).packs
        return regime_of(compose(packs, now), None, jurisdictions_of(number, region))

    def _answer(
        self, carrier: CarrierConfig, found: Sender, number: Number, reply: Reply, until: int
    ) -> Acceptance | None:
        """The one answer to a core word, if there is time for it: a confirmation comes soon or not at all.

        In the program's words, or else by a template in the language that the consumer wrote."""
        client, program = found
        kind = ReplyKind(reply.kind)
        if carrier.stop_handled_by == "carrier" and kind in (ReplyKind.OPT_OUT, ReplyKind.OPT_IN):
            return None
        text, name = {
            ReplyKind.OPT_OUT: (program.stop_confirmation, "opt_out_confirmation"),
            ReplyKind.OPT_IN: (program.start_confirmation, "opt_in_confirmation"),
            ReplyKind.HELP: (program.help_text, "help"),
        }.get(kind, (None, None))
        if name is None or until <= self._now():
            return None
        template = None
        if text is None:
            # STOP and HELP are English to everybody, and tell nothing of who writes them.
            locale = reply.language if reply.language not in ("", "en") else None
            spoken = self._submit.preparation.answer(client, program, name, locale)
            text, template = spoken.text, spoken.template
        prepared = self._submit.preparation.of_reply(client.id, program, number, text, carrier.name, until, template)
        return None if prepared is None else self._submit.acceptance(client.id, [prepared], self._now())

    def _repeat(self, carrier: CarrierConfig, found: Sender, dialog: Asked | None, until: int) -> Repeat | None:
        """The question once more, ready to go, should the text be no answer to it."""
        if dialog is None or until <= self._now():
            return None
        client, program = found
        prepared = self._submit.preparation.of_reply(
            client.id, program, dialog.number, dialog.again, carrier.name, until
        )
        if prepared is None:
            return None
        return Repeat(dialog.message_id, self._submit.acceptance(client.id, [prepared], self._now()))


_EVERYTHING = Extent(ANY, ANY, ANY)


def _extent(inbound: Inbound, reply: Reply, standing: Standing, regime: Regime | None) -> Extent:
    """How far an opt-out reaches that does not say: as the packs have it, and to all where nothing narrower is known."""
    program = inbound.program
    if program is None or regime is None or reply.scope_argument is not None or regime.revocation is Reach.ALL:
        return _EVERYTHING
    if regime.revocation is Reach.PROGRAM or standing.latest is None:
        return Extent(program, ANY, ANY)
    category, account = standing.latest
    if regime.revocation is Reach.ACCOUNT and account is not None:
        return Extent(program, ANY, account)
    return Extent(program, category, ANY)


def _limit(regime: Regime | None, limit: Limit, otherwise: int) -> int:
    return otherwise if regime is None else regime.limits.get(limit, otherwise)


def _context(destination: str, found: Sender | None, standing: Standing) -> Context:
    dialog = standing.dialog
    return Context(
        opt_in_pending=standing.requested is ConsentState.INVITED,
        opt_in_code_sent=standing.requested is ConsentState.CODE_SENT,
        opted_out=standing.opted_out,
        dialog=None if dialog is None else context_of(dialog.name, dialog.choices),
        own_numbers=(destination,) if found is None else (destination, found[1].sender),
        agree_words=() if found is None else found[1].opt_in_words,
    )


def _reading(reply: Reply, standing: Standing) -> Reading:
    heard = tuple(Heard(SignalName(one.name), one.rule, one.words, one.channel) for one in reply.signals)
    context = {
        "opt_in_pending": standing.requested is ConsentState.INVITED,
        "opt_in_code_sent": standing.requested is ConsentState.CODE_SENT,
        "opted_out": standing.opted_out,
        f"dialog_{standing.dialog.name if standing.dialog else ''}": standing.dialog is not None,
    }
    return Reading(
        reply.rule,
        reply.words,
        heard,
        reply.scope_argument,
        reply.declined,
        reply.language,
        tuple(name for name, is_open in context.items() if is_open),
    )


def consumer(source: str, carrier: CarrierConfig, countries: Collection[str]) -> Number | None:
    """The number that a source address means: carriers drop the plus sign, and some the country code; some fill up with blanks,
    or write it as people do.

    Without a plus sign the digits may be read both ways: 6462345678 is a number of New York, and one of New Zealand. The
    reading that texts of ours can go to is taken, for that is who answers them: of the ``countries`` that may be texted, and
    of the carrier's prefixes. A STOP that is read as somebody else's is lost.
    """
    spelt = _SPELT.fullmatch(source.strip(" "))
    if spelt is None:
        return None
    source = _MARKS.sub("", spelt[1])
    digits = source.removeprefix("+").removeprefix("00")
    readings: list[Number] = []
    for spelling in (f"+{digits}", *(f"{prefix}{digits.lstrip('0')}" for prefix in carrier.prefixes or ("+1",))):
        with suppress(InvalidNumber):
            readings.append(parse_number(spelling))
    if source != digits and readings:
        return readings[0]
    if not readings and digits.startswith(_ABROAD):
        with suppress(InvalidNumber):
            return parse_number(f"+{digits.removeprefix(_ABROAD)}")
    ours = (one for one in readings if region_of(one) in countries and one.startswith(carrier.prefixes or ("+",)))
    return next(ours, readings[0] if readings else None)
