"""The real processes over real sockets: gateway, simulator, webhook receiver; and a way to kill them.

Owns: starting, stopping and killing by process id, and the configuration that they share. Does not own: what is tested.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.policies import ALWAYS_OPEN
from tools.port import free_port

PATIENCE_SECONDS = 30.0
SECRET = "whsec_" + "QXNzZW50IHRlc3RzIHNpZ24gd2l0aCB0aGlzIQ=="
SENDER = "+12025550100"
NUMBER = "+12025550123"


def wait_for(condition: Callable[[], Any], what: str, patience: float = PATIENCE_SECONDS) -> Any:
    """What ``condition`` returns once it is true; fails when it is not within ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            found = condition()
        except httpx.TransportError:
            found = None
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {patience:g} s for {what}"
        time.sleep(0.02)


class Stage:
    """A gateway with its simulator and its webhook receiver, in a directory of their own."""

    def __init__(self, directory: Path, *, carrier: str = "", scenario: str = "well_behaved", policy: str = "") -> None:
        self.directory = directory
        self.data = directory / "data"
        self.conf = directory / "conf"
        self.conf.mkdir(parents=True)
        self.http, self.admin, self.smpp, self.control, self.hook = (free_port() for _ in range(5))
        self.scenario = scenario
        self.key = ""
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._write_conf(carrier, policy)

    def _write_conf(self, carrier: str, policy: str) -> None:
        self._file(
            "gateway.toml",
            f"""
            [store]
            path = "{self.data}"
            [http]
            listen = "127.0.0.1:{self.http}"
            [admin]
            listen = "127.0.0.1:{self.admin}"
            """,
        )
        self._file(
            "carriers.toml",
            f"""
            [[carrier]]
            name = "simulator"
            host = "127.0.0.1"
            port = {self.smpp}
            system_id = "assent"
            password = "secret"
            reconnect_seconds = 0.5
            {carrier}
            """,
        )
        self._file(
            "clients.toml",
            f"""
            [[client]]
            id = "acme"
            name = "Acme"
            allow_imported_consent = true
            imported_consent_basis = "agreed on paper"
            [[client.program]]
            id = "servicing"
            sender = "{SENDER}"
            carriers = ["simulator"]
            categories = ["servicing", "collections"]
            purpose = "Texts about your account"
            help_text = "Acme account texts. Reply STOP to end."
            stop_confirmation = "Acme: you will get no more texts."
            start_confirmation = "Acme: you get our texts again. Reply STOP to end."
            [[client.webhook]]
            id = "main"
            url = "http://127.0.0.1:{self.hook}/hook"
            secret = "{SECRET}"
            allow_private = true
            """,
        )
        self._file(
            "policy.toml",
            f"""
            packs = ["always-open"]
            [categories.servicing]
            [categories.collections]
            {policy}
            """,
        )
        self._file("policy/always-open.toml", ALWAYS_OPEN)

    def _file(self, name: str, text: str) -> None:
        path = self.conf / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(line.strip() for line in text.splitlines()), "utf-8")
        path.chmod(0o600)

    def start_simulator(self) -> None:
        self._start(
            "simulator",
            "simulator",
            *("--listen", f"127.0.0.1:{self.smpp}", "--control", f"127.0.0.1:{self.control}"),
            *("--system-id", "assent", "--password", "secret", "--scenario", self.scenario),
            *("--journal", str(self.directory / "simulator.jsonl")),
        )
        wait_for(lambda: self.simulator("GET", "/stats").status_code == 200, "the simulator")

    def start_receiver(self) -> None:
        self._start(
            "receiver",
            "receiver",
            *("--listen", f"127.0.0.1:{self.hook}", "--secret", SECRET),
            *("--journal", str(self.directory / "webhooks.jsonl")),
        )

    def start_gateway(self) -> None:
        self._start("gateway", "run", "--conf", str(self.conf))
        wait_for(lambda: self.get("/readyz", keyless=True).status_code == 200, "the gateway to be ready")
        if not self.key:
            answer = self.operator("POST", "/v1/keys", {"client": "acme", "label": "tests"})
            assert answer.status_code in (200, 201), answer.text
            self.key = answer.json()["key"]

    def _start(self, name: str, *arguments: str) -> None:
        with (self.directory / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "gateway", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            )

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """kill -9."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, name: str, *signals: signal.Signals) -> int:
        """SIGTERM, or these one after the other; returns the exit status."""
        process = self._running[name]
        for one in signals or (signal.SIGTERM,):
            process.send_signal(one)
        status = process.wait(PATIENCE_SECONDS)
        del self._running[name]
        return status

    def close(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def log(self, name: str) -> str:
        return (self.directory / f"{name}.log").read_text("utf-8")

    def get(self, path: str, *, keyless: bool = False) -> httpx.Response:
        return self.call("GET", path, keyless=keyless)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        keyless: bool = False,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """A request to the public door."""
        own = {} if keyless else {"Authorization": f"Bearer {self.key}"}
        url = f"http://127.0.0.1:{self.http}{path}"
        return httpx.request(method, url, json=body, headers=own | (headers or {}), timeout=PATIENCE_SECONDS)

    def operator(self, method: str, path: str, body: object = None) -> httpx.Response:
        """A request to the operators' door."""
        token = (self.data / "admin.token").read_text("ascii").strip()
        url = f"http://127.0.0.1:{self.admin}{path}"
        return httpx.request(
            method, url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS
        )

    def simulator(self, method: str, path: str, body: object = None) -> httpx.Response:
        """A request to the simulator's control port."""
        return httpx.request(method, f"http://127.0.0.1:{self.control}{path}", json=body, timeout=PATIENCE_SECONDS)

    def consent(self, number: str = NUMBER) -> None:
        answer = self.call(
            "PUT",
            f"/v1/consents/{number}",
            {
                "program": "servicing",
                "category": "servicing",
                "evidence": {
                    "obtained_at": "2026-01-15T10:00:00Z",
                    "medium": "web form",
                    "wording": "I agree",
                    "source": "sign-up page",
                },
            },
        )
        assert answer.status_code == 200, answer.text

    def submit(self, text: str, number: str = NUMBER, *, key: str | None = None, **fields: object) -> httpx.Response:
        body = {"to": number, "program": "servicing", "category": "servicing", "text": text, **fields}
        return self.call("POST", "/v1/messages", body, headers={"Idempotency-Key": key} if key else None)

    def state(self, message_id: str) -> str:
        return str(self.get(f"/v1/messages/{message_id}").json()["state"])

    def wait_state(self, message_id: str, state: str) -> dict[str, Any]:
        wait_for(lambda: self.state(message_id) == state, f"{message_id} to be {state}")
        found: dict[str, Any] = self.get(f"/v1/messages/{message_id}").json()
        return found

    def text(self, words: str, number: str = NUMBER) -> None:
        """A consumer's text, by way of the simulator."""
        answer = self.simulator("POST", "/mo", {"from": number, "to": SENDER[1:], "text": words})
        assert answer.status_code in (200, 202), answer.text

    def journal(self, name: str) -> list[dict[str, Any]]:
        """The lines of the simulator's or the receiver's journal."""
        path = self.directory / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@contextmanager
def stage(directory: Path, **settings: str) -> Iterator[Stage]:
    """A stage on which nothing runs yet; whatever runs in the end is killed."""
    made = Stage(directory, **settings)
    try:
        yield made
    finally:
        made.close()
