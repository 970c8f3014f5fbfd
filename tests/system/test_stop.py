"""An orderly stop ends, whatever the disk and the carrier do: each step takes no longer than gateway.toml gives it."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.directory import DATABASE
from tests.system.harness import Stage, stage


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        with (made.conf / "gateway.toml").open("a") as file:
            file.write("\n[stop]\ndrain_seconds = 0.5\nunbind_seconds = 0.5\noutbox_seconds = 0.5\n")
        made.start_simulator()
        made.start_receiver()
        made.start_gateway()
        made.consent()
        yield made


def test_a_carrier_that_says_nothing_any_more_is_not_waited_for(ready: Stage) -> None:
    os.kill(ready.pid("simulator"), signal.SIGSTOP)
    assert ready.submit("Hello").status_code == 202
    assert ready.stop("gateway") == 0
    assert "not unbound in time, and cut: simulator/trx-1" in ready.log("gateway")


def test_a_database_that_stays_locked_is_not_waited_for(ready: Stage) -> None:
    with closing(sqlite3.connect(ready.data / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert ready.submit("Hello").status_code == 503  # and a dispatcher that it woke waits to claim it
        assert ready.stop("gateway") == 0
