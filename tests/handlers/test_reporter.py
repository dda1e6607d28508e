"""What happens when somebody who needs help writes: any first message is a report, and no answer endangers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import sentences, texts
from gateway.model import SUGGESTED, Inbound, Medium, Risk, Status
from gateway.office import Office
from gateway.office_file import parse
from gateway.sms import gsm7, segments
from handlers import decide
from handlers.effects import (
    AddMessage,
    AnswerPress,
    Effect,
    Keep,
    Log,
    OpenReport,
    RememberReporter,
    Say,
    SetApart,
    Tell,
)
from tests.handlers.scene import (
    ASKING,
    DEWI,
    HOUR,
    JUWANA,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    PATI,
    SARI,
    TAYU,
    answers,
    called,
    chat,
    latest,
    of,
    opened,
    remembered,
    report,
    scene,
    sms,
    taken,
    texting,
)
from tests.harness import OFFICE

SEPARATORS = [" ", "#", ".", ",", ":", ";", "\n", " # ", ": ", "<spasi>", " <spasi> ", "[SPASI]", "(spasi)", " - ", "*"]
WORDS = "dia mengancam saya"


@pytest.mark.parametrize("between", SEPARATORS)
@pytest.mark.parametrize("keyword", ["LAPOR", "lapor", "Adu", "lpr"])
def test_any_separator_does_between_keyword_area_and_text(keyword: str, between: str) -> None:
    effects = texting(f"{keyword}{between}Juwana{between}{WORDS}")
    found = opened(effects)
    assert (found.area, found.risk, found.status) == (JUWANA, Risk.MEDIUM, Status.NEW)
    assert called(effects) == ["ani"]


FIRST_WORDS = [
    WORDS, "LAPOR", "halo", "?", "", "   ", "\n", "\x00", "😭😭😭", "\u202eaku", "\ud83d", "LAPOR!", "1", "YA", "AMAN",
    "TIDAK", "TAMBAH lagi", "BATAL", "BERHENTI", "AMBIL " + NUMBER, "BACA " + NUMBER, "123456A", "/lapor saya takut",
    "STATUS saya gawat", "info dong bu saya dipukul", "bahasa kasar terus dia pakai", "x" * 100_000,
    "/start tolong saya dipukul suami", "bantuan! dia datang",
]  # fmt: skip


@pytest.mark.parametrize("text", FIRST_WORDS, ids=lambda text: repr(text)[:30])
def test_any_first_message_is_a_report_with_all_its_words_and_a_call(text: str) -> None:
    effects = texting(text)
    found = opened(effects)
    assert [added.text for added in of(AddMessage, effects)] == [text]
    assert called(effects) == ["ani"] and found.due_at > NOW


@given(st.text(st.characters(), max_size=60))
def test_no_text_at_all_makes_a_decision_fail(text: str) -> None:
    for situation in (scene(), scene(reports=(taken(),)), scene(DEWI, ASKING)):
        assert isinstance(decide(situation, sms(text)), list)


# Risk

CALLS_FOR_HELP = [
    "TOLONG", "tolong", "Tolong saya", "TLG", "SOS", "DARURAT", "darurat#juwana#dia di depan pintu", "tulung kula",
    "LAPOR TOLONG dia kembali", "lapor: darurat", "TOLONG, Juwana", "TOLONG.", "TOLONG!", "TOLONG!!!", "SOS!!",
    "tolong!saya di juwana", "tolong?", '"TOLONG"', "(tolong)", "🆘 tolong", "😭TOLONG😭", "TAMBAH TOLONG dia kembali",
    "dia bawa pisau", "saya mau dibunuh", "anak saya pingsan, berdarah", "tolong stop dia pukul saya",
]  # fmt: skip


@pytest.mark.parametrize("text", CALLS_FOR_HELP)
def test_a_call_for_help_is_high_risk_at_once(text: str) -> None:
    effects = texting(text)
    assert opened(effects).risk is Risk.HIGH
    assert called(effects) == ["ani"]


@pytest.mark.parametrize("text", CALLS_FOR_HELP)
def test_a_call_for_help_raises_an_open_report(text: str) -> None:
    before = taken(seen_at=NOW - 5 * MINUTE)
    effects = texting(text, reports=(before,))
    after = latest(effects, before)
    assert after.risk is Risk.HIGH and not of(OpenReport, effects)
    assert "ani" in called(effects)


def test_danger_in_an_edited_message_raises_the_report_too() -> None:
    before = report(reporter_id=DEWI.id)
    effects = decide(scene(DEWI, reports=(before,)), chat("TOLONG dia mau membunuh saya", edited=True))
    assert latest(effects, before).risk is Risk.HIGH
    assert called(effects) == ["ani"]


def test_a_plain_question_is_low_risk_and_still_a_report() -> None:
    assert opened(texting("mau tanya jam buka kantor")).risk is Risk.LOW


@pytest.mark.parametrize("text", ["TOLONG", "dia bawa pisau", "TIDAK AMAN"])
def test_a_high_report_that_was_answered_calls_again(text: str) -> None:
    before = taken(risk=Risk.MEDIUM, status=Status.CONTACTED, contacted_at=NOW - HOUR, waiting_since=0)
    effects = texting(text, reports=(before,))
    after = latest(effects, before)
    assert (after.risk, after.status) == (Risk.HIGH, Status.TAKEN) and after.waiting_since == NOW
    assert "ani" in called(effects)


# Where

AREAS = [
    ("LAPOR Juwana dia marah", JUWANA),
    ("LAPOR jwn dia marah", JUWANA),
    ("lapor kec. Tayu dia marah", TAYU),
    ("lapor kecamatan tayu", TAYU),
    ("dia marah, saya di JUWANA", JUWANA),
    ("saya dari Tayu. dia marah", TAYU),
    ("TOLONG Juwana", JUWANA),
    ("Tayu: orang Juwana itu marah", TAYU),
    ("LAPOR Juwanaan dia marah", ""),
    ("dia marah", ""),
    ("ｊｕｗａｎａ", JUWANA),
    ("Ju\u200bwana", JUWANA),
]


@pytest.mark.parametrize(("text", "area"), AREAS)
def test_the_area_is_recognised_where_it_stands(text: str, area: str) -> None:
    assert opened(texting(text)).area == area


def test_the_longest_name_wins() -> None:
    office = parse(OFFICE.replace('name = "Tayu"', 'name = "Pati Kidul"'))
    assert opened(texting("LAPOR Pati Kidul dia marah", office=office)).area == TAYU


def test_a_missing_area_is_asked_for_once() -> None:
    effects = texting("dia marah")
    asked = opened(effects)
    assert "Dari kecamatan mana?" in answers(effects)[0] and asked.asked == "area"

    effects = texting("tidak tahu bu", reports=(asked,))
    still = latest(effects, asked)
    assert answers(effects) == [] and still.asked == ""

    effects = texting("di Tayu", reports=(still,))
    assert latest(effects, still).area == TAYU
    assert not any("kecamatan" in said for said in answers(effects))


def test_an_answer_with_the_area_is_noted_and_thanked_for() -> None:
    effects = texting("Juwana", reports=(report(area="", asked="area"),))
    assert latest(effects, report()).area == JUWANA
    assert answers(effects) == ["Baik, sudah kami catat."]


def test_a_known_area_is_not_asked_for() -> None:
    assert answers(texting("LAPOR Juwana dia marah")) == [
        f"Pesan Anda sudah kami terima. Nomor {NUMBER}. Bila bahaya, telepon 110."
    ]


# Follow-ups


@pytest.mark.parametrize("text", ["TAMBAH dia pulang", "tambah#dia pulang", "dia pulang", "LAPOR Juwana dia pulang"])
def test_a_follow_up_joins_the_open_report(text: str) -> None:
    effects = texting(text, reports=(report(),))
    assert [(m.report_id, m.text) for m in of(AddMessage, effects)] == [(21, text)]
    assert not of(OpenReport, effects) and latest(effects, report()).messages == 2


def test_a_report_from_another_place_is_another_report() -> None:
    assert opened(texting("LAPOR Tayu adik saya", reports=(report(id=20),))).area == TAYU


def test_lapor_after_a_day_of_silence_is_another_report() -> None:
    old = report(id=20, last_in_at=NOW - 25 * HOUR)
    assert opened(texting("LAPOR Juwana dia kembali", reports=(old,))).id == 21
    assert not of(OpenReport, texting("dia kembali", reports=(old,)))


def test_words_after_closing_open_a_new_report() -> None:
    closed = report(id=20, status=Status.CLOSED, closed_at=NOW - MINUTE, due_at=0)
    assert opened(texting("dia datang lagi", reports=(closed,))).id == 21


def test_the_owner_hears_of_a_new_message_without_a_word_of_it() -> None:
    effects = texting("dia pulang bawa rahasia", reports=(taken(),))
    [news] = of(Tell, effects)
    assert news.person.ref == "ani" and "rahasia" not in str(news)


def test_a_message_to_an_answered_report_starts_the_contact_clock_again() -> None:
    before = taken(status=Status.CONTACTED, contacted_at=NOW - HOUR, waiting_since=0, due_at=NOW + 72 * HOUR)
    after = latest(texting("saya takut", reports=(before,)), before)
    assert (after.status, after.waiting_since) == (Status.TAKEN, NOW) and after.due_at <= NOW + 2 * HOUR


def test_an_edited_message_is_a_second_version() -> None:
    effects = decide(scene(DEWI, reports=(report(reporter_id=DEWI.id),)), chat("dia marah besar", edited=True))
    assert [(m.text, m.edited) for m in of(AddMessage, effects)] == [("dia marah besar", True)]


# Status

STATES = [
    (report(), "diterima"),
    (taken(), "sedang diproses"),
    (taken(status=Status.CONTACTED, contacted_at=NOW), "sedang diproses"),
    (report(status=Status.CLOSED), "selesai"),
]


@pytest.mark.parametrize(("there", "word"), STATES)
@pytest.mark.parametrize("text", ["STATUS", f"status {NUMBER}", f"Status#{NUMBER}", "cek", "/status"])
def test_status_says_one_of_three_words_and_nothing_else(there: object, word: str, text: str) -> None:
    effects = texting(text, reports=(there,), named=there)
    assert answers(effects) == [f"{NUMBER}: {word}."]
    assert not of(Keep, effects) and not of(OpenReport, effects) and not of(AddMessage, effects)


def test_a_wrong_number_and_a_stranger_s_number_get_the_same_sentence() -> None:
    strangers = report(number=OTHER)
    assert answers(texting(f"STATUS {OTHER}")) == answers(texting(f"STATUS {NUMBER}")) != []
    assert strangers.number not in answers(texting("STATUS"))[0]


# Safety question


@pytest.mark.parametrize("text", ["AMAN", "ya", "Y", "sudah aman", "inggih", "Ya."])
def test_safe_is_noted_and_lowers_nothing(text: str) -> None:
    before = report(asked="safety", risk=Risk.HIGH)
    after = latest(texting(text, office=ASKING, reports=(before,)), before)
    assert (after.safety, after.asked, after.risk) == ("aman", "", Risk.HIGH)


@pytest.mark.parametrize(
    "text", ["TIDAK", "tdk", "tidak aman", "Ga aman", "mboten", "belum", "TIDAK!", "Tidak, dia ada"]
)
def test_not_safe_is_high_risk_at_once(text: str) -> None:
    before = report(asked="safety", safety="")
    effects = texting(text, office=ASKING, reports=(before,))
    assert latest(effects, before).risk is Risk.HIGH
    assert called(effects) == ["ani"]
    assert "telepon 110" in " ".join(answers(effects))


def test_an_office_that_asks_asks_one_question_only() -> None:
    said = answers(texting("dia marah", office=ASKING))[0]
    assert said.count("?") == 1 and "aman" in said


@pytest.mark.parametrize(("data", "risk"), [("r:aman", Risk.MEDIUM), ("r:tidak", Risk.HIGH)])
def test_dewi_answers_with_a_button(data: str, risk: Risk) -> None:
    before = report(reporter_id=DEWI.id)
    effects = decide(scene(DEWI, reports=(before,)), chat(pressed=data, press_id="99"))
    assert latest(effects, before).risk is risk and of(AnswerPress, effects)


@pytest.mark.parametrize("data", ["-", "r:", "r:hapus", f"baca:{NUMBER}:123456", f"tutup:{NUMBER}", "x" * 64])
def test_forged_buttons_of_a_stranger_do_nothing(data: str) -> None:
    effects = decide(scene(DEWI, named=report()), chat(pressed=data, press_id="99"))
    assert [effect.status for effect in of(SetApart, effects)] == ["ignored"]
    assert {type(effect) for effect in effects} == {AnswerPress, SetApart}


# Batal, berhenti


@pytest.mark.parametrize("text", ["BATAL", "batal.", " Batal! ", "salah kirim", "bercanda", "lupakan"])
def test_batal_closes_nothing_and_a_person_looks(text: str) -> None:
    before = report()
    effects = texting(text, reports=(before,))
    after = latest(effects, before)
    assert (after.status, after.flags) == (Status.NEW, ("diduga_bukan_pelapor",)) and after.due_at == before.due_at
    assert answers(effects) == ["Baik."]


@pytest.mark.parametrize("text", ["BERHENTI", "stop", "STOP!", "unreg"])
def test_berhenti_stops_the_machine_and_not_the_report(text: str) -> None:
    before = report()
    effects = texting(text, reports=(before,))
    after = latest(effects, before)
    assert (after.status, after.flags) == (Status.NEW, ("minta_berhenti",)) and after.due_at == before.due_at
    assert remembered(effects).muted


@pytest.mark.parametrize(
    "text",
    [
        "tolong stop dia pukul saya",
        "berhenti memukul saya",
        "stop kekerasan",
        "batal cerai dia memukul",
        "batalkan nikah",
    ],
)
def test_words_with_stop_in_them_are_a_report(text: str) -> None:
    effects = texting(text)
    assert set(opened(effects).flags) <= {SUGGESTED}
    assert not any(effect.reporter.muted for effect in of(RememberReporter, effects))


def test_a_muted_phone_hears_nothing_and_its_report_is_kept() -> None:
    effects = texting("dia bawa pisau", who=replace(SARI, muted=True))
    assert opened(effects).risk is Risk.HIGH and answers(effects) == [] and called(effects) == ["ani"]


# Help, languages


@pytest.mark.parametrize("text", ["BANTUAN", "info", "/bantuan", "INFO?"])
def test_help_is_said_and_opens_nothing(text: str) -> None:
    effects = texting(text)
    assert "Tulis pesan apa saja" in answers(effects)[0] and not of(OpenReport, effects)


@pytest.mark.parametrize(
    ("text", "language"), [("BAHASA jawa", "jv"), ("basa#sunda", "su"), ("bahasa Indonesia", "id")]
)
def test_bahasa_changes_the_language_at_once(text: str, language: str) -> None:
    effects = texting(text)
    changed = remembered(effects)
    assert changed.language == language
    assert answers(effects) == [texts.render(of(Say, effects)[0].words, language)]  # type: ignore[arg-type]


def test_after_bahasa_jawa_the_answers_are_javanese() -> None:
    changed = remembered(texting("BAHASA jawa"))
    javanese, indonesian = answers(texting(WORDS, who=changed)), answers(texting(WORDS))
    assert javanese != indonesian and NUMBER in javanese[0]


def test_bahasa_of_a_quiet_phone_is_remembered_all_the_same() -> None:
    quiet = replace(SARI, helped=tuple(range(NOW - 6, NOW)))
    effects = texting("BAHASA jawa", who=quiet)
    assert answers(effects) == [] and remembered(effects).language == "jv"


# How often we answer


@pytest.mark.parametrize(("text", "most"), [("TAMBAH lagi", 3), ("STATUS", 3), ("MENU", 6)])
def test_few_answers_an_hour_and_no_more(text: str, most: int) -> None:
    """Three, as the safety sheet asks; only the steps of a menu have a budget of their own."""
    who, said = SARI, 0
    for minute in range(60):
        situation = replace(scene(who, reports=(report(),)), now=NOW + minute * MINUTE)
        effects = decide(situation, sms(text))
        said += len(answers(effects))
        who = remembered(effects)
    assert said == most
    later = replace(scene(who, reports=(report(),)), now=NOW + 61 * MINUTE)
    assert len(answers(decide(later, sms(text)))) == 1


def test_the_fourth_message_is_kept_and_called_for_though_nothing_is_said() -> None:
    effects = texting("TOLONG", who=replace(SARI, autos=(NOW - 3, NOW - 2, NOW - 1)))
    assert opened(effects).risk is Risk.HIGH and answers(effects) == [] and called(effects) == ["ani"]


def test_our_own_number_hears_nothing() -> None:
    effects = texting("Pesan Anda sudah kami terima.", who=replace(SARI, silent=True))
    assert answers(effects) == [] and opened(effects)


@pytest.mark.parametrize("kind", ["word", "short"])
def test_promotions_are_set_apart(kind: str) -> None:
    effects = decide(scene(), sms("Paket data murah TOLONG", facts={"sender": kind}))
    assert [type(effect) for effect in effects] == [SetApart]


def test_groups_are_not_answered() -> None:
    effects = decide(scene(DEWI), chat("TOLONG", group=True))
    assert [type(effect) for effect in effects] == [SetApart]


def test_no_event_holds_a_word_of_the_reporter() -> None:
    for situation in (scene(), scene(reports=(report(),)), scene(reports=(taken(),))):
        effects = decide(situation, sms("TOLONG rahasia Juwana"))
        assert "rahasia" not in str(of(Log, effects))


# What an automatic answer may be: every sentence a reporter can get, by real decisions, in every language

LONGEST = OFFICE.replace('emergency = "110"', 'emergency = "11911"')
OFFICES = [parse(LONGEST), parse(LONGEST.replace('"11911"', '"11911"\ngreeting = "asking"'))]
LONG_NUMBER = "48219370"
TEXTS = [
    WORDS, "LAPOR Juwana x", "TOLONG", "STATUS", f"STATUS {OTHER}", "BANTUAN", "BAHASA jawa", "BAHASA sunda", "BATAL",
    "BERHENTI", "AMAN", "TIDAK", "YA", "TAMBAH x", "Juwana", "/start",
]  # fmt: skip
THREADS = [
    (),
    (report(number=LONG_NUMBER, area="", asked="area"),),
    (report(number=LONG_NUMBER, asked="safety"),),
    (taken(number=LONG_NUMBER, status=Status.CONTACTED),),
    (report(number=LONG_NUMBER, status=Status.CLOSED),),
]


def everything_said(language: str, but: str = "-") -> set[str]:
    said: set[str] = set()
    for office in OFFICES:
        for text in (text for text in TEXTS if not text.startswith(but)):
            for thread in THREADS:
                said |= set(answers(_decided(office, language, text, thread)))
    return said


def _decided(office: Office, language: str, text: str, thread: tuple) -> list[Effect]:  # type: ignore[type-arg]
    situation = scene(replace(SARI, language=language), office, reports=thread)
    fresh = replace(situation.fresh, number=LONG_NUMBER)
    return decide(replace(situation, fresh=fresh), Inbound("x", Medium.SMS, SARI.address, text))


@pytest.mark.parametrize("language", texts.languages())
def test_every_automatic_answer_fits_one_plain_sms_and_endangers_nobody(language: str) -> None:
    said = everything_said(language)
    assert len(said) >= 14
    for sentence in said:
        limit = 2 if "BAHASA" in sentence else 1  # help may take two
        assert gsm7(sentence) == sentence and segments(sentence) <= limit, sentence
        assert sentences.found_in(sentence, sentences.unsafe("id")["topic"]) == [], sentence
        assert sentence.count("?") <= 1 and not sentence.isupper(), sentence


@pytest.mark.parametrize("language", ["jv", "su"])
def test_every_automatic_answer_is_translated(language: str) -> None:
    assert everything_said(language, but="BAHASA") & everything_said("id", but="BAHASA") <= {"Baik."}


def test_the_first_answer_names_the_danger_number_of_the_office() -> None:
    quiet = parse(OFFICE.replace('emergency = "110"', 'emergency = ""'))
    assert "110" in answers(texting(WORDS))[0]
    assert answers(texting("LAPOR Juwana x", office=quiet)) == [f"Pesan Anda sudah kami terima. Nomor {NUMBER}."]
    assert PATI.office.emergency == "110"
