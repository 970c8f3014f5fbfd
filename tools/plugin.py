"""Owns `assent plugin new`: a plugin that works, with its template and its test, for an author to change.

Does not own what a plugin is (gateway.hooks), or enabling one (conf/plugins.toml).
"""

import argparse
import keyword
import re
import sys
from pathlib import Path
from typing import Final

DONE, FAILED, MISUSED = 0, 1, 2

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,31}")

PLUGIN: Final = '''"""{title}: a text on the day after an invoice was paid.

Owns: when it is due. Does not own: its words (templates), or whether it may go (the rules).
"""

from collections.abc import Sequence
from datetime import timedelta

from gateway.hooks import Category, GatewayApi, Info, Job, Settings, hookimpl, key_of
from gateway.model.client_events import AnyClientEvent, InvoicePaid


class PluginSettings(Settings, frozen=True, kw_only=True):
    """[settings.{name}]"""

    category: Category = "servicing"
    time: str = "10:00"
    """Where the consumer is."""


@hookimpl
def declare_info() -> Info:
    """See Hooks."""
    return Info(summary="A text on the day after an invoice was paid")


@hookimpl
def declare_settings() -> type[Settings]:
    """See Hooks."""
    return PluginSettings


@hookimpl
def declare_events() -> Sequence[str]:
    """See Hooks."""
    return ("invoice.paid",)


@hookimpl
async def observe_event(event: AnyClientEvent, api: GatewayApi, settings: PluginSettings) -> None:
    """See Hooks."""
    account = await api.account(event.account)
    if isinstance(event, InvoicePaid) and account is not None:
        due = api.at(api.day(account) + timedelta(days=1), settings.time, account)
        await api.schedule(key_of(event.account, event.invoice), due, account=event.account, catch_up="skip")


@hookimpl
async def observe_job(job: Job, api: GatewayApi, settings: PluginSettings) -> None:
    """See Hooks."""
    account = await api.account(job.account)
    if account is not None and not account.closed:
        await api.submit(job.key, account=job.account, category=settings.category, template="text")
'''

TEMPLATE: Final = """summary = "On the day after an invoice was paid"
fallback = "en"

[texts]
en = "{{ client_name }}: thank you for your payment. Reply STOP to opt out."
es = "{{ client_name }}: gracias por su pago. Responda STOP para no recibir mensajes."
"""

TEST: Final = '''"""{title}: one text, on the day after."""

from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import AccountClosed, InvoicePaid
from gateway.model.clock import DAY, spell_instant
from plugins import {name}


def paid(gateway: FakeGateway) -> InvoicePaid:
    now = spell_instant(gateway.now)
    return InvoicePaid(id="e-1", occurred_at=now, account="A-1", number="+12025550123", invoice="I-1")


async def test_the_consumer_is_texted_on_the_day_after_and_once() -> None:
    gateway = FakeGateway({name})
    event = paid(gateway)
    await gateway.post(event, event)
    assert gateway.texts == []
    await gateway.advance(2 * DAY)
    assert [text.text for text in gateway.texts] == ["Acme: thank you for your payment. Reply STOP to opt out."]


async def test_nobody_texts_about_an_account_that_was_closed_meanwhile() -> None:
    gateway = FakeGateway({name})
    await gateway.post(paid(gateway))
    gateway.learn(AccountClosed(id="e-2", occurred_at=spell_instant(gateway.now), account="A-1"))
    await gateway.advance(2 * DAY)
    assert gateway.texts == []
'''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``main`` reads."""
    parser.description = "Begin a plugin."
    commands = parser.add_subparsers(required=True, metavar="new")
    new = commands.add_parser("new", help="write a plugin that works, with its test, to be changed")
    new.add_argument("name", metavar="NAME", help="small letters, figures and underscores, such as thank_you")
    new.add_argument("--into", type=Path, default=Path(), metavar="DIR", help="a checkout of Assent (default: here)")


def main(args: argparse.Namespace) -> int:
    """Write the files. Returns 0, 1 where they are there or cannot be written, 2 for a name that no plugin can have."""
    name: str = args.name
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        return _complain(f"{name!r} is no name for a plugin: use small letters, figures and underscores", MISUSED)
    if not (args.into / "plugins" / "__init__.py").is_file():
        return _complain(f"{args.into.resolve()} is no checkout of Assent: go there, or name it by --into", FAILED)
    files = write(name, args.into)
    if files is None:
        return _complain(f"there is something called {name} already: take another name, or change that one", FAILED)
    for file in files:
        print(file)
    print(f"Try it:     python -m pytest {files[-1]}")
    print(f'Enable it:  enabled = ["{name}"] in conf/plugins.toml')
    return DONE


def write(name: str, into: Path) -> list[Path] | None:
    """The files of a new plugin, the test last; None where something is in their place."""
    folder = into / "plugins" / name
    tests = into / "tests" / "plugins"
    title = name.replace("_", " ").capitalize()
    contents = {
        folder / "__init__.py": PLUGIN.format(name=name, title=title),
        folder / "templates" / "text.toml": TEMPLATE,
        tests / f"test_{name}.py": TEST.format(name=name, title=title),
    }
    # A package goes before a module of its name: plugins/common.py would be found no more.
    if folder.exists() or folder.with_suffix(".py").exists() or any(file.exists() for file in contents):
        return None
    for file, content in contents.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return list(contents)


def _complain(problem: str, status: int) -> int:
    print(f"assent plugin: {problem}", file=sys.stderr)
    return status
