"""Every sentence of the program is in every catalog that must have it, and none of them endangers anybody."""

import ast
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from gateway import catalogs, texts

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = [path for package in ("gateway", "handlers", "scheduler") for path in sorted((ROOT / package).rglob("*.py"))]
MUST_SPEAK_TO_REPORTERS = ["jv", "su"]


def spoken(path: Path) -> set[tuple[str, str]]:
    """(audience, sentence) of every `say` in a file."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "say" and len(call.args) > 1]
    return {(ast.literal_eval(call.args[0]), ast.literal_eval(call.args[1])) for call in named}


SPOKEN = {sentence for path in FILES for sentence in spoken(path)}
TO_REPORTERS = sorted(source for audience, source in SPOKEN if audience == "reporter")


def test_the_catalogs_have_nothing_to_complain_about() -> None:
    assert catalogs.complaints() == []


def test_the_template_holds_exactly_what_the_program_says() -> None:
    assert {(text.audience, text.source) for text in catalogs.template()} == SPOKEN


def test_the_first_languages_are_there() -> None:
    assert {"id", "jv", "su"} <= set(texts.languages())


@pytest.mark.parametrize("language", MUST_SPEAK_TO_REPORTERS)
@pytest.mark.parametrize("source", TO_REPORTERS)
def test_a_reporter_s_sentence_is_translated(language: str, source: str) -> None:
    message = texts.catalog(language).get(source, "reporter")
    assert message is not None and message.string and not message.fuzzy


BAD = [
    ("reporter", "Nomor {number}.", "Nomer {nomer}.", "placeholders differ"),
    ("reporter", "Nomor {number}.", "Nomer {number", "placeholders differ"),
    ("reporter", "Baik.", "ꦱꦫꦶ", "outside GSM-7"),
    ("reporter", "Baik.", "Nggih… ", "outside GSM-7"),
    ("reporter", "Baik.", "n" * 161, "longer than one SMS"),
    ("reporter", "Nomor {number}.", "n" * 153 + "{number}", "longer than one SMS"),
    ("reporter", "Baik.", "Lapor UPTD PPA", "may endanger"),
    ("reporter", "Baik.", "Bukak https://contoh.id", "may endanger"),
]


@pytest.mark.parametrize(("audience", "source", "said", "complaint"), BAD)
def test_a_dangerous_translation_is_complained_about(audience: str, source: str, said: str, complaint: str) -> None:
    found = catalogs._problems(Message(source, said, context=audience))
    assert any(complaint in line for line in found), found


def test_a_good_translation_passes() -> None:
    assert catalogs._problems(Message("Nomor {number}.", "Nomer {number}.", context="reporter")) == []


def test_staff_sentences_may_be_longer_and_name_the_topic() -> None:
    assert catalogs._problems(Message("Baik.", "Laporan… " * 30, context="staff")) == []


def test_no_sentence_for_reporters_names_office_or_topic_at_its_source() -> None:
    for source in TO_REPORTERS:
        assert [word for word in catalogs.FORBIDDEN if word in source.casefold()] == [], source
