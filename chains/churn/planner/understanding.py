"""Runs every rule over one question, in the order in which they may take its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from chains.churn.config import ChurnConfig
from chains.churn.planner import risk
from chains.churn.planner.accounts import NamedAccounts, accounts_in
from chains.churn.planner.amounts import Amounts, Threshold, amounts_in, band_threshold, bare_percent, percent_threshold
from chains.churn.planner.commands import Commands, commands_in
from chains.churn.planner.conditions import flag_conditions, flag_counted
from chains.churn.planner.drafts import DraftWish, bare_language, drafts_in, languages_in
from chains.churn.planner.filters import Filters, filters_in
from chains.churn.planner.fiscal import Calendar
from chains.churn.planner.framing import take_frame
from chains.churn.planner.leftovers import NO_KIND, flag_phrases, flag_topics, unanswered_in, unknown_kinds_in
from chains.churn.planner.ordering import Ordering, count_in, sort_in, superlative_sort, unsortable_in
from chains.churn.planner.past import take_past
from chains.churn.planner.reading import Reading
from chains.churn.planner.references import References, references_in
from chains.churn.planner.resets import take_reset
from chains.churn.planner.spans import TimeSpan
from chains.churn.planner.spelling import correct_spelling, language_of
from chains.churn.planner.strangers import stranger_in
from chains.churn.planner.times import times_in
from chains.churn.planner.vocabulary import Vocabulary


@dataclass(slots=True)
class Understanding:
    """All that was understood of one question."""

    reading: Reading
    calendar: Calendar
    language: str = "en"
    named: NamedAccounts = field(default_factory=NamedAccounts)
    references: References = field(default_factory=References)
    commands: Commands = field(default_factory=Commands)
    resets: bool = False
    filters: Filters = field(default_factory=Filters)
    amounts: Amounts = field(default_factory=Amounts)
    threshold: Threshold = field(default_factory=Threshold)
    ordering: Ordering = field(default_factory=Ordering)
    drafts: DraftWish = field(default_factory=DraftWish)
    horizon: TimeSpan | None = None
    renewal: TimeSpan | None = None
    past_time: bool = False
    past_churn: bool = False
    stranger: str = ""
    at_risk: bool = False
    speaks_of_risk: bool = False
    renewals: bool = False
    wants_all: bool = False
    safest: bool = False
    customers: bool = False
    unanswered: list[str] = field(default_factory=list)
    frame: frozenset[int] = frozenset()

    @property
    def spoken(self) -> list[str]:
        """The words of the question without the frame around it."""
        return [word for at, word in enumerate(self.reading.words) if at not in self.frame]


def understand(
    question: str,
    vocabulary: Vocabulary,
    as_of: date,
    config: ChurnConfig,
    *,
    follows: bool = False,
    drafted: bool = False,
    previous_ids: Sequence[str] = (),
) -> Understanding:
    """Everything the rules understand; `follows` when there is an earlier answer, `drafted` when that had drafts."""
    reading = Reading(question)
    known = Understanding(reading, Calendar(as_of, config.fiscal_year_start_month))
    known.language = language_of(reading)
    known.commands = commands_in(reading)
    known.resets = follows and take_reset(reading)
    known.named = accounts_in(reading, vocabulary.names, previous_ids)
    known.frame = take_frame(reading)
    correct_spelling(reading, known.language)
    known.customers = risk.names_customers([w for at, w in enumerate(reading.words) if not known.commands.covers(at)])
    known.wants_all = risk.asks_for_all(reading)
    wish = DraftWish()
    languages_in(reading, wish)
    flag_phrases(reading)
    flag_counted(reading)
    safest = risk.flag_safest(reading)
    sort = sort_in(reading)
    if follows:
        known.references = references_in(reading, previous_ids)
    known.ordering = count_in(reading)
    known.ordering.sort = sort or known.ordering.sort
    if known.named.ids or known.references.ids or known.references.one:
        reading.take_all(r"(?:is |are |still )*(?:safe|healthy|fine|loyal|happy|doing (?:well|fine|ok))")
    known.threshold = band_threshold(reading, config)
    known.past_churn = take_past(reading)
    states = risk.take_risk(reading)
    renewals = risk.take_renewals(reading)
    known.at_risk, known.renewals = bool(states), bool(renewals)
    flag_topics(reading)
    known.amounts = amounts_in(reading)
    _percent(known)
    _times(known, states, renewals)
    known.speaks_of_risk = risk.take_attributes(reading) or known.at_risk
    known.drafts = drafts_in(reading, styled=follows)
    # Whom to write to is a question of who is at risk.
    known.speaks_of_risk = known.speaks_of_risk or known.drafts.whom
    _language(known, wish, drafted)
    known.filters = filters_in(reading, vocabulary)
    known.ordering.sort = known.ordering.sort or superlative_sort(reading)
    unsortable_in(reading)
    if follows and not known.threshold.named and len(reading) < 8:
        bare = bare_percent(reading)
        known.threshold = bare if bare.named else known.threshold
    if follows:
        reading.take_all(_SHAPING)
        reading.take_all(r"(?:and |in )?(?:everywhere|anywhere|worldwide|globally)(?: else)?")
    known.stranger = _stranger(known)
    flag_conditions(reading)
    known.threshold.refused = known.threshold.refused or (bool(safest) and not known.threshold.named)
    known.safest = bool(safest)
    known.filters.notes += [f'"{kind}" {NO_KIND}' for kind in unknown_kinds_in(reading, known.language)]
    known.unanswered = [_said_fully(text, known, safest) for text in unanswered_in(reading, known.language)]
    known.unanswered += [f"{text} (it is not known who is asking)" for text in known.filters.unknown]
    return known


def _said_fully(phrase: str, known: Understanding, safest: list[str]) -> str:
    """The phrase with the reason why it is unanswered, where there is one to tell."""
    if any(text in phrase for text in known.drafts.unsupported):
        return f"{phrase.removesuffix(' please')} (drafts can be written in English, German, French and Spanish)"
    if any(text in phrase for text in safest):
        return f"{phrase} (accounts can only be listed from the highest risk down)"
    return phrase


def _stranger(known: Understanding) -> str:
    """The unknown company asked about, unless the question is about customers of some kind."""
    others = known.customers or known.named.ids or known.references.named or known.references.left_out
    if others or known.wants_all or any(known.filters.values.values()) or known.renewals or known.ordering.top_n:
        return ""
    if known.named.stranger:
        return known.named.stranger
    return stranger_in(known.reading, known.spoken, known.language, speaks_of_risk=known.speaks_of_risk)


def _percent(known: Understanding) -> None:
    figure = percent_threshold(known.reading)
    if figure.named or (figure.refused and not known.threshold.named):
        known.threshold = figure


def _times(known: Understanding, states: list[tuple[int, int]], renewals: list[tuple[int, int]]) -> None:
    """Give each time to renewals or to the horizon, whichever word stands nearer."""
    reading = known.reading
    times = times_in(reading, known.calendar)
    known.past_time = any(time.past for time in times)
    for time in times:
        if time.past:
            continue
        of_renewal = _is_of_renewal(reading, time, states, renewals)
        if of_renewal and known.renewal is None:
            known.renewal = time
        elif not of_renewal and known.horizon is None:
            known.horizon = time
        elif (known.renewal if of_renewal else known.horizon) != time:
            for at in range(time.first, time.last):
                reading.taken[at] = "flag"


_SHAPING = (
    "add|remove|rewrite|rewritten|rewrote|translate|translated|rephrase|reword|redo|revise|improve|shorten|shortened"
    "|lengthen|soften|polish|adjust"
    "|expand|drop|skip|cut|exclude|tone|redraft|rework|turn|switch|answer|clear|reset|back|version|undo|ubersetze"
    "|mach|traduis|refais|traduce|hazlo"
)
_CUTS = frozenset({",", ";", ".", "?"})
_CUT_COST = 3


def _is_of_renewal(
    reading: Reading, time: TimeSpan, states: list[tuple[int, int]], renewals: list[tuple[int, int]]
) -> bool:
    if not renewals:
        return False
    if not states:
        return True
    nearest_renewal = min(_distance(reading, time, place) for place in renewals)
    nearest_state = min(_distance(reading, time, place) for place in states)
    return nearest_renewal <= nearest_state


def _distance(reading: Reading, time: TimeSpan, place: tuple[int, int]) -> float:
    """Words between the time and a wording of risk or renewal; commas cost more, and so does a wording that follows."""
    first, last = place
    if last <= time.first:
        between = reading.words[last : time.first]
        return len(between) + _CUT_COST * sum(word in _CUTS for word in between)
    between = reading.words[time.last : first]
    joined = between in ([], ["s"]) and reading.words[first].startswith(("renewal", "contract", "expir"))
    return (-0.5 if joined else len(between) + 1.5) + _CUT_COST * sum(
        word in _CUTS or word == "and" for word in between
    )


def _language(known: Understanding, wish: DraftWish, drafted: bool) -> None:
    """Keep the language named when there are drafts to write in it; otherwise nobody can use it."""
    drafts = known.drafts
    drafts.language, drafts.own_language = wish.language, wish.own_language
    drafts.refused_language, drafts.unsupported = wish.refused_language, wish.unsupported
    drafts.apart = bool(wish.unsupported) and any(
        {".", ";", ",", "and"} & set(known.reading.words[min(place, at) : max(place, at)])
        for place in drafts.places
        for at in wish.unsupported_at
    )
    if drafted and not drafts.language and drafts.styled:
        bare_language(known.reading, drafts)
    if drafts.wanted or drafted:
        return
    for hit in wish.language_hits:
        for at in range(hit.first, hit.last):
            known.reading.taken[at] = "flag"
    drafts.language = ""
