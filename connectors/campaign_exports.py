"""Campaign results as mail tools export them: counts only, since every tool divides by something else.

The usual column names of Mailchimp, Klaviyo, MailerLite, Iterable, Marketo and HubSpot are known; those of
Unisender, Mindbox, Sendsay and others come by `columns`. Unique opens and clicks are preferred to totals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.base import Connector, Record
from connectors.campaign_counts import impossible_counts
from connectors.kinds import ConnectorKind, SourceContext
from connectors.options import option
from connectors.row_values import channel_word, read_count, read_day
from connectors.table_columns import Column
from connectors.table_source import RowContext, TableConnector, TableKind, TableOptions
from connectors.tables import Row
from connectors.text import clean_name
from monitor.domain.campaigns import CampaignResult
from monitor.domain.posts import ROW_KEPT, SkippedItem

KIND = "campaign_results"


@dataclass(frozen=True, slots=True)
class CampaignResultOptions(TableOptions):
    """Keys of a `[[sources]]` table of kind "campaign_results"."""

    channel: str = option("channel of rows that name none", default="email")


_COUNTS = ("sent", "delivered", "opens", "clicks", "unsubscribes", "complaints", "bounces")
_TABLE = TableKind(
    kind=KIND,
    columns=(
        Column("campaign", ("campaign id", "id", "campaign name", "email name", "name", "title", "campaign title",
                            "кампания", "рассылка", "название"), required=True),
        Column("date", ("day", "send date", "sent date", "sent at", "send time", "sent on", "send date (your time zone)",
                        "first activity (utc)", "дата", "дата отправки"), required=True),
        Column("channel", ("medium", "message type", "channel type", "канал")),
        Column("sent", ("total recipients", "recipients", "emails sent", "total email sends", "sends", "messages sent",
                        "отправлено")),
        Column("delivered", ("successful deliveries", "deliveries", "total emails delivered", "emails delivered",
                             "доставлено")),
        Column("opens", ("unique opens", "opened", "opened email", "unique email opens", "unique opened",
                         "unique email opens or views", "total opens", "открытия", "открыто", "прочитано")),
        Column("clicks", ("unique clicks", "clicked", "clicked email", "unique email clicks", "unique clicked",
                          "total clicks", "клики", "переходы", "переходов")),
        Column("unsubscribes", ("unsubscribed", "unsubs", "opt outs", "total unsubscribes", "unique unsubscribes",
                                "отписки", "отписалось", "отписок")),
        Column("complaints", ("abuse complaints", "spam complaints", "spam reports", "marked as spam", "total complaints",
                              "spam", "жалобы", "жалоб", "жалобы на спам")),
        Column("bounces", ("total bounces", "bounced", "total email bounced", "total emails bounced", "недоставлено")),
        Column("hard_bounces", ("hard bounced", "hard bounce")),
        Column("soft_bounces", ("soft bounced", "soft bounce")),
    ),
    days=("date",),
)  # fmt: skip


class CampaignResultReader:
    """Rows to results; a campaign, day and channel that come again are reported, the first row stays."""

    def __init__(self, context: RowContext, options: CampaignResultOptions) -> None:
        self._context = context
        self._channel = options.channel
        self._seen: dict[tuple[str, ...], int] = {}

    def __call__(self, row: Row) -> Iterator[Record | SkippedItem]:
        """One result, or the reason why there is none."""
        campaign = clean_name(row["campaign"])
        day = read_day(row, "date", self._context)
        if not campaign:
            yield row.skip("no campaign")
            return
        if isinstance(day, SkippedItem):
            yield day
            return
        counts = _read_counts(row)
        if isinstance(counts, SkippedItem):
            yield counts
            return
        channel = channel_word(row["channel"]) or self._channel
        key = (campaign, day.isoformat(), channel)
        if key in self._seen:
            yield row.skip("campaign and day given twice", f"row {self._seen[key]} has both too and is kept")
        elif all(count is None for count in counts.values()):
            yield row.skip("no counts")
        else:
            self._seen[key] = row.number
            for impossible in impossible_counts(counts, self._context.fields):
                counts[impossible.field] = None
                yield row.skip(f"{impossible.reason} {ROW_KEPT}", impossible.detail)
            yield CampaignResult(self._context.source, campaign, day, channel, **counts)


def _read_counts(row: Row) -> dict[str, int | None] | SkippedItem:
    """The counts of a row, or the first cell that is none."""
    counts: dict[str, int | None] = {}
    for field in (*_COUNTS, "hard_bounces", "soft_bounces"):
        count = read_count(row, field)
        if isinstance(count, SkippedItem):
            return count
        counts[field] = count
    parts = [counts.pop(field) for field in ("hard_bounces", "soft_bounces")]
    if counts["bounces"] is None and any(part is not None for part in parts):
        counts["bounces"] = sum(part or 0 for part in parts)
    return counts


def build(context: SourceContext, options: CampaignResultOptions) -> Connector:
    """The connector of one `[[sources]]` table."""
    return TableConnector(context.name, _TABLE, options, lambda rows: CampaignResultReader(rows, options))


KINDS = (
    ConnectorKind(
        kind=KIND,
        description="campaign results (sent, opens, unsubscribes, ...) of any mail tool",
        needs_network=False,
        options_class=CampaignResultOptions,
        build=build,
    ),
)
