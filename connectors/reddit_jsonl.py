"""Reddit's objects from files of JSON lines: dumps, saved listings, exports of other tools.

The way in for everybody whose app Reddit has not approved; the parser is the API's.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from connectors.base import Batch, CheckResult, Record
from connectors.batches import BatchBuffer
from connectors.json_lines import Line, Position, position_from_cursor, read_lines
from connectors.json_values import BadJson, parse_json
from connectors.kinds import ConnectorKind, SourceContext
from connectors.options import option
from connectors.reddit_items import flatten, item_to_record
from connectors.text import escaped
from connectors.usability import Usability
from monitor.domain.posts import DeletedPost, IdentityPolicy, SkippedItem
from monitor.errors import ConfigurationError, GoodwillError, InputError

KIND = "reddit_jsonl"
_SUFFIXES = frozenset({".jsonl", ".ndjson"})
_OURS = "our own post"
_UNDERSTOOD = (_OURS, "bot message", "stickied", "no text")
_ADVICE = (
    "Expected Reddit's posts and comments, a JSON object on each line: check `path` and `encoding`, or import the file "
    "as the kind it is."
)


@dataclass(frozen=True, slots=True)
class RedditJsonlOptions:
    """Keys of a `[[sources]]` table of kind "reddit_jsonl"."""

    path: Path = option("a file of JSON lines, or a folder of .jsonl and .ndjson files")
    own_accounts: tuple[str, ...] = option("accounts of ours, whose posts are left out", default=())
    encoding: str = option("auto (UTF-8, or UTF-16 with a byte order mark) or a codec's name", default="auto")


class RedditJsonlConnector:
    """Submissions and comments from files; each file goes on where it was left."""

    kind = KIND
    identity_policy = IdentityPolicy.FORBIDDEN

    def __init__(self, name: str, options: RedditJsonlOptions) -> None:
        self.name = name
        self._options = options
        self._own_accounts = frozenset(name.lower().removeprefix("u/") for name in options.own_accounts)
        self._settings = _digest(options.encoding, self._own_accounts)

    def check(self) -> list[CheckResult]:
        """Whether each file can be read, and whether it begins with JSON."""
        try:
            return [self._check_file(path) for path in self._files()]
        except GoodwillError as error:
            return [CheckResult("JSON lines", ok=False, message=str(error))]

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        """Read what was not read yet, file by file.

        Raises:
            InputError: the file or folder cannot be read.
        """
        for path in self._files():
            position = position_from_cursor(cursors.get(escaped(path.name)), self._settings, _UNSET)
            yield from self._read(path, position, now)

    def _read(self, path: Path, position: Position, now: datetime) -> Iterator[Batch]:
        buffer = BatchBuffer()
        verdict = _Verdict()
        stream = escaped(path.name)
        for line in read_lines(path, position, self._options.encoding):
            items = list(self._items(line, now))
            verdict.see(line, items)
            for item in items:
                buffer.add(item)
                if buffer.is_full and item is not items[-1]:
                    yield buffer.take()  # in the middle of a line: the cursor waits for its end
            if not (line.is_open and _is_unreadable(items)):
                position = line.after
            if buffer.is_full:
                yield buffer.take(self._cursor(stream, position) if verdict.is_usable else {})
        problem = verdict.problem(path)
        if problem:  # without a cursor, so that every run says it until the file is another one
            yield replace(buffer.take(), problems=(problem,))
        else:
            yield buffer.take(self._cursor(stream, position))

    def _cursor(self, stream: str, position: Position) -> dict[str, str]:
        return {stream: position.to_cursor(self._settings)}

    def _items(self, line: Line, now: datetime) -> Iterator[Record | SkippedItem]:
        """The objects of one line; a listing holds many."""
        where = f"line {line.number}"
        if line.reason:
            yield SkippedItem(line.reason, where)
        if not line.text:
            return
        value = parse_json(line.text)
        if isinstance(value, BadJson):
            yield SkippedItem("incomplete last line" if line.is_open else value.reason, where)
            return
        for raw in flatten(value):
            item = item_to_record(raw, self.name, now, self._own_accounts)
            if isinstance(item, SkippedItem) and item.reason == _OURS:
                yield DeletedPost(
                    self.name, item.external_id
                )  # it may have been read before it was told as ours
            if isinstance(item, SkippedItem) and not item.external_id:
                item = SkippedItem(item.reason, where, item.detail)
            yield item

    def _check_file(self, path: Path) -> CheckResult:
        name = escaped(path.name)
        first = next(
            (line for line in read_lines(path, Position(), self._options.encoding) if line.text), None
        )
        if first is None:
            return CheckResult(name, ok=False, message=f"the file is empty. {_ADVICE}")
        if isinstance(parse_json(first.text), BadJson):
            message = (
                "expected a JSON object on each line; the first line is none. Check the file and `encoding`."
            )
            return CheckResult(name, ok=False, message=message)
        return CheckResult(name, ok=True, message=f"readable, {path.stat().st_size} bytes")

    def _files(self) -> list[Path]:
        path = self._options.path
        if not path.is_dir():
            return [path]
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in _SUFFIXES and file.is_file())
        if not files:
            raise InputError(
                f"{escaped(str(path))} holds no .jsonl or .ndjson file: expected at least one. Correct `path`."
            )
        return files


class _Verdict:
    """Whether a file that was read from its beginning holds anything of Reddit."""

    def __init__(self) -> None:
        self._usability = Usability(_UNDERSTOOD)
        self._from_beginning = True
        self._is_first = True
        self._is_empty = True

    def see(self, line: Line, items: list[Record | SkippedItem]) -> None:
        if self._is_first:
            self._from_beginning = line.number <= 1
        self._is_first = False
        self._is_empty = self._is_empty and not (line.text or line.reason)
        if _is_unreadable(items) and line.text.startswith(("{", "[")):
            return  # the beginning of an object: its rest may come
        self._usability.see(items)
        if line.text and not items:
            self._usability.is_usable = True  # a listing without posts

    @property
    def is_usable(self) -> bool:
        """Whether something could be used, or could be before."""
        return self._usability.is_usable or not self._from_beginning

    def problem(self, path: Path) -> str:
        """What to tell of the file; "" where it is in order or brought nothing new."""
        name = escaped(path.name)
        is_whole = not path.stat().st_size if self._is_first else self._from_beginning
        if is_whole and self._is_empty:
            return f"{name} is empty. {_ADVICE}"
        if not is_whole:
            return ""
        return self._usability.problem(name, "lines or objects", _ADVICE)


def _is_unreadable(items: list[Record | SkippedItem]) -> bool:
    return any(isinstance(item, SkippedItem) and item.reason == "incomplete last line" for item in items)


def _digest(encoding: str, own_accounts: frozenset[str]) -> str:
    """What tells settings apart; a digest, since cursors hold nobody's name."""
    codec = encoding if encoding == "auto" else codecs.lookup(encoding).name
    return hashlib.sha256("\x1f".join([codec, *sorted(own_accounts)]).encode()).hexdigest()[:16]


_UNSET = _digest("auto", frozenset())


def _build(context: SourceContext, options: RedditJsonlOptions) -> RedditJsonlConnector:
    try:
        "a".encode("ascii" if options.encoding == "auto" else options.encoding)
    except (LookupError, ValueError):
        raise ConfigurationError(
            f"source {context.name!r} has encoding = {options.encoding!r}: expected auto or a codec's name such as "
            "'utf-8' or 'cp1251'. Correct it in goodwill.toml."
        ) from None
    return RedditJsonlConnector(context.name, options)


KINDS = (
    ConnectorKind(KIND, "Reddit objects from files of JSON lines", False, RedditJsonlOptions, _build),  # noqa: FBT003
)
