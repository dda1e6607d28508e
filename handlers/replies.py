"""What people of the office hear of their own acts, by the door they came by."""

from gateway import clock
from gateway.model import CODE, DRILL, Button, Inbound, Lane, Medium, Person, Report, Risk, Status, Text, say
from handlers import pings
from handlers.effects import Situation, Tell
from handlers.rights import READERS, serves

LISTED = 20  # reports in one answer to DAFTAR


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


def closed(report: Report) -> Text:
    return say("staff", "#{number} sudah ditutup.", number=report.number)


def not_yours(report: Report) -> Text:
    return say("staff", "#{number} bukan wilayah atau tugas Anda. Hubungi koordinator.", number=report.number)


def taken_by(report: Report, owner: Person) -> Text:
    return say("staff", "#{number} sudah diambil {name}.", number=report.number, name=owner.name[:30])


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
