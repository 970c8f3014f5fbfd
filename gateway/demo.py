"""``assent run --demo``: the bundled SMSC simulator as carrier, an API key, and three commands to paste.

Owns: the simulator's process and what is printed. Does not own: the gateway, which runs as it always does.
"""

import os
import shlex
import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

import trio

from gateway.app import Addresses
from gateway.config import ClientConfig, Config
from gateway.web.auth import Keys

_NUMBER = "+12025550123"
_START_SECONDS = 10.0
_STRANGER = "+12025550199"


class Demo:
    """Context manager: the simulator runs as long as the block does, and no longer than this process."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._carrier = config.carriers[0]
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None

    def __enter__(self) -> Self:
        reading, self._lifeline = os.pipe()
        carrier = self._carrier
        command = [sys.executable, "-m", "gateway", "simulator", "--listen", f"{carrier.host}:{carrier.port}"]
        command += ["--system-id", carrier.system_id, "--lifeline", str(reading)]
        if carrier.password_file is not None:
            command += ["--password-file", str(self._config.path(carrier.password_file))]
        # Its standard input is ours, so that a consumer's STOP can be typed here. It ends with us however we end: the
        # pipe closes.
        self._process = subprocess.Popen(command, pass_fds=(reading,))  # noqa: S603 - our own interpreter and module
        os.close(reading)
        self._wait_until_it_listens()
        return self

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                socket.create_connection((self._carrier.host, self._carrier.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._lifeline is not None
        assert self._process is not None
        os.close(self._lifeline)
        self._process.wait()

    async def started(self, addresses: Addresses, keys: Keys) -> None:
        """The doors are open: print what to try."""
        client = self._config.clients[0]
        secret = await self._secret(client, keys)
        print(_commands(client, f"http://{addresses.http}", secret), flush=True)

    async def _secret(self, client: ClientConfig, keys: Keys) -> str:
        path = trio.Path(self._config.gateway.store.path, "demo.key")
        if await path.exists():
            secret = (await path.read_text("ascii")).strip()
            if keys.find(secret) is not None:
                return secret
        secret = await keys.create(client.id, "demonstration")
        await path.touch(mode=0o600)
        await path.write_text(f"{secret}\n", "ascii")
        return secret


def _commands(client: ClientConfig, url: str, secret: str) -> str:
    program = client.programs[0]
    consent = (
        f'{{"program": "{program.id}", "category": "{program.categories[0]}", "evidence": {{"obtained_at":'
        ' "2026-01-15T10:00:00Z", "medium": "web form", "wording": "I agree to texts about my account.",'
        ' "source": "sign-up page"}}'
    )
    text = (
        f'{{"to": "{_NUMBER}", "program": "{program.id}", "category": "{program.categories[0]}",'
        ' "text": "Example Co: your payment of $25.00 is due on Friday. Reply STOP to end."}'
    )
    call = f"curl -sS -H 'Authorization: Bearer {secret}'"
    json = "-H 'Content-Type: application/json'"
    return f"""
Assent is running. In another terminal, paste:

1. Record a consent:
   {call} {json} -X PUT {url}/v1/consents/{_NUMBER} \\
     -d {shlex.quote(consent)}

2. Submit a text:
   {call} {json} {url}/v1/messages \\
     -d {shlex.quote(text)}

3. Look at it (and at its timeline, by the id):
   {call} {url}/v1/messages

Then try number 2 with {_STRANGER}: nobody consented, so it is refused with a reason.
Type here what a consumer texts back, such as:  {_NUMBER} STOP
and number 2 is refused with consent.opted_out. Ctrl-C stops; everything stays in the data directory.
"""
