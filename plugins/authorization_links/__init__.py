"""A link to authorize a payment plan, texted to the consumer.

Owns: when a link goes, until when it counts, and what the client hears when it reached nobody. Does not own: the portal behind it
(links says what it checks), or the plan: ``plan.proposed``, ``plan.accepted`` and ``plan.rejected`` are the client's to tell.

Where the number has not agreed to texts, the consumer is asked, and the link waits for the YES until it expires. What newer
events say of a plan counts, in whatever order they come. A consumer whose link ran out writes LINK, and the client, who
hears of it, proposes the plan again.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.hooks import (
    Anew,
    Category,
    ClientId,
    GatewayApi,
    Info,
    Job,
    Reply,
    Section,
    Settings,
    TextOutcome,
    hookimpl,
)
from gateway.model.account import Account, Standing
from gateway.model.client_events import (
    AccountClosed,
    AnyClientEvent,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
)
from gateway.model.clock import DAY, SECOND, read_instant
from plugins.authorization_links.links import make_link
from plugins.common import about, account_of, day_of, hand_over, say

SHORTEST_KEY: Final = 32
"""Octets."""
MOST_PLANS: Final = 10
"""That one event tells of."""
_ANEW: Final = "/anew"
"""The key of the job that offers again what was called off ends so."""
_UNREACHED: Final = frozenset({"blocked", "undelivered", "expired", "rejected"})


class Portal(Section, frozen=True, kw_only=True):
    """[settings.authorization_links.portal.CLIENT]: where the client's consumers authorize plans."""

    url: Annotated[str, Meta(pattern=r"^https://[a-z0-9][a-z0-9.-]*(/[A-Za-z0-9/_.-]*)?\Z", max_length=60)]
    """On the client's own domain, without a query."""
    key_file: Annotated[str, Meta(pattern=r"^/[^\x00]{1,999}\Z", description="an absolute path")] | None = None
    key_env: Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z")] | None = None
    """The key that signs links is the content of a file, or of an environment variable."""

    def check(self) -> Iterator[tuple[str, str, str]]:
        """The key is there."""
        try:
            self.key()
        except (ValueError, OSError) as error:
            problem = error.strerror or "cannot be read" if isinstance(error, OSError) else str(error)
            way = "key_env" if self.key_env is not None else "key_file"
            yield way, problem, f"give one random key of at least {SHORTEST_KEY} characters, by key_file or key_env"

    def key(self) -> bytes:
        """The secret that the gateway and the portal share. Raises ValueError, OSError."""
        if (self.key_file is None) == (self.key_env is None):
            raise ValueError("must be given, or else the other of key_file and key_env")
        if self.key_env is None:
            read = Path(self.key_file or "").read_bytes()
        else:
            read = os.environ.get(self.key_env, "").encode()
            if not read:
                raise ValueError(f"{self.key_env} is not set")
        if len(read.strip()) < SHORTEST_KEY:
            raise ValueError(f"holds fewer than {SHORTEST_KEY} characters")
        return read.strip()


class LinkSettings(Settings, frozen=True, kw_only=True):
    """[settings.authorization_links]"""

    portal: dict[ClientId, Portal] = msgspec.field(default_factory=dict)
    """By client."""
    days: Annotated[int, Meta(ge=1, le=90)] = 7
    """How long a link counts, unless the offer ends before."""
    category: Category = "servicing"

    def check(self) -> Iterator[tuple[str, str, str]]:
        """There is one."""
        if not self.portal:
            yield "portal", "is missing", "give [settings.authorization_links.portal.CLIENT] with url and key_file"


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Signed links by text to authorize payment plans")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return LinkSettings


@hookimpl
def declare_keywords() -> Sequence[str]:
    """See Hooks."""
    return ("LINK", "ENLACE")


@hookimpl
def declare_events() -> Sequence[str]:
    """See Hooks."""
    return (
        "plan.proposed",
        "plan.accepted",
        "plan.rejected",
        "account.closed",
    )


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: LinkSettings) -> None:
    """See Hooks."""
    account = await api.account(event.account)
    if account is None:
        return
    match event:
        case AccountClosed() if account.closed:
            await api.cancel(about(event))
        case PlanProposed():
            await _offer(event, api, settings, account)
        case PlanAccepted() | PlanRejected() if not _is_open(account, event.plan):
            await api.cancel(about(event, "plan", event.plan))


@hookimpl
async def observe_job(job: Job, api: GatewayApi, settings: LinkSettings) -> None:
    """See Hooks."""
    account = await api.account(job.account)
    if job.key.endswith(_ANEW):
        offer = msgspec.convert(job.payload, _Offer)
        if account is not None and _stands(account, offer):
            await _text(api, settings, account, offer, job.id)
        return
    plan = job.payload["plan"]
    if account is None or account.closed or not _is_open(account, plan):
        return
    path = about(account, "plan", plan, "expired", job.due)
    await hand_over(api, path, account.account, "link_expired", plan=plan)
    await say(api, path, account=account.account, category=settings.category, template="expired")


@hookimpl
async def observe_text(outcome: TextOutcome, api: GatewayApi) -> None:
    """See Hooks."""
    path, _, rest = outcome.key.rpartition("/link/")
    declined = outcome.state == "cancelled" and (outcome.code or "").startswith("consent.")
    if rest and (outcome.state in _UNREACHED or declined):
        await api.cancel(f"{path}/expiry")
        await hand_over(api, outcome.key, outcome.account, "link_not_delivered", state=outcome.state, code=outcome.code)


@hookimpl
async def observe_reply(reply: Reply, api: GatewayApi) -> None:
    """See Hooks."""
    account = await account_of(api, reply)
    if account is not None:
        plans = [plan for plan in account.plans if _is_open(account, plan)][:MOST_PLANS]
        await hand_over(api, about(account, "reply", reply.id), account.account, "asked_for_link", plans=plans)


class _Offer(msgspec.Struct, frozen=True):
    """A plan that was proposed at an instant, and until when its link counts."""

    plan: str
    at: int
    until: int


def _stands(account: Account, offer: _Offer) -> bool:
    known = account.plans.get(offer.plan)
    return (
        known is not None and known.standing is Standing.OPEN and known.stands_since == offer.at and not account.closed
    )


async def _offer(event: PlanProposed, api: GatewayApi, settings: LinkSettings, account: Account) -> None:
    until = event.at + settings.days * DAY
    if event.expires_at is not None:
        until = min(until, read_instant(event.expires_at))
    offer = _Offer(event.plan, event.at, until)
    if not _stands(account, offer):
        return
    path = about(account, "plan", event.plan)
    if api.client not in settings.portal:
        await hand_over(api, path, account.account, "no_portal", plan=event.plan)
        return
    if until <= api.now:
        return
    await api.schedule(f"{path}/expiry", until, {"plan": event.plan}, account=account.account)
    # A link of this very offer that still waits is not called off for good, or told again it would be lost.
    anew = Anew(f"{path}{_ANEW}", account.account, msgspec.to_builtins(offer))
    if not await api.cancel(f"{path}/link/{event.at}", anew=anew):
        await api.cancel(f"{path}/link")
        await _text(api, settings, account, offer)


async def _text(api: GatewayApi, settings: LinkSettings, account: Account, offer: _Offer, *again: str) -> None:
    portal = settings.portal.get(api.client)
    if portal is None or offer.until <= api.now:
        return
    until = offer.until // SECOND
    link = make_link(portal.url, portal.key(), client=api.client, account=account.account, plan=offer.plan, until=until)
    await say(
        api,
        about(account, "plan", offer.plan, "link", offer.at, *again),
        account=account.account,
        category=settings.category,
        template="link",
        values={"link": link, "expires_on": day_of(offer.until - 1, account)},
        expires_at=offer.until,
        ask_consent=True,
    )


def _is_open(account: Account, plan: str) -> bool:
    known = account.plans.get(plan)
    return known is not None and known.standing is Standing.OPEN
