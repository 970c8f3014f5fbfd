"""Owns the gateway as a measured system: its configuration, its process, its API key and consents, its HTTP forms.

Does not reach into it: it is started by its command and spoken to through its doors, with its defaults wherever the
carrier does not dictate otherwise. Durability is not configurable and so is what an operator gets.
"""

import http.client
import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tools.bench.child import BenchError, end, tail, wait_until
from tools.bench.load import Form, Order
from tools.bench.run import load
from tools.bench.system import PASSWORD, SENDER, SYSTEM_ID
from tools.bench.traffic import NUMBER, TEXT
from tools.port import free_port

CLIENT, PROGRAM, CATEGORY = "bench", "statements", "servicing"
CONFIGURATION = {
    "gateway.toml": """\
[http]
listen = "127.0.0.1:{http}"
[admin]
listen = "127.0.0.1:{admin}"
[log]
level = "warning"
""",
    "carriers.toml": """\
[[carrier]]
name = "sink"
host = "127.0.0.1"
port = {smsc}
system_id = "{system_id}"
password_file = "sink.password"
window = {window}
reconnect_seconds = 1
""",
    "policy/always-open.toml": """\
name = "always-open"
version = 1
title = "Measuring: any hour, any number of texts"
[[hours]]
id = "always"
open = {{ mon-sun = "00:00-24:00" }}
source = "a measurement does not depend on the hour"
mark = "own"
""",
    "policy.toml": """\
packs = ["always-open"]
[categories.{category}]
consent = "required"
""",
    "plugins.toml": "enabled = []\n",
}
CLIENT_TOML = """\
[[client]]
id = "{client}"
name = "Bench"
allow_imported_consent = true
imported_consent_basis = "made up for the measurement"
[[client.program]]
id = "{program}"
sender = "+{sender}"
carriers = ["sink"]
categories = ["{category}"]
purpose = "Texts that nobody reads"
help_text = "Bench. Reply STOP to end."
stop_confirmation = "Bench: no more texts. Reply START to get them again."
start_confirmation = "Bench: texts again. Reply STOP to end."
"""
MESSAGE = f'{{"to":"{NUMBER}","program":"{PROGRAM}","category":"{CATEGORY}","text":"{TEXT}"}}'
CONSENT = (
    f'{{"number":"{NUMBER}","program":"{PROGRAM}","category":"{CATEGORY}","evidence":{{'
    '"obtained_at":"{day}T00:00:00Z","medium":"web form","wording":"I agree to texts about my account.",'
    '"source":"bench %08d"}}'
)
ACCEPTED = ('"status":202', '"status": 202')
CONSENT_BATCH = 500
CONSENT_CONNECTIONS = 4
START_SECONDS = 120.0
COMMAND_SECONDS = 3600.0
PATIENCE = 60.0
"""Seconds for one request beside the load: the gateway is as busy as it can be made."""


def client_toml(client: str = CLIENT, program: str = PROGRAM, sender: str = SENDER) -> str:
    """A client with one program, for clients.toml."""
    return CLIENT_TOML.format(client=client, program=program, sender=sender, category=CATEGORY)


class Commanded(NamedTuple):
    """What `assent admin` answered, and the CPU seconds of the command's own process."""

    answer: Any
    cpu_seconds: float


class Assent:
    """One gateway process with an embedded store, as a `System`.

    `files` are configuration files beside or in place of the ones above, as they are; `packages` is a directory whose
    packages are installed for this process.
    """

    name = "assent"

    def __init__(
        self,
        directory: Path,
        *,
        smsc_port: int,
        window: int,
        files: Mapping[str, str] = {},
        packages: Path | None = None,
    ) -> None:
        self._conf, self._store, self._log = directory / "conf", directory / "data", directory / "log"
        self._http, self._admin = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._keys: dict[str, str] = {}
        self._environment = {**os.environ, **({} if packages is None else {"PYTHONPATH": str(packages)})}
        self._conf.mkdir(parents=True)
        self._store.mkdir(mode=0o700)
        for name, text in CONFIGURATION.items():
            self.configure(
                name,
                text.format(
                    http=self._http,
                    admin=self._admin,
                    smsc=smsc_port,
                    window=window,
                    system_id=SYSTEM_ID,
                    category=CATEGORY,
                ),
            )
        for name, text in {"clients.toml": client_toml(), **files}.items():
            self.configure(name, text)
        password = self._store / "sink.password"
        password.touch(mode=0o600)
        password.write_text(PASSWORD)

    @property
    def single(self) -> Form:
        return Form(head=self.head("POST /v1/messages"), item=MESSAGE)

    @property
    def batch(self) -> Form:
        return self.batch_of(MESSAGE)

    def batch_of(self, message: str) -> Form:
        """Batches of other messages than the usual."""
        return Form(
            head=self.head("POST /v1/messages/batch"),
            opening='{"messages":[',
            item=message,
            closing="]}",
            accepted=ACCEPTED,
        )

    def configure(self, name: str, text: str) -> None:
        """Write a configuration file; it counts from the next start on."""
        path = self._conf / name
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text)

    def start(self) -> None:
        command = [sys.executable, "-m", "gateway", "run", "--conf", str(self._conf), "--data", str(self._store)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self._environment,
            )
        # not /readyz: it wants a carrier, and the one here may be away on purpose
        wait_until("the gateway", self._lives, START_SECONDS, self._process)

    def stop(self) -> None:
        if self._process is not None:
            end(self._process, "the gateway")
            self._process = None

    def pids(self) -> list[int]:
        return [] if self._process is None else [self._process.pid]

    def port(self) -> int:
        return self._http

    def admit(self, numbers: int) -> None:
        """Record a consent for each number, given a few days ago: some packs want fresh ones."""
        day = (datetime.now(UTC) - timedelta(days=3)).date()
        form = Form(
            head=self.head("POST /v1/consents/batch"),
            opening='{"consents":[',
            item=CONSENT.replace("{day}", str(day)),
            closing="]}",
            accepted=('"status":200', '"status": 200'),
        )
        journal = str(self._store.parent / "consents")
        wanted = Order(self._http, form, 0, numbers, CONSENT_BATCH, CONSENT_CONNECTIONS, 0.0, numbers, journal)
        tally = load(wanted)
        if tally.accepted < numbers:
            raise BenchError(f"{tally.refused} of {numbers} consents were refused: {tally.complaint}")

    def complaints(self) -> str:
        return tail(self._log)

    def head(self, request: str, client: str = CLIENT) -> str:
        """The head of a request with a body, as a client."""
        return (
            f"{request} HTTP/1.1\r\n{self.fields(client)}Content-Type: application/json\r\n"
            f"Content-Length: {{length}}\r\n\r\n"
        )

    def fields(self, client: str = CLIENT) -> str:
        """The header fields of any request of a client."""
        if client not in self._keys:
            self._keys[client] = self.operator("POST", "/v1/keys", {"client": client, "label": "bench"})["key"]
        return f"Host: 127.0.0.1:{self._http}\r\nAuthorization: Bearer {self._keys[client]}\r\n"

    def client(self, method: str, path: str, body: object, client: str = CLIENT) -> Any:
        """One request of a client."""
        self.fields(client)
        return self._answer(self._http, method, path, body, self._keys[client])

    def operator(self, method: str, path: str, body: object = None) -> Any:
        """One request through the operator's door with the operator's token."""
        return self._answer(self._admin, method, path, body, (self._store / "admin.token").read_text().strip())

    def command(self, *words: str) -> Commanded:
        """Run `assent admin` as an operator does; BenchError where it finds or refuses anything."""
        run = [
            sys.executable,
            "-m",
            "gateway",
            "admin",
            "--conf",
            str(self._conf),
            "--data",
            str(self._store),
            "--json",
        ]
        before = _children_cpu()
        done = subprocess.run([*run, *words], capture_output=True, timeout=COMMAND_SECONDS, check=False)
        if done.returncode != 0:
            told = (done.stderr or done.stdout).decode(errors="replace")[-2000:]
            raise BenchError(f"assent admin {words[0]} ended with {done.returncode}: {told}")
        return Commanded(json.loads(done.stdout), _children_cpu() - before)

    def disk(self) -> int:
        """Octets that the database takes on the disk, its log and the ledger's anchors included."""
        return sum(path.stat().st_blocks * 512 for path in self._store.iterdir() if path.is_file())

    def _lives(self) -> bool:
        try:
            return self._ask(self._http, "GET", "/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def _answer(self, port: int, method: str, path: str, body: object, secret: str) -> Any:
        text = None if body is None else json.dumps(body)
        status, answer = self._ask(port, method, path, text, {"Authorization": f"Bearer {secret}"})
        if not 200 <= status < 300:
            raise BenchError(f"{method} {path}: HTTP {status} {answer!r}")
        return json.loads(answer)

    def _ask(
        self, port: int, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One request on a connection of its own: status and body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
