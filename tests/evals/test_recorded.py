"""Recorded answers replayed: careful ones must be used, and of careless ones nothing false may reach a reader."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest

from chains.churn.evals.cases import answered, read_cases
from chains.churn.evals.scores import measures
from chains.churn.evals.watching import RECORDED, RecordedRun, digest_of, read_recording
from chains.churn.schema import AccountRisk, ChurnReport
from chains.models import AnswerForm, ModelGateway, ModelsConfig, Question, Reply, Route
from chains.models.run import Attempt

LEAST_FITTING_FORM = 1.0
LEAST_MAILS_USED = 0.95
LEAST_MAILS_BY_SECOND_TRY = 0.95

HERE = Path(__file__).parent
CASES = read_cases(HERE / "cases" / "org_history.json.gz")
GOOD = HERE / "recorded" / "org_history_good.jsonl"
CARELESS = HERE / "recorded" / "org_history_careless.jsonl"
LINES: list[dict[str, Any]] = [orjson.loads(line) for line in CARELESS.read_bytes().splitlines()]
# What code does not see so far; only the person who approves the mail does.
UNSEEN = {
    "another account's matter": "no check compares a sentence's matter with the fact cited",
    "days of two tickets exchanged": "no check compares a sentence's matter with the day's ticket",
}

Key = tuple[str, str, int]
FormT = TypeVar("FormT", bound=AnswerForm)


class UsedError(AssertionError):
    """An answer was used that should have been refused."""


@dataclass
class Refusals:
    """Which answers were asked for, which of them were not usable and why, and whose step fell back."""

    asked: list[Key] = field(default_factory=list)
    findings: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    fallen: dict[Key, str] = field(default_factory=dict)

    def accepted(self, step: str, digest: str, *, within: int = 3) -> bool:
        """Whether one of the first attempts at the question was used; one that nobody recorded was not."""
        tries = {(step, digest, attempt) for attempt in range(within)}
        return not tries.isdisjoint(self.asked) and not tries.intersection(self.asked) <= self.findings.keys()


class JudgedRun(RecordedRun):
    """A recorded run that notes which answers its steps refused."""

    def __init__(self, gateway: ModelGateway, answers: Mapping[Key, str]) -> None:
        super().__init__(gateway, answers)
        self.refusals = Refusals()
        # Accounts are worked on side by side, each in a task.
        self._at: ContextVar[Key] = ContextVar("question")

    async def ask(self, question: Question[FormT], attempts: Sequence[Attempt] = ()) -> Reply[FormT]:
        key = (question.step, digest_of(question), len(attempts))
        if attempts:
            self.refusals.findings[key[0], key[1], key[2] - 1] = attempts[-1].findings
        self.refusals.asked.append(key)
        self._at.set(key)
        return await super().ask(question, attempts)

    def fell_back(self, step: str, account_id: str, reason: str) -> None:
        self.refusals.findings[self._at.get()] = (reason,)
        self.refusals.fallen[self._at.get()] = account_id
        super().fell_back(step, account_id, reason)


@dataclass
class Replay:
    """The report of a replay and all that was noted on the way."""

    report: ChurnReport
    run: JudgedRun

    @property
    def refusals(self) -> Refusals:
        return self.run.refusals

    def account(self, name: str) -> AccountRisk:
        return next(account for account in self.report.accounts if account.name == name)


def _replayed(*files: Path) -> Replay:
    async def replay() -> Replay:
        config = ModelsConfig(routes={"recorded": Route(model="recorded")}, default=["recorded"], run_seconds=3_600)
        async with ModelGateway(config) as gateway:
            run = JudgedRun(gateway, read_recording(*files))
            report, _ = await answered(CASES, run)
            return Replay(report, run)

    return asyncio.run(replay())


@pytest.fixture(scope="module")
def good() -> Replay:
    return _replayed(GOOD)


@pytest.fixture(scope="module")
def careless() -> Replay:
    return _replayed(GOOD, CARELESS)


def _unanswered(report: ChurnReport) -> list[str]:
    return [one.name for one in report.accounts if not one.reasoning or not (one.draft.body or one.draft.checks)]


def _approvable_with_a_failed_check(report: ChurnReport) -> dict[str, list[str]]:
    waiting = [one for one in report.accounts if one.draft.status == "awaiting_approval"]
    failed = {one.name: [check.name for check in one.draft.checks if not check.passed] for one in waiting}
    return {name: checks for name, checks in failed.items() if checks}


def _shown(account: AccountRisk) -> str:
    """What readers see of a model's words: the explanation, reasons, and the mail where it can be approved."""
    draft = account.draft
    mail = [draft.subject, draft.body] if draft.status == "awaiting_approval" else []
    return "\n".join([account.reasoning, account.review.reason, *(step.why for step in account.next_steps), *mail])


def test_a_careful_recording_answers_every_account(good: Replay) -> None:
    assert len(good.report.accounts) == len(CASES.payload["accounts"])
    assert _unanswered(good.report) == []


def test_every_careful_answer_fits_its_form(good: Replay) -> None:
    found = [one for one in measures(CASES, good.report, good.run.log) if one.name == "fits its form at first try"]
    assert {one.step for one in found} >= {"read_tickets", "reason", "write_email"}
    assert {one.step: one.share for one in found if one.share < LEAST_FITTING_FORM} == {}


def test_careful_mails_are_used_in_the_end(good: Replay) -> None:
    by_rules = [one.name for one in good.report.accounts if one.draft.written_by != RECORDED]
    used = 1 - len(by_rules) / len(good.report.accounts)
    assert used >= LEAST_MAILS_USED, f"{used:.0%}; written by the rules: {by_rules}"


def test_careful_mails_are_grounded_by_the_second_try(good: Replay) -> None:
    mails = {key[1] for key in good.refusals.asked if key[0] == "write_email"}
    late = {mail for mail in mails if not good.refusals.accepted("write_email", mail, within=2)}
    share = 1 - len(late) / len(mails)
    why = [good.refusals.findings["write_email", mail, 0] for mail in sorted(late)]
    assert share >= LEAST_MAILS_BY_SECOND_TRY, f"{share:.0%}; refused: {why}"


@pytest.mark.parametrize("name", ["good", "careless"])
def test_no_mail_waits_for_approval_with_a_failed_check(name: str, request: pytest.FixtureRequest) -> None:
    replay: Replay = request.getfixturevalue(name)
    assert any(one.draft.status == "awaiting_approval" for one in replay.report.accounts)
    assert _approvable_with_a_failed_check(replay.report) == {}


def test_a_careless_recording_still_answers_every_account(careless: Replay) -> None:
    assert len(careless.report.accounts) == len(CASES.payload["accounts"])
    assert _unanswered(careless.report) == []


def test_every_refusal_of_a_careless_answer_is_repaired_or_told(careless: Replay) -> None:
    degraded = careless.report.engine.degraded
    told = {(line.step, line.account_id) for line in degraded}
    counted = {line.step for line in degraded if line.reason.endswith("more accounts)")}
    fallen = {key[:2]: account_id for key, account_id in careless.refusals.fallen.items()}
    silent = [
        key
        for key in careless.refusals.findings
        if not careless.refusals.accepted(*key[:2])
        and (key[0], fallen.get(key[:2])) not in told
        and key[0] not in counted
    ]
    assert careless.refusals.findings
    assert silent == []


def _parameter(line: dict[str, Any]) -> Any:
    unseen = UNSEEN.get(line["fault"])
    marks = [pytest.mark.xfail(reason=unseen, raises=UsedError, strict=True)] if unseen else []
    step = line["step"].replace("_", " ")
    return pytest.param(line, id=f"{line['account']}, {step} {line['attempt']}: {line['fault']}", marks=marks)


@pytest.mark.parametrize("line", [_parameter(line) for line in LINES])
def test_a_careless_answer_is_refused_or_used_as_expected(line: dict[str, Any], careless: Replay) -> None:
    fault, key = line["fault"], (line["step"], line["digest"], line["attempt"])
    if line["attempt"] and (*key[:2], line["attempt"] - 1) not in careless.refusals.findings:
        pytest.skip("the attempt before it was used")
    assert key in careless.refusals.asked, f"{fault}: never asked for; the step's inputs have changed"
    account = careless.account(line["account"])
    findings = "; ".join(careless.refusals.findings.get(key, ()))
    if line["expect"] == "refused":
        if not findings:
            raise UsedError(f"{fault}: was used")
        assert line["because"] in findings, f"{fault}: refused for something else: {findings}"
    else:
        assert not findings, f"{fault}: refused: {findings}"
    if line["expect"] == "accepted_with_review":
        assert account.review.needed, f"{fault}: nobody is asked to look"
        assert account.model_adjustment == 0, f"{fault}: applied all the same"
    found = [text for text in line["never"] if text in _shown(account)]
    assert not found, f"{fault}: shown to a reader: {found}"
