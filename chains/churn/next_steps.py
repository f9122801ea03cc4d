"""Reasoning, fourth step: what to do by when, from the playbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from chains.churn.findings import Finding
from chains.churn.schema import NextStep
from chains.evidence import Frozen
from connectors.records import Account
from prompts.loader import load_text

MOST_STEPS = 4
OwnerRole = Literal["account_executive", "customer_success", "support", "finance", "executive_sponsor"]
_LEAST_WEIGHT = 0.05
_WITHOUT_FINDING = "No particular event; the account is due for a conversation."


class Offer(BaseModel):
    """Something a mail may propose to a customer; `text` in English, `minutes` its length.

    `permits` names what such a mail may speak of that other mails may not; only a subject can be permitted, no promise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: int = Field(gt=0, le=240)
    text: str
    permits: list[Literal["price"]] = Field(default_factory=list)


class Play(BaseModel):
    """One rule of the playbook: when it fits, what to do, who and how soon, what may be offered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    themes: list[str] = Field(min_length=1)
    state: Literal["any", "open", "solved"] = "any"
    min_weight: float = _LEAST_WEIGHT
    renewal_within_days: int = Field(0, ge=0)
    priority: int = Field(ge=0, le=100)
    owner_role: OwnerRole
    due_business_days: int = Field(ge=0, le=60)
    action: str
    may_offer: list[str] = Field(min_length=1)


class Playbook(BaseModel):
    """All plays, and the offers they draw on; refuses duplicate ids and unknown offers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    offers: dict[str, Offer]
    plays: list[Play]

    @model_validator(mode="after")
    def _is_consistent(self) -> Playbook:
        ids = [play.id for play in self.plays]
        if len(ids) != len(set(ids)):
            raise ValueError("two plays have the same id")
        unknown = {offer for play in self.plays for offer in play.may_offer} - set(self.offers)
        if unknown:
            raise ValueError(f"plays name unknown offers: {', '.join(sorted(unknown))}")
        return self

    def may_offer(self, play_id: str) -> list[str]:
        """What a mail may propose under that play, in English with its length, the lead offer first."""
        play = next(play for play in self.plays if play.id == play_id)
        return [f"{self.offers[key].text} ({self.offers[key].minutes} minutes)" for key in play.may_offer]


class PlayMatch(Frozen):
    """A play that fits, with the finding it answers (none for a play that fits anybody) and its due day."""

    play: Play
    finding: Finding | None = None
    due_on: dt.date
    urgency: float


@cache
def default_playbook() -> Playbook:
    """The playbook that ships with the prompts."""
    return Playbook.model_validate(yaml.safe_load(load_text("churn/playbook.yaml")))


def matched_plays(found: Sequence[Finding], account: Account, as_of: dt.date, playbook: Playbook) -> list[PlayMatch]:
    """Every play that fits, once each for the finding that asks for it most, most urgent first."""
    matches = []
    for play in playbook.plays:
        finding = _finding_for(play, found)
        if (finding or "any" in play.themes) and _renewal_fits(play, account, as_of):
            urgency = play.priority + 10 * min(finding.weight if finding else 0.0, 3.0)
            due_on = due_day(play.due_business_days, account, as_of)
            matches.append(PlayMatch(play=play, finding=finding, due_on=due_on, urgency=urgency))
    return sorted(matches, key=lambda m: (-m.urgency, m.play.id))


def next_steps(matches: Sequence[PlayMatch]) -> list[NextStep]:
    """At most four steps, the most urgent plays, by due day and then urgency; a filler play only where alone."""
    told = [m for m in matches if m.finding] or list(matches)
    chosen = sorted(told[:MOST_STEPS], key=lambda m: (m.due_on, -m.urgency))
    return [
        NextStep(
            action=_action(match),
            why=match.finding.statement if match.finding else _WITHOUT_FINDING,
            owner_role=match.play.owner_role,
            due_on=match.due_on.isoformat(),
            playbook=match.play.id,
        )
        for match in chosen
    ]


def due_day(business_days: int, account: Account, as_of: dt.date) -> dt.date:
    """That many business days after `as_of`, but on a business day before the deadline, and never before `as_of`."""
    due = as_of
    while business_days:
        due += dt.timedelta(days=1)
        business_days -= due.weekday() < 5
    deadline = decision_deadline(account, as_of)
    if deadline is None or due <= deadline:
        return due
    due = deadline
    while due.weekday() >= 5 and due > as_of:
        due -= dt.timedelta(days=1)
    return due


def decision_deadline(account: Account, as_of: dt.date) -> dt.date | None:
    """The last day that still matters: the start of the notice period where it lies ahead, else the renewal day."""
    contract = account.contract
    if contract is None or contract.renewal_date is None or contract.renewal_date < as_of:
        return None
    notice_starts = contract.renewal_date - dt.timedelta(days=max(contract.notice_days or 0, 0))
    return notice_starts if notice_starts >= as_of else contract.renewal_date


def _finding_for(play: Play, found: Sequence[Finding]) -> Finding | None:
    fitting = [
        finding
        for finding in found
        if finding.theme in play.themes
        and (finding.weight >= play.min_weight or finding.theme == "praise")
        and play.state in ("any", finding.state)
    ]
    return max(fitting, key=lambda f: (bool(f.ticket_ids), f.weight), default=None)


def _renewal_fits(play: Play, account: Account, as_of: dt.date) -> bool:
    if not play.renewal_within_days:
        return True
    renewal = account.contract.renewal_date if account.contract else None
    return renewal is not None and 0 <= (renewal - as_of).days <= play.renewal_within_days


def _action(match: PlayMatch) -> str:
    ids = match.finding.ticket_ids[:3] if match.finding else []
    suffix = f" (ticket{'s' if len(ids) > 1 else ''} {', '.join(ids)})" if ids else ""
    return f"{match.play.action}{suffix}."
