"""Who is on duty, by message: PIKET shows it, GANTI asks somebody to stand in, CUTI and KEMBALI say who is away."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway import clock, days
from gateway.model import CODE, Button, Event, Inbound, Lane, Medium, Person, Text, say
from gateway.rota import Change, Rota, Span
from handlers.commands import Command, Verb
from handlers.effects import ChangeRota, Effect, Log, Situation, Tell
from handlers.offering import person_named
from handlers.pings import can_be_called, reachable
from handlers.replies import open_reports, tell
from handlers.rights import READERS, serves

KIND = "rota"  # of a message whose code stands for a change of the rota, and for no report
LONGEST_LEAVE = 190  # days
_HEAD = "kepala_uptd"
_NAMED = 3  # people in one sentence


@dataclass(frozen=True, slots=True)
class Wish:
    """What GANTI or CUTI asks for: when, and for GANTI who stands in."""

    days: days.Days
    to: Person | None = None


def wish(s: Situation, command: Command) -> Wish | Text | None:
    """The wish of a command; how it is written when its words are no wish; None for a verb that needs none."""
    today = s.office.local(s.now).date()
    if command.verb is Verb.BACK and command.rest:
        return say("staff", "KEMBALI tanpa kata lain mengakhiri cuti. Belum ada yang diubah.")
    if command.verb is Verb.LEAVE:
        found = days.read(command.rest, today)
        form = say("staff", "Tulis kapan: CUTI 3 hari, CUTI besok, atau CUTI 24/11-26/11. Belum ada yang dicatat.")
        return Wish(found) if found else form
    if command.verb is not Verb.SWAP:
        return None
    to, rest = person_named(s, command.rest)
    found = days.read(rest, today) if to else None
    if to is not None and found is not None:
        return Wish(found, to)
    names = ", ".join(p.ref for p in s.people.values() if s.person is None or p.id != s.person.id)[:60]
    return say(
        "staff", "Tulis nama dan hari: GANTI budi besok, atau GANTI budi 24/11-26/11. Ada: {names}.", names=names
    )


def fresh_code(s: Situation, person: Person, command: Command) -> Tell:
    """A code for the phone on file, with which the command is repeated: a sender number proves nothing."""
    verb = command.verb.value.upper()
    words = say("staff", "Ulangi perintah dengan kode ini: {verb} {code} ...", verb=verb, code=CODE)
    return Tell(person, words, words, KIND, s.fresh.report_id, lane=Lane.PING, only="sms")


# Who is on


def roster(s: Situation) -> list[Text]:
    """Who is on duty now in each layer, until when, and who is next."""
    found = []
    for layer in s.rota.layers:
        values: dict[str, str | int | Text] = {"layer": layer, "names": _names(s, s.rota.on_duty(s.now, layer))}
        upcoming = s.rota.next_change(s.now, layer)
        if not upcoming:
            found.append(say("staff", "Piket {layer}: {names}.\n", **values))
            continue
        values |= {"until": s.office.said(upcoming), "next": _names(s, s.rota.on_duty(upcoming, layer))}
        found.append(say("staff", "Piket {layer}: {names} sampai {until}, lalu {next}.\n", **values))
    return found


def _names(s: Situation, refs: tuple[str, ...]) -> str | Text:
    names = [s.people[ref].name[:30] if ref in s.people else ref for ref in refs]
    more = f" +{len(names) - _NAMED}" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more if names else say("staff", "tidak ada orang")


# Swaps


def _swap(s: Situation, message: Inbound, person: Person, wanted: Wish) -> list[Effect]:
    """Asks somebody; nothing changes until they agree."""
    to = wanted.to
    if to is None:
        return []
    span = _my_turn(s, person, wanted)
    if refused := _cannot_stand_in(s, person, to, span):
        return [tell(person, message, refused)]
    change = Change(s.fresh.report_id, "swap", person.ref, to.ref, *span, state="asked", asked_at=s.now)
    asked = say("staff", "{name} ditanya. Sampai setuju, piket {span} tetap Anda.", **_facts(s, change, to))
    log = Log(Event.DUTY, person_id=person.id, detail={"what": "swap asked", "of": to.id})
    return [ChangeRota(change), log, _request(s, change, person, to), tell(person, message, asked)]


def _my_turn(s: Situation, person: Person, wanted: Wish) -> tuple[int, int]:
    """From when to when somebody's shifts of some days last, also those of a leave; (0, 0) when there are none."""
    found = _without_leave(s, person).turns(person.ref, wanted.days.first, wanted.days.last)
    turns = [span for span in found if span.end > s.now]
    return (max(s.now, min(t.start for t in turns)), max(t.end for t in turns)) if turns else (0, 0)


def _without_leave(s: Situation, person: Person) -> Rota:
    """The rota as if somebody were not on leave."""
    return Rota(s.office, [c for c in s.rota.changes if not (c.kind == "leave" and c.person == person.ref)])


def _cannot_stand_in(s: Situation, person: Person, to: Person, span: tuple[int, int]) -> Text | None:
    name = to.name[:30]
    if to.id == person.id:
        return say("staff", "Itu Anda sendiri. Pilih orang lain.")
    if not span[1]:
        return say("staff", "Anda tidak punya giliran piket pada hari itu. PIKET: siapa yang bertugas.")
    if s.rota.leave(to.ref, *span):
        return say("staff", "{name} cuti pada waktu itu. Pilih orang lain.", name=name)
    if _together(s, person, to, span):
        return say("staff", "{name} sudah bertugas pada giliran itu. Pilih orang lain.", name=name)
    if not can_be_called(to):
        return say("staff", "{name} tidak dapat dihubungi. Pilih orang lain.", name=name)
    if to.role not in READERS:
        return say("staff", "{name} tidak boleh membaca laporan. Pilih orang lain.", name=name)
    return None


def _together(s: Situation, person: Person, to: Person, span: tuple[int, int]) -> bool:
    """Whether the two are on duty at one time in one layer."""
    layers = (there for layer in s.rota.layers for there in s.rota.spans(*span, layer))
    return any({person.ref, to.ref} <= set(there.people) for there in layers)


def _request(s: Situation, change: Change, person: Person, to: Person) -> Tell:
    values = _facts(s, change, person)
    chat = say("staff", "{name} minta Anda menggantikan piket {span}.", **values)
    sms = say("staff", "{name} minta Anda ganti piket {span}. Setuju: {code}Y Tolak: {code}X", **values, code=CODE)
    buttons = (
        Button(say("button", "Setuju"), f"ganti:{change.id}:ya"),
        Button(say("button", "Tolak"), f"ganti:{change.id}:tidak"),
    )
    return Tell(to, chat, sms, KIND, change.id, buttons, Lane.PING, dedupe=f"swap:{change.id}:{to.id}")


def answered(s: Situation, message: Inbound, person: Person, change_id: int, yes: bool) -> list[Effect]:
    """The one who was asked agrees or refuses; both hear what holds now."""
    change = next((c for c in s.rota.changes if c.id == change_id and c.stand_in == person.ref), None)
    asker = s.people.get(change.person) if change else None
    if change is None or asker is None or change.state != "asked" or change.expires_at <= s.now:
        return [tell(person, message, say("staff", "Permintaan ganti piket itu sudah tidak berlaku."))]
    mine, theirs = _facts(s, change, person), _facts(s, change, asker)
    if not yes:
        told = say("staff", "{name} menolak piket {span}. Tetap giliran Anda.", **mine)
        done = say("staff", "Anda menolak. {name} diberi tahu.", name=asker.name[:30])
        return [*_settled(change, person, "refused"), _news(asker, told), tell(person, message, done)]
    span = max(change.from_at, s.now), change.until_at
    if not _without_leave(s, asker).shifts(asker.ref, *span) or _cannot_stand_in(s, asker, person, span):
        gone = say("staff", "Jadwal piket {span} sudah berubah. Tidak jadi diganti.", span=mine["span"])
        return [*_settled(change, person, "ended"), _news(asker, gone), tell(person, message, gone)]
    told = say("staff", "{name} setuju: piket {span} digantikan.", **mine)
    done = say("staff", "Anda piket {span}, menggantikan {name}.", **theirs)
    return [*_settled(change, person, "agreed"), _news(asker, told), tell(person, message, done)]


def _settled(change: Change, person: Person, state: str) -> list[Effect]:
    log = Log(Event.DUTY, person_id=person.id, detail={"what": f"swap {state}"})
    return [ChangeRota(replace(change, state=state)), log]


def _news(person: Person, words: Text) -> Tell:
    return Tell(person, words, words, "staff", lane=Lane.PING)


def _facts(s: Situation, change: Change, person: Person) -> dict[str, str | int | Text]:
    return {"name": person.name[:30], "span": _said(s, change.from_at, change.until_at)}


def _said(s: Situation, start: int, end: int) -> str:
    return f"{s.office.local(start):%d/%m %H.%M} - {s.office.said(end)}"


def expired(s: Situation) -> list[Effect]:
    """Requests nobody answered before the shift began: whoever asked hears that nothing has changed."""
    effects: list[Effect] = []
    for change in s.rota.changes:
        asker, asked = s.people.get(change.person), s.people.get(change.stand_in)
        if change.state == "asked" and change.expires_at <= s.now:
            effects.append(ChangeRota(replace(change, state="ended")))
            if asker and asked:
                facts = _facts(s, change, asked)
                effects.append(_news(asker, say("staff", "{name} tidak menjawab. Piket {span} tetap Anda.", **facts)))
    return effects


# Leave


def _leave(s: Situation, message: Inbound, person: Person, wanted: Wish) -> list[Effect]:
    """Somebody is away from now or a day on. The sick are not refused; who stands in, or that nobody does, is said."""
    first, until = _away(s, person, wanted.days)
    if (wanted.days.last - wanted.days.first).days >= LONGEST_LEAVE:
        return [tell(person, message, say("staff", "Paling lama {days} hari sekali catat.", days=LONGEST_LEAVE))]
    change = Change(s.fresh.report_id, "leave", person.ref, "", first, until, asked_at=s.now)
    after = s.rota.with_change(change)
    holes = _new_holes(s, after, first, until)
    done = say("staff", "Cuti {span} tercatat.", span=_said(s, first, until))
    log = Log(Event.DUTY, person_id=person.id, detail={"what": "leave", "minutes": (until - first) // clock.MINUTE})
    answer = tell(person, message, done, *_stand_ins(s, person, after, change, holes))
    return [ChangeRota(change), log, answer, *gap_alarms(s, holes, person)]


def _away(s: Situation, person: Person, wanted: days.Days) -> tuple[int, int]:
    """The days with the whole of the shifts that begin on them: a night is not cut in two. From now at the earliest."""
    midnight, until = s.office.midnight(wanted.first), s.office.instant(wanted.last, 24 * 60)
    before = s.rota.turns(person.ref, wanted.eve, wanted.eve)
    during = s.rota.turns(person.ref, wanted.last, wanted.last)
    first = max([midnight, *(span.end for span in before if midnight > s.now)])
    return max(s.now, first), max([until, *(span.end for span in during)])


def _new_holes(s: Situation, after: Rota, start: int, end: int) -> tuple[Span, ...]:
    """Gaps in a time that were none before."""
    known = {(gap.start, gap.end) for gap in s.rota.holes(start, end)}
    return tuple(gap for gap in after.holes(start, end) if (gap.start, gap.end) not in known)


def _stand_ins(s: Situation, person: Person, after: Rota, change: Change, holes: tuple[Span, ...]) -> list[Text]:
    """What becomes of the shifts of somebody who goes on leave."""
    mine = [span for span in s.rota.shifts(person.ref, change.from_at, change.until_at) if span.layer == 1]
    if not mine:
        return [say("staff", "Tidak ada giliran piket Anda.")]
    there = [ref for turn in mine for span in after.spans(turn.start, turn.end) for ref in span.people]
    found = [say("staff", "Pengganti: {names}.", names=_names(s, tuple(dict.fromkeys(there))))] if there else []
    if holes:
        values: dict[str, str | int | Text] = {"span": _said(s, holes[0].start, holes[0].end)}
        found.append(
            say("staff", "Tidak ada pengganti {span}! Kepala diberi tahu. Bila bisa: GANTI nama hari.", **values)
        )
    return found


def _back(s: Situation, message: Inbound, person: Person) -> list[Effect]:
    """The leave that runs ends now; without one the next that was planned is taken back."""
    mine = [c for c in s.rota.changes if c.kind == "leave" and c.person == person.ref and c.until_at > s.now]
    running = [change for change in mine if change.from_at <= s.now] or sorted(mine, key=lambda c: c.from_at)[:1]
    if not running:
        return [tell(person, message, say("staff", "Anda tidak sedang cuti."))]
    ended = [ChangeRota(replace(change, state="ended")) for change in running]
    log = Log(Event.DUTY, person_id=person.id, detail={"what": "leave ended"})
    return [*ended, log, tell(person, message, say("staff", "Cuti diakhiri. Anda dipanggil lagi seperti biasa."))]


ACTIONS: dict[Verb, Callable[[Situation, Inbound, Person, Wish], list[Effect]]] = {Verb.SWAP: _swap, Verb.LEAVE: _leave}


def changed(s: Situation, message: Inbound, person: Person, verb: Verb, wanted: Wish | None) -> list[Effect]:
    """Carries out a verb that changes who is on duty."""
    return ACTIONS[verb](s, message, person, wanted) if wanted else _back(s, message, person)


# By the clock


def gap_alarms(s: Situation, holes: tuple[Span, ...], away: Person | None = None) -> list[Effect]:
    """Gaps that changes have made in the rota: the head hears of each once a day, else the deputies."""
    today = s.office.local(s.now).date()
    effects: list[Effect] = []
    for hole in holes:
        words = say("staff", "DARURAT SISTEM: tidak ada yang piket {span}. Atur pengganti.",
                    span=_said(s, hole.start, hole.end))  # fmt: skip
        effects.append(Log(Event.ALARM, detail={"what": "duty gap", "from": hole.start}))
        effects += _to(_heads(s, away), words, f"gap:{hole.start}:{today}")
    return effects


def nobody_now(s: Situation) -> list[Effect]:
    """Nobody is on duty although the office file has somebody: the head hears of it at once, and each hour."""
    words = say("staff", "DARURAT SISTEM: sekarang tidak ada yang piket. Laporan langsung ke langkah berikutnya.")
    log = Log(Event.ALARM, detail={"what": "nobody on duty"})
    return [log, *_to(_heads(s), words, f"empty:{s.now // clock.HOUR}")]


def calendar_missing(s: Situation, year: int) -> list[Effect]:
    """The days off of a year are not known: the deputies hear of it once a day."""
    words = say(
        "staff", "Hari libur {year} belum diketahui. Isi hours.add, remove dan known di berkas kantor.", year=year
    )
    log = Log(Event.ALARM, detail={"what": "calendar missing", "year": year})
    today = s.office.local(s.now).date()
    return [log, *_to(reachable(s, s.office.deputies()), words, f"calendar:{year}:{today}")]


def _to(people: tuple[Person, ...], words: Text, key: str) -> list[Effect]:
    return [Tell(person, words, words, "alarm", lane=Lane.EMERGENCY, dedupe=f"{key}:{person.id}") for person in people]


def _heads(s: Situation, away: Person | None = None) -> tuple[Person, ...]:
    """The head of the office, else the deputies; who is on leave only when nobody else can be reached."""
    heads = tuple(ref for ref, person in s.people.items() if person.role == _HEAD)
    known = reachable(s, heads) or reachable(s, s.office.deputies())
    others = tuple(person for ref, person in s.people.items() if can_be_called(person))
    for people in (known, reachable(s, s.office.deputies()), others):
        if here := tuple(p for p in people if not s.rota.away(p.ref, s.now) and (away is None or p.id != away.id)):
            return here
    return known


def handed_over(s: Situation, person: Person) -> Tell:
    """The note for somebody whose turn begins: open reports by number, area, risk and state, never what they say."""
    theirs = [r for r in s.waiting if r.owner_id == person.id or (person.role in READERS and serves(person, r))]
    if not theirs:
        none = say("staff", "Giliran piket Anda mulai. Tidak ada laporan terbuka.")
        return Tell(person, none, none, "staff", lane=Lane.PING)
    unseen = sum(not report.owner_id for report in theirs)
    values: dict[str, str | int | Text] = {"count": len(theirs), "new": unseen}
    chat = say("staff", "Giliran piket Anda mulai. {count} laporan terbuka, {new} belum diambil:\n", **values)
    sms = say(
        "staff", "Giliran piket Anda mulai. {count} laporan terbuka, {new} belum diambil. Balas: DAFTAR", **values
    )
    return Tell(person, (chat, *open_reports(s, person)), sms, "staff", lane=Lane.PING)


def help_for(message: Inbound) -> list[Text]:
    """The verbs of this module."""
    if message.medium is Medium.SMS:
        return []
    return [say("staff", "\nPIKET · GANTI nama hari · CUTI 3 hari · KEMBALI")]
