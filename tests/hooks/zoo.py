"""Plugins that misbehave, each in one way, as modules that a test can enable.

Owns: the animals. Does not own: the cage (gateway/hooks/host), which the tests try.
"""

import json
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import trio

from gateway.hooks import Draft, GatewayApi, Info, Refusal, hookimpl
from gateway.hooks.plugin import Plugin

released = threading.Event()
"""Set at the end of a test, for what blocks."""


def animal(name: str, **hooks: Callable[..., Any]) -> ModuleType:
    """A module with these hooks."""
    module = ModuleType(name)
    module.__file__ = f"/nowhere/{name}/__init__.py"
    hooks.setdefault("declare_info", lambda: Info(summary=name))
    for hook, function in hooks.items():
        setattr(module, hook, hookimpl(function))
    return module


def caged(name: str, **hooks: Callable[..., Any]) -> Plugin:
    """The same, as the host has it."""
    return Plugin(name, animal(name, **hooks))


async def raises(event: Any) -> None:
    raise ValueError("secret +12025550123")


async def exits(event: Any) -> None:
    raise SystemExit(3)


async def blocks(event: Any) -> None:
    released.wait(60)


async def loops(event: Any) -> None:
    while True:
        pass


async def sleeps(event: Any) -> None:
    await trio.sleep(0.001)


async def returns_rubbish(event: Any) -> Any:
    return object()


async def mutates(event: Any) -> None:
    event.__dict__["account"] = "another"


async def swallows(event: Any) -> None:
    while True:
        try:  # noqa: SIM105
            time.sleep(0.001)  # noqa: ASYNC251 - that is what it does
        except Exception:  # noqa: BLE001
            pass


async def refused(event: Any, api: GatewayApi) -> None:
    await api.submit("key", account=event.account, category="servicing", template="missing")


async def trips_elsewhere(event: Any) -> None:
    json.loads("+12025550123")


def decide_raises(draft: Draft) -> Refusal | None:
    raise KeyError(draft.number)


def decide_blocks(draft: Draft) -> Refusal | None:
    released.wait(60)
    return None


def decide_rubbish(draft: Draft) -> Any:
    return True


def decide_mutates(draft: Draft, account: Any) -> Refusal | None:
    if account is not None:
        account.invoices.clear()
    return None


async def decides_late(draft: Draft) -> Refusal | None:
    return None


async def hears_reply(reply: Any) -> None:
    """Does nothing."""
