"""`goodwill config`: what is set, and where it came from."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from monitor.cli.state import print_json, state_of


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(no_args_is_help=True, help="Show the settings that are in force.")
    group.command("show")(show)
    app.add_typer(group, name="config")


def show(
    context: typer.Context,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show every setting; secrets only as set or not set."""
    from monitor.settings import SECRET_NAMES, read_secrets
    from monitor.store.database import shown_url

    loaded = state_of(context).load()
    document: dict[str, Any] = loaded.settings.model_dump(mode="json")
    document["database"]["url"] = shown_url(loaded.database_url)
    held = read_secrets(loaded.folder)
    document["sources"] = [_masked(source) for source in document["sources"]]
    document["secrets"] = {name: "set" if name in held else "not set" for name in SECRET_NAMES}
    document["file"] = str(loaded.path) if loaded.path else None
    if json_output:
        print_json(document)
        return
    for section, values in document.items():
        if isinstance(values, dict):
            typer.echo(f"[{section}]")
            for key, value in values.items():
                typer.echo(f"  {key} = {value!r}")
        elif section == "sources":
            for source in values:
                typer.echo(f"[[sources]] {source['name']} ({source['kind']})")
        else:
            typer.echo(f"{section} = {values}")


def _masked(source: dict[str, Any]) -> dict[str, Any]:
    """A secret that somebody wrote into a source's table, where it does not belong, is not shown."""
    words = ("secret", "token", "password")
    return {k: "***" if any(word in k.lower() for word in words) else v for k, v in source.items()}
