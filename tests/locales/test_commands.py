"""`kentongan locales …` as an operator types it, and how `apply` and `doctor` speak of languages nobody has signed."""

from pathlib import Path

import pytest

from gateway import texts
from gateway.languages import registry
from tests.harness import OFFICE
from tests.test_start import Machine

LANGUAGES = 'languages = ["id", "jv", "su"]'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_list_names_every_language_and_what_is_wanted(machine: Machine) -> None:
    done = machine.runs("locales", "list")
    rows = {row.split()[0]: row for row in done.stdout.splitlines()}
    assert done.returncode == 0 and set(rows) == {*texts.languages(), "mqn", "lbw"}
    assert "source" in rows["id"] and "Sundanese" in rows["su"] and registry()["su"].review in rows["su"]
    assert "wanted: no reliable source" in rows["mqn"] and "wanted: no reliable source" in rows["lbw"]


def test_check_says_that_all_is_good(machine: Machine) -> None:
    assert machine.runs("locales", "check").stdout == "All catalogs are good.\n"
    assert machine.runs("locales", "check", "su").returncode == 0


def test_check_of_a_language_that_is_not_there_says_so(machine: Machine) -> None:
    done = machine.runs("locales", "check", "zz")
    assert done.returncode == 1 and 'There is no language "zz"' in done.stderr


def test_a_sheet_goes_to_a_file_or_to_standard_output(machine: Machine) -> None:
    printed = machine.runs("locales", "sheet", "su")
    assert printed.returncode == 0 and printed.stdout.startswith("<!doctype html>")
    assert machine.runs("locales", "sheet", "su", "--out", "su.html").stdout == "su.html\n"
    assert (machine.folder / "su.html").read_text(encoding="utf-8") == printed.stdout


def test_a_sheet_that_cannot_be_written_is_one_sentence(machine: Machine) -> None:
    done = machine.runs("locales", "sheet", "su", "--out", "nowhere/su.html")
    assert (done.returncode, done.stdout) == (1, "") and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zz", "--on", "2026-12-01"], 'no language "zz"'),
        (["id", "--on", "2026-12-01"], "needs no signature"),
        (["su", "--on", "1 Desember"], '"1 Desember" is no date: write it as 2026-12-01.'),
    ],
)
def test_what_cannot_be_signed_is_refused_in_a_sentence(arguments: list[str], said: str, machine: Machine) -> None:
    done = machine.runs("locales", "sign", *arguments, "--by", "Bu Sinta", "--office", "UPTD PPA")
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr


def test_texts_prints_the_page(machine: Machine) -> None:
    done = machine.runs("locales", "texts")
    assert done.returncode == 0 and done.stdout.startswith("# Texts\n")


def test_apply_and_doctor_name_each_language_nobody_has_signed(machine: Machine) -> None:
    doubted = [code for code in ("jv", "su") if registry()[code].doubt[0]]
    done = machine.runs("apply", "office.toml")
    assert done.returncode == 0
    notes = [line for line in machine.runs("doctor").stdout.splitlines() if line.startswith("note ")]
    assert sum("native speaker" in note or "locales" in note for note in notes) == len(doubted)
    for code in doubted:
        assert f"kentongan locales sheet {code}" in done.stderr
        assert any(note.startswith(f"note {code}: ") for note in notes)


def test_an_office_that_speaks_indonesian_alone_hears_nothing_of_it(machine: Machine) -> None:
    (machine.folder / "office.toml").write_text(OFFICE.replace(LANGUAGES, 'languages = ["id"]'), encoding="utf-8")
    done = machine.runs("apply", "office.toml")
    assert done.returncode == 0 and "locales sheet" not in done.stderr
    assert "locales sheet" not in machine.runs("doctor").stdout


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("sun", 'write its code, "su"'),
        ("sunda", 'write its code, "su"'),
        ("Jawa", 'write its code, "jv"'),
        ("mqn", "Moronene is wanted and not shipped: no reliable source"),
        ("klingon", "known: "),
    ],
)
def test_an_unknown_language_is_refused_with_a_suggestion(code: str, hint: str, machine: Machine) -> None:
    written = OFFICE.replace(LANGUAGES, f'languages = ["id", "{code}"]')
    (machine.folder / "office.toml").write_text(written, encoding="utf-8")
    done = machine.runs("apply", "office.toml")
    line = written.splitlines().index(f'languages = ["id", "{code}"]') + 1
    assert done.returncode == 1
    assert f'line {line}: there is no language "{code}" → ' in done.stderr and hint in done.stderr
