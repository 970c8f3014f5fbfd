"""Questions asked by text: reading an answer, and how a dialog goes on from it.

Owns: which of the offered answers a consumer's words are, what may be offered at all, and when a person takes over. Does not
own: words that mean more than an answer (replies: they are looked for first, and an opt-out ends the dialog), sessions
(store/dialogs) or what an answer leads to (plugins).

An answer is read as a person would: "1", "1.", "opt 1", "one", "#1 please", "pay tomorrow", "tomorow", "mañana". It is one
of the offered words or nothing: where two are meant, or a no stands beside one ("not tomorrow"), the question is asked
again rather than guessed at. After two such times a person takes over, and at once where one is asked for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

from gateway.model.dialog import Choice
from gateway.rules.content.wording import word_set
from gateway.rules.replies import exact
from gateway.rules.replies.classify import Dialog, classify
from gateway.rules.replies.normalise import fold, tokens

MOST_REPROMPTS: Final = 2
"""How often a question is asked again."""
LONGEST_ANSWER: Final = 160
"""Characters; whoever writes more says more than which answer it is."""


class Outcome(StrEnum):
    """How a dialog goes on."""

    CHOSEN = "chosen"
    ASK_AGAIN = "ask_again"
    HANDED_OVER = "handed_over"


class Move(msgspec.Struct, frozen=True):
    """What comes of one text."""

    outcome: Outcome
    choice: str | None = None
    """The id of the chosen answer."""


class Wrong(msgspec.Struct, frozen=True):
    """Why an answer cannot be offered."""

    choice: str
    word: str
    problem: str
    fix: str


# Said around an answer without being one.
_AROUND: Final = word_set(
    "a an the i id ill im me my we it its is that this please pls plz thanks thank you thx ty ok okay hi hello hey sir maam"
    " option options opt choice choose chose choosing select selected selecting pick picked number nr num answer reply"
    " would like want to will can do could prefer think let lets make for with on in at by go"
    " el la los las un una yo mi por favor porfavor gracias hola opcion elijo escojo escoger numero respuesta quiero"
    " quisiera puedo prefiero voy en para con de lo"
)
_NEGATIONS: Final = word_set(
    "no not none never neither nor dont cant cannot wont didnt doesnt isnt wasnt aint without nunca ninguno ninguna tampoco"
    " ni sin"
)
_NUMBERS: Final = {
    word: str(number)
    for number, words in enumerate(
        (
            "one first 1st uno primero primera 1ro 1ra",
            "two second 2nd dos segundo segunda 2do 2da",
            "three third 3rd tres tercero tercera 3ro 3ra",
            "four fourth 4th cuatro cuarto cuarta 4to 4ta",
            "five fifth 5th cinco quinto quinta 5to 5ta",
            "six sixth 6th seis sexto sexta 6to 6ta",
            "seven seventh 7th siete septimo septima",
            "eight eighth 8th ocho octavo octava",
            "nine ninth 9th nueve noveno novena",
        ),
        1,
    )
    for word in words.split()
}
_SOFT: Final = word_set("pay paying payment pagar pago pagare")
"""Said around an answer too, where it is not the answer: "I will pay tomorrow"."""
_GLUED: Final = ("options", "option", "opt", "choice", "number", "num", "nr", "opcion", "numero")
_PERSON: Final = word_set(
    "agent person human representative rep operator someone somebody staff agente persona humano representante operador"
    " operadora alguien asesor"
)
_CALLING: Final = word_set("call llame llamen llameme llamenme llamame")
_TALKING: Final = word_set("talk speak chat connect transfer with to a an real live hablar llamar comunicar")
# Alone, and so often as part of a longer answer, the law's own words for an opt-out, or the carriers' for help.
_CORE_WORDS: Final = frozenset(word for core in exact.RESERVED for word in core.split() if " " not in core)
_AMOUNT: Final = re.compile(r"[$€£]\s?\d|\d\s?(?:[$€£%]|usd\b|dollars?\b|bucks\b|d[oó]lares\b)", re.IGNORECASE)
"""Money, which is no number of an answer."""
# What a request to opt in is answered with, and nothing else.
_OF_REQUESTS: Final = frozenset({"yes", "y", "si", "oui", "agree", "i agree"})
_SHORTEST_TYPED: Final = 4
"""Letters of a word in which a slip is looked for: in a shorter one it makes another word."""
_MANY: Final = 8
"""Letters from which two slips are forgiven."""


def advance(choices: Sequence[Choice], reprompts: int, text: str) -> Move:
    """What comes of a text that asks for nothing else; ``reprompts``: how often the question was asked again already."""
    choice = read_answer(choices, text)
    if choice is not None:
        return Move(Outcome.CHOSEN, choice)
    if reprompts >= MOST_REPROMPTS or _asks_for_person(text):
        return Move(Outcome.HANDED_OVER)
    return Move(Outcome.ASK_AGAIN)


def read_answer(choices: Sequence[Choice], text: str) -> str | None:
    """The id of the one choice that a text makes, or None. Never raises; linear in the text."""
    if len(text) > LONGEST_ANSWER:
        return None
    words = _words(text)
    if not words or _AMOUNT.search(text) is not None:
        return None
    offered = _offered(tuple(choices))
    # "Do I confirm?" is a question.
    for read in (_exactly,) if "?" in text else (_exactly, _in_effect, _mistyped):
        found = {offered[spelt] for spelt in read(words, offered)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def context_of(name: str, choices: Sequence[Choice]) -> Dialog:
    """What the reading of replies has to know of an open dialog: its answers mean themselves and nothing else."""
    return Dialog(name, tuple(word for choice in choices for word in choice.words))


def find_wrong(choices: Sequence[Choice]) -> Iterator[Wrong]:
    """What may not be offered: a word that the gateway reads as something else, and two answers that are one."""
    taken: dict[tuple[str, ...], str] = {}
    ids: set[str] = set()
    for choice in choices:
        if choice.id in ids:
            yield Wrong(choice.id, "", "occurs twice among the choices", "give each its own id")
        ids.add(choice.id)
        for word in choice.words:
            spelt = _words(word)
            if not spelt:
                yield Wrong(choice.id, word, "holds no letter and no figure", "offer a number or a word")
                continue
            owner = taken.setdefault(_core(spelt) or spelt, choice.id)
            if owner != choice.id:
                yield Wrong(choice.id, word, f"is an answer of {owner} already", "offer another word")
            yield from _find_reserved(choice, word, spelt)


def _find_reserved(choice: Choice, word: str, spelt: tuple[str, ...]) -> Iterator[Wrong]:
    said = " ".join(spelt)
    core = next((one for one in spelt if one in _CORE_WORDS), None)
    verdict = classify(word)
    if said in exact.KEYWORDS or said in _OF_REQUESTS or exact.is_reserved(word):
        meaning = exact.KEYWORDS.get(said, "opt-in")
        yield Wrong(
            choice.id,
            word,
            f"is always taken for {meaning}, whatever the question says",
            "offer a number or another word",
        )
    elif core is not None:
        yield Wrong(
            choice.id,
            word,
            f"holds {core.upper()}, which is never an answer when somebody writes it alone",
            "offer a number or other words",
        )
    elif verdict.kind != "none" or said in exact.MISTYPED or said in exact.SHORTENED:
        yield Wrong(choice.id, word, "is read as more than an answer", "offer a number or a plainer word")


def _words(text: str) -> tuple[str, ...]:
    """The words of a text, number words as figures, "opt1" parted."""
    found: list[str] = []
    for token in tokens(fold(text)):
        token = token.strip("#$.,:/")
        if not any(map(str.isalnum, token)):
            continue
        for glued in _GLUED:
            if token.startswith(glued) and token[len(glued) :].isdecimal():
                token = token[len(glued) :]
                break
        if token.isdecimal():
            token = str(int(token)) if len(token) < 4 else token
        found.append(_NUMBERS.get(token, token))
    return tuple(found)


@lru_cache(maxsize=256)
def _offered(choices: tuple[Choice, ...]) -> dict[tuple[str, ...], str]:
    """Each offered word, as it is compared, and whose it is."""
    return {spelt: choice.id for choice in choices for word in choice.words if (spelt := _words(word))}


_Offered = dict[tuple[str, ...], str]


def _exactly(words: tuple[str, ...], offered: _Offered) -> Iterator[tuple[str, ...]]:
    """Nothing but the answer, said once or again: "1", "1 1"."""
    if words in offered:
        yield words
    elif len(set(words)) == 1 and words[:1] in offered:
        yield words[:1]


def _in_effect(words: tuple[str, ...], offered: _Offered) -> Iterator[tuple[str, ...]]:
    """The answer among words that add nothing to it."""
    if not _NEGATIONS.isdisjoint(words):
        return
    bare = {core: spelt for spelt in offered if (core := _core(spelt) or spelt)}
    core = _core(words)
    found = _parts(core, bare) or _parts(tuple(word for word in core if word not in _SOFT), bare)
    yield from (bare[part] for part in found)
    if not found and len(core) == 1 and core[0].isdecimal():
        # "7" to "3 in 7 days, 4 in 14 days".
        yield from (spelt for part, spelt in bare.items() if core[0] in part)


def _parts(words: tuple[str, ...], bare: Mapping[tuple[str, ...], tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The offered words that ``words`` consist of, one behind the other ("2 tomorrow"); none where there are others."""
    found: list[tuple[str, ...]] = []
    at = 0
    while at < len(words):
        longest = max((part for part in bare if words[at : at + len(part)] == part), key=len, default=None)
        if longest is None:
            return []
        found.append(longest)
        at += len(longest)
    return found


def _mistyped(words: tuple[str, ...], offered: _Offered) -> Iterator[tuple[str, ...]]:
    """The answer with a slip or two in a long word."""
    if not _NEGATIONS.isdisjoint(words):
        return
    core = _core(words)
    for spelt in offered:
        bare = _core(spelt) or spelt
        if len(bare) == len(core) and all(map(_near, core, bare)):
            yield spelt


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _AROUND)


def _near(said: str, meant: str) -> bool:
    if said == meant:
        return True
    if len(meant) < _SHORTEST_TYPED or not (said.isalpha() and meant.isalpha()):
        return False
    return _slips(said, meant) <= (2 if len(meant) >= _MANY else 1)


def _slips(said: str, meant: str) -> int:
    """Letters left out, added, changed or changed over (optimal string alignment), or 3 where there are more."""
    if abs(len(said) - len(meant)) > 2:
        return 3
    before: list[int] = []
    last = list(range(len(meant) + 1))
    for i, letter in enumerate(said, 1):
        row = [i]
        for j, wanted in enumerate(meant, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == meant[j - 2] and said[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _asks_for_person(text: str) -> bool:
    if len(text) > LONGEST_ANSWER:
        return False
    words = _words(text)
    rest = [word for word in words if word not in _AROUND and word not in _TALKING]
    return bool(rest) and (_PERSON | _CALLING).issuperset(rest) and _NEGATIONS.isdisjoint(words)
