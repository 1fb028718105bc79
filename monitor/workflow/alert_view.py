"""From a stored incident to what Slack shows: quotes are read and redacted at the moment of sending.

Nothing of a post is kept with the incident, so a post that was deleted at its source is gone from the next
version of the message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from monitor.domain.alerts import Incident, IncidentState, RuleName
from monitor.domain.campaigns import Campaign
from monitor.domain.outbox import Message, MessageKind, MessageState
from monitor.domain.weekly import StoredQuote
from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store import queries
from monitor.store.database import Database
from monitor.store.records import read_records
from monitor.workflow.alert_delivery import Form, Picture
from monitor.workflow.alert_spikes import ALARMS_A_YEAR, detect_days
from monitor.workflow.analysis import daily_series
from monitor.workflow.history import read_history
from monitor.workflow.late_posts import known_share, without_unknown_days
from monitor.workflow.redaction import build_redactor
from reports import alert as blocks
from reports.alert_chart import AlertChart, ChartDay, chart_png
from reports.figures import quotes_from
from reports.redact import Redactor

TITLES = {
    RuleName.COMPLAINT_SPIKE: "Marketing complaints are spiking",
    RuleName.NEGATIVE_SPIKE: "Negative posts are spiking",
    RuleName.CAMPAIGN_VERDICT: "A campaign is followed by posts against us",
    RuleName.NPS_DIP: "NPS dipped",
    RuleName.RED_FLAG: "A red flag is up",
    RuleName.KNOWN_ACCOUNT: "A known customer is unhappy",
}
_CHART_DAYS = 56
_CANDIDATES = 30
_SERIES_TITLES = {
    RuleName.COMPLAINT_SPIKE: "Marketing complaints a day",
    RuleName.NEGATIVE_SPIKE: "Negative posts a day",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A redacted quote and the post it is from."""

    post_id: int
    quote: blocks.AlertQuote


class DigestDrawer(Protocol):
    """Draws a weekly digest and the files in its thread."""

    def form(self, week: IsoWeek) -> Form:
        """The digest's message."""
        ...

    def file(self, week: IsoWeek, kind: MessageKind) -> Picture | None:
        """Its word cloud or its report; None when there is none."""
        ...


@dataclass(slots=True)
class IncidentArtist:
    """Draws incidents' messages from the database.

    Attributes:
        digest: draws a weekly digest; None where this process sends none.
        draws_charts: False leaves charts to another process (the bot stays small).
    """

    database: Database
    loaded: Loaded
    digest: DigestDrawer | None = None
    draws_charts: bool = True
    _redactor: Redactor | None = field(default=None, init=False)

    @property
    def redactor(self) -> Redactor:
        """Built once, since it knows every name."""
        if self._redactor is None:
            self._redactor = build_redactor(self.database, self.loaded)
        return self._redactor

    def form(self, message: Message) -> Form | None:
        """The message as of now."""
        if message.kind is MessageKind.DIGEST:
            return self.digest.form(IsoWeek.parse(message.body)) if self.digest is not None else None
        if message.kind is MessageKind.THREAD:
            return Form(
                blocks.cut(blocks.escape(message.body), 900), [blocks.thread_blocks(message.body), []]
            )
        if message.incident_id is None:
            return None
        view = self.view(message.incident_id)
        full, short = blocks.alert_blocks(view), blocks.alert_blocks(view, with_quotes=False)
        plain = [block for block in short if block["type"] != "image"]
        # A picture that Slack has not finished processing makes the blocks invalid: the next form has none.
        return Form(blocks.fallback_text(view), [full, [b for b in full if b["type"] != "image"], plain, []])

    def view(self, incident_id: int) -> blocks.AlertView:
        """What an incident's message says now."""
        with self.database.reading() as connection:
            incident = store.read_incident(connection, incident_id)
            messages = store.messages_of(connection, incident_id)
        chart = next(
            (m.file_id for m in messages if m.kind is MessageKind.CHART and m.state is MessageState.SENT), ""
        )
        return build_view(incident, self.evidence(incident), self.loaded, chart_file=chart)

    def evidence(self, incident: Incident) -> list[Evidence]:
        """The strongest redacted quotes of an incident, equal texts once."""
        limit = self.loaded.settings.alerts.quotes
        with self.database.reading() as connection:
            stored = _candidates(connection, incident)
        found: dict[str, Evidence] = {}
        for candidate in stored:
            (quote,) = quotes_from([candidate], self.redactor, limit=1, verbatim=False)
            shown = blocks.AlertQuote(quote.text, quote.where, quote.day, quote.link)
            found.setdefault(quote.text.lower(), Evidence(candidate.post_id, shown))
            if len(found) >= limit:
                break
        return list(found.values())[:limit]

    def picture(self, message: Message) -> Picture | None:
        """The chart of the incident's series, or a file of the digest."""
        if message.incident_id is None and self.digest is not None:
            return self.digest.file(IsoWeek.parse(message.body), message.kind)
        if not self.draws_charts or message.incident_id is None:
            return None
        with self.database.reading() as connection:
            incident = store.read_incident(connection, message.incident_id)
        chart = build_chart(self.database, self.loaded, incident, self.redactor)
        if not chart.days:
            return None
        return Picture(chart_png(chart), chart.title, chart.in_words())


def _candidates(connection: store.Transaction, incident: Incident) -> list[StoredQuote]:
    ids = [post for signal in incident.signals for post in signal.post_ids]
    if ids:
        return list(queries.quotes_of(connection, ids).values())
    rules = {signal.rule for signal in incident.signals}
    only_complaints = True if rules & {RuleName.COMPLAINT_SPIKE, RuleName.CAMPAIGN_VERDICT} else None
    if rules == {RuleName.RED_FLAG} and not incident.lead.subject.startswith("community/"):
        return []
    until = max(incident.seen_on, incident.onset)
    since = min(incident.onset, until - timedelta(days=1))
    return queries.read_quotes(connection, since, until, complaints=only_complaints, limit=_CANDIDATES)


def build_view(
    incident: Incident, evidence: list[Evidence], loaded: Loaded, *, chart_file: str = ""
) -> blocks.AlertView:
    """What an incident says, from its numbers and redacted quotes."""
    lead = incident.lead
    week = IsoWeek.of(incident.seen_on)
    return blocks.AlertView(
        incident_id=incident.id,
        state=incident.state.value,
        title=TITLES[lead.rule],
        sentence=lead.sentence,
        measure=lead.measure.sentence(),
        since=incident.onset,
        checked=max(incident.seen_on, incident.resolved_on or incident.seen_on),
        also=tuple(signal.sentence for signal in incident.signals[1:]),
        quotes=tuple(item.quote for item in evidence),
        nearby=tuple(dict.fromkeys(line for signal in incident.signals for line in signal.nearby))[:4],
        questions=tuple(dict.fromkeys(q for signal in incident.signals for q in signal.questions))[:4],
        status=_status(incident),
        snoozed_until=incident.snoozed_until,
        report_url=loaded.settings.slack.report_url.replace("{week}", str(week)),
        chart_file=chart_file,
        chart_words=f"Chart: {lead.measure.sentence()}" if chart_file else "",
    )


def _status(incident: Incident) -> str:
    if not incident.handled_by:
        return ""
    verbs = {
        IncidentState.ACKNOWLEDGED: "acknowledged by",
        IncidentState.SNOOZED: "by",
        IncidentState.MUTED: "muted by",
        IncidentState.OPEN: "last changed by",
        IncidentState.RESOLVED: "looked after by",
        IncidentState.HELD: "last changed by",
    }
    return f"{verbs[incident.state]} <@{incident.handled_by}>"


def build_chart(database: Database, loaded: Loaded, incident: Incident, redactor: Redactor) -> AlertChart:
    """Eight weeks of the incident's series up to the last day it was seen, campaigns' names redacted."""
    spikes = [s.rule for s in incident.signals if s.rule in _SERIES_TITLES]
    rule = spikes[0] if spikes else RuleName.COMPLAINT_SPIKE
    settings = loaded.settings.report
    history = read_history(database, settings, incident.seen_on)
    daily = daily_series(history.counts, history.gaps, incident.seen_on, settings)
    if daily is not None:
        daily = without_unknown_days(daily, known_share(database, settings, daily.dates))
    budget = ALARMS_A_YEAR[rule][loaded.settings.alerts.options.rules[rule].sensitivity]
    points = detect_days(daily, rule, budget)[-_CHART_DAYS:]
    first = points[0].timestamp.date() if points else incident.onset
    days = tuple(
        ChartDay(day, p.value, p.low, p.high, incident.onset <= day <= incident.seen_on)
        for p in points
        for day in [p.timestamp.date()]
    )
    campaigns = _campaigns(database, first, incident.seen_on, incident)
    labels = tuple((campaign.start, redactor.redact(campaign.name)) for campaign in campaigns)
    return AlertChart(_SERIES_TITLES[rule], days, labels)


def _campaigns(database: Database, first: date, last: date, incident: Incident) -> list[Campaign]:
    with database.reading() as connection:
        found = list(read_records(connection, Campaign, since=first, until=last))
    # At most six names fit; those that belong to the incident come first, then the latest.
    found.sort(key=lambda c: (c.external_id not in incident.campaigns, -c.start.toordinal()))
    return sorted(found[:6], key=lambda c: c.start)
