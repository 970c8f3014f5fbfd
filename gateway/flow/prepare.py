"""What a wish for a text amounts to: the submission, and the terms that it is judged by.

Owns: the number, carrier, words, segments and validity of a text that somebody wants to go. Does not own: the rules (rules),
or having it judged and stored (submit). Nothing here has an effect.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from gateway.config import SYSTEM, CarrierConfig, CategoryConfig, ClientConfig, Config, ProgramConfig
from gateway.errors import Code
from gateway.flow.invalid import Invalid, no_number, no_program, together
from gateway.flow.pdus import plan_for
from gateway.flow.routes import Routes
from gateway.flow.templates import Spoken, Template, Templates
from gateway.flow.wording import measure, spell, tell_replaced, word
from gateway.model.address import InvalidNumber, parse_number, region_of
from gateway.model.clock import HOUR
from gateway.model.ids import IdSource, MessageId
from gateway.model.message import ANSWERS, FINAL, Origin, Submission
from gateway.rules.charters import Charters
from gateway.rules.content.judge import Wording
from gateway.rules.gate import Terms
from gateway.text.segment import TooLong, Unencodable
from gateway.text.template_spec import TemplateFault, TemplateRefused

WORDED: Final = frozenset({Origin.CLIENT, Origin.PLUGIN, Origin.ANSWER})
"""Whose words are looked through: the gateway's own were when their templates were kept."""
_FIRST: Final = ANSWERS | FINAL
"""Whose texts go before all others."""


class Wish(msgspec.Struct, frozen=True):
    """A text that somebody wants to go, as they put it."""

    to: str
    program: str
    category: str
    text: str = ""
    """What it says, where it is not made of a template."""
    account: str | None = None
    reference: str | None = None
    send_at: int | None = None
    """Milliseconds since the epoch; not before then."""
    expires_at: int | None = None
    """Not after then; the category's validity where absent."""
    template: str | None = None
    """The name of the template that it is to be made of."""
    values: Mapping[str, Any] = {}
    """For the template's variables, as JSON has them."""
    locale: str | None = None
    """The consumer's; the program's where absent."""


class Prepared(msgspec.Struct, frozen=True):
    """A submission with the terms that it is judged by."""

    submission: Submission
    terms: Terms


class Preparation:
    """Makes submissions of wishes."""

    def __init__(
        self,
        config: Config,
        charters: Charters,
        ids: IdSource,
        now: Callable[[], int],
        healthy: Callable[[], frozenset[str]],
        templates: Templates,
    ) -> None:
        """``healthy``: the carriers that are up."""
        self.charters = charters
        self.templates = templates
        self._config = config
        self._ids = ids
        self._now = now
        self._healthy = healthy
        self._routes = Routes(config)
        self._regions = frozenset(config.policy.countries.allow)

    def of(
        self,
        client: ClientConfig,
        wish: Wish,
        now: int,
        origin: Origin = Origin.CLIENT,
        *,
        charters: Charters | None = None,
        ids: IdSource | None = None,
    ) -> Prepared | Invalid:
        """The submission that a client's wish amounts to, not judged yet; no effect.

        A dry run brings an id source of its own, and may ask what other packs would say: ``charters``.
        """
        program = self._config.program(client.id, wish.program)
        category = self._config.category(wish.category)
        if program is None or category is None or wish.category == SYSTEM:
            return together(self.misaddressed(client, wish.to, wish.program, wish.category))
        template: Template | None = None
        if wish.template is not None:
            try:
                template = self.templates.choose(client, wish.template)
                locale = program.locale if wish.locale is None else wish.locale
                filled = self.templates.fill(client, template, wish.values, locale, program.locale)
            except TemplateRefused as error:
                return _beside_number(as_invalid(error.faults), wish.to)
            wish = replace(wish, text=filled.text)
        elif client.templates_only:
            required = Invalid(
                Code.TEMPLATE_REQUIRED,
                "text",
                "words of one's own are not allowed with this key",
                "give template and vars in place of text; see GET /v1/templates",
            )
            return _beside_number(required, wish.to)
        return self._prepare(
            client.id, program, wish, category, now, origin, template=template, charters=charters, ids=ids
        )

    def misaddressed(self, client: ClientConfig, to: str, program: str, category: str) -> list[Invalid]:
        """All that is wrong with whom a text is for, and what it is to go as."""
        faults: list[Invalid] = []
        known = self._config.program(client.id, program)
        if known is None:
            faults.append(no_program(client))
        if category == SYSTEM or self._config.category(category) is None:
            names = self._config.policy.categories.keys() - {SYSTEM} if known is None else known.categories
            whose = "" if known is None else " the program's"
            fix = f"use one of{whose}: {', '.join(sorted(names))}"
            faults.append(Invalid(Code.CATEGORY_UNKNOWN, "category", "no such category", fix))
        return [*faults, *_number_faults(to)]

    def of_reply(
        self,
        client: str,
        program: ProgramConfig,
        number: str,
        text: str,
        carrier: str,
        expires_at: int,
        template: Template | None = None,
    ) -> Prepared | None:
        """The one answer to a consumer's own text: it needs no consent, and after ``expires_at`` it is not sent."""
        category = self._config.policy.categories[SYSTEM]
        wish = Wish(number, program.id, SYSTEM, text, expires_at=expires_at)
        way = self._config.carrier(carrier)
        prepared = self._prepare(client, program, wish, category, self._now(), Origin.REPLY, way, template)
        return prepared if isinstance(prepared, Prepared) else None

    def of_system(
        self,
        client: ClientConfig,
        program: ProgramConfig,
        wish: Wish,
        origin: Origin,
        template: Template | None = None,
    ) -> Prepared | Invalid:
        """The submission that one of the gateway's own texts amounts to: a request to opt in, its code, a confirmation."""
        category = self._config.policy.categories[wish.category]
        return self._prepare(client.id, program, wish, category, self._now(), origin, template=template)

    def answer(self, client: ClientConfig, program: ProgramConfig, name: str, locale: str | None) -> Spoken:
        """The gateway's own words ``system.NAME`` to a consumer who waits for them."""
        return self.templates.answer(client, program.locale, name, locale)

    def _prepare(
        self,
        client: str,
        program: ProgramConfig,
        wish: Wish,
        category: CategoryConfig,
        now: int,
        origin: Origin,
        carrier: CarrierConfig | None = None,
        template: Template | None = None,
        charters: Charters | None = None,
        ids: IdSource | None = None,
    ) -> Prepared | Invalid:
        try:
            number = parse_number(wish.to)
        except InvalidNumber as error:
            return no_number("to", error)
        message_id = MessageId((ids or self._ids).next(now))
        choice = None
        if carrier is None:
            choice = self._routes.choose(client, program.id, wish.category, number, message_id, self._healthy())
            carrier = None if choice is None else self._config.carrier(choice.carrier)
        if carrier is None:
            return Invalid(
                Code.CARRIER_UNKNOWN,
                "to",
                "no carrier of this program serves the number",
                "see prefixes in carriers.toml",
            )
        try:
            written = spell(wish.text, program, carrier)
            plan = plan_for(written.text, carrier)
            forced_by = plan.forced_by
            encoding, units, segments, charged = measure(plan)
        except Unencodable as error:
            return Invalid(
                Code.CONTENT_UNENCODABLE,
                "text",
                f"the character at position {error.position} (U+{ord(error.char):04X}) cannot be sent",
                "remove it",
            )
        except TooLong as error:
            forced_by = None
            encoding, units, segments, charged = error.encoding, 0, error.segments, error.segments
        charter = (charters or self.charters).of(client, program.id, wish.category)
        wording: Wording | None = None
        if charter.context is not None and origin in WORDED:
            approved = template is not None and bool(template.spec.legal_approval)
            wording = word(written.text, charter, carrier, charged, forced_by, approved=approved)
        validity = category.validity_hours * HOUR
        submission = Submission(
            message_id,
            client,
            program.id,
            wish.category,
            number,
            program.sender,
            carrier.name,
            written.text,
            encoding,
            units,
            segments,
            self._config.priority(program, category) if origin not in _FIRST else 0,
            now,
            wish.expires_at if wish.expires_at is not None else max(now, wish.send_at or 0) + validity,
            wish.send_at,
            wish.account,
            wish.reference,
            origin,
            None if template is None else template.spec.name,
            None if template is None else template.spec.version,
            wording is not None and wording.tells_opt_out,
            charged,
        )
        terms = Terms(
            region_of(number),
            self._regions,
            category.max_segments,
            charter,
            choice,
            tell_replaced(written.replacements),
            validity if wish.expires_at is None else None,
            wording,
        )
        return Prepared(submission, terms)


def _beside_number(fault: Invalid, number: str) -> Invalid:
    """The fault, and that the number is none where it is none: who mends the one is not sent back for the other."""
    return together([fault, *fault.also, *_number_faults(number)])


def _number_faults(number: str) -> list[Invalid]:
    try:
        parse_number(number)
    except InvalidNumber as error:
        return [no_number("to", error)]
    return []


def as_invalid(faults: Sequence[TemplateFault]) -> Invalid:
    """What is wrong with a template or its values, all of it, by the fields of a wish."""
    return together(
        [Invalid(Code(fault.code.value), _field_of(fault.field), fault.problem, fault.fix) for fault in faults]
    )


def _field_of(field: str) -> str:
    place, _, name = field.partition(".")
    return f"vars/{name}" if place == "values" else "locale" if place == "locale" else "template"
