"""What people of the office do: take, read, answer, note, raise, close. One meaning, three doors: button, chat, SMS.

A chat proves who writes by its Telegram id. An SMS proves nothing: what reads, answers or changes a report needs the
one-time code that only the real phone received.
"""

from dataclasses import replace

from gateway import clock, texts
from gateway.model import (
    CODE,
    Button,
    Direction,
    Event,
    Inbound,
    Lane,
    Medium,
    Person,
    Report,
    Status,
    Text,
    say,
)
from gateway.office import REVIEW_AFTER
from handlers import escalation, keywords, transcript, words
from handlers.effects import (
    AddMessage,
    AnswerPress,
    BindChat,
    Effect,
    Keep,
    Log,
    RememberPerson,
    RememberReporter,
    Say,
    Situation,
    SpendCode,
    Tell,
    Withdraw,
)
from handlers.keywords import Command, Verb

READERS = {"piket", "koordinator", "kasi", "kepala_uptd"}  # may open and answer reports of their area
HINTS = 3  # per hour and phone, by SMS
WRONG_CODES = 5  # per hour, then no code of this person works by SMS
_PUBLIC = {Verb.HELP, Verb.LIST}
_SMS_TRANSCRIPT = 450  # characters, about three parts


def decide(s: Situation, message: Inbound) -> list[Effect] | None:
    """A person's message → effects, or None when it is to be treated like any reporter's."""
    if s.invited and message.medium is Medium.CHAT:
        return _join(s, message)
    person = s.person
    if person is None or message.edited:
        return None if person is None else []
    done: list[Effect] = [AnswerPress()] if message.press_id else []
    command = _meant(s, message)
    if command is None:
        if _reports_something(message.text):
            return None
        return [*done, *_hint(s, person, message)]
    return [*done, *_obey(s, message, person, command)]


def _meant(s: Situation, message: Inbound) -> Command | None:
    """A button, a verb, or plain words in reply to one of our messages about a report."""
    if message.pressed:
        return keywords.press(message.pressed)
    command = keywords.command(message.text)
    if command is None and s.about is not None and message.text.strip():
        return Command(Verb.ANSWER, message.text.strip(), s.about.number)
    return command


def _reports_something(text: str) -> bool:
    first, rest = keywords.split_keyword(keywords.clean(text))
    return first in words.REPORT | words.DANGER or (first in words.DANGER and not rest)


def _obey(s: Situation, message: Inbound, person: Person, command: Command) -> list[Effect]:
    if command.verb is Verb.HELP:
        return [_tell(person, message, _help(message))]
    if command.verb is Verb.LIST:
        return [_tell(person, message, *_list(s, person))]
    if refused := _code_refused(s, message, person):
        return refused
    report = _which(s, command)
    if report is None:
        return [
            _tell(
                person,
                message,
                say("staff", "Laporan yang mana? Tulis nomornya, misalnya: BACA 4821937. DAFTAR menampilkan semua."),
            )
        ]
    if not _may(s, person, report, command.verb):
        return [
            Log(Event.REFUSED, report.id, person.id, {"verb": command.verb.value}),
            _tell(person, message, _not_yours(s, report)),
        ]
    spent: list[Effect] = [SpendCode()] if s.code == "good" else []
    return [*spent, *_ACTIONS[command.verb](s, message, person, report, command.rest)]


def _code_refused(s: Situation, message: Inbound, person: Person) -> list[Effect]:
    """By SMS every act needs a good code; guessing is slowed down to nothing. Chats prove themselves by their id."""
    if message.medium is Medium.CHAT:
        return []
    recent = tuple(at for at in person.tries if s.now - clock.HOUR < at <= s.now)
    if len(recent) >= WRONG_CODES:
        return [Log(Event.REFUSED, person_id=person.id, detail={"why": "locked"})]
    if s.code == "good":
        return []
    said = {
        "used": say("staff", "Kode itu sudah dipakai. Pakai kode di SMS terakhir."),
        "": say("staff", "Perlu kode 6 angka dari SMS terakhir, misalnya 123456A untuk ambil."),
    }.get(s.code, say("staff", "Kode itu tidak berlaku. Pakai kode di SMS terakhir."))
    refused = Log(Event.REFUSED, person_id=person.id, detail={"why": f"code {s.code or 'missing'}"})
    return [refused, RememberPerson(replace(person, tries=(*recent, s.now))), _tell(person, message, said)]


def _which(s: Situation, command: Command) -> Report | None:
    """The report meant: by number, by code, by the message answered; else the only one this person has taken."""
    if s.coded is not None:
        return s.coded
    if command.number:
        return next((r for r in (s.named, s.about) if r is not None and r.number == command.number), None)
    if s.about is not None:
        return s.about
    return s.owned[0] if len(s.owned) == 1 else None


def _may(s: Situation, person: Person, report: Report, verb: Verb) -> bool:
    """Taking: readers of the area, and whoever was called (a good code). All else: the owner, or such a reader."""
    if report.owner_id == person.id:
        return True
    if verb is Verb.TAKE and s.code == "good":
        return True
    near = not person.areas or not report.area or report.area in person.areas
    return person.role in READERS and (near or s.code == "good")


def _take(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    owner = s.member(report.owner_id)
    if report.status is Status.CLOSED:
        return [_tell(person, message, _closed(report))]
    if owner is not None and owner.id == person.id:
        return [_about(person, message, report, say("staff", "#{number} sudah Anda ambil.", number=report.number))]
    if owner is not None and not _lapsed(s, report):
        return [_tell(person, message, _taken_by(report, owner))]
    report = _taken(s, report, person)
    return [
        Keep(report),
        Log(Event.TAKEN, report.id, person.id, {"after_ms": s.now - report.opened_at}),
        Withdraw(report.id),
        _about(
            person,
            message,
            report,
            say("staff", "#{number} Anda ambil. Baca, lalu hubungi pelapor.", number=report.number),
        ),
        *_to_former(s, owner, person, report),
    ]


def _to_former(s: Situation, owner: Person | None, person: Person, report: Report) -> list[Effect]:
    if owner is None:
        return []
    told = _taken_by(report, person)
    return [Tell(owner, told, told, "staff", report.id)]


def _lapsed(s: Situation, report: Report) -> bool:
    """Taken, not contacted in time: the ladder runs again, and somebody else may take it."""
    ladder = s.office.ladder_for(report.risk)
    since = max(report.seen_at, report.waiting_since)
    return report.status is Status.TAKEN and s.now >= s.office.later(since, ladder.seen_expires, ladder.clock)


def _taken(s: Situation, report: Report, person: Person) -> Report:
    ladder = s.office.ladder_for(report.risk)
    due = s.office.later(s.now, ladder.seen_expires, ladder.clock)
    return replace(report, status=Status.TAKEN, owner_id=person.id, seen_at=s.now, due_at=due)


def _read(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """Shows the thread in the person's own chat for a while (or shortened by SMS), and remembers that it was read."""
    full = transcript.whole(s, report, s.thread)
    short = texts.pieces(" | ".join(transcript.line(s, m) for m in s.thread[-3:]), _SMS_TRANSCRIPT)[0]
    buttons: tuple[Button, ...] = ()
    if report.status is Status.NEW:
        buttons = (Button(say("button", "Ambil"), f"ambil:{report.number}:{CODE}"),)
    code = say("staff", "Balas: {code}R teks", code=CODE)
    sms = (say("staff", "#{number}: {thread}", number=report.number, thread=texts.masked(short)), code)
    shown = Tell(person, full, sms, "reveal", report.id, buttons, Lane.PING, _door(message), reveal=True)
    heard = [Keep(replace(report, rang_at=0))] if report.rang_at and report.owner_id == person.id else []
    return [*heard, Log(Event.READ, report.id, person.id, {"messages": len(s.thread), "by": _door(message)}), shown]


def _answer(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    owner = s.member(report.owner_id)
    reporter = s.reporters.get(report.reporter_id)
    if not rest:
        return [
            _tell(person, message, say("staff", "Balasan kosong. Tulis: BALAS {number} teks.", number=report.number))
        ]
    if report.status is Status.CLOSED or reporter is None:
        return [_tell(person, message, _closed(report))]
    if owner is not None and owner.id != person.id and not _lapsed(s, report):
        return [_tell(person, message, _taken_by(report, owner))]
    first = not report.contacted_at
    report = replace(
        report,
        status=Status.CONTACTED,
        owner_id=person.id,
        seen_at=report.seen_at or s.now,
        contacted_at=report.contacted_at or s.now,
        waiting_since=0,
        rang_at=0,
        due_at=s.now + REVIEW_AFTER,
        rung=0,
        round=0,
    )
    log = Log(Event.ANSWERED, report.id, person.id, {"first": int(first), "after_ms": s.now - report.opened_at})
    return [
        AddMessage(report.id, Direction.OUT, rest, person.id),
        Say(reporter, rest, "answer", report.id, person_id=person.id),
        Keep(report),
        log,
        Withdraw(report.id),
        _about(person, message, report, say("staff", "#{number}: balasan dikirim.", number=report.number)),
    ]


def _note(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if not rest:
        return [
            _tell(person, message, say("staff", "Catatan kosong. Tulis: CATAT {number} teks.", number=report.number))
        ]
    report = replace(report, messages=report.messages + 1)
    return [
        AddMessage(report.id, Direction.NOTE, rest, person.id),
        Keep(report),
        Log(Event.NOTED, report.id, person.id),
        _about(person, message, report, say("staff", "#{number}: dicatat.", number=report.number)),
    ]


def _raise(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    """Calls the next rung now, whatever the clock says."""
    if report.status is Status.CLOSED:
        return [_tell(person, message, _closed(report))]
    if report.status is Status.CONTACTED:
        report = replace(report, status=Status.TAKEN, waiting_since=report.waiting_since or s.now)
    report, effects = escalation.climb(s, replace(report, due_at=s.now, rung=max(report.rung, 1)))
    return [
        Keep(report),
        Log(Event.RAISED, report.id, person.id),
        *effects,
        _tell(person, message, say("staff", "#{number}: orang berikutnya dipanggil.", number=report.number)),
    ]


def _close(s: Situation, message: Inbound, person: Person, report: Report, rest: str) -> list[Effect]:
    if not rest:
        return [_tell(person, message, say("staff", "Tulis alasannya: TUTUP {number} alasan.", number=report.number))]
    if report.status is Status.CLOSED:
        return [_tell(person, message, _closed(report))]
    closed = replace(
        report, status=Status.CLOSED, closed_at=s.now, due_at=0, waiting_since=0, messages=report.messages + 1
    )
    return [
        AddMessage(report.id, Direction.NOTE, rest, person.id),
        Keep(closed),
        Log(Event.CLOSED, report.id, person.id, {"contacted": int(bool(report.contacted_at))}),
        Withdraw(report.id),
        _tell(person, message, say("staff", "#{number}: ditutup.", number=report.number)),
    ]


_ACTIONS = {
    Verb.TAKE: _take,
    Verb.READ: _read,
    Verb.ANSWER: _answer,
    Verb.NOTE: _note,
    Verb.RAISE: _raise,
    Verb.CLOSE: _close,
}


def _list(s: Situation, person: Person) -> list[Text]:
    """Open reports by number, area, risk and minutes; nothing of what they say."""
    mine = [r for r in s.waiting if r.owner_id == person.id or not person.areas or not r.area or r.area in person.areas]
    if not mine:
        return [say("staff", "Tidak ada laporan terbuka.")]
    states = {
        Status.NEW: say("staff", "belum diambil"),
        Status.TAKEN: say("staff", "belum dihubungi"),
        Status.CONTACTED: say("staff", "sudah dihubungi"),
    }
    return [
        say(
            "staff",
            "#{number} {area} {risk} {minutes} mnt {state}\n",
            number=r.number,
            area=s.office.area_name(r.area),
            risk=escalation.risk_word(r.risk),
            minutes=(s.now - r.opened_at) // clock.MINUTE,
            state=states[r.status],
        )
        for r in mine[:20]
    ]


def _help(message: Inbound) -> Text:
    if message.medium is Medium.SMS:
        return say(
            "staff",
            "Balas kode+huruf: A ambil, B baca, R teks balas, C teks catat, N naik, T alasan tutup. "
            "DAFTAR: laporan terbuka.",
        )
    return say(
        "staff",
        "AMBIL nomor · BACA nomor · BALAS nomor teks · CATAT nomor teks · NAIK nomor · TUTUP nomor alasan · DAFTAR\n"
        "Atau balas (reply) pesan laporan untuk menjawab pelapor.",
    )


def _hint(s: Situation, person: Person, message: Inbound) -> list[Effect]:
    writer = s.reporter
    recent = tuple(at for at in (writer.autos if writer else ()) if s.now - clock.HOUR < at <= s.now)
    if message.medium is Medium.SMS and len(recent) >= HINTS:
        return []  # a phone that answers by itself would go on for ever
    said = say(
        "staff",
        "Pesan ini tidak dikirim ke siapa pun. Untuk menjawab pelapor: BALAS nomor teks. Untuk melapor: LAPOR teks. "
        "BANTUAN: semua perintah.",
    )
    counted = [RememberReporter(replace(writer, autos=(*recent, s.now)))] if writer else []
    return [*counted, _tell(person, message, said)]


def _join(s: Situation, message: Inbound) -> list[Effect]:
    person = s.people[s.invited]
    welcome = say(
        "staff", "Selamat datang, {name}. Panggilan akan masuk ke sini. BANTUAN: semua perintah.", name=person.name
    )
    bound = replace(person, telegram=message.address, chat_works=True)
    return [
        BindChat(bound),
        SpendCode(),
        Log(Event.BOUND, person_id=person.id),
        Tell(bound, welcome, welcome, "staff", only="chat"),
    ]


def _closed(report: Report) -> Text:
    return say("staff", "#{number} sudah ditutup.", number=report.number)


def _taken_by(report: Report, owner: Person) -> Text:
    return say("staff", "#{number} sudah diambil {name}.", number=report.number, name=owner.name[:30])


def _not_yours(s: Situation, report: Report) -> Text:
    return say("staff", "#{number} bukan wilayah atau tugas Anda. Hubungi koordinator.", number=report.number)


def _door(message: Inbound) -> str:
    return "chat" if message.medium is Medium.CHAT else "sms"


def _tell(person: Person, message: Inbound, *parts: Text) -> Tell:
    """An answer to the person through the door they came by."""
    return Tell(person, tuple(parts), tuple(parts), "staff", only=_door(message), lane=Lane.PING)


def _about(person: Person, message: Inbound, report: Report, text: Text) -> Tell:
    """An answer about one report: with the next buttons in a chat, with the next code by SMS."""
    buttons = (Button(say("button", "Baca"), f"baca:{report.number}:{CODE}"),)
    sms = (text, say("staff", "Baca: {code}B Balas: {code}R teks", code=CODE))
    return Tell(person, text, sms, "staff", report.id, buttons, Lane.PING, _door(message))
