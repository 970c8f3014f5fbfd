"""Authorization links: signed, expiring, one for an offer, and never without consent."""

import hmac
from base64 import urlsafe_b64encode
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.config.decode import Faults, decode_table
from gateway.hooks.fake import FakeGateway
from gateway.model.client_events import (
    AccountClosed,
    Installment,
    InvoiceIssued,
    PlanAccepted,
    PlanProposed,
    PlanRejected,
)
from gateway.model.clock import DAY, read_instant, spell_instant
from plugins import authorization_links
from plugins.authorization_links import LinkSettings, Portal
from tests.plugins.story import NUMBER, Story, usd

KEY = b"0123456789abcdef0123456789abcdef"
PLAN = (Installment(usd(5000), date(2026, 4, 15)), Installment(usd(5000), date(2026, 5, 15)))
URL = "https://pay.acme.example/plan"


@pytest.fixture
def settings(tmp_path: Path) -> LinkSettings:
    (tmp_path / "key").write_bytes(KEY + b"\n")
    return LinkSettings(portal={"acme": Portal(url=URL, key_file=str(tmp_path / "key"))})


@pytest.fixture
def story(settings: LinkSettings) -> Story:
    return Story(FakeGateway(authorization_links, settings=settings, now="2026-03-02T15:00:00Z"))


async def propose(story: Story, plan: str = "PL-7", **fields: Any) -> Any:
    return await story.tell(PlanProposed, plan=plan, installments=PLAN, **fields)


def link_of(story: Story, place: int = -1) -> str:
    return str(story.gateway.texts[place].values["link"])


async def test_a_signed_link_on_the_clients_domain_is_texted(story: Story) -> None:
    await propose(story)
    until = read_instant("2026-03-09T15:00:00Z") // 1000
    signed = f"acme\nA-1\nPL-7\n{until}"
    expected = urlsafe_b64encode(hmac.digest(KEY, signed.encode(), "sha256")[:16]).decode().rstrip("=")
    assert link_of(story) == f"{URL}?plan=PL-7&until={until}&sig={expected}"
    assert story.words == [
        f"Acme: your payment plan is ready to be authorized at {link_of(story)} until Mar 9, 2026."
        " Reply STOP to opt out."
    ]


async def test_a_link_counts_no_longer_than_the_offer(story: Story) -> None:
    await propose(story, expires_at="2026-03-04T05:00:00Z")
    assert parse_qs(urlsplit(link_of(story)).query)["until"] == [str(read_instant("2026-03-04T05:00:00Z") // 1000)]
    assert "until Mar 3, 2026" in story.words[0]  # that midnight ends the third of March in Chicago


async def test_every_plan_account_client_and_instant_has_its_own_signature(story: Story) -> None:
    await propose(story, "PL-7")
    await propose(story, "PL-8")
    await propose(story, "PL-7", account="A-2")
    await propose(story, "PL-7", expires_at="2026-03-04T00:00:00Z", occurred_at=spell_instant(story.gateway.now + 1))
    await story.gateway.advance(0)
    signatures = {parse_qs(urlsplit(text.values["link"]).query)["sig"][0] for text in story.gateway.texts}
    assert len(signatures) == 4


async def test_without_consent_the_link_waits_for_the_yes(story: Story) -> None:
    story.gateway.no_consent.add(NUMBER)
    await propose(story)
    (text,) = story.gateway.texts
    assert (text.state, text.code, story.gateway.asked) == ("held", "consent.pending", [NUMBER])
    assert text.expires_at == read_instant("2026-03-09T15:00:00Z")


@pytest.mark.parametrize(
    ("state", "code"), [("expired", "consent.pending"), ("cancelled", "consent.declined"), ("undelivered", "carrier")]
)
async def test_a_link_that_reached_nobody_is_told_to_the_client(story: Story, state: str, code: str) -> None:
    story.gateway.no_consent.add(NUMBER)
    await propose(story)
    await story.gateway.settle(story.gateway.texts[0].key, state, code)
    assert story.told == [("handover.requested", {"reason": "link_not_delivered", "state": state, "code": code})]
    assert story.gateway.jobs == []


async def test_a_link_that_runs_out_is_told_to_both(story: Story) -> None:
    await propose(story)
    await story.to("2026-03-09T15:00:00Z")
    assert story.words[-1] == (
        "Acme: the link to your payment plan is no longer valid. Reply LINK to ask for a new one. Reply STOP to opt out."
    )
    assert story.told == [("handover.requested", {"reason": "link_expired", "plan": "PL-7"})]


async def test_the_consumer_asks_for_a_new_link_and_the_client_proposes_again(story: Story) -> None:
    await propose(story)
    await story.to("2026-03-10T15:00:00Z")
    await story.gateway.say("LINK", NUMBER)
    assert story.told[-1] == ("handover.requested", {"reason": "asked_for_link", "plans": ["PL-7"]})
    await propose(story)
    assert [text.template for text in story.gateway.texts] == [
        "authorization_links.link",
        "authorization_links.expired",
        "authorization_links.link",
    ]


@pytest.mark.parametrize("kind", [PlanAccepted, PlanRejected])
async def test_nothing_more_is_said_of_a_plan_that_was_settled(story: Story, kind: Any) -> None:
    await propose(story)
    await story.tell(kind, plan="PL-7")
    await story.to("2026-04-01T00:00:00Z")
    assert [text.state for text in story.gateway.texts] == ["cancelled"]
    assert story.told == []


@pytest.mark.parametrize("kind", [PlanAccepted, PlanRejected])
async def test_an_offer_told_behind_its_settlement_is_none(story: Story, kind: Any) -> None:
    at = story.gateway.now
    await story.tell(kind, plan="PL-7", occurred_at=spell_instant(at))
    await propose(story, occurred_at=spell_instant(at - 1))
    assert (story.gateway.texts, story.gateway.jobs) == ([], [])


@pytest.mark.parametrize(
    ("kind", "fields"), [(PlanAccepted, {"plan": "PL-7"}), (PlanRejected, {"plan": "PL-7"}), (AccountClosed, {})]
)
async def test_what_ended_an_older_offer_leaves_the_newer_one_alone(
    story: Story, kind: Any, fields: dict[str, Any]
) -> None:
    now = story.gateway.now
    reopening = {"invoice": "I-1", "amount": usd(5210), "due_on": date(2026, 3, 20)}
    await story.tell(InvoiceIssued, **reopening, occurred_at=spell_instant(now - 1))
    await propose(story)
    await story.tell(kind, **fields, occurred_at=spell_instant(now - 2))
    assert [text.state for text in story.gateway.texts] == ["queued"]
    assert len(story.gateway.jobs) == 1


async def test_an_offer_told_twice_is_one_link_and_a_new_one_takes_the_place_of_one_that_waits(story: Story) -> None:
    event = await propose(story)
    await story.carry()
    await story.gateway.post(event)
    assert len(story.gateway.texts) == 1
    await story.gateway.advance(DAY)
    story.gateway.no_consent.add(NUMBER)
    await propose(story)
    await story.gateway.advance(DAY)
    newest = await propose(story)
    await story.gateway.post(newest, newest)
    await story.gateway.advance(0)
    await story.gateway.post(newest)
    await story.gateway.advance(0)
    assert [text.state for text in story.gateway.texts] == ["delivered", *["cancelled"] * 3, "held"]
    assert story.gateway.texts[-1].expires_at == story.gateway.now + 7 * DAY
    assert [job.key.rpartition("/")[2] for job in story.gateway.jobs] == ["expiry"]


@pytest.mark.parametrize("job_first", [False, True])
async def test_a_new_offer_told_again_before_it_is_on_record_is_one_link(story: Story, job_first: bool) -> None:
    story.gateway.no_consent.add(NUMBER)
    await propose(story)
    await story.gateway.advance(DAY)
    newest = await propose(story)
    if job_first:
        await story.gateway.advance(0)
    await story.gateway.post(newest)  # the gateway was killed meanwhile
    await story.gateway.advance(0)
    waiting = [text for text in story.gateway.texts if text.state == "held"]
    assert [text.expires_at for text in waiting] == [story.gateway.now + 7 * DAY]


async def test_an_offer_that_was_called_off_is_not_offered_again_once_it_is_settled(story: Story) -> None:
    event = await propose(story)
    await story.gateway.post(event)
    story.gateway.learn(story.event(PlanAccepted, plan="PL-7", occurred_at=spell_instant(story.gateway.now + 1)))
    await story.gateway.advance(0)
    assert [text.state for text in story.gateway.texts] == ["cancelled"]


async def test_an_offer_that_ended_before_it_was_told_and_a_closed_account(story: Story) -> None:
    await propose(story, expires_at="2026-03-02T15:00:00Z")
    await propose(story, occurred_at=spell_instant(story.gateway.now - 8 * DAY), plan="PL-8")
    await story.tell(AccountClosed, account="A-2")
    await propose(story, account="A-2", occurred_at=spell_instant(story.gateway.now + 1))
    assert story.gateway.texts == []


async def test_a_client_without_a_portal_is_told_so(settings: LinkSettings) -> None:
    story = Story(FakeGateway(authorization_links, settings=settings, client="other"))
    await propose(story)
    assert story.told == [("handover.requested", {"reason": "no_portal", "plan": "PL-7"})]


def test_settings_want_a_key_that_is_worth_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def problems(**portal: Any) -> list[tuple[str, str]]:
        faults = Faults("plugins.toml")
        decode_table(LinkSettings, {"portal": {"acme": {"url": URL, **portal}}}, "", faults)
        return [(fault.key, fault.problem) for fault in faults]

    (tmp_path / "short").write_bytes(b"x" * 31 + b"\n")
    monkeypatch.setenv("PORTAL_KEY", "x" * 32)
    assert problems(key_env="PORTAL_KEY") == []
    assert problems(key_env="NO_SUCH_KEY") == [("portal.acme.key_env", "NO_SUCH_KEY is not set")]
    assert problems(key_file=str(tmp_path / "short")) == [("portal.acme.key_file", "holds fewer than 32 characters")]
    assert problems(key_file=str(tmp_path / "absent")) == [("portal.acme.key_file", "No such file or directory")]
    assert [key for key, _ in problems()] == ["portal.acme.key_file"]
    assert [key for key, _ in problems(key_env="PORTAL_KEY", key_file="/x")] == ["portal.acme.key_env"]
    assert [key for key, _, _ in LinkSettings().check()] == ["portal"]
