"""Spellings, and the word they mean."""

from __future__ import annotations

import pytest

from connectors.canonical import PRIORITY, ROLE, SEGMENT, STATUS, SURVEY_KIND, canonical

GROUPS = {"status": STATUS, "priority": PRIORITY, "role": ROLE, "segment": SEGMENT, "survey": SURVEY_KIND}


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("Churn", "churned"),
        ("Closed Lost", "churned"),
        ("closed-lost", "churned"),
        ("CLOSED_LOST", "churned"),
        ("Lost customer", "churned"),
        ("Ended", "churned"),
        ("Expired", "churned"),
        ("Off-boarded", "churned"),
        ("Prospect", "trial"),
        ("Lead", "trial"),
        ("Opportunity", "trial"),
        ("Trialling", "trial"),
        ("Customer - Direct", "active"),
        ("At Risk", "active"),
        (" Suspended ", "Suspended"),
    ],
)
def test_a_usual_status_is_understood_and_an_unknown_one_stays_as_given(given: str, word: str) -> None:
    assert canonical(given, STATUS) == word


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("Sev 1", "critical"),
        ("SEV-1", "critical"),
        ("Severity 2", "high"),
        ("sev0", "critical"),
        ("S3", "normal"),
        ("P 4", "low"),
        ("Blocker", "critical"),
        ("1 - Critical", "critical"),
        ("Highest", "critical"),
        ("Sev 9", "Sev 9"),
    ],
)
def test_a_usual_priority_is_understood(given: str, word: str) -> None:
    assert canonical(given, PRIORITY) == word


@pytest.mark.parametrize("group", GROUPS)
def test_every_spelling_can_be_found_and_every_meaning_means_itself(group: str) -> None:
    words = GROUPS[group]
    assert {spelling: canonical(spelling, words) for spelling in words} == dict(words)
    assert all(canonical(word, words) == word for word in words.values())
