"""Every test of the contract runs on each backend: what is true of one store is true of them all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from gateway.store.sqlite import SqliteStore, open_memory, open_store
from tests.contract.desk import Desk

_DEADLINE_SECONDS = 120


@pytest.fixture(params=["memory", "file"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, nursery: trio.Nursery) -> AsyncIterator[SqliteStore]:
    nursery.start_soon(_watch)
    async with open_memory() if request.param == "memory" else open_store(tmp_path / "state") as store:
        yield store


@pytest.fixture
def desk(store: SqliteStore) -> Desk:
    return Desk(store)


async def _watch() -> None:
    await trio.sleep(_DEADLINE_SECONDS)
    raise TimeoutError("the store did not answer in time")
