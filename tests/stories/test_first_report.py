"""The main job: a report by SMS or Telegram reaches a person, and is answered."""

from tests.harness import ANI_PHONE, BUDI_PHONE, Story, code_in, number_in


async def test_sari_texts_ani_takes_reads_and_answers(story: Story) -> None:
    ani, budi = story.staff()
    sari = story.phone()
    assert await sari.texts("LAPOR Juwana tetangga saya dipukul suaminya tadi malam") == 200

    answer = await sari.sees("kami terima")
    number = number_in(answer.text)
    assert answer.text == f"Pesan Anda sudah kami terima. Nomor {number}. Bila bahaya, telepon 110."

    ping = await ani.sees(number)
    assert ping.text == f"#{number} · Juwana · SEDANG · 0 mnt"
    assert ping.protect_content
    assert ping.labels == ["Ambil"]

    await ani.presses(ping, "Ambil")
    taken = await ani.sees("Anda ambil")
    assert taken.reply_to == ping.message_id
    await ani.presses(taken, "Baca")
    shown = await ani.sees("dipukul")
    assert "LAPOR Juwana tetangga saya dipukul suaminya tadi malam" in shown.text

    await ani.says("Ibu, kami di sini. Apakah sekarang bisa bicara?", reply_to=shown)
    assert (await sari.sees("kami di sini")).text == "Ibu, kami di sini. Apakah sekarang bisa bicara?"

    await sari.texts("bisa, tapi sebentar saja")
    news = await ani.sees("pesan baru")
    assert news.reply_to == ping.message_id
    await ani.presses(news, "Baca")
    assert "bisa, tapi sebentar saja" in (await ani.sees("sebentar saja")).text
    await budi.sees_nothing(0.2)


async def test_dewi_reports_on_telegram_with_buttons(story: Story) -> None:
    ani, _ = story.staff()
    dewi = story.user()
    await dewi.says("/start")
    greeting = await dewi.sees("Tulis pesan")
    assert greeting.labels[0] == "Kirim pesan" and len(greeting.labels) == 5

    await dewi.says("suami saya marah-marah terus di Tayu")
    answer = await dewi.sees("kami terima")
    assert answer.labels == ["Aman", "Tidak aman", "Status"]
    ping = await ani.sees("Tayu")
    assert "SEDANG" in ping.text

    press = await dewi.presses(answer, "Tidak aman")
    await dewi.sees_answer(press)
    assert "telepon 110" in (await dewi.sees("catat")).text
    assert "TINGGI" in (await ani.sees("TINGGI")).text


async def test_the_ladder_calls_budi_then_the_head(quick: Story) -> None:
    ani, budi = quick.staff()
    await quick.phone().texts("TOLONG saya di Juwana")
    first = await ani.sees("TINGGI")
    number = number_in(first.text)

    await quick.passes(minutes=9)
    await budi.sees_nothing(0.2)
    await quick.passes(minutes=2)
    assert "11 mnt" in (await budi.sees(number)).text
    assert "(ulang)" in (await ani.sees("ulang")).text

    await quick.passes(minutes=20)
    head = await quick.phone("+6281100000103").sees(number)
    assert "Ambil: " in head.text


async def test_ani_works_by_sms_alone(quick: Story) -> None:
    ani, _ = quick.staff()
    ani.blocks()
    sari = quick.phone()
    await sari.texts("LAPOR Juwana dia mengancam saya")
    number = number_in((await sari.sees("terima")).text)

    phone = quick.phone(ANI_PHONE)
    ping = await phone.sees(number)
    await phone.texts(code_in(ping.text, "A"))
    taken = await phone.sees("Anda ambil")
    await phone.texts(code_in(taken.text, "B").lower() + " ")
    shown = await phone.sees("mengancam")
    await phone.texts(code_in(shown.text, "R") + " Kami datang besok pagi")
    assert (await sari.sees("besok")).text == "Kami datang besok pagi"


async def test_a_spoofed_sms_without_code_gets_nowhere(quick: Story) -> None:
    ani, _ = quick.staff()
    sari = quick.phone()
    await sari.texts("LAPOR Juwana rahasia besar")
    number = number_in((await sari.sees("terima")).text)
    await ani.sees(number)
    budi = quick.phone(BUDI_PHONE)
    for text in (f"BACA {number}", f"TUTUP {number} selesai", f"BALAS {number} halo"):
        await budi.texts(text)
        answer = await budi.sees("kode")  # a fresh one, to the phone on file
        assert "rahasia" not in answer.text
    await budi.texts(f"AMBIL {number}")
    await budi.sees_nothing(0.5)  # somebody writing in Budi's name must not flood Budi's phone
    assert quick.rows("SELECT status, owner_id FROM reports") == [("new", 0)]
