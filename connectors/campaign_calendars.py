"""Campaign calendars from CSV, JSON or TOML: what marketing planned or sent, to whom, when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from connectors.base import Connector, Record
from connectors.kinds import ConnectorKind, SourceContext
from connectors.row_identity import RowIdentities
from connectors.row_values import channel_word, read_count, read_day, read_end
from connectors.table_columns import Column
from connectors.table_source import RowContext, TableConnector, TableKind, TableOptions
from connectors.tables import Row
from connectors.text import clean_name
from monitor.domain.campaigns import Campaign
from monitor.domain.posts import SkippedItem

KIND = "campaigns"
CampaignOptions = TableOptions

_TABLE = TableKind(
    kind=KIND,
    columns=(
        Column("start", ("start date", "starts", "start day", "date", "send date", "launch date", "launch", "from", "начало",
                         "дата"), required=True),
        Column("end", ("end date", "ends", "end day", "until", "to", "finish", "конец", "окончание")),
        Column("name", ("campaign", "campaign name", "title", "название", "кампания")),
        Column("id", ("campaign id", "campaignid", "key", "код")),
        Column("channel", ("channels", "medium", "канал")),
        Column("type", ("campaign type", "kind", "category", "goal", "тип")),
        Column("audience", ("segment", "target", "list", "recipients group", "аудитория", "сегмент")),
        Column("sends", ("sent", "planned sends", "volume", "recipients", "total recipients", "отправлено")),
    ),
    days=("start", "end"),
    identity=("name", "start", "channel", "end", "audience", "type"),
)  # fmt: skip


class CampaignReader:
    """Rows to campaigns; an id or a row that comes again is reported, the first one stays."""

    def __init__(self, context: RowContext) -> None:
        self._context = context
        self._identities = RowIdentities("campaign")

    def __call__(self, row: Row) -> Iterator[Record | SkippedItem]:
        """One campaign, or the reason why there is none."""
        start = read_day(row, "start", self._context)
        end = read_day(row, "end", self._context) if row["end"].strip() else start
        for day in (start, end):
            if isinstance(day, SkippedItem):
                yield day
                return
        assert isinstance(start, date) and isinstance(end, date)  # noqa: S101, PT018 - told apart above
        if end < start:
            yield row.skip("ends before it starts", f"{start} to {end}")
            return
        if not (clean_name(row["name"]) or clean_name(row["id"])):
            yield row.skip("no name and no id")
            return
        identifier = self._identify(row)
        if isinstance(identifier, SkippedItem):
            yield identifier
        else:
            yield from self._campaign(row, identifier, start, end)

    def _rest(self, row: Row) -> tuple[str, ...]:
        end = read_end(row, self._context)
        return end, clean_name(row["audience"]).casefold(), clean_name(row["type"]).casefold()

    def _identify(self, row: Row) -> str | SkippedItem:
        sends = read_count(row, "sends")
        amounts = (row["sends"] if isinstance(sends, SkippedItem) else str(sends),)
        return self._identities.identify(row, _named, self._rest, amounts)

    def _campaign(self, row: Row, identifier: str, start: date, end: date) -> Iterator[Record | SkippedItem]:
        sends = read_count(row, "sends")
        if isinstance(sends, SkippedItem):
            yield replace(sends, reason="sends not read (row kept)")
            sends = None
        yield Campaign(
            source=self._context.source,
            external_id=identifier,
            name=clean_name(row["name"]) or identifier,
            start=start,
            end=end,
            channel=channel_word(row["channel"]),
            type=clean_name(row["type"]).casefold(),
            audience=clean_name(row["audience"]),
            sends=sends,
        )


def _named(row: Row) -> tuple[str, ...]:
    return row["name"], row["start"], row["channel"]


def build(context: SourceContext, options: CampaignOptions) -> Connector:
    """The connector of one `[[sources]]` table."""
    return TableConnector(context.name, _TABLE, options, CampaignReader)


KINDS = (
    ConnectorKind(
        kind=KIND,
        description="campaign calendar from CSV, JSON or TOML",
        needs_network=False,
        options_class=CampaignOptions,
        build=build,
    ),
)
