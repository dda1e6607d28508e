"""The calls to people of the office: what may stand in one (number, area, risk, minutes waiting), and its button."""

from gateway import clock
from gateway.model import CODE, DRILL, Button, Lane, Person, Report, Risk, Status, Text, say
from handlers.effects import Situation, Tell

_RISKS = {Risk.HIGH: say("staff", "TINGGI"), Risk.MEDIUM: say("staff", "SEDANG"), Risk.LOW: say("staff", "RENDAH")}


def reachable(s: Situation, ids: tuple[str, ...]) -> tuple[Person, ...]:
    """Those of some people (ids of the office file) who can be called."""
    return tuple(person for ref in ids if (person := s.people.get(ref)) and can_be_called(person))


def can_be_called(person: Person) -> bool:
    """Whether any way to a person is known to work."""
    return bool(person.phone or (person.telegram and person.chat_works))


def risk_word(risk: Risk) -> Text:
    """The risk in the words of the trade."""
    return _RISKS[risk]


def lane_of(report: Report) -> Lane:
    """How soon a call about a report leaves."""
    return Lane.EMERGENCY if report.risk is Risk.HIGH else Lane.PING


def ping(s: Situation, report: Report, person: Person, *, again: bool = False, key: str, only: str = "") -> Tell:
    """Number, area, risk, minutes waiting and a button: nothing else may stand in a ping."""
    values = _facts(s, report)
    notes: list[Text] = []
    if DRILL in report.flags:
        notes.append(say("staff", "(latihan)"))
    if again:
        notes.append(say("staff", "(ulang)"))
    if report.status is Status.TAKEN and not report.contacted_at:
        notes.append(say("staff", "belum dihubungi"))
    mine = report.owner_id == person.id
    chat = (say("staff", "#{number} · {area} · {risk} · {minutes} mnt", **values), *notes)
    sms_note = say("staff", "Baca: {code}B", code=CODE) if mine else say("staff", "Ambil: {code}A", code=CODE)
    sms = (say("staff", "#{number} {area} {risk} {minutes} mnt", **values), *notes, sms_note)
    button = _read_button(report) if mine else _take_button(report)
    dedupe = f"ping:{report.id}:{key}:{report.rev}.{report.messages}:{report.risk}:{person.id}:{only}"
    return Tell(person, chat, sms, "ping", report.id, (button,), lane_of(report), only, dedupe)


def offer(s: Situation, report: Report, person: Person, by: Person) -> Tell:
    """Somebody is asked to take a report over."""
    values = _facts(s, report) | {"name": by.name[:30]}
    chat = say("staff", "#{number} · {area} · {risk} · {minutes} mnt. {name} menyerahkannya kepada Anda.", **values)
    sms = say(
        "staff", "#{number} {area} {risk}: {name} menyerahkan. Terima: {code}Y Tolak: {code}X", **values, code=CODE
    )
    buttons = (
        Button(say("button", "Terima"), f"terima:{report.number}:{CODE}"),
        Button(say("button", "Tolak"), f"tolak:{report.number}:{CODE}"),
    )
    dedupe = f"offer:{report.id}:{report.rev}:{person.id}"
    return Tell(person, chat, sms, "offer", report.id, buttons, lane_of(report), dedupe=dedupe)


def news(report: Report, owner: Person) -> Tell:
    """The owner hears that the reporter wrote again."""
    values: dict[str, str | int | Text] = {"number": report.number}
    chat = say("staff", "#{number}: ada pesan baru.", **values)
    sms = say("staff", "#{number}: ada pesan baru. Baca: {code}B", **values, code=CODE)
    dedupe = f"news:{report.id}:{report.messages}"
    return Tell(owner, chat, sms, "news", report.id, (_read_button(report),), lane_of(report), dedupe=dedupe)


def many(report: Report, person: Person) -> Tell:
    """Somebody writes more than can be rung about: once in a while, that there is more to read."""
    values: dict[str, str | int | Text] = {"number": report.number}
    chat = say("staff", "#{number}: banyak pesan dari nomor ini. Semua tersimpan: BACA {number}.", **values)
    sms = say("staff", "#{number}: banyak pesan dari nomor ini. Baca: {code}B", **values, code=CODE)
    dedupe = f"many:{report.id}:{report.messages}:{person.id}"
    return Tell(person, chat, sms, "news", report.id, (_read_button(report),), lane_of(report), dedupe=dedupe)


def _facts(s: Situation, report: Report) -> dict[str, str | int | Text]:
    return {
        "number": report.number,
        "area": s.office.area_name(report.area)[:30],
        "risk": _RISKS[report.risk],
        "minutes": max(0, s.now - (report.waiting_since or report.opened_at)) // clock.MINUTE,
    }


def _read_button(report: Report) -> Button:
    return Button(say("button", "Baca"), f"baca:{report.number}:{CODE}")


def _take_button(report: Report) -> Button:
    return Button(say("button", "Ambil"), f"ambil:{report.number}:{CODE}")
