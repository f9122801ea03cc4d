"""Reasoning, fourth step: what to do by when, from the playbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from chains.churn.findings import Finding
from chains.churn.schema import NextStep
from chains.churn.spoken import spoken_day
from chains.evidence import Frozen
from connectors.records import Account
from prompts.loader import load_text

MOST_STEPS = 4
OwnerRole = Literal["account_executive", "customer_success", "support", "finance", "executive_sponsor"]
_LEAST_WEIGHT = 0.05
_MOST_IDS = 3
_SATURDAY = 5
_ABOUT_LEAVING = ("leaving", "downsizing", "pricing", "contract")
_NO_CALLS = ", as the customer asked not to be called"
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
    """One rule of the playbook: when it fits, what to do, who and how soon, what may be offered.

    `in_writing` takes the place of an `action` that calls the customer where the customer asked not to be called.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    themes: list[str] = Field(min_length=1)
    state: Literal["any", "open", "solved"] = "any"
    signals: list[str] = Field(default_factory=list)
    min_weight: float = _LEAST_WEIGHT
    within_days: int = Field(0, ge=0)
    after_days: int = Field(0, ge=0)
    renewal_within_days: int = Field(0, ge=0)
    priority: int = Field(ge=0, le=100)
    owner_role: OwnerRole
    due_business_days: int = Field(ge=0, le=60)
    action: str
    in_writing: str = ""
    why: str = ""
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
    """A play that fits, the finding it answers (none for a play that fits anybody), what to do and by when."""

    play: Play
    finding: Finding | None = None
    action: str = ""
    due_on: dt.date
    as_of: dt.date
    deadline: dt.date | None = None
    urgency: float


@cache
def default_playbook() -> Playbook:
    """The playbook that ships with the prompts."""
    return Playbook.model_validate(yaml.safe_load(load_text("churn/playbook.yaml")))


def matched_plays(found: Sequence[Finding], account: Account, as_of: dt.date, playbook: Playbook) -> list[PlayMatch]:
    """Every play that fits, once each for the finding that asks for it most, most urgent first.

    A finding from signals asks for one step only: that of the play made for its strongest signal, where there is one.
    """
    deadline = decision_deadline(account, as_of)
    no_calls = any(finding.no_calls for finding in found)
    weighty = _without_overtaken(found)
    matches: list[PlayMatch] = []
    for play in playbook.plays:
        finding = _finding_for(play, weighty)
        if (finding or "any" in play.themes) and _renewal_fits(play, account, as_of):
            matches.append(
                PlayMatch(
                    play=play,
                    finding=finding,
                    action=_action(play, finding, account, as_of, no_calls=no_calls),
                    due_on=due_day(play.due_business_days, account, as_of),
                    as_of=as_of,
                    deadline=deadline,
                    urgency=play.priority + 10 * min(finding.weight if finding else 0.0, 3.0),
                )
            )
    return sorted(_one_a_signal(matches), key=lambda m: (-m.urgency, m.play.id))


def next_steps(matches: Sequence[PlayMatch], whys: Mapping[str, str] | None = None) -> list[NextStep]:
    """At most four steps, the most urgent plays, by due day and then urgency; a filler play only where alone.

    Args:
        matches: The plays that fit, the most urgent first.
        whys: Reasons that go before the playbook's own, by play.
    """
    said = whys or {}
    told = _without_echoes([m for m in matches if m.finding]) or list(matches)
    chosen = sorted(told[:MOST_STEPS], key=lambda m: (m.due_on, -m.urgency))
    return [
        NextStep(
            action=f"{match.action}{_ticket_ids(match.finding)}.",
            why=said.get(match.play.id)
            or match.play.why
            or (match.finding.statement if match.finding else _WITHOUT_FINDING),
            owner_role=match.play.owner_role,
            due_on=due_on.isoformat(),
            playbook=match.play.id,
        )
        for match, due_on in zip(chosen, _staggered(chosen), strict=True)
    ]


def _without_overtaken(found: Sequence[Finding]) -> list[Finding]:
    """The findings but for those that a notice of termination, or a wish for less, has overtaken.

    After a notice nobody works on the customer: what is left to do is the notice and the tickets still open.
    """
    themes = {finding.theme for finding in found if finding.ticket_ids}
    if "notice" in themes:
        return [f for f in found if f.theme == "notice" or (f.open_ticket_ids and f.theme not in _ABOUT_LEAVING)]
    if "downsizing" in themes and "leaving" not in themes:
        return [f for f in found if f.theme != "leaving"]
    return list(found)


def _one_a_signal(matches: Sequence[PlayMatch]) -> list[PlayMatch]:
    special = {m.finding.theme for m in matches if m.finding and m.finding.origin == "signals" and m.play.signals}
    return [
        m
        for m in matches
        if not m.finding or m.finding.origin == "tickets" or m.play.signals or m.finding.theme not in special
    ]


def _without_echoes(matches: Sequence[PlayMatch]) -> list[PlayMatch]:
    """The matches but for those whose signal rests on tickets that other steps answer already."""
    answered = {ticket_id for m in matches[:MOST_STEPS] if m.finding for ticket_id in m.finding.ticket_ids}
    return [m for m in matches if not m.finding or m.finding.ticket_ids or not _is_answered(m.finding, answered)]


def _is_answered(finding: Finding, answered: set[str]) -> bool:
    ids = _tickets_of(finding)
    return bool(ids) and answered.issuperset(ids)


def _staggered(chosen: Sequence[PlayMatch]) -> list[dt.date]:
    """A due day for each step, in the order given: nobody gets two on a day where there is time for them apart.

    Where the deadline is nearer than the plays would have it, all of them move up in proportion.
    """
    if not chosen:
        return []
    as_of, deadline = chosen[0].as_of, chosen[0].deadline
    wanted: list[tuple[str, int]] = []
    for match in chosen:
        days = max(match.play.due_business_days, wanted[-1][1] if wanted else 0)
        while (match.play.owner_role, days) in wanted:
            days += 1
        wanted.append((match.play.owner_role, days))
    left = _business_days_until(deadline, as_of) if deadline else None
    last = max(days for _, days in wanted)
    if left is not None and last > left:
        wanted = [(role, days * left // last) for role, days in wanted]
    return [_after(as_of, days) for _, days in wanted]


def _business_days_until(deadline: dt.date, as_of: dt.date) -> int:
    return sum((as_of + dt.timedelta(days=n)).weekday() < _SATURDAY for n in range(1, (deadline - as_of).days + 1))


def _after(as_of: dt.date, business_days: int) -> dt.date:
    due = as_of
    while business_days:
        due += dt.timedelta(days=1)
        business_days -= due.weekday() < _SATURDAY
    return due


def due_day(business_days: int, account: Account, as_of: dt.date) -> dt.date:
    """That many business days after `as_of`, but on a business day before the deadline, and never before `as_of`."""
    due = _after(as_of, business_days)
    deadline = decision_deadline(account, as_of)
    if deadline is None or due <= deadline:
        return due
    due = deadline
    while due.weekday() >= _SATURDAY and due > as_of:
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
    dated = {f.theme for f in found if f.ticket_ids} if play.within_days or play.after_days else set()
    fitting = [
        finding
        for finding in found
        if finding.theme in play.themes
        and (finding.weight >= play.min_weight or finding.theme == "praise")
        and play.state in ("any", finding.state)
        and (finding.ticket_ids or finding.theme not in dated)  # The tickets' own age decides, not the signal.
        and _is_specific(play, finding)
        and _age_fits(play, finding)
    ]
    return max(fitting, key=lambda f: (bool(f.ticket_ids), f.weight), default=None)


def _renewal_fits(play: Play, account: Account, as_of: dt.date) -> bool:
    if not play.renewal_within_days:
        return True
    renewal = account.contract.renewal_date if account.contract else None
    return renewal is not None and 0 <= (renewal - as_of).days <= play.renewal_within_days


def _is_specific(play: Play, finding: Finding) -> bool:
    """Whether the finding has what the play speaks of: the signal it names, the tickets it is about."""
    if play.signals:
        return finding.origin == "signals" and finding.signals[0] in play.signals
    return bool(finding.subject) or "{about}" not in play.action


def _age_fits(play: Play, finding: Finding) -> bool:
    if finding.age_days is None:
        return not play.after_days
    if finding.state == "open":
        return not play.after_days  # What is open is current, however old.
    return play.after_days <= finding.age_days <= (play.within_days or finding.age_days)


def _action(play: Play, finding: Finding | None, account: Account, as_of: dt.date, *, no_calls: bool) -> str:
    renewal = account.contract.renewal_date if account.contract else None
    ahead = f"the renewal on {spoken_day(renewal, as_of)}" if renewal and renewal >= as_of else "the renewal"
    said = f"{play.in_writing}{_NO_CALLS}" if no_calls and play.in_writing else play.action
    return said.format(about=finding.subject if finding else "", renewal=ahead)


def _tickets_of(finding: Finding) -> list[str]:
    """The finding's tickets, or those that its strongest signal rests on where that speaks of support."""
    if finding.origin == "tickets" or finding.theme != "support":
        return finding.ticket_ids
    cited = [fact_id.split(":") for fact_id in finding.lead_fact_ids if fact_id.startswith("ticket:")]
    return list(dict.fromkeys(":".join(parts[1:-1]) for parts in cited))


def _ticket_ids(finding: Finding | None) -> str:
    ids = _tickets_of(finding)[:_MOST_IDS] if finding else []
    return f" (ticket{'s' if len(ids) > 1 else ''} {', '.join(ids)})" if ids else ""
