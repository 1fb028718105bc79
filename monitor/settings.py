"""Settings: option > environment > .env > goodwill.toml > default, and the only reader of secrets.

`GOODWILL_REPORT__TIME_ZONE=Europe/Berlin` overrides `[report] time_zone`; `DATABASE_URL` is honoured when
neither option nor `GOODWILL_DATABASE__URL` names a database. A secret may be given as `GOODWILL_SLACK_TOKEN`
or as a file whose path is in `GOODWILL_SLACK_TOKEN_FILE`, in the environment or in `.env`; goodwill.toml never
holds one.
"""

from __future__ import annotations

import difflib
import io
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from monitor.domain.alerts import AlertOptions, RuleName, RuleOptions, Sensitivity
from monitor.errors import ConfigurationError

CONFIG_NAME = "goodwill.toml"
SECRET_NAMES = (
    "slack_token",
    "slack_bot_token",  # of the app that posts alerts, where it is not the app that reads
    "slack_app_token",
    "slack_signing_secret",
    "reddit_client_id",
    "reddit_client_secret",
    "reddit_username",
    "reddit_password",
)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class CompanySettings(_Section):
    """Who "us" is: names and aliases that make a post about us, and names that make it about others.

    `customers` is the number of people marketing can reach; touches per customer need it (0 = unknown).
    """

    name: str = ""
    aliases: list[str] = []
    products: list[str] = []
    competitors: list[str] = []
    negative_terms: list[str] = []
    customers: int = Field(default=0, ge=0)

    @property
    def our_names(self) -> tuple[str, ...]:
        """Every word that means us."""
        return tuple(name for name in (self.name, *self.aliases, *self.products) if name.strip())


class DatabaseSettings(_Section):
    """Where everything is kept."""

    url: str = ""


class ReportSettings(_Section):
    """How reports are made; quotes name no customer beyond `allowed_companies`."""

    time_zone: str = "UTC"
    holidays: str = ""
    folder: str = "reports"
    history_weeks: int = Field(default=52, ge=8, le=260)
    allowed_companies: list[str] = []

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(
                f"time zone {value!r} is not known: expected a name such as 'Europe/Berlin' or 'UTC'"
            )
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The report's time zone."""
        return ZoneInfo(self.time_zone)


class ModelSettings(_Section):
    """Which model reads the posts."""

    engine: Literal["onnx", "torch", "lexicon"] = "onnx"
    id: str = ""


class AlertRuleSettings(_Section):
    """One `[alerts.rules.<name>]` table: what is left out is as in `[alerts]`."""

    enabled: bool = True
    muted: bool = False
    sensitivity: Sensitivity | None = None
    cooldown_days: int | None = Field(default=None, ge=0, le=90)
    minimum_posts: int | None = Field(default=None, ge=1)


class AlertSettings(_Section):
    """When to speak up between two reports."""

    sensitivity: Sensitivity = Sensitivity.BALANCED
    weekly_budget: int = Field(default=3, ge=0, le=50)
    cooldown_days: int = Field(default=7, ge=0, le=90)
    minimum_posts: int = Field(default=3, ge=1)
    account_weight: float = Field(default=0.0, ge=0)
    quotes: int = Field(default=3, ge=0, le=5)
    rules: dict[RuleName, AlertRuleSettings] = {}

    @property
    def options(self) -> AlertOptions:
        """The rules' options, each with its own values over the common ones."""
        return AlertOptions(
            {name: self._rule(self.rules.get(name, AlertRuleSettings())) for name in RuleName},
            self.weekly_budget,
            self.account_weight,
        )

    def _rule(self, own: AlertRuleSettings) -> RuleOptions:
        return RuleOptions(
            own.enabled,
            own.muted,
            self.sensitivity if own.sensitivity is None else own.sensitivity,
            self.cooldown_days if own.cooldown_days is None else own.cooldown_days,
            self.minimum_posts if own.minimum_posts is None else own.minimum_posts,
        )


class SlackSettings(_Section):
    """Where alerts go, and who may use the bot."""

    base_url: str = Field(default="https://slack.com/api/", pattern=r"^https?://")
    channel: str = ""
    digest_channel: str = ""
    allowed_users: list[str] = []
    allowed_channels: list[str] = []
    report_url: str = Field(default="", pattern=r"^(https://.*)?$")
    timeout_seconds: int = Field(default=30, ge=1, le=120)


class SourceSettings(BaseModel):
    """One `[[sources]]` table; keys beyond these belong to the connector, which refuses unknown ones."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    kind: str
    enabled: bool = True
    about_us: Literal["all", "mentions"] = "mentions"
    retention_days: int | None = Field(default=None, ge=1)

    @property
    def options(self) -> Mapping[str, Any]:
        """The connector's own keys."""
        return dict(self.model_extra or {})


class _FileSettings(PydanticBaseSettingsSource):
    """goodwill.toml as the source below the environment."""

    def __init__(self, settings_class: type[BaseSettings], values: Mapping[str, Any]) -> None:
        super().__init__(settings_class)
        self._values = dict(values)

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the base's signature
        """The value of one field, as the base class asks for it."""
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._values


class Settings(BaseSettings):
    """All settings of one run, validated."""

    model_config = SettingsConfigDict(
        env_prefix="GOODWILL_",
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
    )
    company: CompanySettings = CompanySettings()
    database: DatabaseSettings = DatabaseSettings()
    report: ReportSettings = ReportSettings()
    model: ModelSettings = ModelSettings()
    alerts: AlertSettings = AlertSettings()
    slack: SlackSettings = SlackSettings()
    sources: list[SourceSettings] = []

    @field_validator("sources")
    @classmethod
    def _unique_names(cls, value: list[SourceSettings]) -> list[SourceSettings]:
        names = [source.name for source in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"source name {twice[0]!r} is used twice: each [[sources]] table needs its own name"
            )
        return value


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings together with where they came from.

    Attributes:
        settings: the validated values.
        folder: what relative paths of goodwill.toml are relative to.
        path: the file read; None when there was none.
        unknown_variables: `GOODWILL_*` variables that mean nothing, probably typing errors.
    """

    settings: Settings
    folder: Path
    path: Path | None
    unknown_variables: tuple[str, ...] = ()

    @property
    def database_url(self) -> str:
        """The database to open; a relative SQLite path is relative to goodwill.toml."""
        url = self.settings.database.url or environment(self.folder).get("DATABASE_URL", "") or "goodwill.db"
        for prefix in ("sqlite:///", ""):
            path = url.removeprefix(prefix)
            if (prefix and url.startswith(prefix)) or "://" not in url:
                return f"sqlite:///{self.folder / Path(path).expanduser()}"
        return url


def load(path: Path | None = None, *, overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Read settings.

    Args:
        path: the configuration file; None looks for goodwill.toml in the current folder.
        overrides: section -> values given as options.

    Raises:
        ConfigurationError: the file is missing, is not TOML, or holds a wrong or unknown key.
    """
    found = _find(path)
    values = _read_toml(found) if found else {}
    known = set(Settings.model_fields)
    if unknown := sorted(set(values) - known):
        raise ConfigurationError(
            f"{found} holds the unknown section {unknown[0]!r}: expected {', '.join(sorted(known))}. "
            "Correct the name or remove it; `goodwill init` writes a commented example."
        )
    folder = (found.parent if found else Path.cwd()).resolve()
    try:
        settings = _build(values, overrides or {}, folder)
    except ValidationError as error:
        raise ConfigurationError(_explain(error, found)) from None
    except SettingsError as error:
        # its message names the section; the cause holds the value, which may be a secret
        raise ConfigurationError(
            f"a GOODWILL_* variable cannot be used ({error}): lists are written as JSON, for instance "
            'GOODWILL_COMPANY__ALIASES=\'["acme", "acme.io"]\'. Correct or unset it.'
        ) from None
    return Loaded(settings, folder, found, _unknown_variables(folder))


def environment(folder: Path) -> dict[str, str]:
    """The environment's variables over those of `.env` in a folder.

    Raises:
        ConfigurationError: `.env` is there but cannot be read.
    """
    path = folder / ".env"
    text = _read_text(path, str(path)) if path.is_file() else ""
    written = dotenv_values(stream=io.StringIO(text))
    return {name: value for name, value in written.items() if value is not None} | dict(os.environ)


def _build(values: Mapping[str, Any], overrides: Mapping[str, Any], folder: Path) -> Settings:
    class _WithFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base's signature
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, dotenv_settings, _FileSettings(settings_cls, values)

    environment(folder)  # says what is wrong with an unreadable .env; pydantic would not
    arguments: dict[str, Any] = {
        "_env_file": folder / ".env",
        "_env_file_encoding": "utf-8-sig",
        **overrides,
    }
    loaded = _WithFile(**arguments)
    return Settings.model_construct(**{name: getattr(loaded, name) for name in Settings.model_fields})


def _find(path: Path | None) -> Path | None:
    if path is None:
        default = Path(CONFIG_NAME)
        return default if default.is_file() else None
    if not path.is_file():
        raise ConfigurationError(
            f"the configuration file {path} does not exist: give --config an existing file, or write one with "
            "`goodwill init`."
        )
    return path


def _read_text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    raise ConfigurationError(f"{what} cannot be read ({reason}): correct the file, or name another one.")


def _read_toml(path: Path) -> dict[str, Any]:
    text = _read_text(path, str(path))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = " A path with \\ stands in single quotes: 'C:\\data\\x.csv'." if "\\" in text else ""
        raise ConfigurationError(
            f"{path} is not valid TOML ({error}): correct that place, or compare with `goodwill init --print`.{hint}"
        ) from error


def _explain(error: ValidationError, path: Path | None) -> str:
    # The value is not shown for a key we do not know: it may be a secret written into the wrong place.
    lines = []
    for item in error.errors(include_url=False):
        place = ".".join(str(part) for part in item["loc"]) or "settings"
        if item["type"] == "extra_forbidden":
            lines.append(f"{place} is no setting ({_nearest(item['loc'])})")
        elif item["type"] == "missing":  # only [[sources]] tables have keys that must be there
            lines.append(f"[[sources]] table number {int(item['loc'][1]) + 1} has no `{item['loc'][-1]}`")
        else:
            open_to_all = place.partition(".")[0] in {"company", "report", "alerts"}
            mistaken = item["type"] == "literal_error" or (open_to_all and item["type"].endswith("_parsing"))
            value = f" is {item['input']!r}" if mistaken or isinstance(item["input"], int | float) else ""
            lines.append(f"{place}{value}: {item['msg'].removeprefix('Value error, ')}")
    told = f"{path or 'the environment'} cannot be used: {'; '.join(lines)}"
    return f"{told}. Correct it, or compare with `goodwill init --print`."


def _nearest(place: tuple[int | str, ...]) -> str:
    section = Settings.model_fields.get(str(place[0]))
    keys = sorted(getattr(section.annotation, "model_fields", ())) if section is not None else []
    close = difflib.get_close_matches(str(place[-1]), keys, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"expected one of {', '.join(keys)}" if keys and len(place) == 2 else "remove it"


def _unknown_variables(folder: Path) -> tuple[str, ...]:
    sections = set(Settings.model_fields)
    secrets = {name for base in SECRET_NAMES for name in (base, f"{base}_file")}
    known = sections | secrets | {"config"}
    names = [name for name in environment(folder) if name.startswith("GOODWILL_")]
    return tuple(
        sorted(name for name in names if name.removeprefix("GOODWILL_").lower().split("__")[0] not in known)
    )


def read_secrets(folder: Path | None = None) -> dict[str, SecretStr]:
    """Secrets from `GOODWILL_<NAME>` or the file named by `GOODWILL_<NAME>_FILE`; absent ones are left out.

    Args:
        folder: where `.env` is, and what a relative file is relative to; None is the current folder.

    Raises:
        ConfigurationError: a named file cannot be read.
    """
    base = folder or Path()
    known = environment(base)
    found: dict[str, SecretStr] = {}
    for name in SECRET_NAMES:
        variable = f"GOODWILL_{name.upper()}"
        value = known.get(variable, "")
        file = known.get(f"{variable}_FILE", "")
        if not value and file:
            path = base / Path(file).expanduser()
            value = _read_text(path, f"{path}, which {variable}_FILE names,").strip()
        if value:
            found[name] = SecretStr(value)
    return found
