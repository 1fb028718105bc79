"""`goodwill detect`: spikes of a column of counts, judged from the past alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.state import print_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("detect")(detect)


def detect(
    daily: Annotated[Path, typer.Option("--daily", help="CSV with a date column and counts.")],
    column: Annotated[str, typer.Option("--column", help="The column of counts.")] = "negative",
    budget: Annotated[
        float, typer.Option("--budget", help="Alarms a year you are willing to look at.")
    ] = 4.0,
    timestamp_column: Annotated[
        str, typer.Option("--timestamp-column", help="Column of ISO times, for steps other than days.")
    ] = "",
    json_output: Annotated[bool, typer.Option("--json", help="Print every point as JSON.")] = False,
) -> None:
    """Find spikes in a column of counts."""
    from monitor.workflow.detect_file import detect_file

    document = detect_file(
        daily, column=column, timestamp_column=timestamp_column or None, budget_per_year=budget
    )
    if json_output:
        print_json(document)
        return
    alarms = [point for point in document["points"] if point["alarm"]]
    for point in alarms:
        when = point.get("date") or point.get("timestamp")
        typer.echo(
            f"{when}  {point['value']:g} where {point['expected']:.1f} ({point['low']:g}-{point['high']:g}) were expected"
        )
    if not alarms:
        typer.echo(f"no spike in {len(document['points'])} rows")
