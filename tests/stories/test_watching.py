"""Who watches the watcher: what is broken is found and mended; when nothing looks any more, somebody outside hears."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway import clock, log
from gateway.doctor import examine
from gateway.errors import Failed, KentonganError
from gateway.model import DRILL
from tests.harness import KEPALA_PHONE, OFFICE, Story, number_in
from tests.providers.lifeline import FakeLifeline

REPAIRED = "SELECT count(*) FROM events WHERE kind = 'repaired'"
CALLS = "SELECT count(*) FROM outbox WHERE kind = 'ping'"
WATCHING = OFFICE + '[watch]\nsilence = { africastalking = "12h" }\ncredit = 50000\n'
NEXT_MONDAY = '[drill]\nday = "mon"\nat = "10:00"\n'
CORRUPTIONS = {
    "no clock": "due_at = 0",
    "clock of another century": "due_at = 9000000000000000",
    "owner of another office": "status = 'taken', owner_id = 42, due_at = due_at + 1000",
    "taken by nobody": "status = 'taken', owner_id = 0",
    "negative rung": "rung = -3, due_at = due_at + 1000",
    "pause that outlived itself": "paused_until = 5, due_at = due_at + 1000",
    "times that cannot be": "waiting_since = -7, seen_at = 9000000000000000",
}


async def broken(story: Story, change: str) -> None:
    """Somebody with the database, or a bug, changed a row."""
    await story.app.store.write(lambda t: t.exec_driver_sql(f"UPDATE reports SET {change}"))


async def one_report(story: Story) -> str:
    """Sari's report, which has rung at Ani's."""
    await story.phone().texts("LAPOR Juwana tetangga saya dipukul")
    return number_in((await story.phone().sees("terima")).text)


async def test_broken_rows_ring_again(quick: Story) -> None:
    """Each of several reports is broken in another way: one look finds all of them, and mends them."""
    _, budi = quick.staff()
    for place, change in enumerate(CORRUPTIONS.values()):
        await quick.phone(f"+62811000020{place}").texts("LAPOR Juwana tetangga saya dipukul")
        number = number_in((await quick.phone(f"+62811000020{place}").sees("terima")).text)
        await broken(quick, f"{change} WHERE number = '{number}'")
    before = quick.rows(CALLS)[0][0]
    await quick.app.audit()
    await quick.until(REPAIRED, len(CORRUPTIONS))
    await budi.sees("Sudah diperbaiki")
    await quick.app.climb()
    assert quick.rows(CALLS)[0][0] >= before + len(CORRUPTIONS), "they ring at once"
    for due_at, owner in quick.rows("SELECT due_at, owner_id FROM reports"):
        assert quick.now() < due_at < quick.now() + 4 * clock.HOUR and owner == 0
    await quick.app.audit()
    await quick.until(REPAIRED, len(CORRUPTIONS))


async def test_a_closed_report_does_not_ring(quick: Story) -> None:
    ani, _ = quick.staff()
    number = await one_report(quick)
    await ani.says(f"TUTUP {number} salah sambung")
    await ani.sees("ditutup")
    await broken(quick, "due_at = closed_at + 1000")
    await quick.app.audit()
    assert quick.rows("SELECT due_at FROM reports") == [(0,)]


async def test_the_auditor_looks_by_itself(tmp_path: Path) -> None:
    async with Story(tmp_path, watch_every=0.3) as story:
        story.staff()
        await one_report(story)
        await broken(story, "due_at = 0")
        await story.until(REPAIRED, 1)
        await story.until("SELECT position FROM cursors WHERE channel = 'audit'", "1")
        metrics = (await story.get("/metrics")).text
        assert "kentongan_repaired 1.0" in metrics
        assert 'kentongan_role_idle_seconds{role="auditor"}' in metrics


async def test_who_leaves_the_office_leaves_no_report_behind(quick: Story) -> None:
    ani, budi = quick.staff()
    number = await one_report(quick)
    await ani.presses(await ani.sees(number), "Ambil")
    await ani.sees("Anda ambil")
    start, end = OFFICE.index('[[person]]\nid = "ani"'), OFFICE.index('[[person]]\nid = "budi"')
    without = (OFFICE[:start] + OFFICE[end:]).replace('people = ["ani"]', 'people = ["budi"]')
    await quick.asks("apply", {"text": without})
    assert quick.rows("SELECT status, owner_id FROM reports") == [("new", 0)]
    await quick.app.climb()
    assert f"#{number}" in (await budi.sees("Juwana")).text
    assert await quick.asks("apply", {"text": without})
    await quick.until(REPAIRED, 1)


async def test_a_row_that_nobody_can_read_stops_no_ladder_for_long(quick: Story) -> None:
    ani, budi = quick.staff()
    number = await one_report(quick)
    await ani.sees(number)
    await broken(quick, "due_at = due_at - 10800000, risk = 'unheard of', status = 'lost'")
    with pytest.raises(KeyError):
        await quick.app.climb()
    await quick.app.audit()
    assert number in (await budi.sees("tidak terbaca")).text
    await quick.app.climb()
    assert "TINGGI" in (await ani.sees(number)).text
    await quick.until(REPAIRED, 1)


async def frozen(story: Story) -> None:
    """From now on the database refuses to let a report climb."""
    if not story.server:
        refuses = "CREATE TRIGGER frozen BEFORE UPDATE OF rung ON reports BEGIN SELECT RAISE(ABORT, 'frozen'); END"
        return await story.app.store.write(lambda t: t.exec_driver_sql(refuses))
    says = "CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE unique_violation; END'"
    refuses = "CREATE TRIGGER frozen BEFORE UPDATE OF rung ON reports FOR EACH ROW EXECUTE FUNCTION frozen()"
    for statement in (says, refuses):
        await story.app.store.write(lambda t, words=statement: t.exec_driver_sql(words))


async def thawed(story: Story) -> None:
    """It lets them climb again."""
    drop = "DROP TRIGGER frozen" + (" ON reports" if story.server else "")
    await story.app.store.write(lambda t: t.exec_driver_sql(drop))


@pytest_asyncio.fixture
async def lifeline() -> AsyncIterator[FakeLifeline]:
    async with FakeLifeline() as outside:
        yield outside


async def renamed(story: Story, old: str, new: str) -> None:
    await story.app.store.write(lambda t: t.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}"))


async def silent(lifeline: FakeLifeline, for_: float, within: float) -> None:
    """Returns when no sign of life has come for some seconds; raises TimeoutError."""
    async with asyncio.timeout(within):
        while True:
            count = len(lifeline.calls)
            await asyncio.sleep(for_)
            if len(lifeline.calls) == count:
                return


async def test_signs_of_life_end_when_the_auditor_does(
    tmp_path: Path, lifeline: FakeLifeline, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("info")
    async with Story(tmp_path, heartbeat=lifeline.ping_url, watch_every=0.4) as story:
        await lifeline.hears(2)
        assert "kentongan_heartbeat 1.0" in (await story.get("/metrics")).text
        await renamed(story, "cursors", "gone")
        await silent(lifeline, for_=2, within=30)
        assert "auditor" in (await story.get("/readyz")).text
        await renamed(story, "gone", "cursors")
        await lifeline.hears(len(lifeline.calls) + 2)
        lifeline.status = 500
        await lifeline.hears(len(lifeline.calls) + 2)
        await lifeline.goes_away()
        await asyncio.sleep(1)
        assert (await story.get("/readyz")).status_code == 200, "the outside being away is no trouble of ours"
        await lifeline.comes_back()
        await lifeline.hears(len(lifeline.calls) + 1)
    assert lifeline.odd == []
    logged = capsys.readouterr().err
    assert "heartbeat_failed" in logged
    assert "5b1c2f64" not in logged


async def test_signs_of_life_end_when_the_clock_stands_still(tmp_path: Path, lifeline: FakeLifeline) -> None:
    async with Story(tmp_path, heartbeat=lifeline.ping_url, watch_every=0.4) as story:
        _, budi = story.staff()
        await one_report(story)
        await lifeline.hears(2)
        await broken(story, "due_at = due_at + 1000000")
        await frozen(story)
        await broken(story, "due_at = opened_at - 10800000")
        await silent(lifeline, for_=2, within=30)
        assert "tidak dipanggil tepat waktu" in (await budi.sees("DARURAT")).text
        assert (await story.get("/readyz")).status_code == 200, "what comes in is still stored"
        await thawed(story)
        await lifeline.hears(len(lifeline.calls) + 2)
        await budi.sees("Juwana")


async def test_signs_of_life_end_when_no_channel_takes_a_call(tmp_path: Path, lifeline: FakeLifeline) -> None:
    """Somebody withdrew both accounts: intake goes on, but nobody would hear of it from us."""
    async with Story(tmp_path, heartbeat=lifeline.ping_url, watch_every=0.4) as story:
        ani, _ = story.staff()
        await lifeline.hears(1)
        token, key = story.telegram.token, story.africa.api_key
        story.telegram.token = story.africa.api_key = "withdrawn"
        assert await story.phone().texts("LAPOR Juwana tetangga saya dipukul") == 200
        await story.until("SELECT count(*) > 0 FROM outbox WHERE kind = 'ping' AND attempts > 0", 1)
        await story.passes(minutes=5)
        await silent(lifeline, for_=2, within=30)
        assert (await story.get("/readyz")).status_code == 200, "what comes in is still stored"
        story.telegram.token, story.africa.api_key = token, key
        await story.passes(minutes=15)
        await ani.sees("Juwana")
        await lifeline.hears(len(lifeline.calls) + 2)


async def test_a_copy_on_hold_gives_no_sign_of_life(tmp_path: Path, lifeline: FakeLifeline) -> None:
    async with Story(tmp_path, heartbeat=lifeline.ping_url, watch_every=0.4) as story:
        await lifeline.hears(1)
        await story.app.store.write(lambda t: t.exec_driver_sql("UPDATE offices SET held_at = 1"))
        await story.restart()
        await silent(lifeline, for_=2, within=10)


@pytest_asyncio.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Story]:
    async with Story(tmp_path, office=WATCHING) as told:
        yield told


async def look(story: Story) -> None:
    """What happens once a minute."""
    await story.app.note_heard()
    await story.app.listener.watch()


async def test_a_channel_on_which_nobody_writes_is_an_alarm(watched: Story) -> None:
    _, budi = watched.staff()
    await look(watched)
    await one_report(watched)
    await watched.passes(hours=11)
    await look(watched)
    assert watched.rows("SELECT count(*) FROM events WHERE detail LIKE '%silence%'") == [(0,)]
    await watched.passes(hours=2)
    for _ in range(3):
        await look(watched)
    assert "lewat SMS" in (await budi.sees("lama tidak ada pesan masuk")).text
    findings = await examine(watched.settings())
    assert [f.well for f in findings if "nobody has written" in f.english] == [False]
    assert 'kentongan_silent_seconds{channel="africastalking"} 468' in (await watched.get("/metrics")).text
    await watched.restart()
    await watched.passes(hours=12)
    await look(watched)
    await watched.until("SELECT count(*) FROM events WHERE detail LIKE '%silence%'", 2)
    await watched.phone("+6281100000009").texts("LAPOR Tayu")
    await watched.phone("+6281100000009").sees("terima")
    await look(watched)
    assert [f.well for f in await examine(watched.settings()) if "nobody has written" in f.english] == [True]


async def test_credit_that_runs_out_is_an_alarm_once_a_day(watched: Story) -> None:
    _, budi = watched.staff()
    await watched.app.listener.ask_credit()
    assert "hampir habis" in (await budi.sees("pulsa SMS")).text
    assert 'kentongan_credit{channel="africastalking"} 1785.5' in (await watched.get("/metrics")).text
    assert [f.well for f in await examine(watched.settings()) if "left on the account" in f.english] == [False]
    asked = len([call for call in watched.africa.calls if call.method == "user"])
    await watched.app.listener.ask_credit()
    assert len([call for call in watched.africa.calls if call.method == "user"]) == asked, "once an hour is enough"
    for hour, account in enumerate(({"UserData": {"balance": "KES 60000.00"}}, {"odd": 1}, [], "no json")):
        watched.africa.account = account
        await watched.passes(hours=1)
        await watched.app.listener.ask_credit()
        metrics = (await watched.get("/metrics")).text
        assert 'kentongan_credit{channel="africastalking"} 60000.0' in metrics, f"hour {hour}"
    watched.africa.fail("user", kind="500")
    await watched.passes(hours=1)
    await watched.app.listener.ask_credit()
    watched.africa.account = {"UserData": {"balance": "KES 10"}}
    await watched.passes(hours=24)
    await watched.app.listener.ask_credit()
    await watched.until("SELECT count(*) FROM events WHERE detail LIKE '%credit_low%'", 2)


async def test_ani_answers_a_drill(quick: Story) -> None:
    ani, budi = quick.staff()
    number = (await quick.asks("drill", {"risk": "high"}))["number"]
    quick.app.sender.wake()
    ping = await ani.sees("(latihan)")
    assert number in ping.text and "TINGGI" in ping.text
    assert (await quick.asks("list", {}))["reports"][0]["drill"]
    with pytest.raises(KentonganError, match="still under way"):
        await quick.asks("drill", {"risk": "high"})
    await quick.passes(minutes=2)
    await ani.presses(ping, "Ambil")
    assert (await ani.sees("Latihan selesai")).text == "Latihan selesai: Ani, 2 menit."
    assert "Ani, 2 menit" in (await budi.sees(number)).text
    drill = (await quick.asks("drills", {}))["drills"][0]
    assert (drill["by"], drill["minutes"], drill["over"]) == ("Ani", 2, True)
    metrics = (await quick.get("/metrics")).text
    assert "kentongan_drill_answered 1.0" in metrics and "kentongan_reports{" not in metrics
    assert quick.rows("SELECT flags, status, due_at FROM reports") == [(DRILL, "closed", 0)]


async def test_a_drill_that_nobody_answers_ends_by_itself(quick: Story) -> None:
    quick.staff()
    await quick.asks("drill", {"risk": "high"})
    for _ in range(12):
        await quick.passes(minutes=10)
    await quick.phone(KEPALA_PHONE).sees("(latihan)")
    assert quick.rows("SELECT status, owner_id FROM reports") == [("closed", 0)]
    assert (await quick.asks("drills", {}))["drills"][0]["by"] == ""
    assert [f.well for f in await examine(quick.settings()) if "last drill" in f.english] == [False]
    assert "kentongan_drill_answered 0.0" in (await quick.get("/metrics")).text


DRILLS = "SELECT count(*) FROM reports WHERE flags = 'latihan'"


async def until_next_monday(story: Story, minutes: int) -> None:
    """Time passes until next Monday, so many minutes after ten."""
    local = story.app._office.local(story.now())
    days = (7 - local.weekday()) % 7 or 7
    await story.passes(minutes=days * 24 * 60 + 600 + minutes - local.hour * 60 - local.minute)


async def test_a_weekly_drill_is_held_once(tmp_path: Path) -> None:
    async with Story(tmp_path, office=OFFICE + NEXT_MONDAY) as story:
        story.staff()
        await story.app.dispatcher.weekly_drill()
        assert story.rows(DRILLS) == [(0,)], "a plan begins with its next exercise"
        await until_next_monday(story, minutes=50)
        await story.app.dispatcher.weekly_drill()
        await story.restart()
        await story.app.dispatcher.weekly_drill()
        assert story.rows(DRILLS) == [(1,)]
        await until_next_monday(story, minutes=70)
        await story.app.dispatcher.weekly_drill()
        assert story.rows(DRILLS) == [(1,)], "more than an hour late it is not held"
        await story.until("SELECT count(*) FROM events WHERE detail LIKE '%missed%'", 1)
        await until_next_monday(story, minutes=0)
        await story.app.dispatcher.weekly_drill()
        assert story.rows(DRILLS) == [(2,)]


async def test_the_timeline_of_a_report(quick: Story) -> None:
    ani, _ = quick.staff()
    number = await one_report(quick)
    await ani.presses(await ani.sees(number), "Ambil")
    await ani.sees("Anda ambil")
    lines = (await quick.asks("ladder", {"number": number}))["lines"]
    assert number in lines[0] and "Juwana" in lines[0]
    assert any("Telegram Ani: terkirim" in line for line in lines)
    assert any("Ani mengambil" in line for line in lines)
    assert "Panggilan berikutnya" in lines[-1]
    assert not any("dipukul" in line for line in lines)
    await quick.until("SELECT count(*) FROM events WHERE kind = 'read' AND detail LIKE '%command line%'", 1)
    with pytest.raises(Failed, match="There is no report"):
        await quick.asks("ladder", {"number": "1234567"})


async def commanded(story: Story, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a terminal beside the server."""
    named = {name.upper(): value for name, value in story.settings().model_dump(by_alias=True).items()}
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
    environment = kept | {"LANG": "en_US.UTF-8"} | {name: str(value) for name, value in named.items() if value}
    run = [sys.executable, "-m", "gateway", *arguments]
    return await asyncio.to_thread(
        subprocess.run, run, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


async def test_the_commands(quick: Story) -> None:
    quick.staff()
    number = await one_report(quick)
    shown = await commanded(quick, "ladder", "show", number)
    assert (shown.returncode, number in shown.stdout) == (0, True), shown.stderr
    unknown = await commanded(quick, "ladder", "show", "1234567")
    assert (unknown.returncode, unknown.stdout, unknown.stderr.count("\n")) == (1, "", 1)
    begun = await commanded(quick, "drill", "--risk", "low")
    assert (begun.returncode, "has begun" in begun.stdout) == (0, True), begun.stderr
    assert (await commanded(quick, "drill", "--risk", "huge")).returncode == 1
    last = await commanded(quick, "drill", "last")
    assert (last.returncode, "under way" in last.stdout) == (0, True), last.stderr
    listed = await commanded(quick, "report", "list")
    assert listed.stdout.count("(drill)") == 1
