"""What holds for the whole suite: no property test fails because the machine was busy. And a fixture that many tests name."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.hooks import zoo

settings.register_profile("assent", deadline=None)
settings.load_profile("assent")


@pytest.fixture
def closed() -> Iterator[None]:
    """What blocks in the zoo, blocks until the test is over. No fixture of trio's: those are set up beside the test, not
    before it."""
    zoo.released.clear()
    yield
    zoo.released.set()
