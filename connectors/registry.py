"""Every kind of source by its word in goodwill.toml.

To add a connector: write its module with a `KINDS` tuple, name it in `_MODULES`, and add it to the
conformance tests in `tests/contract`. Modules are imported only when one of their kinds is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from connectors.base import Connector
from connectors.kinds import ConnectorKind, SourceContext
from connectors.options import OptionInfo, parse_options
from monitor.errors import ConfigurationError

_MODULES: Mapping[str, str] = {
    "slack": "connectors.slack",
    "slack_export": "connectors.slack_export",
    "reddit": "connectors.reddit",
    "reddit_jsonl": "connectors.reddit_jsonl",
    "deal_notes": "connectors.deal_notes",
    "nps": "connectors.nps_exports",
    "campaigns": "connectors.campaign_calendars",
    "campaign_results": "connectors.campaign_exports",
    "incidents": "connectors.incidents_file",
    "metrics": "connectors.metrics_file",
    "calendar": "connectors.calendar_ics",
    "posts": "connectors.posts_file",
}


@dataclass(frozen=True, slots=True)
class KindInfo:
    """A kind of source, for documentation, `goodwill init` and `goodwill doctor`."""

    description: str
    needs_network: bool
    options: tuple[OptionInfo, ...]


def kind_names() -> tuple[str, ...]:
    """Every kind's word, in alphabetical order. Imports nothing."""
    return tuple(sorted(_MODULES))


def known_kinds() -> Mapping[str, KindInfo]:
    """Every kind with its description and keys, by name. Imports all connector modules, but no SDK."""
    return {kind: _info(_find(kind)) for kind in sorted(_MODULES)}


def build_connector(
    kind: str,
    name: str,
    options: Mapping[str, object],
    *,
    base_folder: Path,
    secrets: Mapping[str, str],
) -> Connector:
    """The connector of one `[[sources]]` table. Touches neither network nor files.

    Args:
        kind: the table's `kind`.
        name: the table's `name`.
        options: its other keys, without those that belong to the settings.
        base_folder: what relative paths are relative to.
        secrets: secret name -> value ("slack_token", "reddit_client_id", ...).

    Raises:
        ConfigurationError: the kind or a key is unknown, a value is wrong, or a needed secret is not set.
    """
    if kind not in _MODULES:
        close = get_close_matches(kind, list(_MODULES), 1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        raise ConfigurationError(
            f"source {name!r} has the unknown kind {kind!r}: expected one of {', '.join(sorted(_MODULES))}. "
            f"{hint}Correct `kind` in goodwill.toml."
        )
    entry = _find(kind)
    parsed = parse_options(entry.options_class, options, source=name, kind=kind, base_folder=base_folder)
    return entry.build(SourceContext(name, base_folder, secrets), parsed)


def _find(kind: str) -> ConnectorKind:
    kinds: tuple[ConnectorKind, ...] = import_module(_MODULES[kind]).KINDS
    return next(entry for entry in kinds if entry.kind == kind)


def _info(entry: ConnectorKind) -> KindInfo:
    return KindInfo(entry.description, entry.needs_network, entry.options)
