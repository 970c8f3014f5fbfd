"""``assent admin`` against the real doors over loopback."""

import argparse
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from gateway.carrier.bind import BindKind, BindState, BindStatus
from gateway.flow.waits import Cause, Wait
from gateway.hooks.plugin import Plugin
from gateway.model.clock import DAY, HOUR, spell_instant
from gateway.model.message import ReceiptNews, State
from gateway.store.webhooks import Progress, Retry
from gateway.web.listen import open_listeners
from gateway.web.server import Limits, serve
from tests.web.estate import NUMBER, OTHER_NUMBER, START, TOKEN, WISH, Estate, open_estate
from tests.web.test_unlinked import writes
from tools.admin import add_arguments, main

DEADLINE = 20.0


class Desk:
    """A gateway that is up, and an operator's command line for it."""

    def __init__(self, estate: Estate, conf: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.estate = estate
        self.conf = conf
        self.url = url
        self._capsys = capsys

    async def run(self, *words: str, place: tuple[str, ...] | None = None) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        parser = argparse.ArgumentParser(prog="assent admin")
        add_arguments(parser)
        args = parser.parse_args([*(("--conf", str(self.conf)) if place is None else place), *words])
        self._capsys.readouterr()
        with trio.fail_after(DEADLINE):
            code = await trio.to_thread.run_sync(main, args)
        out, err = self._capsys.readouterr()
        return code, out, err

    async def json(self, *words: str) -> dict[str, object]:
        code, out, err = await self.run(*words, "--json")
        assert (code, err) == (0, "")
        found: dict[str, object] = json.loads(out)
        return found


@asynccontextmanager
async def open_desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], plugins: Sequence[Plugin] = ()
) -> AsyncIterator[Desk]:
    async with open_estate(plugins) as estate, trio.open_nursery() as nursery:
        listeners = await open_listeners("127.0.0.1", 0)
        port = listeners[0].socket.getsockname()[1]
        await nursery.start(serve, listeners, estate.operator, Limits())
        conf, data = tmp_path / "conf", tmp_path / "data"
        conf.mkdir()
        data.mkdir()
        (conf / "gateway.toml").write_text(f'[store]\npath = "{data}"\n[admin]\nlisten = "127.0.0.1:{port}"\n')
        (data / "admin.token").write_text(f"{TOKEN}\n")
        yield Desk(estate, conf, f"http://127.0.0.1:{port}", capsys)
        nursery.cancel_scope.cancel()


@pytest.fixture
async def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path, capsys) as opened:
        yield opened


async def test_binds(desk: Desk) -> None:
    code, out, _ = await desk.run("binds")
    assert (code, out.strip()) == (0, "binds: none")
    desk.estate.binds = [
        BindStatus("main/trx-1", "main", BindKind.TRX, BindState.BOUND, window=10, in_flight=3),
        BindStatus("main/rx-1", "main", BindKind.RX, BindState.WAITING, detail="\x1b[2J [red]no[/red]\n"),
    ]
    code, out, _ = await desk.run("binds")
    assert code == 0
    assert "main/trx-1" in out
    assert "3/10" in out
    assert "\x1b" not in out
    assert r"\x1b[2J [red]no[/red]\x0a" in out
    binds = (await desk.json("binds"))["binds"]
    assert isinstance(binds, list)
    assert [bind["state"] for bind in binds] == ["bound", "waiting"]


async def test_unlinked_numbers(desk: Desk) -> None:
    await writes(desk.estate, "who is this?")
    code, out, _ = await desk.run("numbers")
    assert code == 0
    assert OTHER_NUMBER in out
    assert "who is this?" in out
    words = ["numbers", "link", OTHER_NUMBER, "--client", "acme", "--account", "A-1", "--by", "sam"]
    asks = ["--program", "servicing", "--category", "servicing"]
    code, out, _ = await desk.run(*words, *asks)
    assert (code, out.startswith(f"{OTHER_NUMBER} is A-1's; its owner is asked by msg_")) == (0, True)
    assert (await desk.json("numbers"))["numbers"] == []
    await desk.estate.answer_optin(OTHER_NUMBER, yes=True)
    code, out, _ = await desk.run(*words, *asks)
    assert (code, out.strip()) == (
        0,
        f"{OTHER_NUMBER} is A-1's; its owner is not asked: The consumer agreed already.",
    )


async def test_queues(desk: Desk) -> None:
    await desk.estate.consent()
    await desk.estate.text()
    code, out, _ = await desk.run("queues")
    assert code == 0
    assert "2026-03-02T15:00:00.000Z" in out
    assert (await desk.json("queues"))["queues"] == [
        {"carrier": "main", "queued": 1, "in_flight": 0, "in_doubt": 0, "oldest_due": "2026-03-02T15:00:00.000Z"}
    ]


async def test_queues_say_why_texts_wait(desk: Desk) -> None:
    desk.estate.waits = [
        Wait(Cause.DOWN, since=START),
        Wait(Cause.PACE, rate=12.5),
        Wait(Cause.QUOTA, until=START, key="client/day/acme", segments=3),
    ]
    _, out, _ = await desk.run("queues")
    assert (
        "down, since 2026-03-02T15:00:00.000Z; pace, 12.5 PDU/s; quota client/day/acme, 3 segments, until 2026" in out
    )


async def test_a_message_and_its_timeline(desk: Desk) -> None:
    await desk.estate.consent()
    spelt = await desk.estate.doubt(account="A-1027")
    code, out, _ = await desk.run("message", spelt)
    assert code == 0
    for words in (
        spelt,
        "in_doubt",
        "A-1027",
        "message.accepted",
        "message.in_doubt",
        "link_lost",
        "main/trx-1",
        "confirmed",
    ):
        assert words in out
    assert str(WISH["text"]) not in out
    assert (await desk.json("message", spelt))["state"] == "in_doubt"
    refused = (await desk.estate.ask("POST", "/v1/messages", WISH | {"to": "+12025550188"})).body["id"]
    code, out, _ = await desk.run("message", refused)
    assert (code, "consent.missing" in out, "segments: none" in out) == (0, True, True)


async def test_why_a_message_was_refused_or_went(desk: Desk) -> None:
    await desk.estate.consent()
    spelt = await desk.estate.text()
    code, out, _ = await desk.run("explain", spelt)
    assert code == 0
    for words in (
        "every rule allowed it",
        "always-open@1",
        "America/New_York",
        "US-DC",
        "quiet_hours",
        "frequency",
        "confirmed",
        "web form",
        "I agree to get texts.",
        "message.accepted",
    ):
        assert words in out
    assert str(WISH["text"]) not in out
    told: Any = await desk.json("explain", spelt)
    assert told["message"]["decision"]["policy"] == "always-open@1"
    assert told["consents"][0]["consent"]["evidence"]["medium"] == "web form"
    refused = (await desk.estate.ask("POST", "/v1/messages", WISH | {"to": "+12025550188"})).body["id"]
    code, out, _ = await desk.run("explain", refused)
    assert (code, "it was refused" in out, "consent.missing" in out) == (0, True, True)
    code, _, _ = await desk.run("explain", "msg_0000000000000")
    assert code == 1


async def test_why_a_text_that_waited_never_went(desk: Desk) -> None:
    await desk.estate.consent()
    later = spell_instant(desk.estate.clock() + 5 * HOUR)
    waiting = (await desk.estate.ask("POST", "/v1/messages", WISH | {"send_at": later})).body["id"]
    _, out, _ = await desk.run("explain", waiting)
    assert f"{waiting} to {NUMBER} is held: it had to wait" in out
    assert f"it may go at {later}" in out
    await desk.estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"reason": "asked on the phone"})
    _, out, _ = await desk.run("explain", waiting)
    assert f"{waiting} to {NUMBER} is blocked (consent.opted_out); when it was judged, it had to wait" in out
    assert f"it was to go at {later}" in out


async def test_why_a_number_was_texted_one_day_and_not_another(desk: Desk) -> None:
    """The question of a compliance officer, who has a number and two days."""
    estate = desk.estate
    await estate.consent()
    went = await estate.text()
    (segment,) = await estate.claim()
    await estate.settle(segment, State.SUBMITTED, smsc_message_id="77", smsc_key="77")
    estate.clock.instant += 2 * DAY
    await estate.receipt("77", State.DELIVERED, "DELIVRD")
    estate.clock.instant += 4 * DAY
    await estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"reason": "asked on the phone"})
    estate.clock.instant += DAY
    refused = (await estate.ask("POST", "/v1/messages", WISH)).body["id"]

    async def told(day: str, *more: str) -> list[str]:
        found: Any = await desk.json("explain", NUMBER, "--on", day, *more)
        assert not found["more"]
        return [one["message"]["id"] for one in found["messages"]]

    assert [await told(f"2026-03-0{day}") for day in (1, 2, 3, 4, 8, 9)] == [[], [went], [], [went], [], [refused]]
    assert await told("2026-03-03", "--zone", "Pacific/Kiritimati") == [went]
    assert await told("2026-03-02", "--zone", "Pacific/Kiritimati") == []

    code, out, _ = await desk.run("explain", NUMBER, "--on", "2026-03-02")
    assert code == 0
    for words in (went, "every rule allowed it", "always-open@1", "America/New_York", "I agree to get texts."):
        assert words in out
    code, out, _ = await desk.run("explain", NUMBER, "--on", "2026-03-09")
    for words in (refused, "it was refused", "consent.opted_out", "api: asked on the phone", "revoked"):
        assert words in out
    code, out, _ = await desk.run("explain", NUMBER, "--on", "2026-03-03")
    assert "no text was submitted" in out
    assert "confirmed" in out
    code, _, err = await desk.run("explain", NUMBER)
    assert (code, "--on" in err) == (2, True)
    code, _, err = await desk.run("explain", NUMBER.removeprefix("+"), "--on", "2026-03-09")
    assert (code, 'Write it as "+12025550123"' in err) == (1, True)


async def test_a_day_of_more_than_is_shown_says_so(desk: Desk) -> None:
    estate = desk.estate
    await estate.ask("POST", "/v1/messages/batch", {"messages": [WISH] * 101})
    found: Any = await desk.json("explain", NUMBER, "--on", "2026-03-02")
    assert (len(found["messages"]), found["more"], found["more_inbound"]) == (100, True, False)
    _, out, _ = await desk.run("explain", NUMBER, "--on", "2026-03-02")
    assert "there are more texts than these, the newest 100" in out
    for _ in range(101):
        await estate.unclear("enough")
    found = await desk.json("explain", NUMBER, "--on", "2026-03-02")
    assert (len(found["inbound"]), found["more_inbound"]) == (100, True)


async def test_what_a_consumer_wrote_on_a_day_is_told_with_how_it_was_read(desk: Desk) -> None:
    estate = desk.estate
    await estate.unclear("enough [b]now[/b]")
    estate.clock.instant += DAY
    await estate.unclear("enough, I said", client="globex")

    async def told(day: str) -> list[tuple[str, str]]:
        found: Any = await desk.json("explain", NUMBER, "--on", day)
        return [(one["client"], one["inbound"]["text"]) for one in found["inbound"]]

    assert [await told(f"2026-03-0{day}") for day in (1, 2, 3, 4)] == [
        [], [("acme", "enough [b]now[/b]")], [("globex", "enough, I said")], []
    ]  # fmt: skip
    code, out, _ = await desk.run("explain", NUMBER, "--on", "2026-03-02")
    assert code == 0
    for words in ("the consumer wrote", "enough [b]now[/b]", "needs-review", "weak.ending"):
        assert words in out
    assert (await estate.operate("GET", f"/v1/numbers/{NUMBER}/inbound")).status == 422


@pytest.mark.parametrize("day", ["2026-3-9", "03/09/2026", "2026-02-30", "yesterday", ""])
def test_a_day_that_is_none_is_told_how_it_is_written(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser(prog="assent admin")
    add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["explain", NUMBER, "--on", day])
    assert "write it as 2026-03-03" in capsys.readouterr().err


async def test_consents_of_a_number(desk: Desk) -> None:
    await desk.estate.consent()
    await desk.estate.ask("POST", f"/v1/consents/{NUMBER}/revoke", {"reason": "[b]phone[/b]"}, client="globex")
    code, out, _ = await desk.run("consent", NUMBER)
    assert code == 0
    for words in ("acme", "confirmed", "web form", "globex", "revoked", "api: [b]phone[/b]"):
        assert words in out
    assert (await desk.json("consent", NUMBER))["number"] == NUMBER


async def test_doubts_and_settling_them(desk: Desk) -> None:
    await desk.estate.consent()
    first, second, third = [await desk.estate.doubt() for _ in range(3)]
    code, out, _ = await desk.run("doubts")
    assert (code, first in out, NUMBER in out) == (0, True, False)
    code, out, _ = await desk.run("doubts", "settle", first, "submitted", "--reason", "asked the carrier")
    assert (code, out) == (0, "1 settled: submitted\n")
    assert (await desk.json("doubts", "settle", "all", "undelivered", "--reason", "r")) == {"settled": 2}
    assert (await desk.json("doubts", "--limit", "5")) == {"doubts": []}
    shown = await desk.json("message", second)
    assert shown["state"] == "undelivered"
    code, _, err = await desk.run("doubts", "settle", third, "queued", "--reason", "r")
    assert (code, "undelivered, not in doubt" in err) == (1, True)


async def test_reviews_and_deciding_them(desk: Desk) -> None:
    spelt = await desk.estate.unclear("enough\x1b[2J of this")
    code, out, _ = await desk.run("reviews")
    assert code == 0
    for words in (spelt, "acme", NUMBER, r"enough\x1b[2J of this", "open", "review"):
        assert words in out
    code, out, _ = await desk.run("reviews", "--state", "overdue")
    assert (code, out.strip()) == (0, "reviews: none")
    code, out, _ = await desk.run("reviews", "decide", spelt, "opt_out", "--by", "night desk", "--note", "clear enough")
    assert (code, out) == (0, f"{spelt}: opt_out; held for: nothing\n")
    shown = await desk.json("reviews", "--state", "all", "--limit", "5")
    assert isinstance(shown["reviews"], list)
    assert [(one["by"], one["note"]) for one in shown["reviews"]] == [("night desk", "clear enough")]
    code, _, err = await desk.run("reviews", "decide", spelt, "release", "--by", "x")
    assert (code, "decided as opt_out" in err) == (1, True)


async def test_keys(desk: Desk) -> None:
    code, out, err = await desk.run("key", "new", "acme", "--label", "billing")
    assert code == 0
    secret = out.strip()
    assert desk.estate.keys.find(secret) is not None
    assert secret not in err
    made = await desk.json("key", "new", "globex")
    assert desk.estate.keys.find(str(made["key"])) is not None
    code, out, _ = await desk.run("keys")
    assert (code, "billing" in out, secret in out) == (0, True, False)
    code, out, _ = await desk.run("key", "revoke", str(made["id"]))
    assert (code, out) == (0, f"{made['id']} is revoked\n")
    assert desk.estate.keys.find(str(made["key"])) is None
    code, _, err = await desk.run("key", "revoke", str(made["id"]))
    assert (code, "no such key" in err) == (1, True)


async def test_webhooks(desk: Desk) -> None:
    store = desk.estate.store
    await store.open_webhook("acme/hook")
    await desk.estate.consent()
    await store.record_progress(
        Progress("acme/hook", 1, failed=(Retry("acme/hook", 1, 9, None, "HTTP 500"),), disabled_at=1, reason="410")
    )
    code, out, _ = await desk.run("webhooks")
    assert (code, "disabled" in out) == (0, True)
    code, out, _ = await desk.run("webhook", "replay", "acme/hook")
    assert (code, out) == (0, "acme/hook is enabled, 1 deliveries are due again\n")
    assert (await desk.json("webhook", "replay", "acme/hook")) == {"replayed": 0}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("message", "msg_1kjqh0cc0000z"), "no such message"),
        (("message", "../keys"), "%2F"),
        (("consent", "2025550123"), "E.164"),
        (("key", "new", "nobody"), "acme, globex"),
        (("doubts", "--limit", "0"), "from 1 to 1000"),
        (("webhook", "replay", "acme/nope"), "no such webhook"),
        (("doubts", "settle", "msg_1kjqh0cc0000z", "queued", "--reason", " "), "empty"),
    ],
)
async def test_a_refusal_is_told_with_its_reason(desk: Desk, words: tuple[str, ...], told: str) -> None:
    code, out, err = await desk.run(*words)
    assert (code, out) == (1, "")
    assert err.startswith("assent admin: refused: ")
    assert told in err
    code, out, err = await desk.run(*words, "--json")
    assert (code, err) == (1, "")
    assert json.loads(out)["status"] >= 400


async def test_options_may_stand_before_the_command_or_behind_it(desk: Desk) -> None:
    for words in (("--json", "queues"), ("queues", "--json")):
        code, out, _ = await desk.run(*words)
        assert (code, "queues" in json.loads(out)) == (0, True)
    conf = str(desk.conf)
    assert (await desk.run("key", "new", "acme", "--conf", conf, place=()))[0] == 0
    assert (await desk.run("keys", place=("--conf", conf)))[0] == 0


async def test_the_door_by_its_url(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = ("--url", desk.url, "--token", TOKEN)
    assert (await desk.run("binds", place=place))[0] == 0
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert (await desk.run("binds", place=place))[0] == 0
    data = ("--url", desk.url, "--data", str(tmp_path / "data"))
    assert (await desk.run("binds", place=data))[0] == 0
    monkeypatch.setenv("ASSENT_ADMIN_TOKEN", TOKEN)
    assert (await desk.run("binds", place=("--url", desk.url)))[0] == 0


async def test_a_wrong_token_is_refused(desk: Desk) -> None:
    code, _, err = await desk.run("binds", place=("--url", desk.url, "--token", "adm_wrong"))
    assert (code, "not valid" in err, "adm_wrong" in err) == (1, True, False)


async def test_nobody_there(desk: Desk, tmp_path: Path) -> None:
    listeners = await open_listeners("127.0.0.1", 0)
    port = listeners[0].socket.getsockname()[1]
    await listeners[0].aclose()
    code, out, err = await desk.run("binds", place=("--url", f"http://127.0.0.1:{port}", "--token", TOKEN))
    assert (code, out) == (3, "")
    assert "is it running?" in err


async def test_somebody_else_there(desk: Desk) -> None:
    async def answer(stream: trio.SocketStream) -> None:
        await stream.receive_some(65536)
        await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")

    async with trio.open_nursery() as nursery:
        (listener,) = await nursery.start(partial(trio.serve_tcp, answer, 0, host="127.0.0.1"))
        place = ("--url", f"http://127.0.0.1:{listener.socket.getsockname()[1]}", "--token", TOKEN)
        code, _, err = await desk.run("binds", place=place)
        assert (code, "not the admin door" in err) == (3, True)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (("--conf", "nowhere"), "nowhere is not there"),
        (("--url", "ftp://127.0.0.1", "--token", "t"), "no http or https URL"),
        (("--url", "http://[", "--token", "t"), "no http or https URL"),
        (("--url", "127.0.0.1:8081", "--token", "t"), "no http or https URL"),
        (("--url", "http://127.0.0.1:99999", "--token", "t"), "no http or https URL"),
        (("--url", "http://", "--token", "t"), "no http or https URL"),
        (("--url", "http://127.0.0.1:1", "--token", "a b"), "one word"),
        (("--url", "http://127.0.0.1:1", "--token", "é"), "one word"),
        (("--url", "http://127.0.0.1:1", "--data", "nowhere"), "admin.token is not there"),
    ],
)
async def test_a_door_that_cannot_be_found(desk: Desk, place: tuple[str, ...], told: str) -> None:
    code, out, err = await desk.run("binds", place=place)
    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[admin", "not TOML"),
        ("store = 1", "[store] path"),
        ("[store]\npath = 1", "[store] path"),
        ('[store]\npath = "nowhere"', "admin.token is not there"),
    ],
)
async def test_a_configuration_that_does_not_lead_to_the_token(desk: Desk, toml: str, told: str) -> None:
    (desk.conf / "gateway.toml").write_text(toml)
    code, _, err = await desk.run("binds")
    assert (code, told in err) == (2, True)


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("admin = 1", "[admin] listen"),
        ("[admin]\nlisten = 8081", "[admin] listen"),
        ('[admin]\nlisten = "[::1]:0"', "--url"),
    ],
)
async def test_a_configuration_that_does_not_lead_to_the_door(desk: Desk, tmp_path: Path, toml: str, told: str) -> None:
    (desk.conf / "gateway.toml").write_text(toml)
    code, _, err = await desk.run("binds", place=("--conf", str(desk.conf), "--data", str(tmp_path / "data")))
    assert (code, told in err) == (2, True)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"two words", b"a\x1b"])
async def test_a_token_file_that_holds_none(desk: Desk, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data" / "admin.token").write_bytes(content)
    code, _, err = await desk.run("binds")
    assert (code, "holds no token" in err) == (2, True)


@pytest.mark.parametrize(
    "words",
    [(), ("bind",), ("message",), ("key",), ("key", "new"), ("doubts", "settle", "all", "delivered", "--reason", "r"),
     ("reviews", "decide", "rev_1", "release"), ("reviews", "--state", "x"), ("doubts", "settle", "all", "queued"),
     ("webhook", "replay", "acme"), ("binds", "--no-such")],
)  # fmt: skip
def test_a_command_that_is_none_is_misuse(words: tuple[str, ...]) -> None:
    parser = argparse.ArgumentParser(prog="assent admin")
    add_arguments(parser)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(words)
    assert ended.value.code == 2


async def test_receipts_of_no_known_text(desk: Desk) -> None:
    code, out, _ = await desk.run("receipts")
    assert (code, out.strip()) == (0, "receipts of no known text: none")
    news = ReceiptNews(
        "main", "main/trx-1", "77", ("77",), State.UNDELIVERED, "UNDELIV", "012", NUMBER[1:], "40404", None, START
    )
    await desk.estate.store.receive_receipts([news])
    code, out, _ = await desk.run("receipts", "--limit", "5")
    assert code == 0
    assert "UNDELIV" in out
    assert "for its response" in out
    assert NUMBER[1:] not in out


async def test_templates_are_listed(desk: Desk) -> None:
    greeting = {"texts": {"en": "{{ client_name }}: hello. Reply STOP to opt out."}, "summary": "Hello"}
    assert (await desk.estate.ask("PUT", "/v1/templates/greeting", greeting)).status == 201
    code, out, _ = await desk.run("templates")
    assert code == 0
    rows = {line.split("│")[1].strip(): line for line in out.splitlines() if line.startswith("│")}
    assert all(word in rows["greeting"] for word in ("api", "acme", "Hello"))
    assert "gateway" in rows["system.help"]
    theirs = await desk.json("templates", "--client", "globex")
    assert "greeting" not in {one["name"] for one in theirs["templates"]}  # type: ignore[attr-defined]
    code, _, err = await desk.run("templates", "--client", "nobody")
    assert (code, "acme, globex" in err) == (1, True)


async def test_a_template_is_shown(desk: Desk) -> None:
    code, out, _ = await desk.run("templates", "show", "due")
    assert code == 0
    assert all(word in out for word in ("due version 1, from conf", "vence el", "money", "minimum = 1"))
    assert (await desk.json("templates", "show", "due", "--version", "1"))["version"] == 1
    assert (await desk.run("templates", "show", "due", "--version", "7"))[0] == 1
    assert (await desk.run("templates", "show", "none"))[0] == 1


async def test_a_template_is_tried(desk: Desk) -> None:
    values = json.dumps({"amount": {"minor": 5210, "currency": "USD"}, "due_date": "2028-02-29"})
    code, out, _ = await desk.run(
        "templates", "preview", "due", "--vars", values, "--locale", "es-US", "--client", "acme"
    )
    assert (code, "Acme: $52.10 vence el 29 feb 2028." in out) == (0, True)
    code, out, _ = await desk.run("templates", "preview", "due")
    assert all(word in out for word in ("shortest", "longest", "gsm7", "Example Co"))
    code, _, err = await desk.run("templates", "preview", "due", "--vars", "{}")
    assert (code, "amount" in err) == (1, True)
    with pytest.raises(SystemExit):
        await desk.run("templates", "preview", "due", "--vars", "[]")


async def test_a_key_for_templates_only_is_made(desk: Desk) -> None:
    await desk.json("key", "new", "acme", "--label", "agents", "--templates-only")
    keys = (await desk.json("keys"))["keys"]
    assert [one["label"] for one in keys if one.get("templates_only")] == ["agents"]  # type: ignore[attr-defined]


async def test_a_message_that_waits_says_why(desk: Desk) -> None:
    desk.estate.waits = [Wait(Cause.PAUSE, until=START + 1000)]
    await desk.estate.consent()
    code, out, _ = await desk.run("message", await desk.estate.text())
    assert code == 0
    assert "waits: pause, until 2026-03-02T15:00:01.000Z" in out


async def test_values_that_cannot_be_sent_are_the_asker_s_fault(desk: Desk) -> None:
    code, _, err = await desk.run("templates", "preview", "x", "--vars", '{"a": "\\ud800"}')
    assert (code, len(err.splitlines())) == (2, 1)
    assert "cannot be sent as JSON" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("explain", "+12025550123", "--on", "9999-12-31"), "2199"),
        (("templates", "preview", "x", "--vars", "[" * 100_000), "nested too deep"),
    ],
)
async def test_values_that_nothing_can_be_made_of(
    desk: Desk, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    with pytest.raises(SystemExit) as ending:
        await desk.run(*words)
    assert (ending.value.code, told in capsys.readouterr().err) == (2, True)
