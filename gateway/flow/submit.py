"""The only door through which a text can leave: client requests, plugins and automatic answers all pass here.

Owns: turning a wish into a submission (number, carrier, segments, validity) and having it judged and stored in one commit.
Does not own: the rules (rules) or the way to the carrier (dispatch).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Protocol

import msgspec
from msgspec.structs import replace

from gateway.config import SYSTEM, CarrierConfig, CategoryConfig, ClientConfig, Config, ProgramConfig
from gateway.errors import Code, Transient
from gateway.flow.invalid import Invalid, no_number, no_program
from gateway.flow.pdus import plan_for
from gateway.flow.routes import Routes
from gateway.flow.templates import Spoken, Template, Templates
from gateway.flow.wording import measure, spell, tell_replaced, word
from gateway.metrics import Metrics
from gateway.model.account import Owed
from gateway.model.address import InvalidNumber, parse_number, region_of
from gateway.model.clock import HOUR, MINUTE
from gateway.model.decision import Decision, Finding, Verdict, conclude
from gateway.model.dialog import DialogSpec
from gateway.model.ids import IdSource, MessageId
from gateway.model.message import ANSWERS, FINAL, Accepted, Facts, Origin, Ruling, State, Submission
from gateway.rules.charters import Charters
from gateway.rules.content.judge import Wording
from gateway.rules.gate import Terms, rule
from gateway.store.accept import Acceptance, Replayed
from gateway.store.base import Store
from gateway.store.deeds import TextDeed
from gateway.store.dialogs import NewDialog
from gateway.store.tallies import Tally
from gateway.text.segment import Encoding, TooLong, Unencodable
from gateway.text.template_spec import TemplateFault, TemplateRefused


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


_WORDED: Final = frozenset({Origin.CLIENT, Origin.PLUGIN, Origin.ANSWER})
"""Whose words are looked through: the gateway's own were when their templates were kept."""
_FIRST: Final = ANSWERS | FINAL
"""Whose texts go before all others."""
NO_INVALID: Final[Mapping[int, Invalid]] = MappingProxyType({})
_encode = msgspec.json.Encoder().encode
_decode_invalid = msgspec.json.Decoder(dict[int, Invalid]).decode
_decode_decision = msgspec.json.Decoder(Decision).decode


class DeedWish(msgspec.Struct, frozen=True):
    """What a plugin says of a text besides the text."""

    plugin: str
    key: str
    """The plugin's own name for it: what makes a repetition harmless."""
    account: str
    unless_paid: bool | Owed = False
    question: "Question | None" = None
    origin: Origin = Origin.PLUGIN


class Question(msgspec.Struct, frozen=True):
    """A dialog that a text opens."""

    plugin: str
    """Whose it is: the answer goes there, whoever asks."""
    dialog: DialogSpec
    again: str | None
    """The template that asks again; the text itself where there is none."""
    payload: bytes
    """JSON, for the plugin to get back."""


class Refusals(Protocol):
    """Plugins that may refuse texts before the rules judge them."""

    async def __call__(
        self, client: str, submissions: Sequence[Submission], plugin: str | None
    ) -> Mapping[MessageId, tuple[str, str]]:
        """The plugin and its reason for each text that is refused; ``plugin`` asked for them. Raises Transient."""
        ...


async def nobody_refuses(
    client: str, submissions: Sequence[Submission], plugin: str | None
) -> Mapping[MessageId, tuple[str, str]]:
    """No plugin has a say."""
    return NOBODY


NOBODY: Final[Mapping[MessageId, tuple[str, str]]] = MappingProxyType({})


class Prepared(msgspec.Struct, frozen=True):
    """A submission with the terms that it is judged by."""

    submission: Submission
    terms: Terms


class Submit:
    """Prepares, judges and stores."""

    def __init__(
        self,
        config: Config,
        store: Store,
        ids: IdSource,
        metrics: Metrics,
        now: Callable[[], int],
        has_room: Callable[[], bool],
        healthy: Callable[[], frozenset[str]],
        templates: Templates,
        refusals: Refusals = nobody_refuses,
        checked: frozenset[str] = frozenset(),
    ) -> None:
        """``checked``: clients of which a plugin hears that a number is to be checked for reassignment."""
        self._config = config
        self._store = store
        self._ids = ids
        self._metrics = metrics
        self._now = now
        self._has_room = has_room
        self._healthy = healthy
        self._templates = templates
        self._refusals = refusals
        self._checked = checked
        self._routes = Routes(config)
        self._regions = frozenset(config.policy.countries.allow)
        self._charters = Charters(config)

    async def submit(
        self, client: ClientConfig, wishes: Sequence[Wish], key: str | None = None, fingerprint: bytes = b""
    ) -> list[Accepted | Invalid]:
        """What became of each wish, durably; in their order.

        ``key`` makes a repetition harmless: the same key with the same ``fingerprint`` (of the request's body) gets the
        first answer again. Raises KeyReused where the fingerprint differs, Transient where the store cannot write now.
        """
        if not self._has_room():
            raise Transient(Code.STORE_FULL, "the disk has too little room for new texts", after=10.0)
        now = self._now()
        prepared = [self.prepare(client, wish, now) for wish in wishes]
        valid = [item for item in prepared if isinstance(item, Prepared)]
        invalid = {place: item for place, item in enumerate(prepared) if isinstance(item, Invalid)}
        answers: tuple[Accepted, ...] = ()
        if valid or key is not None:
            refused = await self._refusals(client.id, [item.submission for item in valid], None)
            acceptance = self.acceptance(client.id, valid, now, key, fingerprint, invalid, refused)
            (outcome,) = await self._store.accept(acceptance)
            if isinstance(outcome, Exception):
                raise outcome
            if isinstance(outcome, Replayed):
                # What was wrong the first time is said again, whatever the configuration says by now.
                answers, invalid = outcome.answers, _decode_invalid(outcome.kept)
            else:
                answers = outcome
            for (state, code), count in Counter((answer.state, answer.code) for answer in answers).items():
                self._metrics.messages.of(state, code or "").inc(count)
        remaining = iter(answers)
        return [invalid[place] if place in invalid else next(remaining) for place in range(len(wishes))]

    async def submit_deed(self, client: ClientConfig, wish: Wish, deed: DeedWish) -> Accepted | Invalid:
        """What became of a plugin's text, durably; the first answer again where its key was used. Raises Transient."""
        if not self._has_room():
            raise Transient(Code.STORE_FULL, "the disk has too little room for new texts", after=10.0)
        now = self._now()
        prepared = self.prepare(client, wish, now, deed.origin)
        if isinstance(prepared, Invalid):
            return prepared
        dialog = None if deed.question is None else self._dialog(client, wish, deed, deed.question, prepared)
        if isinstance(dialog, Invalid):
            return dialog
        refused = await self._refusals(client.id, [prepared.submission], deed.plugin)
        acceptance = self.acceptance(client.id, [prepared], now, refused=refused)
        (accepted,) = await self._store.submit_for_plugin(
            TextDeed(deed.plugin, client.id, deed.key, deed.account, acceptance, deed.unless_paid, dialog)
        )
        if accepted.id == prepared.submission.id:
            self._metrics.messages.of(accepted.state, accepted.code or "").inc()
        return accepted

    def _dialog(
        self, client: ClientConfig, wish: Wish, deed: DeedWish, question: Question, asking: Prepared
    ) -> NewDialog | Invalid:
        """The dialog, with the words of asking again as they are now."""
        words = asking.submission.text
        if question.again is not None:
            try:
                template = self._templates.choose(client, question.again)
            except TemplateRefused as error:
                return _invalid(error.faults)
            values = {name: value for name, value in wish.values.items() if name in template.spec.variables}
            repeated = self.prepare(client, replace(wish, template=question.again, values=values), asking.submission.at)
            if isinstance(repeated, Invalid):
                return repeated
            words = repeated.submission.text
        spec = question.dialog
        return NewDialog(
            question.plugin,
            spec.name,
            deed.key,
            deed.account,
            spec.choices,
            words,
            question.payload,
            spec.expires_hours,
        )

    def acceptance(
        self,
        client: str,
        prepared: Sequence[Prepared],
        now: int,
        key: str | None = None,
        fingerprint: bytes = b"",
        invalid: Mapping[int, Invalid] = NO_INVALID,
        refused: Mapping[MessageId, tuple[str, str]] = NOBODY,
    ) -> Acceptance:
        """What the store is asked to judge and keep; ``refused`` by plugins, whatever the rules say."""
        terms = {item.submission.id: item.terms for item in prepared}

        def judge(submission: Submission, facts: Facts) -> Ruling:
            ruling = rule(submission, facts, terms[submission.id])
            return ruling if submission.id not in refused else _refuse(ruling, *refused[submission.id])

        submissions = tuple(item.submission for item in prepared)
        kept = _encode(dict(invalid)) if key is not None else b"null"
        memory, tally = self._charters.memory, self._tally(client, prepared)
        return Acceptance(submissions, judge, client, now, key, fingerprint, kept, memory, tally, self._checked)

    async def trial(self, client: ClientConfig, prepared: Sequence[Prepared], now: int) -> Acceptance:
        """What the store would be asked, for a dry run. Raises Transient where a plugin that has a say cannot be asked."""
        refused = await self._refusals(client.id, [item.submission for item in prepared], None)
        return self.acceptance(client.id, prepared, now, refused=refused)

    def _tally(self, client: str, prepared: Sequence[Prepared]) -> Tally | None:
        """What is to be counted of a request, if anything is."""
        known = self._config.client(client)
        daily = known is not None and known.daily_texts is not None
        window = self._config.policy.repetitions.minutes * MINUTE
        if not daily and not window:
            return None
        words = {item.submission.id: _forms(item) for item in prepared if item.submission.origin in _WORDED}
        return Tally(daily, window, words) if words else None

    def prepare(
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
        if program is None:
            return no_program(client)
        category = self._config.category(wish.category)
        if category is None or wish.category == SYSTEM:
            known = ", ".join(sorted(program.categories))
            return Invalid(Code.CATEGORY_UNKNOWN, "category", "no such category", f"use one of the program's: {known}")
        template: Template | None = None
        if wish.template is not None:
            try:
                template = self._templates.choose(client, wish.template)
                locale = program.locale if wish.locale is None else wish.locale
                filled = self._templates.fill(client, template, wish.values, locale, program.locale)
            except TemplateRefused as error:
                return _invalid(error.faults)
            wish = replace(wish, text=filled.text)
        elif client.templates_only:
            return Invalid(
                Code.TEMPLATE_REQUIRED,
                "text",
                "words of one's own are not allowed with this key",
                "give template and vars in place of text; see GET /v1/templates",
            )
        return self._prepare(
            client.id, program, wish, category, now, origin, template=template, charters=charters, ids=ids
        )

    def prepare_reply(
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

    def prepare_system(
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

    def speak(self, client: ClientConfig, program: ProgramConfig, name: str, locale: str | None) -> Spoken:
        """The gateway's own words ``system.NAME``."""
        return self._templates.speak(client, program.locale, name, locale)

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
            encoding, units, segments = measure(plan)
        except Unencodable as error:
            return Invalid(
                Code.CONTENT_UNENCODABLE,
                "text",
                f"the character at position {error.position} (U+{ord(error.char):04X}) cannot be sent",
                "remove it",
            )
        except TooLong as error:
            forced_by = None
            encoding, units, segments = Encoding.GSM7, 0, error.segments
        charter = (charters or self._charters).of(client, program.id, wish.category)
        wording: Wording | None = None
        if charter.context is not None and origin in _WORDED:
            approved = template is not None and bool(template.spec.legal_approval)
            wording = word(written.text, charter, carrier, segments, forced_by, approved=approved)
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
        )
        terms = Terms(
            region_of(number),
            self._regions,
            origin in FINAL or wish.category in program.categories,
            category.max_segments,
            charter,
            choice,
            tell_replaced(written.replacements),
            validity if wish.expires_at is None else None,
            wording,
        )
        return Prepared(submission, terms)


def _refuse(ruling: Ruling, plugin: str, reason: str) -> Ruling:
    """The ruling with a plugin's word in front of it."""
    decision = _decode_decision(ruling.decision)
    finding = Finding(f"plugin {plugin}", Verdict.REFUSE, Code.PLUGIN_REFUSED, reason)
    concluded = conclude(decision.at, (finding, *decision.findings))
    return Ruling(State.BLOCKED, ruling.due_at, _encode(concluded), Code.PLUGIN_REFUSED)


def _invalid(faults: Sequence[TemplateFault]) -> Invalid:
    """What is wrong with a template or its values, all of it, by the fields of a wish."""
    told = [Invalid(Code(fault.code.value), _field_of(fault.field), fault.problem, fault.fix) for fault in faults]
    return replace(told[0], also=tuple(told[1:]))


def _field_of(field: str) -> str:
    place, _, name = field.partition(".")
    return f"vars/{name}" if place == "values" else "locale" if place == "locale" else "template"


def _forms(prepared: Prepared) -> tuple[str, ...]:
    """A text as it is, and with the opt-out line that it may turn out to get."""
    lined = prepared.terms.wording.lined if prepared.terms.wording is not None else None
    text = prepared.submission.text
    return (text,) if lined is None else (text, lined.text)
