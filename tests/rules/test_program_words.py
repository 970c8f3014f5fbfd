"""A program's own words of yes: what is taken, and what is a fault before anybody is asked."""

import msgspec
import pytest

from gateway.config import Config, load
from gateway.rules.program_words import advise_words, find_word_faults
from tests.flow.rig import CONF


def faults(*words: str) -> list[str]:
    config = load(CONF)
    client, *others = config.clients
    program, *rest = client.programs
    program = msgspec.structs.replace(program, opt_in_words=words)
    client = msgspec.structs.replace(client, programs=(program, *rest))
    found = find_word_faults(msgspec.structs.replace(config, clients=(client, *others)))
    return [f"{fault.key} {fault.problem}" for fault in found]


@pytest.mark.parametrize("word", ["count me in", "¡claro que sí!", "JOIN", "yes", "agree", "start"])
def test_words_that_say_yes(word: str) -> None:
    assert faults(word) == []


@pytest.mark.parametrize("word", ["stop", "Stop it", "no", "NO!", "help", "cancel", "quit", "end", "please", "🛑"])
def test_words_that_say_something_else_or_nothing(word: str) -> None:
    (fault,) = faults("count me in", word)
    assert fault.startswith("client[demo].program[servicing].opt_in_words")
    assert repr(word) in fault


def saying(**words: str) -> Config:
    config = load(CONF)
    client, *others = config.clients
    program, *rest = client.programs
    client = msgspec.structs.replace(client, programs=(msgspec.structs.replace(program, **words), *rest))
    return msgspec.structs.replace(config, clients=(client, *others))


def refused(**words: str) -> list[str]:
    return [str(fault) for fault in find_word_faults(saying(**words))]


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        # 47 CFR 64.1200(a)(12): nothing but the confirmation.
        ("stop_confirmation", "Acme: no more texts. Come back for 20% off!", "content.promotional_confirmation"),
        ("stop_confirmation", "Acme: no more texts. See bit.ly/acme", "content.link_shortener"),
        ("help_text", "Acme: help at https://bit.ly/acme. Reply STOP to end.", "content.link_shortener"),
        ("start_confirmation", "Acme: texts again. Reply END to end your plan.", "content.reserved_choice"),
        ("opt_out_line", "Reply STOP to talk to an agent.", "content.reserved_choice"),
    ],
)
def test_what_no_text_may_say_no_program_says_by_itself(key: str, text: str, code: str) -> None:
    (fault,) = refused(**{key: text})
    assert f"client[demo].program[servicing].{key}" in fault
    assert code in fault


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("stop_confirmation", "Acme: you will get no more offers. Reply START to get them again."),
        ("help_text", "Acme: 20% off for members. Help: 800-555-0199. Reply STOP to end."),
        ("help_text", "Help"),
        ("opt_out_line", "Antworten Sie STOP zum Abmelden."),
    ],
)
def test_what_a_program_may_say(key: str, text: str) -> None:
    assert refused(**{key: text}) == []


@pytest.mark.parametrize(
    ("sender", "line", "told"),
    [
        ("+12025550100", "Reply STOP to opt out.", False),
        ("+12025550100", "Responda ALTO para salir.", False),
        ("+12025550100", "Opt out at example.com/out", False),
        ("+12025550100", "Questions? Call 800-555-0199.", True),
        ("+12025550100", "Antworten Sie STOP zum Abmelden.", True),
        ("ACME", "Reply STOP to opt out.", True),  # to a name nobody can
        ("ACME", "Opt out at example.com/out", False),
    ],
)
def test_a_line_that_says_no_way_out_is_told(sender: str, line: str, *, told: bool) -> None:
    advice = [fault.key for fault in advise_words(saying(sender=sender, opt_out_line=line))]
    assert advice == (["client[demo].program[servicing].opt_out_line"] if told else [])


def test_no_line_of_its_own_is_nothing_to_tell() -> None:
    assert list(advise_words(load(CONF))) == []
