"""What a connector module tells the registry about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.options import OptionInfo, describe_options
from monitor.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What every connector is built with, besides its own options.

    Attributes:
        name: the configured source's name.
        base_folder: what relative paths are relative to (the folder of goodwill.toml).
        secrets: secret name -> value; names that are not set are absent.
    """

    name: str
    base_folder: Path
    secrets: Mapping[str, str]

    def secret(self, name: str, what_for: str) -> str:
        """A secret that must be there.

        Raises:
            ConfigurationError: it is not set.
        """
        value = self.secrets.get(name, "").strip()
        if not value:
            raise ConfigurationError(
                f"source {self.name!r} needs the secret {name} ({what_for}), which is not set: "
                f"set GOODWILL_{name.upper()} in the environment or .env, or GOODWILL_{name.upper()}_FILE "
                "to a file that holds it."
            )
        return value


@dataclass(frozen=True, slots=True)
class ConnectorKind:
    """One word for `kind = "..."`: each connector module lists its own in `KINDS`.

    Attributes:
        kind: the word in goodwill.toml.
        description: one line for people who choose.
        needs_network: False for files.
        options_class: frozen dataclass made with `connectors.options.option`.
        build: makes the connector; it imports the vendor's SDK itself, and touches neither network nor files.
    """

    kind: str
    description: str
    needs_network: bool
    options_class: type[Any]
    build: Callable[[SourceContext, Any], Connector]

    @property
    def options(self) -> tuple[OptionInfo, ...]:
        """The keys this kind understands."""
        return describe_options(self.options_class)
