"""Weighs one account's evidence with a model: findings, a bounded adjustment, the explanation, and the steps chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from chains.churn.findings import told_tickets
from chains.churn.model.internal_text import wrong_with_text
from chains.churn.next_steps import PlayMatch
from chains.churn.schema import Driver
from chains.churn.spoken import spoken_day
from chains.churn.state import Case
from chains.churn.summary import percent
from chains.grounding.names import NameIndex
from chains.models import AnswerForm, ModelRun, ModelStep
from chains.models.run import Attempt, masked
from chains.privacy import Masker
from chains.steps import Allowance, Outcome, Proposal, step

_MOST_DRIVERS = 9
_LEAST_DRIVER = 0.05
_MOST_TICKETS = 6
_MOST_PLAYS = 7
_MOST_EXPLANATION = 900
_MOST_SENTENCE = 260
_MOODS = ((-0.6, "very unhappy"), (-0.2, "unhappy"), (0.2, "neutral"), (1.1, "pleased"))
_LEAVING = ((0.85, "gives notice"), (0.7, "threatens"), (0.5, "considers it"), (0.25, "a hint"), (0.0, "no"))


class FindingNote(AnswerForm):
    """One thing that happened, and what it rests on."""

    what: str
    refs: list[str]


class StepNote(AnswerForm):
    """A play chosen, and why it fits."""

    play: str
    why: str


class Assessment(AnswerForm):
    """What the model makes of one account."""

    findings: list[FindingNote]
    adjustment: float = Field(ge=-10, le=10)
    adjustment_because: str
    adjustment_refs: list[str]
    explanation: str
    steps: list[StepNote]


REASON = ModelStep(
    "reason",
    "churn/reason.md",
    ("today", "account", "risk", "drivers", "tickets", "of", "doubts", "plays", "bound"),
    Assessment,
)


@dataclass(frozen=True)
class Reasoned:
    """An account's reasoning by a model: what to say, the plays in its order with its reasons, the adjustment.

    `adjustment` in log-odds as the model gave it, within the bound or not; `fact_ids` what it rests on.
    """

    explanation: str = ""
    adjustment: float = 0.0
    because: str = ""
    fact_ids: Sequence[str] = ()
    plays: Sequence[PlayMatch] = ()
    whys: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Risks:
    """The computed figures of one account, for the prompt: probability by the horizon, at the renewal, and its days."""

    probability: float
    renewal_risk: float
    horizon_to: dt.date
    renewal_on: dt.date | None


async def reason_by_model(
    case: Case,
    risks: Risks,
    plays: Sequence[PlayMatch],
    disputed: Sequence[str] = (),
    *,
    as_of: dt.date,
    masker: Masker,
    names: NameIndex,
    models: ModelRun,
    allowance: Allowance,
) -> Outcome[Reasoned]:
    """What a model makes of the case; without a usable answer an empty reasoning, and the built-in one stands."""
    drivers = _told_drivers(case.drivers)
    tickets = _shown_tickets(case, as_of)
    # A play that fits anybody says nothing beside one that answers something.
    fitting = [match for match in plays if match.finding] or list(plays)
    offered = {f"p{number}": match for number, match in enumerate(fitting[:_MOST_PLAYS], start=1)}
    lines = _lines(case, risks, drivers, tickets, offered, disputed, as_of)
    question = REASON.question(
        today=as_of.isoformat(),
        account=lines["account"],
        risk=lines["risk"],
        drivers=[
            {"ref": ref, "push": f"{d.contribution:+.2f}", "statement": d.statement or d.label}
            for ref, d in drivers.items()
        ],
        tickets=list(tickets.values()),
        of=len(case.readings),
        doubts=lines["doubts"],
        plays=[
            {"ref": ref, "role": match.play.owner_role.replace("_", " "), "action": match.action}
            for ref, match in offered.items()
        ],
        bound=f"{models.config.adjustment_bound:g}",
    )
    refs = {ref: d.fact_ids for ref, d in drivers.items()} | {ref: _ticket_facts(t) for ref, t in tickets.items()}

    def mask(text: str) -> str:
        return masker.mask(text, case.account.account_id)

    async def primary(attempts: Sequence[Attempt]) -> Proposal[Assessment | None]:
        reply = await models.ask(question, masked(attempts, mask))
        return Proposal(reply.value, reply.text, reply.model)

    def nothing() -> Assessment | None:
        return None

    def wrong(answer: Assessment | None) -> list[str]:
        if answer is None:
            return []

        texts = {
            "explanation": (answer.explanation, _MOST_EXPLANATION),
            **({"adjustment_because": (answer.adjustment_because, _MOST_SENTENCE)} if answer.adjustment else {}),
            **{f"reason {number}": (one.why, _MOST_SENTENCE) for number, one in enumerate(answer.steps, start=1)},
        }
        said = [
            finding
            for name, (text, most) in texts.items()
            for finding in wrong_with_text(
                name, text, lines, as_of=as_of, most_chars=most, mask=mask, names=names, own_names=[case.account.name]
            )
        ]
        return [*_wrong_refs(answer, refs, offered), *said]

    outcome = await step(
        primary,
        nothing,
        wrong,
        name=REASON.name,
        models=models,
        account_id=case.account.account_id,
        allowance=allowance,
        most_repairs=1,
    )
    if outcome.value is None:
        return Outcome(Reasoned())
    return Outcome(_reasoned(outcome.value, refs, offered), outcome.model, outcome.repairs)


def _told_drivers(drivers: Sequence[Driver]) -> dict[str, Driver]:
    told = [driver for driver in drivers if abs(driver.contribution) >= _LEAST_DRIVER][:_MOST_DRIVERS]
    return {f"d{number}": driver for number, driver in enumerate(told, start=1)}


def _shown_tickets(case: Case, as_of: dt.date) -> dict[str, dict[str, str]]:
    told = told_tickets(case.account, case.readings, as_of)[:_MOST_TICKETS]
    told.sort(key=lambda one: one.age_days if one.age_days is not None else 10_000)
    return {
        f"t{number}": {
            "ref": f"t{number}",
            "ticket_id": one.ticket.ticket_id,
            "opened": spoken_day(one.ticket.opened_at.date(), as_of) if one.ticket.opened_at else "undated",
            "state": "open" if one.is_open else "closed",
            "topic": one.theme,
            "mood": next(word for most, word in _MOODS if one.reading.sentiment < most),
            "leaving": next(word for least, word in _LEAVING if one.reading.leave_intent >= least),
            "gist": one.reading.gist,
            "asks": one.reading.asks,
        }
        for number, one in enumerate(told, start=1)
    }


def _ticket_facts(shown: Mapping[str, str]) -> list[str]:
    return [f"ticket:{shown['ticket_id']}:opened_at"]


def _lines(
    case: Case,
    risks: Risks,
    drivers: Mapping[str, Driver],
    tickets: Mapping[str, Mapping[str, str]],
    plays: Mapping[str, PlayMatch],
    disputed: Sequence[str],
    as_of: dt.date,
) -> dict[str, str]:
    """Everything the model is told, by reference; what it writes may hold figures and days from here alone."""
    account = case.account
    renews = f"renews on {spoken_day(risks.renewal_on, as_of)}" if risks.renewal_on else "renewal date not known"
    parts = [account.name, account.segment, account.industry, account.country, renews]
    by = f"{percent(risks.probability)} by {spoken_day(risks.horizon_to, as_of)}"
    return {
        "account": ", ".join(part for part in parts if part),
        "risk": f"{by}, {percent(risks.renewal_risk)} by the next renewal",
        **{ref: driver.statement or driver.label for ref, driver in drivers.items()},
        **{ref: f"{shown['opened']} {shown['state']} {shown['topic']}" for ref, shown in tickets.items()},
        **{ref: match.action for ref, match in plays.items()},
        "counts": f"{len(tickets)} of {len(case.readings)} tickets, "
        f"{sum(one['state'] == 'open' for one in tickets.values())} open",
        "doubts": "; ".join([*case.weighed.doubts, *_disputes(case, disputed, as_of)]),
    }


def _disputes(case: Case, disputed: Sequence[str], as_of: dt.date) -> list[str]:
    """What the computed risk counts although the reading of the ticket, as shown, does not say it."""
    tickets = [one for one in case.account.tickets if one.ticket_id in disputed and one.opened_at]
    days = sorted({one.opened_at.date() for one in tickets if one.opened_at})
    return [
        f"by its words the ticket of {spoken_day(day, as_of)} may speak of leaving, which the computed risk counts; "
        "read as a whole it does not"
        for day in days
    ]


def _wrong_refs(answer: Assessment, refs: Mapping[str, Sequence[str]], plays: Mapping[str, PlayMatch]) -> list[str]:
    cited = {ref for finding in answer.findings for ref in finding.refs} | set(answer.adjustment_refs)
    chosen = [one.play for one in answer.steps]
    invented = len([ref for ref in cited if ref not in refs])
    return [
        *(["findings are missing"] if not answer.findings else []),
        *(["a finding cites nothing"] if any(not finding.refs for finding in answer.findings) else []),
        *([f"{invented} references were not given: cite only d and t lines above"] if invented else []),
        *(["an adjustment needs a reason and references"] if _is_unfounded(answer) else []),
        *(["choose at least one play"] if plays and not chosen else []),
        *(["steps: only references of the plays given"] if any(one not in plays for one in chosen) else []),
        *(["a play is chosen twice"] if len(set(chosen)) < len(chosen) else []),
    ]


def _is_unfounded(answer: Assessment) -> bool:
    return bool(answer.adjustment) and not (answer.adjustment_because.strip() and answer.adjustment_refs)


def _reasoned(answer: Assessment, refs: Mapping[str, Sequence[str]], plays: Mapping[str, PlayMatch]) -> Reasoned:
    facts = [fact_id for ref in answer.adjustment_refs for fact_id in refs[ref]]
    return Reasoned(
        explanation=" ".join(answer.explanation.split()),
        adjustment=answer.adjustment,
        because=" ".join(answer.adjustment_because.split()) if answer.adjustment else "",
        fact_ids=list(dict.fromkeys(facts)),
        plays=[plays[one.play] for one in answer.steps],
        whys={plays[one.play].play.id: " ".join(one.why.split()) for one in answer.steps},
    )
