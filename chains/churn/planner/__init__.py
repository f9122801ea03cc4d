"""The built-in planner: a question in plain words to a typed plan, without a model."""

from __future__ import annotations

from chains.churn.planner.planning import PlannedQuestion, Standing, plan_question, planned_question
from chains.churn.planner.vocabulary import Vocabulary, vocabulary_of
from chains.churn.planner.warming import warm

__all__ = [
    "PlannedQuestion",
    "Standing",
    "Vocabulary",
    "plan_question",
    "planned_question",
    "vocabulary_of",
    "warm",
]
