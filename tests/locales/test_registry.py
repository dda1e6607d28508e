"""Which languages there are, who signed them, and what is written into a catalog when somebody does."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from gateway import catalogs, languages, texts
from gateway.catalog_checks import complaints
from gateway.errors import Failed
from gateway.languages import Signed
from tests.locales.shelf import HEAD, SAID, catalog, shelf, write

SINTA = ("Bu Sinta", "UPTD PPA Kabupaten Toya", "2026-12-01")
AMAN = ("button", "Aman")


def toyan(locales: Path) -> languages.Language:
    return languages.registry(locales)["toy"]


def test_a_language_is_known_by_its_catalog_alone(tmp_path: Path) -> None:
    language = toyan(shelf(tmp_path))
    assert (language.code, language.name, language.own_name) == ("toy", "Toyan (polite)", "Toya (halus)")
    assert (language.iso, language.babel, language.signed) == ("toy", "id", Signed.NO)


@pytest.mark.parametrize(
    ("code", "iso", "babel", "signed"),
    [
        ("id", "ind", "id", Signed.SOURCE),
        ("jv", "jav", "jv", Signed.NO),
        ("su", "sun", "su", Signed.NO),
        ("en", "eng", "en", Signed.STAFF),
    ],
)
def test_the_first_languages(code: str, iso: str, babel: str, signed: Signed) -> None:
    language = languages.registry()[code]
    assert (language.iso, language.babel, language.signed) == (iso, babel, signed)


def test_languages_babel_does_not_know_take_indonesian_forms() -> None:
    for language in languages.registry().values():
        assert language.babel in (language.code, "id")
        assert len(language.iso) == 3


def test_what_is_wanted_is_not_shipped_and_has_a_reason() -> None:
    assert {"mqn", "lbw"} <= set(languages.WANTED)
    assert not set(languages.WANTED) & set(texts.languages())
    assert all(len(english) > 20 and len(indonesian) > 20 for _, english, indonesian in languages.WANTED.values())


def test_signing_writes_who_where_and_when_and_changes_nothing_else(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    path = locales / "toy" / "LC_MESSAGES" / "messages.po"
    before = path.read_text(encoding="utf-8")
    signed = languages.sign("toy", *SINTA, folder=locales)
    assert signed.signed is Signed.YES
    assert signed.review == "Bu Sinta, UPTD PPA Kabupaten Toya, 2026-12-01"
    after = path.read_text(encoding="utf-8")
    assert after.split('msgid ""', 1)[1] == before.split('msgid ""', 1)[1]
    assert after.startswith("# Kentongan in Toyan (polite).\n# Name: Toya (halus)\n# Reviewed-By: Bu Sinta\n")
    assert "not yet" not in after
    assert complaints(locales) == []


def test_signing_again_leaves_one_signature(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    languages.sign("toy", *SINTA, folder=locales)
    again = languages.sign("toy", "Pak Made", "UPTD PPA", "2027-01-05", folder=locales)
    assert again.review == "Pak Made, UPTD PPA, 2027-01-05"
    assert (locales / "toy" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8").count("Reviewed-By") == 1


def test_a_sentence_changed_after_the_signature_takes_it_back(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    languages.sign("toy", *SINTA, folder=locales)
    path = locales / "toy" / "LC_MESSAGES" / "messages.po"
    path.write_text(path.read_text(encoding="utf-8").replace("Kintun STATUS", "Aturi STATUS"), encoding="utf-8")
    assert toyan(locales).signed is Signed.CHANGED
    assert toyan(locales).review == "Bu Sinta, UPTD PPA Kabupaten Toya, 2026-12-01, changed since"


def test_a_sentence_for_staff_or_another_order_leaves_the_signature_good(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    languages.sign("toy", *SINTA, folder=locales)
    head = (locales / "toy" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8").split("\nmsgctxt")[0] + "\n"
    turned = dict(reversed(SAID.items())) | {("staff", "\nLaporan {number}\n"): "\nRapot {number}\n"}
    write(locales, "toy", catalog(turned, head))
    assert toyan(locales).signed is Signed.YES


def test_a_name_without_the_fingerprint_of_the_text_is_no_signature(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "toy", catalog(SAID, HEAD.replace("Reviewed-By: not yet", "Reviewed-By: Bu Sinta")))
    assert toyan(locales).signed is Signed.CHANGED


@pytest.mark.parametrize(
    "line", ["Reviewed-By: not yet", "Reviewed by: nobody yet.", "Not yet reviewed by a native speaker of an office."]
)
def test_the_ways_to_say_that_nobody_has(line: str, tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    write(locales, "toy", catalog(SAID, HEAD.replace("Reviewed-By: not yet", line)))
    assert toyan(locales).signed is Signed.NO
    assert complaints(locales) == []


def test_a_signature_outlives_the_tools_of_gettext(tmp_path: Path) -> None:
    """Babel drops header fields it does not know; comments stay."""
    locales = shelf(tmp_path)
    languages.sign("toy", *SINTA, folder=locales)
    path = locales / "toy" / "LC_MESSAGES" / "messages.po"
    written = BytesIO()
    write_po(written, read_po(BytesIO(path.read_bytes())))
    path.write_bytes(written.getvalue())
    assert toyan(locales).signed is Signed.YES


@pytest.mark.parametrize(
    ("language", "by", "office"),
    [
        ("id", "Sinta", "UPTD"),
        ("en", "Sinta", "UPTD"),
        ("zz", "Sinta", "UPTD"),
        ("toy", "", "UPTD"),
        ("toy", " ", "UPTD"),
        ("toy", "Sinta", ""),
        ("toy", "Sinta\n# Reviewed-Text: 0", "UPTD"),
    ],
)
def test_what_cannot_be_signed_is_refused_and_nothing_changes(
    language: str, by: str, office: str, tmp_path: Path
) -> None:
    locales = shelf(tmp_path)
    path = locales / "toy" / "LC_MESSAGES" / "messages.po"
    before = path.read_bytes()
    with pytest.raises(Failed):
        languages.sign(language, by, office, "2026-12-01", folder=locales)
    assert path.read_bytes() == before


def test_an_office_hears_of_every_language_nobody_has_signed(tmp_path: Path) -> None:
    locales = shelf(tmp_path)
    (unsigned,) = languages.doubts(("id", "toy", "toy"), locales)
    assert "nobody" not in unsigned[0] and "kentongan locales sheet toy" in unsigned[0]
    languages.sign("toy", *SINTA, folder=locales)
    assert languages.doubts(("id", "toy"), locales) == []
    write(
        locales,
        "toy",
        catalog(
            SAID | {AMAN: "Slamet"},
            (locales / "toy" / "LC_MESSAGES" / "messages.po").read_text().split("\nmsgctxt")[0] + "\n",
        ),
    )
    assert "has changed since it was signed" in languages.doubts(("toy",), locales)[0][0]
    assert "no catalog any more" in languages.doubts(("zz",), locales)[0][0]


def test_a_catalog_that_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.po"
    path.write_text('msgid "a"\nmsgstring "b"\n', encoding="utf-8")
    assert catalogs._read(path, "zz").broken
