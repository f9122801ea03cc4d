"""Follow-ups: the earlier plan of the conversation with what a question changes."""

from __future__ import annotations

from collections.abc import Sequence

from chains.churn.config import ChurnConfig
from chains.churn.planner.composing import NO_SUCH_ACCOUNT, ahead_notes, filters_of, horizon_of, notes_of
from chains.churn.planner.turns import (
    CLEARING,
    WHY,
    Turn,
    asks_for_rest,
    asks_only_other_language,
    changes,
    leaves_out,
    matches,
)
from chains.churn.planner.understanding import Understanding
from chains.churn.schema import Plan, PlanFilters

FIRST_MEANT = "The first account of the earlier answer is meant."
_ADDING = r"(?:also )?(?:add|include|including|plus)|as well(?: as)?|in addition"


def refined(known: Understanding, previous: Plan, previous_ids: Sequence[str], turn: Turn, config: ChurnConfig) -> Plan:
    """The earlier plan with what the question changes."""
    plan = previous.model_copy(deep=True)
    plan.assumptions, plan.unanswered, plan.help_text = notes_of(known), list(known.unanswered), ""
    if known.resets:
        _widen(plan, config)
    _point(known, plan, previous, previous_ids, turn)
    _refilter(known, plan)
    _retime(known, plan, previous)
    _redraft(known, plan)
    plan.assumptions += ahead_notes(known, plan)
    if known.ordering.top_n and not known.safest:
        plan.top_n = known.ordering.top_n
    elif asks_for_rest(known, previous):
        plan.top_n = 0
    plan.sort = known.ordering.sort or plan.sort
    if known.threshold.named or known.threshold.refused:
        plan.min_probability = known.threshold.probability
    if asks_only_other_language(known):
        plan.intent = "list" if previous.intent == "redraft" else previous.intent
        plan.want_drafts = False
        if not changes(known):
            plan.filters = previous.filters.model_copy(deep=True)
        return plan
    if turn is Turn.REDRAFTS:
        plan.intent, plan.want_drafts = "redraft", True
        return plan
    if turn is Turn.EXPLAINS:
        plan.intent, plan.want_drafts = "explain", bool(known.drafts.wanted)
        plan.min_probability = 0.0
        return plan
    _as_list(known, plan, previous, config)
    return plan


def _widen(plan: Plan, config: ChurnConfig) -> None:
    """Lift what narrowed the list to single accounts; no draft is written for those that come back."""
    if (plan.filters.account_ids or plan.intent == "explain") and plan.min_probability == 0:
        plan.min_probability = config.at_risk_from
    plan.filters.account_ids, plan.top_n = [], 0
    plan.intent, plan.want_drafts = "list", False


def _as_list(known: Understanding, plan: Plan, previous: Plan, config: ChurnConfig) -> None:
    """Back to a list: an account explained before no longer narrows it when other filters are named."""
    plan.intent = "list"
    if previous.intent == "explain" and previous.filters.account_ids and not changes(known) and not known.wants_all:
        return
    pointed = known.references.ids or known.named.ids or known.references.one or known.references.them
    elsewhere = bool(previous.filters.account_ids) and any(known.filters.values.values())
    if (previous.intent == "explain" or elsewhere) and not (pointed or leaves_out(known)):
        plan.filters.account_ids = []
        if not known.threshold.named and previous.min_probability == 0:
            plan.min_probability = config.at_risk_from
    if known.at_risk and not known.threshold.named and plan.min_probability == 0:
        plan.min_probability = config.at_risk_from
    if known.wants_all and not known.at_risk and not known.threshold.named:
        plan.min_probability = 0.0
    if known.references.ids or known.named.ids:
        plan.min_probability = known.threshold.probability if known.threshold.named else 0.0


def _point(known: Understanding, plan: Plan, previous: Plan, previous_ids: Sequence[str], turn: Turn) -> None:
    """Which accounts "the first one", "it" or "them" mean."""
    references = known.references
    left_out = {*references.left_out, *known.named.left_out}
    if known.stranger and turn is Turn.EXPLAINS:
        plan.filters = PlanFilters()
        plan.assumptions.append(NO_SUCH_ACCOUNT)
        return
    if left_out and previous_ids:
        plan.filters.account_ids = [account_id for account_id in previous_ids if account_id not in left_out]
        return
    if known.named.ids:
        plan.filters.account_ids = list(known.named.ids)
        return
    if references.ids:
        plan.filters.account_ids = list(references.ids)
        return
    single = previous.filters.account_ids if len(previous.filters.account_ids) == 1 else list(previous_ids[:1])
    means_one = references.one and (turn is Turn.EXPLAINS or (known.drafts.wanted and turn is Turn.REFINES))
    if means_one and single:
        plan.filters.account_ids = list(single)
        if len(previous_ids) > 1 and len(previous.filters.account_ids) != 1:
            plan.assumptions.append(FIRST_MEANT)
    elif (
        references.them
        and (turn is Turn.REFINES or matches(WHY, " ".join(known.spoken), start=True))
        and previous_ids
        and not (known.ordering.sort or known.ordering.top_n)
        and not (known.unanswered and not changes(known) and not known.drafts.wanted and turn is Turn.REFINES)
    ) or (
        turn is Turn.EXPLAINS and not plan.filters.account_ids and references.named is False and len(previous_ids) == 1
    ):
        plan.filters.account_ids = list(previous_ids)


def _refilter(known: Understanding, plan: Plan) -> None:
    """Another value of the same kind replaces the earlier one; a place replaces any place; "include" adds."""
    text = " ".join(known.reading.words)
    fresh = filters_of(known)
    filters: PlanFilters = plan.filters
    for kind, pattern in CLEARING.items():
        if matches(pattern, text):
            setattr(filters, kind, [])
    adding = matches(_ADDING, text)
    excluded = known.filters.excluded
    if (fresh.region or fresh.country) and not adding and not ({"region", "country"} & set(excluded)):
        filters.region, filters.country = [], []
    for kind in ("segment", "region", "country", "industry", "owner"):
        earlier, named = getattr(filters, kind), getattr(fresh, kind)
        if kind in excluded and earlier:
            left = [value for value in earlier if value not in excluded[kind]]
            named = left or named
        if named:
            setattr(filters, kind, list(dict.fromkeys([*earlier, *named])) if adding else named)
    if known.amounts.named:
        filters.min_arr, filters.max_arr = fresh.min_arr, fresh.max_arr
        filters.arr_currency = fresh.arr_currency or filters.arr_currency
    if known.renewal:
        filters.renewal_from, filters.renewal_to = fresh.renewal_from, fresh.renewal_to


def _retime(known: Understanding, plan: Plan, previous: Plan) -> None:
    """A time named replaces the horizon, or the renewal window when that is where the earlier time came from."""
    horizon = horizon_of(known, plan.assumptions)
    if horizon is None:
        return
    only_renewals = known.renewal is not None and known.horizon is None
    if only_renewals and previous.horizon.to and not _came_of_renewals(previous) and not _is_default(previous):
        return
    if known.horizon and not known.at_risk and _came_of_renewals(previous) and known.horizon.until:
        plan.filters.renewal_from = known.horizon.since.isoformat()
        plan.filters.renewal_to = known.horizon.until.isoformat()
        horizon.from_ = known.calendar.today.isoformat()
    plan.horizon = horizon


def _came_of_renewals(plan: Plan) -> bool:
    return bool(plan.filters.renewal_to) and plan.filters.renewal_to == plan.horizon.to


def _is_default(plan: Plan) -> bool:
    return plan.horizon.label in {"", "this quarter"} and any("No time was named" in note for note in plan.assumptions)


def _redraft(known: Understanding, plan: Plan) -> None:
    drafts = known.drafts
    if drafts.wanted is not None:
        plan.want_drafts = drafts.wanted
    plan.language = "" if drafts.own_language else drafts.language or plan.language
    text = " ".join(known.reading.words)
    length = "short" if matches("shorten", text) else "long" if matches("lengthen", text) else ""
    plan.tone = drafts.tone or ("friendly" if matches("soften", text) else plan.tone)
    plan.length = drafts.length or length or plan.length
