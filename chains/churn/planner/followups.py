"""Follow-ups: whether a question refines the earlier plan, and the earlier plan with what it changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from chains.churn.config import ChurnConfig
from chains.churn.planner.composing import NO_SUCH_ACCOUNT, filters_of, horizon_of, notes_of
from chains.churn.planner.tables import word_set
from chains.churn.planner.understanding import Understanding
from chains.churn.schema import Plan, PlanFilters

_REFINING_START = (
    r"(?:and|but|only|what about|how about|same|also|instead|again|additionally|plus|or|nur|und|et|y|seulement|solo"
    r"|solamente"
    r"|noch mal|nochmal|das gleiche|das selbe|dasselbe|aber|auch|was ist mit|wie sieht|bloss|statt|stattdessen"
    r"|pareil|idem|meme chose"
    r"|la meme|mais|uniquement|juste|aussi|qu en est il|plutot|lo mismo|igual|pero|tambien|que tal|unicamente|ahora"
    r"|jetzt|maintenant"
    r"|just (?!show|list|give|tell)|how does that|in that case|of those|of these|which of (?:them|those"
    r"|these))(?![^ ])"
)
_WHY = (
    r"(?:and |but |ok |so |y |et |und )*(?:why|explain|how come|what (?:are|is|s) (?:the|their|its) (?:reasons?"
    r"|drivers?|causes?)"
    r"|reasons?|warum|wieso|weshalb|erklar\w*|pourquoi|explique\w*|por que|por ?que)(?![^ ])"
)
_SHORT = 7
_REST = (
    r"(?:(?:ok|and|so|please|can|could|i|you|show|list|give|see|me|us|now|what|about|just|und|et|y|zeig|mir|montre"
    r"|moi|muestrame)"
    r" )*(?:the (?:rest|others?|remaining(?: ones| accounts| customers)?)|who else|more|some more|all of them|all"
    r"|everyone"
    r"|the (?:full|whole|complete) list|den rest|die anderen|alle|le reste|les autres|tous|el resto|los demas"
    r"|todos)(?: please)?"
)
_ANAPHORA = (
    r"this time|instead|again|as well|too|the same|(?:on|in|from) (?:the|that|this|your) (?:list|answer)|(?:of|among"
    r"|from|for|to|with) (?:them|those|these)|that list|those|these|which ones|only (?:the )?ones|the others?"
)
_SHAPING_START = (
    r"(?:sort|order|limit|exclude|without|drop|keep|make|add|include|remove|narrow|filter|restrict|draft|write"
    r"|compose|e mail|email|rewrite|translate|rank them|rank it|shorten|show only|show just|give me only|only show"
    r"|skip|leave|cut)(?![^ ])"
)
_CHANGING = (
    r"make|rewrite|rephrase|reword|redo|translate|shorten|soften|tone|adjust|change|revise|improve|lengthen|expand"
    r"|polish|again|instead|another version|redraft|rework|should|mach|schreib|ubersetze|refais|traduis|hazlo|traduce"
    r"|keep|turn|switch|more|less|shorter|longer"
)
_ADDING = r"(?:also )?(?:add|include|including|plus)|as well(?: as)?|in addition"
_CLEARING = {
    "segment": r"(?:all|any|every|across all|regardless of) segments?",
    "region": r"(?:all|any|every|across all) regions?|worldwide|globally|everywhere|all over the world",
    "country": r"(?:all|any|every|across all) countr(?:y|ies)|worldwide|globally|everywhere|all over the world",
    "industry": r"(?:all|any|every|across all) industr(?:y|ies)",
    "owner": r"(?:all|any|every) owners?|everyone s|not (?:just|only) m(?:y|ine)",
}


class Turn(Enum):
    """What a question is to the one before it."""

    NEW = "new"
    REFINES = "refines"
    EXPLAINS = "explains"
    REDRAFTS = "redrafts"


def turn_of(known: Understanding, previous: Plan) -> Turn:
    """Whether the question starts anew, refines the earlier plan, asks why, or changes drafts."""
    text = _without_neutral(known.spoken)
    if _redrafts(known, previous, text):
        return Turn.REDRAFTS
    if _stands_alone(known, text):
        return Turn.NEW
    asks_why = known.reading.has_any(word_set("followups_why"))
    if known.stranger and not _changes(known):
        return Turn.EXPLAINS
    if _leaves_out(known):
        return Turn.REFINES
    points = bool(known.references.ids or known.references.one or known.references.named or known.named.ids)
    if points and not known.drafts.wanted and (asks_why or not _changes(known)):
        return Turn.EXPLAINS
    plainly = _matches(_WHY, text, start=True)
    if plainly and (known.references.them or len(text.split()) < _SHORT) and not known.drafts.wanted:
        return Turn.EXPLAINS
    return Turn.REFINES


def _leaves_out(known: Understanding) -> bool:
    return bool(known.references.left_out or known.named.left_out)


def _without_neutral(words: Sequence[str]) -> str:
    at = 0
    while at < len(words) and words[at] in word_set("followups_neutral"):
        at += 1
    return " ".join(words[at:])


def _stands_alone(known: Understanding, text: str) -> bool:
    if _matches(_REFINING_START, text, start=True) or known.references.ids or known.references.named:
        return False
    if _leaves_out(known):
        return False
    if known.named.ids:
        return (
            bool(known.reading.has_any(("why", "how", "is", "explain", "tell", "warum", "pourquoi"))) or known.at_risk
        )
    if (known.references.one or known.references.them) and not known.customers and not _filters_named(known):
        return False
    subject = known.customers and not _only_ones(known)
    if _matches(_SHAPING_START, text, start=True):
        return known.at_risk and subject
    if _matches(_ANAPHORA, text):
        return False
    starts = text.split(" ", 1)[0] in word_set("followups_sentence_start")
    if starts:
        return known.at_risk or (
            subject and (known.wants_all or bool(known.renewal) or any(known.filters.values.values()))
        )
    return known.at_risk and subject


def _only_ones(known: Understanding) -> bool:
    return not known.reading.has_any(word_set("followups_customers"))


def _redrafts(known: Understanding, previous: Plan, text: str) -> bool:
    changing = _matches(_CHANGING, text)
    styled = known.drafts.styled or _matches(r"shorten|soften|lengthen|translate", text)
    if not styled or _filters_named(known) or known.horizon or known.renewal or known.at_risk:
        return False
    if previous.want_drafts or previous.intent == "redraft":
        return not (known.customers and known.wants_all)
    return changing and not _matches(r"now|add|with drafts", text)


def _filters_named(known: Understanding) -> bool:
    return any(known.filters.values.values()) or known.amounts.named or known.threshold.named


def clears(known: Understanding) -> bool:
    """Whether the question lifts an earlier filter ("all regions")."""
    text = " ".join(known.reading.words)
    return any(_matches(pattern, text) for pattern in _CLEARING.values())


def asks_for_rest(known: Understanding, previous: Plan) -> bool:
    """Whether the question asks for those that an earlier "top 5" cut off."""
    text = " ".join(word for word in known.spoken if word.isalnum())
    return bool(previous.top_n) and re.fullmatch(_REST, text) is not None


def _changes(known: Understanding) -> bool:
    return bool(_filters_named(known) or known.horizon or known.renewal or known.ordering.sort or known.ordering.top_n)


def refined(known: Understanding, previous: Plan, previous_ids: Sequence[str], turn: Turn, config: ChurnConfig) -> Plan:
    """The earlier plan with what the question changes."""
    plan = previous.model_copy(deep=True)
    plan.assumptions, plan.unanswered, plan.help_text = notes_of(known), list(known.unanswered), ""
    _point(known, plan, previous, previous_ids, turn)
    _refilter(known, plan)
    _retime(known, plan, previous)
    _redraft(known, plan)
    if known.ordering.top_n:
        plan.top_n = known.ordering.top_n
    elif asks_for_rest(known, previous):
        plan.top_n = 0
    plan.sort = known.ordering.sort or plan.sort
    if known.threshold.named:
        plan.min_probability = known.threshold.probability
    if turn is Turn.REDRAFTS:
        plan.intent, plan.want_drafts = "redraft", True
        return plan
    if turn is Turn.EXPLAINS:
        plan.intent, plan.want_drafts = "explain", bool(known.drafts.wanted)
        plan.min_probability = 0.0
        return plan
    _as_list(known, plan, previous, config)
    return plan


def _as_list(known: Understanding, plan: Plan, previous: Plan, config: ChurnConfig) -> None:
    """Back to a list: an account explained before no longer narrows it when other filters are named."""
    plan.intent = "list"
    if previous.intent == "explain" and previous.filters.account_ids and not _changes(known) and not known.wants_all:
        return
    pointed = known.references.ids or known.named.ids or known.references.one or known.references.them
    if previous.intent == "explain" and not pointed:
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
            plan.assumptions.append("The first account of the earlier answer is meant.")
    elif (
        references.them
        and (turn is Turn.REFINES or _matches(_WHY, " ".join(known.spoken), start=True))
        and previous_ids
        and not (known.ordering.sort or known.ordering.top_n)
    ) or (
        turn is Turn.EXPLAINS and not plan.filters.account_ids and references.named is False and len(previous_ids) == 1
    ):
        plan.filters.account_ids = list(previous_ids)


def _refilter(known: Understanding, plan: Plan) -> None:
    """Another value of the same kind replaces the earlier one; a place replaces any place; "include" adds."""
    text = " ".join(known.reading.words)
    fresh = filters_of(known)
    filters: PlanFilters = plan.filters
    for kind, pattern in _CLEARING.items():
        if _matches(pattern, text):
            setattr(filters, kind, [])
    adding = _matches(_ADDING, text)
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
    length = "short" if _matches("shorten", text) else "long" if _matches("lengthen", text) else ""
    plan.tone = drafts.tone or ("friendly" if _matches("soften", text) else plan.tone)
    plan.length = drafts.length or length or plan.length


def _matches(pattern: str, text: str, *, start: bool = False) -> bool:
    if start:
        return re.match(pattern, text) is not None
    return re.search(rf"(?<![^ ])(?:{pattern})(?![^ ])", text) is not None
