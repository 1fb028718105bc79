"""Dictionary forms from kept dictionaries, and what is kept in the user's cache folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import simplemma
from platformdirs import user_cache_path
from simplemma.strategies.dictionaries import DefaultDictionaryFactory

from reports.kept import kept
from reports.lemmas import lemmatizer, unpacked_dictionary

WORDS = {
    "en": "emails unsubscribed newsletters went better children's pop-ups xyzzy don't Offers 42 annoying",
    "es": "correos ofertas molestos enviando dejen",
    "nl": "aanbiedingen nieuwsbrieven vervelende",
}


@pytest.fixture(autouse=True)
def _nothing_read_yet() -> Iterator[None]:
    unpacked_dictionary.cache_clear()
    yield
    unpacked_dictionary.cache_clear()


@pytest.mark.parametrize("language", WORDS)
def test_words_get_the_forms_that_simplemma_gives_them(language: str) -> None:
    words = WORDS[language].split()
    found = [lemmatizer().lemmatize(word, language) for word in words]
    assert found == [simplemma.lemmatize(word, lang=language) for word in words]


def test_a_kept_dictionary_is_the_packed_one() -> None:
    made = dict(unpacked_dictionary("en"))
    unpacked_dictionary.cache_clear()
    assert dict(unpacked_dictionary("en")) == made == dict(DefaultDictionaryFactory().get_dictionary("en"))
    (file,) = user_cache_path("goodwill").glob("lemmas-en-*.txt")
    assert file.stat().st_size > 1_000_000


def test_a_language_without_dictionary_is_refused_and_nothing_is_kept() -> None:
    with pytest.raises(ValueError, match="Unsupported language"):
        unpacked_dictionary("../../xx")
    assert not list(user_cache_path("goodwill").glob("*"))


def test_a_kept_file_is_made_once() -> None:
    assert kept("a.txt", lambda: b"first\n\nend") == b"first\n\nend"
    assert kept("a.txt", lambda: pytest.fail("made again")) == b"first\n\nend"


@pytest.mark.parametrize(
    "damage",
    [b"", b"//0\nfirst", b"\xff\xfe\nfirst", b"first"],
    ids=["empty", "digest", "bytes", "no digest"],
)
def test_a_kept_file_that_is_not_whole_is_made_again(damage: bytes) -> None:
    kept("a.txt", lambda: b"first")
    path = user_cache_path("goodwill") / "a.txt"
    path.write_bytes(damage)
    assert kept("a.txt", lambda: b"second") == b"second"
    assert kept("a.txt", lambda: b"third") == b"second"


def test_without_a_cache_folder_it_is_made_each_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert kept("a.txt", lambda: b"first") == b"first"
    assert kept("a.txt", lambda: b"second") == b"second"
