"""Fixtures of the web floor."""

from collections.abc import AsyncIterator

import pytest

from tests.web.estate import Estate, open_estate


@pytest.fixture
async def estate() -> AsyncIterator[Estate]:
    async with open_estate() as opened:
        yield opened
