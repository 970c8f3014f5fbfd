"""Plugins: what their authors import. ``specs`` has the hooks, ``api`` what a plugin can do, ``fake`` a gateway for its tests,
``host`` calls them. Owns nothing itself."""

from gateway.config.fields import Section
from gateway.hooks.api import Anew, ConsentRequest, Emitted, GatewayApi, Rejected, Submitted
from gateway.hooks.keys import key_of
from gateway.hooks.specs import (
    Category,
    ClientId,
    Draft,
    Info,
    Refusal,
    Settings,
    TemplateName,
    TemplateValues,
    hookimpl,
)
from gateway.model.account import Owed
from gateway.model.dialog import Choice, DialogSpec
from gateway.model.notices import Answer, Job, NumberCheckDue, Reply, TextOutcome
from gateway.model.number_check import Reassigned
from gateway.rules.schedules import CatchUp

__all__ = [
    "Anew",
    "Answer",
    "CatchUp",
    "Category",
    "Choice",
    "ClientId",
    "ConsentRequest",
    "DialogSpec",
    "Draft",
    "Emitted",
    "GatewayApi",
    "Info",
    "Job",
    "NumberCheckDue",
    "Owed",
    "Reassigned",
    "Refusal",
    "Rejected",
    "Reply",
    "Section",
    "Settings",
    "Submitted",
    "TemplateName",
    "TemplateValues",
    "TextOutcome",
    "hookimpl",
    "key_of",
]
