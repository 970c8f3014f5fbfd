"""``assent admin plugins`` and ``assent admin plugin`` against the real doors: how each does, what happened, calling again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.model.clock import SECOND
from tests.flow.test_plugins import Witness, event, receive, tell
from tests.tools.test_admin import Desk, open_desk
from tests.web.estate import NUMBER, START


@pytest.fixture
def bad() -> Witness:
    return Witness()


@pytest.fixture
async def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: Witness) -> AsyncIterator[Desk]:
    plugins = [bad.plugin("bad"), Witness().plugin("good")]
    async with open_desk(tmp_path, capsys, plugins) as opened:
        await opened.estate.doors.plugins.open()
        yield opened


async def post(desk: Desk, first: int, count: int) -> None:
    """Events of so many accounts, told to the plugins."""
    await receive(desk.estate, *(event(n, f"A-{n}") for n in range(first, first + count)))
    await tell(desk.estate.doors.plugins)


async def fail(desk: Desk, bad: Witness) -> None:
    """One of the plugins fails at nine accounts, which is too often."""
    bad.failing = {f"e-{n}" for n in range(9)}
    await post(desk, 0, 9)


async def listed(desk: Desk) -> dict[str, dict[str, Any]]:
    found: Any = (await desk.json("plugins"))["plugins"]
    return {one["plugin"]: one for one in found}


async def test_none_is_enabled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with open_desk(tmp_path, capsys) as empty:
        code, out, _ = await empty.run("plugins")
    assert (code, out.strip()) == (0, "plugins: none")


async def test_each_stands_in_the_list(desk: Desk) -> None:
    await post(desk, 0, 2)
    code, out, err = await desk.run("plugins")
    assert (code, err) == (0, "")
    assert [name for name in ("bad", "good", "running", "all") if name not in out] == []
    plugins = await listed(desk)
    assert list(plugins) == ["bad", "good"]
    assert plugins["good"] == {
        "plugin": "good",
        "version": "1",
        "summary": "good",
        "state": "running",
        "clients": [],
        "calls": 2,
        "failed": 0,
        "behind": 0,
        "waiting": 0,
        "dead": 0,
    }


async def test_one_that_fails_is_shown_suspended_with_the_reason_and_nothing_that_it_was_told(
    desk: Desk, bad: Witness
) -> None:
    await fail(desk, bad)
    plugins = await listed(desk)
    assert [(name, one["state"], one["waiting"]) for name, one in plugins.items()] == [
        ("bad", "suspended", 9),
        ("good", "running", 0),
    ]
    assert "ValueError" in plugins["bad"]["last_failure"]
    _, out, _ = await desk.run("plugins")
    assert "suspended" in out
    assert NUMBER not in out


async def test_what_happened_to_one_and_what_it_will_be_told_again(desk: Desk, bad: Witness) -> None:
    await fail(desk, bad)
    code, out, err = await desk.run("plugin", "show", "bad")
    assert (code, err) == (0, "")
    assert "what happened" in out
    assert "told again" in out
    assert '"when_failing":"refuse"' in out  # the settings with which it was enabled
    detail: Any = await desk.json("plugin", "show", "bad")
    assert detail["plugin"]["plugin"] == "bad"
    assert detail["hooks"] == ["declare_info", "observe_event"]
    assert [change["change"] for change in detail["changes"]] == ["suspended", "enabled"]
    assert {change["at"] for change in detail["changes"]} == {"2026-03-02T15:00:00.000Z"}
    assert detail["changes"][1]["detail"].startswith("version 1, settings {")
    assert sorted(one["seq"] for one in detail["again"]) == list(range(1, 10))


async def test_one_that_is_resumed_is_told_what_it_missed(desk: Desk, bad: Witness) -> None:
    await fail(desk, bad)
    bad.failing.clear()
    bad.told.clear()
    code, out, err = await desk.run("plugin", "resume", "bad")
    assert (code, out.strip(), err) == (0, "bad is called again, 0 notices are told again", "")
    desk.estate.clock.instant = START + SECOND
    await tell(desk.estate.doors.plugins)
    assert sorted(bad.told) == [f"e-{n}" for n in range(9)]
    detail: Any = await desk.json("plugin", "show", "bad")
    assert (detail["plugin"]["state"], detail["again"]) == ("running", [])
    assert [change["change"] for change in detail["changes"]] == ["resumed", "suspended", "enabled"]


async def test_resuming_brings_back_what_was_given_up(desk: Desk, bad: Witness) -> None:
    bad.failing = {"e-0"}
    await post(desk, 0, 1)
    for n in range(1, 9):
        desk.estate.clock.instant += 6 * 60 * 60 * SECOND
        await post(desk, n, 1)  # what succeeds between failures keeps it from being suspended
    assert (await listed(desk))["bad"]["dead"] == 1
    bad.failing.clear()
    assert await desk.json("plugin", "resume", "bad") == {"again": 1}
    await tell(desk.estate.doors.plugins)
    assert bad.told[-1] == "e-0"
    assert (await listed(desk))["bad"]["dead"] == 0


@pytest.mark.parametrize("what", ["show", "resume"])
async def test_one_that_there_is_not(desk: Desk, what: str) -> None:
    code, out, err = await desk.run("plugin", what, "absent")
    assert (code, out) == (1, "")
    assert "no such" in err.casefold()
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [("plugin",), ("plugin", "show"), ("plugin", "resume"), ("plugin", "burn", "bad")])
async def test_words_that_say_too_little(desk: Desk, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as stopped:
        await desk.run(*words)
    assert stopped.value.code == 2
