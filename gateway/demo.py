"""``assent run --demo``: the bundled SMSC simulator as carrier, an API key, and commands to paste.

Owns: the simulator's process, ports that are free, and what is printed. Does not own: the gateway, which runs as it always does.

A demonstration may run beside another one, or beside whatever has the configured ports: of those that are taken, each gives way
to a free one, and that is told. (A gateway that serves does not move: whoever looks for it would not find it.)
"""

import errno
import os
import shlex
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import trio
from msgspec.structs import replace

from gateway.app import wall_clock
from gateway.config import ClientConfig, Config, ProgramConfig
from gateway.lifecycle import Addresses
from gateway.model.clock import SECOND
from gateway.rules.zones import clock_of, zones_of
from gateway.web.auth import Keys

_NUMBER = "+12025550123"
_OTHER_NUMBER = "+12025550124"
_START_SECONDS = 10.0
_STRANGER = "+12025550199"
_CONTROL_PORT = 2776
"""Where `assent simulator say` looks for the simulator, unless told otherwise."""


class DemoFailed(Exception):
    """The simulator did not start; why, it has told itself."""


class Demo:
    """Context manager: the simulator runs as long as the block does, and no longer than this process. Raises DemoFailed."""

    def __init__(self, config: Config) -> None:
        self.config = with_free_ports(config)
        """By which the gateway has to run."""
        self._carrier = self.config.carriers[0]
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None

    def __enter__(self) -> Self:
        reading, self._lifeline = os.pipe()
        carrier = self._carrier
        command = [sys.executable, "-m", "gateway", "simulator", "--listen", f"{carrier.host}:{carrier.port}"]
        control = _free_port("its control (for `assent simulator say --control`)", carrier.host, _CONTROL_PORT)
        command += ["--control", f"{carrier.host}:{control}"]
        command += ["--system-id", carrier.system_id, "--lifeline", str(reading)]
        if carrier.password_file is not None:
            command += ["--password-file", str(self.config.path(carrier.password_file))]
        # Its standard input is ours, so that a consumer's STOP can be typed here. It ends with us however we end: the
        # pipe closes.
        self._process = subprocess.Popen(command, pass_fds=(reading,))  # noqa: S603 - our own interpreter and module
        os.close(reading)
        self._wait_until_it_listens(self._process)
        return self

    def _wait_until_it_listens(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                assert self._lifeline is not None
                os.close(self._lifeline)
                raise DemoFailed("the simulator of the demonstration did not start; what it says stands above")
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
        client = self.config.clients[0]
        secret = await self._secret(client, keys)
        print(commands(client, f"http://{addresses.http}", secret, _night(wall_clock())), flush=True)

    async def _secret(self, client: ClientConfig, keys: Keys) -> str:
        path = trio.Path(self.config.gateway.store.path, "demo.key")
        if await path.exists():
            secret = (await path.read_text("ascii")).strip()
            if keys.find(secret) is not None:
                return secret
        secret = await keys.create(client.id, "demonstration")
        await path.touch(mode=0o600)
        await path.write_text(f"{secret}\n", "ascii")
        return secret


def with_free_ports(config: Config) -> Config:
    """The configuration, with free ports in place of those that are taken; each is told on standard error."""
    gateway, carrier = config.gateway, config.carriers[0]
    http = replace(gateway.http, listen=_free_listen("the door for clients", gateway.http.address))
    admin = replace(
        gateway.admin, listen=_free_listen("the door for operators (`assent admin --url`)", gateway.admin.address)
    )
    port = _free_port("the simulated carrier", carrier.host, carrier.port)
    return replace(
        config,
        gateway=replace(gateway, http=http, admin=admin),
        carriers=(replace(carrier, port=port), *config.carriers[1:]),
    )


def _free_listen(what: str, address: tuple[str, int]) -> str:
    host, port = address
    return _spell(host, _free_port(what, host, port))


def _free_port(what: str, host: str, port: int) -> int:
    """The port, or a free one where it is taken. What else may be wrong with it, whoever listens there will tell."""
    try:
        _try_port(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            return port
        free = _try_port(host, 0)
        print(f"assent: {_spell(host, port)} is taken; {what} is at {_spell(host, free)}", file=sys.stderr)
        return free
    return port


def _try_port(host: str, port: int) -> int:
    """Listen there for a moment; returns the port. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as server:
        return int(server.getsockname()[1])


def _spell(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def commands(client: ClientConfig, url: str, secret: str, night: str) -> str:
    """What is printed to be pasted; ``night`` is an instant in quiet hours, in RFC 3339."""
    ordinary, *others = client.programs
    # A program that sends what consumers ask for this minute, where there is one: its texts go at any hour.
    prompt = next((program for program in others if program.packs), ordinary)
    call = f"curl -sS -H 'Authorization: Bearer {secret}'"
    json = "-H 'Content-Type: application/json'"

    def consent(program: ProgramConfig) -> str:
        return shlex.quote(
            f'{{"program": "{program.id}", "category": "{program.categories[0]}", "evidence": {{"obtained_at":'
            ' "2026-01-15T10:00:00Z", "medium": "web form", "wording": "I agree to texts about my account.",'
            ' "source": "sign-up page"}}'
        )

    def text(to: str, program: ProgramConfig, words: str, more: str = "") -> str:
        return shlex.quote(
            f'{{"to": "{to}", "program": "{program.id}", "category": "{program.categories[0]}",'
            f' "text": "{words}"{more}}}'
        )

    code = text(_NUMBER, prompt, "Example Co: 428190 is your code. Reply STOP to end.")
    reminder = text(
        _OTHER_NUMBER,
        ordinary,
        "Example Co: your payment of $25.00 is due on Friday. Reply STOP to end.",
        f', "send_at": "{night}"',
    )
    return f"""
Assent is running. In another terminal, paste:

1. Record two consents:
   {call} {json} -X PUT {url}/v1/consents/{_NUMBER} \\
     -d {consent(prompt)}
   {call} {json} -X PUT {url}/v1/consents/{_OTHER_NUMBER} \\
     -d {consent(ordinary)}

2. Submit a code that the consumer asked for: it goes at any hour, by the policy pack of its program.
   {call} {json} {url}/v1/messages \\
     -d {code}

3. Submit a reminder for three in the morning: it is held until the hours of its policy pack open.
   {call} {json} {url}/v1/messages \\
     -d {reminder}

4. Look at both (and at the decision and the timeline of one, by its id):
   {call} {url}/v1/messages

Then try number 2 with {_STRANGER}: nobody consented, so it is refused with a reason.
Type here what a consumer texts back, such as:  {_NUMBER} STOP
and number 2 is refused with consent.opted_out. Ctrl-C stops; everything stays in the data directory.
"""


def _night(now: int) -> str:
    """The next three in the morning where the number is: no quiet hours are open then."""
    clock = clock_of(min(zones_of(_OTHER_NUMBER)))
    today = datetime.fromtimestamp(now // SECOND, clock).replace(hour=3, minute=0, second=0)
    night = today if today.timestamp() * 1000 > now else today + timedelta(days=1)
    return night.isoformat()
