"""One raw value to one JSON-ready value of a canonical field: units, decimals, day formats, time zones, value maps."""

from __future__ import annotations

import datetime as dt
import math
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.numerals import LARGEST, exact, number_of

UNIX_SECONDS, UNIX_MILLISECONDS, ISO_WEEK = "unix", "unix_ms", "iso_week"
_WHOLE, _SIZE = "expected a whole number", "expected a number of reasonable size"
_WEEK = re.compile(r"(\d{4})-?[Ww](\d{1,2})", re.ASCII)
_TRUE = frozenset(("yes", "y", "true", "t", "1", "on"))
_FALSE = frozenset(("no", "n", "false", "f", "0", "off"))

Convert = Callable[[Any], Any]
"""Gives a JSON-ready value, None for an absent one, or `NotMapped`."""


@dataclass(frozen=True)
class NotMapped:
    """A value that its field cannot take: a JSON-ready stand-in that the reader refuses too, and why, without it."""

    raw: Any = field(repr=False)
    message: str


@dataclass(frozen=True)
class Options:
    """How the values of one field are written in their system.

    Attributes:
        values: The system's words, folded by `folded_word`, and what each stands for.
        written: The system's words as the file writes them.
        otherwise: What stands for every other word, in a tuple of one; an empty one keeps the word itself.
        scale: Numerator and denominator that turn the system's unit into the canonical one.
        format: As `strptime` reads it, or `UNIX_SECONDS`, `UNIX_MILLISECONDS`, `ISO_WEEK`; "" for ISO 8601.
        decimal: The decimal sign, "," or "."; where it is said, the other one, blanks or apostrophes group digits.
        zone: Of instants without an offset; given for days too, an instant's day is its day there.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    otherwise: tuple[Any, ...] = ()
    scale: tuple[int, int] = (1, 1)
    format: str = ""
    decimal: str = ""
    zone: ZoneInfo | None = None


def converter(kind: type, options: Options) -> Convert:
    """What turns raw values into those of a field of this type: str, int, float, bool, date or datetime."""
    convert = _MAKERS[kind](options)
    return _with_values(convert, options) if options.values or options.otherwise else convert


def folded_word(value: Any) -> str:
    """A value as value maps are looked up: its text, whatever its capitals and outer blanks."""
    return str(value).strip().casefold()


def json_ready(value: Any) -> Any:
    """A stand-in of a value that JSON can hold; nested ones are emptied."""
    if isinstance(value, Mapping):
        return {}
    if isinstance(value, list | tuple | set | frozenset | bytes | bytearray | memoryview):
        return []
    if (isinstance(value, float) and not math.isfinite(value)) or (type(value) is int and abs(value) > 2**63 - 1):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def to_text(value: Any) -> Any:
    """The text of a plain value, without blanks around it."""
    if isinstance(value, str):
        return value.strip() or None
    if value is None or _is_nan(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
    if isinstance(value, int | uuid.UUID):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return NotMapped(json_ready(value), "expected text")


def _with_values(convert: Convert, options: Options) -> Convert:
    def mapped(value: Any) -> Any:
        word = "" if value is None or _is_nan(value) else folded_word(value)
        if word in options.values:
            return convert(options.values[word])
        if word and options.otherwise:
            return convert(options.otherwise[0])
        return convert(value)

    return mapped


def _text(_options: Options) -> Convert:
    return to_text


def _number(options: Options) -> Convert:
    scaled = options.scale != (1, 1)

    def convert(value: Any) -> Any:
        if type(value) is float and not scaled and abs(value) <= LARGEST:
            return value
        number = _exact(value, options)
        return float(number) if isinstance(number, Decimal) else number

    return convert


def _whole(options: Options) -> Convert:
    scaled = options.scale != (1, 1)

    def convert(value: Any) -> Any:
        if type(value) is int and not scaled:
            return value if abs(value) <= LARGEST else NotMapped(str(value), _WHOLE)
        number = _exact(value, options)
        if number is None:
            return None
        if isinstance(number, NotMapped):
            return NotMapped(number.raw, number.message if options.decimal else _WHOLE)
        if scaled:
            return round(number)
        return int(number) if number == int(number) else NotMapped(json_ready(value), _WHOLE)

    return convert


def _exact(value: Any, options: Options) -> Any:
    """The number in the canonical unit, None when absent, else `NotMapped`."""
    if value is None or _is_nan(value):
        return None
    if isinstance(value, str):
        if not value.strip():
            return None
        number = number_of(value, options.decimal)
        if number is None:
            # The reader reads numbers in its own way, and must not take the text for another one.
            return NotMapped(f"?{value}", _why_no_number(value, options.decimal))
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return NotMapped(json_ready(value), "expected a number")
    elif not -LARGEST <= value <= LARGEST:
        return NotMapped(json_ready(value), _SIZE)
    else:
        number = exact(value)
    times, over = options.scale
    scaled = number * times / over if (times, over) != (1, 1) else number
    return scaled if abs(scaled) <= LARGEST else NotMapped(f"?{number:f}", _SIZE)


def _why_no_number(text: str, decimal: str) -> str:
    if decimal:
        return f"no number with `{decimal}` before its decimals and groups of three digits before that"
    return "expected a number; say its `decimal` sign" if "," in text else "expected a number"


def _flag(_options: Options) -> Convert:
    def convert(value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        word = folded_word(value)
        if not word or _is_nan(value):
            return None
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        return NotMapped(json_ready(value), "expected yes or no")

    return convert


def _day(options: Options) -> Convert:
    def convert(value: Any) -> Any:
        moment = _moment(value, options.format)
        if moment is None or isinstance(moment, NotMapped):
            return moment
        if options.zone and isinstance(moment, dt.datetime) and moment.tzinfo:
            moment = _moved(moment, options.zone)
        return moment.isoformat()[:10]

    return convert


def _instant(options: Options) -> Convert:
    zone: dt.tzinfo = options.zone or dt.UTC

    def convert(value: Any) -> Any:
        moment = _moment(value, options.format)
        if moment is None or isinstance(moment, NotMapped):
            return moment
        if not isinstance(moment, dt.datetime):
            moment = dt.datetime(moment.year, moment.month, moment.day)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return _moved(aware, dt.UTC).replace(tzinfo=None).isoformat() + "Z"

    return convert


def _moved(moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # The first and the last day of the calendar.
        return moment


def _moment(value: Any, format_: str) -> Any:
    """A date or datetime, None when absent, else `NotMapped`."""
    if value is None or isinstance(value, dt.date) or _is_nan(value):
        return value if isinstance(value, dt.date) else None
    text = value.strip() if isinstance(value, str) else value
    if text == "":
        return None
    try:
        if format_ in (UNIX_SECONDS, UNIX_MILLISECONDS):
            seconds = float(text) / (1000 if format_ == UNIX_MILLISECONDS else 1)
            return dt.datetime.fromtimestamp(seconds, dt.UTC)
        if format_ == ISO_WEEK:
            return _monday(text)
        if format_:
            return dt.datetime.strptime(text, format_)
        return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)
    except (ValueError, TypeError, OverflowError, OSError):
        raw = json_ready(value)
        if not format_:
            return NotMapped(raw, "no ISO 8601 day or instant; say its `format`")
        # The reader knows ISO alone, and must not take the value for another day than its format would.
        return NotMapped(f"?{raw}" if isinstance(raw, str) else raw, f"no moment written as {format_}")


def _monday(text: str) -> dt.date:
    """The first day of a week such as 2026-W45."""
    if not (found := _WEEK.fullmatch(text)):
        raise ValueError("no ISO week")
    return dt.date.fromisocalendar(int(found[1]), int(found[2]), 1)


def _is_nan(value: Any) -> bool:
    return value.is_nan() if isinstance(value, Decimal) else isinstance(value, float) and math.isnan(value)


_MAKERS: Mapping[type, Callable[[Options], Convert]] = {
    str: _text, float: _number, int: _whole, bool: _flag, dt.date: _day, dt.datetime: _instant,
}  # fmt: skip
