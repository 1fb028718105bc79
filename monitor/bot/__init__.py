"""The Slack bot: alerts, buttons and the slash command."""
