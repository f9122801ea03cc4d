"""A small organisation to ask about, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from chains.churn.config import ChurnConfig
from chains.churn.planner import Vocabulary, plan_question
from chains.churn.schema import Plan
from tests.unit.chains.churn.planner.plan_questions import TODAY, Ask


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return Vocabulary(
        segments=("Enterprise", "Mid-Market", "SMB"),
        regions=("AMER", "APAC", "EMEA"),
        countries=(
            "Austria", "Belgium", "Brazil", "Canada", "France", "Germany", "Ireland", "Japan", "Mexico",
            "Netherlands", "Norway", "Singapore", "Spain", "Sweden", "Switzerland", "United Kingdom", "United States",
        ),
        industries=("Energy", "Financial Services", "Healthcare", "Logistics", "Manufacturing", "Retail", "Software"),
        owners={"U1": "Ines Keller", "U2": "Tom Avery", "U3": "Tom Baxter"},
        principal_owner_ids=("U1",),
        accounts=(
            ("C-01", "Alpine Foods GmbH"),
            ("C-02", "Alpine Rail AG"),
            ("C-03", "Northwind Aerospace Inc"),
            ("C-04", "Blue Energy Corp"),
            ("C-05", "Société Lumière SA"),
            ("C-06", "Kestrel Software Ltd"),
            ("C-07", "Fjord Shipping AS"),
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def ask(vocabulary: Vocabulary) -> Ask:
    def asked(
        question: str,
        previous: Plan | None = None,
        ids: Sequence[str] = (),
        *,
        as_of: date = TODAY,
        start_month: int = 1,
        known: Vocabulary | None = None,
    ) -> Plan:
        return plan_question(
            question,
            known or vocabulary,
            as_of=as_of,
            config=ChurnConfig(fiscal_year_start_month=start_month),
            previous=previous,
            previous_account_ids=ids,
        )

    return asked
