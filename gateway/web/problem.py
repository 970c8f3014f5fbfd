"""Errors as HTTP bodies: RFC 9457 problem details that name the field and the fix.

Owns: the shape of every error body. Does not own: which rule was broken (errors), nor when a connection ends (conversation).
"""

from collections.abc import Mapping, Sequence

import msgspec

from gateway.web.http import PHRASES, Response

CONTENT_TYPE = "application/problem+json"

_encoder = msgspec.json.Encoder()


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fault of one field. ``field`` is a JSON pointer into the body, or ``query:``, ``header:``, ``path:`` and a name."""

    field: str
    detail: str
    fix: str = ""


class Problem(Exception):
    """An answer other than success, raised from wherever it becomes clear.

    ``code`` is the stable string a program decides by, ``detail`` says to a person what is wrong, ``field`` and ``fix``
    where and what to do. Several faults at once go into ``errors``. ``extra`` becomes further members of the body
    (RFC 9457 §3.2), ``headers`` of the response.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        title: str = "",
        field: str = "",
        fix: str = "",
        errors: Sequence[FieldError] = (),
        headers: tuple[tuple[str, str], ...] = (),
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = str(code)
        self.title = title or PHRASES.get(status, "Error")
        self.detail = detail
        self.field = field
        self.fix = fix
        self.errors = tuple(errors) or ((FieldError(field, detail, fix),) if field else ())
        self.headers = headers
        self.extra = dict(extra or {})

    def to_response(self) -> Response:
        """The body of RFC 9457 §3; the standard members win over an extra one of the same name."""
        members: dict[str, object] = {
            **self.extra,
            "type": f"urn:assent:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": _printable(self.detail),
            "code": self.code,
        }
        if self.errors:
            members["errors"] = [
                FieldError(_printable(error.field), _printable(error.detail), _printable(error.fix))
                for error in self.errors
            ]
        elif self.fix:
            members["fix"] = _printable(self.fix)
        return Response(self.status, _encoder.encode(members), CONTENT_TYPE, self.headers)


def excerpt(text: str, limit: int = 40) -> str:
    """Something a client sent, quoted for an error text: escaped, and cut to ``limit`` characters."""
    return repr(text) if len(text) <= limit else f"{text[:limit]!r}…"


def _printable(text: str) -> str:
    # A lone surrogate cannot be written as UTF-8, and an error text may quote what a client sent.
    return text.encode("utf-8", "replace").decode()
