"""Dictionary forms of words in languages other than Russian, by simplemma.

Its dictionaries are packed: unpacking one takes a tenth of a second, which every report would pay. So the unpacked
form is kept under simplemma's version.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from reports.kept import kept

if TYPE_CHECKING:
    from simplemma import Lemmatizer


@lru_cache(maxsize=1)
def lemmatizer() -> Lemmatizer:
    """Simplemma with kept dictionaries; it answers as `simplemma.lemmatize` does."""
    import simplemma
    from simplemma.strategies import DefaultStrategy
    from simplemma.strategies.dictionaries import DictionaryFactory

    class Kept(DictionaryFactory):
        """Simplemma's way to be given other dictionaries."""

        def get_dictionary(self, lang: str) -> Mapping[str, str]:
            return unpacked_dictionary(lang)

    return simplemma.Lemmatizer(lemmatization_strategy=DefaultStrategy(dictionary_factory=Kept()))


@lru_cache(maxsize=8)
def unpacked_dictionary(language: str) -> Mapping[str, str]:
    """Dictionary form of each known word.

    Raises:
        ValueError: simplemma has no such language.
    """
    from simplemma.strategies.dictionaries.dictionary_factory import MappingStrToByteString

    content = kept(f"lemmas-{language}-{version('simplemma')}.txt", lambda: _unpack(language))
    words, _, lemmas = content.partition(b"\n\n")
    return MappingStrToByteString(dict(zip(words.split(b"\n"), lemmas.split(b"\n"), strict=True)))


def _unpack(language: str) -> bytes:
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    known = DefaultDictionaryFactory().get_dictionary(language)
    return "\n\n".join(("\n".join(known), "\n".join(known.values()))).encode("utf-8")
