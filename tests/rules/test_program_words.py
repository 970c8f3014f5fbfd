"""A program's own words of yes: what is taken, and what is a fault before anybody is asked."""

import msgspec
import pytest

from gateway.config import load
from gateway.rules.program_words import find_word_faults
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


def refused(**words: str) -> list[str]:
    config = load(CONF)
    client, *others = config.clients
    program, *rest = client.programs
    client = msgspec.structs.replace(client, programs=(msgspec.structs.replace(program, **words), *rest))
    return [str(fault) for fault in find_word_faults(msgspec.structs.replace(config, clients=(client, *others)))]


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
