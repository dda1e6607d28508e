"""A report's thread as a person of the office reads it: when, who, what; nothing invisible, no identity numbers."""

from gateway import texts
from gateway.model import NO_CONTACT, OUTSIDE, SUGGESTED, UNNAMED, Direction, Medium, Message, Report, Text, say
from handlers.effects import Situation
from handlers.understanding import urgency

ONE = 3_000  # characters shown of one message
_REASONS = 200  # characters of the words that suggested a kind
WHOLE = 12_000  # characters shown of a thread: three or four chat messages


def whole(s: Situation, report: Report, thread: tuple[Message, ...]) -> tuple[Text, ...]:
    """A report's thread as one text for a chat: when, who, what; identity numbers masked, nothing invisible."""
    head = say("staff", "#{number} · {area}\n", number=report.number, area=s.office.area_name(report.area))
    flags = [_FLAGS[flag] for flag in report.flags if flag in _FLAGS]
    lines = _newest([line(s, message) for message in thread])
    foot = say(
        "staff",
        "\nBalas (reply) pesan ini untuk menjawab. Pesan ini terhapus dalam {minutes} menit.",
        minutes=s.office.office.reveal_minutes,
    )
    reporter = s.reporters.get(report.reporter_id)
    by_sms = reporter is not None and reporter.medium is Medium.SMS
    size = [say("staff", "160 huruf = 1 SMS.")] if by_sms else []
    return (
        head,
        *_kinds(report, thread, reporter.language if reporter else ""),
        *flags,
        Text("", "{lines}", {"lines": lines}),
        foot,
        *size,
    )


def warnings(report: Report) -> tuple[Text, ...]:
    """What somebody who reads by SMS must know before anything else."""
    return tuple(_WARNINGS[flag] for flag in report.flags if flag in _WARNINGS)


def _kinds(report: Report, thread: tuple[Message, ...], language: str) -> tuple[Text, ...]:
    """What kind of case it is; when only the words suggested it, which words, and how a person says otherwise."""
    kinds = ", ".join(report.kinds)
    if not kinds:
        return ()
    if SUGGESTED not in report.flags:
        return (say("staff", "Jenis: {kinds}\n", kinds=kinds),)
    said = [message.text for message in thread if message.direction is Direction.IN]
    why = dict.fromkeys(reason.matched for text in said for reason in urgency.judge(text, language).why)
    words = texts.masked(texts.shown(", ".join(why)))[:_REASONS]
    return (
        say(
            "staff",
            "Usulan jenis: {kinds}, dari kata: {words}. Ubah: JENIS {number} kata\n",
            kinds=kinds,
            words=words,
            number=report.number,
        ),
    )


def _newest(lines: list[str]) -> str:
    """The newest lines that fit; the whole thread is for `kentongan report show`."""
    kept: list[str] = []
    room = WHOLE
    while lines and room > 0:
        kept.insert(0, lines.pop())
        room -= len(kept[0])
    return "\n".join(["...", *kept] if lines else kept)


_FLAGS = {
    "diduga_bukan_pelapor": say("staff", "Hati-hati: ada pesan pembatalan, mungkin bukan dari pelapor.\n"),
    "minta_berhenti": say("staff", "Pelapor (atau orang lain) minta pesan otomatis dihentikan.\n"),
    NO_CONTACT: say("staff", "Pelapor (atau orang lain) minta tidak dihubungi. Jangan telepon.\n"),
    "minta_hapus": say("staff", "Pelapor (atau orang lain) minta pesannya dihapus.\n"),
    "minta_telepon": say("staff", "Pelapor minta ditelepon. Baca dulu kapan aman.\n"),
    OUTSIDE: say("staff", "Tempatnya di luar wilayah kantor ini: siapkan rujukan.\n"),
    UNNAMED: say("staff", "Jenis perlu dicatat lagi: JENIS.\n"),
    "karantina": say("staff", "Pesan ini gagal diproses otomatis; periksa dengan teliti.\n"),
}
_WARNINGS = {
    NO_CONTACT: say("staff", "[minta tidak dihubungi]"),
    "diduga_bukan_pelapor": say("staff", "[mungkin bukan pelapor]"),
    "minta_berhenti": say("staff", "[minta berhenti]"),
    OUTSIDE: say("staff", "[luar wilayah]"),
}
_ATTACHMENTS = {
    "photo": say("staff", "[foto diterima]"),
    "voice": say("staff", "[pesan suara diterima]"),
    "contact": say("staff", "[kontak diterima]"),
    "location": say("staff", "[lokasi diterima]"),
}


def line(s: Situation, message: Message) -> str:
    """One message in one line of text, its own line ends indented, identity numbers masked."""
    at = s.office.local(message.at).strftime("%H.%M")
    who = {Direction.IN: "<", Direction.OUT: ">", Direction.NOTE: "*"}[message.direction]
    writer = s.member(message.person_id)
    name = f" {writer.name}" if writer else ""
    edited = " (diubah)" if message.edited else ""
    kind = _ATTACHMENTS.get(message.attachment) or (say("staff", "[lampiran diterima]") if message.attachment else None)
    attached = texts.render(kind, "id") + " " if kind else ""
    text = texts.quoted(message.text, ONE)
    cut = f" [... {len(message.text)}]" if len(message.text) > ONE else ""
    return f"{at}{name} {who}{edited} {attached}{text}{cut}".rstrip()
