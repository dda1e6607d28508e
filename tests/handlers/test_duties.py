"""PIKET, GANTI, CUTI, KEMBALI: who asks, who agrees, who stands in, and who hears of it when nobody does."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model import CODE, Event, Inbound, Medium, Person, Risk
from gateway.office import Office
from gateway.office_file import parse
from gateway.rota import Change, Rota
from gateway.sms import gsm7, segments
from handlers import decide, duties
from handlers.effects import AddMessage, ChangeRota, Effect, Keep, Log, OpenReport, Say, Situation, SpendCode, Tell
from tests.handlers.scene import (
    ANI,
    BUDI,
    CITRA,
    EVERYBODY,
    HOUR,
    KEPALA,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    by_sms,
    in_chat,
    of,
    report,
    scene,
    taken,
    told,
)
from tests.harness import OFFICE
from tests.test_rota import at

# Ani and Budi share the nights (Ani on even days of November 2026), Bu Kepala has the days; Citra is layer 2.
SHIFTS = """[[duty]]
name = "malam"
from = "18:00"
until = "07:00"
people = ["ani", "budi"]
rotate = "daily"
since = 2026-11-24

[[duty]]
name = "siang"
from = "07:00"
until = "18:00"
people = ["kepala"]

"""
BACKUP = '[[duty]]\nlayer = 2\nfrom = "00:00"\nuntil = "24:00"\npeople = ["citra"]\n\n'
START, END = OFFICE.index("[[duty]]"), OFFICE.index("[ladder.high]")
NIGHTS = parse(OFFICE[:START] + SHIFTS + OFFICE[END:])
LAYERED = parse(OFFICE[:START] + SHIFTS + BACKUP + OFFICE[END:])
DAY = 24 * HOUR


def looking(office: Office = NIGHTS, *made: Change, **looks: object) -> Situation:
    """What there is to look at on Wednesday 25 November at 10."""
    return scene(office=office, rota=Rota(office, made), **looks)  # type: ignore[arg-type]


def writes(person: Person, text: str, s: Situation, **more: object) -> list[Effect]:
    message = Inbound("telegram", Medium.CHAT, person.telegram, text, ref="5")
    return decide(replace(s, person=person), replace(message, **more))  # type: ignore[arg-type]


def texts_in(person: Person, text: str, s: Situation) -> list[Effect]:
    return decide(replace(s, person=person), Inbound("africastalking", Medium.SMS, person.phone, text, ref="s"))


def changed(effects: list[Effect]) -> Change:
    [change] = [effect.change for effect in of(ChangeRota, effects)]
    return change


def to(person: Person, effects: list[Effect]) -> str:
    """What one person is shown in a chat."""
    return "\n".join(in_chat(tell) for tell in of(Tell, effects) if tell.person.id == person.id)


def asked(person: str = "ani", stand_in: str = "budi", **more: object) -> Change:
    """Ani has asked Budi for the night of the 26th."""
    usual = Change(77, "swap", person, stand_in, at("2026-11-26 18:00"), at("2026-11-27 07:00"))
    return replace(usual, **({"state": "asked", "asked_at": NOW - HOUR, "rev": 0} | more))  # type: ignore[arg-type]


def away(person: str, start: str, end: str, number: int = 50) -> Change:
    return Change(number, "leave", person, "", at(start), at(end), rev=0)


# PIKET


def test_piket_says_who_is_on_until_when_and_who_is_next() -> None:
    said = to(BUDI, writes(BUDI, "PIKET", looking(LAYERED)))
    assert said.splitlines() == ["Piket 1: Bu Kepala sampai 25/11 18.00 WIB, lalu Budi.", "Piket 2: Citra."]


def test_piket_by_sms_needs_no_code_and_answers_the_phone_on_file() -> None:
    effects = texts_in(ANI, "piket", looking())
    assert {tell.person for tell in of(Tell, effects)} == {ANI} and "Bu Kepala" in told(effects)


def test_piket_says_that_nobody_is_on() -> None:
    s = looking(NIGHTS, away("kepala", "2026-11-25 08:00", "2026-11-26 00:00"))
    assert "Piket 1: tidak ada orang sampai 25/11 18.00 WIB" in to(ANI, writes(ANI, "/piket", s))


# GANTI


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("GANTI budi besok", "2026-11-26 18:00", "2026-11-27 07:00"),
        ("/ganti Budi 26/11", "2026-11-26 18:00", "2026-11-27 07:00"),
        ("ganti: budi, 26-11", "2026-11-26 18:00", "2026-11-27 07:00"),
        ("GANTI budi kamis", "2026-11-26 18:00", "2026-11-27 07:00"),
        ("GANTI kepala 26/11-28/11", "2026-11-26 18:00", "2026-11-29 07:00"),
    ],
)
def test_a_stand_in_is_asked_and_until_then_nothing_changes(text: str, start: str, end: str) -> None:
    s = looking()
    effects = writes(ANI, text, s)
    change = changed(effects)
    assert (change.person, change.state, change.from_at, change.until_at) == ("ani", "asked", at(start), at(end))
    assert change.id == s.fresh.report_id and change.rev == -1
    assert s.rota.with_change(change).on_duty(at("2026-11-26 20:00")) == ("ani",)
    [request] = [tell for tell in of(Tell, effects) if tell.kind == "rota"]
    assert request.person.ref == change.stand_in and "Ani minta Anda" in in_chat(request)
    assert [button.data for button in request.buttons] == [f"ganti:{change.id}:ya", f"ganti:{change.id}:tidak"]
    assert f"{CODE}Y" in by_sms(request) and f"{CODE}X" in by_sms(request) and request.report_id == change.id
    assert "Sampai setuju" in to(ANI, effects)


REFUSED = [
    ("GANTI ani besok", "Anda sendiri", ()),
    ("GANTI budi lusa", "tidak punya giliran", ()),
    ("GANTI citra besok", "tidak boleh membaca", ()),
    ("GANTI budi besok", "cuti pada waktu itu", (away("budi", "2026-11-27 00:00", "2026-11-28 00:00"),)),
    ("GANTI dewi besok", "Tulis nama dan hari", ()),
    ("GANTI budi", "Tulis nama dan hari", ()),
    ("GANTI budi kapan-kapan", "Tulis nama dan hari", ()),
    ("ganti baju dulu ya", "Tulis nama dan hari", ()),
    ("ganti", "Tulis nama dan hari", ()),
    ("GANTI budi 24/11/2020", "Tulis nama dan hari", ()),
]


@pytest.mark.parametrize(("text", "words", "made"), REFUSED)
def test_a_swap_that_cannot_be_is_refused_in_one_sentence(text: str, words: str, made: tuple[Change, ...]) -> None:
    effects = writes(ANI, text, looking(NIGHTS, *made))
    [answer] = of(Tell, effects)
    assert words in in_chat(answer) and answer.person == ANI and not of(ChangeRota, effects)


def test_who_is_on_that_shift_already_cannot_stand_in() -> None:
    both = parse((OFFICE[:START] + SHIFTS + OFFICE[END:]).replace('rotate = "daily"\nsince = 2026-11-24\n', ""))
    effects = writes(ANI, "GANTI budi besok", looking(both))
    assert "sudah bertugas" in told(effects) and not of(ChangeRota, effects)


def test_who_cannot_be_reached_cannot_stand_in() -> None:
    people = EVERYBODY | {"budi": replace(BUDI, phone="", chat_works=False)}
    assert "tidak dapat dihubungi" in told(writes(ANI, "GANTI budi besok", looking(people=people)))


def test_the_one_on_leave_may_still_find_a_stand_in() -> None:
    s = looking(NIGHTS, away("ani", "2026-11-25 09:00", "2026-11-30 00:00"))
    change = changed(writes(ANI, "GANTI budi besok", s))
    agreed = s.rota.with_change(replace(change, state="agreed"))
    assert agreed.on_duty(at("2026-11-26 20:00")) == ("budi",)


def test_a_shift_that_runs_can_be_handed_on_from_now() -> None:
    s = looking(NIGHTS)
    change = changed(writes(KEPALA, "/ganti ani hari ini", s))
    assert (change.from_at, change.until_at, change.expires_at) == (NOW, at("2026-11-25 18:00"), at("2026-11-25 18:00"))


def press(person: Person, change: Change, yes: bool, s: Situation) -> list[Effect]:
    data = f"ganti:{change.id}:{'ya' if yes else 'tidak'}"
    return writes(person, "", s, pressed=data, press_id="9")


def by_code(person: Person, change: Change, yes: bool, s: Situation) -> list[Effect]:
    coded = replace(s, code="good", coded_change=change.id)
    return texts_in(person, f"482913{'Y' if yes else 'X'}", coded)


@pytest.mark.parametrize("door", [press, by_code])
def test_when_the_stand_in_agrees_both_hear_and_it_holds(door) -> None:  # type: ignore[no-untyped-def]
    s = looking(NIGHTS, asked())
    effects = door(BUDI, asked(), True, s)
    change = changed(effects)
    assert change == replace(asked(), state="agreed")
    assert s.rota.with_change(change).on_duty(at("2026-11-26 20:00")) == ("budi",)
    assert "Budi setuju" in to(ANI, effects) and "menggantikan Ani" in to(BUDI, effects)
    assert bool(of(SpendCode, effects)) == (door is by_code)


@pytest.mark.parametrize("door", [press, by_code])
def test_when_the_stand_in_refuses_both_hear_and_nothing_changes(door) -> None:  # type: ignore[no-untyped-def]
    effects = door(BUDI, asked(), False, looking(NIGHTS, asked()))
    assert changed(effects).state == "refused"
    assert "Tetap giliran Anda" in to(ANI, effects) and "Anda menolak" in to(BUDI, effects)


STALE = [
    ("refused before", ANI, asked(state="agreed"), NOW),
    ("somebody else's", CITRA, asked(), NOW),
    ("begun", BUDI, asked(), at("2026-11-26 18:00")),
    ("over", BUDI, asked(asked_at=at("2026-11-26 19:00"), from_at=at("2026-11-26 18:30")), at("2026-11-27 07:00")),
]


@pytest.mark.parametrize(("person", "change", "now"), [case[1:] for case in STALE], ids=[case[0] for case in STALE])
def test_an_answer_that_comes_too_late_or_from_another_changes_nothing(
    person: Person, change: Change, now: int
) -> None:
    effects = press(person, change, True, replace(looking(NIGHTS, change), now=now))
    assert not of(ChangeRota, effects) and "tidak berlaku" in to(person, effects)


def test_an_agreement_to_a_shift_that_went_elsewhere_is_called_off() -> None:
    other = asked(stand_in="citra", state="agreed", id=60)  # Citra said yes first
    effects = press(BUDI, asked(), True, looking(NIGHTS, other, asked()))
    assert changed(effects).state == "ended"
    assert "sudah berubah" in to(ANI, effects) and "sudah berubah" in to(BUDI, effects)


def test_a_request_nobody_answers_ends_when_the_shift_begins() -> None:
    s = looking(NIGHTS, asked())
    assert duties.expired(replace(s, now=at("2026-11-26 17:59"))) == []
    effects = duties.expired(replace(s, now=at("2026-11-26 18:00")))
    assert changed(effects).state == "ended" and "tidak menjawab" in to(ANI, effects)


# CUTI and KEMBALI


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("CUTI 3 hari", None, "2026-11-28 00:00"),
        ("cuti hari ini", None, "2026-11-26 00:00"),
        ("/cuti 26/11-28/11", "2026-11-26 00:00", "2026-11-29 07:00"),  # the night of the 28th is hers
        ("CUTI besok", "2026-11-26 00:00", "2026-11-27 07:00"),
        ("CUTI jumat", "2026-11-27 07:00", "2026-11-28 00:00"),  # after the night of the 26th
    ],
)
def test_leave_begins_now_or_on_its_day(text: str, start: str | None, end: str) -> None:
    change = changed(writes(ANI, text, looking(LAYERED)))
    assert (change.kind, change.person, change.state) == ("leave", "ani", "agreed")
    assert (change.from_at, change.until_at) == (at(start) if start else NOW, at(end))


def test_leave_says_who_stands_in() -> None:
    effects = writes(ANI, "CUTI besok", looking(LAYERED))
    assert "Pengganti: Citra." in to(ANI, effects) and {tell.person for tell in of(Tell, effects)} == {ANI}


def test_leave_of_somebody_without_a_turn_then_says_so() -> None:
    assert "Tidak ada giliran" in to(CITRA, writes(CITRA, "CUTI 3 hari", looking()))


def test_leave_that_leaves_nobody_is_not_refused_but_said_and_the_head_hears_of_it() -> None:
    effects = writes(ANI, "CUTI besok", looking())
    assert changed(effects).kind == "leave"
    assert "Tidak ada pengganti 26/11 18.00 - 27/11 07.00 WIB!" in to(ANI, effects)
    [alarm] = [tell for tell in of(Tell, effects) if tell.kind == "alarm"]
    assert alarm.person == KEPALA and "tidak ada yang piket 26/11 18.00" in by_sms(alarm)
    assert [log.kind for log in of(Log, effects)] == [Event.DUTY, Event.ALARM]


def test_when_the_head_goes_the_deputies_hear_of_the_gap() -> None:
    effects = writes(KEPALA, "/cuti hari ini", looking())
    assert {tell.person.ref for tell in of(Tell, effects) if tell.kind == "alarm"} == {"budi"}


@pytest.mark.parametrize("text", ["cuti", "cuti dulu ya semua", "CUTI kemarin", "CUTI 0 hari", "/cuti 31/2"])
def test_leave_that_is_no_time_is_answered_with_the_form(text: str) -> None:
    effects = writes(ANI, text, looking())
    assert "CUTI 3 hari" in told(effects) and not of(ChangeRota, effects)


def test_leave_of_half_a_year_and_more_is_asked_for_in_parts() -> None:
    assert not of(ChangeRota, writes(ANI, "CUTI 200 hari", looking()))
    assert changed(writes(ANI, "CUTI 190 hari", looking())).kind == "leave"


def test_coming_back_ends_the_leave_that_runs() -> None:
    running, later = (
        away("ani", "2026-11-24 00:00", "2026-11-28 00:00"),
        away("ani", "2026-12-24 00:00", "2026-12-28 00:00", 51),
    )
    s = looking(NIGHTS, running, later)
    effects = writes(ANI, "KEMBALI", s)
    assert changed(effects) == replace(running, state="ended")
    assert s.rota.with_change(changed(effects)).on_duty(at("2026-11-26 20:00")) == ("ani",)
    assert changed(writes(ANI, "kembali", looking(NIGHTS, later))) == replace(later, state="ended")


@pytest.mark.parametrize(("text", "words"), [("kembali", "tidak sedang cuti"), ("kembali ke rumah", "tanpa kata lain")])
def test_coming_back_without_leave_or_with_other_words_changes_nothing(text: str, words: str) -> None:
    effects = writes(ANI, text, looking())
    assert words in told(effects) and not of(ChangeRota, effects)


# Everyday words, and SMS that prove nothing


@pytest.mark.parametrize("text", ["kembali", "ganti baju dulu, Bu", "cuti besok", "ganti budi besok", "piket"])
def test_an_everyday_word_in_a_reply_is_neither_done_nor_sent(text: str) -> None:
    s = looking(LAYERED, away("ani", "2026-11-24 00:00", "2026-11-28 00:00"), about=taken(), about_kind="reveal")
    effects = writes(ANI, text, s, reply_to="4")
    assert not of(ChangeRota, effects) and not of(Say, effects) and "Belum dikirim" in told(effects)


CHANGING = ["GANTI budi besok", "CUTI 3 hari", "KEMBALI"]


@pytest.mark.parametrize("text", CHANGING)
@pytest.mark.parametrize("code", ["", "used", "expired", "wrong"])
def test_an_sms_without_a_good_code_changes_nothing(text: str, code: str) -> None:
    s = looking(LAYERED, away("ani", "2026-11-24 00:00", "2026-11-25 23:00"), code=code)
    effects = texts_in(ANI, text.replace(" ", " 482913 ", 1) if code else text, s)
    assert not [e for e in effects if isinstance(e, ChangeRota | SpendCode | Keep | AddMessage | OpenReport | Say)]
    [answer] = of(Tell, effects)
    assert answer.person == ANI
    fresh = (answer.kind, answer.report_id, answer.only) == ("rota", s.fresh.report_id, "sms") and CODE in by_sms(
        answer
    )
    assert fresh == (code != "wrong")


@pytest.mark.parametrize("text", CHANGING)
def test_with_a_code_of_the_rota_an_sms_changes_it_once(text: str) -> None:
    s = looking(LAYERED, away("ani", "2026-11-24 00:00", "2026-11-25 23:00"), code="good", coded_change=99)
    effects = texts_in(ANI, f"{text.partition(' ')[0]} 482913 {text.partition(' ')[2]}", s)
    assert changed(effects) and of(SpendCode, effects)


@pytest.mark.parametrize("text", ["GANTI 482913 budi besok", "CUTI 482913 3 hari"])
def test_a_report_s_code_changes_no_rota(text: str) -> None:
    effects = texts_in(ANI, text, looking(code="good", coded=report()))
    assert not of(ChangeRota, effects) and not of(SpendCode, effects)


@pytest.mark.parametrize("letter", "ABRCNTSPLGKJYX")
def test_a_code_of_the_rota_opens_no_report(letter: str) -> None:
    s = looking(code="good", coded_change=99, owned=(taken(),), about=taken(), about_kind="ping")
    effects = texts_in(ANI, f"482913{letter} {NUMBER}", s)
    assert not [e for e in effects if isinstance(e, Keep | AddMessage | Say | ChangeRota)]
    assert not [tell for tell in of(Tell, effects) if tell.kind == "reveal"]


def test_after_five_wrong_codes_no_agreement_by_sms() -> None:
    tired = replace(BUDI, tries=tuple(NOW - n * MINUTE for n in range(5)))
    assert not of(ChangeRota, by_code(tired, asked(), True, looking(NIGHTS, asked())))


# By the clock


def test_the_note_at_a_change_of_shift_lists_reports_and_no_word_of_them() -> None:
    open_ones = (report(), taken(id=22, number=OTHER, risk=Risk.HIGH))
    s = looking(waiting=open_ones)
    note = duties.handed_over(s, BUDI)
    lines = [line.strip() for line in in_chat(note).splitlines()]
    assert lines[0] == "Giliran piket Anda mulai. 2 laporan terbuka, 1 belum diambil:"
    assert lines[1].startswith(f"#{OTHER} Juwana TINGGI") and lines[2].startswith(f"#{NUMBER} Juwana SEDANG")
    assert by_sms(note) == "Giliran piket Anda mulai. 2 laporan terbuka, 1 belum diambil. Balas: DAFTAR"


def test_the_note_says_that_nothing_is_open() -> None:
    assert "Tidak ada laporan terbuka" in in_chat(duties.handed_over(looking(), BUDI))


def test_the_note_shows_citra_of_tayu_nothing_of_juwana() -> None:
    note = duties.handed_over(looking(waiting=(report(),)), CITRA)
    assert NUMBER not in in_chat(note) and "Tidak ada laporan" in in_chat(note)


def test_an_empty_rota_and_a_missing_year_reach_those_who_can_mend_them() -> None:
    assert {tell.person.ref for tell in of(Tell, duties.nobody_now(looking()))} == {"kepala"}
    assert {tell.person.ref for tell in of(Tell, duties.calendar_missing(looking(), 2028))} == {"budi"}
    gone = looking(NIGHTS, away("kepala", "2026-11-25 00:00", "2026-11-26 00:00"))
    assert {tell.person.ref for tell in of(Tell, duties.nobody_now(gone))} == {"budi"}


LONG = Person(9, "panjang", "N" * 60, "koordinator", ("id",), (), "+6281100000109", "100000109")


def test_every_sentence_that_goes_by_sms_fits_one() -> None:
    """With the longest values: names, spans, counts. Six digits stand for the code."""
    people = {ref: replace(person, name="N" * 60) for ref, person in EVERYBODY.items()}
    s = looking(NIGHTS, asked(), people=people, waiting=(report(),) * 99)
    asking = replace(s, person=people["ani"])
    effects = [
        *writes(people["ani"], "GANTI budi besok", asking),
        *press(people["budi"], asked(), True, s),
        *press(people["budi"], asked(), False, s),
        *duties.expired(replace(s, now=asked().from_at)),
        *writes(people["ani"], "KEMBALI", asking),
        *writes(people["ani"], "GANTI", asking),
        *writes(people["ani"], "CUTI", asking),
        *duties.nobody_now(s),
        *duties.calendar_missing(s, 2028),
        *duties.gap_alarms(
            s, s.rota.with_change(away("ani", "2026-11-26 00:00", "2026-11-30 00:00")).holes(NOW, NOW + 5 * DAY)
        ),
        duties.handed_over(s, people["ani"]),
    ]
    for tell in of(Tell, effects):
        said = gsm7(by_sms(tell).replace(CODE, "482913"))
        assert segments(said) == 1, said


WORDS = st.sampled_from(
    ["budi", "ani", "besok", "24/11", "-", "26/11", "3 hari", "482913", NUMBER, "", "ke rumah", "/"]
)
VERBS = st.sampled_from(["GANTI", "CUTI", "KEMBALI", "PIKET", "/ganti", "cuti:"])


@settings(max_examples=300, derandomize=True, deadline=None)
@given(VERBS, st.lists(WORDS, max_size=5).map(" ".join) | st.text(max_size=40), st.booleans())
def test_any_words_behind_a_verb_have_an_answer_and_touch_no_report(verb: str, rest: str, phone: bool) -> None:
    s = looking(LAYERED, asked(), owned=(taken(),))
    effects = (texts_in if phone else writes)(ANI, f"{verb} {rest}", s)
    assert of(Tell, effects)
    assert not [effect for effect in effects if isinstance(effect, Keep | AddMessage | Say | OpenReport)]
    assert not (phone and of(ChangeRota, effects))
