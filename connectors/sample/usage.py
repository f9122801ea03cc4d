"""Weekly product use with a level, a trend, seasons and noise of the account's own."""

from __future__ import annotations

import datetime as dt
import math
from functools import lru_cache
from itertools import pairwise

from connectors.records import UsageWeek
from connectors.sample.blueprint import Blueprint, Curve

# (day of the year, width in days, change of the level at the centre)
_BUMPS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "steady": (),
    "retail": ((335, 22, 0.35), (35, 24, -0.40)),
    "school": ((212, 24, -0.70), (361, 9, -0.30)),
    "winter": ((305, 26, -0.55), (125, 26, -0.50)),
    "summer": ((15, 45, -0.55),),
    "tax": ((90, 28, 0.45), (265, 34, -0.40)),
    "harvest": ((75, 32, -0.50),),
    "congress": ((165, 26, -0.45),),
}
_YEAR_END = (360, 6, -0.35)
_AUGUST = (225, 14, -0.12)


def weekly_usage(plan: Blueprint) -> list[UsageWeek]:
    """The account's weeks, oldest first, up to the last full week before the as-of day."""
    last_monday = plan.as_of - dt.timedelta(days=plan.as_of.weekday() + 7)
    weeks = []
    for ago in range(plan.usage_weeks - 1, plan.stopped_weeks_ago - 1, -1):
        week_start = last_monday - dt.timedelta(weeks=ago)
        if week_start >= plan.start and ago not in plan.lost_weeks:
            weeks.append(_week(plan, week_start, ago))
    return weeks


def _week(plan: Blueprint, week_start: dt.date, ago: int) -> UsageWeek:
    gauss, seats = plan.rng.gauss, plan.seats_on(week_start)
    trend = level(plan.trend, ago)
    season = seasonal_level(plan.season, plan.place.region, week_start.timetuple().tm_yday)
    active = min(seats, max(0, round(seats * plan.penetration * trend * season * (1 + gauss(0, plan.noise)))))
    return UsageWeek(
        week_start=week_start,
        active_users=active,
        licensed_seats=seats,
        key_actions=max(0, round(active * plan.actions_per_user * (1 + gauss(0, 0.08)))),
        api_calls=max(0, round(plan.api_calls * level(plan.api_trend, ago) * (1 + gauss(0, 0.1)))),
        features_used=max(1, round(plan.features * trend**0.4 + gauss(0, 0.4))) if active else 0,
    )


def level(curve: Curve, weeks_ago: float) -> float:
    """The curve's level that many weeks ago, between its points in proportion."""
    if weeks_ago >= curve[0][0]:
        return curve[0][1]
    for (old, old_level), (new, new_level) in pairwise(curve):
        if weeks_ago >= new:
            return new_level + (old_level - new_level) * (weeks_ago - new) / (old - new)
    return curve[-1][1]


@lru_cache(maxsize=8_192)
def seasonal_level(season: str, region: str, day_of_year: int) -> float:
    """How far a kind of season and the holidays lift or lower use on a day; 1 is an ordinary day."""
    bumps = (*_BUMPS[season], _YEAR_END, *([_AUGUST] if region == "EMEA" else []))
    change = sum(size * math.exp(-0.5 * (_days_apart(day_of_year, day) / width) ** 2) for day, width, size in bumps)
    return max(0.05, 1 + change)


def _days_apart(one: float, other: float) -> float:
    apart = abs(one - other) % 365.25
    return min(apart, 365.25 - apart)
