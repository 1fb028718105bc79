"""`goodwill correlate` over the database: the same document as from files."""

from __future__ import annotations

from typing import Any

from monitor.domain.analysis import Analysis
from monitor.workflow.correlate_files import report_as_dict
from monitor.workflow.nps_file import nps_as_dict


def analysis_as_dict(analysis: Analysis) -> dict[str, Any]:
    """The documented JSON object of an analysis; without campaigns or posts its lists are empty."""
    document: dict[str, Any] = {"series": "negative_marketing", "campaigns": [], "notes": []}
    if analysis.correlation is not None:
        document = report_as_dict(analysis.correlation)
    document["nps"] = nps_as_dict(analysis.nps) if analysis.nps is not None else None
    document["as_of"] = analysis.as_of.isoformat()
    return document
