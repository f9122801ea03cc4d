"""The form of an answer: the schema that is sent, and what is read out of what comes back."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import Field

from chains.churn.model.reading import TicketNotes
from chains.churn.model.reasoning import Assessment
from chains.churn.model.writing import Email
from chains.errors import MalformedAnswerError
from chains.models import AnswerForm
from chains.models.structured import MOST_CHARS, parse_answer, strict_schema


class Part(AnswerForm):
    kind: Literal["a", "b"]
    weight: float = Field(ge=-1, le=1)


class Whole(AnswerForm):
    name: str
    parts: list[Part]
    note: str = Field("", max_length=20, description="not sent")


FORMS = (Whole, TicketNotes, Assessment, Email)
GOOD = '{"name": "n", "parts": [{"kind": "a", "weight": 0.5}], "note": "x"}'


def objects(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for part in node for found in objects(part)]
    if not isinstance(node, dict):
        return []
    return [*([node] if "properties" in node else []), *(found for part in node.values() for found in objects(part))]


@pytest.mark.parametrize("form", FORMS)
def test_a_schema_requires_every_field_and_allows_no_other(form: type[AnswerForm]) -> None:
    found = objects(strict_schema(form))
    assert found
    for node in found:
        assert node["required"] == list(node["properties"])
        assert node["additionalProperties"] is False


@pytest.mark.parametrize("form", FORMS)
def test_a_schema_holds_no_reference_bound_or_default(form: type[AnswerForm]) -> None:
    text = str(strict_schema(form))
    for word in ("$ref", "$defs", "'minimum'", "'maximum'", "'maxLength'", "'default'", "'title'"):
        assert word not in text


def test_a_schema_keeps_fields_that_are_named_like_keywords() -> None:
    class Titled(AnswerForm):
        title: str
        description: str

    assert list(strict_schema(Titled)["properties"]) == ["title", "description"]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"Here is the answer you asked for:\n{GOOD}\nI hope it helps {{really}}.",
        f"In braces {{like these}} I think, then: {GOOD}",
        f"  \n{GOOD}  ",
    ],
    ids=["bare", "fenced", "fenced without a language", "between words", "after braces in words", "blanks"],
)
def test_an_answer_is_found_whatever_stands_around_it(text: str) -> None:
    assert parse_answer(text, Whole).parts[0].weight == 0.5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("I would rather not.", "not the JSON object"),
        (GOOD[:-5], "not the JSON object"),
        ("[1, 2]", "not the JSON object"),
        ('"word"', "not the JSON object"),
        ("{" * 5_000, "not the JSON object"),
        ('{"a":' * 3_000 + "1" + "}" * 3_000, "not the JSON object"),
        (GOOD.replace('"x"}', '"x"'), "not the JSON object"),
        ("x " + '{"a":' * 3_000, "not the JSON object"),
        ("x " + "[" * 20_000, "not the JSON object"),
        ('x {"name": "n", "parts": [{"kind": "a", "weight": NaN}]}', "not"),
        ('x {"name": "\\ud800", "parts": [], "note": ""}', "not the JSON object"),
        ('{"name": "\\ud800", "parts": [], "note": ""}', "not the JSON object"),
        ('{"name": ' + "9" * 5_000 + "}", "not the JSON object"),
        ("{}", "name: Field required"),
        ('{"name": "n", "parts": [{"kind": "c", "weight": 0}], "note": ""}', "parts.0.kind"),
        ('{"name": "n", "parts": [{"kind": "a", "weight": 7}], "note": ""}', "parts.0.weight"),
        ('{"name": "n", "parts": [], "note": "", "more": 1}', "more: Extra inputs"),
        (GOOD + " " * MOST_CHARS, "longer than"),
    ],
)  # fmt: skip
def test_what_holds_no_answer_is_refused_with_what_to_mend(text: str, said: str) -> None:
    with pytest.raises(MalformedAnswerError, match=said):
        parse_answer(text, Whole)


def test_a_refusal_repeats_neither_values_nor_long_or_hidden_keys_and_stays_short() -> None:
    keys = ", ".join(f'"k{number}\\u202e{"x" * 200}": "secret"' for number in range(50))
    with pytest.raises(MalformedAnswerError) as refused:
        parse_answer("{" + keys + "}", Whole)
    assert "secret" not in refused.value.message
    assert "\u202e" not in refused.value.message
    assert len(refused.value.message) < 600


def test_a_refusal_keeps_what_was_written_for_the_second_try_but_not_without_end() -> None:
    with pytest.raises(MalformedAnswerError) as refused:
        parse_answer("y" * 20_000, Whole)
    assert refused.value.text.startswith("yyy")
    assert len(refused.value.text) <= 4_000


def test_texts_are_restored_once_no_escape_can_hide_anything() -> None:
    text = '{"name": "\\u005bhere\\u005d", "parts": [], "note": "[here]"}'
    value = parse_answer(text, Whole, lambda one: one.replace("[here]", "home"))
    assert (value.name, value.note) == ("home", "home")
