"""What to do when something of ours did not arrive or could not be decided: another way, the next person, an alarm."""

from dataclasses import replace

from gateway import clock
from gateway.model import Delivery, Direction, Event, Lane, Outcome, Person, Report, Risk, Status, Text, say
from handlers import clocks
from handlers.effects import (
    AddMessage,
    Effect,
    Hasten,
    Keep,
    Log,
    OpenReport,
    RememberPerson,
    SetApart,
    Situation,
    Tell,
)
from handlers.escalation import climb
from handlers.pings import ping, reachable

ALARMS = ("credit", "channel_down", "disk", "spool", "overdue", "silence", "credit_low")
_ABOUT_CHANNELS = ("silence", "credit_low")  # their reason is the channel
_CHANNELS = {"africastalking": "SMS", "telegram": "Telegram"}


def outcome(s: Situation, what: Outcome) -> list[Effect]:
    """Something of ours could not be sent: another way to the same person, else the next person; staff hear of it."""
    if what.what in ALARMS:
        return _alarm(s, what)
    sent = s.sent
    if sent is None:
        return [SetApart("outcome of an unknown row", "ignored")]
    failed = Log(Event.UNDELIVERED, sent.report_id, sent.person_id, {"kind": sent.kind, "reason": what.reason})
    if sent.person_id and sent.kind != "answer":
        return [failed, *_person_not_reached(s, what)]
    if sent.kind == "answer" and s.about is not None:
        late = what.what == "late"
        return [failed, *(_answer_late if late else _answer_not_delivered)(s, s.about, sent.person_id)]
    if sent.kind == "auto" and what.what == "never":
        return [failed, *_dead_letter(s)]
    return [failed]


def _person_not_reached(s: Situation, what: Outcome) -> list[Effect]:
    """The person's other channel first, sooner when it was planned for later; when that was tried or is missing, the
    ladder climbs now. A call that has left the other way speaks for both."""
    sent, report = s.sent, s.about
    person = s.member(sent.person_id) if sent else None
    effects: list[Effect] = []
    if sent is None or person is None:
        return effects
    by_chat = sent.medium != "sms"
    if what.what == "never" and by_chat and person.chat_works and what.reason in ("blocked", "gone"):
        person = replace(person, chat_works=False)
        effects.append(RememberPerson(person))
    if sent.kind in ("staff", "alarm") and what.what == "never":
        return [*effects, *_told_otherwise(s, person, by_chat=by_chat)]
    if report is None or report.status is Status.CLOSED:
        return effects
    if sent.kind in ("ping", "news", "offer") and sent.other in ("planned", "left"):
        return [*effects, Hasten(report.id, person.id)] if sent.other == "planned" else effects
    if sent.kind == "offer" and what.what == "never" and report.offered_to == person.id:
        kept = Keep(clocks.running(s, report))
        return [
            *effects,
            kept,
            Log(Event.OFFERED, report.id, person.id, {"answer": "none"}),
            *clocks.bounced(s, report, person),
        ]
    if sent.kind not in ("ping", "news"):
        return effects
    if report.status is not Status.NEW and report.owner_id not in (0, person.id):
        return effects
    again = what.again or sent.fallback or sent.other == "failed"
    chat_works = person.telegram and person.chat_works
    other = "sms" if by_chat and person.phone else "chat" if not by_chat and chat_works else ""
    if other and not again:
        return [*effects, ping(s, report, person, key=f"other{sent.id}", only=other)]
    if what.what == "never":
        effects += _dead_letter(s)
    elif what.again:
        return effects  # late, and the other way was tried: that one speaks for both
    if report.rung >= len(s.office.ladder_for(report.risk, report.ladder).steps):
        return [*effects, *_last_resort(s, report, person)]
    report, calls = climb(_without(s, person), report)
    return [*effects, Keep(report), *calls]


def _told_otherwise(s: Situation, person: Person, *, by_chat: bool) -> list[Effect]:
    """What a person was to be told is lost with its message: by their other way they hear that there was something."""
    sent = s.sent
    other = (
        "sms" if by_chat and person.phone else "chat" if not by_chat and person.telegram and person.chat_works else ""
    )
    if sent is None or not other or sent.fallback:
        return []
    report = s.about
    if report is not None:
        words = say(
            "staff", "#{number}: ada pemberitahuan yang tidak sampai. Lihat: JEJAK {number}", number=report.number
        )
    else:
        words = say("staff", "Ada pemberitahuan sistem yang tidak sampai. Jalankan: kentongan doctor")
    dedupe = f"told:other{sent.id}"
    return [Tell(person, words, words, sent.kind, sent.report_id, lane=Lane.PING, only=other, dedupe=dedupe)]


def _last_resort(s: Situation, report: Report, person: Person) -> list[Effect]:
    """Past the last rung the clock repeats; a failing address must not speed it up, so the deputies are called once."""
    others = [deputy for deputy in reachable(s, s.office.deputies()) if deputy.id != person.id]
    return [ping(s, report, deputy, again=True, key=f"dead{report.round}") for deputy in others]


def _without(s: Situation, person: Person) -> Situation:
    """The same situation, in which one person cannot be called."""
    people = {ref: replace(p, phone="", telegram="") if p.id == person.id else p for ref, p in s.people.items()}
    return replace(s, people=people)


def _answer_not_delivered(s: Situation, report: Report, person_id: int) -> list[Effect]:
    """Not contacted after all: the contacted clock runs again, and who answered hears of it."""
    effects: list[Effect] = []
    person = s.member(person_id)
    if person is not None:
        words = say("staff", "#{number}: balasan tidak sampai. Cari jalan lain yang aman.", number=report.number)
        effects.append(Tell(person, words, words, "staff", report.id, lane=Lane.PING))
    if report.status is Status.CONTACTED:
        ladder = s.office.ladder_for(report.risk, report.ladder)
        due = s.office.later(s.now, ladder.seen_expires, ladder.clock)
        waiting = report.waiting_since or report.last_in_at or s.now
        first = report.contacted_at == report.answered_at
        contacted = 0 if first else report.contacted_at
        changed = replace(report, status=Status.TAKEN, waiting_since=waiting, due_at=due, contacted_at=contacted)
        effects.append(Keep(clocks.offered(replace(changed, paused_until=0))))
    return effects


def _answer_late(s: Situation, report: Report, person_id: int) -> list[Effect]:
    """Still being tried: who answered should know that nobody has read it yet."""
    person = s.member(person_id)
    words = say("staff", "#{number}: balasan belum terkirim, masih dicoba.", number=report.number)
    return [Tell(person, words, words, "staff", report.id, lane=Lane.PING)] if person is not None else []


def _dead_letter(s: Situation) -> list[Effect]:
    """Coordinators hear that something was given up, at most once an hour each."""
    words = say("staff", "Ada kiriman yang gagal. Jalankan: kentongan doctor")
    return to_deputies(s, words, "dead")


def _alarm(s: Situation, what: Outcome) -> list[Effect]:
    words = {
        "overdue": say(
            "staff", "DARURAT SISTEM: ada laporan yang tidak dipanggil tepat waktu. Jalankan: kentongan doctor"
        ),
        "silence": say(
            "staff",
            "PERINGATAN: lama tidak ada pesan masuk lewat {channel}. Coba kirim sendiri; jalankan: kentongan doctor",
            channel=_CHANNELS.get(what.reason, what.reason[:20]),
        ),
        "credit_low": say("staff", "PERINGATAN: pulsa SMS hampir habis. Isi saldo sekarang."),
        "credit": say("staff", "DARURAT SISTEM: pulsa SMS habis, SMS keluar tertunda. Isi saldo sekarang."),
        "channel_down": say("staff", "DARURAT SISTEM: satu kanal kirim ditolak penyedia. Jalankan: kentongan doctor"),
        "disk": say(
            "staff", "DARURAT SISTEM: disk server hampir penuh. Kosongkan sekarang supaya laporan tetap masuk."
        ),
        "spool": say(
            "staff", "DARURAT SISTEM: ada pesan yang tertahan atau rusak di server. Jalankan: kentongan doctor"
        ),
    }[what.what]
    channel = what.reason if what.what in _ABOUT_CHANNELS else ""
    detail: dict[str, str | int] = {"what": what.what} if not channel else {"what": what.what, "channel": channel}
    return [Log(Event.ALARM, detail=detail), *to_deputies(s, words, what.what + channel)]


def to_deputies(s: Situation, words: Text, key: str) -> list[Effect]:
    """The deputies hear it, each by a way other than the failing one where they have it; once an hour."""
    hour = s.now // clock.HOUR
    failing = s.sent.medium if s.sent else ""
    told: list[Effect] = []
    for person in reachable(s, s.office.deputies()):
        ways = [way for way, works in (("chat", person.telegram and person.chat_works), ("sms", person.phone)) if works]
        only = next((way for way in ways if way != failing), "") if failing in ways else ""
        dedupe = f"alarm:{key}:{hour}:{person.id}"
        told.append(Tell(person, words, words, "alarm", lane=Lane.EMERGENCY, only=only, dedupe=dedupe))
    return told


def locked_out(s: Situation, person: Person) -> list[Effect]:
    """Five wrong codes in a person's name: the deputies should know, it may not be that person."""
    words = say(
        "staff", "Lima kode salah lewat SMS atas nama {name}. Perintah SMS-nya ditutup satu jam.", name=person.name[:30]
    )
    return [
        Log(Event.ALARM, person_id=person.id, detail={"what": "locked"}),
        *to_deputies(s, words, f"lock{person.id}"),
    ]


def delivery(s: Situation, report: Delivery) -> list[Effect]:
    """A provider's word on a message of ours: a failed one is treated like a send that failed."""
    if s.sent is None or report.state != "failed" or s.sent.status != "sent":
        return []
    return outcome(s, Outcome(s.sent.id, "never", "undelivered"))


def not_carried_out(s: Situation) -> list[Effect]:
    """Something of ours, or a person's command, failed: who wrote it and the deputies hear so."""
    effects = _dead_letter(s)
    if s.person is not None:
        words = say("staff", "Perintah Anda gagal dan tidak dijalankan. Coba lagi atau hubungi koordinator.")
        effects.append(Tell(s.person, words, words, "staff", lane=Lane.PING))
    return effects


def stuck(s: Situation, report: Report) -> tuple[Report, list[Effect]]:
    """A report whose rung could not be decided: tried again soon, and the deputies hear of it."""
    words = say(
        "staff",
        "DARURAT SISTEM: #{number} tidak dapat diproses. Hubungi pelapor menurut prosedur.",
        number=report.number,
    )
    return replace(report, due_at=s.now + clock.MINUTE), to_deputies(s, words, f"stuck{report.id}")


def quarantined(s: Situation, text: str, attachment: str) -> list[Effect]:
    """A message on which a decision failed: still a report, at high risk, with a running clock and a warning."""
    reporter_id = s.reporter.id if s.reporter else 0
    report = clocks.begun(s, Risk.HIGH, reporter_id, messages=1, flags=("karantina",))
    kept = AddMessage(report.id, Direction.IN, text, attachment=attachment)
    changed, calls = climb(s, report)
    return [OpenReport(report), kept, Log(Event.QUARANTINED, report.id), Keep(changed), *calls]
