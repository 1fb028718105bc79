"""`goodwill doctor`: is everything in place, and if not, what to do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from monitor.cli.state import now, print_json, state_of
from monitor.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    part: Annotated[
        str, typer.Argument(help="`slack`: only what alerts and the bot need. Default: all but that.")
    ] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Do not contact any source.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Check settings, database, model, fonts and every source; or what alerts need of Slack."""
    if part not in {"", "slack"}:
        raise UsageError(f"{part!r} cannot be examined: expected nothing or slack.")
    loaded = state_of(context).load()
    if part:
        from monitor.workflow.doctor_slack import examine_slack

        checks = examine_slack(loaded, now=now())
    else:
        from monitor.workflow.doctor import examine

        checks = examine(loaded, now=now(), offline=offline)
    healthy = all(check.ok for check in checks)
    if json_output:
        print_json({"healthy": healthy, "checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            typer.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.message}")
    if not healthy:
        raise typer.Exit(1)
