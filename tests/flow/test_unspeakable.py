"""Words of the gateway's own that cannot be said as they are: what they answer counts all the same."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import trio

from gateway.config import Config
from gateway.errors import Code
from gateway.flow.inbound import PARTS_TIMEOUT
from gateway.flow.invalid import Invalid
from gateway.flow.optins import OptinWish
from gateway.flow.replies import Letter
from gateway.model.consent import ANY, Method, Scope
from gateway.smpp import const
from gateway.smpp.pdu import DeliverSm, SubmitSm
from gateway.store.inbound import Reception
from tests.flow.rig import NUMBER, SENDER, Rig, configured, rig, rig_of, settle

LONG = "Aktiengesellschaft " * 5
WIDE = "Türkiye Kredi Bankası"


def client_named(name: str) -> Config:
    """The shipped configuration with a client of that name, whose programs leave all words to the gateway."""
    config = configured()
    silent = {"help_text": None, "stop_confirmation": None, "start_confirmation": None, "locale": "en-US"}
    client = config.clients[0]
    programs = tuple(msgspec.structs.replace(program, **silent) for program in client.programs)
    return msgspec.structs.replace(config, clients=(msgspec.structs.replace(client, name=name, programs=programs),))


@asynccontextmanager
async def speaking(name: str = "Acme", **own: dict[str, str]) -> AsyncIterator[Rig]:
    """A rig with such a client; ``own``: its words in place of the gateway's, by what they are for and by language."""
    async with rig_of(client_named(name)) as flow:
        await flow.templates.load()
        for purpose, texts in own.items():
            spec, _ = flow.templates.declare(flow.config.clients[0], f"system.{purpose}", {"texts": texts})
            await flow.templates.put(flow.config.clients[0], spec)
        await flow.consent()
        yield flow


def said(submits: Sequence[SubmitSm]) -> list[str]:
    """The texts of one client, put together and with the alphabet guessed."""
    found = []
    for pdu in submits:
        octets = pdu.short_message[6:] if pdu.esm_class & 0x40 else pdu.short_message
        found.append(octets.decode("utf-16-be" if pdu.data_coding == const.DATA_CODING_UCS2 else "ascii"))
    return ["".join(found)]


@pytest.mark.parametrize("word", ["STOP", "ALTO", "HELP", "AYUDA"])
@pytest.mark.parametrize("name", [WIDE, LONG.strip()])
async def test_a_name_that_makes_them_long_is_no_reason_to_lose_what_they_answer(
    autojump_clock: trio.testing.MockClock, name: str, word: str
) -> None:
    async with speaking(name) as flow:
        link, smsc = await flow.link()
        assert await smsc.text(word) == const.ESME_ROK
        await settle()
        assert link.bound
        (answer,) = said(smsc.submits)
        assert answer.startswith(f"{name}: ")
        if word in ("STOP", "ALTO"):
            assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


@pytest.mark.parametrize(
    ("language", "answer"), [("en", "Acme: no more texts."), ("es", "Acme: you are opted out and will get no more")]
)
async def test_a_stop_in_a_language_that_the_client_s_words_are_not_in_is_obeyed(
    autojump_clock: trio.testing.MockClock, language: str, answer: str
) -> None:
    own = {language: "{{ client_name }}: no more texts."}
    async with speaking(opt_out_confirmation=own) as flow:
        link, smsc = await flow.link()
        assert await smsc.text("ARRET" if language == "en" else "STOP") == const.ESME_ROK
        await settle()
        assert link.bound
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
        assert said(smsc.submits)[0].startswith(answer)


async def test_an_opt_out_that_an_agent_was_told_is_recorded(autojump_clock: trio.testing.MockClock) -> None:
    async with speaking(opt_out_confirmation={"es": "{{ client_name }}: no recibira mas mensajes."}) as flow:
        scope = Scope("servicing", ANY)
        assert await flow.consents.revoke(flow.config.clients[0], NUMBER, scope, "agent: told", confirm=True) is True
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT


async def test_a_request_whose_code_cannot_be_said_in_a_language_is_refused(
    autojump_clock: trio.testing.MockClock,
) -> None:
    code = {"en": "{{ client_name }}: your code is {{ code }}. Reply HELP for help, STOP to opt out."}
    async with speaking(opt_in_code=code) as flow:
        wish = OptinWish(Method.AGENT_PIN, "+12025550124", "servicing", "servicing", locale="es")
        outcome = await flow.optins.request(flow.config.clients[0], wish)
        assert isinstance(outcome, Invalid)
        assert (outcome.code, outcome.field) == (Code.TEMPLATE_LOCALE_UNKNOWN, "locale")


async def test_a_text_of_which_we_cannot_tell_what_follows_harms_no_other_and_is_brought_again(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig() as flow:
        link, smsc = await flow.link()
        await flow.consent()
        replies = flow.inbound._replies
        follow = replies.receptions

        def fail(letters: Sequence[Letter], *standings: Any) -> list[Reception]:
            if any("poison" in letter.text for letter in letters):
                raise ZeroDivisionError
            return follow(letters, *standings)

        with monkeypatch.context() as broken:
            broken.setattr(replies, "receptions", fail)
            for text in (b"poison", b"STOP"):  # in one read
                pdu = DeliverSm(source_addr=NUMBER[1:], destination_addr=SENDER, short_message=text)
                smsc.connection.request(pdu, trio.current_time())
            await smsc.send()
            await settle()
            assert [answer.command_status for answer in smsc.answers] == [const.ESME_RX_T_APPN, const.ESME_ROK]
            await smsc.deliver(short_message=b"\x05\x00\x03\x07\x02\x01poison", esm_class=0x40)
            flow.wall += PARTS_TIMEOUT + 1
            assert await flow.inbound.end_partial_texts() == 0
        assert link.bound
        assert (await flow.submit()).code is Code.CONSENT_OPTED_OUT
        assert "could not be told" in caplog.text
        assert await smsc.text("poison") == const.ESME_ROK
        assert await flow.inbound.end_partial_texts() == 1
