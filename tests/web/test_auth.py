"""API keys and the operator's token: who is let in, and what the others are told."""

import stat
from hashlib import sha256
from pathlib import Path

import pytest
from trio.testing import MockClock

from gateway.web.auth import LONGEST_SECRET, Gate, Keys, NoSuchClient, admin_token
from gateway.web.backoff import FREE, LONGEST_SECONDS
from gateway.web.http import Request, Response
from gateway.web.problem import Problem
from tests.web.estate import CONFIG, Estate

WRONG = {"authorization": "Bearer ak_wrong"}


async def test_a_key_opens_the_door_of_its_client(estate: Estate) -> None:
    assert (await estate.ask("GET", "/v1/messages")).status == 200
    found = estate.keys.find(estate.secrets["globex"])
    assert found is not None
    assert found.id == "globex"


async def test_a_key_is_long_random_and_kept_as_its_digest_alone(estate: Estate) -> None:
    secret = await estate.keys.create("acme", "another")
    assert secret.startswith("ak_")
    assert len(secret) == len("ak_") + 43
    assert secret != estate.secrets["acme"]
    (kept,) = [key for key in await estate.store.api_keys() if key.label == "another"]
    assert kept.digest == sha256(secret.encode()).digest()
    assert secret not in repr(kept)


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic YTpi", "ak_x", "Token ak_x"])
async def test_no_key_is_401_with_a_challenge(estate: Estate, given: str) -> None:
    answer = await estate.ask("GET", "/v1/messages", client=None, headers={"authorization": given})
    assert (answer.status, answer.body["code"]) == (401, "auth.missing")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="assent"'
    assert answer.body["errors"][0]["field"] == "header:authorization"


async def test_a_request_without_the_header_is_401(estate: Estate) -> None:
    assert (await estate.ask("GET", "/v1/messages", client=None)).status == 401


async def test_the_scheme_is_read_in_any_case(estate: Estate) -> None:
    headers = {"authorization": f"bEARER  {estate.secrets['acme']} "}
    assert (await estate.ask("GET", "/v1/messages", client=None, headers=headers)).status == 200


async def test_wrong_keys_are_401(estate: Estate) -> None:
    right = estate.secrets["acme"]
    digest = sha256(right.encode()).hexdigest()
    for wrong in (right[:-1], right + "A", right.swapcase(), right[3:], digest, "ak_", "é" * 40, "x" * 10_000):
        headers = {"authorization": f"Bearer {wrong}"}
        answer = await estate.ask(
            "GET", "/v1/messages", client=None, headers=headers, peer=f"192.0.2.{len(wrong) % 200}"
        )
        assert (answer.status, answer.body["code"]) == (401, "auth.invalid")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
        assert wrong not in answer.raw.decode() or len(wrong) < 5


async def test_a_key_without_end_is_not_hashed(estate: Estate) -> None:
    assert estate.keys.find("a" * (LONGEST_SECRET + 1)) is None


async def test_keys_outlive_the_process(estate: Estate) -> None:
    again = Keys(CONFIG, estate.store, estate.clock)
    assert again.find(estate.secrets["acme"]) is None
    await again.load()
    found = again.find(estate.secrets["acme"])
    assert found is not None
    assert found.id == "acme"


async def test_a_revoked_key_opens_nothing_now_or_later(estate: Estate) -> None:
    (key,) = [key for key in await estate.store.api_keys() if key.client == "acme"]
    assert await estate.keys.revoke(key.id)
    assert (await estate.ask("GET", "/v1/messages")).status == 401
    assert not await estate.keys.revoke(key.id)
    assert not await estate.keys.revoke("key_unknown")
    await estate.keys.load()
    assert estate.keys.find(estate.secrets["acme"]) is None
    assert estate.keys.find(estate.secrets["globex"]) is not None


async def test_a_key_of_a_client_that_is_gone_opens_nothing(estate: Estate) -> None:
    smaller = type(CONFIG)(
        gateway=CONFIG.gateway,
        carriers=CONFIG.carriers,
        clients=CONFIG.clients[1:],
        policy=CONFIG.policy,
        plugins=CONFIG.plugins,
    )
    keys = Keys(smaller, estate.store, estate.clock)
    await keys.load()
    assert keys.find(estate.secrets["acme"]) is None
    assert keys.find(estate.secrets["globex"]) is not None
    with pytest.raises(NoSuchClient):
        await keys.create("acme", "again")


async def test_too_many_wrong_keys_are_told_to_wait_longer_and_longer(estate: Estate, mock_clock: MockClock) -> None:
    for _ in range(FREE):
        assert (await estate.ask("GET", "/v1/messages", headers=WRONG)).status == 401
    waits = []
    for _ in range(6):
        answer = await estate.ask("GET", "/v1/messages", headers=WRONG)
        assert (answer.status, answer.body["code"]) == (429, "auth.back_off")
        waits.append(int(answer.headers["Retry-After"]))
    assert waits == [2, 4, 8, 16, 32, 64]
    mock_clock.jump(64)
    assert (await estate.ask("GET", "/v1/messages", headers=WRONG)).status == 401
    assert (await estate.ask("GET", "/v1/messages", headers=WRONG)).status == 429
    for _ in range(3000):
        await estate.ask("GET", "/v1/messages", headers=WRONG)
    last = await estate.ask("GET", "/v1/messages", headers=WRONG)
    assert int(last.headers["Retry-After"]) == LONGEST_SECONDS


async def test_back_off_touches_nobody_else(estate: Estate) -> None:
    for _ in range(FREE + 5):
        await estate.ask("GET", "/v1/messages", headers=WRONG, peer="192.0.2.1")
    assert (await estate.ask("GET", "/v1/messages", headers=WRONG, peer="192.0.2.1")).status == 429
    assert (await estate.ask("GET", "/v1/messages", headers=WRONG, peer="192.0.2.2")).status == 401
    assert (await estate.ask("GET", "/v1/messages", peer="192.0.2.2")).status == 200


async def test_a_right_key_passes_from_an_address_in_back_off(estate: Estate) -> None:
    for _ in range(FREE + 5):
        await estate.ask("GET", "/v1/messages", headers=WRONG)
    assert (await estate.ask("GET", "/v1/messages")).status == 200
    assert (await estate.ask("GET", "/v1/messages", headers=WRONG)).status == 429


async def test_a_missing_key_costs_nothing(estate: Estate) -> None:
    for _ in range(FREE * 2):
        assert (await estate.ask("GET", "/v1/messages", client=None)).status == 401
    assert (await estate.ask("GET", "/v1/messages", headers=WRONG)).status == 401


async def test_one_ipv6_network_is_one_caller(estate: Estate) -> None:
    for host in range(FREE + 1):
        await estate.ask("GET", "/v1/messages", headers=WRONG, peer=f"2001:db8::{host:x}")
    assert (await estate.ask("GET", "/v1/messages", headers=WRONG, peer="2001:db8::ffff:1")).status == 429
    assert (await estate.ask("GET", "/v1/messages", headers=WRONG, peer="2001:db8:0:1::1")).status == 401


async def test_the_operators_token() -> None:
    async def answer(request: Request) -> Response:
        return Response(204)

    admit = Gate(lambda: 0.0).for_operator("adm_right", answer)

    async def ask(token: str) -> int:
        try:
            return (await admit(Request(method="GET", path="/", headers={"authorization": f"Bearer {token}"}))).status
        except Problem as problem:
            told.append(problem.detail)
            return problem.status

    told: list[str] = []
    assert await ask("adm_right") == 204
    assert [await ask("adm_wrong") for _ in range(FREE + 1)] == [401] * FREE + [429]
    assert told[0] == "The operator's token is not valid here."
    assert await ask("adm_right") == 204


def test_the_token_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "admin.token"
    token = admin_token(path)
    assert len(token) == len("adm_") + 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().strip() == token
    assert admin_token(path) == token
    assert [each.name for each in tmp_path.iterdir()] == ["admin.token"]


@pytest.mark.parametrize("content", ["", "adm_short", "adm_" + "x" * 44, "adm_" + "é" * 43, "\0" * 500])
def test_a_token_file_that_holds_no_token_is_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "admin.token"
    path.touch(0o600)
    path.write_text(content)
    token = admin_token(path)
    assert token != content
    assert path.read_text().strip() == token


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_token_that_others_could_read_is_replaced(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "admin.token"
    seen = admin_token(path)
    path.chmod(mode)
    assert admin_token(path) != seen
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_in_the_place_of_the_token_is_replaced_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch(0o600)
    elsewhere.write_text("adm_" + "x" * 43)
    path = tmp_path / "admin.token"
    path.symlink_to(elsewhere)
    assert admin_token(path) != "adm_" + "x" * 43
    assert not path.is_symlink()
    assert elsewhere.read_text() == "adm_" + "x" * 43


def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        admin_token(tmp_path / "missing" / "admin.token")
