"""A dry run: what would become of texts, with nothing stored and nothing sent.

Owns: judging a campaign as a submission would be, text by text, and by other packs beside it. Does not own: the judgement
(rules and plugins, prepared by submit), or what it adds up to (forecast).

The texts are judged one after the other, so that the second to a number counts the first: for caps, as a repetition, and in the
client's day. Facts are as they are now; the clock stands at ``at``: asked twice with the same facts, the answer is the same.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice

import msgspec

from gateway.config import ClientConfig, Config
from gateway.flow.invalid import Invalid
from gateway.flow.prepare import Prepared, Wish
from gateway.flow.submit import Submit
from gateway.model.decision import Decision
from gateway.model.ids import IdSource
from gateway.model.message import Facts, State, Submission
from gateway.rules.charters import Charters, under_packs
from gateway.store.accept import Judge
from gateway.store.base import Store
from gateway.store.facts import Lookback, Planned, Want
from gateway.store.tallies import Tallies, Tally

_SHARE = 100
"""Texts that are judged between two looks at the store, so that a large campaign does not keep everybody else waiting."""

_decode = msgspec.json.Decoder(Decision).decode


class Verdict(msgspec.Struct, frozen=True):
    """What would become of one text."""

    submission: Submission
    """As it would be kept: with its opt-out line, and its validity from when it may go."""
    state: State
    due_at: int
    decision: Decision
    forced_by: str | None = None
    """A character that forces UCS-2."""


class Judged(msgspec.Struct, frozen=True):
    """What would become of one wish; and by the other packs, where some were named."""

    verdict: Verdict | Invalid
    otherwise: Verdict | Invalid | None = None


class Check:
    """Judges without a commit."""

    def __init__(self, config: Config, store: Store, submit: Submit, now: Callable[[], int]) -> None:
        self._store = store
        self._submit = submit
        self._now = now
        self._own = submit.preparation.charters
        self._under = lru_cache(maxsize=16)(lambda names: under_packs(config, names))

    def charters(self, names: tuple[str, ...]) -> Charters:
        """Those of these packs, or where none is named, those that hold. Raises ConfigError."""
        return self._under(names) if names else self._own

    async def judge(
        self,
        client: ClientConfig,
        wishes: Iterable[Wish | Invalid],
        at: int | None,
        charters: Charters,
        others: Charters | None = None,
    ) -> AsyncIterator[Judged]:
        """What would become of each wish, in their order; what is none already stays what it is."""
        now = self._now() if at is None else at
        trials = [_Trial(self._submit, client, now, by) for by in (charters, others) if by is not None]
        rest = iter(wishes)
        while share := list(islice(rest, _SHARE)):
            columns = [await trial.judge(self._store, share) for trial in trials]
            for row in zip(*columns, strict=True):
                yield Judged(*row)


class _Trial:
    """One set of charters, and what it planned so far."""

    def __init__(self, submit: Submit, client: ClientConfig, now: int, charters: Charters) -> None:
        self._submit = submit
        self._client = client
        self._now = now
        self._charters = charters
        self._ids = IdSource()
        self._planned = Planned()
        self._tallies: Tallies | None = None

    async def judge(self, store: Store, wishes: Sequence[Wish | Invalid]) -> list[Verdict | Invalid]:
        prepared = [wish if isinstance(wish, Invalid) else self._prepare(wish) for wish in wishes]
        valid = [one for one in prepared if isinstance(one, Prepared)]
        texts = [one.submission for one in valid]
        asked = await self._submit.trial(self._client, valid, self._now)
        await self._count(store, texts, asked.tally)
        wants = [Want(text.number, text.client, text.program, text.category, text.account) for text in texts]
        memory = self._charters.memory
        lookback = Lookback(self._now - memory, planned=True) if memory else None
        facts = iter(await store.facts(wants, lookback) if wants else [])
        return [one if isinstance(one, Invalid) else self._judge(one, next(facts), asked.judge) for one in prepared]

    async def _count(self, store: Store, texts: Sequence[Submission], tally: Tally | None) -> None:
        if tally is None:
            return
        tallies = await store.tallies([(text, tally) for text in texts])
        if self._tallies is not None:
            tallies.after(self._tallies)
        self._tallies = tallies

    def _prepare(self, wish: Wish) -> Prepared | Invalid:
        return self._submit.preparation.of(self._client, wish, self._now, charters=self._charters, ids=self._ids)

    def _judge(self, prepared: Prepared, facts: Facts, judge: Judge) -> Verdict:
        asked = prepared.submission
        facts = self._planned.added_to(facts, asked, asked.id)
        ruling = judge(asked, facts if self._tallies is None else self._tallies.added_to(facts, asked))
        if ruling.state is not State.BLOCKED:
            self._planned.note(asked, asked.id, ruling.due_at)
            if self._tallies is not None:
                self._tallies.note(asked)
        wording = prepared.terms.wording
        forced_by = wording.context.forced_by if wording is not None else None
        return Verdict(ruling.instead or asked, ruling.state, ruling.due_at, _decode(ruling.decision), forced_by)
