"""Shared fixtures: a story on a fresh database, with the clock back on the wall afterwards."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio

from gateway import clock, log
from tests.harness import Story
from tests.postgres import Postgres

hypothesis.settings.register_profile("patient", deadline=None)  # how fast is a benchmark's business
hypothesis.settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _wall_clock() -> Iterator[None]:
    log.configure("info")
    yield
    clock.use(None)


@pytest.fixture(autouse=True)
def _processor(request: pytest.FixtureRequest) -> Iterator[None]:
    """Holds a test to the seconds of its mark; seconds on the wall would be other people's work, too."""
    mark = request.node.get_closest_marker("processor")
    begun = time.process_time()
    yield
    assert mark is None or time.process_time() - begun <= mark.args[0]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the tests of one process."""
    with Postgres() as server:
        yield server


@pytest_asyncio.fixture(params=["polling", "webhook"])
async def story(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Story]:
    """A gateway with both providers' far ends, told once with Telegram by polling and once by webhook."""
    async with Story(tmp_path, telegram=request.param) as told:
        yield told


@pytest_asyncio.fixture
async def quick(tmp_path: Path) -> AsyncIterator[Story]:
    """The same with polling only, for stories in which the way of Telegram does not matter."""
    async with Story(tmp_path) as told:
        yield told
