"""Past days scored with what was known then, held against who left within 90 days; no weight is fitted here."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from chains.churn.config import ChurnConfig
from chains.churn.scoring import score_accounts
from connectors.quality import assess
from connectors.records import Account, Payload

HORIZON_DAYS = 90
_BINS = 10
Floats = npt.NDArray[np.float64]


class Outcome(Protocol):
    """What became of an account within 90 days of a day (ISO)."""

    @property
    def account_id(self) -> str:  # noqa: D102 - said by the class
        ...
    @property
    def as_of(self) -> str:  # noqa: D102 - said by the class
        ...
    @property
    def churned(self) -> bool:  # noqa: D102 - said by the class
        ...


@dataclass(frozen=True)
class Slice:
    """Measures over some account-days: AUC, Brier score, that of always saying the base rate, calibration error."""

    name: str
    count: int
    churned: int
    auc: float
    brier: float
    base_brier: float
    ece: float


@dataclass(frozen=True)
class ReliabilityPoint:
    """Accounts of like prediction: what was said on average, and what share left."""

    predicted: float
    observed: float
    count: int


@dataclass(frozen=True)
class Backtest:
    """What a backtest found."""

    labelled: int
    abstained: int
    slices: tuple[Slice, ...]
    reliability: tuple[ReliabilityPoint, ...]

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON values."""
        return asdict(self)


def backtest(payload: Payload, outcomes: Sequence[Outcome], *, config: ChurnConfig) -> Backtest:
    """Score every labelled account on its days.

    The current status and renewal date are left out, as they were not known then: the renewal is derived from
    start and term. Everything dated after the day is hidden by `connectors.quality.assess`.
    """
    by_day: dict[str, dict[str, bool]] = defaultdict(dict)
    for outcome in outcomes:
        by_day[outcome.as_of][outcome.account_id] = outcome.churned
    parts = [_day(payload, dt.date.fromisoformat(day), labels, config) for day, labels in sorted(by_day.items())]
    said, left, soon, segments = (np.concatenate(column) for column in zip(*parts, strict=True))
    known = ~np.isnan(said)
    near = known & soon
    slices = [_slice("all", said[known], left[known]), _slice("renewing within 90 days", said[near], left[near])]
    slices += [
        _slice(
            f"renewing within 90 days, {segment}",
            said[near & (segments == segment)],
            left[near & (segments == segment)],
        )
        for segment in sorted(set(segments[near]))
    ]
    return Backtest(len(said), int((~known).sum()), tuple(slices), reliability_curve(said[near], left[near]))


def _day(payload: Payload, day: dt.date, labels: dict[str, bool], config: ChurnConfig) -> tuple[Any, ...]:
    labelled = [as_known_then(account, day) for account in payload.accounts if account.account_id in labels]
    accounts = assess(msgspec.structs.replace(payload, accounts=labelled), day).payload.accounts
    table = score_accounts(accounts, as_of=day, horizon_to=day + dt.timedelta(days=HORIZON_DAYS), config=config)
    said = np.where(table.abstained, np.nan, table.churn_probability)
    left = np.array([labels[account.account_id] for account in accounts], dtype=bool)
    soon = table.renewals["days_to_renewal"].to_numpy(dtype=np.float64) <= HORIZON_DAYS
    return said, left, soon, np.array([account.segment for account in accounts], dtype=object)


def as_known_then(account: Account, day: dt.date) -> Account:
    """The account with what a CRM overwrites put back: lost later means active then, and the renewal is derived."""
    contract = account.contract
    if contract is not None and contract.start_date and contract.term_months and contract.start_date <= day:
        contract = msgspec.structs.replace(contract, renewal_date=None)
    return msgspec.structs.replace(account, status="active", contract=contract)


def _slice(name: str, said: Floats, left: npt.NDArray[np.bool_]) -> Slice:
    base = left.mean() if len(left) else float("nan")
    return Slice(
        name=name,
        count=len(left),
        churned=int(left.sum()),
        auc=area_under_curve(said, left),
        brier=float(np.mean((said - left) ** 2)) if len(left) else float("nan"),
        base_brier=float(base * (1 - base)),
        ece=calibration_error(said, left),
    )


def area_under_curve(said: Floats, left: npt.NDArray[np.bool_]) -> float:
    """Chance that one who left was ranked above one who stayed; ties count half; NaN without both kinds."""
    ordered = np.sort(said[~left])
    if not len(ordered) or not left.any():
        return float("nan")
    below = np.searchsorted(ordered, said[left], side="left")
    up_to = np.searchsorted(ordered, said[left], side="right")
    return float(np.mean((below + up_to) / 2) / len(ordered))


def reliability_curve(said: Floats, left: npt.NDArray[np.bool_], bins: int = _BINS) -> tuple[ReliabilityPoint, ...]:
    """Predictions in groups of equal size, lowest first."""
    order = np.argsort(said, kind="stable")
    return tuple(
        ReliabilityPoint(float(said[group].mean()), float(left[group].mean()), len(group))
        for group in np.array_split(order, bins)
        if len(group)
    )


def calibration_error(said: Floats, left: npt.NDArray[np.bool_], bins: int = _BINS) -> float:
    """Expected calibration error over groups of equal size; NaN without data."""
    curve = reliability_curve(said, left, bins)
    total = sum(point.count for point in curve)
    return (
        sum(abs(point.predicted - point.observed) * point.count for point in curve) / total if total else float("nan")
    )
