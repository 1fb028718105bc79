"""Known incidents from a file: outages, releases and other events that make people write."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Connector, Record
from connectors.kinds import ConnectorKind, SourceContext
from connectors.row_identity import RowIdentities
from connectors.row_values import read_day, read_end
from connectors.table_columns import Column
from connectors.table_source import RowContext, TableConnector, TableKind, TableOptions
from connectors.tables import Row
from connectors.text import clean_name
from monitor.domain.campaigns import KnownIncident
from monitor.domain.posts import SkippedItem

KIND = "incidents"
_TABLE = TableKind(
    kind=KIND,
    columns=(
        Column("start", ("start date", "started", "started at", "date", "day", "from", "начало", "дата"), required=True),
        Column("end", ("end date", "ended", "resolved", "resolved at", "until", "to", "конец")),
        Column("name", ("title", "incident", "summary", "release", "название")),
        Column("kind", ("type", "category", "тип")),
        Column("id", ("incident id", "key")),
    ),
    days=("start", "end"),
    identity=("name", "start", "kind", "end"),
)  # fmt: skip


class IncidentReader:
    """Rows to incidents; an id or a row that comes again is reported, the first one stays."""

    def __init__(self, context: RowContext) -> None:
        self._context = context
        self._identities = RowIdentities("incident")

    def __call__(self, row: Row) -> Iterator[Record | SkippedItem]:
        """One incident, or the reason why there is none."""
        start = read_day(row, "start", self._context)
        if isinstance(start, SkippedItem):
            yield start
            return
        end = read_day(row, "end", self._context) if row["end"].strip() else start
        if isinstance(end, SkippedItem):
            yield end
            return
        kind = _kind(row)
        if end < start:
            yield row.skip("ends before it starts", f"{start} to {end}")
            return
        identifier = self._identities.identify(row, _named, self._rest)
        if isinstance(identifier, SkippedItem):
            yield identifier
            return
        name = clean_name(row["name"]) or kind
        yield KnownIncident(self._context.source, identifier, kind, name, start, end)

    def _rest(self, row: Row) -> tuple[str, ...]:
        return (read_end(row, self._context),)


def _kind(row: Row) -> str:
    return clean_name(row["kind"]).casefold() or "outage"


def _named(row: Row) -> tuple[str, ...]:
    return row["name"], row["start"], _kind(row)


def build(context: SourceContext, options: TableOptions) -> Connector:
    """The connector of one `[[sources]]` table."""
    return TableConnector(context.name, _TABLE, options, IncidentReader)


KINDS = (
    ConnectorKind(
        kind=KIND,
        description="outages, releases and other known events",
        needs_network=False,
        options_class=TableOptions,
        build=build,
    ),
)
