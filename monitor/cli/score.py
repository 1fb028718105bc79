"""`goodwill score`: read every new text with the local model."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from monitor.cli.progress import Progress
from monitor.cli.state import print_json, state_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score")(score)


def score(
    context: typer.Context,
    engine: Annotated[
        str, typer.Option("--engine", help="onnx, torch or lexicon. Default: the settings' one.")
    ] = "",
    model: Annotated[
        str, typer.Option("--model", help="Model id or folder. Default: the settings' one.")
    ] = "",
    json_output: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Score new texts, label posts and bring the daily counts up to date."""
    from models.load import load_scorer
    from monitor.store.lock import exclusive
    from monitor.workflow.about_us import AboutUs
    from monitor.workflow.score import score_posts

    state = state_of(context)
    loaded = state.load()
    chosen = loaded.settings.model
    scorer = load_scorer(engine or chosen.engine, model or chosen.id or None)
    about_us = AboutUs.from_settings(loaded.settings)
    with state.open_database(loaded) as database, exclusive(database), Progress(state, "scoring") as progress:
        summary = score_posts(database, scorer, about_us, progress=progress.count)
    if json_output:
        print_json(asdict(summary))
    else:
        typer.echo(f"{summary.scored} texts scored by {summary.model_id}, {summary.labelled} posts labelled")
