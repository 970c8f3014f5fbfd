"""A module imports downward only (the floors of the gateway)."""

from collections.abc import Iterator

import pytest

from tests.house.source import Module, is_within, modules

# From the ground up. Packages of one floor do not know each other; on the ground, an entry may import those before it.
GROUND = ("errors", "model", "config", "log", "metrics")
FLOORS = (
    GROUND,
    ("smpp", "text", "rules"),
    ("store", "carrier", "hooks", "webhook"),
    ("flow",),
    ("web",),
    ("__main__", "app", "demo", "extensions", "lifecycle", "output"),
)
FLOOR_OF = {f"gateway.{part}": number for number, parts in enumerate(FLOORS) for part in parts}
PEERS = {"gateway.config", "gateway.log", "gateway.metrics"}
"""On the ground, but told apart from each other: none of them needs another."""

PURE = tuple(f"gateway.{part}" for part in FLOORS[1])
IMPURE = (
    "aiosqlite", "asyncio", "asyncpg", "gateway.log", "gateway.metrics", "h11", "httpcore", "httpx", "logging", "os",
    "queue", "random", "secrets", "select", "selectors", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "threading", "time", "trio", "trio_asyncio", "urllib.request", "uuid",
)  # fmt: skip
CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")

ALLOWED_IN_TOOLS = {
    # A receiver of webhooks checks what the gateway signs, with the gateway's own arithmetic.
    ("tools.receiver", "gateway.webhook.sign"),
}


def part_of(name: str) -> str:
    """``gateway.smpp`` for ``gateway.smpp.codec.decode``."""
    return ".".join(name.split(".")[:2])


def upward(module: Module) -> Iterator[str]:
    """Imports of a gateway module that do not go down."""
    here = part_of(module.name)
    for line, name in module.imports():
        if not is_within(name, "gateway") or name == "gateway":
            continue
        there = part_of(name)
        if here == "gateway":
            yield f"{module.path}:{line}: the package itself imports {name}"
        elif there not in FLOOR_OF:
            yield f"{module.path}:{line}: {there} has no floor"
        elif here != there and not _is_below(there, here):
            yield f"{module.path}:{line}: {here} imports {name}"


def _is_below(there: str, here: str) -> bool:
    if FLOOR_OF[there] != FLOOR_OF[here] or FLOOR_OF[here] == len(FLOORS) - 1:
        return FLOOR_OF[there] <= FLOOR_OF[here]
    if FLOOR_OF[here] > 0 or {here, there} <= PEERS:
        return False
    return GROUND.index(there.removeprefix("gateway.")) < GROUND.index(here.removeprefix("gateway."))


def impurities(module: Module) -> Iterator[str]:
    """What a pure machine must not touch: input, output, clocks, chance."""
    for line, name in module.imports():
        if any(is_within(name, forbidden) for forbidden in IMPURE):
            yield f"{module.path}:{line}: imports {name}"
    for line, call in module.calls():
        if call.endswith(CLOCKS) or call == "open":
            yield f"{module.path}:{line}: calls {call}"


def test_every_part_of_the_gateway_has_a_floor() -> None:
    parts = {part_of(module.name) for module in modules("gateway")} - {"gateway"}
    assert parts <= set(FLOOR_OF)


def test_imports_go_downward() -> None:
    assert [fault for module in modules("gateway") for fault in upward(module)] == []


def test_floor_1_is_pure() -> None:
    machines = [module for module in modules("gateway") if part_of(module.name) in PURE]
    assert machines
    assert [fault for module in machines for fault in impurities(module)] == []


def test_the_ground_needs_no_event_loop() -> None:
    ground = [module for module in modules("gateway") if FLOOR_OF.get(part_of(module.name)) == 0]
    found = [
        f"{module.path}:{line}: imports {name}"
        for module in ground
        for line, name in module.imports()
        if any(is_within(name, loop) for loop in ("asyncio", "trio", "trio_asyncio"))
    ]
    assert found == []


def test_plugins_see_hooks_and_model_alone() -> None:
    found = [
        f"{module.path}:{line}: imports {name}"
        for module in modules("plugins")
        for line, name in module.imports()
        if (is_within(name, "gateway") and part_of(name) not in ("gateway.hooks", "gateway.model"))
        or is_within(name, "tools")
    ]  # fmt: skip
    assert found == []


def test_tools_use_the_pure_floors_or_speak_to_the_gateway_from_outside() -> None:
    found = [
        f"{module.path}:{line}: imports {name}"
        for module in modules("tools")
        for line, name in module.imports()
        if is_within(name, "gateway")
        and FLOOR_OF.get(part_of(name), 0) > 1
        and not any(module.name == tool and is_within(name, part) for tool, part in ALLOWED_IN_TOOLS)
    ]
    assert found == []


def test_the_gateway_knows_neither_plugins_nor_tools_below_the_top() -> None:
    found = [
        f"{module.path}:{line}: imports {name}"
        for module in modules("gateway")
        for line, name in module.imports()
        if (is_within(name, "plugins") or is_within(name, "tools") or is_within(name, "tests"))
        and FLOOR_OF.get(part_of(module.name)) != len(FLOORS) - 1
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("gateway/smpp/codec.py", "from gateway.store import base"),
        ("gateway/smpp/codec.py", "def f():\n    import gateway.text.gsm7"),
        ("gateway/smpp/codec.py", "from ..flow import submit"),
        ("gateway/store/base.py", "from gateway.carrier.link import Link"),
        ("gateway/model/ids.py", "import gateway.config"),
        ("gateway/errors.py", "from gateway.model.ids import spell"),
        ("gateway/log.py", "from gateway import metrics"),
        ("gateway/flow/submit.py", "from gateway import web"),
        ("gateway/flow/submit.py", "import gateway.novelty"),
        ("gateway/__init__.py", "from gateway import app"),
    ],
)
def test_an_upward_import_is_seen(path: str, source: str) -> None:
    assert list(upward(Module.of(path, source)))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("gateway/smpp/codec.py", "from gateway.smpp import const"),
        ("gateway/smpp/codec.py", "from . import const"),
        ("gateway/model/message.py", "from gateway.errors import Code"),
        ("gateway/config/clients.py", "from gateway.model.address import SenderKind"),
        ("gateway/app.py", "from gateway import web, store, log"),
        ("gateway/__main__.py", "from gateway.app import run"),
    ],
)
def test_a_downward_import_passes(path: str, source: str) -> None:
    assert list(upward(Module.of(path, source))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import trio",
        "from time import monotonic",
        "import urllib.request",
        "import datetime\nx = datetime.datetime.now()",
        "from datetime import date\nx = date.today()",
        "x = open('f')",
    ],
)
def test_an_impurity_is_seen(source: str) -> None:
    assert list(impurities(Module.of("gateway/smpp/codec.py", source)))
