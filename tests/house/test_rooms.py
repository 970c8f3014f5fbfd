"""One outside library, one room: whoever wants to replace it knows where to look."""

import sys
from collections.abc import Iterator

import pytest

from tests.house.source import Module, modules

EVERYWHERE = {"msgspec", "trio"}
ROOMS = {
    "aiosqlite": ("gateway/store/",),
    "asyncpg": ("gateway/store/",),
    "babel": ("gateway/text/spelling.py",),
    "h11": ("gateway/web/conversation.py", "gateway/web/heads.py", "gateway/web/words.py"),
    "httpcore": ("gateway/webhook/",),
    "httpx": ("gateway/webhook/",),
    "jinja2": ("gateway/text/template.py",),
    "outcome": ("gateway/store/disk.py",),
    "phonenumbers": ("gateway/model/", "gateway/rules/zones.py"),
    "pluggy": ("gateway/hooks/",),
    "prometheus_client": ("gateway/metrics.py",),
    "regex": ("gateway/text/",),
    "smpplib": ("gateway/smpp/codec.py", "gateway/smpp/const.py"),
    "trio_asyncio": ("gateway/store/",),
}
FIRST_PARTY = {"gateway", "plugins", "tools", "tests"}


def strays(module: Module) -> Iterator[str]:
    """Libraries outside their room, and libraries that have none."""
    for line, name in module.imports():
        library = name.partition(".")[0]
        if library in sys.stdlib_module_names or library in FIRST_PARTY or library in EVERYWHERE:
            continue
        if not module.path.startswith(ROOMS.get(library, ())):
            yield f"{module.path}:{line}: imports {library}"


def test_each_library_stays_in_its_room() -> None:
    assert [stray for module in modules("gateway") for stray in strays(module)] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("gateway/smpp/pdu.py", "import smpplib.pdu"),
        ("gateway/web/server.py", "def f():\n    from prometheus_client import Counter"),
        ("gateway/flow/submit.py", "import requests"),
    ],
)
def test_a_stray_is_seen(path: str, source: str) -> None:
    assert list(strays(Module.of(path, source)))


def test_smpplib_lends_its_codec_and_constants_only() -> None:
    # Its client and its gsm module cut escape pairs and draw references at random.
    used = {
        name for module in modules("gateway", "tools") for _, name in module.imports() if name.startswith("smpplib")
    }
    assert not {name for name in used if name.startswith(("smpplib.client", "smpplib.gsm"))}
