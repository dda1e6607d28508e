"""Telegram as people really use it: edits, photos, groups, long texts, odd letters, old and foreign buttons."""

import re
from pathlib import Path

import pytest

from tests import loopback
from tests.harness import ANI_PHONE, OFFICE, SECRET, Story, number_in
from tests.providers.telegram_chats import Message, User
from tests.providers.telegram_rules import utf16_units

ODD = "<b>tebal</b> & _garis_ *bintang* [tautan](http://x) `kode` \\ <script>"
COMMANDS = (
    "AMBIL",
    "BACA",
    "DAFTAR",
    "AMBIL {}",
    "BACA {}",
    "TUTUP {} selesai",
    "BALAS {} halo",
    "CATAT {} x",
    "NAIK {}",
)


async def reported(story: Story, text: str = "suami saya marah di Tayu") -> tuple[User, User, Message]:
    """Dewi's report has rung at Ani's: (Dewi, Ani, the ping)."""
    ani, _ = story.staff()
    dewi = story.user()
    await dewi.says(text)
    await dewi.sees("kami terima")
    return dewi, ani, await ani.sees("#")


async def reads(ani: User, ping: Message) -> Message:
    """What Ani is shown when she takes the report and reads it."""
    await ani.presses(ping, "Ambil")
    await ani.presses(await ani.sees("Anda ambil"), "Baca")
    return await ani.sees("Balas (reply)")


# What a reporter may send


async def test_an_edited_message_is_shown_beside_the_first_one(story: Story) -> None:
    dewi, ani, ping = await reported(story)
    await dewi.edits(dewi.chat.messages[1], "suami saya memukul saya di Tayu")
    await story.until("SELECT count(*) FROM messages WHERE edited", 1)
    shown = (await reads(ani, ping)).text
    assert "(diubah) suami saya memukul saya di Tayu" in shown
    assert "< suami saya marah di Tayu" in shown
    assert story.rows("SELECT count(*) FROM reports") == [(1,)]


async def test_an_edit_that_names_danger_raises_the_risk(quick: Story) -> None:
    dewi, ani, _ = await reported(quick)
    await dewi.edits(dewi.chat.messages[1], "dia membawa pisau di Tayu")
    assert "TINGGI" in (await ani.sees("TINGGI")).text


async def test_attachments_are_noted_in_the_thread(quick: Story) -> None:
    dewi, ani, ping = await reported(quick)
    await dewi.sends_photo("ini lukanya")
    await dewi.sends_voice()
    await dewi.sends_contact()
    await dewi.sends_location()
    await quick.until("SELECT count(*) FROM messages", 5)
    shown = (await reads(ani, ping)).text
    found = re.findall(r"\[[a-z ]+ diterima\].*", shown)
    assert found == [
        "[foto diterima] ini lukanya",
        "[pesan suara diterima]",
        "[kontak diterima]",
        "[lokasi diterima]",
    ]


async def test_a_photo_alone_is_a_report(quick: Story) -> None:
    ani, _ = quick.staff()
    dewi = quick.user()
    await dewi.sends_photo()
    await dewi.sees("kami terima")
    assert "[foto diterima]" in (await reads(ani, await ani.sees("#"))).text


async def test_text_is_shown_as_it_was_typed(quick: Story) -> None:
    dewi, ani, ping = await reported(quick, f"di Tayu {ODD}")
    shown = await reads(ani, ping)
    assert ODD in shown.text
    await ani.says(ODD, reply_to=shown)
    assert (await dewi.sees("tebal")).text == ODD


async def test_odd_letters_are_kept_and_shown_safely(quick: Story) -> None:
    dewi, ani, ping = await reported(quick)
    for text in ("nol\x00di tengah", "separuh \ud83d saja", "\u202egnilab", "👨‍👩‍👧‍👦🔥", "a" + "\u0301" * 500):
        await dewi.says(text)
    await quick.until("SELECT count(*) FROM messages", 6)
    shown = (await reads(ani, ping)).text
    assert "\x00" not in shown
    assert "\u202e" not in shown
    assert "👨‍👩‍👧‍👦🔥" in shown
    assert "separuh" in shown


async def test_a_long_thread_comes_in_parts_and_each_is_taken_back(quick: Story) -> None:
    dewi, ani, ping = await reported(quick)
    for word in ("satu", "dua", "tiga"):
        await dewi.says(f"{word} " + "🔥 kata " * 400 + f"akhir-{word}")
    await quick.until("SELECT count(*) FROM messages", 4)
    await ani.presses(ping, "Ambil")
    await ani.presses(await ani.sees("Anda ambil"), "Baca")
    last = await ani.sees("Balas (reply)")
    parts = [message for message in ani.inbox if "kata" in message.text]
    assert last in parts
    assert len(parts) >= 3
    assert all(utf16_units(part.text) <= 4096 for part in parts)
    assert all(f"akhir-{word}" in "".join(part.text for part in parts) for word in ("satu", "dua", "tiga"))
    assert "".join(part.text for part in parts).count("🔥") == 3 * 400
    await quick.until("SELECT count(*) FROM outbox WHERE kind = 'delete'", len(parts))
    await quick.passes(minutes=11)
    await quick.telegram.bell.until(lambda: all(part.deleted for part in parts) or None, 30)


async def test_a_long_answer_reaches_a_chat_in_parts(quick: Story) -> None:
    dewi, ani, ping = await reported(quick)
    await ani.presses(ping, "Ambil")
    await ani.sees("Anda ambil")
    long = "🔥 kata " * 900 + "akhir"
    await quick.asks("say", {"number": number_in(ping.text), "text": long, "person": "ani"})
    await dewi.sees("akhir")
    shown = "".join(message.text for message in dewi.inbox if "kata" in message.text)
    assert shown.count("🔥") == 900


# Groups, membership, kinds we do not know


async def test_groups_are_not_listened_to(story: Story) -> None:
    ani, _ = story.staff()
    dewi, group = story.user(), story.telegram.group(-4001)
    await dewi.says("TOLONG di Juwana", chat=group)
    await ani.says("DAFTAR", chat=group)
    await dewi.sends_photo(chat=group)
    await story.until("SELECT count(*) FROM inbox WHERE status = 'ignored'", 3)
    assert story.rows("SELECT count(*) FROM reports") == [(0,)]
    await group.sees_nothing(0.2)
    await ani.sees_nothing(0.1)


async def test_who_blocks_the_bot_is_called_by_sms_and_by_chat_again_after_unblocking(story: Story) -> None:
    ani, _ = story.staff()
    ani.blocks()
    await story.until("SELECT count(*) FROM people WHERE NOT chat_works", 1)
    await story.phone().texts("LAPOR Juwana dipukul")
    await story.phone(ANI_PHONE).sees("Juwana")
    assert not [call for call in story.telegram.calls if call.params.get("chat_id") == str(ani.id)]
    ani.unblocks()
    await story.until("SELECT count(*) FROM people WHERE NOT chat_works", 0)
    await story.phone("+6281100000002").texts("LAPOR Tayu dipukul")
    await ani.sees("Tayu")
    await story.phone(ANI_PHONE).sees_nothing(0.1)


async def test_a_stranger_who_blocks_the_bot_changes_nothing(quick: Story) -> None:
    quick.user(700000001).blocks()
    await quick.until("SELECT count(*) FROM inbox WHERE status = 'ignored'", 1)
    assert quick.rows("SELECT count(*) FROM reports") == [(0,)]


async def test_updates_of_unknown_kinds_are_kept_and_ignored(story: Story) -> None:
    story.telegram.inject({"poll": {"id": "1"}})
    story.telegram.inject({"channel_post": {"message_id": 1, "chat": {"id": -1, "type": "channel"}, "text": "x"}})
    story.telegram.inject({"kind_of_2031": {"secret": "x"}})
    story.telegram.inject({})
    await story.telegram.settled()
    await story.until("SELECT count(*) FROM inbox WHERE status = 'ignored'", 4)
    assert story.rows("SELECT count(*) FROM reports") == [(0,)]
    await reported(story)


async def test_an_update_nobody_can_read_is_a_report_and_blocks_nothing(story: Story) -> None:
    ani, _ = story.staff()
    story.telegram.inject({"message": {"message_id": 1, "text": "tanpa chat"}})
    await story.telegram.settled()
    await ani.sees("TINGGI")
    assert story.rows("SELECT status FROM inbox") == [("quarantined",)]
    dewi = story.user()
    await dewi.says("suami saya marah di Tayu")
    await dewi.sees("kami terima")


# Buttons


async def test_another_persons_button_does_nothing(story: Story) -> None:
    dewi, ani, ping = await reported(story)
    thief = story.user(700000009, "Orang")
    for label in ("Ambil",):
        press = await thief.presses(ping, label)
        assert await thief.sees_answer(press) == ""
    number = number_in(ping.text)
    for data in (f"baca:{number}:123456", f"ambil:{number}", "r:status", "", "x" * 64, "r:tidak"):
        await thief.presses(next(iter(dewi.inbox)), data, anyway=True)
    await story.telegram.settled()
    await story.until("SELECT count(*) FROM inbox WHERE status = 'waiting'", 0)
    assert story.rows("SELECT status, risk, owner_id, safety FROM reports WHERE number = ?", number) == [
        ("new", "medium", 0, "")
    ]
    assert not [m for m in thief.inbox if number in m.text or "marah" in m.text]
    await ani.presses(ping, "Ambil")
    await ani.sees("Anda ambil")


async def test_a_button_pressed_again_and_again_takes_once(story: Story) -> None:
    _, ani, ping = await reported(story)
    for _ in range(3):
        press = await ani.presses(ping, "Ambil")
        await ani.sees_answer(press)
    await story.telegram.settled()
    await ani.sees("Anda ambil")
    await story.until("SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')", 0)
    assert story.rows("SELECT count(*) FROM events WHERE kind = 'taken'") == [(1,)]


async def test_the_same_callback_delivered_twice_counts_once(tmp_path: Path) -> None:
    async with Story(tmp_path, telegram="webhook") as story:
        ani, _ = story.staff()
        await story.user().says("suami saya marah di Tayu")
        ping = await ani.sees("#")
        await ani.presses(ping, "Ambil")
        told = await ani.sees("Anda ambil")
        await ani.presses(told, "Baca")
        await ani.sees("marah")
        await story.telegram.settled()
        query = story.telegram.inject(
            {"callback_query": {"id": "77", "from": ani.payload, "data": told.data_of("Baca")}}
        )
        await story.telegram.settled()
        await story.until("SELECT count(*) FROM events WHERE kind = 'read'", 2)
        body = {"update_id": query, "callback_query": {"id": "77", "from": ani.payload, "data": told.data_of("Baca")}}
        async with loopback.client() as client:
            for _ in range(3):
                headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
                assert (await client.post(f"{story.url}/in/telegram", json=body, headers=headers)).status_code == 200
        await story.until("SELECT count(*) FROM inbox WHERE status IN ('waiting', 'early')", 0)
        assert story.rows("SELECT count(*) FROM events WHERE kind = 'read'") == [(2,)]


async def test_an_old_button_of_a_closed_report_says_so(quick: Story) -> None:
    _, ani, ping = await reported(quick)
    await ani.presses(ping, "Ambil")
    await ani.sees("Anda ambil")
    await ani.says(f"TUTUP {number_in(ping.text)} selesai")
    await ani.sees("ditutup")
    await ani.presses(ping, "Ambil")
    await ani.sees("sudah ditutup")
    assert quick.rows("SELECT status FROM reports") == [("closed",)]


async def test_an_officer_who_edits_a_command_does_not_repeat_it(quick: Story) -> None:
    dewi, ani, ping = await reported(quick)
    number = number_in(ping.text)
    said = await ani.says(f"BALAS {number} kami datang besok")
    await dewi.sees("besok")
    await ani.edits(said, f"BALAS {number} kami datang lusa")
    await dewi.sees_nothing(0.4)


# Strangers


async def test_strangers_who_know_the_commands_get_what_everybody_gets(quick: Story) -> None:
    _, _, ping = await reported(quick)
    number = number_in(ping.text)
    plain = quick.user(700000100, "Orang")
    await plain.says("halo")
    usual = await plain.sees("kami terima")
    for index, command in enumerate(COMMANDS):
        stranger = quick.user(700000101 + index, "Orang")
        await stranger.says(command.format(number))
        answer = await stranger.sees(lambda _: True)
        assert answer.text.replace(number_in(answer.text), "N") == usual.text.replace(number_in(usual.text), "N")
        assert (answer.labels, answer.protect_content) == (usual.labels, usual.protect_content)
        phone = quick.phone(f"+62811000002{index:02}")
        await phone.texts(command.format(number))
        sms = await phone.sees(lambda _: True)
        assert sms.text.replace(number_in(sms.text), "N") == usual.text.replace(number_in(usual.text), "N")
    assert quick.rows("SELECT count(*) FROM reports") == [(2 + 2 * len(COMMANDS),)]
    assert quick.rows("SELECT status, owner_id FROM reports WHERE number = ?", number) == [("new", 0)]


# The webhook's door


@pytest.mark.parametrize("given", [None, "", "wrong", SECRET[:-1], SECRET + "x", "é" * 20])
async def test_a_webhook_call_without_the_secret_is_an_unknown_path(tmp_path: Path, given: str | None) -> None:
    async with Story(tmp_path, telegram="webhook", sms=False) as story:
        headers = {} if given is None else {"X-Telegram-Bot-Api-Secret-Token": given.encode()}
        body = {"update_id": 1, "message": {"message_id": 1, "chat": {"id": 5, "type": "private"}, "text": "x"}}
        async with loopback.client() as client:
            answer = await client.post(f"{story.url}/in/telegram", json=body, headers=headers)
            other = await client.post(f"{story.url}/no/such/path", json=body)
        assert (answer.status_code, answer.content) == (404, other.content)
        assert set(answer.headers) == set(other.headers)
        assert story.rows("SELECT count(*) FROM inbox") == [(0,)]


async def test_a_webhook_body_that_is_no_update_gets_400(tmp_path: Path) -> None:
    async with Story(tmp_path, telegram="webhook", sms=False) as story, loopback.client() as client:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        bodies = (b"", b"{", b"[]", b"7", b"null", b"{}", b'{"update_id": "x"}', b"[" * 5_000, b'{"update_id": 1e999}')
        for body in bodies:
            answer = await client.post(f"{story.url}/in/telegram", content=body, headers=headers)
            assert answer.status_code == 400, body[:20]
            assert b"update_id" in answer.content
        big = await client.post(f"{story.url}/in/telegram", content=b"x" * (1024 * 1024 + 1), headers=headers)
        assert big.status_code == 413
        assert story.rows("SELECT count(*) FROM inbox") == [(0,)]


async def test_the_webhook_is_closed_while_the_bot_polls(quick: Story) -> None:
    async with loopback.client() as client:
        assert (await client.post(f"{quick.url}/in/telegram", json={"update_id": 1})).status_code == 404


async def test_each_mode_registers_what_it_needs_and_drops_nothing(story: Story) -> None:
    await reported(story)
    hook = story.telegram.webhook
    if story.mode == "webhook":
        assert hook is not None
        assert (hook.url, hook.secret_token) == (f"{story.url}/in/telegram", SECRET)
        assert set(hook.allowed_updates) == {"message", "edited_message", "callback_query", "my_chat_member"}
    else:
        assert hook is None
        assert story.telegram.polls
    assert story.telegram.dropped == []


async def test_a_webhook_of_earlier_days_gives_way_to_polling(tmp_path: Path) -> None:
    async with Story(tmp_path, telegram="webhook") as story:
        await story.telegram.bell.until(lambda: story.telegram.webhook or None, 30)
        await story.stop()
        story.mode = "polling"
        await story.start()
        dewi = story.user()
        await dewi.says("suami saya marah terus di Tayu")
        await dewi.sees("kami terima")
        assert story.telegram.dropped == []


async def test_a_group_that_became_a_supergroup_still_gets_the_call(tmp_path: Path) -> None:
    office = OFFICE.replace("telegram = 100000101", "telegram = -4001")
    async with Story(tmp_path, office=office) as story:
        old = story.telegram.group(-4001)
        new = await old.migrates(-1004001)
        await story.phone().texts("TOLONG di Juwana")
        number = number_in((await new.sees("TINGGI")).text)
        await story.passes(minutes=11)
        assert "(ulang)" in (await new.sees(number)).text  # the new address is remembered
        assert len([call for call in story.telegram.calls if call.params.get("chat_id") == "-4001"]) == 1
