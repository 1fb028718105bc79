"""`goodwill cloud`: word-cloud images for review meetings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.state import now, print_json, state_of
from monitor.domain.weeks import IsoWeek


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("cloud")(cloud)


def cloud(
    context: typer.Context,
    week: Annotated[
        str, typer.Option("--week", help="ISO week such as 2026-W46. Default: the last complete one.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Option("--output", help="Folder for the images. Default: the settings' one.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the paths as JSON.")] = False,
) -> None:
    """Draw the words that set the week's negative posts apart from the weeks before."""
    from monitor.workflow.cloud import draw_clouds

    state = state_of(context)
    loaded = state.load()
    chosen = IsoWeek.parse(week) if week else IsoWeek.last_complete(now(), loaded.settings.report.zone)
    target = folder or loaded.folder / loaded.settings.report.folder
    with state.open_database(loaded) as database:
        outcome = draw_clouds(database, loaded, chosen, target)
    if json_output:
        print_json(
            {
                "week": str(chosen),
                "files": [str(path) for path in outcome.files],
                "notes": list(outcome.notes),
            }
        )
        return
    for path in outcome.files:
        typer.echo(str(path))
    for note in outcome.notes:
        state.say(note)
