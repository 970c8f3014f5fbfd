"""From parsed TOML to structs, with every fault at once.

Owns: walking a table along the fields of its struct, and the words for what is wrong. Does not own: TOML itself (load)
or what one section says of another (references).

``msgspec.convert`` stops at the first fault, so the walk goes field by field and lets it judge single values only. A
value that is not usable is replaced by its default, or by an empty one: what stands around it can still be checked.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from math import isfinite
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta
from msgspec.structs import FieldInfo, fields

from gateway.config.faults import Fault
from gateway.config.fields import Section, places

S = TypeVar("S", bound=Section)

_LONGEST_KEY = 40
_TYPE_WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}
_TYPE_WORDS |= {"array": "a list", "object": "a table", "null": "nothing"}
# What msgspec says of a struct that is no section, such as one of several kinds of a rule's actions.
_STRUCT_WORDS = (
    (re.compile(r"Object missing required field `(\w+)`"), r"\1 is missing"),
    (re.compile(r"Object contains unknown field `(.*?)`", re.DOTALL), r"\1 is no known key"),
    (re.compile(r"Invalid value '(.*?)' - at `\$\.(\w+)`\Z", re.DOTALL), r"\2 = '\1' is not one of the choices"),
)
_TYPE_NAME = re.compile(r"`([a-z]+)(?: \| null)?`")


class Faults:
    """The faults of one file, and which of its values could not be used at all."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[Fault] = []
        self._unusable: set[str] = set()

    def add(self, key: str, problem: str, fix: str) -> None:
        """Keep a fault."""
        self._found.append(Fault(self.file, key, problem, fix))

    def add_unusable(self, key: str, problem: str, fix: str) -> None:
        """Keep a fault that leaves no value behind."""
        self._unusable.add(key)
        self.add(key, problem, fix)

    def is_usable(self, key: str) -> bool:
        """Whether the value, and every part of it, is what was written."""
        return not any(seen == key or seen.startswith((f"{key}.", f"{key}[")) for seen in self._unusable)

    @property
    def unread(self) -> bool:
        """Whether the file as a whole could not be read, so that nothing is known of what it says."""
        return "" in self._unusable

    def __iter__(self) -> Iterator[Fault]:
        """In the order in which they were found."""
        return iter(self._found)


def did_you_mean(word: str, known: list[str]) -> str:
    """How to mend a misspelt word: the nearest known one, or all of them."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known are {', '.join(sorted(known))}" if known else "there is none yet"


def decode_table(kind: type[S], raw: object, path: str, faults: Faults) -> S:
    """The section that ``raw`` spells; what is wrong with it goes to ``faults``."""
    if not isinstance(raw, dict):
        faults.add_unusable(path, "is not a table", "write it as a [table] of key = value lines")
        return _build(kind, {})
    known = {field.encode_name: field for field in fields(kind)}
    for key in raw:
        if key not in known:
            faults.add(_join(path, key), "is no known key", did_you_mean(key, list(known)))
    values: dict[str, object] = {}
    for key, field in known.items():
        if key in raw:
            decoded = _decode_value(field.type, raw[key], _join(path, key), faults)
            if decoded is not NODEFAULT:
                values[field.name] = decoded
        elif field.required:
            faults.add_unusable(_join(path, key), "is missing", f"give {_wanted(field.type)}")
    section = _build(kind, values)
    for key, problem, fix in section.check():
        if faults.is_usable(_join(path, key)):
            faults.add(_join(path, key), problem, fix)
    return section


def _decode_value(kind: Any, raw: object, path: str, faults: Faults) -> object:
    """The value, or NODEFAULT where there is none to be had."""
    bare = _bare(kind)
    if isinstance(bare, type) and issubclass(bare, Section):
        return decode_table(bare, raw, path, faults)
    if get_origin(bare) is tuple and isinstance(raw, list):
        items = [
            _decode_value(get_args(bare)[0], item, path + place, faults)
            for item, place in zip(raw, places([label_of(item) for item in raw]), strict=True)
        ]
        usable = tuple(item for item in items if item is not NODEFAULT)
        return _checked(kind, usable, path, faults) if len(usable) == len(items) else usable
    if get_origin(bare) is dict and isinstance(raw, dict):
        key_kind, value_kind = get_args(bare)
        entries = [
            (
                _decode_value(key_kind, key, _join(path, key), faults),
                _decode_value(value_kind, value, _join(path, key), faults),
            )
            for key, value in raw.items()
        ]
        return dict(entry for entry in entries if NODEFAULT not in entry)
    return _checked(kind, raw, path, faults)


def _checked(kind: Any, raw: object, path: str, faults: Faults) -> object:
    """The value if msgspec finds its type, range and form right."""
    try:
        value = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        faults.add_unusable(path, _plain(str(error)), f"give {_wanted(kind)}")
        return NODEFAULT
    if isinstance(value, float) and not isfinite(value):
        faults.add_unusable(path, "is no finite number", f"give {_wanted(kind)}")
        return NODEFAULT
    return value


def _build(kind: type[S], values: dict[str, object]) -> S:
    """The section; what is required and absent becomes an empty value, which no check looks at."""
    absent = {field.name: _empty(field) for field in fields(kind) if field.required and field.name not in values}
    return kind(**absent, **values)


def _empty(field: FieldInfo) -> object:
    bare = _bare(field.type)
    if get_origin(bare) in (tuple, dict):
        return () if get_origin(bare) is tuple else {}
    return 0 if bare is int else ""


def _bare(kind: Any) -> Any:
    """The type without its Meta; of a section that may be left out, the section."""
    if get_origin(kind) is UnionType and issubclass(get_args(kind)[0], Section):
        return get_args(kind)[0]
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def label_of(item: object) -> str:
    """The id or name that an item of a list calls itself by, if it has one."""
    label = item.get("id", item.get("name")) if isinstance(item, dict) else None
    return _shown(label) if isinstance(label, str) else ""


def _join(path: str, key: str) -> str:
    return f"{path}.{_shown(key)}" if path else _shown(key)


def _shown(key: str) -> str:
    """A key as it may stand in a path: on one line and not endless."""
    plain = key if key.isprintable() else ascii(key)[1:-1]
    return plain if len(plain) <= _LONGEST_KEY else f"{plain[:_LONGEST_KEY]}..."


def _plain(problem: str) -> str:
    """What msgspec found wrong, in the words of an operator, without the pattern or the value."""
    if "matching regex" in problem:
        return "is not well-formed"
    if problem.startswith("Invalid enum value"):
        return "is not one of the choices"
    for pattern, words in _STRUCT_WORDS:
        problem = pattern.sub(words, problem)
    return _TYPE_NAME.sub(lambda found: _TYPE_WORDS.get(found[1], found[1]), f"{problem[0].lower()}{problem[1:]}")


def _wanted(kind: Any) -> str:
    """What to write, in the words of the type: its description, its choices, or its plain name."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        described = [meta.description for meta in args[1:] if isinstance(meta, Meta) and meta.description]
        return described[0] if described else _wanted(args[0])
    if origin is Literal:
        return f"one of {', '.join(repr(choice) for choice in args)}"
    if origin in (Union, UnionType):
        tagged = [arg.__struct_config__ for arg in args if hasattr(arg, "__struct_config__")]
        if len(tagged) == len(args):
            return f"a table with {tagged[0].tag_field} = one of {', '.join(repr(one.tag) for one in tagged)}"
        return _wanted(next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        return f"a list: {_wanted(args[0])}"
    if origin is dict:
        return f"a table: {_wanted(args[0])} = {_wanted(args[1])}"
    return {bool: "true or false", str: "a text", int: "a whole number", float: "a number"}.get(kind, "a table")
