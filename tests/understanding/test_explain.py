"""`kentongan explain` tells what was understood and why, without a database, a key or a line in a log."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli_explain import explained
from gateway.office_file import parse
from tests.harness import OFFICE

ROOT = Path(__file__).resolve().parents[2]
TEXT = "LAPRO sy dipukul, dia bawa pisau, d juwana, anak sy 7 th, NIK 3318000000000001"


SHOWN = re.findall(
    r'```\n\$ kentongan explain "([^"]+)" --office office\.toml\n(.+?)\n```',
    (ROOT / "docs" / "languages.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


def run(folder: Path, *arguments: str, language: str = "en", fed: str = "") -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "LANG": language, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gateway", *arguments]
    return subprocess.run(
        command, cwd=folder, env=clean, input=fed, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_text_is_explained_with_the_words_that_did_it() -> None:
    said = "\n".join(explained(TEXT, parse(OFFICE)))
    for part in (
        "REPORT",
        "33.18.08 Juwana",
        "high",
        "fisik, anak",
        "keyword first",
        '"bawa pisau"',
        '"dipukul"',
        "age",
    ):
        assert part in said
    assert "3318000000000001" not in said


@pytest.mark.parametrize(("text", "shown"), SHOWN, ids=[text[:20] for text, _ in SHOWN])
def test_what_the_page_of_languages_shows_is_what_is_said(text: str, shown: str) -> None:
    office = parse((ROOT / "office.example.toml").read_text(encoding="utf-8"))
    assert "\n".join(explained(text, office)) == shown


def test_the_page_of_languages_shows_some() -> None:
    assert len(SHOWN) >= 4


def test_it_works_in_an_empty_folder_without_key_or_database(tmp_path: Path) -> None:
    done = run(tmp_path, "explain", TEXT)
    assert done.returncode == 0 and "intent      REPORT" in done.stdout and done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_it_reads_standard_input_and_speaks_indonesian(tmp_path: Path) -> None:
    done = run(tmp_path, "explain", "-", language="id_ID.UTF-8", fed="STATUS 4821935\n")
    assert "maksud      STATUS" in done.stdout and "4821935" in done.stdout


@pytest.mark.parametrize("office", ["missing.toml", "wrong.toml"])
def test_a_wrong_office_file_is_said_in_one_sentence(tmp_path: Path, office: str) -> None:
    (tmp_path / "wrong.toml").write_text("[office]\n")
    done = run(tmp_path, "explain", "halo", "--office", office)
    assert done.returncode == 1 and done.stdout == "" and "Traceback" not in done.stderr
