"""What a first question lets the sources leave out: accounts of other regions and segments than it names."""

from __future__ import annotations

import datetime as dt

from chains.churn.config import ChurnConfig
from chains.churn.planner import plan_question
from chains.churn.planner.vocabulary import Vocabulary
from chains.registry import EVERYTHING, Places


def narrow(question: str, known: Places, today: dt.date, config: ChurnConfig) -> Places:
    """The regions and segments that the question asks about, of those that are known; all where it is not certain."""
    words = Vocabulary(regions=known.regions, segments=known.segments)
    plan = plan_question(question, words, as_of=today, config=config)
    if plan.intent != "list" or plan.unanswered or plan.filters.country:
        return EVERYTHING
    return Places(regions=tuple(plan.filters.region), segments=tuple(plan.filters.segment))
