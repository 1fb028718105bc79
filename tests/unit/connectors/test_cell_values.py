"""Numbers as they stand in spreadsheets."""

from __future__ import annotations

import pytest

from connectors.cell_values import BadNumberError, UnclearNumberError, parse_number, usual_mark


@pytest.mark.parametrize("cell", ["2026.11.22", "1.2.3", "22,11,2026", "1,2,3", "12.3,4.5", "1,23.45"])
def test_a_cell_that_is_no_number_tells_no_decimal_mark(cell: str) -> None:
    """Days and versions among the values do not make 12.000 to 12000."""
    assert usual_mark([cell, "12.000"]) is None
    with pytest.raises(BadNumberError):
        parse_number(cell)


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (("3.125", "-0.5"), "."),
        (("0.125", "1.000"), "."),
        (("1.234.567", "12.000"), ","),
        (("12,34,567", "12.000"), "."),
        (("1.000", "0", "95 %"), None),
    ],
)
def test_the_mark_of_a_column(cells: tuple[str, ...], mark: str | None) -> None:
    """A rate below one, a second group, an Indian group: each can be read in one way only."""
    assert usual_mark(cells) == mark


def test_a_column_of_scores_with_three_zeros_is_not_guessed() -> None:
    """1.000 may be a thousand."""
    with pytest.raises(UnclearNumberError):
        parse_number("1.000", usual=usual_mark(["1.000", "2.000"]))
