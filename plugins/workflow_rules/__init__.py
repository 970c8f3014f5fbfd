"""Workflows for those who do not write Python: rules in plugins.toml.

Owns: setting rules off, by events and once a day, and doing what they say. Does not own: what a rule may say (rule), or whether
a text may go (the rules of the gateway).

A rule acts on an event once, and on an account once a day. A daily rule goes through the accounts page by page, one job
after the other, so that a restart goes on where it was. Its days count from the day of the run in the rule's zone, also
when the gateway was down at its time and catches up.
"""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import Annotated, Final

from msgspec import Meta

from gateway.hooks import GatewayApi, Info, Job, Rejected, Settings, hookimpl, key_of
from gateway.model.account import Account
from gateway.model.client_events import EVENT_TYPES, AnyClientEvent, ClientEvent, type_of
from gateway.model.clock import day_at, instant_at
from plugins.common import about, hand_over, say
from plugins.workflow_rules.rule import ConsentAction, EventAction, HandoverAction, Rule, TextAction, fill

PAGE: Final = 50
"""Accounts that one job looks at."""


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
    if not after:
        await _arm(api, rule, job.account)
    page = await api.accounts(after, PAGE)
    for account in page:
        if rule.holds(account, None, day):
            await _act(api, rule, account, None, str(day))
    if len(page) == PAGE:
        last = page[-1].account
        await api.schedule(
            key_of("daily", rule.name, day, last),
            api.now,
            {"rule": rule.name, "day": day, "after": last},
            account=job.account,
        )


async def _arm(api: GatewayApi, rule: Rule, account: str) -> None:
    """Schedule the next run of a daily rule; any account will do for it to be about.

    Every event says so anew, and one job is enough: the first of a day, time and zone stands.
    """
    wall = time.fromisoformat(rule.daily or "")
    day = day_at(api.now, rule.zone)
    if instant_at(day, wall, rule.zone) <= api.now:
        day += timedelta(days=1)
    await api.schedule(
        key_of("daily", rule.name, day, rule.daily, rule.zone),
        instant_at(day, wall, rule.zone),
        {"rule": rule.name, "day": day, "after": ""},
        account=account,
        once=True,
    )


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
