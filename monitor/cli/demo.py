"""`goodwill demo`: a year of a made-up company, from input files to the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.progress import Progress
from monitor.cli.state import State, state_of

if TYPE_CHECKING:
    from monitor.demo.company import DemoCompany


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--dir", help="Folder for the files.")] = Path("goodwill-demo"),
    seed: Annotated[int, typer.Option("--seed", help="Another seed is another year.")] = 7,
    force: Annotated[bool, typer.Option("--force", help="Write again over an earlier demo.")] = False,
    files_only: Annotated[bool, typer.Option("--files-only", help="Write the input files and stop.")] = False,
) -> None:
    """Write a year of synthetic data as ordinary input files, then do what `goodwill run` does.

    Nothing is staged: the report is computed from the files, and truth.json says what was planted in them.
    """
    from monitor.demo.company import write_company

    state = state_of(context)
    company = write_company(folder, seed=seed, overwrite=force)
    state.say(f"{company.description}\nInput files (synthetic, seed {seed}): {folder}")
    if files_only:
        return
    _run(state, folder, company)


def _run(state: State, folder: Path, company: DemoCompany) -> None:
    from monitor.settings import load
    from monitor.store.lock import exclusive
    from monitor.workflow.opening import open_database
    from monitor.workflow.run import run_once

    loaded = load(folder / "goodwill.toml")
    with (
        open_database(loaded) as database,
        exclusive(database),
        Progress(state, "starting") as progress,
    ):
        outcome = run_once(database, loaded, now=company.last_moment, week=company.week, steps=progress)
    typer.echo(outcome.terminal)
    state.say("Open these files:")
    for path in outcome.files:
        state.say(f"  {path}")
    state.say(f"What was planted:\n  {folder / 'truth.json'}")
    state.say(f"Next: cd {folder} && goodwill report weekly --week {company.week.shifted(-1)}")
