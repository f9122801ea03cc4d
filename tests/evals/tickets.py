"""Scores the built-in ticket reader on 200 tickets written and labelled by a reader who never saw its rules.

`python -m tests.evals.tickets` prints precision and recall per language, and every ticket read wrongly.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chains.churn.tickets import LANGUAGES, TicketReading, read_ticket

FILE = Path(__file__).parent / "tickets.jsonl"
LEAVING_FROM, HINT_FROM = 0.6, 0.3
NEGATIVE_BELOW, POSITIVE_ABOVE = -0.2, 0.2


@dataclass(frozen=True)
class Case:
    """A labelled ticket and its reading."""

    label: dict[str, Any]
    reading: TicketReading


@dataclass(frozen=True)
class Measure:
    """How often a flag was right when raised, and raised when it should have been; NaN where there was nothing."""

    precision: float
    recall: float


def read_all() -> list[Case]:
    """Every ticket with its reading."""
    labels = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Case(label, read_ticket(label["subject"], label["body"], label["id"])) for label in labels]


def leaves(case: Case) -> bool:
    """The reader sees at least a hint of leaving."""
    return case.reading.leave_intent >= HINT_FROM


def surely_leaves(case: Case) -> bool:
    """The reader sees a clear statement of leaving."""
    return case.reading.leave_intent >= LEAVING_FROM


def negative(case: Case) -> bool:
    """The reader sees discontent."""
    return case.reading.sentiment < NEGATIVE_BELOW


def positive(case: Case) -> bool:
    """The reader sees praise."""
    return case.reading.sentiment > POSITIVE_ABOVE


FLAGS: tuple[tuple[str, Callable[[Case], bool], Callable[[dict[str, Any]], bool]], ...] = (
    ("leaving or a hint of it", leaves, lambda label: label["leaving"] != "no"),
    ("clearly leaving", surely_leaves, lambda label: label["leaving"] == "yes"),
    ("discontent", negative, lambda label: label["sentiment"] == "negative"),
    ("praise", positive, lambda label: label["sentiment"] == "positive"),
)


def measure(cases: Sequence[Case], raised: Callable[[Case], bool], true: Callable[[dict[str, Any]], bool]) -> Measure:
    """Precision and recall of one flag."""
    hits = sum(raised(case) and true(case.label) for case in cases)
    alarms, wanted = sum(map(raised, cases)), sum(true(case.label) for case in cases)
    return Measure(hits / alarms if alarms else float("nan"), hits / wanted if wanted else float("nan"))


def table(cases: Sequence[Case]) -> str:
    """Markdown: precision / recall by language."""
    lines = [
        "| precision / recall | " + " | ".join((*LANGUAGES, "all")) + " |",
        "|---|" + "---|" * (len(LANGUAGES) + 1),
    ]
    for name, raised, true in FLAGS:
        cells = []
        for language in (*LANGUAGES, ""):
            found = measure([case for case in cases if language in ("", case.label["language"])], raised, true)
            cells.append(f"{found.precision:.2f} / {found.recall:.2f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print the table; with --errors also what was read wrongly."""
    cases = read_all()
    print(table(cases))
    if "--errors" in sys.argv:
        for case in cases:
            wrong = [name for name, raised, true in FLAGS if raised(case) != true(case.label)]
            if wrong:
                print(
                    case.label["id"],
                    case.label["language"],
                    wrong,
                    round(case.reading.leave_intent, 2),
                    round(case.reading.sentiment, 2),
                    case.label["subject"],
                    "|",
                    case.label["body"][:200].replace("\n", " "),
                )


if __name__ == "__main__":
    main()
