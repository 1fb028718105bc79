"""`goodwill correlate`: did campaigns precede more negative posts or a dip of NPS?"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from monitor.cli.state import now, print_json, state_of
from monitor.errors import InputError, UsageError

if TYPE_CHECKING:
    from monitor.domain.series import SeriesName
    from monitor.settings import Loaded
    from monitor.store.database import Database


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("correlate")(correlate)


def correlate(
    context: typer.Context,
    daily: Annotated[Path | None, typer.Option(help="CSV: date,total,negative[,negative_marketing].")] = None,
    campaigns: Annotated[Path | None, typer.Option(help="CSV: id,type,start,end[,channel].")] = None,
    incidents: Annotated[Path | None, typer.Option(help="CSV: kind,start,end.")] = None,
    nps: Annotated[Path | None, typer.Option(help="CSV: date,score[,segment].")] = None,
    series: Annotated[
        str, typer.Option(help="negative_marketing or negative. Default: both, complaints first.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Seed of simulated p-values.")] = 0,
    json_output: Annotated[bool, typer.Option("--json", help="Print the full result as JSON.")] = False,
) -> None:
    """Judge campaigns: likely, possible, no sign or cannot tell.

    With --daily and --campaigns it reads CSV files, without them the database.
    """
    if series not in {"", "negative_marketing", "negative"}:
        raise UsageError(f"--series is {series!r}: expected negative_marketing or negative.")
    if daily is None and campaigns is None:
        document = _from_database(context, seed)
    elif daily is None or campaigns is None:
        missing = "--daily" if daily is None else "--campaigns"
        raise UsageError(f"{missing} is missing: give both files, or neither to read the database.")
    else:
        from monitor.workflow.correlate_files import CorrelateFiles, correlate_files

        chosen = cast("SeriesName", series) if series else None
        files = CorrelateFiles(daily, campaigns, incidents, nps)
        document = correlate_files(files, series=chosen, seed=seed)
    if json_output:
        print_json(document)
        return
    _print_text(document)
    if "as_of" in document and document["campaigns"]:
        state_of(context).say(
            f"note: judged as of {document['as_of']}, the last complete day, as alerts are; the weekly report judges as of "
            "its Sunday, so its numbers may differ a little."
        )


def _print_text(document: dict[str, Any]) -> None:
    """A line a campaign and a line a comparison of customers on standard output, notes on standard error.

    A campaign whose calendar entry names no group of customers gets no second line.
    """
    from monitor.workflow.audience import EVERYBODY, UNKNOWN_AUDIENCE

    for campaign in document["campaigns"]:
        # the first column says it already
        sentence = campaign["sentence"].replace(": cannot tell; ", ": ", 1)
        typer.echo(f"{campaign['verdict']:<12} {sentence}")
    for comparison in document.get("exposed", []):
        if comparison["compared"] or comparison["reason"] not in {EVERYBODY, UNKNOWN_AUDIENCE}:
            typer.echo(f"{comparison['verdict']:<12} {comparison['sentence']}")
    for note in document.get("notes", []):
        typer.echo(f"note: {note}", err=True)


def _from_database(context: typer.Context, seed: int) -> dict[str, Any]:
    from monitor.workflow.analysis import analyse
    from monitor.workflow.correlate_database import analysis_as_dict

    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database:
        as_of = _last_complete_day(database, loaded)
        analysis = analyse(
            database, loaded.settings.report, as_of, customers=loaded.settings.company.customers, seed=seed
        )
    return analysis_as_dict(analysis)


def _last_complete_day(database: Database, loaded: Loaded) -> date:
    """The day that alerts judge, too: of today only some posts are in, which would pass for a quiet day."""
    from monitor.workflow.alert import last_complete_day

    try:
        return last_complete_day(database, loaded, now())
    except InputError:  # no posts; there may be answers
        return now().astimezone(loaded.settings.report.zone).date() - timedelta(days=1)
