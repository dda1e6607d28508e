"""Every story is told twice: on a SQLite file, and on a PostgreSQL server.

By day some are told on SQLite only, so that `make test` stays short; `make test-long` tells them on the server, too.
"""

from collections.abc import Iterator

import pytest

from tests import harness

BY_NIGHT = {"test_reaching", "test_duty", "test_watching", "test_situations", "test_overrides", "test_long_sms"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is told on PostgreSQL by night."""
    for item in items:
        told_on = getattr(item, "callspec", None) and item.callspec.params.get("where")  # type: ignore[attr-defined]
        if told_on == "postgresql" and item.path.stem in BY_NIGHT:
            item.add_marker(pytest.mark.long)


@pytest.fixture(autouse=True, params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database of all stories of a test."""
    if request.param == "postgresql":
        harness.SERVER.append(request.getfixturevalue("postgres"))
    yield
    harness.SERVER.clear()
