"""The kinds of value that configuration is made of.

Owns: ranges and forms that more than one file uses, each with the words that tell an operator what to write. Does not
own: which section has which key (gateway, carriers, clients, policy, plugins), nor reading it (decode, load).

A description completes the sentence "give ...": the loader prints it after whatever was wrong. Patterns end in ``\\Z``,
because ``$`` would let a trailing line feed through.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

Wrong = tuple[str, str, str]
"""A key of the section, what is wrong with it, and what to do about it."""


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of a configuration file."""

    def check(self) -> Iterator[Wrong]:
        """Yield what no single value shows to be wrong: keys that contradict each other, forms that need a parser."""
        return iter(())


Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,31}\Z",
        description="1 to 32 lower-case letters, digits, hyphens or underscores, a letter or digit first",
    ),
]
Title = Annotated[
    str,
    Meta(
        pattern=r"^(?=.*\S)[^\x00-\x1f\x7f]{1,100}\Z",
        description="one line of text, 1 to 100 characters, not all blank",
    ),
]
Words = Annotated[
    str,
    Meta(
        pattern=r"\A(?=[^\x00]*\S)[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f]{1,1000}\Z",
        description="the text as the consumer shall read it, 1 to 1000 characters",
    ),
]
Host = Annotated[
    str,
    # One colon is the port's: an IPv6 address has more.
    Meta(
        pattern=r"^(?![^:]*:[^:]*\Z)[A-Za-z0-9][A-Za-z0-9._:%-]{0,252}\Z|^::1?\Z",
        description="a host name or an IP address, without a port",
    ),
]
Domain = Annotated[
    str,
    Meta(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z",
        max_length=253,
        description='a domain in small letters, such as "pay.acme.example"',
    ),
]
Locale = Annotated[
    str,
    Meta(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z", description='a locale, such as "en-US"'),
]
Port = Annotated[int, Meta(ge=1, le=65535, description="a TCP port, 1 to 65535")]
Listen = Annotated[
    str,
    Meta(
        pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}\Z",
        description='an address and a port, such as "127.0.0.1:8080" or "[::1]:8080" (port 0: any free one)',
    ),
]
FileName = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00]{1,1000}\Z",
        description="a path; a relative one starts at the data directory ([store] path)",
    ),
]
EnvironmentName = Annotated[
    str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z", description="the name of an environment variable")
]
Seconds = Annotated[float, Meta(gt=0, le=86_400, description="seconds, more than 0 and at most 86400")]
Prefix = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{0,14}\Z", description='a prefix with its plus sign, such as "+1"')]
Content = Literal["servicing", "first_party_collections", "third_party_collections", "marketing"]
"""What kinds of content carriers tell apart, in what they permit."""
Count = Annotated[int, Meta(ge=1, le=1_000_000, description="a whole number, 1 to 1000000")]


def split_listen(listen: str) -> tuple[str, int]:
    """Host and port of a ``Listen`` value; an IPv6 address loses its brackets."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def check_secret(
    key: str, form: str, given: tuple[str | None, str | None, str | None], *, required: bool
) -> Iterator[Wrong]:
    """Yield what is wrong with the three ways to give a secret: inline, in a file, in the environment."""
    count = sum(value is not None for value in given)
    ways = f"{key}_file, {key}_env or {key}"
    if count > 1:
        yield key, f"is given {count} times", f"keep one of {ways}"
    elif required and count == 0:
        yield key, "is missing", f"give one of {ways}: {form}"


def places(labels: Sequence[str]) -> list[str]:
    """How to point at each item of a list: by its label where that is unique, else by its place, counted from 1."""
    return [
        f"[{label}]" if label and labels.count(label) == 1 else f"[#{place}]" for place, label in enumerate(labels, 1)
    ]
