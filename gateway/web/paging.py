"""How a list is asked for page by page: how much of it, and from where on.

Owns: the parameters ``limit`` and ``cursor`` of lists that have pages, and what is wrong with them. Does not own: what is
listed (resources), or the spelling of a cursor (model/ids).
"""

from typing import Final, Literal

from gateway.errors import Code
from gateway.model import ids
from gateway.web.http import Request
from gateway.web.problem import Problem
from gateway.web.routes import Parameter
from gateway.web.wire import read_count

_MOST: Final = 200
_USUAL: Final = 50

PAGING: Final = (
    Parameter("limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": _MOST, "default": _USUAL}),
    Parameter(
        "cursor", "Where to go on: `next` of the page before.", {"type": "string", "pattern": ids.pattern("cur")}
    ),
)


def read_limit(request: Request) -> int:
    """How many are wanted. Raises Problem 422."""
    return read_count(request, "limit", _USUAL, 1, _MOST)


def read_cursor(request: Request, begins_at: Literal["newest", "oldest"]) -> int | None:
    """The place after which the page begins; None for the beginning of the list. Raises Problem 422."""
    text = request.query.get("cursor")
    if text is None:
        return None
    place = ids.read("cur", text)
    if place is None:
        raise Problem(
            422,
            Code.REQUEST_INVALID,
            "The cursor is not one that was given.",
            field="query:cursor",
            fix=f'Send "next" of the page before as it is, or leave it out to begin at the {begins_at}.',
        )
    return place


def spell_cursor(place: int | None) -> str | None:
    """What the next page is asked for with; None at the end."""
    return None if place is None else ids.spell("cur", place)
