"""An account of any workflow's report as one flat row, for platforms that show tables and loop over records."""

from __future__ import annotations

from pydantic import BaseModel, Field


class AccountRow(BaseModel):
    """One account of a run's report, of plain values alone; texts are masked as the report's are."""

    account_id: str
    name: str = ""
    segment: str = ""
    region: str = ""
    country: str = ""
    industry: str = ""
    renewal_date: str = ""
    days_to_renewal: int = 0
    arr_amount: float = 0.0
    arr_currency: str = ""
    churn_probability: float = Field(0.0, description="From 0 to 1, by the end of the plan's horizon.")
    low: float = Field(0.0, description="Lower end of the probability's interval.")
    high: float = Field(0.0, description="Upper end of the probability's interval.")
    renewal_risk: float = Field(0.0, description="From 0 to 1, at the next renewal whenever that is.")
    band: str = ""
    confidence: float = 0.0
    early_warning: bool = False
    abstained: bool = False
    abstained_because: str = ""
    review_needed: bool = False
    review_reason: str = ""
    reasons: str = Field("", description="The three strongest reasons, as one text.")
    reasoning: str = ""
    next_step: str = Field("", description="The first thing to do.")
    next_step_why: str = ""
    next_step_due_on: str = ""
    owner_role: str = Field("", description="Who should do it.")
    draft_id: str = Field("", description="Empty where there is no draft, or the run was a dry one.")
    draft_subject: str = ""
    draft_body: str = ""
    draft_language: str = ""
    draft_status: str = Field("", description="How the draft stands now.")
    digest: str = Field("", description="The draft's digest, which a decision names.")
    to_contact_id: str = ""
