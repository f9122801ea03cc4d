"""The form of an answer: a strict JSON schema out of a model class, and a value of that class out of what came back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from chains.errors import MalformedAnswerError
from chains.privacy import strip_unsafe

MOST_CHARS = 24_000
_MOST_PROBLEMS = 5
_MOST_OPENINGS = 20
_OPENING = re.compile(r"\{\s*")
_DECODER = json.JSONDecoder()
_LONGEST_KEY = 30
_UNUSED = ("title", "default", "description", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum")


class AnswerForm(BaseModel):
    """The base of every answer's form: all fields are required, and none may be added."""

    model_config = ConfigDict(extra="forbid", frozen=True)


FormT = TypeVar("FormT", bound=AnswerForm)


@cache
def strict_schema(form: type[AnswerForm]) -> dict[str, Any]:
    """The form as a JSON schema within the subset that servers enforce: no defaults, no bounds, references resolved.

    Bounds are left out as some servers refuse them; the form itself holds them when the answer is read.

    Source:
        OpenAI, "Structured outputs", supported schemas.
    """
    whole = form.model_json_schema()
    definitions = whole.pop("$defs", {})
    schema: dict[str, Any] = _strict(whole, definitions)
    return schema


def _strict(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _strict(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    if isinstance(node.get("properties"), dict):
        fields = {name: _strict(part, definitions) for name, part in node["properties"].items()}
        return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {key: _strict(part, definitions) for key, part in node.items() if key not in _UNUSED}


def parse_answer(text: str, form: type[FormT], restore: Callable[[str], str] = str) -> FormT:
    """The value that the text holds; a code fence or words around one JSON object are looked past.

    Args:
        text: What the model wrote.
        form: What it should hold.
        restore: Done to every text of the value, once no escape can hide anything from it.

    Raises:
        MalformedAnswerError: There is no such object in the text; says what to mend, without repeating the text.
    """
    if len(text) > MOST_CHARS:
        raise MalformedAnswerError(f"the answer is longer than {MOST_CHARS:,} characters", text=text[:500])
    try:
        document = _json_object(text)
    except ValueError:
        empty = "the answer is empty" if not text.strip() else "the answer is not the JSON object asked for"
        raise MalformedAnswerError(empty, text=text[:2_000]) from None
    try:
        return form.model_validate(_restored(document, restore))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        said = [f"{_place(item['loc'])}: {item['msg']}" for item in problems]
        raise MalformedAnswerError(
            f"the answer does not fit its form: {'; '.join(said[:_MOST_PROBLEMS])}", text=text[:4_000]
        ) from None


def holds(text: str, form: type[AnswerForm]) -> bool:
    """Whether the text holds an answer of that form."""
    try:
        parse_answer(text, form)
    except MalformedAnswerError:
        return False
    return True


def _json_object(text: str) -> Any:
    try:
        document = orjson.loads(text)
    except ValueError:
        document = _first_object(text)
    if not isinstance(document, dict):
        raise ValueError("no object")
    return document


def _first_object(text: str) -> Any:
    """The first JSON object in the text; a brace that opens none is passed, one never closed ends the search."""
    for match in islice(_OPENING.finditer(text), _MOST_OPENINGS):
        try:
            document, _ = _DECODER.raw_decode(text, match.start())
            # Written and read by the stricter reader: no half of a surrogate pair, no number without end.
            return orjson.loads(orjson.dumps(document))
        except json.JSONDecodeError as error:
            if error.pos > match.end():
                raise
        except (TypeError, RecursionError) as error:
            raise ValueError("no object") from error
    raise ValueError("no object")


def _restored(node: Any, restore: Callable[[str], str]) -> Any:
    if isinstance(node, str):
        return restore(node)
    if isinstance(node, list):
        return [_restored(part, restore) for part in node]
    if isinstance(node, dict):
        return {key: _restored(part, restore) for key, part in node.items()}
    return node


def _place(location: Sequence[int | str]) -> str:
    """Where in the answer; a key that the model made up is not repeated at length, nor with hidden characters."""
    return ".".join(strip_unsafe(str(part))[:_LONGEST_KEY] for part in location) or "answer"
