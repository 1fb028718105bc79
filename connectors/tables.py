"""Rows with named cells from CSV, TSV, JSON lines, JSON arrays and TOML tables alike."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Literal

from connectors.cell_values import Mark
from connectors.csv_tables import CsvReader, CsvRecord, vote_delimiter
from connectors.dates import DateOrder
from connectors.json_values import BadJson, as_text, parse_json, parse_json_array
from connectors.table_columns import plain_name
from connectors.text import clean_name
from connectors.text_files import open_text
from monitor.domain.posts import SkippedItem
from monitor.errors import InputError

Format = Literal["auto", "csv", "tsv", "jsonl", "json", "toml"]
LONGEST_JSON_FILE = 256_000_000
LONGEST_TOML_FILE = 10_000_000
_LONGEST_JSON_LINE = 8_000_000
_JSON_SAMPLE = 200
_HEADER_SAMPLE = 4
_DEEPEST_OBJECT = 3
_SUFFIXES: Mapping[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".toml": "toml",
}


@dataclass(frozen=True, slots=True)
class TableFormat:
    """What the user says of a file: "" and "auto" find out."""

    format: Format = "auto"
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's first rows are to be understood.

    Attributes:
        columns: names in the order of the cells; "" for a column without a name.
        header_rows: how many rows are no data.
        marked: our word -> column, where the tool's own marks tell it; only the user's mapping wins over it.
        guessed: our word -> column by the words of a question, for what no column's name tells.
        date_order, time_zone: how the tool writes dates, where its layout tells; the user's options win.
        name: what kind of layout it is, for `goodwill doctor`.
        decimal: the decimal mark, where the format has one of its own (JSON).
    """

    columns: tuple[str, ...]
    header_rows: int = 1
    marked: Mapping[str, str] = field(default_factory=dict)
    guessed: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder | None = None
    time_zone: str | None = None
    name: str = ""
    decimal: Mark | None = None


FindLayout = Callable[[Sequence[Sequence[str]]], Layout]


def plain_layout(rows: Sequence[Sequence[str]]) -> Layout:
    """The first row names the columns."""
    return Layout(tuple(rows[0]))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data.

    Attributes:
        number: 1 is the first row of the file (usually the header), as a spreadsheet counts.
        cells: column -> text.
        fields: our word -> column.
        former: as the file's first reading understood it; None where that made the same ids.
        corrected: with the columns of the first correction, which tell rows apart that were one to the first reading.
    """

    number: int
    cells: Mapping[str, str]
    fields: Mapping[str, str] = field(default_factory=dict)
    former: Row | None = None
    corrected: Row | None = None

    def __getitem__(self, name: str) -> str:
        """The cell our word stands for; "" when the file has no such column."""
        return self.cells.get(self.fields.get(name, ""), "")

    @property
    def place(self) -> str:
        """Where the row stands, for reports."""
        return f"row {self.number}"

    def skip(self, reason: str, detail: str = "") -> SkippedItem:
        """This row as one that cannot be used."""
        return SkippedItem(reason, self.place, detail)


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is being read: its layout and its rows, each once."""

    layout: Layout
    rows: Iterator[Row | SkippedItem]


@contextmanager
def open_table(path: Path, told: TableFormat, find_layout: FindLayout = plain_layout) -> Iterator[Table]:
    """Open a table and find out its layout; the file is closed when the caller is done with its rows.

    Args:
        path: the file.
        told: what the user says of it.
        find_layout: from the first rows (as far as there are) to the layout.

    Raises:
        InputError: the file cannot be read as text, is empty, or names a column twice.
    """
    with open_text(path, told.encoding) as file:
        yield _table(path, file, told, find_layout)


def _table(path: Path, file: io.TextIOWrapper, told: TableFormat, find_layout: FindLayout) -> Table:
    kind = told.format if told.format != "auto" else _kind(path, file)
    if kind == "json":
        return _json_table(path, _json_values(path, file), find_layout)
    if kind == "toml":
        return _json_table(path, _toml_values(path, file), find_layout)
    if kind == "jsonl":
        return _json_table(path, _json_lines(file), find_layout)
    return _csv_table(path, file, told.delimiter or ("\t" if kind == "tsv" else ""), find_layout)


def _kind(path: Path, file: io.TextIOWrapper) -> Format:
    if path.suffix.lower() == ".toml":
        return "toml"
    start = _peek(file, 4096).lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return "json"
    if start.startswith("{"):
        return "json" if path.suffix.lower() == ".json" else "jsonl"
    return _SUFFIXES.get(path.suffix.lower(), "csv")


def _peek(file: io.TextIOWrapper, characters: int) -> str:
    text = file.read(characters)
    file.seek(0)
    return text


def _csv_table(path: Path, file: io.TextIOWrapper, delimiter: str, find_layout: FindLayout) -> Table:
    sample = _peek(file, 200_000)
    if not sample.strip("\ufeff \t\r\n\0"):
        raise InputError(f"{path.name} is empty: expected a row of column names and rows of data.")
    reader = CsvReader(file, delimiter or vote_delimiter(sample))
    probe = CsvReader(io.StringIO(sample, newline=""), delimiter or vote_delimiter(sample))
    head = [item.cells for item in islice(_records(probe), _HEADER_SAMPLE)]
    if not head:
        raise InputError(f"{path.name} has no readable row: is its delimiter {delimiter!r}? Set `delimiter`.")
    layout = find_layout([[clean_name(cell) for cell in cells] for cells in head])
    _refuse_duplicates(layout.columns, path.name)
    for _ in islice(_records(reader), layout.header_rows):
        pass
    reader.width = len(layout.columns)
    return Table(layout, _csv_rows(reader, layout.columns))


def _records(reader: CsvReader) -> Iterator[CsvRecord]:
    """Records without broken ones, and without Excel's `sep=;` line."""
    for item in reader:
        if isinstance(item, CsvRecord) and not _is_separator_line(item.cells):
            yield item


def _is_separator_line(cells: Sequence[str]) -> bool:
    return cells[0].lstrip("\ufeff").startswith("sep=") and not any(cells[1:]) and len(cells) <= 2


def _csv_rows(reader: CsvReader, columns: Sequence[str]) -> Iterator[Row | SkippedItem]:
    for item in reader:
        if isinstance(item, SkippedItem):
            yield item
        else:
            yield Row(
                item.number, {name: cell for name, cell in zip(columns, item.cells, strict=True) if name}
            )


def _refuse_duplicates(columns: Sequence[str], file: str) -> None:
    seen: dict[str, str] = {}
    for name in columns:
        key = plain_name(name) or name
        if key and key in seen:
            raise InputError(
                f"{file} has the column {name!r} twice ({seen[key]!r} before): rename one, each needs a name of "
                "its own."
            )
        seen[key] = name


def _json_lines(file: io.TextIOWrapper) -> Iterator[tuple[int, object]]:
    number = 0
    while line := file.readline(_LONGEST_JSON_LINE):
        number += 1
        cut = len(line) == _LONGEST_JSON_LINE
        while cut and (rest := file.readline(_LONGEST_JSON_LINE)):
            cut = len(rest) == _LONGEST_JSON_LINE
        text = line.strip("\ufeff \t\r\n")
        if text:
            yield number, parse_json(text)


def _json_values(path: Path, file: io.TextIOWrapper) -> Iterator[tuple[int, object]]:
    """The elements of a JSON array, or of the only list of objects in an API's answer."""
    if path.stat().st_size > LONGEST_JSON_FILE:
        raise InputError(
            f"{path.name} is larger than {LONGEST_JSON_FILE // 1_000_000} MB, which a JSON array cannot be here: "
            "export JSON lines (one object a line) or CSV."
        )
    text = file.read().lstrip("\ufeff \t\r\n")
    if not text.startswith("{"):
        return enumerate(parse_json_array(text), start=1)
    answer = parse_json(text)
    if isinstance(answer, BadJson):  # JSON lines under the name of JSON
        file.seek(0)
        return _json_lines(file)
    members = answer.values() if isinstance(answer, dict) else ()
    lists = [
        member
        for member in members
        if isinstance(member, list) and isinstance(next(iter(member), None), dict)
    ]
    return enumerate(lists[0] if len(lists) == 1 else [answer], start=1)


def _toml_values(path: Path, file: io.TextIOWrapper) -> Iterator[tuple[int, object]]:
    """The tables of a TOML file's only array of tables, whatever its name."""
    try:
        document = tomllib.loads(file.read(LONGEST_TOML_FILE).replace("\r\n", "\n").lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        reason = (
            str(error) if isinstance(error, tomllib.TOMLDecodeError) else "nested too deeply or a bad number"
        )
        raise InputError(f"{path.name} is not valid TOML ({reason[:200]}): correct that place.") from None
    lists = [value for value in document.values() if isinstance(value, list)]
    if len(lists) != 1:
        raise InputError(
            f"{path.name} holds {len(lists)} lists: expected one array of tables, for instance [[campaigns]]."
        )
    return enumerate(lists[0], start=1)


def _json_table(path: Path, values: Iterator[tuple[int, object]], find_layout: FindLayout) -> Table:
    first = list(islice(values, _JSON_SAMPLE))
    columns: dict[str, None] = {}
    for _, value in first:
        if isinstance(value, dict):
            columns.update(dict.fromkeys(_flat(value)))
    if not columns:
        raise InputError(f"{path.name} holds no JSON object: expected one object per row.")
    layout = replace(find_layout([tuple(columns)]), decimal=".")
    return Table(layout, _json_rows(first, values))


def _json_rows(
    first: list[tuple[int, object]], rest: Iterator[tuple[int, object]]
) -> Iterator[Row | SkippedItem]:
    for part in (first, rest):
        for number, value in part:
            if isinstance(value, dict):
                yield Row(number, _flat(value))
            else:
                reason = value.reason if isinstance(value, BadJson) else "not an object"
                yield SkippedItem(reason, f"row {number}")


def _flat(value: Mapping[str, object], prefix: str = "", depth: int = 0) -> dict[str, str]:
    """An object's members as texts; members of inner objects are named `outer.inner`."""
    cells: dict[str, str] = {}
    for key, member in value.items():
        name = clean_name(f"{prefix}{key}")
        if isinstance(member, dict) and depth < _DEEPEST_OBJECT:
            cells.update(_flat(member, f"{name}.", depth + 1))
        elif isinstance(member, list):
            cells[name] = ", ".join(filter(None, map(_member_text, member[:100])))
        else:
            cells[name] = _member_text(member)
    return cells


def _member_text(member: object) -> str:
    if isinstance(member, bool):
        return "true" if member else "false"
    return member.isoformat() if isinstance(member, date) else as_text(member)
