"""Evidence: facts that point at records, statements that cite facts, drafts made of statements."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Audience = Literal["internal", "shareable"]
DraftStatus = Literal["awaiting_approval", "approved", "rejected", "superseded", "blocked", "expired"]
NoDraft = Literal[""]


class Frozen(BaseModel):
    """An immutable value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(Frozen):
    """One field of one source record; `audience` says whether the customer may be told it."""

    fact_id: str
    source: str
    record_id: str
    field: str
    value: str
    unit: str = ""
    observed_at: str = ""
    audience: Audience = "internal"


class Statement(Frozen):
    """A sentence and the facts it rests on; a sentence that states nothing of the customer cites none."""

    text: str
    fact_ids: list[str] = Field(default_factory=list)


class Check(Frozen):
    """One test that a draft passed or failed, with what to mend."""

    name: str
    passed: bool
    detail: str = ""


class Placeholder(Frozen):
    """A person's value left out of a text, named by ids that the platform can resolve."""

    placeholder: str
    contact_id: str = ""
    owner_id: str = ""
    field: str


class Draft(Frozen):
    """An e-mail to one contact, in masked text, bound to its facts by `digest`; all empty where there is none."""

    draft_id: str = ""
    subject: str = ""
    body: str = ""
    language: str = ""
    to_contact_id: str = ""
    statements: list[Statement] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    status: DraftStatus | NoDraft = ""
    digest: str = ""
    written_by: str = ""
