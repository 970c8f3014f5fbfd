"""Bodies that something happened to on their way: each is taken, refused or not understood, and nothing else happens."""

import json
import random
from typing import Any

import pytest

from tests.web.estate import EVIDENCE, NUMBER, WISH, Estate

CONSENT = {"program": "servicing", "category": "servicing", "evidence": EVIDENCE}
SEEDS = [
    json.dumps(body).encode()
    for body in (
        WISH | {"account": "a", "reference": None, "send_at": "2026-03-02T16:00:00Z"},
        {"messages": [WISH, WISH | {"account": "é😀"}]},
        CONSENT,
        {"consents": [CONSENT | {"number": NUMBER}]},
    )
]
PATHS = [
    ("POST", "/v1/messages"),
    ("POST", "/v1/messages/batch"),
    ("PUT", f"/v1/consents/{NUMBER}"),
    ("POST", "/v1/consents/batch"),
    ("POST", f"/v1/consents/{NUMBER}/revoke"),
]
PIECES = [
    b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"\\u", b"\\ud800", b"\\udc00", b"\\", b"\xff", b"\x00", b"NaN",
    b"1e999", b"-", b"01", b'"to":', b"{}", b"[]", b'"text":"x",', b"\\u0000", b"\xef\xbb\xbf", b"true", b"9" * 400,
    b"[" * 40, b'"a":{' * 35,
]  # fmt: skip


def mutate(chance: random.Random) -> bytes:
    body = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(body) + 1)
        match chance.randrange(4):
            case 0:
                body[at:at] = chance.choice(PIECES)
            case 1:
                del body[at : at + chance.randint(1, 8)]
            case 2 if at < len(body):
                body[at] = chance.randrange(256)
            case _:
                other = chance.randrange(len(body) + 1)
                body[at:at] = body[min(at, other) : max(at, other)]
    return bytes(body)


def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), "a member that occurs twice was taken"
    return dict(pairs)


@pytest.mark.parametrize("seed", range(4))
async def test_mutated_bodies(estate: Estate, seed: int) -> None:
    chance = random.Random(seed)
    await estate.consent()
    statuses = set()
    for _ in range(500):
        method, path = chance.choice(PATHS)
        raw = mutate(chance)
        answer = await estate.ask(method, path, raw=raw)
        statuses.add(answer.status)
        assert answer.status in (200, 202, 400, 409, 422)
        if answer.status >= 400:
            assert answer.body["detail"]
        elif not path.endswith("batch"):
            assert isinstance(json.loads(raw, object_pairs_hook=without_repetition), dict)
    assert 400 in statuses
