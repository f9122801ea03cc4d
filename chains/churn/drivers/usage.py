"""Plain words for the signals of use."""

from __future__ import annotations

import math
from collections.abc import Callable

from chains.churn.drivers.case import Case, Told, percent, than_before
from chains.churn.signals.usage import (
    RECENT_WEEKS,
    RECENT_WITHIN_WEEKS,
    WINDOW_WEEKS,
    YEAR,
    YEAR_FROM_WEEK,
    YEAR_TO_WEEK,
)
from chains.churn.spoken import count

_SEASON_WORTH_SAYING = 0.05
_RELIEF_WORTH_SAYING = 0.25
_WORTH_A_FIGURE = 0.015


def recent_ages(case: Case) -> list[int]:
    """Ages of the weeks that count as recent: the newest four of the last eight that name active users."""
    return [age for age in case.weeks_with_users if age < RECENT_WITHIN_WEEKS][:RECENT_WEEKS]


def baseline_ages(case: Case) -> list[int]:
    """Ages of three weeks that stand for the half year before: its newest, middle and oldest."""
    recent = set(recent_ages(case))
    return _three([age for age in case.weeks_with_users if age not in recent and RECENT_WEEKS <= age < WINDOW_WEEKS])


def _three(ages: list[int]) -> list[int]:
    return sorted({ages[0], ages[len(ages) // 2], ages[-1]}) if ages else []


def _users(case: Case) -> list[str]:
    return case.cite_usage([*recent_ages(case), *baseline_ages(case)], "active_users", "people a week")


def _people_a_week(users: float) -> str:
    return "hardly anybody" if _is_nobody(users) else f"{count(users, 'person', 'people')} a week"


def _is_nobody(users: float) -> bool:
    return round(users) == 0


def _aside(case: Case) -> str:
    """What was allowed for: the season, and work that moved to the API."""
    aside = " (season allowed for)" if abs(case.value("season_effect")) >= _SEASON_WORTH_SAYING else ""
    return aside + _moved_to_api(case)


def _moved_to_api(case: Case) -> str:
    return ", while API calls have grown in its place" if case.value("api_relief") >= _RELIEF_WORTH_SAYING else ""


def trend(case: Case, raises: bool) -> Told:
    """Active users against the half year before."""
    users, shift = case.value("usage_recent"), case.value("usage_shift")
    if _is_nobody(users):
        before = ", although some did in the half year before" if shift < 0 else ""
        return Told(f"Nobody used the product in the last four weeks on record{before}{_aside(case)}.", _users(case))
    text = (
        f"About {_people_a_week(users)} used the product in the last four weeks on record, "
        f"{than_before(shift)} in the half year before{_aside(case)}."
    )
    return Told(text, _users(case))


def year(case: Case, raises: bool) -> Told:
    """Active users against the same weeks a year before; against that year where those are not on record."""
    pairs = [(age, age + YEAR) for age in case.weeks_with_users if age < RECENT_WITHIN_WEEKS]
    pairs = [(now, then) for now, then in pairs if then in case.weeks_with_users]
    now, then = (_mean_users(case, [pair[side] for pair in pairs]) for side in (0, 1))
    moved = round(now) / max(round(then), 1) - 1 if pairs else 0.0  # As the reader would reckon.
    if len(pairs) < RECENT_WEEKS or (moved < 0) is not raises or abs(moved) < 0.01:
        return _year_adjusted(case)
    text = (
        f"About {_people_a_week(now)} used the product in the last eight weeks, {than_before(moved)} in the same "
        f"weeks a year earlier, when it was {_people_a_week(then)}{_moved_to_api(case)}."
    )
    if _is_nobody(now):
        text = (
            "Hardly anybody used the product in the last eight weeks; in the same weeks a year earlier it was "
            f"{_people_a_week(then)}{_moved_to_api(case)}."
        )
    cited = [*(age for age, _ in pairs), *(age for _, age in pairs)]
    return Told(text, case.cite_usage(cited, "active_users", "people a week"))


def _mean_users(case: Case, ages: list[int]) -> float:
    users = [case.weeks[age].active_users or 0 for age in ages]
    return sum(users) / len(users) if users else math.nan


def _year_adjusted(case: Case) -> Told:
    """What the signal says, where the same weeks of two years cannot be set side by side or say something else."""
    weeks = [age for age in case.weeks_with_users if YEAR_FROM_WEEK <= age < YEAR_TO_WEEK]
    share = case.value("usage_year_shift")
    way = f"{percent(share)} {'below' if share < 0 else 'above'}" if not abs(share) < 0.01 else "about at"
    between = f"{case.day(case.weeks[weeks[-1]].week_start)} and {case.day(case.weeks[weeks[0]].week_start)}"
    text = (
        f"With the season allowed for, use in the last eight weeks is {way} its level between {between}"
        f"{_moved_to_api(case)}."
    )
    return Told(text, case.cite_usage([*recent_ages(case), *_three(weeks)], "active_users", "people a week"))


def momentum(case: Case, raises: bool) -> Told:
    """Recent weeks against the two months before."""
    moved = math.expm1(case.value("usage_momentum"))
    text = (
        f"Use in the last four weeks is some {percent(moved)} {'below' if raises else 'above'} "
        f"that of the two months before{_aside(case)}."
    )
    two_months = [age for age in case.weeks if RECENT_WEEKS <= age < RECENT_WEEKS + 8]
    return Told(text, case.cite_usage([*recent_ages(case), *_three(two_months)], "active_users", "people a week"))


def dormant(case: Case, raises: bool) -> Told:
    """Weeks without anybody."""
    near = [(age, week) for age, week in case.weeks.items() if age < RECENT_WITHIN_WEEKS]
    idle = [age for age, week in near if week.active_users == 0 and not (week.api_calls or 0)]
    weeks = "the one week" if len(near) == 1 else f"{len(idle)} of the {len(near)} weeks"
    text = f"In {weeks} recorded lately nobody opened the product, and no system called it."
    return Told(text, case.cite_usage(idle, "active_users", "people a week"))


def licence(case: Case, raises: bool) -> Told:
    """Active users over paid seats."""
    users = case.value("usage_recent")
    seats = [
        week.licensed_seats for age, week in case.weeks.items() if age in recent_ages(case) and week.licensed_seats
    ]
    paid = sum(seats) / len(seats) if seats else float(case.contract.seats or 0)
    told = (
        case.cite_usage(recent_ages(case), "licensed_seats", "seats")
        if seats
        else case.cite_contract("seats", unit="seats")
    )
    moved = ", as part of the work has moved to the API" if case.value("api_relief") >= _RELIEF_WORTH_SAYING else ""
    share = f"{percent(round(users) / round(paid))} of them{moved}"  # As the reader would reckon.
    text = f"About {_people_a_week(users)} use the {count(paid, 'paid seat')}, {share}."
    if _is_nobody(users):
        text = f"Nobody uses the {count(paid, 'paid seat')}{moved}."
    return Told(text, [*case.cite_usage(recent_ages(case), "active_users", "people a week"), *told])


def breadth_trend(case: Case, raises: bool) -> Told:
    """Features in use against the half year before."""
    now = case.value("features_used")
    text = (
        f"At {count(now, 'feature')} in a usual week, the account uses "
        f"{'fewer' if raises else 'more'} of the product than it did itself in the half year before."
    )
    ages = [*recent_ages(case), *baseline_ages(case)]
    return Told(text, case.cite_usage(ages, "features_used", "features"))


def breadth(case: Case, raises: bool) -> Told:
    """Features in use."""
    features = count(case.value("features_used"), "feature")
    judged = "fewer than most customers do, so it is replaced easily"
    if not raises:
        judged = "more than most customers do, so work depends on it"
    text = f"The account uses {features} in a usual week, {judged}."
    return Told(text, case.cite_usage(recent_ages(case), "features_used", "features"))


def depth(case: Case, raises: bool) -> Told:
    """Work done a user."""
    moved = math.expm1(case.value("intensity_change"))
    way = f"some {percent(moved)} {'less' if raises else 'more'} in the product than"
    text = (
        f"Each active user does {way if abs(moved) >= _WORTH_A_FIGURE else 'about as much as'} in the half year before."
    )
    ages = [*recent_ages(case), *baseline_ages(case)]
    return Told(text, [*case.cite_usage(ages, "key_actions", "actions a week"), *_users(case)])


def api(case: Case, raises: bool) -> Told:
    """API calls against the half year before."""
    moved = math.expm1(case.value("api_change"))
    way = f"{'fell' if raises else 'grew'} by some {percent(moved)} against"
    text = f"API calls {way if abs(moved) >= _WORTH_A_FIGURE else 'are about level with'} the half year before."
    return Told(text, case.cite_usage([*recent_ages(case), *baseline_ages(case)], "api_calls", "calls a week"))


TELLERS: dict[str, Callable[[Case, bool], Told]] = {
    "usage_change": trend,
    "usage_year_change": year,
    "usage_momentum": momentum,
    "dormant": dormant,
    "licence_use": licence,
    "features_change": breadth_trend,
    "breadth": breadth,
    "intensity_change": depth,
    "api_change": api,
}
