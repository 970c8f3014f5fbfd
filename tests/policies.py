"""Policy for tests that are about something else: texts may go at any hour, as often as one likes.

Owns: the pack, as a file and as a value. Does not own: any test of policy.
"""

from functools import partial

import msgspec

from gateway.config import Config, PackFile
from gateway.rules.charters import Charter
from gateway.rules.gate import look_again as look_again_by
from gateway.rules.packs import Purpose, read_pack

ALWAYS_OPEN = """
name = "always-open"
version = 1
title = "Tests: any hour, any number of texts"
[[hours]]
id = "always"
open = { mon-sun = "00:00-24:00" }
source = "tests do not depend on the hour"
mark = "own"
"""
FRESH = """
[[limits]]
id = "fresh"
limit = "consent_fresh_days"
value = 60
source = "the tests'"
mark = "own"
"""
"""A limit for ``opened``: consent counts sixty days."""
OPEN = Charter((read_pack(ALWAYS_OPEN, "policy/always-open.toml"),), Purpose.SERVICING)
look_again = partial(look_again_by, charter=OPEN)


def opened(config: Config, more: str = "") -> Config:
    """The configuration with that pack in place of all others; ``more`` are rules that it has besides."""
    pack = PackFile("always-open", "policy/always-open.toml", ALWAYS_OPEN + more)
    policy = msgspec.structs.replace(config.policy, packs=("always-open",))
    clients = tuple(
        msgspec.structs.replace(
            client,
            programs=tuple(msgspec.structs.replace(program, packs=()) for program in client.programs),
        )
        for client in config.clients
    )
    return msgspec.structs.replace(config, policy=policy, clients=clients, packs=(*config.packs, pack))
