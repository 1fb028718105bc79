"""`goodwill db`: the database itself."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.state import now, print_json, state_of


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="Look after the database.")
    group.command("info")(info)
    group.command("upgrade")(upgrade)
    group.command("search")(search)
    group.command("forget")(forget)
    app.add_typer(group, name="db")


def info(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Count what the database holds."""
    from monitor.store.overview import overview

    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database:
        facts = overview(database)
    if json_output:
        print_json(facts)
        return
    for name, value in facts.items():
        typer.echo(f"{name:<22} {value}")


def upgrade(context: typer.Context) -> None:
    """Bring the database to this version's schema (every command does so by itself)."""
    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database:
        typer.echo(f"{database.shown_url} is at the schema of this version")


def search(
    context: typer.Context,
    words: Annotated[str, typer.Argument(help="Words that must all occur.")],
    limit: Annotated[int, typer.Option(help="At most this many posts.", min=1, max=1000)] = 20,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Find posts by their words (shown with names, addresses and links redacted)."""
    from monitor.workflow.search import search_posts

    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database:
        found = search_posts(database, words, limit=limit)
    if json_output:
        print_json({"posts": found})
        return
    for post in found:
        typer.echo(f"{post['day']}  {post['source']}  {post['text']}")


def forget(
    context: typer.Context,
    author: Annotated[str, typer.Option("--author", help="The author's id at the source.")],
    source: Annotated[str, typer.Option("--source", help="The source the author writes in.")],
) -> None:
    """Delete everything a person wrote; only counts stay."""
    from monitor.store.lock import exclusive
    from monitor.store.posts import delete_author

    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database, exclusive(database), database.transaction() as connection:
        count = delete_author(connection, source, author, now=now())
    typer.echo(f"{count} posts deleted")
