"""What the gateway asks of its store: verbs, each of which is one transaction.

Owns: the contract. A write is posted when it is called, and on disk when its Posted has been awaited; writes posted by one
caller one after the other take effect in that order where the ranks of their verbs say so (writer). Does not own: how.
"""

from collections.abc import Sequence
from typing import Protocol

from gateway.model.account import Account
from gateway.model.consent import Consent, ConsentChange, Optin
from gateway.model.contact import Report
from gateway.model.events import Event
from gateway.model.ids import JobId, MessageId, ReviewId
from gateway.model.inbound import Inbound, Part
from gateway.model.jobs import KeptJob
from gateway.model.ledger import Anchor, AuditPage, AuditPlace, Broken, Head, LedgerEntry
from gateway.model.message import Accepted, Answer, Facts, Message, ReceiptNews, State, Submission
from gateway.model.number_check import NumberCheck
from gateway.model.profile import Profile, ProfileChange
from gateway.model.review import Review, Verdict
from gateway.model.template import KeptTemplate, NewTemplate
from gateway.store.accept import Acceptance
from gateway.store.accept import Answer as Answered
from gateway.store.audit import Marking
from gateway.store.claim import Claim, Claims
from gateway.store.deeds import Follow, Telling, TextDeed
from gateway.store.dialogs import Asker, ExpireDialogs
from gateway.store.doubt import Cancellation, Expiry, Recovery, Settlement
from gateway.store.erasure import Aged, Erasure
from gateway.store.facts import Lookback, Want
from gateway.store.forget import Forget
from gateway.store.history import Bundle
from gateway.store.inbound import Arrival, Reception
from gateway.store.jobs import CallOff, DueFound, DueLook, NewJob
from gateway.store.notices import ForgetNotices, Heard, Intake, Listening, Notice, Taken
from gateway.store.optins import Lapse, Request, Requested, Trial, Tried
from gateway.store.orphans import Adoption, Askable, Parked
from gateway.store.person import Scrub
from gateway.store.plugins import Again, Change, Enabled, Observed, PluginState, Revive
from gateway.store.quota import Recall
from gateway.store.reads import ApiKey, Depth, Doubt, MessageFilter
from gateway.store.received import InboundFilter, Unanswered
from gateway.store.reroute import Movable, Move, Place
from gateway.store.reviews import Overdue, ReviewCount, ReviewFilter, ReviewOutcome
from gateway.store.setbacks import Forward, Setback
from gateway.store.silence import Silence
from gateway.store.standing import Standing, Stranger
from gateway.store.tallies import Tallies, Tally
from gateway.store.unlinked import Link, UnlinkedFilter
from gateway.store.webhooks import Progress, Revival, Turn, TurnWanted, WebhookState
from gateway.store.withdrawals import Withdrawal
from gateway.store.writer import Posted


class Store(Protocol):
    """The door to disk. Every awaited verb can raise Transient (no room, locked) or StoreFailed (stop the process)."""

    def accept(self, acceptance: Acceptance) -> Posted[list[Answered]]:
        """Judge and store a request's submissions, once per idempotency key."""
        ...

    def claim(self, wish: Claim) -> Posted[list[Claims]]:
        """Mark due segments in flight on a bind."""
        ...

    def settle(self, answers: Sequence[Answer]) -> Posted[list[bool]]:
        """Record what came of claimed segments."""
        ...

    def receive_receipts(self, receipts: Sequence[ReceiptNews]) -> Posted[list[str | None]]:
        """Apply or park receipts; of each the key that it was matched by, None where it was parked."""
        ...

    def adopt(self, adoptions: Sequence[Adoption]) -> Posted[list[bool]]:
        """Give parked receipts to segments in doubt."""
        ...

    def forget_receipts(self, wish: Forget) -> Posted[list[int]]:
        """Forget parked receipts that nobody claimed."""
        ...

    def store_parts(self, arrivals: Sequence[Arrival]) -> Posted[list[tuple[Part, ...]]]:
        """Keep parts of inbound texts; for each, all parts of its text that are here."""
        ...

    def receive_inbound(self, receptions: Sequence[Reception]) -> Posted[list[bool]]:
        """Store whole inbound texts with all that they change; False marks a redelivery."""
        ...

    def decide_reviews(self, verdicts: Sequence[Verdict]) -> Posted[list[ReviewOutcome]]:
        """Take a person's word on reviews."""
        ...

    def overdue_reviews(self, look: Overdue) -> Posted[list[list[ReviewId]]]:
        """Tell of reviews whose time is over, once each."""
        ...

    def change_consents(self, changes: Sequence[ConsentChange]) -> Posted[list[bool]]:
        """Make consents stand."""
        ...

    def withdraw(self, withdrawal: Withdrawal) -> Posted[list[bool]]:
        """Make an opt-out stand, with the text that confirms it; tells whether it changed anything."""
        ...

    def request_optin(self, request: Request) -> Posted[list[Requested]]:
        """Ask a consumer to opt in: the request with its texts."""
        ...

    def try_code(self, trial: Trial) -> Posted[list[Tried]]:
        """Compare a code with the one that was sent."""
        ...

    def mark_broken(self, marking: Marking) -> Posted[list[int]]:
        """Keep whose entries of the ledger are at fault; tells how many numbers are marked now."""
        ...

    def erase(self, erasure: Erasure) -> Posted[list[int]]:
        """Take a number out of all that a client has of it but its events; tells of how many entries of the ledger."""
        ...

    def scrub_events(self, scrub: Scrub) -> Posted[list[int | None]]:
        """Blank people in the next page of a client's events; where to go on."""
        ...

    def lapse_optins(self, look: Lapse) -> Posted[list[int]]:
        """End requests that were not answered in time."""
        ...

    def cancel(self, cancellation: Cancellation) -> Posted[list[State | None]]:
        """Cancel a message of which nothing was handed over."""
        ...

    def recover(self, recovery: Recovery) -> Posted[list[int]]:
        """Resolve what a process that died left in flight."""
        ...

    def settle_doubt(self, settlements: Sequence[Settlement]) -> Posted[list[bool]]:
        """Take a person's word on messages in doubt."""
        ...

    def expire(self, expiry: Expiry) -> Posted[list[int]]:
        """End queued messages whose validity is over."""
        ...

    def move(self, moves: Sequence[Move]) -> Posted[list[bool]]:
        """Move queued texts to another carrier."""
        ...

    def bring_forward(self, forward: Forward) -> Posted[list[int]]:
        """Make texts due that wait by a clock which was set back."""
        ...

    def shift_retries(self, setback: Setback) -> Posted[list[int]]:
        """Let webhooks and plugins wait no longer for their next try because the clock was set back."""
        ...

    def recall(self, wish: Recall) -> Posted[list[int]]:
        """Put texts that wait for a quota back into the queue."""
        ...

    def end_silence(self, look: Silence) -> Posted[list[int]]:
        """End what carriers never reported on."""
        ...

    def open_webhook(self, endpoint: str) -> Posted[list[WebhookState]]:
        """Where an endpoint stands; a new one starts at the end of the log."""
        ...

    def record_progress(self, progress: Progress) -> Posted[list[None]]:
        """Record an endpoint's deliveries."""
        ...

    def revive_webhook(self, revival: Revival) -> Posted[list[int]]:
        """Serve an endpoint again, with what it missed."""
        ...

    def add_key(self, key: ApiKey) -> Posted[list[None]]:
        """Keep a new API key."""
        ...

    def revoke_key(self, key_id: str, at: int) -> Posted[list[bool]]:
        """Revoke an API key."""
        ...

    def forget_keys(self, wish: Forget) -> Posted[list[int]]:
        """Forget idempotency keys that were used before an instant."""
        ...

    def report_contacts(self, reports: Sequence[Report]) -> Posted[list[bool]]:
        """Keep contacts on other channels; tells of each whether it was new."""
        ...

    def change_profile(self, change: ProfileChange) -> Posted[list[None]]:
        """Keep what a client says of a number."""
        ...

    def put_templates(self, templates: Sequence[NewTemplate]) -> Posted[list[KeptTemplate]]:
        """Put declarations in force, each as a new version where it changed."""
        ...

    def keep_check(self, check: NumberCheck) -> Posted[list[bool]]:
        """Keep what a database of reassigned numbers said, with what follows from it; False: it was known."""
        ...

    def link_number(self, link: Link) -> Posted[list[None]]:
        """Keep which account a number belongs to."""
        ...

    def retire_template(self, client: str, name: str, at: int) -> Posted[list[bool]]:
        """End a template of a client."""
        ...

    def receive_events(self, intakes: Sequence[Intake]) -> Posted[list[Taken]]:
        """Take client events, each once: into the log, into its account, and against texts that it makes pointless."""
        ...

    def submit_for_plugin(self, deed: TextDeed) -> Posted[list[Accepted]]:
        """Judge and store a plugin's text, once for its key."""
        ...

    def tell_for_plugin(self, telling: Telling) -> Posted[list[str]]:
        """Tell a client something for a plugin, once for its key; the event's id."""
        ...

    def call_off(self, wish: CallOff) -> Posted[list[int]]:
        """Cancel what waits under a plugin's key; how many."""
        ...

    def schedule(self, job: NewJob) -> Posted[list[None]]:
        """Make a job pending, in the place of another one of its key."""
        ...

    def enable_plugins(self, wish: Enabled) -> Posted[list[list[str]]]:
        """Enable the plugins that the configuration names, and no others; what changed by it."""
        ...

    def note_plugin(self, change: Change) -> Posted[list[None]]:
        """Put on record what happened to a plugin."""
        ...

    def record_observed(self, record: Observed) -> Posted[list[None]]:
        """Record what became of the notices that a plugin was told."""
        ...

    def revive_plugin(self, wish: Revive) -> Posted[list[int]]:
        """Have a plugin told again what was given up; how many notices."""
        ...

    def tell_due(self, look: DueLook) -> Posted[list[DueFound]]:
        """Move due jobs into the log of their plugin."""
        ...

    def follow_texts(self, look: Follow) -> Posted[list[bool]]:
        """Tell plugins what became of their texts; whether there is more to look through."""
        ...

    def forget_jobs(self, wish: Forget) -> Posted[list[int]]:
        """Forget jobs that ended long ago."""
        ...

    def forget_deeds(self, wish: Forget) -> Posted[list[int]]:
        """Forget the keys of what plugins did long ago."""
        ...

    def forget_notices(self, wish: ForgetNotices) -> Posted[list[int]]:
        """Forget what all plugins were told long ago."""
        ...

    async def message(self, message_id: int, client: str | None) -> Message | None:
        """A message with its segments."""
        ...

    async def messages(self, wanted: MessageFilter) -> tuple[list[Message], int | None]:
        """A page of messages and the next page's cursor."""
        ...

    async def messages_between(self, number: str, since: int, until: int, limit: int) -> list[MessageId]:
        """Messages to a number, of whatever client, to which something happened in a time."""
        ...

    async def timeline(self, message_id: int) -> list[Event]:
        """All that happened to a message."""
        ...

    async def events(self, client: str, after: int, limit: int) -> list[Event]:
        """A client's events after a sequence number."""
        ...

    async def consents_of(self, number: str, client: str) -> list[Consent]:
        """All consents of a number with a client."""
        ...

    async def received(self, inbound_id: int, client: str) -> Inbound | None:
        """A text of a consumer to this client."""
        ...

    async def received_page(self, wanted: InboundFilter) -> tuple[list[Inbound], int | None]:
        """A page of texts of consumers and the next page's cursor."""
        ...

    async def unanswered(self, clients: Sequence[str], since: int, now: int) -> list[Unanswered]:
        """How many texts of consumers that came since an instant nobody has answered, for each of the clients."""
        ...

    async def checks_of(self, number: str, client: str) -> list[NumberCheck]:
        """All checks of a number by a client, oldest first."""
        ...

    async def unlinked_page(self, wanted: UnlinkedFilter) -> tuple[list[Inbound], int | None]:
        """A page of texts of numbers that no account is known of, and the next page's cursor."""
        ...

    async def review(self, review_id: int, client: str | None) -> Review | None:
        """A review with the text that it is about."""
        ...

    async def reviews(self, wanted: ReviewFilter) -> tuple[list[Review], int | None]:
        """A page of reviews and the next page's cursor."""
        ...

    async def review_counts(self, now: int) -> list[ReviewCount]:
        """How many reviews of each client wait for a person."""
        ...

    async def consent_history(self, number: str, client: str) -> list[LedgerEntry]:
        """All entries of the ledger about a number with a client, oldest first."""
        ...

    async def consents_at(self, number: str, client: str, at: int) -> list[Consent]:
        """How the consents of a number with a client stood at an instant."""
        ...

    async def consent_bundle(self, number: str, client: str, through: int) -> Bundle:
        """A number's history with what proves it, and what proves the entry ``through``."""
        ...

    async def ledger_head(self) -> Head:
        """The end of the ledger."""
        ...

    async def check_ledger(self, place: AuditPlace, anchors: Sequence[Anchor], limit: int) -> AuditPage:
        """Check the next page of the ledger."""
        ...

    async def broken(self, number: str) -> list[Broken]:
        """The clients whose entries about a number are at fault."""
        ...

    async def aged_consents(self, look: Aged) -> list[str]:
        """Numbers of which nothing has to be kept any more."""
        ...

    async def optin(self, optin_id: int, client: str) -> Optin | None:
        """A client's request to opt in."""
        ...

    async def open_optins(self, number: str, client: str, program: str) -> list[Optin]:
        """The requests that a number may answer now, the newest first."""
        ...

    async def depth(self, carrier: str) -> Depth:
        """How much waits for a carrier."""
        ...

    async def carriers(self) -> list[str]:
        """Carriers with open segments."""
        ...

    async def doubts(self, limit: int, carrier: str | None = None) -> list[Doubt]:
        """Segments in doubt."""
        ...

    async def parked(self, carrier: str | None, since: int, now: int, limit: int) -> list[Parked]:
        """Receipts that no segment has claimed."""
        ...

    async def parked_counts(self) -> list[tuple[str, int]]:
        """How many receipts are parked, by carrier."""
        ...

    async def askable(self, carrier: str, before: int, after: tuple[int, int], limit: int) -> list[Askable]:
        """Segments whose state the carrier can be asked for."""
        ...

    async def overdue_parts(self, before: int, limit: int) -> list[tuple[Part, ...]]:
        """Parts of texts that never became whole."""
        ...

    async def overdue(self, carrier: str, now: int, limit: int) -> tuple[int, ...]:
        """Queued messages whose validity is over."""
        ...

    async def overdue_waiting(self, carrier: str, now: int, limit: int) -> tuple[int, ...]:
        """Messages that wait for a quota and whose validity is over."""
        ...

    async def waiting(self, carrier: str) -> list[tuple[str, int]]:
        """How many segments wait for which quota."""
        ...

    async def movable(self, carrier: str, now: int, after: Place, limit: int) -> tuple[list[Movable], Place | None]:
        """Queued texts that could move, and where to go on."""
        ...

    async def ahead(self, carrier: str, now: int, limit: int) -> tuple[int, ...]:
        """Messages that wait by a time that is yet to come."""
        ...

    def expire_dialogs(self, look: ExpireDialogs) -> Posted[list[int]]:
        """End dialogs that nobody answered in time."""
        ...

    async def standings(self, askers: Sequence[Asker], now: int) -> dict[Asker, Standing]:
        """What is open with those who wrote to programs."""
        ...

    async def texted(self, strangers: Sequence[Stranger]) -> dict[Stranger, tuple[str, ...]]:
        """The clients that texted those who wrote to nobody's address."""
        ...

    async def templates(self) -> list[KeptTemplate]:
        """The newest version of every template, retired ones too."""
        ...

    async def template_versions(self, client: str, name: str, limit: int) -> list[KeptTemplate]:
        """The versions of a template that a client can see, the newest first."""
        ...

    async def api_keys(self) -> list[ApiKey]:
        """All API keys."""
        ...

    async def webhook_state(self, endpoint: str) -> WebhookState:
        """Where an endpoint stands."""
        ...

    async def webhook_turn(self, wanted: TurnWanted) -> Turn:
        """What there is to do for an endpoint now."""
        ...

    async def accounts_of(self, client: str, names: Sequence[str]) -> dict[str, Account]:
        """Those of the accounts that are known, by name."""
        ...

    async def accounts_page(self, client: str, after: str, limit: int) -> list[Account]:
        """Accounts in the order of their names."""
        ...

    async def notices_after(self, look: Listening) -> Heard:
        """What a plugin is to be told next."""
        ...

    async def notices_of(self, seqs: Sequence[int]) -> list[Notice]:
        """Notices by their numbers."""
        ...

    async def plugin_state(self, name: str) -> PluginState:
        """Where a plugin stands."""
        ...

    async def plugin_changes(self, name: str, limit: int) -> list[Change]:
        """What happened to a plugin, the latest first."""
        ...

    async def plugin_retries(self, name: str, limit: int) -> list[Again]:
        """What a plugin is to be told again, the soonest due first."""
        ...

    async def accounts_behind(self, plugin: str) -> dict[tuple[str, str], int]:
        """Clients and accounts of which something is to be told again, and when."""
        ...

    async def jobs_of_account(self, client: str, account: str, before: JobId, limit: int) -> list[KeptJob]:
        """The jobs of an account with their history, the newest first."""
        ...

    async def profile_of(self, number: str, client: str) -> Profile | None:
        """What a client said of a number."""
        ...

    async def facts(self, wants: Sequence[Want], lookback: Lookback | None) -> list[Facts]:
        """What is known of texts that are to be judged, without taking them."""
        ...

    async def tallies(self, asked: Sequence[tuple[Submission, Tally]]) -> Tallies:
        """What counts for texts that are to be judged, without taking them."""
        ...

    async def greatest_id(self) -> int:
        """The greatest id on disk."""
        ...
