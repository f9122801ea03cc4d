"""The graph: its road, its memory, and what it leaves behind."""

from __future__ import annotations

import datetime as dt
import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START

from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers, churn_graph
from chains.churn.schema import FLAGSHIP_QUESTION, ChurnReport
from chains.context import Progress, RunContext
from chains.errors import InvalidQuestionError
from connectors.sample import organisation

TODAY = dt.date(2026, 11, 20)
STAGES = [
    "retrieve",
    "plan",
    "filter",
    "signals",
    "risk",
    "read_tickets",
    "reason",
    "next_steps",
    "draft",
    "check",
    "package",
]
NAMES = [START, *STAGES, END]


@pytest.fixture(scope="module")
def payload() -> dict:
    return organisation(TODAY).payload()


def run(listening: list[Progress] | None = None, run_id: str = "run_1") -> RunContext:
    heard = listening if listening is not None else []
    return RunContext(run_id=run_id, thread_id="t", correlation_id="c", today=TODAY, on_event=heard.append)


def request(question: str, payload: dict) -> dict:
    return {"question": question, "payload": payload, "as_of": "", "warnings": ()}


@pytest.mark.parametrize(("before", "after"), list(itertools.pairwise(NAMES)))
def test_every_edge_of_the_road_is_there(before: str, after: str) -> None:
    assert (before, after) in {(edge.source, edge.target) for edge in churn_graph().get_graph().edges}


async def test_the_stages_come_in_the_order_of_the_road(payload: dict) -> None:
    heard: list[Progress] = []
    await ChurnAnswers(None, ChurnConfig())(request(FLAGSHIP_QUESTION, payload), run(heard), thread_key="t")
    assert list(dict.fromkeys(progress.stage for progress in heard)) == STAGES
    assert all(progress.done <= progress.total for progress in heard)


async def test_a_question_outside_the_job_scores_nobody(payload: dict) -> None:
    heard: list[Progress] = []
    report = await ChurnAnswers(None, ChurnConfig())(
        request("What is the weather in Paris?", payload), run(heard), thread_key="t"
    )
    assert report.plan.intent == "help"
    assert report.summary == report.plan.help_text != ""
    assert [progress.stage for progress in heard] == ["retrieve", "plan", "package"]
    assert report.totals.received == sum(report.totals.excluded.values())


async def test_a_conversation_keeps_its_plan_and_never_the_payload(payload: dict, tmp_path: Path) -> None:
    file = tmp_path / "threads.db"
    async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
        answers = ChurnAnswers(saver, ChurnConfig())
        first = await answers(request(FLAGSHIP_QUESTION, payload), run(), thread_key="t")
        second = await answers(request("only those renewing in December", payload), run(run_id="run_2"), thread_key="t")
        third = await answers(
            request("only those renewing in December", payload), run(run_id="run_3"), thread_key="another"
        )
    assert 0 < len(second.accounts) < len(first.accounts)
    assert second.plan.want_drafts and not third.plan.want_drafts
    with closing(sqlite3.connect(file)) as connection:
        sizes = [row[0] for row in connection.execute("SELECT length(checkpoint) + length(metadata) FROM checkpoints")]
    at_risk = len(first.accounts)
    assert sum(sizes) < 20_000 * at_risk
    assert max(sizes) < 20_000
    stored = file.read_bytes()
    assert all(
        name.encode() not in stored
        for account in payload["accounts"]
        for name in (account["name"], account["contacts"][0]["email"] if account["contacts"] else account["name"])
    )


async def test_answers_of_one_thread_do_not_pile_up(payload: dict, tmp_path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
        answers = ChurnAnswers(saver, ChurnConfig())
        reports: list[ChurnReport] = [
            await answers(request(FLAGSHIP_QUESTION, payload), run(run_id=f"run_{n}"), thread_key="t") for n in range(3)
        ]
    assert len({len(report.accounts) for report in reports}) == 1


async def test_the_same_question_gives_the_same_answer(payload: dict) -> None:
    answers = ChurnAnswers(None, ChurnConfig())
    first, second = [await answers(request(FLAGSHIP_QUESTION, payload), run(), thread_key="t") for _ in range(2)]
    assert first == second


async def test_a_question_that_is_too_long_is_refused(payload: dict) -> None:
    with pytest.raises(InvalidQuestionError, match="4,000"):
        await ChurnAnswers(None, ChurnConfig())(request("x" * 4_001, payload), run(), thread_key="t")


async def test_a_why_question_about_an_unknown_account_lists_nobody(payload: dict) -> None:
    report = await ChurnAnswers(None, ChurnConfig())(
        request("why is Zzyzx Quarry Holdings at risk?", payload), run(), thread_key="t"
    )
    assert report.accounts == []
    assert report.plan.unanswered


@pytest.mark.parametrize(
    "day", ["2026-12-30", "2026-12-31", "2027-01-01", "2027-03-31", "2027-02-28", "2028-02-29", "2027-07-15"]
)
async def test_on_every_day_the_flagship_question_finds_somebody(day: str) -> None:
    report = await ChurnAnswers(None, ChurnConfig())(
        request(FLAGSHIP_QUESTION, organisation(dt.date.fromisoformat(day)).payload()), run(), thread_key="t"
    )
    assert report.totals.at_risk >= 1
    assert all(account.draft.draft_id for account in report.accounts if not account.abstained)
