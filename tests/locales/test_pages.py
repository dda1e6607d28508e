"""The review sheet, the page of all texts, and the table of languages: complete, and never stale."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gateway import catalogs, sentences, sms, texts
from gateway.errors import Failed
from gateway.review_sheet import sheet
from gateway.texts_page import page, readme
from tests.locales.shelf import SAID, catalog, shelf, write

ROOT = Path(__file__).resolve().parent.parent.parent
TRANSLATED = sorted(set(texts.languages()) - {texts.SOURCE})
STALE = "the catalogs have changed: run `make texts` and commit what it writes"
OUTSIDE = {"src", "href", "srcset", "data", "action"}


class Reader(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.outside: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.outside += [f"{tag} {name}" for name, _ in attrs if name in OUTSIDE or name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += " ".join(data.split()) + "\n"


def test_the_page_of_texts_is_fresh() -> None:
    assert (ROOT / "docs" / "texts.md").read_text(encoding="utf-8") == page(), STALE


def test_the_table_of_languages_is_fresh() -> None:
    text = (texts.FOLDER / "README.md").read_text(encoding="utf-8")
    assert readme(text) == text, STALE


def test_the_page_shows_every_message_in_every_language_with_its_length() -> None:
    shown = page()
    for whole in sentences.wholes().messages:
        for language in texts.languages():
            full = sentences.wholes().filled(whole, catalogs.read(language))
            row = rf"\| {language} \| {re.escape(full)}( \(in Indonesian\))? \| {len(full)} \| {sms.segments(full)} \|"
            assert re.search(row, shown), (whole.when, language)


def test_a_changed_sentence_makes_the_page_another(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    before = page(locales)
    assert before == page(locales)
    write(locales, "toy", catalog(SAID | {("button", "Aman"): "Slamet"}))
    assert page(locales) != before


def test_what_is_not_translated_is_shown_as_indonesian(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "toy", catalog({("button", "Aman"): "Aman"}))
    assert "| toy | Kirim STATUS dan nomor. (in Indonesian) | 23 | 1 |" in page(locales)


def test_cells_keep_the_table_whole(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "toy", catalog(SAID | {("reporter", "Kirim STATUS dan nomor."): "STATUS|\nangka"}))
    assert "| toy | STATUS\\|<br>angka | 13 | 1 |" in page(locales)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_sheet_shows_every_sentence_beside_the_indonesian(language: str) -> None:
    read, wholes, book = Reader(sheet(language)), sentences.wholes(), catalogs.read(language)
    sources = {part for whole in wholes.messages for part in whole.parts}
    for source in sources:
        for said in (source, book.said("reporter", source)):
            assert texts.render(wholes.text(said), "id") in read.words
    rows = read.tags.count("tbody")
    assert rows == len(sources) + len({e.source for e in book.entries if e.audience == "button"})
    assert read.words.count("jangan dipakai") == rows + 1  # the how-to names it once


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_sheet_stands_alone_and_runs_nothing(language: str) -> None:
    whole = sheet(language)
    read = Reader(whole)
    assert read.open == [] and read.outside == []
    assert not {"script", "img", "link", "iframe", "object"} & set(read.tags)
    assert "url(" not in whole and "@import" not in whole and "http" not in whole
    assert "size: A4" in whole


def test_a_sheet_names_language_date_and_fingerprint_and_asks_for_a_signature(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    words = Reader(sheet("toy", locales)).words
    for said in ("Toya (halus)", "ISO 639-3 toy", "2026-11-20", catalogs.fingerprint(catalogs.read("toy", locales))):
        assert said in words
    assert words.index("Saya penutur asli") < words.index("Nama\nKantor\nTanggal\nTanda tangan")
    assert sheet("toy", locales) == sheet("toy", locales)


def test_a_sheet_ends_with_the_words_people_type(tmp_path: Path) -> None:
    words = Reader(sheet("toy", shelf(tmp_path))).words
    assert words.index("Daftar kata") < words.index("jawaban: ya\nnggah") < words.index("dipejahan")
    assert words.index("dipejahan") < words.index("utawi, kalih") < words.index("Saya penutur asli")


def test_without_a_word_list_the_sheet_has_no_words(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    (locales / "toy" / "words.toml").unlink()
    assert "Daftar kata" not in sheet("toy", locales)


def test_a_sentence_that_is_missing_is_shown_as_missing(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "toy", catalog({("button", "Aman"): "Aman"}))
    assert Reader(sheet("toy", locales)).words.count("(belum ada)") == 4


def test_marks_of_html_in_a_catalog_are_text(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "toy", catalog(SAID | {("button", "Aman"): "<script>x</script>"}))
    assert "script" not in Reader(sheet("toy", locales)).tags


@pytest.mark.parametrize("language", ["id", "zz", "mqn"])
def test_there_is_no_sheet_of_what_is_no_translation(language: str, tmp_path: Path) -> None:
    with pytest.raises(Failed):
        sheet(language, shelf(tmp_path))
