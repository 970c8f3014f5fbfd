"""Owns the gateway as a measured system: its configuration, its process, its API key and consents, its HTTP forms.

Does not reach into it: it is started by its command and spoken to through its doors, with its defaults wherever the
carrier does not dictate otherwise. Durability is not configurable and so is what an operator gets.
"""

import http.client
import json
import subprocess
import sys
from pathlib import Path

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
    "clients.toml": """\
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
""",
    "plugins.toml": "enabled = []\n",
}
MESSAGE = f'{{"to":"{NUMBER}","program":"{PROGRAM}","category":"{CATEGORY}","text":"{TEXT}"}}'
CONSENT = (
    f'{{"number":"{NUMBER}","program":"{PROGRAM}","category":"{CATEGORY}","evidence":{{'
    '"obtained_at":"2026-01-15T10:00:00Z","medium":"web form","wording":"I agree to texts about my account.",'
    '"source":"bench %08d"}}'
)
CONSENT_BATCH = 500
CONSENT_CONNECTIONS = 4
START_SECONDS = 120.0


class Assent:
    """One gateway process with an embedded store, as a `System`."""

    name = "assent"

    def __init__(self, directory: Path, *, smsc_port: int, window: int) -> None:
        self._conf, self._store, self._log = directory / "conf", directory / "data", directory / "log"
        self._http, self._admin = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._key = ""
        self._conf.mkdir(parents=True)
        self._store.mkdir(mode=0o700)
        for name, text in CONFIGURATION.items():
            path = self._conf / name
            path.parent.mkdir(exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(
                text.format(
                    http=self._http,
                    admin=self._admin,
                    smsc=smsc_port,
                    window=window,
                    system_id=SYSTEM_ID,
                    client=CLIENT,
                    program=PROGRAM,
                    category=CATEGORY,
                    sender=SENDER,
                )
            )
        password = self._store / "sink.password"
        password.touch(mode=0o600)
        password.write_text(PASSWORD)

    @property
    def single(self) -> Form:
        return Form(head=self._head("POST /v1/messages"), item=MESSAGE)

    @property
    def batch(self) -> Form:
        return Form(
            head=self._head("POST /v1/messages/batch"),
            opening='{"messages":[',
            item=MESSAGE,
            closing="]}",
            accepted=('"status":202', '"status": 202'),
        )

    def start(self) -> None:
        command = [sys.executable, "-m", "gateway", "run", "--conf", str(self._conf), "--data", str(self._store)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        # not /readyz: it wants a carrier, and the one here may be away on purpose
        wait_until("the gateway", self._lives, START_SECONDS, self._process)
        if not self._key:
            self._key = self._new_key()

    def stop(self) -> None:
        if self._process is not None:
            end(self._process, "the gateway")
            self._process = None

    def pids(self) -> list[int]:
        return [] if self._process is None else [self._process.pid]

    def port(self) -> int:
        return self._http

    def admit(self, numbers: int) -> None:
        """Record a consent for each number."""
        form = Form(
            head=self._head("POST /v1/consents/batch"),
            opening='{"consents":[',
            item=CONSENT,
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

    def _head(self, request: str) -> str:
        return (
            f"{request} HTTP/1.1\r\nHost: 127.0.0.1:{self._http}\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {{length}}\r\n\r\n"
        )

    def _lives(self) -> bool:
        try:
            return self._ask(self._http, "GET", "/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def _new_key(self) -> str:
        """An API key of the client, made through the operator's door with the operator's token."""
        token = (self._store / "admin.token").read_text().strip()
        body = json.dumps({"client": CLIENT, "label": "bench"})
        status, answer = self._ask(self._admin, "POST", "/v1/keys", body, {"Authorization": f"Bearer {token}"})
        if status != 201:
            raise BenchError(f"the gateway made no API key: HTTP {status} {answer!r}")
        key: str = json.loads(answer)["key"]
        return key

    def _ask(
        self, port: int, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One request on a connection of its own: status and body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
