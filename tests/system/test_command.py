"""How a start fails: a clear message, a non-zero exit, no traceback."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.system.harness import Stage, stage

CONF = Path(__file__).parent.parent.parent / "conf"


def run(*arguments: str | bytes, words: str = "", **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        input=words,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def start(on: Stage) -> str:
    status, _, told = run("run", "--conf", str(on.conf))
    assert status == 1
    return told


def test_the_shipped_configuration_has_no_faults() -> None:
    status, _, told = run("check", "--conf", str(CONF))
    # In a fresh checkout the carrier's password is not there yet: a demonstration makes one.
    faults = [line for line in told.splitlines() if ".toml: " in line and "WARNING" not in line]
    assert (status, faults) == (0, []) or ["simulator.password" in fault for fault in faults] == [True]


def test_a_check_looks_for_secrets_where_the_start_will(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        carriers = on.conf / "carriers.toml"
        carriers.write_text(
            carriers.read_text("utf-8").replace('password = "secret"', 'password_file = "its.password"')
        )
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "its.password").write_text("secret")
        (elsewhere / "its.password").chmod(0o600)
        assert run("check", "--conf", str(on.conf))[0] == 1
        assert run("check", "--conf", str(on.conf), "--data", str(elsewhere))[0] == 0


def test_a_check_refuses_the_database_that_a_start_would(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on._file("plugins.toml", 'enabled = ["nope"]')
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "assent.db").write_bytes(b"no database" * 100)
        status, told, faults = run("check", "--conf", str(on.conf), "--data", str(elsewhere))
        assert (status, told) == (1, "")
        assert f"{elsewhere}/assent.db cannot be opened: file is not a database" in faults
        assert "plugins.toml: enabled" in faults
        assert [path.name for path in elsewhere.iterdir()] == ["assent.db"]


def test_credentials_and_plugins_are_looked_at_in_one_go(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        carriers = on.conf / "carriers.toml"
        carriers.write_text(carriers.read_text("utf-8").replace('password = "secret"', 'password_file = "nowhere"'))
        on._file("plugins.toml", 'enabled = ["authorization_links", "payment_receits"]')
        status, told, faults = run("check", "--conf", str(on.conf))
        assert (status, told) == (1, "")
        for words in ("carrier[simulator]", "payment_receipts", "settings.authorization_links.portal"):
            assert words in faults, words


def test_a_name_that_makes_templates_too_long_is_told_by_the_check_and_the_start(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        clients = on.conf / "clients.toml"
        told_of = 'name = "Crédito Fácil"'
        clients.write_text(clients.read_text("utf-8").replace('name = "Acme"', told_of), "utf-8")
        assert told_of in clients.read_text("utf-8")
        status, _, told = run("check", "--conf", str(on.conf))
        assert status == 0
        assert ".name: has" in told
        on.start_simulator()
        on.start_gateway()
        assert ".name: has" in on.log("gateway")


def test_every_fault_of_the_configuration_is_told_at_once(tmp_path: Path) -> None:
    with stage(tmp_path, carrier='windw = 3\nalphabet = "klingon"', policy="[countries]\nallow = 3") as on:
        status, _, told = run("check", "--conf", str(on.conf))
        assert status == 1
        for words in ("carriers.toml", "windw", "did you mean", "alphabet", "policy.toml", "countries.allow"):
            assert words in told, words


def test_no_fault_of_one_file_hides_those_of_another(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        carriers = on.conf / "carriers.toml"
        carriers.write_text(carriers.read_text("utf-8").replace('password = "secret"', 'password_file = "nowhere"'))
        on._file("plugins.toml", 'enabled = ["nope"]')
        for folder in ("policy", "templates"):
            (on.conf / folder).mkdir(exist_ok=True)
            (on.conf / folder / "a.toml").write_text("nothing")
        gateway = on.conf / "gateway.toml"
        gateway.write_text(gateway.read_text("utf-8") + '[log]\nlevel = "loud"\n')
        status, told, faults = run("check", "--conf", str(on.conf))
        assert (status, told) == (1, "")
        for words in (
            "gateway.toml: log.level",
            "policy/a.toml",
            "carrier[simulator].password_file",
            "plugins.toml: enabled",
            "templates/a.toml",
        ):
            assert faults.count(words) == 1, (words, faults)
        gateway.write_text(gateway.read_text("utf-8").replace("path =", "path = 3 #"))
        _, _, faults = run("check", "--conf", str(on.conf))
        assert ("store.path" in faults, "password_file" in faults, "plugins.toml" in faults) == (True, False, True)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.start_simulator()
        on.start_gateway()
        with stage(tmp_path / "other") as other:
            other.http = on.http
            other._write_conf("", "")
            told = start(other)
            assert f"127.0.0.1:{on.http}" in told
            assert "taken" in told


def test_a_data_directory_that_another_gateway_uses(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.start_simulator()
        on.start_gateway()
        with stage(tmp_path / "other") as other:
            other.data = on.data
            other._write_conf("", "")
            assert "another gateway" in start(other)


def test_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        blocked = tmp_path / "file"
        blocked.write_text("")
        on.data = blocked / "data"
        on._write_conf("", "")
        told = start(on)
        assert str(on.data) in told
        assert "[store] path" in told


@pytest.mark.parametrize("place", ["/proc/x", "file", "file/x"])
def test_a_demonstration_without_a_usable_data_directory(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    data = tmp_path / place
    status, _, told = run("run", "--demo", "--conf", str(CONF), "--data", str(data))
    assert (status, len(told.splitlines())) == (1, 1)
    assert str(data) in told
    assert "--data" in told


def test_a_token_that_is_a_directory(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        (on.data / "admin.token").mkdir(parents=True)
        told = start(on)
        assert str(on.data / "admin.token") in told
        assert [path.name for path in on.data.glob("admin.token*")] == ["admin.token"]


def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.data.mkdir()
        with sqlite3.connect(on.data / "assent.db") as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
        told = start(on)
        assert "newer" in told


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.data.mkdir()
        (on.data / "assent.db").write_bytes(os.urandom(8192))
        assert "assent.db" in start(on)


def test_inspect_answers_every_line() -> None:
    lines = ['{"text": "Hello €"}', "no json", "[1]", '{"text": 7}', "", '{"text": "Привет"}']
    status, told, _ = run("inspect", "text", words="\n".join(lines))
    assert status == 0
    answers = told.splitlines()
    assert len(answers) == 5
    assert '"gsm7"' in answers[0]
    assert all('"ok": false' in answer for answer in answers[1:4])
    assert '"ucs2"' in answers[4]


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_who_reads_no_further_ends_it_quietly(unbuffered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    command = [sys.executable, "-m", "gateway", "inspect", "text"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b'{"text": "a"}\n')
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b'{"text": "a"}\n')
        process.stdin.close()
        assert (process.wait(), process.stderr.read()) == (141, b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "words", [("inspect", "text"), ("inspect", "--help"), ("simulator", "scenarios"), ("check", "--conf")]
)
def test_an_output_that_is_full(
    tmp_path: Path, words: tuple[str, ...], unbuffered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with stage(tmp_path) as on, open("/dev/full", "wb") as full:
        more = (str(on.conf),) if words[-1] == "--conf" else ()
        command = [sys.executable, "-m", "gateway", *words, *more]
        done = subprocess.run(command, input=b'{"text": "a"}', stdout=full, stderr=subprocess.PIPE, check=False)
        told = done.stderr.decode().splitlines()
        assert (done.returncode, "Traceback" in done.stderr.decode()) == (1, False)
        assert [line for line in told if "No space left" in line] == told[-1:]
        assert told[-1] == "assent: standard output cannot be written (No space left on device)"


def test_letters_that_the_terminal_does_not_have(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        conf = on.conf.rename(tmp_path / "\U0001f600")
        status, told, _ = run("check", "--conf", str(conf), PYTHONIOENCODING="latin-1")
        assert (status, told.splitlines()[-1]) == (0, f"{tmp_path}/\\U0001f600: no faults")


@pytest.mark.parametrize("words", [("admin", "message"), ("receiver", "--secret", "whsec_x", "--listen"), ("check",)])
def test_an_argument_that_is_no_text(words: tuple[str, ...]) -> None:
    status, told, faults = run(*words, b"\xff:80")
    assert (status, told, len(faults.splitlines())) == (2, "", 1)
    assert "UTF-8" in faults


def test_inspect_without_an_input() -> None:
    command = 'exec "$0" -m gateway inspect text <&-'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "standard input" in done.stderr


@contextlib.contextmanager
def _hangups(handling: signal.Handlers) -> Iterator[None]:
    """What starts within inherits this, whatever the tests themselves were started under."""
    before = signal.signal(signal.SIGHUP, handling)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_terminal_that_closes_stops_the_gateway_in_order(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.start_simulator()
        with _hangups(signal.SIG_DFL):
            on.start_gateway()
        assert on.stop("gateway", signal.SIGHUP, signal.SIGHUP) == 0
        assert "stopping" in on.log("gateway")


def test_nohup_is_obeyed(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.start_simulator()
        with _hangups(signal.SIG_IGN):
            on.start_gateway()
        os.kill(on.pid("gateway"), signal.SIGHUP)
        assert on.get("/readyz", keyless=True).status_code == 200
        assert on.stop("gateway") == 0


def test_a_data_directory_that_is_moved_away_ends_it(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.start_simulator()
        on.start_gateway()
        on.data.rename(tmp_path / "elsewhere")
        with contextlib.suppress(httpx.TransportError):  # a commit of its own may have met it first
            assert on.submit("Hello").status_code >= 500
        assert on._running.pop("gateway").wait(30) == 1
        told = on.log("gateway")
        assert told.count("was moved, deleted or replaced while the gateway ran") == 1
        assert "Traceback" not in told
        (tmp_path / "elsewhere").rename(on.data)
        on.start_gateway()
        assert on.stop("gateway") == 0
