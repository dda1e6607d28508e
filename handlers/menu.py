"""Menus for people who know no keyword: one table for SMS, buttons, and later for USSD and voice."""

from dataclasses import dataclass

from gateway import clock
from gateway.model import Text, say

LASTS = 30 * clock.MINUTE  # so long a bare digit answers the menu that was shown last
CHOICES = 9  # one digit each

MAIN, LANGUAGES, OFFER = "main", "languages", "offer"  # what was shown last, kept at the reporter


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the main menu: its digit, what its button sends, its label, the keyword that does the same."""

    digit: str
    name: str
    label: Text
    word: str


ENTRIES = (
    Entry("1", "tulis", say("button", "Kirim pesan"), "LAPOR"),
    Entry("2", "status", say("button", "Kabar pesan"), "STATUS"),
    Entry("3", "telepon", say("button", "Minta ditelepon"), "TELPON"),
    Entry("4", "bahasa", say("button", "Bahasa"), "BAHASA"),
    Entry("5", "mendesak", say("button", "Mendesak"), "TOLONG"),
)


def chosen(text: str, shown: str, shown_at: int, now: int) -> str:
    """The digit somebody answers a menu with: "" when no menu was shown, or the text is more than a digit."""
    return _digit(text) if shown and 0 <= now - shown_at <= LASTS else ""


def is_late(text: str, shown: str, shown_at: int, now: int) -> bool:
    """A bare digit that answers a menu of some time ago."""
    return bool(shown and _digit(text)) and now - shown_at > LASTS


def _digit(text: str) -> str:
    digit = text.strip(" .,#*\n\r\t")
    return digit if len(digit) == 1 and digit in "123456789" else ""


def main() -> Text:
    """The main menu as one SMS."""
    return say("reporter", "Balas angka: 1 kirim pesan, 2 kabar pesan, 3 minta ditelepon, 4 bahasa, 5 mendesak.")


def write() -> Text:
    """What is said to who wants to send a message."""
    return say("reporter", "Tulis pesan Anda sekarang, dengan kata-kata sendiri.")


def which_number() -> Text:
    """What is said to who asks for news and has no report."""
    return say("reporter", "Kirim STATUS dan nomor pesan Anda.")


def when_to_call() -> Text:
    """The one question to who wants to be called."""
    return say("reporter", "Kapan aman ditelepon? Balas dengan hari dan jam.")


def languages(names: tuple[str, ...]) -> Text:
    """The languages of the office, numbered."""
    choices = ", ".join(f"{number} {name}" for number, name in enumerate(names[:CHOICES], 1))
    return say("reporter", "Pilih bahasa, balas angka: {choices}.", choices=choices)


def offer(name: str) -> Text:
    """One language, offered once and never imposed."""
    return say("reporter", "Bahasa {language}: balas {word}.", language=name, word=name.upper())
