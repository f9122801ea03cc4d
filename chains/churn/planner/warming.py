"""Loads what the first question of a process would wait for: country names, word tables and wordings."""

from __future__ import annotations

from datetime import date

from chains.churn.config import ChurnConfig
from chains.churn.planner.planning import plan_question
from chains.churn.planner.vocabulary import Vocabulary

_TODAY = date(2026, 1, 1)
_QUESTIONS = (
    "As CRO I need for our board meeting the top 5 enterprise customers at risk, and an e-mail to each.",
    "Why is Example Ltd at risk by the end of Q1?",
)
_FOLLOW_UPS = ("only those renewing in December above 60%", "why the first one?", "make the e-mails shorter")


def warm() -> None:
    """Make the first question as fast as the later ones; call it once at start-up.

    The wordings are those of any question, so planning a few loads them all; no result is kept.
    """
    vocabulary, config = Vocabulary(segments=("Enterprise",), accounts=(("A-1", "Sample Ltd"),)), ChurnConfig()
    plans = [plan_question(question, vocabulary, as_of=_TODAY, config=config) for question in _QUESTIONS]
    for question in _FOLLOW_UPS:
        plan_question(
            question, vocabulary, as_of=_TODAY, config=config, previous=plans[0], previous_account_ids=("A-1",)
        )
