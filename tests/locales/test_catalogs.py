"""Every sentence of the program is in every catalog that must have it, and none of them endangers anybody."""

import ast
import shutil
from pathlib import Path

import pytest

from gateway import catalogs, sentences, texts
from gateway.catalog_checks import complaints
from tests.locales.shelf import HEAD, MESSAGES, SAID, UNSAFE, catalog, entry, quoted, shelf, write

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = [path for package in ("gateway", "handlers", "scheduler") for path in sorted((ROOT / package).rglob("*.py"))]
TRANSLATED = sorted(set(texts.languages()) - {texts.SOURCE, catalogs.STAFF})


def spoken(path: Path) -> set[tuple[str, str]]:
    """(audience, sentence) of every `say` in a file."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "say" and len(call.args) > 1]
    return {(ast.literal_eval(call.args[0]), ast.literal_eval(call.args[1])) for call in named}


SPOKEN = {sentence for path in FILES for sentence in spoken(path)}


def test_the_catalogs_have_nothing_to_complain_about() -> None:
    assert complaints() == []


def test_the_template_holds_exactly_what_the_program_says() -> None:
    assert {(text.audience, text.source) for text in catalogs.template()} == SPOKEN


def test_the_first_languages_are_there() -> None:
    assert {"id", "jv", "su", "en"} <= set(texts.languages())


@pytest.mark.parametrize("language", TRANSLATED)
def test_breaking_a_placeholder_of_a_shipped_catalog_is_named_with_file_line_and_sentence(
    language: str, tmp_path: Path
) -> None:
    copy = tmp_path / "locales"
    shutil.copytree(texts.FOLDER, copy)
    whole = catalogs.read(language, copy)
    chosen = next(e for e in whole.entries if e.audience == "reporter" and "{number}" in e.said)
    lines = whole.path.read_text(encoding="utf-8").split("\n")
    at = next(i for i in range(chosen.line, len(lines)) if "{number}" in lines[i] and not lines[i].startswith("msgid"))
    lines[at] = lines[at].replace("{number}", "{nomer}")
    whole.path.write_text("\n".join(lines), encoding="utf-8")
    found = complaints(copy, language)
    assert found == [
        f"locales/{language}/LC_MESSAGES/messages.po:{chosen.line}: placeholders differ from ['number']: "
        f"{chosen.said.replace('{number}', '{nomer}')!r}"
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_sentence_gone_from_a_shipped_catalog_is_named(language: str, tmp_path: Path) -> None:
    copy = tmp_path / "locales"
    shutil.copytree(texts.FOLDER, copy)
    whole = catalogs.read(language, copy)
    gone = next(e for e in whole.entries if e.audience == "reporter" and "{number}" in e.said)
    text = whole.path.read_text(encoding="utf-8")
    blocks = [block for block in text.split("\n\n") if not (f'msgid "{gone.source}"' in block and "reporter" in block)]
    whole.path.write_text("\n\n".join(blocks), encoding="utf-8")
    assert complaints(copy, language) == [
        f"locales/{language}/LC_MESSAGES/messages.po:1: not translated: {gone.source!r}",
    ]


NUMBER, ASK = ("reporter", "Pesan sudah sampai. Nomor {number}."), ("reporter", "Apakah aman? Balas YA atau TIDAK.")
CALL, STATUS = ("reporter", "Bila bahaya, telepon {emergency}."), ("reporter", "Kirim STATUS dan nomor.")
SAFE, THREAD = ("button", "Aman"), ("staff", "\nLaporan {number}\n")

BAD = [
    (NUMBER, "Angka {nomer}.", "placeholders differ from ['number']"),
    (NUMBER, "Angka {number", "placeholders differ"),
    (NUMBER, "Angka {number!r}.", "placeholders differ"),
    (NUMBER, "Angka {number:>9}.", "placeholders differ"),
    (NUMBER, "Angka {}.", "placeholders differ"),
    (NUMBER, "Angka {number.real}.", "placeholders differ"),
    (NUMBER, "Angka.", "placeholders differ"),
    (NUMBER, "ꦱꦫꦶ {number}", "outside GSM-7 (javanese letter"),
    (NUMBER, "Tulis… {number}", "outside GSM-7 (horizontal ellipsis)"),
    (NUMBER, "“Tulis” {number}", "left double quotation mark"),
    (NUMBER, "Dugi – {number}", "en dash"),
    (NUMBER, "Inggih’ {number}", "right single quotation mark"),
    (NUMBER, "Sêrat {number}", "latin small letter e with circumflex"),
    (NUMBER, "Sérat {number}", "has accents: write plain letters (latin small letter e with acute)"),
    (NUMBER, "Angka\u00a0{number}", "characters nobody sees (no-break space)"),
    (NUMBER, "Angka\u202f{number}", "characters nobody sees (narrow no-break space)"),
    (NUMBER, "Ang\u200bka {number}", "characters nobody sees (zero width space)"),
    (NUMBER, "n" * 153 + "{number}", "is longer than one SMS: 161 characters, 2 SMS"),
    (STATUS, "STATUS " + "n" * 300, "is longer than 2 SMS"),
    (NUMBER, "Lapor {number}", "may endanger (lapor)"),
    (NUMBER, "Dilaporaken {number}", "may endanger (dilaporaken)"),
    (NUMBER, "Polisi. {number}", "may endanger (polisi)"),
    (NUMBER, "Digebagi {number}", "may endanger (digebagi)"),
    (NUMBER, "Dipejahan {number}", "may endanger (dipejahan)"),
    (NUMBER, "Bukak https://contoh.id {number}", "has a link"),
    (NUMBER, "Bukak contoh.id {number}", "has a link"),
    (NUMBER, "Angka istrinipun {number}", "decides who is the victim (istrinipun)"),
    (NUMBER, "Kita: {number}", "decides who is the victim (kita)"),
    (NUMBER, "Ngana pe {number}", "decides who is the victim (ngana)"),
    (SAFE, "Anak aman", "decides who is the victim (anak)"),
    (SAFE, "Aman…", "outside GSM-7"),
    (SAFE, "Aman ", "spaces or line ends too many"),
    (NUMBER, "Angka  {number}", "spaces or line ends too many"),
    (NUMBER, "Angka {number}\n", "spaces or line ends too many"),
    (NUMBER, "Tulis.\nAngka {number}.", "not as many lines"),
    (NUMBER, "Angka {number}, 1", "not the same numbers"),
    (ASK, "Aman? NGGAH? BOTEN?", "more than one question"),
    (ASK, "Aman? Balas NGGIHH utawi BOTEN.", "tells people to type NGGIHH"),
    (ASK, "Aman? Balas BOTEN.", "does not say what to type for YA"),
    (ASK, "Aman? Balas NGGAH utawi CEK.", "does not say what to type for TIDAK"),
    (STATUS, "Kintun angka.", "does not say what to type for STATUS"),
    (THREAD, "Rapot {number}", "does not begin and end its lines"),
    (THREAD, "\nRapot\u202f{number}\n", "characters nobody sees"),
]


@pytest.mark.parametrize(("key", "said", "complaint"), BAD)
def test_a_bad_translation_is_complained_about_with_file_line_and_sentence(
    key: tuple[str, str], said: str, complaint: str, tmp_path: Path
) -> None:
    locales = shelf(tmp_path)
    path = write(locales, "toy", catalog(SAID | {key: said}))
    lines = path.read_text(encoding="utf-8").split("\n")
    line = 1 + lines.index(f"msgid {quoted(key[1])}")
    found = complaints(locales)
    assert any(text.startswith(f"locales/toy/LC_MESSAGES/messages.po:{line}: ") and complaint in text for text in found)
    assert all(repr(said) in text for text in found)


GOOD = [
    (NUMBER, "Angka {number}: tulis 'ampun' dugi."),
    (NUMBER, "Sanak, banak {number}. Pulisi."),  # parts of other words, and a word of another language
    (NUMBER, "n" * 152 + "{number}"),
    (ASK, "BOTEN utawi NGGAH: aman?"),
    (ASK, "Aman? Balas YA utawi TIDAK, lewat SMS."),
    (STATUS, "STATUS " + "n" * 290),
    (STATUS, "Kintun CEK kalih angka."),
    (THREAD, "\nLapor polisi… {number}\n"),  # staff read in their own chat
]


@pytest.mark.parametrize(("key", "said"), GOOD)
def test_a_good_translation_passes(key: tuple[str, str], said: str, tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "toy", catalog(SAID | {key: said}))
    assert [text for text in complaints(locales) if "whole message" not in text] == []


def test_a_word_that_fits_one_language_is_let_through_there_only(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    said = catalog(SAID | {NUMBER: "Kita pe angka {number}.", ASK: "Aman? YA, TIDAK."})
    write(locales, "oyt", said.replace("Language: toy", "Language: oyt"))
    assert complaints(locales) == []


def test_a_message_too_long_only_as_a_whole_is_measured_as_a_whole(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "toy", catalog(SAID | {NUMBER: "n" * 90 + " {number}."}))
    (found,) = complaints(locales)
    assert "the whole message is longer than one SMS (first answer)" in found and "2 SMS" in found
    assert repr("n" * 90)[1:-1] in found


def test_the_longest_values_are_what_is_measured(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    (locales / "messages.toml").write_text(MESSAGES.replace("48219370", "4" * 100), encoding="utf-8")
    assert any("the whole message is longer" in text for text in complaints(locales))


BROKEN = [
    ("nplurals=1; plural=0;", "nplurals=2; plural=(n != 1);", 1, "write nplurals=1; plural=0;"),
    ("Language: toy", "Language: su", 1, 'the Language header says "su"; write toy'),
    ("# Reviewed-By: not yet\n", "", 1, "does not say who reviewed it"),
    ('msgctxt "button"', '#, fuzzy\nmsgctxt "button"', 32, "is marked fuzzy: check it and take the mark out: 'Aman'"),
    ('msgstr "Aman"', 'msgstr ""', 31, "not translated: 'Aman'"),
    ('msgctxt "button"', 'msgctxt "knop"', 31, "the program no longer says this; take it out: 'Aman'"),
    ('msgstr "Aman"', 'msgstr "Aman', 32, 'not readable: msgstr "Aman'),
    ('msgstr "Aman"', 'msgstr Aman"', 32, 'not readable: msgstr Aman"'),
    ('msgstr "Aman"\n', "", 31, "missing msgstr for msgid 'Aman'"),
    ('msgstr "Aman"', 'msgstring "Aman"', 32, 'not readable: msgstring "Aman"'),
]


@pytest.mark.parametrize(("good", "bad", "line", "complaint"), BROKEN)
def test_a_broken_file_is_named_with_its_line(good: str, bad: str, line: int, complaint: str, tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    assert catalog(SAID).count(good) == 1
    write(locales, "toy", catalog(SAID).replace(good, bad))
    found = complaints(locales)
    assert any(t.startswith(f"locales/toy/LC_MESSAGES/messages.po:{line}: ") and complaint in t for t in found), found


def test_an_entry_that_stands_twice_is_named(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "toy", catalog(SAID) + entry(*SAFE, "Slamet"))
    (found,) = complaints(locales)
    assert found.startswith("locales/toy/LC_MESSAGES/messages.po:31: stands twice, again on line 39: ")


def test_windows_line_ends_and_other_encodings_are_named(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    path = write(locales, "toy", "")
    path.write_bytes(catalog(SAID).replace("\n", "\r\n").encode())
    assert complaints(locales) == [
        "locales/toy/LC_MESSAGES/messages.po:1: has line ends of Windows; save it with plain line ends"
    ]
    path.write_bytes(catalog(SAID | {SAFE: "Amán"}).encode("latin-1"))
    assert any("not UTF-8" in text for text in complaints(locales))


def test_a_sentence_no_message_has_and_a_message_no_sentence_has_are_named(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    (locales / "messages.toml").write_text(MESSAGES.replace("Kirim STATUS", "Kirimlah STATUS"), encoding="utf-8")
    first, second = complaints(locales)
    assert first == "locales/messages.toml:19: the program does not say this: 'Kirimlah STATUS dan nomor.'"
    assert second.startswith("locales/messages.toml:1: no message has this sentence") and "'Kirim STATUS" in second


def test_a_placeholder_without_a_longest_value_is_named(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    (locales / "messages.toml").write_text(MESSAGES.replace('emergency = "11911"', ""), encoding="utf-8")
    assert any("longest value messages.toml does not know (emergency)" in text for text in complaints(locales))


@pytest.mark.parametrize("name", ["messages.toml", "unsafe.toml", "toy/words.toml", "id/words.toml"])
def test_a_list_that_is_no_toml_is_named_with_its_line(name: str, tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    (locales / name).write_text("\n\nwords = [\n", encoding="utf-8")
    (found,) = complaints(locales)
    assert found.startswith(f"locales/{name}:") and "not readable as TOML" in found


def test_indonesian_itself_is_held_against_the_rules(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    (locales / "unsafe.toml").write_text(UNSAFE.replace('"polisi"', '"sampai"'), encoding="utf-8")
    assert [text for text in complaints(locales) if text.startswith("locales/id/") and "(sampai)" in text]


def test_without_word_lists_nothing_is_said_about_what_people_type(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    (locales / "id" / "words.toml").unlink()
    write(locales, "toy", catalog(SAID | {ASK: "Aman? Balas NGGIHH utawi BOTEN."}))
    assert complaints(locales) == []


def test_one_language_can_be_looked_at_alone(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "oyt", catalog({SAFE: "Aman"}))
    assert len(complaints(locales)) >= len(complaints(locales, "oyt")) > 0
    assert complaints(locales, "toy") == []


def test_the_invented_shelf_is_good(tmp_path: Path) -> None:
    assert complaints(shelf(tmp_path)) == []
    assert HEAD.count("nplurals=1; plural=0;") == 1


@pytest.mark.parametrize("language", texts.languages())
def test_a_whole_message_is_what_the_gateway_would_send(language: str) -> None:
    """Measured is the very text that `texts.render` makes of the same sentences."""
    wholes, book = sentences.wholes(), catalogs.read(language)
    for whole in wholes.messages:
        said = tuple(texts.Text("reporter", part, dict(wholes.longest)) for part in whole.parts)
        assert wholes.filled(whole, book) == texts.render(said, language)
