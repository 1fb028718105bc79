"""Metrics of other tools from a file: a value, or a count over a count, per day and segment.

Long form: one row a metric and day (metric, date, value | numerator and denominator, segment). Wide form:
one row a day and a column per metric, named by `values = { win_rate = "Win rate" }`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connectors.base import Connector, Record
from connectors.cell_values import TWO_WAYS, BadNumberError, Decimal, UnclearNumberError, parse_number
from connectors.dates import shown_value
from connectors.kinds import ConnectorKind, SourceContext
from connectors.options import option
from connectors.row_values import read_day
from connectors.table_columns import Column, resolve_columns
from connectors.table_source import RowContext, TableConnector, TableKind, TableOptions
from connectors.tables import Row
from connectors.text import clean_name
from monitor.domain.metrics import MetricPoint
from monitor.domain.posts import SkippedItem
from monitor.errors import InputError

KIND = "metrics"


@dataclass(frozen=True, slots=True)
class MetricOptions(TableOptions):
    """Keys of a `[[sources]]` table of kind "metrics"."""

    values: Mapping[str, str] = option(
        "wide form: metric -> the column with its value; empty for one metric a row", default={}
    )
    decimal: Decimal = option("decimal mark of values; found in each cell when auto", default="auto")


_TABLE = TableKind(
    kind=KIND,
    columns=(
        Column("date", ("day", "week", "month", "period", "period start", "дата"), required=True),
        Column("metric", ("name", "metric name", "kpi", "measure", "показатель")),
        Column("value", ("rate", "metric value", "значение")),
        Column("numerator", ("count", "part", "числитель")),
        Column("denominator", ("total", "of", "base", "знаменатель")),
        Column("segment", ("group", "сегмент")),
    ),
    days=("date",),
)  # fmt: skip


class MetricReader:
    """Rows to points; a metric, day and segment that come again are reported, the first one stays."""

    def __init__(self, context: RowContext, options: MetricOptions) -> None:
        self._context = context
        self._decimal = options.decimal
        wanted = tuple(Column(metric) for metric in options.values)
        columns = context.layout.columns
        source = f"source {context.source!r}"
        self._wide = resolve_columns(wanted, options.values, {}, columns, source, key="values")
        self._seen: dict[tuple[str, ...], int] = {}
        if not self._wide and "metric" not in context.fields:
            raise InputError(
                f"source {context.source!r} has no column for 'metric': its columns are "
                f'{", ".join(map(repr, columns))}. Name it with columns = {{ metric = "..." }}, or name the columns '
                'that hold values with values = { win_rate = "..." }.'
            )

    def __call__(self, row: Row) -> Iterator[Record | SkippedItem]:
        """The row's points, or the reasons why there are none."""
        day = read_day(row, "date", self._context)
        if isinstance(day, SkippedItem):
            yield day
        elif self._wide:
            for metric, column in self._wide.items():
                if row.cells.get(column, "").strip():
                    yield self._point(row, metric, day, (column, "", ""))
        elif metric := clean_name(row["metric"]):
            columns = [row.fields.get(field, "") for field in ("value", "numerator", "denominator")]
            yield self._point(row, metric, day, columns)
        else:
            yield row.skip("no metric")

    def _point(self, row: Row, metric: str, day: date, columns: Sequence[str]) -> MetricPoint | SkippedItem:
        segment = clean_name(row["segment"])
        key = (metric, day.isoformat(), segment)
        if key in self._seen:
            return row.skip("metric and day given twice", f"row {self._seen[key]} has both too and is kept")
        try:
            value, numerator, denominator = (self._number(row, column) for column in columns)
        except UnclearNumberError as error:
            return row.skip(f"number {TWO_WAYS}", f"it is {shown_value(str(error))}")
        except BadNumberError as error:
            return row.skip("not a number", f"it is {shown_value(str(error))}")
        try:
            point = MetricPoint(self._context.source, metric, day, value, numerator, denominator, segment)
        except InputError:
            return row.skip("no usable value", "a value, or 0 <= numerator <= denominator expected")
        self._seen[key] = row.number
        return point

    def _number(self, row: Row, column: str) -> float | None:
        return parse_number(row.cells.get(column, ""), self._decimal, self._context.usual_mark(column))


def build(context: SourceContext, options: MetricOptions) -> Connector:
    """The connector of one `[[sources]]` table."""
    return TableConnector(context.name, _TABLE, options, lambda rows: MetricReader(rows, options))


KINDS = (
    ConnectorKind(
        kind=KIND,
        description="metrics of other tools, a value a day and segment",
        needs_network=False,
        options_class=MetricOptions,
        build=build,
    ),
)
