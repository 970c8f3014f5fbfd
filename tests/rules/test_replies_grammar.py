"""The grammar crossed: verbs by objects by what stands before and after, in the three languages."""

import itertools

import pytest

from gateway.rules.keywords import classify

HALTING = ("stop", "quit", "cease")
OBJECTS = ("texting me", "texting this number", "sending me messages", "sending these", "messaging us", "contacting me")
HALTED = list(itertools.product(HALTING, OBJECTS))
REQUESTS = (
    "", "please ", "pls just ", "hey ", "ok ", "yes ", "can you ", "could you please ", "would you ",
    "I told you to ", "I want you to ",
    "I already asked you to ", "you need to ", "y'all better ", "I said ", "for the last time ",
    "this is the third time I ask, ",
    "sick of you people, please ", "I paid already ", "wrong number ", "if you don't ",
)  # fmt: skip
REMARKS = (
    "don't ",
    "please don't ",
    "do not ",
    "never ",
    "I will ",
    "I'll ",
    "he won't ",
    "my ex won't ",
    "they will ",
    "did you ",
    "why did you ",
)
QUESTIONS = ("how do I get you to ", "when will you ", "if you ", "why don't you ", "why can't you ", "I told him to ")
AFTER = ("", ".", "!!!", " please", " thanks", " asap", " or I'll report you", ", not interested", " 😡", " lol")
LIMITS = (" at work", " before 9am", " at night", " on Sundays", " so much", " when I'm driving", " until Friday")


@pytest.mark.parametrize(("verb", "what"), HALTED)
def test_a_request_is_an_opt_out(verb: str, what: str) -> None:
    for before, after in itertools.product(REQUESTS, AFTER):
        text = f"{before}{verb} {what}{after}"
        assert classify(text).kind == "opt-out", text


@pytest.mark.parametrize(("verb", "what"), HALTED)
def test_negated_told_or_asked_of_the_past_it_is_none(verb: str, what: str) -> None:
    for before in REMARKS:
        text = f"{before}{verb} {what}"
        assert classify(text).kind == "none", text


@pytest.mark.parametrize(("verb", "what"), HALTED)
def test_a_question_or_condition_is_held(verb: str, what: str) -> None:
    for before in QUESTIONS:
        text = f"{before}{verb} {what}"
        assert classify(text).kind == "needs-review", text


@pytest.mark.parametrize(
    "what", ["stop texting me", "don't text me", "do not contact me", "never message me", "quit messaging me"]
)
def test_a_limit_of_time_or_place_is_held(what: str) -> None:
    for after in LIMITS:
        reply = classify(what + after)
        assert (reply.kind, reply.rule) == ("needs-review", "limit.time"), what + after


@pytest.mark.parametrize(
    "negation", ["do not", "don't", "dont", "never", "please do not ever", "you may not", "I said do not"]
)
@pytest.mark.parametrize("verb", ["text", "message", "contact", "txt", "bother"])
@pytest.mark.parametrize("whom", ["me", "me again", "this number", "us anymore", "my phone"])
def test_forbidding_is_an_opt_out(negation: str, verb: str, whom: str) -> None:
    assert classify(f"{negation} {verb} {whom}").kind == "opt-out"


@pytest.mark.parametrize("subject", ["I", "you", "they", "my mother", "why", "if you"])
def test_forbidding_needs_no_subject(subject: str) -> None:
    assert classify(f"{subject} don't text me").kind != "opt-out"
    assert classify(f"{subject} don't text").kind != "opt-out"


@pytest.mark.parametrize("verb", ["remove", "delete", "take", "get"])
@pytest.mark.parametrize("what", ["me", "my number", "this number"])
@pytest.mark.parametrize("where", ["off your list", "from this list", "off the damn list", "from your database"])
def test_removal_from_a_list_is_an_opt_out(verb: str, what: str, where: str) -> None:
    assert classify(f"please {verb} {what} {where}").kind == "opt-out"
    assert classify(f"please don't {verb} {what} {where}").kind == "none"


@pytest.mark.parametrize(
    "verb", ["stop", "cancel", "end", "turn off", "please stop", "how do I stop", "can you cancel", "I revoke"]
)
@pytest.mark.parametrize(
    "what",
    [
        "my payment",
        "the autopay",
        "automatic payments",
        "my payment plan",
        "the late fees",
        "the debit",
        "my insurance",
    ],
)
def test_what_is_paid_is_not_what_is_texted(verb: str, what: str) -> None:
    assert classify(f"{verb} {what}").kind == "none"
    assert classify(f"{verb} {what} please").kind == "none"


@pytest.mark.parametrize("what", ["reminders", "texts", "messages", "notifications"])
@pytest.mark.parametrize("verb", ["stop", "cancel", "end", "please stop sending me"])
def test_texts_about_payments_are_texts(verb: str, what: str) -> None:
    assert classify(f"{verb} the payment {what}").kind == "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "stop calling me", "don't call me", "no more phone calls", "stop emailing me", "do not email me again",
        "stop sending letters",
        "stop the robocalls", "quit calling my phone", "no me llamen", "ne m'appelez plus", "arrêtez de m'appeler",
    ],
)  # fmt: skip
def test_another_channel_alone_is_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text",
    [
        "stop calling and texting me", "don't call or text me", "no more calls or texts", "stop the calls and texts",
        "Don't call, text, or email me", "stop all calls, texts and emails",
    ],
)  # fmt: skip
def test_another_channel_and_texts_are_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "no me {} mensajes", "no me {} más mensajes", "ya no me {} textos", "por favor no me {} nada",
        "no quiero que me {} mensajes",
    ],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["mande", "manden", "envíe", "envíen", "mandes"])
def test_spanish_forbids_in_the_subjunctive(text: str, verb: str) -> None:
    assert classify(text.format(verb)).kind == "opt-out"


@pytest.mark.parametrize("verb", ["mandan", "mandaron", "envían", "enviaron", "mandó"])
def test_spanish_reports_in_the_indicative(verb: str) -> None:
    assert classify(f"no me {verb} el recibo").kind == "none"


@pytest.mark.parametrize("verb", ["écrivez", "contactez", "textez", "dérangez"])
def test_french_forbids_with_plus(verb: str) -> None:
    elided = f"m'{verb}" if verb[0] in "é" else f"me {verb}"
    assert classify(f"ne {elided} plus").kind == "opt-out"
    assert classify(f"svp ne {elided} plus merci").kind == "opt-out"
    assert classify(f"{elided} demain").kind == "none"


@pytest.mark.parametrize("after", ["", ".", "! thanks", ", wrong number", ". I don't want these", ". Not interested."])
@pytest.mark.parametrize("before", ["", "ok ", "hi, ", "You are harassing me, ", "I said "])
def test_a_bare_stop_backed_or_alone_is_an_opt_out(before: str, after: str) -> None:
    assert classify(f"{before}stop{after}").kind == "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "Stop it, you're killing me lol",
        "Stop! Hammer time",
        "stop 😂 I just paid",
        "Stop. Think. Save.",
        "Stop. Are you a bot?",
    ],
)
def test_a_bare_stop_that_may_be_a_joke_or_about_something_else_is_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize("what", ["your texts", "these messages", "the reminders"])
@pytest.mark.parametrize("end", ["stop", "end", "go away"])
def test_texts_that_are_to_go_on_are_no_opt_out(what: str, end: str) -> None:
    assert classify(f"I don't want {what} to {end}").kind == "none"
    assert classify(f"I want {what} to {end}").kind == "opt-out"


@pytest.mark.parametrize("verb", ["opt out", "unsubscribe"])
@pytest.mark.parametrize("before", ["do I need to ", "do I have to ", "if I ", "did I "])
def test_a_revocation_asked_about_is_held(before: str, verb: str) -> None:
    assert classify(f"{before}{verb}, will I still get the bill").kind == "needs-review"


@pytest.mark.parametrize(
    "text",
    [
        "the text said to reply STOP but I want to pay", "cease and desist letters are for other people",
        "gotta stop texting, driving", "unsubscribe from marketing emails only",
    ],
)  # fmt: skip
def test_words_quoted_or_about_something_else_are_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text",
    [
        "let me alone decide what I can afford", "off the record, can you lower it", "you can't text me a receipt?",
        "erreur de numéro de compte", "se equivocaron de número de cuenta", "vous vous trompez de numéro de compte",
        "don't call, text me", "texts only please, no calls", "no me llamen, escriban", "ne m'appelez pas, textez-moi",
        "please keep texting me",
    ],
)  # fmt: skip
def test_a_word_of_revoking_with_another_object_is_none(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize("verb", ["stop", "stop de", "cease"])
@pytest.mark.parametrize("what", ["mandarme textos", "escribirme", "enviando mensajes", "m'envoyer des textos"])
def test_english_ends_what_spanish_and_french_send(verb: str, what: str) -> None:
    assert classify(f"{verb} {what}").kind == "opt-out"


@pytest.mark.parametrize("word", ["stiop", "stopl", "quiyt", "unsubscribve", "cancfel"])
def test_the_next_key_struck_too_is_the_core_word(word: str) -> None:
    reply = classify(word)
    assert (reply.kind, reply.rule) == ("opt-out", "keyword.mistyped")
    assert classify(f"{word} by tomorrow").kind == "none"


@pytest.mark.parametrize("word", ["cancelo", "leaves", "ceases", "bajas", "estop"])
def test_a_word_that_a_key_too_many_makes_is_that_word(word: str) -> None:
    assert classify(word).kind != "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "I never said stop", "i did not say stop", "I never asked you to stop",         "I never text stop",
        "keep texting me", "i want the texts", "is that enough?",
    ],
)  # fmt: skip
def test_a_revocation_denied_is_none(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize(
    "text",
    [
        "I would appreciate it if you would not send me any more texts because they stress me out",
        "I'd appreciate it if you did not text me any longer", "I would like it if you wouldn't text me",
        "I'd appreciate it if you stopped texting me", "for the last time stop", "i dont know you stop", "who is this stop",
        "i paid stop", "can I be removed", "could I be taken off your list?", "I've told you three times to stop",
        "I'm asking you nicely to stop", "sms stop", "dont text here no more", "do not text do not call",
        "take my name and number off your list", "stop sending me these im broke",
    ],
)  # fmt: skip
def test_an_indirect_request_is_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "do i have to keep getting these?", "why am i still getting this", "not sure i signed up for this",
        "i dont use this number anymore", "how many times do i have to tell you", "these keep coming", "you text too much",
        "you are wasting my time", "these are unwanted", "if you dont stop i will call the cops", "i want to cancel",
        "I need to cancel", "how did i get on this list", "email me instead", "contact me by email", "write me a letter",
        "communicate in writing only", "i only do business by mail", "i changed my number", "pls remove 5551234567",
    ],
)  # fmt: skip
def test_who_may_not_want_texts_is_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text",
    [
        "what is this", "What's this about?", "what company is this", "what number is this", "new phone who dis", "who r u",
        "who am i talking to", "can you tell me who this is", "who do you work for", "hlep", "who is this texting me",
    ],
)  # fmt: skip
def test_who_asks_who_we_are_is_helped(text: str) -> None:
    assert classify(text).kind == "help"


@pytest.mark.parametrize(
    "text",
    [
        "what is this charge for", "who is this payment for", "who do i call to pay", "what company do i pay",
        "i only pay by mail", "just email me the receipt", "i changed my number to 555-1212", "do i have to keep paying",
        "if you dont stop the payment it will bounce", "i dont use this card anymore", "the error keeps coming",
        "contact me by phone today please", "you can text me the receipt", "i begin work monday",
        "can i be removed from autopay", "i want to cancel my payment for the 5th", "put me on the payment plan list again",
    ],
)  # fmt: skip
def test_what_is_said_of_payments_in_the_same_turns_is_none(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize(
    "text",
    [
        "i want to opt back in", "you can text me again", "you can start texting me again", "i want to receive texts again",
        "put me back on the list", "please resubscribe me",
    ],
)  # fmt: skip
def test_who_asks_for_texts_again_opts_in(text: str) -> None:
    assert classify(text).kind == "opt-in"


@pytest.mark.parametrize(
    "text",
    [
        "i don't want to opt back in", "you can't text me again", "you can never text me again",
        "I don't want to receive texts again", "never put me back on the list", "dont resubscribe me",
    ],
)  # fmt: skip
def test_who_refuses_texts_again_does_not_opt_in(text: str) -> None:
    assert classify(text).kind != "opt-in"


@pytest.mark.parametrize(
    "text",
    [
        "y'all stop", "u guys stop", "stop u guys", "no no no stop", "bye stop", "stop bye", "STOP!!! bye", "Stop thanks bye",
        "stop scammer", "quit with the texting", "dont send me any more of these", "i want to be removed from this",
        "take off list", "unsuscribeme",
    ],
)  # fmt: skip
def test_a_hail_a_leave_or_an_insult_beside_stop_takes_nothing_from_it(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "you still havent stopped",
        "why would you text me",
        "no longer needed",
        "i did not authorize this",
        "lost my number",
    ],
)
def test_a_complaint_of_what_goes_on_is_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text", ["what time is it", "what time are you open", "what number do i call", "what is the number"]
)
def test_who_asks_something_else_is_not_helped(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize(
    "text",
    [
        "detente", "deténgase", "deténgase por favor", "cancelen", "borrar",
        "stop sending this garbage to my phone", "quit sending me rubbish",
        "Stop. I paid this last week", "STOP - I have paid", "stop. I don't owe you", "Stop. This is not my debt.",
        "for the love of god stop", "for pete's sake stop it", "for fucks sake stop", "for God's sake, quit texting me",
    ],
)  # fmt: skip
def test_stop_by_other_words_is_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize(
    "text", ["detente en el semaforo", "quiero cancelar mi pago", "take out the garbage", "full stop", "god bless"]
)
def test_such_a_word_among_others_is_none(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize(
    "text",
    [
        "no need to text me, I paid", "pause", "please pause", "hold off texting until Friday", "stop collections",
        "text my wife instead",
    ],
)  # fmt: skip
def test_what_asks_for_a_rest_is_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text", ["no need to stop", "hold on", "hold off on the payment", "I need to text you a photo"]
)
def test_what_is_on_hold_otherwise_is_not(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize(
    "text", ["paid in full stop", "I paid this in full stop", "Stop lol I paid", "stop! you paid? wow"]
)
def test_a_stop_that_may_belong_to_the_rest_is_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text",
    [
        "I want to kill myself", "I'm going to end it all", "i don't want to live anymore", "thinking about suicide",
        "me quiero morir", "je veux mourir", "going to end my life", "I'm a minor", "you are texting a minor",
    ],
)  # fmt: skip
def test_who_is_in_danger_or_a_child_is_for_a_person(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text",
    [
        "my phone is about to die", "my battery died", "I live with my mom", "I don't want to live in debt",
        "this is a minor issue", "can we end it all with one payment",
    ],
)  # fmt: skip
def test_what_only_sounds_so_is_not(text: str) -> None:
    assert classify(text).kind == "none"
