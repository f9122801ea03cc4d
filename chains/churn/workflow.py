"""Churn as a plug-in of the service."""

from __future__ import annotations

from collections.abc import Sequence

from chains.churn import planner
from chains.churn.account_rows import account_rows
from chains.churn.graph import ChurnAnswers
from chains.churn.model.steps import check_steps
from chains.churn.narrowing import narrow
from chains.churn.next_steps import default_playbook
from chains.churn.nodes import check_request
from chains.churn.schema import ChurnReport, ChurnRequest
from chains.churn.tickets import read_ticket
from chains.grounding.tables import LANGUAGES
from chains.grounding.vocabulary import words
from chains.registry import ProposedDraft, Workflow

PURPOSE = "retention"


def proposed_drafts(report: ChurnReport) -> Sequence[ProposedDraft]:
    """The report's drafts, each with the facts and placeholders a person needs to decide."""
    return [
        ProposedDraft(
            draft_id=account.draft.draft_id,
            account_id=account.account_id,
            purpose=PURPOSE,
            status=account.draft.status,
            digest=account.draft.digest,
            content={
                "account_name": account.name,
                "draft": account.draft.model_dump(mode="json"),
                "facts": [fact.model_dump(mode="json") for fact in account.facts],
                "placeholders": [placeholder.model_dump(mode="json") for placeholder in account.placeholders],
            },
        )
        for account in report.accounts
        if account.draft.draft_id
    ]


def warm() -> None:
    """Load the planner's tables, the ticket reader's lexicons, the playbook and the words of letters."""
    planner.warm()
    read_ticket("", "")
    default_playbook()
    for language in LANGUAGES:
        words(language)


WORKFLOW = Workflow(
    name="churn",
    request_type=ChurnRequest,
    report_type=ChurnReport,
    check=check_steps,
    build=ChurnAnswers,
    proposed_drafts=proposed_drafts,
    warm=warm,
    check_request=check_request,
    account_rows=account_rows,
    narrow=narrow,
)
