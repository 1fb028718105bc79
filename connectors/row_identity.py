"""Ids of the rows of one file: the file's own, or made of what a row says where it gives none."""

from __future__ import annotations

from connectors.cell_values import stable_id
from connectors.repeated_rows import ID_GIVEN_TWICE
from connectors.tables import Row
from connectors.text import clean_name
from monitor.domain.posts import SkippedItem


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
        self, row: Row, named: tuple[str, ...], rest: tuple[str, ...], amounts: tuple[str, ...] = ()
    ) -> str | SkippedItem:
        """The row's id, or that it came before.

        Args:
            row: its `id` cell wins where it is filled.
            named: the cells its id is made of.
            rest: what else makes it another thing than a row with the same `named`.
            amounts: what tells two rows apart and yet is no part of an id, since it changes as time goes on.
        """
        given = clean_name(row["id"])
        if given:
            return self._given(row, given)
        content = tuple(tuple(part.strip() for part in parts) for parts in (named, rest, amounts))
        first = self._row_of_content.setdefault(content, row.number)
        if first != row.number:
            detail = f"the same {self._thing} stands in rows {first} and {row.number}"
            return row.skip(f"{self._thing} given twice", detail)
        identifier, number = stable_id(*named), 0
        while identifier in self._row_of_id:
            number += 1
            identifier = stable_id(*named, *rest, *([str(number)] if number > 1 else []))
        self._row_of_id[identifier] = row.number
        return identifier

    def _given(self, row: Row, given: str) -> str | SkippedItem:
        first = self._row_of_id.setdefault(given, row.number)
        if first == row.number:
            return given
        return row.skip(ID_GIVEN_TWICE, f"row {first} has it too and is kept")
