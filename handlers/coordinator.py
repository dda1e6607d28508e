"""What people of the office do: take, read, answer, note, raise, close. One meaning, three doors: button, chat, SMS.

A chat proves who writes by its Telegram id. An SMS proves nothing: what reads, answers or changes a report needs the
one-time code that only the real phone received.
"""

from dataclasses import replace

from gateway import clock
from gateway.model import (
    CODE,
    DRILL,
    Event,
    Inbound,
    Medium,
    Person,
    Report,
    Text,
    say,
)
from handlers import (
    acts,
    answering,
    commands,
    drills,
    duties,
    handling,
    keywords,
    merging,
    offering,
    replies,
    rights,
    undelivered,
)
from handlers.commands import Command, Verb
from handlers.effects import (
    AnswerPress,
    BindChat,
    ChangeRota,
    Effect,
    Log,
    RememberPerson,
    RememberReporter,
    Situation,
    SpendCode,
    Tell,
    Withdraw,
)

ACTIONS = acts.ACTIONS | answering.ACTIONS | offering.ACTIONS | merging.ACTIONS | handling.ACTIONS
ANSWERABLE = {
    "ping",
    "news",
    "reveal",
    "taken",
    "unsent",
}  # kinds of our messages to which plain words answer the reporter
SEVERAL = "shared"  # kind of a message of ours that spoke of several reports
_NAMED = (Verb.CLOSE, Verb.ANSWER, Verb.TAKE)  # never meant for the only report that one has taken
HINTS = 3  # per hour and phone, by SMS
WRONG_CODES = 5  # per hour, then no code of this person works by SMS


def decide(s: Situation, message: Inbound) -> list[Effect] | None:
    """A person's message → effects, or None when it is to be treated like any reporter's."""
    if s.invited and message.medium is Medium.CHAT and s.person in (None, s.people[s.invited]):
        return _join(s, message)
    person = s.person
    if person is None:
        return None
    if message.edited:
        return [
            replies.tell(person, message, say("staff", "Pesan yang diubah tidak dijalankan. Kirim sebagai pesan baru."))
        ]
    done: list[Effect] = [AnswerPress()] if message.press_id else []
    command = meant(s, message)
    if command is None:
        if not message.pressed and _reports_something(message.text):
            return None
        return [*done, *_hint(s, person, message)]
    return [*done, *_obey(s, message, person, command)]


def meant(s: Situation, message: Inbound) -> Command | None:
    """A button, a verb, or plain words in reply to one of our messages about a report.

    A reply to a mere confirmation of ours is no answer to anybody. What a verb in a reply is worth: see `_doubtful`.
    """
    if message.pressed:
        return commands.press(message.pressed)
    command = commands.command(message.text)
    for_reporter = message.text.strip() and s.about is not None and s.about_kind in ANSWERABLE
    if for_reporter and command is None:
        return Command(Verb.ANSWER, message.text.strip(), s.about.number if s.about else "")
    return command or (commands.letter(message.text) if message.medium is Medium.SMS else None)


def bare(message: Inbound) -> Command | None:
    """The command that names no report and can only mean the last call: a letter or verb alone by SMS, "ambil" in a
    chat."""
    if message.pressed or message.reply_to:
        return None
    by_phone = message.medium is Medium.SMS
    command = commands.command(message.text) or (commands.letter(message.text) if by_phone else None)
    if command is None or command.number or command.code or command.rest or command.verb in (Verb.LIST, Verb.HELP):
        return None
    return command if by_phone or command.verb is Verb.TAKE else None


def _doubtful(s: Situation, command: Command) -> bool:
    """Words in a reply that only begin like a verb ("tutup pintu dulu, Bu"): neither done nor sent, but asked back.

    Sent, "tutup, dia di rumah adiknya" would stand on her phone; done, "naik ojek saja" would wake the office.
    """
    harmless = command.verb in (Verb.ANSWER, Verb.NOTE)
    return s.about is not None and not command.explicit and not harmless


def _reports_something(text: str) -> bool:
    return keywords.begins_a_report(text)


def _obey(s: Situation, message: Inbound, person: Person, command: Command) -> list[Effect]:
    if _doubtful(s, command):
        doubt = say(
            "staff", "Belum dikirim, belum dijalankan. Menjawab pelapor: BALAS teks. Perintah: pakai / di depan."
        )
        return [replies.tell(person, message, doubt)]
    if command.verb is Verb.HELP:
        return [replies.tell(person, message, replies.help_for(message), *duties.help_for(message))]
    if command.verb is Verb.LIST:
        return [replies.tell(person, message, *replies.open_reports(s, person))]
    if command.verb in commands.ABOUT_DUTY:
        return _about_duty(s, message, person, command)
    if s.coded_change and command.verb in (Verb.ACCEPT, Verb.DECLINE):
        answer = duties.answered(s, message, person, s.coded_change, command.verb is Verb.ACCEPT)
        return _code_refused(s, message, person, command) or [SpendCode(), *answer]
    if s.coded_change:
        s = replace(s, code="")
    if refused := _code_refused(s, message, person, command):
        return refused
    report = which(s, command)
    if report is None:
        unclear = say("staff", "Laporan yang mana? Tulis nomornya, misalnya: BACA 4821937. DAFTAR menampilkan semua.")
        return [replies.tell(person, message, unclear)]
    looked = Withdraw(report.id, person.id)
    if not may(s, person, report, command.verb):
        refusal = Log(Event.REFUSED, report.id, person.id, {"verb": command.verb.value})
        return [looked, refusal, replies.tell(person, message, replies.not_yours(report))]
    spent: list[Effect] = [SpendCode()] if s.code == "good" else []
    if DRILL in report.flags and command.verb is not Verb.TRACE:
        return [looked, *spent, *drills.act(s, message, person, report, command.verb)]
    number_in_words = command.code and not message.pressed and s.code != "good"  # in a chat six digits may be words
    rest = f"{command.code} {command.rest}".strip() if number_in_words else command.rest
    return [looked, *spent, *ACTIONS[command.verb](s, message, person, report, rest)]


def _about_duty(s: Situation, message: Inbound, person: Person, command: Command) -> list[Effect]:
    """Verbs about who is on duty, not about a report; by SMS those that change something need a code of that kind."""
    if message.pressed:
        return duties.answered(s, message, person, int(command.number), command.rest == "ya")
    if command.verb is Verb.DUTY:
        return [replies.tell(person, message, *duties.roster(s))]
    wanted = duties.wish(s, command)
    if isinstance(wanted, Text):
        return _counted(s, message, replies.tell(person, message, wanted))
    if not s.coded_change and s.code == "good":
        s = replace(s, code="")  # a report's code
    if refused := _code_refused(s, message, person, command, duties.fresh_code(s, person, command)):
        return refused
    done = duties.changed(s, message, person, command.verb, wanted)
    changes = any(isinstance(effect, ChangeRota) for effect in done)
    return [*([SpendCode()] if s.code == "good" and changes else []), *done]


def _code_refused(
    s: Situation, message: Inbound, person: Person, command: Command, fresh: Tell | None = None
) -> list[Effect]:
    """By SMS every act needs a good code. Chats prove themselves by their id.

    A wrong code is a try, and five tries an hour end them. A missing, used or old one is answered with a fresh code to
    the phone on file (three an hour), so that forgetting locks nobody out. Somebody who writes in a person's name can
    lock that phone for an hour; the deputies hear of it, and the chat goes on working.
    """
    if message.medium is Medium.CHAT:
        return []
    recent = tuple(at for at in person.tries if s.now - clock.HOUR < at <= s.now)
    if len(recent) >= WRONG_CODES:
        return [Log(Event.REFUSED, person_id=person.id, detail={"why": "locked"})]
    if s.code == "good":
        return []
    refused = Log(Event.REFUSED, person_id=person.id, detail={"why": f"code {s.code or 'missing'}"})
    if s.code == "wrong":
        tried = RememberPerson(replace(person, tries=(*recent, s.now)))
        locked = say("staff", "Kode salah lima kali. Perintah lewat SMS ditutup satu jam.")
        wrong = say("staff", "Kode itu tidak berlaku. Pakai kode di SMS terakhir.")
        if len(recent) < WRONG_CODES - 1:
            return [refused, tried, replies.tell(person, message, wrong)]
        return [refused, tried, replies.tell(person, message, locked), *undelivered.locked_out(s, person)]
    return [refused, *_counted(s, message, fresh or _fresh_code(s, message, person, command))]


def _fresh_code(s: Situation, message: Inbound, person: Person, command: Command) -> Tell:
    """The answer to a missing, used or expired code: a new one for the report it named, if it is theirs.

    A letter or verb alone means the report of the last call to that phone, which held a code, too.
    """
    if s.last is not None and not s.code:
        use = say("staff", "#{number}: pakai kode ini.", number=s.last.number)
        ready = Text("", "{code}{letter}", {"code": CODE, "letter": commands.letter_of(command.verb)})
        return replies.about(person, message, s.last, use, sms=ready)
    report = s.named or s.lapsed
    if report is None or not may(s, person, report, Verb.READ):
        said = {
            "used": say("staff", "Kode itu sudah dipakai. Pakai kode di SMS terakhir."),
            "expired": say("staff", "Kode itu sudah kedaluwarsa. Pakai kode di SMS terakhir."),
        }.get(s.code, say("staff", "Perlu kode 6 angka dari SMS terakhir, misalnya 123456A untuk ambil."))
        return replies.tell(person, message, said)
    use = {
        "used": say("staff", "#{number}: kode itu sudah dipakai, pakai yang ini.", number=report.number),
        "expired": say("staff", "#{number}: kode itu sudah kedaluwarsa, pakai yang ini.", number=report.number),
    }.get(s.code, say("staff", "#{number}: pakai kode ini.", number=report.number))
    return replies.about(person, message, report, use)


def which(s: Situation, command: Command) -> Report | None:
    """The report meant: by code, number, or the message answered; for a bare "ambil" that of the last call; but for
    words and closing, else the only one taken. An answer to a message about several reports names none of them.

    A number that is no report's, or not the code's, means none: better ask than reach the wrong person.
    """
    if s.coded is not None:
        return s.coded if command.number in ("", s.coded.number) else None
    if command.number:
        return next((r for r in (s.named, s.about) if r is not None and r.number == command.number), None)
    if s.about is not None:
        return s.about
    if s.about_kind == SEVERAL:
        return None
    if s.last is not None:
        return s.last
    return s.owned[0] if len(s.owned) == 1 and command.verb not in _NAMED else None


def reads(s: Situation, message: Inbound, verb: Verb = Verb.READ) -> Report | None:
    """The report whose thread (READ) or timeline (TRACE) is needed to decide on this message: it asks to see it, or is
    an answer that may be asked back."""
    command = meant(s, message) if s.person is not None else None
    report = which(s, command) if command is not None else None
    if command is None or report is None:
        return None
    needed = command.verb is verb or (verb is Verb.READ and answering.is_doubtful(command, report))
    return report if needed else None


def may(s: Situation, person: Person, report: Report, verb: Verb) -> bool:
    """Taking: readers of the area, and whoever was called (a good code, a bare "ambil"). Taking over: whoever it was
    offered to. All else: the owner, or such a reader."""
    if report.owner_id == person.id:
        return True
    if verb in (Verb.ACCEPT, Verb.DECLINE):
        return True  # the act itself says whether it was offered to them
    if verb is Verb.TAKE and (s.code == "good" or (s.last is not None and s.last.id == report.id)):
        return True
    return person.role in rights.READERS and (rights.serves(person, report) or s.code == "good")


def _hint(s: Situation, person: Person, message: Inbound) -> list[Effect]:
    said = say(
        "staff",
        "Pesan ini tidak dikirim ke siapa pun. Untuk menjawab pelapor: BALAS nomor teks. Untuk melapor: LAPOR teks. "
        "BANTUAN: semua perintah.",
    )
    return _counted(s, message, replies.tell(person, message, said))


def _counted(s: Situation, message: Inbound, hint: Tell) -> list[Effect]:
    """A hint, by SMS only three an hour: a phone that answers by itself would go on for ever."""
    writer = s.reporter
    if writer is None or message.medium is Medium.CHAT:
        return [hint]
    recent = tuple(at for at in writer.autos if s.now - clock.HOUR < at <= s.now)
    return [hint, RememberReporter(replace(writer, autos=(*recent, s.now)))] if len(recent) < HINTS else []


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
