"""Puts what a model read of a question into the plan that the rules made, and says so among its assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chains.churn.model.plan_form import (
    KINDS,
    Asked,
    PartRecord,
    QuestionRecords,
    days_of,
    number_of,
    revenue_of,
    settled_part,
    vocabulary_values,
    words_of,
)
from chains.churn.model.plan_shown import MOST_LISTED, shown_field, some
from chains.churn.planner.accounts import accounts_in
from chains.churn.planner.composing import AHEAD, NO_SUCH_ACCOUNT, NO_TIME
from chains.churn.planner.fiscal import Calendar
from chains.churn.planner.leftovers import NO_KIND
from chains.churn.planner.reading import Reading
from chains.churn.planner.settled import is_settled
from chains.churn.schema import Horizon, Plan
from chains.churn.spoken import joined

_SORTS = {"revenue": "arr", "revenue_at_risk": "arr_at_risk"}
_MOST_SAID = 120
_MOST_CANNOT = 5
_OPEN_MONTHS = 12
_CHOOSING = frozenset({*KINDS, "period", "renewal", "min_revenue", "max_revenue", "risk", "top"})


def merged(answer: QuestionRecords, asked: Asked, listed: Sequence[str] = ()) -> Plan:
    """The rules' plan with what the records add or correct; `listed` are the accounts of the earlier answer.

    A record changes nothing where it agrees with the rules or where its words belong to an order. What it changes
    stands in `assumptions`, beside what it replaces; what nobody could read stands in `unanswered`.
    """
    merge = _Merge(asked, listed)
    for record in answer.records:
        if not settled_part(record, asked.read):
            merge.add(record)
    return merge.finished(answer)


class _Merge:
    """One plan in the making; records of one field and kind count together."""

    def __init__(self, asked: Asked, listed: Sequence[str]) -> None:
        self.asked = asked
        self.listed = listed
        self.plan = asked.read.model_copy(deep=True)
        self.covered: set[str] = set()
        self.cannot: list[str] = []
        self.named: set[str] = set()
        self.changed: set[str] = set()

    def add(self, record: PartRecord) -> None:
        """Take one record over."""
        if record.field == "cannot":
            self.cannot.append(record.words)
            return
        before, earlier = self._shown(record.field), self.plan.model_copy(deep=True)
        if record.field != "filler" and not self._take(record):
            return
        self.covered.update(words_of(record.words))
        for word in record.words.split():
            self._forget(f'"{word}" {NO_KIND}')
        self.named.add(record.field)
        if record.field == "filler":
            self.plan.assumptions.append(f'The model takes "{record.words[:_MOST_SAID]}" to add nothing.')
        elif not _agree(self.plan, earlier):
            self.changed.add(record.field)
            self._tell(record, before)

    def _take(self, record: PartRecord) -> bool:
        """Set what the record names; False when that is nothing."""
        if record.field == "account":
            return self._name_account(record)
        if record.field in KINDS:
            return self._set_values(record)
        if record.field == "risk" and self.plan.filters.account_ids and record.values[0] == "at_risk":
            return True  # Of accounts that are named the risk is told, whatever it is.
        if record.field == "period":
            self._forget(NO_TIME)
        _SETTERS[record.field](self.plan, record, self.asked)
        return True

    def _tell(self, record: PartRecord, before: str) -> None:
        now = self._shown(record.field)
        if record.without:
            now, before = f"leaving out {record.field} {joined(record.values[:MOST_LISTED])}", ""
        instead = f" instead of {before}" if before else ""
        self.plan.assumptions.append(f'The model reads "{record.words[:_MOST_SAID]}" as {now or "none"}{instead}.')

    def finished(self, answer: QuestionRecords) -> Plan:
        """The plan with its intent settled and what is left unread."""
        plan = self.plan
        if "account" in self.changed and "risk" not in self.changed:
            plan.min_probability = 0.0
        self._settle_intent(answer.intent)
        self._settle_horizon()
        unread = [phrase for phrase in plan.unanswered if is_settled(phrase) or not self._covers(phrase)]
        plan.unanswered = _without_parts([*unread, *self.cannot[:_MOST_CANNOT]])
        return plan

    def _covers(self, phrase: str) -> bool:
        return set(words_of(phrase)) <= self.covered

    def _set_values(self, record: PartRecord) -> bool:
        kind, wanted = record.field, {value.casefold() for value in record.values}
        filters = self.plan.filters
        spelt = [value for value in vocabulary_values(self.asked.vocabulary, kind) if value.casefold() in wanted]
        earlier: list[str] = getattr(filters, kind)
        if record.without:
            everything = vocabulary_values(self.asked.vocabulary, kind)
            values = [value for value in earlier if value.casefold() not in wanted]
            values = values or [value for value in everything if value.casefold() not in wanted]
            if not values:
                return False
        elif kind in self.named:
            values = list(dict.fromkeys([*earlier, *spelt]))
        else:
            values = spelt
        if set(values) != set(earlier):
            setattr(filters, kind, values)
        return True

    def _name_account(self, record: PartRecord) -> bool:
        """Find the names by the rules' own matching; each stands as a name, so it may be written without capitals."""
        ids: list[str] = []
        for name in record.values:
            found = accounts_in(Reading(name.title()), self.asked.vocabulary.names, self.listed)
            ids += found.ids or self._alike(name)
            self.plan.assumptions += [note for note in found.notes if note not in self.plan.assumptions]
        earlier = self.plan.filters.account_ids
        if not ids:
            return False
        if record.without:
            left = [account_id for account_id in earlier or self.listed if account_id not in ids]
            if left:
                self.plan.filters.account_ids = left
            return bool(left)
        self.plan.filters.account_ids = list(dict.fromkeys([*earlier, *ids]))
        self._drop_words_of_names(record)
        return True

    def _alike(self, name: str) -> list[str]:
        """The one account whose name is most like a name that is certainly meant as one."""
        names = self.asked.vocabulary.names
        near = sorted(names.close_names(words_of(name)), reverse=True)
        if not near or (len(near) > 1 and near[0][0] == near[1][0]):
            return []
        return [names.account_id(near[0][1])]

    def _drop_words_of_names(self, record: PartRecord) -> None:
        """Lift filters that the rules took from a word of a company's name ("Blue Energy")."""
        words = set(words_of(record.words))
        for kind in KINDS:
            values: list[str] = getattr(self.plan.filters, kind)
            part = [value for value in values if set(words_of(value)) <= words]
            if part:
                setattr(self.plan.filters, kind, [value for value in values if value not in part])
                self.plan.assumptions.append(f"{joined(part)} is part of a name there, no {kind}.")

    def _shown(self, field: str) -> str:
        if field == "account":
            names = dict(self.asked.vocabulary.accounts)
            return some("", [names.get(one, one) for one in self.plan.filters.account_ids])
        if field == "period" and self._is_default_time():
            return ""
        return shown_field(self.plan, field)

    def _forget(self, note: str) -> None:
        self.plan.assumptions = [kept for kept in self.plan.assumptions if not kept.startswith(note)]

    def _is_default_time(self) -> bool:
        return any(note.startswith(NO_TIME) for note in self.plan.assumptions)

    def _settle_intent(self, intent: str) -> None:
        plan = self.plan
        if plan.intent == "redraft":
            # Drafts are changed for the accounts of the earlier answer; another choice of accounts makes a list.
            plan.intent = "list" if intent == "list" and self.changed & _CHOOSING else "redraft"
            return
        nobody = plan.intent == "explain" and not plan.filters.account_ids
        if intent == "explain" and plan.filters.account_ids and (self.changed or not self.asked.understood):
            plan.intent, plan.min_probability = "explain", 0.0
        elif nobody and intent == "list" and self.changed - {"drafts", "language", "tone", "length"}:
            plan.intent = "list"
        elif intent == "redraft" and plan.want_drafts and self.changed & {"language", "tone", "length"}:
            plan.intent = "redraft"
        if plan.intent != "explain" or plan.filters.account_ids:
            self._forget(NO_SUCH_ACCOUNT)

    def _settle_horizon(self) -> None:
        """A renewal read where no time was named sets the horizon, as the rules do."""
        plan, today = self.plan, self.asked.as_of.isoformat()
        if "renewal" in self.changed and plan.filters.renewal_to and self._is_default_time():
            plan.horizon = Horizon(from_=today, to=max(plan.filters.renewal_to, today), label="until the renewal")
            self._forget(NO_TIME)
        self._forget(AHEAD)
        if plan.horizon.from_ > today and not (plan.filters.renewal_from or plan.filters.renewal_to):
            plan.assumptions.append(AHEAD)


def _agree(one: Plan, other: Plan) -> bool:
    """Whether two plans do the same, whatever is noted beside them."""
    unlike = {"assumptions", "horizon"}
    days = [(plan.horizon.from_, plan.horizon.to) for plan in (one, other)]
    return days[0] == days[1] and one.model_dump(exclude=unlike) == other.model_dump(exclude=unlike)


def _without_parts(phrases: Sequence[str]) -> list[str]:
    """The phrases that are no part of another one."""
    words = {phrase: set(words_of(phrase)) for phrase in phrases}
    return [one for one in words if not any(words[one] < words[other] for other in words)]


def _set_period(plan: Plan, record: PartRecord, asked: Asked) -> None:
    first, last = days_of(record) or (None, None)
    start = max(first or asked.as_of, asked.as_of)
    end = last or Calendar(asked.as_of, asked.config.fiscal_year_start_month).later(_OPEN_MONTHS, "month")
    label = " ".join(record.words.split())[:_MOST_SAID]
    plan.horizon = Horizon(from_=start.isoformat(), to=max(start, end).isoformat(), label=label)


def _set_renewal(plan: Plan, record: PartRecord, asked: Asked) -> None:
    first, last = days_of(record) or (None, None)
    plan.filters.renewal_from = max(first or asked.as_of, asked.as_of).isoformat()
    plan.filters.renewal_to = last.isoformat() if last else ""


def _set_least(plan: Plan, record: PartRecord, asked: Asked) -> None:
    amount, currency = revenue_of(record) or (0.0, "")
    plan.filters.min_arr, plan.filters.arr_currency = amount, currency or plan.filters.arr_currency


def _set_most(plan: Plan, record: PartRecord, asked: Asked) -> None:
    amount, currency = revenue_of(record) or (0.0, "")
    plan.filters.max_arr, plan.filters.arr_currency = amount, currency or plan.filters.arr_currency


def _set_risk(plan: Plan, record: PartRecord, asked: Asked) -> None:
    config = asked.config
    edges = {
        "at_risk": config.at_risk_from,
        "medium": config.band_medium_from,
        "high": config.band_high_from,
        "critical": config.band_critical_from,
        "any": 0.0,
    }
    value = record.values[0]
    plan.min_probability = edges[value] if value in edges else number_of(value) or 0.0


def _set_top(plan: Plan, record: PartRecord, asked: Asked) -> None:
    plan.top_n = int(number_of(record.values[0]) or 0)


def _set_sort(plan: Plan, record: PartRecord, asked: Asked) -> None:
    value: Any = _SORTS.get(record.values[0], record.values[0])
    plan.sort = value


def _set_drafts(plan: Plan, record: PartRecord, asked: Asked) -> None:
    plan.want_drafts = record.values[0] == "yes"


def _set_language(plan: Plan, record: PartRecord, asked: Asked) -> None:
    plan.language = record.values[0]


def _set_tone(plan: Plan, record: PartRecord, asked: Asked) -> None:
    plan.tone = record.values[0]


def _set_length(plan: Plan, record: PartRecord, asked: Asked) -> None:
    plan.length = record.values[0]


_SETTERS: Mapping[str, Callable[[Plan, PartRecord, Asked], None]] = {
    "period": _set_period,
    "renewal": _set_renewal,
    "min_revenue": _set_least,
    "max_revenue": _set_most,
    "risk": _set_risk,
    "top": _set_top,
    "sort": _set_sort,
    "drafts": _set_drafts,
    "language": _set_language,
    "tone": _set_tone,
    "length": _set_length,
}
