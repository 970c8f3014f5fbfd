"""The hooks: where a plugin may speak.

Owns: the names, arguments and families of hooks, and the structs that they are called with. Does not own: calling them
(host), or what a plugin can do when it is called (api).

Three families. *declare* is asked once, at the start. *decide* is asked before a text is judged, and may only refuse; it is
sync and pure, and is given what it may look at. *observe* is told after the fact is on disk: at least once, in order for
each account, async. An implementation takes those of a hook's arguments that it names; ``settings`` is the plugin's own.

A plugin's texts need no hook: they are the files of its folder ``templates``, ``before_3.toml`` there being the template
``NAME.before_3``, which the plugin itself may call ``before_3``. An operator's of the same name takes its place.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec
import pluggy
from msgspec import Meta

from gateway.config.fields import Name, Section
from gateway.model.account import Account
from gateway.model.client_events import AnyClientEvent
from gateway.model.dialog import DialogSpec
from gateway.model.notices import Answer, Job, NumberCheckDue, Reply, TextOutcome

if TYPE_CHECKING:
    from gateway.hooks.api import GatewayApi

PROJECT: Final = "assent"
"""The name under which pluggy knows our hooks."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as the implementation of the hook of its name."""


NAMES: Final = "names"
"""By this key of its ``Meta.extra`` a type of settings says what its values are the names of."""

ClientId = Annotated[
    Name, Meta(description='the id of a client in clients.toml, such as "demo"', extra={NAMES: "client"})
]
"""A setting of this type has to be a client that there is, or the start is stopped."""
Category = Annotated[
    Name, Meta(description='a category of policy.toml, such as "servicing"', extra={NAMES: "category"})
]
"""A setting of this type has to be a category that clients may use, or the start is stopped."""


TemplateName = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_.-]{0,63}\Z",
        description='the full name of a template, such as "due" or "payment_receipts.receipt"',
        extra={NAMES: "template"},
    ),
]
"""A setting of this type that names no template of a file is told at the start: it may be a client's own."""
TemplateValues = Annotated[Mapping[str, str], Meta(extra={NAMES: "values"})]
"""A setting of this type is what is given for the variables of the ``TemplateName`` beside it; one that the template has not, or
needs and is not given, is told at the start."""


class Settings(Section, frozen=True, kw_only=True):
    """[settings.NAME] of plugins.toml: a plugin's own struct inherits this one. ``check`` yields what is wrong across keys."""

    clients: tuple[ClientId, ...] = ()
    """Whose events the plugin sees and whose texts it decides on; all clients' where empty."""
    when_failing: Literal["refuse", "pass"] = "refuse"
    """What becomes of a text that a plugin with ``decide_text`` should look at while it cannot: the request is turned away
    for now (503), or the text goes on to the rules without the plugin's word."""
    trace: bool = False
    """Whether each call of the plugin is logged."""


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin is."""

    summary: Annotated[str, Meta(min_length=1, max_length=200)]
    """One line, for lists."""
    version: Annotated[str, Meta(pattern=r"^[0-9A-Za-z.+-]{1,32}\Z")] = "1"


class Draft(msgspec.Struct, frozen=True):
    """A text that somebody wants to go, as *decide* sees it."""

    client: str
    program: str
    category: str
    number: str
    text: str
    plugin: str | None
    """Which plugin asked for it; None: the client itself."""
    account: str | None
    send_at: int | None
    at: int
    """Now, milliseconds since the epoch."""


class Refusal(msgspec.Struct, frozen=True):
    """The text must not go."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    """For the decision record, without anything about a person."""


class Hooks:
    """Every hook there is."""

    @hookspec(firstresult=True)
    def declare_info(self) -> Info:
        """What the plugin is. Every plugin has it."""
        raise NotImplementedError

    @hookspec(firstresult=True)
    def declare_settings(self) -> type[Settings]:
        """The struct of its table ``[settings.NAME]`` in plugins.toml. Without it, those of ``Settings`` may be set."""
        raise NotImplementedError

    @hookspec
    def declare_events(self, settings: Settings) -> Sequence[str]:
        """The types of client events that it is told of (``observe_event``), as they are spelt: ``invoice.issued``. Whoever does
        not implement this is told of all."""
        raise NotImplementedError

    @hookspec
    def declare_dialogs(self, settings: Settings) -> Sequence[DialogSpec]:
        """Its questions. A choice that the gateway reserves (STOP, CANCEL, HELP, YES …) stops the start."""
        raise NotImplementedError

    @hookspec
    def declare_keywords(self, settings: Settings) -> Sequence[str]:
        """Words by which a consumer's text is told to the plugin (``observe_reply``). Core words cannot be claimed."""
        raise NotImplementedError

    @hookspec
    def decide_text(self, draft: Draft, account: Account | None, settings: Settings) -> Refusal | None:
        """Refuse a text before the rules judge it, or return None. No plugin can permit what the rules refuse."""
        raise NotImplementedError

    @hookspec
    async def observe_event(self, event: AnyClientEvent, api: "GatewayApi", settings: Settings) -> None:
        """A client told of something that happened."""
        raise NotImplementedError

    @hookspec
    async def observe_job(self, job: Job, api: "GatewayApi", settings: Settings) -> None:
        """A job of the plugin is due. Look again before acting: much may have happened since it was scheduled."""
        raise NotImplementedError

    @hookspec
    async def observe_answer(self, answer: Answer, api: "GatewayApi", settings: Settings) -> None:
        """A dialog of the plugin was answered, or ended without an answer."""
        raise NotImplementedError

    @hookspec
    async def observe_reply(self, reply: Reply, api: "GatewayApi", settings: Settings) -> None:
        """A consumer wrote one of the plugin's keywords."""
        raise NotImplementedError

    @hookspec
    async def observe_text(self, outcome: TextOutcome, api: "GatewayApi", settings: Settings) -> None:
        """It is known what became of a text of the plugin."""
        raise NotImplementedError

    @hookspec
    async def observe_number_check(self, due: NumberCheckDue, api: "GatewayApi", settings: Settings) -> None:
        """A text was refused because nobody had heard of its person for too long: it is time to ask a database of reassigned
        numbers. Told once a day for a number at most. What the database says, ``report_number_check`` takes."""
        raise NotImplementedError
