"""Use of the product against the account's own past: level, trend, breadth, licences, and the API beside the UI."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chains.churn.portfolio import Portfolio
from chains.churn.signals.season import season

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

HISTORY_WEEKS = 104
WINDOW_WEEKS = 30
RECENT_WEEKS = 4
RECENT_WITHIN_WEEKS = 8
BASELINE_MIN_WEEKS = 6
YEAR = 52
YEAR_FROM_WEEK = 26
YEAR_TO_WEEK = 78
# Added to both sides of a ratio: with three users one person more or less is no trend, with three hundred it vanishes.
_PSEUDO_USERS = 4.0
_PSEUDO_CALLS = 20.0
_PSEUDO_ACTIONS = 20.0
_TYPICAL_FEATURES = 5.0
_MIN_ACCOUNTS_FOR_TYPICAL = 25


@dataclass(frozen=True)
class Windows:
    """Which recorded weeks count as recent, as the baseline and as the year before; masks, accounts x weeks."""

    recent: Mask
    baseline: Mask
    last_eight: Mask
    year: Mask


def usage_signals(portfolio: Portfolio) -> dict[str, Floats]:
    """Signals from weekly usage; NaN where fewer than 2 recent or 6 baseline weeks are recorded.

    Ratios are natural logs of recent over baseline, shrunk for small counts; ``licence_use`` is users over seats.
    """
    active = weekly(portfolio, "active_users", HISTORY_WEEKS)
    windows = usage_windows(active)
    width = windows.recent.shape[1]
    expected = season(active, width, portfolio.accounts["industry"].tolist())
    level = active.copy()
    level[:, : expected.shape[1]] /= np.exp(expected)
    recent, baseline, year = (_mean(level, mask) for mask in (windows.recent, windows.baseline, windows.year))
    raw_change = _log_ratio(recent, baseline, _PSEUDO_USERS)
    raw_year = _log_ratio(_mean(level, windows.last_eight), year, _PSEUDO_USERS)
    relief, api_change = _api_relief(portfolio, windows)
    licence, licence_usual = _licence_use(portfolio, windows, level)
    features = _mean(weekly(portfolio, "features_used", width), windows.recent)
    return {
        "usage_change": _relieved(raw_change, relief),
        "usage_year_change": _relieved(raw_year, relief),
        "usage_momentum": _relieved(_momentum(level, windows), relief),
        "dormant": _dormant(portfolio, active, windows, baseline),
        "licence_use": licence + relief * np.maximum(np.nan_to_num(licence_usual) - licence, 0.0),
        "features_change": _relieved(_ratio_of(portfolio, "features_used", windows, 2.0), relief),
        "features_used": features,
        "breadth": features / typical_features(features),
        "intensity_change": _relieved(_intensity(portfolio, windows, active), relief),
        "api_change": api_change,
        "api_relief": relief,
        "usage_recent": _mean(active, windows.recent),
        "usage_baseline": _mean(active, windows.baseline),
        "usage_shift": _share(recent, baseline),
        "usage_year_shift": _share(_mean(level, windows.last_eight), year),
        "season_effect": _mean(expected, windows.recent) - _mean(expected, windows.baseline),
        "usage_weeks": (~np.isnan(active)).sum(axis=1).astype(np.float64),
    }


def typical_features(features: Floats) -> float:
    """What counts as usual breadth: the portfolio's median, for products differ; a plain guess for a few accounts."""
    known = features[features > 0]
    return float(np.median(known)) if len(known) >= _MIN_ACCOUNTS_FOR_TYPICAL else _TYPICAL_FEATURES


def weekly(portfolio: Portfolio, field: str, weeks: int) -> Floats:
    """A usage field as accounts x weeks, newest complete week first; NaN where none (or a negative) is recorded."""
    usage = portfolio.usage
    age = usage["age"].to_numpy(dtype=np.int64)
    near = age < weeks
    width = max(int(age[near].max()) + 1 if near.any() else 0, min(weeks, WINDOW_WEEKS))
    matrix = np.full((portfolio.size, width), np.nan)
    matrix[usage["row"].to_numpy(dtype=np.int64)[near], age[near]] = usage[field].to_numpy(dtype=np.float64)[near]
    matrix[matrix < 0] = np.nan
    return matrix


def usage_windows(active: Floats) -> Windows:
    """Recent: the newest 4 recorded weeks of the last 8. Baseline: the recorded ones up to week 30 before them."""
    recorded = ~np.isnan(active)
    near = recorded[:, :WINDOW_WEEKS]
    age = np.arange(near.shape[1])
    recent = near & (np.cumsum(near, axis=1) <= RECENT_WEEKS) & (age < RECENT_WITHIN_WEEKS)
    recent &= (recent.sum(axis=1) >= 2)[:, None]
    baseline = near & ~recent & (age >= RECENT_WEEKS)
    baseline &= (baseline.sum(axis=1) >= BASELINE_MIN_WEEKS)[:, None]
    last_eight = near & (age < RECENT_WITHIN_WEEKS)
    last_eight &= (last_eight.sum(axis=1) >= RECENT_WEEKS)[:, None]
    year = recorded[:, :YEAR_TO_WEEK].copy()
    year[:, :YEAR_FROM_WEEK] = False
    year &= (year.sum(axis=1) >= YEAR_FROM_WEEK)[:, None]
    return Windows(recent, baseline, last_eight, year)


def _mean(values: Floats, mask: Mask) -> Floats:
    width = min(values.shape[1], mask.shape[1])
    part, mask = values[:, :width], mask[:, :width]
    known = mask & ~np.isnan(part)
    count = known.sum(axis=1)
    total = np.where(known, part, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _log_ratio(now: Floats, before: Floats, pseudo: float) -> Floats:
    return np.asarray(np.log((now + pseudo) / (before + pseudo)), dtype=np.float64)


def _share(now: Floats, before: Floats) -> Floats:
    """Relative change, -0.3 for a fall by 30%; NaN where there was nothing before."""
    return np.where(before > 0, now / np.where(before > 0, before, 1.0) - 1.0, np.nan)


def _relieved(change: Floats, relief: Floats) -> Floats:
    """A fall counts only as far as the API has not taken the work over."""
    return np.where(change < 0, change * (1 - relief), change)


def _ratio_of(portfolio: Portfolio, field: str, windows: Windows, pseudo: float) -> Floats:
    values = weekly(portfolio, field, WINDOW_WEEKS)
    return _log_ratio(_mean(values, windows.recent), _mean(values, windows.baseline), pseudo)


def _momentum(level: Floats, windows: Windows) -> Floats:
    """Recent weeks against the eight before them: still falling, or already recovered."""
    prior = windows.baseline.copy()
    prior[:, RECENT_WEEKS + 8 :] = False
    prior &= (prior.sum(axis=1) >= RECENT_WEEKS)[:, None]
    return _log_ratio(_mean(level, windows.recent), _mean(level, prior), _PSEUDO_USERS)


def _api_relief(portfolio: Portfolio, windows: Windows) -> tuple[Floats, Floats]:
    """How far the API took over work that left the UI, in [0, 1]; and the log change of API calls.

    Against the half-year baseline or the year before, whichever shows more: calls must have grown clearly,
    and by at least half of the actions lost, so that growth from three calls to nine excuses nobody.
    """
    calls = weekly(portfolio, "api_calls", YEAR_TO_WEEK)
    actions = weekly(portfolio, "key_actions", YEAR_TO_WEEK)
    calls_now, actions_now = _mean(calls, windows.recent), _mean(actions, windows.recent)
    relief = np.zeros(portfolio.size)
    for before in (windows.baseline, windows.year):
        calls_then, actions_then = _mean(calls, before), _mean(actions, before)
        growth = _log_ratio(calls_now, calls_then, _PSEUDO_CALLS)
        lost = np.maximum(np.nan_to_num(actions_then - actions_now), 1.0)
        grown = np.clip((growth - 0.15) / 0.55, 0.0, 1.0)
        material = np.clip((calls_now - calls_then) / (0.5 * lost), 0.0, 1.0)
        relief = np.maximum(relief, np.nan_to_num(grown * material))
    return relief, _log_ratio(calls_now, _mean(calls, windows.baseline), _PSEUDO_CALLS)


def _licence_use(portfolio: Portfolio, windows: Windows, level: Floats) -> tuple[Floats, Floats]:
    """Share of paid seats in use now, the season taken out, and in the half year before; else of contract seats."""
    licensed = weekly(portfolio, "licensed_seats", WINDOW_WEEKS)
    contract = portfolio.accounts["seats"].to_numpy(dtype=np.float64)
    now, before = _mean(licensed, windows.recent), _mean(licensed, windows.baseline)
    seats = np.where(now > 0, now, contract)
    seats_before = np.where(before > 0, before, seats)
    usable, usable_before = np.where(seats > 0, seats, np.nan), np.where(seats_before > 0, seats_before, np.nan)
    share = (_mean(level, windows.recent) + 1) / (usable + 2)
    return share, (_mean(level, windows.baseline) + 1) / (usable_before + 2)


def _intensity(portfolio: Portfolio, windows: Windows, active: Floats) -> Floats:
    """Log change of key actions a user."""
    actions = weekly(portfolio, "key_actions", WINDOW_WEEKS)
    now = (_mean(actions, windows.recent) + _PSEUDO_ACTIONS) / (_mean(active, windows.recent) + _PSEUDO_USERS)
    before = (_mean(actions, windows.baseline) + _PSEUDO_ACTIONS) / (_mean(active, windows.baseline) + _PSEUDO_USERS)
    return np.asarray(np.log(now / before), dtype=np.float64)


def _dormant(portfolio: Portfolio, active: Floats, windows: Windows, baseline: Floats) -> Floats:
    """Share of the last eight weeks that were recorded with nobody in the UI and nothing on the API."""
    calls = weekly(portfolio, "api_calls", WINDOW_WEEKS)
    width = min(active.shape[1], calls.shape[1], WINDOW_WEEKS)
    idle = np.where(np.isnan(active[:, :width]), np.nan, (active[:, :width] == 0) & ~(calls[:, :width] > 0))
    trust = np.where(np.isnan(baseline), 1.0, (baseline + 1) / (baseline + 1 + _PSEUDO_USERS / 2))
    return _mean(idle.astype(np.float64), windows.last_eight[:, :width]) * trust
