"""From signals to risk: log-odds that add up, the horizon, an interval, a band, and when to say nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from chains.churn.config import ChurnConfig
from chains.churn.renewals import next_renewals, renewals_until
from chains.churn.scorecard import Scorecard, Signal

Floats = npt.NDArray[np.float64]

HORIZON = "renewal_in_horizon"
MIN_USAGE_WEEKS = 8
MIN_INVOICES_DUE = 2
_HALF_TRUSTED_WEEKS = 8.0
_FULL_HISTORY_WEEKS = 52.0
_UNKNOWN_RENEWAL_SPREAD = 0.5
# Signs of one family rise and fall together, so what they would have said is missing together.
_FAMILY_CORRELATION = 0.3
_UNKNOWN_RENEWAL_TRUST = 0.7
_DAYS_A_QUARTER = 91.3
_DAYS_A_YEAR = 365.25
_EDGE = 1e-9


@dataclass(frozen=True)
class RiskTable:
    """The risk of every account, arrays in the order of the signals' rows.

    ``base_log_odds + contributions.sum(axis=1)`` is the log-odds of ``churn_probability``; without the column
    `HORIZON` it is that of ``renewal_risk``. ``spread_up`` and ``spread_down`` are one-sided deviations in log-odds.
    """

    churn_probability: Floats
    renewal_risk: Floats
    early_warning: npt.NDArray[np.bool_]
    low: Floats
    high: Floats
    band: npt.NDArray[np.str_]
    confidence: Floats
    abstained: npt.NDArray[np.bool_]
    abstained_because: list[str]
    base_log_odds: float
    contributions: pd.DataFrame
    spread_up: Floats
    spread_down: Floats
    renewals: pd.DataFrame
    renewals_in_horizon: Floats
    horizon_to: dt.date
    mid_term_share: float

    def to_frame(self) -> pd.DataFrame:
        """One row an account, without the contributions."""
        return pd.DataFrame(
            {
                "churn_probability": self.churn_probability,
                "renewal_risk": self.renewal_risk,
                "early_warning": self.early_warning,
                "low": self.low,
                "high": self.high,
                "band": self.band,
                "confidence": self.confidence,
                "abstained": self.abstained,
                "abstained_because": self.abstained_because,
                "renewal_on": self.renewals["renewal_on"],
                "days_to_renewal": self.renewals["days_to_renewal"],
            }
        )

    def within_horizon(self, renewal_risk: Floats) -> Floats:
        """The chance of a loss by the end of the horizon, for a chance of loss at each renewal; rising in it."""
        return _within_horizon(renewal_risk, self.renewals_in_horizon, self.mid_term_share)

    def highest_with_readings(self, bound: float) -> tuple[Floats, Floats]:
        """The most that churn_probability and renewal_risk can become when readings add at most `bound` log-odds."""
        renewal = sigmoid(logit(self.renewal_risk) + bound)
        return self.within_horizon(renewal), renewal


def score(
    signals: pd.DataFrame,
    *,
    accounts: pd.DataFrame,
    as_of: dt.date,
    horizon_to: dt.date,
    config: ChurnConfig,
    scorecard: Scorecard,
    quality_penalty: pd.Series | None = None,
) -> RiskTable:
    """Score every account with the scorecard.

    Args:
        signals: From `compute_signals`, with or without `add_readings`.
        accounts: `Portfolio.accounts` in the same order.
        as_of: The day of the data.
        horizon_to: Last day of the plan's horizon.
        config: Thresholds, bands and the interval's width.
        scorecard: The table of weights.
        quality_penalty: By row, the share in [0, 1] of the confidence that defects of the data take away.

    Returns:
        Probabilities also for those who abstain, so that the sums hold; their band is unknown.
    """
    renewals = next_renewals(accounts, as_of)
    in_horizon = renewals_until(renewals, as_of, horizon_to)
    days = max((horizon_to - as_of).days, 1)
    mid_term = min(0.5, scorecard.mid_term.loss_share_per_quarter * days / _DAYS_A_QUARTER)
    # Without a known renewal, one a year on a day nobody knows.
    unknown_renewal = np.isnan(in_horizon)
    in_horizon = np.where(unknown_renewal, np.clip(days / _DAYS_A_YEAR, mid_term, 1.0), in_horizon)

    features = {signal.name: _feature(signals, signal) for signal in scorecard.signals}
    contributions = {s.name: s.contribution(features[s.name]) for s in scorecard.signals}
    renewal_log_odds = scorecard.base_log_odds + sum(contributions.values(), start=np.zeros(len(signals)))
    renewal_risk = sigmoid(renewal_log_odds)

    def chance(log_odds: Floats) -> Floats:
        return _within_horizon(sigmoid(log_odds), in_horizon, mid_term)

    probability = chance(renewal_log_odds)
    contributions[HORIZON] = logit(probability) - renewal_log_odds
    contributions[HORIZON][in_horizon == 1] = 0.0

    trust = _trust(signals, scorecard, features)
    up, down = _spread(scorecard, trust, unknown_renewal)
    sides = NormalDist().inv_cdf((1 + config.interval_width) / 2)
    of_usage = [contributions[signal.name] for signal in scorecard.signals if signal.family == "usage"]
    without_usage = renewal_log_odds - sum(of_usage, start=np.zeros(len(signals)))
    here, reference = (
        (chance(log_odds - sides * down), chance(log_odds + sides * up))
        for log_odds in (renewal_log_odds, without_usage)
    )
    low, high = _placed(probability, here, reference[1] - reference[0])
    because = _abstained_because(signals)
    abstained = np.array([bool(text) for text in because], dtype=bool)
    warning = (renewal_risk >= config.at_risk_from) & (probability < config.at_risk_from) & ~abstained
    return RiskTable(
        churn_probability=probability,
        renewal_risk=renewal_risk,
        early_warning=warning,
        low=low,
        high=high,
        band=_bands(probability, abstained, config),
        confidence=_confidence(scorecard, trust, unknown_renewal, quality_penalty),
        abstained=abstained,
        abstained_because=because,
        base_log_odds=scorecard.base_log_odds,
        contributions=pd.DataFrame(contributions),
        spread_up=up,
        spread_down=down,
        renewals=renewals,
        renewals_in_horizon=in_horizon,
        horizon_to=horizon_to,
        mid_term_share=mid_term,
    )


def max_reading_contribution(scorecard: Scorecard) -> float:
    """The most log-odds that reading tickets can add to an account, so that screening before it loses nobody."""
    return sum(max(signal.most, 0.0) for signal in scorecard.signals if signal.reading)


def worth_reading(table: RiskTable, scorecard: Scorecard, threshold: float) -> npt.NDArray[np.bool_]:
    """Accounts that could reach `threshold`, within the horizon or at their renewal, once their tickets are read."""
    within, at_renewal = table.highest_with_readings(max_reading_contribution(scorecard))
    return (np.maximum(within, at_renewal) >= threshold) & ~table.abstained


def select(table: RiskTable, rows: npt.NDArray[np.int64]) -> RiskTable:
    """The table of some rows only, in the order given."""
    arrays = ("churn_probability", "renewal_risk", "early_warning", "low", "high", "band", "confidence", "abstained")
    more = ("spread_up", "spread_down", "renewals_in_horizon")
    return replace(
        table,
        **{name: getattr(table, name)[rows] for name in (*arrays, *more)},
        abstained_because=[table.abstained_because[row] for row in rows],
        contributions=table.contributions.take(rows).reset_index(drop=True),
        renewals=table.renewals.take(rows).reset_index(drop=True),
    )


def sigmoid(log_odds: Floats) -> Floats:
    """Probability of log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), dtype=np.float64)


def logit(probability: Floats) -> Floats:
    """Log-odds of a probability strictly between 0 and 1."""
    return np.asarray(np.log(probability) - np.log1p(-probability), dtype=np.float64)


def _feature(signals: pd.DataFrame, signal: Signal) -> Floats:
    if signal.feature not in signals.columns:
        return np.full(len(signals), np.nan)
    return signals[signal.feature].to_numpy(dtype=np.float64)


def _within_horizon(renewal_risk: Floats, renewals: Floats, mid_term_share: float) -> Floats:
    """One loss chance a renewal; before the first renewal only the share that leaves in mid-term."""
    # log1p and expm1 keep small risks exact; a fraction below one scales the risk.
    several = -np.expm1(np.maximum(renewals, 1.0) * np.log1p(-renewal_risk))
    share = np.where(renewals <= 0, mid_term_share, np.minimum(renewals, 1.0))
    return np.asarray(np.clip(several * share, _EDGE, 1 - _EDGE), dtype=np.float64)


def _placed(probability: Floats, here: tuple[Floats, Floats], width: Floats) -> tuple[Floats, Floats]:
    """An interval of the given width around the probability, leaning as the one computed at the probability leans.

    The width is that of an account with the same records whose usage says nothing either way. Taken at the
    probability itself it would shrink when the weeks that alarmed are lost, as if less data made us surer.
    """
    local = here[1] - here[0]
    share_below = (probability - here[0]) / local
    low = probability - width * share_below
    rising = probability < 0.5
    low = np.where(width > local, np.where(rising, here[0], here[1] - width), low)
    low = np.clip(low, 0.0, 1.0 - width)
    return low, low + width


def _trust(signals: pd.DataFrame, scorecard: Scorecard, features: dict[str, Floats]) -> Floats:
    """How much of each signal is known, accounts x signals: 0 absent, 1 known, usage growing with its weeks."""
    weeks = np.minimum(np.nan_to_num(_column(signals, "usage_weeks")), _FULL_HISTORY_WEEKS)
    of_usage = weeks / (weeks + _HALF_TRUSTED_WEEKS)
    columns = [
        np.where(np.isnan(features[signal.name]), 0.0, of_usage if signal.family == "usage" else 1.0)
        for signal in scorecard.signals
    ]
    return np.column_stack(columns)


def _spread(scorecard: Scorecard, trust: Floats, unknown_renewal: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """One-sided deviations in log-odds: what the absent or barely known signals could still have said."""
    fixed = scorecard.irreducible_spread**2 + np.where(unknown_renewal, _UNKNOWN_RENEWAL_SPREAD**2, 0.0)
    up = np.array([signal.spread * max(signal.most, 0.0) for signal in scorecard.signals])
    down = np.array([signal.spread * max(-signal.least, 0.0) for signal in scorecard.signals])
    families = np.array([signal.family for signal in scorecard.signals])
    doubt = 1 - trust
    return np.sqrt(fixed + _variance(doubt * up, families)), np.sqrt(fixed + _variance(doubt * down, families))


def _variance(deviations: Floats, families: npt.NDArray[np.str_]) -> Floats:
    """Variance of the sum of signals, those of one family correlated and families independent."""
    total = (1 - _FAMILY_CORRELATION) * (deviations**2).sum(axis=1)
    for family in np.unique(families):
        total = total + _FAMILY_CORRELATION * deviations[:, families == family].sum(axis=1) ** 2
    return np.asarray(total, dtype=np.float64)


def _confidence(
    scorecard: Scorecard, trust: Floats, unknown_renewal: npt.NDArray[np.bool_], penalty: pd.Series | None
) -> Floats:
    """Share of what the scorecard could know that is known, less what defects of the data take away."""
    worth = np.array([signal.spread * (signal.most - signal.least) for signal in scorecard.signals])
    known = trust @ worth / worth.sum()
    known = known * np.where(unknown_renewal, _UNKNOWN_RENEWAL_TRUST, 1.0)
    if penalty is not None:
        lost = penalty.reindex(range(len(known)), fill_value=0.0).fillna(0.0).to_numpy(dtype=np.float64)
        known = known * (1 - np.clip(lost, 0.0, 1.0))
    return np.asarray(np.clip(known, 0.0, 1.0), dtype=np.float64)


def _abstained_because(signals: pd.DataFrame) -> list[str]:
    """Why an account is not scored, in plain words; empty where it is."""
    weeks = np.nan_to_num(_column(signals, "usage_weeks"))
    other = np.nan_to_num(_column(signals, "invoices_due")) >= MIN_INVOICES_DUE
    for name in ("tickets_known", "activities_known", "surveys_known", "changes_known"):
        other |= np.nan_to_num(_column(signals, name)) > 0
    enough = (weeks >= MIN_USAGE_WEEKS) | other
    return ["" if fine else _too_thin(int(number)) for fine, number in zip(enough, weeks, strict=True)]


def _too_thin(weeks: int) -> str:
    recorded = {0: "No complete week of usage is recorded", 1: "Only one complete week of usage is recorded"}
    start = recorded.get(weeks, f"Only {weeks} complete weeks of usage are recorded")
    return f"{start}, and there are no tickets, surveys, activities, contract changes or payment history to judge by."


def _bands(probability: Floats, abstained: npt.NDArray[np.bool_], config: ChurnConfig) -> npt.NDArray[np.str_]:
    edges = [config.band_medium_from, config.band_high_from, config.band_critical_from]
    names = np.array(["low", "medium", "high", "critical"])
    return np.where(abstained, "unknown", names[np.searchsorted(edges, probability, side="right")])


def band_of(probability: float, config: ChurnConfig) -> str:
    """The band of one probability."""
    return str(_bands(np.array([probability]), np.array([False]), config)[0])


def _column(signals: pd.DataFrame, name: str) -> Floats:
    return signals[name].to_numpy(dtype=np.float64) if name in signals.columns else np.zeros(len(signals))
