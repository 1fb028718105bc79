"""The Slack bot: buttons, modals, the slash command and the home tab."""
