"""Ids of the rows of one file: the file's own, or made of what a row says where it gives none."""

from __future__ import annotations

from collections.abc import Callable

from connectors.cell_values import stable_id
from connectors.repeated_rows import ID_GIVEN_TWICE
from connectors.tables import Row
from connectors.text import clean_name
from monitor.domain.posts import SkippedItem


class KeptIds:
    """Ids that stay as the file's first reading made them, whatever was corrected in the settings since.

    Only rows that were one row to the first reading and are several now need other ids: all but the first.
    """

    def __init__(self) -> None:
        self._now_by_id: dict[str, str] = {}

    def choose(self, before: str, now: str, corrected: str = "") -> str:
        """The id the first reading gave a row, or the one it would have now where another row has that.

        Args:
            before: by the first reading.
            now: by the present one.
            corrected: by the reading after the first correction; "" where that is as now.
        """
        for candidate in (before, corrected or now, now, f"{now}-2"):
            if self._now_by_id.setdefault(candidate, now) == now:
                return candidate
        return now


class TextIds:
    """Ids of posts and notes: the file's own, or made of the row's content."""

    def __init__(self, content: Callable[[Row], str]) -> None:
        """Args: content: the id that a row's content makes."""
        self._content = content
        self._kept = KeptIds()

    def of(self, row: Row) -> str:
        """The row's id."""
        if given := clean_name(row["id"]):
            return given
        now = self._content(row)
        if row.former is None:
            return now
        return self._kept.choose(self._content(row.former), now, self._content(row.corrected or row))

    def replaced(self, row: Row, identifier: str) -> str:
        """The id under which an earlier reading stored the row that is `identifier` now; "" where that is the same."""
        if row.former is None:
            return ""
        before = clean_name(row.former["id"]) or self._content(row.former)
        return "" if before == identifier else before


class RowIdentities:
    """Tells rows apart, and finds those that stand in the file twice.

    The id of a row without one is made of few cells, so that a corrected end or audience is the same row. Only
    where two rows of a file agree in these and differ elsewhere, the later one's id holds the rest as well.
    """

    def __init__(self, thing: str) -> None:
        """Args: thing: what a row is, for messages ("campaign")."""
        self._thing = thing
        self._row_of_id: dict[str, int] = {}
        self._row_of_content: dict[tuple[tuple[str, ...], ...], int] = {}

    def identify(
        self,
        row: Row,
        named: Callable[[Row], tuple[str, ...]],
        rest_of: Callable[[Row], tuple[str, ...]],
        amounts: tuple[str, ...] = (),
    ) -> str | SkippedItem:
        """The row's id, or that it came before.

        Args:
            row: its `id` cell wins where it is filled.
            named: gives the cells its id is made of.
            rest_of: gives what else makes it another thing than a row with the same `named`.
            amounts: what tells two rows apart and yet is no part of an id, since it changes as time goes on.
        """
        given = clean_name(row["id"])
        if given:
            return self._given(row, given)
        content = tuple(
            tuple(part.strip() for part in parts) for parts in (named(row), rest_of(row), amounts)
        )
        first = self._row_of_content.setdefault(content, row.number)
        if first != row.number:
            detail = f"the same {self._thing} stands in rows {first} and {row.number}"
            return row.skip(f"{self._thing} given twice", detail)
        cells, rest = named(row.former or row), rest_of(row.former or row)
        identifier, number = stable_id(*cells), 0
        while identifier in self._row_of_id:
            number += 1
            identifier = stable_id(*cells, *rest, *([str(number)] if number > 1 else []))
        self._row_of_id[identifier] = row.number
        return identifier

    def _given(self, row: Row, given: str) -> str | SkippedItem:
        first = self._row_of_id.setdefault(given, row.number)
        if first == row.number:
            return given
        return row.skip(ID_GIVEN_TWICE, f"row {first} has it too and is kept")
