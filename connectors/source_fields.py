"""Reads `fields:`: each canonical field's path and options, checked against the field's type before any row is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.conversion import ISO_WEEK, UNIX_MILLISECONDS, UNIX_SECONDS, NotMapped, Options, converter, folded_word
from connectors.mapping import REQUIRED, YEARLY_AMOUNTS, FieldMapping, field_mapping, field_types
from connectors.paths import InvalidPathError, Path, compile_path
from connectors.source_yaml import Block, each, unknown

_OPTIONS = ("path", "constant", "values", "otherwise", "unit", "per", "format", "decimal", "time_zone")
_NUMBERS: Mapping[str, tuple[int, int]] = {
    "cents": (1, 100), "thousands": (1_000, 1), "millions": (1_000_000, 1), "percent": (1, 100),
}  # fmt: skip
_COUNTS: Mapping[str, tuple[int, int]] = {"thousands": (1_000, 1), "millions": (1_000_000, 1)}
_SPANS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "contract.term_months": {"months": (1, 1), "quarters": (3, 1), "years": (12, 1), "days": (12, 365)},
    "contract.notice_days": {"days": (1, 1), "weeks": (7, 1), "months": (30, 1), "years": (365, 1)},
}
_A_YEAR: Mapping[str, int] = {"month": 12, "quarter": 4, "year": 1}
_TIMES = (dt.date, dt.datetime)


def read_path(block: Block) -> Path:
    """A JMESPath expression of the file."""
    text = block.string()
    try:
        return compile_path(text)
    except InvalidPathError as error:
        block.fail(str(error))


def read_zone(block: Block) -> ZoneInfo:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(block.string())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        block.fail("no such time zone; write its IANA name, such as Europe/Berlin")


def read_fields(block: Block, kind: str, zone: ZoneInfo | None) -> tuple[FieldMapping, ...]:
    """The mappings of a record kind; `zone` holds where a field names none."""
    types = field_types(kind)
    needs = (REQUIRED[kind],) if kind in REQUIRED else ()
    given = block.table(types, needs=needs, what="canonical fields with their paths")
    if not given:
        block.fail("it maps no field")
    return tuple(each(given.items(), lambda item: _field(kind, item[0], item[1], types[item[0]], zone)))


def _field(kind: str, name: str, block: Block, type_: type, zone: ZoneInfo | None) -> FieldMapping:
    if not isinstance(block.value, dict):
        return field_mapping(kind, name, read_path(block), Options(zone=zone if type_ in _TIMES else None))
    given = block.table(_OPTIONS)
    if ("path" in given) == ("constant" in given):
        block.fail("it needs a `path` or a `constant`, and only one of them")
    options = _options(kind, name, type_, given, zone)
    if "constant" in given:
        return _constant(name, given, type_)
    return field_mapping(kind, name, read_path(given["path"]), options)


def _constant(name: str, given: Mapping[str, Block], type_: type) -> FieldMapping:
    for option, part in given.items():
        if option != "constant":
            part.fail("a constant is written as it shall be; it takes no other option")
    convert = converter(type_, Options())
    value = convert(given["constant"].value)
    if value is None or isinstance(value, NotMapped):
        given["constant"].fail(value.message if isinstance(value, NotMapped) else "a constant needs a value")
    return FieldMapping(name, None, convert, constant=value)


def _options(kind: str, name: str, type_: type, given: Mapping[str, Block], zone: ZoneInfo | None) -> Options:
    for option, types in (("format", _TIMES), ("time_zone", _TIMES), ("decimal", (int, float))):
        if option in given and type_ not in types:
            given[option].fail(f"`{option}` does not fit {name}")
    own_zone = read_zone(given["time_zone"]) if "time_zone" in given else zone
    return Options(
        values=_values(given["values"], type_) if "values" in given else {},
        written=tuple(given["values"].table()) if "values" in given else (),
        otherwise=(_plain(given["otherwise"], type_),) if "otherwise" in given else (),
        scale=_scale(kind, name, type_, given),
        format=_format(given["format"]) if "format" in given else "",
        decimal=given["decimal"].string((",", ".")) if "decimal" in given else "",
        zone=own_zone if type_ in _TIMES else None,
    )


def _values(block: Block, type_: type) -> dict[str, Any]:
    """The system's words, folded, and what they stand for."""
    words: dict[str, Any] = {}
    for word, meaning in block.table(what="the system's words with their meanings").items():
        if folded_word(word) in words:
            meaning.fail("this word stands here twice; capitals do not count")
        words[folded_word(word)] = _plain(meaning, type_)
    return words


def _plain(block: Block, type_: type) -> Any:
    """A plain value that a field of this type can take; nothing stands for an absent one."""
    value = block.value
    if isinstance(value, dict | list):
        block.fail("expected a plain value")
    if isinstance(taken := converter(type_, Options())(value), NotMapped):
        block.fail(taken.message)
    return block.text if type_ is str and value is not None else value


def _scale(kind: str, name: str, type_: type, given: Mapping[str, Block]) -> tuple[int, int]:
    times, over = 1, 1
    if "unit" in given:
        units = _SPANS.get(name) or ({float: _NUMBERS, int: _COUNTS}.get(type_) or {})
        unit = given["unit"].string()
        if unit not in units:
            given["unit"].fail(unknown(unit, units) if units else f"{name} has no unit")
        times, over = units[unit]
    if "per" in given:
        if (kind, name) not in YEARLY_AMOUNTS:
            given["per"].fail("`per` makes yearly amounts; this field is none")
        times *= _A_YEAR[given["per"].string(_A_YEAR)]
    return times, over


def _format(block: Block) -> str:
    text = block.string()
    if text in (UNIX_SECONDS, UNIX_MILLISECONDS, ISO_WEEK):
        return text
    moment = dt.datetime(2026, 11, 20, 13, 14, 15, tzinfo=dt.UTC)
    try:
        dt.datetime.strptime(moment.strftime(text), text)
    except ValueError:
        block.fail("no day can be read by this; write it like %d.%m.%Y, unix, unix_ms or iso_week")
    if "%" not in text:
        block.fail("no day can be read by this; write it like %d.%m.%Y, unix, unix_ms or iso_week")
    return text
