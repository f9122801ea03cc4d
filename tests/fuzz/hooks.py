"""What schemathesis is told about Baton: how to count, and what no schema can say.

Loaded by schemathesis in a process of its own; BATON_FUZZ_COUNTS names the file that the counts go to.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from jsonschema import Draft202012Validator
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import AcceptedNegativeData, AllowHeaderMismatch, RejectedPositiveData

KEY = "Idempotency-Key"
SAME_KEY_EVERY = 10
UPLOADS = ("POST /v1/payloads/check", "PUT /v1/payloads/{payload_id}")
UNSAYABLE = {
    ("/input/as_of", "no such day"),
    ("/input/as_of", "out of range"),
    ("/as_of", "no such day"),
    ("/as_of", "out of range"),
    ("/input/payload_id", "there is a payload too"),
    ("/input/payload/accounts", "missing"),
    ("/input/payload/schema_version", "unknown version"),
    ("/accounts", "missing"),
    ("/schema_version", "missing"),
    ("/schema_version", "unknown version"),
    ("/thread_id", "unusable"),
}
"""Refusals of requests that fit the schema: they depend on the calendar, on the settings or on two fields at once."""

_counts: Counter[tuple[str, int]] = Counter()
_numbers = itertools.count(1)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Good requests get a key of their own: with the example's on every one there would be little but 409."""
    is_good = case.meta is not None and case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE
    if is_good and case.headers and KEY in case.headers and (number := next(_numbers)) % SAME_KEY_EVERY:
        case.headers[KEY] = f"fuzz-{number}"


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    _counts[(case.operation.label, response.status_code)] += 1


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether a finding counts."""
    if isinstance(failure, RejectedPositiveData):
        return not _is_unsayable(response)
    if isinstance(failure, AcceptedNegativeData):
        return not _is_wrong_in_the_payload_alone(case)
    if isinstance(failure, AllowHeaderMismatch):  # A payload may be called "check", and put and deleted.
        return (case.operation.label, failure.missing_methods) != (UPLOADS[0], [])
    return True


def _is_unsayable(response: Any) -> bool:
    errors = response.json().get("errors", [])
    said = [(error["pointer"], error["message"]) for error in errors]
    return bool(said) and all(pair in UNSAYABLE or pair[0] == "/callback_url" for pair in said)


def _is_wrong_in_the_payload_alone(case: Any) -> bool:
    """The payload is read leniently: an account that does not fit is set aside and the others are answered.

    In `input` null is what was not sent.
    """
    if _is_wrong_beside_the_body(case) or not isinstance(case.body, dict):
        return False
    if case.operation.label in UPLOADS:
        return True
    asked = case.body.get("input")
    if not isinstance(asked, dict) or not isinstance(asked.get("payload") or {}, dict):
        return False
    kept = {name: value for name, value in asked.items() if name != "payload" and value is not None}
    rest = {**case.body, "input": kept}
    raw = case.operation.schema.raw_schema
    schema = {"$ref": "#/components/schemas/ChurnRunRequest", "components": raw["components"]}
    return bool(Draft202012Validator(schema).is_valid(rest))


def _is_wrong_beside_the_body(case: Any) -> bool:
    """Whether a path, header or known query parameter is wrong; unknown ones are ignored, as on the web at large."""
    known = {parameter.name for parameter in case.operation.query}
    places = [ParameterLocation.PATH, ParameterLocation.HEADER]
    if known & set(case.query or ()):
        places.append(ParameterLocation.QUERY)
    return any(case.meta.is_negative_at(place) for place in places)


@atexit.register
def _write_counts() -> None:
    rows = [{"operation": name, "status": status, "cases": cases} for (name, status), cases in _counts.items()]
    Path(os.environ["BATON_FUZZ_COUNTS"]).write_text(json.dumps(rows), encoding="utf-8")
