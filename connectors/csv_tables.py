"""CSV and its relatives, as strangers write them.

The delimiter is found by a vote (or given), a quote that never closes ends with its line and is told, fields
may be of any length up to a fixed limit, and every row that does not fit is counted.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.domain.posts import SkippedItem

LONGEST_LINE = 4_000_000
"""Characters read of one line; the rest of a longer one is dropped."""
LONGEST_RECORD = 8_000_000
"""Characters of one record with line breaks in its fields; beyond that a quote was never closed."""
WRONG_LENGTH = "wrong number of cells"
OPEN_QUOTE = "a quote is not closed (row kept)"
DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 200
_SAMPLE_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One record with its number: 1 is the first of the file, as a spreadsheet counts."""

    number: int
    cells: list[str]


class _Lines:
    """Physical lines with bounded length, a memory of those the current record took, and a way back."""

    def __init__(self, file: io.TextIOBase) -> None:
        self._file = file
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self._characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._characters > LONGEST_RECORD:
            raise StopIteration
        line = self._waiting.popleft() if self._waiting else self._read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._characters += len(line)
        return line

    def _read(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE:
            while rest := self._file.readline(LONGEST_LINE):
                if len(rest) < LONGEST_LINE:
                    break
            line += "\n"
        return line

    def begin_record(self) -> None:
        """Forget what was taken: a new record starts."""
        self.taken = []
        self._characters = 0

    def give_back(self, count_kept: int) -> None:
        """Put back all lines of the current record but the first `count_kept`."""
        self._waiting.extendleft(reversed(self.taken[count_kept:]))
        del self.taken[count_kept:]


class CsvReader:
    """Records of one file.

    Attributes:
        width: how many cells a record must have; None takes any number (for header rows).
    """

    def __init__(self, file: io.TextIOBase, delimiter: str) -> None:
        # The limit belongs to the process; it is only ever raised, to what `_Lines` lets through.
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE + LONGEST_RECORD))
        self.width: int | None = None
        self._delimiter = delimiter
        self._lines = _Lines(file)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self._number = 0
        self._remark: SkippedItem | None = None

    def __iter__(self) -> Iterator[CsvRecord | SkippedItem]:
        return self

    def __next__(self) -> CsvRecord | SkippedItem:
        """The next record that is not blank, or the reason why there is none; a remark follows its record."""
        if self._remark is not None:
            remark, self._remark = self._remark, None
            return remark
        while True:
            self._lines.begin_record()
            cells = self._strict()
            if not self._lines.taken:
                raise StopIteration
            self._number += 1
            fitting = self._fit(cells)
            if fitting is None:
                is_last = len(self._lines.taken) == 1
                fitting = self._rescue()
                if fitting is not None and self.width and self._lines.taken[0].count('"') % 2:
                    self._remark = self._open_quote(is_last=is_last)
            if fitting is None:
                self._lines.give_back(1)
                detail = f"{self.width} cells expected" if self.width else "a quote is not closed"
                return SkippedItem(WRONG_LENGTH, f"row {self._number}", detail)
            if any(cell.strip() for cell in fitting):
                return CsvRecord(self._number, fitting)

    def _strict(self) -> list[str] | None:
        try:
            return next(self._reader, [])
        except csv.Error:
            return None

    def _fit(self, cells: list[str] | None) -> list[str] | None:
        """`cells` where their number is right (a blank row is); superfluous empty cells at the end go."""
        if cells is None or self.width is None:
            return cells
        if not any(cell.strip() for cell in cells):
            return []
        surplus = cells[self.width :]
        return cells[: self.width] if len(cells) >= self.width and not any(surplus) else None

    def _open_quote(self, *, is_last: bool) -> SkippedItem:
        """What to say of a record that was read though a quote of its line is not closed."""
        lost = (
            "the file ends there and may be cut off"
            if is_last
            else "what followed on later lines is not in it"
        )
        return SkippedItem(OPEN_QUOTE, f"row {self._number}", lost)

    def _rescue(self) -> list[str] | None:
        """Read the first line alone, more and more leniently; later lines become records of their own."""
        first = self._lines.taken[0]
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            reader = csv.reader([first], delimiter=self._delimiter, quoting=quoting, strict=False)
            try:
                cells = self._fit(next(reader, []))
            except csv.Error:
                continue
            if cells is not None and not any("\n" in cell.rstrip("\r\n") for cell in cells):
                self._lines.give_back(1)
                return [cell.rstrip("\r\n") for cell in cells]
        return None


def vote_delimiter(sample: str, suggested: str = "") -> str:
    """The delimiter that cuts most rows of a sample into as many cells as the first row has.

    Args:
        sample: the beginning of a file.
        suggested: wins a tie (a tab for a .tsv file).
    """
    told = re.match(r"\ufeff?\s*\"?sep=(.)\"?\s*[\r\n]", sample)
    if told and told[1] in DELIMITERS:
        return told[1]
    best, best_score = suggested or ",", (0.0, 0)
    for delimiter in sorted(DELIMITERS, key=lambda mark: mark != suggested):
        score = _score(sample, delimiter)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _score(sample: str, delimiter: str) -> tuple[float, int]:
    reader = CsvReader(io.StringIO(sample[:_SAMPLE_CHARACTERS], newline=""), delimiter)
    header = next((item for item in reader if isinstance(item, CsvRecord)), None)
    if header is None or len(header.cells) < 2:
        return 0.0, 0
    reader.width = len(header.cells)
    rows = [item for item, _ in zip(reader, range(_SAMPLE_ROWS), strict=False)]
    if len(sample) >= _SAMPLE_CHARACTERS and len(rows) > 1:
        rows.pop()  # the sample may end inside it
    fitting = sum(isinstance(row, CsvRecord) for row in rows)
    return (fitting + 1) / (len(rows) + 1), len(header.cells)
