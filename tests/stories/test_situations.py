"""Whatever befalls a report on its way up: the time is known, and a living person's phone rings next."""

import asyncio

import pytest

from tests.harness import ANI_PHONE, BUDI_PHONE, KEPALA_PHONE, OFFICE, Story, code_in, number_in
from tests.providers.telegram_chats import Message, User
from tests.providers.wire import Kind

OPEN = "SELECT status, owner_id > 0 FROM reports"
CLIMBED = "SELECT count(*) FROM events WHERE kind = 'climbed'"


async def reported(story: Story, text: str = "LAPOR Juwana dia mengancam saya") -> str:
    """The number of a new report of Sari's, which the office has."""
    sari = story.phone()
    await sari.texts(text)
    return number_in((await sari.sees("terima")).text)


async def taken(story: Story, ani: User, text: str = "LAPOR Juwana dia mengancam saya") -> tuple[str, Message]:
    """A report that Ani has taken, with what she was told then."""
    number = await reported(story, text)
    await ani.presses(await ani.sees(number), "Ambil")
    return number, await ani.sees("Anda ambil")


async def climbs(story: Story) -> int:
    """How often anybody was called by the clock so far."""
    return int(story.rows(CLIMBED)[0][0])


# Steps


async def test_each_step_at_its_time_and_none_before(quick: Story) -> None:
    _, budi = quick.staff()
    number = await reported(quick)
    for minutes, calls in ((59, 1), (2, 2), (178, 2), (2, 3), (119, 3), (2, 4), (121, 5)):
        await quick.passes(minutes=minutes)
        assert await climbs(quick) == calls, minutes
    await budi.sees(number)
    await quick.phone(KEPALA_PHONE).sees(number)


async def test_three_days_of_silence_are_three_days_of_calls(quick: Story) -> None:
    quick.staff()
    number = await reported(quick, "TOLONG saya di Juwana")
    for _ in range(72):
        await quick.passes(hours=1)
    calls = await climbs(quick)
    assert 3 + 70 <= calls <= 3 + 145, "a step every half hour, at the slowest every hour that somebody looked"
    assert quick.rows(OPEN) == [("new", False)]
    assert number in (await quick.phone(KEPALA_PHONE).sees("(ulang)")).text


async def test_who_takes_it_after_the_second_step_stops_the_third(quick: Story) -> None:
    _, budi = quick.staff()
    number = await reported(quick, "TOLONG saya di Juwana")
    await quick.passes(minutes=11)
    await budi.presses(await budi.sees(number), "Ambil")
    await budi.sees("Anda ambil")
    await quick.passes(minutes=19)
    assert await climbs(quick) == 2
    await quick.phone(KEPALA_PHONE).sees_nothing(0.3)


async def test_taken_and_forgotten_the_ladder_goes_on_where_it_stood(quick: Story) -> None:
    ani, budi = quick.staff()
    number, _ = await taken(quick, ani)
    await quick.passes(minutes=119)
    assert await climbs(quick) == 1
    await quick.passes(minutes=2)
    told = await budi.sees(number)
    assert "belum dihubungi" in told.text
    await budi.presses(told, "Ambil")
    assert number in (await budi.sees("Anda ambil")).text
    assert "sudah diambil Budi" in (await ani.sees("sudah diambil")).text


async def test_a_closed_report_opened_again_runs_again(quick: Story) -> None:
    ani, budi = quick.staff()
    number, _ = await taken(quick, ani)
    await ani.says(f"/balas {number} kami datang")
    await ani.sees("balasan dikirim")
    await ani.says(f"/tutup {number} aman di rumah ibu")
    await ani.sees("ditutup")
    await quick.passes(hours=24)
    before = await climbs(quick)
    await budi.says(f"/buka {number} dia kembali")
    assert "dibuka lagi" in (await budi.sees("dibuka")).text
    await quick.passes(minutes=121)
    assert await climbs(quick) == before + 1
    assert quick.rows(OPEN) == [("taken", True)]


# Handing over


async def test_handed_over_by_button(quick: Story) -> None:
    ani, budi = quick.staff()
    number, _ = await taken(quick, ani)
    await ani.says(f"/serahkan {number} budi saya pulang")
    await ani.sees("ditanya")
    offer = await budi.sees("menyerahkan")
    assert offer.labels == ["Terima", "Tolak"] and "pulang" not in offer.text
    await budi.presses(offer, "Terima")
    await budi.sees("sekarang pada Anda")
    assert "diterima Budi" in (await ani.sees("diterima")).text
    await budi.says(f"/baca {number}")
    assert "saya pulang" in (await budi.sees("mengancam")).text


async def test_a_hand_over_refused_or_unanswered_comes_back(quick: Story) -> None:
    ani, budi = quick.staff()
    number, _ = await taken(quick, ani)
    await ani.says(f"/serahkan {number} budi")
    await budi.presses(await budi.sees("menyerahkan"), "Tolak")
    assert "tidak menerima" in (await ani.sees("tidak menerima")).text
    await ani.says(f"/serahkan {number} bu kepala")
    head = quick.phone(KEPALA_PHONE)
    asked = await head.sees("menyerahkan")
    await quick.passes(minutes=31)
    assert "Bu Kepala tidak menerima" in (await ani.sees("Bu Kepala tidak")).text
    await head.texts(code_in(asked.text, "Y"))
    assert "tidak sedang diserahkan" in (await head.sees("tidak sedang")).text
    assert len(quick.rows("SELECT 1 FROM reports WHERE owner_id > 0 AND offered_to = 0")) == 1


async def test_handed_over_by_sms_alone(quick: Story) -> None:
    ani, _ = quick.staff()
    _, told = await taken(quick, ani)
    await ani.says("/serahkan kepala", reply_to=told)
    head = quick.phone(KEPALA_PHONE)
    await head.texts(code_in((await head.sees("menyerahkan")).text, "Y"))
    assert "sekarang pada Anda" in (await head.sees("sekarang")).text


# Pauses, merging, the law


async def test_a_pause_ends_by_itself_and_the_owner_hears_so(quick: Story) -> None:
    ani, budi = quick.staff()
    number, _ = await taken(quick, ani)
    await ani.says(f"/tunda {number} 5 jam ibunya dijemput dulu")
    assert "ditunda sampai" in (await ani.sees("ditunda")).text
    await quick.passes(hours=4)
    assert await climbs(quick) == 1
    await quick.passes(minutes=61)
    await ani.sees("penundaan selesai")
    assert number in (await budi.sees("belum dihubungi")).text


async def test_two_reports_of_one_phone_are_read_as_one(quick: Story) -> None:
    ani, _ = quick.staff()
    number, _ = await taken(quick, ani)
    second = await reported_again(quick, number)
    await ani.says(f"/gabung {second} {number}")
    assert f"#{second} masuk ke #{number}" in (await ani.sees("masuk ke")).text
    await ani.says(f"/baca {number}")
    shown = (await ani.sees("mengancam")).text
    assert "sepupu saya" in shown
    assert quick.rows("SELECT count(*) FROM reports WHERE status = 'closed' AND merged_into > 0") == [(1,)]


async def reported_again(story: Story, first: str) -> str:
    """The number of Sari's other report, from another place."""
    await story.phone().texts("LAPOR Tayu sepupu saya juga")
    await story.until("SELECT count(*) FROM reports", 2)
    return next(str(row[0]) for row in story.rows("SELECT number FROM reports") if row[0] != first)


async def test_two_people_about_one_matter_are_never_read_as_one(quick: Story) -> None:
    ani, _ = quick.staff()
    number, _ = await taken(quick, ani)
    neighbour = quick.phone("+6281100000009")
    await neighbour.texts("LAPOR Juwana pelakunya paman saya")
    second = number_in((await neighbour.sees("terima")).text)
    await ani.says(f"/gabung {number} {second}")
    await ani.sees("satu perkara")
    await ani.says(f"/tutup {second} sama dengan yang pertama")
    await ani.says(f"/baca {number}")
    shown = (await ani.sees("mengancam")).text
    assert "paman" not in shown and f"= #{second}" in shown


async def test_reports_that_went_up_in_one_another_are_all_read(quick: Story) -> None:
    ani, _ = quick.staff()
    first, _ = await taken(quick, ani)
    numbers = [first]
    for words in ("LAPOR Tayu kata kedua", "LAPOR kec Pati kata ketiga"):
        await quick.phone().texts(words)
        await quick.until("SELECT count(*) FROM reports", len(numbers) + 1)
        numbers = [str(row[0]) for row in quick.rows("SELECT number FROM reports ORDER BY id")]
    await ani.says(f"/gabung {numbers[1]} {numbers[2]}")
    await ani.sees(f"masuk ke #{numbers[1]}")
    await ani.says(f"/gabung {numbers[0]} {numbers[1]}")
    await ani.sees(f"masuk ke #{numbers[0]}")
    await ani.says(f"/baca {numbers[0]}")
    shown = (await ani.sees("mengancam")).text
    assert "kata kedua" in shown and "kata ketiga" in shown


async def test_the_limit_of_the_law_is_named_to_staff_only(quick: Story) -> None:
    ani, budi = quick.staff()
    sari = quick.phone()
    number, _ = await taken(quick, ani)
    await ani.says(f"/balas {number} kami datang")
    await ani.sees("balasan dikirim")
    await ani.says(f"/jenis {number} seksual")
    await ani.sees("jenis dicatat")
    heard = len(sari.inbox)
    await quick.passes(hours=48)
    await ani.sees("batas waktu hukum")
    await budi.sees("batas waktu hukum")
    await quick.passes(hours=18)
    assert "sisa 6 jam" in (await ani.sees("sisa 6")).text
    assert len(sari.inbox) == heard, "nothing about the police reaches her phone"


async def test_the_timeline_says_what_happened_and_what_is_next(quick: Story) -> None:
    ani, _ = quick.staff()
    number, _ = await taken(quick, ani)
    await ani.says(f"/jejak {number}")
    trail = (await ani.sees("laporan masuk")).text
    for words in ("Telegram Ani: ", "Ani mengambil", "Panggilan berikutnya", "WIB"):
        assert words in trail
    assert "mengancam" not in trail


# People and places that change


async def test_an_owner_who_leaves_the_office_leaves_nobody_waiting(quick: Story) -> None:
    ani, budi = quick.staff()
    number, _ = await taken(quick, ani)
    start, end = OFFICE.index('[[person]]\nid = "ani"'), OFFICE.index('[[person]]\nid = "budi"')
    without = (OFFICE[:start] + OFFICE[end:]).replace('people = ["ani"]', 'people = ["budi"]')
    await quick.asks("apply", {"text": without})
    await quick.passes(minutes=121)
    assert number in (await budi.sees(number)).text
    await quick.passes(hours=5)
    assert number in (await quick.phone(KEPALA_PHONE).sees(number)).text


async def test_an_office_that_moves_to_another_zone_keeps_its_calls(quick: Story) -> None:
    ani, _ = quick.staff()
    number, _ = await taken(quick, ani)
    await quick.asks("apply", {"text": OFFICE.replace("Asia/Jakarta", "Asia/Makassar")})
    await quick.passes(minutes=121)
    assert await climbs(quick) == 2
    await ani.says(f"/jejak {number}")
    assert "WITA" in (await ani.sees("laporan masuk")).text


# Down, and clocks


@pytest.mark.parametrize(
    ("hours", "minutes", "calls"), [(0, 10, 1), (26, 0, 2), (8 * 24, 0, 2)], ids=["10 minutes", "26 hours", "8 days"]
)
async def test_after_a_silence_of_the_machine_what_is_due_rings_once(
    quick: Story, hours: int, minutes: int, calls: int
) -> None:
    quick.staff()
    await reported(quick)
    await quick.stop()
    quick._ahead += (hours * 60 + minutes) * 60_000
    await quick.start()
    async with asyncio.timeout(30):
        while await climbs(quick) < calls:  # noqa: ASYNC110 - the clock of the story writes it
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    found = await climbs(quick)
    assert found <= calls + 2, "overdue steps follow each other, none twice"
    pings = quick.rows("SELECT count(*) FROM outbox WHERE kind = 'ping' GROUP BY dedupe_key HAVING count(*) > 1")
    assert pings == []


async def test_a_clock_set_forward_only_makes_calls_early(quick: Story) -> None:
    _, budi = quick.staff()
    number = await reported(quick)
    await quick.passes(hours=1, minutes=1)
    await budi.sees(number)
    assert await climbs(quick) == 2


async def test_a_clock_corrected_while_nothing_ran_puts_off_no_call(quick: Story) -> None:
    """Five days ahead, a report comes in, the machine stops, somebody sets the clock right."""
    quick.staff()
    quick._ahead += 5 * 24 * 3_600_000
    await reported(quick, "TOLONG saya di Juwana")
    await quick.app.dispatcher.mind_the_clock()
    before = quick.rows("SELECT due_at, opened_at FROM reports")[0]
    await quick.stop()
    quick._ahead -= 5 * 24 * 3_600_000
    await quick.start()
    await quick.until("SELECT count(*) FROM events WHERE detail LIKE '%clock went back%'", 1)
    after = quick.rows("SELECT due_at, opened_at FROM reports")[0]
    moved = [(was - now) / 3_600_000 for was, now in zip(before, after, strict=True)]
    assert all(119.9 < hours < 120.1 for hours in moved), moved


async def test_a_pause_is_no_longer_for_a_clock_set_back(quick: Story) -> None:
    ani, _ = quick.staff()
    number, _ = await taken(quick, ani)
    await ani.says(f"/tunda {number} 2 jam ibunya dijemput")
    await ani.sees("ditunda")
    await quick.clock_goes_back(minutes=600)
    await quick.passes(minutes=121)
    assert quick.rows("SELECT paused_until FROM reports") == [(0,)]


async def test_who_left_the_office_hears_nothing_any_more(quick: Story) -> None:
    quick.staff()
    await reported(quick)
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'ping' AND status = 'pending'", 1)
    start, end = OFFICE.index('[[person]]\nid = "ani"'), OFFICE.index('[[person]]\nid = "budi"')
    without = (OFFICE[:start] + OFFICE[end:]).replace('people = ["ani"]', 'people = ["budi"]')
    await quick.asks("apply", {"text": without})
    await quick.passes(minutes=5)
    await quick.phone(ANI_PHONE).sees_nothing(0.3)


# Providers that fail on the way


@pytest.mark.parametrize("kind", ["403", "500", "200notok", "timeout"])
@pytest.mark.parametrize("step", [0, 1])
async def test_a_provider_that_fails_at_any_step_stops_no_ladder(quick: Story, step: int, kind: Kind) -> None:
    people = quick.staff()
    for person in people[: step + 1]:
        quick.telegram.fail("sendMessage", kind=kind, times=50, chat_id=person.id)
    number = await reported(quick, "TOLONG saya di Juwana")
    await quick.passes(seconds=46)
    assert number in (await quick.phone(ANI_PHONE).sees(number)).text
    await quick.passes(minutes=10)
    await quick.passes(seconds=46)
    budi = quick.phone(BUDI_PHONE) if step else people[1]
    assert number in (await budi.sees(number)).text
    await quick.passes(minutes=20)
    assert number in (await quick.phone(KEPALA_PHONE).sees(number)).text
