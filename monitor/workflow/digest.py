"""The weekly digest in Slack: once a week and channel, with the word cloud and the report in its thread."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.domain.outbox import Message, MessageKind
from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.workflow.alert_delivery import DeliveryOutcome, Form, Picture
from monitor.workflow.alert_slack import deliver_alerts
from monitor.workflow.cloud import draw_clouds
from monitor.workflow.weekly import render_week, weekly_report
from reports.slack import digest_blocks, digest_text
from reports.weekly import WeeklyReport


@dataclass(slots=True)
class DigestArtist:
    """Draws digests; the report is computed once."""

    database: Database
    loaded: Loaded
    now: datetime
    report: WeeklyReport | None = None

    def form(self, week: IsoWeek) -> Form:
        """The digest's message."""
        report = self._report(week)
        link = self.loaded.settings.slack.report_url.replace("{week}", str(week))
        blocks = digest_blocks(report, link=link)
        return Form(digest_text(report), [blocks, blocks[:4], []])

    def file(self, week: IsoWeek, kind: MessageKind) -> Picture | None:
        """The week's word cloud (None when there were too few posts for one) or the report as a file."""
        report = self._report(week)
        if kind is MessageKind.REPORT:
            html = render_week(report, "html", to_terminal=False).encode("utf-8")
            return Picture(html, f"Weekly report {week}", f"The weekly report of {week} as one HTML file")
        with tempfile.TemporaryDirectory(prefix="goodwill-") as folder:
            outcome = draw_clouds(self.database, self.loaded, week, Path(folder), report=report)
            # the other pictures compare groups and campaigns: they are in the report
            pictures = [p for p in outcome.files if p.suffix == ".png" and p.name.startswith("words-")]
            if not pictures:
                return None
            words = f"Word cloud of {week}: the words that set its negative posts apart from the weeks before"
            return Picture(pictures[0].read_bytes(), f"Words of {week}", words)

    def _report(self, week: IsoWeek) -> WeeklyReport:
        if self.report is None or self.report.week != week:
            self.report = weekly_report(self.database, self.loaded, week, now=self.now)
        return self.report


def preview_digest(database: Database, loaded: Loaded, *, now: datetime) -> dict[str, Any]:
    """The digest of the last complete week as text and blocks, without posting it."""
    week = IsoWeek.last_complete(now, loaded.settings.report.zone)
    form = DigestArtist(database, loaded, now).form(week)
    return {"week": str(week), "text": form.text, "blocks": list(form.variants[0])}


def send_digest(database: Database, loaded: Loaded, *, now: datetime) -> tuple[IsoWeek, DeliveryOutcome]:
    """Post the digest of the last complete week, once however often this is called.

    Raises:
        ConfigurationError: there is no token.
    """
    week = IsoWeek.last_complete(now, loaded.settings.report.zone)
    slack = loaded.settings.slack
    channel = slack.digest_channel or slack.channel
    with database.transaction() as connection:
        name = store.own_name(connection)
        key = f"{name}/digest/{week}/{channel}"
        store.enqueue(connection, Message(key, MessageKind.DIGEST, channel=channel, body=str(week)))
        kinds = [MessageKind.CLOUD] if slack.report_url else [MessageKind.CLOUD, MessageKind.REPORT]
        for kind in kinds:
            store.enqueue(connection, Message(f"{key}/{kind.value}", kind, channel=channel, body=str(week)))
    return week, deliver_alerts(database, loaded, digest=DigestArtist(database, loaded, now))
