"""What the machine says to reporters, and when it keeps silent: the sentences of rules 1-12 of the safety sheet."""

from dataclasses import dataclass, replace

from gateway import clock, sms, texts
from gateway.model import Button, Medium, Reporter, Text, say
from handlers import menu
from handlers.effects import Effect, RememberReporter, Say, Situation

AN_HOUR, A_DAY = 3, 9  # automatic answers to one sender; then two machines that answer each other fall silent
STEPS_AN_HOUR, STEPS_A_DAY = 6, 18  # beside them, steps of a menu, which no machine takes
LATE = 2 * clock.MINUTE  # after this, an automatic answer may reach whoever holds the phone by then

Words = tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be said: `asks` when a question is among it, `offer` names a language to be offered beside it,
    `step` that it is a step of a menu."""

    words: Words
    buttons: tuple[Button, ...] = ()
    report_id: int = 0
    asks: bool = False
    offer: str = ""
    step: bool = False


def received(s: Situation, number: str) -> Text:
    """ "Received", and the number; with the office's name only where the office chose to be named."""
    if s.office.office.greeting == "named":
        named = s.office.office.said
        return say("reporter", "{office}: pesan Anda sudah kami terima. Nomor {number}.", office=named, number=number)
    return say("reporter", "Pesan Anda sudah kami terima. Nomor {number}.", number=number)


def is_safe() -> Text:
    return say("reporter", "Apakah sekarang aman? Balas YA atau TIDAK.")


def which_area() -> Text:
    return say("reporter", "Dari kecamatan mana?")


def emergency(s: Situation) -> Words:
    """Whom to call in danger, where the office says so."""
    number = s.office.office.emergency
    return (say("reporter", "Bila bahaya, telepon {emergency}.", emergency=number),) if number else ()


def noted() -> Text:
    return say("reporter", "Baik, sudah kami catat.")


def noted_danger(s: Situation) -> Words:
    return (noted(), *emergency(s))


def harmless() -> Text:
    return say("reporter", "Baik.")


def language_changed() -> Text:
    return say("reporter", "Baik. Pesan berikutnya memakai bahasa ini.")


def unknown_number() -> Text:
    return say("reporter", "Nomor itu tidak kami temukan. Periksa lagi, lalu kirim STATUS dan nomornya.")


def greeting() -> Text:
    return say("reporter", "Halo. Tulis pesan Anda di sini, dengan kata-kata sendiri. Kami membacanya.")


def help_words(s: Situation) -> Words:
    explained = say(
        "reporter",
        "Tulis pesan apa saja, kami membacanya. Tanya kabar: STATUS dan nomor. Ganti bahasa: BAHASA dan namanya. "
        "Pilihan: MENU.",
    )
    return (explained, *emergency(s))


def menu_buttons(who: Reporter) -> tuple[Button, ...]:
    """The main menu as buttons of a chat."""
    if who.medium is not Medium.CHAT:
        return ()
    return tuple(Button(entry.label, f"r:{entry.name}") for entry in menu.ENTRIES)


def language_buttons(s: Situation, who: Reporter) -> tuple[Button, ...]:
    """The office's languages as buttons of a chat."""
    if who.medium is not Medium.CHAT:
        return ()
    return tuple(Button(Text("", name), f"r:bahasa {code}") for code, name in choices(s))


def choices(s: Situation) -> tuple[tuple[str, str], ...]:
    """(code, name) of the languages a reporter of this office may choose."""
    return tuple((code, texts.language_name(code)) for code in s.office.office.languages[: menu.CHOICES])


def reply_buttons(who: Reporter) -> tuple[Button, ...]:
    """What can be pressed under an answer about one's own report."""
    if who.medium is not Medium.CHAT:
        return ()
    safety = (Button(say("button", "Aman"), "r:aman"), Button(say("button", "Tidak aman"), "r:tidak"))
    return (*safety, Button(say("button", "Status"), "r:status"))


def auto(s: Situation, who: Reporter, draft: Draft) -> list[Effect]:
    """An automatic answer, if this phone may get one: not to robots or ourselves, not late, few an hour and a day.

    What must be remembered of the sender is remembered either way.
    """
    late = bool(s.received_at) and s.now - s.received_at > LATE
    before = who.helped if draft.step else who.autos
    recent = tuple(at for at in before if s.now - clock.DAY < at <= s.now)
    if who.silent or who.muted or late or _spent(s, recent, draft):
        return [RememberReporter(who)]
    words, who = _with_offer(s, _with_hint(s, who, draft), who)
    noted = (*recent, s.now)
    who = replace(who, helped=noted) if draft.step else replace(who, autos=noted)
    buttons = draft.buttons if who.medium is Medium.CHAT else ()
    return [Say(who, words, "auto", draft.report_id, buttons), RememberReporter(who)]


def remembered(effects: list[Effect]) -> Reporter | None:
    """The sender as these effects leave them, None when they do not say."""
    return next((effect.reporter for effect in reversed(effects) if isinstance(effect, RememberReporter)), None)


def _spent(s: Situation, recent: tuple[int, ...], draft: Draft) -> bool:
    an_hour, a_day = (STEPS_AN_HOUR, STEPS_A_DAY) if draft.step else (AN_HOUR, A_DAY)
    return len(recent) >= a_day or sum(s.now - clock.HOUR < at for at in recent) >= an_hour


def _with_hint(s: Situation, who: Reporter, draft: Draft) -> Draft:
    """ "You may delete this", where the office wants it said and it fits."""
    if not s.office.office.delete_hint or who.medium is not Medium.SMS:
        return draft
    longer = (*draft.words, say("reporter", "Anda boleh menghapus SMS ini."))
    return replace(draft, words=longer) if _fits(longer, who.language) else draft


def _with_offer(s: Situation, draft: Draft, who: Reporter) -> tuple[Words, Reporter]:
    """A language that was guessed is offered once, beside an answer that asks nothing and leaves room for it."""
    wanted = draft.offer
    if not wanted or draft.asks or who.offered or wanted == who.language or wanted not in s.office.office.languages:
        return draft.words, who
    longer = (*draft.words, menu.offer(texts.language_name(wanted)))
    if who.medium is Medium.SMS and not _fits(longer, who.language):
        return draft.words, who
    return longer, replace(who, offered=wanted, menu=menu.OFFER, menu_at=s.now)


def _fits(words: Words, language: str) -> bool:
    return sms.segments(sms.gsm7(texts.render(words, language))) == 1
