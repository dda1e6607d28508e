"""Who is on duty changes: Ani asks Budi, falls ill, comes back; whoever comes hears what is open, gaps are heard of."""

import re
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest_asyncio

from gateway import clock
from gateway.doctor import examine
from gateway.office_file import in_force
from gateway.store import offices
from tests.harness import ANI_PHONE, BUDI_PHONE, KEPALA_PHONE, OFFICE, Story, code_in, number_in
from tests.providers.telegram_chats import User

START, END = OFFICE.index("[[duty]]"), OFFICE.index("[ladder.high]")
LOOKS = 3  # further looks of the clock in which nothing is told twice


def whole_day(person: str, layer: int = 1) -> str:
    return f'[[duty]]\nfrom = "00:00"\nuntil = "24:00"\npeople = ["{person}"]\nlayer = {layer}\n\n'


def office(*duties: str) -> str:
    """The office with these shifts."""
    return OFFICE[:START] + "".join(duties) + OFFICE[END:]


def from_ten(folder: Path, *duties: str) -> Story:
    """A story that begins at ten in the office's morning."""
    story = Story(folder, office=office(*duties))
    local = datetime.fromtimestamp(clock.now() / 1000, ZoneInfo("Asia/Jakarta"))
    ten = (local + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    story._ahead += int((ten - local).total_seconds() * 1000)
    return story


@pytest_asyncio.fixture
async def alone(tmp_path: Path) -> AsyncIterator[Story]:
    """Ani is on duty day and night, and nobody stands behind her."""
    async with from_ten(tmp_path, whole_day("ani")) as story:
        yield story


@pytest_asyncio.fixture
async def civil(tmp_path: Path) -> AsyncIterator[Story]:
    """Ani alone, in an office that follows the national calendar."""
    hours = '[hours]\nmon-fri = "07:30-16:00"\nholidays = "ID"\n\n'
    async with from_ten(tmp_path, whole_day("ani"), hours) as story:
        yield story


@pytest_asyncio.fixture
async def covered(tmp_path: Path) -> AsyncIterator[Story]:
    """The same with Budi as second layer."""
    async with from_ten(tmp_path, whole_day("ani"), whole_day("budi", 2)) as story:
        yield story


def six_digits(text: str) -> str:
    found = re.search(r"\b\d{6}\b", text)
    assert found, f"no code in {text!r}"
    return found[0]


async def looks(story: Story, times: int = 1) -> None:
    """The minute comes round."""
    for _ in range(times):
        await story.app.watch_shifts()
        story.app.sender.wake()


async def to_midnight(story: Story) -> None:
    """Until the office's day has begun."""
    local = datetime.fromtimestamp(clock.now() / 1000, ZoneInfo("Asia/Jakarta"))
    await story.passes(minutes=24 * 60 - local.hour * 60 - local.minute)


async def agreed(story: Story, ani: User, budi: User) -> None:
    """Budi takes Ani's shift of tomorrow."""
    await ani.says("GANTI budi besok")
    request = await budi.sees("Ani minta Anda menggantikan piket")
    assert request.labels == ["Setuju", "Tolak"]
    assert "Sampai setuju" in (await ani.sees("ditanya")).text
    await budi.presses(request, "Setuju")
    await ani.sees("Budi setuju")
    await budi.sees("menggantikan Ani")


async def test_budi_stands_in_for_ani_and_is_handed_the_open_reports(alone: Story) -> None:
    ani, budi = alone.staff()
    await looks(alone)
    await alone.phone().texts("LAPOR Juwana dia mengancam saya")
    number = number_in((await ani.sees("Juwana")).text)
    await agreed(alone, ani, budi)
    await budi.says("PIKET")
    assert "Piket 1: Ani sampai" in (await budi.sees("Piket 1")).text

    await to_midnight(alone)
    await looks(alone)
    note = await budi.sees("Giliran piket Anda mulai")
    assert number in note.text and "1 belum diambil" in note.text and "mengancam" not in note.text
    await alone.restart()
    await looks(alone, LOOKS)
    assert alone.rows("SELECT count(*) FROM cursors WHERE channel = 'duty.on'") == [(1,)]
    await alone.phone("+6281100000002").texts("TOLONG saya di Juwana")
    await budi.sees("TINGGI")

    await to_midnight(alone)
    await looks(alone)
    await ani.sees("Giliran piket Anda mulai")
    assert len([message for message in budi.inbox if "Giliran piket" in message.text]) == 1


async def test_by_sms_a_swap_needs_a_code_of_its_own_and_the_answer_one_too(alone: Story) -> None:
    ani_phone, budi_phone = alone.phone(ANI_PHONE), alone.phone(BUDI_PHONE)
    for user in alone.staff():
        user.blocks()
    await ani_phone.texts("GANTI budi besok")
    given = await ani_phone.sees("Ulangi perintah")
    assert alone.rows("SELECT count(*) FROM rota_changes") == [(0,)]
    again = f"GANTI {six_digits(given.text)} budi besok"
    await ani_phone.texts(again)
    await ani_phone.sees("ditanya")
    request = await budi_phone.sees("minta Anda ganti piket")
    await budi_phone.texts(code_in(request.text, "X"))
    await ani_phone.sees("Budi menolak")
    await budi_phone.sees("Anda menolak")
    assert alone.rows("SELECT kind, state FROM rota_changes") == [("swap", "refused")]

    await ani_phone.texts(f"{again}.")  # its code is spent
    await ani_phone.sees("Ulangi perintah")
    assert alone.rows("SELECT count(*) FROM rota_changes") == [(1,)]


async def test_a_request_nobody_answers_ends_with_the_day(alone: Story) -> None:
    ani, budi = alone.staff()
    await ani.says("GANTI budi besok")
    request = await budi.sees("minta Anda")
    await to_midnight(alone)
    await looks(alone)
    assert "tetap Anda" in (await ani.sees("tidak menjawab")).text
    await budi.presses(request, "Setuju")
    await budi.sees("sudah tidak berlaku")
    assert alone.rows("SELECT state FROM rota_changes") == [("ended",)]


async def test_ani_falls_ill_in_mid_shift_and_the_second_layer_is_called(covered: Story) -> None:
    ani, budi = covered.staff()
    await looks(covered)
    await ani.says("CUTI 3 hari")
    assert "Pengganti: Budi." in (await ani.sees("tercatat")).text
    await looks(covered)
    await budi.sees("Giliran piket Anda mulai")
    await covered.phone().texts("TOLONG saya di Juwana")
    await budi.sees("TINGGI")
    await ani.sees_nothing(0.3)

    await ani.says("KEMBALI")
    await ani.sees("Cuti diakhiri")
    await looks(covered)
    assert "1 laporan terbuka" in (await ani.sees("Giliran piket Anda mulai")).text


async def test_a_gap_reaches_the_head_at_once_and_once_a_day_and_the_ladder_goes_on(alone: Story) -> None:
    ani, budi = alone.staff()
    head = alone.phone(KEPALA_PHONE)
    await looks(alone)
    await ani.says("CUTI hari ini")
    assert "Tidak ada pengganti" in (await ani.sees("tercatat")).text
    assert "tidak ada yang piket" in (await head.sees("DARURAT SISTEM")).text
    await looks(alone, LOOKS)
    await head.sees("sekarang tidak ada yang piket")
    await alone.restart()
    await looks(alone, LOOKS)
    told = "SELECT count(*) FROM outbox WHERE kind = 'alarm'"
    assert alone.rows(told) == [(2,)]

    await alone.phone().texts("TOLONG saya di Juwana")
    await budi.sees("TINGGI")  # the second step, without waiting for the first


async def test_holidays_nobody_knows_are_heard_of_daily_and_seen_by_the_doctor(civil: Story) -> None:
    """PyPI package holidays has no cuti bersama of 2028; the story goes on in the October before."""
    _, budi = civil.staff()
    await looks(civil)
    began = datetime.fromtimestamp(clock.now() / 1000, ZoneInfo("Asia/Jakarta"))
    await civil.passes(hours=24 * (date(2027, 10, 2) - began.date()).days)
    await looks(civil, LOOKS)
    assert "Hari libur 2028 belum diketahui" in (await budi.sees("Hari libur")).text
    told = "SELECT count(*) FROM outbox WHERE kind = 'alarm' AND dedupe_key LIKE 'calendar:%'"
    assert civil.rows(told) == [(1,)]
    await civil.passes(hours=24)
    await looks(civil, LOOKS)
    assert civil.rows(told) == [(2,)]
    bad = [finding.english for finding in await examine(civil.settings()) if not finding.well]
    assert any("holidays of 2028 are not known" in line for line in bad), bad


async def test_an_upgrade_that_asks_for_more_does_not_stop_the_hotline(alone: Story) -> None:
    """The office in force has a gap in its rota, which `apply` would refuse today."""
    gap = office(whole_day("ani").replace("24:00", "16:00"))
    await alone.app.store.write(offices.put, alone.app.keyring, gap, clock.now())
    alone.office_file.write_text(gap, encoding="utf-8")
    await alone.restart()
    assert alone.app._office == in_force(gap)
    _, budi = alone.staff()
    await alone.passes(hours=8)
    await alone.phone().texts("TOLONG saya di Juwana")
    await budi.sees("TINGGI")
