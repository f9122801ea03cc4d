"""Plain words for the contract: the renewal and the horizon, notice, term, tenure and size."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from chains.churn.drivers.case import Case, Told
from chains.churn.spoken import count


def horizon(case: Case) -> tuple[str, Told]:
    """How the time asked about meets the renewal: label and statement."""
    end = case.day(case.horizon_to)
    if case.renewal["basis"] == "unknown":
        text = f"No renewal date is known, so the chance that one falls before {end} is taken from a yearly rhythm."
        return "Renewal date unknown", Told(text, case.cite_contract("start_date", "term_months"))
    renews = case.day(pd.Timestamp(case.renewal["renewal_on"]).date())
    if case.renewals_in_horizon > 1:
        text = f"The contract comes up for renewal {round(case.renewals_in_horizon)} times by {end}, first on {renews}."
        return "Renews several times in the period", Told(text, _renewal_facts(case))
    text = (
        f"The contract{_how_known(case)} renews on {renews}, after the period asked about ends on {end}, "
        "and customers under contract seldom leave before."
    )
    return "Renews after the period", Told(text, _renewal_facts(case))


def _how_known(case: Case) -> str:
    return {"derived": ", by its start and term,", "rolled": ", whose recorded date has passed,"}.get(
        case.renewal["basis"], ""
    )


def _renewal_facts(case: Case) -> list[str]:
    if case.contract.renewal_date is not None:
        return case.cite_contract("renewal_date", *(("term_months",) if case.renewal["basis"] == "rolled" else ()))
    return case.cite_contract("start_date", "term_months")


def auto_renewal(case: Case, raises: bool) -> Told:
    """Whether the contract renews by itself."""
    text = (
        "The contract does not renew by itself, so somebody must decide to stay."
        if raises
        else "The contract renews by itself unless notice is given."
    )
    return Told(text, case.cite_contract("auto_renew"))


def notice(case: Case, raises: bool) -> Told:
    """Whether notice can still be given."""
    text = (
        "The contract renews by itself, and its notice period of "
        f"{count(case.contract.notice_days or 0, 'day')} has begun without a notice on record."
    )
    return Told(
        text,
        [*case.cite_contract("auto_renew"), *case.cite_contract("notice_days", unit="days"), *_renewal_facts(case)],
    )


def tenure(case: Case, raises: bool) -> Told:
    """How long they have been a customer."""
    years = case.value("tenure_years")
    since = case.day(case.contract.start_date) if case.contract.start_date else "an unknown day"
    meaning = "and early renewals are the most often lost" if raises else "and long-standing customers seldom leave"
    text = f"They have been a customer since {since}, for {_spent(years)}, {meaning}."
    return Told(text, case.cite_contract("start_date"))


def survived(case: Case, raises: bool) -> Told:
    """How often a short term was renewed."""
    times = round(case.value("decisions_survived"))
    often = "once" if times == 1 else f"{times} times"
    text = f"They renewed their short term {often}; who stayed that long tends to stay."
    return Told(text, case.cite_contract("start_date", "term_months"))


def _spent(years: float) -> str:
    """The years as a reader says them: 7 months, almost 4 years, over 2 years."""
    if years < 1.5:  # Up to there people count in months.
        return count(years * 12, "month")
    whole, rest = divmod(years, 1)
    if rest >= 0.7:
        return f"almost {whole + 1:.0f} years"
    return f"{'over ' if rest >= 0.1 else ''}{whole:.0f} years"


def term(case: Case, raises: bool) -> Told:
    """How long one term binds."""
    months = case.value("term_months")
    text = f"The contract runs for {count(months, 'month')} at a time"
    text += (
        ", so one renewal decides little by itself."
        if months < 12
        else ", so it is decided on rarely and prepared for."
    )
    return Told(text, case.cite_contract("term_months", unit="months"))


def segment(case: Case, raises: bool) -> Told:
    """The size of the customer."""
    kind = case.account.segment
    text = f"{kind} customers {'leave more often' if raises else 'leave less often'} at a renewal than the average."
    return Told(
        text, [case.book.cite("account", case.account.account_id, "segment", kind, observed_at=case.as_of.isoformat())]
    )


TELLERS: dict[str, Callable[[Case, bool], Told]] = {
    "auto_renew": auto_renewal,
    "notice_passed": notice,
    "tenure_years": tenure,
    "decisions_survived": survived,
    "term_months": term,
    "segment_rank": segment,
}
