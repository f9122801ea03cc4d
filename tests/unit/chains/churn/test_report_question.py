"""What a report repeats of the question: nothing of a person, not even half a telephone number."""

from __future__ import annotations

import datetime as dt

import pytest

from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.model.planning import NAMES_A_PERSON
from chains.churn.schema import ChurnReport
from chains.context import RunContext
from connectors.sample import organisation

TODAY = dt.date(2026, 11, 20)
LONG = "with green hats " + "and yellow boots " * 20 + "and blue eyes"


async def asked(question: str) -> ChurnReport:
    request = {"question": question, "payload": organisation(TODAY).payload(), "as_of": "", "warnings": ()}
    return await ChurnAnswers(None, ChurnConfig())(request, RunContext("run_1", "", "", TODAY), thread_key="t")


@pytest.mark.parametrize(
    ("question", "unanswered"),
    [
        ("rank all customers, and who uses +49 (30) 901820-17 as number", [NAMES_A_PERSON]),
        ("Which customers live at Hauptstraße 12, 80331 München?", ["at [[address]]", NAMES_A_PERSON]),
        ("at risk customers reachable under +49 30 23125 197 with purple shoes",
         ["reachable under [[phone]] with purple shoes"]),
        ("Which customers with purple shoes churn?", ["with purple shoes"]),
        ("why is Zzyzx Quarry Holdings at risk?", ["Zzyzx Quarry Holdings"]),
    ],
)  # fmt: skip
async def test_an_unread_part_is_repeated_as_the_masked_question_has_it(question: str, unanswered: list[str]) -> None:
    report = await asked(question)
    assert report.plan.unanswered == unanswered


async def test_a_long_unread_part_that_is_cut_inside_a_word_is_still_repeated() -> None:
    report = await asked(f"Which customers {LONG} churn?")
    assert [part for part in report.plan.unanswered if part.startswith("with green hats")]
