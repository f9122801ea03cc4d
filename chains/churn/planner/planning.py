"""Turns a question into a plan: alone, or on top of the earlier plan of the same conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from chains.churn.config import ChurnConfig
from chains.churn.planner import guidance
from chains.churn.planner.composing import alone
from chains.churn.planner.drafts import NOUN
from chains.churn.planner.followups import refined
from chains.churn.planner.tables import table
from chains.churn.planner.turns import Turn, asks_for_rest, clears, turn_of
from chains.churn.planner.understanding import Understanding, understand
from chains.churn.planner.vocabulary import Vocabulary
from chains.churn.schema import Plan


class Standing(Enum):
    """What the planner made of a question: a plan, help for want of understanding, or help that is the answer."""

    PLANNED = "planned"
    NOT_UNDERSTOOD = "not understood"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class PlannedQuestion:
    """A plan, how it stands, and `read`: what the rules read of the question, even where that was not enough."""

    plan: Plan
    standing: Standing
    read: Plan


def plan_question(
    question: str,
    vocabulary: Vocabulary,
    *,
    as_of: date,
    config: ChurnConfig,
    previous: Plan | None = None,
    previous_account_ids: Sequence[str] = (),
) -> Plan:
    """The typed plan of a question, as `planned_question` gives it."""
    return planned_question(
        question,
        vocabulary,
        as_of=as_of,
        config=config,
        previous=previous,
        previous_account_ids=previous_account_ids,
    ).plan


def planned_question(
    question: str,
    vocabulary: Vocabulary,
    *,
    as_of: date,
    config: ChurnConfig,
    previous: Plan | None = None,
    previous_account_ids: Sequence[str] = (),
) -> PlannedQuestion:
    """The typed plan of a question and how it stands; never raises, whatever the text.

    `as_of` is today. `previous` and `previous_account_ids` are the earlier plan of the conversation and the accounts
    its answer listed, in order.
    """
    text = _shortened(question, config.max_question_chars)
    if not any(letter.isalnum() for letter in text):
        return _help(guidance.EMPTY, vocabulary)
    known = understand(
        text,
        vocabulary,
        as_of,
        config,
        follows=previous is not None,
        drafted=previous is not None and (previous.want_drafts or previous.intent == "redraft"),
        previous_ids=previous_account_ids,
    )
    if _greets(known):
        return _help("", vocabulary)
    if known.commands.places and (known.commands.alone or not _says_anything(known)):
        return _help(guidance.ORDER, vocabulary)
    if _changes_records(known):
        return _help(guidance.ORDER, vocabulary)
    if _is_elsewhere(known):
        return _help(guidance.OUTSIDE, vocabulary)
    if known.past_churn and not known.at_risk and not known.named.ids:
        return _help(guidance.PAST, vocabulary)
    planned = _planned(known, vocabulary, config, previous, previous_account_ids)
    if len(question) > len(text) and planned.plan.intent != "help":
        planned.plan.unanswered.append(f"the text after the first {config.max_question_chars:,} characters")
    return planned


def _shortened(question: str, longest: int) -> str:
    """The question, cut between two words when it is too long."""
    if len(question) <= longest:
        return question
    return question[:longest].rsplit(maxsplit=1)[0] if " " in question[:longest] else question[:longest]


def _planned(
    known: Understanding,
    vocabulary: Vocabulary,
    config: ChurnConfig,
    previous: Plan | None,
    previous_ids: Sequence[str],
) -> PlannedQuestion:
    if previous is not None and previous.intent != "help":
        turn = turn_of(known, previous)
        if turn is not Turn.NEW:
            if turn is Turn.REFINES and not _refines(known, previous):
                return _unclear(_unread(known), vocabulary, refined(known, previous, previous_ids, turn, config))
            return _plan(refined(known, previous, previous_ids, turn, config))
    if not _is_about_customers(known):
        changing = re.search(r"(?:make|rewrite|shorten|translate|rephrase)\b", " ".join(known.reading.words))
        if changing and known.drafts.nouns:
            return _help(guidance.NO_EARLIER, vocabulary)
        return _unclear(_unread(known), vocabulary, alone(known, config))
    if known.drafts.wanted and not _names_recipients(known):
        return _unclear(guidance.FOR_WHOM, vocabulary, alone(known, config))
    return _plan(alone(known, config))


def _names_recipients(known: Understanding) -> bool:
    """Whether it says for whom drafts are wanted; without, one would be written for every account."""
    named = known.named.ids or any(known.filters.values.values()) or known.filters.mine or known.stranger
    said = known.at_risk or known.speaks_of_risk or known.renewals or known.customers or known.wants_all
    return bool(
        named or said or known.amounts.named or known.threshold.named or known.ordering.top_n or known.ordering.sort
    )


def _plan(plan: Plan) -> PlannedQuestion:
    return PlannedQuestion(plan, Standing.PLANNED, plan)


def _unclear(reason: str, vocabulary: Vocabulary, read: Plan) -> PlannedQuestion:
    """Help because too little was understood, unless the reason shows that enough was."""
    answer = _help(reason, vocabulary)
    unclear = reason == guidance.UNREADABLE or (reason == guidance.FOR_WHOM and read.unanswered)
    return PlannedQuestion(answer.plan, Standing.NOT_UNDERSTOOD, read) if unclear else answer


def _help(reason: str, vocabulary: Vocabulary) -> PlannedQuestion:
    name = vocabulary.accounts[0][1] if vocabulary.accounts else ""
    plan = Plan(intent="help", help_text=guidance.help_text(reason, name))
    return PlannedQuestion(plan, Standing.SETTLED, plan)


def _greets(known: Understanding) -> bool:
    """Whether the question only says hello or asks what can be asked."""
    text = " ".join(word for word in known.reading.words if word.isalnum())
    return re.fullmatch(_GREETING, text) is not None


_GREETING = (
    r"(?:(?:hi|hello|hey|good morning|good evening|baton|there|help|help me|please|hallo|bonjour|hola|thanks"
    r"|thank you|yes|ok|so|that s|that is|it s|very|really|all|for now|great|perfect|good|nice|helpful|awesome|cool"
    r"|super"
    r"|wonderful|danke|merci|gracias|bye|see you|tschuss|perfekt|parfait|perfecto|well done|got it|understood|no) ?)*"
    r"(?:(?:what|how) (?:can|do|could|should) (?:you|i|we) (?:do|help|ask|work|use|know)(?: .{0,40})?|who are you"
    r"|what are you|what is this|how does (?:this|it) work)?"
)


def _is_elsewhere(known: Understanding) -> bool:
    """Whether the question asks for another job: the weather, a poem, another workflow."""
    text = " ".join(known.spoken)
    topics = table("topics")
    for index, pattern in enumerate(topics["elsewhere"]):
        if re.search(rf"(?<![^ ])(?:{pattern})(?![^ ])", text):
            spared = known.at_risk and known.reading.has_any(("which", "who", "show", "list", "customers", "accounts"))
            creative = index == 1 and not known.reading.has_any(("which", "who", "show", "list"))
            if creative or not spared:
                return True
    return False


def _changes_records(known: Understanding) -> bool:
    """Whether the question orders a change in the CRM."""
    text, topics = " ".join(known.spoken), table("topics")
    polite = (
        r"^(?:(?:please|pls|can|could|would|will|you|kindly|hi|hello|hey|,|i|want|need|to|d|like|us|let|s|go|ahead"
        r"|and|now) )*"
    )
    write = rf"{polite}(?:{topics['writes']}) (?:\S+ ){{0,6}}?(?:{topics['written']})(?![^ ])"
    if not re.search(write, text) or re.search(rf"(?:create|add) (?:\S+ ){{0,4}}{NOUN}(?: |$)", text):
        return False
    return not (known.at_risk and known.reading.has_any(("which", "who", "show", "list"))) and not _shapes_answer(known)


def _shapes_answer(known: Understanding) -> bool:
    """Whether words such as "set" or "close" only shape the answer ("order the accounts by ARR")."""
    return bool(known.ordering.sort or known.threshold.named or known.drafts.styled) and not known.unanswered


def _is_about_customers(known: Understanding) -> bool:
    strong = (
        known.at_risk
        or known.renewals
        or known.named.ids
        or known.stranger
        or known.threshold.named
        or known.threshold.refused
    )
    if strong or known.customers or known.speaks_of_risk or known.filters.mine:
        return True
    return _says_anything(known) and not known.unanswered


def _unread(known: Understanding) -> str:
    """Why the question gets no answer: it orders something, or nothing in it was understood."""
    if known.drafts.unsupported:
        return guidance.LANGUAGES
    return guidance.ORDER if known.commands.opens else guidance.UNREADABLE


def _refines(known: Understanding, previous: Plan) -> bool:
    """Whether it says anything that the earlier answer can be changed or asked by."""
    lifts = clears(known) or asks_for_rest(known, previous) or known.resets
    return lifts or _says_anything(known) or _conditions(known)


def _conditions(known: Understanding) -> bool:
    """Whether it asks which of the earlier answer meet a condition that no plan can express."""
    asks = re.match(
        r"(?:(?:and|so|but|ok|now|,) )*(?:which|who|whose|how many|any|anyone|do|does|are|has|have|welche[rs]?|wer"
        r"|quels?|quelles?|lesquel(?:le)?s|qui|cuales|quien(?:es)?)(?![^ ])",
        " ".join(known.spoken),
    )
    return asks is not None and "flag" in known.reading.taken


def _says_anything(known: Understanding) -> bool:
    """Whether any rule took anything of weight."""
    named = any(known.filters.values.values()) or known.filters.mine or known.named.ids or known.references.named
    shaped = (
        known.ordering.sort
        or known.ordering.top_n
        or known.threshold.named
        or known.amounts.named
        or known.drafts.styled
    )
    timed = known.horizon or known.renewal or known.past_time
    spoken = known.at_risk or known.renewals or known.speaks_of_risk or known.customers or known.threshold.refused
    pointed = known.references.one or known.references.them or known.references.left_out or known.named.left_out
    return bool(named or shaped or timed or spoken or pointed or known.stranger or known.drafts.wanted is not None)
