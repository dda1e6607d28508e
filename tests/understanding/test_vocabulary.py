"""The words of a language are one file; a broken one is named with its line, and no language spoils another."""

import re
from pathlib import Path

import pytest

from gateway import texts
from gateway.errors import Failed
from gateway.vocabulary import FILE, vocabulary
from gateway.vocabulary import read as read_file

BROKEN = [
    ('names = ["x"]\nmes = []\n', "line 2: mes is not known here"),
    ('names = ["x"]\n\n[keywords]\nrepot = []\n', "line 4: there is no list repot in [keywords]; did you mean report?"),
    ('[risk]\nhigh = "bunuh"\n', "line 2: high must be a list of words"),
    ('[risk]\nhigh = [\n    "bunuh",\n    5,\n]\n', "line 4: 5 in high must be a word in quotes"),
    ("[short]\ntlg = 1\n", "line 2: tlg must stand for words in quotes"),
    ('names = ["x"\n', "cannot be read"),
]


def written(folder: Path, text: str) -> Path:
    path = folder / "xx" / FILE
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_a_broken_file_is_named_with_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Failed) as refused:
        read_file(written(tmp_path, text))
    assert said in refused.value.english and "locales/xx/words.toml" in refused.value.english
    assert "locales/xx/words.toml" in refused.value.indonesian


def test_a_file_with_nothing_but_names_is_a_language(tmp_path: Path) -> None:
    words = read_file(written(tmp_path, 'names = ["contoh"]\n'))
    assert (words.language, words.names, words.risk["high"]) == ("xx", ("contoh",), ())


def test_every_language_with_a_catalog_has_words() -> None:
    assert set(texts.languages()) <= set(vocabulary())


@pytest.mark.parametrize("language", vocabulary())
def test_every_file_says_who_reviewed_it(language: str) -> None:
    first = (texts.FOLDER / language / FILE).read_text(encoding="utf-8").splitlines()[0]
    assert re.match(r"# .*Reviewed by: .+\.", first)


@pytest.mark.parametrize("language", vocabulary())
def test_the_words_of_a_language_are_folded_and_stand_once(language: str) -> None:
    words = vocabulary()[language]
    lists = {"names": words.names, "common": words.common, "ordinary": words.ordinary}
    for name, table in (("keywords", words.keywords), ("answers", words.answers), ("risk", words.risk)):
        lists |= {f"{name}.{key}": table[key] for key in table}
    lists |= {f"kinds.{key}": words.kinds[key] for key in words.kinds}
    for name, listed in lists.items():
        assert len(set(listed)) == len(listed), f"{name} has a word twice"
        assert [word for word in listed if not re.fullmatch(r"[a-z0-9]+( [a-z0-9]+)*", word)] == [], name
