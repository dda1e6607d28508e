"""Days as people of the office write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.days import LONGEST, Days, read

TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("hari ini", "2026-11-25", "2026-11-25"),
        ("Besok", "2026-11-26", "2026-11-26"),
        ("lusa.", "2026-11-27", "2026-11-27"),
        ("jumat", "2026-11-27", "2026-11-27"),
        ("Jum'at", "2026-11-27", "2026-11-27"),
        ("hari senin", "2026-11-30", "2026-11-30"),
        ("rabu", "2026-12-02", "2026-12-02"),
        ("minggu depan", "2026-11-29", "2026-11-29"),
        ("25/11", "2026-11-25", "2026-11-25"),
        ("28-11", "2026-11-28", "2026-11-28"),
        ("tgl 3.12", "2026-12-03", "2026-12-03"),
        ("24/11", "2027-11-24", "2027-11-24"),
        ("1/1/2027", "2027-01-01", "2027-01-01"),
        ("1-1-27", "2027-01-01", "2027-01-01"),
        ("29/2", "2028-02-29", "2028-02-29"),
        ("3 hari", "2026-11-25", "2026-11-27"),
        ("1hari", "2026-11-25", "2026-11-25"),
        ("2 minggu", "2026-11-25", "2026-12-08"),
        ("26/11-28/11", "2026-11-26", "2026-11-28"),
        ("26-11 - 28-11", "2026-11-26", "2026-11-28"),
        ("26-11-28-11", "2026-11-26", "2026-11-28"),
        ("26-28/11", "2026-11-26", "2026-11-28"),
        ("30/12 sampai 2/1", "2026-12-30", "2027-01-02"),
        ("30/12/2026 s/d 2/1/2027", "2026-12-30", "2027-01-02"),
        ("senin-rabu", "2026-11-30", "2026-12-02"),
        ("besok sd lusa", "2026-11-26", "2026-11-27"),
        ("besok hingga 28/11", "2026-11-26", "2026-11-28"),
    ],
)
def test_days(text: str, first: str, last: str) -> None:
    assert read(text, TODAY) == Days(date.fromisoformat(first), date.fromisoformat(last))


NO_DAYS = ["", "-", "baju", "kapan-kapan", "besok saja ya", "besok-hari ini", "26/11-", "1/1-2/2-3/3", "99-99-99-99"]
NO_DAYS += ["0 hari", "400 hari", "tiga hari", "3", "31/2", "32/1", "1/13", "24/11/2020", "1/1/9999", "²/²", "٣ hari"]


@pytest.mark.parametrize("text", NO_DAYS)
def test_what_names_no_day_is_none(text: str) -> None:
    assert read(text, TODAY) is None


WORDS = st.sampled_from(
    ["besok", "senin", "minggu", "24", "/", "-", "11", " ", "hari", "3", "s/d", "sampai", "29/2", "'"]
)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.text() | st.lists(WORDS, max_size=8).map("".join), st.dates())
def test_any_text_has_an_answer_on_any_day(text: str, today: date) -> None:
    found = read(text, today)
    assert found is None or today <= found.first <= found.last < found.first + timedelta(days=LONGEST)
