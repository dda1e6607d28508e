"""A long SMS that comes in parts is one message; what is missing is waited for, shown as missing, and never lost."""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Self

import pytest
import pytest_asyncio

from gateway import clock
from gateway.model import Arrival
from gateway.settings import Settings
from gateway.store import Store, Transaction, reports
from tests.harness import ANI_PHONE, SARI, Story, code_in

WORDS = ("LAPOR Juwana tetangga ", "saya dipukul suami", "nya tadi malam dan ", "anaknya menangis, ", "tolong datang")
WHOLE = "".join(WORDS)
IN_HAND = "SELECT count(*) FROM inbox WHERE status = 'waiting'"
KEPT = "SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM messages WHERE direction = 'in')"
STATES = "SELECT status, count(*) FROM inbox WHERE channel = 'terminal' GROUP BY status ORDER BY status"
SEALED = "SELECT count(*) FROM inbox WHERE sealed_payload IS NOT NULL AND status NOT IN ('part', 'apart', 'ignored')"


def number(serial: int) -> str:
    return f"+62811{serial:010}"


class ByParts(Story):
    """A story whose SMS come from phones in a terminal, each part for itself."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, sms=False)
        self._serial = itertools.count(1)
        self.lines: list[dict[str, Any]] = []

    def settings(self) -> Settings:
        return super().settings().model_copy(update={"terminal": f"127.0.0.1:{self.terminal_port}"})

    async def __aenter__(self) -> Self:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.terminal_port = server.sockets[0].getsockname()[1]
        self._exit.callback(server.close)
        return await super().__aenter__()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            self.lines.append(json.loads(line))
        writer.close()

    def line(self, text: str, part: object = None, sender: str = SARI, **more: object) -> Arrival:
        """One SMS, or one part of one, as the channel hands it over."""
        id_ = str(next(self._serial))
        said = {"id": id_, "from": sender, "text": text, **({} if part is None else {"part": part}), **more}
        return Arrival("terminal", id_, json.dumps(said).encode())

    def part(self, place: int, ref: object = "7", sender: str = SARI, words: Sequence[str] = WORDS) -> Arrival:
        """The part at a place, counted from 1."""
        return self.line(words[place - 1], {"ref": ref, "number": place, "total": len(words)}, sender)

    async def gets(self, *arrivals: Arrival) -> None:
        """Hands arrivals over at once, and waits until all are looked at."""
        await self.app.intake.accept(arrivals)
        await self.until(IN_HAND, 0, timeout=30)

    async def reads(self, phone: str, wanted: str) -> str:
        """The newest SMS to a phone that holds some words."""
        async with asyncio.timeout(30):
            while True:
                for line in reversed(self.lines):
                    if line.get("to") == phone and wanted in line.get("text", ""):
                        return str(line["text"])
                await asyncio.sleep(0.02)

    async def waits(self, seconds: int = 46) -> None:
        """Time passes, and the gateway looks for messages that are still not complete."""
        await self.passes(seconds=seconds)
        for _ in range(3):
            await self.app.wake_parts()
            await self.until(IN_HAND, 0, timeout=30)

    async def threads(self) -> list[list[str]]:
        """The words of reporters, report by report."""
        return await self.app.store.read(self._threads)

    def _threads(self, transaction: Transaction) -> list[list[str]]:
        ids = [row[0] for row in self.rows("SELECT id FROM reports ORDER BY id")]
        found = {item.report.id: item for item in reports.by_ids(transaction, ids)}
        keys = {id_: self.app.keyring.unwrap("reports", id_, found[id_].sealed_key) for id_ in ids}
        return [[m.text for m in reports.thread(transaction, keys[id_], id_) if m.direction == "in"] for id_ in ids]


@pytest_asyncio.fixture
async def phones(tmp_path: Path) -> AsyncIterator[ByParts]:
    async with ByParts(tmp_path) as told:
        yield told


# Complete messages


async def test_all_orders_of_five_parts_of_interleaved_senders_are_one_report_each(phones: ByParts) -> None:
    orders = list(itertools.permutations(range(1, 6)))
    arrivals = [phones.part(order[turn], sender=number(n)) for turn in range(5) for n, order in enumerate(orders)]
    chance = random.Random(14)
    while arrivals:
        size = chance.randrange(1, 60)
        await phones.gets(*arrivals[:size])
        arrivals = arrivals[size:]
    assert phones.rows(KEPT) == [(120, 120)]
    assert await phones.threads() == [[WHOLE]] * 120
    assert [tuple(row) for row in phones.rows(STATES)] == [("done", 600)]
    assert phones.rows(SEALED) == [(0,)]


async def test_parts_wait_sealed_without_a_report_and_danger_counts_across_them(phones: ByParts) -> None:
    words = ("LAPOR Juwana dia membawa pi", "sau")
    await phones.gets(phones.part(2, words=words))
    assert phones.rows(KEPT) == [(0, 0)]
    assert [tuple(row) for row in phones.rows(STATES)] == [("part", 1)]
    assert 'kentongan_inbox{status="part"} 1.0' in (await phones.get("/metrics")).text
    await phones.gets(phones.part(1, words=words))
    assert phones.rows("SELECT risk FROM reports") == [("high",)]
    done = phones.rows("SELECT DISTINCT report_id FROM inbox WHERE channel = 'terminal'")
    assert done == phones.rows("SELECT id FROM reports")


async def test_parts_survive_restarts_between_any_two_of_them(phones: ByParts) -> None:
    for place in (4, 2, 5, 1, 3):
        await phones.gets(phones.part(place))
        await phones.restart()
    assert await phones.threads() == [[WHOLE]]


async def test_by_the_wire_the_parts_of_a_phone_are_one_message(tmp_path: Path) -> None:
    """The same by the terminal's own connection: JSON lines in, an answer out."""
    heard: list[dict[str, Any]] = []
    answered = asyncio.Event()

    async def phone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for place in (2, 1):
            part = {"ref": 9, "number": str(place), "total": 2}
            said = {"id": place, "from": SARI, "text": ("LAPOR Juwana saya ", "dipukul")[place - 1], "part": part}
            writer.write(json.dumps(said).encode() + b"\n")
        while line := await reader.readline():
            heard.append(json.loads(line))
            if "text" in heard[-1]:
                answered.set()
        writer.close()

    story = ByParts(tmp_path)
    story._serve = phone  # type: ignore[method-assign]
    async with story, asyncio.timeout(60):
        await answered.wait()
        assert [line["stored"] for line in heard if "stored" in line] == ["2", "1"]
        assert await story.threads() == [["LAPOR Juwana saya dipukul"]]


# Parts that are missing


@pytest.mark.parametrize("missing", range(1, 6))
async def test_a_missing_part_is_waited_for_then_marked_and_a_late_one_is_appended(
    phones: ByParts, missing: int
) -> None:
    there = [place for place in (3, 1, 5, 2, 4) if place != missing]
    await phones.gets(*(phones.part(place) for place in there))
    await phones.waits(seconds=40)
    assert phones.rows(KEPT) == [(0, 0)]
    await phones.waits(seconds=6)
    marked = ["".join(WORDS[: missing - 1]), "".join(WORDS[missing:])]
    shown = " […] ".join(marked).strip()
    assert await phones.threads() == [[shown]]
    assert [tuple(row) for row in phones.rows(STATES)] == [("done", 4)]
    late = phones.part(missing)
    await phones.gets(late)
    assert await phones.threads() == [[shown, f"[bagian {missing}/5] {WORDS[missing - 1]}"]]
    await phones.gets(phones.part(missing), phones.part(missing), phones.part(there[0]))
    assert [tuple(row) for row in phones.rows(STATES)] == [("done", 5), ("double", 3)]
    assert phones.rows(SEALED) == [(0,)]


async def test_the_gateway_itself_decides_within_a_minute(phones: ByParts) -> None:
    await phones.gets(phones.part(2))
    phones._ahead += 46 * clock.SECOND
    await phones.until(KEPT, 1, 1)  # its own tick, every five seconds
    assert await phones.threads() == [["[…] " + WORDS[1] + " […]"]]


async def test_a_late_part_after_the_report_was_closed_is_a_report(phones: ByParts) -> None:
    ani, _ = phones.staff()
    await phones.gets(phones.part(1), phones.part(2))
    await phones.waits()
    (report,) = phones.rows("SELECT number FROM reports")[0]
    await ani.sees(str(report))
    await ani.says(f"TUTUP {report} selesai")
    await phones.until("SELECT status FROM reports", "closed")
    await phones.gets(phones.part(3))
    assert (await phones.threads())[1] == [f"[bagian 3/5] {WORDS[2]}"]


async def test_a_late_part_that_names_danger_raises_the_risk(phones: ByParts) -> None:
    words = ("LAPOR Juwana tetangga saya ", "dia membawa pisau")
    await phones.gets(phones.part(1, words=words))
    await phones.waits()
    before = phones.rows("SELECT risk FROM reports")
    await phones.gets(phones.part(2, words=words))
    assert before != [("high",)]
    assert phones.rows("SELECT risk FROM reports") == [("high",)]
    assert phones.rows(KEPT) == [(1, 2)]


async def test_parts_left_by_a_stopped_gateway_are_decided_after_its_start_and_answered_by_nobody(
    phones: ByParts,
) -> None:
    await phones.gets(phones.part(1), phones.part(2))
    await phones.stop()
    phones._ahead += 3 * clock.MINUTE
    await phones.start()
    await phones.until(KEPT, 1, 1)
    assert phones.rows("SELECT count(*) FROM outbox WHERE kind = 'auto'") == [(0,)]


# Doubles and references used again


async def test_a_part_that_comes_twice_is_one_part(phones: ByParts) -> None:
    await phones.gets(phones.part(1), phones.part(1), phones.part(2))
    await phones.gets(phones.part(2), phones.part(3), phones.part(4))
    await phones.gets(phones.part(5), phones.part(5))
    await phones.gets(phones.part(1), phones.part(3))
    assert await phones.threads() == [[WHOLE]]
    assert [tuple(row) for row in phones.rows(STATES)] == [("done", 5), ("double", 5)]


async def test_a_reference_used_again_with_other_words_is_another_message(phones: ByParts) -> None:
    other = ("yang kedua, ", "lain lagi, ", "sama sekali ", "bukan yang ", "pertama")
    await phones.gets(*(phones.part(place) for place in (1, 2, 3, 4, 5)))
    await phones.gets(*(phones.part(place, words=other) for place in (5, 4, 3, 2, 1)))
    assert await phones.threads() == [[WHOLE, "".join(other)]]


async def test_two_messages_with_one_reference_at_once_are_two(phones: ByParts) -> None:
    other = ("yang kedua, ", "lain lagi, ", "sama sekali ", "bukan yang ", "pertama")
    pairs = [(phones.part(place), phones.part(place, words=other)) for place in (1, 2, 3, 4, 5)]
    await phones.gets(*itertools.chain(*pairs))
    assert await phones.threads() == [[WHOLE, "".join(other)]]


async def test_the_same_long_message_a_quarter_of_an_hour_later_is_a_new_one(phones: ByParts) -> None:
    await phones.gets(*(phones.part(place) for place in (1, 2, 3, 4, 5)))
    await phones.passes(minutes=15)
    await phones.gets(*(phones.part(place) for place in (1, 2, 3, 4, 5)))
    assert await phones.threads() == [[WHOLE, WHOLE]]


async def test_equal_references_of_two_phones_never_mix(phones: ByParts) -> None:
    await phones.gets(*(phones.part(place, sender=number(who)) for place in (1, 2, 3, 4, 5) for who in (1, 2)))
    assert await phones.threads() == [[WHOLE], [WHOLE]]


# Nonsense and poison


@pytest.mark.parametrize(
    "part",
    [
        {"ref": "1", "number": 0, "total": 2}, {"ref": "1", "number": 7, "total": 5}, {"ref": "1", "number": 1},
        {"ref": "1", "number": 1, "total": 300}, {"ref": "1", "number": -1, "total": 2}, {"number": 1, "total": 2},
        {"ref": "", "number": 1, "total": 2}, {"ref": "1", "number": 1, "total": 1}, "2/5", [1, 2], {}, 5,
        {"ref": "1", "number": 1.5, "total": 2}, {"ref": "1", "number": True, "total": 2},
        {"ref": None, "number": 1, "total": 2}, {"ref": "1", "number": "²", "total": 3},
        {"ref": ["1"], "number": 1, "total": 2}, {"ref": "1", "number": 10**300, "total": 10**301},
    ],
    ids=str,
)  # fmt: skip
async def test_a_part_that_makes_no_sense_is_a_message_of_its_own(phones: ByParts, part: object) -> None:
    await phones.gets(phones.line("LAPOR Juwana dipukul", part))
    assert await phones.threads() == [["LAPOR Juwana dipukul"]]


async def test_a_part_without_words_waits_for_nothing(phones: ByParts) -> None:
    await phones.gets(phones.line("", {"ref": "1", "number": 1, "total": 2}))
    assert phones.rows("SELECT count(*) FROM inbox WHERE status = 'part'") == [(0,)]
    assert phones.rows(KEPT) == [(1, 1)]


async def test_a_damaged_part_is_called_out_and_the_others_are_decided(phones: ByParts) -> None:
    await phones.gets(phones.part(1), phones.part(2), phones.part(3))
    await phones.stop()
    await spoil_first_part(phones)
    await phones.start()
    await phones.waits()
    await phones.waits(seconds=1)
    assert phones.rows("SELECT count(*) FROM inbox WHERE status = 'part'") == [(0,)]
    assert phones.rows("SELECT count(*) FROM inbox WHERE status = 'quarantined'") == [(1,)]
    assert ["[…] " + WORDS[1] + WORDS[2] + " […]"] in await phones.threads()


async def spoil_first_part(phones: ByParts) -> None:
    """One sealed row loses its bytes on the disk."""
    store = Store.open(phones.database_url)
    await store.write(_spoil)
    await store.close()


def _spoil(transaction: Transaction) -> None:
    waiting = "SELECT min(id) FROM inbox WHERE status = 'part'"
    transaction.exec_driver_sql(f"UPDATE inbox SET sealed_payload = NULL WHERE id = ({waiting})")


async def test_surrogates_and_nulls_in_parts_are_kept(phones: ByParts) -> None:
    words = ("LAPOR Juwana \ud83d\x00", "\u202edipukul\ude00")
    await phones.gets(phones.part(2, "\ud83d", words=words), phones.part(1, "\ud83d", words=words))
    assert phones.rows(KEPT) == [(1, 1)]
    assert phones.rows("SELECT count(*) FROM inbox WHERE status = 'quarantined'") == [(0,)]


async def test_what_a_phone_tears_between_parts_is_whole_again(phones: ByParts) -> None:
    """An identity number, a telephone number and an emoji, cut blindly; what is shown hides the first."""
    words = ("LAPOR Juwana NIK 3318 0845 01", "00 0001 hub 0811000", "00009 \ud83d", "\ude2d")
    await phones.gets(*(phones.part(place, words=words) for place in (4, 2, 1, 3)))
    assert await phones.threads() == [["".join(words)]]
    [(report,)] = phones.rows("SELECT number FROM reports")
    [line] = (await phones.asks("show", {"number": report}))["thread"]
    assert line.endswith("LAPOR Juwana NIK [16 angka] hub 081100000009 😭")


async def test_an_officers_long_answer_comes_in_parts_with_its_code(phones: ByParts) -> None:
    await phones.gets(phones.line("LAPOR Juwana tetangga saya dipukul"))
    [(report,)] = phones.rows("SELECT number FROM reports")
    await phones.gets(phones.line(f"AMBIL {report}", sender=ANI_PHONE))
    code = code_in(await phones.reads(ANI_PHONE, "pakai kode ini"), "R")
    first = f"{code} Ibu bisa datang besok. " + "Kami di sini. " * 9
    words = (first, "Kami ada di kantor dari pagi, ", "telepon 0811 0000 ", "0101.")
    await phones.gets(*(phones.part(place, sender=ANI_PHONE, words=words) for place in (3, 1, 4, 2)))
    assert "balasan dikirim, 2 SMS." in await phones.reads(ANI_PHONE, "balasan dikirim")
    assert (await phones.reads(SARI, "Kami ada")).split() == "".join(words).split()[1:]
