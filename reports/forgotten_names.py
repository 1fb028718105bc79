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

from reports.clean import safe_text
from reports.redact import COMPANY, NAME, SHORTEST_PART, KnownNames, pieces_of

_HALF = 16
_ANCHOR, _SEQUENCE, _PIECES, _WORD, _WHOLE = "anchor", "sequence", "pieces", "word", "whole"
_SHORT, _ALL_SHORT = "", " "  # in place of an anchor: a name begins with a short word, has no other words
_CACHED_WORDS = 1 << 16
T = TypeVar("T")
_Form = tuple[str, tuple[str, ...], str]  # kind, words, what stands for it


def name_hashes(
    key: bytes, people: Iterable[str], companies: Iterable[str], held: Collection[bytes] = frozenset()
) -> frozenset[bytes]:
    """Digests to keep of every form by which these names are looked up, beyond those that are held already.

    What several names have in common (a surname) has one more digest for each of them, of its form and a running
    number, so that one name can be erased without the others. A name that was kept before adds nothing.

    Args:
        key: the database's, 32 bytes.
        people: names or handles, as their sources showed them.
        companies: names of customers and of deals' owners.
        held: digests that are kept already, under this key.
    """
    counts = _Counts(key, held)
    for mark, names in ((NAME, people), (COMPANY, companies)):
        for name in sorted(set(names)):
            forms = _forms(name, mark)
            whole = (_WHOLE, (safe_text(name),), mark)
            if forms and not counts.of(whole):
                counts.add(whole)
                for form in forms:
                    counts.add(form)
    return frozenset(counts.added)


def erased_hashes(
    key: bytes, held: Collection[bytes], names: Iterable[str], *, words: bool = False
) -> frozenset[bytes]:
    """Those of the held digests that stand for these names, people's or customers', and for no other name.

    Args:
        key: the database's, 32 bytes.
        held: digests that are kept, under this key.
        names: as their sources showed them.
        words: of a single word that is no whole name among them, erase what parts of names say it, whosoever's.
    """
    counts = _Counts(key, held)
    for name in sorted(set(names)):
        is_name = False
        for mark in (NAME, COMPANY):
            whole = (_WHOLE, (safe_text(name),), mark)
            if counts.of(whole):
                is_name = True
                for form in (whole, *_forms(name, mark)):
                    counts.remove(form)
        while words and not is_name and counts.remove((_WORD, (name,), NAME)):
            pass
    return frozenset(counts.removed)


def _forms(name: str, mark: str) -> set[_Form]:
    """Everything by which one name is looked up; nothing of a name of one or two letters or of a number."""
    known = KnownNames.build([name] if mark == NAME else [], [name] if mark == COMPANY else [])
    forms: set[_Form] = {(_WORD, (word,), NAME) for word in (*known.parts, *known.handles)}
    forms |= {(_SEQUENCE, words, mark) for words in (*known.people, *known.companies)}
    forms |= {(_PIECES, pieces, mark) for pieces, mark in known.pieces.items()}
    kept = {form for form in forms if _tells(form[1])}
    for kind, words, _ in [*kept]:
        if kind == _SEQUENCE:
            anchor = _anchor(words)
            kept |= {
                (_ANCHOR, (word,), NAME) for word in ((anchor, _SHORT) if anchor != words[0] else (anchor,))
            }
    return kept


def _tells(words: Sequence[str]) -> bool:
    """Whether words are no ordinary short word or number: a respondent's "500" must not hide all numbers."""
    joined = "".join(words)
    return len(joined) >= SHORTEST_PART and any(letter.isalpha() for letter in joined)


class _Counts:
    """How many names have a form, told by the running numbers of its digests, and what changes of them."""

    def __init__(self, key: bytes, held: Collection[bytes]) -> None:
        self._key, self._held = key, held
        self._counts: dict[_Form, int] = {}
        self.added: set[bytes] = set()
        self.removed: set[bytes] = set()

    def of(self, form: _Form) -> int:
        """How many names have this form; numbers have no gaps, so that few of them have to be tried."""
        if form not in self._counts:
            low, high = 0, 1
            while self._numbered(form, high) in self._held:
                low, high = high, 2 * high
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self._numbered(form, middle) in self._held else (low, middle)
            self._counts[form] = low
        return self._counts[form]

    def add(self, form: _Form) -> None:
        """One name more has this form."""
        self._counts[form] = self.of(form) + 1
        self.added.add(self._numbered(form, self._counts[form]))

    def remove(self, form: _Form) -> bool:
        """One name less has this form; False if none had it."""
        count = self.of(form)
        if count:
            self.removed.add(self._numbered(form, count))
            self._counts[form] = count - 1
        return count > 0

    def _numbered(self, form: _Form, number: int) -> bytes:
        kind, words, mark = form
        return _half(_digest(self._key, kind if number == 1 else f"{kind} {number}", words), mark)


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
