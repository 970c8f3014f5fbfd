"""What is put on record of a plugin that is enabled, or that runs otherwise than before: for an auditor to read.

Owns: the words. Does not own: when they are written (plugins), or keeping them (store). An automation is in force by its
version, its settings, the packs that its texts are judged by, and whoever started the gateway with it (features.md M25).
"""

import os
import pwd
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from gateway.config import Config
from gateway.hooks.plugin import Plugin
from gateway.rules.charters import Charters

LONGEST: Final = 4000
"""Characters of settings."""
_SECRET: Final = re.compile(r"(?:^|_)(?:key|secret|password|token|credentials?)\Z")
_BLOT = "…"

_encode = msgspec.json.Encoder(order="sorted").encode


def describe(plugin: Plugin, config: Config, charters: Charters) -> str:
    """The plugin as it is in force; what its settings call a secret is left out, and what is too long ends early."""
    settings = _encode(_without_secrets(msgspec.to_builtins(plugin.settings))).decode()
    if len(settings) > LONGEST:
        settings = f"{settings[:LONGEST]}{_BLOT} ({len(settings) - LONGEST} more characters)"
    packs = {
        f"{pack.name}@{pack.version}"
        for client in config.clients
        if plugin.serves(client.id)
        for program in client.programs
        for category in config.policy.categories
        for pack in charters.of(client.id, program.id, category).packs
    }
    judged = f"judged by {', '.join(sorted(packs))}" if packs else "judged by no pack"
    return f"version {plugin.info.version}, settings {settings}, {judged}, {started_by()}"


def started_by() -> str:
    """Whose process this is."""
    try:
        return f"started by {pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"started by the user {os.getuid()}"


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _BLOT if isinstance(inner, str) and _SECRET.search(str(name).casefold()) else _without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(inner) for inner in value]
    return value
