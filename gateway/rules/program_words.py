"""The words that a program gives in clients.toml: what says yes to it, and what it says itself.

Owns: what is wrong, or odd, about a program's ``opt_in_words`` and its words in place of templates. Does not own: reading a reply
(replies), the rules on wording (content), or the words (clients.toml).

What a consumer means by STOP, NO or HELP is not the program's to say. A word that may mean such a thing would make a yes of a no.
What answers a consumer is looked through here, as a template is when it is kept: nobody looks when it goes.
"""

from collections.abc import Iterator
from types import MappingProxyType

from gateway.config import ClientConfig, Config, Fault, ProgramConfig
from gateway.model.address import SenderKind
from gateway.rules.content.finding import ContentContext, Level, OptOutDuty, Purpose
from gateway.rules.content.judge import look_through
from gateway.rules.content.lint import lint
from gateway.rules.keywords import Context, classify

_MEANS_OTHERWISE = frozenset({"opt-out", "help", "needs-review"})
_SAID = MappingProxyType(
    {
        "help_text": Purpose.ORDINARY,
        "stop_confirmation": Purpose.OPT_OUT_CONFIRMATION,
        "start_confirmation": Purpose.ORDINARY,
        "opt_out_line": Purpose.ORDINARY,
    }
)


def find_word_faults(config: Config) -> Iterator[Fault]:
    """Everything that is wrong with the words."""
    for client in config.clients:
        for program in client.programs:
            key = f"client[{client.id}].program[{program.id}]"
            for word in program.opt_in_words:
                problem = _problem(word)
                if problem is not None:
                    fix = "choose words that say yes and nothing else"
                    yield Fault("clients.toml", f"{key}.opt_in_words", f"{word!r} {problem}", fix)
            yield from _refused(client, program, key)


def advise_words(config: Config) -> Iterator[Fault]:
    """Lines that are added to say how to opt out and, as far as they can be read, do not. In another language they may."""
    for client in config.clients:
        for program in client.programs:
            can_reply = program.sender_kind is not SenderKind.ALPHANUMERIC
            context = ContentContext(category="", identity=(), party_known=True, can_reply=can_reply)
            if program.opt_out_line is not None and not look_through(program.opt_out_line, context)[1]:
                yield Fault(
                    "clients.toml",
                    f"client[{client.id}].program[{program.id}].opt_out_line",
                    "does not say how to get no more texts, as far as it can be read, and counts as if it did",
                    'write it as "Reply STOP to opt out."'
                    if can_reply
                    else "nobody can reply to a name: give a link or a telephone number to opt out by",
                )


def _problem(word: str) -> str | None:
    plainly, asked = classify(word), classify(word, Context(opt_in_pending=True))
    if asked.declined or plainly.kind in _MEANS_OTHERWISE:
        return "means, or may mean, something else to who writes it"
    if classify(word, Context(opt_in_pending=True, agree_words=(word,))).rule != "request.agreed":
        return "would not be read as a yes"
    return None


def _refused(client: ClientConfig, program: ProgramConfig, key: str) -> Iterator[Fault]:
    """What no text may say."""
    for name, purpose in _SAID.items():
        context = ContentContext(
            category="",
            identity=(client.name, *program.identity),
            party_known=True,
            purpose=purpose,
            opt_out=OptOutDuty.NONE,
        )
        for finding in lint(getattr(program, name) or "", context):
            if finding.level is Level.REFUSE:
                yield Fault("clients.toml", f"{key}.{name}", f"{finding.why} ({finding.code})", finding.fix)
