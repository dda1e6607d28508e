"""The table of bad input, row by row, over real HTTP: what is answered, what is kept, and who is called."""

import asyncio
import contextlib
import itertools
import json
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import httpx
from sqlalchemy import select

import handlers
from gateway import texts
from gateway.crypto import DataKey, Keyring, read_master_key
from gateway.model import Direction, Inbound, Message
from gateway.sms import gsm7, segments
from gateway.store import Transaction, reports
from gateway.store.tables import messages
from handlers.effects import AddMessage, Decidable, Effect, Situation
from tests import loopback
from tests.harness import ANI, ANI_PHONE, SARI, TOKEN, Story, code_in, number_in

HOOK = f"/in/africastalking/{TOKEN}/sms"
DELIVERY = f"/in/africastalking/{TOKEN}/delivery"
INBOX = "SELECT count(*) FROM inbox"
REPORTS = "SELECT count(*) FROM reports"


async def sends(story: Story, body: bytes | str, path: str = HOOK, **headers: str) -> httpx.Response:
    """A body posted as it is."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with loopback.client() as client:
        return await client.post(story.url + path, content=body, headers=kind | headers)


async def texted(story: Story, text: str | None, id: str, sender: str = SARI, **more: str) -> httpx.Response:
    fields = {"from": sender, "to": "21512", "id": id} | ({} if text is None else {"text": text}) | more
    return await sends(story, urlencode(fields, errors="surrogatepass"))


async def settled(story: Story, rows: int) -> None:
    """Everything that was posted was decided on; a pull may bring an SMS once more."""
    posted = "channel <> 'kentongan' AND external_id NOT LIKE 'pull:%'"
    await story.until(f"{INBOX} WHERE status NOT IN ('waiting', 'early') AND {posted}", rows)


async def threads(story: Story) -> list[tuple[Message, dict[str, Any]]]:
    """Every message of every report with what the provider said besides, opened with the story's key."""
    keyring = Keyring(read_master_key(story.key), "33.18")

    def work(transaction: Transaction) -> list[tuple[Message, dict[str, Any]]]:
        found = []
        for stored in reports.unfinished(transaction, "33.18", 1_000):
            key = keyring.unwrap("reports", stored.report.id, stored.sealed_key)
            thread = reports.thread(transaction, key, stored.report.id)
            found += [(message, facts(transaction, key, message.id)) for message in thread]
        return sorted(found, key=lambda pair: pair[0].id)

    return await story.app.store.read(work)


def facts(transaction: Transaction, key: DataKey, row: int) -> dict[str, Any]:
    sealed = transaction.execute(select(messages.c.sealed_facts).where(messages.c.id == row)).scalar_one()
    return dict(json.loads(key.open("messages", row, "sealed_facts", sealed))) if sealed else {}


async def kept(story: Story) -> list[str]:
    return [message.text for message, _ in await threads(story)]


# Who may knock


async def test_a_wrong_token_looks_like_any_unknown_path_and_leaves_no_row(quick: Story) -> None:
    unknown = await sends(quick, "x=1", "/nowhere")
    good = urlencode({"from": SARI, "id": "1", "text": "halo"})
    for path in (
        "/in/africastalking/wrong/sms",
        "/in/africastalking//sms",
        f"/in/africastalking/{TOKEN}x/sms",
        f"/in/africastalking/{TOKEN[:-1]}/delivery",
        f"/in/africastalking/{'%ff' * 43}/sms",
        f"/in/africastalking/{TOKEN}/call",
        "/in/africastalking",
        "/in/telegram",
        "/in/",
    ):
        answer = await sends(quick, good, path)
        assert (answer.status_code, answer.content) == (404, unknown.content), path
        assert answer.headers.keys() == unknown.headers.keys(), path
    got = await quick.get(HOOK)
    assert (got.status_code, got.content, got.headers.keys()) == (404, unknown.content, unknown.headers.keys())
    assert (await sends(quick, b"x" * 1_100_000, "/in/africastalking/wrong/sms")).status_code == 404
    assert quick.rows(INBOX) == [(0,)]


async def test_a_telegram_webhook_without_the_secret_is_no_path(tmp_path: Path) -> None:
    update = json.dumps(
        {"update_id": 1, "message": {"message_id": 1, "chat": {"id": 7, "type": "private"}, "text": "x"}}
    )
    async with Story(tmp_path, telegram="webhook") as story:
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}, {"X-Telegram-Bot-Api-Secret-Token": ""}):
            answer = await sends(story, update, "/in/telegram", **headers)
            assert (answer.status_code, answer.text) == (404, "Not Found")
        assert story.rows(INBOX) == [(0,)]
        secret = {"X-Telegram-Bot-Api-Secret-Token": story.settings().telegram_secret}
        for body in ("", "{}", "[]", "null", '{"update_id": null}', "[" * 5_000, '{"update_id": "x"}', b"\xff"):
            answer = await sends(story, body, "/in/telegram", **secret)
            assert answer.status_code == 400 and answer.text.endswith("."), body
        assert story.rows(INBOX) == [(0,)]
        assert (await sends(story, update, "/in/telegram", **secret)).status_code == 200


async def test_what_can_never_be_a_message_is_told_so_in_one_sentence(quick: Story) -> None:
    forms: Sequence[dict[str, str]] = (
        {},
        {"from": SARI},
        {"id": "1"},
        {"from": "", "id": "1"},
        {"from": SARI, "id": ""},
    )
    for form in forms:
        answer = await sends(quick, urlencode(form | {"text": "halo"}))
        assert answer.status_code == 400, form
        assert answer.text.count(".") == 1 and "halo" not in answer.text and SARI not in answer.text
    assert (await sends(quick, b"\x00\xff\xfe")).status_code == 400
    assert (await sends(quick, "", DELIVERY)).status_code == 400
    assert quick.rows(INBOX) == [(0,)]


async def test_a_form_with_hundreds_of_fields_is_answered_and_not_asked_for_again(quick: Story) -> None:
    form = urlencode({"from": SARI, "id": "1", "text": "halo"} | {f"x{n}": "" for n in range(500)})
    assert (await sends(quick, form)).status_code in {200, 400}


async def test_a_body_over_one_mebibyte_is_refused_and_one_below_is_kept(quick: Story) -> None:
    head = urlencode({"from": SARI, "id": "1", "text": ""}).encode()
    assert (await sends(quick, head + b"a" * (1024 * 1024 - len(head) + 1))).status_code == 413
    assert quick.rows(INBOX) == [(0,)]
    assert (await sends(quick, head + b"a" * (1024 * 1024 - len(head)))).status_code == 200
    await settled(quick, 1)
    assert [len(text) for text in await kept(quick)] == [1024 * 1024 - len(head)]


# Who writes


async def test_a_missing_or_empty_text_is_an_empty_report(quick: Story) -> None:
    ani, _ = quick.staff()
    for number, text in enumerate((None, "", "   ")):
        assert (await texted(quick, text, f"e{number}", f"+628110000000{number}")).status_code == 200
    await settled(quick, 3)
    assert await kept(quick) == ["", "", "   "]
    assert quick.rows("SELECT count(*) FROM reports WHERE due_at > 0 AND status = 'new'") == [(3,)]
    await ani.sees("SEDANG")


async def test_promotions_are_set_apart_without_report_ping_or_reply(quick: Story) -> None:
    senders = ("TELKOMSEL", "1708", "BANK-BRI", "3Indonesia", "21512", "Ooredoo ID")
    for number, sender in enumerate(senders):
        assert (await texted(quick, "TOLONG! Promo kuota", f"p{number}", sender)).status_code == 200
    await settled(quick, len(senders))
    assert quick.rows("SELECT DISTINCT status FROM inbox") == [("apart",)]
    assert quick.rows(REPORTS) == quick.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert quick.rows("SELECT count(*) FROM inbox WHERE sealed_payload IS NULL") == [(0,)]


async def test_an_impossible_number_is_still_a_report(quick: Story) -> None:
    ani, _ = quick.staff()
    senders = ("08121234567890123", "+999999999999999999999", "0", "+", "+62", "٠٨١١", "(0811) 0000", "\x00")
    for number, sender in enumerate(senders):
        assert (await texted(quick, f"pesan {number}", f"n{number}", sender)).status_code == 200, sender
    await settled(quick, len(senders))
    assert quick.rows(REPORTS) == [(len(senders),)]
    assert [fact["raw_from"] for _, fact in await threads(quick)] == list(senders)
    await ani.sees("SEDANG")


async def test_one_phone_in_many_spellings_is_one_reporter(quick: Story) -> None:
    spellings = (SARI, "081100000001", "6281100000001", "+62 811-0000-0001", "006281100000001", " 0811 0000 0001 ")
    for number, sender in enumerate(spellings):
        await texted(quick, "lagi", f"s{number}", sender)
    await settled(quick, len(spellings))
    assert quick.rows("SELECT count(*) FROM reporters") == quick.rows(REPORTS) == [(1,)]


# Again and again


async def test_the_same_id_is_one_report_however_often_it_comes(quick: Story) -> None:
    sari = quick.phone()
    answers = await asyncio.gather(*(texted(quick, "LAPOR Juwana x", "same") for _ in range(32)))
    assert {answer.status_code for answer in answers} == {200}
    await sari.sees("terima")
    await quick.restart()
    assert (await texted(quick, "LAPOR Juwana x", "same")).status_code == 200
    assert (await texted(quick, "pesan kedua", "other")).status_code == 200
    await settled(quick, 2)
    assert quick.rows(REPORTS) == [(1,)]
    assert await kept(quick) == ["LAPOR Juwana x", "pesan kedua"]
    await sari.sees_nothing(0.1)


async def test_the_same_telegram_update_is_one_report(quick: Story) -> None:
    dewi = quick.user()
    await dewi.says("suami saya marah")
    await dewi.sees("terima")
    update = {"update_id": 10**6, "message": {**next(iter(dewi.chat.messages.values())).payload, "text": "lagi"}}
    for _ in range(3):
        quick.telegram.inject(dict(update))
    await settled(quick, 2)
    assert await kept(quick) == ["suami saya marah", "lagi"]


# What is written


DATES = ["2026-11-21T10:00:00Z", "2026-11-21 10:00:00", "21/11/2026 kemarin", "", "\u202e\x00"]


async def test_any_date_is_accepted_and_kept_as_it_came(quick: Story) -> None:
    for number, date in enumerate(DATES):
        assert (await texted(quick, f"pesan {number}", f"d{number}", date=date)).status_code == 200
    await settled(quick, len(DATES))
    assert [fact.get("date") for _, fact in await threads(quick)] == DATES
    assert quick.rows("SELECT max(at) - min(at) < 60000 FROM messages") == [(1,)]


ODD = [
    "nul \x00 di tengah",
    "\u202edipukul\u202c dari kanan",
    "😭😭😭",
    "🏳️‍🌈 👩‍👧",
    "\x1b[31mmerah\x1b[0m \x07",
    "ꦱꦫꦶ",
    "e\u0301" * 50,
    "=1+1;DROP TABLE reports;--",
    "<b>tebal</b> {number} %s \\ue000 \ue000",
    "\ufffe\uffff",
]


async def test_odd_texts_by_sms_are_kept_to_the_last_character(quick: Story) -> None:
    for number, text in enumerate(ODD):
        assert (await texted(quick, text, f"o{number}")).status_code == 200
    await settled(quick, len(ODD))
    assert await kept(quick) == ODD


async def test_odd_texts_by_telegram_are_kept_and_shown_safely(quick: Story) -> None:
    ani, _ = quick.staff()
    dewi = quick.user()
    written = [*ODD, "setengah \ud83d emoji", "\udc00"]
    for text in written:
        await dewi.says(text)
    await settled(quick, len(written))
    assert await kept(quick) == written

    ping = await ani.sees("mnt")
    await ani.presses(ping, "Ambil")
    await ani.presses(await ani.sees("Anda ambil"), "Baca")
    shown = (await ani.sees("di tengah")).text
    assert texts.shown(shown) == shown and "<b>tebal</b> {number} %s" in shown
    assert "😭😭😭" in shown and "\ue000" not in shown


async def test_a_megabyte_of_text_is_kept_and_can_be_read(quick: Story) -> None:
    ani, _ = quick.staff()
    long = "tolong saya " * 80_000
    assert (await texted(quick, long, "long")).status_code == 200
    await settled(quick, 1)
    assert await kept(quick) == [long]
    await ani.presses(await ani.sees("TINGGI"), "Ambil")
    await ani.sees("Anda ambil")
    assert (await sends(quick, urlencode({"from": SARI, "id": "2", "text": "masih ada"}))).status_code == 200


HARMFUL = {
    "a megabyte": "tolong saya " * 60_000,
    "binary": bytes(range(256)).decode("latin-1"),
    "bytes that are no text": b"\xff\xfe\x00ibu\x80".decode("utf-8", "surrogateescape"),
    "only emoji": "😭🏳️‍🌈👩‍👧",
    "only spaces": "   \u3000\u00a0 ",
    "only what nobody sees": "\u200b\u2060\u202e\ufeff\x00",
    "control characters": "\x1b]0;judul\x07\x1b[2J\x1b[31mmerah \x08\x08\r\n\x9b1A",
    "right to left": "\u202eطالبت المساعدة 110\u202c \u2067x",
    "a forged line": "tolong\n14.05 Ani > jangan datang\r\u202812.00 * aman",
    "a tower of accents": "a" + "\u0301\u0489" * 500,
    "identity numbers": "NIK 3318 0845 0100 0001, KK ٣٣١٨.٠٨٤٥.٠١٠٠.٠٠٠١ dan 3318-084501-000001",
}
SAFE_BREAK = "\n  "


def harmless(shown: str) -> bool:
    """Whether nothing in a text moves, hides, turns or passes for a line of ours."""
    plain = shown.replace("\u2068", "").replace("\u2069", "")
    lines_of_ours = re.findall(r"^(?!  )\d\d\.\d\d .*$", plain.replace(SAFE_BREAK, " "), re.MULTILINE)
    return (
        texts.shown(plain) == plain
        and not re.search(r"3318\D?08|\u0663", plain)
        and not any("Ani >" in line[:12] for line in lines_of_ours)
        and shown.count("\u2068") == shown.count("\u2069")
    )


async def test_harmful_texts_are_kept_and_shown_safely_at_every_door(quick: Story) -> None:
    """In the bot, by SMS and at the machine; what is kept is what was written."""
    readers = quick.staff()
    phone = quick.phone(ANI_PHONE)
    for place, text in enumerate(HARMFUL.values()):
        raw = urlencode({"from": f"+6281100003{place:03}", "to": "21512", "id": f"h{place}"}).encode()
        body = raw + b"&text=" + quote_from_bytes(text.encode("utf-8", "surrogateescape")).encode()
        assert (await sends(quick, body)).status_code == 200
    await settled(quick, len(HARMFUL))
    assert await kept(quick) == list(HARMFUL.values())
    numbers = [row[0] for row in quick.rows("SELECT number FROM reports ORDER BY id")]
    for name, number, reader in zip(HARMFUL, numbers, itertools.cycle(readers), strict=False):
        shown = (await quick.asks("show", {"number": number}))["thread"]
        assert len(shown) == 1 and harmless(shown[0]), name
        await reader.says(f"BACA {number}")
        seen = (await reader.sees(f"#{number} · ")).text
        assert harmless(seen) and len(seen) <= 4_096, name
    by_sms = [numbers[place] for place, name in enumerate(HARMFUL) if name in ("identity numbers", "right to left")]
    for number in by_sms:
        await phone.texts(f"BACA {number}")
        await phone.texts(code_in((await phone.sees(f"#{number}: pakai kode ini")).text, "B"))
        seen = (await phone.sees("Balas: ")).text
        assert gsm7(seen) == seen and segments(seen) <= 4 and harmless(seen)


async def test_bytes_that_are_no_utf8_are_kept(quick: Story) -> None:
    for number, raw in enumerate((b"%FF%FEibu%80", b"\xff\xfeibu\x80")):
        body = b"from=%2B628110000000" + str(number).encode() + b"&id=b" + str(number).encode() + b"&text=" + raw
        assert (await sends(quick, body)).status_code == 200
    await settled(quick, 2)
    assert [text.encode("utf-8", "surrogateescape") for text in await kept(quick)] == [b"\xff\xfeibu\x80"] * 2


async def test_a_form_that_was_not_escaped_is_read_as_utf8(quick: Story) -> None:
    """What `curl -d` sends when somebody types an accent or an emoji."""
    await sends(quick, "from=%2B6281100000001&id=c1&text=ranté 😭".encode())
    await settled(quick, 1)
    assert await kept(quick) == ["ranté 😭"]


# What nobody understands


async def test_an_update_of_an_unknown_kind_is_ignored_visibly(quick: Story) -> None:
    quick.telegram.inject({"poll": {"id": "1", "question": "?"}})
    quick.telegram.inject({})
    quick.telegram.inject({"message": {"message_id": 3, "chat": {"id": 7, "type": "private"}, "pinned_message": {}}})
    await settled(quick, 3)
    assert sorted(quick.rows("SELECT status, note FROM inbox")) == [
        ("ignored", "empty"),
        ("ignored", "poll"),
        ("ignored", "service message"),
    ]
    assert quick.rows(REPORTS) == [(0,)]
    assert 'kentongan_inbox{status="ignored"} 3.0' in (await quick.get("/metrics")).text


MALFORMED = [
    {"message": {"message_id": 1, "text": "TOLONG"}},
    {"message": {"message_id": 1, "chat": "x", "text": "TOLONG"}},
    {"message": {"chat": {"id": 7}, "text": "TOLONG"}},
    {"callback_query": {"id": "1", "data": "r:aman"}},
    {"my_chat_member": {"chat": {}}},
]


async def test_a_message_that_cannot_be_read_calls_somebody(quick: Story) -> None:
    ani, _ = quick.staff()
    for update in MALFORMED:
        quick.telegram.inject(dict(update))
    await quick.phone().texts("LAPOR Juwana x")
    await settled(quick, len(MALFORMED) + 1)
    await ani.sees("TINGGI")
    await ani.sees("Juwana")
    assert quick.rows("SELECT count(*) FROM inbox WHERE status = 'quarantined' AND sealed_payload IS NULL") == [(0,)]
    assert quick.rows(f"{REPORTS} WHERE flags = 'karantina' AND due_at > 0") >= [(1,)]


async def test_a_delivery_report_with_unknown_words_is_stored(quick: Story) -> None:
    for status in ("Success", "Meledak", ""):
        answer = await sends(quick, urlencode({"id": "ATXid_99", "status": status, "phoneNumber": SARI}), DELIVERY)
        assert answer.status_code == 200
    assert quick.rows(INBOX) == [(3,)]


# When we are broken


def breaks_on_mark(situation: Situation, message: Decidable) -> list[Effect]:
    """The handlers with a bug."""
    if isinstance(message, Inbound) and "[rusak]" in message.text:
        raise ZeroDivisionError(message.text)
    return handlers.decide(situation, message)


async def test_a_bug_on_one_message_quarantines_that_one_only(tmp_path: Path) -> None:
    async with Story(tmp_path, decide=breaks_on_mark) as story:
        ani, _ = story.staff()
        marked = [f"LAPOR Juwana {'[rusak]' if n == 3 else 'biasa'} {n}" for n in range(8)]
        sent = (texted(story, text, f"m{n}", f"+628110000001{n}") for n, text in enumerate(marked))
        assert {answer.status_code for answer in await asyncio.gather(*sent)} == {200}
        await settled(story, 8)
        assert sorted(await kept(story)) == sorted(marked)
        assert story.rows(f"{INBOX} WHERE status = 'quarantined'") == [(1,)]
        assert story.rows("SELECT risk, status, flags FROM reports WHERE flags <> ''") == [("high", "new", "karantina")]
        assert story.rows(f"{REPORTS} WHERE due_at > 0") == [(8,)]
        number = story.rows("SELECT number FROM reports WHERE flags <> ''")[0][0]
        assert "TINGGI" in (await ani.sees(number)).text

        await story.passes(minutes=11)
        assert "(ulang)" in (await ani.sees(number)).text


async def test_a_bug_on_every_message_loses_none(tmp_path: Path) -> None:
    def always(situation: Situation, message: Decidable) -> list[Effect]:
        raise ZeroDivisionError

    async with Story(tmp_path, decide=always) as story:
        ani, _ = story.staff()
        for n in range(5):
            await texted(story, f"pesan {n}", f"m{n}", f"+628110000001{n}")
        await settled(story, 5)
        assert await kept(story) == [f"pesan {n}" for n in range(5)]
        await ani.sees("TINGGI")


async def impatient(story: Story) -> None:
    """The writer waits for a lock as long as a test likes to."""
    await story.app.store.write(lambda t: t.exec_driver_sql("PRAGMA busy_timeout = 100"))


async def test_a_locked_database_and_no_spool_is_503_and_everything_comes_back_by_itself(quick: Story) -> None:
    ani, _ = quick.staff()
    await impatient(quick)
    quick.spool.rmdir()
    with contextlib.closing(sqlite3.connect(quick.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = await texted(quick, "LAPOR Juwana x", "locked")
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
        assert "locked" not in answer.text and SARI not in answer.text
        waiting = asyncio.create_task(quick.user().says("pesan Dewi"))
        await asyncio.sleep(0.4)
        other.execute("ROLLBACK")
    assert quick.rows(f"{INBOX} WHERE external_id = 'sms:locked'") == [(0,)]
    await waiting
    assert (await texted(quick, "LAPOR Juwana x", "locked")).status_code == 200
    await ani.sees("Juwana")
    await settled(quick, 2)
    assert quick.rows(REPORTS) == [(2,)]
    assert (await quick.get("/readyz")).status_code == 200


async def limit_pages(story: Story, pages: int) -> int:
    """As if the disk held no more than that; 0: what is used now."""

    def work(transaction: Transaction) -> int:
        used = int(transaction.exec_driver_sql("PRAGMA page_count").scalar_one())
        transaction.exec_driver_sql(f"PRAGMA max_page_count = {pages or used}")
        return used

    return await story.app.store.write(work)


async def test_a_full_disk_is_503_with_nothing_half_done_and_comes_back_by_itself(quick: Story) -> None:
    ani, _ = quick.staff()
    quick.spool.rmdir()
    big = "LAPOR Juwana " + "x" * 300_000
    await limit_pages(quick, 0)
    assert (await texted(quick, big, "full")).status_code == 503
    assert quick.rows(INBOX) == [(0,)]
    await limit_pages(quick, 1_000_000)
    assert (await texted(quick, big, "full")).status_code == 200
    await ani.sees("Juwana")
    assert await kept(quick) == [big]


async def test_a_disk_that_fills_up_between_intake_and_decision_loses_nothing(quick: Story) -> None:
    """The message was acknowledged; while there is no room for its report, it waits."""
    ani, _ = quick.staff()
    big = "LAPOR Juwana " + "x" * 300_000
    used = await limit_pages(quick, 0)
    await limit_pages(quick, used + 110)
    assert (await texted(quick, big, "tight")).status_code == 200
    await asyncio.sleep(0.3)
    assert quick.rows("SELECT status FROM inbox") == [("waiting",)]
    assert quick.rows(REPORTS) == [(0,)]
    await limit_pages(quick, 1_000_000)
    await ani.sees("Juwana")
    assert await kept(quick) == [big]
    assert ani.id == ANI and number_in((await quick.phone().sees("terima")).text)


def writes_to_no_report(situation: Situation, message: Decidable) -> list[Effect]:
    """The handlers with a bug that only the database notices."""
    if isinstance(message, Inbound) and "[rusak]" in message.text:
        return [AddMessage(404, Direction.IN, message.text)]
    return handlers.decide(situation, message)


async def test_a_decision_the_database_refuses_stops_nobody_else(tmp_path: Path) -> None:
    async with Story(tmp_path, decide=writes_to_no_report) as story:
        for n, text in enumerate(["pesan biasa", "pesan [rusak]", "pesan lagi"]):
            await texted(story, text, f"m{n}", f"+628110000001{n}")
        await settled(story, 3)
        assert story.rows(f"{REPORTS} WHERE due_at > 0") == [(3,)]
        assert story.rows(f"{INBOX} WHERE status = 'quarantined'") == [(1,)]
