"""The numbers behind a word cloud, as CSV."""

from __future__ import annotations

import csv
import io

from reports.clean import csv_cell
from reports.wordcloud import CloudPlan

HEADER = (
    "group",
    "term",
    "score",
    "log_odds",
    "posts",
    "share",
    "other_posts",
    "other_share",
    "tag",
    "negative_share",
    "first_seen",
    "sources",
)


def cloud_csv(plan: CloudPlan) -> str:
    """One row a word, heaviest first within each group; formulas are made harmless."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    for panel in plan.panels:
        for word in panel.words:
            row = (
                panel.heading or "week",
                word.term,
                f"{word.score:.3f}",
                f"{word.log_odds:.3f}",
                word.posts,
                f"{word.rate:.4f}",
                word.earlier_posts,
                f"{word.earlier_rate:.4f}",
                word.tag,
                f"{word.negative:.3f}",
                word.first_seen.isoformat() if word.first_seen else "",
                word.sources,
            )
            writer.writerow([csv_cell(value) for value in row])
    return buffer.getvalue()
