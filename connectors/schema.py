"""The published schema of a payload: typed, null-free, derived from the canonical records.

Validation is not done here: `connectors.payload` reads leniently, account by account.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from functools import cache
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from connectors.records import Account, Payload

_NAMES = {"Payload": "UnifiedPayload"}
_TEXT_FORMATS = {dt.date: "an ISO date such as 2026-11-16", dt.datetime: "an ISO instant such as 2026-11-16T06:00:00Z"}


def _without_null_defaults(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        if field.get("default", "") is None:
            del field["default"]
    schema.pop("additionalProperties", None)


def _document_type(annotation: Any) -> tuple[Any, Any]:
    """The published type and default of a record field: text for dates, no null anywhere."""
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        annotation = next(part for part in typing.get_args(annotation) if part is not type(None))
    if annotation in _TEXT_FORMATS:
        return str, Field(default="", description=f"{_TEXT_FORMATS[annotation]}; empty when absent")
    if typing.get_origin(annotation) is list:
        (item,) = typing.get_args(annotation)
        return list[document_model(item)], Field(default_factory=list)  # type: ignore[misc]
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return document_model(annotation), Field(default=None)
    return annotation, Field(default="" if annotation is str else None)


@cache
def document_model(record: type[msgspec.Struct]) -> type[BaseModel]:
    """The pydantic model that documents a record; only an account's `account_id` is required."""
    hints = typing.get_type_hints(record)
    fields = {name: _document_type(annotation) for name, annotation in hints.items() if not name.startswith("__")}
    if record is Account:
        fields["account_id"] = (str, Field(min_length=1, max_length=200))
    return create_model(  # type: ignore[no-any-return, call-overload]
        _NAMES.get(record.__name__, record.__name__),
        __config__=ConfigDict(json_schema_extra=_without_null_defaults),
        __doc__=record.__doc__,
        **fields,
    )


class _AnyObject:
    """Accepts any JSON object, and documents itself as `UnifiedPayload`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> CoreSchema:
        return core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        # Named through a reference, so that documents hold it once and by its name.
        model: Any = document_model(Payload).__pydantic_core_schema__
        named = core_schema.definition_reference_schema(model["ref"])
        return handler(core_schema.definitions_schema(named, [model]))


PayloadBody = Annotated[dict[str, Any], _AnyObject]
"""A payload as it arrived: a JSON object whose published type is `UnifiedPayload`."""
