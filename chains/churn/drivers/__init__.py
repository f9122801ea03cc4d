"""Why an account has its probability: each signal's push in plain words, with the records it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from chains.churn.drivers import billing, contract, people, support, usage
from chains.churn.drivers.case import Case, Told
from chains.churn.facts import FactBook
from chains.churn.portfolio import Portfolio
from chains.churn.risk import HORIZON, RiskTable
from chains.churn.schema import Driver
from chains.churn.scorecard import Scorecard, Signal
from chains.churn.tickets import TicketReading
from connectors.records import Account

__all__ = ["Explainer"]

_TELLERS = {**usage.TELLERS, **support.TELLERS, **people.TELLERS, **billing.TELLERS, **contract.TELLERS}


class Explainer:
    """Tells the drivers of any account of one scored portfolio; the frames are taken apart once.

    Args:
        portfolio: What the signals were computed from.
        signals: From `compute_signals`, and `add_readings` where tickets were read.
        table: From `score` on those signals.
        scorecard: The one the table was scored with.
    """

    def __init__(self, portfolio: Portfolio, signals: pd.DataFrame, table: RiskTable, scorecard: Scorecard) -> None:
        self._as_of = portfolio.as_of
        self._table = table
        self._by_name = scorecard.by_name
        self._values, self._renewals, self._pushes = map(_columns, (signals, table.renewals, table.contributions))

    def drivers(
        self, account: Account, row: int, book: FactBook, readings: Sequence[TicketReading] = ()
    ) -> list[Driver]:
        """Every contribution of one account that is not zero, the strongest first.

        The contributions are not rounded: with the base they sum to the log-odds of the churn probability.

        Args:
            account: The account at `row` of the portfolio.
            row: Its position.
            book: Takes the facts that the statements rest on; statements themselves name nobody.
            readings: Those of the account's tickets that were read.
        """
        case = Case(
            account=account,
            as_of=self._as_of,
            values=_row(self._values, row),
            horizon_to=self._table.horizon_to,
            renewals_in_horizon=float(self._table.renewals_in_horizon[row]),
            renewal=_row(self._renewals, row),
            readings=readings,
            book=book,
        )
        pushes = _row(self._pushes, row)
        told = [
            _driver(name, float(push), self._by_name.get(name), case) for name, push in pushes.items() if push != 0.0
        ]
        return sorted(told, key=lambda driver: (-abs(driver.contribution), driver.signal))


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    return {str(name): frame[name].to_numpy() for name in frame.columns}


def _row(columns: Mapping[str, Any], row: int) -> dict[str, Any]:
    return {name: column[row] for name, column in columns.items()}


def _driver(name: str, push: float, signal: Signal | None, case: Case) -> Driver:
    raises = push > 0
    if name == HORIZON or signal is None:
        label, told = contract.horizon(case)
    else:
        label = signal.label.raises if raises else signal.label.lowers
        teller = _TELLERS.get(signal.feature)
        told = teller(case, raises) if teller else _plainly(label, signal, case)
    return Driver(
        signal=name,
        label=told.label or label,
        direction="raises" if raises else "lowers",
        contribution=push,
        statement=told.text,
        fact_ids=list(dict.fromkeys(told.fact_ids)),
    )


def _plainly(label: str, signal: Signal, case: Case) -> Told:
    """For a feature that a scorecard names and nobody wrote words for."""
    return Told(f"{label} ({signal.feature.replace('_', ' ')}: {case.value(signal.feature):.2f}).")
