"""``assent run --demo``: beside another one it takes other ports, and tells which."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.house.source import ROOT
from tests.system.harness import PATIENCE_SECONDS, wait_for
from tools.port import free_port


class Shown:
    """A demonstration that runs."""

    def __init__(self, conf: Path, directory: Path) -> None:
        self.log = directory / "demo.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "run", "--demo", "--conf", str(conf), "--data", str(directory)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            )

    @property
    def told(self) -> str:
        return self.log.read_text("utf-8")

    def url(self) -> str:
        """Where its door for clients is, once it says so."""

        def found() -> str | None:
            assert self.process.poll() is None, self.told
            place = re.search(r"(http://127\.0\.0\.1:\d+)/v1/messages", self.told)
            return None if place is None else place[1]

        return str(wait_for(found, "the demonstration"))

    def is_bound(self) -> bool:
        return httpx.get(f"{self.url()}/readyz", timeout=PATIENCE_SECONDS).status_code == 200

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


def test_two_of_them_run_side_by_side(tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(ROOT / "conf", conf)
    http, admin, smpp = free_port(), free_port(), free_port()
    for name, before, after in (
        ("gateway.toml", "127.0.0.1:8080", f"127.0.0.1:{http}"),
        ("gateway.toml", "127.0.0.1:8081", f"127.0.0.1:{admin}"),
        ("carriers.toml", "port = 2775", f"port = {smpp}"),
    ):
        text = (conf / name).read_text("utf-8")
        assert before in text
        (conf / name).write_text(text.replace(before, after), "utf-8")
    shown: list[Shown] = []
    try:
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            shown.append(Shown(conf, tmp_path / name))
            # Each has a carrier of its own: the password that it binds with is of its own data directory.
            wait_for(shown[-1].is_bound, "its carrier")
        first, second = shown
        assert first.url() == f"http://127.0.0.1:{http}"
        assert second.url() != first.url()
        moved = {
            int(taken): int(free) for taken, free in re.findall(r":(\d+) is taken; .* is at \S+:(\d+)", second.told)
        }
        assert {http, admin, smpp} < set(moved)
        assert second.url() == f"http://127.0.0.1:{moved[http]}"
        assert len(moved) == 4  # the simulator's control is the fourth
        assert first.is_bound()
        assert [one.stop() for one in shown] == [0, 0]
    finally:
        for one in shown:
            one.process.kill()
            one.process.wait()


def test_one_whose_carrier_cannot_start_says_so(tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(ROOT / "conf", conf)
    carriers = conf / "carriers.toml"
    carriers.write_text(carriers.read_text("utf-8").replace('"127.0.0.1"', '"192.0.2.1"'), "utf-8")  # TEST-NET-1
    (tmp_path / "data").mkdir()
    shown = Shown(conf, tmp_path / "data")
    try:
        assert shown.process.wait(PATIENCE_SECONDS) == 1
    finally:
        shown.process.kill()
    assert "assent simulator: " in shown.told
    assert "did not start" in shown.told
    assert "Traceback" not in shown.told
