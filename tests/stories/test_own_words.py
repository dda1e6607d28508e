"""In her own words: menus, languages that are offered, what is suggested and corrected, places of other offices."""

from tests.harness import ANI_PHONE, Story, code_in, number_in


async def test_neng_picks_sundanese_from_the_menu_and_is_answered_in_it(story: Story) -> None:
    neng = story.phone("+6281100000031")
    for typed, seen in (("MENU", "4 bahasa"), ("4", "3 Sunda"), ("3", "Muhun"), ("1", "terima")):
        await neng.texts(typed)
        await neng.sees(seen) if typed != "1" else await neng.sees("katampi")
    assert story.rows("SELECT count(*) FROM reports")[0][0] == 1, "the menu was over: a digit alone is words again"


async def test_wati_s_javanese_is_noticed_offered_and_taken_up(story: Story) -> None:
    wati = story.phone("+6281100000032")
    await wati.texts("Kula badhe lapor, tanggi kula ing Tayu dipungebugi tiyang sepuhipun")
    assert (await wati.sees("JAWA")).text.startswith("Pesan Anda sudah kami terima.")
    await wati.texts("jawa")
    await wati.sees("Nggih")
    await wati.texts("STATUS")
    await wati.sees("katampi")


async def test_dewi_presses_urgent_and_ani_is_called_at_once(story: Story) -> None:
    ani, _ = story.staff()
    dewi = story.user()
    await dewi.says("/start")
    greeting = await dewi.sees("Tulis pesan")
    assert greeting.labels == ["Kirim pesan", "Kabar pesan", "Minta ditelepon", "Bahasa", "Mendesak"]
    await dewi.sees_answer(await dewi.presses(greeting, "Mendesak"))
    await dewi.sees("telepon 110")
    assert "TINGGI" in (await ani.sees("TINGGI")).text


async def test_what_is_suggested_is_shown_with_its_words_and_corrected_by_one(story: Story) -> None:
    ani, _ = story.staff()
    await story.phone().texts("LAPOR Juwana anak tetangga umur 7 th dipukuli bapak tirinya")
    number = number_in((await story.phone().sees("terima")).text)
    ping = await ani.sees(number)
    assert "anak" not in ping.text and "fisik" not in ping.text
    await ani.presses(ping, "Ambil")
    taken = await ani.sees("Anda ambil")
    await ani.presses(taken, "Baca")
    shown = await ani.sees("Usulan jenis")
    assert "fisik" in shown.text and "anak" in shown.text and "dipukul" in shown.text
    await ani.says(f"JENIS {number} psikis")
    await ani.sees("jenis dicatat")
    await ani.says(f"RENDAH {number}")
    await ani.sees("risiko RENDAH")
    await ani.says(f"BACA {number}")
    shown = await ani.sees("Jenis: psikis")
    assert "Usulan" not in shown.text
    kinds = story.rows("SELECT count(*) FROM events WHERE detail LIKE '%psikis%' OR detail LIKE '%fisik%'")
    assert kinds[0][0] == 0, "the log is not sealed"


async def test_a_place_of_another_office_is_kept_and_marked_for_referral(story: Story) -> None:
    ani, _ = story.staff()
    sari = story.phone()
    await sari.texts("LAPOR saya dipukul suami di Tenggarong")
    answer = await sari.sees("terima")
    assert "kecamatan" not in answer.text, "she has said where"
    await ani.sees(number_in(answer.text))
    await ani.says(f"BACA {number_in(answer.text)}")
    assert "di luar wilayah" in (await ani.sees("dipukul suami")).text


async def test_a_flood_is_kept_whole_and_rings_ani_once(story: Story) -> None:
    ani, _ = story.staff()
    prankster = story.phone("+6281100000033")
    await prankster.texts("LAPOR Juwana saya dimarahi")
    number = number_in((await prankster.sees("terima")).text)
    await ani.presses(await ani.sees(number), "Ambil")
    await ani.sees("Anda ambil")
    for serial in range(40):
        await prankster.texts(f"hehe {serial}")
    await story.until("SELECT messages FROM reports", 41)
    await ani.sees("banyak pesan")
    news = "SELECT count(*) FROM outbox WHERE kind = 'news'"
    assert story.rows(news)[0][0] <= 4, "one ring and one digest, each by two ways"


async def test_a_coordinator_on_a_feature_phone_sets_the_risk_with_a_code(story: Story) -> None:
    in_chat, _ = story.staff()
    in_chat.blocks()
    await story.phone().texts("LAPOR Juwana saya dimarahi terus")
    number = number_in((await story.phone().sees("terima")).text)
    ani = story.phone(ANI_PHONE)
    await story.passes(minutes=4)
    code = code_in((await ani.sees(number)).text, "A")[:-1]
    await ani.texts(f"TINGGI {code}")
    await ani.sees("risiko TINGGI")
