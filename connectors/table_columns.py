"""Which column of a file means what: the user's mapping first, then the names that tools commonly give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from connectors.text import clean_name
from monitor.errors import ConfigurationError, InputError


@dataclass(frozen=True, slots=True)
class Column:
    """Something a kind reads from each row.

    Attributes:
        field: our word, the key of the `columns` table.
        aliases: names that tools give it, most telling first; case, spaces and punctuation do not matter.
        required: without it the file cannot be read.
    """

    field: str
    aliases: tuple[str, ...] = ()
    required: bool = False


def plain_name(name: str) -> str:
    """A column's name without what people and tools vary: case, spaces, punctuation."""
    return "".join(character for character in name.casefold() if character.isalnum())


def check_mapping(mapping: Mapping[str, str], columns: Sequence[Column], source: str, kind: str) -> None:
    """Refuse keys of `columns` that mean nothing to this kind.

    Raises:
        ConfigurationError: with the key and the known ones.
    """
    known = [column.field for column in columns]
    for key in mapping:
        if key not in known:
            close = get_close_matches(key, known, 1)
            hint = f"Did you mean {close[0]!r}? " if close else ""
            raise ConfigurationError(
                f"source {source!r} of kind {kind!r} has the unknown key {key!r} in `columns`: expected "
                f"{', '.join(known)}. {hint}Correct it in goodwill.toml."
            )


def resolve_columns(
    columns: Sequence[Column],
    mapping: Mapping[str, str],
    guessed: Mapping[str, str],
    found: Sequence[str],
    file: str,
    marked: Mapping[str, str] | None = None,
    key: str = "columns",
) -> dict[str, str]:
    """Field -> the file's column, for every field that is there.

    Args:
        columns: what the kind reads.
        mapping: the user's `columns` table (or that of another `key`); an empty text says that a field shall not be read.
        guessed: what question texts suggest; only for fields that no column's name gives.
        found: the file's columns.
        file: its name, for messages.
        marked: what a tool's own marks tell for certain; wins over names.
        key: the option that holds `mapping`, for messages.

    Raises:
        InputError: a mapped or required column is not there.
    """
    by_name = {plain_name(name): name for name in reversed(found) if name}
    resolved: dict[str, str] = {}
    for column in columns:
        if column.field in mapping:
            if mapping[column.field].strip():
                resolved[column.field] = _mapped(column.field, mapping[column.field], found, file, key)
            continue
        names = [plain_name(alias) for alias in (column.field, *column.aliases)]
        named = next((by_name[key] for key in names if key in by_name), None)
        name = (marked or {}).get(column.field) or named or guessed.get(column.field)
        if name is not None:
            resolved[column.field] = name
    _require(columns, resolved, found, file)
    return resolved


def _mapped(field: str, wanted: str, found: Sequence[str], file: str, key: str) -> str:
    name = clean_name(wanted)
    if name in found:
        return name
    same = [other for other in found if plain_name(other) == plain_name(name)]
    if len(same) == 1:
        return same[0]
    raise InputError(
        f"{file} has no column {name!r}, which `{key}` names for {field!r}: {_listed(found)} Correct `{key}`."
    )


def _require(columns: Sequence[Column], resolved: Mapping[str, str], found: Sequence[str], file: str) -> None:
    missing = [column.field for column in columns if column.required and column.field not in resolved]
    if missing:
        if len(names := [name for name in found if name]) == 1:
            raise InputError(
                f"{file} has no column for {' and '.join(map(repr, missing))}: its only column is {names[0]!r}. "
                "If that is a title, delete the lines above the column names; if it holds them all, set `delimiter` "
                "to what stands between them."
            )
        example = f'columns = {{ {missing[0]} = "..." }}'
        raise InputError(
            f"{file} has no column for {' and '.join(map(repr, missing))}: {_listed(found)} Name it with {example}."
        )


def _listed(found: Sequence[str]) -> str:
    shown = [name for name in found if name][:40]
    more = f" and {len(found) - len(shown)} more" if len(found) > 40 else ""
    return f"its columns are {', '.join(map(repr, shown)) or '(none)'}{more}."
