"""`goodwill db`: the database itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from monitor.cli.state import now, print_json, state_of


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="Look after the database.")
    group.command("info")(info)
    group.command("upgrade")(upgrade)
    group.command("search")(search)
    group.command("sources")(list_sources)
    group.command("forget")(forget)
    group.command("untrace")(untrace)
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
    if not found:
        state.say(f"no post holds {words!r}: give fewer words, or other forms of them.")
    for post in found:
        typer.echo(f"{post['day']}  {post['source']}  {post['text']}")


def list_sources(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List every source that was ever read, with its policy and its last complete reading."""
    from monitor.store.sources import read_sources

    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database, database.reading() as connection:
        found = read_sources(connection)
    rows = [
        {
            "name": source.name,
            "kind": source.kind,
            "identity_policy": source.identity_policy.value,
            "retention_days": source.retention_days,
            "last_success_at": source.last_success_at.isoformat() if source.last_success_at else None,
        }
        for source in found
    ]
    if json_output:
        print_json({"sources": rows})
        return
    for row in rows:
        kept = f"kept {row['retention_days']} days" if row["retention_days"] else "kept without limit"
        typer.echo(f"{row['name']}  {row['kind']}  {kept}  last read {row['last_success_at'] or 'never'}")


def forget(
    context: typer.Context,
    author: Annotated[str, typer.Option("--author", help="The person's id at the source.")],
    source: Annotated[str, typer.Option("--source", help="The source, as `goodwill db sources` names it.")],
    without_trace: Annotated[
        bool,
        typer.Option(
            "--without-trace",
            help="Keep no keyed hashes of the name: what others wrote of the person then shows it.",
        ),
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Delete everything a person wrote in a source, for good; only counts and keyed hashes of the name stay."""
    from monitor.store.lock import exclusive
    from monitor.workflow.forget import forget_person

    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database, exclusive(database):
        done = forget_person(database, source, author, now=now(), without_trace=without_trace)
    if json_output:
        print_json(asdict(done))
        return
    if not (done.posts or done.answers or done.deals):
        state.complain(
            f"goodwill: {source} knows no {author!r}: give the id at the source (Slack: U..., Reddit: t2_...), not the name."
        )
        return
    typer.echo(
        f"{_counted(done.posts, 'post')} deleted, {_counted(done.answers, 'NPS answer')} and "
        f"{_counted(done.deals, 'deal')} made anonymous"
    )
    if done.name_hashes == 1:
        typer.echo(
            "1 keyed hash of the name stays, so that other people's posts do not show it; "
            "`goodwill db untrace` erases it"
        )
    elif done.name_hashes:
        typer.echo(
            f"{done.name_hashes} keyed hashes of the name stay, so that other people's posts do not show it; "
            "`goodwill db untrace` erases them"
        )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def untrace(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Option("--name", help="Only this name's, written as its source showed it, or a word's."),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Erase the keyed hashes of names that left the database; other people's posts then show these names."""
    from monitor.store.lock import exclusive
    from monitor.workflow.forget import erase_traces

    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database, exclusive(database):
        erased = erase_traces(database, name)
    if json_output:
        print_json({"erased": erased})
        return
    typer.echo(f"{erased} keyed hash{'' if erased == 1 else 'es'} erased")
    if name is not None and not erased:
        state.complain(
            f"goodwill: no forgotten name is {name!r}: give it as its source showed it, with its capitals, "
            "or one word of it."
        )
