"""Owns Kannel as a peer: its configuration with a durable store and receipts, its two processes, its HTTP form.

Does not slow it down: it logs next to nothing, has the window that the gateway has, no limit to its throughput, and keeps
receipts' addresses in memory. Receipts have no URL to call, so smsbox drops them (and would log an error for each).
"""

import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from tools.bench.child import BenchError, end, listening, tail, wait_until
from tools.bench.load import Form
from tools.bench.system import PASSWORD, SENDER, SYSTEM_ID
from tools.bench.traffic import NUMBER, TEXT
from tools.port import free_port

CONFIGURATION = """\
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
store-type = spool
store-location = {directory}/spool
dlr-storage = internal
log-file = {directory}/bearerbox.log
log-level = 3

group = smsc
smsc = smpp
smsc-id = sink
host = 127.0.0.1
port = {smsc}
smsc-username = {system_id}
smsc-password = {password}
system-type = ""
transceiver-mode = true
max-pending-submits = {window}
instances = {binds}
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {http}
sendsms-interface = 127.0.0.1
log-file = {directory}/smsbox.log
log-level = 4

group = sendsms-user
username = {system_id}
password = {password}
"""
PLACES = "/usr/sbin:/usr/local/sbin"
"""Where its programs are when they are not on the PATH, as for users who are not root."""
DELIVERED_OR_FAILED = 3  # dlr-mask
LOUDEST = "4"  # -v: nothing below a panic goes to the terminal


class Kannel:
    """bearerbox (queue, store, SMPP) and smsbox (HTTP), as a `System`."""

    name = "kannel"
    batch: Form | None = None

    def __init__(self, directory: Path, *, smsc_port: int, window: int, binds: int = 1) -> None:
        if problem := absent():
            raise BenchError(problem)
        self._directory = directory
        self._admin, self._boxes, self._http = free_port(), free_port(), free_port()
        self._processes: list[subprocess.Popen[bytes]] = []
        (directory / "spool").mkdir(parents=True)
        (directory / "kannel.conf").write_text(
            CONFIGURATION.format(
                directory=directory,
                admin=self._admin,
                boxes=self._boxes,
                http=self._http,
                smsc=smsc_port,
                window=window,
                binds=binds,
                system_id=SYSTEM_ID,
                password=PASSWORD,
            )
        )
        query = f"username={SYSTEM_ID}&password={PASSWORD}&from={SENDER}&dlr-mask={DELIVERED_OR_FAILED}"
        self.single = Form(
            head=f"GET /cgi-bin/sendsms?{query}&to=",
            item=f"{NUMBER.replace('+', '%%2B')}&text={TEXT.replace(' ', '+')}",
            closing=f" HTTP/1.1\r\nHost: 127.0.0.1:{self._http}\r\n\r\n",
        )

    def start(self) -> None:
        bearerbox = self._run("bearerbox")
        wait_until("bearerbox", lambda: "uptime" in self._status(), 600, bearerbox)
        # It tells of itself before it takes boxes, and a smsbox that it does not take ends at once.
        wait_until("bearerbox's port for smsbox", lambda: listening(self._boxes), 30, bearerbox)
        smsbox = self._run("smsbox")
        wait_until("smsbox", lambda: listening(self._http), 30, smsbox)

    def stop(self) -> None:
        while self._processes:
            end(self._processes.pop(), "kannel")

    def kill(self) -> None:
        """kill -9, all at once."""
        for process in self._processes:
            process.kill()
        while self._processes:
            self._processes.pop().wait()

    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    def port(self) -> int:
        return self._http

    def admit(self, numbers: int) -> None:
        """Kannel texts everybody."""

    def complaints(self) -> str:
        return tail(self._directory / "bearerbox.log") + tail(self._directory / "smsbox.log")

    def _run(self, name: str) -> "subprocess.Popen[bytes]":
        program = _program(name)
        assert program is not None
        with (self._directory / f"{name}.out").open("wb") as out:
            process = subprocess.Popen(
                [program, "-v", LOUDEST, str(self._directory / "kannel.conf")],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def _status(self) -> str:
        url = f"http://127.0.0.1:{self._admin}/status.txt?password={PASSWORD}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read(), "utf-8", "replace")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return ""


def absent() -> str:
    """Why it cannot be run on this machine, and what to do; empty where it can."""
    missing = next((name for name in ("bearerbox", "smsbox") if _program(name) is None), None)
    return "" if missing is None else f"{missing} was not found: install Debian's package `kannel`, or leave out --peer"


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=PLACES)
