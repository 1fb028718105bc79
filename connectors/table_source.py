"""The connector that all table files share: only what a row means differs between kinds.

A file is one stream, named after itself. Its cursor is a fingerprint of the file's bytes and the options it
is read with, how far it was read, and how it was understood when it was first read: an unchanged file is not
read again, a changed one is read from its beginning and upserted. Rows are identified by their id column or
their content as the first reading saw it (`connectors.first_reading`), never by their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path

from connectors.base import Batch, CheckResult, Record
from connectors.batches import BatchBuffer
from connectors.cell_values import Mark, usual_mark
from connectors.dates import DateOrder, DateReader, check_date_format, parse_zone
from connectors.first_reading import FirstReading, family_of, keep_first, number_of, with_former
from connectors.options import option
from connectors.table_columns import Column, check_mapping, resolve_columns
from connectors.tables import FindLayout, Format, Layout, Row, TableFormat, open_table, plain_layout
from connectors.text import clean_name, escaped
from connectors.text_files import check_encoding, detect_encoding, file_fingerprint
from connectors.usability import Usability
from monitor.domain.posts import IdentityPolicy, SkippedItem
from monitor.errors import ConfigurationError, GoodwillError, InputError

_DONE = "done"
_READING = "2"
"""Part of every fingerprint: raised when rows are understood differently, so that files are read again."""
_SAMPLE_ROWS = 200
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
_PATTERN = frozenset("*?[")
_UNDERSTOOD = ("preview, test or spam answer", "deleted, without id")
_ADVICE = (
    "Is it the right file and kind, and do `columns` name the right columns? `goodwill doctor` shows them."
)
_OTHER_IDS = (
    "{file}: its rows are known by another id column than before ({column}): their texts were stored anew, in place of "
    "the earlier ones. If somebody was forgotten, run `goodwill db forget` for that person again."
)


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Keys that every kind of table file understands."""

    path: Path = option("the file, or a pattern such as exports/nps-*.csv for several of the same kind")
    columns: Mapping[str, str] = option(
        "our word -> the file's column, for columns with unusual names", default={}
    )
    format: Format = option("how the file is written", default="auto")
    delimiter: str = option("what separates cells; found by a vote when empty", default="")
    encoding: str = option("the file's encoding; found when empty", default="")
    date_order: DateOrder | None = option("what comes first in dates such as 03/04/2026", default=None)
    date_format: str = option(
        "strptime codes that every date follows; the usual forms when empty", default=""
    )
    time_zone: str | None = option("zone of times that carry none, such as 'Europe/Berlin'", default=None)


@dataclass(frozen=True, slots=True)
class RowContext:
    """What a kind needs to read rows.

    Attributes:
        source: the configured source's name.
        dates: how this file writes dates.
        now: the run's moment.
        layout: the file's.
        fields: our word -> the file's column, for the columns that are there.
        marks: the file's columns whose first cells (or whose format) show the decimal mark, and the mark.
    """

    source: str
    dates: DateReader
    now: datetime
    layout: Layout
    fields: Mapping[str, str]
    marks: Mapping[str, Mark] = field(default_factory=dict)

    def usual_mark(self, column: str) -> Mark | None:
        """The decimal mark of the file's column, for numbers that can be read in two ways; None = none is shown."""
        return self.marks.get(column)


RowReader = Callable[[Row], Iterable[Record | SkippedItem]]


@dataclass(frozen=True, slots=True)
class TableKind:
    """What sets one kind of table file apart.

    Attributes:
        kind: its word in goodwill.toml.
        columns: what is read from a row.
        moments: fields that hold moments, which need a zone.
        days: fields that hold days.
        find_layout: understands the first rows.
        identity: fields that ids of rows are made of.
        replaces_ids: a file that gets another `id` column has its rows stored anew, in place of the old ones.
    """

    kind: str
    columns: tuple[Column, ...]
    moments: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    find_layout: FindLayout = plain_layout
    identity: tuple[str, ...] = ()
    replaces_ids: bool = False


class TableConnector:
    """Reads the rows of one file, or of several of the same kind."""

    def __init__(
        self,
        name: str,
        table: TableKind,
        options: TableOptions,
        make_reader: Callable[[RowContext], RowReader],
        identity_policy: IdentityPolicy = IdentityPolicy.FIRST_PARTY,
    ) -> None:
        self.name = name
        self.kind = table.kind
        self.identity_policy = identity_policy
        self._table = table
        self._options = options
        self._make_reader = make_reader
        self._zone = parse_zone(options.time_zone, name)
        self._format = TableFormat(options.format, options.encoding, _delimiter(options.delimiter, name))
        check_mapping(options.columns, table.columns, name, table.kind)
        check_encoding(options.encoding, name)
        if options.date_format:
            check_date_format(options.date_format, name)

    def check(self) -> list[CheckResult]:
        """Read the beginning of each file and say how its columns are understood."""
        try:
            return [self._check(path) for path in self._files()]
        except GoodwillError as error:
            return [CheckResult(self.name, ok=False, message=str(error))]

    def _check(self, path: Path) -> CheckResult:
        try:
            context = self._context(path, None)
            self._make_reader(context)  # refuses missing columns that a kind's own options name
        except GoodwillError as error:
            return CheckResult(path.name, ok=False, message=str(error))
        columns = ", ".join(f"{field} = {column!r}" for field, column in context.fields.items())
        layout = f" ({context.layout.name})" if context.layout.name else ""
        return CheckResult(path.name, ok=True, message=f"readable{layout}; columns: {columns}")

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        """Yield the rows of every file that changed since `cursors`.

        Raises:
            InputError: the only file cannot be read; one of several becomes a problem of the run.
        """
        files = self._files()
        for path in files:
            try:
                yield from self._fetch_file(path, cursors, now)
            except InputError as error:
                if len(files) == 1:
                    raise
                yield Batch(problems=(str(error),))

    def _fetch_file(self, path: Path, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        stream = clean_name(escaped(path.name))
        fingerprint = self._fingerprint(path, self._options)
        version, position, told = [*cursors.get(stream, "").split(" ", 2), "", ""][:3]
        if version != fingerprint:
            position = "0"
        if position == _DONE and (told or not self._table.identity):
            return
        done = int(position) if position.isascii() and position.isdigit() else 0
        context = self._context(path, now)
        current = self._reading(path, context)
        told = told or self._told_before(path, version)
        first = keep_first(told, current, lambda encoding: self._columns(path, encoding, current, context))
        if position == _DONE:  # the cursor of an earlier version
            yield Batch(cursors={stream: f"{fingerprint} {_DONE} {first.to_text()}"})
            return
        read = self._make_reader(context)
        buffer, usability = BatchBuffer(), Usability(_UNDERSTOOD)
        for row in self._rows(path, context, current, first):
            # Rows stored before are read again, so that what a kind remembers of them is complete.
            items = [row] if isinstance(row, SkippedItem) else list(read(row))
            usability.see(items)
            number = number_of(row)
            if number <= done:
                continue
            for item in items:
                if buffer.is_full:  # one row may take back many posts; its position is stored when all are
                    yield buffer.take()
                buffer.add(item)
            if buffer.is_full:
                yield buffer.take(
                    {stream: f"{fingerprint} {number} {first.to_text()}"} if usability.is_usable else {}
                )
        problem = usability.problem(stream, "rows", _ADVICE)
        if problem:  # without a cursor, so that every run says it until the file is another one
            yield replace(buffer.take(), problems=(problem,))
        else:
            yield self._last(buffer, stream, fingerprint, current, first)

    def _fingerprint(self, path: Path, options: TableOptions) -> str:
        return file_fingerprint(path, _READING, self.kind, repr(replace(options, path=Path(path.name))))

    def _told_before(self, path: Path, version: str) -> str:
        """The first reading that a cursor of an earlier version does not tell; "" if it cannot be found out.

        The file is the same, and so are `columns` and `encoding`, or they, or one of the columns, were not set then.
        """
        if not version or not self._table.identity:
            return ""
        for columns, encoding in product(_fewer(self._options.columns), {self._options.encoding: 0, "": 0}):
            options = replace(self._options, columns=columns, encoding=encoding)
            if self._fingerprint(path, options) == version:
                former = TableConnector(self.name, self._table, options, self._make_reader)
                try:
                    return former._reading(path, former._context(path, None)).to_text()
                except InputError:
                    return ""
        return ""

    def _last(
        self, buffer: BatchBuffer, stream: str, fingerprint: str, current: FirstReading, first: FirstReading
    ) -> Batch:
        """What waits, with the cursor of a file that was read to its end."""
        problems: tuple[str, ...] = ()
        if self._table.replaces_ids and first.has_other_ids(current):
            problems = (_OTHER_IDS.format(file=stream, column=current.columns["id"] or "none"),)
            first = first.with_ids_of(current)
        batch = buffer.take({stream: f"{fingerprint} {_DONE} {first.to_text()}"})
        return replace(batch, problems=problems)

    def _reading(self, path: Path, context: RowContext) -> FirstReading:
        """How the file is understood now."""
        found = detect_encoding(path)
        columns = {field: context.fields.get(field, "") for field in self._table.identity}
        return FirstReading(self._options.encoding or found, family_of(found), columns)

    def _rows(
        self, path: Path, context: RowContext, current: FirstReading, first: FirstReading
    ) -> Iterator[Row | SkippedItem]:
        find = self._table.find_layout
        with ExitStack() as stack:
            table = stack.enter_context(open_table(path, self._format, find))
            rows = (
                row if isinstance(row, SkippedItem) else replace(row, fields=context.fields)
                for row in table.rows
            )
            formers = None
            if not first.decodes_like(current):
                told = replace(self._format, encoding=first.encoding)
                formers = stack.enter_context(open_table(path, told, find)).rows
            yield from rows if first.is_like(current) else with_former(rows, formers, first)

    def _columns(
        self, path: Path, encoding: str, current: FirstReading, context: RowContext
    ) -> tuple[str, ...]:
        """The file's columns as they are called in an encoding."""
        if encoding == current.encoding:
            return context.layout.columns
        told = replace(self._format, encoding=encoding)
        with open_table(path, told, self._table.find_layout) as table:
            return table.layout.columns

    def _context(self, path: Path, now: datetime | None) -> RowContext:
        """Understand a file's columns and dates from its beginning.

        Raises:
            InputError: a column is missing, or its dates can be read in two ways.
        """
        with open_table(path, self._format, self._table.find_layout) as table:
            layout = table.layout
            sample = [row for row in islice(table.rows, _SAMPLE_ROWS) if isinstance(row, Row)]
        fields = resolve_columns(
            self._table.columns,
            self._options.columns,
            layout.guessed,
            layout.columns,
            path.name,
            layout.marked,
        )
        dates = DateReader(
            self._options.date_order or layout.date_order,
            self._zone or parse_zone(layout.time_zone, self.name),
            self._options.date_format,
        )
        for word in (*self._table.moments, *self._table.days):
            if word in fields:
                values = [row.cells.get(fields[word], "") for row in sample]
                dates.examine(
                    values, f"{fields[word]!r} of {path.name}", needs_zone=word in self._table.moments
                )
        shown = {name: usual_mark(row.cells.get(name, "") for row in sample) for name in layout.columns}
        marks = {name: mark for name, found in shown.items() if (mark := found or layout.decimal)}
        return RowContext(self.name, dates, now or _END_OF_TIME, layout, fields, marks)

    def _files(self) -> list[Path]:
        path = self._options.path
        if path.exists() or not _PATTERN & set(path.name):
            return [path]
        found = sorted(file for file in path.parent.glob(path.name) if file.is_file())
        if not found:
            raise InputError(
                f"no file matches {path}: expected at least one, correct `path` in goodwill.toml."
            )
        return found


def _fewer(columns: Mapping[str, str]) -> list[Mapping[str, str]]:
    """The same columns, those without one of them, and none."""
    one_less = ({word: columns[word] for word in columns if word != left_out} for left_out in columns)
    return [columns, *one_less, *([{}] if len(columns) > 1 else [])]


def _delimiter(given: str, source: str) -> str:
    delimiter = {"tab": "\t", "\\t": "\t"}.get(given, given)
    if len(delimiter) > 1 or delimiter in {'"', "\n", "\r", "\0"}:
        raise ConfigurationError(
            f"source {source!r} has delimiter = {given!r}: expected one character, for instance ',' or ';' or "
            "'tab'. Correct it in goodwill.toml."
        )
    return delimiter
