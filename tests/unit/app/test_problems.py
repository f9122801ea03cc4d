"""Errors as problems: what a caller may read, and no more."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError

from app.api.problems import problem_of


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_store_that_is_away_is_to_be_asked_again_and_tells_nothing(kind: type[OperationalError]) -> None:
    body = problem_of(kind("SELECT secret", {"name": "Ada"}, Exception("host db.internal")))
    assert (body["status"], body["code"]) == (503, "store_unavailable")
    assert not any(word in str(body) for word in ("secret", "Ada", "db.internal"))


class Shape(BaseModel):
    """A request of a test."""

    model_config = {"extra": "forbid"}

    count: int = 0
    share: float = 0.0
    words: list[str] = []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"count": "many"}, "expected a valid integer"),
        ({"share": {}}, "expected a number"),
        ({"words": "one"}, "expected a list"),
        ({"cuont": 1}, "there is no such name here"),
    ],
    ids=["integer", "number", "list", "unknown"],
)
def test_what_was_expected_is_said_in_words_and_never_what_came(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Shape.model_validate(given)
    (error,) = problem_of(caught.value)["errors"]
    assert error["message"] == said
