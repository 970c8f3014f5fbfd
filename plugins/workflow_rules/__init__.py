"""Workflows for those who do not write Python: rules in plugins.toml.

Owns: setting rules off, by events and once a day, and doing what they say. Does not own: what a rule may say (rule), or whether
a text may go (the rules of the gateway).

A rule acts on an event once, and on an account once a day. A daily rule goes through the accounts page by page, one job
after the other, so that a restart goes on where it was. Its days are those of the rule's zone.

A run that is late, because the gateway was down or the plugin suspended, is for each day since it was due: whatever age an
account had on one of them, its day is looked at, in one pass, as things are now. What then becomes of it, the rule's
``catch_up`` says, and none falls through unseen: what is not done is told to the client as ``workflow.missed``.
"""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import Annotated, Final

from msgspec import Meta

from gateway.hooks import GatewayApi, Info, Job, Rejected, Settings, hookimpl, key_of
from gateway.model.account import Account
from gateway.model.client_events import EVENT_TYPES, AnyClientEvent, ClientEvent, type_of
from gateway.model.clock import MINUTE, day_at, instant_at
from plugins.common import about, hand_over, say
from plugins.workflow_rules.rule import ConsentAction, EventAction, HandoverAction, Rule, TextAction, fill

PAGE: Final = 50
"""Accounts that one job looks at."""
_LATE: Final = 15 * MINUTE
"""A day's run that begins so long after its time is late."""


class RuleSettings(Settings, frozen=True, kw_only=True):
    """[settings.workflow_rules]"""

    rules: Annotated[tuple[Rule, ...], Meta(max_length=100)] = ()

    def check(self) -> Iterator[tuple[str, str, str]]:
        """Every rule has a name of its own."""
        if len({rule.name for rule in self.rules}) < len(self.rules):
            yield "rules", "has two of the same name", "give each its own"


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="Workflows as rules in plugins.toml: when, if, then")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return RuleSettings


@hookimpl
def declare_events(settings: RuleSettings) -> Sequence[str]:
    """See Hooks. Whichever event comes first of a day schedules what is daily."""
    if any(rule.daily is not None for rule in settings.rules):
        return tuple(EVENT_TYPES)
    return sorted({event for rule in settings.rules for event in rule.on})


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: RuleSettings) -> None:
    """See Hooks."""
    account = await api.account(event.account)
    if account is None:
        return
    for rule in settings.rules:
        if rule.daily is not None:
            await _arm(api, rule, event.account)
        elif type_of(event) in rule.on and rule.holds(account, event, api.day(account)):
            await _act(api, rule, account, event, event.id)


@hookimpl
async def observe_job(job: Job, api: GatewayApi, settings: RuleSettings) -> None:
    """See Hooks."""
    rule = next((rule for rule in settings.rules if rule.name == job.payload["rule"] and rule.daily is not None), None)
    if rule is None:
        return
    after, day = job.payload["after"], date.fromisoformat(job.payload["day"])
    since = date.fromisoformat(job.payload.get("since") or job.payload["day"])
    skipped = job.payload.get("skipped", "")
    following, is_late = _next_day(rule, api.now), job.late
    if not after:
        await _arm(api, rule, job.account)
        passed = following - timedelta(days=1)
        is_late = is_late or passed > day
        day = max(day, passed)
    if is_late:
        overdue = _next_day(rule, api.now - _LATE) - timedelta(days=1)
        if rule.catch_up == "next_window" and overdue == following - timedelta(days=1):
            key = key_of("daily", rule.name, since, following, "late", after)
            told = {"rule": rule.name, "since": since, "day": following, "after": after}
            await api.schedule(key, _instant(rule, following), told, account=job.account)
            return
        if rule.catch_up == "skip":
            skipped = str(overdue)
    page = await api.accounts(after, PAGE)
    for account in page:
        await _look(api, rule, account, since, day, skipped)
    if len(page) == PAGE:
        last = page[-1].account
        told = {"rule": rule.name, "since": since, "day": day, "skipped": skipped, "after": last}
        await api.schedule(key_of("daily", rule.name, since, day, last), api.now, told, account=job.account)


def _next_day(rule: Rule, now: int) -> date:
    """The first day of which the rule's time is still to come."""
    today = day_at(now, rule.zone)
    return today if _instant(rule, today) > now else today + timedelta(days=1)


def _instant(rule: Rule, day: date) -> int:
    return instant_at(day, time.fromisoformat(rule.daily or ""), rule.zone)


async def _arm(api: GatewayApi, rule: Rule, account: str) -> None:
    """Schedule the next run of a daily rule; any account will do for it to be about.

    Every event says so anew, and one job is enough: the first of a day, time and zone stands.
    """
    day = _next_day(rule, api.now)
    await api.schedule(
        key_of("daily", rule.name, day, rule.daily, rule.zone),
        _instant(rule, day),
        {"rule": rule.name, "day": day, "after": ""},
        account=account,
        once=True,
    )


async def _look(api: GatewayApi, rule: Rule, account: Account, since: date, until: date, skipped: str) -> None:
    """Do what the rule says if it holds for an account on one of the days; up to ``skipped``, only tell of it."""
    day = rule.day_of(account, since, until)
    if day is None:
        return
    if str(day) <= skipped or rule.is_over(account, day_at(api.now, rule.zone)):
        told = {"rule": rule.name, "day": day}
        key = about(account, rule.name, day, "missed")
        await api.emit(key, "workflow.missed", account=account.account, data=told)
        return
    await _act(api, rule, account, None, str(day))


async def _act(api: GatewayApi, rule: Rule, account: Account, event: ClientEvent | None, occasion: str) -> None:
    for place, action in enumerate(rule.then):
        key = about(account, rule.name, occasion, place)
        match action:
            case TextAction() if not account.closed:
                await say(
                    api,
                    key,
                    account=account.account,
                    category=action.category,
                    template=action.template,
                    values=fill(action.values, account, event),
                    unless_paid=action.unless_paid,
                )
            case ConsentAction() if not account.closed:
                await _ask_consent(api, key, account, action)
            case EventAction():
                told = {"rule": rule.name, "values": fill(action.values, account, event)}
                await api.emit(key, "workflow.fired", account=account.account, data=told)
            case HandoverAction():
                await hand_over(api, key, account.account, action.reason, rule=rule.name)


async def _ask_consent(api: GatewayApi, key: str, account: Account, action: ConsentAction) -> None:
    try:
        await api.request_consent(key, account=account.account, category=action.category)
    except Rejected as error:
        await hand_over(api, key, account.account, "consent_not_asked", code=error.code, field=error.field)
