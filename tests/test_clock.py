"""Instants as providers write them."""

import pytest

from gateway import clock

SECOND = 1_795_241_085_000  # 21 November 2026, 06:04:45 UTC


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-21T06:04:45Z", SECOND),
        ("2026-11-21 06:04:45", SECOND),
        ("2026-11-21T06:04:45.445Z", SECOND + 445),
        ("2026-11-21T13:04:45+07:00", SECOND),
        ("1795241085", SECOND),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140_000),
    ],
)
def test_an_instant_is_read_in_every_form_it_comes_in(text: str, wanted: int) -> None:
    assert clock.instant(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "kemarin", "2026-13-01", "9" * 12, "١٢٣", "2026-11-21T06:04:45 WIB", "-5", "\ud83d"]
)
def test_what_is_no_instant_is_none(text: str) -> None:
    assert clock.instant(text) is None
