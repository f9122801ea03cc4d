"""The season in weekly use: what the calendar explains, so that a holiday is not taken for a departure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

OWN_SEASON_FROM_WEEKS = 60
_YEAR = 52
_MIN_ACCOUNTS = 25
_MIN_USERS = 5.0
_OWN_PRIOR_USERS = 30.0
_MAX_LOG = 1.6


def season(active: Floats, window: int) -> Floats:
    """Expected deviation of each recent week from the account's usual level, in log, accounts x `window`.

    The portfolio's common movement stands for every account; an account with 60 recorded weeks or more has
    its own movement of the same weeks a year before, weighted by how many users that year-ago level rests on.

    Args:
        active: Weekly active users, accounts x weeks, newest first, NaN where no week was recorded.
        window: Number of recent weeks to give a season for.
    """
    window = min(window, active.shape[1])
    common = portfolio_season(active[:, :window])
    result = np.broadcast_to(common, (len(active), window)).copy()
    if active.shape[1] <= _YEAR:
        return result
    recorded = ~np.isnan(active)
    rows = np.flatnonzero(recorded.sum(axis=1) >= OWN_SEASON_FROM_WEEKS)
    if len(rows) == 0:
        return result
    own, weight = _own_season(active[rows], window)
    result[rows] = np.where(weight > 0, weight * own + (1 - weight) * result[rows], result[rows])
    return result


def portfolio_season(active: Floats) -> Floats:
    """Common log movement of the portfolio by week, around zero; all zero where too few accounts tell.

    The median over accounts of the deviation from their own mean, without its straight trend: a dip shared
    by most is a season, a slow decline of the whole portfolio is not.
    """
    weeks = active.shape[1]
    recorded = ~np.isnan(active)
    enough = recorded.sum(axis=1) >= max(8, int(0.75 * weeks))
    total = np.where(recorded, active, 0.0).sum(axis=1)
    usable = enough & (total >= _MIN_USERS * recorded.sum(axis=1))
    if usable.sum() < _MIN_ACCOUNTS:
        return np.zeros(weeks)
    logs = np.log(active[usable] + 0.5)
    deviation = logs - np.nanmedian(logs, axis=1, keepdims=True)
    heard = (~np.isnan(deviation)).sum(axis=0) >= _MIN_ACCOUNTS
    common = np.zeros(weeks)
    common[heard] = np.nanmedian(deviation[:, heard], axis=0)
    return np.clip(_without_trend(common), -_MAX_LOG, _MAX_LOG)


def _without_trend(series: Floats) -> Floats:
    """The series minus its Theil-Sen line: a line that a dip in under a quarter of the weeks does not tilt."""
    position = np.arange(len(series), dtype=np.float64)
    left, right = np.triu_indices(len(series), k=1)
    slope = float(np.median((series[right] - series[left]) / (position[right] - position[left])))
    rest = series - slope * position
    return np.asarray(rest - np.median(rest), dtype=np.float64)


def _own_season(active: Floats, window: int) -> tuple[Floats, Floats]:
    """Log deviation of the same weeks a year before from that year's median, and its weight in [0, 1]."""
    weeks = active.shape[1]
    logs = np.log(active + 0.5)
    year = logs[:, _YEAR // 2 : _YEAR // 2 + _YEAR]
    usual = np.nanmedian(year, axis=1, keepdims=True)
    own = np.full((len(active), window), np.nan)
    covered = min(window, weeks - _YEAR)
    own[:, :covered] = _smooth(logs[:, _YEAR - 1 : _YEAR + covered + 1], covered) - usual
    users = np.exp(usual)
    weight = np.where(np.isnan(own), 0.0, 3 * users / (3 * users + _OWN_PRIOR_USERS))
    return np.clip(np.nan_to_num(own), -_MAX_LOG, _MAX_LOG), weight


def _smooth(logs: Floats, count: int) -> Floats:
    """Weighted mean (1, 2, 1) of each week and its neighbours, over those recorded; NaN where the week is not."""
    total = np.zeros((len(logs), count))
    weights = np.zeros((len(logs), count))
    for offset, weight in ((0, 1.0), (1, 2.0), (2, 1.0)):
        part = logs[:, offset : offset + count]
        known = ~np.isnan(part)
        width = part.shape[1]
        total[:, :width] += np.where(known, part, 0.0) * weight
        weights[:, :width] += known * weight
    centre = np.full((len(logs), count), np.nan)
    middle = logs[:, 1 : 1 + count]
    centre[:, : middle.shape[1]] = middle
    return np.where(np.isnan(centre) | (weights == 0), np.nan, total / np.where(weights == 0, 1.0, weights))
