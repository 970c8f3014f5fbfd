"""What a plugin can do: the one small door back into the gateway.

Owns: the contract of ``GatewayApi`` and the structs that it answers with. Does not own: how it is done (flow/plugin_api, and
``fake`` for tests; one suite holds both to this contract).

Every call that changes something carries a **key**: the plugin's own name for it, a path such as ``invoice/42/due-3``. Keys
make a repetition harmless, and an observer is told things at least once, so that matters: the same key again is the same
text, the same event out; the same key scheduled again replaces the job. What was begun under a key is called off by that key
or by any path above it. Keys of different plugins and of different clients never meet. ``key_of`` builds one from parts
that a client chose. A look into a database needs none: its instant and its source are its name.

An observer awaits these calls and nothing else: it runs on a thread of its plugin, where no event loop is. To wait, schedule.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, Protocol

import msgspec

from gateway.model.account import Account, Owed
from gateway.model.number_check import Reassigned
from gateway.rules.schedules import CatchUp


class Rejected(ValueError):
    """The call cannot be taken, however often it is made: a template that does not exist, a key of the wrong form, no number."""

    def __init__(self, code: str, field: str, problem: str) -> None:
        super().__init__(f"{code}: {field}: {problem}")
        self.code = code
        self.field = field
        self.problem = problem


class Submitted(msgspec.Struct, frozen=True):
    """What became of a text."""

    message: str
    """Its public id, such as ``msg_1a2b3c4d5e6f7``."""
    state: str
    """``queued``, ``held`` or ``blocked``, as it was when the key was first used."""
    code: str | None = None
    """Why it is held or blocked."""
    until: int | None = None
    """When it may go, milliseconds since the epoch, where it is held until an instant that is known."""

    @property
    def taken(self) -> bool:
        """It is on its way, or waits for an instant or a consent."""
        return self.state != "blocked"


class ConsentRequest(msgspec.Struct, frozen=True):
    """What became of asking for consent."""

    state: Literal["held", "asked", "refused"]
    """``held``: there is consent already. ``refused``: it must not be asked for now."""
    code: str | None = None


class Emitted(msgspec.Struct, frozen=True):
    """What the plugin told the client."""

    kind: str
    account: str
    data: Mapping[str, Any]
    """As JSON has it: money and days as the client reads them."""


class Anew(msgspec.Struct, frozen=True):
    """A job that is due at once, in the transaction that calls something off: what was called off in order to be said better
    is not lost to a crash between the two."""

    key: str
    account: str
    payload: Mapping[str, Any] = {}


class GatewayApi(Protocol):
    """Bound to one plugin, one client and one notice. Raises Rejected for what is wrong, and Transient (the host then tells the
    plugin again later) where the gateway cannot write now.

    While an answer or a keyword is told, the first text to the consumer who wrote it is what that consumer waits for: soon
    after, neither hours nor caps keep it back. Consent, whose number it is, and the rules on what a text says count for it too.
    """

    @property
    def client(self) -> str:
        """Whose event, job or answer this is about."""
        ...

    @property
    def now(self) -> int:
        """Milliseconds since the epoch."""
        ...

    def day(self, account: Account) -> date:
        """Today, where the consumer is."""
        ...

    def at(self, day: date, time: str, account: Account) -> int:
        """The instant at which the consumer's clock shows ``time`` (``"10:00"``) on a day (``model.clock.instant_at``)."""
        ...

    async def account(self, account: str) -> Account | None:
        """The latest that is known of an account."""
        ...

    async def accounts(self, after: str = "", limit: int = 100) -> Sequence[Account]:
        """A page of the client's accounts, in the order of their names."""
        ...

    async def submit(
        self,
        key: str,
        *,
        account: str,
        category: str,
        template: str | None = None,
        values: Mapping[str, object] = {},
        text: str | None = None,
        to: str | None = None,
        program: str | None = None,
        send_at: int | None = None,
        expires_at: int | None = None,
        unless_paid: bool | Owed = False,
        ask_consent: bool = False,
    ) -> Submitted:
        """Submit a text to the rules, like everybody's: from a template with its values (text, whole numbers, Money,
        dates), or as it is.

        ``template`` is a file of the plugin's folder ``templates`` without its ending, or a full name with its dot. It goes to
        the account's number by the account's program, in its locale, unless told otherwise. ``unless_paid``: it is
        blocked, or called off while it waits, once the account is paid or closed, or what ``Owed`` names there is.
        ``ask_consent``: where consent is missing, the consumer is asked, and the text waits for the YES until it expires.
        """
        ...

    async def schedule(
        self,
        key: str,
        due: int,
        payload: Mapping[str, Any] = {},
        *,
        account: str,
        catch_up: CatchUp = "send_late",
        zone: str | None = None,
        once: bool = False,
    ) -> None:
        """Have ``observe_job`` called at ``due`` (milliseconds since the epoch), over restarts; a job of that key is replaced.

        A due instant that is past is due now. ``payload`` is what JSON can say. What becomes of a job that the gateway could not
        run in time says ``catch_up``: it is run late, dropped (``skip``), or run at the same time of day on the next day
        (``next_window``, by the clock of ``zone``, or else the account's). ``once``: where the key was scheduled so before, that
        stands, also when the job was told or called off since.
        """
        ...

    async def cancel(self, key: str, *, anew: Anew | None = None) -> int:
        """Call off what was begun under the key, or under a path below it, and has not happened: jobs, texts of which nothing
        was handed to a carrier, open dialogs. How many.

        ``anew``: where that is anything, this job takes its place. A question that was asked stays open then, for nothing would
        be asked anew. The key of a text that was called off is spent: say it anew under one that has the job's ``id`` in it.
        """
        ...

    async def request_consent(
        self, key: str, *, account: str, category: str, to: str | None = None, program: str | None = None
    ) -> ConsentRequest:
        """Ask the consumer by text for consent, where the rules let it be asked."""
        ...

    async def open_dialog(
        self,
        key: str,
        dialog: str,
        *,
        account: str,
        category: str,
        values: Mapping[str, object] = {},
        payload: Mapping[str, Any] = {},
        to: str | None = None,
        program: str | None = None,
        unless_paid: bool | Owed = False,
    ) -> Submitted:
        """Ask a declared question; the answer comes by ``observe_answer`` with ``payload``. A newer question to the same number
        by the same program takes the place of an older one.

        The full name with its dot, such as ``promise_to_pay.when``, is another plugin's question, where that is enabled: the
        answer is told to the plugin whose question it is.
        """
        ...

    async def emit(self, key: str, kind: str, *, account: str, data: Mapping[str, Any]) -> str:
        """Tell the client something by its log and signed webhooks, once per key; returns the id that the client sees.

        ``kind`` is one of ``gateway.model.events.PLUGIN_KINDS``, such as ``step.email_due``.
        """
        ...

    async def emitted(self, event_id: str) -> Emitted | None:
        """What the plugin told the client under an id that ``emit`` returned: an answer such as ``step.completed`` names it by
        that alone. None for any other id, whatever a client sends as one.
        """
        ...

    async def report_number_check(
        self, number: str, answer: Reassigned, *, checked_at: int, since: int, source: str
    ) -> bool:
        """Tell what a database of reassigned numbers said, as ``POST /v1/numbers/{number}/checks`` does: NO makes consents fresh
        whose person was heard of at ``since`` or later, YES ends them all, NO_DATA is kept. False: it was known.

        ``checked_at`` is when the database was asked, ``since`` the day that it was asked about, both in milliseconds since the
        epoch; ``source`` says which one it was. The same look reported again, by its instant and source, changes nothing.
        """
        ...
