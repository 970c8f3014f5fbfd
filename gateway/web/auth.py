"""Who is calling: API keys at the public door, one token at the operator's.

Owns: making, finding and revoking keys, the operator's token, and the answers 401 and 429. Does not own: the rows of
keys (store), how long a caller must wait (backoff), nor what a client may see (the resources).

A key is 32 random bytes. Its holder sees it once; here only its SHA-256 is kept, which needs no salt and no stretching,
because there is no dictionary of 256-bit numbers.
"""

import os
import re
import secrets
import stat
from collections.abc import Awaitable, Callable
from hashlib import sha256
from hmac import compare_digest
from math import ceil
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import trio
from msgspec.structs import replace

from gateway.config import ClientConfig, Config
from gateway.errors import Code
from gateway.log import Log
from gateway.store.base import Store
from gateway.store.reads import ApiKey
from gateway.web.backoff import FREE, BackOff
from gateway.web.http import Admit, Handler, Request, Response
from gateway.web.listen import neighbourhood
from gateway.web.problem import Problem

Found = TypeVar("Found")

KEY_PREFIX: Final = "ak_"
TOKEN_PREFIX: Final = "adm_"  # noqa: S105 - no secret
LONGEST_SECRET: Final = 200
"""Characters; longer ones are wrong without being hashed."""

_TOKEN = re.compile(rf"{TOKEN_PREFIX}[A-Za-z0-9_-]{{43}}")
_INDEX_BYTES = 8
_NO_DIGEST = bytes(32)
_CHALLENGE = 'Bearer realm="assent"'

_log = Log(__name__)


class NoSuchClient(ValueError):
    """A key was asked for whose client is not in the configuration."""


class Keys:
    """The API keys that are valid now."""

    def __init__(self, config: Config, store: Store, now: Callable[[], int]) -> None:
        self._config = config
        self._store = store
        self._now = now
        self._live: dict[bytes, ApiKey] = {}

    async def load(self) -> None:
        """Read all keys from the store; those of clients that are no longer configured open nothing."""
        keys = await self._store.api_keys()
        self._live.clear()
        for key in keys:
            if key.revoked_at is None and self._config.client(key.client) is not None:
                self._remember(key)

    def find(self, secret: str) -> ClientConfig | None:
        """Whose key this is; None if it is nobody's.

        Found by the first bytes of its digest: how long that takes can tell of a digest at most, and nobody can make a
        secret for a digest. The comparison takes the same time for every secret.
        """
        if len(secret) > LONGEST_SECRET:
            return None
        digest = sha256(secret.encode()).digest()
        key = self._live.get(digest[:_INDEX_BYTES])
        if not compare_digest(digest, _NO_DIGEST if key is None else key.digest) or key is None:
            return None
        client = self._config.client(key.client)
        return replace(client, templates_only=True) if client is not None and key.templates_only else client

    async def create(self, client: str, label: str) -> str:
        """A new key of a client, valid once this returns; the only time that it is seen. Raises NoSuchClient."""
        _, secret = await self.issue(client, label)
        return secret

    async def issue(self, client: str, label: str, *, templates_only: bool = False) -> tuple[ApiKey, str]:
        """``create``, with what is kept of the key. ``templates_only``: for somebody who may not choose the words."""
        if self._config.client(client) is None:
            raise NoSuchClient(client)
        secret = f"{KEY_PREFIX}{secrets.token_urlsafe(32)}"
        digest = sha256(secret.encode()).digest()
        key = ApiKey(f"key_{secrets.token_hex(8)}", client, label, digest, self._now(), None, templates_only)
        await self._store.add_key(key)
        self._remember(key)
        _log.info("API key made", client=client, key_id=key.id)
        return key, secret

    async def revoke(self, key_id: str) -> bool:
        """End a key, durably and at once; False if there is no live one of that id."""
        (revoked,) = await self._store.revoke_key(key_id, self._now())
        for index, key in self._live.items():
            if key.id == key_id:
                del self._live[index]
                break
        if revoked:
            _log.info("API key revoked", key_id=key_id)
        return revoked

    def _remember(self, key: ApiKey) -> None:
        self._live[key.digest[:_INDEX_BYTES]] = key


ForClient: TypeAlias = Callable[[Request, ClientConfig], Awaitable[Response]]
"""Answers a request of a client that showed its key."""


_WRONG_KEY = ("The key is not valid here.", "Compare it with the one that was issued, or have a new one made.")
_WRONG_TOKEN = (
    "The operator's token is not valid here.",
    "It is the one in admin.token of the data directory of the gateway that listens here.",
)


class Gate:
    """Lets requests through to handlers that want to know who is calling."""

    def __init__(self, clock: Callable[[], float] = trio.current_time) -> None:
        self._clock = clock
        self._backoff = BackOff()

    def for_client(self, keys: Keys, handler: ForClient) -> Handler:
        """``handler`` for requests with an API key."""

        async def admit(request: Request) -> Response:
            return await handler(request, self._check(request, keys.find, _WRONG_KEY))

        return admit

    def admitting(self, keys: Keys) -> Admit:
        """Lets requests with an API key in, before their bodies are read."""

        def admit(request: Request) -> None:
            self._check(request, keys.find, _WRONG_KEY)

        return admit

    def for_operator(self, token: str, handler: Handler) -> Handler:
        """``handler`` for requests with the operator's token."""
        digest = sha256(token.encode()).digest()

        def is_right(secret: str) -> bool | None:
            return compare_digest(sha256(secret.encode()).digest(), digest) or None

        async def admit(request: Request) -> Response:
            self._check(request, is_right, _WRONG_TOKEN)
            return await handler(request)

        return admit

    def _check(self, request: Request, find: Callable[[str], Found | None], wrong: tuple[str, str]) -> Found:
        """Whose secret it is. Raises Problem; ``wrong``: what is said of one that is nobody's, and what to do."""
        found = find(_bearer(request))
        if found is not None:
            return found
        wait = self._backoff.note_wrong(neighbourhood(request.peer), self._clock())
        if not wait:
            raise Problem(
                401,
                Code.AUTH_INVALID,
                wrong[0],
                field="header:authorization",
                fix=wrong[1],
                headers=(("WWW-Authenticate", f'{_CHALLENGE}, error="invalid_token"'),),
            )
        raise Problem(
            429,
            Code.AUTH_BACK_OFF,
            f"More than {FREE} wrong keys came from this address.",
            fix=f"Wait {ceil(wait)} seconds, or use a valid key: that one always passes.",
            headers=(("Retry-After", str(ceil(wait))),),
        )


def _bearer(request: Request) -> str:
    """The secret of the header Authorization (RFC 6750 §2.1)."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Problem(
            401,
            Code.AUTH_MISSING,
            "The request shows no key.",
            field="header:authorization",
            fix='Send "Authorization: Bearer" and the key.',
            headers=(("WWW-Authenticate", _CHALLENGE),),
        )
    return secret.strip()


def admin_token(path: Path) -> str:
    """The operator's token, from its file; a new one where there is none that only its owner can read.

    A file that others could read has told its secret: it is replaced, not mended. Raises OSError.
    """
    known = _read_private(path)
    if _TOKEN.fullmatch(known):
        return known
    token = f"{TOKEN_PREFIX}{secrets.token_urlsafe(32)}"
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(f"{token}\n")
    try:
        fresh.replace(path)
    except OSError:
        fresh.unlink()
        raise
    return token


def _read_private(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""  # not there, a link, or not ours: a new one takes its place
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) & 0o077:
            return ""
        return file.read(LONGEST_SECRET).decode("ascii", "replace").strip()
