"""The timeline of one report: what happened, who was called how, whether it arrived, what is next. No content."""

from gateway import texts
from gateway.model import Report, Status, Text, say
from handlers.effects import Happening, Situation

LINES = 40  # of a timeline in one answer; the beginning and the newest
_KEPT = 10

_EVENTS: dict[str, Text] = {
    "opened": say("staff", "laporan masuk"),
    "joined": say("staff", "pelapor menulis lagi"),
    "edited": say("staff", "pelapor mengubah pesan"),
    "risk": say("staff", "risiko naik"),
    "flagged": say("staff", "diberi tanda"),
    "climbed": say("staff", "anak tangga dipanggil"),
    "taken": say("staff", "mengambil"),
    "read": say("staff", "membaca"),
    "answered": say("staff", "menjawab pelapor"),
    "noted": say("staff", "mencatat"),
    "raised": say("staff", "menaikkan"),
    "closed": say("staff", "menutup"),
    "reopened": say("staff", "membuka lagi"),
    "offered": say("staff", "diminta mengambil alih"),
    "handed over": say("staff", "menerima alih"),
    "paused": say("staff", "menunda"),
    "resumed": say("staff", "jam berjalan lagi"),
    "merged": say("staff", "menggabung"),
    "kind": say("staff", "menetapkan jenis"),
    "undelivered": say("staff", "kiriman gagal"),
    "quarantined": say("staff", "gagal diproses otomatis"),
    "alarm": say("staff", "tidak ada yang terjangkau"),
    "repaired": say("staff", "diperbaiki otomatis"),
    "drill": say("staff", "latihan"),
}
_STATES: dict[str, Text] = {
    "pending": say("staff", "menunggu"),
    "sending": say("staff", "sedang dikirim"),
    "sent": say("staff", "terkirim"),
    "delivered": say("staff", "sampai"),
    "failed": say("staff", "gagal"),
    "expired": say("staff", "kedaluwarsa"),
    "withdrawn": say("staff", "ditarik"),
}
_MEDIUMS = {"sms": "SMS", "chat": "Telegram"}


def told(s: Situation, report: Report) -> tuple[Text, ...]:
    """The timeline as sentences for a chat, a phone or a terminal."""
    head = say("staff", "#{number} {area}\n", number=report.number, area=s.office.area_name(report.area))
    lines = [_line(s, happening) for happening in s.trail if _word(happening)]
    if len(lines) > LINES:
        lines = [*lines[:_KEPT], Text("", "...\n"), *lines[-(LINES - _KEPT) :]]
    return (head, *lines, _next(s, report))


def shortly(s: Situation, report: Report) -> tuple[Text, ...]:
    """The newest of the timeline, and what is next, for a phone."""
    lines = [_line(s, happening) for happening in s.trail if _word(happening)][-3:]
    return (say("staff", "#{number}\n", number=report.number), *lines, _next(s, report))


def _word(happening: Happening) -> Text | None:
    if happening.what == "sent":
        return _STATES.get(str(happening.detail.get("status")))
    return _EVENTS.get(happening.what)


def _line(s: Situation, happening: Happening) -> Text:
    person = s.member(happening.person_id)
    name = f" {person.name[:30]}" if person else ""
    medium = _MEDIUMS.get(str(happening.detail.get("medium", "")), "")
    detail = f" {medium}{name}:" if happening.what == "sent" else name
    return Text(
        "", "{at}{who} {what}\n", {"at": s.office.said(happening.at), "who": detail, "what": _word(happening) or ""}
    )


def _next(s: Situation, report: Report) -> Text:
    at = s.office.said(report.due_at) if report.due_at else ""
    if report.status is Status.CLOSED:
        return say("staff", "Sudah ditutup, tidak ada jam yang berjalan.")
    if report.paused_until:
        return say("staff", "Ditunda sampai {at}.", at=at)
    if report.status is Status.CONTACTED:
        return say("staff", "Ditinjau lagi {at}.", at=at)
    steps = len(s.office.ladder_for(report.risk, report.ladder).steps)
    rung = min(report.rung, steps - 1) + 1
    return say("staff", "Panggilan berikutnya {at}, anak tangga {rung} dari {steps}.", at=at, rung=rung, steps=steps)


def rendered(s: Situation, report: Report, language: str) -> list[str]:
    """The timeline line by line in a language."""
    return texts.render(told(s, report), language).splitlines()
