"""Every story is told twice: on a SQLite file, and on a PostgreSQL server."""

from collections.abc import Iterator

import pytest

from tests import harness


@pytest.fixture(autouse=True, params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database of all stories of a test."""
    if request.param == "postgresql":
        harness.SERVER.append(request.getfixturevalue("postgres"))
    yield
    harness.SERVER.clear()
