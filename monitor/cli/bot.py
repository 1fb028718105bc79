"""`goodwill bot`: the Slack bot, by Socket Mode, without a public address."""

from __future__ import annotations

import typer

from monitor.cli.state import state_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bot")(bot)


def bot(context: typer.Context) -> None:
    """Answer buttons and /goodwill in Slack, and deliver what waits; runs until it is stopped."""
    from monitor.bot.runner import run_bot

    state = state_of(context)
    loaded = state.load()
    with state.open_database(loaded) as database:
        run_bot(database, loaded, connected=lambda: state.say("the bot runs; stop it with Ctrl-C"))
