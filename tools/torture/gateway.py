"""The gateway under proof: it owns its configuration, its process, and the ways in which that process is wronged.

It is started by its command and spoken to through its doors. `launcher` is the module that is run: the gateway itself, or
one that breaks a promise on purpose, so that the proof can be seen to notice.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import trio

from tools.port import free_port
from tools.torture.carrier import PASSWORD, SYSTEM_ID
from tools.torture.http import Answer, Connection, NoAnswer, request
from tools.torture.patience import until

ROOT = Path(__file__).parents[2]
CLIENT = "acme"
_IMPORTED = 'allow_imported_consent = true\nimported_consent_basis = "agreed on paper"\n'
PRODUCT = ("gateway",)
START_SECONDS = 60.0
STOP_SECONDS = 60.0
SIGNING_KEY = "whsec_" + "QXNzZW50IHRlc3RzIHNpZ24gd2l0aCB0aGlzIQ=="

HOLD, RESEND = "servicing", "codes"
"""Categories by what becomes of a text in doubt."""

ALWAYS_OPEN = """
name = "always-open"
version = 1
title = "Proofs: any hour, any number of texts"
[[hours]]
id = "always"
open = { mon-sun = "00:00-24:00" }
source = "a proof does not depend on the hour"
mark = "own"
"""
"""The policy of the gateway that is tried."""
STOP_CONFIRMATION = "Acme: you will get no more texts."


class Hook(msgspec.Struct, frozen=True):
    """A webhook of the client."""

    id: str
    port: int
    path: str = "/hook"
    previous: str = ""
    """The key that the one of all webhooks takes the place of, while both are good."""


class Listed(Protocol):
    """A carrier as carriers.toml has it: the project's simulator, or something worse."""

    name: str
    port: int
    profile: str


class Gateway:
    """One gateway with its directory, over all its lives."""

    def __init__(
        self,
        directory: Path,
        carriers: Sequence[Listed],
        *,
        hooks: Sequence[Hook] = (),
        policy: str = "",
        settings: str = "",
        reserve_mib: int = 64,
        launcher: Sequence[str] = PRODUCT,
    ) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "gateway.log"
        self.http, self.admin = free_port(), free_port()
        self.lives = 0
        """How often it was started."""
        self._conf = directory / "conf"
        self._launcher = tuple(launcher)
        self._key = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._conf.mkdir(parents=True)
        self._configure(carriers, hooks, policy, settings, reserve_mib)

    # ---- its files

    def _configure(
        self, carriers: Sequence[Listed], hooks: Sequence[Hook], policy: str, settings: str, reserve_mib: int
    ) -> None:
        # What stands in `settings` goes into tables that this file does not open.
        self._file(
            "gateway.toml",
            f"""
            [store]
            path = "{self.data}"
            reserve_mib = {reserve_mib}
            [http]
            listen = "127.0.0.1:{self.http}"
            [admin]
            listen = "127.0.0.1:{self.admin}"
            {settings}
            """,
        )
        self._file(
            "carriers.toml",
            "".join(
                f"""
                [[carrier]]
                name = "{carrier.name}"
                host = "127.0.0.1"
                port = {carrier.port}
                system_id = "{SYSTEM_ID}"
                password = "{PASSWORD}"
                reconnect_seconds = 0.5
                {carrier.profile}
                """
                for carrier in carriers
            ),
        )
        programs = "".join(
            f"""
            [[client.program]]
            id = "{carrier.name}"
            sender = "{sender(place)}"
            carriers = ["{carrier.name}"]
            categories = ["{HOLD}", "{RESEND}"]
            purpose = "Texts that nobody reads"
            help_text = "Acme account texts. Reply STOP to end."
            stop_confirmation = "{STOP_CONFIRMATION}"
            start_confirmation = "Acme: you get our texts again. Reply STOP to end."
            """
            for place, carrier in enumerate(carriers)
        )
        webhooks = "".join(
            f"""
            [[client.webhook]]
            id = "{hook.id}"
            url = "http://127.0.0.1:{hook.port}{hook.path}"
            secret = "{SIGNING_KEY}"
            allow_private = true
            {f'previous_secret = "{hook.previous}"' if hook.previous else ""}
            """
            for hook in hooks
        )
        self._file("clients.toml", f'[[client]]\nid = "{CLIENT}"\nname = "Acme"\n{_IMPORTED}{programs}{webhooks}')
        self._file("policy/always-open.toml", ALWAYS_OPEN)
        self._file(
            "policy.toml",
            f'packs = ["always-open"]\n[categories.{HOLD}]\n[categories.{RESEND}]\nin_doubt = "resend"\n{policy}',
        )

    def _file(self, name: str, text: str) -> None:
        path = self._conf / name
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("\n".join(line.strip() for line in text.splitlines()), "utf-8")

    # ---- its life

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None, "the gateway does not run"
        return self._process.pid

    def spawn(self) -> None:
        """Start the process; it is not ready yet."""
        self.lives += 1
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._launcher, "run", "--conf", str(self._conf)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )

    async def start(self, *, bound: bool = True) -> None:
        """Start it and wait until it serves; with ``bound``, until a carrier is bound too."""
        self.spawn()
        await self.ready(bound=bound)

    async def ready(self, *, bound: bool = True) -> None:
        """Wait until it serves."""
        path = "/readyz" if bound else "/healthz"
        with trio.move_on_after(START_SECONDS):
            while True:
                if self._process is None or self._process.poll() is not None:
                    raise Ended(f"the gateway ended as it started:\n{self.tail()}")
                try:
                    answer = await Connection(self.http).ask(request("GET", path))
                except NoAnswer:
                    answer = None
                if answer is not None and answer.status == 200:
                    break
                await trio.sleep(0.02)
        if answer is None or answer.status != 200:
            raise Ended(f"the gateway was not ready within {START_SECONDS:g} s:\n{self.tail()}")
        if not self._key:
            made = await self.operator("POST", "/v1/keys", {"client": CLIENT, "label": "torture"})
            self._key = made.json["key"]

    def kill(self) -> None:
        """kill -9."""
        self._signal(signal.SIGKILL)
        self._reap()

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    async def stop(self) -> int:
        """SIGTERM; the exit status."""
        self._signal(signal.SIGTERM)
        return await self.ended(STOP_SECONDS)

    async def ended(self, patience: float) -> int:
        """Wait for its end by itself; the exit status. Raises Ended when it does not come to it."""
        process = self._process
        assert process is not None, "the gateway does not run"
        if not await until(lambda: process.poll() is not None, patience):
            self.kill()
            raise Ended(f"the gateway did not end within {patience:g} s:\n{self.tail()}")
        self._process = None
        return int(process.returncode)

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """Whatever runs is killed."""
        if self._process is not None:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the gateway does not run"
        self._process.send_signal(number)

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait()
            self._process = None

    # ---- its doors

    @property
    def secrets(self) -> tuple[str, ...]:
        """What it must keep to itself."""
        return (PASSWORD, SIGNING_KEY, self._key, (self.data / "admin.token").read_text("ascii").strip())

    @property
    def bearer(self) -> dict[str, str]:
        """The headers of a client's request."""
        return {"Authorization": f"Bearer {self._key}"}

    async def call(self, method: str, path: str, body: object = None) -> Answer:
        """One request of the client on a connection of its own. Raises NoAnswer."""
        return await _once(self.http, request(method, path, body, self.bearer))

    async def operator(self, method: str, path: str, body: object = None) -> Answer:
        """One request of the operator. Raises NoAnswer."""
        token = (self.data / "admin.token").read_text("ascii").strip()
        return await _once(self.admin, request(method, path, body, {"Authorization": f"Bearer {token}"}))

    async def consent(self, numbers: Sequence[str], program: str, *categories: str) -> None:
        """Record consents."""
        evidence = {
            "obtained_at": "2026-01-15T10:00:00Z",
            "medium": "web form",
            "wording": "I agree to texts about my account.",
            "source": "sign-up page",
        }
        items = [
            {"number": number, "program": program, "category": category, "evidence": evidence}
            for number in numbers
            for category in categories or (HOLD, RESEND)
        ]
        for start in range(0, len(items), 500):
            answer = await self.call("POST", "/v1/consents/batch", {"consents": items[start : start + 500]})
            assert answer.status == 200, answer.body
            assert all(result["status"] == 200 for result in answer.json["results"]), answer.body

    async def waiting(self) -> dict[str, int]:
        """How many segments are queued or in flight, by carrier. Raises NoAnswer."""
        answer = await self.operator("GET", "/v1/queues")
        return {queue["carrier"]: queue["queued"] + queue["in_flight"] for queue in answer.json["queues"]}

    def memory(self) -> tuple[int, int]:
        """Resident set now and at its highest, in bytes."""
        found = dict.fromkeys(("VmRSS", "VmHWM"), 0)
        for line in Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0]) * 1024
        return found["VmRSS"], found["VmHWM"]

    def open_files(self) -> int:
        """Files, sockets and pipes that it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def log_octets(self) -> int:
        """The length of the database's write-ahead log."""
        return (self.data / "assent.db-wal").stat().st_size

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def tail(self, lines: int = 15) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


class Ended(Exception):
    """The gateway ended, or did not, against what was expected."""


async def _once(port: int, octets: bytes) -> Answer:
    connection = Connection(port)
    try:
        return await connection.ask(octets)
    finally:
        await connection.cut()


def sender(place: int) -> str:
    """The sender number of the program of the carrier at this place."""
    return f"+1202555{100 + place:04d}"


def number(place: int) -> str:
    """A consumer's number, valid and different for each place below 8,000,000."""
    return f"+1212{2_000_000 + place:07d}"
