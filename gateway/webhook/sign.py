"""Owns Standard Webhooks signatures: secrets, signing, verifying. Does not send, read a clock or know what is signed.

The signed content is `id.timestamp.body` under HMAC-SHA256; a header carries one signature for each valid secret, so
that a receiver may change over from an old secret to a new one without losing an event.
Source of the rules: Standard Webhooks, "Signature scheme", "Webhook headers", "Verifying signatures".
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets as random_source
from collections.abc import Mapping, Sequence
from typing import Final

TOLERANCE: Final = 300  # seconds between the sender's clock and the receiver's
_PREFIX: Final = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes of key
_NEW_KEY: Final = 32
# The id must hold no full stop, or one signed content could be read as another (Standard Webhooks, "Signature scheme").
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_MOST_SIGNATURES: Final = 16  # a bound on the work that one forged header can ask for


class InvalidSecret(ValueError):
    """A text is not a webhook secret; the message says what is wrong and never repeats the text."""


class Unverified(ValueError):
    """A webhook is not proved to come from the holder of a secret; the message gives the reason."""


class Secret:
    """A symmetric signing key of 24 to 64 bytes. It prints masked; `reveal` gives the text to hand to a receiver."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if not _SHORTEST <= len(key) <= _LONGEST:
            raise InvalidSecret(f"secret: holds {len(key)} bytes; use {_SHORTEST} to {_LONGEST} random bytes")
        self._key = key

    @classmethod
    def parse(cls, text: str) -> "Secret":
        """Read `whsec_` followed by the key in base64. Raises InvalidSecret."""
        if not text.startswith(_PREFIX):
            raise InvalidSecret(f"secret: does not begin with {_PREFIX}; write {_PREFIX} and then the key in base64")
        encoded = text.removeprefix(_PREFIX)
        try:
            # Some issuers leave the padding out.
            key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise InvalidSecret(f"secret: what follows {_PREFIX} is not base64; use A-Z a-z 0-9 + / only") from None
        return cls(key)

    def reveal(self) -> str:
        """The secret as text, `whsec_…`: for the one moment it is shown to whoever runs the receiver."""
        return _PREFIX + base64.b64encode(self._key).decode()

    def signature(self, content: bytes) -> bytes:
        """The `v1` signature of the content, as it stands in the header."""
        return b"v1," + base64.b64encode(hmac.digest(self._key, content, hashlib.sha256))

    def __repr__(self) -> str:
        return f"Secret({_PREFIX}…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._key, other._key)

    def __hash__(self) -> int:
        return hash(self._key)


def new_secret() -> Secret:
    """A fresh random secret of 32 bytes."""
    return Secret(random_source.token_bytes(_NEW_KEY))


def sign(secrets: Sequence[Secret], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers for one attempt, a signature for each secret (two while a secret is being changed over).

    `timestamp` is the time of the attempt in whole seconds since 1970; `webhook_id` stays the same over all attempts.
    Raises ValueError when there is no secret, or when the id or the timestamp could not be told apart in the content.
    """
    if not secrets:
        raise ValueError("secrets: empty; give at least one")
    if _ID.fullmatch(webhook_id) is None:
        raise ValueError("webhook_id: use 1 to 128 of A-Z a-z 0-9 _ - (no full stop)")
    if timestamp < 0:
        raise ValueError("timestamp: negative; give seconds since 1970")
    content = b"%b.%d.%b" % (webhook_id.encode(), timestamp, body)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": b" ".join([secret.signature(content) for secret in secrets]).decode(),
    }


def verify(
    secrets: Sequence[Secret], headers: Mapping[str, str], body: bytes, now: float, tolerance: float = TOLERANCE
) -> None:
    """Return when one of the signatures was made by one of the secrets, within `tolerance` seconds of `now`.

    Header names are found in any case. Every signature is compared with every secret, each in constant time, before
    the answer is given. Raises Unverified.
    """
    by_name = {name.lower(): value for name, value in headers.items()}
    webhook_id, stamp, given = (by_name.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (webhook_id and stamp and given):
        raise Unverified("a webhook-id, webhook-timestamp or webhook-signature header is missing")
    if _TIMESTAMP.fullmatch(stamp) is None:
        raise Unverified("webhook-timestamp is not a count of seconds")
    signatures = given.encode("utf-8", "surrogateescape").split()
    if len(signatures) > _MOST_SIGNATURES:
        raise Unverified(f"webhook-signature holds more than {_MOST_SIGNATURES} signatures")
    content = b".".join((webhook_id.encode("utf-8", "surrogateescape"), stamp.encode(), body))
    expected = [secret.signature(content) for secret in secrets]
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures]
    if not any(matches):
        raise Unverified("no signature matches")
    # Looked at last: only the holder of a secret learns how the receiver's clock stands.
    if abs(now - int(stamp)) > tolerance:
        raise Unverified("the timestamp is too old" if now > int(stamp) else "the timestamp is in the future")
