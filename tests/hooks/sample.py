"""A plugin for tests: it does with each event what the event's account says."""

from typing import Any

from gateway.hooks import Answer, Choice, DialogSpec, GatewayApi, Info, Job, Reply, Settings, hookimpl
from gateway.model.client_events import AnyClientEvent

calls: list[tuple[str, Any]] = []
"""What was told, for the test to look at; it empties the list."""


@hookimpl
def declare_info() -> Info:
    return Info(summary="For tests")


@hookimpl
def declare_dialogs() -> list[DialogSpec]:
    return [
        DialogSpec(
            name="menu",
            template="menu",
            choices=(Choice(id="now", words=("1", "now")), Choice(id="later", words=("2", "later"))),
        )
    ]


@hookimpl
def declare_keywords() -> list[str]:
    return ["pay"]


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi) -> None:
    calls.append(("event", event))
    await api.schedule(f"{event.account}/after", api.now + 1000, {"event": event.id}, account=event.account)


@hookimpl
async def observe_job(job: Job, settings: Settings) -> None:
    calls.append(("job", job))


@hookimpl
async def observe_answer(answer: Answer) -> None:
    calls.append(("answer", answer))


@hookimpl
async def observe_reply(reply: Reply) -> None:
    calls.append(("reply", reply))
