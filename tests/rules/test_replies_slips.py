"""A core word with one slip of the hand is that word: parted, masked, numbered, in letters of another kind."""

import pytest

from gateway.rules.keywords import classify


@pytest.mark.parametrize(
    "text",
    [
        "ST OP", "S TOP", "STO P", "Sto p please", "un subscribe", "can cel", "ok qui t thanks", "s to p",
        "stop1", "stop2", "stop0", "unsubscribe1", "please stop1 texting me",
        "S*T*O*P", "s*top", "$TOP", "st*p", "s**p", "S*T*O*P texting me",
        "do nt text me", "don,t text me", "don t text me", "dnt send me nothin", "opt0ut", "0ptout",
        "🆂🆃🅾🅿", "🅢🅣🅞🅟", "🅂🅃🄾🄿", "S\u2800T\u2800O\u2800P", "S\u3164T\u3164O\u3164P", "ЅТОР",
        "FU", "fu!", "F U",
    ],
)  # fmt: skip
def test_one_slip_leaves_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize("text", ["UN-STOP", "un stop", "Un Stop please", "unstop"])
def test_a_parted_unstop_is_no_stop(text: str) -> None:
    assert classify(text).kind == "opt-in"


@pytest.mark.parametrize(
    "text",
    [
        "top", "on top", "to p", "can do", "I live on st op", "$50", "$tay", "🅰 blood type", "re start", "one stop shop",
        "see you at 8 p.m. don,t worry", "5 to 9", "topo", "it isn t urgent", "$5 top up",
    ],
)  # fmt: skip
def test_what_only_resembles_a_slip_is_left_alone(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize("text", ["omg stop 😂", "Стол"])
def test_a_word_in_doubt_stays_in_doubt(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text",
    [
        "STOPSTOPSTOP", "STOP to 40404", "unlist me", "unenrol me", "desuscribirse", "desubscribir", "quiero salir",
        "Cessez tout contact", "Cancele mi suscripción a los textos", "add me to the do not text list",
        "PLEASE TAKE ME OFF YOUR CALL AND TEXT LIST", "take me off your calling and texting lists",
    ],
)  # fmt: skip
def test_a_rare_word_or_turn_is_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize("text", ["ur blocked bye", "Cancele mi suscripción"])
def test_a_turn_in_doubt_is_held(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize(
    "text", ["quiero salir temprano del trabajo", "quiero salir de la deuda", "put me on the list", "nonstop"]
)
def test_a_turn_about_something_else_is_none(text: str) -> None:
    assert classify(text).kind == "none"


@pytest.mark.parametrize(
    "text", ["cancle", "Cancell", "cansel", "otp out", "pls otp out", "CANCLE PLEASE", "para", "terminar"]
)
def test_a_mistyped_word_of_one_class_with_the_keyword_is_the_keyword(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize("text", ["do not want", "Do not call", "kiss my ass", "atop"])
def test_a_dismissal_is_held_whatever_of_its_words_has_no_weight(text: str) -> None:
    assert classify(text).kind == "needs-review"


@pytest.mark.parametrize("text", ["START START", "start start start!", "re-subscribe", "begin"])
def test_an_opt_in_word_repeated_or_parted_is_an_opt_in(text: str) -> None:
    assert classify(text).kind == "opt-in"


def test_initials_are_the_words_they_stand_for() -> None:
    assert classify("idk who that is").signals[0].name == "wrong_party"
    assert classify("idk").kind == "none"


@pytest.mark.parametrize("text", ["un\nsubscribe", "UN\nSUBSCRIBE ME", "un. subscribe", "un\nsubscribe please"])
def test_a_line_break_makes_no_opt_in_of_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize(
    "text",
    [
        "S T O P. I mean it", "stop i mean it", "Stop! I mean it.", "stop - John", "Stop. Maria", "arretez de mecrire",
        "ne menvoyez plus de messages", "merci darreter", "arrete de menvoyer ca",
    ],
)  # fmt: skip
def test_what_insists_signs_or_lost_its_apostrophe_is_an_opt_out(text: str) -> None:
    assert classify(text).kind == "opt-out"


@pytest.mark.parametrize("text", ["I paid already. syop", "stpo... dtop", "s t o p i hate this", "who is this? syop"])
def test_a_mistyped_core_word_that_is_a_clause_stops_or_holds(text: str) -> None:
    assert classify(text).kind in ("opt-out", "needs-review")
