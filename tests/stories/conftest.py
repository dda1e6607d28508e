"""Every story is told on a SQLite file and on a PostgreSQL server, with Telegram by polling and by webhook.

By day, so that `make test` stays short, some are told on SQLite only, and of the four pairs two: polling on SQLite, the
webhook on PostgreSQL. `make test-long` tells the others.
"""

from collections.abc import Iterator

import pytest

from tests import harness

BY_NIGHT = {
    "test_reaching", "test_duty", "test_watching", "test_situations", "test_overrides", "test_long_sms",
    "test_own_words",
}  # fmt: skip
BY_DAY = {("sqlite", "polling"), ("postgresql", "webhook")}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is told by night."""
    for item in items:
        told: dict[str, object] = item.callspec.params if hasattr(item, "callspec") else {}
        if "where" not in told:
            continue
        pair = (told["where"], told.get("story"))
        if (told["where"] == "postgresql" and item.path.stem in BY_NIGHT) or ("story" in told and pair not in BY_DAY):
            item.add_marker(pytest.mark.long)


@pytest.fixture(autouse=True, params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database of all stories of a test."""
    if request.param == "postgresql":
        harness.SERVER.append(request.getfixturevalue("postgres"))
    yield
    harness.SERVER.clear()
