"""Write docs/reference/cli.md from the commands' own help (run by `make docs`)."""

from __future__ import annotations

from pathlib import Path

import typer.main

from monitor.cli.everywhere import PANEL
from monitor.cli.main import app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md"
HEAD = "# Commands\n\nGenerated from the commands' own help by `make docs`; a test holds the two together.\n"
COMMON = """\
## Options of every command

They stand before or after the command: `goodwill --quiet run` and `goodwill run --quiet` are the same. Given twice, the
later one wins.
"""


def reference() -> str:
    """The page as Markdown: every command with its arguments and options."""
    root = typer.main.get_command(app)
    parts = [HEAD]
    for name in root.list_commands(None):
        command = root.get_command(None, name)
        if hasattr(command, "list_commands"):
            parts += [
                _page(f"goodwill {name} {child}", command.get_command(None, child))
                for child in command.list_commands(None)
            ]
        else:
            parts.append(_page(f"goodwill {name}", command))
    parts.append(_options(COMMON, root))
    return "\n".join(parts)


def _page(title: str, command: object) -> str:
    text = " ".join((getattr(command, "help", "") or "").split("\f")[0].split())
    arguments = [
        f"- `{parameter.name}`: {getattr(parameter, 'help', '') or ''}"
        for parameter in command.params  # type: ignore[attr-defined]
        if parameter.param_type_name == "argument"
    ]
    lines = "\n".join(arguments)
    head = f"## {title}\n\n{text}\n" + (f"\n{lines}\n" if lines else "")
    return _options(head, command)


def _options(head: str, command: object) -> str:
    rows = []
    for parameter in command.params:  # type: ignore[attr-defined]
        if parameter.param_type_name != "option" or parameter.name in {
            "help",
            "install_completion",
            "show_completion",
        }:
            continue
        if getattr(parameter, "rich_help_panel", None) == PANEL:
            continue  # listed once, at the end
        names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
        default = parameter.default
        shown = "" if default in (None, "", False, ()) or callable(default) else f" Default: `{default}`."
        rows.append(f"| {names} | {(parameter.help or '').strip()}{shown} |")
    if not rows:
        return head
    return head + "\n| option | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(reference(), encoding="utf-8")
