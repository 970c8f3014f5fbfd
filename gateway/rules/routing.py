"""Which carrier a text leaves through.

Owns: the choice among the carriers of a program's routes, and what the gate says of it. Does not own: which carriers are up,
or moving what was queued for one that went down (flow).

A program's routes are asked in order. The first one that has a carrier up, and allowed to carry the text, gets it; among
several such carriers the weights decide. The choice follows from the message's id: asked again, it comes out the same, and
over many messages the shares come out as the weights say.
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

import msgspec

from gateway.errors import Code
from gateway.model.decision import Finding, Verdict

EVERY_NUMBER = ("",)
"""Prefixes that all numbers have."""

_GOLDEN = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio: multiples of it fall evenly, however few they are
_MASK = (1 << 64) - 1


class Way(msgspec.Struct, frozen=True):
    """A carrier as a route offers it."""

    carrier: str
    weight: int
    prefixes: tuple[str, ...]
    """Numbers that the carrier serves."""
    permits: frozenset[str]
    """Kinds of content that the carrier lets us send."""


class Route(msgspec.Struct, frozen=True):
    """Carriers that stand in for each other."""

    ways: tuple[Way, ...]
    prefixes: tuple[str, ...] = EVERY_NUMBER
    categories: frozenset[str] | None = None
    """None: all."""


class Standing(StrEnum):
    """How a choice stands."""

    OPEN = "open"
    WAITS = "waits"
    """No carrier that may carry the text is up: it waits for this one."""
    NOT_PERMITTED = "not_permitted"
    """Carriers serve the number, and none of them may carry the text."""


class Choice(msgspec.Struct, frozen=True, gc=False):
    """The carrier for a text."""

    carrier: str
    standing: Standing
    content: str


def fraction_of(message_id: int) -> float:
    """A number from 0 to below 1 that only depends on the id; those of any run of ids are spread evenly."""
    return float((message_id * _GOLDEN & _MASK) >> 11) / (1 << 53)


def choose(
    routes: Sequence[Route], number: str, category: str, content: str, healthy: frozenset[str], fraction: float
) -> Choice | None:
    """The carrier for a text of a category, whose content is of a kind; None if none serves the number."""
    serving: str | None = None
    waiting: list[Way] = []
    for route in routes:
        if not number.startswith(route.prefixes):
            continue
        ways = [way for way in route.ways if number.startswith(way.prefixes)]
        if not ways:
            continue
        serving = serving or ways[0].carrier
        if route.categories is not None and category not in route.categories:
            continue
        ways = [way for way in ways if content in way.permits]
        up = [way for way in ways if way.carrier in healthy]
        if up:
            return Choice(_pick(up, fraction), Standing.OPEN, content)
        waiting = waiting or ways
    if waiting:
        return Choice(_pick(waiting, fraction), Standing.WAITS, content)
    return None if serving is None else Choice(serving, Standing.NOT_PERMITTED, content)


def _pick(ways: Sequence[Way], fraction: float) -> str:
    if len(ways) == 1:
        return ways[0].carrier
    point = fraction * sum(way.weight for way in ways)
    for way in ways[:-1]:
        point -= way.weight
        if point < 0:
            return way.carrier
    return ways[-1].carrier


_BACK = Finding("route", Verdict.ALLOW, detail="the way the consumer's word came")


@lru_cache(maxsize=512)
def _by(carrier: str, content: str) -> Finding:
    return Finding("route", Verdict.ALLOW, detail=f"{carrier}, for {content}")


@lru_cache(maxsize=512)
def judge_barred(carrier: str) -> Finding:
    """What the gate says of a text that waits for a carrier which may not carry it any more."""
    return Finding(
        "route", Verdict.REFUSE, Code.ROUTE_NOT_PERMITTED, f"carrier {carrier} is not for this category any more"
    )


def judge_route(choice: Choice | None) -> Finding:
    """What the gate says of a choice; None stands for the answer to a consumer, which goes back the way the word came."""
    if choice is None:
        return _BACK
    if choice.standing is Standing.OPEN:
        return _by(choice.carrier, choice.content)
    if choice.standing is Standing.WAITS:
        return Finding(
            "route", Verdict.ALLOW, detail=f"waits for carrier {choice.carrier}: none that may carry it is up"
        )
    return Finding(
        "route",
        Verdict.REFUSE,
        Code.ROUTE_NOT_PERMITTED,
        f"no carrier that serves the number is for {choice.content} in this category",
    )
