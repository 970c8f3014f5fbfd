"""What is open with the consumer decides what a yes, a no, a code and a keyword mean; nothing decides over an opt-out."""

import pytest

from gateway.rules.keywords import RESERVED, Context, Dialog, classify, core_word, is_reserved

PENDING = Context(opt_in_pending=True)
MENU = Context(dialog=Dialog("payment_menu", ("1", "2", "Pay now", "tomorrow", "no thanks", "end of the week", "yes")))


@pytest.mark.parametrize(
    "text",
    ["YES", "yes please", "Y", "Yes!!", "yeah ok", "I agree", "AGREE", "sí", "sí, claro", "Oui", "y e s", "yes 👍"],
)
def test_an_express_yes_consents_while_a_request_is_open(text: str) -> None:
    assert classify(text, PENDING).kind == "opt-in"
    assert classify(text).kind == "none"
    assert classify(text, Context(opted_out=True)).kind == "needs-review"
    assert classify(text, Context(dialog=Dialog("yes_no"))).kind == "none"


@pytest.mark.parametrize(
    "text",
    ["ok", "OK thanks", "👍", "👍🏽", "sure", "fine", "yes but only in the morning", "yes I got your letter", "k"],
)
def test_less_than_an_express_yes_is_asked_again(text: str) -> None:
    assert classify(text, PENDING).kind == "needs-review"


@pytest.mark.parametrize(
    "text", ["NO", "no thanks", "No thank you!", "nope", "n", "no gracias", "non merci", "not interested"]
)
def test_a_no_declines_an_open_request(text: str) -> None:
    reply = classify(text, PENDING)
    assert (reply.kind, reply.declined) == ("none", True)
    assert not classify(text).declined


@pytest.mark.parametrize(
    "text", ["yes stop", "yes, please unsubscribe me", "no. stop texting me", "ok stop", "YES STOP"]
)
@pytest.mark.parametrize("context", [PENDING, MENU, Context(opted_out=True), Context(opt_in_code_sent=True), Context()])
def test_an_opt_out_beats_every_context(text: str, context: Context) -> None:
    assert classify(text, context).kind == "opt-out"


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_core_word_keeps_its_meaning_whatever_claims_it(word: str) -> None:
    plain = classify(word).kind
    claimed = Context(
        dialog=Dialog("greedy", (word,)),
        opt_in_pending=True,
        opt_in_words=(word,),
        opt_out_words=() if plain == "opt-out" else (word,),
        help_words=(word,),
        agree_words=(word,),
    )
    assert plain in ("opt-out", "opt-in", "help")
    assert core_word(word) == plain
    if plain == "opt-out":
        assert classify(word, claimed).kind == "opt-out"
    else:
        assert classify(word, Context(opt_out_words=(word,), opt_in_words=(word,), help_words=(word,))).kind == plain


@pytest.mark.parametrize(
    "word", ["STOP", "  s.t.o.p ", "Opt-Out", "ＵＮＳＵＢＳＣＲＩＢＥ", "stop all", "HELP!", "Start", "unstop", "st0p"]
)
def test_a_reserved_word_is_reserved_in_every_spelling(word: str) -> None:
    assert is_reserved(word)


@pytest.mark.parametrize(
    "word", ["pay", "confirm", "yes", "no", "1", "leave", "delete", "stop now please", "", "stopwatch"]
)
def test_other_words_are_free(word: str) -> None:
    assert not is_reserved(word)
    assert core_word(word) is None


@pytest.mark.parametrize("text", ["1", "pay now", "Pay now please", "TOMORROW", "no thanks", "End of the week", "yes"])
def test_an_answer_that_the_dialog_offers_is_the_dialogs(text: str) -> None:
    reply = classify(text, MENU)
    assert (reply.kind, reply.rule) == ("none", "dialog.choice")


def test_a_yes_that_could_answer_two_questions_is_held() -> None:
    both = Context(opt_in_pending=True, dialog=Dialog("plan", ("yes", "no")))
    assert classify("yes", both).kind == "needs-review"


@pytest.mark.parametrize("text", ["4821", " 482913 ", "4821."])
def test_a_code_typed_back_is_held_while_one_is_out(text: str) -> None:
    assert classify(text, Context(opt_in_code_sent=True)).kind == "needs-review"
    assert classify(text).kind == "none"


def test_a_yes_where_a_code_is_awaited_is_held() -> None:
    assert classify("yes", Context(opt_in_code_sent=True)).kind == "needs-review"
    assert classify("yes", Context(opt_in_code_sent=True, opt_in_pending=True)).kind == "opt-in"


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("STOP", None), ("stop all", "all"), ("STOPALL", "all"), ("STOP 12345", "12345"), ("unsubscribe 12345 please", "12345"),
        ("STOP marketing", "marketing"), ("stop reminders", "reminders"), ("STOP everything", "everything"), ("STOP 40404", None),
        ("STOP to 40404", None), ("STOP to 22395", "22395"),
        ("stop 555 010 0100", None), ("STOP +1 555-010-0100", None), ("stop 1", "1"),
    ],
)  # fmt: skip
def test_what_stands_behind_stop(text: str, argument: str | None) -> None:
    reply = classify(text, Context(own_numbers=("40404", "+15550100100")))
    assert (reply.kind, reply.scope_argument) == ("opt-out", argument)


def test_words_of_a_program() -> None:
    program = Context(
        opt_out_words=("Nix es",), opt_in_words=("JOIN",), help_words=("Quoi?",), agree_words=("Bien sûr",)
    )
    assert classify("nix es!", program).kind == "opt-out"
    assert classify("join please", program).kind == "opt-in"
    assert classify("quoi", program).kind == "help"
    assert classify("bien sur", program).kind == "none"
    assert classify("bien sur", Context(opt_in_pending=True, agree_words=program.agree_words)).kind == "opt-in"
    assert classify("join").kind == "none"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("stop texting me", "en"),
        ("no me manden mensajes", "es"),
        ("ne m'écrivez plus", "fr"),
        ("🛑", ""),
        ("12345", ""),
        ("ALTO", "es"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert classify(text).language == language


def test_what_this_is_is_asked_of_the_question_that_waits() -> None:
    assert classify("what is this").kind == "help"
    assert classify("what is this", Context(dialog=Dialog("pay"))).kind == "none"
    assert classify("who is this", Context(dialog=Dialog("pay"))).kind == "help"
