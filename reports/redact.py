"""Personal data out before anything leaves the database: names, handles, addresses, numbers, secrets.

What a database knows (authors, accounts) is looked up word by word, so that a hundred thousand names cost no
more than ten; what it cannot know is found by form. Taking out too much is cheap, too little is not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from reports.clean import safe_text
from reports.first_names import FIRST_NAMES

NAME, COMPANY, ADDRESS, NUMBER, LINK, SECRET = (
    "[name]",
    "[company]",
    "[e-mail]",
    "[number]",
    "[link]",
    "[secret]",
)
PLACEHOLDERS = (NAME, COMPANY, ADDRESS, NUMBER, LINK, SECRET)
_LONGEST_NAME = 5
SHORTEST_PART = 3
_LONG_HANDLE = 10
"""Characters of an account's name: a longer one is also known by its pieces, and no "follow_up" is hidden."""
_RULES = 4
"""Raise it whenever another part of a text is taken out: what was kept of redacted texts then no longer counts."""

_SLACK_USER = re.compile(r"<[@!][^<>\s|]+(?:\|[^<>]*)?>")
_SLACK_LINK = re.compile(r"<(https?://|mailto:|tel:)[^<>]*>", re.IGNORECASE)
# Longer than any word; scripts that write without blanks are left alone. The searches below would take seconds for one.
_ENDLESS = re.compile(r"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\uffff\U00010000-\U0010ffff]{401,}")
_MAIL = re.compile(  # only from the beginning of a run: else a word of 10,000 letters would take a second
    r"(?<![\w.+\-%'])[\w.+\-%']+\s?(?:[@＠﹫]|\(at\)|\[at\])\s?[\w\-]+(?:\s?(?:[.．]|\(dot\)|\[dot\])\s?[\w\-]+)+",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{1,15}://|www\.)[^\s<>\"')\]]+"
    r"|\b[\w\-]+(?:\.[\w\-]+)*\.(?:com|org|net|io|ru|de|es|co|ai|app|dev|eu|uk|info|biz|me)"
    r"(?:/[^\s<>\"')\]]*)?(?!\w)",
    re.IGNORECASE,
)
_NAMED_SECRET = re.compile(
    r"(?i)\b(pass(?:word|wort|code)?|pwd|пароль|token|secret|api[ _\-]?key|ключ|bearer|authorization)\b"
    r"(\s*(?:is|=|:|-)\s*)(\S+)"
)
_SECRET = re.compile(
    r"\b(?:xox[a-z]-[\w\-]+|sk[-_][\w\-]{12,}|gh[pousr]_\w{16,}|AKIA[0-9A-Z]{12,}"
    r"|eyJ[\w\-]+\.[\w\-]+(?:\.[\w\-]*)?|[0-9a-fA-F]{32,})\b"
)
_MIXED = re.compile(r"\b(?=[\w\-+/]*\d)(?=[\w\-+/]*[A-Za-z])[A-Za-z0-9_\-+/]{24,}={0,2}")
_ADDRESS_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_ACCOUNT_NUMBER = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_TIME = r"(?:(?:19|20)\d\d-\d\d-\d\d|\d\d?[./]\d\d?[./](?:19|20)\d\d)[\s,]{1,2}\d\d?:\d\d"
_PHONE = re.compile(
    rf"(?!{_TIME})"
    r"(?<![\w.,])(?:\+|00)?\(?\d(?:[\s().\-/]{0,2}\d){8,16}(?!\w)"
    r"|(?<![\w.,])\+\d(?:[\s().\-]{0,2}\d){6,}"
    r"|(?<![\w.,\-])(?:\(\d{3}\)\s?)?\d{3}[\-. ]\d{4}(?![\w\-])"
)
# Behind "tel." without a blank; behind any other word with a full stop it may be a version or an id.
_CALLED = re.compile(
    r"\.(?:(?<=tel\.)|(?<=fon\.)|(?<=fax\.)|(?<=mob\.)|(?<=тел\.)|(?<=моб\.)|(?<=phone\.))"
    r"(?:\+|00)?\(?\d(?:[\s().\-/]{0,2}\d){5,16}(?!\w)",
    re.IGNORECASE,
)
_DASH = re.compile("[\u2010-\u2013\u2212]")  # a hyphen, its unbreakable sister, figure and en dash, minus
# These also stand between the ends of a range, so only what is written as a telephone number is one.
_DASHED_PHONE = re.compile(
    r"(?<![\w.,\-/D])(?:"
    r"\+\d(?:[\s().\-/D]{0,2}\d){9,14}"
    r"|(?:\+?\d{1,3}\s?)?\(\d{3,4}\)\s?\d{2,4}(?:[D\-]\d{2,4}){1,3}"
    r"|[78]\s?\d{3}\s?\d{3}[D]\d\d[D\-]?\d\d"
    r"|0[1-9]\d{1,3}[D\-]?\d{0,4}[D]\d{4,8}"
    r"|(?!(?:19|20)\d\d[D])(?!(?:\d*00[D]){2}\d*00(?!\d))\d{3,4}[D]\d{3,4}[D]\d{3,4}"
    r")(?!\w|[.,\-/D]\d)".replace("D", "\u2010-\u2013\u2212")
)
_HANDLE = re.compile(r"(?<![\w/])(?:/?u/[\w\-]{2,}|[@＠﹫][\w.\-]{2,})")
_CAPITAL = "[A-ZА-ЯЁÄÖÜ]"
_GREETED = re.compile(
    r"\b((?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Señora?|г-н|г-жа|господин|госпожа)\.?\s+)"
    rf"([^\W\d_]\w+(?:\s+{_CAPITAL}\w+)?)"
)
_SIGNED = re.compile(
    r"(?i:\b(regards|cheers|sincerely|best wishes|yours|my name is|i am called|grüße|gruß|mein name ist"
    r"|saludos|me llamo|с уважением|меня зовут))"
    rf"([\s,:!\-]+)({_CAPITAL}\w+(?:\s+{_CAPITAL}\w+){{0,2}})"
)
_LEGAL = re.compile(
    rf"\b((?:{_CAPITAL}[\w&\-]*\s+){{1,3}})(GmbH|AG|Inc|LLC|Ltd|PLC|Corp|S\.?A\.?|B\.?V\.?|Oy|SE)\b\.?"
    r"|\b(ООО|ЗАО|ОАО|АО|ПАО)\s+[«\"]?[\w \-]{2,40}?[»\"]"
)
_BEFORE_A_NAME = frozenset(
    {"the", "at", "from", "our", "we", "with", "for", "by", "and", "but", "die", "bei"}
)
_WORD = re.compile(r"[^\W_](?:[\w’'\-]*\w)?")
# Surnames that begin ordinary words: "Long-time", "Post-webinar".
_FIRST_HALVES = frozenset(
    {"best", "black", "blue", "full", "good", "green", "hard", "high", "long", "low", "new", "old", "open"}
    | {"part", "post", "red", "short", "small", "strong", "well", "white", "young"}
)
_PIECE = re.compile(r"[^\-_]+")
_CAPITAL_WORD = re.compile(r"[A-ZА-ЯЁÄÖÜÁÉÍÓÚÑ][\w’'\-]+")


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names the database knows, ready to be looked up.

    Attributes:
        people: lower-case word sequences of full names; parts: single names of people, as written.
        handles: single-word account names, as written.
        companies: lower-case word sequences of customers' names.
        ours: lower-case words of our own names, which always stay.
        allowed: lower-case word sequences of customers' names that may be shown.
        fingerprint: equal for equal names.
        starts: lower-case first words of all sequences: few words of a text are among them.
        pieces: what stands for the names among `people`, `companies` and `handles` that have a word with a
            hyphen or an underscore, by all their lower-case pieces.
    """

    people: Collection[tuple[str, ...]] = frozenset()
    parts: frozenset[str] = frozenset()
    handles: Collection[str] = frozenset()
    companies: Collection[tuple[str, ...]] = frozenset()
    ours: frozenset[str] = frozenset()
    allowed: frozenset[tuple[str, ...]] = frozenset()
    fingerprint: str = ""
    starts: Collection[str] = field(init=False)
    pieces: Mapping[tuple[str, ...], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Collect the first words, and the pieces of names with hyphens."""
        sequences = chain(self.people, self.companies, self.allowed)
        object.__setattr__(self, "starts", frozenset(sequence[0] for sequence in sequences if sequence))
        handles = ((handle.lower(),) for handle in self.handles if len(handle) > _LONG_HANDLE)
        pieces = {
            pieces_of(name): mark
            for names, mark in ((self.companies, COMPANY), (self.people, NAME), (handles, NAME))
            for name in names
            if any("-" in word or "_" in word for word in name)
        }
        object.__setattr__(self, "pieces", pieces)

    @classmethod
    def build(
        cls,
        people: Iterable[str] = (),
        companies: Iterable[str] = (),
        ours: Iterable[str] = (),
        allowed: Iterable[str] = (),
    ) -> KnownNames:
        """Sort names by how they can be recognised.

        Args:
            people: names or handles of authors, as shown at their sources.
            companies: customers' names.
            ours: our names, aliases, products and competitors, which are no secret.
            allowed: customers' names that may be shown, as a whole: their single words may still be a person's.
        """
        people, companies, ours, allowed = sorted(people), sorted(companies), sorted(ours), sorted(allowed)
        fingerprint = hashlib.sha256(
            repr((_RULES, people, companies, ours, allowed)).encode("utf-8", "replace")
        ).hexdigest()
        own = frozenset(word for name in ours for word in _words(name))
        full: set[tuple[str, ...]] = set()
        parts: set[str] = set()
        handles: set[str] = set()
        for name in people:
            plain = safe_text(name)
            words = [plain] if plain.isalnum() else _WORD.findall(plain)
            if len(words) > 1:
                full.add(tuple(word.lower() for word in words[:_LONGEST_NAME]))
                parts.update(
                    w for w in words if len(w) >= SHORTEST_PART and w[0].isupper() and w.lower() not in own
                )
            elif plain:
                handles.add(plain.lstrip("@"))
        customers = {tuple(_words(name)[:_LONGEST_NAME]) for name in companies}
        # An account named like one of us ("Northbeam internal") must not take our own name away.
        customers = {
            name
            for name in customers
            if name and not set(name) <= own and len("".join(name)) >= SHORTEST_PART
        }
        handles = {handle for handle in handles if len(handle) >= SHORTEST_PART and handle.lower() not in own}
        sequences = (tuple(_words(name)[:_LONGEST_NAME]) for name in allowed)
        shown = frozenset(sequence for sequence in sequences if sequence)
        return cls(
            people=frozenset(full),
            parts=frozenset(parts),
            handles=frozenset(handles),
            companies=frozenset(customers - shown),
            ours=own,
            allowed=shown,
            fingerprint=fingerprint,
        )


def pieces_of(name: Sequence[str]) -> tuple[str, ...]:
    """The pieces of words that may have hyphens or underscores."""
    return tuple(_PIECE.findall("-".join(name)))


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(safe_text(name))]


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes personal data out of texts.

    Attributes:
        known: names the database knows.
    """

    known: KnownNames = field(default_factory=KnownNames)

    def redact(self, text: str, names: Sequence[str] = ()) -> str:
        """A safe text without personal data.

        Args:
            text: anything.
            names: names that belong to this text (its author, its account) beyond the known ones.
        """
        text = safe_text(text)
        for name in sorted(
            {safe_text(name) for name in names if len(name.strip()) >= 2}, key=len, reverse=True
        ):
            if name.lower() not in self.known.ours and tuple(_words(name)) not in self.known.allowed:
                text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAME, text, flags=re.IGNORECASE)
        text = _LEGAL.sub(self._legal_name, _by_form(text))
        text = self._by_lookup(text)
        return re.sub(r"(\[name\])(?:[\s,]+\[name\])+", r"\1", text)

    def _legal_name(self, match: re.Match[str]) -> str:
        """What stands for a name with a legal form: itself only where it is allowed."""
        words = _words(match.group())
        while words and words[0] in _BEFORE_A_NAME:
            words = words[1:]
        # The legal form stands behind the name, in Russian before it; the list may hold it or not.
        forms = (tuple(words), tuple(words[:-1]), tuple(words[1:]))
        return match.group() if self.known.allowed.intersection(forms) else COMPANY

    def names_somebody(self, text: str) -> bool:
        """Whether the words of a text, however it may be written otherwise, are a name that has to go."""
        return self._by_lookup(text) != text

    def _by_lookup(self, text: str) -> str:
        words = [(m.start(), m.end(), m.group()) for m in _WORD.finditer(text)]
        pieces: list[str] = []
        position = index = 0
        has_joined = "-" in text or "_" in text
        while index < len(words):
            length, mark = self._match(words, index)
            if has_joined and not length:
                length, mark = self._joined(words[index][2])
            if not mark:
                index += max(length, 1)
                continue
            start, end = words[index][0], words[index + length - 1][1]
            pieces += [text[position:start].rstrip("@＠﹫"), mark]
            position = end
            index += length
        return "".join(pieces) + text[position:] if pieces else text

    def _match(self, words: Sequence[tuple[int, int, str]], index: int) -> tuple[int, str]:
        """How many words from `index` are a name, and what stands for it; no mark where they stay."""
        word = _bare(words[index][2])
        if word.lower() in self.known.starts:
            part = tuple(_bare(word).lower() for _, _, word in words[index : index + _LONGEST_NAME])
            for length in range(len(part), 0, -1):
                if part[:length] in self.known.allowed:
                    return length, ""
                if length > 1 and part[:length] in self.known.people:
                    return length, NAME
                if part[:length] in self.known.companies:
                    return length, COMPANY
        if word in self.known.handles or word in self.known.parts:
            return 1, NAME
        if word[0].isupper() and word.lower() in FIRST_NAMES and word.lower() not in self.known.ours:
            following = words[index + 1] if index + 1 < len(words) else None
            close = following is not None and following[0] - words[index][1] == 1
            surname = close and following is not None and _CAPITAL_WORD.fullmatch(following[2]) is not None
            ours = following is not None and following[2].lower() in self.known.ours
            return (2 if surname and not ours else 1), NAME
        return 0, ""

    def _joined(self, joined: str) -> tuple[int, str]:
        """1 and what stands for a word of several ("Raman-led", "priya_raman") if a name is among them."""
        if "-" not in joined and "_" not in joined:
            return 0, ""
        found = [(m.start(), m.end(), m.group()) for m in _PIECE.finditer(_bare(joined))]
        # "E-Mail" is no Mr. Mail.
        alone = all(end - start > 1 for start, end, _ in found)
        kept: list[str] = []
        position = index = 0
        while index < len(found):
            length, mark = self._piece(
                [word for _, _, word in found[index : index + _LONGEST_NAME]], alone=alone
            )
            if mark:
                kept += [joined[position : found[index][0]], mark]
                position = found[index + length - 1][1]
            index += max(length, 1)
        return (1, "".join(kept) + joined[position:]) if kept else (0, "")

    def _piece(self, words: Sequence[str], *, alone: bool) -> tuple[int, str]:
        """How many of the words are a name, and what stands for it; one word is one only with a capital."""
        known, lower = self.known, tuple(word.lower() for word in words)
        for length in range(len(lower), 0, -1):
            name = lower[:length]
            if name in known.allowed:
                return length, ""
            if length == 1 and not (alone and words[0][0].isupper() and lower[0] not in _FIRST_HALVES):
                return 0, ""
            if name in known.people:
                return length, NAME
            if name in known.companies:
                return length, COMPANY
            if name in known.pieces:
                return length, known.pieces[name]
        is_name = words[0] in known.parts or words[0] in known.handles
        return (1, NAME) if is_name else (0, "")


def _bare(word: str) -> str:
    for ending in ("'s", "’s"):
        if word.endswith(ending) and len(word) > len(ending):
            return word[: -len(ending)]
    return word


def _shorter(match: re.Match[str]) -> str:
    """What stands for an endless run: its beginning if that is a plain word, as quotes show it."""
    beginning = match.group()[:39]
    if beginning.isalpha():
        return f"{beginning}…"
    return LINK if "://" in match.group() else SECRET


def _by_form(text: str) -> str:
    text = _ENDLESS.sub(_shorter, text)
    text = _SLACK_USER.sub(NAME, text)
    text = _SLACK_LINK.sub(LINK, text)
    text = _MAIL.sub(ADDRESS, text)
    text = _URL.sub(LINK, text)
    text = _NAMED_SECRET.sub(
        lambda m: f"{m.group(1)}{m.group(2)}{SECRET}" if _looks_secret(m) else m.group(), text
    )
    text = _SECRET.sub(SECRET, text)
    text = _MIXED.sub(SECRET, text)
    text = _ACCOUNT_NUMBER.sub(NUMBER, text)
    text = _ADDRESS_NUMBER.sub(NUMBER, text)
    if not text.isascii() and _DASH.search(text):
        text = _DASHED_PHONE.sub(_dashed_number, text)
    text = _CALLED.sub(f".{NUMBER}", text)
    text = _PHONE.sub(NUMBER, text)
    text = _HANDLE.sub(NAME, text)
    text = _GREETED.sub(lambda m: f"{m.group(1)}{NAME}", text)
    return _SIGNED.sub(lambda m: f"{m.group(1)}{m.group(2)}{NAME}", text)


def _dashed_number(match: re.Match[str]) -> str:
    """A telephone number has nine digits at least, with an area code in brackets ten."""
    digits = sum(character.isdigit() for character in match.group())
    return NUMBER if 9 <= digits <= 15 and _DASH.search(match.group()) else match.group()


def _looks_secret(match: re.Match[str]) -> bool:
    """Whether a named value is one: "password: hunter2" is, "password is wrong" is not."""
    value = match.group(3)
    marked = match.group(2).strip() in {"=", ":"}
    return marked or (len(value) >= 6 and any(c.isdigit() for c in value))
