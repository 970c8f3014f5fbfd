"""The words that a program says yes by: each has to be readable, and to mean nothing else.

Owns: what is wrong with a program's ``opt_in_words``. Does not own: reading a reply (replies), or the words (clients.toml).

What a consumer means by STOP, NO or HELP is not the program's to say. A word that may mean such a thing would make a yes of a no.
"""

from collections.abc import Iterator

from gateway.config import Config, Fault
from gateway.rules.keywords import Context, classify

_MEANS_OTHERWISE = frozenset({"opt-out", "help", "needs-review"})


def find_word_faults(config: Config) -> Iterator[Fault]:
    """Everything that is wrong with the words."""
    for client in config.clients:
        for program in client.programs:
            key = f"client[{client.id}].program[{program.id}].opt_in_words"
            for word in program.opt_in_words:
                problem = _problem(word)
                if problem is not None:
                    yield Fault(
                        "clients.toml", key, f"{word!r} {problem}", "choose words that say yes and nothing else"
                    )


def _problem(word: str) -> str | None:
    plainly, asked = classify(word), classify(word, Context(opt_in_pending=True))
    if asked.declined or plainly.kind in _MEANS_OTHERWISE:
        return "means, or may mean, something else to who writes it"
    if classify(word, Context(opt_in_pending=True, agree_words=(word,))).rule != "request.agreed":
        return "would not be read as a yes"
    return None
