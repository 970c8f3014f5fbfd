"""From the queue on disk to the wire: one dispatcher for each link that transmits.

Owns: when segments are claimed, by whom, and what follows for a link from a response, silence or its end. Does not own: what
becomes of a segment by them (answers), the rules (rules), the queue (store), the window (smpp).

A dispatcher claims what its window and the account's throttle let go at once, and writes it in the step in which it learns
that the marks are on disk. A response frees its place in the window at once, but the claim that fills the place is posted
behind the answer that freed it, and both are in one commit: what is marked in flight on disk never exceeds the window.

With places free and nothing due it waits to be woken: by a text that is on its way to disk, so that both share a commit, or by
a commit that queued what no claim in it took.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from zoneinfo import ZoneInfo

import trio
from msgspec.structs import replace

from gateway.carrier.link import Link
from gateway.config import CarrierConfig, Config
from gateway.errors import Code, Transient
from gateway.flow.answers import again, judged, unanswered, unsent
from gateway.flow.optouts import OptOuts
from gateway.flow.pdus import submit_sm
from gateway.flow.put_offs import PutOffs
from gateway.metrics import Metrics
from gateway.model.message import FINAL, Answer, Claimed, Facts, Origin, Ruling, State
from gateway.rules.charters import Charters
from gateway.rules.gate import look_again
from gateway.rules.quota import Limit, Per, Scope
from gateway.rules.throttle import Throttle
from gateway.smpp import status
from gateway.smpp.errors import LocalProtocolError, WindowFull
from gateway.smpp.events import Closed, ResponseReceived, ResponseTimedOut
from gateway.smpp.status import Verdict
from gateway.store.base import Store
from gateway.store.claim import Claim
from gateway.text.segment import TooLong, Unencodable

_log = logging.getLogger("gateway.flow")

_QUEUE_FULL_PAUSE_SECONDS = 5.0
_REFRESH_SECONDS = 60.0
"""However quiet it is, the queue is looked at this often: a wall clock that was set moves due times."""


class Account:
    """What the binds of one carrier share: the throttle, the wake-up, and each other."""

    def __init__(self, config: CarrierConfig) -> None:
        self.config = config
        self.throttle = Throttle(config.rate, config.burst)
        self.limits = tuple(
            Limit(Scope(limit.scope), Per(limit.per), limit.segments, ZoneInfo(limit.zone)) for limit in config.limits
        )
        self.overrides = {code: Verdict(word) for code, word in config.statuses.items()}
        self.put_offs = PutOffs()
        self.links: set[Link] = set()
        """Those that are being fed."""
        self.work = trio.Event()
        """Of the next wake-up: take it before looking, wait for it after, and no wake-up in between is missed."""
        self.room = trio.Event()
        """The same for places in windows."""
        self.claims = 0
        """How many claims are on their way to disk: what they bring is written when they are back."""

    def wake(self) -> None:
        """There may be work: something was queued, or another bind left something behind."""
        self.work.set()
        self.work = trio.Event()

    def make_room(self) -> None:
        """A place in a window is free, or a claim is back."""
        self.room.set()
        self.room = trio.Event()


class Dispatch:
    """The MT road from the queue to the carrier's answer."""

    def __init__(
        self,
        config: Config,
        charters: Charters,
        store: Store,
        optouts: OptOuts,
        metrics: Metrics,
        now: Callable[[], int],
        checked: frozenset[str] = frozenset(),
    ) -> None:
        """``checked``: clients of which a plugin hears that a number is to be checked for reassignment."""
        self.accounts = {carrier.name: Account(carrier) for carrier in config.carriers}
        self.stopping = False
        self._store = store
        self._optouts = optouts
        self._metrics = metrics
        self._now = now
        self._checked = checked
        self._charters = charters
        self._resend = config.policy.resent

    def wake(self, carriers: Iterable[str]) -> None:
        """Carriers got work. It is on disk, or on its way there: a claim posted now finds it."""
        for carrier in carriers:
            account = self.accounts.get(carrier)
            if account is not None:
                account.wake()

    def stop(self) -> None:
        """Claim nothing more."""
        self.stopping = True
        for account in self.accounts.values():
            account.wake()
            account.make_room()

    async def drained(self, links: Iterable[Link]) -> None:
        """Wait until nothing is in flight any more on these links, nor about to be."""
        for link in links:
            account = self.accounts[link.carrier]
            while account.claims or link.connection.in_flight:
                await _wait(account.room, _REFRESH_SECONDS)

    async def serve(self, link: Link) -> None:
        """Feed a link while it is bound."""
        account = self.accounts[link.carrier]
        account.links.add(link)
        bind_throttle = Throttle(account.config.bind_rate, account.config.burst)
        while link.bound and not self.stopping:
            work, room = account.work, account.room
            # Half a window at most: while one half is on its way to disk, the other is with the carrier.
            free = min(link.free, max(1, link.connection.window_size // 2))
            if free <= 0:
                await _wait(room, _REFRESH_SECONDS)
                continue
            granted, pause = _reserve(free, bind_throttle, account.throttle)
            if not granted:
                await _wait(room, pause)
                continue
            taken = 0
            try:
                taken, next_due = await self._claim(account, link, granted)
            finally:
                _settle(granted, taken, bind_throttle, account.throttle)
            if granted > taken and not self.stopping:
                pause = _REFRESH_SECONDS
                if next_due is not None:
                    pause = min(max((next_due - self._now()) / 1000, 0.001), _REFRESH_SECONDS)
                await _wait(work, pause)

    async def _claim(self, account: Account, link: Link, limit: int) -> tuple[int, int | None]:
        """Claim and write; returns how many segments, and where they are fewer than ``limit``, when the next is due."""
        others = frozenset(other.bind for other in account.links if other is not link)
        wish = Claim(
            account.config.name,
            link.bind,
            limit,
            self._now(),
            self._look,
            others,
            account.limits,
            self._charters.lookback,
            self._checked,
        )
        ticket = self._optouts.claim_begins()
        account.claims += 1
        try:
            # The marks are made whether we wait or not: whoever cancels us must not lose them.
            with trio.CancelScope(shield=True):
                (claims,) = await self._store.claim(wish)
            self._write(account, link, claims.segments)
        except Transient:
            # A claim waits for the disk for as long as the process lives: this is its end, and nothing is marked.
            return 0, None
        finally:
            self._optouts.claim_ends(ticket)
            account.claims -= 1
            if self.stopping:
                account.make_room()
        return len(claims.segments), claims.next_due

    def _look(self, segment: Claimed, facts: Facts, now: int) -> Ruling | int | None:
        charter = self._charters.of(segment.client, segment.program, segment.category)
        return look_again(segment, facts, now, charter)

    def _write(self, account: Account, link: Link, segments: Sequence[Claimed]) -> None:
        now = self._now()
        given_back: list[Answer] = []
        for place, segment in enumerate(segments):
            if segment.origin not in FINAL and self._optouts.covers(
                segment.number, segment.client, segment.program, segment.category, segment.account
            ):
                given_back.append(Answer(segment, State.BLOCKED, now, "opt_out", Code.CONSENT_OPTED_OUT, spent=False))
                continue
            if segment.origin is not Origin.REPLY and self._optouts.holds(segment.number, segment.client):
                given_back.append(again(segment, now, segment.due_at, None, spent=False, cause="hold"))
                continue
            if segment.ends_at <= now:  # the disk was full for so long, or the machine slept
                given_back.append(again(segment, now, segment.due_at, None, spent=False, cause="late"))
                continue
            if not link.bound:
                given_back.append(unsent(segment, now))
                continue
            try:
                pdu = submit_sm(segment, account.config, now)
                link.submit(pdu, segment)
            except WindowFull:  # it was narrowed while the claim was on its way to disk
                given_back.append(unsent(segment, now))
                continue
            except (Unencodable, TooLong, LocalProtocolError) as error:
                _log.error("%s: a segment does not fit the carrier's profile: %s", link.bind, type(error).__name__)
                given_back.append(Answer(segment, State.REJECTED, now, "profile", Code.CARRIER_UNENCODABLE))
                continue
            except Exception:
                # A fault of ours ends the bind. What is behind it is in no window, so nobody else would give it back; and the
                # text that met it would meet it again.
                given_back.append(Answer(segment, State.REJECTED, now, "fault", Code.CARRIER_UNENCODABLE))
                given_back += [unsent(one, now) for one in segments[place + 1 :]]
                self._store.settle(given_back)
                raise
        link.flush()
        self._metrics.segments_submitted.of(account.config.name).inc(len(segments) - len(given_back))
        if given_back:
            self._store.settle(given_back)

    def answered(self, link: Link, responses: Sequence[ResponseReceived]) -> None:
        """The carrier answered: settle all answers of one read in one verb, then let the freed places be filled."""
        account = self.accounts[link.carrier]
        now = self._now()
        link.silent = 0
        verdicts: Counter[Verdict] = Counter()
        answers: list[Answer] = []
        try:
            for response in responses:
                verdict, answer = self._judge(account, link, response, now)
                verdicts[verdict] += 1
                answers.append(answer)
        except Exception:
            # A fault of ours ends the bind. What is not judged has left the window, so nobody else would tell of it.
            left = [response.token for response in responses[len(answers) :]]
            told = unanswered(left, account.config, self._resend, now, Code.IN_DOUBT_LINK_LOST)
            self._store.settle([*answers, *told])
            raise
        self._store.settle(answers)
        link.widen(verdicts[Verdict.ACCEPTED])
        account.make_room()
        for verdict, count in verdicts.items():
            self._metrics.responses.of(account.config.name, verdict.value).inc(count)

    def _judge(self, account: Account, link: Link, response: ResponseReceived, now: int) -> tuple[Verdict, Answer]:
        verdict, answer = judged(response, account.config, account.overrides, now)
        if verdict is Verdict.ACCEPTED:
            account.put_offs.accepted(answer.segment)
        elif status.ATTEMPTS[verdict] is None:
            answer = self._put_off(account, link, verdict, answer)
        else:
            account.put_offs.ended(answer.segment)
        if verdict is Verdict.OPTED_OUT:
            # It is on disk with the answer; what is claimed meanwhile is not written.
            self._optouts.note(answer.segment.number, [answer.segment.client])
        return verdict, answer

    def _put_off(self, account: Account, link: Link, verdict: Verdict, answer: Answer) -> Answer:
        """The carrier refused a text for the account's sake, or so it says: the answer, and what follows for the account."""
        put_off = account.put_offs.refused(answer.segment)
        if put_off.of_account:
            self._ease(account, link, verdict)
        return answer if put_off.seconds is None else replace(answer, due_at=answer.at + int(put_off.seconds * 1000))

    def _ease(self, account: Account, link: Link, verdict: Verdict) -> None:
        """The carrier asks for less: slower, or fewer at once, or not over this session."""
        now = trio.current_time()
        match verdict:
            case Verdict.THROTTLE:
                account.throttle.slow_down(now)
            case Verdict.PAUSE:
                account.throttle.pause(_QUEUE_FULL_PAUSE_SECONDS, now)
                link.narrow()
            case _:
                link.start_unbind()

    def overdue(self, link: Link, timeouts: Sequence[ResponseTimedOut]) -> None:
        """No answer came in time: the carrier may have it. Half a window without one answer in between, at once or one by one,
        belongs to a dead session: it may answer enquire_link for ever."""
        link.silent += len(timeouts)
        if 2 * link.silent >= link.connection.window_size:
            _log.warning("%s: %d texts went unanswered: binding anew", link.bind, link.silent)
            link.start_unbind()
        account = self.accounts[link.carrier]
        segments = [timeout.token for timeout in timeouts if timeout.token is not None]
        self._store.settle(unanswered(segments, account.config, self._resend, self._now(), Code.IN_DOUBT_NO_RESPONSE))
        account.make_room()

    def ended(self, link: Link, closed: Closed) -> None:
        """The link is gone: what never left us goes back to the queue, the rest is in doubt."""
        account = self.accounts[link.carrier]
        now = self._now()
        given_back: list[Answer] = []
        doubtful: list[Claimed] = []
        for request in closed.unanswered:
            if not isinstance(request.token, Claimed):
                continue
            if request.sequence_number in closed.unsent:
                given_back.append(unsent(request.token, now))
            else:
                doubtful.append(request.token)
        told = unanswered(doubtful, account.config, self._resend, now, Code.IN_DOUBT_LINK_LOST)
        self._store.settle([*given_back, *told])
        account.links.discard(link)
        account.wake()
        account.make_room()


def _reserve(wanted: int, *throttles: Throttle) -> tuple[int, float]:
    """How many PDUs all throttles let go, charged with each, and the seconds to wait for where it is none."""
    now = trio.current_time()
    granted = wanted
    for place, throttle in enumerate(throttles):
        fewer, pause = throttle.reserve(granted, now)
        for earlier in throttles[:place]:
            earlier.give_back(granted - fewer, now)
        granted = fewer
        if not granted:
            return 0, pause
    return granted, 0.0


def _settle(granted: int, taken: int, *throttles: Throttle) -> None:
    """Tell all throttles how many of those that they let go are on the wire: the others are not."""
    now = trio.current_time()
    for throttle in throttles:
        throttle.give_back(granted - taken, now)
        throttle.wrote(taken, now)


async def _wait(signal: trio.Event, seconds: float) -> None:
    with trio.move_on_after(seconds):
        await signal.wait()
