"""What people of the office do by button, chat and SMS, and who may do it to which report."""

from dataclasses import replace

import pytest

from gateway import texts
from gateway.model import Direction, Event, Inbound, Medium, Message, Person, Report, Risk, Status
from handlers import decide
from handlers.effects import (
    AddMessage,
    BindChat,
    Effect,
    Keep,
    Log,
    OpenReport,
    RememberPerson,
    Say,
    SpendCode,
    Tell,
    Withdraw,
)
from tests.handlers.scene import (
    ANI,
    BUDI,
    CITRA,
    DEWI,
    EVERYBODY,
    HOUR,
    JUWANA,
    KEPALA,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    SARI,
    TAYU,
    answers,
    called,
    in_chat,
    latest,
    of,
    opened,
    report,
    scene,
    taken,
    told,
)
from tests.handlers.staff import SECRET, by_button, by_chat, by_phone, by_reply

LETTERS = {"AMBIL": "A", "BACA": "B", "BALAS": "R", "CATAT": "C", "NAIK": "N", "TUTUP": "T"}
WORDS = {"BALAS": "Kami datang", "CATAT": "sudah ditelepon", "TUTUP": "aman di rumah ibu"}
CHANGING = [*LETTERS]


def through(door: str, verb: str, about: Report, person: Person = ANI) -> list[Effect]:
    """The same act by each of the doors."""
    words = WORDS.get(verb, "")
    match door:
        case "button":
            return by_button(person, verb.lower(), about)
        case "reply":
            return by_reply(person, f"/{verb} {words}" if verb != "BALAS" else words, about)
        case "sms":
            return by_phone(person, f"482913{LETTERS[verb]} {words}", about)
    return by_chat(person, f"{verb} {about.number} {words}", about)


DOORS = [(door, verb) for door in ("command", "reply", "sms", "button") for verb in LETTERS]
DOORS = [(door, verb) for door, verb in DOORS if not (door == "button" and verb in WORDS)]


@pytest.mark.parametrize(("door", "verb"), DOORS)
def test_one_meaning_through_every_door(door: str, verb: str) -> None:
    before = report() if verb == "AMBIL" else taken()
    effects = through(door, verb, before)
    after = latest(effects, before)
    match verb:
        case "AMBIL":
            assert (after.status, after.owner_id, after.seen_at) == (Status.TAKEN, ANI.id, NOW)
            assert of(Withdraw, effects) and after.due_at > NOW
        case "BACA":
            [shown] = [tell for tell in of(Tell, effects) if tell.kind == "reveal"]
            assert SECRET in in_chat(shown) and shown.reveal and shown.only == ("sms" if door == "sms" else "chat")
            assert [log.kind for log in of(Log, effects)] == [Event.READ]
        case "BALAS":
            assert answers(effects) == ["Kami datang"]
            assert (after.status, after.contacted_at, after.waiting_since) == (Status.CONTACTED, NOW, 0)
        case "CATAT":
            assert [(m.direction, m.text) for m in of(AddMessage, effects)] == [(Direction.NOTE, "sudah ditelepon")]
            assert not of(Say, effects)
        case "NAIK":
            assert "budi" in called(effects)
        case "TUTUP":
            assert (after.status, after.due_at) == (Status.CLOSED, 0) and not of(Say, effects)
    assert bool(of(SpendCode, effects)) == (door in ("sms", "button"))


@pytest.mark.parametrize("text", ["/ambil {n}", "ambil #{n}", "Ambil: {n}", "/AMBIL@KentonganBot {n}", "AMBIL\n{n}"])
def test_a_command_is_understood_in_many_spellings(text: str) -> None:
    effects = by_chat(ANI, text.format(n=NUMBER), report())
    assert latest(effects, report()).owner_id == ANI.id


@pytest.mark.parametrize("text", ["482913A", "482913a", " 482913 A ", "482913A.", '"482913A"', "#482913a"])
def test_a_code_is_understood_in_many_spellings(text: str) -> None:
    assert latest(by_phone(ANI, text, report()), report()).owner_id == ANI.id


HALF_MEANT = [
    "CATAT ibu ada di rumah adiknya di Tayu",
    "catat: dia sembunyi di balai desa",
    "TUTUP aman di rumah ibu di Tayu",
    "NAIK pelaku polisi",
]


@pytest.mark.parametrize("text", HALF_MEANT)
def test_a_note_written_as_a_reply_never_goes_to_the_reporter_s_phone(text: str) -> None:
    """Her phone may be in his hands. Carry the verb out or ask back; but where she hides must not be sent there."""
    effects = by_reply(ANI, text, taken())
    assert answers(effects) == []


@pytest.mark.parametrize("text", ["tutup pintu dulu, Bu", "naik bus saja, Bu"])
def test_an_answer_that_begins_like_a_verb_closes_nothing(text: str) -> None:
    effects = by_reply(ANI, text, taken())
    assert latest(effects, taken()).status is not Status.CLOSED


# Two at once


def test_two_take_one_owns_and_the_other_is_told() -> None:
    before = report()
    after = latest(by_button(ANI, "ambil", before), before)
    effects = by_button(BUDI, "ambil", after)
    assert not of(Keep, effects) and f"#{NUMBER} sudah diambil Ani." in told(effects)


def test_the_owner_who_takes_again_is_told_so() -> None:
    effects = by_button(ANI, "ambil", taken())
    assert not of(Keep, effects) and "sudah Anda ambil" in told(effects)


def test_a_report_left_alone_may_be_taken_over_and_both_hear_of_it() -> None:
    left = taken(seen_at=NOW - 3 * HOUR, waiting_since=NOW - 3 * HOUR)
    effects = by_button(BUDI, "ambil", left)
    assert latest(effects, left).owner_id == BUDI.id
    assert {tell.person.ref for tell in of(Tell, effects)} == {"ani", "budi"}


def test_another_cannot_answer_into_a_report_somebody_works_on() -> None:
    effects = by_chat(BUDI, f"BALAS {NUMBER} halo", taken())
    assert not of(Say, effects) and not of(AddMessage, effects)


# Who may do what

ROLES = ["sekretaris", "satgas", "mitra", "kabid", "kepala_dinas"]


@pytest.mark.parametrize("verb", CHANGING)
@pytest.mark.parametrize("door", ["command", "reply"])
def test_citra_of_tayu_may_do_nothing_to_juwana_and_sees_no_word_of_it(door: str, verb: str) -> None:
    effects = through(door, verb, report(area=JUWANA), CITRA)
    assert SECRET not in str(of(Tell, effects))
    assert not [effect for effect in effects if isinstance(effect, Keep | AddMessage | Say | OpenReport)]
    assert [log.kind for log in of(Log, effects)] == [Event.REFUSED]


@pytest.mark.parametrize("verb", ["baca", "ambil", "naik"])
@pytest.mark.parametrize("code", ["wrong", "used", "expired", ""])
def test_citra_forges_no_button(verb: str, code: str) -> None:
    effects = by_button(CITRA, verb, report(), code)
    assert SECRET not in str(of(Tell, effects)) and not of(Keep, effects)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", ["BACA", "BALAS", "TUTUP"])
def test_roles_that_were_not_called_read_nothing(role: str, verb: str) -> None:
    effects = through("command", verb, report(), replace(ANI, role=role))
    assert SECRET not in str(of(Tell, effects)) and not of(Keep, effects)


def test_whoever_was_called_and_took_it_may_read_it() -> None:
    citras = latest(by_button(CITRA, "ambil", report(area=TAYU)), report(area=TAYU))
    assert citras.owner_id == CITRA.id
    assert SECRET in told(by_chat(CITRA, f"BACA {NUMBER}", citras))


def test_a_reader_of_another_area_is_refused_too() -> None:
    tayu = replace(ANI, areas=(TAYU,))
    assert SECRET not in told(by_chat(tayu, f"BACA {NUMBER}", report(area=JUWANA)))
    assert SECRET in told(by_chat(tayu, f"BACA {NUMBER}", report(area=TAYU)))


@pytest.mark.parametrize("person", [CITRA, replace(ANI, areas=(TAYU,))], ids=["citra", "a reader of tayu"])
def test_the_list_shows_people_of_tayu_nothing_of_juwana(person: Person) -> None:
    waiting = (report(), report(id=22, number=OTHER, area=TAYU))
    effects = by_chat(person, "DAFTAR", waiting=waiting)
    assert NUMBER not in told(effects)
    assert person is CITRA or OTHER in told(effects)


def test_the_list_shows_numbers_and_no_words() -> None:
    effects = by_chat(ANI, "daftar", waiting=(report(), taken(id=22, number=OTHER, risk=Risk.HIGH)))
    lines = in_chat(of(Tell, effects)[0]).split("\n")
    assert lines[0].strip() == f"#{OTHER} Juwana TINGGI 10 mnt belum dihubungi"  # the gravest first
    assert lines[1].strip() == f"#{NUMBER} Juwana SEDANG 10 mnt belum diambil"


# SMS proves nothing


@pytest.mark.parametrize("verb", CHANGING)
@pytest.mark.parametrize("code", ["", "wrong", "used", "expired"])
def test_a_forged_sms_changes_and_shows_nothing(verb: str, code: str) -> None:
    about = taken()
    text = f"111111{LETTERS[verb]} x" if code else f"{verb} {NUMBER} x"
    effects = by_phone(ANI, text, about, code, owned=(about,), about=about)
    assert SECRET not in told(effects)
    assert not [effect for effect in effects if isinstance(effect, Keep | AddMessage | Say | SpendCode | OpenReport)]
    assert {tell.person for tell in of(Tell, effects)} == {ANI}  # whatever is answered goes to the real phone
    tries = [len(effect.person.tries) for effect in of(RememberPerson, effects)]
    assert tries == ([1] if code == "wrong" else [])


def test_after_five_wrong_codes_even_a_good_one_waits() -> None:
    tired = replace(ANI, tries=tuple(NOW - n * MINUTE for n in range(5)))
    effects = by_phone(tired, "482913A", report())
    assert not of(Tell, effects) and not of(Keep, effects)
    rested = replace(ANI, tries=tuple(NOW - HOUR - n for n in range(5)))
    assert latest(by_phone(rested, "482913A", report()), report()).owner_id == ANI.id


def test_wrong_codes_by_sms_do_not_lock_the_chat() -> None:
    tired = replace(ANI, tries=(NOW,) * 9)
    assert latest(by_button(tired, "ambil", report()), report()).owner_id == ANI.id


def test_words_from_a_phone_of_the_office_without_verb_reach_nobody() -> None:
    effects = by_phone(ANI, "nanti saya kabari", taken(), "", owned=(taken(),))
    assert not [effect for effect in effects if isinstance(effect, Say | AddMessage | OpenReport | Keep)]


# Details


@pytest.mark.parametrize("verb", ["BALAS", "CATAT", "TUTUP"])
def test_empty_words_do_nothing_and_say_what_to_write(verb: str) -> None:
    effects = by_chat(ANI, f"{verb} {NUMBER}", taken())
    assert verb in told(effects) and not of(Keep, effects) and not of(Say, effects)


@pytest.mark.parametrize("verb", ["AMBIL", "BALAS", "NAIK", "TUTUP"])
def test_a_closed_report_stays_closed(verb: str) -> None:
    closed = taken(status=Status.CLOSED, closed_at=NOW - HOUR, due_at=0)
    effects = through("command", verb, closed)
    assert latest(effects, closed).status is Status.CLOSED and not of(Say, effects)
    assert "sudah ditutup" in told(effects)


def test_a_verb_without_number_means_the_only_report_one_has() -> None:
    [note] = of(AddMessage, by_chat(ANI, "CATAT sudah ditelepon", owned=(taken(),)))
    assert note.report_id == taken().id


def test_words_for_a_reporter_need_a_number_or_a_reply() -> None:
    """The report she means may have been closed or taken a second ago: better ask than reach another survivor."""
    effects = by_chat(ANI, "BALAS Kami datang", owned=(taken(),))
    assert not of(Say, effects) and "yang mana" in told(effects)


def test_a_verb_without_number_is_asked_back_when_there_are_two() -> None:
    effects = by_chat(ANI, "BALAS Kami datang", owned=(taken(), taken(id=22, number=OTHER)))
    assert not of(Say, effects) and "yang mana" in told(effects)


def test_an_answer_goes_out_as_it_was_written() -> None:
    words = "Besok jam 9, nomor 081100000101 ya. BACA ini."
    assert answers(by_chat(ANI, f"BALAS {NUMBER} {words}", taken())) == [words]


def test_an_answer_reaches_the_reporter_of_the_report_and_nobody_else() -> None:
    dewis = taken(reporter_id=DEWI.id)
    [said] = of(Say, by_chat(ANI, f"BALAS {NUMBER} halo", dewis))
    assert said.reporter == DEWI and said.kind == "answer"


def test_what_is_read_is_masked_and_harmless() -> None:
    about = taken()
    odd = Message(1, about.id, Direction.IN, NOW, "NIK 3318080101900001 \u202etolong\x00 \ud83d")
    effects = by_chat(ANI, f"BACA {NUMBER}", about, thread=(odd,))
    shown = in_chat(of(Tell, effects)[0])
    assert "3318080101900001" not in shown and texts.shown(shown) == shown


@pytest.mark.processor(2)
@pytest.mark.parametrize("words", ["😀" * 500, "😭" * 3_000, "a" * 20_000, "a\u0301" * 5_000, "\n" * 9_000])
def test_any_report_can_be_read(words: str) -> None:
    about = taken()
    effects = by_chat(ANI, f"BACA {NUMBER}", about, thread=(Message(1, about.id, Direction.IN, NOW, words),))
    assert len(of(Tell, effects)) == 1


def test_the_reader_is_warned_of_a_cancellation() -> None:
    assert "mungkin bukan dari pelapor" in told(by_chat(ANI, f"BACA {NUMBER}", taken(flags=("diduga_bukan_pelapor",))))


@pytest.mark.parametrize("text", ["LAPOR Juwana adik saya dipukul", "TOLONG", "SOS", "darurat#juwana"])
def test_people_of_the_office_may_report_too(text: str) -> None:
    effects = by_chat(ANI, text, who=replace(DEWI, address=ANI.telegram))
    assert opened(effects).status is Status.NEW


def test_help_tells_the_people_of_the_office_their_verbs() -> None:
    assert "AMBIL" in told(by_chat(ANI, "BANTUAN")) and "ambil" in told(by_phone(ANI, "BANTUAN", None, ""))


@pytest.mark.parametrize("text", [*LETTERS, "DAFTAR", "482913A", f"BACA {NUMBER}", f"TUTUP {NUMBER} selesai"])
def test_strangers_get_no_hint_that_commands_exist(text: str) -> None:
    effects = decide(scene(DEWI, named=report()), Inbound("telegram", Medium.CHAT, DEWI.address, text))
    assert opened(effects).id == 21 and SECRET not in str(of(Say, effects))
    assert all("kami terima" in said for said in answers(effects))


def test_a_wrong_invite_is_greeted_like_anybody() -> None:
    effects = decide(scene(DEWI), Inbound("telegram", Medium.CHAT, DEWI.address, "/start ABCDEFGH2345"))
    assert [type(effect) for effect in effects if isinstance(effect, BindChat | Tell)] == []
    assert answers(effects) == [answers(decide(scene(DEWI), Inbound("telegram", Medium.CHAT, "x", "/start")))[0]]


def test_a_good_invite_binds_this_chat_to_the_person() -> None:
    message = Inbound("telegram", Medium.CHAT, "100000103", "/start ABCDEFGH2345")
    effects = decide(scene(DEWI, invited="kepala"), message)
    assert of(BindChat, effects)[0].person == replace(KEPALA, telegram="100000103")
    assert of(SpendCode, effects) and "Selamat datang, Bu Kepala" in told(effects)


def test_an_invite_by_sms_or_in_a_group_binds_nothing() -> None:
    for medium, group in ((Medium.SMS, False), (Medium.CHAT, True)):
        message = Inbound("x", medium, "+6281100000001", "/start ABCDEFGH2345", group=group)
        assert not of(BindChat, decide(scene(SARI, invited="kepala"), message))


def test_no_event_holds_a_word_or_a_name() -> None:
    for verb in LETTERS:
        logs = of(Log, through("command", verb, taken()))
        assert "Ani" not in str(logs) and not any(word in str(logs) for word in WORDS.values())
    assert EVERYBODY["ani"] is ANI
