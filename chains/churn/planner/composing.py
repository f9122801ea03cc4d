"""Makes a plan of what was understood of one question that stands by itself."""

from __future__ import annotations

from datetime import date
from typing import Literal

from chains.churn.config import ChurnConfig
from chains.churn.planner.fiscal import Calendar
from chains.churn.planner.tables import word_set
from chains.churn.planner.understanding import Understanding
from chains.churn.schema import Horizon, Plan, PlanFilters

AHEAD = "The probability is that of leaving by the end of the period, counted from today."
NO_SUCH_ACCOUNT = "No account of that name is in the data."
NO_TIME = "No time was named"


def alone(known: Understanding, config: ChurnConfig) -> Plan:
    """The plan of a question without an earlier one."""
    intent: Literal["list", "explain"] = "explain" if _explains(known) else "list"
    plan = Plan(
        intent=intent,
        filters=filters_of(known),
        min_probability=_threshold(known, config),
        want_drafts=bool(known.drafts.wanted),
        language=known.drafts.language,
        tone=known.drafts.tone,
        length=known.drafts.length,
        top_n=known.ordering.top_n,
        sort=known.ordering.sort or "risk",
        assumptions=notes_of(known),
        unanswered=list(known.unanswered),
    )
    plan.horizon = _horizon(known, plan)
    plan.assumptions += ahead_notes(known, plan)
    if known.safest:
        # The first five of a list from the highest risk down are not the five safest.
        plan.top_n = 0
    if intent == "explain" and not known.named.ids:
        plan.assumptions.append(NO_SUCH_ACCOUNT)
    return plan


def notes_of(known: Understanding) -> list[str]:
    """What was guessed in reading the question."""
    times = [time.note for time in (known.horizon, known.renewal) if time and time.note]
    counted = [known.ordering.note] if known.ordering.note else []
    return [*known.named.notes, *known.filters.notes, *known.amounts.notes, *times, *counted]


def _explains(known: Understanding) -> bool:
    reading = known.reading
    why = reading.has_any(word_set("composing_why"))
    if known.named.ids:
        if known.drafts.wanted:
            return reading.has_any(["why", "explain", "how", "warum", "pourquoi", "explique", "reasons", "reason"])
        return why or not reading.has_any(word_set("composing_lists"))
    return bool(known.stranger)


def _threshold(known: Understanding, config: ChurnConfig) -> float:
    if known.threshold.named:
        return known.threshold.probability
    if known.threshold.refused or known.named.ids or known.stranger:
        return 0.0
    if known.at_risk:
        return config.at_risk_from
    ordered_by_risk = known.ordering.sort in {"risk", "arr_at_risk"}
    ranks = known.wants_all or known.reading.has_any(("rank", "ranked", "ranking"))
    if (known.speaks_of_risk or ordered_by_risk) and not ranks:
        return config.at_risk_from
    return 0.0


def filters_of(known: Understanding) -> PlanFilters:
    """The filters the question names."""
    values = known.filters.values
    filters = PlanFilters(
        segment=values.get("segment", []),
        region=values.get("region", []),
        country=values.get("country", []),
        industry=values.get("industry", []),
        owner=values.get("owner", []),
        account_ids=known.named.ids,
        min_arr=known.amounts.minimum,
        max_arr=known.amounts.maximum,
        arr_currency=known.amounts.currency,
    )
    if known.renewal:
        filters.renewal_from = known.renewal.since.isoformat()
        filters.renewal_to = known.renewal.until.isoformat() if known.renewal.until else ""
    return filters


def ahead_notes(known: Understanding, plan: Plan) -> list[str]:
    """What a probability means when the time asked about has not begun and no renewal bounds the accounts."""
    ahead = plan.horizon.from_ > known.calendar.today.isoformat()
    return [AHEAD] if ahead and not (plan.filters.renewal_from or plan.filters.renewal_to) else []


def _horizon(known: Understanding, plan: Plan) -> Horizon:
    return horizon_of(known, plan.assumptions) or default_horizon(known.calendar, plan.assumptions)


def horizon_of(known: Understanding, assumptions: list[str]) -> Horizon | None:
    """The horizon the question names, by itself or through renewals; None when it names none."""
    if known.horizon:
        until = known.horizon.until
        if until is None:
            until = known.horizon.since.replace(day=1)
            until = known.calendar.later(12, "month")
            assumptions.append(f'"{known.horizon.label}" has no end; it is read up to {long_date(until)}.')
        return Horizon(
            from_=known.horizon.since.isoformat(),
            to=max(until, known.horizon.since).isoformat(),
            label=known.horizon.label,
        )
    if known.renewal and known.renewal.until:
        return Horizon(
            from_=known.calendar.today.isoformat(), to=known.renewal.until.isoformat(), label=known.renewal.label
        )
    return None


def default_horizon(calendar: Calendar, assumptions: list[str]) -> Horizon:
    """The rest of the current fiscal quarter, said among the assumptions."""
    quarter = calendar.current("quarter")
    assumptions.append(f"{NO_TIME}, so this quarter is meant, up to {long_date(quarter.last)}.")
    return Horizon(from_=calendar.today.isoformat(), to=quarter.last.isoformat(), label="this quarter")


def long_date(day: date) -> str:
    """The date in words, such as 31 December 2026."""
    return f"{day.day} {day:%B %Y}"
