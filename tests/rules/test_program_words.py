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
