"""`goodwill report`: the weekly report in every form."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.state import State, now, state_of, uncollected, write_output
from monitor.domain.weeks import IsoWeek
from monitor.errors import UsageError

FORMATS = ("terminal", "markdown", "json", "html")


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="Write reports from what the database holds.")
    group.command("weekly")(weekly)
    app.add_typer(group, name="report")


def weekly(
    context: typer.Context,
    week: Annotated[
        str, typer.Option("--week", help="ISO week such as 2026-W46. Default: the last complete one.")
    ] = "",
    output_format: Annotated[
        str, typer.Option("--format", help="terminal, markdown, json or html.")
    ] = "terminal",
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write. Default: standard output.")
    ] = None,
    verbatim: Annotated[
        bool, typer.Option("--verbatim", help="Show posts unredacted; only for this terminal.")
    ] = False,
) -> None:
    """The weekly report: what changed, which campaigns it followed, and how sure that is."""
    if output_format not in FORMATS:
        raise UsageError(f"--format is {output_format!r}: expected {', '.join(FORMATS)}.")
    if verbatim and (output_format != "terminal" or output is not None):
        raise UsageError(
            "--verbatim shows posts unredacted on this terminal only: leave --output and --format out."
        )
    if verbatim and not sys.stdout.isatty():
        raise UsageError(
            "--verbatim shows posts unredacted on this terminal only, and standard output is no terminal: give the "
            "command without > or |, or leave --verbatim out to write the redacted report."
        )
    with uncollected():
        write_output(_render(state_of(context), week, output_format, output, verbatim=verbatim), output)


def _render(state: State, week: str, output_format: str, output: Path | None, *, verbatim: bool) -> str:
    from monitor.workflow.weekly import render_week, weekly_report

    loaded = state.load()
    moment = now()
    chosen = IsoWeek.parse(week) if week else IsoWeek.last_complete(moment, loaded.settings.report.zone)
    with state.open_database(loaded) as database:
        report = weekly_report(database, loaded, chosen, now=moment, verbatim=verbatim)
    return render_week(report, output_format, to_terminal=output is None)
