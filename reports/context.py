"""What every answer is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from monitor.domain.analysis import Analysis
from monitor.domain.weekly import WeeklyFacts
from monitor.domain.weeks import IsoWeek
from reports.clean import safe_text, shortened
from reports.redact import Redactor
from reports.weekly import WordFacts
from reports.wording import days_text

_WORTH_TELLING = 0.02


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

    @property
    def still_to_come(self) -> float:
        """Expected share of the reported week's posts that are not in yet, since some posts come late (0..1)."""
        daily = self.analysis.daily
        if daily is None:
            return 0.0
        week = np.array([self.facts.week.start <= day <= self.facts.week.end for day in daily.dates])
        expected = float((daily.total[week] / daily.known_share[week]).sum())
        return 1.0 - float(daily.total[week].sum()) / expected if expected else 0.0

    @property
    def some_to_come(self) -> bool:
        """Whether so many posts are still to come that the reader must know."""
        return self.still_to_come >= _WORTH_TELLING

    @property
    def silent_days(self) -> list[date]:
        """Days of the reported week that count as not read, although no source told of a gap."""
        daily, week = self.analysis.daily, self.facts.week
        if daily is None:
            return []
        told = [(g.first_day, g.last_day) for g in self.facts.coverage.gaps if not g.channel_name]
        return [
            day
            for day, read in zip(daily.dates, daily.collected, strict=True)
            if not read and week.start <= day <= week.end and not any(a <= day <= b for a, b in told)
        ]

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
