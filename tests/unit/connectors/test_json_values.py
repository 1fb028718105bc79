"""Reading JSON of people we do not know."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.json_values import BadJson, as_count, as_moment, parse_json, parse_json_array

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(st.text() | st.text(alphabet='[]{}",\\:0e-'))
def test_any_text_is_a_value_or_a_reason(text: str) -> None:
    """Nothing raises."""
    parse_json(text)
    list(parse_json_array(text))


@settings(max_examples=40, deadline=None)
@given(st.lists(_VALUES, max_size=6), st.integers(0, 6), st.booleans())
def test_one_bad_element_costs_only_itself(values: list[Any], place: int, indent: bool) -> None:
    """The other elements of an array come as they are, in order."""
    texts = [json.dumps(value, indent=1 if indent else None) for value in values]
    texts.insert(place, "[" * 20_000 + "]" * 20_000)
    result = list(parse_json_array(f" [ {' , '.join(texts)} ]"))
    assert [value for value in result if not isinstance(value, BadJson)] == values
    assert [value for value in result if isinstance(value, BadJson)] == [BadJson("nested too deeply")]


@pytest.mark.parametrize("text", ["", "x", "{", '{"a": 1}', "12", "null", '"', "[" * 100_000])
def test_what_is_no_array_is_one_reason(text: str) -> None:
    """Never silently nothing."""
    assert [type(value) for value in parse_json_array(text)] == [BadJson]


def test_endless_integers_and_infinities_become_none() -> None:
    """Python refuses to convert thousands of digits; databases refuse NaN."""
    assert parse_json("[" + "9" * 5000 + ", NaN, -Infinity, 12]") == [None, None, None, 12]


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("1761955200.000100", datetime(2025, 11, 1, microsecond=100, tzinfo=UTC)),
        (1761955200, datetime(2025, 11, 1, tzinfo=UTC)),
        (1761955200.5, datetime(2025, 11, 1, microsecond=500_000, tzinfo=UTC)),
        (True, None),
        (None, None),
        ("", None),
        ("-5", None),
        ("1e9", None),
        ("12", None),
        ("99999999999", None),
        ("١٢٣٤٥٦٧٨٩٠", None),
        (math.inf, None),
        (10**40, None),
    ],
)
def test_moments(value: object, moment: datetime | None) -> None:
    """Seconds since 1970 in any form; implausible ones are no time."""
    assert as_moment(value) == moment


@pytest.mark.parametrize(
    ("value", "count"), [(3, 3), ("3", 3), (-1, 0), (None, 0), ("²", 0), (True, 0), (10**30, 0)]
)
def test_counts(value: object, count: int) -> None:
    """Counts in any form; nonsense counts nothing."""
    assert as_count(value) == count
