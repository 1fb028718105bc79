"""Recognise names of people who left, of which the database keeps keyed hashes only.

Every form of a name that `KnownNames` looks up is hashed with HMAC-SHA256 under the database's key, and the
same words and sequences of words of a text are hashed and looked up among the digests (16 bytes each). The
digest's two halves stand for a person's name and a customer's, so that one hash answers both.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache
from typing import TypeVar

from reports.redact import COMPANY, NAME, SHORTEST_PART, KnownNames, pieces_of

_HALF = 16
_ANCHOR, _SEQUENCE, _PIECES, _WORD = "anchor", "sequence", "pieces", "word"
_SHORT, _ALL_SHORT = "", " "  # in place of an anchor: a name begins with a short word, has no other words
_CACHED_WORDS = 1 << 16
T = TypeVar("T")


def name_hashes(key: bytes, people: Iterable[str], companies: Iterable[str]) -> frozenset[bytes]:
    """Digests of every form by which these names are looked up.

    Args:
        key: the database's, 32 bytes.
        people: names or handles, as their sources showed them.
        companies: names of customers and of deals' owners.
    """
    known = KnownNames.build(people, companies)
    forms: list[tuple[str, tuple[str, ...], str]] = [
        (_WORD, (word,), NAME) for word in (*known.parts, *known.handles)
    ]
    for sequences, mark in ((known.people, NAME), (known.companies, COMPANY)):
        for sequence in sequences:
            anchor = _anchor(sequence)
            forms += [(_SEQUENCE, sequence, mark), (_ANCHOR, (anchor,), NAME)]
            forms += [(_ANCHOR, (_SHORT,), NAME)] if anchor != sequence[0] else []
    forms += [(_PIECES, pieces, mark) for pieces, mark in known.pieces.items()]
    return frozenset(
        _half(_digest(key, kind, words), mark)
        for kind, words, mark in forms
        if kind == _ANCHOR or len("".join(words)) >= SHORTEST_PART
    )


def recognising(known: KnownNames, key: bytes, digests: frozenset[bytes]) -> KnownNames:
    """The same names, and those whose digests these are; without digests the very same object.

    Args:
        known: names that the database holds, and which ones may stay.
        key: the database's, 32 bytes.
        digests: of `name_hashes`, under this key.
    """
    if not digests:
        return known
    hashed = _Hashed(known, key, digests)
    told = hashlib.sha256(b"".join([known.fingerprint.encode(), *sorted(digests)])).hexdigest()
    more = {
        "people": _Either(known.people, hashed.is_person),
        "companies": _Either(known.companies, hashed.is_company),
        "handles": _Either(known.handles, hashed.is_word),
        "starts": _Either(known.starts, hashed.is_beginning),
        "pieces": _Pieces(known.pieces, hashed.mark_of_pieces),
        "fingerprint": told,
    }
    both = copy(known)
    for name, value in more.items():
        object.__setattr__(both, name, value)
    return both


def _anchor(words: Sequence[str]) -> str:
    """The first word of three letters or more: by it alone most sequences are told to be no name.

    Of shorter words, as in "J. Smith", it is only kept that there is a name with such words.
    """
    for word in words:
        if len(word) >= SHORTEST_PART:
            return word
    return _ALL_SHORT


def _digest(key: bytes, kind: str, words: Sequence[str]) -> bytes:
    return hmac.digest(key, "\x1f".join((kind, *words)).encode("utf-8", "replace"), "sha256")


def _half(digest: bytes, mark: str) -> bytes:
    return digest[:_HALF] if mark == NAME else digest[_HALF:]


class _Hashed:
    """Whether words of a text are a name among the digests; each word is hashed once."""

    def __init__(self, known: KnownNames, key: bytes, digests: frozenset[bytes]) -> None:
        self._key, self._digests, self._ours = key, digests, known.ours
        self._our_pieces = {pieces_of((word,)) for word in known.ours}
        self._shown = {pieces_of(name) for name in known.allowed}
        self.is_word = lru_cache(_CACHED_WORDS)(self._is_word)
        self._is_anchor = lru_cache(_CACHED_WORDS)(self._has_anchor)
        self._sequence = lru_cache(64)(lambda words: _digest(key, _SEQUENCE, words))  # asked twice each

    def is_person(self, words: tuple[str, ...]) -> bool:
        """A full name, in lower case."""
        return self._may_be_name(words) and _half(self._sequence(words), NAME) in self._digests

    def is_company(self, words: tuple[str, ...]) -> bool:
        """A customer's or an owner's name, in lower case, that is not made of our own."""
        return (
            self._may_be_name(words)
            and _half(self._sequence(words), COMPANY) in self._digests
            and not self._ours.issuperset(words)
        )

    def mark_of_pieces(self, pieces: tuple[str, ...]) -> str:
        """What stands for a name with hyphens, by its pieces; "" if it is none."""
        digest = _digest(self._key, _PIECES, pieces)
        if pieces in self._our_pieces:
            return ""
        if _half(digest, NAME) in self._digests:
            return NAME
        is_company = _half(digest, COMPANY) in self._digests and pieces not in self._shown
        return COMPANY if is_company else ""

    def _may_be_name(self, words: tuple[str, ...]) -> bool:
        if len(words[0]) >= SHORTEST_PART:
            return True
        return len(words) > 1 and self._is_anchor(_anchor(words))

    def _is_word(self, word: str) -> bool:
        return (
            len(word) >= SHORTEST_PART
            and _half(_digest(self._key, _WORD, (word,)), NAME) in self._digests
            and word.lower() not in self._ours
        )

    def is_beginning(self, word: str) -> bool:
        """Whether a name may begin with this word, in lower case."""
        return self._is_anchor(word if len(word) >= SHORTEST_PART else _SHORT)

    def _has_anchor(self, word: str) -> bool:
        return _half(_digest(self._key, _ANCHOR, (word,)), NAME) in self._digests


class _Either(Collection[T]):
    """What a set holds, and what a test says yes to; only the former can be listed."""

    def __init__(self, plain: Collection[T], test: Callable[[T], bool]) -> None:
        self._plain, self._test = plain, test

    def __contains__(self, item: object) -> bool:
        return item in self._plain or self._test(item)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[T]:
        return iter(self._plain)

    def __len__(self) -> int:
        return len(self._plain)


class _Pieces(Mapping[tuple[str, ...], str]):
    """Marks of names by their pieces: known ones, and those that are recognised."""

    def __init__(self, plain: Mapping[tuple[str, ...], str], mark: Callable[[tuple[str, ...]], str]) -> None:
        self._plain, self._mark = plain, mark

    def __getitem__(self, pieces: tuple[str, ...]) -> str:
        if mark := self._plain.get(pieces) or self._mark(pieces):
            return mark
        raise KeyError(pieces)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self._plain)

    def __len__(self) -> int:
        return len(self._plain)
