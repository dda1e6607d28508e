"""What the tests of this folder begin from."""

import signal

import pytest
import pytest_asyncio

from tests.crash.driver import Gateway
from tests.power.prepared import Prepared


@pytest_asyncio.fixture
async def start(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A database that is there already, so that a run holds one report and nothing else."""
    folder = tmp_path_factory.mktemp("prepared")
    async with Gateway(folder) as gateway:
        await gateway.start()
        assert await gateway.end(signal.SIGTERM) == 0
    return Prepared(folder, gateway.key)
