"""The churn workflow's typed input and output, as the outside contract fixes them."""

from __future__ import annotations

import difflib
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chains.evidence import Draft, Fact, Placeholder
from connectors.schema import PayloadBody

FLAGSHIP_QUESTION = (
    "Show me which enterprise customers in EMEA are at risk of churn this quarter "
    "and draft a personalized retention email for each."
)

Band = Literal["low", "medium", "high", "critical", "unknown"]
Intent = Literal["list", "explain", "redraft", "help"]


class Model(BaseModel):
    """A report part: every field has a default that is not null, so that any client can read it."""

    model_config = ConfigDict(extra="forbid")


class ChurnRequest(BaseModel):
    """A question, and the payload to answer it from (pushed, uploaded before, or left to the sources)."""

    model_config = ConfigDict(extra="ignore")

    question: str = FLAGSHIP_QUESTION
    payload: PayloadBody = Field(default_factory=dict)
    payload_id: str = ""
    as_of: str = ""

    @model_validator(mode="before")
    @classmethod
    def _read_kindly(cls, given: Any) -> Any:
        """Take null as absent, and refuse a name that is one of ours misspelt: another question would be answered."""
        if not isinstance(given, dict):
            return given
        known = cls.model_fields.keys()
        for name in given.keys() - known:
            near = difflib.get_close_matches(str(name), known - given.keys(), n=1, cutoff=0.75)
            if near:
                raise ValueError(f"a name here is not known; did you mean {near[0]}?")
        return {name: value for name, value in given.items() if value is not None or name not in known}


class Horizon(Model):
    """The time the question asks about: both days included; `label` in the user's words."""

    from_: str = Field("", alias="from")
    to: str = ""
    label: str = ""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, serialize_by_alias=True)


class PlanFilters(Model):
    """Which accounts the question is about; an empty list or string filters nothing.

    `segment`, `region`, `country`, `industry` hold the payload's own spellings (country groups such as
    DACH are spelt out as countries). `owner` holds owner ids. Days are ISO dates, both ends included.
    Amounts compare only within one currency.
    """

    segment: list[str] = Field(default_factory=list)
    region: list[str] = Field(default_factory=list)
    country: list[str] = Field(default_factory=list)
    industry: list[str] = Field(default_factory=list)
    owner: list[str] = Field(default_factory=list)
    account_ids: list[str] = Field(default_factory=list)
    renewal_from: str = ""
    renewal_to: str = ""
    min_arr: float = 0.0
    max_arr: float = 0.0
    arr_currency: str = ""


class Plan(Model):
    """What the question asks for, typed: nothing later reads the question's words again.

    `min_probability` 0 means the configured threshold does not apply and every scored account is listed;
    the planner fills in the threshold when the question speaks of risk. `top_n` 0 means all.
    """

    workflow: str = "churn"
    intent: Intent = "list"
    filters: PlanFilters = Field(default_factory=PlanFilters)
    horizon: Horizon = Field(default_factory=Horizon)
    min_probability: float = 0.0
    want_drafts: bool = False
    language: str = ""
    tone: str = ""
    length: str = ""
    top_n: int = 0
    sort: Literal["risk", "arr", "renewal", "arr_at_risk", "name"] = "risk"
    assumptions: list[str] = Field(default_factory=list)
    unanswered: list[str] = Field(default_factory=list)
    help_text: str = ""


class MoneyAmount(Model):
    """An amount in the major unit of one currency."""

    amount: float = 0.0
    currency: str = ""


class Totals(Model):
    """Counts over the payload: received = rejected + sum(excluded) + scored + abstained."""

    received: int = 0
    rejected: int = 0
    excluded: dict[str, int] = Field(default_factory=dict)
    scored: int = 0
    abstained: int = 0
    at_risk: int = 0
    arr_at_risk: list[MoneyAmount] = Field(default_factory=list)


class Interval(Model):
    """The range that holds the probability with the configured confidence."""

    low: float = 0.0
    high: float = 1.0


class Review(Model):
    """Whether a person should look before anything is done, and why."""

    needed: bool = False
    reason: str = ""


class Driver(Model):
    """One signal's push on the probability; `contribution` in log-odds, raising above 0."""

    signal: str
    label: str
    direction: Literal["raises", "lowers"]
    contribution: float
    statement: str
    fact_ids: list[str] = Field(default_factory=list)


class Because(Model):
    """One signal whose contribution changed since the account's last score, in log-odds."""

    signal: str = ""
    statement: str = ""
    delta: float = 0.0


class ChangeSinceLast(Model):
    """How the probability moved since the account was last scored; `delta` 0 when there is no earlier score."""

    delta: float = 0.0
    because: list[Because] = Field(default_factory=list)


class NextStep(Model):
    """Something a person should do, by when, from the playbook named."""

    action: str
    why: str = ""
    owner_role: str = ""
    due_on: str = ""
    playbook: str = ""


class AccountRisk(Model):
    """One account that answers the question: its risk, the evidence, what to do, and the draft."""

    account_id: str
    name: str = ""
    segment: str = ""
    region: str = ""
    country: str = ""
    industry: str = ""
    renewal_date: str = ""
    days_to_renewal: int = 0
    annual_recurring_revenue: MoneyAmount = Field(default_factory=MoneyAmount)
    churn_probability: float = 0.0
    renewal_risk: float = 0.0
    early_warning: bool = False
    interval: Interval = Field(default_factory=Interval)
    band: Band = "unknown"
    confidence: float = 0.0
    abstained: bool = False
    abstained_because: str = ""
    base_log_odds: float = 0.0
    computed_probability: float = 0.0
    model_adjustment: float = 0.0
    review: Review = Field(default_factory=Review)
    drivers: list[Driver] = Field(default_factory=list)
    facts: list[Fact] = Field(default_factory=list)
    reasoning: str = ""
    change_since_last: ChangeSinceLast = Field(default_factory=ChangeSinceLast)
    next_steps: list[NextStep] = Field(default_factory=list)
    draft: Draft = Field(default_factory=Draft)
    placeholders: list[Placeholder] = Field(default_factory=list)


class RejectedAccount(Model):
    """An account that could not be read, with a JSON pointer into the payload."""

    pointer: str
    account_id: str = ""
    message: str = ""


class DataFinding(Model):
    """A defect of the data; `scope` is "payload", a source name or an account id."""

    severity: Literal["info", "warning", "error"] = "warning"
    scope: str = "payload"
    message: str = ""
    count: int = 1


class Degraded(Model):
    """A step that fell back to the built-in engine, for one account or (empty) for all."""

    step: str
    account_id: str = ""
    reason: str = ""


class Engine(Model):
    """Which engine answered, and what it cost.

    `assessor` and `writer` are "rules" or "model"; calls, tokens and dollars are of the calls made in this run, and
    `reused_answers` counts those that an identical masked request had got before.
    """

    assessor: str = "rules"
    writer: str = "rules"
    model_names: list[str] = Field(default_factory=list)
    prompt_versions: dict[str, str] = Field(default_factory=dict)
    llm_calls: int = 0
    reused_answers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    degraded: list[Degraded] = Field(default_factory=list)


class ProblemItem(Model):
    """Where a request is wrong: a JSON pointer and what is expected there."""

    pointer: str = ""
    message: str = ""


class Problem(Model):
    """Why a run gave no answer (RFC 9457); `code` is empty when it did."""

    type: str = ""
    title: str = ""
    status: int = 0
    code: str = ""
    detail: str = ""
    instance: str = ""
    correlation_id: str = ""
    errors: list[ProblemItem] = Field(default_factory=list)


class ChurnReport(Model):
    """The answer: totals that add up, ranked accounts with evidence, and drafts that wait for a person."""

    run_id: str = ""
    thread_id: str = ""
    correlation_id: str = ""
    as_of: str = ""
    question: str = ""
    plan: Plan = Field(default_factory=Plan)
    totals: Totals = Field(default_factory=Totals)
    summary: str = ""
    accounts: list[AccountRisk] = Field(default_factory=list)
    rejected: list[RejectedAccount] = Field(default_factory=list)
    data_quality: list[DataFinding] = Field(default_factory=list)
    engine: Engine = Field(default_factory=Engine)
    warnings: list[str] = Field(default_factory=list)
    error: Problem = Field(default_factory=Problem)

    def to_frame(self) -> Any:
        """The accounts as a pandas DataFrame, one row an account, drivers and drafts as text."""
        from chains.churn.frame import report_frame

        return report_frame(self)

    def _repr_html_(self) -> str:
        """The report as a page, for Jupyter."""
        from chains.churn.html import report_html

        return report_html(self)
