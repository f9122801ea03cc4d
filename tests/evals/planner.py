"""Scores the planner on 150 questions written from `docs/plan-language.md` by readers who never saw its code.

`python -m tests.evals.planner` prints the figure and every plan that differs.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chains.churn.config import ChurnConfig
from chains.churn.planner import Vocabulary, plan_question
from chains.churn.schema import Plan

FOLDER = Path(__file__).parent
_SIMPLE = ("intent", "min_probability", "want_drafts", "language", "tone", "length", "top_n", "sort")


@dataclass(frozen=True)
class Scored:
    """One question: whether the plan is exactly the expected one, and if not, where it differs."""

    case_id: str
    question: str
    differences: tuple[str, ...]
    says_what_it_left_out: bool

    @property
    def exact(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def vocabulary() -> tuple[Vocabulary, dt.date, ChurnConfig]:
    """The data that the questions speak of."""
    raw = json.loads((FOLDER / "planner_vocabulary.json").read_text(encoding="utf-8"))
    known = Vocabulary(
        segments=tuple(raw["segments"]),
        regions=tuple(raw["regions"]),
        countries=tuple(country for countries in raw["countries"].values() for country in countries),
        industries=tuple(raw["industries"]),
        owners={owner["owner_id"]: owner["name"] for owner in raw["owners"]},
        principal_owner_ids=tuple(raw["principal_owner_ids"]),
        accounts=tuple((account["account_id"], account["name"]) for account in raw["accounts"]),
    )
    config = ChurnConfig(at_risk_from=raw["at_risk_from"], fiscal_year_start_month=raw["fiscal_year_start_month"])
    return known, dt.date.fromisoformat(raw["as_of"]), config


def score_all() -> list[Scored]:
    """Every case, scored."""
    known, as_of, config = vocabulary()
    lines = (FOLDER / "planner_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [_score(json.loads(line), known, as_of, config) for line in lines if line.strip()]


def _score(case: dict[str, Any], known: Vocabulary, as_of: dt.date, config: ChurnConfig) -> Scored:
    previous: Plan | None = None
    for earlier in case["previous"]:
        previous = plan_question(earlier, known, as_of=as_of, config=config, previous=previous)
    plan = plan_question(
        case["question"],
        known,
        as_of=as_of,
        config=config,
        previous=previous,
        previous_account_ids=case["previous_accounts"],
    )
    differences = tuple(_differences(plan, case["expected"], as_of))
    return Scored(
        case["id"], case["question"], differences, bool(plan.unanswered or plan.assumptions or plan.intent == "help")
    )


def _differences(plan: Plan, expected: dict[str, Any], as_of: dt.date) -> list[str]:
    intent = expected.get("intent", "list")
    if intent == "help":
        return [] if plan.intent == "help" else [f"intent {plan.intent} instead of help"]
    default = {
        "intent": "list",
        "min_probability": 0.30,
        "want_drafts": False,
        "language": "",
        "tone": "",
        "length": "",
        "top_n": 0,
        "sort": "risk",
    }
    found = [
        f"{name} {getattr(plan, name)!r} instead of {wanted!r}"
        for name in _SIMPLE
        if getattr(plan, name) != (wanted := expected.get(name, default[name]))
    ]
    blank = {
        name: [] if isinstance(value, list) else value for name, value in type(plan.filters)().model_dump().items()
    }
    wanted_filters = {**blank, **expected.get("filters", {})}
    for name, value in plan.filters.model_dump().items():
        wanted = wanted_filters[name]
        if (sorted(value) != sorted(wanted)) if isinstance(value, list) else value != wanted:
            found.append(f"filters.{name} {value!r} instead of {wanted!r}")
    horizon = {"from": as_of.isoformat(), "to": "2026-12-31", **expected.get("horizon", {})}
    if (plan.horizon.from_, plan.horizon.to) != (horizon["from"], horizon["to"]):
        found.append(f"horizon {plan.horizon.from_}..{plan.horizon.to} instead of {horizon['from']}..{horizon['to']}")
    if bool(plan.unanswered) != expected.get("unanswered", False):
        found.append(f"unanswered {plan.unanswered!r}")
    return found


def main() -> None:
    """Print the figure and the differences."""
    scored = score_all()
    exact = sum(case.exact for case in scored)
    for case in scored:
        if not case.exact:
            print(f"{case.case_id}: {case.question}\n    " + "\n    ".join(case.differences))
    print(f"{exact} of {len(scored)} plans are exactly the expected ones ({exact / len(scored):.1%}).")


if __name__ == "__main__":
    main()
