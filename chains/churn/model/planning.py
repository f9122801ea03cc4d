"""Reads a question with a model where the rules are unsure; a plan lists accounts and writes drafts, and no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from chains.churn.config import ChurnConfig
from chains.churn.model.plan_form import (
    KINDS,
    Asked,
    QuestionRecords,
    repeats,
    vocabulary_values,
    words_of,
    wrong_with,
)
from chains.churn.model.plan_merging import merged
from chains.churn.model.plan_shown import shown_plan
from chains.churn.planner import PlannedQuestion, Standing, Vocabulary, planned_question
from chains.churn.planner.fiscal import Calendar
from chains.churn.planner.followups import FIRST_MEANT
from chains.churn.planner.settled import is_settled
from chains.churn.schema import Plan
from chains.models import ModelRun, ModelStep
from chains.models.run import Attempt, masked
from chains.privacy import Masker
from chains.privacy.typed import without_typed_names
from chains.steps import Outcome, Proposal, step
from connectors.records import Account

MOST_VALUES = 80
_MOST_VALUE_CHARS = 40
_MOST_CHARS_OF_A_KIND = 1_000
_MOST_QUESTION_CHARS = 1_200
_MOST_UNREAD_CHARS = 500
_INPUTS = (
    "today", "quarter_end", "year_end", "regions", "segments", "countries", "industries", "previous", "known", "unread",
    "settled", "question",
)  # fmt: skip

NAMES_A_PERSON = "(a part that names a person)"
"""Stands for unread words that are a person's; in brackets, as it is settled that no plan can express them."""

PLAN = ModelStep("plan", "churn/plan.md", _INPUTS, QuestionRecords)


async def planned(
    question: str,
    vocabulary: Vocabulary,
    *,
    as_of: dt.date,
    config: ChurnConfig,
    previous: Plan | None = None,
    previous_account_ids: Sequence[str] = (),
    masker: Masker,
    accounts: Sequence[Account],
    models: ModelRun | None,
) -> Outcome[Plan]:
    """The plan of a question: the rules' own, read further by a model where it is wanted and persons are taken out.

    Args:
        question: As it was typed.
        vocabulary: What the payload lets it name.
        as_of: Today.
        config: The workflow's settings.
        previous: The earlier plan of the conversation, without persons.
        previous_account_ids: The accounts that the earlier answer listed, in order.
        masker: Takes persons out.
        accounts: Every account of the payload, for names as people type them.
        models: The run's models; None where there are none.
    """
    by_rules = planned_question(
        question,
        vocabulary,
        as_of=as_of,
        config=config,
        previous=previous,
        previous_account_ids=previous_account_ids,
    )
    if models is None or not models.serves(PLAN.name) or not leaves_unread(by_rules, models.config.plan == "always"):
        return Outcome(by_rules.plan)

    def masked(texts: Sequence[str]) -> list[str]:
        return without_typed_names([masker.mask(text) for text in texts], accounts)

    question_masked = masked([question])[0]
    outcome = await plan_by_model(
        question_masked,
        _masked(by_rules, masked, question_masked),
        _unnamed(vocabulary, masked),
        as_of=as_of,
        config=config,
        previous=previous,
        models=models,
        previous_account_ids=previous_account_ids,
        mask=masker.mask,
    )
    return outcome if outcome.model else Outcome(by_rules.plan)


def leaves_unread(base: PlannedQuestion, always: bool) -> bool:
    """Whether a model is asked: the rules did not understand, or left words that they do not know either."""
    if base.standing is Standing.SETTLED:
        return False
    if always or base.standing is Standing.NOT_UNDERSTOOD:
        return True
    return any(not is_settled(phrase) for phrase in base.read.unanswered)


async def plan_by_model(
    question_masked: str,
    base: PlannedQuestion,
    vocabulary: Vocabulary,
    *,
    as_of: dt.date,
    config: ChurnConfig,
    previous: Plan | None,
    models: ModelRun,
    previous_account_ids: Sequence[str] = (),
    mask: Callable[[str], str] = str,
) -> Outcome[Plan]:
    """The rules' plan with what a model read of the words they could not read; else the rules' plan.

    Nothing the model says can act: it names values of the payload, days, amounts and wishes for drafts, each with the
    words of the question that say so.
    """
    asked = Asked(
        question=question_masked,
        read=base.read,
        vocabulary=vocabulary,
        as_of=as_of,
        config=config,
        understood=base.standing is Standing.PLANNED,
    )
    question = PLAN.question(**_inputs(asked, previous))

    async def primary(attempts: Sequence[Attempt]) -> Proposal[QuestionRecords]:
        reply = await models.ask(question, masked(attempts, mask))
        return Proposal(reply.value, reply.text, reply.model)

    outcome = await step(
        primary,
        lambda: QuestionRecords(records=[], intent="help"),
        lambda answer: wrong_with(answer, asked),
        name=PLAN.name,
        models=models,
        most_repairs=1,
    )
    if not outcome.model:
        return Outcome(base.plan)
    if previous is not None and _mistook_for_one(outcome.value, base.read):
        asked = replace(asked, read=_again(previous, base.read))
    return Outcome(_decided(outcome.value, base, asked, previous_account_ids), outcome.model, outcome.repairs)


def _mistook_for_one(answer: QuestionRecords, read: Plan) -> bool:
    """Whether the rules guessed that "it" means one account, where the model sees a change of the list."""
    return answer.intent == "list" and read.intent == "explain" and FIRST_MEANT in read.assumptions


def _again(previous: Plan, read: Plan) -> Plan:
    """The earlier plan as the start, with what the rules could not read of the new question."""
    return previous.model_copy(deep=True, update={"assumptions": [], "unanswered": list(read.unanswered)})


def _decided(answer: QuestionRecords, base: PlannedQuestion, asked: Asked, listed: Sequence[str]) -> Plan:
    """The merged plan, or the rules' help where even so nobody is named whom the question is about."""
    plan = merged(answer, asked, listed)
    if asked.understood:
        return plan
    filters = plan.filters.model_dump(exclude={"arr_currency"})
    names_somebody = any(filters.values()) or plan.min_probability or plan.top_n or plan.sort != "risk"
    read_anything = any(record.field not in ("filler", "cannot") for record in answer.records)
    return plan if answer.intent != "help" and names_somebody and read_anything else base.plan


def _inputs(asked: Asked, previous: Plan | None) -> dict[str, str]:
    calendar = Calendar(asked.as_of, asked.config.fiscal_year_start_month)
    names = dict(asked.vocabulary.accounts)
    parts: dict[bool, list[str]] = {True: [], False: []}
    for phrase in asked.read.unanswered:
        parts[is_settled(phrase)].append(phrase)
    return {
        "today": f"{asked.as_of:%A} {asked.as_of.isoformat()}",
        "quarter_end": calendar.current("quarter").last.isoformat(),
        "year_end": calendar.current("year").last.isoformat(),
        **{f"{_plural(kind)}": ", ".join(offered(asked.vocabulary, kind)) for kind in KINDS},
        "previous": shown_plan(previous, names) if previous is not None and previous.intent != "help" else "",
        "known": shown_plan(asked.read, names),
        "unread": " | ".join(parts[False])[:_MOST_UNREAD_CHARS] or "nothing in particular",
        "settled": " | ".join(parts[True])[:_MOST_UNREAD_CHARS],
        "question": asked.question[:_MOST_QUESTION_CHARS],
    }


def offered(vocabulary: Vocabulary, kind: str) -> list[str]:
    """The values of a kind that the prompt names: short ones, and not too many."""
    values = [value for value in vocabulary_values(vocabulary, kind) if len(value) <= _MOST_VALUE_CHARS][:MOST_VALUES]
    while sum(len(value) + 2 for value in values) > _MOST_CHARS_OF_A_KIND:
        values.pop()
    return values


def _plural(kind: str) -> str:
    return {"country": "countries", "industry": "industries"}.get(kind, f"{kind}s")


def _masked(
    base: PlannedQuestion, masked: Callable[[Sequence[str]], list[str]], question_masked: str
) -> PlannedQuestion:
    """The rules' plan without persons in the words it repeats.

    A fragment of a telephone number or an address shows no masker what it is of; so only words that stand in the
    masked question are repeated.
    """
    plan = base.read
    label, *rest = masked([plan.horizon.label, *plan.assumptions, *plan.unanswered])
    assumptions, unanswered = rest[: len(plan.assumptions)], rest[len(plan.assumptions) :]
    spoken = words_of(question_masked)
    unanswered = [one if repeats(one, spoken) else NAMES_A_PERSON for one in unanswered]
    horizon = plan.horizon.model_copy(update={"label": label})
    read = plan.model_copy(update={"horizon": horizon, "assumptions": assumptions, "unanswered": unanswered})
    return replace(base, read=read)


def _unnamed(vocabulary: Vocabulary, masked: Callable[[Sequence[str]], list[str]]) -> Vocabulary:
    """The vocabulary without values that hold a person's name."""

    def kept(values: tuple[str, ...]) -> tuple[str, ...]:
        few = values[: 2 * MOST_VALUES]
        return tuple(value for value, without in zip(few, masked(few), strict=True) if value == without)

    return replace(
        vocabulary,
        segments=kept(vocabulary.segments),
        regions=kept(vocabulary.regions),
        countries=kept(vocabulary.countries),
        industries=kept(vocabulary.industries),
    )
