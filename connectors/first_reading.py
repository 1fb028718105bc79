"""How a file was understood when it was first read: ids made of its rows stay as they were made then.

Corrected `columns` or a corrected `encoding` give other values, and an id made of these would be another one:
each post would be there twice, and one that a person asked to be forgotten would be back. So the cursor
remembers the encoding and the columns of the first reading, and each row is shown to its reader in both ways.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from connectors.json_values import as_mapping, as_text, parse_json
from connectors.tables import Row
from monitor.domain.posts import SkippedItem
from monitor.errors import InputError


@dataclass(frozen=True, slots=True)
class FirstReading:
    """What decides on the ids of a file's rows.

    Attributes:
        encoding: the file was decoded with.
        family: what its bytes looked like, whatever it was decoded with (`family_of`).
        columns: our word -> the file's column ("" for none), of the words that ids are made of.
        corrected: the same after the first correction; None before there was one.
    """

    encoding: str
    family: str
    columns: Mapping[str, str]
    corrected: Mapping[str, str] | None = None

    def to_text(self) -> str:
        """As a part of a cursor."""
        value: dict[str, object] = {
            "encoding": self.encoding,
            "family": self.family,
            "columns": dict(self.columns),
        }
        if self.corrected is not None:
            value["corrected"] = dict(self.corrected)
        return json.dumps(value, separators=(",", ":"))

    def decodes_like(self, other: FirstReading) -> bool:
        """Whether both see the same texts."""
        return _plain(self.encoding) == _plain(other.encoding)

    def is_like(self, other: FirstReading) -> bool:
        """Whether both make the same ids."""
        return self.decodes_like(other) and dict(self.columns) == dict(other.columns)

    def has_other_ids(self, other: FirstReading) -> bool:
        """Whether the column of the file's own ids is another one."""
        mine, others = self.columns.get("id", ""), other.columns.get("id", "")
        return mine != others if self.decodes_like(other) else bool(mine) != bool(others)

    def with_ids_of(self, current: FirstReading) -> FirstReading:
        """The same with the id column of another reading."""
        return replace(self, columns={**self.columns, "id": current.columns["id"]})


def family_of(encoding: str) -> str:
    """Of which family an encoding is: files of one family stand row by row alike in each of its encodings."""
    name = _plain(encoding)
    if name.startswith(("utf-16", "utf-32")):
        return "wide"
    return "utf-8" if name == "utf-8" else "bytes"


def keep_first(
    told: str, current: FirstReading, columns_in: Callable[[str], Collection[str]]
) -> FirstReading:
    """The first reading that a cursor tells of, as far as the file is still like it; else the current one.

    Args:
        told: the cursor's part; "" for none.
        current: how the file is understood now.
        columns_in: the file's columns when it is decoded with an encoding.
    """
    value = as_mapping(parse_json(told)) if told else {}
    columns, corrected = _columns(value.get("columns")), _columns(value.get("corrected"))
    if columns.keys() != current.columns.keys() or not _is_known(as_text(value.get("encoding"))):
        return current
    first = FirstReading(as_text(value.get("encoding")), as_text(value.get("family")), columns)
    if first.family != current.family:  # it was saved in another encoding: what it says is the same
        first = replace(first, encoding=current.encoding, family=current.family)
    there = {"", *columns_in(current.encoding)}
    if first.decodes_like(current):
        first = replace(first, columns=_as_far_as_there(columns, there, current))
    else:
        try:
            if not set(columns.values()) <= {"", *columns_in(first.encoding)}:
                return current
        except InputError:
            return current
    if first.is_like(current) and not corrected:
        return first
    known = corrected if corrected.keys() == columns.keys() else current.columns
    return replace(first, corrected=_as_far_as_there(known, there, current))


def _columns(value: object) -> dict[str, str]:
    return {word: as_text(name) for word, name in as_mapping(value).items()}


def _as_far_as_there(
    columns: Mapping[str, str], there: Collection[str], current: FirstReading
) -> dict[str, str]:
    """Columns, where one that is gone is another one now; the others stay."""
    return {word: name if name in there else current.columns[word] for word, name in columns.items()}


def with_former(
    rows: Iterable[Row | SkippedItem],
    formers: Iterator[Row | SkippedItem] | None,
    first: FirstReading,
) -> Iterator[Row | SkippedItem]:
    """Each row with how it was understood at first.

    Args:
        rows: as they are understood now.
        formers: the rows as they were decoded at first; None where that is as now.
        first: the first reading.
    """
    fields = {word: name for word, name in first.columns.items() if name}
    corrected = {word: name for word, name in (first.corrected or {}).items() if name}
    waiting: Row | SkippedItem | None = None
    for row in rows:
        if isinstance(row, SkippedItem):
            yield row
            continue
        former: Row | SkippedItem | None = row
        if formers is not None:
            while waiting is None or number_of(waiting) < row.number:
                waiting = next(formers, None)
                if waiting is None:
                    break
            former = waiting
        if isinstance(former, Row) and former.number == row.number:
            row = replace(  # noqa: PLW2901
                row,
                former=Row(row.number, former.cells, fields),
                corrected=Row(row.number, row.cells, corrected),
            )
        yield row


def number_of(row: Row | SkippedItem) -> int:
    """A row's number, also of one that cannot be used."""
    return row.number if isinstance(row, Row) else int(row.external_id.removeprefix("row "))


def _plain(encoding: str) -> str:
    return codecs.lookup(encoding).name.replace("_", "-").removesuffix("-sig")


def _is_known(encoding: str) -> bool:
    try:
        return bool(codecs.lookup(encoding))
    except (LookupError, ValueError):
        return False
