"""What every answer is made from."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.analysis import Analysis
from monitor.domain.weekly import WeeklyFacts
from monitor.domain.weeks import IsoWeek
from reports.clean import safe_text, shortened
from reports.redact import Redactor
from reports.weekly import WordFacts
from reports.wording import days_text


@dataclass(frozen=True, slots=True)
class ReportContext:
    """Facts, statistics and the redactor, for the modules that write the answers."""

    facts: WeeklyFacts
    analysis: Analysis
    words: WordFacts
    redactor: Redactor
    verbatim: bool

    @property
    def window(self) -> str:
        """The reported week's days in words."""
        return days_text(self.facts.week.start, self.facts.week.end)

    def tags_of(self, week: IsoWeek) -> list[tuple[str, int]]:
        """Complaint tags of a week with their counts, most frequent first."""
        pairs = [(t.tag, t.complaints) for t in self.facts.tags if t.week == week and t.complaints]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def shown(self, text: str, length: int = 60) -> str:
        """A name from outside (campaign, channel, problem line), safe to show."""
        return shortened(safe_text(text) if self.verbatim else self.redactor.redact(text), length)

    def campaign_name(self, campaign_id: str) -> str:
        """The id with the name, "C07 (Autumn upsell)", or the id alone when the calendar gives no other name."""
        shown_id = shortened(safe_text(campaign_id), 40)
        for campaign in self.facts.campaigns:
            if campaign.external_id == campaign_id and campaign.name and campaign.name != campaign_id:
                return f"{shown_id} ({self.shown(campaign.name, 48)})"
        return shown_id
