"""What of a reply is the consumer's own words: signatures and quotations count for nothing, and hide nothing."""

import pytest

from gateway.rules.keywords import Context, classify


@pytest.mark.parametrize(
    "text",
    [
        "Sent from my iPhone\nSTOP", "Sent from my iPhone\n\nPlease stop texting me", "Get Outlook for iOS\nSTOP",
        "Enviado desde mi iPhone\nALTO", "Envoyé de mon iPhone\nARRET", "sent from my phone please stop texting me",
        "My son sent from my phone please stop texting", "--\nSTOP", "ok\n--\nplease stop texting me",
        "Sent from my iPhone. STOP", "STOP\n-- \nJane Roe\nSent from my iPhone",
        "STOP\nSent from my T-Mobile 4G LTE Device",
    ],
)  # fmt: skip
def test_no_signature_hides_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "Sent from my iPhone STOP",
        "ok sent from my phone unsubscribe",
        "thanks\n--\nenough",
        "hi\n-- \nSTOP\nSent from my iPhone",
    ],
)
def test_a_signature_that_may_revoke_holds_at_least(text: str) -> None:
    assert classify(text).kind in ("opt-out", "needs-review")


@pytest.mark.parametrize(
    "text",
    [
        "Ok thanks\n\nSent from my iPhone", "Sent from my Verizon, Samsung Galaxy smartphone",
        "I paid\nSent from my Verizon, Samsung Galaxy smartphone", "ok\nSent from Yahoo Mail for iPhone",
        "ok\nSent from Mail for Windows 10", "ok\nSent from my phone, please excuse typos", "ok\nGet Outlook for Android",
        "ok\nEnvoyé de mon iPhone", "ok\nEnviado desde mi Samsung", "ok\n-- \nJane Roe\nStop & Shop",
        "ok\n-- \nJane Roe\nSales Manager\nwww.example.com/unsubscribe", "Sent from my iPhone\nwill pay friday",
    ],
)  # fmt: skip
def test_a_signature_of_no_weight_counts_for_nothing(text: str) -> None:
    assert classify(text).kind == "none"


def test_a_yes_above_a_signature_is_a_yes() -> None:
    reply = classify("yes\nSent from my T-Mobile 4G LTE Device", Context(opt_in_pending=True))
    assert (reply.kind, reply.rule) == ("opt-in", "request.agreed")


@pytest.mark.parametrize(
    "text",
    [
        "Liked “Your payment is due” STOP", "Liked “Reply STOP”\nSTOP", "Liked “x” please stop texting me",
        "👎 to “Your bill” STOP", "Disliked “Your bill is due” Unsubscribe", 'Le gusto "hola" no me escriban mas',
        "Emphasized “Your debt” cease and desist", "Questioned “Pay now” wrong number", "Liked “x” 🛑",
        "A aimé « Répondez ARRET » ARRET", "Liked “Reply “YES” to agree” stop", "Me gustó “hola” ALTO",
        'Liked "Reply "YES" to agree" stop', "Liked “x” I said “STOP”",
    ],
)  # fmt: skip
def test_no_reaction_hides_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "Liked “Your debt: talk to our attorney”", "Liked “Reply STOP”.", "Liked “Reply STOP to end” thanks!",
        "Liked “Reply STOP to op…", "Liked “Reply STOP to end”\n\nSent from my iPhone", "Me gustó “Responda ALTO”",
        "Me encantó “Reply STOP”", "A aimé « Répondez ARRET »", "Reacted 😂 to “Wrong number? Reply STOP”",
        "Liked “Reply “STOP” to end”", 'Liked "Reply "STOP" to end"', "Liked “Reply “STOP” to unsubscr",
        "Liked “I dispute this debt”", 'Loved "cease and desist"',
    ],
)  # fmt: skip
def test_a_reaction_says_nothing_by_the_words_it_quotes(text: str) -> None:
    reply = classify(text)
    assert (reply.kind, reply.signals) == ("none", ())


def test_what_stands_behind_a_reaction_is_reported() -> None:
    reply = classify("Questioned “Your debt is $50, talk to our attorney” I dispute this")
    assert (reply.kind, [signal.name for signal in reply.signals]) == ("none", ["dispute"])


@pytest.mark.parametrize(
    "text",
    [
        "ok\n\nExample Co: your payment of $50 is due. Reply STOP to opt out.",
        "Thanks!\nYour payment is due Friday. Text STOP to end.",
        "ya pague\nExample Co: su pago vence hoy. Responda ALTO para cancelar.",
        'Reacted to “Your payment is due. Reply STOP to opt out” with 👍', "Added a heart to “Reply STOP to opt out”",
        "paid\n\nOn Tue, Example Co wrote:\n> Reply STOP to opt out",
        "(I’m not receiving notifications. If this is urgent, reply “urgent” to send a notification through with your original"
        " message.)",
    ],
)  # fmt: skip
def test_our_own_line_on_how_to_stop_stops_nothing_below_an_answer(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize(
    "text",
    [
        "ok\nReply STOP to opt out", "“Reply STOP to opt out” what does that mean",
        "Thanks for your message. We are closed. Text STOP to opt out of our messages.",
        "paid\n\n-----Original Message-----\nFrom: Example Co\nReply STOP to opt out",
    ],
)  # fmt: skip
def test_our_own_line_beside_other_words_is_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text",
    [
        "Reply STOP to opt out", "please reply STOP to end", "Stop. Reply STOP to end",
        "I don't want these texts\nreply STOP to end", "hi\nstop texting me. Reply STOP to opt out",
        "STOP\n\nOn Tue, Example Co wrote:\n> your payment is due", "> Your bill is due\nSTOP",
        "-----Original Message-----\nFrom: Example Co\nSTOP",
    ],
)  # fmt: skip
def test_our_own_line_hides_no_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize("text", ["stop\nthank you\nJane", "Stop.\nThanks,\nJane Roe", "ARRET\nMerci\nJeanne"])
def test_a_close_and_a_name_leave_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


def test_a_close_and_a_name_make_no_yes() -> None:
    assert classify("yes\nthanks\nbut no", Context(opt_in_pending=True)).kind != "opt-in"


@pytest.mark.parametrize(
    "text", ["don't\nstop", "dont\nstop the reminders", "please don't\n take me off the list", "bus\nstop"]
)
def test_a_line_broken_within_a_sentence_is_no_opt_out(text: str) -> None:
    assert classify(text).kind in ("needs-review", "none")


@pytest.mark.parametrize(
    "text",
    [
        "I will pay\nSTOP",
        "no\nstop texting me",
        "I want you to\nstop texting me",
        "not interested\nstop",
        "for\nthe last time stop",
    ],
)
def test_a_line_break_hides_no_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"
