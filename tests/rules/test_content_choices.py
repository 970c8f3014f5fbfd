"""Reserved words: as opt-out lines they count, as answers to anything else they are refused."""

import pytest

from gateway.rules.content.choices import RESERVED
from gateway.rules.content.finding import ContentCode, ContentContext, OptOutDuty
from gateway.rules.content.lint import lint
from gateway.rules.content.required import append_opt_out, has_opt_out
from gateway.rules.keywords import classify

CONTEXT = ContentContext(category="servicing", identity=("Acme",), party_known=True, opt_out=OptOutDuty.NONE)

OPT_OUT_LINES = (
    "Reply STOP to opt out.",
    "Reply STOP to end",
    "reply stop to opt out",
    "STOP to end",
    "STOP to unsub",
    "Text STOP to quit.",
    "Txt STOP 2 end",
    "Reply STOP",
    "Reply STOP at any time",
    "Opt-out: STOP",
    "Stop=STOP",
    "STOP2END",
    "HELP4INFO STOP2QUIT",
    "STOP: opt out",
    "(STOP to opt out)",
    "To opt out reply STOP.",
    "Opt out? Reply STOP.",
    'Reply "STOP" to unsubscribe.',
    "Reply with STOP to opt out of all texts",
    "Send STOP to 40404 to stop.",
    "Text STOP to 40404 to end.",
    "HELP for help, STOP to end.",
    "Reply HELP for help or STOP to cancel",
    "Msg&data rates may apply. Reply STOP to stop",
    "Reply END to stop messages",
    "Reply UNSUBSCRIBE to stop.",
    "Reply STOP, END, CANCEL, UNSUBSCRIBE or QUIT to opt out.",
    "Reply STOP to end payment reminders",
    "reply yes or stop",
    "Responda STOP para cancelar.",
    "Responda ALTO para no recibir más mensajes.",
    "Envíe STOP al 40404",
    "Para no recibir mensajes, responda STOP.",
    "Répondez STOP pour vous désabonner.",
    "Répondez ARRÊT pour arrêter.",
    "Envoyez STOP au 40404",
    "Pour ne plus recevoir de textos, répondez ARRET.",
)


def _is_misused(text: str) -> bool:
    return any(finding.code is ContentCode.RESERVED_CHOICE for finding in lint(text, CONTEXT))


@pytest.mark.parametrize("line", OPT_OUT_LINES)
@pytest.mark.parametrize("before", ["", "Acme: your bill of $84.12 is due 03/15. Pay at https://a.example/x "])
def test_an_opt_out_line_is_known_as_one(line: str, before: str) -> None:
    text = before + line
    assert has_opt_out(text)
    assert not _is_misused(text)
    assert append_opt_out(text, "Reply STOP to opt out.") == text


@pytest.mark.parametrize(
    "text",
    [
        "Your service will stop on 4/1.",
        "Please stop by the office.",
        "We never stop working for you.",
        "To stop service call us.",
        "Your plan ends 4/1. Reply 1 to renew.",
        "Send the form by the end of March.",
        "STOP paying late fees",
        "Autopay can start or stop.",
        "The meter may slow, stop, and restart.",
        "Your stop payment was received.",
        "Reply YES to confirm.",
        "Reply CANCEL to cancel the plan.",
        "Reply STOP to stop autopay.",
        "Reply START to get texts again.",
        "",
    ],
)
def test_what_only_holds_the_word_is_no_opt_out_line(text: str) -> None:
    assert not has_opt_out(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme: due 4/1.", "Acme: due 4/1. Reply STOP to opt out."),
        ("Acme: due 4/1 \n", "Acme: due 4/1\nReply STOP to opt out."),
        ("Acme: https://a.example/x", "Acme: https://a.example/x\nReply STOP to opt out."),
    ],
)
def test_the_line_is_added_where_it_is_missing(text: str, expected: str) -> None:
    assert append_opt_out(text, "Reply STOP to opt out.") == expected
    assert append_opt_out(expected, "Reply STOP to opt out.") == expected


def test_a_line_that_is_not_understood_is_still_added_once() -> None:
    line = "Abmelden: schreiben Sie STOPP."
    once = append_opt_out("Acme: fällig am 1.4.", line)
    assert once.count(line) == 1
    assert append_opt_out(once, line) == once


@pytest.mark.parametrize("word", sorted(word for word in RESERVED if not word.startswith("stop2")))
@pytest.mark.parametrize(
    "form",
    [
        "Reply {} to change your payment plan.",
        "Reply 1 to pay, {} to drop the appointment.",
        "To drop the order, reply {}.",
        'Text "{}" for your payment options.',
    ],
)
def test_every_reserved_word_is_refused_as_a_choice(word: str, form: str) -> None:
    assert _is_misused(form.format(word.upper()))


@pytest.mark.parametrize(
    "word", ["PAY", "YES", "NO", "1", "C", "CONFIRM", "RENEW", "LATER", "SKIP", "DECLINE", "AGENT"]
)
def test_other_words_are_free(word: str) -> None:
    assert not _is_misused(f"Reply {word} to change your payment plan.")


def test_what_is_refused_would_have_been_an_opt_out() -> None:
    for word in sorted(RESERVED):
        assert classify(word.upper()).kind in ("opt-out", "opt-in"), word


@pytest.mark.parametrize(
    "text",
    [
        "Reply YES or STOP.",
        "Reply HELP or STOP",
        "Reply YES to join or STOP to opt out of texts about your account.",
        "Reply STOP to stop payment reminders by text.",
        "you can cancel or change your plan at https://a.example",
        "pay online or cancel to avoid fees",
        "TRACKING 94001 OUT FOR DELIVERY OF YOUR ORDER",
        "To cancel your appointment reply 2.",
        "Reply START to get payment texts again.",
    ],
)
def test_ordinary_uses_pass(text: str) -> None:
    assert not _is_misused(text)
