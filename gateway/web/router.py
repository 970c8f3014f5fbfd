"""Which handler answers a method and a path.

Owns: the route table, 404, 405 with Allow, HEAD and OPTIONS, the placeholders of a path. Does not own: what a resource
does, who may call it (auth), nor how a path is decoded (precheck).

A template is a path whose segments are either literal or ``{name}``. A literal path wins over a template, so that
``/v1/messages/batch`` is never taken for a message's id.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec.structs import replace

from gateway.errors import Code
from gateway.web.http import Handler, Request, Response
from gateway.web.problem import Problem

PARAM_LENGTH = 128
"""Characters that a placeholder may match; every id, number and name of ours is shorter."""

_TEMPLATE = re.compile(r"/|(?:/(?:[A-Za-z0-9._~-]+|\{[a-z_]+\}))+")


class Route(msgspec.Struct, frozen=True):
    """One line of the table. Subclasses may carry more (a role, a description): the router hands it all back."""

    method: str
    path: str
    handler: Handler


RouteT = TypeVar("RouteT", bound=Route)


class _Node(msgspec.Struct, frozen=True):
    """One path with all its methods. A placeholder is empty among ``segments`` and named in ``names``."""

    segments: tuple[str, ...]
    names: tuple[tuple[int, str], ...]
    handlers: dict[str, Handler]

    def matches(self, segments: Sequence[str]) -> bool:
        return all(ours == theirs if ours else theirs for ours, theirs in zip(self.segments, segments, strict=True))


class Router(Generic[RouteT]):
    """The table, itself a handler. ValueError when two lines contradict each other."""

    def __init__(self, routes: Iterable[RouteT]) -> None:
        self.routes = tuple(routes)
        self._literal: dict[str, _Node] = {}
        self._templates: dict[int, list[_Node]] = {}
        for route in self.routes:
            self._add(route)
        nodes = [*self._literal.values(), *(node for alike in self._templates.values() for node in alike)]
        for node in nodes:
            if "GET" in node.handlers:
                # RFC 9110 §9.3.2: as GET, without the body; the server leaves that away.
                node.handlers.setdefault("HEAD", node.handlers["GET"])
        self._allow = _allow({method for node in nodes for method in node.handlers})

    async def __call__(self, request: Request) -> Response:
        """Answer a request; the Problem of 404, 405, or of an unfit placeholder (400)."""
        node = self._literal.get(request.path)
        if node is None:
            if request.path == "*":
                return Response(204, headers=self._allow)
            node, request = self._look_up(request)
        handler = node.handlers.get(request.method)
        if handler is not None:
            return await handler(request)
        allow = _allow(node.handlers)
        if request.method == "OPTIONS":
            return Response(204, headers=allow)
        raise Problem(
            405,
            Code.METHOD_NOT_ALLOWED,
            f"{request.method} is not possible here.",
            fix=f"Use one of: {allow[0][1]}.",
            headers=allow,
        )

    def _add(self, route: RouteT) -> None:
        if not _TEMPLATE.fullmatch(route.path):
            raise ValueError(f"route {route.method} {route.path}: the path is not a template")
        parts = route.path.split("/")[1:]
        names = tuple((at, part[1:-1]) for at, part in enumerate(parts) if part.startswith("{"))
        if len({name for _, name in names}) != len(names):
            raise ValueError(f"route {route.method} {route.path}: a placeholder occurs twice")
        node = self._node(route, tuple("" if part.startswith("{") else part for part in parts), names)
        if node.names != names:
            raise ValueError(f"route {route.method} {route.path}: the same path has other placeholder names elsewhere")
        if route.method in node.handlers:
            raise ValueError(f"route {route.method} {route.path}: occurs twice")
        node.handlers[route.method] = route.handler

    def _node(self, route: RouteT, segments: tuple[str, ...], names: tuple[tuple[int, str], ...]) -> _Node:
        if not names:
            return self._literal.setdefault(route.path, _Node(segments, (), {}))
        alike = self._templates.setdefault(len(segments), [])
        for node in alike:
            if node.segments == segments:
                return node
            if all(a == b or not a or not b for a, b in zip(node.segments, segments, strict=True)):
                raise ValueError(f"route {route.method} {route.path}: another template matches the same paths")
        alike.append(_Node(segments, names, {}))
        return alike[-1]

    def _look_up(self, request: Request) -> tuple[_Node, Request]:
        segments = request.path.split("/")[1:]
        for node in self._templates.get(len(segments), ()):
            if node.matches(segments):
                params = {name: _fit(name, segments[at]) for at, name in node.names}
                return node, replace(request, params=params)
        raise Problem(404, Code.NOT_FOUND, "Nothing is here.", fix="Compare the path with /openapi.json.")


def _fit(name: str, text: str) -> str:
    if len(text) > PARAM_LENGTH:
        raise Problem(
            400,
            Code.REQUEST_INVALID,
            f"{name} in the path has {len(text)} characters.",
            field=f"path:{name}",
            fix=f"Send at most {PARAM_LENGTH} characters.",
        )
    return text


def _allow(methods: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return (("Allow", ", ".join(sorted({*methods, "OPTIONS"}))),)
