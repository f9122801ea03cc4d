"""One raw value to one JSON-ready value of a canonical field: units, decimals, day formats, time zones, value maps."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

UNIX_SECONDS, UNIX_MILLISECONDS = "unix", "unix_ms"
_LARGEST = 10**15
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
        format: As `strptime` reads it, or `UNIX_SECONDS`, `UNIX_MILLISECONDS`; "" for ISO 8601.
        decimal: The decimal sign, "," or "."; where it is said, the other one and blanks group digits.
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
    if isinstance(value, float) and not math.isfinite(value):
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
    times, over = options.scale
    decimal = options.decimal

    def convert(value: Any) -> Any:
        number = _as_float(value, decimal)
        if number is None or isinstance(number, NotMapped):
            return number
        return number * times / over if (times, over) != (1, 1) else number

    return convert


def _whole(options: Options) -> Convert:
    times, over = options.scale
    decimal, scaled = options.decimal, options.scale != (1, 1)

    def convert(value: Any) -> Any:
        if type(value) is int and not scaled:
            return value if abs(value) <= _LARGEST else NotMapped(str(value), "expected a whole number")
        number = _as_float(value, decimal)
        if number is None:
            return None
        if isinstance(number, NotMapped):
            return NotMapped(number.raw, "expected a whole number")
        if scaled:
            return round(number * times / over)
        return int(number) if number.is_integer() else NotMapped(json_ready(value), "expected a whole number")

    return convert


def _as_float(value: Any, decimal: str) -> Any:
    """The number as a finite float of reasonable size, None when absent, else `NotMapped`."""
    if value is None or _is_nan(value):
        return None
    plain = value
    if isinstance(value, str):
        plain = value.strip()
        if not plain:
            return None
        if decimal:
            plain = "".join(plain.split()).replace("." if decimal == "," else ",", "").replace(",", ".")
    if isinstance(plain, bool) or not isinstance(plain, str | int | float | Decimal):
        return NotMapped(json_ready(value), "expected a number")
    try:
        number = float(plain)
    except (ValueError, OverflowError):
        return NotMapped(json_ready(value), "expected a number")
    return number if abs(number) <= _LARGEST else NotMapped(json_ready(value), "expected a number of reasonable size")


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
        if format_:
            return dt.datetime.strptime(text, format_)
        return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)
    except (ValueError, TypeError, OverflowError, OSError):
        raw = json_ready(value)
        if not format_:
            return NotMapped(raw, "no ISO 8601 day or instant; say its `format`")
        # The reader knows ISO alone, and must not take the value for another day than its format would.
        return NotMapped(f"?{raw}" if isinstance(raw, str) else raw, f"no moment written as {format_}")


def _is_nan(value: Any) -> bool:
    return value.is_nan() if isinstance(value, Decimal) else isinstance(value, float) and math.isnan(value)


_MAKERS: Mapping[type, Callable[[Options], Convert]] = {
    str: _text, float: _number, int: _whole, bool: _flag, dt.date: _day, dt.datetime: _instant,
}  # fmt: skip
