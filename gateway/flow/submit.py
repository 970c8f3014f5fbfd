"""The only door through which a text can leave: client requests, plugins and automatic answers all pass here.

Owns: having a submission judged and stored in one commit, and what it takes besides to make a plugin's text a question. Does
not own: what a wish amounts to (prepare), the rules (rules) or the way to the carrier (dispatch).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from gateway.config import ClientConfig, Config
from gateway.errors import Code, Transient
from gateway.flow.invalid import Invalid
from gateway.flow.prepare import WORDED, Preparation, Prepared, Wish, as_invalid
from gateway.metrics import Metrics
from gateway.model.account import Owed
from gateway.model.clock import MINUTE
from gateway.model.decision import Decision, Finding, Verdict, conclude
from gateway.model.dialog import DialogSpec
from gateway.model.ids import MessageId
from gateway.model.message import Accepted, Facts, Origin, Ruling, State, Submission
from gateway.rules.gate import rule
from gateway.store.accept import Acceptance, Replayed
from gateway.store.base import Store
from gateway.store.deeds import TextDeed
from gateway.store.dialogs import NewDialog
from gateway.store.tallies import Tally
from gateway.text.template_spec import TemplateRefused

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


class Submit:
    """Judges and stores."""

    def __init__(
        self,
        config: Config,
        store: Store,
        preparation: Preparation,
        metrics: Metrics,
        now: Callable[[], int],
        has_room: Callable[[], bool],
        wake: Callable[[Iterable[str]], None],
        refusals: Refusals = nobody_refuses,
        checked: frozenset[str] = frozenset(),
    ) -> None:
        """``wake`` is told of carriers that texts are on their way to disk for: a claim posted at once is in their commit.
        ``checked``: clients of which a plugin hears that a number is to be checked for reassignment."""
        self.preparation = preparation
        self._config = config
        self._store = store
        self._metrics = metrics
        self._now = now
        self._has_room = has_room
        self._wake = wake
        self._refusals = refusals
        self._checked = checked

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
        prepared = [self.preparation.of(client, wish, now) for wish in wishes]
        valid = [item for item in prepared if isinstance(item, Prepared)]
        invalid = {place: item for place, item in enumerate(prepared) if isinstance(item, Invalid)}
        answers: tuple[Accepted, ...] = ()
        if valid or key is not None:
            refused = await self._refusals(client.id, [item.submission for item in valid], None)
            acceptance = self.acceptance(client.id, valid, now, key, fingerprint, invalid, refused)
            posted = self._store.accept(acceptance)
            self._wake({item.submission.carrier for item in valid})
            (outcome,) = await posted
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
        prepared = self.preparation.of(client, wish, now, deed.origin)
        if isinstance(prepared, Invalid):
            return prepared
        dialog = None if deed.question is None else self._dialog(client, wish, deed, deed.question, prepared)
        if isinstance(dialog, Invalid):
            return dialog
        refused = await self._refusals(client.id, [prepared.submission], deed.plugin)
        acceptance = self.acceptance(client.id, [prepared], now, refused=refused)
        posted = self._store.submit_for_plugin(
            TextDeed(deed.plugin, client.id, deed.key, deed.account, acceptance, deed.unless_paid, dialog)
        )
        self._wake((prepared.submission.carrier,))
        (accepted,) = await posted
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
                template = self.preparation.templates.choose(client, question.again)
            except TemplateRefused as error:
                return as_invalid(error.faults)
            values = {name: value for name, value in wish.values.items() if name in template.spec.variables}
            repeated = self.preparation.of(
                client, replace(wish, template=question.again, values=values), asking.submission.at
            )
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
        memory, tally = self.preparation.charters.memory, self._tally(client, prepared)
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
        words = {item.submission.id: _forms(item) for item in prepared if item.submission.origin in WORDED}
        return Tally(daily, window, words) if words else None


def _refuse(ruling: Ruling, plugin: str, reason: str) -> Ruling:
    """The ruling with a plugin's word in front of it."""
    decision = _decode_decision(ruling.decision)
    finding = Finding(f"plugin {plugin}", Verdict.REFUSE, Code.PLUGIN_REFUSED, reason)
    concluded = conclude((finding, *decision.findings))
    return Ruling(State.BLOCKED, ruling.due_at, _encode(concluded), Code.PLUGIN_REFUSED)


def _forms(prepared: Prepared) -> tuple[str, ...]:
    """A text as it is, and with the opt-out line that it may turn out to get."""
    lined = prepared.terms.wording.lined if prepared.terms.wording is not None else None
    text = prepared.submission.text
    return (text,) if lined is None else (text, lined.text)
