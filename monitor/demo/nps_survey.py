"""NPS answers: everyday scores, a dip after one campaign, and the comments of the unhappy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

from monitor.demo.calendar_year import DAYS, rhythm
from monitor.demo.dice import Dice
from monitor.demo.moods import Grumble
from monitor.demo.plan import NpsDipPlan
from monitor.demo.tables import write_csv
from monitor.demo.unhappy import grumble_text
from monitor.demo.words import SURVEY, Writer, sections

COLUMNS = ("Response ID", "Answered at", "Score", "Comment", "Product line", "Customer type", "CSM coverage", "Account",
           "Respondent ID")  # fmt: skip
ANSWERS_A_DAY = 9.5
PROMOTERS, PASSIVES = 0.47, 0.32
_PRODUCTS = (("Inbox", 5.0), ("Flows", 3.0), ("Insights", 2.0))
_TYPES = (("Small business", 5.0), ("Mid-market", 3.5), ("Enterprise", 1.5))
_COVERAGE = {
    "Small business": (("none", 7.0), ("pooled", 3.0), ("dedicated", 0.2)),
    "Mid-market": (("none", 1.0), ("pooled", 6.0), ("dedicated", 3.0)),
    "Enterprise": (("none", 0.1), ("pooled", 2.0), ("dedicated", 8.0)),
}
_SHIFT = {"none": -0.05, "pooled": 0.0, "dedicated": 0.07}
Row = dict[str, object]


def write_nps(path: Path, unhappy: tuple[Grumble, ...], dip: NpsDipPlan, seed: int) -> int:
    """Write the survey tool's export.

    Returns:
        how many answers.
    """
    survey = _Survey(seed, dip)
    rows = sorted(survey.rows(unhappy), key=lambda row: str(row["Answered at"]))
    for number, row in enumerate(rows, start=1):
        row["Response ID"] = f"nps-{number:05d}"
    return write_csv(path, COLUMNS, rows)


class _Survey:
    def __init__(self, seed: int, dip: NpsDipPlan) -> None:
        self._dice = Dice(seed, "nps")
        self._writer = Writer(seed, "nps")
        self._dip = dip

    def rows(self, unhappy: tuple[Grumble, ...]) -> Iterator[Row]:
        for grumble in unhappy:
            score = self._dice.weighted(
                ((2, 1.0), (3, 1.5), (4, 2.0), (5, 2.5), (6, 3.0), (7, 1.5), (8, 0.8))
            )
            if not grumble.is_marketing:
                score = min(score, 6)
            yield self._row(grumble.day, score, grumble_text(self._writer, grumble, SURVEY, short=True))
        for day in DAYS:
            for _ in range(self._dice.poisson(ANSWERS_A_DAY * rhythm(day, weekend=0.2))):
                yield self._everyday(day)

    def _everyday(self, day: date) -> Row:
        row = self._row(day, 0, "")
        promoters = PROMOTERS + _SHIFT[str(row["CSM coverage"])]
        if self._dip.start <= day <= self._dip.end:
            promoters -= self._dip.depth_points / 200
        passives = PASSIVES
        point = self._dice.share()
        if point < promoters:
            row["Score"] = self._dice.weighted(((9, 5.0), (10, 4.0)))
            row["Comment"] = self._comment("promoter", 0.38)
        elif point < promoters + passives:
            row["Score"] = self._dice.weighted(((7, 4.0), (8, 5.0)))
            row["Comment"] = self._comment("passive", 0.36)
        else:
            row["Score"] = self._dice.weighted(
                ((6, 5.0), (5, 4.0), (4, 2.0), (3, 2.0), (2, 1.0), (1, 0.6), (0, 1.0))
            )
            row["Comment"] = self._comment("detractor", 0.12)
        return row

    def _comment(self, heading: str, share: float) -> str:
        if not self._dice.chance(share):
            return ""
        language = self._dice.weighted((("", 88.0), ("ru ", 7.0), ("de ", 2.5), ("es ", 2.5)))
        if language:
            return self._writer.say(language + heading, SURVEY)
        return self._writer.say(heading, SURVEY, tail=(heading, 0.3))

    def _row(self, day: date, score: int, comment: str) -> Row:
        customer_type = self._dice.weighted(_TYPES)
        moment = datetime.combine(
            day, time(self._dice.whole(7, 19), self._dice.whole(0, 59), self._dice.whole(0, 59))
        )
        return {
            "Answered at": f"{moment.isoformat()}Z",
            "Score": score,
            "Comment": comment,
            "Product line": self._dice.weighted(_PRODUCTS),
            "Customer type": customer_type,
            "CSM coverage": self._dice.weighted(_COVERAGE[customer_type]),
            "Account": self._dice.pick(sections()["accounts"]),
            "Respondent ID": f"p-{self._dice.whole(1, 3800):05d}",
        }
