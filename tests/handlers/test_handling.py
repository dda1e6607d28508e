"""Handing over, pausing, merging, naming a kind, opening again, the timeline: what changes, and what must not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import DRILL, KINDS, SUGGESTED, Direction, Event, Inbound, Outcome, Person, Report, Risk, Status
from gateway.office_file import parse
from gateway.rota import Change, Rota
from handlers import clocks, decide, escalation, undelivered
from handlers.commands import command
from handlers.effects import AddMessage, Effect, Happening, Keep, Log, OpenReport, Say, Sent, Tell, Withdraw
from handlers.handling import wait_in
from handlers.offering import person_named
from tests.handlers.scene import (
    ANI,
    BUDI,
    CITRA,
    DEWI,
    EVERYBODY,
    HOUR,
    KEPALA,
    MINUTE,
    NOW,
    NUMBER,
    OTHER,
    PATI,
    called,
    chat,
    in_chat,
    latest,
    of,
    report,
    scene,
    sms,
    taken,
    texting,
    told,
)
from tests.handlers.staff import by_button, by_chat, by_phone
from tests.harness import OFFICE

OFFER = PATI.clocks.offer
SARI_ID = 11
WORKING = parse(OFFICE + '\n[hours]\nmon-fri = "07:30-16:00"\nholidays = "ID"\n')
DAY = 24 * HOUR


def contacted(**facts: object) -> Report:
    usual: dict[str, object] = {"status": Status.CONTACTED, "contacted_at": NOW - MINUTE, "answered_at": NOW - MINUTE}
    return taken(**(usual | {"waiting_since": 0, "due_at": NOW + DAY} | facts))


def events(effects: list[Effect]) -> list[Event]:
    return [log.kind for log in of(Log, effects)]


def other(**facts: object) -> Report:
    return report(**({"id": 22, "number": OTHER} | facts))


# Hand-over


def test_what_is_offered_stays_with_its_owner_until_it_is_accepted() -> None:
    effects = by_chat(ANI, f"SERAHKAN {NUMBER} budi ibunya menunggu telepon", taken())
    after = latest(effects, taken())
    assert (after.owner_id, after.offered_to, after.offer_until) == (ANI.id, BUDI.id, NOW + OFFER)
    (asked,) = [tell for tell in of(Tell, effects) if tell.kind == "offer"]
    assert asked.person == BUDI and [button.data.split(":")[0] for button in asked.buttons] == ["terima", "tolak"]
    (note,) = of(AddMessage, effects)
    assert (note.direction, note.text) == (Direction.NOTE, "ibunya menunggu telepon")
    assert "menunggu" not in told(effects), "a note may say anything, a ping may not"


def test_the_clock_runs_on_while_somebody_is_asked() -> None:
    before = taken(due_at=NOW + 5 * MINUTE)
    assert latest(by_chat(ANI, f"SERAHKAN {NUMBER} budi", before), before).due_at == NOW + 5 * MINUTE
    before = contacted(due_at=NOW + 3 * DAY)
    assert latest(by_chat(ANI, f"SERAHKAN {NUMBER} budi", before), before).due_at == NOW + OFFER


@pytest.mark.parametrize("door", ["chat", "button", "sms"])
def test_who_accepts_is_the_owner(door: str) -> None:
    before = taken(offered_to=BUDI.id, offer_until=NOW + OFFER)
    effects = {
        "chat": lambda: by_chat(BUDI, f"TERIMA {NUMBER}", before),
        "button": lambda: by_button(BUDI, "terima", before),
        "sms": lambda: by_phone(BUDI, "482913y", before),
    }[door]()
    after = latest(effects, before)
    assert (after.owner_id, after.status, after.offered_to, after.seen_at) == (BUDI.id, Status.TAKEN, 0, NOW)
    assert after.due_at == NOW + 2 * HOUR, "a new owner has the whole time to call"
    assert Event.HANDED_OVER in events(effects) and of(Withdraw, effects)
    assert {tell.person for tell in of(Tell, effects)} == {BUDI, ANI}


def test_a_contacted_report_stays_contacted() -> None:
    before = contacted(offered_to=BUDI.id, offer_until=NOW + OFFER)
    after = latest(by_chat(BUDI, f"TERIMA {NUMBER}", before), before)
    assert (after.owner_id, after.status) == (BUDI.id, Status.CONTACTED) and after.due_at > NOW + 2 * DAY


def test_who_declines_leaves_it_with_its_owner() -> None:
    before = taken(offered_to=BUDI.id, offer_until=NOW + OFFER, seen_at=NOW)
    effects = by_chat(BUDI, f"TOLAK {NUMBER}", before)
    after = latest(effects, before)
    assert (after.owner_id, after.offered_to, after.status) == (ANI.id, 0, Status.TAKEN)
    assert "tidak menerima" in told([tell for tell in of(Tell, effects) if tell.person == ANI])


def test_an_offer_nobody_answers_bounces_back() -> None:
    before = contacted(offered_to=BUDI.id, offer_until=NOW, due_at=NOW)
    after, effects = escalation.climb(scene(), before)
    assert (after.owner_id, after.offered_to) == (ANI.id, 0) and after.due_at > NOW + DAY
    assert {tell.person for tell in of(Tell, effects)} == {ANI} and not called(effects)


def test_an_unanswered_offer_does_not_put_off_the_ladder() -> None:
    before = taken(
        offered_to=BUDI.id, offer_until=NOW, due_at=NOW, seen_at=NOW - 3 * HOUR, waiting_since=NOW - 3 * HOUR
    )
    after, effects = escalation.climb(scene(), before)
    assert "budi" in called(effects) and after.due_at > NOW


def test_an_offer_that_cannot_be_delivered_bounces_at_once() -> None:
    before = taken(offered_to=BUDI.id, offer_until=NOW + OFFER)
    situation = scene(None, about=before, sent=Sent(5, "offer", before.id, BUDI.id, "sms"))
    effects = undelivered.outcome(situation, Outcome(5, "never", "gone"))
    assert latest(effects, before).offered_to == 0
    assert ANI in {tell.person for tell in of(Tell, effects)}


@pytest.mark.parametrize("who", [ANI, CITRA, KEPALA], ids=lambda person: person.ref)
def test_only_whoever_was_asked_can_accept(who: Person) -> None:
    before = taken(offered_to=BUDI.id, offer_until=NOW + OFFER)
    effects = by_chat(who, f"TERIMA {NUMBER}", before)
    assert not of(Keep, effects) and of(Tell, effects)


def test_a_hand_over_needs_somebody_who_can_take_it() -> None:
    leave = Change(9, "leave", "budi", "", NOW - HOUR, NOW + DAY)
    gone = {**EVERYBODY, "kepala": replace(KEPALA, phone="")}
    for text, looks, words in (
        (f"SERAHKAN {NUMBER}", {}, "kepada siapa"),
        (f"SERAHKAN {NUMBER} rina", {}, "kepada siapa"),
        (f"SERAHKAN {NUMBER} ani", {}, "sudah pada Ani"),
        (f"SERAHKAN {NUMBER} budi", {"rota": Rota(PATI, [leave])}, "cuti"),
        (f"SERAHKAN {NUMBER} bu kepala", {"people": gone}, "tidak dapat dihubungi"),
    ):
        effects = by_chat(ANI, text, taken(), **looks)
        assert not of(Keep, effects) and words in told(effects)


def test_terima_kasih_is_no_command() -> None:
    before = taken(offered_to=BUDI.id, offer_until=NOW + OFFER)
    assert not of(Keep, by_chat(BUDI, "terima kasih bu", None, owned=(before,)))


def test_only_who_may_read_it_is_asked_to_take_it_over() -> None:
    effects = by_chat(ANI, f"SERAHKAN {NUMBER} citra", taken())
    assert not of(Keep, effects) and "tidak melayani" in told(effects)


def test_the_longest_name_is_meant_and_two_of_one_name_are_asked_about() -> None:
    named = {p.ref: p for p in (replace(ANI, name="Ani Lestari"), replace(BUDI, ref="wijaya", name="Ani Wijaya"))}
    assert person_named(scene(people=named), "ani wijaya saya pulang")[0] == named["wijaya"]
    assert person_named(scene(people=named), "ani wijaya saya pulang")[1] == "saya pulang"
    twins = {p.ref: p for p in (replace(ANI, ref="a1", name="Siti"), replace(BUDI, ref="b1", name="Siti"))}
    assert person_named(scene(people=twins), "siti")[0] is None


def test_a_refused_offer_puts_off_no_ladder_that_climbs() -> None:
    lapsed = taken(offered_to=BUDI.id, offer_until=NOW + OFFER, seen_at=0, due_at=NOW + 10 * MINUTE, rung=2)
    assert latest(by_chat(BUDI, f"TOLAK {NUMBER}", lapsed), lapsed).due_at == NOW + 10 * MINUTE


def test_a_message_of_the_reporter_leaves_an_offer_standing() -> None:
    before = contacted(offered_to=BUDI.id, offer_until=NOW + OFFER, waiting_since=0)
    after = latest(decide(scene(reports=(before,)), sms("masih di sana")), before)
    assert (after.offered_to, after.status) == (BUDI.id, Status.TAKEN) and after.due_at <= NOW + OFFER


# Pauses


def test_a_pause_has_a_reason_and_an_end() -> None:
    effects = by_chat(ANI, f"TUNDA {NUMBER} 2 jam ibunya dijemput", taken())
    after = latest(effects, taken())
    assert (after.paused_until, after.due_at, after.status) == (NOW + 2 * HOUR, NOW + 2 * HOUR, Status.TAKEN)
    assert of(AddMessage, effects)[0].text == "ibunya dijemput"


@pytest.mark.parametrize(
    ("text", "before", "words"),
    [
        ("", taken(), "alasannya"),
        ("2 jam", taken(), "alasannya"),
        ("menunggu ibunya", taken(), "alasannya"),
        ("0 jam menunggu", taken(), "alasannya"),
        ("15 hari menunggu", taken(), "14 hari"),
        ("2 hari menunggu", taken(risk=Risk.HIGH), "1 hari"),
        ("2 jam menunggu", report(), "belum diambil"),
        ("2 jam menunggu", taken(by=KEPALA), "hanya Bu Kepala"),
        ("2 jam menunggu", taken(offered_to=BUDI.id, offer_until=NOW + OFFER), "sedang diserahkan"),
    ],
)
def test_no_pause_without_owner_reason_or_end(text: str, before: Report, words: str) -> None:
    effects = by_chat(BUDI if not before.owner_id else ANI, f"TUNDA {NUMBER} {text}", before)
    assert not of(Keep, effects) and words in told(effects)


def test_nobody_is_called_during_a_pause_and_the_ladder_goes_on_after_it() -> None:
    paused = taken(paused_until=NOW + HOUR, due_at=NOW, rung=1)
    after, effects = escalation.climb(scene(), paused)
    assert (after.due_at, effects) == (NOW + HOUR, [])
    later = replace(scene(), now=NOW + 3 * HOUR)
    after, effects = escalation.climb(later, replace(after, due_at=NOW + HOUR))
    assert after.paused_until == 0 and after.due_at > NOW + 3 * HOUR
    assert called(effects) == ["ani", "budi"], "where it stood: the second rung, and the owner"
    assert Event.RESUMED in events(effects)


def test_a_new_message_ends_a_pause() -> None:
    before = contacted(paused_until=NOW + DAY, due_at=NOW + DAY)
    effects = decide(scene(reports=(before,)), sms("saya menunggu kabar"))
    after = latest(effects, before)
    assert (after.paused_until, after.status, after.waiting_since) == (0, Status.TAKEN, NOW)
    assert after.due_at <= NOW + 2 * HOUR


def test_a_cry_for_help_ends_a_pause() -> None:
    before = taken(paused_until=NOW + DAY, due_at=NOW + DAY)
    effects = decide(scene(reports=(before,)), sms("TOLONG dia datang"))
    after = latest(effects, before)
    assert (after.paused_until, after.risk) == (0, Risk.HIGH) and called(effects)


def test_the_owner_ends_a_pause_at_any_time() -> None:
    before = taken(paused_until=NOW + DAY, due_at=NOW + DAY)
    after = latest(by_chat(ANI, f"LANJUT {NUMBER}", before), before)
    assert after.paused_until == 0 and NOW <= after.due_at <= NOW + 2 * HOUR


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_not(text: str) -> None:
    wait, rest = wait_in(text)
    assert 0 <= wait <= 999 * 7 * DAY and isinstance(rest, str)


@pytest.mark.parametrize(
    ("text", "wait", "rest"),
    [
        ("2 jam x", 2 * HOUR, "x"),
        ("30mnt tunggu", 30 * MINUTE, "tunggu"),
        ("3 hari, ke desa", 3 * DAY, "ke desa"),
        ("1 minggu\nbaris", 7 * DAY, "baris"),
        ("2 kali datang", 0, "2 kali datang"),
    ],
)
def test_times_as_people_write_them(text: str, wait: int, rest: str) -> None:
    assert wait_in(text) == (wait, rest)


# Merging


def test_two_reports_of_one_phone_become_the_older_one() -> None:
    main, child = taken(), other(risk=Risk.HIGH, waiting_since=NOW - MINUTE)
    effects = by_chat(ANI, f"GABUNG {OTHER} {NUMBER}", child, mentioned=(child, main))
    kept = {keep.report.id: keep.report for keep in of(Keep, effects)}
    assert (kept[22].status, kept[22].merged_into, kept[22].due_at) == (Status.CLOSED, 21, 0)
    assert (kept[21].risk, kept[21].status, kept[21].seen_at) == (Risk.HIGH, Status.TAKEN, 0)
    assert called(effects) == ["ani"] and NOW < kept[21].due_at <= NOW + 10 * MINUTE, "a higher risk rings now"
    assert Event.MERGED in events(effects)


def test_who_had_the_report_that_goes_up_hears_where_it_went() -> None:
    main, child = taken(), other(status=Status.TAKEN, owner_id=BUDI.id, seen_at=NOW)
    effects = by_chat(ANI, f"GABUNG {NUMBER} {OTHER}", main, mentioned=(main, child))
    assert "masuk ke" in told([tell for tell in of(Tell, effects) if tell.person == BUDI])


def test_the_log_says_how_many_kinds_and_never_which() -> None:
    (log,) = [e for e in of(Log, by_chat(ANI, f"JENIS {NUMBER} seksual anak", taken())) if e.kind is Event.KIND]
    assert log.detail == {"kinds": 2}


def test_what_goes_up_ends_a_pause_and_is_unread_for_its_owner() -> None:
    main = contacted(paused_until=NOW + DAY, due_at=NOW + DAY)
    child = other(waiting_since=NOW - MINUTE, safety="tidak", flags=("minta_berhenti",))
    effects = by_chat(BUDI, f"GABUNG {NUMBER} {OTHER}", main, mentioned=(main, child))
    after = latest(effects, main)
    assert (after.paused_until, after.status, after.rang_at) == (0, Status.TAKEN, NOW)
    assert after.due_at <= NOW + 2 * HOUR
    assert (after.safety, after.flags) == ("tidak", ("minta_berhenti",))
    assert ANI in {tell.person for tell in of(Tell, effects) if tell.kind == "news"}
    assert not of(Keep, by_chat(ANI, f"TUTUP {NUMBER} selesai", after)), "what nobody has read is not closed"


def test_what_was_answered_waits_again_when_an_unanswered_report_joins_it() -> None:
    main, child = contacted(), other(waiting_since=NOW - MINUTE)
    after = latest(by_chat(ANI, f"GABUNG {NUMBER} {OTHER}", main, mentioned=(main, child)), main)
    assert (after.status, after.waiting_since) == (Status.TAKEN, NOW - MINUTE) and after.due_at <= NOW + 2 * HOUR


def test_reports_of_two_people_stay_two() -> None:
    main, child = taken(), other(reporter_id=DEWI.id, risk=Risk.HIGH)
    effects = by_chat(BUDI, f"GABUNG {NUMBER} {OTHER}", main, mentioned=(main, child))
    kept = {keep.report.id: keep.report for keep in of(Keep, effects)}
    assert kept == {21: replace(main, messages=main.messages + 1), 22: replace(child, messages=child.messages + 1)}
    assert {note.report_id: note.text for note in of(AddMessage, effects)} == {21: f"= #{OTHER}", 22: f"= #{NUMBER}"}
    assert not of(Withdraw, [e for e in effects if not (isinstance(e, Withdraw) and e.person_id)]), "both go on ringing"
    assert ANI in {tell.person for tell in of(Tell, effects)}


@pytest.mark.parametrize("senders", [(0, 0), (SARI_ID, 0)])
def test_reports_without_a_known_sender_never_swallow_each_other(senders: tuple[int, int]) -> None:
    main, child = taken(reporter_id=senders[0]), other(reporter_id=senders[1])
    effects = by_chat(BUDI, f"GABUNG {NUMBER} {OTHER}", main, mentioned=(main, child))
    assert latest(effects, child).status is Status.NEW


@pytest.mark.parametrize("first", [True, False])
def test_a_drill_is_merged_with_nothing(first: bool) -> None:
    main, child = taken(flags=(DRILL,) if first else ()), other(flags=() if first else (DRILL,))
    effects = by_chat(BUDI, f"GABUNG {OTHER} {NUMBER}", child if first else main, mentioned=(main, child))
    assert not of(Keep, effects)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (None, "dengan yang mana"),
        (other(status=Status.CLOSED, due_at=0), "sudah ditutup"),
        (other(status=Status.CLOSED, due_at=0, merged_into=7), "sudah ditutup atau digabung"),
    ],
)
def test_what_cannot_be_merged_is_said(second: Report | None, words: str) -> None:
    both = tuple(filter(None, (taken(), second)))
    effects = by_chat(ANI, f"GABUNG {NUMBER} {OTHER}", taken(), mentioned=both)
    assert not of(Keep, effects) and words in told(effects)


def test_nobody_merges_what_they_may_not_see() -> None:
    mine = taken(by=CITRA, area="33.18.19")
    effects = by_chat(CITRA, f"GABUNG {NUMBER} {OTHER}", mine, mentioned=(mine, other()))
    assert not of(Keep, effects) and "bukan wilayah" in told(effects)


# Kinds and the law


def test_the_clock_of_the_law_runs_for_every_report_so_that_it_tells_no_kind() -> None:
    opened = of(OpenReport, texting("LAPOR saya dipukul"))[0].report
    assert opened.legal_at == NOW + 48 * HOUR
    before = taken(opened_at=NOW - HOUR)
    after = latest(by_chat(ANI, f"JENIS {NUMBER} seksual anak", before), before)
    assert (after.kinds, after.legal_at) == (("seksual", "anak"), NOW + 47 * HOUR)
    gone = latest(by_chat(ANI, f"JENIS {NUMBER} bukan seksual", after), after)
    assert (gone.kinds, gone.legal_at) == (("anak",), NOW + 47 * HOUR)


def test_nobody_hears_of_the_law_when_it_sets_no_limit() -> None:
    before = taken(opened_at=NOW - 48 * HOUR, kinds=("fisik",), legal_at=NOW)
    after, effects = clocks.remind_of_law(scene(office=WORKING), before)
    assert (after.legal_at, effects) == (before.opened_at + 66 * HOUR, [])


def test_neither_the_log_nor_the_name_of_a_message_tells_of_the_law() -> None:
    before = taken(opened_at=NOW - 48 * HOUR, kinds=("seksual",), legal_at=NOW)
    _, effects = clocks.remind_of_law(scene(), before)
    assert not of(Log, effects) and all(tell.dedupe.startswith("staff:") for tell in of(Tell, effects))


def test_the_law_is_named_to_staff_by_calendar_hours_and_to_nobody_else() -> None:
    before = taken(opened_at=NOW - 48 * HOUR, kinds=("seksual",), legal_at=NOW)
    after, effects = clocks.remind_of_law(scene(office=WORKING), before)
    assert after.legal_at == before.opened_at + 66 * HOUR
    assert "sisa 24 jam" in told(effects) and not of(Say, effects)
    assert {tell.person for tell in of(Tell, effects)} == {ANI, BUDI}
    after, effects = clocks.remind_of_law(replace(scene(), now=after.legal_at), after)
    assert (after.legal_at, "sisa 6 jam" in told(effects)) == (0, True)


def test_a_kind_named_late_is_reminded_of_at_once() -> None:
    before = taken(opened_at=NOW - 67 * HOUR)
    after = latest(by_chat(ANI, f"JENIS {NUMBER} seksual", before), before)
    assert after.legal_at == NOW
    assert clocks.remind_of_law(scene(), after)[0].legal_at == 0


def test_a_closed_report_reminds_nobody() -> None:
    gone = taken(status=Status.CLOSED, kinds=("seksual",), legal_at=NOW, opened_at=NOW - 48 * HOUR)
    assert clocks.remind_of_law(scene(), gone) == (replace(gone, legal_at=0), [])


@pytest.mark.parametrize("words", ["", "seksuil", "seksual tembak", "bukan seksuil", "bukan"])
def test_a_word_that_is_no_kind_changes_nothing(words: str) -> None:
    effects = by_chat(ANI, f"JENIS {NUMBER} {words}", taken())
    assert not of(Keep, effects) and all(kind in told(effects) for kind in KINDS)


def test_a_kind_that_was_only_suggested_gives_way_to_a_person_s_word() -> None:
    guessed = taken(kinds=("seksual", "anak"), flags=(SUGGESTED,))
    named = latest(by_chat(ANI, f"JENIS {NUMBER} fisik", guessed), guessed)
    assert (named.kinds, named.flags) == (("fisik",), ())
    denied = latest(by_chat(ANI, f"JENIS {NUMBER} bukan anak", guessed), guessed)
    assert (denied.kinds, denied.flags) == (("seksual",), ())


def test_one_word_of_a_person_sets_the_risk() -> None:
    effects = by_chat(ANI, f"TINGGI {NUMBER}", report(risk=Risk.LOW))
    assert latest(effects, report()).risk is Risk.HIGH and called(effects) == ["ani"]
    mine = taken(risk=Risk.HIGH, seen_at=NOW)
    calmed = latest(by_chat(ANI, f"/rendah {NUMBER}", mine), mine)
    assert (calmed.risk, calmed.status, calmed.owner_id) == (Risk.LOW, Status.TAKEN, ANI.id)
    assert calmed.due_at > NOW and not called(by_chat(ANI, f"SEDANG {NUMBER}", mine))
    effects = by_chat(BUDI, f"SEDANG {NUMBER}", mine)
    assert {tell.person for tell in of(Tell, effects)} == {ANI, BUDI}
    gone = taken(status=Status.CLOSED)
    assert not of(Keep, by_chat(ANI, f"TINGGI {NUMBER}", gone))


@pytest.mark.parametrize("text", ["sedang di jalan bu", "tinggi badannya 150", "rendah hati", "sedang"])
def test_everyday_words_that_are_risks_are_no_commands(text: str) -> None:
    assert command(text) is None


def test_a_kind_with_a_ladder_of_its_own_begins_it_now() -> None:
    text = OFFICE + '[ladder.tppo]\nsteps = [{ after = "0s", notify = ["role:kepala_uptd"] }]\n'
    office = parse(text + '[[route]]\nkind = ["tppo"]\nladder = "tppo"\n')
    effects = by_chat(BUDI, f"JENIS {NUMBER} tppo", report())
    assert latest(effects, report()).due_at == NOW + 50 * MINUTE, "no such ladder here"
    situation = scene(person=BUDI, named=report(), office=office)
    effects = decide(situation, replace(chat_of(BUDI), text=f"JENIS {NUMBER} tppo"))
    after = latest(effects, report())
    assert (after.due_at, after.rung) == (NOW, 0)
    climbed, calls = escalation.climb(situation, after)
    assert (called(calls), climbed.ladder) == (["kepala"], "tppo")


def chat_of(person: Person) -> Inbound:
    return replace(chat(), address=person.telegram)


# Opening again, timeline


def test_a_closed_report_opened_again_has_an_owner_and_a_clock() -> None:
    gone = contacted(status=Status.CLOSED, closed_at=NOW - DAY, due_at=0)
    effects = by_chat(BUDI, f"BUKA {NUMBER} pelapor datang lagi", gone)
    after = latest(effects, gone)
    assert (after.status, after.owner_id, after.closed_at) == (Status.TAKEN, BUDI.id, 0)
    assert NOW < after.due_at <= NOW + 2 * HOUR and Event.REOPENED in events(effects)


@pytest.mark.parametrize(
    ("gone", "text", "words"),
    [
        (taken(), "salah tutup", "masih terbuka"),
        (taken(status=Status.CLOSED, due_at=0), "", "alasannya"),
        (taken(status=Status.CLOSED, due_at=0, merged_into=7), "x", "sudah masuk"),
    ],
)
def test_not_everything_opens_again(gone: Report, text: str, words: str) -> None:
    effects = by_chat(BUDI, f"BUKA {NUMBER} {text}", gone)
    assert not of(Keep, effects) and words in told(effects)


def test_the_timeline_says_who_when_and_what_is_next() -> None:
    trail = (
        Happening(NOW - 10 * MINUTE, "opened"),
        Happening(NOW - 10 * MINUTE, "sent", ANI.id, {"medium": "chat", "kind": "ping", "status": "delivered"}),
        Happening(NOW - MINUTE, "taken", ANI.id),
    )
    (tell,) = of(Tell, by_chat(ANI, f"JEJAK {NUMBER}", taken(due_at=NOW + 10 * MINUTE), trail=trail))
    lines = in_chat(tell).splitlines()
    assert lines[0] == f"#{NUMBER} Juwana"
    assert lines[1:] == [
        "25/11 09.50 WIB laporan masuk",
        "25/11 09.50 WIB Telegram Ani: sampai",
        "25/11 09.59 WIB Ani mengambil",
        "Panggilan berikutnya 25/11 10.10 WIB, anak tangga 2 dari 3.",
    ]


def test_a_long_timeline_shows_its_beginning_and_its_end() -> None:
    trail = tuple(Happening(NOW + minute * MINUTE, "climbed") for minute in range(500))
    (tell,) = of(Tell, by_chat(ANI, f"JEJAK {NUMBER}", taken(), trail=trail))
    assert len(in_chat(tell).splitlines()) == 43


# Steps that call several times


def ladder(*steps: str) -> str:
    """The test office with another ladder for high risk."""
    start = OFFICE.index("steps = [", OFFICE.index("[ladder.high]"))
    return OFFICE[:start] + f"steps = [{', '.join(steps)}]" + OFFICE[OFFICE.index("\nrepeat", start) :]


def calls(office_text: str, count: int) -> list[tuple[int, list[str], bool]]:
    """(minute, who, whether it is labelled as a repeat) for the first calls nobody reacts to."""
    office = parse(office_text)
    about = report(risk=Risk.HIGH, opened_at=NOW, waiting_since=NOW, due_at=NOW, rung=0)
    found = []
    for _ in range(count):
        situation = replace(scene(office=office), now=about.due_at)
        minute = (about.due_at - NOW) // MINUTE
        about, effects = escalation.climb(situation, about)
        found.append((minute, called(effects), "(ulang)" in told(effects)))
    return found


def test_one_after_the_other() -> None:
    text = ladder(
        '{ after = "0s", notify = ["person:ani", "person:budi"], mode = "in-turn", every = "3m" }',
        '{ after = "10m", notify = ["role:kepala_uptd"] }',
    )
    assert calls(text, 4) == [
        (0, ["ani"], False),
        (3, ["budi"], False),
        (10, ["kepala"], False),
        (40, ["ani", "kepala"], True),
    ]


def test_whose_turn_it_is_keeps_their_turn_when_another_drops_out() -> None:
    text = ladder(
        '{ after = "0s", notify = ["person:ani", "person:budi"], mode = "in-turn", every = "3m" }',
        '{ after = "10m", notify = ["role:kepala_uptd"] }',
    )
    office = parse(text)
    about, _ = escalation.climb(scene(office=office), report(risk=Risk.HIGH, due_at=NOW, rung=0))
    gone = {**EVERYBODY, "ani": replace(ANI, phone="", telegram="")}
    _, effects = escalation.climb(replace(scene(office=office, people=gone), now=about.due_at), about)
    assert called(effects) == ["budi"]
    leave = Change(9, "leave", "ani", "", NOW, NOW + DAY)
    away = scene(office=office, rota=Rota(office, [leave]))
    _, effects = escalation.climb(replace(away, now=about.due_at), about)
    assert called(effects) == ["budi"]


def test_a_step_that_calls_three_times() -> None:
    text = ladder(
        '{ after = "0s", notify = ["duty"], times = 3, every = "2m" }',
        '{ after = "15m", notify = ["role:kepala_uptd"] }',
    )
    assert calls(text, 4) == [(0, ["ani"], False), (2, ["ani"], True), (4, ["ani"], True), (15, ["kepala"], False)]


def test_a_long_round_is_called_to_its_end_before_the_next_step() -> None:
    text = ladder(
        '{ after = "0s", notify = ["person:ani", "person:budi"], mode = "in-turn", times = 2, every = "4m" }',
        '{ after = "16m", notify = ["role:kepala_uptd"] }',
    )
    assert [(minute, who) for minute, who, _ in calls(text, 5)] == [
        (0, ["ani"]),
        (4, ["budi"]),
        (8, ["ani"]),
        (12, ["budi"]),
        (16, ["kepala"]),
    ]


def test_raising_passes_the_rest_of_a_round() -> None:
    text = ladder(
        '{ after = "0s", notify = ["duty"], times = 3, every = "2m" }',
        '{ after = "15m", notify = ["role:kepala_uptd"] }',
    )
    before = report(risk=Risk.HIGH, rung=0, turn=1)
    situation = scene(person=BUDI, named=before, office=parse(text))
    effects = decide(situation, replace(chat_of(BUDI), text=f"NAIK {NUMBER}"))
    assert called(effects) == ["kepala"]


def test_a_ladder_for_the_night_and_one_for_a_place() -> None:
    text = OFFICE + '[ladder.malam]\nsteps = [{ after = "0s", notify = ["role:kepala_uptd"] }]\n'
    text += '[[route]]\nrisk = ["high"]\nhours = "21:00-05:00"\nladder = "malam"\n'
    text += '[[route]]\narea = ["33.18.19"]\nladder = "malam"\n'
    office = parse(text)
    at = {hour: NOW + (hour - 10) * HOUR for hour in (20, 21, 28, 29)}  # NOW is ten in the morning
    found = {}
    for hour, now in at.items():
        about = report(risk=Risk.HIGH, due_at=now, rung=0)
        found[hour] = called(escalation.climb(replace(scene(office=office), now=now), about)[1])
    assert found == {20: ["ani"], 21: ["kepala"], 28: ["kepala"], 29: ["ani"]}
    there = report(risk=Risk.MEDIUM, area="33.18.19", due_at=NOW, rung=0)
    assert called(escalation.climb(scene(office=office), there)[1]) == ["kepala"]


def test_a_climb_that_began_at_night_goes_on_by_the_same_ladder() -> None:
    text = OFFICE + '[ladder.malam]\nsteps = [{ after = "0s", notify = ["role:kepala_uptd"] },'
    text += ' { after = "10m", notify = ["role:koordinator"] }]\n[[route]]\nhours = "21:00-05:00"\nladder = "malam"\n'
    office = parse(text)
    began = NOW + 18 * HOUR + 55 * MINUTE
    about, _ = escalation.climb(replace(scene(office=office), now=began), report(due_at=began, rung=0))
    assert about.due_at == began + 10 * MINUTE
    _, effects = escalation.climb(replace(scene(office=office), now=about.due_at), about)
    assert called(effects) == ["budi"]


# Working days


def test_a_review_waits_three_working_days() -> None:
    friday = NOW + 2 * DAY
    assert WORKING.working.workdays_later(friday, 3) == friday + 5 * DAY
    assert PATI.working.workdays_later(friday, 3) == friday + 3 * DAY, "an office without hours has calendar days"


def test_an_owner_on_leave_is_not_asked_to_review() -> None:
    leave = Change(9, "leave", "ani", "", NOW - HOUR, NOW + DAY)
    _, effects = escalation.climb(scene(rota=Rota(PATI, [leave])), contacted(due_at=NOW))
    assert {tell.person for tell in of(Tell, effects)} == {BUDI}


def test_a_drill_is_marked_in_its_pings() -> None:
    _, effects = escalation.climb(scene(), report(flags=(DRILL,), due_at=NOW, rung=0))
    assert "(latihan)" in told(effects)
