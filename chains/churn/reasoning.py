"""Reasoning, second and third step: which causes dominate, what speaks against, how sure, and all that in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from chains.churn.findings import TOPIC_WORDS, Finding, first_sentence, signal_theme
from chains.churn.schema import Driver
from chains.churn.spoken import count, inline, joined, spoken_day
from chains.evidence import Frozen
from connectors.records import Account

Sureness = Literal["high", "medium", "low"]
_THIN_WEEKS = 12
_SHARE_OF_TICKETS = 0.25
_LEAST_CAUSE = 0.05
_LEAST_TOLD = 0.15
_FURTHER_CAUSES = 2
MOST_SENTENCES = 4

# Which group of signals tickets of a topic give a face to.
_GROUP_OF_TOPIC: Mapping[str, str] = {
    "leaving": "leaving", "notice": "leaving", "downsizing": "leaving",
    "billing": "payment", "pricing": "terms", "contract": "terms", "usability": "adoption",
    "onboarding": "adoption", "how_to": "adoption", "feature_request": "adoption", "praise": "opinion",
}  # fmt: skip
_OF_LEAVING = ("leaving", "notice", "downsizing")
_RAISING: Mapping[str, str] = {
    "usage": "weaker use of the product", "adoption": "a narrow use of what was bought",
    "support": "trouble in support",
    "leaving": "a stated wish to end or review the agreement", "people": "a weakened relationship with key people",
    "payment": "billing", "terms": "the commercial terms", "renewal": "the coming decision on the renewal",
    "opinion": "the customer's own feedback",
    "history": "the length and form of the contract", "other": "other signals",
}  # fmt: skip
_LOWERING: Mapping[str, str] = {
    "usage": "steady use of the product", "adoption": "a broad use of what was bought",
    "support": "quiet support cases",
    "leaving": "no word of leaving", "people": "a living relationship with key people", "payment": "reliable payment",
    "terms": "stable commercial terms", "renewal": "the time left before the renewal",
    "opinion": "the customer's own feedback",
    "history": "the length and form of the contract", "other": "other signals",
}  # fmt: skip


class Cause(Frozen):
    """A group of drivers with the tickets that go with it; `weight` in log-odds, `share` of all on its side.

    `lead` is the contribution of its strongest driver, 0 without any.
    """

    theme: str
    weight: float
    lead: float = 0.0
    share: float
    statement: str
    ticket_ids: list[str] = Field(default_factory=list)
    measured: bool = True


class Weighing(Frozen):
    """The causes of a risk and what speaks against it, with how sure that is and why not surer.

    Both stand in the order of the account's drivers: the cause whose strongest driver is listed first comes first.
    """

    causes: list[Cause] = Field(default_factory=list)
    against: list[Cause] = Field(default_factory=list)
    sureness: Sureness = "medium"
    doubts: list[str] = Field(default_factory=list)


def weighing(found: Sequence[Finding], drivers: Sequence[Driver], account: Account, as_of: dt.date) -> Weighing:
    """Weigh findings with usage, billing and renewal drivers.

    The drivers' contributions decide; tickets give a cause its face, and count by themselves only where no
    driver of their group exists, at a quarter of their weight, so that nothing is counted double.
    """
    measured = {signal_theme(driver.signal) for driver in drivers}
    of_tickets: dict[str, float] = {}
    for finding in found:
        group = _group(finding)
        if finding.origin == "tickets" and group not in measured:
            of_tickets[group] = of_tickets.get(group, 0.0) + _SHARE_OF_TICKETS * finding.weight
    causes = _side(drivers, of_tickets, found, sign=1)
    against = _side(drivers, of_tickets, found, sign=-1)
    doubts = _doubts(account, as_of, causes, against)
    return Weighing(causes=causes, against=against, sureness=_sureness(causes, doubts), doubts=doubts)


def explanation(found: Sequence[Finding], weighed: Weighing, as_of: dt.date | None = None) -> str:
    """Two to four plain sentences: what drives the risk by weight, what speaks against it, what is uncertain."""
    against, doubts = _against_sentence(weighed), _doubts_clause(weighed)
    sentences = [*_cause_sentences(weighed), *_ticket_sentences(found, weighed, as_of), against]
    if doubts and len(sentences) < MOST_SENTENCES:
        sentences.append(f"{doubts[0].upper()}{doubts[1:]}.")
    elif doubts:
        sentences[-1] = f"{against[:-1]}; {doubts}."
    return " ".join(sentences)


def _group(finding: Finding) -> str:
    if finding.origin == "signals":
        return finding.theme
    return _GROUP_OF_TOPIC.get(finding.theme, "support")


def _side(
    drivers: Sequence[Driver], of_tickets: Mapping[str, float], found: Sequence[Finding], sign: int
) -> list[Cause]:
    """The groups that push that way, the one with the strongest driver first and those without a driver last."""
    leads = _leads(drivers, sign)
    totals = {**_totals(drivers, leads, sign), **of_tickets}
    here = {theme: total for theme, total in totals.items() if sign * total >= _LEAST_CAUSE}
    whole = sum(abs(total) for total in here.values())
    push = {theme: abs(leads[theme].contribution) if theme in leads else 0.0 for theme in here}
    return [
        Cause(
            theme=theme,
            weight=round(here[theme], 4),
            lead=round(sign * push[theme], 4),
            share=round(abs(here[theme]) / whole, 4),
            statement=_said(leads[theme]) if theme in leads else _of_tickets(theme, found, sign),
            ticket_ids=[i for f in found if _group(f) == theme and sign * f.weight > 0 for i in f.ticket_ids],
            measured=theme in leads,
        )
        for theme in sorted(here, key=lambda theme: (-push[theme], -abs(here[theme]), theme))
    ]


def _leads(drivers: Sequence[Driver], sign: int) -> dict[str, Driver]:
    """The strongest driver of each group that pushes that way, in the order in which the drivers are listed."""
    leads: dict[str, Driver] = {}
    for driver in sorted(drivers, key=lambda d: (-abs(d.contribution), d.signal)):
        if sign * driver.contribution > 0:
            leads.setdefault(signal_theme(driver.signal), driver)
    return leads


def _totals(drivers: Sequence[Driver], leads: Mapping[str, Driver], sign: int) -> dict[str, float]:
    """What each group comes to; of the group with the strongest driver only what pushes that driver's way."""
    first = next(iter(leads), "")
    totals: dict[str, float] = {}
    for driver in drivers:
        theme = signal_theme(driver.signal)
        if theme in leads and (theme != first or sign * driver.contribution > 0):
            totals[theme] = totals.get(theme, 0.0) + driver.contribution
    return totals


def _said(driver: Driver) -> str:
    return first_sentence(driver.statement or driver.label)


def _of_tickets(theme: str, found: Sequence[Finding], sign: int) -> str:
    fitting = [f for f in found if _group(f) == theme and f.origin == "tickets" and sign * f.weight > 0]
    return max(fitting, key=lambda f: abs(f.weight)).statement if fitting else ""


def _doubts(account: Account, as_of: dt.date, causes: Sequence[Cause], against: Sequence[Cause]) -> list[str]:
    doubts = []
    weeks = len(account.usage)
    if not weeks:
        doubts.append("nothing is known of how the product is used")
    elif weeks < _THIN_WEEKS:
        doubts.append(f"only {count(weeks, 'week')} of usage {'is' if weeks == 1 else 'are'} known")
    if not account.tickets:
        doubts.append("there are no tickets, so the customer's own words are missing")
    if not account.invoices:
        doubts.append("no invoices are known")
    if account.contract is None or account.contract.renewal_date is None:
        doubts.append("the renewal date is not stated")
    if not any(c.left_on is None or c.left_on > as_of for c in account.contacts):
        doubts.append("no present contact is known")
    # That a renewal lies beyond the period asked about contradicts no sign of trouble.
    raising, lowering = sum(c.weight for c in causes), -sum(c.weight for c in against if c.theme != "renewal")
    if raising and lowering > 0.6 * raising:
        doubts.append("the signals contradict each other")
    return doubts


def _sureness(causes: Sequence[Cause], doubts: Sequence[str]) -> Sureness:
    if not causes or len(doubts) >= 3:
        return "low"
    return "high" if not doubts and len(causes) >= 2 else "medium"


def _cause_sentences(weighed: Weighing) -> list[str]:
    if not weighed.causes:
        return ["No single cause stands out; the probability rests on what is usual for such accounts."]
    main, *rest = weighed.causes
    sentences = [f"Above all, {_clause(main)}."]
    if rest:
        sentences.append(f"Added to that, {'; and '.join(_clause(cause) for cause in rest[:_FURTHER_CAUSES])}.")
    return sentences


def _clause(cause: Cause) -> str:
    return inline(cause.statement) if cause.statement else f"{_RAISING[cause.theme]} raises the risk"


def _ticket_sentences(found: Sequence[Finding], weighed: Weighing, as_of: dt.date | None) -> list[str]:
    told = weighed.causes[: _FURTHER_CAUSES + 1]
    worth = [
        f
        for f in found
        if f.origin == "tickets" and f.weight >= _LEAST_TOLD and TOPIC_WORDS[f.theme] and not _is_told(f, told)
    ][:2]
    if not worth:
        return []
    subjects = "One subject stands" if len(worth) == 1 else "Two subjects stand"
    return [f"{subjects} out in the tickets: {joined([_ticket_clause(f, as_of) for f in worth])}."]


def _is_told(finding: Finding, causes: Sequence[Cause]) -> bool:
    # The signal "speaks of leaving" is read from these very tickets, and a cause without a signal quotes them.
    of_leaving = finding.theme in _OF_LEAVING
    return any((of_leaving and cause.theme == "leaving") or cause.statement == finding.statement for cause in causes)


def _ticket_clause(finding: Finding, as_of: dt.date | None) -> str:
    number = len(finding.ticket_ids)
    day = spoken_day(finding.last_on, as_of or finding.last_on) if finding.last_on else ""
    tickets = count(number, "ticket")
    when = f" of {day}" if day and number == 1 else f", the latest of {day}" if day else ""
    return f"{TOPIC_WORDS[finding.theme]} ({tickets}{when}, {finding.standing})"


def _against_sentence(weighed: Weighing) -> str:
    # What holds for every account of a segment explains the least of this one.
    telling = [cause for cause in weighed.against if cause.theme != "other"] or list(weighed.against)
    if not telling:
        return "Nothing on record speaks against it."
    main = telling[0]
    clause = inline(main.statement) if main.statement else f"{_LOWERING[main.theme]} lowers the risk"
    return f"On the other side, {clause}."


def _doubts_clause(weighed: Weighing) -> str:
    return f"the judgement is less certain because {joined(weighed.doubts[:3])}" if weighed.doubts else ""
