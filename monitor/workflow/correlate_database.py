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
    if any(comparison.compared for comparison in analysis.exposure):
        document["notes"] = [note for note in document["notes"] if note != TEMPORAL_NOTE]
    return document


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
