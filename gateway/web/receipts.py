"""Receipts that belong to no text we know: still waiting for its response, or orphans.

Owns: the answer. Does not own: parking and matching (store).
"""

from typing import Final

import msgspec

from gateway.model.address import mask
from gateway.store.orphans import Parked
from gateway.web.doors import Doors
from gateway.web.http import Handler, Request, Response
from gateway.web.wire import check_query, read_count, reply, spell_time

MOST_LISTED: Final = 1000


class ParkedView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One receipt."""

    carrier: str
    bind: str
    at: str | None
    """When it came."""
    smsc_message_id: str
    number: str
    """Masked."""
    orphan: bool
    """Whether it is no longer waited for: its id may be another text's by now."""
    stat: str | None = None
    err: str | None = None


class ParkedsView(msgspec.Struct, frozen=True):
    """The newest first."""

    receipts: list[ParkedView]


def list_receipts(doors: Doors) -> Handler:
    """Answers with the parked receipts of all carriers."""

    async def answer(request: Request) -> Response:
        check_query(request, "limit")
        limit = read_count(request, "limit", 100, 1, MOST_LISTED)
        return reply(ParkedsView([_view(parked) for parked in await doors.store.parked(None, 0, doors.now(), limit)]))

    return answer


def _view(parked: Parked) -> ParkedView:
    news = parked.news
    return ParkedView(
        news.carrier,
        news.bind,
        spell_time(news.at),
        news.smsc_message_id,
        mask(news.number),
        parked.orphan,
        news.stat,
        news.err,
    )
