"""A small shelf of catalogs to break: an invented language beside Indonesian, every file as translators write it."""

from pathlib import Path

HEAD = """# Kentongan in Toyan (polite).
# Name: Toya (halus)
# Reviewed-By: not yet
msgid ""
msgstr ""
"Project-Id-Version: Kentongan 0.1.0\\n"
"PO-Revision-Date: 2026-11-20 00:00+0000\\n"
"Language: toy\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
SAID = {
    ("reporter", "Pesan sudah sampai. Nomor {number}."): "Tulis ampun dugi. Angka {number}.",
    ("reporter", "Apakah aman? Balas YA atau TIDAK."): "Punapi aman? Balas NGGAH utawi BOTEN.",
    ("reporter", "Bila bahaya, telepon {emergency}."): "Yen bebayan, telpun {emergency}.",
    ("reporter", "Kirim STATUS dan nomor."): "Kintun STATUS kalih angka.",
    ("button", "Aman"): "Aman",
    ("staff", "\nLaporan {number}\n"): "",
}
ORDER = [*SAID]
MESSAGES = """
[longest]
number = "48219370"
emergency = "11911"

[[message]]
when = "first answer"
saat = "jawaban pertama"
parts = [
  "Pesan sudah sampai. Nomor {number}.",
  "Apakah aman? Balas YA atau TIDAK.",
  "Bila bahaya, telepon {emergency}.",
]

[[message]]
when = "help"
saat = "bantuan"
sms = 2
parts = ["Kirim STATUS dan nomor."]
"""
UNSAFE = """
[topic]
all = ["*lapor*", "polisi", "dinas"]
toy = ["*gebag*"]

[victim]
all = ["istri*", "kita", "anak"]
toy = ["ngana"]

[fits]
oyt = ["kita"]
"""
WORDS_ID = """
names = ["indonesia"]
[keywords]
status = ["status", "cek"]
[answers]
yes = ["ya", "iya"]
no = ["tidak"]
"""
WORDS_TOY = """
names = ["toya"]
common = ["utawi", "kalih"]
[answers]
yes = ["nggah"]
no = ["boten"]
[risk]
high = ["dipejahan"]
"""


def entry(audience: str, source: str, said: str) -> str:
    """One entry of a .po file."""
    return f"\nmsgctxt {quoted(audience)}\nmsgid {quoted(source)}\nmsgstr {quoted(said)}\n"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def catalog(said: dict[tuple[str, str], str], head: str = HEAD) -> str:
    """A whole .po file."""
    return head + "".join(entry(*key, text) for key, text in said.items())


def write(folder: Path, language: str, text: str) -> Path:
    """Puts a catalog on the shelf; gives its path."""
    path = folder / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def shelf(folder: Path) -> Path:
    """A shelf with nothing to complain about, under `folder`; gives its path."""
    locales = folder / "locales"
    locales.mkdir()
    empty = dict.fromkeys(SAID, "")
    (locales / "messages.pot").write_text(catalog(empty, ""), encoding="utf-8")
    (locales / "messages.toml").write_text(MESSAGES, encoding="utf-8")
    (locales / "unsafe.toml").write_text(UNSAFE, encoding="utf-8")
    write(locales, "id", catalog(empty, HEAD.replace("Toyan (polite)", "Indonesian").replace("toy", "id")))
    write(locales, "toy", catalog(SAID))
    (locales / "id" / "words.toml").write_text(WORDS_ID, encoding="utf-8")
    (locales / "toy" / "words.toml").write_text(WORDS_TOY, encoding="utf-8")
    return locales
