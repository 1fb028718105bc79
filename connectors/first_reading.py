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
    """

    encoding: str
    family: str
    columns: Mapping[str, str]

    def to_text(self) -> str:
        """As a part of a cursor."""
        value = {"encoding": self.encoding, "family": self.family, "columns": dict(self.columns)}
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
    columns = {word: as_text(name) for word, name in as_mapping(value.get("columns")).items()}
    if columns.keys() != current.columns.keys() or not _is_known(as_text(value.get("encoding"))):
        return current
    first = FirstReading(as_text(value.get("encoding")), as_text(value.get("family")), columns)
    if first.family != current.family:  # it was saved in another encoding: what it says is the same
        first = replace(first, encoding=current.encoding, family=current.family)
    if first.decodes_like(current):  # a column that is gone is another one now; the others stay
        there = {"", *columns_in(current.encoding)}
        return replace(
            first,
            columns={
                word: name if name in there else current.columns[word] for word, name in columns.items()
            },
        )
    try:
        fits = set(columns.values()) <= {"", *columns_in(first.encoding)}
    except InputError:
        fits = False
    return first if fits else current


def with_former(
    rows: Iterable[Row | SkippedItem],
    formers: Iterator[Row | SkippedItem] | None,
    columns: Mapping[str, str],
) -> Iterator[Row | SkippedItem]:
    """Each row with how it was understood at first.

    Args:
        rows: as they are understood now.
        formers: the rows as they were decoded at first; None where that is as now.
        columns: of the first reading.
    """
    fields = {word: name for word, name in columns.items() if name}
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
            row = replace(row, former=Row(row.number, former.cells, fields))  # noqa: PLW2901
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
