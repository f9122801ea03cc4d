"""Tells which unread phrases are settled: the rules know what they are, and that no plan can express them."""

from __future__ import annotations

from chains.churn.planner.commands import commands_in
from chains.churn.planner.conditions import flag_conditions, flag_counted
from chains.churn.planner.leftovers import flag_phrases, flag_topics
from chains.churn.planner.reading import Reading


def is_settled(phrase: str) -> bool:
    """Whether an unread phrase is an order, a condition that no plan can express, or comes with its reason."""
    if phrase.endswith(")"):
        return True
    reading = Reading(phrase)
    commands_in(reading)
    flag_phrases(reading)
    flag_counted(reading)
    flag_topics(reading)
    flag_conditions(reading)
    return "flag" in reading.taken
