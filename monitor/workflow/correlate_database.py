"""`goodwill correlate` over the database: the same document as from files."""

from __future__ import annotations

from typing import Any

from monitor.domain.analysis import Analysis
from monitor.domain.exposure import TEMPORAL_NOTE, ExposureComparison, GroupCounts
from monitor.workflow.correlate_files import report_as_dict
from monitor.workflow.nps_file import nps_as_dict


def analysis_as_dict(analysis: Analysis) -> dict[str, Any]:
    """The documented JSON object of an analysis; without campaigns or posts its lists are empty."""
    document: dict[str, Any] = {"series": "negative_marketing", "campaigns": [], "notes": []}
    if analysis.correlation is not None:
        document = report_as_dict(analysis.correlation)
    document["nps"] = nps_as_dict(analysis.nps) if analysis.nps is not None else None
    document["as_of"] = analysis.as_of.isoformat()
    document["exposed"] = [_comparison_as_dict(comparison) for comparison in analysis.exposure]
    missing = nothing_to_judge(analysis)
    if missing:
        document["notes"] = [missing, *document["notes"]]
    if any(comparison.compared for comparison in analysis.exposure):
        document["notes"] = [note for note in document["notes"] if note != TEMPORAL_NOTE]
    return document


def nothing_to_judge(analysis: Analysis) -> str:
    """Why no campaign is judged by the posts that followed it; "" where one is."""
    if analysis.correlation is not None or any(comparison.compared for comparison in analysis.exposure):
        return ""
    # one comparison a campaign, whatever is known of its audience
    if analysis.daily is None and not analysis.exposure:
        return "nothing to judge: there are neither scored posts nor campaigns; see `goodwill import list`."
    if analysis.daily is None:
        return "nothing to judge: there are no scored posts; `goodwill sync` and `goodwill score` bring them."
    return f"nothing to judge: no campaign began in the history up to {analysis.as_of}; import the calendar."


def _comparison_as_dict(comparison: ExposureComparison) -> dict[str, Any]:
    """One comparison of exposed and unexposed customers; numbers or null."""
    return {
        "id": comparison.campaign_id,
        "outcome": comparison.outcome,
        "compared": comparison.compared,
        "verdict": comparison.verdict,
        "p_value": comparison.p_value,
        "q_value": comparison.q_value,
        "effect": comparison.effect,
        "low": comparison.low,
        "high": comparison.high,
        "smallest_detectable": comparison.smallest_detectable,
        "exposed": _group_as_dict(comparison.exposed),
        "unexposed": _group_as_dict(comparison.unexposed),
        "randomised": comparison.randomised,
        "confounded_with": list(comparison.confounded_with),
        "reason": comparison.reason,
        "sentence": comparison.sentence(),
    }


def _group_as_dict(group: GroupCounts) -> dict[str, int]:
    return {"before": group.before, "after": group.after, "accounts": group.accounts}
