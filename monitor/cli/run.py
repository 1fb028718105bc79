"""`goodwill run`: the whole weekly job, as cron calls it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.progress import Progress
from monitor.cli.state import State, now, print_json, state_of
from monitor.cli.sync import exit_code, no_source, report_problems, show_examples, summary_line
from monitor.domain.weeks import IsoWeek

if TYPE_CHECKING:
    from monitor.workflow.alert_after_run import AlertsAfterRun


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    context: typer.Context,
    week: Annotated[
        str, typer.Option("--week", help="ISO week such as 2026-W46. Default: the last complete one.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option("--output", help="Folder for the files. Default: the settings' one.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Sync, score, correlate, write the weekly report, and check alerts where a channel is set; safe to repeat."""
    from monitor.store.lock import exclusive
    from monitor.workflow.alert_after_run import alert_after_run
    from monitor.workflow.opening import holds_data
    from monitor.workflow.run import run_once

    state = state_of(context)
    loaded = state.load()
    if not loaded.settings.sources and not holds_data(loaded):
        raise no_source(loaded)
    chosen = IsoWeek.parse(week) if week else None
    with state.open_database(loaded) as database:
        with exclusive(database), Progress(state, "starting") as progress:
            outcome = run_once(database, loaded, now=now(), week=chosen, folder=folder, steps=progress)
        alerts = alert_after_run(database, loaded, now=now())
    if json_output:
        print_json(
            {
                "week": str(outcome.week),
                "sources": [{"name": o.summary.source, "status": o.status} for o in outcome.outcomes],
                "problems": [*outcome.problems, *(p for o in outcome.outcomes for p in o.summary.problems)],
                "scores": asdict(outcome.scores),
                "files": [str(path) for path in outcome.files],
                "alerts": None if alerts is None else alerts.document(),
            }
        )
    else:
        for one in outcome.outcomes:
            state.say(summary_line(one))
        typer.echo(outcome.terminal)
        for path in outcome.files:
            state.say(f"written: {path}")
    if state.verbose:
        show_examples(state, list(outcome.outcomes))
    if alerts is not None:
        _tell(state, alerts)
    report_problems(state, list(outcome.outcomes), list(outcome.problems))
    code = (
        exit_code(list(outcome.outcomes), list(outcome.problems))
        if outcome.outcomes or outcome.problems
        else 0
    )
    if code:
        raise typer.Exit(code)


def _tell(state: State, alerts: AlertsAfterRun) -> None:
    """Say what the alert check did; its problems change no exit code, since the next check sends what waits."""
    for note in alerts.notes:
        state.say(f"note: {note}")
    state.say(alerts.sentence())
    for problem in alerts.problems:
        state.complain(f"problem: alerts: {problem}")
