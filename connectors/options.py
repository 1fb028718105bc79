"""Connector options: a frozen dataclass per kind, filled from a `[[sources]]` table and checked strictly.

A connector declares its keys once:

    @dataclass(frozen=True, slots=True)
    class ForumOptions:
        url: str = option("address of the forum")
        pages: int = option("pages read at most", default=10, minimum=1)

and `parse_options` refuses everything else. Field types understood: str, bool, int, float, `Path` (made
absolute against the folder of goodwill.toml), a `StrEnum` or `Literal` of words, `tuple[str, ...]` (a list,
or one word), `Mapping[str, str]` and `Mapping[str, object]` (a table), and each of them `| None`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar, Union

from monitor.errors import ConfigurationError

OptionsT = TypeVar("OptionsT")
_REFUSED = object()


@dataclass(frozen=True, slots=True)
class OptionInfo:
    """One key of a connector, for documentation and `goodwill init`.

    Attributes:
        default: as it would stand in goodwill.toml; None when there is none.
    """

    name: str
    expected: str
    description: str
    required: bool
    default: object = None


def option(
    description: str,
    *,
    default: object = MISSING,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:
    """Declare one option; without `default` it is required. A table's default is `{}`, a list's `()`."""
    metadata = {"description": description, "minimum": minimum, "maximum": maximum}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def describe_options(options_class: type[Any]) -> tuple[OptionInfo, ...]:
    """The keys of an options class, in the order of their declaration."""
    hints = typing.get_type_hints(options_class)
    return tuple(
        OptionInfo(
            name=entry.name,
            expected=_expectation(hints[entry.name], entry),
            description=str(entry.metadata.get("description", "")),
            required=_is_required(entry),
            default=_default(entry),
        )
        for entry in fields(options_class)
    )


def parse_options(
    options_class: type[OptionsT],
    values: Mapping[str, object],
    *,
    source: str,
    kind: str,
    base_folder: Path,
) -> OptionsT:
    """Fill an options class from the keys of one `[[sources]]` table.

    Raises:
        ConfigurationError: an unknown key, a missing key, or a value of the wrong type or range.
    """
    known = {entry.name: entry for entry in fields(options_class)}  # type: ignore[arg-type]
    _refuse_unknown(sorted(map(str, values)), list(known), source, kind)
    hints = typing.get_type_hints(options_class)
    filled: dict[str, object] = {}
    for name, entry in known.items():
        if name in values:
            filled[name] = _checked(values[name], hints[name], entry, source, base_folder)
        elif _is_required(entry):
            raise ConfigurationError(
                f"source {source!r} of kind {kind!r} lacks {name!r}: expected {_expectation(hints[name], entry)} "
                f"({entry.metadata.get('description', '')}). Add it to its [[sources]] table in goodwill.toml."
            )
    return options_class(**filled)


def _refuse_unknown(given: list[str], known: list[str], source: str, kind: str) -> None:
    for name in given:
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = f"Did you mean {close[0]!r}? " if close else ""
            raise ConfigurationError(
                f"source {source!r} of kind {kind!r} has the unknown key {name!r}: expected one of "
                f"{', '.join(sorted(known)) or 'no keys at all'}. {hint}Correct it or remove it in goodwill.toml."
            )


def _checked(value: object, hint: Any, entry: Field[Any], source: str, base_folder: Path) -> object:
    converted = _convert(value, hint, base_folder)
    number = converted if isinstance(converted, int | float) and not isinstance(converted, bool) else None
    minimum, maximum = entry.metadata.get("minimum"), entry.metadata.get("maximum")
    too_small = number is not None and minimum is not None and number < minimum
    too_large = number is not None and maximum is not None and number > maximum
    if converted is _REFUSED or too_small or too_large:
        shown = repr(value)
        raise ConfigurationError(
            f"source {source!r} has {entry.name} = {shown if len(shown) <= 80 else shown[:77] + '...'}: "
            f"expected {_expectation(hint, entry)} ({entry.metadata.get('description', '')}). "
            "Correct it in goodwill.toml."
        )
    return converted


def _convert(value: object, hint: Any, base_folder: Path) -> object:
    """`value` as `hint` wants it, or `_REFUSED`."""
    origin = typing.get_origin(hint)
    if origin in {Union, types.UnionType}:
        return _convert_union(value, hint, base_folder)
    if origin is Literal:
        return value if value in typing.get_args(hint) else _REFUSED
    if origin is tuple:
        return _convert_words(value)
    if origin in {dict, Mapping}:
        return _convert_table(value, typing.get_args(hint)[1])
    converter = _PLAIN.get(hint)
    if converter is not None:
        return converter(value)
    if hint is Path:
        is_path = isinstance(value, str | Path) and str(value) not in {"", "."} and "\0" not in str(value)
        return base_folder / Path(str(value)).expanduser() if is_path else _REFUSED
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value) if value in [member.value for member in hint] else _REFUSED
    return value


def _convert_union(value: object, hint: Any, base_folder: Path) -> object:
    for member in typing.get_args(hint):
        if member is type(None):
            if value is None:
                return None
            continue
        converted = _convert(value, member, base_folder)
        if converted is not _REFUSED:
            return converted
    return _REFUSED


def _convert_words(value: object) -> object:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(
        isinstance(word, str) and word.strip() for word in words
    ):
        return _REFUSED
    return tuple(dict.fromkeys(word.strip() for word in words))


def _convert_table(value: object, value_type: Any) -> object:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        return _REFUSED
    if value_type is str and not all(isinstance(item, str) for item in value.values()):
        return _REFUSED
    return dict(value)


def _convert_float(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - NaN
    return float(value) if is_number else _REFUSED  # type: ignore[arg-type]


_PLAIN: Mapping[Any, Callable[[object], object]] = {
    str: lambda value: value if isinstance(value, str) else _REFUSED,
    bool: lambda value: value if isinstance(value, bool) else _REFUSED,
    int: lambda value: value if isinstance(value, int) and not isinstance(value, bool) else _REFUSED,
    float: _convert_float,
}
_WORDS: Mapping[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Path: "a path",
}


def _expectation(hint: Any, entry: Field[Any]) -> str:
    minimum, maximum = entry.metadata.get("minimum"), entry.metadata.get("maximum")
    limits = "" if minimum is None else f" of at least {minimum}"
    limits += "" if maximum is None else f"{' and' if limits else ' of'} at most {maximum}"
    return _expected_type(hint) + limits


def _expected_type(hint: Any) -> str:
    origin = typing.get_origin(hint)
    if origin in {Union, types.UnionType}:
        return " or ".join(_expected_type(m) for m in typing.get_args(hint) if m is not type(None))
    if origin is Literal:
        return "one of " + ", ".join(repr(word) for word in typing.get_args(hint))
    if origin is tuple:
        return "a list of texts"
    if origin in {dict, Mapping}:
        return "a table of texts" if typing.get_args(hint)[1] is str else "a table"
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return "one of " + ", ".join(repr(member.value) for member in hint)
    return _WORDS.get(hint, str(hint))


def _is_required(entry: Field[Any]) -> bool:
    return entry.default is MISSING and entry.default_factory is MISSING


def _default(entry: Field[Any]) -> object:
    if entry.default is not MISSING:
        return entry.default
    return entry.default_factory() if entry.default_factory is not MISSING else None
