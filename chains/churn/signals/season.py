"""The season in weekly use: what the calendar explains, so that a holiday is not taken for a departure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

OWN_SEASON_FROM_WEEKS = 60
_YEAR = 52
_MIN_ACCOUNTS = 25
_MIN_USERS = 5.0
# One year is one sample: with a common season to lean on, the own one counts by half at 67 users, else at 10.
_OWN_PRIOR_USERS = 200.0
_OWN_PRIOR_USERS_ALONE = 30.0
_MAX_LOG = 1.6


def season(active: Floats, window: int, groups: Sequence[str] = ()) -> Floats:
    """Expected deviation of each recent week from the account's usual level, in log, accounts x `window`.

    The common movement of its group, or of the portfolio where the group is too small to tell, stands for every
    account; one with 60 recorded weeks or more has its own movement of the same weeks a year before, weighted by
    how many users that year-ago level rests on. Schools and shops do not share a summer.

    Args:
        active: Weekly active users, accounts x weeks, newest first, NaN where no week was recorded.
        window: Number of recent weeks to give a season for.
        groups: The industry of each account, or nothing.
    """
    window = min(window, active.shape[1])
    result = _common_season(active, window, groups)
    if active.shape[1] <= _YEAR:
        return result
    recorded = ~np.isnan(active)
    rows = np.flatnonzero(recorded.sum(axis=1) >= OWN_SEASON_FROM_WEEKS)
    if len(rows) == 0:
        return result
    alone = ~result[rows].any(axis=1, keepdims=True)
    own, weight = _own_season(active[rows], window, np.where(alone, _OWN_PRIOR_USERS_ALONE, _OWN_PRIOR_USERS))
    result[rows] = np.where(weight > 0, weight * own + (1 - weight) * result[rows], result[rows])
    return result


def _common_season(active: Floats, window: int, groups: Sequence[str]) -> Floats:
    """The season of each account's group where it tells, else that of the whole portfolio; accounts x window."""
    result = np.tile(portfolio_season(active, window), (len(active), 1))
    names = np.array(groups, dtype=object)
    for name in set(groups) - {""}:
        members = names == name
        if members.sum() >= _MIN_ACCOUNTS:
            own = portfolio_season(active[members], window)
            result[members] = own if own.any() else result[members]
    return result


def portfolio_season(active: Floats, window: int) -> Floats:
    """Common log movement of the accounts in each recent week, around zero; all zero where too few of them tell.

    The median over accounts of the deviation from their own median, without its straight trend: a dip shared
    by most is a season, a slow decline of the whole portfolio is not. From 60 weeks on the trend is what changed
    between the same weeks of two years; before, it is the Theil-Sen line, which a long dip can tilt.
    """
    yearly = _common_movement(active, OWN_SEASON_FROM_WEEKS) if active.shape[1] >= OWN_SEASON_FROM_WEEKS else None
    if yearly is not None:
        slope = float(np.median(yearly[_YEAR:] - yearly[:-_YEAR])) / _YEAR
        rest = yearly - slope * np.arange(len(yearly))
        centred = rest[:window] - float(np.median(rest[:_YEAR]))
        return np.asarray(np.clip(centred, -_MAX_LOG, _MAX_LOG), dtype=np.float64)
    recent = _common_movement(active[:, :window], max(8, int(0.75 * window)))
    if recent is None:
        return np.zeros(window)
    return np.clip(_without_trend(recent), -_MAX_LOG, _MAX_LOG)


def _common_movement(active: Floats, min_weeks: int) -> Floats | None:
    """Median deviation from the own median by week, over accounts of some size with enough weeks; None if too few."""
    recorded = ~np.isnan(active)
    known = recorded.sum(axis=1)
    usable = (known >= min_weeks) & (np.where(recorded, active, 0.0).sum(axis=1) >= _MIN_USERS * known)
    if usable.sum() < _MIN_ACCOUNTS:
        return None
    logs = np.log(active[usable] + 0.5)
    deviation = logs - np.nanmedian(logs, axis=1, keepdims=True)
    heard = (~np.isnan(deviation)).sum(axis=0) >= _MIN_ACCOUNTS // 2
    common = np.zeros(active.shape[1])
    common[heard] = np.nanmedian(deviation[:, heard], axis=0)
    return common


def _without_trend(series: Floats) -> Floats:
    """The series minus its Theil-Sen line: a line that a dip in under a quarter of the weeks does not tilt."""
    position = np.arange(len(series), dtype=np.float64)
    left, right = np.triu_indices(len(series), k=1)
    slope = float(np.median((series[right] - series[left]) / (position[right] - position[left])))
    rest = series - slope * position
    return np.asarray(rest - np.median(rest), dtype=np.float64)


def _own_season(active: Floats, window: int, prior_users: Floats) -> tuple[Floats, Floats]:
    """Log deviation of the same weeks a year before from that year's median, and its weight in [0, 1]."""
    weeks = active.shape[1]
    logs = np.log(active + 0.5)
    year = logs[:, _YEAR // 2 : _YEAR // 2 + _YEAR]
    usual = np.nanmedian(year, axis=1, keepdims=True)
    own = np.full((len(active), window), np.nan)
    covered = min(window, weeks - _YEAR)
    users = np.exp(usual)
    smoothing = 0.5 * _OWN_PRIOR_USERS_ALONE / (3 * users + _OWN_PRIOR_USERS_ALONE)
    own[:, :covered] = _smooth(logs[:, _YEAR - 1 : _YEAR + covered + 1], covered, smoothing) - usual
    weight = np.where(np.isnan(own), 0.0, 3 * users / (3 * users + prior_users))
    return np.clip(np.nan_to_num(own), -_MAX_LOG, _MAX_LOG), weight


def _smooth(logs: Floats, count: int, neighbours: Floats) -> Floats:
    """Mean of each week and, with the weight `neighbours`, the recorded ones beside it; NaN where the week is not.

    Few users make a week's level noisy, many make the edge of a holiday sharp: the weight falls with the users.
    """
    total = np.zeros((len(logs), count))
    weights = np.zeros((len(logs), count))
    for offset, weight in ((0, neighbours), (1, np.ones_like(neighbours)), (2, neighbours)):
        part = logs[:, offset : offset + count]
        known = ~np.isnan(part)
        width = part.shape[1]
        total[:, :width] += np.where(known, part, 0.0) * weight
        weights[:, :width] += known * weight
    centre = np.full((len(logs), count), np.nan)
    middle = logs[:, 1 : 1 + count]
    centre[:, : middle.shape[1]] = middle
    return np.where(np.isnan(centre) | (weights == 0), np.nan, total / np.where(weights == 0, 1.0, weights))
