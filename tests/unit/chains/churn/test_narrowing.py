"""What a first question lets the sources leave out."""

from __future__ import annotations

import datetime as dt

import pytest

from chains.churn.config import ChurnConfig
from chains.churn.narrowing import narrow
from chains.churn.schema import FLAGSHIP_QUESTION
from chains.registry import EVERYTHING, Places

KNOWN = Places(regions=("AMER", "APAC", "EMEA"), segments=("Enterprise", "Mid-Market", "SMB"))
TODAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("question", "places"),
    [
        (FLAGSHIP_QUESTION, Places(("EMEA",), ("Enterprise",))),
        ("Which customers in APAC may leave?", Places(regions=("APAC",))),
        ("Who is at risk this quarter?", EVERYTHING),
        ("Which customers in Germany are at risk?", EVERYTHING),
        ("Why is Alpine Foods in EMEA at risk?", EVERYTHING),
        ("What is the weather in Paris?", EVERYTHING),
    ],
)
def test_only_places_that_a_question_surely_asks_about_narrow_the_reading(question: str, places: Places) -> None:
    assert narrow(question, KNOWN, TODAY, ChurnConfig()) == places


def test_a_place_that_the_house_calls_otherwise_does_not_narrow_the_reading() -> None:
    assert narrow(FLAGSHIP_QUESTION, Places(regions=("Nord", "Süd")), TODAY, ChurnConfig()).regions == ()
