"""What a person of the office can do to a report once it is clear who they are and which report they mean."""

import re
from dataclasses import replace

from gateway import clock, sms, texts
from gateway.model import (
    CODE,
    DRILL,
    NO_CONTACT,
    Button,
    Direction,
    Event,
    Inbound,
    Lane,
    Medium,
    Person,
    Report,
    Risk,
    Status,
    Text,
    say,
)
from handlers import clocks, escalation, pings, transcript
from handlers.commands import Command, Verb
from handlers.effects import AddMessage, Amend, Effect, Keep, Log, Say, Situation, Tell, Withdraw

READERS = {"piket", "koordinator", "kasi", "kepala_uptd"}  # may open and answer reports of their area
LISTED = 20  # reports in one answer to DAFTAR
_SMS_TRANSCRIPT = 450  # characters, about three parts
MOST = 3  # SMS that an answer may be without being asked back
_UNSENT = re.compile(r"\[belum dikirim, \d+ SMS\] (.*)", re.DOTALL)


def _take(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    owner = s.member(report.owner_id)
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    if owner is not None and owner.id == person.id:
        return [about(person, message, report, say("staff", "#{number} sudah Anda ambil.", number=report.number))]
    if owner is not None and not _lapsed(s, report):
        return [about(person, message, report, taken_by(report, owner))]
    report = _taken(s, report, person)
    return [
        Keep(report),
        Log(Event.TAKEN, report.id, person.id, {"after_ms": s.now - report.opened_at}),
        Withdraw(report.id),
        Amend(report.id, taken_by(report, person), person.id),
        about(
            person,
            message,
            report,
            _yours(report),
            kind="taken",
        ),
        *_to_former(s, owner, person, report),
    ]


def _yours(report: Report) -> Text:
    if NO_CONTACT in report.flags:
        return say("staff", "#{number} Anda ambil. Pelapor minta tidak dihubungi: baca dulu.", number=report.number)
    return say("staff", "#{number} Anda ambil. Baca, lalu hubungi pelapor.", number=report.number)


def _to_former(s: Situation, owner: Person | None, person: Person, report: Report) -> list[Effect]:
    if owner is None:
        return []
    told = taken_by(report, person)
    return [Tell(owner, told, told, "staff", report.id)]


def _lapsed(s: Situation, report: Report) -> bool:
    """Taken, not contacted in time or raised since, or its owner is on leave: somebody else may take it."""
    owner = s.member(report.owner_id)
    if owner is not None and s.rota.away(owner.ref, s.now):
        return True
    expired = not report.seen_at or s.now >= clocks.contact_due(s, report)
    return report.status is Status.TAKEN and expired


def _taken(s: Situation, report: Report, person: Person) -> Report:
    return clocks.running(s, replace(report, status=Status.TAKEN, owner_id=person.id, seen_at=s.now))


def _read(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """Shows the thread in the person's own chat for a while (or shortened by SMS), and remembers that it was read."""
    full = transcript.whole(s, report, s.thread)
    short = texts.pieces(" | ".join(transcript.line(s, m) for m in s.thread[-3:]), _SMS_TRANSCRIPT)[0]
    buttons: tuple[Button, ...] = ()
    if report.status is Status.NEW:
        buttons = (Button(say("button", "Ambil"), f"ambil:{report.number}:{CODE}"),)
    code = say("staff", "Balas: {code}R teks", code=CODE)
    by_sms = (
        *transcript.warnings(report),
        say("staff", "#{number}: {thread}", number=report.number, thread=short),
        code,
    )
    shown = Tell(person, full, by_sms, "reveal", report.id, buttons, Lane.PING, door(message), reveal=True)
    heard = [Keep(replace(report, rang_at=0))] if report.rang_at else []
    return [*heard, Log(Event.READ, report.id, person.id, {"messages": len(s.thread), "by": door(message)}), shown]


def _answer(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    owner = s.member(report.owner_id)
    reporter = s.reporters.get(report.reporter_id)
    if not rest:
        empty = say("staff", "Balasan kosong. Tulis: BALAS {number} teks.", number=report.number)
        return [about(person, message, report, empty)]
    if report.status is Status.CLOSED or reporter is None:
        return [tell(person, message, closed(report))]
    if owner is not None and owner.id != person.id and not _lapsed(s, report):
        return [about(person, message, report, taken_by(report, owner))]
    if str(reporter.medium) not in s.mediums:
        off = say(
            "staff", "#{number}: tidak terkirim, kanal ke pelapor sedang mati. Hubungi admin.", number=report.number
        )
        return [about(person, message, report, off)]
    rest = rest.replace(CODE, "")
    count = sms.cost(rest) if reporter.medium is Medium.SMS else 1
    doubt = count > MOST or NO_CONTACT in report.flags
    if doubt and "by" not in message.facts and not _asked_back(s, person, rest):
        return _held(message, person, report, rest, count)
    first = not report.contacted_at
    amended = [Amend(report.id, taken_by(report, person), person.id)] if report.owner_id != person.id else []
    report = replace(
        report,
        status=Status.CONTACTED,
        owner_id=person.id,
        seen_at=report.seen_at or s.now,
        contacted_at=report.contacted_at or s.now,
        answered_at=s.now,
        waiting_since=0,
        rang_at=0,
        due_at=clocks.review_due(s, s.now),
        paused_until=0,
    )
    report = clocks.offered(escalation.restarted(s, report))
    by = message.facts.get("by", door(message))
    after = s.now - report.opened_at
    log = Log(Event.ANSWERED, report.id, person.id, {"first": int(first), "after_ms": after, "by": by})
    return [
        AddMessage(report.id, Direction.OUT, rest, person.id),
        Say(reporter, rest, "answer", report.id, person_id=person.id),
        Keep(report),
        log,
        Withdraw(report.id),
        *amended,
        about(person, message, report, _sent(report, rest, count), kind="done"),
    ]


def _sent(report: Report, rest: str, count: int) -> Text:
    """What an officer hears of an answer that leaves: how many SMS it is, when it is not one."""
    if count == 1:
        return say("staff", "#{number}: balasan dikirim.", number=report.number)
    if _without_special(rest) < count:
        special = say(
            "staff", "#{number}: balasan dikirim, {count} SMS karena huruf khusus.", number=report.number, count=count
        )
        return special
    return say("staff", "#{number}: balasan dikirim, {count} SMS.", number=report.number, count=count)


def _without_special(rest: str) -> int:
    """How many SMS an answer would be if all its characters were those of plain SMS."""
    return sms.cost(sms.gsm7(rest))


def is_doubtful(command: Command, report: Report | None) -> bool:
    """Whether an answer may be asked back, so that what was asked back before must be known."""
    silent = report is not None and NO_CONTACT in report.flags
    return command.verb is Verb.ANSWER and (silent or sms.cost(f"{command.code} {command.rest}") > MOST)


def _asked_back(s: Situation, person: Person, rest: str) -> bool:
    """Whether somebody repeats the words of an answer that was too long: they mean them."""
    earlier = (
        _UNSENT.fullmatch(m.text) for m in s.thread if m.person_id == person.id and m.direction is Direction.NOTE
    )
    return any(unsent[1].split() == rest.split() for unsent in earlier if unsent)


def _held(message: Inbound, person: Person, report: Report, rest: str, count: int) -> list[Effect]:
    """An answer of many SMS, or to a phone that asked for none, is asked back once. Its words stay in the thread as a
    note; no clock hears of it."""
    plain = _without_special(rest)
    asked = say(
        "staff",
        "#{number}: belum dikirim, {count} SMS. Pendekkan, atau kirim kata yang sama sekali lagi.",
        number=report.number,
        count=count,
    )
    if plain < count:
        asked = say(
            "staff",
            "#{number}: belum dikirim. Karena huruf khusus jadi {count} SMS, tanpa itu {plain}. Ubah, atau kirim kata "
            "yang sama sekali lagi.",
            number=report.number,
            count=count,
            plain=plain,
        )
    if NO_CONTACT in report.flags:
        asked = say(
            "staff",
            "#{number}: belum dikirim, pelapor minta tidak dihubungi. Bila tetap aman, kirim kata yang sama "
            "sekali lagi.",
            number=report.number,
        )
    return [
        AddMessage(report.id, Direction.NOTE, f"[belum dikirim, {count} SMS] {rest}", person.id),
        Keep(replace(report, messages=report.messages + 1)),
        Log(Event.NOTED, report.id, person.id, {"unsent": count}),
        about(person, message, report, asked, kind="unsent"),
    ]


def _note(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if not rest:
        empty = say("staff", "Catatan kosong. Tulis: CATAT {number} teks.", number=report.number)
        return [about(person, message, report, empty)]
    report = replace(report, messages=report.messages + 1)
    return [
        AddMessage(report.id, Direction.NOTE, rest, person.id),
        Keep(report),
        Log(Event.NOTED, report.id, person.id),
        about(person, message, report, say("staff", "#{number}: dicatat.", number=report.number), kind="done"),
    ]


def _raise(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """Calls the next rung now, whatever the clock says."""
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    if report.status is Status.CONTACTED:
        report = replace(report, status=Status.TAKEN, waiting_since=report.waiting_since or s.now)
    rung = max(report.rung + bool(report.turn), 1)  # the rest of a step that calls several times is passed
    above = replace(report, due_at=s.now, rung=rung, turn=0, paused_until=0, offered_to=0, offer_until=0)
    report, effects = escalation.climb(s, above)
    return [
        Keep(report),
        Log(Event.RAISED, report.id, person.id),
        *effects,
        about(person, message, report, say("staff", "#{number}: orang berikutnya dipanggil.", number=report.number)),
    ]


def _close(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if not rest:
        why = say("staff", "Tulis alasannya: TUTUP {number} alasan.", number=report.number)
        return [about(person, message, report, why, sms=say("staff", "Alasannya? Balas: {code}T alasan", code=CODE))]
    if report.status is Status.CLOSED:
        return [tell(person, message, closed(report))]
    if report.rang_at:
        unread = say("staff", "#{number}: ada pesan baru. Baca dulu, baru tutup.", number=report.number)
        return [about(person, message, report, unread)]
    gone = replace(report, status=Status.CLOSED, closed_at=s.now, waiting_since=0, messages=report.messages + 1)
    ended = replace(clocks.running(s, gone), legal_at=0)
    done = say("staff", "#{number}: ditutup.", number=report.number)
    return [
        AddMessage(report.id, Direction.NOTE, rest, person.id),
        Keep(ended),
        Log(Event.CLOSED, report.id, person.id, {"contacted": int(bool(report.contacted_at))}),
        Withdraw(report.id),
        Amend(report.id, done, person.id),
        tell(person, message, done),
    ]


def open_reports(s: Situation, person: Person) -> list[Text]:
    """Open reports by number, area, risk and minutes; nothing of what they say."""
    order = [Risk.HIGH, Risk.MEDIUM, Risk.LOW]
    mine = [
        r
        for r in sorted(s.waiting, key=lambda r: order.index(r.risk))
        if r.owner_id == person.id or (person.role in READERS and serves(person, r))
    ]
    if not mine:
        return [say("staff", "Tidak ada laporan terbuka.")]
    states = {
        Status.NEW: say("staff", "belum diambil"),
        Status.TAKEN: say("staff", "belum dihubungi"),
        Status.CONTACTED: say("staff", "sudah dihubungi"),
    }
    more = [say("staff", "+{count} lagi", count=len(mine) - LISTED)] if len(mine) > LISTED else []
    lines = [
        say(
            "staff",
            "#{number} {area} {risk} {minutes} mnt {state}\n",
            number=r.number,
            area=s.office.area_name(r.area),
            risk=pings.risk_word(r.risk),
            minutes=(s.now - r.opened_at) // clock.MINUTE,
            state=say("staff", "latihan") if DRILL in r.flags else states[r.status],
        )
        for r in mine[:LISTED]
    ]
    return [*lines, *more]


def help_for(message: Inbound) -> Text:
    if message.medium is Medium.SMS:
        return say(
            "staff",
            "Balas kode+huruf: A ambil, B baca, R balas, C catat, N naik, T tutup, S serahkan, Y terima, X tolak, "
            "P tunda, L lanjut, J jejak. Atau: DAFTAR, PIKET.",
        )
    return say(
        "staff",
        "AMBIL nomor · BACA nomor · BALAS nomor teks · CATAT nomor teks · NAIK nomor · TUTUP nomor alasan · DAFTAR\n"
        "SERAHKAN nomor nama · TERIMA nomor · TOLAK nomor · TUNDA nomor 2 jam alasan · LANJUT nomor · "
        "GABUNG nomor nomor · JENIS nomor kata · TINGGI/SEDANG/RENDAH nomor · BUKA nomor alasan · JEJAK nomor\n"
        "Atau balas (reply) pesan laporan untuk menjawab pelapor.",
    )


def closed(report: Report) -> Text:
    return say("staff", "#{number} sudah ditutup.", number=report.number)


def not_yours(report: Report) -> Text:
    return say("staff", "#{number} bukan wilayah atau tugas Anda. Hubungi koordinator.", number=report.number)


def taken_by(report: Report, owner: Person) -> Text:
    return say("staff", "#{number} sudah diambil {name}.", number=report.number, name=owner.name[:30])


def serves(person: Person, report: Report) -> bool:
    """Whether a report lies in a person's areas; one without an area is everybody's."""
    return not person.areas or not report.area or report.area in person.areas


def door(message: Inbound) -> str:
    """The medium a person came by."""
    return "chat" if message.medium is Medium.CHAT else "sms"


def tell(person: Person, message: Inbound, *parts: Text) -> Tell:
    """An answer to the person through the door they came by."""
    return Tell(person, tuple(parts), tuple(parts), "staff", only=door(message), lane=Lane.PING)


def about(
    person: Person, message: Inbound, report: Report, text: Text, *, kind: str = "staff", sms: Text | None = None
) -> Tell:
    """An answer about one report: with the next button in a chat, with the next code by SMS."""
    buttons = (Button(say("button", "Baca"), f"baca:{report.number}:{CODE}"),)
    following = sms or say("staff", "Baca: {code}B Balas: {code}R teks", code=CODE)
    return Tell(person, text, (text, following), kind, report.id, buttons, Lane.PING, door(message))


ACTIONS = {
    Verb.TAKE: _take,
    Verb.READ: _read,
    Verb.ANSWER: _answer,
    Verb.NOTE: _note,
    Verb.RAISE: _raise,
    Verb.CLOSE: _close,
}
