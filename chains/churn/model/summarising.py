"""Sums a run up with a model: one call, on the figures and the first accounts alone, or the built-in paragraph."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chains.churn.model.internal_text import wrong_with_text
from chains.churn.schema import AccountRisk, Plan, Totals
from chains.churn.spoken import spoken_day
from chains.churn.summary import headline, percent
from chains.grounding.names import NameIndex, names_in
from chains.grounding.numbers import find_numbers
from chains.grounding.reading import read
from chains.models import AnswerForm, ModelRun, ModelStep
from chains.models.run import Attempt, masked
from chains.steps import Outcome, Proposal, step

MOST_SHOWN = 6
MOST_WORDS = 110
_MOST_CHARS = 900
_MOST_SENTENCES = 8
_REASONS = 2
# What an account simply is explains nothing that happened.
_NO_REASON = frozenset({"segment", "tenure", "term", "decisions_survived", "auto_renewal"})
_MOST_STEP_CHARS = 160
_FIGURES = "figures"
_TICKETS = re.compile(r" \(tickets? [^)]*\)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_NOBODY = re.compile(r"\b(?:none|no(?:body| one| account| customer)|not one|neither)\b", re.IGNORECASE)
_ONLY = re.compile(r"\b(?:one|only|single|it)\b", re.IGNORECASE)
_EVERY = re.compile(r"\b(?:all|both|every|each)\b", re.IGNORECASE)
_LATER = re.compile(r"renewal|renews|early warning", re.IGNORECASE)
_AT_RISK = re.compile(r"\bat risk\b|\blikely\b|\d ?%[^.]{0,20}\b(?:chance|risk|probability)", re.IGNORECASE)
_COUNTED = re.compile(
    r"(?<![\w.,])(\d+)\b(?! ?%)(?: [a-z-]+){0,2}?"
    r" (ticket|account|customer|draft|invoice|seat|feature|case|people|person|day|week)"
)
_IN_WORDS = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
]
_WORD = re.compile(rf"\b(?:{'|'.join(_IN_WORDS)})\b")
_PERCENT_NEXT = re.compile(r"\s*[(,:]?\s*(?:is |stands |at |with )*(\d{1,3})\s?%")


class SummaryNote(AnswerForm):
    """The paragraph."""

    summary: str


SUMMARISE = ModelStep("summarise", "churn/summarise.md", ("today", "figures", "accounts", "more"), SummaryNote)


@dataclass(frozen=True)
class _Shown:
    """What the model is told of one account."""

    account: AccountRisk
    risk: str
    renews: str
    reasons: Sequence[str]
    step: str

    @property
    def name(self) -> str:
        return self.account.name or self.account.account_id

    @property
    def percent(self) -> str:
        """The probability as it is shown, with its sign."""
        account = self.account
        return percent(account.renewal_risk if account.early_warning else account.churn_probability)

    @property
    def lines(self) -> list[str]:
        return [f"{self.name}: {self.risk}", *([f"renews on {self.renews}"] if self.renews else []),
                *self.reasons, self.step]  # fmt: skip


async def summarise_by_model(
    plan: Plan,
    totals: Totals,
    accounts: Sequence[AccountRisk],
    built_in: str,
    *,
    models: ModelRun,
    as_of: dt.date,
    mask: Callable[[str], str],
    names: NameIndex,
) -> Outcome[str]:
    """The summary as a model writes it for a sales manager; the built-in one where there is nothing to weigh.

    Args:
        plan: What was asked.
        totals: The counts of the run.
        accounts: The accounts listed, in their order, without persons.
        built_in: The built-in summary, whose figures the model is given.
        models: The run's models.
        as_of: The day of the run.
        mask: Takes persons out of a text.
        names: Every account's name.
    """
    shown = _shown(accounts, as_of)
    if plan.intent in ("help", "explain") or not totals.scored or not shown:
        return Outcome(built_in)
    question = SUMMARISE.question(
        today=spoken_day(as_of, dt.date.min),
        figures=built_in,
        accounts=[
            {"name": one.name, "risk": one.risk, "renews": one.renews, "reasons": one.reasons, "step": one.step}
            for one in shown
        ],
        more=len(accounts) > len(shown),
    )

    async def primary(attempts: Sequence[Attempt]) -> Proposal[str]:
        reply = await models.ask(question, masked(attempts, mask))
        return Proposal(" ".join(reply.value.summary.split()), reply.text, reply.model)

    return await step(
        primary,
        lambda: built_in,
        lambda text: wrong_with_summary(text, totals, shown, built_in, as_of=as_of, mask=mask, names=names),
        name=SUMMARISE.name,
        models=models,
        most_repairs=1,
    )


def _shown(accounts: Sequence[AccountRisk], as_of: dt.date) -> list[_Shown]:
    """The first accounts judged, in their order; the one most at risk is always among them."""
    judged = [account for account in accounts if not account.abstained]
    first = judged[:MOST_SHOWN]
    most = _most_at_risk(judged)
    if most is not None and most not in first:
        first = [most, *first[:-1]]
    return [_told(account, as_of) for account in first]


def _most_at_risk(accounts: Sequence[AccountRisk]) -> AccountRisk | None:
    return max(accounts, key=_danger, default=None)


def _danger(account: AccountRisk) -> tuple[float, float]:
    return 0.0 if account.early_warning else account.churn_probability, account.renewal_risk


def _told(account: AccountRisk, as_of: dt.date) -> _Shown:
    told = [one for one in account.drivers if one.contribution > 0 and one.signal not in _NO_REASON]
    raising = sorted(told, key=lambda one: -one.contribution)[:_REASONS]
    first = account.next_steps[0] if account.next_steps else None
    renews = dt.date.fromisoformat(account.renewal_date) if account.renewal_date else None
    step_text = _TICKETS.sub("", first.action)[:_MOST_STEP_CHARS] if first else ""
    if first and first.due_on:
        step_text = f"{step_text.rstrip('.')} (by {spoken_day(dt.date.fromisoformat(first.due_on), as_of)})"
    return _Shown(
        account=account,
        risk=headline(account),
        renews=spoken_day(renews, as_of) if renews and not account.early_warning else "",
        reasons=[driver.statement or driver.label for driver in raising],
        step=step_text,
    )


def wrong_with_summary(
    text: str,
    totals: Totals,
    shown: Sequence[_Shown],
    built_in: str,
    *,
    as_of: dt.date,
    mask: Callable[[str], str],
    names: NameIndex,
) -> list[str]:
    """What keeps a summary from being used; a sentence may hold the figures of the accounts it is about alone."""
    if not text:
        return ["the summary is empty"]
    if len(text) > _MOST_CHARS or len(text.split()) > MOST_WORDS:
        return [f"the summary has {len(text.split())} words; {MOST_WORDS} are allowed"]
    sentences = list(_sentences(text, shown))
    wrong = [f"write at most {_MOST_SENTENCES} sentences"] if len(sentences) > _MOST_SENTENCES else []
    for sentence, about in sentences:
        lines = {_FIGURES: built_in, **_lines(about)}
        wrong += wrong_with_text(
            "the summary",
            sentence,
            lines,
            as_of=as_of,
            most_chars=_MOST_CHARS,
            mask=mask,
            names=names,
            own_names=[one.name for one in shown],
        )
        wrong += _miscounted(sentence, list(lines.values()))
        wrong += _called_at_risk(sentence, about)
    wrong += _swapped(text, shown)
    wrong += _left_out(text, totals, shown)
    return list(dict.fromkeys(wrong))


def _lines(about: Sequence[_Shown]) -> Mapping[str, str]:
    return {f"a{index}.{place}": line for index, one in enumerate(about) for place, line in enumerate(one.lines)}


def _sentences(text: str, shown: Sequence[_Shown]) -> Iterator[tuple[str, Sequence[_Shown]]]:
    """Each sentence with the accounts it is about: those it names, else those of the sentence before."""
    spans = {one.account.account_id: list(names_in(text, [one.name])) for one in shown}
    inside = [span for found in spans.values() for span in found]
    about: list[_Shown] = []
    start = 0
    ends = [match for match in _SENTENCE_END.finditer(text) if not any(a < match.start() < b for a, b in inside)]
    for first, last in [*((match.start(), match.end()) for match in ends), (len(text), len(text))]:
        named = [one for one in shown if any(start <= a < first for a, _ in spans[one.account.account_id])]
        about = named or about
        yield text[start:first], about
        start = last


def _miscounted(sentence: str, lines: Sequence[str]) -> Iterator[str]:
    """Counts of a thing that the lines count otherwise: a figure of theirs that stands for something else."""
    told = [_in_figures(line) for line in lines]
    for number, thing in _COUNTED.findall(_in_figures(sentence)):
        same = "(?:account|customer)" if thing in ("account", "customer") else thing
        if not any(re.search(rf"(?<![\w.,]){number}\b(?:[ ,]+[\w-]+){{0,4}} {same}", line) for line in told):
            yield f"the lines do not count {number} {thing}s there"


def _in_figures(text: str) -> str:
    return _WORD.sub(lambda word: str(_IN_WORDS.index(word.group()) + 2), text.lower())


def _called_at_risk(sentence: str, about: Sequence[_Shown]) -> Iterator[str]:
    named = [one for one in about if any(names_in(sentence, [one.name]))]
    if not named or not all(one.account.early_warning for one in named) or _LATER.search(sentence):
        return
    if _AT_RISK.search(sentence) or any(_percent_behind(sentence, one) for one in named):
        yield "an early warning is at risk only at its later renewal: say so"


def _percent_behind(text: str, one: _Shown) -> list[str]:
    """The percentages that stand right behind the account's name."""
    found = (_PERCENT_NEXT.match(text, end) for _, end in names_in(text, [one.name]))
    return [f"{match[1]}%" for match in found if match]


def _swapped(text: str, shown: Sequence[_Shown]) -> Iterator[str]:
    """Percentages that stand right behind the name of an account and are another's."""
    for one in shown:
        own = " ".join([one.percent, *one.lines])
        if any(figure not in own for figure in _percent_behind(text, one)):
            yield f"the percentage behind {one.name} is {one.percent}"


def _left_out(text: str, totals: Totals, shown: Sequence[_Shown]) -> Iterator[str]:
    said = {value for number in find_numbers(read(text).low, "en") for value in number.values}
    stands_for = _NOBODY if totals.at_risk == 0 else _ONLY if totals.at_risk == 1 else _EVERY
    spoken = totals.at_risk in (0, 1, totals.scored + totals.abstained) and stands_for.search(text)
    if totals.at_risk not in said and not spoken:
        yield f"say that {totals.at_risk:,} accounts are at risk"
    most = _most_at_risk([one.account for one in shown])
    first = next((one for one in shown if one.account is most), None)
    if first and not any(names_in(text, [first.name])) and (totals.at_risk or first.account.early_warning):
        yield f"name {first.name}, the account most at risk"
